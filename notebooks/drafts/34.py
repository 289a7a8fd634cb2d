# %% [markdown]
# ## 3.4 Self-attention · 自注意力机制（Attention）
# In 3.3 everything the first word has to say to the last one passes through all the steps between them. **What if every word could ask every other word directly? How does it know whom to ask, and what does it cost?**
#
# The document names a query, a key and a value, each "for representing one element of the input sequence", and weights that measure how similar query and key are. Three names for the same sentence: so what is the difference?
#
# ### A dictionary that answers softly
# A Python dictionary compares a *query* with its *keys*; where one fits exactly, it returns that key's *value*. Attention softens both steps: each key fits a little, and the answer is a mixture of all values. Each word $x_i$ gets all three by a matrix of weights each:
#
# $$Q = X W_q, \qquad K = X W_k, \qquad V = X W_v$$
#
# The query says what the word is looking for, the key what it can be found by, the value what it hands over when it is found. Our three words are still vectors with a single 1, so row $i$ of a weight matrix *is* the query, key or value of word $i$. We set the rows by hand: "tea" looks for a property and "hot" for something that has it; "is" looks for nothing.

# %%
X = X_tea[0]  # (T, D) = (3, 3): "tea", "is", "hot"
W_q = np.array([[0, 2, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1.0]])
W_k = np.array([[1, 1, 1, 1], [0, 0, 0, 0], [0, 2, 0, 0.0]])
W_v = np.array([[1, 0], [0, 1], [1, 1.0]])

# %%
Q, K, V = X @ W_q, X @ W_k, X @ W_v
check_shape(Q, (3, 4))  # (T, d): queries and keys have d = 4 numbers

# %% [markdown]
# How well does query $i$ fit key $j$? Take their dot product as the *score*, divide by $\sqrt d$ (why, we ask below), turn each row into weights that are positive and add up to 1, and mix the values with them:
#
# $$S = \frac{Q K^\top}{\sqrt d}, \qquad A = \mathrm{softmax}(S), \qquad \text{output} = A V, \qquad A_{ij} = \frac{e^{S_{ij}}}{\sum_{l} e^{S_{il}}}$$
#
# By hand for "hot", with $q = (1,1,1,1)$ and $\sqrt d = 2$:
#
# | key of | $q \cdot k$ | $S$ | $e^S$ | weight $A$ | value |
# |---|---|---|---|---|---|
# | tea | 4 | 2 | 7.39 | 7.39 / 11.11 = 0.665 | (1, 0) |
# | is | 0 | 0 | 1 | 1 / 11.11 = 0.090 | (0, 1) |
# | hot | 2 | 1 | 2.72 | 2.72 / 11.11 = 0.245 | (1, 1) |
#
# The output is $0.665\,(1,0) + 0.090\,(0,1) + 0.245\,(1,1) = (0.910, 0.335)$. Before you read on: what will the weights of "is" be, whose query is zero?

# %%
def attention_slow(Q, K, V):
    """Weights (T, T) and output (T, d_v), one number at a time."""
    d = len(Q[0])
    A, out = np.zeros((len(Q), len(K))), np.zeros((len(Q), len(V[0])))
    for i in range(len(Q)):
        scores = [sum(Q[i][c] * K[j][c] for c in range(d)) / d**0.5
                  for j in range(len(K))]
        total = sum(np.exp(s) for s in scores)
        for j in range(len(K)):
            A[i, j] = np.exp(scores[j]) / total
            for c in range(len(V[0])):
                out[i, c] += A[i, j] * V[j][c]
    return A, out

# %%
A, out = attention_slow(Q, K, V)
compare("weights of 'hot' by hand", A[2], [0.665, 0.090, 0.245], tol=1e-3)
compare("output of 'hot' by hand", out[2], [0.910, 0.335], tol=1e-3)

# %% [markdown]
# With matrices the four steps are four lines. The largest score of a row is subtracted first, as in 3.1: that changes no weight and keeps $e^S$ from overflowing. The argument `mask` waits for its turn.

# %%
def softmax(S):
    e = np.exp(S - S.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

# %%
def attention(Q, K, V, mask=None):
    """Output (..., T, d_v) and weights A; mask: True where i may see j."""
    S = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1]**0.5  # (..., T, T)
    if mask is not None:
        S = np.where(mask, S, -np.inf)
    A = softmax(S)
    return A @ V, A

