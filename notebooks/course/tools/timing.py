"""How long a step takes, and how long a batch of a pipeline (6)."""

import time


def milliseconds_in_turns(steps, times=15):
    """The best time of each step, {name: milliseconds}.

    steps: {name: function without arguments}, each called once before it is
    timed, for a first call may compile. Each round takes one of each, so that
    what slows the machine for a while slows all of them; the best one, for
    what disturbs a step only makes it longer.
    """
    for step in steps.values():
        step()
    took = {name: [] for name in steps}
    for _ in range(times):
        for name, step in steps.items():
            begin = time.perf_counter()
            step()
            took[name].append(time.perf_counter() - begin)
    return {name: 1000 * min(seconds) for name, seconds in took.items()}


def milliseconds_a_batch(pipe):
    """The mean time of a batch when nothing else is done with it."""
    begin = time.perf_counter()
    n = sum(1 for _ in pipe)
    return 1000 * (time.perf_counter() - begin) / n
