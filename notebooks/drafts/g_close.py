# %% [markdown]
# ## What the document says, and what was measured

# %%
claims_table()

# %% [markdown]
# ## Summary

# %%
from course.messages import message

numbers = {"months": f"{12 / doublings([m.year for m in known], N):.0f}",
           "budget": BUDGET, "n": f"{found['parameters'][0]:.2f}",
           "d": f"{found['letters'][0]:.2f}"}
for key in ("growth", "depth", "features", "scale", "domains"):
    print("-", message(f"1.summary.{key}", **numbers))

# %% [markdown]
# ## Open questions
# - Since 2021 the published sizes have hardly grown. Have models stopped growing, or have their makers stopped telling? What would one have to know to decide?
# - Learned features drew level with designed ones on a thousand digits. At how many would they pull ahead, and would other writers or other pictures of the same writers help more?
#
# ## Papers
# - F. Rosenblatt: *The perceptron: a probabilistic model for information storage and organization in the brain.* Psychological Review, 1958.
# - Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin: *A neural probabilistic language model.* Journal of Machine Learning Research, 2003. The model of section 1.4, on words.
# - J. Kaplan and others: *Scaling laws for neural language models.* 2020.
# - J. Hoffmann and others: *Training compute-optimal large language models.* 2022.
#
# The figures of section 1.1 were largely found through the database of Epoch AI (CC BY 4.0), which quotes the papers; `data/README.md` tells how. After this chapter comes chapter 2, *Core concepts*, which counts parameters and compares large models with traditional ones on the same data.
