# %% [markdown]
# ## 3.5 The Transformer · Transformer
# **Attention forgets order: how does a network made of attention know which word comes first, and what can it do when it doesn't?**
#
# The document lists multi-head attention, positional encoding and self-attention. We build the whole block around them and prove it equal to Keras's, take the positions away to see what breaks, and then let a small Transformer, encoder and decoder, reverse and sort digits.
#
# ### Several heads
# One head gives each word one set of weights. But a verb may need its subject for one reason and its object for another. So split the width $D$ into $n_\text{heads}$ pieces of $H = D / n_\text{heads}$ columns, let each piece run its own attention, put the results side by side again, and mix them with a last matrix $W_o$:
#
# $$\text{head}_m = \text{attention}\big(X W_q^{(m)},\, X W_k^{(m)},\, X W_v^{(m)}\big), \qquad \text{output} = [\text{head}_1 \dots \text{head}_{n_\text{heads}}]\, W_o$$
#
# where $W^{(m)}$ is the $m$-th group of $H$ columns of $W$. The queries come from `X_q`, keys and values from `X_kv`: the same sequence in self-attention, two different ones later on.

# %%
def multi_head_slow(X_q, X_kv, W_q, W_k, W_v, W_o, n_heads):
    """Output (T_q, D) for one pair of sequences, head after head."""
    H, heads = W_q.shape[1] // n_heads, []
    for m in range(n_heads):
        columns = slice(m * H, (m + 1) * H)
        heads.append(attention_slow(
            X_q @ W_q[:, columns], X_kv @ W_k[:, columns],
            X_kv @ W_v[:, columns])[1])
    return np.concatenate(heads, axis=1) @ W_o

# %% [markdown]
# Without the loop: one product makes the queries of all heads. Then the width is split in two axes, and the axis of heads moves to the front, next to the batch, where `attention` lets it be.

