# %% [markdown]
# ## 1.3 Features by themselves · 自动学习和识别复杂的模式
# Deep learning "learns and recognises complex patterns by itself", says the document. For decades people designed the features that a classifier gets to see, and some of these designs are very good. **Are learned features better than designed ones?** We try both equally hard on handwritten digits: 1,797 of them, written by 13 people on forms ([Alpaydin and Kaynak, 1998](https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits)). Whoever reads digits for a living meets writers that he has never seen. So the writers are dealt into three groups, and each group's digits are read by models that learned from the other two: every digit counts once, and always as a stranger's.

# %%
from course.data import bundled_digits

X, y, writer = bundled_digits()
X = X[..., 0]  # (1797, 28, 28)
deal = np.random.default_rng(SEED).permutation(13) % 3
group = deal[writer]  # (1797,) 0, 1 or 2
pick = np.isin(writer, np.flatnonzero(deal > 0)[:3])  # of groups 1 and 2
fit = (group > 0) & ~pick
assert not set(writer[fit]) & set(writer[pick])

# %% [markdown]
# Every method has two settings. Which one it uses is decided once, without group 0: three writers of the others choose.
#
# ### Designed by people
# Three classic designs. **Profiles**: how much ink is in each row and column. **Zones**: how much ink is in each of 4x4 squares. **Slopes**: in each square, how much of the stroke's edge runs in each of eight directions (histograms of oriented gradients, [Dalal and Triggs, 2005](https://doi.org/10.1109/CVPR.2005.177)).
#
# > ✎ **Exercise 1.profiles** (easy, 1 line). *Specification:* `X` has shape `(n, h, w)`; return `(n, h + w)`: first the sum of each of the `h` rows, then the sum of each of the `w` columns. *Idea:* `X.sum(axis=...)` twice, and `np.concatenate`.

# %% tags=["exercise"]
def my_profiles(X):
    ...  # 1 line

# %%
check("1.profiles", my_profiles)

# %%
def profiles(X):
    return np.concatenate([X.sum(axis=2), X.sum(axis=1)], axis=1)

def zones(X):
    """(n, 28, 28) -> (n, 16): mean ink of 4x4 squares of 7 pixels."""
    return X.reshape(-1, 4, 7, 4, 7).mean(axis=(2, 4)).reshape(-1, 16)

# %%
def slopes(X):
    """(n, 28, 28) -> (n, 128): edges of 16 squares by 8 directions."""
    down, across = np.gradient(X, axis=(1, 2))
    turn = np.arctan2(down, across) / (2 * np.pi) * 8
    kind = np.round(turn).astype(int)[..., None] % 8 == np.arange(8)
    each = np.hypot(down, across)[..., None] * kind
    each = each.reshape(-1, 4, 7, 4, 7, 8).sum(axis=(2, 4))
    each = each.reshape(-1, 128)
    return each / (np.linalg.norm(each, axis=1, keepdims=True) + 1e-6)

# %%
def linear(C):
    """Logistic regression on scaled features; C: how freely it may fit."""
    return make_pipeline(StandardScaler(),
                         LogisticRegression(C=C, max_iter=300))

def best(candidates, features):
    """The candidate that reads most of the choosing writers' digits."""
    return max(candidates, key=lambda make: make().fit(
        features[fit], y[fit]).score(features[pick], y[pick]))

# %%
from functools import partial
from threadpoolctl import threadpool_limits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

small = X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))  # (1797, 14, 14)
designed = np.concatenate([profiles(X), zones(X), slopes(X)], axis=1)
strict, free = partial(linear, 0.03), partial(linear, 0.3)
answers = {}
for name, F in ("pixels", small.reshape(-1, 196)), ("designed", designed):
    answers[name] = np.zeros_like(y)
    with threadpool_limits(1):  # too small to share
        chosen = best([strict, free], F)()
        for k in range(3):
            chosen.fit(F[group != k], y[group != k])
            answers[name][group == k] = chosen.predict(F[group == k])

