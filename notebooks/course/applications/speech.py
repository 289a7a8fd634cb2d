"""Spoken digits: sounds, spectra, digit strings, baselines (5.3).

A machine speaks here: espeak-ng computes its voices from rules (see
data/README.md). People's speech varies far more.
"""

import wave
import zlib
from typing import NamedTuple

import numpy as np

from .. import files
from ..datasets.sounds import load_spoken_digits
from ..messages import CourseError

WORDS = ("zero one two three four five six seven eight nine").split()
RATE = 8000  # samples a second of all sounds
N_FFT = 256  # samples a window: 32 ms
HOP = 64  # samples from window to window: 8 ms
FRAME = HOP / RATE  # seconds
N_MELS = 40
FLOOR = 1e-5  # power of silence: 50 dB below a full sine
PAUSE = 0.03, 0.15  # seconds between the digits of a string
LENGTHS = 3, 5  # digits a string, shortest and longest
HELD_OUT_ONE_IN = 5  # digit strings that only tests say


# ---- sound in

class Spoken(NamedTuple):
    """Spoken digits; sound i is `digit[i]`, in the voice `voice[i]`."""
    sounds: list  # of float32 (n,), from -1 to 1
    digit: np.ndarray  # int (n_sounds,)
    voice: np.ndarray  # names, (n_sounds,)
    speed: np.ndarray  # words a minute, int (n_sounds,)
    pitch: np.ndarray  # espeak-ng's scale from 0 to 99, int (n_sounds,)


def spoken_parts():
    """The spoken digits, split by voice (5.3).

    Returns (train, test), each Spoken: eleven voices to learn from, and
    five others. Every voice says each digit six times, at other speeds.
    Raises CourseError if the file is missing or altered.
    """
    return tuple(_spoken("spoken_digits.npz", held_out)
                 for held_out in (False, True))


def fresh_voices():
    """Five voices that nobody heard while the recogniser was designed (5.3).

    Returns Spoken. They were made when it was finished; while its layers
    and its training were chosen, the second part of `spoken_parts` was
    looked at several times, so that these are the fairer test.
    Raises CourseError if the file is missing or altered.
    """
    return _spoken("spoken_fresh.npz", True)


def _spoken(file, held_out):
    X, digit, voice, names = load_spoken_digits(file)
    with np.load(files.data_file(file)) as arrays:
        length, speed, pitch = (
            arrays[name] for name in ("length", "speed", "pitch"))
        part = np.flatnonzero(arrays["held_out"][voice] == held_out)
    # copies, lest a few of them keep all of X
    return Spoken([X[i, :length[i]].copy() for i in part], digit[part],
                  np.array(names)[voice[part]], speed[part].astype(int),
                  pitch[part].astype(int))


def read_sound(source):
    """The reader's own sound, as the models want it (5.3.1).

    source: path of a WAV file with 8 or 16 bits and one or more channels,
        or an array of samples, either with 8000 samples a second.
    Returns float32 (n,) from -1 to 1, the loudest sample at 1.
    Raises CourseError for no file, no WAV, another rate, no sound in it.
    """
    x = source if isinstance(source, np.ndarray) else _read_wav(source)
    x = np.asarray(x, dtype=np.float64)
    if x.ndim == 2:
        x = x.mean(axis=1)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise CourseError("sound.numbers")
    if not x.size:
        raise CourseError("sound.empty", name=_name(source))
    if not np.abs(x).max() > 0:
        raise CourseError("sound.silent", name=_name(source))
    return (x / np.abs(x).max()).astype(np.float32)


def _name(source):
    return "the array" if isinstance(source, np.ndarray) else source


