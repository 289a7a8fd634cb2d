"""Random numbers that no two purposes share."""

import zlib

import numpy as np


def stream(purpose, *seed):
    """A generator that only this purpose with these numbers has.

    purpose: text; seed: whole numbers, such as the run's seed and a round.
    NumPy forgets zeros at the end of a list of seeds, so that [5, 0] gives
    the numbers of [5], and of 5: hence the 1 at the end.
    """
    return np.random.default_rng(
        [zlib.crc32(purpose.encode()), *map(int, seed), 1])
