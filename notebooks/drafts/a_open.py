# %% [markdown]
# # 1 Large models: how large, since when, and what do depth and data buy?
# **第一章 · 背景介绍**
#
# <!-- badges --><!-- /badges -->
#
# A large model is a function with very many adjustable numbers, its *parameters*, and nobody sets them by hand: they are found from examples. The document that this collection follows says that the era of such models has come, that depth lets them learn complex patterns by themselves, and that more parameters and more data make them better. In eight chapters we take it by its word, build what it names, and measure. Here we begin with its first section. Nothing to install, nothing to download: press *Run All* and read on.
#
# You will be able to
# - draw how models grew from 1958 to today, put an interval around the doubling time, and say what such a line can't tell;
# - show what a hidden layer buys when the number of parameters stays the same, and see how it makes data separable by a line;
# - compare features that people designed with features that a network learned, on writers that neither has seen;
# - measure how the loss falls with parameters and with data, fit the power law, and find where it bends;
# - turn a sentence, a photo and a spoken word into the same kind of object, and feed all three to one network.
#
# | | |
# |---|---|
# | Time and memory | <!-- measured --><!-- /measured --> |
# | Builds on | Python and a little NumPy; nothing else |
# | Network | not needed |
# | Exercises | six blanks marked ✎, each with `check`, `hint` and `solution`; untouched ones don't stop Run All |

# %% tags=["setup"]
import pathlib, subprocess, sys
HOME = "https://github.com/OWNER/large-models-measured"
new = pathlib.Path.cwd() / "large-models-measured"
tops = [*new.parents, pathlib.Path(sys.prefix).parent, new]
top = next((p for p in tops if (p / "notebooks/course").is_dir()), new)
git = ["git", "clone", "-q", "--depth=1", HOME, new]  # this file came alone
assert top.is_dir() or not subprocess.call(git), "No network? Run me again."
sys.path.insert(0, f"{top}/notebooks"); import course; course.start(chapter=1)

# %% tags=["parameters"]
SEED = 0  # any whole number: another start for every model

# %%
import matplotlib.pyplot as plt
import numpy as np
from course import (
    check, check_shape, claim, claims_table, compare, explore, hint,
    set_seed, show, solution, table)

set_seed(SEED)

# %% [markdown]
# ## 1.1 The era of large models · AI大模型的时代
# **How large is large, and since when?** We collected landmark models from the perceptron on. A figure stands in our table only if we have read a source that states it, and the row keeps that source's address and a few of its words, the number among them; what nobody states stays empty. What outsiders have estimated is marked with their name and never mixed with what a model's authors published. Here are four of the rows:

# %%
from course.landmarks import figures, load_landmarks
from course.plots1 import history, overlapping

models = load_landmarks()  # a row without its evidence would be refused
chosen = ["Perceptron", "LeNet-5", "GPT-3", "ESM-2"]
table([[m.year, m.name, m.domain, f"{m.parameters.value:,.0f}",
        m.parameters.by, m.parameters.quote]
       for m in models if m.name in chosen],
      ["year", "model", "domain", "parameters", "whose figure", "its words"])

# %% [markdown]
# **Predict:** from the first machine in this table to the largest model, by what factor did the number of parameters grow? A thousand, a million, a billion? The figure has years to the right and parameters upwards, on a scale on which each line means a hundred times more.

# %%
known, N = figures(models, "parameters")
guessed, N_guessed = figures(models, "parameters", published=False)
fig, names = history(known, N, guessed, N_guessed, "parameters")
assert not overlapping(names)
show(fig, "1.fig.history", models=len(known) + len(guessed))

# %%
everyone, sizes = known + guessed, np.array(N + N_guessed)
print(f"{len(models)} models in {len({m.domain for m in models})} domains,",
      f"{len(known)} published sizes, {len(guessed)} estimated ones")
print(f"from {sizes.min():,.0f} to {sizes.max():,.0f} parameters:",
      f"{sizes.max() / sizes.min() / 1e9:.0f} billion times as many")

# %% [markdown]
# Each mark is a model, each shape a domain; hollow marks are others' estimates. The cloud climbs in all five domains, language on top. Note what happens after 2021: the cloud gets denser, but hardly higher.

# %% [markdown]
# ### This page, the other seven, and how exercises work
# The document lists eight topics (本文将从以下几个方面进行探讨), and so does this collection. They can be read one by one; the arrows are only the order of the document.

# %%
from course.plots1 import chapter_map

show(chapter_map([
    ("Background", "why large?"), ("Core concepts", "count and compare"),
    ("Core algorithms", "build every part"), ("The code", "run it, open it"),
    ("Applications", "17 small models"), ("Tools", "the frameworks"),
    ("Trends", "what comes next?"), ("Questions", "five short answers"),
]), "1.fig.map")

# %% [markdown]
# The shaded box is where we are. A cell of code runs with Shift+Enter, all of them with *Run > Run All Cells*; change anything and run it again, nothing can break. A figure with sliders is drawn again when you turn them. Claims of the document are marked where they are measured, and a table at the end collects the verdicts: *holds*, *holds with limits*, *does not hold*.
#
# Exercises look like the next one. Replace the `...` by your lines, run the cell and the `check` under it. It has three answers: ○ not attempted, ✗ with the first difference and often a guess at the reason, ✓ right. Take the `#` away in front of `hint` for a nudge, of `solution` for the answer.
#
# > ✎ **Exercise 1.gigabytes** (easy, 1 line). A model has `n` parameters and keeps each in `bits` bits. How many gigabytes does it fill? *Specification:* eight bits are a byte, a gigabyte is $10^9$ bytes. So GPT-3's 175 billion parameters at 16 bits give 350.0. `hint("1.gigabytes")` and `solution("1.gigabytes")` help.

# %% tags=["exercise"]
def gigabytes(n, bits):
    ...  # 1 line

# %%
check("1.gigabytes", gigabytes)
# hint("1.gigabytes")
# solution("1.gigabytes")
