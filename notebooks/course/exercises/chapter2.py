"""Exercises of chapter 2."""

import numpy as np


def _several(key, *wrong):
    """Mistakes that one message fits."""
    return [(function, key) for function in wrong]


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


def half_length(V, D, n_layers):
    return 6 * D + V / (2 * n_layers)


def _half_length_quotient(V, D, n_layers):
    plain = 2 * (12 * n_layers * D**2 + D * V)
    return plain / (4 * n_layers * D)


def _half_length_sum(V, D, n_layers):
    return sum(12 * D for _ in range(n_layers)) / n_layers / 2 + (
        V / n_layers / 2)


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


# ---- hidden cases that keep the specification ----


def _draw_heads(rng):
    groups, shared, H = (int(n) for n in rng.integers(1, [5, 5, 17]))
    return groups * shared * H, groups * shared, groups


def _draw_experts(rng):
    D, d_ff, n_experts = (int(n) for n in rng.integers(2, [65, 257, 17]))
    return D, d_ff, n_experts, int(rng.integers(1, n_experts + 1))


def _draw_nearest(rng):
    n, m, F = rng.integers(3, [30, 20, 6])
    return (rng.normal(size=(n, F)), rng.integers(0, 10, n),
            rng.normal(size=(m, F)))


def _draw_crossing(rng):
    size = int(rng.integers(3, 7))
    gap = rng.uniform(0.01, 0.1, size) * rng.choice([-1, 1], size)
    gap[0], gap[-1] = -abs(gap[0]), abs(gap[-1])
    a = np.sort(rng.uniform(0.2, 0.8, size))
    return 10 * np.cumprod(rng.uniform(1.5, 6, size)), a, a + gap


_SIZES = np.array([20.0, 100, 500, 2500])
_X, _Q = _rng.normal(size=(40, 3)), _rng.normal(size=(25, 3))

def _nearest_in(how):
    """The label of the example with the least how(differences)."""
    return lambda X, y, Q: y[how(Q[:, None] - X).argmin(axis=1)]


def _nearest_cosine(X, y, Q):
    return y[(Q @ (X / np.linalg.norm(X, axis=1, keepdims=True)).T).argmax(1)]


def _nearest_lengths(X, y, Q):
    X, Q = np.linalg.norm(X, axis=1), np.linalg.norm(Q, axis=1)
    return y[np.abs(Q[:, None] - X).argmin(axis=1)]


def _nearest_means(X, y, Q):
    labels = np.unique(y)
    return nearest(np.array([X[y == k].mean(axis=0) for k in labels]),
                   labels, Q)


def _counts(stored, used):
    """Both counts from e of an expert, r of the router, n, k and D."""
    def wrong(D, d_ff, n_experts, k):
        given = 2 * D * d_ff, D * n_experts, n_experts, k, D
        return stored(*given), used(*given)
    return wrong


