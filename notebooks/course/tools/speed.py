"""How fast this computer is (8.1, 8.10)."""

import time

import numpy as np
from threadpoolctl import threadpool_limits


def seconds_of(f, times=10):
    """The best of many calls: what else runs on a machine only adds."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        f()
        found.append(time.perf_counter() - begin)
    return min(found)


def vector_speed(n, seed):
    """Bytes of an n x n float32 matrix a second, times one vector."""
    A = np.random.default_rng(seed).random((n, n), dtype=np.float32)
    v = np.ones(n, np.float32)
    seconds = seconds_of(lambda: A @ v)
    with threadpool_limits(1):  # on a busy machine threads wait for threads
        seconds = min(seconds, seconds_of(lambda: A @ v))
    return A.nbytes / seconds
