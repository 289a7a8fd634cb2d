# %% [markdown]
# ## 5.4 Bioinformatics · 生物信息学
# DNA and folding chains are simulated here, by rules whose sources the module `biology` names; the chemistry is real as far as RDKit computes it.

# %%
field("biology")

# %%
from course import biology

free_memory()

# %% [markdown]
# ### 5.4.1 Genome analysis · 基因组分析
# **Problem.** Proteins that switch genes on and off bind to short, fuzzy patterns in the DNA. Which pieces hold which pattern, and what does it look like?
#
# **Data.** Pieces of 200 bases; each of four real binding patterns, known by their consensus (`N` is any base, `R` is A or G, ...), is hidden in about half of them, on either strand. Where it is absent, its letters stand in another order, so counting letters is no use.

# %%
dna, holds = biology.regulatory_dna(5000, SEED)
dna_test, holds_test = biology.regulatory_dna(800, SEED, test=True)
check_shape(dna, (5000, 200))
for name, consensus in biology.MOTIFS.items():
    print(f"{name:9s}", consensus)

# %% [markdown]
# **Model.** One convolution with 32 filters of 12 bases, over both strands (the larger answer counts), the largest answer anywhere, and a dense layer. The first layer can become what a biologist would look for: a pattern detector.

# %%
set_seed(SEED)
strand = keras.Input((200, 4))
detect = layers.Conv1D(32, 12, activation="relu", padding="same")
best = layers.GlobalMaxPooling1D()
other = layers.Lambda(lambda x: x[:, ::-1, ::-1])(strand)
x = layers.Maximum()([best(detect(strand)), best(detect(other))])
genome = keras.Model(strand, layers.Dense(4)(layers.Dropout(0.1)(x)))

# %%
genome.compile(keras.optimizers.Adam(0.004), jit_compile=True,
               loss=keras.losses.BinaryCrossentropy(from_logits=True))
history = genome.fit(biology.one_hot(dna), holds, epochs=14, batch_size=64,
                     verbose=0, callbacks=[LiveBar("motifs")])
said = genome.predict(biology.one_hot(dna_test), verbose=0)

# %% [markdown]
# **Result.** Mean area under the ROC curve over the four patterns, beside the best single word of four to seven bases for each. A stronger classical method, regression on all words of six bases, is asked, too.

# %%
best_word = biology.BestKmer(dna, holds)
regression = biology.KmerRegression(dna, holds)
cases = {"network": said, "best word": best_word(dna_test),
         "all words": regression(dna_test)}
cases = {name: np.hstack([holds_test, s]) for name, s in cases.items()}
auc = {name: bootstrap(pairs, biology.mean_auc, rounds=200)
       for name, pairs in cases.items()}

# %%
gain = bootstrap_difference(cases["network"], cases["best word"],
                            biology.mean_auc, rounds=200)
outcome("5.4.1", "area under ROC", auc["network"],
        ("best word", auc["best word"]), gain)
print("better than the regression on all words, too:",
      auc["network"][0] > auc["all words"][0])
assert auc["network"][0] > auc["all words"][0]

# %% [markdown]
# What did the filters learn? For each pattern take the filter that its dense weight trusts most, and the bases at the hundred places where it answers most strongly in the unseen pieces. Their frequencies, drawn as letters, are a *logo*: the higher a column, the surer the base (in bits).

# %%
def logo_counts(filter, k=100):
    """Base frequencies (12, 4) where one filter answers most."""
    both = np.concatenate([dna_test, biology.reverse_complement(dna_test)])
    X = np.asarray(detect(biology.one_hot(both)))[:, 5:-6, filter]
    piece, place = np.divmod(np.argsort(-X.ravel())[:k], X.shape[1])
    windows = both[piece[:, None], place[:, None] + np.arange(12)]
    return biology.one_hot(windows).mean(axis=0)


trusted = genome.layers[-1].get_weights()[0].argmax(axis=0)  # (4,)
logos = {name: logo_counts(k) for name, k in
         zip(biology.MOTIFS, trusted)}

# %%
found = [name for name, P in logos.items()
         if biology.spells(P, biology.MOTIFS[name])]
print("consensus found again in at least three of four logos:",
      len(found) >= 3)
assert len(found) >= 3
show(plots5.logos(logos, biology.MOTIFS), "5.fig.logos")

# %% [markdown]
# Read them against the consensus above each (some filters hold it on the other strand, backwards and with A and T, C and G exchanged). Nobody showed the network a pattern; it was told which pieces hold one. *The real thing:* [DeepBind (2015)](https://doi.org/10.1038/nbt.3300) did this for hundreds of proteins from measured binding; [Enformer (2021)](https://doi.org/10.1038/s41592-021-01252-x) reads 200,000 bases at once.
#
# > ✎ **Exercise 5.reverse** (easy, at most 2 lines). *Specification:* `other_strand(dna)` returns a string's reverse complement: read backwards, A and T exchanged, C and G exchanged.

