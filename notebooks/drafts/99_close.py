# %% [markdown]
# ## What the document says, and what was measured

# %%
claims_table()

# %% [markdown]
# ## Summary
# In this run:

# %%
print(message("3.summary.basics", pictures=len(X_train),
              weights=f"{sum(w.size for w in reader):,}"))
print(message("3.summary.cnn", convolution=bill["convolution"][0],
              dense=f"{bill['dense layer'][0]:,}",
              without=f"{dense[0]:,}", with_it=f"{dense[1]:,}"))
print(message("3.summary.rnn", distance=distances[-1]))
print(message("3.summary.transformer", ceiling=ceiling))

# %% [markdown]
# ## Open questions
# 1. Backpropagation sends errors back through the very weights that it is about to change. Fixed random weights on the way back teach a network too (Lillicrap et al., 2016). What, then, has to be exact in a gradient?
# 2. Attention has no built-in sense of neighbourhood, convolution has nothing else. Trained on enough pictures, it has overtaken convolution all the same (Dosovitskiy et al., 2021). When is an assumption worth building in?
#
# ## Papers
# - D. Kingma, J. Ba: [Adam: a method for stochastic optimization](https://arxiv.org/abs/1412.6980), 2015. Algorithm 1, and the other epsilon just before section 2.1.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: [Gradient-based learning applied to document recognition](https://doi.org/10.1109/5.726791), 1998. The convolutional network for digits.
# - S. Hochreiter, J. Schmidhuber: [Long short-term memory](https://doi.org/10.1162/neco.1997.9.8.1735), 1997.
# - A. Vaswani et al.: [Attention is all you need](https://arxiv.org/abs/1706.03762), 2017.
#
# Before this: chapter 2, core concepts. Next: [chapter 4](04_code_examples.ipynb), the document's own programs, built from these layers.