# %%
mine, A = attention(Q, K, V)
compare("attention, loops", mine, out, tol=1e-9)
compare("tf.nn.softmax", mine, tf.nn.softmax(Q @ K.T / 4**0.5) @ V, tol=1e-9)
assert np.allclose(A[1], 1 / 3), "'is' asks for nothing and gets the mean"

# %% [markdown]
# The heat map shows who looks at whom: row $i$ is the word that asks, column $j$ the word that is asked.

# %%
fig, ax = plt.subplots(figsize=(3.6, 3.2))
heat_map(ax, A, tokens, tokens)
show(fig, "3.fig.tea")

# %% [markdown]
# "tea" looks at "hot", "hot" looks at "tea", and "is" looks at everyone alike. The map need not be symmetric, for asking and being asked use different matrices: "is" gives "tea" 0.33, "tea" gives "is" 0.09.
#
# Keras's `MultiHeadAttention` with one head computes the same. It also multiplies the output by one more matrix; we give it the identity. Then random numbers, a longer sequence, and the function that Keras offers without a layer.

# %%
layer = keras.layers.MultiHeadAttention(
    1, key_dim=4, value_dim=2, output_shape=2, use_bias=False,
    dtype="float64")

# %%
theirs = [W_q[:, None], W_k[:, None], W_v[:, None], np.eye(2)[None]]
layer.build((1, 3, 3), (1, 3, 3))
layer.set_weights(theirs)
compare("MultiHeadAttention", mine, layer(X[None], X[None])[0], tol=1e-9)

# %%
rng = np.random.default_rng(SEED)
Q, K, V = rng.normal(size=(3, 2, 12, 16))  # 2 sequences, T = 12, d = 16

# %%
theirs = keras.ops.dot_product_attention(
    *(a[:, :, None] for a in (Q, K, V)))[:, :, 0]
compare("dot_product_attention", attention(Q, K, V)[0], theirs, tol=1e-9)

# %% [markdown]
# What of the document's three sentences? Change one word, and see what changes with it. Then let another sequence ask.

# %%
changed = X + 0
changed[1] = rng.normal(size=3)  # another word in the place of "is"
for W in (W_q, W_k, W_v):
    W = W + rng.normal(size=W.shape)
    rows = np.abs((changed - X) @ W).max(axis=1) > 0
    assert rows.tolist() == [False, True, False]

# %%
W_any = rng.normal(size=(5, 4))
asking = rng.normal(size=(2, 5)) @ W_any  # two elements of something else
check_shape(attention(asking, X @ W_k, X @ W_v)[0], (2, 2))

# %%
claim("3.4.1", "limits")
claim("3.4.2", "holds")
claim("3.4.3", "holds")

# %% [markdown]
# And is a dot product a *similarity*? A similarity should be the same in both directions, and nothing should be more similar to $q$ than $q$ itself. Neither is so: a key that is merely *longer* gets more weight, and $A_{ij}$ and $A_{ji}$ differ, as the heat map showed. And the weight of a pair depends on who else is there, for each row adds up to 1.

# %%
q, k, other = np.array([1, 1.0]), np.array([1, 1.0]), np.array([1, 0.0])
values = np.eye(2)

# %%
even = attention(q[None], np.array([k, k]), values)[1][0]
longer = attention(q[None], np.array([k, 3 * k]), values)[1][0]
crowded = attention(q[None], np.array([k, other]), values)[1][0]

# %%
print("two keys equal to q:      ", even.round(2))
print("one of them 3 times longer:", longer.round(2))
assert longer[1] > 0.9 and even[0] == 0.5 and crowded[0] != even[0]

# %%
claim("3.4.4", "limits", longer=longer[1])

# %% [markdown]
# ✎ **Exercise 3.one_query** (easy, 3 lines). When a model writes text, it has one new query at a time and the keys and values of all words so far. `one_query(q, K, V)` returns the output of shape `(d_v,)` for one query `q` of shape `(d,)`, keys `K` of shape `(T, d)` and values `V` of shape `(T, d_v)`. You may use `softmax`.

# %% tags=["exercise"]
def one_query(q, K, V):
    ...  # about 3 lines


check("3.one_query", one_query)
# hint("3.one_query")
# solution("3.one_query")

