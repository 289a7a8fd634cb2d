"""Calling a learner's function: in time, in silence, whatever it does."""

import contextlib
import copy
import inspect
import io
import signal
import sys
import threading
import time
import tracemalloc
import warnings

import numpy as np

PRINTED = 500  # characters kept of what an answer prints


class Stopped(BaseException):
    """The time is over. No Exception, so that an answer rarely catches it."""


class _Kept(io.TextIOBase):
    """A stream that keeps the beginning of what is written."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text[:PRINTED - len(self.text)]
        return len(text)


def call(answer, arguments, own=copy.deepcopy, megabytes=None):
    """(kind, what, printed) of one call with a copy of the arguments.

    own: makes that copy; who wants to see what the answer does to its
        arguments gives a function that hands them over as they are.
    megabytes: what it may hold at once, beside its arguments.

    kind: "value" with the result, "error" with a line that names it, "slow"
    when the limit in which it runs has struck, or "large" with the megabytes
    that were held.
    """
    printed, numpy = _Kept(), dict(vars(np))
    try:
        with contextlib.redirect_stdout(printed), \
                contextlib.redirect_stderr(_Kept()), \
                warnings.catch_warnings(), np.errstate(), np.printoptions():
            warnings.simplefilter("ignore")
            if megabytes is None:
                result, held = _run(answer, own(arguments)), 0
            else:
                result, held = _weighed(answer, own(arguments))
        if megabytes is not None and held > megabytes:
            return "large", held, printed.text
        return "value", result, printed.text
    except Stopped:
        return "slow", None, printed.text
    except BaseException as error:  # sys.exit() and interrupts among them
        return "error", named(error), printed.text
    finally:
        vars(np).update(numpy)  # what the answer put in NumPy's place


def _run(answer, arguments):
    """By this frame the alarm knows that an answer runs."""
    return answer(*arguments)


def _weighed(answer, arguments):
    """What it returns, and the megabytes that Python and NumPy held for it."""
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        result = _run(answer, arguments)
        return result, (tracemalloc.get_traced_memory()[1] - before) / 1e6
    finally:
        if not tracing:
            tracemalloc.stop()


def within(answer, arguments, seconds=5, megabytes=None):
    """`call`, in seconds of the processor and in megabytes."""
    began = time.process_time()
    try:
        with time_limit(seconds, processor=True):
            found = call(answer, arguments, megabytes=megabytes)
    except Stopped:
        return "slow", None, ""
    if time.process_time() - began > seconds:  # where nothing stops it
        return "slow", None, found[2]
    return found


def named(error):
    """An error in one short line: its kind and what it says."""
    try:
        text = " ".join(f"{type(error).__name__}: {error}".split())
    except BaseException:
        text = type(error).__name__
    return (text if len(text) <= 200 else text[:199] + "…").rstrip(": ")


def misfit(answer, arguments):
    """How many parameters it takes, if not as many as there are arguments.

    None if it fits, or if it does not tell.
    """
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):
        return None
    try:
        signature.bind(*arguments)
    except TypeError:
        return len(signature.parameters)
    return None


@contextlib.contextmanager
def time_limit(seconds, processor=False):
    """Raise Stopped in the block after that many seconds.

    processor: seconds that this process computes, so that a busy machine
        takes none away; else those of a clock on the wall.

    Needs signals: on Windows, or outside the main thread, nothing is
    limited, and the reader interrupts the kernel.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "SIGALRM"):
        yield
        return

    timer, number = (signal.ITIMER_PROF, signal.SIGPROF) if processor else (
        signal.ITIMER_REAL, signal.SIGALRM)
    struck = False

    def stop(_, frame):
        nonlocal struck
        frames = []
        while frame is not None and frame.f_code is not _run.__code__:
            frames.append(frame)
            frame = frame.f_back
        if frame is not None:
            # an `except:` in the answer may catch this: so once more at its
            # next line, and all of it again, until nothing catches
            struck = True
            signal.setitimer(timer, 0.001, 0.001)
            sys.settrace(lambda *_: None)
            for frame in frames:
                frame.f_trace = again
            raise Stopped
        if not struck and all(f.f_code is not call.__code__ for f in frames):
            raise Stopped

    def again(_, event, __):
        if event == "line":
            raise Stopped
        return again

    began, trace = time.monotonic(), sys.gettrace()
    handler = signal.signal(number, stop)
    left, interval = signal.setitimer(timer, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, handler)
        if sys.gettrace() is not trace:  # a debugger warns of each call
            sys.settrace(trace)
        if left:  # another clock ran already: it goes on
            left = max(left - (time.monotonic() - began), 0.01)
            signal.setitimer(timer, left, interval)
