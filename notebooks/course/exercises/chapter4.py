"""Exercises of chapter 4."""

from math import comb, erfc

import numpy as np


def _several(key, *wrong):
    """Mistakes that one message fits."""
    return [(function, key) for function in wrong]


# ---- 4.1: the convolutional network ----


def max_pool(X):
    h, w, C = X.shape
    blocks = X[:h // 2 * 2, :w // 2 * 2].reshape(h // 2, 2, w // 2, 2, C)
    return blocks.max(axis=(1, 3))


def _max_pool_corners(X):
    X = X[:len(X) // 2 * 2, :X.shape[1] // 2 * 2]
    pairs = np.maximum(X[::2], X[1::2])
    return np.maximum(pairs[:, ::2], pairs[:, 1::2])


def _max_pool_loops(X):
    h, w, C = X.shape
    return np.array([[X[2 * i:2 * i + 2, 2 * j:2 * j + 2].max((0, 1))
                      for j in range(w // 2)] for i in range(h // 2)])


def _blocks(X, order):
    h, w, C = X.shape
    X = X[:h // 2 * 2, :w // 2 * 2]
    return X.reshape(*[{"h": h // 2, "w": w // 2, "2": 2, "C": C}[c]
                       for c in order])


def out_size(n, k, s, p):
    return (n + 2 * p - k) // s + 1


def mcnemar(a, b):
    n, k = int(np.sum(a != b)), int(np.sum(a & ~b))
    from math import comb
    tail = sum(comb(n, i) for i in range(min(k, n - k) + 1))
    return min(1, 2 * tail / 2**n)


def _mcnemar_loops(a, b):
    a_only = sum(x and not y for x, y in zip(a, b))
    b_only = sum(y and not x for x, y in zip(a, b))
    n, p = a_only + b_only, 0.0
    for i in range(min(a_only, b_only) + 1):
        p += 2 * comb(n, i) * 0.5**n
    return min(p, 1.0)


def _mcnemar_signs(a, b):
    signs = a.astype(int) - b.astype(int)
    counts = [np.count_nonzero(signs == 1), np.count_nonzero(signs == -1)]
    n = sum(counts)
    return np.minimum(1.0, sum(comb(n, i) for i in range(min(counts) + 1))
                      / 2.0**(n - 1))


def _mcnemar_tail(a, b, times=2, first=0, last=1):
    n, k = int(np.sum(a != b)), int(np.sum(a & ~b))
    m = min(k, n - k)
    return min(1, times * sum(comb(n, i) for i in range(first, m + last))
               / 2**n)


def _mcnemar_all(a, b):
    n, k = len(a), int(np.sum(a & ~b))
    return min(1, 2 * sum(comb(n, i) for i in range(min(k, n - k) + 1))
               / 2**n)


def _mcnemar_one_side(a, b):
    n, k = int(np.sum(a != b)), int(np.sum(a & ~b))
    return min(1, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n)


def _mcnemar_uncapped(a, b):
    n, k = int(np.sum(a != b)), int(np.sum(a & ~b))
    return 2 * sum(comb(n, i) for i in range(min(k, n - k) + 1)) / 2**n


def _mcnemar_overflows(a, b):
    n, k = np.sum(a != b), np.sum(a & ~b)
    return min(1, 2 * sum(comb(n, i) for i in range(min(k, n - k) + 1))
               / 2**n)


def _readings(only_a, only_b, both, neither):
    """Which pictures two methods read, in an order that hides the counts."""
    a = np.repeat([True, False, True, False], [only_a, only_b, both, neither])
    b = np.repeat([False, True, True, False], [only_a, only_b, both, neither])
    order = np.random.default_rng(len(a)).permutation(len(a))
    return a[order], b[order]


def _draw_readings(rng):
    return _readings(*rng.integers(0, 9, 2), *rng.integers(1, 9, 2))


# ---- 4.2: the recurrent network ----


def fold(u):
    return 10 - np.abs(u % 20 - 10)


def _fold_where(u):
    u = u % 20
    return np.where(u > 10, 20 - u, u)


def windows(z, T):
    return np.stack([z[i:i + T + 1] for i in range(len(z) - T)])


def _windows_view(z, T):
    return np.lib.stride_tricks.sliding_window_view(z, T + 1)


def _windows_index(z, T):
    return z[np.arange(len(z) - T)[:, None] + np.arange(T + 1)]


_rng = np.random.default_rng(4)

# ---- 4.3: producing text ----

END = 1  # the id that closes a text


def next_token(z, Y):
    return Y if Y[-1] == END else Y + [int(np.argmax(z))]


def _next_token_steps(z, Y):
    if Y[-1] != END:
        Y = [*Y, z.argmax()]
    return Y


def _next_token_sorted(z, Y):
    best = max(range(len(z)), key=lambda i: z[i])
    return Y + [best] * (Y[-1] != END)


def score(P, Y):
    return np.mean([np.log(P[i, y]) for i, y in enumerate(Y)])


def _score_sum(P, Y):
    return np.log(np.take_along_axis(P, Y[:, None], axis=1)).sum() / len(Y)


def top_k(p, k):
    kept = np.zeros_like(p)
    largest = np.argsort(p)[-k:]
    kept[largest] = p[largest]
    return kept / kept.sum()


def _top_k_threshold(p, k):
    kept = np.where(p >= np.sort(p)[-k], p, 0)
    return kept / kept.sum()


def _top_k_loop(p, k):
    order = sorted(range(len(p)), key=lambda i: -p[i])[:k]
    left = sum(p[i] for i in order)
    return [p[i] / left if i in order else 0.0 for i in range(len(p))]


def _top_k_smallest(p, k):
    kept = np.where(p <= np.sort(p)[k - 1], p, 0)
    return kept / kept.sum()


def _top_k_strict(p, k):
    kept = np.where(p > np.sort(p)[-k], p, 0)
    return kept / kept.sum()


def _top_k_softmax(p, k):
    kept = np.where(p >= np.sort(p)[-k], np.exp(p), 0)
    return kept / kept.sum()


def rms_norm(X, w):
    return X / np.sqrt(np.mean(X**2, axis=-1, keepdims=True) + 1e-6) * w


def _rms_norm_rows(X, w):
    return [x * w / (x @ x / len(x) + 1e-6)**0.5 for x in X]


def _rms_norm_length(X, w):
    lengths = np.linalg.norm(X, axis=1)[:, None]
    return w * X / np.sqrt(lengths**2 / X.shape[1] + 1e-6)


def remembered(n_layers, n_heads, H, T, S):
    return 2 * n_layers * n_heads * H * (T + S)


def _pooled(how):
    """how(blocks), whose axes 1 and 3 lie within a block."""
    return lambda X: how(_blocks(X, "h2w2C"))


def _pool_padded(value):
    def wrong(X):
        edge = [(0, len(X) % 2), (0, X.shape[1] % 2), (0, 0)]
        return max_pool(np.pad(X, edge, constant_values=value))
    return wrong


def _pool_overlapping(X):
    rows = np.maximum(X[:-1], X[1:])
    return np.maximum(rows[:, :-1], rows[:, 1:])


def _mcnemar_of(n=lambda a, b: np.sum(a != b), k=lambda a, b: np.sum(a & ~b),
                m=min, p=lambda sum_, last, n: min(1, 2 * sum_ / 2**n)):
    """The test with other counts, or another p from the sum."""
    def wrong(a, b):
        n_, k_ = int(n(a, b)), int(k(a, b))
        m_ = m(k_, n_ - k_)
        terms = [comb(n_, i) for i in range(m_ + 1)] or [0]
        return p(sum(terms), terms[-1], n_)
    return wrong


def _mcnemar_chi(less):
    def wrong(a, b):
        n, k = np.sum(a != b), np.sum(a & ~b)
        d = max(abs(2 * k - n) - less, 0)
        return erfc(d / (2 * n)**0.5) if n else 1.0
    return wrong


def _score_of(how):
    """how(logarithms of the written tokens' probabilities, V)."""
    return lambda P, Y: how(np.log(P[np.arange(len(Y)), Y]), P.shape[1])


def _top_k_with(places, share=lambda kept, p, k: kept / kept.sum()):
    """Those at places(p, k) are kept, then changed by share."""
    def wrong(p, k):
        kept, i = np.zeros_like(p), places(p, k)
        kept[i] = p[i]
        return share(kept, p, k)
    return wrong


def _top_k_shared(share):
    return _top_k_with(lambda p, k: np.argsort(p)[-k:], share)


def _top_k_moved(p, k):
    kept = np.zeros_like(p)
    kept[np.argsort(p)[::-1][:k]] = np.sort(p)[-k:]
    return kept / kept.sum()


def _rms_over(size):
    """X over size(X), times w."""
    return lambda X, w: X / size(X) * w


def _row_mean(X):
    return np.mean(X, axis=-1, keepdims=True)


EXERCISES = {
    "4.max_pool": {
        "level": "medium", "lines": 3, "solution": max_pool,
        "others": [_max_pool_corners, _max_pool_loops],
        "cases": [
            (np.arange(16.0).reshape(4, 4, 1)[::-1, [2, 0, 3, 1]],),
            (_rng.normal(size=(5, 7, 2)),),  # a row and a column too many
            (-1 - _rng.random((6, 2, 3)),),  # nothing above zero
        ],
        "mistakes": [
            (lambda X: _blocks(X, "h2w2C").mean(axis=(1, 3)),
             "4.max_pool.mean"),
            (lambda X: X[:len(X) // 2 * 2:2, :X.shape[1] // 2 * 2:2],
             "4.max_pool.corner"),
            (lambda X: _blocks(X, "2h2wC").max(axis=(0, 2)),
             "4.max_pool.order"),
            (lambda X: _blocks(X, "h2w2C").max(axis=(1, 3, 4)),
             "4.max_pool.channels"),
            (lambda X: np.maximum(_blocks(X, "h2w2C").max(axis=(1, 3)), 0),
             "4.max_pool.zero"),
            *_several("4.max_pool.mean", _pooled(lambda B: B.sum(axis=(1, 3))),
                      _pooled(lambda B: B.min(axis=(1, 3)))),
            *_several("4.max_pool.corner",
                      _pooled(lambda B: B[:, 0, :, 1]),
                      _pooled(lambda B: B[:, 1, :, 0]),
                      _pooled(lambda B: B[:, 1, :, 1]),
                      _pooled(lambda B: np.maximum(B[:, 0, :, 0],
                                                   B[:, 1, :, 1])),
                      _pooled(lambda B: B[:, 0].max(axis=2)),
                      _pooled(lambda B: B[:, :, :, 0].max(axis=1))),
            (_pooled(lambda B: B.max(axis=(0, 2))), "4.max_pool.axes"),
            (lambda X: _blocks(X, "hw22C").max(axis=(2, 3)),
             "4.max_pool.order"),
            (lambda X: 0 * max_pool(X) + max_pool(X).max(-1, keepdims=True),
             "4.max_pool.channels"),
            (lambda X: X.max(axis=(0, 1)), "4.max_pool.whole"),
            *_several("4.max_pool.odd", _pool_padded(-np.inf),
                      _pool_padded(0)),
            (_pool_overlapping, "4.max_pool.overlapping"),
            *_several("4.max_pool.one_side",
                      lambda X: np.maximum(X[:len(X) // 2 * 2:2], X[1::2]),
                      lambda X: np.maximum(
                          X[:, :X.shape[1] // 2 * 2:2], X[:, 1::2])),
            (lambda X: max_pool(np.abs(X)), "4.max_pool.absolute"),
            (lambda X: max_pool(X).astype(int), "4.max_pool.integers"),
        ],
        "hint": "4.max_pool.hint",
    },
    "4.out_size": {
        "level": "easy", "lines": 1, "solution": out_size,
        "kind": "integer",
        "others": [
            lambda n, k, s, p: len(range(0, n + 2 * p - k + 1, s)),
            lambda n, k, s, p: int((n + 2 * p - k) / s) + 1,
        ],
        "cases": [(28, 3, 1, 0), (13, 3, 1, 0), (11, 2, 2, 0), (26, 2, 2, 0),
                  (28, 3, 1, 1), (28, 5, 2, 2), (10, 3, 4, 0), (7, 7, 3, 0)],
        "mistakes": [
            (lambda n, k, s, p: (n + 2 * p - k) // s, "4.out_size.one"),
            (lambda n, k, s, p: (n + 2 * p - k) / s + 1, "4.out_size.whole"),
            (lambda n, k, s, p: (n + p - k) // s + 1, "4.out_size.ends"),
            (lambda n, k, s, p: -(-(n + 2 * p) // s), "4.out_size.fit"),
            (lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1,
             "4.out_size.up"),
        ],
        "hint": "4.out_size.hint",
    },
    "4.mcnemar": {
        "level": "hard", "lines": 4, "solution": mcnemar,
        "others": [_mcnemar_loops, _mcnemar_signs],
        "draw": _draw_readings,
        "cases": [_readings(1, 7, 20, 3), _readings(6, 2, 9, 5),
                  _readings(4, 4, 8, 0),  # 2 * the tail is more than 1
                  _readings(0, 0, 6, 2), _readings(0, 5, 3, 3),
                  _readings(20, 44, 2, 2)],  # 2**64 is no int64
        "mistakes": [
            (lambda a, b: _mcnemar_tail(a, b, times=1), "4.mcnemar.one"),
            (_mcnemar_all, "4.mcnemar.all"),
            (_mcnemar_one_side, "4.mcnemar.side"),
            (_mcnemar_uncapped, "4.mcnemar.cap"),
            (lambda a, b: _mcnemar_tail(a, b, last=0), "4.mcnemar.last"),
            *_several("4.mcnemar.all",
                      _mcnemar_of(lambda a, b: np.sum(a == b),
                                  lambda a, b: np.sum(a & b)),
                      _mcnemar_of(lambda a, b: np.sum(a | b)),
                      _mcnemar_of(lambda a, b: np.sum(a) + np.sum(b),
                                  lambda a, b: np.sum(a))),
            *_several("4.mcnemar.k",
                      _mcnemar_of(k=lambda a, b: np.sum(a)),
                      _mcnemar_of(k=lambda a, b: np.sum(a & b))),
            (_mcnemar_of(m=lambda k, rest: rest), "4.mcnemar.side"),
            *_several("4.mcnemar.always", _mcnemar_of(m=max),
                      lambda a, b: 1),
            *_several("4.mcnemar.last",
                      lambda a, b: _mcnemar_tail(a, b, last=2),
                      lambda a, b: _mcnemar_tail(a, b, first=1),
                      _mcnemar_of(p=lambda sum_, last, n: min(
                          1, 2 * last / 2**n))),
            (_mcnemar_of(p=lambda sum_, last, n: min(
                1, (2 * sum_ - last) / 2**n)), "4.mcnemar.mid"),
            (lambda a, b: 1 - mcnemar(a, b), "4.mcnemar.complement"),
            *_several("4.mcnemar.power", *(
                _mcnemar_of(p=lambda sum_, last, n, ways=ways: min(
                    1, 2 * sum_ / max(ways(n), 1)))
                for ways in (lambda n: n**2, lambda n: 2 * n))),
            *_several("4.mcnemar.chi", _mcnemar_chi(0), _mcnemar_chi(1)),
            (lambda a, b: mcnemar(a, b) * bool(np.any(a != b)),
             "4.mcnemar.none"),
            (_mcnemar_overflows, "4.mcnemar.overflow"),
        ],
        "hint": "4.mcnemar.hint",
    },
    "4.fold": {
        "level": "medium", "lines": 2, "solution": fold,
        "others": [_fold_where,
                   lambda u: np.minimum(u % 20, -u % 20)],
        "cases": [(np.array([0.0, 3.5, 9.9, 10.1, 14.0, 19.5]),),
                  (np.array([20.5, 27.0, 33.0, 41.0, 58.0]),),
                  (np.array([-0.5, -7.0, -13.0, -24.0]),)],
        "mistakes": [
            (lambda u: u % 10, "4.fold.jump"),
            (lambda u: np.clip(u, 0, 10), "4.fold.stick"),
            (lambda u: np.where(u > 10, 20 - u, u), "4.fold.once"),
            (lambda u: np.where(np.abs(u) > 10, 20 - np.abs(u), np.abs(u)),
             "4.fold.once"),
            (lambda u: np.abs(u % 20 - 10), "4.fold.mirror"),
        ],
        "hint": "4.fold.hint",
    },
    "4.windows": {
        "level": "easy", "lines": 2, "solution": windows,
        "others": [_windows_view, _windows_index],
        "cases": [(np.arange(8) ** 2, 3), (np.array([5, 1, 4, 1, 3]), 1),
                  (np.arange(20.0) % 7, 10), (np.arange(4), 3),
                  (np.array([0.5, -1.25, 2, 0.75, -0.1]), 2)],
        "mistakes": [
            (lambda z, T: windows(z, T)[:-1], "4.windows.last"),
            (lambda z, T: windows(z, T)[:, :-1], "4.windows.target"),
            (lambda z, T: windows(z, T)[::T + 1], "4.windows.overlap"),
            (lambda z, T: windows(z, T)[:, ::-1], "4.windows.order"),
        ],
        "hint": "4.windows.hint",
    },
    "4.next_token": {
        "level": "easy", "lines": 2, "solution": next_token,
        "others": [_next_token_steps, _next_token_sorted],
        "cases": [
            (np.array([0.1, -0.5, 3.0, 0.2]), [0]),
            (np.array([-4.0, -1.0, -2.0, -9.0]), [0, 3]),  # writes END
            (np.array([0.1, -0.5, 3.0, 0.2]), [0, 2, 1]),  # is finished
            (np.array([2.0, 5.0, -7.0, 6.0]), [0, 2, 2, 3]),
        ],
        "mistakes": [
            (lambda z, Y: Y + [int(np.argmax(z))], "4.next_token.finished"),
            (lambda z, Y: int(np.argmax(z)), "4.next_token.alone"),
            (lambda z, Y: Y + np.argmax(z), "4.next_token.plus"),
            (lambda z, Y: Y.append(int(np.argmax(z))), "4.next_token.append"),
            (lambda z, Y: Y if END in (Y[-1], np.argmax(z))
             else Y + [int(np.argmax(z))], "4.next_token.end"),
        ],
        "hint": "4.next_token.hint",
    },
    "4.score": {
        "level": "medium", "lines": 2, "solution": score,
        "others": [_score_sum,
                   lambda P, Y: np.log(P[np.arange(len(Y)), Y]).mean()],
        "cases": [
            (np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])),
            (np.array([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1], [0.2, 0.3, 0.5],
                       [0.05, 0.9, 0.05]]), np.array([1, 0, 1, 2])),
            (np.array([[0.2, 0.2, 0.6]]), np.array([2])),
        ],
        "mistakes": [
            (lambda P, Y: np.log(P[np.arange(len(Y)), Y]).sum(),
             "4.score.sum"),
            (lambda P, Y: np.prod(P[np.arange(len(Y)), Y]), "4.score.product"),
            (lambda P, Y: np.log(P[np.arange(len(Y)), Y].mean()),
             "4.score.log_of_mean"),
            (lambda P, Y: np.log(P[:, Y]).mean(), "4.score.all_pairs"),
            (lambda P, Y: -np.log(P[np.arange(len(Y)), Y]).mean(),
             "4.score.sign"),
            (lambda P, Y: np.log10(P[np.arange(len(Y)), Y]).mean(),
             "4.score.base"),
            *_several("4.score.log",
                      _score_of(lambda logs, V: np.exp(logs).mean()),
                      _score_of(lambda logs, V: np.exp(logs.mean())),
                      _score_of(lambda logs, V: np.exp(-logs.mean()))),
            *_several("4.score.base",
                      _score_of(lambda logs, V: logs.mean() / np.log(2)),
                      _score_of(lambda logs, V: np.log1p(
                          np.exp(logs)).mean())),
            (lambda P, Y: np.log(P.max(axis=1)).mean(), "4.score.largest"),
            (lambda P, Y: np.log(P).mean(), "4.score.all"),
            (lambda P, Y: np.log(P[0, Y]).mean(), "4.score.row"),
            *_several("4.score.some", _score_of(lambda logs, V: logs[-1]),
                      _score_of(lambda logs, V: logs[1:].sum() / len(logs)),
                      _score_of(lambda logs, V: logs[:-1].sum() / len(logs)),
                      _score_of(lambda logs, V: logs[1:].mean()),
                      _score_of(lambda logs, V: logs[:-1].mean())),
            *_several("4.score.count", *(
                _score_of(lambda logs, V, by=by: logs.sum() / by(
                    len(logs), V))
                for by in (lambda n, V: V, lambda n, V: np.float64(n - 1),
                           lambda n, V: n + 1, lambda n, V: n**0.5,
                           lambda n, V: n**2, lambda n, V: n**0.6))),
            (lambda P, Y: score(np.exp(P) / np.exp(P).sum(
                axis=1, keepdims=True), Y), "4.score.softmax"),
            (_score_of(lambda logs, V: logs), "4.score.each"),
        ],
        "hint": "4.score.hint",
    },
    "4.top_k": {
        "level": "medium", "lines": 4, "solution": top_k, "copy": True,
        "others": [_top_k_threshold, _top_k_loop],
        "cases": [
            (np.array([0.5, 0.1, 0.4]), 2),
            (np.array([0.05, 0.3, 0.02, 0.4, 0.08, 0.15]), 3),
            (np.array([0.05, 0.3, 0.02, 0.4, 0.08, 0.15]), 6),
            (np.array([0.2, 0.7, 0.1]), 2),
        ],
        "mistakes": [
            (lambda p, k: np.where(p >= np.sort(p)[-k], p, 0),
             "4.top_k.sum"),
            (_top_k_smallest, "4.top_k.smallest"),
            (_top_k_strict, "4.top_k.strict"),
            (_top_k_softmax, "4.top_k.softmax"),
            (lambda p, k: np.sort(p)[::-1][:k] / np.sort(p)[-k:].sum(),
             "4.top_k.shape"),
            *_several("4.top_k.sum", *map(_top_k_shared, (
                lambda kept, p, k: kept / p.sum(),
                lambda kept, p, k: kept / (p - kept).sum(),
                lambda kept, p, k: kept / kept.max(),
                lambda kept, p, k: kept / k))),
            (_top_k_shared(lambda kept, p, k: np.exp(kept)
                           / np.exp(kept).sum()), "4.top_k.softmax"),
            *_several("4.top_k.proportions", *map(_top_k_shared, (
                lambda kept, p, k: (kept > 0) / k,
                lambda kept, p, k: np.where(
                    kept > 0, kept + (1 - kept.sum()) / k, 0)))),
            *_several("4.top_k.places", _top_k_with(lambda p, k: np.s_[:k]),
                      _top_k_with(lambda p, k: np.s_[-k:])),
            (_top_k_with(lambda p, k: np.argsort(p)[-k - 1:]),
             "4.top_k.more"),
            (_top_k_with(lambda p, k: np.argsort(p)[k:]), "4.top_k.dropped"),
            (_top_k_with(lambda p, k: np.argmax(p)), "4.top_k.one"),
            (_top_k_with(lambda p, k: np.argsort(p)[-max(k - 1, 1):]),
             "4.top_k.strict"),
            *_several("4.top_k.bar", _top_k_with(lambda p, k: p >= 1 / k),
                      _top_k_with(lambda p, k: p > p.mean())),
            *_several("4.top_k.shape",
                      lambda p, k: np.sort(p)[-k:] / np.sort(p)[-k:].sum(),
                      lambda p, k: top_k(p, k)[top_k(p, k) > 0],
                      lambda p, k: np.sort(p)[::-1][:k],
                      lambda p, k: np.sort(top_k(p, k)),
                      lambda p, k: np.sort(top_k(p, k))[::-1]),
            (_top_k_moved, "4.top_k.moved"),
            *_several("4.top_k.indices", lambda p, k: np.argsort(p)[-k:],
                      lambda p, k: np.argsort(p)[::-1][:k]),
            (lambda p, k: np.where(top_k(p, k) > 0, top_k(p, k), -np.inf),
             "4.top_k.infinity"),
        ],
        "hint": "4.top_k.hint",
    },
    "4.rms_norm": {
        "level": "easy", "lines": 2, "solution": rms_norm,
        "others": [_rms_norm_rows, _rms_norm_length],
        "cases": [
            (np.array([[3.0, 4.0], [1.0, -1.0]]), np.array([1.0, 2.0])),
            (5 + _rng.normal(size=(3, 4)), np.array([0.5, 1, 2, -1])),
            (1e-3 * _rng.normal(size=(2, 6)), np.ones(6)),  # eps counts
        ],
        "mistakes": [
            (lambda X, w: (X - X.mean(-1, keepdims=True)) / np.sqrt(
                X.var(-1, keepdims=True) + 1e-6) * w, "4.rms_norm.mean"),
            (lambda X, w: X / np.linalg.norm(X, axis=-1, keepdims=True) * w,
             "4.rms_norm.length"),
            (lambda X, w: X / np.sqrt(np.mean(X**2) + 1e-6) * w,
             "4.rms_norm.all"),
            (lambda X, w: X / (np.mean(X**2, axis=-1, keepdims=True) + 1e-6)
             * w, "4.rms_norm.root"),
            (lambda X, w: X / np.sqrt(np.mean(X**2, -1, keepdims=True)) * w,
             "4.rms_norm.eps"),
            *_several("4.rms_norm.outside",
                      _rms_over(lambda X: np.sqrt(_row_mean(X**2)) + 1e-6),
                      _rms_over(lambda X: np.sqrt(_row_mean(X**2) - 1e-6)),
                      _rms_over(lambda X: np.sqrt(_row_mean(X**2))
                                + np.sqrt(1e-6))),
            *_several("4.rms_norm.size", *(
                _rms_over(lambda X, eps=eps: np.sqrt(_row_mean(X**2) + eps))
                for eps in (1e-3, 1e-5, 1e-7, 1e-8))),
            *_several("4.rms_norm.mean",
                      _rms_over(lambda X: X.std(-1, keepdims=True) + 1e-6),
                      _rms_over(lambda X: np.sqrt(
                          X.var(-1, keepdims=True) + 1e-6)),
                      lambda X, w: rms_norm(X, w) - _row_mean(X) / np.sqrt(
                          _row_mean(X**2) + 1e-6) * w),
            (_rms_over(lambda X: np.sqrt(np.mean(X**2, axis=0) + 1e-6)),
             "4.rms_norm.all"),
            (_rms_over(lambda X: np.sqrt(
                np.sum(X**2, axis=-1, keepdims=True) + 1e-6)),
             "4.rms_norm.length"),
            (_rms_over(lambda X: np.sqrt(_row_mean(X**2) * X.shape[1] / (
                X.shape[1] - 1) + 1e-6)), "4.rms_norm.count"),
            *_several("4.rms_norm.square",
                      _rms_over(lambda X: np.sqrt(
                          _row_mean(np.abs(X)) + 1e-6)),
                      _rms_over(lambda X: np.sqrt(_row_mean(X)**2 + 1e-6)),
                      _rms_over(lambda X: _row_mean(np.abs(X)) + 1e-6),
                      _rms_over(lambda X: np.sqrt(_row_mean(X) + 1e-6))),
            *_several("4.rms_norm.weight", *(
                lambda X, w, use=use: use(rms_norm(X, np.ones_like(w)), w)
                for use in (lambda y, w: y, lambda y, w: y * (1 + w),
                            lambda y, w: y + w, lambda y, w: y / w,
                            lambda y, w: y * w**2))),
            (lambda X, w: rms_norm(X * w, np.ones_like(w)),
             "4.rms_norm.before"),
            (_rms_over(lambda X: 1 / np.sqrt(_row_mean(X**2) + 1e-6)),
             "4.rms_norm.multiplied"),
        ],
        "hint": "4.rms_norm.hint",
    },
    "4.remembered": {
        "level": "medium", "lines": 1, "solution": remembered,
        "others": [
            lambda n_layers, n_heads, H, T, S: sum(
                2 * n_heads * H * n for _ in range(n_layers) for n in (T, S)),
            lambda L, n, H, T, S: int(np.prod([2, L, n, H]) * (T + S))],
        "cases": [(3, 4, 32, 40, 13), (6, 8, 64, 128, 12), (1, 1, 1, 2, 5)],
        "mistakes": [
            (lambda L, n, H, T, S: L * n * H * (T + S),
             "4.remembered.values"),
            (lambda L, n, H, T, S: 2 * L * n * H * T, "4.remembered.cross"),
            (lambda L, n, H, T, S: 2 * n * H * (T + S),
             "4.remembered.layers"),
            (lambda L, n, H, T, S: 2 * L * n * (T**2 + T * S),
             "4.remembered.scores"),
        ],
        "hint": "4.remembered.hint",
    },
}