# %% tags=["exercise"]
def other_strand(dna):
    ...  # at most 2 lines

# %%
check("5.reverse", other_strand)

# %% [markdown]
# ### 5.4.2 Protein structure prediction · 蛋白质结构预测
# **Problem.** A protein is a chain that folds into one shape. The chain is easy to read, the shape is not; which places of the chain come to touch?
#
# **Data.** A caricature in which the truth can be computed: chains of 16 beads on a square lattice, water-fearing (H) or water-loving (P); each pair of H that touch lowers the energy ([Lau and Dill, 1989](https://doi.org/10.1021/ma00200a030)). All 65,536 chains were tried on all 802,075 walks; 1,539 have one best fold alone. Test chains differ from every training chain in three beads at least.

# %%
chains, chains_test = biology.load_chains(SEED)
pairs = biology.bead_pairs(16)
print(len(chains.beads), "chains to learn from,", len(chains_test.beads),
      "unseen,", len(pairs), "pairs of beads that could touch")

# %% [markdown]
# **Model.** Chapter 3's attention: two blocks over the 16 beads, each bead with its place; then a small network looks at the states of two beads and says whether they touch. Each chain is also shown backwards, which folds the same way.

# %%
def block(x):
    a = layers.MultiHeadAttention(4, 16)(x, x)
    x = layers.LayerNormalization()(x + layers.Dropout(0.1)(a))
    h = layers.Dense(64)(layers.Dense(128, "relu")(x))
    return layers.LayerNormalization()(x + layers.Dropout(0.1)(h))


def folder():
    beads = keras.Input((16,))
    x = layers.Embedding(2, 64)(beads)
    x = block(block(x + layers.Embedding(16, 64)(np.arange(16))))
    two = [keras.ops.take(x, side, axis=1) for side in pairs.T]
    x = layers.Concatenate()([two[0] + two[1], two[0] * two[1]])
    x = layers.Dense(64, "relu")(layers.Dropout(0.1)(x))
    return keras.Model(beads, layers.Flatten()(layers.Dense(1)(x)))

# %%
def backwards(contacts):
    """The contacts (n, n_pairs) of the chains read from the other end."""
    at = {(i, j): k for k, (i, j) in enumerate(pairs.tolist())}
    return contacts[:, [at[15 - j, 15 - i] for i, j in pairs.tolist()]]


set_seed(SEED)
protein = folder()
protein.compile(keras.optimizers.Adam(0.002), jit_compile=True,
                loss=keras.losses.BinaryCrossentropy(from_logits=True))
X = np.concatenate([chains.beads, chains.beads[:, ::-1]])
y = np.concatenate([chains.contacts, backwards(chains.contacts)])
history = protein.fit(X, y, epochs=30, batch_size=32, verbose=0,
                      callbacks=[LiveBar("contacts")])

# %% [markdown]
# **Result.** If a fold has $L$ contacts: which share of the $L$ surest pairs is right? The baseline says how often beads so far apart in the chain touch; a stronger one also looks at the kinds of the two beads, place by place.

# %%
said = protein.predict(chains_test.beads, verbose=0)
share = {"network": said,
         "distance": biology.contacts_by_distance(chains, chains_test),
         "distance and kinds": biology.contacts_by_distance(
             chains, chains_test, kinds=True)}
share = {name: biology.contacts_found(chains_test.contacts, s)
         for name, s in share.items()}

# %%
gain = bootstrap_difference(share["network"], share["distance"])
outcome("5.4.2", "share of contacts", bootstrap(share["network"]),
        ("by distance", bootstrap(share["distance"])), gain)

