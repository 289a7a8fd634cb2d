"""Exercises of chapter 1."""

import numpy as np

_rng = np.random.default_rng(1)


# ---- 1.1: doublings a year ----


def doublings(years, values):
    t = years - np.mean(years)
    return t @ np.log2(values) / (t @ t)


def _doublings_loop(years, values):
    t, z = np.mean(years), np.mean(np.log2(values))
    up = sum((a - t) * (np.log2(v) - z) for a, v in zip(years, values))
    return up / sum((a - t)**2 for a in years)


def _ends(years, values):
    return np.log2(values[-1] / values[0]) / (years[-1] - years[0])


# ---- 1.2: widths for a budget ----


def _parameters(L, h):
    return 3 * h + (L - 1) * (h + 1) * h + h + 1


def width(L, budget):
    h = 1
    while 3 * h + 3 + (L - 1) * (h + 2) * (h + 1) + h + 2 <= budget:
        h += 1
    return h


def _width_max(L, budget):
    return max(h for h in range(1, budget) if _parameters(L, h) <= budget)


def _width_root(L, budget):
    if L == 1:
        return (budget - 1) // 4
    b, c = L + 3, 1 - budget  # (L - 1) h^2 + (L + 3) h + 1 - budget = 0
    return int((-b + (b * b - 4 * (L - 1) * c)**0.5) / (2 * (L - 1)) + 1e-9)


def _width_by(rule):
    """The largest width for another count of the parameters."""
    return lambda L, budget: max(
        h for h in range(1, 2 * budget) if rule(L, h) <= budget)


# ---- 1.3: profiles ----


def profiles(X):
    return np.concatenate([X.sum(axis=2), X.sum(axis=1)], axis=1)


def _profiles_loop(X):
    return np.array([[*x.sum(axis=1), *x.sum(axis=0)] for x in X])


# ---- 1.4: perplexity, and a loss foretold ----


def perplexity(p):
    return np.exp(-np.mean(np.log(p)))


def extrapolate(n, L):
    slope, level = np.polyfit(np.log(n[:-1]), np.log(L[:-1]), 1)
    return np.exp(level + slope * np.log(n[-1]))


def _extrapolate_sums(n, L):
    x, z = np.log10(n[:-1]), np.log10(L[:-1])
    t = x - x.mean()
    return 10**(z.mean() + t @ z / (t @ t) * (np.log10(n[-1]) - x.mean()))


def _extrapolate_from(first=0, last=None, f=np.log, g=np.log, back=np.exp):
    """The same from some of the points, or on other axes."""
    def wrong(n, L):
        line = np.polyfit(f(n[first:last]), g(L[first:last]), 1)
        return back(np.polyval(line, f(n[-1])))
    return wrong


def _same(z):
    return z


# ---- 1.5: patches ----


