"""Exercises of chapter 7."""

import numpy as np


def _several(key, *wrong):
    """Mistakes that one message fits."""
    return [(function, key) for function in wrong]


_rng = np.random.default_rng(7)

# ---- 7.1: trends ----


def backtest(t, z, cut):
    past = t <= cut
    g, b = np.polyfit(t[past], z[past], 1)
    return np.mean(z[~past] - (g * t[~past] + b))


def _backtest_sums(t, z, cut):
    known = t < cut + 1e-9
    d = t[known] - t[known].mean()
    g = d @ z[known] / (d @ d)
    late = [(a, b) for a, b in zip(t, z) if a > cut]
    return sum(b - z[known].mean() - g * (a - t[known].mean())
               for a, b in late) / len(late)


def _backtest_poly(t, z, cut):
    line = np.polynomial.Polynomial.fit(t[t <= cut], z[t <= cut], 1)
    return (z - line(t))[t > cut].mean()


def _from_all(t, z, cut):
    return np.mean((z - np.polyval(np.polyfit(t, z, 1), t))[t > cut])


def _cut_hidden(t, z, cut):
    line = np.polyfit(t[t < cut], z[t < cut], 1)
    return np.mean((z - np.polyval(line, t))[t >= cut])


def _over_all(t, z, cut):
    line = np.polyfit(t[t <= cut], z[t <= cut], 1)
    return np.mean(z - np.polyval(line, t))


def _distance(t, z, cut):
    line = np.polyfit(t[t <= cut], z[t <= cut], 1)
    return np.mean(np.abs(z - np.polyval(line, t))[t > cut])


