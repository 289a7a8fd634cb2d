"""What the exercises' texts promise of their inputs, one rule an exercise.

A hidden case must keep its exercise's specification, or a right answer that
leans on it would lose points. `VALID[id](*arguments)` says whether it does;
`DRAW[id](rng)` draws inputs where other values in a visible case would
seldom keep it, or would seldom tell right from wrong.
"""
import numpy as np

MARGIN = 1e-6  # from where a comparison or a rounding would turn


def whole(*numbers, least=1):
    return all(isinstance(n, (int, np.integer)) and n >= least
               for n in numbers)


def grows(x):
    return bool((np.diff(x) > 0).all())


def distinct(x):
    """No two values so close that rounding could swap them."""
    return bool((np.diff(np.sort(np.ravel(x))) > MARGIN).all())


def distribution(p):
    return bool((p > 0).all() and np.allclose(p.sum(-1), 1))


def no_tie(X, y, Q):
    """Each question has one nearest example, or equal ones of one label."""
    D = ((Q[:, None] - X) ** 2).sum(-1)
    return all(len(set(y[d <= d.min() + max(MARGIN, 0)])) == 1 for d in D)


def crosses(n, a, b):
    """Growing sizes; b below a at first, above at the end."""
    return (grows(n) and n[0] > 0 and len(n) == len(a) == len(b)
            and b[0] < a[0] - 1e-3 and b[-1] > a[-1]
            and bool(((0 <= np.r_[a, b]) & (np.r_[a, b] <= 1)).all()))


def box(b):
    top, left, bottom, right = b
    return top < bottom and left < right


def rounds_safely(x):
    """No value so near to a half that rounding could go either way."""
    return bool((np.abs(np.abs(x) % 1 - 0.5) > MARGIN).all())


def can_prune(W, share):
    n = round(share * W.size)
    low = np.sort(np.abs(W).ravel())
    return (0 <= share <= 1 and rounds_safely(np.array(share * W.size))
            and (n in (0, W.size) or low[n] - low[n - 1] > MARGIN))


def far_from(A, B, eps):
    D = np.sqrt(((A[:, None] - B) ** 2).sum(-1))
    return eps > 0 and bool((np.abs(D - eps) > MARGIN).all())


def confident_case(P, labels):
    """Every class has labels; no tie among classes, no value on the bar."""
    classes = P.shape[1]
    if set(labels.tolist()) != set(range(classes)):
        return False
    bars = np.array([P[labels == j, j].mean() for j in range(classes)])
    return all(map(distinct, P)) and bool((np.abs(P - bars) > MARGIN).all())


def lifted(v, bar, k):
    """Somebody reaches the bar; nobody's vote is level with it."""
    return (0 <= k < len(v) and len(v) > 1 and v.max() >= bar
            and bool((np.abs(np.delete(v, k) - bar) > MARGIN).all()))


def clear_centre(light):
    """The arrows' sum has a direction, and rounding can't turn 0 into n."""
    n = len(light)
    total = light @ np.exp(2j * np.pi * np.arange(n) / n)
    return bool((light >= 0).all() and abs(total) > 1e-3
                and abs(np.angle(total)) > MARGIN)