def _read_wav(path):
    try:
        with wave.open(str(path), "rb") as file:
            rate, width = file.getframerate(), file.getsampwidth()
            channels = file.getnchannels()
            raw = file.readframes(file.getnframes())
    except FileNotFoundError:
        raise CourseError("sound.missing", name=path) from None
    except (wave.Error, EOFError, OSError):
        raise CourseError("sound.unreadable", name=path) from None
    if rate != RATE:
        raise CourseError("sound.rate", name=path, rate=rate, wanted=RATE)
    if width not in (1, 2):
        raise CourseError("sound.unreadable", name=path)
    raw = raw[:len(raw) - len(raw) % (width * channels)]
    x = np.frombuffer(raw, {1: np.uint8, 2: "<i2"}[width]).astype(float)
    return (x - 128 * (width == 1)).reshape(-1, channels)


# ---- spectra

def window():
    """The periodic Hann window, (N_FFT,)."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)


def stft(x):
    """Short-time Fourier transform, scaled so that a full sine has size 1.

    x: (n,). Returns complex (frames, N_FFT // 2 + 1); frame t has its
    middle at sample t * HOP, before and after x lies silence.
    """
    frames = 1 + -(-len(x) // HOP)
    padded = np.zeros((frames - 1) * HOP + N_FFT)
    padded[N_FFT // 2:N_FFT // 2 + len(x)] = x
    at = np.arange(frames)[:, None] * HOP + np.arange(N_FFT)
    return np.fft.rfft(padded[at] * window()) * 4 / N_FFT


def istft(S, n):
    """The sound (n,) whose stft is nearest to S, by least squares.

    S: complex (frames, N_FFT // 2 + 1). It gives back x exactly from
    stft(x). Source: Griffin and Lim 1984, equation 6.
    """
    pieces = np.fft.irfft(S * N_FFT / 4, N_FFT) * window()
    hops = N_FFT // HOP  # a window's pieces of one hop are added up apart
    x = np.zeros((len(S) - 1 + hops, HOP))
    weight = np.zeros_like(x)
    for k in range(hops):
        part = slice(k * HOP, (k + 1) * HOP)
        x[k:k + len(S)] += pieces[:, part]
        weight[k:k + len(S)] += window()[part] ** 2
    x = (x / np.maximum(weight, 1e-9)).reshape(-1)
    return x[N_FFT // 2:N_FFT // 2 + n]


def mel(hertz):
    """Pitch in mel: 2595 log10(1 + f / 700) (O'Shaughnessy 1987; HTK)."""
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def hertz(mel):
    """The inverse of `mel`."""
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def mel_filters():
    """Triangles that sum frequencies as the ear does, (N_MELS, bins).

    Their corners lie at equal distances in mel from 0 to RATE / 2; each
    rises from its left neighbour's peak to 1 and falls to its right's.
    """
    corners = hertz(np.linspace(0, mel(RATE / 2), N_MELS + 2))
    bins = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    left, peak, right = (corners[i:i + N_MELS, None] for i in range(3))
    up, down = (bins - left) / (peak - left), (right - bins) / (right - peak)
    return np.maximum(0, np.minimum(up, down))


def log_mel(x):
    """The picture of a sound: log power by time and pitch (5.3.1, 5.3.2).

    x: (n,) samples. Returns float32 (frames, N_MELS), 125 frames a second,
    from log(FLOOR) up.
    """
    power = np.abs(stft(x)) ** 2 @ mel_filters().T
    return np.log(np.maximum(power, FLOOR)).astype(np.float32)


def griffin_lim(magnitude, n, rounds=32, seed=0):
    """A sound (n,) with nearly that magnitude spectrum; phases are found.

    magnitude: (frames, bins), not negative. Begins with random phases and
    goes to and fro between sound and spectrum, which never increases the
    squared error. Source: Griffin and Lim 1984.
    """
    rng = np.random.default_rng(seed)
    phase = np.exp(2j * np.pi * rng.random(magnitude.shape))
    for _ in range(rounds):
        S = stft(istft(magnitude * phase, n))[:len(magnitude)]
        phase = S / np.maximum(np.abs(S), 1e-9)
    return istft(magnitude * phase, n)


def sound_of(log_mels, rounds=32, seed=0):
    """The sound of a log-mel picture: bins guessed, phases found (5.3.2).

    log_mels: (frames, N_MELS). Returns float32 ((frames - 1) * HOP,), the
    loudest sample at 1. Simplified: the bins come from the pseudo-inverse
    of the filters, negative ones set to 0.
    """
    power = np.exp(log_mels) - FLOOR
    power = np.maximum(0, power @ np.linalg.pinv(mel_filters()).T)
    x = griffin_lim(power ** 0.5, (len(log_mels) - 1) * HOP, rounds, seed)
    return (x / max(np.abs(x).max(), 1e-9)).astype(np.float32)


# ---- digit strings

class Utterance(NamedTuple):
    """A string of digits, how it sounds, and in whose voice."""
    sound: np.ndarray  # float32 (n,)
    digits: tuple
    voice: str


def only_for_tests(digits):
    """Whether no training string may say these digits: one in five."""
    return zlib.crc32(bytes(digits)) % HELD_OUT_ONE_IN == 0


def digit_strings(spoken, n, seed, test=False, lengths=LENGTHS, snr=None):
    """n strings of digits, each in one voice, joined with short pauses.

    spoken: one part of `spoken_parts`; with the held-out voices say
        test=True, which draws the strings that training never hears.
    lengths: fewest and most digits.
    snr: signal-to-noise ratio in dB of added white noise, or None.
    Returns a list of Utterance.
    Simplified: digits are spoken one by one and don't flow into each other,
    and a take (speed and pitch) changes from digit to digit.
    """
    rng = np.random.default_rng(seed)
    return [utterance(spoken, digits, rng, snr)
            for digits in _draw_digits(rng, n, test, lengths)]


def _draw_digits(rng, n, test, lengths):
    drawn = []
    while len(drawn) < n:
        size = rng.integers(lengths[0], lengths[1] + 1)
        digits = tuple(rng.integers(0, 10, size).tolist())
        if only_for_tests(digits) == test:
            drawn.append(digits)
    return drawn


def utterance(spoken, digits, rng, snr=None, voice=None):
    """Those digits in one of the part's voices, drawn unless given (5.3.3)."""
    voice = voice or rng.choice(np.unique(spoken.voice))
    pieces = [_pause(rng)]
    for digit in digits:
        take = np.flatnonzero((spoken.digit == digit)
                              & (spoken.voice == voice))
        pieces += [spoken.sounds[rng.choice(take)], _pause(rng)]
    x = np.concatenate(pieces)
    if snr is not None:
        x = add_noise(x, snr, rng)
    return Utterance(x.astype(np.float32), tuple(digits), str(voice))


def _pause(rng):
    return np.zeros(int(rng.uniform(*PAUSE) * RATE))


def add_noise(x, snr, rng):
    """x with white noise whose power is `snr` dB below that of x."""
    power = np.mean(x ** 2) / 10 ** (snr / 10)
    return x + rng.normal(0, power ** 0.5, x.shape)


# ---- scores

def edit_distance(a, b):
    """Fewest insertions, deletions and substitutions from a to b."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(
                row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def word_error_rate(pairs):
    """Edits that turn the answers into the truth, per word of the truth.

    pairs: list of (truth, answer), each a sequence of words. 0 is right;
    it can exceed 1. Raises AssertionError if no truth has a word.
    """
    words = sum(len(truth) for truth, _ in pairs)
    if not words:
        raise AssertionError("no words to compare with")
    return sum(edit_distance(*pair) for pair in pairs) / words


# ---- baseline: dynamic time warping against templates

STRIDE = 2  # of the frames; 16 ms are enough to compare
N_CEPSTRA = 13

# the following were tuned on training voices, each recognised by the
# templates of the other ten: 30 strings, word error rate 6%
RISE = 2.0  # weight of how a coefficient changes against how it stands
PENALTY = 20.0  # cost of each further word
SLOPE = 2.0  # cost of a frame at which a template lingers or skips


def cepstra(x):
    """What templates are compared by, (frames, 2 * N_CEPSTRA).

    The cosine transform of `log_mel` at every second frame; higher
    coefficients, which are smaller, count more, loudness a quarter. Then
    how each of them changes over four frames.
    Sources: Davis and Mermelstein 1980; Furui 1986 for the changes.
    """
    from scipy.fft import dct
    c = dct(log_mel(x)[::STRIDE], norm="ortho")[:, :N_CEPSTRA]
    c = c * np.append(0.25, np.arange(1, N_CEPSTRA) ** 0.5)
    wide = np.pad(c, ((2, 2), (0, 0)), mode="edge")
    return np.hstack([c, RISE / 2 * (wide[4:] - wide[:-4])])


class Templates(NamedTuple):
    """Example words to warp: frames (K, L, n), lengths (K,), digits (K,)."""
    frames: np.ndarray
    length: np.ndarray
    digit: np.ndarray


def templates(spoken, takes=2, snr=None):
    """The first `takes` takes of every digit and voice, to compare with.

    snr: noise is added to each, so many dB below it; None: without.
    """
    rng = np.random.default_rng(0)
    chosen, count = [], {}
    for i, key in enumerate(zip(spoken.voice, spoken.digit)):
        count[key] = count.get(key, 0) + 1
        if count[key] <= takes:
            chosen.append(i)
    sounds = [spoken.sounds[i] for i in chosen]
    if snr is not None:
        sounds = [add_noise(x, snr, rng) for x in sounds]
    found = [cepstra(x) for x in sounds]
    length = np.array([len(c) for c in found])
    frames = np.zeros((len(found), length.max(), found[0].shape[1]))
    for k, c in enumerate(found):
        frames[k, :len(c)] = c
    return Templates(frames, length, spoken.digit[chosen])


def _distances(a, b):
    """Euclidean distance of each row of a (T, n) to each of b (..., n)."""
    flat = b.reshape(-1, b.shape[-1])
    d = (a ** 2).sum(1)[:, None] + (flat ** 2).sum(1) - 2 * a @ flat.T
    return np.sqrt(np.maximum(d, 0)).reshape(len(a), *b.shape[:-1])


def recognise_by_templates(x, examples, penalty=PENALTY, slope=SLOPE):
    """The string of digits whose templates can be warped onto x best (5.3.1).

    x: samples (n,); examples: Templates.
    penalty, slope: see PENALTY and SLOPE.
    Returns a tuple of digits.
    Connected words by one-stage dynamic programming: over time, the best
    cost of being in frame j of template k; a template may begin wherever
    another, or silence, has ended. Silence is like x's quietest frames.
    Sources: Sakoe and Chiba 1978; Ney 1984.
    """
    c = cepstra(x)
    quiet = np.argsort(c[:, 0])[:max(2, len(c) // 12)]
    silence = _distances(c, c[quiet].mean(axis=0)[None])[:, 0]
    # all templates' frames in one row, one template after the other
    frames = np.concatenate([word[:n] for word, n in zip(
        examples.frames, examples.length)]).astype(np.float32)
    last = examples.length.cumsum() - 1
    first = last + 1 - examples.length
    D = np.full(len(frames), np.inf, np.float32)
    begun = np.zeros(len(frames), np.int32)  # when this path's word began
    best, history = np.zeros(len(c) + 1), [None] * (len(c) + 1)
    for t, far in enumerate(_far(c.astype(np.float32), frames)):
        stay, skip = D + np.float32(slope), np.roll(D, 2) + np.float32(slope)
        skip[first] = skip[first + 1] = np.inf
        start, D = begun, np.roll(D, 1)
        begun = np.roll(begun, 1)
        D[first], begun[first] = best[t] + penalty, t  # a word begins
        for other, since in ((stay, start), (skip, np.roll(start, 2))):
            begun += (since - begun) * (other < D)  # np.where is slow here
            D = np.minimum(D, other)
        D += far
        k = D[last].argmin()
        best[t + 1], history[t + 1] = best[t] + silence[t], (None, t)
        if D[last[k]] < best[t + 1]:
            best[t + 1] = D[last[k]]
            history[t + 1] = int(examples.digit[k]), begun[last[k]]
    return _trace(history)


def _far(c, frames, block=32):
    """Distances of each row of c (T, n) to all frames (m, n), row by row.

    On one thread: two wait for each other longer than the product takes.
    """
    from threadpoolctl import threadpool_limits
    size = (frames ** 2).sum(axis=1)
    for start in range(0, len(c), block):
        part = c[start:start + block]
        with threadpool_limits(1, "blas"):
            squared = part @ frames.T
        squared *= -2
        squared += size + (part ** 2).sum(axis=1)[:, None]
        yield from np.sqrt(np.maximum(squared, 0, out=squared), out=squared)


def _trace(history):
    digits, t = [], len(history) - 1
    while t > 0:
        digit, t = history[t]
        if digit is not None:
            digits.append(digit)
    return tuple(reversed(digits))


# ---- synthesis: what is held out, and the baseline of averages

def synthesis_split(spoken):
    """Splits the training voices' sounds by how they are spoken (5.3.2).

    spoken: the training part of `spoken_parts`.
    Returns (train, test), each Spoken: of each voice and digit the last
    take, whose speed and pitch this voice has in no other take, is for the
    test. The held-out voices can't serve: nobody can say what an unheard
    voice sounds like.
    """
    count, last = {}, []
    for key in zip(spoken.voice, spoken.digit):
        count[key] = count.get(key, 0) + 1
        last.append(count[key])
    last = np.array(last) == max(last)
    return tuple(type(spoken)([spoken.sounds[i] for i in np.flatnonzero(part)],
                              *(a[part] for a in spoken[1:]))
                 for part in (~last, last))


def average_spectrograms(spoken, voice=None):
    """For each digit the mean of its log-mel pictures, brought to one length.

    spoken: Spoken; voice: of one voice alone.
    Returns a list of ten arrays (frames, N_MELS); each has the median
    length of its digit.
    """
    means = []
    for digit in range(10):
        of_digit = spoken.digit == digit
        if voice is not None:
            of_digit &= spoken.voice == voice
        found = [log_mel(spoken.sounds[i]) for i in np.flatnonzero(of_digit)]
        length = int(np.median([len(p) for p in found]))
        means.append(np.mean([stretch(p, length) for p in found], axis=0))
    return means


class LinearSpeaker:
    """Hard baseline of synthesis: the average, corrected by a line (5.3.2).

    Ridge regression, one for each digit over all voices: how a log-mel
    picture differs from its voice's average, by how speed and pitch differ
    from theirs. No network, the same information.
    """

    def __init__(self, spoken, length=60, ridge=1.0):
        """spoken: training part of `synthesis_split`."""
        self.spoken, self.length = spoken, length
        pictures = np.array([stretch(log_mel(x), length).ravel()
                             for x in spoken.sounds])
        wish = np.column_stack([(spoken.speed - 155) / 30,
                                (spoken.pitch - 50) / 12])
        self.mean, self.slope = {}, {}
        for digit in range(10):
            X, Y = [], []
            for voice in np.unique(spoken.voice):
                own = (spoken.digit == digit) & (spoken.voice == voice)
                mean = wish[own].mean(axis=0), pictures[own].mean(axis=0)
                self.mean[voice, digit] = mean
                X.append(wish[own] - mean[0])
                Y.append(pictures[own] - mean[1])
            X, Y = np.concatenate(X), np.concatenate(Y)
            self.slope[digit] = np.linalg.solve(
                X.T @ X + ridge * np.eye(2), X.T @ Y)

    def __call__(self, voice, digit, speed, pitch):
        """A log-mel picture (length, N_MELS)."""
        wish, picture = self.mean[voice, digit]
        change = np.array([(speed - 155) / 30, (pitch - 50) / 12]) - wish
        return (picture + change @ self.slope[digit]).reshape(
            self.length, N_MELS)


def stretch(picture, length):
    """A picture (frames, n) brought to `length` frames, linearly (5.3.2)."""
    at = np.linspace(0, len(picture) - 1, length)
    low = np.minimum(at.astype(int), len(picture) - 2)
    part = (at - low)[:, None]
    return picture[low] * (1 - part) + picture[low + 1] * part


def mel_distance(picture, truth):
    """How far a log-mel picture is from the true one, in dB (5.3.2).

    picture, truth: (frames, N_MELS); the picture is stretched to the
    truth's length, so that speaking a little slower costs nothing.
    Returns the root of the mean squared difference.
    """
    gap = stretch(picture, len(truth)) - truth
    return float(10 / np.log(10) * np.sqrt(np.mean(gap ** 2)))


# ---- voice search

class SpokenDocument(NamedTuple):
    """A note that begins with a spoken number, and that number's sound."""
    number: tuple
    sound: np.ndarray
    voice: str


DOCUMENT_DIGITS, QUERY_DIGITS = 8, 4


def spoken_documents(train, test, n=50, snr=10, seed=0):
    """Documents in training voices, and a spoken query for each of them.

    train, test: Spoken, of different voices.
    A document is a recorded number of eight digits, as on a parcel; its
    query says four digits in a row of it, in another, held-out voice and
    with white noise at `snr` dB (None: without).
    Returns documents [SpokenDocument], queries [Utterance]: query i belongs
    to document i. No two documents share four digits in a row, so a query
    has one right answer.
    """
    rng = np.random.default_rng(seed)
    documents, queries, taken = [], [], set()
    while len(documents) < n:
        number = tuple(rng.integers(0, 10, DOCUMENT_DIGITS).tolist())
        parts = {number[i:i + QUERY_DIGITS] for i
                 in range(DOCUMENT_DIGITS - QUERY_DIGITS + 1)}
        if parts & taken:
            continue
        taken |= parts
        said = utterance(train, number, rng)
        documents.append(SpokenDocument(number, said.sound, said.voice))
        at = rng.integers(DOCUMENT_DIGITS - QUERY_DIGITS + 1)
        queries.append(utterance(test, number[at:at + QUERY_DIGITS], rng,
                                 snr))
    return documents, queries


def match_audio(queries, documents, slope=SLOPE):
    """Cost of warping each query onto the best part of each document (5.3.3).

    queries, documents: lists of sounds, (samples,). Frames are compared
    directly, no word is recognised; a query's lowest cost is its answer.
    Returns (n_queries, n_documents).
    Source: subsequence dynamic time warping, Mueller 2007, chapter 4.
    """
    from threadpoolctl import threadpool_limits
    found = [cepstra(x) for x in documents]
    with threadpool_limits(1, "blas"):  # as in `_far`
        return np.stack([_matched(cepstra(x), found, slope)
                         for x in queries])


def _matched(q, found, slope):
    length = max(len(c) for c in found)
    cost = np.full((len(q), len(found), length), np.inf, np.float32)
    for i, c in enumerate(found):
        cost[:, i, :len(c)] = _distances(q, c)
    never = np.full((len(found), 2), np.inf, np.float32)
    D = cost[0]  # a path may begin anywhere in a document, and end
    for frame in cost[1:]:
        step = np.hstack([never[:, :1], D[:, :-1]])
        skip = np.hstack([never, D[:, :-2]])
        D = np.minimum(np.minimum(D, skip) + slope, step) + frame
    return D.min(axis=1)


# ---- a recogniser that is never told where a word begins

BLANK = 10  # the sign for "nothing new", beside the ten digits
CHANNELS = 96  # of the recogniser
LENGTH_STEP = 64  # frames: batches are filled up to a multiple of it


def recogniser():
    """An untrained recogniser, as a Keras model (5.3.1, 5.3.2).

    In: pictures of sounds (n, frames, N_MELS), from `pictures_of`. Out:
    logits (n, frames / 2, 11), ten digits and BLANK, every 16 ms. Dilated
    convolutions see 0.54 s.
    """
    import keras
    from keras import layers
    pictures = keras.Input((None, N_MELS))
    x = layers.Conv1D(CHANNELS, 5, strides=2, padding="same",
                      activation="relu")(pictures)
    for far in (1, 2, 4, 8):
        y = layers.Conv1D(CHANNELS, 3, padding="same",
                          dilation_rate=far)(x)
        y = layers.ReLU()(layers.LayerNormalization()(y))
        x = layers.Add()([x, layers.SpatialDropout1D(0.2)(y)])
    return keras.Model(pictures, layers.Dense(BLANK + 1)(x))


def pictures_of(sounds):
    """Log-mel pictures, each band's mean taken off, filled up with zeros.

    What a voice or a room always adds to a band says nothing about words.

    sounds: list of (n,). Returns X float32 (n, frames, N_MELS) and the
    number of frames that the recogniser puts out for each, int32 (n,).
    """
    return filled([log_mel(x) for x in sounds])


def filled(log_mels):
    """What `pictures_of` gives, of log-mel pictures (frames, N_MELS)."""
    frames = np.array([len(picture) for picture in log_mels])
    longest = -(-frames.max() // LENGTH_STEP) * LENGTH_STEP
    X = np.zeros((len(log_mels), longest, N_MELS), np.float32)
    for x, picture in zip(X, log_mels):
        picture = picture - picture.mean(axis=0)
        x[:len(picture)] = picture / max(picture.std(), 1e-6)
    return X, -(-frames // 2).astype(np.int32)


def labels(said):
    """Digit tuples as a matrix, filled up with 0, and their lengths."""
    length = np.array([len(digits) for digits in said], np.int32)
    Y = np.zeros((len(said), LENGTHS[1]), np.int32)
    for y, digits in zip(Y, said):
        y[:len(digits)] = digits
    return Y, length


def ctc_loss(model, X, frames, Y, length):
    """Connectionist temporal classification, mean over the sounds (5.3.1).

    X, frames: of `pictures_of`; Y, length: of `labels`.
    Source: Graves et al. 2006.
    """
    import tensorflow as tf
    said = tf.RaggedTensor.from_tensor(Y, length).to_sparse()  # the fast way
    return tf.reduce_mean(tf.nn.ctc_loss(
        said, model(X, training=True), None, frames,
        logits_time_major=False, blank_index=BLANK))


def recognise(model, sounds):
    """Digit tuples of sounds, a list of (n,) samples each (5.3.1, 5.3.2).

    The surest sign of each frame; signs that repeat are one, and blanks
    are left out.
    """
    found = []
    for start in range(0, len(sounds), 16):
        X, frames = pictures_of(sounds[start:start + 16])
        for z, n in zip(np.asarray(model(X)), frames):
            signs = z[:n].argmax(axis=1)
            new = np.append(True, signs[1:] != signs[:-1])
            found.append(tuple(int(k) for k in signs[new] if k != BLANK))
    return found


def varied(x, rng):
    """A sound as another speaker might say it, in another room.

    Up to 15% faster or slower (which changes its pitch, too), mostly with
    noise, 0 to 35 dB below it. x: (n,) samples.
    """
    speed = rng.uniform(0.85, 1.18)
    x = np.interp(np.arange(0, len(x) - 1, speed), np.arange(len(x)), x)
    if rng.random() < 0.8:
        x = add_noise(x, rng.uniform(0, 35), rng)
    return x


def of_another_throat(picture, rng):
    """A log-mel picture whose bands have moved up or down by up to 15%.

    Resonances of a shorter throat are higher. Source: Jaitly and Hinton
    2013, vocal tract length perturbation; here linear in mel.
    """
    at = np.clip(np.arange(N_MELS) * rng.uniform(0.87, 1.15), 0, N_MELS - 1)
    low = np.minimum(at.astype(int), N_MELS - 2)
    part = at - low
    return picture[:, low] * (1 - part) + picture[:, low + 1] * part


def without_some_pitches(X, rng):
    """X (n, frames, N_MELS) in which up to six bands are set to 0."""
    for x in X:
        low = rng.integers(0, N_MELS - 5)
        x[:, low:low + rng.integers(0, 7)] = 0
    return X