def split(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / 6 / N


def _split_tokens(C, A, B, alpha, beta):
    D = (beta * B / (alpha * A)) ** (1 / (alpha + beta))
    D *= (C / 6) ** (alpha / (alpha + beta))
    return C / (6 * D), D


def _split_logs(C, A, B, alpha, beta):
    both = alpha + beta
    log_N = (np.log(alpha * A) - np.log(beta * B) + beta * np.log(C / 6))
    return np.exp(log_N / both), C / 6 / np.exp(log_N / both)


def _split_exponent(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (alpha / (alpha + beta))
    return N, C / 6 / N


def _split_no_alpha(C, A, B, alpha, beta):
    N = (A / B) ** (1 / (alpha + beta)) * (C / 6) ** (beta / (alpha + beta))
    return N, C / 6 / N


def _split_no_six(C, A, B, alpha, beta):
    N, D = split(6 * C, A, B, alpha, beta)
    return N, C / N


# ---- 7.2: compression ----


def prune(W, share):
    out = W.copy()
    out.ravel()[np.argsort(np.abs(W), axis=None)[:round(share * W.size)]] = 0
    return out


def _prune_rank(W, share):
    rank = np.abs(W).ravel().argsort().argsort().reshape(W.shape)
    return np.where(rank < round(share * W.size), 0, W)


def _prune_loop(W, share):
    flat = list(np.array(W, float).ravel())
    for k in sorted(range(len(flat)), key=lambda k: abs(flat[k]))[
            :round(share * len(flat))]:
        flat[k] = 0
    return np.reshape(flat, W.shape)


def _prune_by(key):
    """Zeros where `key`, a function of W, is smallest."""
    def wrong(W, share):
        rank = key(W).ravel().argsort().argsort().reshape(W.shape)
        return np.where(rank < round(share * W.size), 0, W)
    return wrong


def _prune_rows(W, share):
    return np.array([_prune_rank(w, share) for w in W])


def quantise(W):
    s = np.abs(W).max(axis=0) / 127
    return np.round(W / s), s


def _quantise_loop(W):
    s = [max(abs(w)) / (2**7 - 1) for w in W.T]
    return np.rint(np.divide(W, s)).astype(int), s


def _quantise_bounds(W):
    s = np.maximum(W.max(0), -W.min(0)) / 127
    return np.round(W / s).astype(np.int8), s


def _quantise_scale(scale, rule=np.round):
    """q and s for another scale, a function of W, or another rounding."""
    return lambda W: (rule(W / scale(W)), scale(W))


# ---- 7.3: data ----


def copied(A, B, eps):
    nearest = [((B - a) ** 2).sum(axis=1).min() for a in A]
    return np.sqrt(nearest) <= eps


def _copied_loop(A, B, eps):
    return [min(np.linalg.norm(a - b) for b in B) <= eps for a in A]


def _copied_norm(A, B, eps):
    return [np.linalg.norm(B - a, axis=1).min() <= eps for a in A]


def _copied_product(A, B, eps):
    square = (A**2).sum(1)[:, None] + (B**2).sum(1) - 2 * A @ B.T
    return square.min(axis=1) <= eps**2 + 1e-9


def _copied_at_once(A, B, eps):
    distance = ((A[:, None] - B) ** 2).sum(axis=-1) ** 0.5  # (a, b)
    return (distance <= eps).any(axis=1)


# ---- 7.4: interpretability ----


def least_weight(v, bar, k):
    best = np.delete(v, k).max()
    return 0.0 if best >= bar else (bar - best) / (v[k] - best)


def _least_loop(v, bar, k):
    best = max(x for j, x in enumerate(v) if j != k)
    return max(0, bar - best) / (v[k] - best) if best < bar else 0


def _least_mask(v, bar, k):
    others = v[np.arange(len(v)) != k]
    if (others >= bar).any():
        return 0
    return 1 - (v[k] - bar) / (v[k] - others.max())


def _with_itself(v, bar, k):
    best = v.max()
    return 0.0 if best >= bar else (bar - best) / (v[k] - best)


def _worst_other(v, bar, k):
    others = np.delete(v, k)
    worst = others.min()
    return 0.0 if others.max() >= bar else (bar - worst) / (v[k] - worst)


def _from_mean(v, bar, k):
    others = np.delete(v, k)
    if others.max() >= bar:
        return 0.0
    return (bar - others.mean()) / (v[k] - others.mean())


def _others_silent(v, bar, k):
    return 0.0 if np.delete(v, k).max() >= bar else bar / v[k]


# no entry lies half way between two integers: rules for halves differ
_small = np.array([[0.5, -2.0, 0.1], [-0.3, 1.1, 4.0]])
_big = _rng.normal(size=(5, 4))

def _quantise_top(top, rule=np.round):
    return _quantise_scale(lambda W: np.abs(W).max(axis=0) / top, rule)


def _quantise_then(change):
    """change(q, s) of the right pair."""
    return lambda W: change(*quantise(W))


def _quantise_from_least(W):
    low = W.min(axis=0)
    s = (W.max(axis=0) - low) / 255
    s = np.where(s > 0, s, 1)
    return np.round((W - low) / s), s


EXERCISES = {
    "7.backtest": {
        "level": "medium", "lines": 4, "solution": backtest,
        "others": [_backtest_sums, _backtest_poly],
        "cases": [
            (np.array([0, 1, 2, 3, 4]), np.array([0.0, 1, 2, 5, 3]), 2),
            (np.array([12, 12, 15, 17, 18, 20, 21]),
             np.array([7.8, 9, 7.9, 8.4, 8.5, 11.2, 12]), 18),
            (np.array([5, 1, 4, 2, 9]), np.array([1.0, 3, 2, 2, -4]), 4),
        ],
        "mistakes": [
            (_from_all, "7.backtest.all"),
            (_cut_hidden, "7.backtest.cut"),
            (lambda t, z, cut: -backtest(t, z, cut), "7.backtest.sign"),
            (_over_all, "7.backtest.mean"),
            (_distance, "7.backtest.distance"),
        ],
        "hint": "7.backtest.hint",
    },
    "7.split": {
        "level": "medium", "lines": 3, "solution": split,
        "others": [_split_tokens, _split_logs],
        "cases": [(600.0, 4.0, 2.0, 0.5, 0.5), (96.0, 3.0, 5.0, 0.4, 0.6),
                  (6e4, 40.0, 41.0, 0.34, 0.28), (60.0, 1.0, 9.0, 1.5, 0.5)],
        "mistakes": [
            (_split_exponent, "7.split.exponent"),
            (_split_no_alpha, "7.split.alpha"),
            (_split_no_six, "7.split.six"),
            (lambda *c: split(*c)[::-1], "7.split.order"),
            (lambda *c: split(*c)[0], "7.split.pair"),
        ],
        "hint": "7.split.hint",
    },
    "7.prune": {
        "level": "easy", "lines": 3, "solution": prune, "copy": True,
        "others": [_prune_rank, _prune_loop],
        "cases": [(_small, 0.5), (_big, 0.3), (_small, 0.0), (_big, 1.0),
                  (np.array([[3.0, -1, 2, -5, 4]]), 0.4),
                  (np.array([3.0, -1, 2, -5, 4]), 0.34),  # 1.7 entries: two
                  (np.array([3.0, -1, 2, -5, 4]), 0.25),  # 1.25: one
                  (np.array([3.0, -1, 2, -5, 4]), 0.5)],  # round(2.5) is 2
        "mistakes": [
            (_prune_by(lambda W: W), "7.prune.sign"),
            (_prune_by(lambda W: -np.abs(W)), "7.prune.largest"),
            (_prune_rows, "7.prune.rows"),
            (lambda W, share: prune(W, 1 - share), "7.prune.kept"),
            (lambda W, share: np.sort(W[np.abs(W) > 0])[
                round(share * W.size):], "7.prune.shape"),
        ],
        "hint": "7.prune.hint",
    },
    "7.quantise": {
        "level": "medium", "lines": 3, "solution": quantise,
        "others": [_quantise_loop, _quantise_bounds],
        "cases": [(_small,), (_big,), (np.array([[1.0, -3.0]]),)],
        "mistakes": [
            (_quantise_scale(lambda W: np.abs(W).max() / 127 + 0 * W[0]),
             "7.quantise.one"),
            (_quantise_scale(lambda W: W.max(axis=0) / 127),
             "7.quantise.sign"),
            (_quantise_scale(lambda W: np.abs(W).max(axis=0) / 128),
             "7.quantise.range"),
            (_quantise_scale(lambda W: np.abs(W).max(axis=0) / 127,
                             np.trunc), "7.quantise.trunc"),
            (lambda W: (np.round(W / np.abs(W).max(axis=1, keepdims=True)
                                 * 127), np.abs(W).max(axis=1) / 127),
             "7.quantise.rows"),
            (_quantise_scale(lambda W: np.abs(W).max() / 127),
             "7.quantise.one"),
            *_several("7.quantise.sign",
                      _quantise_scale(lambda W: np.abs(W.max(axis=0)) / 127),
                      _quantise_scale(lambda W: np.where(
                          W.max(axis=0), W.max(axis=0), 1) / 127)),
            *_several("7.quantise.range",
                      *map(_quantise_top, (255, 256, 63, 64, 7, 8)),
                      _quantise_top(128, lambda x: np.round(x).astype(
                          int).astype(np.int8))),
            *_several("7.quantise.trunc", *(
                _quantise_top(127, rule)
                for rule in (np.floor, np.ceil, lambda x: x))),
            *_several("7.quantise.unsigned",
                      _quantise_then(lambda q, s: (np.maximum(q, 0), s)),
                      _quantise_then(lambda q, s: (np.abs(q), s)),
                      _quantise_then(lambda q, s: (
                          q.astype(int).astype(np.uint8), s)),
                      _quantise_then(lambda q, s: (q + 128, s))),
            (_quantise_from_least, "7.quantise.offset"),
            *_several("7.quantise.largest",
                      _quantise_scale(lambda W: np.abs(W).mean(axis=0) / 127),
                      _quantise_scale(lambda W: np.where(
                          W.std(axis=0), W.std(axis=0), 1) / 127),
                      _quantise_scale(lambda W: np.linalg.norm(
                          W, axis=0) / 127)),
            (_quantise_then(lambda q, s: (s, q)), "7.quantise.order"),
            *_several("7.quantise.scale",
                      _quantise_then(lambda q, s: (q, 1 / s)),
                      _quantise_then(lambda q, s: (q, 127 * s)),
                      lambda W: (np.round(W * quantise(W)[1]), quantise(W)[1]),
                      lambda W: (np.round(W), quantise(W)[1])),
            (_quantise_then(lambda q, s: (q * s, s)), "7.quantise.rebuilt"),
            (_quantise_then(lambda q, s: (q, s[None])), "7.quantise.shape"),
            *_several("7.quantise.pair", _quantise_then(lambda q, s: q),
                      _quantise_then(lambda q, s: q * s)),
        ],
        "hint": "7.quantise.hint",
    },
    "7.copies": {
        "level": "medium", "lines": 3, "solution": copied,
        "kind": "boolean",
        "others": [_copied_loop, _copied_norm, _copied_product],
        "large": {"case": (np.arange(4_000.0).reshape(200, 20) % 7,
                           np.arange(4_000.0).reshape(200, 20) % 11, 9.5),
                  "megabytes": 3},
        "slow": [_copied_at_once],
        "cases": [
            (np.array([[0.0, 0], [3, 4], [1, 1]]), np.array([[0.0, 0.5]]),
             1.2),
            (np.array([[0.0, 0], [3, 4]]), np.array([[0.0, 0], [9, 9]]), 5),
            (_rng.random((6, 3)), _rng.random((4, 3)), 0.45),
            (np.eye(4), np.array([[1.0, 0.5, 0, 0], [0, 0, 0.4, 0.9],
                                  [1, 1, 1, 1]]), 0.6),
        ],
        "mistakes": [
            (lambda A, B, eps: (((A[:, None] - B)**2).sum(-1) <= eps).any(1),
             "7.copies.root"),
            (lambda A, B, eps: copied(B, A, eps), "7.copies.turned"),
            (lambda A, B, eps: (np.linalg.norm(A[:, None] - B, axis=2)
                                <= eps).all(1), "7.copies.all"),
            (lambda A, B, eps: (np.abs(A[:, None] - B).max(-1)
                                <= eps).any(1), "7.copies.largest"),
            (lambda A, B, eps: ~copied(A, B, eps), "7.copies.kept"),
            (lambda A, B, eps: np.linalg.norm(A[:, None] - B, axis=2)
             <= eps, "7.copies.pairs"),
        ],
        "hint": "7.copies.hint",
    },
    "7.least_weight": {
        "level": "medium", "lines": 3, "solution": least_weight,
        "others": [_least_loop, _least_mask],
        "cases": [
            (np.array([4.0, 1, 0]), 3.0, 0), (np.array([4.0, 1, 0]), 0.5, 0),
            (np.array([-5.0, 9, 2, 0.5]), 3.0, 1),
            (np.array([1.0, 9, 2]), 2.0, 1), (np.array([1.0, 9, 2]), 2.5, 1),
            (np.array([-1.0, -2, 6]), 1.0, 2),
            (np.array([1.0, 3, 2]), 2.0, 0), (np.array([2.0, 1]), 2.0, 0),
            (np.array([3.0, 3, 1]), 2.0, 0),  # another with the same vote
            # another exactly at the bar, which word k does not exceed
            (np.array([2.0, 2]), 2.0, 0), (np.array([1.0, 2]), 2.0, 0),
        ],
        "mistakes": [
            (_with_itself, "7.least_weight.itself"),
            (_worst_other, "7.least_weight.worst"),
            (_from_mean, "7.least_weight.mean"),
            (_others_silent, "7.least_weight.silent"),
            (lambda v, bar, k: 1 - least_weight(v, bar, k),
             "7.least_weight.rest"),
        ],
        "hint": "7.least_weight.hint",
    },
}
