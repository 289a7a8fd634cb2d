# %% [markdown]
# ## 5.3 Speech · 语音识别
# The digits zero to nine in sixteen voices of a synthesizer, espeak-ng: accents, pitches, speeds. Five voices are kept for the tests, and so is one string of digits in five. A machine speaks here; people vary far more.

# %%
field("speech")

# %%
free_memory()
from course import speech

voices, voices_test = speech.spoken_parts()
print(len(set(voices.voice)), "voices to learn from,",
      len(set(voices_test.voice)), "others;", speech.RATE, "samples a second")

# %% [markdown]
# ### 5.3.1 Speech to text · 语音转文字
# **Problem.** A sound has thousands of samples, a text a few signs, and nobody says which sample belongs to which sign.
#
# **Data.** Strings of three to five digits, with white noise 20 dB below the speech. Listening is easier on the *mel spectrogram*: for every 8 ms how loud each of 40 bands of pitch is.

# %%
said = speech.digit_strings(voices_test, 60, SEED, test=True, snr=20)
first = said[0]
show(plots5.spectrogram(first.sound, speech.log_mel(first.sound)),
     "5.fig.sound", digits=" ".join(map(str, first.digits)))

# %% [markdown]
# Above the wave, below its mel spectrogram: light is loud. Words are islands, and each kind of vowel is a set of bands at its own heights. Which digits are these? (The answer stands below the next figure.)
#
# **Model.** Convolutions over time, the later ones with gaps, so that each output sees 0.6 s; every 16 ms it gives probabilities to the ten digits and to a *blank*. A text is then any path through these whose repeated signs are merged and blanks dropped: `_33__88_` says 3 8. *Connectionist temporal classification* ([Graves et al., 2006](https://www.cs.toronto.edu/~graves/icml_2006.pdf)) trains on the sum over all paths $\pi$ that say the text $y$,
#
# $$p(y \mid x) = \sum_{\pi \,\in\, \text{paths}(y)}\ \prod_{t} p_t(\pi_t \mid x), \tag{5.2}$$
#
# so where the words are it finds by itself. The training takes some minutes (`data/make_models.py`); a shortened one:

# %%
set_seed(SEED)
ear, rng = speech.recogniser(), np.random.default_rng(SEED)
lessons = speech.digit_strings(voices, 256, SEED, lengths=(1, 2))
X, frames = speech.pictures_of([u.sound for u in lessons])
Y, length = speech.labels([u.digits for u in lessons])
adam = keras.optimizers.Adam(0.002)

# %%
@tf.function
def step(*batch):
    with tf.GradientTape() as tape:
        loss = speech.ctc_loss(ear, *batch)
    slopes = tape.gradient(loss, ear.trainable_variables)
    adam.apply_gradients(zip(slopes, ear.trainable_variables))
    return loss


losses = []
for i in rng.integers(0, 256, (60, 32)):
    losses.append(float(step(X[i], frames[i], Y[i], length[i])))
print("the loss fell to less than half:", losses[-1] < losses[0] / 2)
assert losses[-1] < losses[0] / 2

# %%
load_weights(ear, "recogniser")
heard = speech.recognise(ear, [u.sound for u in said])
examples = speech.templates(voices)
matched = [speech.recognise_by_templates(u.sound, examples) for u in said]

# %% [markdown]
# **Result.** The *word error rate*: insertions, deletions and substitutions from the answer to the truth, per word of the truth. The baseline warps recorded examples of each digit onto the sound, by dynamic programming (*dynamic time warping*, [Sakoe and Chiba, 1978](https://doi.org/10.1109/TASSP.1978.1163055)).

# %%
def wer(pairs):
    return speech.word_error_rate(pairs)


truth = [u.digits for u in said]
both = [[*zip(truth, answers)] for answers in (heard, matched)]
gain = bootstrap_difference(*both, lambda pairs: -wer(pairs))
outcome("5.3.1", "word error rate", bootstrap(both[0], wer),
        ("templates", bootstrap(both[1], wer)), gain)

# %%
X, frames = speech.pictures_of([first.sound])
p = np.asarray(tf.nn.softmax(ear(X)))[0, :frames[0]]
show(plots5.ctc(p), "5.fig.ctc", digits=" ".join(map(str, heard[0])))
print("said:", *first.digits, "heard:", *heard[0])

# %% [markdown]
# Each line is one digit's probability over time, the dashed one the blank's. The network is silent most of the time and says each digit once, in a short spike near the word's end, when it is sure. Where no digit's spike rises above the blank, a word is lost.
#
# **Your own voice.** Record some English digits (8000 samples a second, WAV) beside this notebook and put the file's name in place of `None`:

# %%
MY_SOUND = None  # for example "my_digits.wav"

