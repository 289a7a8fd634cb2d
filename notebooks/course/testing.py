"""Comparing what we built with what the library computes."""

import time
import tracemalloc
from numbers import Integral

import numpy as np

from . import session
from .display import table
from .messages import CourseError, columns, message


def check_shape(a, shape):
    """Stop unless array or tensor `a` has that shape; None fits any size.

    A reading aid: it stands where the reader should know the shape.
    Raises AssertionError, under `python -O` too.
    """
    got = tuple(a.shape)
    fits = len(got) == len(shape) and all(
        want is None or want == have for want, have in zip(shape, got))
    if not fits:
        raise AssertionError(message("check_shape", want=tuple(shape),
                                     got=got))


def largest_difference(mine, reference):
    """max|a-b| / max|b| in float64, and the index where it is largest.

    mine, reference: arrays or tensors of one shape. Where the reference is
    zero everywhere, the difference is absolute. Not-a-number is infinity.
    """
    a = np.asarray(mine, dtype=np.float64)
    b = np.asarray(reference, dtype=np.float64)
    check_shape(a, b.shape)
    if not a.size:
        raise AssertionError(message("compare.empty"))
    gap = np.where(np.isfinite(a) & np.isfinite(b), np.abs(a - b), np.inf)
    gap = np.where(a == b, 0.0, gap)
    where = np.unravel_index(np.argmax(gap), gap.shape)
    scale = np.max(np.abs(b), initial=0.0, where=np.isfinite(b)) or 1.0
    return float(gap[where] / scale), tuple(int(i) for i in where)


def compare(name, mine, reference, tol=1e-5):
    """Stop unless two arrays agree, and print by how much they differ.

    name: what is compared, as the page shows it.
    mine, reference: arrays or tensors of one shape.
    tol: the largest max|a-b| / max|b| that counts as equal (the README says
        which tolerance fits which precision).
    Prints that difference beside the tolerance, and keeps both for the
    section's table (see `comparisons`). Raises AssertionError, under
    `python -O` too, that names the place where they differ most.
    """
    error, where = largest_difference(mine, reference)
    if not error <= tol:
        raise AssertionError(message(
            "compare.differs", name=name, error=error, tol=tol, where=where,
            mine=float(np.asarray(mine)[where]),
            reference=float(np.asarray(reference)[where])))
    now = session.current
    if now.comparisons_shown:  # that table stands: the next begins anew
        now.compared.clear()
        now.comparisons_shown = False
    now.compared.append((name, error, tol))
    print(message("compare.equal", name=name, error=error, tol=tol))


def comparisons():
    """Display what `compare` found since the last call, as one table.

    It closes a section: name, largest relative difference, tolerance. Run
    again, it shows the same table again.
    Raises CourseError where nothing was compared.
    """
    if not session.current.compared:
        raise CourseError("compare.none")
    table([[name, f"{error:.1e}", f"{tol:.0e}"]
           for name, error, tol in session.current.compared],
          columns("compare.header"))
    session.current.comparisons_shown = True


def check_positive(**sizes):
    """Raise CourseError unless each is a positive whole number.

    For sizes that a reader writes: names and values, as in
    `check_positive(D=64, n_layers=2)`.
    """
    for name, size in sizes.items():
        whole = isinstance(size, Integral) and not isinstance(size, bool)
        if not whole or size < 1:
            raise CourseError("numbers.positive", name=name, size=repr(size))


def fastest(f, repeats, clock=time.perf_counter):
    """Seconds of the fastest of some calls f(), the least disturbed (3)."""
    times = []
    for _ in range(repeats):
        begin = clock()
        f()
        times.append(clock() - begin)
    return min(times)


def peak_memory(f, *arguments):
    """Most bytes that NumPy held at one time during f(*arguments) (3.4)."""
    tracemalloc.start()
    try:
        f(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
