"""Exercises of chapter 5."""

import itertools
import math

import numpy as np


def _several(key, *wrong):
    """Mistakes that one message fits."""
    return [(function, key) for function in wrong]


_rng = np.random.default_rng(5)

# ---- how they are judged: an interval ----


def interval(x, rounds, seed):
    rng = np.random.default_rng(seed)
    drawn = x[rng.integers(0, len(x), (rounds, len(x)))]
    return np.quantile(drawn.mean(axis=1), [0.025, 0.975])


def _places(x, rounds, seed):
    return np.random.default_rng(seed).integers(0, len(x), (rounds, len(x)))


def _interval_percent(x, rounds, seed):
    means = np.mean(np.take(x, _places(x, rounds, seed)), 1)
    return np.percentile(means, 2.5), np.percentile(means, 97.5)


def _interval_loop(x, rounds, seed):
    picks = _places(x, rounds, seed)
    return list(np.quantile([x[some].mean() for some in picks],
                            (0.025, 0.975)))


def _interval_as(levels, statistic=np.mean, spread=False):
    def wrong(x, rounds, seed):
        drawn = x[_places(x, rounds, seed)]
        if spread:
            return np.quantile(drawn, levels)
        return np.quantile(statistic(drawn, axis=1), levels)
    return wrong


# ---- splits, baselines, differences ----


def split(groups, n_test, seed):
    drawn = np.random.default_rng(seed).permutation(np.unique(groups))
    return np.isin(groups, drawn[:n_test])


def _split_sets(groups, n_test, seed):
    names = np.array(sorted(set(np.asarray(groups).tolist())))
    test = {*np.random.default_rng(seed).permutation(names)[:n_test].tolist()}
    return [g in test for g in np.asarray(groups).tolist()]


def _split_compared(groups, n_test, seed):
    drawn = np.random.default_rng(seed).permutation(np.unique(groups))
    return (np.asarray(groups)[:, None] == drawn[:n_test]).any(axis=1)


def _split_cases(groups, n_test, seed):
    mask = split(groups, n_test, seed)
    return np.random.default_rng(seed).permutation(mask)


def choose(valid, test):
    name = max(valid, key=lambda name: np.mean(valid[name]))
    return name, np.mean(test[name])


def _choose_sorted(valid, test):
    *_, (_, name) = sorted((sum(right) / len(right), name)
                           for name, right in valid.items())
    return [name, sum(test[name]) / len(test[name])]


def _choose_argmax(valid, test):
    names = list(valid)
    best = names[int(np.argmax([np.mean(valid[k]) for k in names]))]
    return best, float(np.asarray(test[best], float).mean())


def _best(cases, pick=max):
    return pick(cases, key=lambda name: np.mean(cases[name]))


def paired(ours, theirs):
    b, c = int(np.sum(ours & ~theirs)), int(np.sum(theirs & ~ours))
    tail = sum(math.comb(b + c, i) for i in range(min(b, c) + 1))
    return min(1, 2 * tail / 2 ** (b + c))


def _paired_both_ends(ours, theirs):
    b, n = int((ours > theirs).sum()), int((ours != theirs).sum())
    p = np.array([math.comb(n, i) for i in range(n + 1)]) / 2 ** n
    return p[np.abs(2 * np.arange(n + 1) - n) >= abs(2 * b - n)].sum()


def _paired_loop(ours, theirs):
    counts = [0, 0]
    for a, b in zip(ours, theirs):
        if a != b:
            counts[int(b)] += 1
    n, p = sum(counts), 0.0
    for i in range(min(counts) + 1):
        p += math.comb(n, i) * 0.5 ** n
    return min(1.0, 2 * p)


def _paired_tail(ours, theirs, sides=2, most=1, equal=1, all_cases=False):
    b, c = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    n = len(ours) if all_cases else b + c
    tail = sum(math.comb(n, i) for i in range(min(b, c) + equal))
    return min(most, sides * tail / 2 ** n)