VALID = {
    "1.doublings": lambda years, values: len(years) == len(values)
    and (values > 0).all() and len(set(years.tolist())) > 1,
    "1.width": lambda L, budget: whole(L) and budget >= 3 + 2 * (L - 1) + 2,
    "1.profiles": lambda X: X.ndim == 3,
    "1.perplexity": lambda p: len(p) > 0 and ((0 < p) & (p <= 1)).all(),
    "1.extrapolate": lambda n, L: len(n) == len(L) > 2 and grows(n)
    and min(n[0], L.min()) > 0,
    "1.patches": lambda X, k: X.ndim == 3 and whole(k)
    and X.shape[0] % k == X.shape[1] % k == 0,
    "2.shared_heads": lambda D, n_heads, n_groups:
        whole(D, n_heads, n_groups) and D % n_heads == n_heads % n_groups == 0,
    "2.experts": lambda D, d_ff, n_experts, k:
        whole(D, d_ff, n_experts, k) and k <= n_experts,
    "2.half_length": lambda V, D, n_layers: whole(V, D, n_layers),
    "2.nearest": no_tie,
    "2.paired": lambda a, b: a.shape == b.shape and a.size > 1,
    "2.crossing": crosses,
    "3.binary_cross_entropy": lambda z, y: y in (0, 1),
    "3.tanh_backward": lambda a, dA: (np.abs(a) < 1).all()
    and a.shape == dA.shape,
    "3.conv_by_kernel": lambda X, K: K.shape[0] == K.shape[1]
    and min(X.shape) >= len(K),
    "3.receptive_field": lambda layers: all(whole(k, s) for k, s in layers),
    "3.clip": lambda g, limit: limit > 0
    and abs(np.sqrt((g**2).sum()) - limit) > MARGIN,
    "3.gru": lambda x, h, W_x, W_h, b_x, b_h:
        W_x.shape == (len(x), 3 * len(h)) and W_h.shape == (
            len(h), 3 * len(h)) and b_x.shape == b_h.shape == (3 * len(h),),
    "3.softmax_backward": lambda A, dA: distribution(A)
    and A.shape == dA.shape,
    "3.window_mask": lambda T, w: whole(T, w) and w <= T,
    "3.merge_heads": lambda Y: Y.ndim == 4,
    "3.bag_share": lambda n, T: whole(n, T),
    "4.max_pool": lambda X: X.ndim == 3 and min(X.shape[:2]) > 1,
    "4.out_size": lambda n, k, s, p: whole(n, k, s) and whole(p, least=0)
    and k <= n + 2 * p,
    "4.mcnemar": lambda a, b: a.shape == b.shape and a.ndim == 1
    and a.dtype == b.dtype == bool,
    "4.fold": lambda u: u.ndim == 1,
    "4.windows": lambda z, T: whole(T) and len(z) > T,
    "4.next_token": lambda z, Y: distinct(z) and 1 not in Y[:-1]
    and whole(*Y, least=0) and max(Y) < len(z),
    "4.score": lambda P, Y: distribution(P) and len(P) == len(Y)
    and 0 <= Y.min() and Y.max() < P.shape[1],
    "4.top_k": lambda p, k: distribution(p) and distinct(p) and whole(k)
    and k <= len(p),
    "4.rms_norm": lambda X, w: X.shape[1:] == w.shape,
    "4.remembered": lambda n_layers, n_heads, H, T, S:
        whole(n_layers, n_heads, H, T, S),
    "5.interval": lambda x, rounds, seed: x.ndim == 1 and whole(rounds)
    and whole(seed, least=0),
    "5.centre": clear_centre,
    "5.iou": lambda a, b: box(a) and box(b),
    "5.collapse": lambda path, blank: whole(*path, blank, least=0) or all(
        isinstance(symbol, str) for symbol in [*path, blank]),
    "5.warp": lambda cost: all(
        isinstance(row, list) and len(row) == len(cost[0]) > 0
        and min(row) >= 0 for row in cost),
    "5.split": lambda groups, n_test, seed: groups.ndim == 1 and whole(
        n_test) and n_test < len(np.unique(groups)) and seed >= 0,
    "5.choose": lambda valid, test: set(valid) == set(test) and distinct(
        [np.mean(right) for right in valid.values()]),
    "5.paired": lambda ours, theirs: ours.dtype == theirs.dtype == bool
    and ours.shape == theirs.shape,
    "5.kupiec": lambda N, T, alpha=0.01: whole(N, least=0) and whole(T)
    and N <= T and 0 < alpha < 1,
    "5.drawdown": lambda returns: returns.ndim == 1 and (
        returns > -100).all(),
    "6.traces": lambda lengths, size, multiple: len(lengths) > 0
    and whole(*lengths, size, multiple),
    "6.overlapped": lambda a, b, n: a > 0 and b > 0 and whole(n),
    "6.coast": lambda v, mu, n: 0 <= mu < 1 and whole(n, least=0),
    "6.head": lambda in_proj, n_heads, part, k: in_proj.shape[0] == 3 * (
        in_proj.shape[1]) and in_proj.shape[1] % n_heads == 0
    and part in (0, 1, 2) and 0 <= k < n_heads,
    "6.merge": lambda symbols, pair: len(pair) == 2 and all(
        isinstance(s, str) and s for s in [*symbols, *pair]),
    "6.wordpiece": lambda word, known: len(word) > 0 and all(
        p not in ("", "##") for p in known),
    "6.epochs_run": lambda losses, patience: whole(patience)
    and len(losses) > 0,
    "6.smooth": lambda values, w: isinstance(values, list) and 0 <= w < 1,
    "7.backtest": lambda t, z, cut: len(set(t[t <= cut].tolist())) > 1
    and (t > cut).any(),
    "7.split": lambda C, A, B, alpha, beta: min(C, A, B, alpha, beta) > 0,
    "7.prune": can_prune,
    "7.quantise": lambda W: np.abs(W).max(0).min() > 0 and rounds_safely(
        127 * W / np.abs(W).max(0)),
    "7.copies": far_from,
    "7.least_weight": lifted,
    "8.link": lambda N, b, k, gigabits: min(N, b, gigabits) > 0
    and whole(k, least=2),
    "8.confident": confident_case,
    "8.idle": lambda k, m: whole(k, m),
    "8.dpo": lambda good, bad, good_0, bad_0, beta: beta > 0 and len(
        {x.shape for x in (good, bad, good_0, bad_0)}) == 1,
    "8.occlude": lambda x, k: whole(k) and k <= min(x.shape)
    and (x != 0).all(),
    "8.path": lambda x, x0, G: x.shape == x0.shape == G.shape[1:]
    and len(G) > 1,
    "8.temperature": lambda p, tau: distribution(p) and tau > 0,
}


