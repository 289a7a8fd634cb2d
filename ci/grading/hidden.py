"""Hidden cases of an exercise: further random inputs like the visible ones.

Each is a visible case with other values: arrays of the same shape, kind and
range, other numbers, lists of the same length; or drawn, where an entry has
`draw` or `specifications.DRAW` has its exercise. It counts only if it keeps
the exercise's specification, and the solution and all other right forms agree
on it: no right answer fails on an input that the exercise never meant.
"""
import copy
import random
import warnings

import numpy as np

from ci import Stop
from ci.grading.specifications import DRAW, VALID

MOST = 8  # hidden cases of an exercise
ATTEMPTS = 200


def hidden_cases(id, entry, seed):
    """(cases, results) of an exercise; the same for the same seed."""
    if id not in VALID:
        raise Stop("Say in ci/grading/specifications.py what the text of %s "
                   "promises of its inputs." % id)
    rng = np.random.default_rng(random.Random(seed).getrandbits(64))
    forms = [entry["solution"], *entry["others"]]
    draw = entry.get("draw", DRAW.get(id))
    cases, results = [], []
    for k in range(ATTEMPTS):
        if len(cases) == MOST:
            break
        case = tuple(draw(rng)) if draw else vary_case(
            entry["cases"], k % len(entry["cases"]), rng)
        wanted = agreed(forms, case) if VALID[id](*case) else None
        if wanted is not None and not any(
                alike(case, other) for other in entry["cases"] + cases):
            cases.append(case)
            results.append(wanted)
    return cases, results


def agreed(forms, case):
    """What all right forms give for a case; None if they don't agree."""
    from course.exercises.values import same
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            first, *others = [form(*copy.deepcopy(case)) for form in forms]
    except Exception:
        return None
    if first is None or not finite(first):
        return None
    return first if all(same(other, first) for other in others) else None


def finite(value):
    """Whether a result holds no infinity and no NaN."""
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(finite, value))
    array = np.asarray(value)
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def alike(a, b):
    """Whether two cases are equal to the last digit."""
    from course.exercises.values import encode
    return encode(a) == encode(b)


def vary_case(cases, k, rng):
    """Another case like number k: each argument varied by itself."""
    pools = zip(*cases) if len({len(case) for case in cases}) == 1 else (
        [[value] for value in cases[k]])
    return tuple(vary(value, list(pool), rng)
                 for value, pool in zip(cases[k], pools))


def vary(value, pool, rng):
    """A value of the same kind; pool: what other cases have in its place."""
    if isinstance(value, np.ndarray):
        return vary_array(value, rng)
    if isinstance(value, (bool, str)) or value is None:
        return pool[rng.integers(len(pool))]
    if isinstance(value, int):
        chosen = pool[rng.integers(len(pool))]
        step = int(rng.integers(-1, 3)) if chosen > 1 else 0
        return chosen + step if isinstance(chosen, int) else value
    if isinstance(value, float):
        return float(value * rng.uniform(0.5, 1))
    if isinstance(value, (list, tuple)):
        if value and isinstance(value[0], (int, float)) and len(
                {type(item) for item in value}) == 1:
            return type(value)(vary_array(np.array(value), rng).tolist())
        return type(value)(vary(item, [item], rng) for item in value)
    if isinstance(value, dict):
        return {key: vary(item, [item], rng) for key, item in value.items()}
    return value


def vary_array(array, rng):
    """Other values of the same shape, kind and range.

    Rows that sum to 1 do so again, whole numbers stay whole, and where all
    differ they differ again.
    """
    kind, size = array.dtype.kind, array.size
    if kind not in "biuf" or not size:
        return array.copy()
    low, high = array.min(), array.max()
    if kind == "b":
        return rng.random(array.shape) < 0.5
    distinct = len(np.unique(array)) == size
    if kind == "f" and array.ndim and low >= 0 and np.allclose(
            array.sum(-1), 1):
        new = rng.uniform(0.05, 1, array.shape)
        return (new / new.sum(-1, keepdims=True)).astype(array.dtype)
    if kind in "iu" or (array == np.round(array)).all():
        if distinct:
            return rng.permuted(array.ravel()).reshape(array.shape)
        new = rng.integers(int(low), int(high) + 1, array.shape)
        return new.astype(array.dtype)
    return rng.uniform(low, high, array.shape).astype(array.dtype)