def _paired_overflows(ours, theirs):
    b, c = (ours & ~theirs).sum(), (theirs & ~ours).sum()
    tail = sum(math.comb(b + c, i) for i in range(min(b, c) + 1))
    return min(1, 2 * tail / 2 ** (b + c))


def _paired_chi2(ours, theirs):
    b, c = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    return math.erfc(((b - c) ** 2 / max(b + c, 1) / 2) ** 0.5)


# ---- language and speech ----


def collapse(path, blank):
    merged = [k for k, _ in itertools.groupby(path)]
    return [k for k in merged if k != blank]


def _collapse_loop(path, blank):
    text, before = [], None
    for k in path:
        if k != before and k != blank:
            text.append(k)
        before = k
    return text


def _collapse_zip(path, blank):
    return [b for a, b in zip([blank, *path], path) if a != b != blank]


def _drop_first(path, blank):
    return [k for k, _ in itertools.groupby(k for k in path if k != blank)]


def warp(cost):
    D = np.full((len(cost) + 1, len(cost[0]) + 1), np.inf)
    D[0, 0] = 0
    for i, row in enumerate(cost):
        for j, c in enumerate(row):
            D[i + 1, j + 1] = c + min(D[i, j], D[i, j + 1], D[i + 1, j])
    return D[-1, -1]


def _warp_recursive(cost, i=None, j=None):
    i, j = (len(cost) - 1, len(cost[0]) - 1) if i is None else (i, j)
    if i == j == 0:
        return cost[0][0]
    return cost[i][j] + min(_warp_recursive(cost, a, b) for a, b in (
        (i - 1, j), (i, j - 1), (i - 1, j - 1)) if a >= 0 and b >= 0)


def _warp_in_place(cost):
    D = np.array(cost, float)
    D[0] = D[0].cumsum()
    D[:, 0] = D[:, 0].cumsum()
    for i in range(1, len(D)):
        for j in range(1, len(D[0])):
            D[i, j] += min(D[i - 1, j - 1], D[i - 1, j], D[i, j - 1])
    return float(D[-1, -1])


def _warp_with(moves, edge=np.inf):
    def wrong(cost):
        cost = np.asarray(cost, float)
        D = np.full((cost.shape[0] + 1, cost.shape[1] + 1), edge)
        D[0, 0] = 0
        for i, j in np.ndindex(*cost.shape):
            D[i + 1, j + 1] = cost[i, j] + min(
                D[i + 1 - a, j + 1 - b] for a, b in moves)
        return D[-1, -1]
    return wrong


# ---- vision ----


def centre(light):
    n = len(light)
    arrows = np.exp(2j * np.pi * np.arange(n) / n)
    return np.angle(light @ arrows) % (2 * np.pi) * n / (2 * np.pi) % n


def _centre_arctan(light):
    angle = 2 * np.pi * np.arange(len(light)) / len(light)
    x, y = np.sum(light * np.cos(angle)), np.sum(light * np.sin(angle))
    turn = np.arctan2(y, x) / (2 * np.pi)
    return (turn + (turn < 0)) * len(light)


def _centre_fft(light):
    return -np.angle(np.fft.fft(light)[1]) / (2 * np.pi) * len(
        light) % len(light)


def iou(a, b):
    h = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    w = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    return h * w / (areas - h * w)


def _iou_arrays(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    both = np.prod(np.clip(sides, 0, None))
    return both / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both)


def _iou_pixels(a, b):
    def cells(c):
        return set(itertools.product(range(c[0], c[2]), range(c[1], c[3])))
    return len(cells(a) & cells(b)) / len(cells(a) | cells(b))


def _overlap(a, b, clip=True):
    h, w = (min(a[k + 2], b[k + 2]) - max(a[k], b[k]) for k in (0, 1))
    return max(0, h) * max(0, w) if clip else h * w


def _area(a):
    return (a[2] - a[0]) * (a[3] - a[1])


# ---- finance ----


def kupiec(N, T, alpha=0.01):
    def log_likelihood(p):
        return sum(n * np.log(q) for n, q in ((N, p), (T - N, 1 - p)) if n)
    return 2 * (log_likelihood(N / T) - log_likelihood(alpha))