# %% [markdown]
# ### Why divide by $\sqrt d$?
# Let the $d$ entries of $q$ and $k$ be independent, with mean 0 and variance 1. Each product $q_c k_c$ then has mean 0 and variance 1, and the score, a sum of $d$ of them, has variance $d$. Scores that are $\sqrt d$ times as large make the softmax choose one key and ignore the rest. Dividing by $\sqrt d$ brings the variance back to 1 for every $d$.
#
# We measure three things with and without the division, for 16 keys: the variance of the scores; the *entropy* of the weights, $-\sum_j A_j \ln A_j$, which is $\ln 16$ when all keys share alike and 0 when one takes all; and the size of the softmax's own gradient, $\partial A_i / \partial S_j = A_i(\delta_{ij} - A_j)$ with $\delta_{ij} = 1$ if $i = j$ and 0 otherwise. Where that is near zero, $Q$ and $K$ learn nothing.

# %%
def softmax_facts(d, scaled, rng, n=400, T=16):
    """Mean variance of scores, entropy, sum of |dA/dS|, over n queries."""
    q, K = rng.normal(size=(n, 1, d)), rng.normal(size=(n, T, d))
    S = np.sum(q * K, axis=-1)  # (n, T)
    if scaled:
        S = S / d**0.5
    A = softmax(S)
    entropy = -np.sum(A * np.log(A + 1e-300), axis=1)
    slope = A[:, :, None] * (np.eye(T) - A[:, None])  # (n, T, T)
    return S.var(), entropy.mean(), np.abs(slope).sum(axis=(1, 2)).mean()

# %%
sizes = [4, 16, 64, 256, 1024]
with_root, without = [
    np.array([softmax_facts(d, scaled, rng) for d in sizes])
    for scaled in (True, False)]

# %%
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8))
for k, name in enumerate(["variance of the scores", "entropy (nats)",
                          "sum of |dA/dS|"]):
    axes[k].plot(sizes, without[:, k], "o--", color="#D55E00",
                 label=r"$q\cdot k$")
    axes[k].plot(sizes, with_root[:, k], "s-", color="#0072B2",
                 label=r"$q\cdot k\,/\sqrt{d}$")
    axes[k].set(xscale="log", xlabel="d", title=name)
axes[0].set_yscale("log")
axes[1].axhline(np.log(16), color="0.4", linestyle=":")
axes[0].legend(fontsize=9)
show(fig, "3.fig.root")

# %%
variance, entropy, slope = without.T
assert np.allclose(variance / sizes, 1, atol=0.3)
assert np.allclose(with_root[:, 0], 1, atol=0.3)
assert np.ptp(with_root[:, 1]) < 0.2 and np.ptp(with_root[:, 2]) < 0.2
assert entropy[-1] < 0.15 * np.log(16) and slope[-1] < 0.15 * slope[0]

# %%
print("with the root, entropy and gradient keep their size for every d")
print("without it, d = 1024 keeps less than 15% of either")

# %% [markdown]
# With the root all three lines are level. Without it the variance climbs along $d$, the entropy falls from near the dotted $\ln 16$ towards 0, and the gradient follows it down. At $d = 1024$ each query listens to a single key, chosen by chance before any training, and it is hard to persuade it otherwise.
#
# Turn $d$ and watch the weights of one query over 16 keys.

# %%
def draw_weights(d=64):
    rng = np.random.default_rng(SEED)
    scores = rng.normal(size=(16, d)) @ rng.normal(size=d)
    fig, axes = plt.subplots(1, 2, figsize=(7, 2.6), sharey=True)
    for ax, S, title in zip(axes, (scores, scores / d**0.5), (
            r"softmax($q\cdot k$)", r"softmax($q\cdot k\,/\sqrt{d}$)")):
        ax.bar(range(16), softmax(S), color="#0072B2")
        ax.set(xlabel="key", title=f"{title}, d = {d}", ylim=(0, 1),
               xticks=range(0, 16, 3))
    axes[0].set_ylabel("weight")
    return fig

# %%
explore(draw_weights, "3.fig.weights", d=[1, 4, 16, 64, 256, 1024])

# %% [markdown]
# ### Masks: who may look at whom
# Sentences in a batch have different lengths; the short ones are filled up with a padding token, which nobody should read. And a model that writes must not look at words that it has yet to write. Both are rules of the form "$i$ may not look at $j$": give such a pair the score $-\infty$, and $e^{-\infty} = 0$ takes it out of the sum.

# %%
five = tokens + ["[pad]", "[pad]"]
T = len(five)
X_five = rng.normal(size=(T, 16))

# %%
W_five = rng.normal(size=(3, 16, 16)) / 4
Q, K, V = (X_five @ W for W in W_five)
everyone = np.ones((T, T), bool)
padding = np.array([t != "[pad]" for t in five])[None] & everyone
causal = np.tril(everyone)  # j <= i
rules = {"no mask": everyone, "padding": padding, "causal": causal}

