"""Small worlds of DNA, folding chains and molecules (5.4).

DNA and chains are simulated, by rules that stand here. The chemistry is
real as far as RDKit goes: whether a molecule can exist, its scaffold and
its drug-likeness are computed, not whether anyone could make it or it helps.
"""

import csv
import functools
import gzip
import zlib
from typing import NamedTuple

import numpy as np

from .. import files
from ..messages import CourseError
from ..metrics import auc
from ..session import stream

# ---- DNA with planted motifs

BASES = "ACGT"
IUPAC = {"A": "A", "C": "C", "G": "G", "T": "T", "R": "AG", "Y": "CT",
         "S": "CG", "W": "AT", "K": "GT", "M": "AC", "B": "CGT", "D": "AGT",
         "H": "ACT", "V": "ACG", "N": "ACGT"}

# Consensus sequences of real binding sites. AP-1, CRE and NF-kB as in
# Manghera and Douville 2013, Retrovirology 10:16, table 1; the TATA box as
# in PMC2670823, table 7.
MOTIFS = {"TATA box": "TATAWAAR", "AP-1": "TGASTCA", "CRE": "TKACGTCA",
          "NF-kB": "GGRRNNYYCC"}
DNA_LENGTH = 200  # bases
GC_CONTENT = 0.42  # share of G and C in the background
CPG_LEFT = 0.25  # of the CpG that chance would give
WOBBLE = 0.05  # chance that a base of a planted site is any base


def motif_matrix(consensus):
    """Probability of each base at each place, (length, 4), of a consensus.

    A letter that stands for several bases gives each the same share: that
    is all a consensus says, a measured matrix would say more.
    Raises CourseError for a letter that is not IUPAC's.
    """
    unknown = set(consensus) - set(IUPAC)
    if unknown:
        raise CourseError("biology.iupac", letters=", ".join(sorted(unknown)))
    P = np.array([[base in IUPAC[letter] for base in BASES]
                  for letter in consensus], float)
    return P / P.sum(axis=1, keepdims=True)


def reverse_complement(dna):
    """The same piece of DNA read on the other strand; int (..., n) (5.4.1)."""
    return 3 - np.asarray(dna)[..., ::-1]


def _backgrounds(rng, n):
    """First-order Markov chains with few CpG, int (n, DNA_LENGTH)."""
    share = np.array([1 - GC_CONTENT, GC_CONTENT, GC_CONTENT,
                      1 - GC_CONTENT]) / 2
    T = np.tile(share, (4, 1))
    T[1, 2] *= CPG_LEFT
    T = (T / T.sum(axis=1, keepdims=True)).cumsum(axis=1)
    T[:, -1] = 1
    dna = np.empty((n, DNA_LENGTH), int)
    base = rng.choice(4, n, p=share)
    for i, u in enumerate(rng.random((DNA_LENGTH, n, 1))):
        dna[:, i] = base = (u > T[base]).sum(axis=1)
    return dna


def _sites(P, n, rng):
    """n sites of a matrix, on either strand, now and then wobbly."""
    sites = np.stack([rng.choice(4, n, p=p) for p in P], axis=1)
    wobbly = rng.random(sites.shape) < WOBBLE
    sites[wobbly] = rng.integers(0, 4, wobbly.sum())
    other = rng.random(n) < 0.5
    sites[other] = reverse_complement(sites[other])
    return sites


def _scrambled(sites, P, rng):
    """The same letters in an order that misses two of the motif's or more.

    The few sites that have no such order stay as they are; their pieces
    are drawn again.
    """
    bad = np.ones(len(sites), bool)
    for _ in range(30):
        sites[bad] = rng.permuted(sites[bad], axis=1)
        bad = fits(sites, P) < 2
    return sites


def fits(dna, P):
    """How many letters of the best place don't fit the motif, per row.

    dna: int (n, length); P: motif matrix. Both strands are looked at.
    """
    view = np.lib.stride_tricks.sliding_window_view(dna, len(P), axis=-1)
    misses = []
    for M in (P, P[::-1, ::-1]):
        allowed = M > 0
        misses.append((~allowed[np.arange(len(P)), view]).sum(-1).min(-1))
    return np.minimum(*misses)


