# %%
field("all")

# %% [markdown]
# ## What was measured
# All seventeen in one picture. *Gain* is the difference from the baseline on the same test cases, counted so that more is better; the verdict is *better* or *worse* only if its 95% interval lies on one side of zero.

# %%
rows = fields.scoreboard_rows()
if FIELD == "all":
    assert len(rows) == 17, "one row an application"
show(plots5.scoreboard(rows), "5.fig.scoreboard", n=len(rows),
     verdicts="; ".join(f"{row[1]}: {row[-1]}" for row in rows))

# %% [markdown]
# Most of the models beat the baseline that the trade would have used before. Look also at what the picture leaves out and the pages showed: a harder baseline that ties or wins (smoothing, the light's middle, the grey rule, recombination with selection), and the small worlds in which all this is true.

# %%
if FIELD == "all":
    better = sum(row[-1] == "better" for row in rows)
    claim("5.a", "holds" if better >= 12 else "limits")
    claims_table()

# %% [markdown]
# ## Summary
# - All seventeen applications can be made to work at small scale, in minutes, on two CPU cores. None of these models is large.
# - A score means something beside a baseline, with an interval, on data that shares no writer, voice, track, scaffold or day with the training.
# - A model that learns is worth its trouble where nobody can write down the rule. Where someone can, the rule was as good here or better: motion of one bright thing, volatility that follows itself, a sum of features.
# - Augmentation and recovery data repair what they show. Unseen words, unseen damage and unseen places stay hard.
# - The distance to the real thing is mostly data: hours of people's speech, measured structures, roads with others on them.
#
# ## Open questions
# - Which of these seventeen would a single large model do without being trained for it, and how would you test that fairly?
# - Your test set is used again and again while you tune. How long does it stay a test?
# - What would have to be measured before one of these may decide about a person?
#
# ## Papers
# - D. Hendrycks and T. Dietterich, *Benchmarking Neural Network Robustness to Common Corruptions and Perturbations*, ICLR 2019. [arXiv:1903.12261](https://arxiv.org/abs/1903.12261)
# - A. Graves, S. Fernández, F. Gomez and J. Schmidhuber, *Connectionist Temporal Classification*, ICML 2006.
# - M. Bojarski and others, *End to End Learning for Self-Driving Cars*, 2016. [arXiv:1604.07316](https://arxiv.org/abs/1604.07316)
# - J. Jumper and others, *Highly accurate protein structure prediction with AlphaFold*, Nature 596, 2021. [doi:10.1038/s41586-021-03819-2](https://doi.org/10.1038/s41586-021-03819-2)
#
# More stand beside each application.
#
# Before this chapter comes [chapter 4](04_code_examples.ipynb), *Best practice: the code*, from which the small T5 and the first network are; after it chapter 6, *Tools and resources*, with what such work is done with.
