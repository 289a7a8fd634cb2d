# %% [markdown]
# ### How fast?
# If a number doubles at a steady pace, its logarithm to base 2 is a straight line over the years $t$, and the line's slope $g$ counts doublings a year:
#
# $$\log_2 N \approx g\,t + b, \qquad g = \frac{\sum_i (t_i-\bar t)(\log_2 N_i - \overline{\log_2 N})}{\sum_i (t_i-\bar t)^2}, \qquad \text{doubling time} = \frac{12}{g}\ \text{months}. \tag{1.1}$$
#
# > ✎ **Exercise 1.doublings** (medium, at most 3 lines). Write $g$ of equation (1.1). *Specification:* `years` and `values` are arrays of the same length; return doublings a year. *Idea:* `t - t.mean()` for the years, `np.log2` for the values; `np.polyfit` may help, too.

# %% tags=["exercise"]
def my_doublings(years, values):
    ...  # at most 3 lines

# %%
check("1.doublings", my_doublings)

# %% [markdown]
# We go on with our own. How sure can we be of a slope from a few dozen models? The **bootstrap** asks: had other models of this kind been in the table, how different would it be? It draws as many models as there are, with repetition, again and again, and looks at how the slopes scatter.

# %%
def doublings(t, values):
    """Doublings a year: slope of log2 over the years; eq. (1.1)."""
    t, z = np.asarray(t, float), np.log2(values)
    return ((t - t.mean()) @ z) / ((t - t.mean()) @ (t - t.mean()))

# %%
def interval(t, values, times=1000):
    """95% bootstrap interval of the doublings a year."""
    rng, t, values = np.random.default_rng(SEED), *map(np.array, (t, values))
    draws = rng.integers(len(t), size=(times, len(t)))
    return np.percentile([doublings(t[i], values[i]) for i in draws
                          if np.ptp(t[i])], [2.5, 97.5])

# %%
t = [m.year for m in known]
g, (low, high) = doublings(t, N), interval(t, N)
print(f"{g:.2f} doublings a year, one in {12 / g:.0f} months")
print(f"95% interval: one in {12 / high:.0f} to {12 / low:.0f} months")
assert 14 < 12 / high and 12 / low < 23

# %% [markdown]
# That sounds precise. But the interval knows only the scatter of *these* models. **Predict:** how much does the doubling time change if other models of the same table are taken: only those since 2012, only those that were the largest of all when they came out, only vision, only since 2021?

# %%
def growth(name, keep):
    """A row: which models, how many, doublings a year with interval."""
    some = [(m.year, n) for m, n in zip(known, N) if keep(m, n)]
    g, (low, high) = doublings(*zip(*some)), interval(*zip(*some))
    months = f"{12 / g:.0f}" if low > 0 else "no growth shown"
    return [name, len(some), f"{g:.1f}", f"{low:.1f} to {high:.1f}", months]

# %%
def largest_yet(m, n):
    return n > max([k for p, k in zip(known, N) if p.year < m.year] or [0])

# %%
rows = [growth("all", lambda m, n: True),
        growth("since 2012", lambda m, n: m.year >= 2012),
        growth("the largest yet", largest_yet),
        growth("vision", lambda m, n: m.domain == "vision"),
        growth("since 2021", lambda m, n: m.year >= 2021)]
table(rows, ["models", "how many", "doublings a year", "95% interval",
             "doubling time (months)"])
assert rows[-1][-1] == "no growth shown" and rows[0][-1] != rows[2][-1]

# %% [markdown]
# The same table gives doubling times that differ by months, and since 2021 no growth can be shown at all: the interval of the slope includes zero. Turn the knobs and choose your own history.

# %%
from course.landmarks import DOMAINS
from course.plots1 import timeline, trend