def regulatory_dna(n, seed, test=False):
    """Pieces of DNA, and which of four regulatory motifs each holds (5.4.1).

    test: from the stream of random numbers that only tests draw from.
    Returns dna int (n, 200), 0 to 3 for A, C, G, T, and y bool (n, 4), in
    the order of MOTIFS.
    Each motif is planted in about half of the pieces, on either strand, at
    a random place. Into the others goes a site of the same letters in
    another order, so that no count of letters helps, and no place of such a
    piece fits the motif, nor does by chance another.
    Simplified: independent bases in a site, one background, no position
    relative to a gene, no spacing between motifs.
    """
    rng = stream("regulatory DNA", seed, test)
    P = [motif_matrix(consensus) for consensus in MOTIFS.values()]
    dna, y = np.zeros((0, DNA_LENGTH), int), np.zeros((0, len(P)), bool)
    while len(dna) < n:
        has = rng.random((n, len(P))) < 0.5
        pieces = _planted(P, has, rng)
        misses = np.stack([fits(pieces, M) for M in P], axis=1)
        good = (has | (misses > 0)).all(axis=1)
        dna, y = np.append(dna, pieces[good], 0), np.append(y, has[good], 0)
    return dna[:n], y[:n]


def _planted(P, has, rng):
    """Pieces with one site of each motif, scrambled where it has none."""
    n, part = len(has), DNA_LENGTH // len(P)
    dna = _backgrounds(rng, n)
    quarter = rng.permuted(np.tile(np.arange(len(P)), (n, 1)), axis=1)
    for k, M in enumerate(P):
        sites = _sites(M, n, rng)
        sites[~has[:, k]] = _scrambled(sites[~has[:, k]], M, rng)
        at = quarter[:, k] * part + rng.integers(0, part - len(M) + 1, n)
        dna[np.arange(n)[:, None], at[:, None] + np.arange(len(M))] = sites
    return dna


def one_hot(dna):
    """float32 (n, length, 4) of int (n, length) (5.4.1)."""
    return np.eye(4, dtype=np.float32)[dna]


def spells(P, consensus, missing=1):
    """Whether frequencies (length, 4) spell a consensus on either strand.

    Its own strand or the other, at any place, cut off by `missing` letters
    at an end at most; each base that is over 40% must be one that the
    letter stands for, and at least four places must be as sure as that.
    """
    M = motif_matrix(consensus) > 0
    for allowed in (M, M[::-1, ::-1]):
        n = len(allowed)
        for at in range(-missing, len(P) - n + missing + 1):
            rows = np.arange(max(at, 0), min(at + n, len(P)))
            sure = (P[rows] > 0.4) & (allowed.sum(1) < 4)[rows - at, None]
            if (sure.any(axis=1).sum() >= 4
                    and not (sure & ~allowed[rows - at]).any()):
                return True
    return False


def on_strand(P, consensus):
    """Frequencies (length, 4) as read on the strand of the consensus (5.4.1).

    Of P and its reverse complement the one that holds more of what the
    consensus allows, at its best place.
    """
    allowed = motif_matrix(consensus) > 0
    few = allowed.sum(axis=1) < 4

    def fit(Q):
        n = min(len(Q), len(allowed))
        return max((Q[a:a + n] * (allowed * few[:, None])[b:b + n]).sum()
                   for a in range(len(Q) - n + 1)
                   for b in range(len(allowed) - n + 1))
    return max((P, P[::-1, ::-1]), key=fit)


def kmer_codes(dna, k):
    """Number of the k-mer at each place, int32 (n, places).

    A k-mer and its reverse complement have one number, the lower one.
    """
    last = dna.shape[1] - k + 1
    codes = [sum(strand[:, i:i + last].astype(np.int32) * 4 ** (k - 1 - i)
                 for i in range(k))
             for strand in (dna, reverse_complement(dna))]
    return np.minimum(codes[0], codes[1][:, ::-1])