def _kupiec_array(N, T, alpha=0.01):
    n, p = np.array([N, T - N]), np.array([N / T, 1 - N / T])
    some = n > 0  # the other one's logarithm counts nothing
    return 2 * np.sum((n * np.log(np.where(some, p, 1) / [
        alpha, 1 - alpha]))[some])


def _kupiec_ratio(N, T, alpha=0.01):
    ratio = 0.0
    if N:
        ratio += N * np.log(N / T / alpha)
    if N < T:
        ratio += (T - N) * np.log((1 - N / T) / (1 - alpha))
    return 2 * ratio


def drawdown(returns):
    wealth = np.cumprod(np.append(1, 1 + np.asarray(returns) / 100))
    return 100 * np.max(1 - wealth / np.maximum.accumulate(wealth))


def _drawdown_loop(returns):
    wealth = peak = 1.0
    worst = 0.0
    for r in returns:
        wealth *= 1 + r / 100
        peak = max(peak, wealth)
        worst = max(worst, 100 * (1 - wealth / peak))
    return worst


def _drawdown_logs(returns):
    logs = np.append(0, np.log1p(np.asarray(returns) / 100).cumsum())
    return -100 * np.expm1((logs - np.maximum.accumulate(logs)).min())


def _drawdown_from(first=1.0, add=False):
    def wrong(returns):
        steps = np.asarray(returns) / 100
        wealth = 1 + steps.cumsum() if add else np.cumprod(1 + steps)
        wealth = np.append([first] if first else [], wealth)
        return 100 * np.max(1 - wealth / np.maximum.accumulate(wealth))
    return wrong


_SKEWED = np.array([0, 0, 0, 1, 1, 2, 3, 5, 8, 13.0])
_RETURNS = np.array([-5, 3, -10, 20, -8, -9, 2.0])


_A = np.array([1, 1, 1, 1, 1, 1, 0, 0, 1, 1], bool)
_B = np.array([1, 0, 0, 1, 0, 0, 1, 0, 0, 0], bool)


def _draw_groups(rng):
    n = int(rng.integers(3, 7))
    groups = np.concatenate([np.arange(n), rng.integers(0, n, 9)])
    return (rng.permutation(groups) + 3, int(rng.integers(1, n)),
            int(rng.integers(0, 99)))


def _draw_path(rng):
    """Numbers or letters, the blank among them."""
    symbols = [[0, 3, 5, 10], list("ab-")][rng.integers(2)]
    path = [symbols[k] for k in rng.integers(
        len(symbols), size=rng.integers(4, 12))]
    return path, symbols[rng.integers(len(symbols))]


def _draw_methods(rng):
    """Three methods whose validation scores all differ."""
    names, right = ("rule", "words", "trees"), rng.permutation(9)[:3]
    valid = {name: (rng.permutation(10) < k).tolist()
             for name, k in zip(names, right.tolist())}
    test = {name: (rng.random(8) < 0.6).tolist() for name in names}
    return valid, test


def _draw_pair(rng):
    n = int(rng.integers(4, 15))
    return rng.random(n) < 0.7, rng.random(n) < 0.5


def _iou_as(value, inner=_overlap):
    """value(intersection, first area, second area)."""
    return lambda a, b: value(inner(a, b), _area(a), _area(b))


def _iou_inner(inner):
    """The quotient with another intersection, inner(height, width)."""
    def wrong(a, b):
        both = inner(*(min(a[k + 2], b[k + 2]) - max(a[k], b[k])
                       for k in (0, 1)))
        return both / (_area(a) + _area(b) - both)
    return wrong


def _iou_enclosing(a, b):
    return _overlap(a, b) / ((max(a[2], b[2]) - min(a[0], b[0])) * (
        max(a[3], b[3]) - min(a[1], b[1])))


def _iou_swapped(a, b):
    both = 1
    for k in (0, 1):
        both *= max(0, max(a[k + 2], b[k + 2]) - min(a[k], b[k]))
    return both / (_area(a) + _area(b) - both)


