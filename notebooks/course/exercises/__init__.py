"""Checks for the exercises: one line, three states, never an exception.

A chapter's exercises stand in `chapterN.py` as a dict EXERCISES:
id -> level ("easy", "medium", "hard"), lines (the budget), solution,
others (further right forms), cases (tuples of arguments), mistakes (pairs of
a wrong function and the messages.csv key that says what it suggests), hint
(a messages.csv key).
"""

import copy
import importlib
import inspect
import signal
import threading
from contextlib import contextmanager

import numpy as np
from IPython.display import display

from ..messages import CourseError, message

SECONDS = 5
TOLERANCE = 1e-5


def _blank():
    ...


def _blank_with_docstring():
    """."""
    ...


def exercise(id):
    """The entry of an exercise; CourseError if there is none of that id."""
    chapter = id.partition(".")[0]
    try:
        module = importlib.import_module(f".chapter{chapter}", __name__)
        return module.EXERCISES[id]
    except (ModuleNotFoundError, KeyError):
        raise CourseError("check.unknown", id=id) from None


def check(id, answer):
    """Print whether an answer is right: not attempted, wrong or right.

    id: as the exercise says; answer: the function that was asked for.
    Prints the first difference and, for a known mistake, its own hint.
    """
    print(_verdict(id, exercise(id), answer)[1])


def _verdict(id, entry, answer):
    """("blank" | "wrong" | "right", the line to print)."""
    if _is_blank(answer):
        return "blank", message("check.blank", id=id)
    if not callable(answer):
        return "wrong", message("check.not_a_function", id=id)
    for case in entry["cases"]:
        wanted = entry["solution"](*copy.deepcopy(case))
        try:
            with _time_limit(SECONDS):
                got = answer(*copy.deepcopy(case))
        except TimeoutError:
            return "wrong", message("check.slow", id=id, seconds=SECONDS)
        except Exception as error:
            return "wrong", message("check.raises", id=id, case=_short(case),
                                    error=f"{type(error).__name__}: {error}")
        if not same(got, wanted):
            text = message("check.wrong", id=id, case=_short(case),
                           got=_short(got), wanted=_short(wanted))
            return "wrong", text + _known_mistake(entry, answer)
    return "right", message("check.right", id=id)


def _known_mistake(entry, answer):
    """The hint of the catalogued mistake that gives the same results."""
    for wrong, key in entry["mistakes"]:
        try:
            with _time_limit(SECONDS):
                alike = all(
                    same(answer(*copy.deepcopy(case)),
                         wrong(*copy.deepcopy(case)))
                    for case in entry["cases"])
        except Exception:
            continue
        if alike:
            return " " + message(key)
    return ""


def same(a, b):
    """Whether two results are equal: numbers to 1e-5, any kind of array."""
    if isinstance(b, dict):
        return (isinstance(a, dict) and a.keys() == b.keys()
                and all(same(a[key], b[key]) for key in b))
    if a is None or isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b) and a == b
    try:
        a, b = np.asarray(a), np.asarray(b)
    except (TypeError, ValueError):
        return False
    if a.shape != b.shape or a.dtype.kind in "USO" or b.dtype.kind in "USO":
        return a.shape == b.shape and bool(np.all(a == b))
    return bool(np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE))


def _is_blank(answer):
    if answer is None or answer is ...:
        return True
    code = getattr(answer, "__code__", None)
    if code is None or code.co_names:
        return False
    blanks = (_blank.__code__.co_code, _blank_with_docstring.__code__.co_code)
    return (code.co_code in blanks
            and all(c is None or c == answer.__doc__ for c in code.co_consts))


def _short(value, length=70):
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if hasattr(value, "numpy"):
        value = value.numpy()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        value = np.round(value, 4) if value.dtype.kind in "fc" else value
        value = value.tolist()
    text = " ".join(repr(value).split())
    return text if len(text) <= length else text[:length - 1] + "…"


@contextmanager
def _time_limit(seconds):
    """Raise TimeoutError in the block after that many seconds.

    Needs signals: on Windows, or outside the main thread, nothing is
    limited, and the reader interrupts the kernel.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def hint(id):
    """Print the hint of an exercise."""
    print(message(exercise(id)["hint"]))


def solution(id):
    """Display the solution of an exercise as code."""
    source = inspect.getsource(exercise(id)["solution"])
    display({"text/markdown": f"```python\n{source}```",
             "text/plain": source}, raw=True)
