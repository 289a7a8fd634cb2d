"""Exercises of chapter 2."""

import numpy as np

_rng = np.random.default_rng(2)

# ---- 2.1: what a large model is ----


def shared_heads(D, n_heads, n_groups):
    H = D // n_heads
    return 2 * (D + 1) * D + 2 * (D + 1) * n_groups * H


def _shared_heads_layers(D, n_heads, n_groups):
    outputs = [D, n_groups * D // n_heads, n_groups * D // n_heads, D]
    return sum(D * b + b for b in outputs)


def _without_biases(D, n_heads, n_groups):
    return 2 * D * D + 2 * D * n_groups * (D // n_heads)


def _one_matrix(D, n_heads, n_groups):
    return 2 * (D + 1) * D + (D + 1) * n_groups * (D // n_heads)


def _no_output(D, n_heads, n_groups):
    return (D + 1) * D + 2 * (D + 1) * n_groups * (D // n_heads)


def _whole_heads(D, n_heads, n_groups):
    return 2 * (D + 1) * D + 2 * (D + 1) * n_groups * D


def experts(D, d_ff, n_experts, k):
    expert, router = 2 * D * d_ff, D * n_experts
    return n_experts * expert + router, k * expert + router


def _experts_product(D, d_ff, n_experts, k):
    return [D * (2 * d_ff * n + n_experts) for n in (n_experts, k)]


def _experts_added(D, d_ff, n_experts, k):
    used = D * n_experts + sum(D * d_ff + d_ff * D for _ in range(k))
    return used + (n_experts - k) * 2 * D * d_ff, used


YEAR = 365.25 * 24 * 3600  # seconds


def years_of(N, tokens, speed):
    return 6 * N * tokens / speed / (365.25 * 24 * 3600)


# ---- 2.2: traditional models ----


def nearest(X, y, Q):
    distance = ((Q[:, None] - X) ** 2).sum(axis=-1)  # (m, n)
    return y[distance.argmin(axis=1)]


def _nearest_product(X, y, Q):
    D = (X**2).sum(axis=1) - 2 * Q @ X.T  # |q|^2 is the same for all
    return y[np.argmin(D, axis=1)]


def _nearest_loop(X, y, Q):
    return [y[np.argmin([np.linalg.norm(x - q) for x in X])] for q in Q]


def _by_city_blocks(X, y, Q):
    return y[np.abs(Q[:, None] - X).sum(axis=-1).argmin(axis=1)]


def _by_signed_sum(X, y, Q):
    return y[(Q[:, None] - X).sum(axis=-1).argmin(axis=1)]


# ---- 2.3: large models against traditional models ----


def paired(a, b):
    d = a - b
    return d.mean(), d.std(ddof=1) / np.sqrt(len(d))


def _paired_by_hand(a, b):
    d = np.subtract(a, b)
    middle = sum(d) / len(d)
    return [middle, (sum((d - middle) ** 2) / (len(d) - 1) / len(d)) ** 0.5]


def _paired_var(a, b):
    return (a - b).mean(), (np.var(a - b, ddof=1) / a.size) ** 0.5


def _unpaired(a, b):
    variance = a.var(ddof=1) + b.var(ddof=1)
    return (a - b).mean(), np.sqrt(variance / len(a))


def crossing(n, a, b):
    gap = b - a
    i = np.argmax(gap >= 0)
    part = gap[i - 1] / (gap[i - 1] - gap[i])
    return n[i - 1] * (n[i] / n[i - 1]) ** part


def _crossing_interp(n, a, b):
    i = np.argmax(b >= a)
    return np.exp(np.interp(0, (b - a)[i - 1:i + 1],
                            np.log(n[i - 1:i + 1])))


def _crossing_loop(n, a, b):
    gap, x = b - a, np.log10(n)
    for i in range(1, len(n)):
        if gap[i] >= 0:
            slope = (gap[i] - gap[i - 1]) / (x[i] - x[i - 1])
            return 10 ** (x[i - 1] - gap[i - 1] / slope)


def _plain_axis(n, a, b):
    gap = b - a
    i = np.argmax(gap >= 0)
    part = gap[i - 1] / (gap[i - 1] - gap[i])
    return n[i - 1] + (n[i] - n[i - 1]) * part


def _last_crossing(n, a, b):
    gap = b - a
    i = len(n) - np.argmax(gap[::-1] < 0)
    part = gap[i - 1] / (gap[i - 1] - gap[i])
    return n[i - 1] * (n[i] / n[i - 1]) ** part


def _halfway(n, a, b):
    i = np.argmax(b >= a)
    return np.sqrt(n[i - 1] * n[i])


_SIZES = np.array([20.0, 100, 500, 2500])
_X, _Q = _rng.normal(size=(40, 3)), _rng.normal(size=(25, 3))

EXERCISES = {
    "2.shared_heads": {
        "level": "easy", "lines": 2, "solution": shared_heads,
        "others": [
            _shared_heads_layers,
            lambda D, n_heads, n_groups:
                2 * D * (D + 1) * (n_heads + n_groups) // n_heads],
        "cases": [(64, 8, 8), (64, 8, 2), (64, 8, 1), (96, 12, 4)],
        "mistakes": [
            (_without_biases, "2.shared_heads.biases"),
            (_one_matrix, "2.shared_heads.both"),
            (_no_output, "2.shared_heads.output"),
            (_whole_heads, "2.shared_heads.width"),
            (lambda D, n_heads, n_groups: 4 * (D + 1) * D,
             "2.shared_heads.all"),
        ],
        "hint": "2.shared_heads.hint",
    },
    "2.experts": {
        "level": "medium", "lines": 3, "solution": experts,
        "others": [_experts_product, _experts_added],
        "cases": [(4, 16, 8, 2), (64, 256, 4, 1), (32, 100, 16, 16)],
        "mistakes": [
            (lambda D, d_ff, n_experts, k:
                (n_experts * 2 * D * d_ff, k * 2 * D * d_ff),
             "2.experts.router"),
            (lambda D, d_ff, n_experts, k:
                (n_experts * 2 * D * d_ff + D * n_experts,
                 k * 2 * D * d_ff + D * k), "2.experts.whole_router"),
            (lambda D, d_ff, n_experts, k:
                (n_experts * D * d_ff + D * n_experts,
                 k * D * d_ff + D * n_experts), "2.experts.two"),
            (lambda D, d_ff, n_experts, k:
                experts(D, d_ff, n_experts, k)[::-1], "2.experts.order"),
            (lambda D, d_ff, n_experts, k:
                experts(D, d_ff, n_experts, 1), "2.experts.k"),
        ],
        "hint": "2.experts.hint",
    },
    "2.years": {
        "level": "easy", "lines": 1, "solution": years_of,
        "others": [
            lambda N, tokens, speed: 6 * N * tokens / (speed * 31_557_600),
            lambda N, tokens, speed: 6 * N / speed * tokens / 86_400 / 365.25],
        "cases": [(1e9, 2e10, 1e11), (174.6e9, 300e9, 5e10),
                  (60_506_624, 1e9, 1e10), (5e6, 1e9, 2e9)],
        "mistakes": [
            (lambda N, tokens, speed: 6 * N * tokens / speed, "2.years.unit"),
            (lambda N, tokens, speed: 2 * N * tokens / speed / YEAR,
             "2.years.forward"),
            (lambda N, tokens, speed: 6 * N * tokens / speed / YEAR * 365.25,
             "2.years.days"),
            (lambda N, tokens, speed: 6 * N * tokens * speed / YEAR,
             "2.years.times"),
        ],
        "hint": "2.years.hint",
    },
    "2.nearest": {
        "level": "medium", "lines": 2, "solution": nearest,
        "others": [_nearest_product, _nearest_loop],
        "cases": [
            (np.array([[0.0, 0], [4, 0], [0, 3]]), np.array([7, 1, 5]),
             np.array([[1.0, 1], [0, 2], [5, 5], [3, 1]])),
            (_X, np.arange(40), _Q),
            (np.array([[3.0, 0], [2, 2.1]]), np.array([0, 1]),
             np.array([[0.0, 0], [9, 9], [-1, -7]])),
        ],
        "mistakes": [
            (_by_city_blocks, "2.nearest.city"),
            (_by_signed_sum, "2.nearest.square"),
            (lambda X, y, Q: ((Q[:, None] - X) ** 2).sum(-1).argmin(1),
             "2.nearest.place"),
            (lambda X, y, Q: y[((Q[:, None] - X) ** 2).sum(-1).argmax(1)],
             "2.nearest.farthest"),
            (lambda X, y, Q: y[(Q @ X.T).argmax(axis=1)],
             "2.nearest.product"),
        ],
        "hint": "2.nearest.hint",
    },
    "2.paired": {
        "level": "medium", "lines": 2, "solution": paired,
        "others": [_paired_by_hand, _paired_var],
        "cases": [
            (np.array([0.98, 0.97, 0.99]), np.array([0.96, 0.96, 0.96])),
            (np.array([0.9, 0.5, 0.7, 0.8]), np.array([0.8, 0.4, 0.6, 0.9])),
            (_rng.random(6), _rng.random(6)),
        ],
        "mistakes": [
            (_unpaired, "2.paired.unpaired"),
            (lambda a, b: ((a - b).mean(), (a - b).std(ddof=1)),
             "2.paired.root"),
            (lambda a, b: ((a - b).mean(), (a - b).std() / len(a)**0.5),
             "2.paired.ddof"),
            (lambda a, b: ((b - a).mean(),
                           (a - b).std(ddof=1) / len(a)**0.5),
             "2.paired.sign"),
            (lambda a, b: ((a - b).mean(),
                           (a - b).var(ddof=1) / len(a)), "2.paired.var"),
        ],
        "hint": "2.paired.hint",
    },
    "2.crossing": {
        "level": "hard", "lines": 4, "solution": crossing,
        "others": [_crossing_interp, _crossing_loop],
        "cases": [
            (_SIZES, np.array([0.5, 0.6, 0.7, 0.8]),
             np.array([0.3, 0.5, 0.8, 0.95])),
            (_SIZES, np.array([0.4, 0.6, 0.7, 0.9]),
             np.array([0.3, 0.68, 0.65, 0.93])),  # crosses three times
            (_SIZES, np.array([0.4, 0.6, 0.7, 0.9]),
             np.array([0.1, 0.2, 0.6, 0.93])),
            (np.array([50.0, 200, 1437]), np.array([0.2, 0.4, 0.9]),
             np.array([0.1, 0.4, 0.95])),  # meets on the grid
            (_SIZES, np.array([0.5, 0.6, 0.7, 0.8]),
             np.array([0.3, 0.6, 0.65, 0.9])),  # meets, falls back, crosses
        ],
        "mistakes": [
            (_plain_axis, "2.crossing.plain"),
            (_last_crossing, "2.crossing.last"),
            (lambda n, a, b: n[np.argmax(b >= a)], "2.crossing.grid"),
            (lambda n, a, b: n[np.argmax(b >= a) - 1], "2.crossing.below"),
            (_halfway, "2.crossing.halfway"),
        ],
        "hint": "2.crossing.hint",
    },
}