if MY_SOUND is not None:
    print("heard:", *speech.recognise(ear, [speech.read_sound(MY_SOUND)])[0])

# %% [markdown]
# Don't expect much: eleven voices of one synthesizer are its whole world. *The real thing* learned from 680,000 hours of people ([Whisper, Radford et al., 2022](https://arxiv.org/abs/2212.04356)).
#
# > ✎ **Exercise 5.collapse** (easy, at most 3 lines). *Specification:* `collapse(path, blank)` turns a path, a list of signs, into the text it says: first merge neighbours that are equal, then drop the blanks; return a list. With `blank=10`, `[3, 3, 10, 3]` says `[3, 3]`.

# %% tags=["exercise"]
def collapse(path, blank):
    ...  # at most 3 lines

# %%
check("5.collapse", collapse)

# %% [markdown]
# > ✎ **Exercise 5.warp** (hard, at most 7 lines). The heart of the baseline. `cost[i][j]` says how unlike frame `i` of one sound and frame `j` of another are. *Specification:* `warp(cost)` returns the lowest sum of costs along a path from the first cell to the last, `cost[0][0]` to `cost[-1][-1]`, both included, each step down, right, or both.

# %% tags=["exercise"]
def warp(cost):
    ...  # at most 7 lines

# %%
check("5.warp", warp)

# %% [markdown]
# ### 5.3.2 Speech synthesis · 语音合成
# **Problem.** The way back: from a digit, a voice, a speed and a pitch to a sound.
#
# **Data.** The eleven voices, six takes of each digit; the last take of each, at a speed and a pitch in which that voice never said that digit, is the test. The baseline is the average spectrogram of the voice's other takes.

# %%
takes, takes_test = speech.synthesis_split(voices)
names = [*dict.fromkeys(takes.voice)]


def wishes(spoken):
    """What is asked for: digit and voice as numbers, speed, pitch."""
    return np.column_stack([
        spoken.digit, [names.index(v) for v in spoken.voice],
        (spoken.speed - 155) / 30, (spoken.pitch - 50) / 12])

# %% [markdown]
# **Model.** It starts from such an average, brought to the length that is wanted, and adds a correction, which it computes from the wish and the average by two convolutions over time. In training, the average leaves out the very take that is to be made. How long a word takes, a linear regression says. From the spectrogram to the sound leads the algorithm of [Griffin and Lim (1984)](https://doi.org/10.1109/TASSP.1984.1164317): the phases, which the spectrogram lacks, are found by going to and fro.

# %%
LONGEST = 144  # frames


def speaker():
    wish, mean = keras.Input((4,)), keras.Input((LONGEST, speech.N_MELS))
    who = [layers.Embedding(n, 16)(wish[:, k])
           for k, n in enumerate((10, len(names)))]
    x = layers.Concatenate()([*who, wish[:, 2:]])
    x = layers.Concatenate()([layers.RepeatVector(LONGEST)(x), mean])
    for _ in range(2):
        x = layers.Conv1D(64, 5, padding="same", activation="relu")(x)
    x = layers.Dense(speech.N_MELS, kernel_initializer="zeros")(x)
    return keras.Model([wish, mean], layers.Add()([mean, x]))

# %%
mels = [speech.log_mel(x) for x in takes.sounds]
lengths = np.array([len(picture) for picture in mels])


def average(voice, digit, n, but=None):
    """The voice's mean of a word, (n, 40), without take number `but`."""
    alike = np.flatnonzero((takes.voice == voice) & (takes.digit == digit))
    return np.mean([speech.stretch(mels[i], n) for i in alike if i != but],
                   axis=0)


def filled(pictures):
    """Pictures filled up with silence, (n, LONGEST, 40), a quarter as big."""
    M = np.full((len(pictures), LONGEST, speech.N_MELS), np.log(speech.FLOOR))
    for m, picture in zip(M, pictures):
        m[:len(picture)] = picture
    return M / 4

# %%
starts = [average(*who, but=i) for i, who in
          enumerate(zip(takes.voice, takes.digit, lengths))]
set_seed(SEED)
voice = speaker()
voice.compile(keras.optimizers.Adam(0.002), "mse")
history = voice.fit([wishes(takes), filled(starts)], filled(mels), epochs=12,
                    batch_size=32, verbose=0,
                    callbacks=[LiveBar("synthesis")])

# %%
def design(spoken):
    """What a word's duration depends on: digit, voice, speed, pitch."""
    W = wishes(spoken)
    ones = [np.eye(n)[W[:, k].astype(int)] for k, n in
            enumerate((10, len(names)))]
    return np.column_stack([*ones, W[:, 2:]])


weights = np.linalg.lstsq(design(takes), np.log(lengths))[0]
wanted = np.exp(design(takes_test) @ weights).round().astype(int)
starts = [average(*who) for who in
          zip(takes_test.voice, takes_test.digit, wanted)]
