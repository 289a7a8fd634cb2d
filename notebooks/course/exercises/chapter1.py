"""Exercises of chapter 1."""

import numpy as np

_rng = np.random.default_rng(1)


def gigabytes(n, bits):
    return n * bits / 8 / 1e9


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


# ---- 1.4: exponents ----


def power_law(n, L):
    return -np.polyfit(np.log(n), np.log(L), 1)[0]


def _power_law_sums(n, L):
    x, y = np.log(n) - np.log(n).mean(), np.log(L)
    return -(x @ y) / (x @ x)


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
    "1.gigabytes": {
        "level": "easy", "lines": 1, "solution": gigabytes,
        "others": [lambda n, bits: bits * n / 8e9,
                   lambda n, bits: n / 10**9 * (bits / 8)],
        "cases": [(175e9, 16), (60_506_624, 32), (7e9, 4), (1e9, 1)],
        "mistakes": [
            (lambda n, bits: n * bits / 1e9, "1.gigabytes.bits"),
            (lambda n, bits: n * bits / 8 / 2**30, "1.gigabytes.binary"),
            (lambda n, bits: n * bits / 8, "1.gigabytes.bytes"),
            (lambda n, bits: n * bits / 8 / 1e6, "1.gigabytes.mega"),
        ],
        "hint": "1.gigabytes.hint",
    },
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
    "1.power_law": {
        "level": "medium", "lines": 2, "solution": power_law,
        "others": [_power_law_sums,
                   lambda n, L: np.polyfit(np.log10(n), -np.log10(L), 1)[0]],
        "cases": [(np.array([1.0, 10, 100]), np.array([3.0, 2.4, 2.0])),
                  (np.array([700.0, 3e3, 2e4, 9e4]),
                   np.array([2.3, 2.0, 1.6, 1.5])),
                  (10.0**np.arange(4), 5 * 10.0**(-0.3 * np.arange(4)))],
        "mistakes": [
            (lambda n, L: -power_law(n, L), "1.power_law.sign"),
            (lambda n, L: -np.polyfit(n, L, 1)[0], "1.power_law.no_logs"),
            (lambda n, L: -np.polyfit(np.log(n), L, 1)[0],
             "1.power_law.one_log"),
            (lambda n, L: -np.polyfit(np.log(L), np.log(n), 1)[0],
             "1.power_law.turned"),
            (lambda n, L: -np.polyfit(np.log(n), np.log(L), 1)[1],
             "1.power_law.level"),
        ],
        "hint": "1.power_law.hint",
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