# %%
def split_heads(Y, n_heads):
    """(B, T, D) to (B, n_heads, T, H)."""
    B, T, D = Y.shape
    return Y.reshape(B, T, n_heads, D // n_heads).swapaxes(1, 2)

# %%
def multi_head(X_q, X_kv, W_q, W_k, W_v, W_o, n_heads, mask=None):
    """Output (B, T_q, D) and weights A (B, n_heads, T_q, T_kv)."""
    Q = split_heads(X_q @ W_q, n_heads)
    K, V = (split_heads(X_kv @ W, n_heads) for W in (W_k, W_v))
    out, A = attention(Q, K, V, mask)  # (B, n_heads, T_q, H)
    return np.concatenate(list(out.swapaxes(0, 1)), axis=-1) @ W_o, A

# %%
rng = np.random.default_rng(SEED)
D, n_heads, d_ff = 8, 2, 16
X = rng.normal(size=(3, 5, D))  # (B, T, D)
Ws = rng.normal(size=(4, D, D)) / D**0.5  # W_q, W_k, W_v, W_o

# %%
mine, A = multi_head(X, X, *Ws, n_heads)
check_shape(A, (3, n_heads, 5, 5))
compare("multi-head, loops", mine[0],
        multi_head_slow(X[0], X[0], *Ws, n_heads), tol=1e-9)

# %% [markdown]
# Keras keeps the heads apart in the shape of its weights, $(D, n_\text{heads}, H)$ and $(n_\text{heads}, H, D)$. The numbers in them stand in the same order as in ours, so reshaping is all it takes.

# %%
layer = keras.layers.MultiHeadAttention(
    n_heads, key_dim=D // n_heads, use_bias=False, dtype="float64")
layer.build(X.shape, X.shape)

# %%
layer.set_weights([W.reshape(w.shape) for W, w in zip(Ws, layer.weights)])
compare("MultiHeadAttention", mine, layer(X, X), tol=1e-9)
compare("its weights A", A, layer(X, X, return_attention_scores=True)[1],
        tol=1e-9)

# %%
assert np.abs(A[:, 0] - A[:, 1]).max() > 0.1, "the heads look elsewhere"
claim("3.5.1", "holds", n_heads=n_heads)

# %% [markdown]
# ✎ **Exercise 3.merge_heads** (medium, 2 lines). Above, the heads are put side by side with `np.concatenate` over a list. The inverse of `split_heads` does it without a list: `merge_heads(Y)` takes an array of shape `(B, n_heads, T, H)` to `(B, T, n_heads * H)`, so that head 0 fills the first $H$ columns.

# %% tags=["exercise"]
def merge_heads(Y):
    ...  # about 2 lines


check("3.merge_heads", merge_heads)
# hint("3.merge_heads")
# solution("3.merge_heads")

# %% [markdown]
# ### The block
# Attention only mixes what is there. A small network of two dense layers, the same for every word, then works on the mixture: the *feed-forward* part, of width $d_\text{ff}$ inside. Two things keep a pile of such blocks trainable. A *residual connection* adds each part's input to its output, so that the gradient has a way past it. And *layer normalisation* brings each word's vector $x$ to mean 0 and variance 1 over its $D$ entries, then scales and shifts each entry by learned $\gamma$ and $\beta$:
#
# $$\mathrm{norm}(x) = \gamma \odot \frac{x - \mu}{\sqrt{s^2 + \epsilon}} + \beta, \qquad \mu = \frac1D \sum_c x_c, \quad s^2 = \frac1D \sum_c (x_c - \mu)^2$$
#
# with a tiny $\epsilon$ against division by zero.

# %%
def layer_norm_slow(x, gamma, beta, eps=1e-6):
    """One vector, one number at a time."""
    mean = sum(x) / len(x)
    variance = sum((value - mean)**2 for value in x) / len(x)
    return [g * (value - mean) / (variance + eps)**0.5 + b
            for value, g, b in zip(x, gamma, beta)]

# %%
def layer_norm(X, gamma, beta, eps=1e-6):
    """Each vector along the last axis of X (..., D)."""
    mean = X.mean(axis=-1, keepdims=True)
    variance = X.var(axis=-1, keepdims=True)
    return gamma * (X - mean) / (variance + eps)**0.5 + beta

# %% [markdown]
# The whole encoder block, as in the paper "Attention Is All You Need":
#
# $$Y = \mathrm{norm}(X + \text{multi-head}(X, X)), \qquad \text{output} = \mathrm{norm}(Y + \max(0, Y W_1 + b_1) W_2 + b_2)$$
#
# Its twelve arrays come as one list `w`, in the order in which they are used.

# %%
def feed_forward(X, W_1, b_1, W_2, b_2):
    return np.maximum(0, X @ W_1 + b_1) @ W_2 + b_2

# %%
def encoder_block(X, w, n_heads, mask=None):
    """(B, T, D) to the same shape."""
    Y = layer_norm(X + multi_head(X, X, *w[:4], n_heads, mask)[0], *w[4:6])
    return layer_norm(Y + feed_forward(Y, *w[6:10]), *w[10:12])

# %%
def encoder_block_slow(x, w, n_heads):
    """One sequence (T, D), word after word."""
    a = multi_head_slow(x, x, *w[:4], n_heads)
    rows = []
    for t in range(len(x)):
        y = np.array(layer_norm_slow(x[t] + a[t], *w[4:6]))
        f = feed_forward(y, *w[6:10])
        rows.append(layer_norm_slow(y + f, *w[10:12]))
    return np.array(rows)

# %% [markdown]
# The same block from Keras's layers. We shall train with it below, so it is a model of its own.

# %%
layers = keras.layers

# %%
def attend(query, other, n_heads, **how):
    """Residual connection around attention, then the norm."""
    D, dtype = query.shape[-1], query.dtype
    a = layers.MultiHeadAttention(n_heads, D // n_heads, use_bias=False,
                                  dtype=dtype)(query, other, **how)
    return layers.LayerNormalization(epsilon=1e-6, dtype=dtype)(query + a)

# %%
def think(x, d_ff):
    """Residual connection around the feed-forward part, then the norm."""
    f = layers.Dense(d_ff, activation="relu", dtype=x.dtype)(x)
    f = layers.Dense(x.shape[-1], dtype=x.dtype)(f)
    return layers.LayerNormalization(epsilon=1e-6, dtype=x.dtype)(x + f)

# %%
def keras_encoder(D, n_heads, d_ff, dtype="float32"):
    x = keras.Input((None, D), dtype=dtype)
    return keras.Model(x, think(attend(x, x, n_heads), d_ff))

# %%
def random_weights(model, rng):
    """A random array for each weight; set_weights puts them in."""
    model.set_weights([rng.normal(size=w.shape) * 0.4 for w in model.weights])

# %%
def flat_weights(model):
    """Its weights as matrices and vectors, heads side by side."""
    D = model.output.shape[-1]
    return [w.reshape(D, D) if w.ndim == 3 else w
            for w in model.get_weights()]

# %%
in_keras = keras_encoder(D, n_heads, d_ff, dtype="float64")
random_weights(in_keras, rng)
w = flat_weights(in_keras)

# %%
mine = encoder_block(X, w, n_heads)
compare("encoder block, loops", mine[0],
        encoder_block_slow(X[0], w, n_heads), tol=1e-9)
compare("encoder block, Keras", mine, in_keras(X), tol=1e-9)

# %% [markdown]
# ### Without positions, order is invisible
# Shuffle the words of a sentence. What does the block do to the shuffled sentence? Every step treats all words alike: sums over $j$ don't care for order, and the feed-forward part sees one word at a time. So the output must be the old one, shuffled in the same way. This is called *permutation equivariance*; and it means that to a pile of such blocks, however high, "dog bites man" and "man bites dog" are the same three vectors in another order.

# %%
shuffle = rng.permutation(5)
compare("shuffled in, shuffled out", in_keras(X[:, shuffle]),
        np.array(in_keras(X))[:, shuffle], tol=1e-5)
compare("ours too", encoder_block(X[:, shuffle], w, n_heads),
        mine[:, shuffle], tol=1e-9)

# %% [markdown]
# ### Positions, written into the words
# The remedy of the paper: add to each word a vector that says where it stands. With frequencies $\omega_c = 10000^{-2c/D}$ for $c = 0, 1, \dots, D/2 - 1$,
#
# $$P_{t,\,2c} = \sin(\omega_c\, t), \qquad P_{t,\,2c+1} = \cos(\omega_c\, t)$$
#
# Think of $D/2$ clocks: the first hand turns by one radian with every word, the last one hardly moves. Together they tell each position from every other, as the hands for hours, minutes and seconds do.

# %%
def positions_slow(T, D):
    P = np.zeros((T, D))
    for t in range(T):
        for c in range(D // 2):
            P[t, 2 * c] = np.sin(t / 10000**(2 * c / D))
            P[t, 2 * c + 1] = np.cos(t / 10000**(2 * c / D))
    return P

# %%
def positions(T, D):
    """Positional encoding (T, D); sines and cosines take turns."""
    angle = np.arange(T)[:, None] * 10000.0**(-np.arange(0, D, 2) / D)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(T, D)

# %%
P = positions(60, 32)
compare("positions, loops", P, positions_slow(60, 32), tol=1e-9)

# %% [markdown]
# The heat map has one row for each position. The left columns turn fast, the right ones slowly.

# %%
fig, ax = plt.subplots(figsize=(7, 3.4))
image = ax.imshow(P, cmap="cividis", aspect="auto", vmin=-1, vmax=1)
ax.set(xlabel="column of the encoding", ylabel="position t")
ax.grid(False)
fig.colorbar(image, ax=ax, label="value")
show(fig, "3.fig.positions")

# %% [markdown]
# Now the reason that the paper's authors give for their choice of sines. Going $k$ words further turns the hand of clock $c$ by the angle $\omega_c k$, *wherever it stood*. So there is one matrix $R_k$, made of little rotations, that takes $P_t$ to $P_{t+k}$ for every $t$: a linear layer can learn "three words back". It follows that the dot product of two encodings depends on their distance alone.
#
# $$P_{t+k} = P_t R_k, \qquad R_k = \text{blocks } \begin{pmatrix} \cos \omega_c k & -\sin \omega_c k \\ \sin \omega_c k & \cos \omega_c k \end{pmatrix}, \qquad P_t \cdot P_{t+k} = \sum_c \cos(\omega_c k)$$

# %%
def rotation(k, D):
    """R_k (D, D)."""
    R = np.zeros((D, D))
    for c in range(D // 2):
        a = k * 10000.0**(-2 * c / D)
        R[2*c:2*c+2, 2*c:2*c+2] = [[np.cos(a), -np.sin(a)],
                                   [np.sin(a), np.cos(a)]]
    return R

# %%
for k in (1, 7, 30):
    compare(f"shift by {k}", P[:-k] @ rotation(k, 32), P[k:], tol=1e-9)
    dots = np.sum(P[:-k] * P[k:], axis=1)
    compare(f"dot product at distance {k}", dots,
            np.full(60 - k, np.trace(rotation(k, 32)) / 2), tol=1e-9)

# %% [markdown]
# Turn the position and watch the hands; the lower curve is the dot product with every other position. Its shape moves along without changing.

# %%
def draw_clocks(position=20):
    fig = plt.figure(figsize=(7, 3.8))
    grid = fig.add_gridspec(2, 6, height_ratios=(1, 1.1))
    for k, c in enumerate((0, 1, 2, 4, 7, 12)):
        ax = fig.add_subplot(grid[0, k])
        ax.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.5"))
        sine, cosine = P[position, 2 * c:2 * c + 2]
        ax.plot([0, sine], [0, cosine], color="#0072B2", linewidth=3)
        ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal",
               title=f"clock {c}")
        ax.axis("off")
    ax = fig.add_subplot(grid[1, :])
    ax.plot(P @ P[position])
    ax.axvline(position, color="0.4", linestyle=":")
    ax.set(xlabel="position t", ylabel="dot product", ylim=(0, 17),
           title=f"position {position}")
    return fig

# %%
explore(draw_clocks, "3.fig.clocks", position=(0, 59))

# %% [markdown]
# With the encoding added, shuffling shows:

# %%
with_P = X + positions(5, D)
shuffled = encoder_block(X[:, shuffle] + positions(5, D), w, n_heads)

# %%
gap = np.abs(shuffled - encoder_block(with_P, w, n_heads)[:, shuffle]).max()
print("with positions the block notices the shuffle:", gap > 0.01)
assert gap > 0.01

# %% [markdown]
# ### The decoder: write one symbol after another
# An encoder reads. To write, the paper adds a *decoder* with three parts: *causal self-attention* over what has been written so far (the mask of 3.4); *cross-attention*, in which what is being written asks, and the encoder's output answers with its keys and values; and a feed-forward part. Each has its residual connection and norm.

# %%
def decoder_block(Y, X, w, n_heads):
    """Y (B, T_out, D) written so far, X (B, T_in, D) read; same as Y, A."""
    causal = np.tril(np.ones((Y.shape[1], Y.shape[1]), bool))
    a, _ = multi_head(Y, Y, *w[:4], n_heads, causal)
    Y = layer_norm(Y + a, *w[4:6])
    a, A = multi_head(Y, X, *w[6:10], n_heads)
    Y = layer_norm(Y + a, *w[10:12])
    return layer_norm(Y + feed_forward(Y, *w[12:16]), *w[16:18]), A

# %%
def keras_decoder(D, n_heads, d_ff, dtype="float32"):
    y, x = (keras.Input((None, D), dtype=dtype) for _ in range(2))
    z = attend(y, y, n_heads, use_causal_mask=True)
    return keras.Model([y, x], think(attend(z, x, n_heads), d_ff))

# %%
in_keras = keras_decoder(D, n_heads, d_ff, dtype="float64")
random_weights(in_keras, rng)
w = flat_weights(in_keras)

# %%
Y = rng.normal(size=(3, 4, D))  # four written, five read
mine, A = decoder_block(Y, X, w, n_heads)
check_shape(A, (3, n_heads, 4, 5))
compare("decoder block, Keras", mine, in_keras([Y, X]), tol=1e-9)

# %% [markdown]
# ### A task that is all about order: reverse six digits
# Read 2 7 1 8 2 8, write 8 2 8 1 7 2. That is trivial for anyone who knows where each digit stands, and hopeless for those who only know *which* digits there are: the *bag* of digits. So it tells us exactly what positions are for.
#
# For the test we keep twelve bags apart and test on *all* arrangements of their digits. Neither a test string nor any rearrangement of it is ever trained on.

# %%
T, STEPS = 6, 300
rng = np.random.default_rng(SEED)
kept_apart = {tuple(sorted(s))
              for s in rng.integers(10, size=(12, T)).tolist()}
strings_test = np.array([s for bag in sorted(kept_apart)
                         for s in sorted(set(itertools.permutations(bag)))])

# %%
draws = rng.integers(10, size=(80 * STEPS, T))
allowed = [tuple(s) not in kept_apart for s in np.sort(draws).tolist()]
strings = draws[allowed][:64 * STEPS]  # 300 steps of 64 new strings
check_shape(strings, (64 * STEPS, T))

# %% [markdown]
# Now the ceiling. Suppose a model sees nothing but the bag. Then it gives all arrangements of a bag the *same* answer, and of all those strings it can be right at most for those that want this answer: the most frequent one. Count that for every bag, and no such model can do better, however large it is and however long it trains.

# %%
def bag_ceiling(strings, answers):
    """Largest share of exact answers for a rule that sees only the bag."""
    wanted = collections.defaultdict(collections.Counter)
    for string, answer in zip(strings.tolist(), answers.tolist()):
        wanted[tuple(sorted(string))][tuple(answer)] += 1
    return sum(max(count.values()) for count in wanted.values()) / len(strings)

# %%
def reverse(strings):
    return strings[:, ::-1]

# %%
ceiling = bag_ceiling(strings_test, reverse(strings_test))
compare("one string for each bag", ceiling,
        len(kept_apart) / len(strings_test), tol=1e-9)
assert ceiling < 0.05

# %% [markdown]
# No two arrangements have the same reversal, so one string for each bag is the best that can be had: less than 5 in 100.
#
# ✎ **Exercise 3.bag_share** (medium, 2 lines). What is the ceiling over *all* strings of `T` digits, if there are `n` different digits? Each bag gives one right answer, so it is the number of bags divided by the number of strings. For `n = 2`, `T = 2` the bags are 00, 01, 11 and the strings 00, 01, 10, 11: the share is 3/4. `bag_share(n, T)` returns it. A bag is a choice of `T` out of `n` with repetition: `itertools.combinations_with_replacement` lists them all, and a formula with `math.comb` counts them at once.

# %% tags=["exercise"]
def bag_share(n, T):
    ...  # about 2 lines


check("3.bag_share", bag_share)
# hint("3.bag_share")
# solution("3.bag_share")

# %% [markdown]
# The model: our two blocks, an embedding for what is read and one for what is written, and a dense layer at the end that scores the ten digits. `places` says which halves are told the positions.

# %%
D, n_heads, d_ff, START = 32, 2, 64, 10  # START: nothing is written yet

# %%
def build(places):
    """Model (B, T) read, (B, T) written -> (B, T, 10) scores."""
    read, written = (keras.Input((T,), dtype="int32") for _ in range(2))
    # digits as large as the positions, so that neither drowns the other
    normal = keras.initializers.RandomNormal(stddev=1)
    x = layers.Embedding(10, D, normal, name="read")(read)
    y = layers.Embedding(11, D, normal, name="written")(written)
    P = positions(T, D).astype("float32")
    x = x + P if "encoder" in places else x
    y = y + P if "decoder" in places else y
    x = keras_encoder(D, n_heads, d_ff)(x)
    y = keras_decoder(D, n_heads, d_ff)([y, x])
    return keras.Model([read, written], layers.Dense(10, name="score")(y))

# %% [markdown]
# *Teacher forcing*: while it trains, the decoder is not fed its own guesses but the right answer, moved one place to the right behind a start symbol. Place $t$ sees the first $t-1$ right digits and has to say the next one. Thanks to the causal mask all six places are trained in one pass. The learning rate climbs for 30 steps and then falls to zero.

# %%
def shift_right(answers):
    """What the decoder is given: START, then all but the last digit."""
    return np.insert(answers[:, :-1], 0, START, axis=1)

# %%
def learn(task, places):
    set_seed(SEED)
    model = build(places)
    lr = keras.optimizers.schedules.CosineDecay(
        0.0, STEPS, warmup_target=3e-3, warmup_steps=30)
    model.compile(keras.optimizers.Adam(lr), jit_compile=False,
                  loss=keras.losses.SparseCategoricalCrossentropy(True))
    answers = task(strings)
    label = f"{task.__name__}, positions in {' and '.join(places) or 'none'}"
    model.fit([strings, shift_right(answers)], answers, batch_size=64,
              steps_per_epoch=STEPS // 10, epochs=10, verbose=0,
              callbacks=[LiveBar(label)])
    return model

# %% [markdown]
# When it is tested there is no teacher. *Greedy decoding* starts with the start symbol, takes the digit with the highest score at the first place, writes it down, and asks again. What stands after place $t$ has no influence on it, so the array can have its full length from the start.

# %%
def greedy(scores, strings):
    """What a model writes; scores(read, written) gives (B, T, 10)."""
    written = np.full((len(strings), strings.shape[1] + 1), START)
    for t in range(strings.shape[1]):
        now = np.asarray(scores(strings, written[:, :-1]))[:, t]
        written[:, t + 1] = now.argmax(axis=-1)
    return written[:, 1:]

# %%
def exact_match(model, task):
    """Share of test strings that come out right in every digit."""
    mine = greedy(lambda *pair: model.predict_on_batch(pair), strings_test)
    return np.mean(np.all(mine == task(strings_test), axis=1)), mine

# %% [markdown]
# Three models, the same data, the same start. Before you run it: how much will each get right?

# %%
halves = {"both halves": ("encoder", "decoder"),
          "decoder only": ("decoder",), "neither": ()}
reversing = {name: learn(reverse, places) for name, places in halves.items()}

# %%
results = {name: exact_match(model, reverse)
           for name, model in reversing.items()}
with_both, *blind = [share for share, _ in results.values()]
assert with_both >= 0.95 and max(blind) <= ceiling

# %%
table([["both halves", "at least 95%"],
       ["decoder only", f"at most the ceiling, {ceiling:.1%}"],
       ["neither", f"at most the ceiling, {ceiling:.1%}"]],
      ["positions in", "exact match on unseen strings"])

# %% [markdown]
# Telling the decoder alone where it *writes* does not help: what it can't know is where the digits *stood*. Yet the two blind models did learn something. Look at what they write: nearly always the right digits, in an order of their own, the same for every arrangement of the bag.

# %%
blind_answers = results["decoder only"][1]
same_digits = np.mean(np.all(
    np.sort(blind_answers) == np.sort(strings_test), axis=1))
assert same_digits > 0.8
print("decoder only: the right digits in over 80% of its answers")

# %%
answers_by_bag = collections.defaultdict(collections.Counter)
for bag, answer in zip(np.sort(strings_test).tolist(), blind_answers.tolist()):
    answers_by_bag[tuple(bag)][tuple(answer)] += 1
usual = sum(max(c.values()) for c in answers_by_bag.values())
assert usual / len(strings_test) > 0.99
print("and one and the same answer for all arrangements of a bag")

# %% [markdown]
# Teacher forcing can hide this. With the five right digits before it in view, even a model that is blind to order finds the sixth, for it is the one that is left over. Scores under teacher forcing look better than what the model can do alone.

# %%
answers = reverse(strings_test)
scores = reversing["decoder only"].predict_on_batch(
    [strings_test, shift_right(answers)])

# %%
by_place = np.mean(scores.argmax(axis=-1) == answers, axis=0)
assert by_place[0] < 0.5 < 0.8 < by_place[-1]
print("decoder only, with a teacher: the last digit right in over 80%,")
print("the first in less than 50%; alone, all six in less than 5%")

# %% [markdown]
# ### Opened up: the trained model in our own functions
# Everything in this model was written above in NumPy. So its weights, put into our functions, must give its scores. They do, and on the way we get the cross-attention: which digit was the decoder looking at?

# %%
def by_hand(model, places, read, written):
    """Scores (B, T, 10), cross-attention (B, n_heads, T, T)."""
    x, y = (model.get_layer(name).get_weights()[0][ids].astype("float64")
            for name, ids in (("read", read), ("written", written)))
    if "encoder" in places:
        x = x + positions(x.shape[1], D)
    if "decoder" in places:
        y = y + positions(y.shape[1], D)
    encoder, decoder = (layer for layer in model.layers
                        if isinstance(layer, keras.Model))
    x = encoder_block(x, flat_weights(encoder), n_heads)
    y, A = decoder_block(y, x, flat_weights(decoder), n_heads)
    W, b = model.get_layer("score").get_weights()
    return y @ W + b, A

# %%
some = strings_test[:50]
for name, model in reversing.items():
    pair = some, shift_right(reverse(some))
    compare(f"trained model, {name}", by_hand(model, halves[name], *pair)[0],
            model.predict_on_batch(pair), tol=1e-5)

# %% [markdown]
# Put six digits of your own here. The heat maps show the cross-attention of the two heads: the rows are the digits in the order in which they are written, the columns the digits that were read.

# %%
my_digits = "271828"
read = np.array([[int(digit) for digit in my_digits]])
model = reversing["both halves"]

# %%
written = greedy(lambda *pair: by_hand(model, halves["both halves"], *pair)[0],
                 read)
_, A = by_hand(model, halves["both halves"], read, shift_right(written))

# %%
fig, axes = plt.subplots(1, n_heads, figsize=(7, 3.5))
for m, ax in enumerate(axes):
    heat_map(ax, A[0, m], written[0], read[0], f"head {m + 1}")
    ax.set(xlabel="digit read", ylabel="digit written")
show(fig, "3.fig.cross")

# %% [markdown]
# The dark cells climb from the lower left to the upper right: the first digit that is written comes from the last one read, and so on. Nobody told the model to look there; it found this rule because it was the way to a small loss.
#
# Does it know the rule, or six places? Our functions take any length: give the model eight digits.

# %%
longer = rng.integers(10, size=(200, T + 2))
mine = greedy(lambda *pair: by_hand(model, halves["both halves"], *pair)[0],
              longer)

# %%
share_longer = np.mean(np.all(mine == reverse(longer), axis=1))
assert share_longer < 0.2
print("strings of eight digits: less than 20% right")

# %% [markdown]
# It has never seen a digit at the seventh place. A formula that gives *every* place a vector does not teach a model to use places that it wasn't trained on.
#
# ### Sorting needs no positions
# The other task: read 2 7 1 8 2 8, write 1 2 2 7 8 8. The answer is the same for all arrangements of a bag, so the bag determines it, and the ceiling is 100%. A model that can't see order loses nothing by it.

# %%
def sort(strings):
    return np.sort(strings, axis=1)


assert bag_ceiling(strings_test, sort(strings_test)) == 1

# %%
sorter = learn(sort, ())
share_sorted, _ = exact_match(sorter, sort)
assert share_sorted >= 0.9
print("sorting without any positions: at least 90% right, ceiling 100%")

# %% [markdown]
# Why it succeeds, in two steps, both visible in the numbers. First, the encoder's output is the same set of vectors for each arrangement, and cross-attention sums over that set: the scores can't depend on the order. Second, what is left to learn is which digit comes next, and for that the decoder needs the bag, which the encoder gives it, and what it has written so far. It even knows how far it has come, without any positions: the causal mask shows each place a different number of symbols.

# %%
mixed = some[:, rng.permutation(T)]
given = shift_right(sort(some))
compare("sorter: another arrangement, the same scores",
        by_hand(sorter, (), mixed, given)[0],
        by_hand(sorter, (), some, given)[0], tol=1e-9)

# %% [markdown]
# What did the document say? Multi-head attention relates the elements of a sequence: yes. Positional encoding, it says, relates them too. It doesn't: attention does, with or without it. The encoding tells *where* they stand, which reversing needs and sorting does not. And nothing in the blocks knows about language: here they reversed and sorted digits.

# %%
claim("3.5.2", "limits", ceiling=ceiling)
claim("3.5.3", "limits", T=T, longer=T + 2)
claim("3.5.a", "limits")