# %%
order = np.argsort(share["network"])
some = order[[len(order) // 10, len(order) // 2, -1]]
show(plots5.folds(chains_test, some, pairs, said, share), "5.fig.folds")

# %% [markdown]
# Three unseen chains in their true folds: black beads fear water. A solid line joins a contact that the network found, a dotted one a contact it missed. The bars hold the sober part: a table that knows where the two beads sit and of which kind they are comes close to the network. Our chains are short and similar; how they fold depends little on far-away beads. *The real thing:* 20 kinds of beads in space, the structures of about 100,000 proteins, and the relatives of each protein, whose common changes tell what touches ([AlphaFold 2, Jumper et al., 2021](https://doi.org/10.1038/s41586-021-03819-2)).
#
# ### 5.4.3 Drug design · 药物设计
# **Problem.** Propose molecules that do not exist yet, could exist, and look like drugs.
#
# **Data.** 6,000 molecules built from a list of rings, linkers and ends, split by their *scaffold*, the rings and what joins them. Written as SMILES, a molecule is a line of text: `c` is an aromatic carbon, digits close rings, brackets hold branches.

# %%
molecules, others = biology.load_molecules()
print(len(molecules), "to learn from,", len(others), "with other scaffolds")
print(molecules[0], "·", f"QED {biology.drug_likeness(molecules[0]):.2f}")

# %% [markdown]
# **Model.** Then a molecule can be written like a sentence: an LSTM guesses the next sign. It was trained by `data/make_models.py`; its surprise per sign on molecules with unseen scaffolds says whether it knows the grammar or only its examples.

# %%
chemist = load_weights(biology.chemist(), "chemist")
surprise = {}
for name, some in ("seen", molecules[:500]), ("unseen", others[:500]):
    letters = biology.letters_of(some)
    surprise[name] = float(biology.spelling_loss(
        chemist(letters[:, :-1]), letters[:, 1:]))
print("unseen scaffolds surprise it by less than a fifth more:",
      surprise["unseen"] < 1.2 * surprise["seen"])
assert surprise["unseen"] < 1.2 * surprise["seen"]

# %%
written = biology.write_molecules(chemist, 400, SEED)
valid = [smiles for smiles in written if biology.is_valid(smiles)]
known = set(molecules)
new = {biology.canonical(smiles) for smiles in valid} - known
print("3 of 4 valid, half of these or more new:",
      len(valid) >= 300 and len(new) >= len(valid) / 2)
assert len(valid) >= 300 and len(new) >= len(valid) / 2

# %% [markdown]
# **Selection.** *QED* ([Bickerton et al., 2012](https://doi.org/10.1038/nchem.1243)) sums up in a number from 0 to 1 how like oral drugs eight properties are. Three rounds: write 400, keep the best hundred of all so far, teach the LSTM with those, and again. **Predict:** what happens to the variety?

# %%
chemist.compile(keras.optimizers.Adam(0.001),
                lambda Y, Z: biology.spelling_loss(Z, tf.cast(Y, tf.int32)))


def learn(molecules):
    """Teach the LSTM a few molecules more."""
    letters = biology.letters_of(molecules)
    chemist.fit(letters[:, :-1], letters[:, 1:], epochs=6, batch_size=32,
                verbose=0)

# %%
pool = {smiles: biology.drug_likeness(smiles) for smiles in sorted(new)}
rounds = [[*pool.values()]]  # QED of what each round wrote
for turn in range(1, 4):
    learn(sorted(pool, key=pool.get)[-100:])
    written = biology.write_molecules(chemist, 400, [SEED, turn])
    new = {biology.canonical(smiles) for smiles in written
           if biology.is_valid(smiles)} - known
    fresh = {smiles: biology.drug_likeness(smiles) for smiles in sorted(new)}
    rounds.append([*fresh.values()])
    pool |= fresh

# %% [markdown]
# **Result.** The mean QED of the last round's new molecules, beside molecules drawn at random from the same fragments, and, stronger, fragments recombined with the same selection.

# %%
drawn, _ = biology.recombine(1600, SEED)
random_qed = np.array([biology.drug_likeness(smiles) for smiles in drawn])
last = np.array(rounds[-1])
some = np.random.default_rng(SEED).permutation(random_qed)[:len(last)]
gain = bootstrap_difference(last, some)
outcome("5.4.3", "QED", bootstrap(last),
        ("random recombination", bootstrap(random_qed)), gain)

# %%
evolved = biology.evolve(3, 400, 30, SEED)[-1]
best = sorted(pool, key=pool.get)[-30:]
tops = {"LSTM": [pool[smiles] for smiles in best],
        "random": np.sort(random_qed)[-30:],
        "evolved": [score for _, score in evolved]}
show(plots5.selection(rounds, random_qed, tops, best[-6:]), "5.fig.drugs")

# %% [markdown]
# At the left the QED of what each round wrote climbs from the level of random recombination; in the middle the best thirty of 1,600 tries of three methods: evolution with the same fragments is as good as the LSTM or better, and needs no network. At the right six of the LSTM's best, drawn by RDKit. *The real thing* adds what matters: does it bind, can it be made, is it poisonous? QED says nothing about any of these.
#
# > ✎ **Exercise 5.novelty** (easy, 1 line). A generator that repeats its lessons has learned nothing new. *Specification:* `novelty(written, known)` returns the share of the **distinct** molecules in the list `written` that are not in the list `known`; 0 if nothing was written.

# %% tags=["exercise"]
def novelty(written, known):
    ...  # at most 2 lines

# %%
check("5.novelty", novelty)