spoken = voice.predict([wishes(takes_test), filled(starts)], verbose=0)
spoken = [4 * picture[:n] for picture, n in zip(spoken, wanted)]

# %% [markdown]
# **Result.** How far is each spectrogram from the one that the voice really made at that speed and pitch? In decibels, root mean square, after stretching both to one length. And what does the recogniser of 5.3.1 hear?

# %%
means = {name: speech.average_spectrograms(takes, name) for name in names}
typical = [means[v][d] for v, d in zip(takes_test.voice, takes_test.digit)]
real = [speech.log_mel(x) for x in takes_test.sounds]
ours, theirs = (np.array([speech.mel_distance(*pair) for pair
                          in zip(found, real)])
                for found in (spoken, typical))
gain = bootstrap_difference(-ours, -theirs)

# %%
def understood(pictures):
    """Share of the words that the recogniser hears as they were meant."""
    heard = speech.recognise(ear, [speech.sound_of(p) for p in pictures])
    return np.mean([word == (d,) for word, d
                    in zip(heard, takes_test.digit)])


clear = [understood(found) for found in (spoken, typical)]
outcome("5.3.2", "distance in dB", bootstrap(ours),
        ("average", bootstrap(theirs)), gain)
print("of both, more than half of the words are understood:",
      bool(min(clear) > 0.5))
assert min(clear) > 0.5

# %%
show(plots5.three_spectrograms(real[3], spoken[3], typical[3]),
     "5.fig.synthesis")

# %% tags=["nbval-ignore-output"]
from IPython.display import Audio

three = np.concatenate([speech.sound_of(spoken[k]) for k in (3, 14, 25)])
assert abs(three).max() > 0.99
Audio(three, rate=speech.RATE)

# %% [markdown]
# The network's spectrogram has the true one's bands and edges, a little smoothed; the average has blurred them, because it mixes speeds and pitches. The player says three words of it. Our recogniser is no strict judge of either: it understands more than half of the words, and where it fails, nobody can say whether the speaker or the ear is to blame. *The real thing* makes the sound itself from 25 to 40 hours of one speaker ([Tacotron 2, Shen et al., 2018](https://arxiv.org/abs/1712.05884), used 24.6), judged by people.
#
# ### 5.3.3 Voice search · 语音搜索
# **Problem.** Somebody says four digits of a parcel's number, in noise; which of fifty recorded notes holds them?
#
# **Data.** Notes of eight spoken digits in the training voices; queries of four digits in a row from them, in unseen voices, with white noise 10 dB below the speech.

# %%
notes, queries = speech.spoken_documents(voices, voices_test, 50, 10, SEED)
print("a note:", *notes[0].number, "· its query:", *queries[0].digits)

# %% [markdown]
# **Model.** Recognise, embed, rank. Notes and queries both go through the recogniser of 5.3.1. What it hears becomes a vector: how often each digit and each pair of neighbours occurs. The note whose vector has the smallest angle to the query's comes first, and one digit misheard spoils only part of it.

# %%
def embed(digits):
    """Counts of digits and of pairs, (110,), of length 1."""
    v = np.zeros(110)
    for k in [*digits, *(10 + 10*a + b for a, b in
                         zip(digits, digits[1:]))]:
        v[k] += 1 if k < 10 else 2  # a pair tells more
    return v / max(np.linalg.norm(v), 1)


sounds = [[said.sound for said in part] for part in (notes, queries)]
E_notes, E_queries = (
    np.stack([embed(digits) for digits in speech.recognise(ear, part)])
    for part in sounds)
ranked = np.argsort(-E_queries @ E_notes.T, axis=1)

# %% [markdown]
# **Result.** How often is the right note first? The baseline compares the audio itself: it warps the query's spectrum onto every part of every note and takes the best fit.

# %%
hit = ranked[:, 0] == np.arange(50)
cost = speech.match_audio(sounds[1], sounds[0])  # (queries, notes)
by_audio = cost.argmin(axis=1) == np.arange(50)
gain = bootstrap_difference(hit, by_audio)
outcome("5.3.3", "recall at 1", bootstrap(hit),
        ("audio matched", bootstrap(by_audio)), gain)

# %%
numbers = [" ".join(map(str, note.number[2:6])) for note in notes[:5]]


def search(said=numbers[0], noise=10):
    """What five notes are found for a query in a voice of your choice."""
    rng = np.random.default_rng(SEED)
    digits = tuple(int(d) for d in said.split())
    sound = speech.utterance(voices_test, digits, rng, noise).sound
    heard = speech.recognise(ear, [sound])[0]
    scores = E_notes @ embed(heard)
    return plots5.hits([note.number for note in notes], scores, heard)


explore(search, "5.fig.search", noise=(-5, 30), said=numbers)