def _counts_of(expert, router):
    """Both counts where an expert or the router is of another size."""
    def wrong(D, d_ff, n_experts, k):
        e, r = expert(D, d_ff), router(D, d_ff, n_experts, k)
        return n_experts * e + r, k * e + r
    return wrong


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
        "hint": "2.shared_heads.hint", "draw": _draw_heads,
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
            *_several(
                "2.experts.two",
                _counts_of(lambda D, d_ff: 3 * D * d_ff,
                           lambda D, d_ff, n, k: D * n),
                _counts_of(lambda D, d_ff: 2 * (D + d_ff),
                           lambda D, d_ff, n, k: D * n)),
            *_several(
                "2.experts.biases",
                _counts_of(lambda D, d_ff: 2 * D * d_ff + D + d_ff,
                           lambda D, d_ff, n, k: D * n),
                _counts_of(lambda D, d_ff: 2 * D * d_ff,
                           lambda D, d_ff, n, k: D * n + n)),
            (_counts(lambda e, r, n, k, D: n * e,
                     lambda e, r, n, k, D: k * e + r),
             "2.experts.router_stored"),
            (_counts(lambda e, r, n, k, D: n * e + r,
                     lambda e, r, n, k, D: k * e), "2.experts.router_used"),
            *_several(
                "2.experts.k",
                _counts(lambda e, r, n, k, D: n * e + r,
                        lambda e, r, n, k, D: n * e + r),
                _counts(lambda e, r, n, k, D: n * e + r,
                        lambda e, r, n, k, D: (n - k) * e + r)),
            (_counts(lambda e, r, n, k, D: e + r,
                     lambda e, r, n, k, D: k * e + r), "2.experts.stored"),
            *_several(
                "2.experts.router_size",
                *(_counts_of(lambda D, d_ff: 2 * D * d_ff, size) for size in (
                    lambda D, d_ff, n, k: n, lambda D, d_ff, n, k: D * k,
                    lambda D, d_ff, n, k: d_ff * n))),
            (_counts(lambda e, r, n, k, D: n * (e + r),
                     lambda e, r, n, k, D: k * (e + r)),
             "2.experts.one_router"),
            (_counts(lambda e, r, n, k, D: n * e + r,
                     lambda e, r, n, k, D: (k * e + r) / (n * e + r)),
             "2.experts.share"),
        ],
        "hint": "2.experts.hint", "draw": _draw_experts,
    },
    "2.half_length": {
        "level": "medium", "lines": 1, "solution": half_length,
        "others": [_half_length_quotient, _half_length_sum],
        "cases": [(213, 96, 2), (50_257, 12_288, 96), (8000, 256, 6),
                  (32_000, 4096, 32)],
        "mistakes": [
            (lambda V, D, n_layers: 6 * D, "2.half_length.output"),
            (lambda V, D, n_layers: 12 * D + V / n_layers,
             "2.half_length.double"),
            (lambda V, D, n_layers: 3 * D + V / (4 * n_layers),
             "2.half_length.quarter"),
            (lambda V, D, n_layers: 6 * D + V / 2, "2.half_length.layers"),
            (lambda V, D, n_layers: 18 * D + 3 * V / (2 * n_layers),
             "2.half_length.three"),
        ],
        "hint": "2.half_length.hint",
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
            (np.array([[0.0, 0], [10, 0], [4, 0], [4, 8]]),
             np.array([1, 1, 0, 0]),  # labels that occur more than once
             np.array([[4.5, 0.5], [9, 1], [4, 5], [1, 1]])),
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
            (_nearest_in(lambda d: np.abs(d).max(axis=-1)),
             "2.nearest.largest"),
            (_nearest_in(lambda d: d.sum(axis=-1) ** 2), "2.nearest.square"),
            *_several("2.nearest.product", _nearest_cosine,
                      lambda X, y, Q: y[(Q @ X.T).argmin(axis=1)]),
            (lambda X, y, Q: y[((X**2).sum(axis=1) - Q @ X.T).argmin(axis=1)],
             "2.nearest.twice"),
            (lambda X, y, Q: y[((X - Q[0]) ** 2).sum(axis=1).argmin()],
             "2.nearest.each"),
            *_several("2.nearest.distance",
                      lambda X, y, Q: ((Q[:, None] - X)**2).sum(-1).min(1),
                      lambda X, y, Q: np.linalg.norm(
                          Q[:, None] - X, axis=-1).min(axis=1)),
            (lambda X, y, Q: y[((Q[:, None] - X) ** 2).sum(axis=-1)
                               .argsort(axis=1)[:, 1]], "2.nearest.second"),
            (_nearest_in(lambda d: np.abs(d[..., 0])), "2.nearest.feature"),
            (lambda X, y, Q: nearest(-X, y, Q), "2.nearest.plus"),
            (_nearest_lengths, "2.nearest.lengths"),
            (_nearest_means, "2.nearest.means"),
        ],
        "hint": "2.nearest.hint", "draw": _draw_nearest,
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
        "hint": "2.crossing.hint", "draw": _draw_crossing,
    },
}
