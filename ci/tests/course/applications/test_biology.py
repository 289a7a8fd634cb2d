"""DNA, folding chains, molecules: their rules, splits and baselines."""
import itertools
import re

import numpy as np
import pytest

from course import CourseError, metrics
from course.applications import biology

# ---- DNA


@pytest.fixture(scope="module")
def dna():
    return (biology.regulatory_dna(1200, 0),
            # as many: then equal streams would give equal pieces
            biology.regulatory_dna(1200, 0, test=True))


def text(piece):
    return "".join(biology.BASES[base] for base in piece)


def pattern(consensus):
    """A consensus as a regular expression, on both strands."""
    strands = consensus, consensus[::-1].translate(
        str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN"))
    return re.compile("|".join(
        "".join(f"[{biology.IUPAC[letter]}]" for letter in strand)
        for strand in strands))


def test_pieces_follow_seed_and_part(dna):
    again = biology.regulatory_dna(1200, 0)
    assert all(np.array_equal(a, b) for a, b in zip(dna[0], again))
    other = biology.regulatory_dna(1200, 1)
    assert not np.array_equal(other[0], again[0])
    X, y = dna[0]
    assert X.shape == (1200, 200) and set(np.unique(X)) == {0, 1, 2, 3}
    assert y.shape == (1200, 4) and y.dtype == bool
    assert np.abs(y.mean(axis=0) - 0.5).max() < 0.06


def share_a_stretch(train, test, k=25):
    """Whether k bases in a row stand in both, on either strand."""
    def stretches(part):
        codes = np.lib.stride_tricks.sliding_window_view(
            part, k, axis=1).reshape(-1, k) @ 4 ** np.arange(k)
        return set(codes.tolist())
    seen = stretches(train) | stretches(biology.reverse_complement(train))
    return bool(seen & stretches(test))


def test_no_piece_is_in_both_parts(dna):
    (X, _), (X_test, _) = dna
    assert not share_a_stretch(X, X_test)
    leaked = X_test.copy()
    leaked[7, 40:80] = X[3, 100:140]
    assert share_a_stretch(X, leaked)
    leaked[7, 40:80] = biology.reverse_complement(X[3, 100:140])
    assert share_a_stretch(X, leaked)


@pytest.mark.parametrize("k, consensus",
                         [*enumerate(biology.MOTIFS.values())])
def test_motifs_stand_where_the_label_says(dna, k, consensus):
    X, y = dna[0]
    found = np.array([bool(pattern(consensus).search(text(x))) for x in X])
    assert not found[~y[:, k]].any()
    # one base in twenty is any base, so some planted sites don't fit
    length = len(consensus)
    kept = (1 - biology.WOBBLE * 3 / 4) ** length
    assert kept - 0.08 < found[y[:, k]].mean() <= 1


@pytest.mark.parametrize("k", range(4))
def test_letters_alone_say_nothing(dna, k):
    from sklearn.metrics import roc_auc_score
    X, y = dna[0]
    for base in range(4):
        count = (X == base).sum(axis=1)
        assert abs(roc_auc_score(y[:, k], count) - 0.5) < 0.06


def test_background_has_its_share_of_gc_and_few_cpg():
    X = biology._backgrounds(np.random.default_rng(0), 500)
    gc = np.isin(X, (1, 2)).mean()
    assert abs(gc - biology.GC_CONTENT) < 0.03
    cpg = ((X[:, :-1] == 1) & (X[:, 1:] == 2)).mean()
    by_chance = (X == 1).mean() * (X == 2).mean()
    assert 0.2 < cpg / by_chance < 0.35


def test_fits_counts_misses_on_both_strands():
    P = biology.motif_matrix("TGASTCA")
    to_dna = {base: i for i, base in enumerate("ACGT")}
    X = np.array([[to_dna[c] for c in s] for s in (
        "AATGACTCAAA", "AATGATTCAAA", "AAAAAAAAAAA")])
    assert biology.fits(X, P).tolist() == [0, 1, 5]
    P = biology.motif_matrix("TKACGTCA")
    X = np.array([[to_dna[c] for c in "GGTGACGTAAGG"]])  # TTACGTCA turned
    assert biology.fits(X, P)[0] == 0


def test_matrix_of_a_consensus():
    assert biology.motif_matrix("ARN").tolist() == [
        [1, 0, 0, 0], [.5, 0, .5, 0], [.25, .25, .25, .25]]
    with pytest.raises(CourseError, match="not with J, Q"):
        biology.motif_matrix("AJQ")


def test_kmers_by_hand():
    X = np.array([[0, 0, 1]])  # AAC, the other strand GTT
    counts = biology.kmer_counts(X, 2)[0]
    # AA and TT count as AA (0), AC and GT as AC (1)
    assert counts[0] == 1 and counts[1] == 1 and counts.sum() == 2
    assert np.array_equal(biology.kmer_counts(X, 2),
                          biology.kmer_counts(biology.reverse_complement(X),
                                              2))


def test_kmers_tell_something_and_regression_more(dna):
    (X, y), (X_test, y_test) = dna
    best, all_six = biology.BestKmer(X, y), biology.KmerRegression(X, y)
    assert all(4 <= len(name) <= 7 for name in best.names)
    for name, starts in zip(best.names, best.starts):
        assert starts[0] == name
        assert sorted(map(len, starts)) == [4, 5, 6, 7]
    aucs = [biology.mean_auc(np.hstack([y_test, model(X_test)]))
            for model in (best, all_six)]
    assert 0.7 < aucs[0] < 0.9 and aucs[0] - 0.02 < aucs[1] < 0.93


# ---- chains


@pytest.mark.parametrize("n, count", [
    (3, 2), (4, 5), (5, 13), (6, 36), (7, 98), (8, 272), (9, 740),
    (10, 2034)])
def test_number_of_walks(n, count):
    # of all walks of n - 1 steps 4 are straight, the others come in eights
    all_walks = [4, 12, 36, 100, 284, 780, 2172, 5916, 16268][n - 2]
    assert len(biology.walks(n)) == count == (all_walks - 4) // 8 + 1


def test_walks_avoid_themselves_and_differ():
    path = biology.walks(8)
    place = biology.places(path)
    assert all(len(set(map(tuple, p))) == 8 for p in place)
    steps = np.abs(np.diff(place, axis=1)).sum(axis=2)
    assert (steps == 1).all()
    forms = set()
    for p in place.astype(int):
        turned = [p @ np.array(M) for M in (
            ((1, 0), (0, 1)), ((0, 1), (-1, 0)), ((-1, 0), (0, -1)),
            ((0, -1), (1, 0)), ((1, 0), (0, -1)), ((0, 1), (1, 0)),
            ((-1, 0), (0, 1)), ((0, -1), (-1, 0)))]
        assert not forms & {t.tobytes() for t in turned}
        forms |= {t.tobytes() for t in turned}


@pytest.mark.parametrize("n, count", [(4, 4), (5, 0), (6, 7), (7, 10),
                                      (8, 7), (9, 6), (10, 6), (11, 62)])
def test_number_of_chains_with_one_best_fold(n, count):
    assert len(biology.ground_states(n)[0]) == count


def energy(chain, path):
    """By hand: pairs of H that touch and are no neighbours."""
    place = biology.places(path[None])[0].astype(int)
    return -sum(1 for i, j in itertools.combinations(range(len(chain)), 2)
                if j - i > 1 and chain[i] and chain[j]
                and np.abs(place[i] - place[j]).sum() == 1)


def test_ground_states_are_the_lowest_of_all():
    path = biology.walks(8)
    chains, folds = biology.ground_states(8, path)
    for chain, fold in zip(chains, folds):
        energies = [energy(chain, other) for other in path]
        assert energies.count(min(energies)) == 1
        assert energy(chain, fold) == min(energies) < 0


def test_best_energies_agree_with_a_count_made_elsewhere():
    # Project Euler, problem 300: with neighbours in the chain counted too,
    # the 256 chains of 8 beads have 850 contacts in their best folds
    chains = (np.arange(256)[:, None] >> np.arange(8)) % 2
    i, j = biology.bead_pairs(8).T
    touch = biology.touching(biology.walks(8)).astype(int)
    best = (touch @ (chains[:, i] * chains[:, j]).T).max(axis=0)
    assert best.sum() + (chains[:, 1:] * chains[:, :-1]).sum() == 850


@pytest.fixture(scope="module")
def chains():
    return biology.load_chains()


def test_shipped_chains_and_their_split(chains):
    train, test = chains
    assert train.beads.shape[1] == 16 and train.folds.shape[1] == 15
    assert len(test.beads) == 88 and len(train.beads) > 400
    assert train.contacts.shape[1] == len(biology.bead_pairs(16))
    # a contact map is that of the fold, and every contact lowers energy
    for part in chains:
        touch = biology.touching(part.folds)
        assert np.array_equal(touch, part.contacts > 0)
    energies = [energy(c > 0, f) for c, f in zip(test.beads, test.folds)]
    assert max(energies) < 0


def nearest(train, test):
    """Fewest beads by which a test chain differs from a training chain."""
    return min((a != b).sum() for a in test.beads for b in
               np.concatenate([train.beads, train.beads[:, ::-1]]))


def test_no_test_chain_is_like_a_training_chain(chains):
    train, test = chains
    assert nearest(train, test) >= biology.APART
    everything = np.concatenate([train.beads, test.beads])
    half = [part._replace(beads=everything[i::2]) for i, part
            in enumerate(chains)]
    assert nearest(*half) < biology.APART  # the proof sees a careless split
    backwards = test._replace(beads=train.beads[:1, ::-1])
    assert nearest(train, backwards) == 0


def test_contacts_found_by_hand():
    truth = np.array([[1, 1, 0, 0], [0, 0, 1, 0]])
    score = np.array([[3, 0, 2, 1], [0, 1, 5, 2]])
    assert biology.contacts_found(truth, score).tolist() == [0.5, 1]


def test_each_region_of_test_chains_is_of_like_ones(chains):
    train, test = chains
    assert set(train.region) == {-1}
    assert np.bincount(test.region).tolist() == [11] * 8
    other = test.region[:, None] != test.region
    between = biology.unlike(test.beads, test.beads)
    assert between[other].min() >= biology.APART  # families don't overlap
    assert (between + 99 * np.eye(88)).min() > 0  # nor is a mirror in one
    mirrors = {row.tobytes() for row in train.beads[:, ::-1]}
    assert mirrors == {row.tobytes() for row in train.beads}
    apart = [biology.unlike(test.beads[test.region == k] > 0,
                            test.beads[test.region == k] > 0).mean()
             for k in range(8)]
    assert np.mean(apart) < biology.unlike(test.beads > 0, test.beads > 0).mean()


def test_pairs_of_h_come_first(chains):
    score = biology.contacts_by_energy(*chains)
    i, j = biology.bead_pairs(16).T
    both = (chains[1].beads[:, i] * chains[1].beads[:, j]) > 0
    assert score[both].min() >= 1 > score[~both].max()


def test_kinds_say_more_than_distance(chains):
    train, test = chains
    found = [biology.contacts_found(test.contacts, biology
                                    .contacts_by_distance(train, test, kinds))
             for kinds in (False, True)]
    assert 0.1 < found[0].mean() < found[1].mean() < 0.9
    assert metrics.bootstrap_difference(found[1], found[0])[1] > 0


# ---- molecules

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


@pytest.fixture(scope="module")
def molecules():
    return biology.load_molecules()


def test_enough_molecules_that_rdkit_reads(molecules):
    train, test = molecules
    assert len(train) + len(test) == biology.MOLECULES >= 5000
    assert len(set(train) | set(test)) == biology.MOLECULES
    assert 0.1 < len(test) / len(train) < 0.4
    for smiles in train[::40] + test[::20]:
        assert biology.canonical(smiles) == smiles
    assert set("".join(test)) <= set("".join(train))


def share_a_scaffold(train, test):
    return bool({biology.scaffold(s) for s in train}
                & {biology.scaffold(s) for s in test})


def test_no_scaffold_is_in_both_parts(molecules):
    train, test = molecules
    assert not share_a_scaffold(train, test)
    everything = sorted(train + test)
    assert share_a_scaffold(everything[::8], everything[4::8])


def test_the_shipped_file_is_what_its_script_makes(molecules):
    smiles, genes = biology.recombine(50, 5)
    assert genes.shape == (50, 5)
    assert set(smiles) <= set(molecules[0]) | set(molecules[1])


def test_what_rdkit_says_of_aspirin():
    assert abs(biology.drug_likeness(ASPIRIN) - 0.55) < 0.005
    assert biology.scaffold(ASPIRIN) == "c1ccccc1"
    assert biology.canonical("OC(=O)c1ccccc1OC(C)=O") == ASPIRIN


@pytest.mark.parametrize("wrong", ["c1ccccc", "C(C", "C(C)(C)(C)(C)C", "Q",
                                   "", "F=O=F", "CC not a molecule",
                                   "CC\tname", " CC"])
def test_what_is_no_molecule(wrong, capfd):
    assert not biology.is_valid(wrong)
    with pytest.raises(CourseError, match="is no SMILES.*aspirin"):
        biology.drug_likeness(wrong)
    assert capfd.readouterr() == ("", "")  # RDKit's own lines are hidden


def test_fragments_are_joined_by_their_ring_numbers():
    end = biology.ENDS.index("C1CC1")
    linker = biology.LINKERS.index("C(=O)N")
    smiles = biology.assemble((end, 0, linker, 0, end))
    assert smiles == biology.canonical(
        "C1CC1c1ccc(cc1)C(=O)Nc1ccc(cc1)C1CC1")
    oxygen = biology.LINKERS.index("O")
    assert biology.assemble((0, 0, oxygen, biology.RINGS.index(
        "N1(*)CCC(*)CC1"), 0)) is None  # N-O does not last


def test_children_have_their_parents_fragments():
    _, parents = biology.recombine(2, 0)
    _, children = biology.recombine(60, 1, parents)
    of_parents = (children[:, None] == parents[None]).any(axis=1)
    assert 0.8 < of_parents.mean() < 1


def test_selection_raises_what_it_selects():
    history = biology.evolve(2, 60, 10, seed=0)
    means = [np.mean([q for _, q in best]) for best in history]
    assert means[0] < means[1] <= means[2] <= 1
    assert all(len(best) == 10 for best in history)


# ---- logos


def test_a_logo_spells_its_consensus():
    P = np.full((12, 4), 0.25)
    P[3:11] = biology.motif_matrix("TATAWAAR")
    assert biology.spells(P, "TATAWAAR")
    assert biology.spells(P[::-1, ::-1], "TATAWAAR")
    for other in ("TGASTCA", "TKACGTCA", "GGRRNNYYCC"):
        assert not biology.spells(P, other)
    assert not biology.spells(np.full((12, 4), 0.25), "TATAWAAR")


# ---- weight matrices


def test_the_best_place_lies_on_either_strand():
    W = np.full((3, 4), -1.0)
    W[[0, 1, 2], [0, 0, 2]] = 2  # AAG
    dna = np.full((2, 9), 1)
    dna[0, 4:7] = [0, 0, 2]
    dna[1, 1:4] = biology.reverse_complement(np.array([0, 0, 2]))
    score, place, turned = biology.best_fit(dna, W)
    assert score.tolist() == [6, 6] and turned.tolist() == [False, True]
    assert place.tolist() == [4, 9 - 1 - 3]


def test_matrices_are_learned_from_the_pieces():
    dna, y = biology.regulatory_dna(500, 3)
    words = [["TATAAAA", "TATA"], ["TGACTCA"], ["TGACGTC"], ["GGGACTT"]]
    learned = biology.LearnedMatrices(dna, y, words, pieces=200)
    dna, y = biology.regulatory_dna(300, 3, test=True)
    pairs = np.hstack([y, learned(dna)])
    assert biology.mean_auc(pairs) > 0.9
    true = np.hstack([y, biology.true_scores(dna)])
    assert biology.mean_auc(true) > biology.mean_auc(pairs)
    shuffled = np.hstack([y, np.random.default_rng(0).permutation(
        learned(dna))])
    assert biology.mean_auc(shuffled) < 0.6


def test_a_logo_is_read_on_the_strand_of_its_consensus():
    P = np.full((12, 4), 0.25)
    P[2:10] = biology.motif_matrix("TATAWAAR")
    for Q in (P, P[::-1, ::-1]):
        assert np.array_equal(biology.on_strand(Q, "TATAWAAR"), P)


def test_evolution_tells_what_each_round_drew():
    drawn = []
    history = biology.evolve(1, 40, 10, seed=0, drawn=drawn)
    assert [len(found) for found in drawn] == [40, 40]
    assert max(max(found.values()) for found in drawn) == history[-1][0][1]
