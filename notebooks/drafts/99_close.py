# %% [markdown]
# ## What the document says, and what was measured
# All claims of section 2, in the document's words, with the verdict of this run:

# %%
claims_table()

# %% [markdown]
# ## Summary
#
# - A configuration of five numbers gives the parameters of every T5 to the last digit, and with them the memory, 16 bytes each to learn with Adam, and most of the arithmetic, $6N$ a token. From *large* to *11B* T5 grows fifteenfold **without a single layer more**.
# - The document's contrast of "large" and "traditional" is a contrast of extremes. Of five traditional models one is a neural network; some keep more numbers than a small CNN; and three of four turn a hundred times the data into accuracy, up to 96% and more.
# - On small, well prepared data an SVM beats every network here. Where the task has a structure that a network shares, as convolutions share places, the network leads, from a few hundred examples on.
# - What people know about a task can replace thousands of examples. Networks, and large models most of all, learn such knowledge from data, once; a pre-trained body then serves new tasks with a few dozen labels, unless the task needs what it was taught to ignore.
#
# ## Open questions
# - Our CNN overtakes the SVM on moved digits and not on still ones. Is there a number that could be measured *before* training, to say for a new data set on which side it lies?
# - The pre-trained body does not see where a digit stands. How would you change what it was asked to do, so that it serves all three tasks?
#
# ## Papers
# - C. Raffel and others: *Exploring the limits of transfer learning with a unified text-to-text Transformer.* Journal of Machine Learning Research, 2020. T5, from small to 11B.
# - T. Brown and others: *Language models are few-shot learners.* NeurIPS, 2020. GPT-3; its table D.1 states the compute.
# - J. Kaplan and others: *Scaling laws for neural language models.* 2020. The rule $6N$, and what it leaves out.
# - T. Chen and others: *A simple framework for contrastive learning of visual representations.* ICML, 2020. Pre-training without labels.
#
# Before this chapter comes chapter 1, *Background*, which tells where the large models come from; after it chapter 3, *Core algorithms*, which takes the layers apart that were counted here.
