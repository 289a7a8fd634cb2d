# %% [markdown]
# # 3 What do networks compute, and how do they learn it?
# **第三章 · 核心算法原理和具体操作步骤以及数学模型公式详细讲解**
#
# <!-- badges --><!-- /badges -->
#
# The document lists seventeen ideas, from the forward pass to multi-head attention, one line each and without a formula. Here each of them is derived, written in NumPy so plainly that it could be done on paper, and then proved equal to TensorFlow and Keras, with the largest difference beside its tolerance.
#
# You will be able to
# - write a network's forward pass, its loss, its gradient and its optimizer from nothing, and read handwriting with them;
# - turn a convolution from seven loops into one matrix product, and say what it saves and what it assumes;
# - unroll a recurrent network, and measure how far back it learns;
# - compute self-attention for three words by hand, and say why it divides by $\sqrt d$;
# - assemble a Transformer, and predict which tasks it can't do without positions.
#
# | | |
# |---|---|
# | Time and memory | <!-- measured --><!-- /measured --> |
# | Builds on | school mathematics (derivatives, and matrices as tables of numbers), Python; no other chapter |
# | Network | not needed |
# | Exercises | blanks marked ✎, each with `check`, `hint` and `solution`; untouched ones don't stop Run All |

# %% tags=["setup"]
import pathlib, subprocess, sys
NAME, here = "large-models-measured", pathlib.Path.cwd()
tops = [here, *here.parents, pathlib.Path(sys.prefix).parent, here / NAME]
top = next((p for p in tops if (p / "notebooks/course").is_dir()), tops[-1])
git = ["git", "clone", "-q", "--depth=1", f"https://github.com/OWNER/{NAME}"]
if not top.is_dir(): subprocess.run(git, check=True)  # this file came alone
sys.path.insert(0, str(top / "notebooks"))
import course; course.start(chapter=3)

# %% tags=["parameters"]
SEED = 0  # any whole number: another start for every model

# %%
import collections
import itertools
import time
import timeit
import tracemalloc

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from numpy.lib.stride_tricks import sliding_window_view
from course import (
    LiveBar, check, check_shape, claim, claims_table, compare, explore,
    load_digits, message, read_picture, set_seed, show, table)
from course.diagrams import heat_map, unrolled

set_seed(SEED)