def patches(X, k):
    h, w, c = X.shape
    X = X.reshape(h // k, k, w // k, k, c).swapaxes(1, 2)
    return X.reshape(-1, k * k * c)


def _patches_loop(X, k):
    return np.array([X[i:i + k, j:j + k].ravel()
                     for i in range(0, X.shape[0], k)
                     for j in range(0, X.shape[1], k)])


def _patches_split(X, k):
    rows = np.split(X, X.shape[0] // k)
    return np.array([part.ravel() for row in rows
                     for part in np.split(row, X.shape[1] // k, axis=1)])


EXERCISES = {
    "1.doublings": {
        "level": "medium", "lines": 3, "solution": doublings,
        "others": [_doublings_loop,
                   lambda t, v: np.polyfit(t, np.log2(v), 1)[0]],
        "cases": [
            (np.array([2000, 2001, 2002, 2005]), np.array([1, 2, 4, 32.0])),
            (np.array([1987, 1998, 2012, 2020, 2021]),
             np.array([18629, 6e4, 6e7, 1.75e11, 1.6e12])),
            (np.array([2010, 2012, 2012, 2019]),
             np.array([64.0, 8, 16, 2])),
            (np.array([2019.25, 2020.5, 2021.75]),
             np.array([0.3, 1.5, 1.1])),
        ],
        "mistakes": [
            (lambda t, v: np.polyfit(t, np.log(v), 1)[0],
             "1.doublings.natural"),
            (lambda t, v: np.polyfit(t, np.log10(v), 1)[0],
             "1.doublings.ten"),
            (lambda t, v: 1 / np.polyfit(t, np.log2(v), 1)[0],
             "1.doublings.time"),
            (lambda t, v: np.polyfit(t, v, 1)[0], "1.doublings.no_log"),
            (_ends, "1.doublings.ends"),
        ],
        "hint": "1.doublings.hint",
    },
    "1.width": {
        "level": "medium", "lines": 4, "solution": width,
        "others": [_width_max, _width_root],
        "cases": [(1, 310), (2, 310), (3, 310), (1, 309), (1, 308),
                  (2, 301), (4, 1000), (2, 10), (3, 80)],
        "mistakes": [
            (lambda L, budget: width(L, budget) + 1, "1.width.over"),
            (_width_by(lambda L, h: 2 * h + (L - 1) * h * h + h),
             "1.width.bias"),
            (_width_by(lambda L, h: 3 * h + L * (h + 1) * h + h + 1),
             "1.width.layers"),
            (lambda L, budget: width(1, budget), "1.width.one"),
            (_width_by(lambda L, h: _parameters(L, h) + 1),
             "1.width.equal"),
        ],
        "hint": "1.width.hint",
    },
    "1.profiles": {
        "level": "easy", "lines": 1, "solution": profiles,
        "others": [_profiles_loop,
                   lambda X: np.hstack([X.sum(-1), X.sum(-2)])],
        "cases": [(np.arange(12.0).reshape(1, 3, 4)**2,),
                  (_rng.random((5, 4, 4)),), (_rng.random((2, 2, 7)),)],
        "mistakes": [
            (lambda X: np.concatenate([X.sum(1), X.sum(2)], axis=1),
             "1.profiles.order"),
            (lambda X: np.concatenate([X.mean(2), X.mean(1)], axis=1),
             "1.profiles.mean"),
            (lambda X: X.sum(2), "1.profiles.rows"),
            (lambda X: np.concatenate([X.sum((0, 2)), X.sum((0, 1))]),
             "1.profiles.all"),
            (lambda X: X.reshape(len(X), -1), "1.profiles.flat"),
        ],
        "hint": "1.profiles.hint",
    },
    "1.perplexity": {
        "level": "easy", "lines": 1, "solution": perplexity,
        "others": [lambda p: 2**-np.log2(p).mean(),
                   lambda p: np.prod(1 / p)**(1 / len(p))],
        "cases": [(np.array([0.5, 0.25, 0.125]),), (np.full(4, 1 / 27),),
                  (np.array([0.9, 0.05, 0.3, 0.7, 0.02]),)],
        "mistakes": [
            (lambda p: np.exp(-np.log(p).sum()), "1.perplexity.sum"),
            (lambda p: np.mean(1 / p), "1.perplexity.inverse"),
            (lambda p: 1 / np.mean(p), "1.perplexity.mean"),
            (lambda p: -np.log(p).mean(), "1.perplexity.loss"),
            (lambda p: np.exp(-np.log2(p).mean()), "1.perplexity.base"),
        ],
        "hint": "1.perplexity.hint",
    },
    "1.extrapolate": {
        "level": "medium", "lines": 3, "solution": extrapolate,
        "others": [_extrapolate_sums, _extrapolate_from(last=-1)],
        "cases": [(np.array([1.0, 10, 100, 500]),
                   np.array([3.0, 2.4, 2.0, 1.7])),
                  (np.array([700.0, 3e3, 2e4, 9e4, 4e5]),
                   np.array([2.3, 2.0, 1.6, 1.5, 1.2])),
                  (10.0**np.arange(4), 5 * 10.0**(-0.3 * np.arange(4)))],
        "mistakes": [
            (_extrapolate_from(), "1.extrapolate.all"),
            (_extrapolate_from(last=-1, f=_same, g=_same, back=_same),
             "1.extrapolate.no_logs"),
            (_extrapolate_from(last=-1, g=_same, back=_same),
             "1.extrapolate.one_log"),
            (_extrapolate_from(last=-1, back=_same),
             "1.extrapolate.logarithm"),
            (_extrapolate_from(first=-3, last=-1), "1.extrapolate.two"),
        ],
        "hint": "1.extrapolate.hint",
    },
    "1.patches": {
        "level": "hard", "lines": 3, "solution": patches,
        "others": [_patches_loop, _patches_split],
        "cases": [(np.arange(4 * 6 * 2).reshape(4, 6, 2), 2),
                  (_rng.random((6, 3, 1)), 3), (_rng.random((4, 8, 3)), 4)],
        "mistakes": [
            (lambda X, k: X.reshape(-1, k * k * X.shape[2]),
             "1.patches.no_swap"),
            (lambda X, k: _patches_loop(X.swapaxes(0, 1), k),
             "1.patches.turned"),
            (lambda X, k: np.moveaxis(patches(X, k).reshape(
                -1, k, k, X.shape[2]), 3, 1).reshape(
                -1, k * k * X.shape[2]), "1.patches.colours"),
            (lambda X, k: patches(X, k).reshape(-1, k, k, X.shape[2]),
             "1.patches.shape"),
            (lambda X, k: patches(X, k).reshape(
                -1, k * k, X.shape[2]).mean(axis=1), "1.patches.mean"),
        ],
        "hint": "1.patches.hint",
    },
}
