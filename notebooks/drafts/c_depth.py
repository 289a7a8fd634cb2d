# %% [markdown]
# ## 1.2 What depth buys · 多层神经网络
# The rise of large models is tied to deep learning (深度学习), says the document, and deep learning to *many layers*. **What do layers buy, if the number of parameters stays the same?** Two spirals, wound into each other, are a fair question to a network: no straight line separates them.

# %%
def spirals(n, turns, rng):
    """n noisy points X (n, 2) on two spirals, and which one, y (n,)."""
    r = np.sqrt(rng.uniform(0.02, 1, n))
    y = np.arange(n) % 2
    angle = 2 * np.pi * turns * r + np.pi * y
    X = r[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X += rng.normal(0, 0.03, (n, 2))
    return X.astype(np.float32), y.astype(np.float32)

# %% [markdown]
# A layer from $a$ to $b$ numbers has $(a+1)\,b$ parameters. With $L$ hidden layers of $h$ neurons between two coordinates and one answer that makes
#
# $$P = 3h + (L-1)(h+1)h + (h+1). \tag{1.2}$$
#
# > ✎ **Exercise 1.width** (medium, at most 4 lines). How wide may the hidden layers be for a given budget? *Specification:* the largest whole `h` for which equation (1.2) gives at most `budget` parameters, for `L` of 1 or more. *Idea:* begin with 1, and count up while the next one still fits.

# %% tags=["exercise"]
def my_width(L, budget):
    ...  # at most 4 lines

# %%
check("1.width", my_width)

# %%
def parameters(L, h):
    """Parameters of L hidden layers of h neurons; eq. (1.2)."""
    return 3 * h + (L - 1) * (h + 1) * h + h + 1

# %%
BUDGET = 310
widths = {L: max(h for h in range(1, 200) if parameters(L, h) <= BUDGET)
          for L in (1, 2, 3)}
used = {L: parameters(L, h) for L, h in widths.items()}
table([[L, h, used[L]] for L, h in widths.items()],
      ["hidden layers", "neurons each", "parameters"])
assert min(used.values()) > 0.95 * BUDGET

# %% [markdown]
# The same budget to within three per cent. What about *no* hidden layer? Between two numbers and one there are three parameters, and no honest way to have more. So we give that network the same two matrices as the first, and leave out what makes a layer a layer: the bend in between. A product of two matrices is a matrix, so this is a straight line with as many parameters as the first network.
#
# In $h_l = \tanh(h_{l-1} W_l + b_l)$ the weights $W_l$ of several networks can lie in one array; then one matrix product computes them all. We train 18 networks of each depth at once: three spirals of 2, 3 and 4 turns, two learning rates, three starts.

# %%
import tensorflow as tf
from course.stacks import start, train

def layers_of(weights, X, bend=tf.tanh):
    """The layers of all networks, from the input (n, points, 2) on."""
    layers = [X]
    for k, (W, b) in enumerate(zip(weights[::2], weights[1::2]), 1):
        z = layers[-1] @ W + b
        layers.append(z if 2 * k == len(weights) else bend(z))
    return layers

# %%
def deep(weights, X):
    """Log-odds of the second spiral, (n, points)."""
    return layers_of(weights, X)[-1][..., 0]

def straight(weights, X):
    """The same without any bend: no hidden layer."""
    return layers_of(weights, X, bend=tf.identity)[-1][..., 0]

# %%
TURNS, RATES, STARTS = (2, 3, 4), (0.01, 0.02), 3
rng = np.random.default_rng(SEED)

def points(n):
    """n points for each network: X (18, n, 2), y (18, n)."""
    sets = [spirals(n, turns, rng) for turns in TURNS
            for _ in range(len(RATES) * STARTS)]
    return [np.stack(part) for part in zip(*sets)]

# %%
(X_fit, y_fit), (X_pick, y_pick), (X_test, y_test) = map(
    points, (450, 300, 1000))
lr = np.tile(np.repeat(RATES, STARTS), len(TURNS))
nets = {}
for L in (0, 1, 2, 3):
    network, h = deep if L else straight, widths[max(L, 1)]
    nets[L] = start([2] + [h] * max(L, 1) + [1], len(X_fit), rng)
    train(network, nets[L], X_fit, y_fit, lr, steps=1000)
    print(f"{L} hidden layers: {len(X_fit)} networks trained")

# %% [markdown]
# Which learning rate suits may depend on the depth, so each network's better one counts, chosen on points that are used for nothing else. The score comes from a third set of points. **Predict:** which depth wins at two turns, which at four?

# %%
def right(network, weights, X, y):
    """Share of points put on the right spiral: (turns, rates, starts)."""
    answer = network(weights, X).numpy() > 0
    return np.mean(answer == y, axis=1).reshape(len(TURNS), -1, STARTS)

# %%
scores = {}  # depth: (turns, starts)
for L, weights in nets.items():
    network = deep if L else straight
    best = right(network, weights, X_pick, y_pick).argmax(axis=1)
    scores[L] = np.take_along_axis(right(network, weights, X_test, y_test),
                                   best[:, None], axis=1)[:, 0]

# %%
fig, ax = plt.subplots(figsize=(6, 3))
for (L, s), mark in zip(scores.items(), "xosD"):
    ax.plot(TURNS, 100 * s.mean(axis=1), f"C{L}", marker=mark,
            label=f"{L} hidden")
    ax.plot(np.repeat(TURNS, STARTS), 100 * s.ravel(), f"C{L}{mark}",
            ms=3, ls="", alpha=0.6)
ax.axhline(50, color="0.5", ls=":")
ax.set(xlabel="turns of each spiral", ylabel="unseen points right (%)",
       xticks=TURNS)
ax.legend()
show(fig, "1.fig.depth")

# %%
mean = {L: s.mean(axis=1) for L, s in scores.items()}  # by turns
print("no hidden layer, below 75% right:", bool(max(mean[0]) < 0.75))
print("2 turns, one to three layers over 95%:",
      bool(min(mean[L][0] for L in (1, 2, 3)) > 0.95))
print("4 turns, three layers ahead of one by over 8 points:",
      bool(mean[3][2] > mean[1][2] + 0.08))
assert max(mean[0]) < 0.75 and min(mean[L][0] for L in (1, 2, 3)) > 0.95
assert mean[3][2] > mean[1][2] + 0.08

# %% [markdown]
# Three answers, from the same 310 parameters. Without a hidden layer nothing is gained, however many parameters there are. One hidden layer is enough for an easy spiral; depth buys nothing there. The harder the spiral, the more the same parameters are worth in several layers. Whether a third layer adds anything to the second differs from run to run.
#
# What does such a network think of places where it has seen no point? Below is the decision of one network of each kind over the whole plane. Choose the turns, and look from no hidden layer to three.

# %%
from course.plots1 import region

def decide(L, k):
    """What network k of depth L says of places (n, 2)."""
    weights = [w[k:k + 1] for w in nets[L]]
    return lambda places: (deep if L else straight)(
        weights, places[None].astype(np.float32)).numpy()[0]

# %%
def draw_regions(turns=3, start=1):
    fig, axes = plt.subplots(1, 4, figsize=(9, 2.6))
    block = TURNS.index(turns) * len(RATES) * STARTS
    for L, ax in enumerate(axes):
        pick = right(deep if L else straight, nets[L], X_pick, y_pick)
        rate = pick[TURNS.index(turns), :, start - 1].argmax()
        k = block + rate * STARTS + start - 1
        region(ax, decide(L, k), X_fit[k], y_fit[k],
               f"{L} hidden, {scores[L][TURNS.index(turns), start - 1]:.0%}")
    return fig

explore(draw_regions, "1.fig.regions", turns=[*TURNS], start=(1, STARTS))

# %% [markdown]
# Grey and white are the two answers. Without a hidden layer the border is one straight line. One layer folds the plane with its 77 bends, and in places it loses the thread; two and three layers follow the windings. Outside of the points all of them make something up.
#
# ### Separable by a line
# The last step of every one of these networks is a plain weighted sum: a straight line, if you look from the last hidden layer. So all that the layers before it can do is to move the points until a line is enough. **Predict:** we take the hidden layers of a good network with three of them, and give each to a linear classifier that knows nothing but a line. How does its score change from layer to layer?

# %%
from sklearn.linear_model import LogisticRegression

k = int(right(deep, nets[3], X_pick, y_pick)[1].argmax()) + 6  # 3 turns
weights = [w[k:k + 1] for w in nets[3]]
seen, unseen = (layers_of(weights, part[k:k + 1])[:-1]
                for part in (X_fit, X_test))

# %%
lines = [LogisticRegression(max_iter=1000).fit(H[0], y_fit[k])
         for H in seen]
linear = [line.score(H[0], y_test[k]) for line, H in zip(lines, unseen)]
print("unseen points right by a line, from the input: below 75%:",
      bool(linear[0] < 0.75))
print("from the last hidden layer: over 90%:", bool(linear[-1] > 0.9))
assert linear[0] < 0.75 and linear[-1] > 0.9

# %% [markdown]
# To see it we need a plane in a space of eleven dimensions. We look along the line's own direction, to the right, and upwards along the direction in which the points spread most across it.

# %%
def seen_from(line, H):
    """H (n, h) projected to the line's direction and the widest other."""
    a = line.coef_[0] / np.linalg.norm(line.coef_)
    rest = H - np.outer(H @ a, a)
    rest -= rest.mean(axis=0)
    return H @ a + line.intercept_[0] / np.linalg.norm(
        line.coef_), rest @ np.linalg.svd(rest, full_matrices=False)[2][0]

# %%
fig, axes = plt.subplots(1, 4, figsize=(9, 2.6))
titles = ["input", "hidden layer 1", "hidden layer 2", "hidden layer 3"]
for ax, title, H, line, score in zip(axes, titles, unseen, lines, linear):
    across, up = seen_from(line, np.asarray(H[0]))
    for spiral, mark in ((0, "C0o"), (1, "C1s")):
        own = y_test[k] == spiral
        ax.plot(across[own], up[own], mark, ms=2, ls="")
    ax.axvline(0, color="k", ls="--", lw=1)
    ax.set_title(f"{title}: {score:.0%}", fontsize=9)
    ax.set(xlabel="across the line", yticks=[])
show(fig, "1.fig.layers")

# %% [markdown]
# The dashed line is the border of the linear classifier. From panel to panel the same unseen points come apart, until the border runs between the two colours: the spirals have been unrolled. Nobody told the network what a spiral is; it was only told which points belong together.
