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


def memory_speeds(n, seed):
    """Bytes a second of n x n float32: dot product; times one vector."""
    A = np.random.default_rng(seed).random((n, n), dtype=np.float32)
    v, x = np.ones(n, np.float32), A.ravel()
    jobs = (lambda: x @ x), (lambda: A @ v)
    seconds = [seconds_of(job) for job in jobs]
    with threadpool_limits(1):  # on a busy machine threads wait for threads
        seconds = [min(s, seconds_of(job)) for s, job in zip(seconds, jobs)]
    return tuple(A.nbytes / s for s in seconds)
