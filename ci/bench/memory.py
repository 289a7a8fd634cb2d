"""How fast memory can be read: prints GB/s as JSON, as STREAM does it.

128 MiB of numbers, far more than the caches hold, are read by one thread or
by two at once, each its own half: for their largest entry, and for their
product with themselves. The faster of the two is the limit.
"""
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the threads are ours

import json  # noqa: E402
import statistics  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

import numpy as np  # noqa: E402

RUNS = 15
WAYS = {"largest": np.max, "product": lambda a: np.dot(a, a)}


def reading(threads, numbers, way):
    """Median and best speed of reading an array with so many threads."""
    parts = np.array_split(numbers, threads)
    speeds = []
    for _ in range(RUNS):
        workers = [threading.Thread(target=way, args=(part,))
                   for part in parts]
        begin = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        speeds.append(numbers.nbytes / (time.perf_counter() - begin) / 1e9)
    return {"median": statistics.median(speeds), "best": max(speeds)}


if __name__ == "__main__":
    numbers = np.random.default_rng(0).random(2**25, np.float32)
    print(json.dumps({str(n): max(
        (reading(n, numbers, way) for way in WAYS.values()),
        key=lambda found: found["median"]) for n in (1, 2)}))