def kmer_counts(dna, k):
    """How often each k-mer occurs, on either strand, (n, 4 ** k) uint8.

    Of a k-mer and its reverse complement one column counts both, the other
    stays 0 (see `kmer_codes`).
    """
    code = kmer_codes(dna, k)
    counts = np.zeros((len(dna), 4 ** k), np.uint8)
    np.add.at(counts, (np.arange(len(dna))[:, None], code), 1)
    return counts


class BestKmer:
    """Baseline: for each motif the k-mer whose count tells it best (5.4.1).

    Of all k-mers of 4 to 7 letters, the one with the highest area under the
    ROC curve on the training pieces; `names` holds them, `starts` for each
    motif the best word of each length, best first.
    """

    def __init__(self, dna, y, lengths=(4, 5, 6, 7)):
        best = [[] for _ in y.T]
        for k in lengths:
            codes = kmer_codes(dna, k)  # a table of counts takes 80 MB
            for m, has in enumerate(y.T):
                having, lacking = (np.bincount(
                    codes[part].ravel(), minlength=4 ** k) / part.sum()
                    for part in (has, ~has))
                best[m].append(max(
                    (auc(has, (codes == code).sum(axis=1)), (k, int(code)))
                    for code in np.argsort(lacking - having)[:10]))
        best = [sorted(found, reverse=True) for found in best]
        self.chosen = [found[0][1] for found in best]
        self.starts = [["".join(BASES[code // 4 ** i % 4]
                                for i in reversed(range(k)))
                        for _, (k, code) in found] for found in best]
        self.names = [words[0] for words in self.starts]

    def __call__(self, dna):
        """Scores (n, n_motifs): the counts."""
        return np.stack([(kmer_codes(dna, k) == code).sum(axis=1)
                         for k, code in self.chosen], axis=1)


class KmerRegression:
    """A stronger classical model: logistic regression on all 6-mers."""

    def __init__(self, dna, y, k=6, C=0.005):
        from sklearn.linear_model import LogisticRegression
        self.k, counts = k, kmer_counts(dna, k)
        self.used = counts.any(axis=0)
        X = self._few(counts)
        del counts  # four fits follow
        self.models = [LogisticRegression(C=C, max_iter=300).fit(X, has)
                       for has in y.T]

    def __call__(self, dna):
        X = self._few(kmer_counts(dna, self.k))
        return np.stack([m.decision_function(X) for m in self.models], 1)

    def _few(self, counts):
        """Nine in ten counts are 0: they need no memory."""
        from scipy.sparse import csr_matrix
        return csr_matrix(counts[:, self.used], dtype=np.float32)


class LearnedMatrices:
    """Hard baseline: a position weight matrix for each motif, learned.

    As MEME does it in small (Bailey and Elkan 1994; here the surest place
    counts alone): begin with a word in an even matrix, find the place in
    each piece with the motif that fits best, on either strand, count the
    bases there anew, and again. Of six starts (the best word in the middle
    and at both ends, three others in the middle; many end in a local
    optimum) the one that separates the training pieces best stays (5.4.1).
    """

    def __init__(self, dna, y, words, width=12, rounds=8, pieces=800):
        """words: of `BestKmer.starts`; pieces: that each motif learns from."""
        base = np.bincount(dna.ravel(), minlength=4) / dna.size
        self.matrices = []
        for has, (first, *others) in zip(y.T, words):
            some = dna[has][:pieces]
            best = (0, None)
            begin = [(first, 0), (first, width - len(first))] + [
                (word, (width - len(word)) // 2) for word in (first, *others)]
            for word, left in begin:
                P = np.tile(base, (width, 1))
                for i, letter in enumerate(word):
                    P[left + i] = np.where(np.arange(4) == BASES.index(
                        letter), 0.85, 0.05)
                for _ in range(rounds):
                    W = np.log(P / base)
                    P = self._counted(some, W) + 2 * base
                    P /= P.sum(axis=1, keepdims=True)
                W = np.log(P / base)
                found = auc(has, best_fit(dna, W)[0])
                best = max(best, (found, W), key=lambda pair: pair[0])
            self.matrices.append(best[1])

    @staticmethod
    def _counted(dna, W):
        """Bases (width, 4) at the best place of each piece."""
        _, place, turned = best_fit(dna, W)
        dna = np.where(turned[:, None], reverse_complement(dna), dna)
        view = dna[np.arange(len(dna))[:, None],
                   place[:, None] + np.arange(len(W))]
        return one_hot(view).sum(axis=0).astype(float)

    def __call__(self, dna):
        """Scores (n, n_motifs): the best place's log-likelihood ratio."""
        return np.stack([best_fit(dna, W)[0] for W in self.matrices], 1)


def true_scores(dna):
    """Scores (n, n_motifs) by the matrices that planted the motifs (5.4.1).

    Nobody who only has the pieces knows them. No upper limit: they look at
    the best place alone, and a piece without a motif has its scrambled site,
    which a model may use, too.
    """
    base = np.array([1 - GC_CONTENT, GC_CONTENT, GC_CONTENT,
                     1 - GC_CONTENT]) / 2
    return np.stack([best_fit(dna, np.log((
        (1 - WOBBLE) * motif_matrix(consensus) + WOBBLE / 4) / base))[0]
        for consensus in MOTIFS.values()], axis=1)


def best_fit(dna, W):
    """The place that fits a matrix best, on either strand.

    dna: int (n, length); W: (width, 4), a score of each base at each place.
    Returns score, place and whether it lies on the other strand, (n,) each.
    """
    last = dna.shape[1] - len(W) + 1
    best = []
    for strand in (dna, reverse_complement(dna)):
        fit = sum(W[i].astype(np.float32)[strand[:, i:i + last]]
                  for i in range(len(W)))
        place = fit.argmax(axis=1)
        best.append((fit[np.arange(len(fit)), place], place))
    (one, at), (two, there) = best
    return np.maximum(one, two), np.where(one >= two, at, there), two > one


def mean_auc(pairs):
    """Area under the ROC curve, mean over the motifs (5.4.1).

    pairs: array (n, 2 * n_motifs) of truth and scores side by side, so that
    `scores.bootstrap` can draw pieces of DNA.
    """
    y, score = np.hsplit(np.asarray(pairs, float), 2)
    return float(np.mean([auc(*both) for both in zip(y.T, score.T)]))


# ---- chains that fold on a lattice

STEPS = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])  # right up left down
STEP_NAMES = "RULD"
CHAIN = 16  # beads of the shipped chains
APART = 3  # a test chain differs from all training chains in so many beads


def walks(n):
    """All self-avoiding walks of n beads on the square lattice.

    Turned and mirrored ones are counted once: the first step goes right,
    the first turn is up. Returns directions int8 (n_walks, n - 1), rows of
    STEPS. 16 beads have 802,075 and take some seconds; 12 have 15,037.
    """
    path = np.zeros((1, 1), np.int8)
    for _ in range(n - 2):
        path = np.concatenate([np.column_stack([path, np.full(
            len(path), d, np.int8)]) for d in range(4)])
        turn = path != 0
        first = path[np.arange(len(path)), turn.argmax(axis=1)]
        path = path[(first == 1) | ~turn.any(axis=1)]
        place = places(path)
        free = (place[:, :-1] != place[:, -1:]).any(axis=2).all(axis=1)
        path = path[free]
    return path


def places(path):
    """Lattice places int8 (n_walks, n, 2) of directions (n_walks, n - 1)."""
    place = STEPS.astype(np.int8)[path].cumsum(axis=1, dtype=np.int8)
    return np.pad(place, ((0, 0), (1, 0), (0, 0)))


def bead_pairs(n):
    """Pairs (i, j) that can touch: an odd number apart, at least three."""
    return np.array([(i, j) for i in range(n) for j in range(i + 3, n, 2)])


def touching(path):
    """Which of `bead_pairs` lie side by side, bool (n_walks, n_pairs)."""
    place, (i, j) = places(path), bead_pairs(path.shape[1] + 1).T
    return np.stack([np.abs(place[:, a] - place[:, b]).sum(axis=1) == 1
                     for a, b in zip(i, j)], axis=1)


def ground_states(n, path=None):
    """Every chain of n beads with one best fold, and that fold; exact.

    HP model: beads are H (hydrophobic) or P (polar); each pair of H that
    touch and are not neighbours in the chain lowers the energy by 1. All
    2^n chains are tried on all walks.
    Returns chains bool (n_chains, n), True for H, and their folds int8
    (n_chains, n - 1), directions as in `walks`.
    Sources: Lau and Dill 1989 for the model; Irbaeck and Troein 2002 for
    enumerating such chains.
    """
    path = walks(n) if path is None else path
    touch = touching(path)
    weight = 2.0 ** np.arange(touch.shape[1])
    _, first, times = np.unique(touch @ weight, return_index=True,
                                return_counts=True)
    chains = (np.arange(2 ** n)[:, None] >> np.arange(n)) % 2 == 1
    i, j = bead_pairs(n).T
    both = (chains[:, i] & chains[:, j]).T.astype(np.float32)
    best = np.zeros(len(chains), np.float32)
    ways, fold = np.zeros(len(chains), int), np.zeros(len(chains), int)
    for start in range(0, len(first), 256):
        part = slice(start, start + 256)
        E = touch[first[part]].astype(np.float32) @ both
        top = E.max(axis=0)
        better, as_good = top > best, top == best
        ways[better], best[better] = 0, top[better]
        now = np.flatnonzero(better | as_good)
        ties = E[:, now] == top[now]
        ways[now] += times[part] @ ties
        fold[better] = first[part][E[:, better].argmax(axis=0)]
    one = (ways == 1) & (best > 0)
    return chains[one], path[fold[one]]


class Chains(NamedTuple):
    """Chains and how they fold."""
    beads: np.ndarray  # float32 (n, 16): 1 for H, 0 for P
    contacts: np.ndarray  # float32 (n, n_pairs), in the order of bead_pairs
    folds: np.ndarray  # int8 (n, 15), directions as in `walks`
    region: np.ndarray  # int (n,): of like test chains; -1 in training

    def places(self, i):
        """Where the beads of chain i lie, (16, 2)."""
        return places(self.folds[i][None])[0]


def load_chains(seed=0, regions=8, each=11):
    """The chains of 16 beads with one best fold, split by likeness (5.4.2).

    seed: which chains are for the test: `regions` of them, drawn at random,
    and of each the others that are most like it, `each` in all. Of a chain
    and its mirror image, the same one read backwards, the test has one at
    most, training both. Test chains of different regions, and training
    chains from all test chains, differ in at least three beads, read either
    way; those in between are left out.
    Returns (train, test), each Chains.
    Made by data/make_hp_chains.py. Raises CourseError if the file is
    missing or altered.
    """
    path = files.data_file("hp_chains.csv")
    with open(path, encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    beads = np.array([[letter == "H" for letter in row["chain"]]
                      for row in rows])
    folds = np.array([[STEP_NAMES.index(letter) for letter in row["fold"]]
                      for row in rows], np.int8)
    once = np.array([row["chain"] <= row["chain"][::-1] for row in rows])
    rng, region = np.random.default_rng(seed), np.full(len(rows), -1)
    for number in range(regions):
        far = unlike(beads, beads[region >= 0]).min(axis=1, initial=CHAIN)
        free = np.flatnonzero(once & (far >= APART))
        middle = beads[rng.choice(free)][None]
        near = np.argsort(unlike(beads[free], middle)[:, 0], kind="stable")
        region[free[near[:each]]] = number
    test = region >= 0
    train = unlike(beads, beads[test]).min(axis=1) >= APART
    return tuple(Chains(beads[part].astype(np.float32),
                        touching(folds[part]).astype(np.float32),
                        folds[part], region[part]) for part in (train, test))


def unlike(a, b):
    """In how many beads chains a differ from b, either way round, (n, m)."""
    gaps = [(a[:, None] != other[None]).sum(axis=2)
            for other in (b, b[:, ::-1])]
    return np.minimum(*gaps)


def contacts_by_distance(train, test, kinds=False):
    """Baseline: how often beads so far apart touch in training (5.4.2).

    train, test: Chains. kinds: count for each pair of places and of
    beads (HH, HP, PH, PP) apart, a stronger baseline.
    Returns scores (n_test, n_pairs).
    """
    i, j = bead_pairs(train.beads.shape[1]).T
    if not kinds:
        share = train.contacts.mean(axis=0)
        mean = {d: share[j - i == d].mean() for d in np.unique(j - i)}
        return np.tile([mean[d] for d in j - i], (len(test.beads), 1))
    sort = [2 * part.beads[:, i] + part.beads[:, j] for part in (train, test)]
    score = np.zeros(sort[1].shape)
    for kind in range(4):
        seen = sort[0] == kind
        share = ((train.contacts * seen).sum(axis=0) + 0.1) / (
            seen.sum(axis=0) + 1)
        score += share * (sort[1] == kind)
    return score


def contacts_by_energy(train, test):
    """Hard baseline: pairs of H before all others (5.4.2).

    Only they lower the energy. Within each kind, by distance along the
    chain, as `contacts_by_distance`.
    """
    i, j = bead_pairs(test.beads.shape[1]).T
    return test.beads[:, i] * test.beads[:, j] + contacts_by_distance(
        train, test)


def contacts_found(contacts, score):
    """Share of each chain's contacts among as many of its surest pairs.

    contacts: (n, n_pairs) 0 or 1; score: (n, n_pairs). Returns (n,).
    """
    found = []
    for truth, s in zip(contacts, score):
        many = int(truth.sum())
        found.append(truth[np.argsort(-s, kind="stable")[:many]].mean())
    return np.array(found)


# ---- molecules from fragments

# SMILES; what is bound goes where * stands, or before the first atom
RINGS = ("c1(*)ccc(*)cc1", "c1(*)cccc(*)c1", "c1(*)ccc(*)nc1",
         "c1(*)cnc(*)nc1", "c1(*)ccc(*)s1", "c1(*)ccc(*)o1",
         "c1(*)cc(*)[nH]n1", "c1(*)csc(*)n1", "N1(*)CCC(*)CC1",
         "N1(*)CCN(*)CC1", "C1(*)CCC(*)CC1", "N1(*)CCOC(*)C1",
         "n1(*)cc(*)c2ccccc12", "c1(*)ccc2nc(*)ccc2c1", "N1(*)CCC(*)C1")
LINKERS = ("", "C", "CC", "O", "N", "C(=O)", "C(=O)N", "NC(=O)", "S(=O)(=O)",
           "OC", "CN", "C(=O)NC", "NC(=O)N", "CO")
ENDS = ("C", "CC", "C(C)C", "F", "Cl", "O", "OC", "N", "N(C)C", "C#N",
        "C(F)(F)F", "C(=O)O", "C(=O)N", "S(C)(=O)=O", "C(C)(C)C", "OCC",
        "C1CC1", "N1CCOCC1", "NC(C)=O", "Br", "[N+](=O)[O-]", "C=O",
        "CCCCC", "OCCCC", "C=CC", "I", "CCl", "C(=O)OCC")
GENES = ENDS, RINGS, LINKERS, RINGS, ENDS

# bonds that such chemistry would not keep: N-N, N-O, O-O, N-halogen
UNSTABLE = "[N,n;!$([N,n]=*)]-[N,O,F,Cl,Br]", "O-O"
HEAVIEST = 500  # daltons
MOLECULES = 6000
HELD_OUT_SCAFFOLDS = 5  # one in five


def parse_molecule(smiles):
    """RDKit's molecule of a SMILES string.

    Raises CourseError if RDKit can't read it or it breaks the rules of
    valence.
    """
    mol = _quietly(smiles)
    if mol is None:
        raise CourseError("biology.smiles", smiles=repr(smiles))
    return mol


def _quietly(smiles):
    """RDKit's molecule or None, without RDKit's lines on stderr.

    RDKit takes what follows a blank for the molecule's name; here a SMILES
    is all of the text, or none.
    """
    from rdkit import Chem, rdBase
    if any(map(str.isspace, smiles)):
        return None
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    return mol if mol is not None and mol.GetNumAtoms() else None


def is_valid(smiles):
    """Whether RDKit can read it as a molecule of one atom or more (5.4.3)."""
    return _quietly(smiles) is not None


def canonical(smiles):
    """The one SMILES that RDKit writes for this molecule (5.4.3)."""
    from rdkit import Chem
    return Chem.MolToSmiles(parse_molecule(smiles))


def drug_likeness(smiles):
    """QED, from 0 to 1: how like oral drugs eight properties of it are.

    Source: Bickerton et al. 2012, as RDKit computes it. It says nothing
    about what a molecule does in a body.
    """
    from rdkit.Chem import QED
    return QED.qed(parse_molecule(smiles))


def scaffold(smiles):
    """Murcko scaffold: the rings and what links them, as SMILES.

    Source: Bemis and Murcko 1996, as RDKit computes it.
    """
    from rdkit.Chem.Scaffolds.MurckoScaffold import MurckoScaffoldSmiles
    return MurckoScaffoldSmiles(mol=parse_molecule(smiles))


def _renumbered(piece, level):
    """Ring numbers that no piece of a lower level has used."""
    return "".join(str(int(c) + 2 * level) if c.isdigit() else c
                   for c in piece)


def assemble(genes):
    """SMILES of end, ring, linker, ring, end, or None if it can't be.

    genes: five indices into GENES. None: an unstable bond, over 500 Da, or
    no molecule at all.
    """
    from rdkit import Chem
    from rdkit.Chem.Descriptors import MolWt
    end, ring, linker, ring2, end2 = (part[i] for part, i
                                      in zip(GENES, genes))
    inner = ring2.replace("(*)", "", 1).replace("*", "%s")
    inner = _renumbered(inner, 1) % _renumbered(end2, 2)
    smiles = ring.replace("*", _renumbered(end, 2), 1).replace(
        "*", linker + inner)
    mol = _quietly(smiles)
    if mol is None or MolWt(mol) > HEAVIEST:
        return None
    if any(mol.HasSubstructMatch(p) for p in _unstable()):
        return None
    return Chem.MolToSmiles(mol)


@functools.cache
def _unstable():
    from rdkit import Chem
    return [Chem.MolFromSmarts(pattern) for pattern in UNSTABLE]


def recombine(n, seed, parents=None):
    """n different molecules from the fragments, and their genes (5.4.3).

    seed: a whole number, or a generator of random numbers.
    parents: genes (n_parents, 5), or None for any fragments. Of two
    parents a child has each fragment from one of them, and one in ten
    fragments is drawn anew.
    Returns a list of SMILES and genes int (n, 5). This is how the training
    molecules are made, and the baseline of those that a model writes.
    """
    rng = np.random.default_rng(seed)
    found = {}
    while len(found) < n:
        genes = np.array([rng.integers(len(part)) for part in GENES])
        if parents is not None:
            mother, father = parents[rng.integers(0, len(parents), 2)]
            child = np.where(rng.random(5) < 0.5, mother, father)
            genes = np.where(rng.random(5) < 0.1, genes, child)
        smiles = assemble(genes)
        if smiles:
            found.setdefault(smiles, genes)
    return [*found], np.array([*found.values()])


def is_for_tests(smiles):
    """Whether its scaffold is one of those, one in five, only for tests."""
    return zlib.crc32(scaffold(smiles).encode()) % HELD_OUT_SCAFFOLDS == 0


def load_molecules():
    """6000 molecules of two rings, split by their Murcko scaffold (5.4.3).

    Returns (train, test), lists of canonical SMILES; no scaffold is in
    both. Made by data/make_molecules.py from RINGS, LINKERS and ENDS.
    Raises CourseError if the file is missing or altered.
    """
    path = files.data_file("molecules.csv.gz")
    with gzip.open(path, "rt", encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple([row["smiles"] for row in rows if row["part"] == part]
                 for part in ("train", "test"))


def evolve(rounds, each, keep, seed, score=drug_likeness, drawn=None):
    """Baseline of selection: recombination, the best, and again (5.4.3).

    Round 0 draws `each` molecules of any fragments; each further round
    recombines the `keep` best so far. Scores are computed
    (rounds + 1) * each times; give a model as many.
    drawn: a list, to which what each round drew is added, {SMILES: score}.
    Returns a list of (SMILES, score) of the best `keep` after each round,
    best first.
    """
    known, history = {}, []
    for turn in range(rounds + 1):
        parents = None
        if turn:
            parents = np.array([known[smiles][1] for smiles, _ in history[-1]])
        rng = stream("evolution", seed, turn)
        found = dict(zip(*recombine(each, rng, parents)))
        known |= {smiles: (score(smiles), genes)
                  for smiles, genes in found.items() if smiles not in known}
        if drawn is not None:
            drawn.append({smiles: known[smiles][0] for smiles in found})
        best = sorted(known, key=lambda smiles: -known[smiles][0])[:keep]
        history.append([(smiles, known[smiles][0]) for smiles in best])
    return history


# ---- an LSTM that writes molecules

SIGNS = "\n#()+-12345=BCFHINOS[]clnors"  # the first one ends a molecule
LONGEST = 60  # signs, the end included
UNITS = 128  # of the LSTM


def letters_of(molecules):
    """SMILES as numbers, int32 (n, LONGEST + 1), between two ends (5.4.3).

    Raises CourseError for a molecule that is too long or has a sign that
    the model doesn't know.
    """
    X = np.zeros((len(molecules), LONGEST + 1), np.int32)
    for x, smiles in zip(X, molecules):
        if len(smiles) >= LONGEST or set(smiles) - set(SIGNS):
            raise CourseError("biology.signs", smiles=repr(smiles),
                              longest=LONGEST - 1)
        x[1:len(smiles) + 1] = [SIGNS.index(sign) for sign in smiles]
    return X


def chemist():
    """An untrained LSTM, as a Keras model: the next sign's logits (5.4.3).

    In: signs int (n, T), the first one an end. Out: (n, T, 28).
    """
    import keras
    from keras import layers
    signs = keras.Input((None,), dtype="int32")
    x = layers.Embedding(len(SIGNS), 32)(signs)
    x = layers.LSTM(UNITS, return_sequences=True)(x)
    return keras.Model(signs, layers.Dense(len(SIGNS))(x))


def spelling_loss(Z, Y):
    """Mean surprise, in nats, at each sign and the end; not after it."""
    import tensorflow as tf
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(Y, Z)
    # an end counts if the sign before it was none
    counts = tf.cast((Y > 0) | (tf.pad(Y[:, :-1], [[0, 0], [1, 0]],
                                       constant_values=1) > 0), Z.dtype)
    return tf.reduce_sum(loss * counts) / tf.reduce_sum(counts)


def write_molecules(model, n, seed, temperature=1.0):
    """n strings that the model writes, sign by sign; not all are molecules.

    Each sign is drawn from the softmax of logits over the temperature.
    """
    embed, lstm, dense = model.layers[-3:]
    rng = np.random.default_rng(seed)
    y, signs = np.zeros(n, np.int32), []
    state = lstm.cell.get_initial_state(n)
    for _ in range(LONGEST):
        h, state = lstm.cell(embed(y), state)
        logits = np.asarray(dense(h)) / temperature
        # the largest of logits and Gumbel noise is a draw from the softmax
        y = (logits + rng.gumbel(size=logits.shape)).argmax(1).astype("int32")
        signs.append(y)
    return ["".join(SIGNS[k] for k in row).partition("\n")[0]
            for row in np.stack(signs, axis=1)]
