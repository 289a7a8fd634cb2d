# %% [markdown]
# ## 1.5 Language, vision, speech: one kind of object · 自然语言处理、计算机视觉、语音识别
# The document's first section ends with three fields: language, vision, speech. What have a sentence, a photo and a spoken word in common? **To a network, all three can be a sequence of vectors.** A sentence, a picture and a word that lie at hand:

# %%
from IPython.display import Audio
from sklearn.datasets import load_sample_image
from course.data import read_wav

MY_SENTENCE = "One network reads, sees and hears."
photo = load_sample_image("flower.jpg")[40:392, 160:512]  # (352, 352, 3)
sound = read_wav(data_file("word.wav"))  # (n,), 8,000 numbers a second
print(len(MY_SENTENCE), "characters;", photo.shape, "pixels and colours;",
      sound.shape, "pressures")

# %% [markdown]
# The word is "wow". No person says it: `data/make_word.py` sings it with a row of pulses and three resonances whose pitches glide from [u] over [a] to [u], as lips and tongue would make them. You can play it:

# %%
Audio(data_file("word.wav").read_bytes())

# %% [markdown]
# **A sentence** is cut into tokens, here characters, and each becomes a row of numbers. **A photo** is cut into square patches, each of them a row. **A sound** is cut into short frames, and each becomes the strengths of its pitches.
#
# > ✎ **Exercise 1.patches** (hard, at most 3 lines, no loop). Cut a picture into patches, as the vision Transformer does. *Specification:* `X` of shape `(h, w, c)` with `h` and `w` multiples of `k` gives `(h*w // k**2, k*k*c)`: patches row by row from the upper left, and in each row of the result the patch's pixels row by row, colours last. *Idea:* `reshape` to `(h//k, k, w//k, k, c)`, swap two axes, `reshape` again.

# %% tags=["exercise"]
def my_patches(X, k):
    ...  # at most 3 lines

# %%
check("1.patches", my_patches)

# %%
def characters(sentence):
    """Unicode numbers, wrapped at 256, one-hot: (T, 256)."""
    return np.eye(256)[[ord(letter) % 256 for letter in sentence]]

def patches(X, k=32):
    """(h, w, c) -> (h*w // k**2, k*k*c), from 0 to 1."""
    rows = [X[i:i + k, j:j + k].ravel() for i in range(0, len(X), k)
            for j in range(0, X.shape[1], k)]
    return np.array(rows) / 255

# %%
def frames(sound, size=256, step=128):
    """(n,) -> (T, size // 2 + 1): strengths of pitches, in decibels / 20."""
    cut = np.lib.stride_tricks.sliding_window_view(sound, size)[::step]
    strength = np.abs(np.fft.rfft(cut * np.hanning(size)))
    return np.log10(strength + 1e-3)

# %%
tensors = {"sentence": characters(MY_SENTENCE), "photo": patches(photo),
           "word": frames(sound)}
table([[name, len(a), a.shape[1]] for name, a in tensors.items()],
      ["what", "T: length of the sequence", "numbers in each vector"])

# %%
fig, axes = plt.subplots(2, 3, figsize=(9, 4.2), height_ratios=[1.3, 1])
axes[0, 0].text(.5, .5, MY_SENTENCE, ha="center", va="center", wrap=True)
axes[0, 1].imshow(photo)
axes[0, 2].plot(np.arange(len(sound)) / 8, sound, "k-", lw=.4)
axes[0, 2].set(xlabel="time (ms)", ylabel="pressure")
for ax, (name, a) in zip(axes[1], tensors.items()):
    ax.imshow(a.T, aspect="auto", cmap="Greys" if name != "word" else
              "viridis", origin="lower")
    ax.set(xlabel="T", ylabel="vector", title=f"{name}: {a.shape}")
    ax.grid(False)
for ax in axes[0, :2]:
    ax.axis("off")
show(fig, "1.fig.tensors")

# %% [markdown]
# Above, what we see and hear; below, what a network gets: a column for each step of the sequence. Only the width of the vectors differs. So each kind needs a door of its own, a matrix that brings its vectors to the same width $D$; behind the doors one body serves all. Ours is a small Transformer encoder, taken from the library (chapter 3 builds one).

# %%
def body(D=32, n_heads=4):
    """One Transformer encoder block: (B, T, D) -> (B, T, D), any T."""
    x = keras.Input((None, D))
    a = layers.MultiHeadAttention(n_heads, D // n_heads)(x, x)
    x1 = layers.LayerNormalization()(x + a)
    f = layers.Dense(D)(layers.Dense(4 * D, activation="relu")(x1))
    return keras.Model(x, layers.LayerNormalization()(x1 + f))

# %%
keras.utils.set_random_seed(SEED)
encoder = body()
doors = {name: layers.Dense(32) for name in tensors}
before = [w.copy() for w in encoder.get_weights()]
states = {name: encoder(doors[name](a[None].astype(np.float32)))
          for name, a in tensors.items()}

# %%
for name, a in tensors.items():
    check_shape(states[name], (1, len(a), 32))
table([[name, str(a.shape), f"{doors[name].count_params():,}",
        str(tuple(states[name].shape[1:]))] for name, a in tensors.items()],
      ["what", "shape", "parameters of its door", "behind the body"])
print(f"the body, {encoder.count_params():,} parameters, is the same object")
assert all(np.array_equal(a, b) for a, b in
           zip(before, encoder.get_weights()))

# %% [markdown]
# The same weights took all three. They are random and know nothing yet; that the same *trained* architecture, unchanged, does well at digits, at sounds and at text is measured in chapter 2, and chapter 5 puts seventeen applications to work. That such a body needs no change is no proof that it is the best for each.

# %%
fields = {d: max(n for m, n in zip(known, N) if m.domain == d)
          for d in ("language", "vision", "speech")}
print({d: f"{n / 1e9:,.1f} billion" for d, n in fields.items()})
assert min(fields.values()) > 1e9
claim("1.b", "limits", domains=len(decades))
claim("1.i", "holds", body=encoder.count_params(), fields=", ".join(
    f"{d} {n / 1e9:,.1f}" for d, n in fields.items()))