# %%
fig, axes = plt.subplots(1, 3, figsize=(9.6, 3.5))
for ax, (name, mask) in zip(axes, rules.items()):
    heat_map(ax, attention(Q, K, V, mask)[1], five, five, name)
    ax.tick_params(axis="x", rotation=45)
show(fig, "3.fig.masks")

# %% [markdown]
# With the padding mask the last two columns are exactly zero; with the causal mask everything above the diagonal is, and the first word can only look at itself. Each row still adds up to 1. A mask keeps a promise about information: change what is hidden, and nothing that may not see it changes.

# %%
A_padding, A_causal = (attention(Q, K, V, rules[name])[1]
                       for name in ("padding", "causal"))
assert np.all(A_padding[:, 3:] == 0) and np.all(np.triu(A_causal, 1) == 0)
assert np.allclose(A_padding.sum(axis=1), 1)

# %%
K_new, V_new = K + 0, V + 0
K_new[4], V_new[4] = rng.normal(size=(2, 16))  # another last word

# %%
before = attention(Q, K, V, causal)[0]
after = attention(Q, K_new, V_new, causal)[0]
assert np.array_equal(before[:4], after[:4])
assert not np.allclose(before[4], after[4])

# %% [markdown]
# One detail, found by asking for nine digits: Keras rounds the factor $1/\sqrt d$ to float32 even in a float64 layer. For $d = 4$ or $16$, whose roots are whole numbers, nothing is lost, so we compare at those.

# %%
layer = keras.layers.MultiHeadAttention(1, key_dim=16, use_bias=False,
                                        dtype="float64")
X = X_five[None]  # a batch of one
layer.build(X.shape, X.shape)
layer.set_weights([*(W[:, None] for W in W_five), np.eye(16)[None]])

# %%
for name, mask in rules.items():
    compare(f"{name}, MultiHeadAttention", attention(Q, K, V, mask)[0],
            layer(X, X, attention_mask=mask[None])[0], tol=1e-9)

# %% [markdown]
# ✎ **Exercise 3.window_mask** (easy, 2 lines). Many models for long texts let each word look back only a little. `window_mask(T, w)` returns an array of booleans of shape `(T, T)`: entry $(i, j)$ is True if $j$ is not after $i$ and at most $w - 1$ steps before it. With `w = 1` each word sees itself alone; with `w = T` it is the causal mask. (What is left to compute then grows like $T w$ instead of $T^2$.)

# %% tags=["exercise"]
def window_mask(T, w):
    ...  # about 2 lines


check("3.window_mask", window_mask)
# hint("3.window_mask")
# solution("3.window_mask")

# %% [markdown]
# ### What it costs
# $A$ has $T^2$ entries: twice the length, four times the work and the memory. The RNN does the same small thing $T$ times. Measure both, from 256 to 4096 steps, $D = 64$, in float32; the memory is the most that NumPy held at one time. If a quantity grows like $T^p$, its logarithm is a straight line of slope $p$ against $\log T$, so we fit that slope to the three largest sizes. Which of the two will be faster at $T = 256$?

# %%
lengths = [256, 512, 1024, 2048, 4096]
small = rng.normal(size=(64, 64)).astype("float32") / 16


def run_attention(X):
    return attention(X, X, X)[0]


def run_rnn(X):
    return rnn(X[None], small, small, small[0])