def draw_growth(first=1987, last=2025, domain="all"):
    some = [(m, n) for m, n in zip(known, N) if first <= m.year <= last
            and domain in ("all", m.domain)]
    fig, ax = plt.subplots(figsize=(7, 3.4))
    timeline([m for m, _ in some], [n for _, n in some], [], [],
             "parameters", ax)
    t, n = [m.year for m, _ in some], [n for _, n in some]
    if len(set(t)) > 2:
        g, b = np.polyfit(t, np.log10(n), 1)
        trend(ax, g, b, [min(t), max(t)],
              f"{len(t)} models, {g / np.log10(2):.1f} doublings a year")
    return fig

explore(draw_growth, "1.fig.growth", first=(1987, 2020), last=(2015, 2025),
        domain=["all", *DOMAINS])

# %% [markdown]
# The dashed line is fitted to the filled marks that the knobs leave. Move `first` to 2020, and it is almost level.
#
# **What the line can't say.** It goes through the winners: models that failed, were never published, or nobody talks about are not in any such table. Many of the largest models of today are missing because their makers state no size. It counts all parameters of a mixture of experts (MoE LSTM, GShard, Switch-C, DeepSeek) although each input uses only a part. And a line through the past is no law: nothing in it knows about money, chips or ideas.
#
# ### And the computing power?
# The document says that growing computing power made large models feasible. Fewer authors publish how many floating-point operations (FLOP) their training took. Those who did:

# %%
trained, C = figures(models, "compute")
fig, names = history(trained, C, *figures(models, "compute", False),
                     "training compute (FLOP)", split=None)
assert not overlapping(names)
show(fig, "1.fig.compute")

# %%
t = [m.year for m in trained]
low, high = interval(t, C)
most, largest_one = np.argmax(C), known[int(np.argmax(N))]
times = max(C) / C[t.index(min(t))]
print(f"{len(C)} published figures from {min(t)} to {max(t)};",
      f"the last record is {times:.0e} times the first figure")
print(f"a line through all: {low:.1f} to {high:.1f} doublings a year")
print(f"largest compute {t[most]}, most parameters {largest_one.year}")
assert times > 1e5 and high > 1.5 and t[most] > largest_one.year

# %% [markdown]
# Thirteen figures of very different models, so the interval of the line is too wide to say much, and its lower end is hardly above zero, if at all. What is certain is the record: from the Transformer of 2017 to Llama 3.1 of 2024 it rose more than a hundred thousand times. And it rose on after 2021, when the largest published number of parameters no longer did. Both can be true at once: the same parameters were trained on more data. Section 1.4 measures why that may pay.
#
# ### Your turn: your own model
# Put in the year and the number of parameters of a model that you have heard of. Is it ahead of the line of all published sizes, or behind it?

# %%
MY_YEAR, MY_PARAMETERS = 2026, 2_000_000_000

slope, level = np.polyfit([m.year for m in known], np.log10(N), 1)
years = (np.log10(MY_PARAMETERS) - level) / slope - MY_YEAR
print(f"{abs(years):.0f} years", "ahead of" if years > 0 else "behind",
      "the line through the published sizes")

# %% [markdown]
# Being behind the line is no fault. A model of that size that runs on a laptop is "behind" by years and useful all the same.

# %%
decades = {m.domain for m, n in zip(everyone, sizes) if n >= 1e9}
per_year = {y: sum(m.year == y and n >= 1e9 for m, n in
                   zip(everyone, sizes)) for y in range(2012, 2025)}
print("models of a billion parameters or more in this table, by year:")
print(*(f"{y}: {n}" for y, n in per_year.items() if n))
assert decades == set(DOMAINS)

# %%
recent = sum(n for y, n in per_year.items() if y >= 2019)
claim("1.a", "limits", recent=recent, before=sum(per_year.values()) - recent)
claim("1.f", "limits", times=f"{times:.0e}", n=len(C), low=f"{low:.1f}",
      high=f"{high:.1f}")
claim("1.g", "limits", ratio=round(sizes.max() / sizes.min() / 1e9),
      smallest=round(min(n for m, n in zip(known, N)
                         if m.year >= 2018) / 1e6))