# %% [markdown]
# ### Learned
# The network gets the pixels, and the digits' names, nothing else. Its two settings differ in dropout, the share of features hidden at random while it learns; both see each picture in five places, because a moved digit is the same digit, which the designers of features built in as well. What its last layer gets from the layers before are the learned features.

# %%
import keras
from keras import layers

def moved(S):
    """(n, 14, 14) -> (5n, 14, 14): as it is, and moved by one pixel."""
    edge = np.pad(S, [(0, 0), (1, 1), (1, 1)])
    return np.concatenate([edge[:, i:i + 14, j:j + 14] for i, j in
                           ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))])

# %%
def network(filters, drop):
    """Two convolutions, then one linear layer on what they found."""
    return keras.Sequential([
        keras.Input((14, 14, 1)),
        layers.Conv2D(filters, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(2 * filters, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(), layers.Flatten(), layers.Dropout(drop),
        layers.Dense(10, activation="softmax")])

# %%
def learn(setting, part, label, seed):
    """Train a network on the digits of some writers."""
    keras.utils.set_random_seed(seed)
    model = network(*setting)
    x, names = moved(small[part])[..., None], np.tile(y[part], 5)
    rate = keras.optimizers.schedules.CosineDecay(0.01, len(x) // 32)
    model.compile(keras.optimizers.Adam(rate),
                  "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, names, epochs=4, batch_size=128, verbose=0,
              callbacks=[course.LiveBar(label)])
    return model

# %%
def read(model, part):
    return model(small[part][..., None]).numpy().argmax(axis=1)

settings = [(16, 0.3), (16, 0.5)]  # filters, dropout
trials = [np.mean(read(learn(s, fit, f"dropout {s[1]}", SEED), pick)
                  == y[pick]) for s in settings]
setting = settings[int(np.argmax(trials))]

# %%
answers["learned"] = np.zeros_like(y)
for k in range(3):
    model = learn(setting, group != k, f"for group {k}", SEED + k)
    answers["learned"][group == k] = read(model, group == k)
shares = {name: np.mean(a == y) for name, a in answers.items()}

# %% [markdown]
# The pixels as they are, the designed features and the learned ones, each with a linear classifier on top. **Predict** the order.

# %%
from course.plots import shares as bars

show(bars(shares, "unseen writers' digits read (%)"), "1.fig.features")

# %%
rng = np.random.default_rng(SEED)
lead = (answers["learned"] == y) - 1.0 * (answers["designed"] == y)
draws = [rng.choice(lead, len(lead)).mean() for _ in range(2000)]
low, high = np.percentile(draws, [2.5, 97.5])
print("learned ahead of pixels by over two points:",
      bool(shares["learned"] > shares["pixels"] + 0.02))
print("learned and designed less than three points apart, 95% interval:",
      bool(-0.03 < low and high < 0.03))
assert shares["learned"] > shares["pixels"] + 0.02
assert -0.03 < low and high < 0.03

# %% [markdown]
# Learned features beat the pixels that they were made of: the network did find something by itself. The designed ones are in the same league; whether they come out a little ahead or a little behind depends on the writers in a group and on the network's start. With a thousand pictures, decades of thinking about strokes are worth about as much as what a network finds in seconds. What differs is the effort: the designs know about ink, squares and edges, and are of no use for sound or text, while the network's code says nothing about digits. The digits' names, of course, came from people.
#
# What did it find? Here are the strangers' digits that excite single learned features most.

# %%
from course.plots import pictures

features = keras.Model(model.inputs[0], model.layers[3].output)
mine = small[group == 2]  # the group that this model did not learn from
peak = features(mine[..., None]).numpy().max(axis=(1, 2))  # (n, filters)
strong = np.argsort(peak.std(axis=0))[-4:]  # the four that vary most
top = np.argsort(-peak[:, strong], axis=0)[:8].T.ravel()
show(pictures(mine[top], columns=8), "1.fig.learned")

# %% [markdown]
# Each row belongs to one feature of the second convolution. The digits in a row differ in class but tend to share a piece of stroke. Nobody named these pieces, and often we can't.

# %%
claim("1.c", "limits")
claim("1.d", "limits")
claim("1.e", "limits", test=len(y))
