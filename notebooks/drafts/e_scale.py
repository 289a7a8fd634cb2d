# %% [markdown]
# ## 1.4 Bigger, and more data · 大量的参数，大量的数据
# Large models "have very many parameters", "can learn from large amounts of data and so reach higher accuracy". **How much better does a model get if it grows, or if it reads more?** To see a law we need one family of models at many sizes, and real data in many amounts. Ours guesses the next letter of English text: 720,896 letters of what Python's standard library says about itself, in small letters. Part of it, from files that no model learns from, is the test.

# %%
from course import scaling

text = scaling.read_text()
sample = text["test"][:160]
print("".join(scaling.ALPHABET[i] for i in sample[:80]))
print("".join(scaling.ALPHABET[i] for i in sample[80:]))
print({part: len(codes) for part, codes in text.items()},
      f"letters, {sum(map(len, text.values())):,} in all")

# %% [markdown]
# The model is that of [Bengio and others (2003)](https://www.jmlr.org/papers/v3/bengio03a.html), the NPLM of our table, on letters: each of the last $T = 12$ letters $x_i$ becomes $D = 8$ numbers, a row of $C$; side by side they are the input of one hidden layer, whose width is the knob that sets the size; softmax over the $V = 27$ letters gives the probability of the next one:
#
# $$a = [C_{x_1}, \dots, C_{x_T}], \qquad h = \tanh(a W_1 + b_1), \qquad p = \mathrm{softmax}(h W_2 + b_2), \qquad \text{loss} = -\ln p_{\,\text{next letter}}. \tag{1.3}$$
#
# Who knows nothing gives each letter $1/27$ and loses $\ln 27 = 3.3$ nats.

# %%
def next_letter(x, weights):
    """x (T,) letters -> p (V,); eq. (1.3)."""
    C, W1, b1, W2, b2 = weights
    a = np.concatenate([C[i] for i in x])  # (T * D,)
    h = np.tanh(a @ W1 + b1)
    z = np.exp(h @ W2 + b2)
    return z / z.sum()

# %%
weights = scaling.start(64, np.random.default_rng(SEED))
x = text["test"][:scaling.T]
compare("next_letter", next_letter(x, weights),
        scaling.forward(weights, x[None])[2][0])
assert sum(w.size for w in weights) == scaling.count(64)

# %% [markdown]
# One such training takes seconds, the whole table minutes: seven sizes, six amounts of text, three starts. It was made beforehand by `data/make_scaling.py`, and we train two of its cells again further down to see that it tells the truth.

# %%
import csv
from course import data_file

with open(data_file("scaling.csv"), encoding="ascii") as file:
    runs = [{name: float(v) for name, v in row.items()}
            for row in csv.DictReader(file)]
P, letters = (np.unique([run[name] for run in runs])
              for name in ("parameters", "characters"))
loss = np.array([run["loss"] for run in runs]).reshape(
    len(P), len(letters), -1)  # (sizes, amounts, starts)
check_shape(loss, (7, 6, 3))
print(f"{len(runs)} models; sizes by a factor of {P[-1] / P[0]:.0f},",
      f"amounts of text by {letters[-1] / letters[0]:.0f}")

# %% [markdown]
# **Predict:** if the loss follows a power law, $L = (N_c/N)^{\alpha}$, what does it look like when both axes are logarithmic? And what happens to a large model that has little to read?

# %%
from course.plots1 import losses

fig, (left, right_) = plt.subplots(1, 2, figsize=(10, 4))
losses(left, [(P, loss[:, j]) for j in range(6)],
       [f"{d:,.0f}" for d in letters], "parameters", "letters read")
losses(right_, [(letters, loss[i]) for i in range(7)],
       [f"{n:,.0f}" for n in P], "letters read", "parameters")
show(fig, "1.fig.losses")

# %% [markdown]
# Left, the lowest line (most text) is nearly straight over all sizes: a power law. The lines above leave it one after another and turn upwards: with little text, a larger model is *worse*. Right, it is the other way round: the small model hardly gains from more text, the large one gains at every step.
#
# Taking logarithms, $\ln L = \alpha \ln N_c - \alpha \ln N$: the exponent is the slope, with its sign turned.
#
# > ✎ **Exercise 1.power_law** (medium, at most 2 lines). *Specification:* `n` and `L` are arrays of sizes and losses; return $\alpha$ of $L = (N_c/n)^\alpha$ by least squares on the logarithms. It is positive when the loss falls. *Idea:* `np.polyfit(x, y, 1)[0]` is a slope.

# %% tags=["exercise"]
def my_power_law(n, L):
    ...  # at most 2 lines

# %%
check("1.power_law", my_power_law)

# %%
def alpha(n, L):
    return -np.polyfit(np.log(n), np.log(L), 1)[0]

def alpha_interval(n, L, times=1000):
    """95% interval of alpha when the starts (n, starts) are drawn again."""
    rng, m = np.random.default_rng(SEED), L.shape[1]
    draws = [np.take_along_axis(L, rng.integers(m, size=L.shape), axis=1)
             for _ in range(times)]
    return np.percentile([alpha(n, d.mean(axis=1)) for d in draws],
                         [2.5, 97.5])

# %%
most_text, largest = loss[:, -1], loss[-1]
rows = [("parameters", P, most_text, 0.076),
        ("letters", letters, largest, 0.095)]
found = {name: (alpha(n, L.mean(axis=1)), *alpha_interval(n, L))
         for name, n, L, _ in rows}
table([[name, f"{found[name][0]:.3f}", "{:.3f} to {:.3f}".format(
    *found[name][1:]), kaplan] for name, *_, kaplan in rows],
    ["loss against", "our exponent", "95% interval", "Kaplan 2020"])
