# %% [markdown]
# # 5 Seventeen applications: does each of them work, and against what?
# **第五章 · 实际应用场景**
#
# <!-- badges --><!-- /badges -->
#
# The document lists seventeen applications in five fields, a word or two for each. Here each of them becomes a small model that runs on your machine, with a score on data it has not seen, beside the simplest method that does the same job. Without such a baseline a score says nothing: 90% right is a triumph where guessing gives 10, and a failure where a rule of three lines gives 95.
#
# You will be able to
# - put any application into four beats: problem, data, model, result;
# - choose a baseline that a model has to beat, and say when it did not;
# - split data so that a test is a test: by writer, voice, track, scaffold, or day;
# - read a score with its interval, and call a difference undecided when it is;
# - say what separates a model of this size from the real thing.
#
# | | |
# |---|---|
# | Time and memory | <!-- measured --><!-- /measured --> |
# | Builds on | chapters 3 and 4; each application stands by itself |
# | Network | not needed |
# | Exercises | nine blanks marked ✎, each with `check`, `hint` and `solution`; untouched ones don't stop Run All |

# %% tags=["setup"]
import pathlib, subprocess, sys
HOME = "https://github.com/OWNER/large-models-measured"
new = pathlib.Path.cwd() / "large-models-measured"
tops = [*new.parents, pathlib.Path(sys.prefix).parent, new]
top = next((p for p in tops if (p / "notebooks/course").is_dir()), new)
git = ["git", "clone", "-q", "--depth=1", HOME, new]  # this file came alone
assert top.is_dir() or not subprocess.call(git), "No network? Run me again."
sys.path.insert(0, f"{top}/notebooks"); import course; course.start(chapter=5)

# %% tags=["parameters"]
SEED = 0  # any whole number: other test cases, another start for every model
FIELD = "all"  # or one of "language", "vision", "speech", "biology", "finance"

# %%
import keras
import numpy as np
import tensorflow as tf
from course import (
    LiveBar, check, check_shape, claim, claims_table, compare, explore,
    fields, free_memory, hint, plots5, set_seed, show, solution, source,
    table)
from course.fields import field, outcome
from course.scores import bootstrap, bootstrap_difference
from course.shipped import load_weights
from keras import layers

chosen = fields.chosen_fields(FIELD)
set_seed(SEED)

# %% [markdown]
# ## How the applications are judged
# Every application comes in four beats: the **problem**, the **data** with its split into what is learned from and what is tested on, the **model**, and the **result** beside a baseline. Baselines and simulators were written before any model was tuned, and stand in `notebooks/course/`, a module a field.
#
# A score on $n$ test cases would come out a little differently on $n$ others. How differently, the *bootstrap* tells: draw $n$ cases from the test cases with replacement, compute the score, repeat a thousand times; the middle 95% of these scores are the interval. For two methods we draw the same cases for both and look at the **difference**: if its interval lies above zero, ours is *better*; below, *worse*; else the test can't tell, and we say *undecided*.
#
# How wide is such an interval? **Predict:** a model is right on 40 of 50 test cases. Would you bet that it is better than one that is right on 70%? Then turn the number of cases.

# %%
def many_scores(n_cases=50, right=80):
    """The scores of a model that is right in `right`% of n cases."""
    return plots5.resampled(n_cases, right / 100, SEED)


explore(many_scores, "5.fig.bootstrap", n_cases=(10, 2000), right=(50, 99))

# %% [markdown]
# With 50 cases the interval reaches from below 70% to above 90%; with 2,000 it is a few points wide. Many a difference that is printed in bold is narrower than its interval.
#
# > ✎ **Exercise 5.interval** (medium, at most 3 lines). Write that interval of a mean. *Specification:* `interval(x, rounds, rng)` returns the 2.5% and the 97.5% quantile of the means of `rounds` samples of `len(x)` values, each drawn from `x` with replacement by `rng.integers(0, len(x), ...)`; `x` is an array of shape `(n,)`. Draw all rounds at once, as an array of shape `(rounds, n)`, so that the check can follow you.

# %% tags=["exercise"]
def interval(x, rounds, rng):
    ...  # at most 3 lines

# %%
check("5.interval", interval)
