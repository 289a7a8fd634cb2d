"""Chapter 3's convolutions beside TensorFlow's, measured in one run.

32 pictures of 28x28 with one channel, 32 kernels of 3x3, float32, NHWC, no
padding. What is timed are the chapter's own functions, read from its cells.
Prints a table; `python3 ci/bench/convolution.py` inside .venv.
"""
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from ci import notebook  # noqa: E402

CHAPTER = ROOT / "notebooks" / "03_core_algorithms.ipynb"
FUNCTIONS = ("conv_loops", "patches_of", "conv2d")
RUNS = 7  # of each, in turns
CALLS = 50  # a run, where one is short; the loops are called once


def chapter_functions(names=FUNCTIONS, path=CHAPTER):
    """{name: function} of the cells of chapter 3 that define them.

    Raises LookupError if a function stands in no cell of the chapter.
    """
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view
    space = {"np": np, "sliding_window_view": sliding_window_view}
    for node, source in notebook.functions(notebook.read(path)):
        if node.name in names:
            exec(source, space)
    lacking = [name for name in names if name not in space]
    if lacking:
        raise LookupError("chapter 3 has no function " + ", ".join(lacking))
    return {name: space[name] for name in names}


def rows(runs=RUNS, calls=CALLS):
    """A row for each implementation: {"name", "median", "low", "high"}.

    Milliseconds for one call. NumPy works on one core, as in the chapter,
    and on as many as it likes; TensorFlow on as many as it likes.
    """
    sys.path.insert(0, str(ROOT / "notebooks"))
    import course
    course.start(chapter=3)
    import numpy as np
    import tensorflow as tf
    from threadpoolctl import threadpool_limits
    ours = chapter_functions()
    rng = np.random.default_rng(0)
    X = rng.random((32, 28, 28, 1), dtype="float32")
    W = rng.random((3, 3, 1, 32), dtype="float32")

    def library():
        return tf.nn.conv2d(X, W, 1, "VALID").numpy()

    def timed(call, calls, cores=None):
        with threadpool_limits(cores):
            begin = time.perf_counter()
            for _ in range(calls):
                call()
            return 1000 * (time.perf_counter() - begin) / calls

    assert np.allclose(ours["conv2d"](X, W), library(), rtol=1e-5)
    measured = {
        "loops": lambda: timed(lambda: ours["conv_loops"](X, W), 1),
        "NumPy, one core": lambda: timed(
            lambda: ours["conv2d"](X, W), calls, 1),
        "NumPy": lambda: timed(lambda: ours["conv2d"](X, W), calls),
        "tf.nn.conv2d": lambda: timed(library, calls)}
    times = {name: [] for name in measured}
    for _ in range(runs):
        for name, once in measured.items():
            times[name].append(once())
    return [{"name": name, "median": statistics.median(ms),
             "low": min(ms), "high": max(ms)} for name, ms in times.items()]


def table(measured):
    """The rows as a markdown table, with what was asked of them."""
    loops, _, _, library = (row["median"] for row in measured)
    out = ["| 32 pictures, 32 kernels | median (ms) | lowest to highest (ms) "
           "| times faster than the loops | times `tf.nn.conv2d`'s time |",
           "|---|---|---|---|---|"]
    for row in measured:
        out.append("| %s | %.2f | %.2f to %.2f | %s | %.2f |" % (
            row["name"], row["median"], row["low"], row["high"],
            "{:,.0f}".format(loops / row["median"]),
            row["median"] / library))
    return "\n".join(out)


if __name__ == "__main__":
    print(table(rows()))