def draw_perplexity(rng):
    return (rng.uniform(0.02, 1, rng.integers(3, 9)),)


def draw_extrapolate(rng):
    """Losses that scatter about a power law."""
    n = 100 * np.cumprod(rng.uniform(1.5, 4, rng.integers(4, 8)))
    scatter = rng.uniform(0.95, 1.05, len(n))
    return n, rng.uniform(3, 5) * n**-rng.uniform(0.05, 0.2) * scatter


def draw_shared_heads(rng):
    n_groups, times, H = (int(n) for n in rng.integers(1, [9, 6, 65]))
    return n_groups * times * H, n_groups * times, n_groups


def draw_receptive_field(rng):
    """One to five layers; some strides are larger than their kernels."""
    return ([(int(k), int(s)) for k, s in rng.integers(
        1, 6, (rng.integers(1, 6), 2))],)


def draw_experts(rng):
    D, d_ff, n_experts = (int(n) for n in rng.integers(2, [99, 300, 33]))
    return D, d_ff, n_experts, int(rng.integers(1, n_experts + 1))


def draw_crossing(rng):
    """Half of them cross more than once."""
    n = np.cumsum(rng.integers(10, 400, rng.integers(3, 7))).astype(float)
    while True:
        a, b = rng.uniform(0.1, 0.95, (2, len(n))).round(2)
        if rng.random() < 0.5:
            a, b = np.sort(a), np.sort(b)
        if crosses(n, a, b):
            return n, a, b


def draw_window_mask(rng):
    T = int(rng.integers(2, 10))
    return T, int(rng.integers(1, T + 1))


def draw_next_token(rng):
    """A text that goes on, one that ends now, one that is finished."""
    V = int(rng.integers(3, 9))
    Y = rng.choice([i for i in range(V) if i != 1],
                   rng.integers(1, 5)).tolist()
    z = rng.normal(size=V).round(3)
    kind = rng.integers(3)
    z[1] = 9 if kind == 1 else z[1]
    return z, Y + [1] if kind == 2 else Y


def draw_iou(rng):
    """Boxes that overlap in two of three cases."""
    while True:
        a, b = rng.integers(0, 10, (2, 2, 2))
        a, b = (tuple(map(int, np.r_[p, p + rng.integers(1, 7, 2)]))
                for p in (a[0], b[0]))
        meet = (min(a[2], b[2]) > max(a[0], b[0])
                and min(a[3], b[3]) > max(a[1], b[1]))
        if meet or rng.random() < 0.1:
            return a, b


def draw_confident(rng):
    """Half of the labels are the likeliest class, half are drawn."""
    classes = int(rng.integers(2, 5))
    P = rng.dirichlet([0.6] * classes, 12 * classes)
    labels = np.where(rng.random(len(P)) < 0.5, P.argmax(1),
                      rng.integers(classes, size=len(P)))
    return P, labels


def draw_least_weight(rng):
    """In two of three cases word k alone reaches the bar."""
    v = rng.permutation(np.arange(-5, 12))[:rng.integers(2, 6)].astype(float)
    k, low = int(rng.integers(len(v))), v.min()
    if rng.random() < 0.7:
        k, low = int(v.argmax()), np.sort(v)[-2]
    return v, round(rng.uniform(low, v.max()), 2), k


DRAW = {
    "1.perplexity": draw_perplexity, "1.extrapolate": draw_extrapolate,
    "2.shared_heads": draw_shared_heads, "2.experts": draw_experts,
    "2.crossing": draw_crossing, "3.window_mask": draw_window_mask,
    "3.receptive_field": draw_receptive_field,
    "4.next_token": draw_next_token, "5.iou": draw_iou,
    "8.confident": draw_confident, "7.least_weight": draw_least_weight,
}