def _iou_pixels_more(a, b):
    return iou((a[0], a[1], a[2] + 1, a[3] + 1),
               (b[0], b[1], b[2] + 1, b[3] + 1))


def _iou_begins_inside(a, b):
    return iou(a, b) * (a[0] <= b[0] <= a[2] and a[1] <= b[1] <= a[3])


def _iou_of_heights(a, b):
    return iou((a[0], 0, a[2], 1), (b[0], 0, b[2], 1))


def _runs(path, keep=lambda n: True, of=lambda k, n: k):
    """of(sign, length) of each run of a length to be kept."""
    runs = [(k, len([*run])) for k, run in itertools.groupby(path)]
    return [(k, of(k, n)) for k, n in runs if keep(n)]


def _collapse_runs(**how):
    return lambda path, blank: [
        out for k, out in _runs(path, **how) if k != blank]


def _collapse_other(blank):
    """Another blank than the one that is given."""
    return lambda path, _: collapse(path, blank)


def _collapse_pairs(path, blank):
    out, i = [], 0
    while i < len(path):
        if path[i] != blank:
            out.append(path[i])
        i += 2 if path[i:i + 1] == path[i + 1:i + 2] else 1
    return out


def _collapse_first_blank(path, blank):
    out = [k for k, _ in itertools.groupby(path)]
    return [k for i, k in enumerate(out) if k != blank or blank in out[:i]]


def _collapse_ends(path, blank):
    out = [k for k, _ in itertools.groupby(path)]
    return out[out[:1] == [blank]:len(out) - (out[-1:] == [blank])]