assert all(low > kaplan for (_, low, _), (*_, kaplan) in zip(
    found.values(), rows))

# %% [markdown]
# The interval is narrow because it knows only the starts; it does not know other texts, other families, or that the points do not lie quite on a line. [Kaplan and others (2020)](https://arxiv.org/abs/2001.08361) found 0.076 for parameters and 0.095 for data with Transformers on web text. Same law, other numbers: letters instead of word pieces, thousands of parameters instead of up to more than a billion, one hidden layer instead of attention. Our sizes span a factor of 43, not two orders of magnitude; some of their trends span "more than seven". A slope from our corner says nothing about theirs.
#
# ### Where it bends
# For each amount of text, which size did best? And how steep is the line with most text at its beginning and at its end?

# %%
best_size = P[loss.mean(axis=2).argmin(axis=0)]
table([[f"{d:,.0f}", f"{n:,.0f}", f"{d / n:.0f}"]
       for d, n in zip(letters, best_size)],
      ["letters read", "parameters of the best model", "letters each"])

# %%
L = most_text.mean(axis=1)
steps = -np.diff(np.log(L)) / np.diff(np.log(P))  # slope by slope
small_text = loss[:, 0].mean(axis=1)
print("the best size grows with the text:",
      bool((np.diff(best_size) >= 0).all() and best_size[3] > best_size[0]))
print(f"slope at the largest size {steps[-1]:.2f},",
      f"before it up to {steps.max():.2f}")
assert (np.diff(best_size) >= 0).all() and best_size[3] > best_size[0]
assert steps[-1] < 0.8 * steps.max()
assert small_text[-1] > 1.05 * small_text.min()  # larger is worse

# %% [markdown]
# As long as the best size lies inside the table, it about doubles when the text doubles. That is what [Hoffmann and others (2022)](https://arxiv.org/abs/2203.15556) concluded for the large ones: for every doubling of the model, the number of training tokens should double, too. And the straight line bends at its lower end: half a million letters are no longer enough for the largest of our little models.
#
# Hoffmann's formula has a floor under the loss, $L = E + A/N^{0.34} + B/D^{0.28}$ with $E = 1.69$: what no model can know about the next token. Kaplan's has none. **What does a floor do to the exponent?** Turn $E$ up, and watch the slope of $L - E$.

# %%
def draw_floor(E=0.8):
    fig, ax = plt.subplots(figsize=(6, 3.2))
    gap = most_text.mean(axis=1) - E
    ax.loglog(P, gap, "C0o", ls="")
    slope, level = np.polyfit(np.log(P), np.log(gap), 1)
    ax.plot(P, np.exp(level) * P**slope, "k--", lw=1)
    ax.set(xlabel="parameters", ylabel=f"loss - {E:.2f} (nats)",
           title=f"exponent {-slope:.2f}")
    ax.yaxis.set_minor_formatter("{x:.1f}")
    return fig

explore(draw_floor, "1.fig.floor", E=(0.0, 1.3))

# %%
floors = {E: alpha(P, most_text.mean(axis=1) - E) for E in (0, 0.5, 1)}
print({E: f"{a:.2f}" for E, a in floors.items()})
assert floors[1] > 2 * floors[0]

# %% [markdown]
# The same seven losses give an exponent twice as large under one floor as under another, and all of these lines look straight. So exponents can be compared only between laws of the same form, and 0.34 is not "steeper" than 0.076. To know the floor one needs models good enough to come near it, which ours are not.
#
# ### Is the table true?
# Two of its cells once more, here and now, from starts that are not in it. How near must they come? The starts in the table itself lie within about a per cent of each other in these cells; we allow two.

# %%
import time

def again(hidden, size):
    """Train one cell from a new start; its loss, its weights."""
    return scaling.train(text, hidden, size, seed=100 + SEED)

cells = [(16, 262_144), (64, 131_072)]
begin = time.perf_counter()
fresh = [again(*cell) for cell in cells]
seconds = time.perf_counter() - begin

# %%
for (hidden, size), (new, _) in zip(cells, fresh):
    i, j = list(P).index(scaling.count(hidden)), list(letters).index(size)
    old = loss[i, j].mean()
    print(f"{P[i]:,.0f} parameters, {size:,} letters: within 2%:",
          bool(abs(new - old) < 0.02 * old))
    assert abs(new - old) < 0.02 * old

# %% [markdown]
# ### Your turn: your own words
# The larger of the two has just learned 131,072 letters of documentation. How surprised is it by your words? Small letters and spaces only; the first twelve are given to it.

# %%
MY_TEXT = "this function returns a list of the names of the files"

codes = scaling.encode(MY_TEXT)
rows = scaling.windows(codes)
p = scaling.forward(fresh[1][1], rows[:, :scaling.T])[2]
nats = -np.log(p[np.arange(len(rows)), rows[:, -1]])

# %%
fig, ax = plt.subplots(figsize=(9, 2.2))
ax.bar(range(len(nats)), nats, color="C0", zorder=2)
ax.axhline(np.log(27), color="k", ls="--", lw=1)
ax.set_xticks(range(len(nats)), list(MY_TEXT[scaling.T:]))
ax.set(xlabel="letter", ylabel="loss (nats)")
show(fig, "1.fig.words")

# %% [markdown]
# The dashed line is a guess without knowledge. Low bars are letters that could be foreseen, mostly ends of words; the high ones stand where a new word begins. Write something that is no documentation, and the bars rise.

# %%
claim("1.h", "limits", n=f"{found['parameters'][0]:.2f}",
      d=f"{found['letters'][0]:.2f}")
