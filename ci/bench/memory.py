"""How fast memory can be read: prints GB/s as JSON, as STREAM does it.

The largest entry of 128 MiB of numbers is looked for, by one thread or by
two at once, each in its own half; far more than the caches hold.
"""
import json
import statistics
import threading
import time

import numpy as np

RUNS = 15


def reading(threads, numbers):
    """Median and best speed of reading an array with so many threads."""
    parts = np.array_split(numbers, threads)
    speeds = []
    for _ in range(RUNS):
        workers = [threading.Thread(target=part.max) for part in parts]
        begin = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        speeds.append(numbers.nbytes / (time.perf_counter() - begin) / 1e9)
    return {"median": statistics.median(speeds), "best": max(speeds)}


if __name__ == "__main__":
    numbers = np.random.default_rng(0).random(2**25, np.float32)
    print(json.dumps({str(n): reading(n, numbers) for n in (1, 2)}))