EXERCISES = {
    "5.interval": {
        "level": "medium", "lines": 3, "solution": interval,
        "others": [_interval_percent, _interval_loop],
        "cases": [(_SKEWED, 200, 1), (_SKEWED[::-1] ** 2, 50, 2),
                  (np.array([0, 1.0, 1]), 400, 3),
                  (np.array([-0.75, 0.4, 1.5, 0.2, 2.6]), 100, 4)],
        "mistakes": [
            (_interval_as([0.05, 0.95]), "5.interval.ninety"),
            (_interval_as([0.025, 0.975], spread=True), "5.interval.values"),
            (_interval_as([0.025, 0.975], np.median), "5.interval.median"),
            (lambda x, rounds, seed: np.quantile(x, [0.025, 0.975]),
             "5.interval.no_draw"),
            (lambda x, rounds, seed: interval(x, rounds, seed)[::-1],
             "5.interval.order"),
        ],
        "hint": "5.interval.hint",
    },
    "5.split": {
        "level": "medium", "lines": 3, "solution": split,
        "kind": "boolean",
        "others": [_split_sets, _split_compared],
        "cases": [(np.array([4, 4, 7, 9, 9, 9, 5, 7]), 1, 0),
                  (np.array([2, 3, 5, 5, 3, 2, 2, 8, 9]), 2, 3),
                  (np.array(["b", "a", "c", "a", "b", "d"]), 2, 5)],
        "mistakes": [
            (_split_cases, "5.split.cases"),
            (lambda groups, n_test, seed: np.isin(
                groups, np.unique(groups)[:n_test]), "5.split.order"),
            (lambda groups, n_test, seed: ~split(groups, n_test, seed),
             "5.split.training"),
            (lambda groups, n_test, seed: split(groups, 1, seed),
             "5.split.one"),
        ],
        "hint": "5.split.hint",
        "draw": _draw_groups,
    },
    "5.choose": {
        "level": "easy", "lines": 3, "solution": choose,
        "others": [_choose_sorted, _choose_argmax],
        "cases": [
            ({"words": [1, 0, 1, 1], "rule": [1, 0, 0, 1]},
             {"words": [1, 0, 0, 1], "rule": [1, 1, 1, 0]}),
            ({"rule": [0, 0, 1], "trees": [1, 0, 1], "words": [0, 0, 0]},
             {"rule": [0, 1, 1, 1], "trees": [1, 0, 0, 1],
              "words": [0, 0, 0, 1]}),
            ({"trees": [0, 0], "rule": [0, 1]},
             {"trees": [1, 1, 1], "rule": [1, 0, 0]}),
            ({"rule": [1, 0, 0], "words": [0, 1, 1]},
             {"rule": [1, 1, 0], "words": [1, 0, 0]}),
            ({"words": [1, 1, 0, 0], "rule": [1]},
             {"words": [0, 1], "rule": [1, 0, 1]})],
        "mistakes": [
            (lambda valid, test: (_best(test), np.mean(test[_best(test)])),
             "5.choose.test"),
            (lambda valid, test: (_best(valid), np.mean(valid[_best(valid)])),
             "5.choose.score"),
            (lambda valid, test: (_best(valid, min), np.mean(
                test[_best(valid, min)])), "5.choose.worst"),
            (lambda valid, test: (_best(valid), np.mean(test[_best(test)])),
             "5.choose.best_of"),
        ],
        "hint": "5.choose.hint",
        "draw": _draw_methods,
    },
    "5.paired": {
        "level": "medium", "lines": 4, "solution": paired,
        "others": [_paired_both_ends, _paired_loop],
        "cases": [(_A, _B), (_B, _A), (_A, ~_A), (_A, _A),
                  (_A, np.roll(_A, 3)), (~_B, np.roll(_A, 1)),
                  # 2 ** 64 is no int64
                  (np.arange(64) % 16 < 5, np.arange(64) % 16 > 4)],
        "mistakes": [
            (lambda a, b: _paired_tail(a, b, sides=1), "5.paired.one_sided"),
            (lambda a, b: _paired_tail(a, b, most=2), "5.paired.above"),
            (lambda a, b: _paired_tail(a, b, all_cases=True),
             "5.paired.all"),
            (lambda a, b: _paired_tail(a, b, equal=0), "5.paired.equal"),
            (_paired_chi2, "5.paired.approximate"),
            (_paired_overflows, "5.paired.overflow"),
        ],
        "hint": "5.paired.hint",
        "draw": _draw_pair,
    },
    "5.centre": {
        "level": "hard", "lines": 4, "solution": centre,
        "others": [_centre_arctan, _centre_fft],
        "cases": [(np.eye(28)[27] + np.eye(28)[1] * 2,),
                  (np.array([0, 0, 1, 4, 2.0]),),
                  (np.array([3, 0, 0, 0, 0, 1, 1.0]),),
                  (np.array([2.0, 0, 0]),),  # 0, not 3
                  (np.roll(np.hanning(9), 4) + 0.1,)],
        "mistakes": [
            (lambda x: np.arange(len(x)) @ x / x.sum(), "5.centre.mean"),
            (lambda x: float(np.argmax(x)), "5.centre.brightest"),
            (lambda x: np.angle(x @ np.exp(
                2j * np.pi * np.arange(len(x)) / len(x)))
                % (2 * np.pi), "5.centre.angle"),
            (lambda x: np.angle(x @ np.exp(
                2j * np.pi * np.arange(len(x)) / len(x)))
                * len(x) / (2 * np.pi), "5.centre.negative"),
            (lambda x: -np.angle(x @ np.exp(
                2j * np.pi * np.arange(len(x)) / len(x)))
                * len(x) / (2 * np.pi) % len(x), "5.centre.backwards"),
        ],
        "hint": "5.centre.hint",
    },
    "5.iou": {
        "level": "medium", "lines": 4, "solution": iou,
        "others": [_iou_arrays, _iou_pixels],
        "cases": [((0, 0, 4, 4), (2, 1, 6, 5)), ((0, 0, 2, 3), (0, 0, 2, 3)),
                  ((0, 0, 2, 2), (5, 5, 9, 8)), ((0, 0, 9, 9), (3, 2, 5, 7)),
                  ((0, 0, 2, 6), (3, 1, 7, 5)), ((5, 0, 7, 3), (4, 1, 9, 9)),
                  ((0, 5, 3, 7), (1, 4, 9, 9)), ((0, 0, 4, 4), (1, 6, 3, 9)),
                  ((0, 0, 4, 4), (6, 1, 9, 3))],
        "mistakes": [
            (lambda a, b: _overlap(a, b) / (_area(a) + _area(b)),
             "5.iou.twice"),
            (lambda a, b: _overlap(a, b, False) / (
                _area(a) + _area(b) - _overlap(a, b, False)),
             "5.iou.apart"),
            (lambda a, b: _overlap(a, b) / _area(a), "5.iou.first"),
            (lambda a, b: _overlap(a, b) / min(_area(a), _area(b)),
             "5.iou.smaller"),
            (lambda a, b: _overlap(a, b), "5.iou.no_ratio"),
            *_several("5.iou.apart", *map(_iou_inner, (
                lambda h, w: max(0, h * w), lambda h, w: abs(h) * abs(w),
                lambda h, w: max(0, h) * w, lambda h, w: h * max(0, w)))),
            (_iou_inner(lambda h, w: max(0, h) + max(0, w)), "5.iou.area"),
            (_iou_as(lambda I, A, B: 2 * I / (A + B)), "5.iou.dice"),
            *_several("5.iou.first", _iou_as(lambda I, A, B: I / B),
                      _iou_as(lambda I, A, B: I / max(A, B))),
            (lambda a, b: 1 / iou(a, b) if iou(a, b) else 0,
             "5.iou.turned"),
            (lambda a, b: 1 - iou(a, b), "5.iou.distance"),
            (lambda a, b: 100 * iou(a, b), "5.iou.percent"),
            *_several("5.iou.cut", lambda a, b: int(iou(a, b)),
                      lambda a, b: round(iou(a, b), 1),
                      lambda a, b: round(iou(a, b), 2)),
            (_iou_enclosing, "5.iou.enclosing"),
            (_iou_swapped, "5.iou.swapped"),
            (_iou_pixels_more, "5.iou.pixels"),
            (lambda a, b: iou(*((t, l, t + h, l + w) for t, l, h, w in (
                a, b))), "5.iou.order"),
            (_iou_begins_inside, "5.iou.inside"),
            (_iou_of_heights, "5.iou.height"),
            (lambda a, b: _overlap(a, b) > 0, "5.iou.boolean"),
        ],
        "hint": "5.iou.hint",
    },
    "5.collapse": {
        "level": "easy", "lines": 3, "solution": collapse,
        "others": [_collapse_loop, _collapse_zip],
        "cases": [([7, 2, 7, 7, 10, 7], 10), ([3, 3, 10, 3], 10),
                  ([10, 10, 1, 1, 2, 10], 10),
                  ([10, 10], 10), ([0, 5, 5, 0, 7, 7, 0, 7], 0),
                  ([0, 0, 3, 10, 0], 10),  # 0 is a symbol like others
                  ([4, 4, 4, 10, 5, 5, 5, 5, 5], 10),
                  (list("--aab-bb-a"), "-"), ([], 10)],
        "mistakes": [
            (_drop_first, "5.collapse.order"),
            (lambda path, blank: [k for k, _ in itertools.groupby(path)],
             "5.collapse.blanks"),
            (lambda path, blank: [k for k in path if k != blank],
             "5.collapse.repeats"),
            (lambda path, blank: [*dict.fromkeys(
                k for k in path if k != blank)], "5.collapse.once"),
            (lambda path, blank: sorted({*path} - {blank}),
             "5.collapse.once"),
            (lambda path, blank: sorted(collapse(path, blank)),
             "5.collapse.sorted"),
            *_several("5.collapse.list",
                      lambda path, blank: "".join(map(str, collapse(
                          path, blank))),
                      lambda path, blank: " ".join(map(str, collapse(
                          path, blank)))),
            *_several("5.collapse.symbols", _collapse_runs(of=lambda k, n: n),
                      lambda path, blank: len(collapse(path, blank))),
            *_several("5.collapse.blank", _collapse_other(10),
                      _collapse_other(0),
                      lambda path, blank: collapse(path, max(path))),
            (lambda path, blank: [k for k in collapse(path, blank) if k],
             "5.collapse.zero"),
            (lambda path, blank: [
                k for i, k in enumerate(path)
                if k != path[i - 1] and k != blank], "5.collapse.first"),
            *_several("5.collapse.ends",
                      lambda path, blank: [
                          k for before, k in zip(path, path[1:])
                          if k not in (before, blank)],
                      lambda path, blank: [
                          k for k, after in zip(path, path[1:])
                          if k not in (after, blank)]),
            (_collapse_pairs, "5.collapse.pairs"),
            *_several("5.collapse.blanks", _collapse_first_blank,
                      _collapse_ends),
            *_several("5.collapse.runs",
                      _collapse_runs(keep=lambda n: n > 1),
                      _collapse_runs(keep=lambda n: n == 1)),
            (lambda path, blank: collapse([*itertools.takewhile(
                lambda k: k != blank, path)], blank), "5.collapse.stop"),
            (lambda path, blank: [
                k for before, k in zip([blank, *path], path)
                if before == blank != k], "5.collapse.after"),
        ],
        "hint": "5.collapse.hint",
        "draw": _draw_path,
    },
    "5.warp": {
        "level": "hard", "lines": 7, "solution": warp,
        "others": [_warp_recursive, _warp_in_place],
        # lists, as in the text
        "cases": [([[1, 9, 9], [1, 2, 9], [9, 1, 1]],),
                  ([[2, 1, 0.5, 4]],), (_rng.random((4, 5)).tolist(),),
                  ([[5.0, 1], [1, 1], [3, 5]],)],
        "mistakes": [
            (_warp_with([(1, 0), (0, 1)]), "5.warp.no_diagonal"),
            (_warp_with([(1, 1), (1, 0)]), "5.warp.no_waiting"),
            (_warp_with([(1, 1), (1, 0), (0, 1)], edge=0),
             "5.warp.free_start"),
            (lambda cost: float(np.asarray(cost).min(axis=0).sum()),
             "5.warp.columns"),
            (lambda cost: warp(cost) - cost[0][0], "5.warp.first"),
        ],
        "hint": "5.warp.hint",
    },
    "5.kupiec": {
        "level": "easy", "lines": 4, "solution": kupiec,
        "others": [_kupiec_array, _kupiec_ratio],
        "cases": [(17, 1000, 0.01), (10, 1000, 0.01), (0, 250, 0.01),
                  (3, 40, 0.05), (5, 5, 0.01)],
        "mistakes": [
            (lambda N, T, alpha=0.01: kupiec(N, T, alpha) / 2,
             "5.kupiec.two"),
            (lambda N, T, alpha=0.01: -kupiec(N, T, alpha),
             "5.kupiec.sign"),
            (lambda N, T, alpha=0.01: kupiec(N, T, alpha) / np.log(10),
             "5.kupiec.log"),
            (lambda N, T, alpha=0.01: kupiec(N, T, 0.01),
             "5.kupiec.alpha"),
        ],
        "hint": "5.kupiec.hint",
    },
    "5.drawdown": {
        "level": "easy", "lines": 2, "solution": drawdown,
        "others": [_drawdown_loop, _drawdown_logs],
        "cases": [(_RETURNS,), (np.array([1.0, 2, 3]),),
                  (np.array([-20, 50.0]),), (np.array([10, -10.0, -10]),),
                  (np.array([0.6, -0.75, 1.3, -2.4, -0.2, 0.9]),)],
        "mistakes": [
            (_drawdown_from(None), "5.drawdown.start"),
            (_drawdown_from(1.0, add=True), "5.drawdown.sum"),
            (lambda r: drawdown(r) / 100, "5.drawdown.percent"),
            (lambda r: -np.min(r), "5.drawdown.day"),
            (lambda r: 100 * (1 - np.cumprod(np.append(
                1, 1 + np.asarray(r) / 100)).min()), "5.drawdown.peak"),
        ],
        "hint": "5.drawdown.hint",
    },
}
