"""Spoken digits: loaded, and as tensors and features (2.3)."""

import wave

import numpy as np

from .. import files


def load_spoken_digits(file="spoken_digits.npz"):
    """English digits in sixteen voices of espeak-ng, 8000 samples a second.

    file: that of the sixteen voices, or of five more, "spoken_fresh.npz".
    Returns X float32 (960, longest) from -1 to 1, followed by silence, y
    int64 (960,) the digit, voice int64 (960,) its number, names of the
    voices. Made by data/make_spoken_digits.py; which voices are held out
    stands in the file, too (see `spoken_parts` in speech.py).
    Raises CourseError if the file is missing or altered.
    """
    with np.load(files.data_file(file)) as arrays:
        level = arrays["samples"] / np.float32(127.5) - 1
        y, voice = (arrays[name].astype(np.int64) for name in ("digit",
                                                               "voice"))
        length, names = arrays["length"].astype(int), arrays["names"].tolist()
    # the mu-law of telephones: the quiet levels lie closer together
    samples = np.sign(level) * (np.float32(256)**np.abs(level) - 1) / 255
    X = np.zeros((len(y), length.max()), np.float32)
    for x, stop, n in zip(X, np.cumsum(length), length):
        x[:n] = samples[stop - n:stop]
    return X, y, voice, names


def read_wav(path):
    """A sound of one channel and 8 bits: float (n,) from -1 to 1 (1.5).

    path: a WAV file as data/make_word.py writes it.
    """
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.uint8)
    return (samples.astype(float) - 128) / 128


FRAME = 320  # samples, 40 ms
LONGEST = 28  # frames


def frames(X):
    """Sounds (n, samples) -> (n, LONGEST, FRAME), nothing else done."""
    X = np.pad(X, ((0, 0), (0, LONGEST * FRAME - X.shape[1])))
    return X.reshape(len(X), LONGEST, FRAME)