# %%
def memory(f, X):
    """Most bytes that NumPy held at one time during f(X)."""
    tracemalloc.start()
    f(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak

# %%
def seconds(f, X, repeats=3):
    """Shortest of some runs: whatever disturbs a run makes it longer."""
    return min(timeit.repeat(lambda: f(X), number=1, repeat=repeats))

# %%
inputs = [rng.normal(size=(T, 64)).astype("float32") for T in lengths]
bytes_used = {f: np.array([memory(f, X) for X in inputs])
              for f in (run_attention, run_rnn)}

# %%
def exponent(values):
    """Slope of log(values) against log(T), largest three lengths."""
    return np.polyfit(np.log(lengths[-3:]), np.log(values[-3:]), 1)[0]

# %%
memory_attention, memory_rnn = map(exponent, bytes_used.values())
assert abs(memory_attention - 2) < 0.1 and abs(memory_rnn - 1) < 0.1
ratio = bytes_used[run_attention][-1] / bytes_used[run_rnn][-1]
assert ratio > 30
print("memory grows like T^2 (attention) and T^1 (RNN)")

# %% [markdown]
# The next cell takes the time on *this* computer, so its numbers differ from those on yours; what we conclude from them is asserted below it, with room.

# %% tags=["nbval-ignore-output"]
time_used = {f: np.array([seconds(f, X) for X in inputs])
             for f in (run_attention, run_rnn)}
time_attention, time_rnn = map(exponent, time_used.values())
print(f"time grows like T^{time_attention:.1f} (attention)"
      f" and T^{time_rnn:.1f} (RNN)")
for T, a, r in zip(lengths, *time_used.values()):
    print(f"T = {T:4}: attention {1000*a:7.2f} ms, RNN {1000*r:7.2f} ms")

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3))
for ax, used, unit in zip(axes, (bytes_used, time_used), (1e-6, 1e3)):
    for f, name, style in ((run_attention, "attention", "o-"),
                           (run_rnn, "RNN", "s--")):
        ax.loglog(lengths, used[f] * unit, style, label=name)
    ax.set(xlabel="sequence length T")
    ax.set_xticks(lengths, lengths)
    ax.minorticks_off()
axes[0].set(ylabel="memory (MB)")
axes[1].set(ylabel="time (ms)")
axes[0].legend()
show(fig, "3.fig.cost")

# %%
assert time_attention > time_rnn + 0.3
assert time_attention > 1.4 and 0.6 < time_rnn < 1.5
print("time: attention's exponent is clearly larger, the RNN's is about 1")

# %% [markdown]
# The lines of attention are steeper in both pictures. On the short side attention is often the faster one, although it does more arithmetic: it is three large matrix operations, while the RNN's steps have to wait for one another. The more cores a processor has, the more that counts.
#
# ### What it gains: a path of length 1
# In the RNN the first word reaches the last one through $T - 1$ steps, in attention through one. So what is the gradient of the *last* output with respect to each input, for untrained layers of both kinds? The RNN's spectral radius is 0.9, not far below the border of 1; its gradient is the $\delta$ of 3.3. Attention's own is short enough to write down with the tape.

# %%
def attention_reach(T, d=16, n=20, seed=0):
    """Norm of d(last output)/d(x_t) by distance, mean of n sequences."""
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(3, d, d)) / d**0.5
    X = tf.constant(rng.normal(size=(n, T, d)))
    with tf.GradientTape() as tape:
        tape.watch(X)
        Q, K, V = (X @ w for w in W)
        A = tf.nn.softmax(Q @ tf.transpose(K, [0, 2, 1]) / d**0.5)
        loss = tf.reduce_sum((A @ V)[:, -1] * rng.normal(size=(n, d)))
    return np.linalg.norm(tape.gradient(loss, X), axis=2).mean(axis=0)[::-1]

# %%
reach = {T: attention_reach(T, seed=SEED) for T in (64, 512)}
rnn_reach = gradient_norms(0.9, T=64, H=16, seed=SEED)

# %%
fig, ax = plt.subplots()
distance = np.arange(1, 64)
ax.semilogy(distance, reach[64][1:] / reach[64][1:].mean(),
            label="attention")
ax.semilogy(distance, rnn_reach[1:] / rnn_reach[1],
            label=r"RNN, $\rho$ = 0.9")
ax.set(xlabel="distance from the last word (steps)",
       ylabel="gradient (relative)", ylim=(1e-6, 10))
ax.legend()
show(fig, "3.fig.reach")

# %%
near, far = reach[64][1:17].mean(), reach[64][-16:].mean()
assert 1 / 3 < far / near < 3, "distance makes no difference to attention"
assert rnn_reach[-1] < 0.02 * rnn_reach[1]

# %%
diluted = reach[64][1:].mean() / reach[512][1:].mean()
assert 4 < diluted < 16, "8 times as many words share the weights"
print("attention: the far quarter gets as much gradient as the near quarter")
print("RNN: the far end gets less than 2% of it")

# %% [markdown]
# For attention the line is level: the first word of sixty-four is as near as the last but one. The RNN's falls away. There is a price even here, which the picture hides: the weights of a row add up to 1, so with eight times as many words each of them gets about an eighth of the gradient.
#
# **Is attention "for long sequences"?** It reaches across them in one step, and that is why it learns what depends on far words. But nothing in this section grows as fast with the length as its memory does. The document's sentence says what attention is good at and leaves out the bill.

# %%
claim("3.4.a", "limits", T=lengths[-1], ratio=30)
