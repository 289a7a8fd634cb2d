"""Exercises of chapter 6."""

import numpy as np

# ---- 6.1: TensorFlow ----


def overlapped(a, b, n):
    return a + (n - 1) * max(a, b) + b


def _overlapped_clock(a, b, n):
    loaded = trained = 0
    for _ in range(n):
        loaded += a
        trained = max(loaded, trained) + b
    return trained


# ---- 6.2: PyTorch ----


def in_proj(W_q, W_k, W_v):
    return np.concatenate([W_q, W_k, W_v], axis=1).T


# ---- 6.3: Transformers ----


def merge(symbols, pair):
    out = []
    for s in symbols:
        if out and (out[-1], s) == pair:
            out[-1] += s
        else:
            out.append(s)
    return out


def _merge_jumps(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        n = 2 if tuple(symbols[i:i + 2]) == pair else 1
        out.append("".join(symbols[i:i + n]))
        i += n
    return out


def _merge_recursive(symbols, pair):
    if len(symbols) < 2:
        return list(symbols)
    first, second, *rest = symbols
    if (first, second) == pair:
        return [first + second] + _merge_recursive(rest, pair)
    return [first] + _merge_recursive([second] + rest, pair)


def _merge_overlapping(symbols, pair):
    out = list(symbols[:1])
    for before, s in zip(symbols, symbols[1:]):
        if (before, s) == pair:
            out[-1] += s
        else:
            out.append(s)
    return out


def _merge_once(symbols, pair):
    for i in range(len(symbols) - 1):
        if (symbols[i], symbols[i + 1]) == pair:
            return [*symbols[:i], "".join(pair), *symbols[i + 2:]]
    return list(symbols)


def _merge_from_the_right(symbols, pair):
    turned = _merge_jumps([s[::-1] for s in symbols[::-1]],
                          tuple(s[::-1] for s in pair[::-1]))
    return [s[::-1] for s in turned[::-1]]


def _merge_either_way(symbols, pair):
    out = []
    for s in symbols:
        if out and (out[-1], s) in (pair, pair[::-1]):
            out[-1] += s
        else:
            out.append(s)
    return out


def _merge_drops(symbols, pair):
    return [s for s in _merge_jumps(symbols, pair) if s == "".join(pair)]


def _draw_merge(rng):
    letters = ["a", "b", "ab"]
    return ([letters[k] for k in rng.integers(0, 3, rng.integers(2, 9))],
            (letters[rng.integers(2)], letters[rng.integers(2)]))


# ---- 6.4: Keras ----


def epochs_run(losses, patience):
    for n in range(patience + 1, len(losses)):
        if min(losses[n - patience:n]) >= min(losses[:n - patience]):
            return n
    return len(losses)


def _epochs_run_waits(losses, patience):
    best, wait = float("inf"), 0
    for n, loss in enumerate(losses, 1):
        wait = 0 if loss < best else wait + 1
        best = min(best, loss)
        if wait == patience:
            return n
    return len(losses)


def _epochs_run_last_best(losses, patience):
    best = 0
    for n in range(len(losses)):
        if losses[n] < losses[best]:
            best = n
        if n - best >= patience:
            return n + 1
    return len(losses)


def _epochs_run_previous(losses, patience):
    wait = 0
    for n in range(1, len(losses)):
        wait = 0 if losses[n] < losses[n - 1] else wait + 1
        if wait == patience:
            return n + 1
    return len(losses)


def _epochs_run_total(losses, patience):
    best, wait = float("inf"), 0
    for n, loss in enumerate(losses, 1):
        wait += loss >= best
        best = min(best, loss)
        if wait == patience:
            return n
    return len(losses)


def _draw_epochs(rng):
    n = rng.integers(3, 10)
    return (rng.integers(1, 9, n) / 10).tolist(), int(rng.integers(1, 4))


# ---- 6.5: TensorBoard ----


def smooth(values, w):
    out, s = [], 0
    for n, v in enumerate(values, 1):
        s = w * s + (1 - w) * v
        out.append(s / (1 - w**n))
    return out


def _smooth_matrix(values, w):
    n = np.arange(len(values))
    M = np.tril(w**np.abs(n[:, None] - n))
    return M @ values / M.sum(axis=1)


def _smooth_two_sums(values, w):
    out, above, below = [], 0.0, 0.0
    for v in values:
        above, below = w * above + v, w * below + 1
        out.append(above / below)
    return np.array(out)


def _smooth_from_zero(values, w):
    out = [0]
    for v in values:
        out.append(w * out[-1] + (1 - w) * v)
    return out[1:]


def _smooth_from_first(values, w):
    out = [values[0]]
    for v in values[1:]:
        out.append(w * out[-1] + (1 - w) * v)
    return out


def _smooth_corrects_twice(values, w):
    out, s = [], 0
    for n, v in enumerate(values, 1):
        s = (w * s + (1 - w) * v) / (1 - w**n)
        out.append(s)
    return out


_rng = np.random.default_rng(6)

EXERCISES = {
    "6.overlapped": {
        "level": "easy", "lines": 1, "solution": overlapped,
        "others": [_overlapped_clock,
                   lambda a, b, n: min(a, b) + n * max(a, b)],
        "cases": [(2, 3, 4), (3, 2, 5), (4, 1, 1), (0.5, 6.0, 10),
                  (7.0, 0.2, 3)],
        "mistakes": [
            (lambda a, b, n: n * (a + b), "6.overlapped.sum"),
            (lambda a, b, n: n * max(a, b), "6.overlapped.ends"),
            (lambda a, b, n: a + n * max(a, b), "6.overlapped.last"),
            (lambda a, b, n: a + n * b, "6.overlapped.loads"),
            (lambda a, b, n: a + (n - 1) * min(a, b) + b,
             "6.overlapped.min"),
        ],
        "hint": "6.overlapped.hint",
    },
    "6.in_proj": {
        "level": "medium", "lines": 1, "solution": in_proj,
        "others": [lambda W_q, W_k, W_v: np.vstack([W_q.T, W_k.T, W_v.T]),
                   lambda W_q, W_k, W_v: np.hstack([W_q, W_k, W_v]).T],
        "cases": [tuple(_rng.normal(size=(3, n, n)).round(1))
                  for n in (2, 3, 4)],
        "mistakes": [
            (lambda W_q, W_k, W_v: np.concatenate([W_q, W_k, W_v]),
             "6.in_proj.turned"),
            (lambda W_q, W_k, W_v: np.concatenate([W_q, W_k, W_v], axis=1),
             "6.in_proj.wide"),
            (lambda W_q, W_k, W_v: np.concatenate(
                [W_q.T, W_k.T, W_v.T], axis=1), "6.in_proj.wide"),
            (lambda W_q, W_k, W_v: np.concatenate([W_k, W_q, W_v], axis=1).T,
             "6.in_proj.order"),
            (lambda W_q, W_k, W_v: np.concatenate(
                [W_q, W_k, W_v], axis=1).reshape(-1, len(W_q)),
             "6.in_proj.reshape"),
        ],
        "hint": "6.in_proj.hint",
    },
    "6.merge": {
        "level": "medium", "lines": 6, "solution": merge,
        "others": [_merge_jumps, _merge_recursive],
        "cases": [(list("banana"), ("a", "n")), (list("xaaax"), ("a", "a")),
                  (["th", "e", "r", "e"], ("r", "e")), (["b", "a"],
                                                         ("a", "b")),
                  (["ab", "a", "b", "ab"], ("a", "b")), ([], ("a", "b")),
                  (["ba", "n"], ("a", "n")), (["an", "n", "a"], ("a", "nn"))],
        "draw": _draw_merge,
        "mistakes": [
            (_merge_overlapping, "6.merge.overlapping"),
            (_merge_once, "6.merge.once"),
            (_merge_from_the_right, "6.merge.right"),
            (_merge_either_way, "6.merge.either"),
            (_merge_drops, "6.merge.drops"),
        ],
        "hint": "6.merge.hint",
    },
    "6.epochs_run": {
        "level": "medium", "lines": 4, "solution": epochs_run,
        "others": [_epochs_run_waits, _epochs_run_last_best],
        "cases": [([5.0, 4.0, 3.0, 2.0], 2), ([3.0, 2.0, 2.5, 2.4, 1.0], 2),
                  ([3.0, 2.0, 2.5, 1.9, 2.0, 2.1, 2.2], 3),
                  ([1.0, 1.0, 1.0, 0.5], 1), ([2.0, 3.0, 1.0, 2.0, 0.5], 2),
                  ([4.0, 3.0, 3.5, 3.2, 3.1, 2.0], 3), ([2.0, 3.0], 4),
                  ([3.0, 2.0, 4.0, 1.0], 2)],
        "draw": _draw_epochs,
        "mistakes": [
            (_epochs_run_previous, "6.epochs_run.previous"),
            (_epochs_run_total, "6.epochs_run.total"),
            (lambda losses, patience: _epochs_run_waits(losses, patience + 1),
             "6.epochs_run.more"),
            (lambda losses, patience: int(np.argmin(losses)) + 1,
             "6.epochs_run.best"),
        ],
        "hint": "6.epochs_run.hint",
    },
    "6.smooth": {
        "level": "medium", "lines": 4, "solution": smooth,
        "others": [_smooth_matrix, _smooth_two_sums],
        "cases": [(np.array([4.0, 2.0, 3.0]), 0.5),
                  (np.array([1.0, 1.0, 1.0, 1.0]), 0.9),
                  (_rng.normal(size=7), 0.8), (np.array([5.0]), 0.6)],
        "mistakes": [
            (_smooth_from_zero, "6.smooth.zero"),
            (_smooth_from_first, "6.smooth.first"),
            (lambda values, w: smooth(values, 1 - w), "6.smooth.weight"),
            (_smooth_corrects_twice, "6.smooth.twice"),
        ],
        "hint": "6.smooth.hint",
    },
}
