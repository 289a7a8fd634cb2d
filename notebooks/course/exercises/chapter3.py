"""Exercises of chapter 3."""

import itertools
import math

import numpy as np


def _several(key, *wrong):
    """Mistakes that one message fits."""
    return [(function, key) for function in wrong]


_rng = np.random.default_rng(3)

# ---- 3.1: deep learning basics ----


def binary_cross_entropy(z, y):
    z = z if y == 0 else -z  # the loss is log(1 + e^z)
    return max(z, 0) + np.log1p(np.exp(-abs(z)))


def _bce_logaddexp(z, y):
    return np.logaddexp(0, (1 - 2 * y) * z)


def _bce_one_formula(z, y):
    return np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z)))


def _bce_naive(z, y):
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        p = 1 / (1 + np.exp(-np.float64(z)))
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def _bce_clipped(z, y):
    with np.errstate(over="ignore"):
        p = np.clip(1 / (1 + np.exp(-np.float64(z))), 1e-7, 1 - 1e-7)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def tanh_backward(a, dA):
    return dA * (1 - a**2)


def _tanh_backward_loops(a, dA):
    dZ = np.zeros_like(a)
    for i in np.ndindex(a.shape):
        dZ[i] = dA[i] * (1 - a[i]) * (1 + a[i])
    return dZ


# ---- 3.2: convolutional networks ----


def conv_by_kernel(X, K):
    n = len(K)
    rows, columns = X.shape[0] - n + 1, X.shape[1] - n + 1
    return sum(K[u, v] * X[u:u + rows, v:v + columns]
               for u, v in np.ndindex(K.shape))


def _conv_pixels(X, K):
    n = len(K)
    out = np.zeros((X.shape[0] - n + 1, X.shape[1] - n + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = (X[i:i + n, j:j + n] * K).sum()
    return out


def _conv_windows(X, K):
    windows = np.lib.stride_tricks.sliding_window_view(X, K.shape)
    return np.einsum("ijuv,uv->ij", windows, K)


def _conv_same(X, K):
    edge = np.pad(X, [(0, len(K) - 1), (0, len(K) - 1)])
    return conv_by_kernel(edge, K)


def receptive_field(layers):
    r, jump = 1, 1
    for k, s in layers:
        r, jump = r + (k - 1) * jump, jump * s
    return r


def _field_backwards(layers):
    r = 1
    for k, s in reversed(layers):
        r = (r - 1) * s + k
    return r


def _field_product(layers):
    return 1 + sum((k - 1) * int(np.prod([s for _, s in layers[:i]]))
                   for i, (k, _) in enumerate(layers))


def _field_jump_too_early(layers):
    r, jump = 1, 1
    for k, s in layers:
        jump *= s
        r += (k - 1) * jump
    return r


def _field_without_gaps(layers):
    seen = {0}
    for k, s in reversed(layers):
        seen = {x * s + u for x in seen for u in range(k)}
    return len(seen)


def _field_wide_kernels(layers):
    r, jump = 1, 1
    for k, s in layers:
        if k > 1:
            r, jump = r + (k - 1) * jump, jump * s
    return r


def _bce_with(part, y_times=1):
    """part(z) less y times z, or another multiple of it."""
    return lambda z, y: part(np.float64(z)) - y_times * y * z


def _bce_eps(eps):
    def wrong(z, y):
        p = 1 / (1 + np.exp(-np.float64(z)))
        return -(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))
    return wrong


def _conv_part(X, K, places):
    """Of the kernel, only some places."""
    kept = np.zeros_like(K)
    kept[places] = K[places]
    return conv_by_kernel(X, kept)


def _conv_in_the_middle(X, K):
    before = (len(K) - 1) // 2
    return conv_by_kernel(np.pad(X, (before, len(K) - 1 - before)), K)


def _conv_left_large(X, K):
    out, right = np.zeros(X.shape), conv_by_kernel(X, K)
    out[:len(right), :right.shape[1]] = right
    return out


def _conv_wrapped(X, K):
    return sum(K[u, v] * np.roll(X, (-u, -v), (0, 1))
               for u, v in np.ndindex(K.shape))


EXERCISES = {
    "3.binary_cross_entropy": {
        "level": "medium", "lines": 2, "solution": binary_cross_entropy,
        "others": [_bce_logaddexp, _bce_one_formula],
        "cases": [(0.3, 1), (0.3, 0), (-2.0, 1), (-2.0, 0), (20.0, 0),
                  (30.0, 1), (-30.0, 0), (1000.0, 0), (-1000.0, 1)],
        "mistakes": [
            (_bce_naive, "3.binary_cross_entropy.naive"),
            (_bce_clipped, "3.binary_cross_entropy.clipped"),
            (lambda z, y: np.logaddexp(0, (2 * y - 1) * z),
             "3.binary_cross_entropy.sign"),
            (lambda z, y: np.logaddexp(0, -z),
             "3.binary_cross_entropy.one_class"),
            *_several("3.binary_cross_entropy.clipped",
                      *map(_bce_eps, (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7)),
                      *(lambda z, y, most=most: _bce_naive(
                          np.clip(z, -most, most), y)
                        for most in (10, 20, 30, 50, 100, 500))),
            *_several("3.binary_cross_entropy.naive",
                      lambda z, y: np.nan_to_num(_bce_naive(z, y)),
                      _bce_with(lambda z: np.log1p(np.exp(z)))),
            *_several("3.binary_cross_entropy.exponent",
                      _bce_with(lambda z: max(z, 0) + np.log1p(np.exp(-z))),
                      _bce_with(lambda z: max(z, 0) + np.log1p(
                          np.exp(abs(z))))),
            (_bce_with(lambda z: abs(z) + np.log1p(np.exp(-abs(z)))),
             "3.binary_cross_entropy.positive"),
            (_bce_with(lambda z: max(z, 0)), "3.binary_cross_entropy.log"),
            (lambda z, y: -binary_cross_entropy(z, y),
             "3.binary_cross_entropy.minus"),
            *_several("3.binary_cross_entropy.one_class",
                      lambda z, y: y * np.logaddexp(0, -z),
                      lambda z, y: np.logaddexp(0, -y * z)),
            *_several("3.binary_cross_entropy.other_class",
                      lambda z, y: (1 - y) * np.logaddexp(0, z),
                      _bce_with(lambda z: np.logaddexp(0, z), 0),
                      _bce_with(lambda z: np.logaddexp(0, z), -1)),
            *_several("3.binary_cross_entropy.base",
                      *(lambda z, y, base=base: binary_cross_entropy(z, y)
                        / np.log(base) for base in (2, 10))),
            (lambda z, y: (1 / (1 + np.exp(-np.float64(z))) - y)**2,
             "3.binary_cross_entropy.squared"),
            (lambda z, y: 1 / (1 + np.exp(-np.float64(z))) - y,
             "3.binary_cross_entropy.slope"),
            (lambda z, y: binary_cross_entropy(z, y) / 2,
             "3.binary_cross_entropy.half"),
        ],
        "hint": "3.binary_cross_entropy.hint",
    },
    "3.tanh_backward": {
        "level": "easy", "lines": 1, "solution": tanh_backward,
        "others": [_tanh_backward_loops,
                   lambda a, dA: dA - dA * np.square(a)],
        "cases": [(np.tanh(_rng.normal(size=(3, 2))),
                   _rng.normal(size=(3, 2))),
                  (np.array([0.0, 0.9, -0.5]), np.array([1.0, -2.0, 3.0]))],
        "mistakes": [
            (lambda a, dA: dA * (1 - np.tanh(a)**2), "3.tanh_backward.twice"),
            (lambda a, dA: 1 - a**2, "3.tanh_backward.chain"),
            (lambda a, dA: dA * (a > 0), "3.tanh_backward.relu"),
            (lambda a, dA: dA * a * (1 - a), "3.tanh_backward.sigmoid"),
            (lambda a, dA: dA * (1 - np.arctanh(a)**2),
             "3.tanh_backward.twice"),
            *_several("3.tanh_backward.square", *(
                lambda a, dA, slope=slope: dA * slope(a) for slope in (
                    lambda a: 1 - a, lambda a: 1 - 2 * a,
                    lambda a: 1 + a**2, lambda a: a**2 - 1, lambda a: a**2,
                    lambda a: a, np.tanh, lambda a: np.sqrt(1 - a**2),
                    lambda a: a * (1 - a**2)))),
            *_several("3.tanh_backward.brackets",
                      lambda a, dA: dA * 1 - a**2,
                      lambda a, dA: dA - (a * dA)**2),
            (lambda a, dA: a * (1 - dA**2), "3.tanh_backward.swapped"),
            *_several("3.tanh_backward.divided",
                      lambda a, dA: dA / (1 - a**2),
                      lambda a, dA: dA + (1 - a**2)),
            *_several("3.tanh_backward.sum",
                      lambda a, dA: np.sum(dA * (1 - a**2)),
                      lambda a, dA: dA * (1 - a**2) / a.size),
        ],
        "hint": "3.tanh_backward.hint",
    },
    "3.conv_by_kernel": {
        "level": "medium", "lines": 4, "solution": conv_by_kernel,
        "others": [_conv_pixels, _conv_windows],
        "cases": [
            (np.arange(20.0).reshape(4, 5)**2, np.array([[1.0, 2], [3, -5]])),
            (_rng.normal(size=(7, 6)), _rng.normal(size=(3, 3))),
            (_rng.normal(size=(3, 3)), _rng.normal(size=(3, 3))),
        ],
        "mistakes": [
            (lambda X, K: conv_by_kernel(X, K[::-1, ::-1]),
             "3.conv_by_kernel.flipped"),
            (_conv_same, "3.conv_by_kernel.same"),
            (lambda X, K: conv_by_kernel(X, K.T), "3.conv_by_kernel.turned"),
            (lambda X, K: conv_by_kernel(X, K)[:-1, :-1] if len(X) > len(K)
             else conv_by_kernel(X, K)[:0, :0], "3.conv_by_kernel.short"),
            *_several("3.conv_by_kernel.mirrored",
                      lambda X, K: conv_by_kernel(X, K[::-1]),
                      lambda X, K: conv_by_kernel(X, K[:, ::-1])),
            (lambda X, K: conv_by_kernel(X, K).T, "3.conv_by_kernel.result"),
            *_several("3.conv_by_kernel.same", _conv_in_the_middle,
                      _conv_left_large, _conv_wrapped),
            (lambda X, K: _conv_part(X, K, (-1, -1)), "3.conv_by_kernel.sum"),
            *_several("3.conv_by_kernel.places", *(
                lambda X, K, places=places: _conv_part(X, K, places)
                for places in (np.s_[:-1, :-1], np.s_[1:, 1:], np.s_[:1, :1],
                               np.s_[:-1], np.s_[:, :-1])),
                lambda X, K: conv_by_kernel(X, np.diag(np.diag(K)))),
            *_several("3.conv_by_kernel.mean",
                      lambda X, K: conv_by_kernel(X, K) / K.size,
                      lambda X, K: conv_by_kernel(X, K / np.abs(K).sum())),
            (lambda X, K: conv_by_kernel(X, K)[::2, ::2],
             "3.conv_by_kernel.stride"),
            (lambda X, K: np.maximum(conv_by_kernel(X, K), 0),
             "3.conv_by_kernel.relu"),
            (lambda X, K: K.sum() + conv_by_kernel(X, np.ones_like(K)),
             "3.conv_by_kernel.plus"),
        ],
        "hint": "3.conv_by_kernel.hint",
    },
    "3.receptive_field": {
        "level": "medium", "lines": 4, "solution": receptive_field,
        "others": [_field_backwards, _field_product],
        "cases": [([(3, 1)],), ([(3, 1), (3, 1)],), ([(3, 2), (3, 1)],),
                  ([(3, 1), (2, 2), (3, 1), (2, 2)],), ([(5, 3), (4, 2)],),
                  ([(3, 2), (3, 2), (3, 1)],), ([],),
                  ([(1, 2), (3, 1)],), ([(2, 1), (1, 3), (1, 1), (4, 2)],),
                  ([(2, 3), (2, 1)],), ([(3, 5), (1, 1), (2, 4), (3, 1)],)],
        "mistakes": [
            (lambda layers: 1 + sum(k - 1 for k, _ in layers),
             "3.receptive_field.strides"),
            (_field_jump_too_early, "3.receptive_field.early"),
            (lambda layers: sum(k for k, _ in layers),
             "3.receptive_field.sum"),
            (lambda layers: int(np.prod([k for k, _ in layers])),
             "3.receptive_field.product"),
            (_field_without_gaps, "3.receptive_field.gaps"),
            (_field_wide_kernels, "3.receptive_field.one"),
        ],
        "hint": "3.receptive_field.hint",
    },
}


# ---- 3.3: recurrent networks ----


def clip(g, limit):
    norm = np.sqrt(np.sum(g**2))
    return g * min(1, limit / norm) if norm > 0 else g


def _clip_if(g, limit):
    norm = np.linalg.norm(g)
    return g if norm <= limit else g / norm * limit


def _clip_max(g, limit):
    return g / np.maximum(np.linalg.norm(g) / limit, 1)


def _norm_factor(g, limit, norm):
    size = norm(g)
    return g * min(1, limit / size) if size > 0 else g


def gru_step(x, h, W_x, W_h, b_x, b_h):
    a_z, a_r, a_n = np.split(x @ W_x + b_x, 3)
    u_z, u_r, u_n = np.split(h @ W_h + b_h, 3)
    z, r = 1 / (1 + np.exp(-a_z - u_z)), 1 / (1 + np.exp(-a_r - u_r))
    return z * h + (1 - z) * np.tanh(a_n + r * u_n)


def _gru_slices(x, h, W_x, W_h, b_x, b_h):
    H = len(h)
    gates = 1 / (1 + np.exp(-(x @ W_x + b_x + h @ W_h + b_h)[:2 * H]))
    n = np.tanh((x @ W_x + b_x)[2 * H:]
                + gates[H:] * (h @ W_h + b_h)[2 * H:])
    return n + gates[:H] * (h - n)


def _gru_loops(x, h, W_x, W_h, b_x, b_h):
    a = [sum(x * W_x[:, k]) + b_x[k] for k in range(len(b_x))]
    u = [sum(h * W_h[:, k]) + b_h[k] for k in range(len(b_h))]
    H, new = len(h), []
    for j in range(H):
        z = 1 / (1 + np.exp(-a[j] - u[j]))
        r = 1 / (1 + np.exp(-a[H + j] - u[H + j]))
        n = np.tanh(a[2 * H + j] + r * u[2 * H + j])
        new.append(z * h[j] + (1 - z) * n)
    return new


def _gru_order(x, h, W_x, W_h, b_x, b_h):
    H = len(h)
    swap = np.r_[H:2 * H, :H, 2 * H:3 * H]
    return gru_step(x, h, W_x[:, swap], W_h[:, swap], b_x[swap], b_h[swap])


def _gru_reset_before(x, h, W_x, W_h, b_x, b_h):
    H = len(h)
    z, r = np.split(1 / (1 + np.exp(-(x @ W_x + b_x + h @ W_h
                                      + b_h)[:2 * H])), 2)
    n = np.tanh((x @ W_x + b_x)[2 * H:]
                + ((r * h) @ W_h + b_h)[2 * H:])
    return z * h + (1 - z) * n


def _gru_mixture(x, h, W_x, W_h, b_x, b_h):
    a_z, a_r, a_n = np.split(x @ W_x + b_x, 3)
    u_z, u_r, u_n = np.split(h @ W_h + b_h, 3)
    z, r = 1 / (1 + np.exp(-a_z - u_z)), 1 / (1 + np.exp(-a_r - u_r))
    return (1 - z) * h + z * np.tanh(a_n + r * u_n)


def _gru_bias_outside(x, h, W_x, W_h, b_x, b_h):
    a_z, a_r, a_n = np.split(x @ W_x + b_x + b_h, 3)
    u_z, u_r, u_n = np.split(h @ W_h, 3)
    z, r = 1 / (1 + np.exp(-a_z - u_z)), 1 / (1 + np.exp(-a_r - u_r))
    return z * h + (1 - z) * np.tanh(a_n + r * u_n)


def _gru_no_bias(x, h, W_x, W_h, b_x, b_h):
    return gru_step(x, h, W_x, W_h, b_x, 0 * b_h)


def _gru_case(D, H):
    return (_rng.normal(size=D), _rng.normal(size=H),
            _rng.normal(size=(D, 3 * H)), _rng.normal(size=(H, 3 * H)),
            _rng.normal(size=3 * H), _rng.normal(size=3 * H))


# ---- 3.4: self-attention ----


def softmax_backward(A, dA):
    return A * (dA - np.sum(A * dA, axis=-1, keepdims=True))


def _softmax_backward_jacobian(A, dA):
    J = A[..., None] * (np.eye(A.shape[-1]) - A[..., None, :])
    return np.einsum("...i,...ij->...j", dA, J)


def _softmax_backward_loops(A, dA):
    dS = np.zeros_like(A)
    for row in np.ndindex(A.shape[:-1]):
        for i, j in np.ndindex(A.shape[-1], A.shape[-1]):
            dS[row][j] += dA[row][i] * A[row][i] * ((i == j) - A[row][j])
    return dS


def _softmax_case(*shape):
    A = np.exp(_rng.normal(size=shape))
    return A / A.sum(axis=-1, keepdims=True), _rng.normal(size=shape)


def window_mask(T, w):
    back = np.arange(T)[:, None] - np.arange(T)  # i - j
    return (0 <= back) & (back < w)


def _window_by_triangles(T, w):
    everyone = np.ones((T, T), bool)
    return np.tril(everyone) & ~np.tril(everyone, -w)


def _window_loops(T, w):
    return [[j <= i and i - j <= w - 1 for j in range(T)] for i in range(T)]


def _window_condition(T, condition):
    return condition(np.arange(T)[:, None] - np.arange(T))


# ---- 3.5: the Transformer ----


def merge_heads(Y):
    B, n_heads, T, H = Y.shape
    return Y.swapaxes(1, 2).reshape(B, T, n_heads * H)


def bag_share(n, T):
    return math.comb(T + n - 1, T) / n**T


def _bag_share_counting(n, T):
    bags = itertools.combinations_with_replacement(range(n), T)
    return sum(1 for _ in bags) / n**T


def _bag_share_listing(n, T):
    strings = list(itertools.product(range(n), repeat=T))
    return len({tuple(sorted(s)) for s in strings}) / len(strings)


def _bag_share_product(n, T):
    return math.prod((n + i) / ((i + 1) * n) for i in range(T))


def _bag_share_sums(n, T):
    row = [1] * n  # bags of t digits that end with each of the n
    for _ in range(T - 1):
        row = list(itertools.accumulate(row))
    return sum(row) / n**T


def _clip_if_long(g, limit, change, size=np.linalg.norm):
    return g if size(g) <= limit else change(g, limit)


def _clip_rows(g, limit):
    size = np.linalg.norm(g, axis=-1, keepdims=True)
    return g * np.minimum(1, limit / np.maximum(size, 1e-12))


def _gru_with(inside=lambda a, u, r: a + r * u, n_of=np.tanh,
              z_of=lambda v: 1 / (1 + np.exp(-v)),
              r_of=lambda v: 1 / (1 + np.exp(-v)),
              new=lambda z, r, n, h: z * h + (1 - z) * n):
    """A step in which a part of the formulas differs."""
    def wrong(x, h, W_x, W_h, b_x, b_h):
        a_z, a_r, a_n = np.split(x @ W_x + b_x, 3)
        u_z, u_r, u_n = np.split(h @ W_h + b_h, 3)
        z, r = z_of(a_z + u_z), r_of(a_r + u_r)
        return new(z, r, n_of(inside(a_n, u_n, r)), h)
    return wrong


def _gru_columns(columns):
    """A step that takes the columns in another order."""
    def wrong(x, h, W_x, W_h, b_x, b_h):
        i = columns(len(h))
        return gru_step(x, h, W_x[:, i], W_h[:, i], b_x[i], b_h[i])
    return wrong


def _gru_blocks(*order):
    return _gru_columns(lambda H: np.concatenate(
        [np.arange(k * H, (k + 1) * H) for k in order]))


def _gru_input_only(x, h, W_x, W_h, b_x, b_h):
    a_z, a_r, a_n = np.split(x @ W_x + b_x, 3)
    z, r = 1 / (1 + np.exp(-a_z)), 1 / (1 + np.exp(-a_r))
    u_n = (h @ W_h + b_h)[2 * len(h):]
    return z * h + (1 - z) * np.tanh(a_n + r * u_n)


def _less(what):
    """A (dA - what(A, dA)): another number or row is taken off."""
    return lambda A, dA: A * (dA - what(A, dA))


def _total(x, axis=-1):
    return np.sum(x, axis=axis, keepdims=True)


def _heads_moved(*order):
    """The axes in another order, then joined."""
    return lambda Y: Y.transpose(order).reshape(len(Y), Y.shape[2], -1)


EXERCISES |= {
    "3.clip": {
        "level": "easy", "lines": 2, "solution": clip, "copy": True,
        "others": [_clip_if, _clip_max],
        "cases": [(np.array([3.0, 4.0]), 1.0), (np.array([0.3, 0.4]), 1.0),
                  (np.array([3.0, 4.0]), 4.5), (np.zeros(2), 1.0),
                  (np.array([0.3, 0.4]), 0.1), (np.array([0.9, 1.2]), 2.0),
                  (np.array([[-6.0, 0.5], [2.0, 3.0]]), 5.0)],
        "mistakes": [
            (lambda g, limit: np.clip(g, -limit, limit), "3.clip.each"),
            (lambda g, limit: g / (np.linalg.norm(g) or 1) * limit,
             "3.clip.always"),
            (lambda g, limit: _norm_factor(g, limit,
                                           lambda g: np.abs(g).max()),
             "3.clip.largest"),
            (lambda g, limit: _norm_factor(g, limit,
                                           lambda g: np.sum(g**2)),
             "3.clip.square"),
            (lambda g, limit: np.minimum(g, limit), "3.clip.each"),
            *_several("3.clip.norm", *(
                lambda g, limit, size=size: _norm_factor(g, limit, size)
                for size in (lambda g: np.abs(g).sum(),
                             lambda g: np.sqrt(np.mean(g**2)),
                             lambda g: np.sqrt(abs(g.sum())),
                             lambda g: np.linalg.norm(g, 2)))),
            (_clip_rows, "3.clip.rows"),
            (lambda g, limit: _clip_if_long(
                g, limit, lambda g, limit: g / np.linalg.norm(g)),
             "3.clip.unit"),
            *_several("3.clip.factor", *(
                lambda g, limit, factor=factor: _clip_if_long(
                    g, limit, lambda g, limit: g * factor(
                        np.linalg.norm(g), limit))
                for factor in (lambda norm, limit: 1 / limit,
                               lambda norm, limit: norm / limit,
                               lambda norm, limit: limit)),
                lambda g, limit: g * min(np.linalg.norm(g), limit)),
            (lambda g, limit: g * max(1, limit / (np.linalg.norm(g) or 1)),
             "3.clip.turned"),
            (lambda g, limit: g - max(np.linalg.norm(g) - limit, 0),
             "3.clip.subtract"),
            *_several("3.clip.compare", *(
                lambda g, limit, size=size: _clip_if_long(
                    g, limit, lambda g, limit: g / np.linalg.norm(g) * limit,
                    size)
                for size in (lambda g: np.sum(g**2),
                             lambda g: np.abs(g).max(), np.max, np.sum))),
            (lambda g, limit: clip(np.abs(g), limit), "3.clip.signs"),
            (lambda g, limit: _clip_if_long(
                g, limit, lambda g, limit: np.zeros_like(g)), "3.clip.zeros"),
        ],
        "hint": "3.clip.hint",
    },
    "3.gru": {
        "level": "medium", "lines": 4, "solution": gru_step,
        "others": [_gru_slices, _gru_loops],
        "cases": [_gru_case(2, 1), _gru_case(3, 4), _gru_case(1, 2)],
        "mistakes": [
            (_gru_order, "3.gru.order"),
            (_gru_reset_before, "3.gru.before"),
            (_gru_mixture, "3.gru.mixture"),
            (_gru_bias_outside, "3.gru.bias"),
            (_gru_no_bias, "3.gru.bias"),
            *_several("3.gru.order", _gru_blocks(0, 2, 1),
                      _gru_blocks(1, 2, 0), _gru_blocks(2, 0, 1),
                      _gru_blocks(2, 1, 0),
                      _gru_columns(lambda H: np.arange(3 * H).reshape(
                          H, 3).T.ravel())),
            *_several("3.gru.reset", *map(_gru_with, (
                lambda a, u, r: r * (a + u), lambda a, u, r: r * a + u,
                lambda a, u, r: a + u, lambda a, u, r: a + (1 - r) * u,
                lambda a, u, r: a))),
            (lambda x, h, W_x, W_h, b_x, b_h: gru_step(
                x, h, W_x, W_h, 0 * b_x, b_h), "3.gru.input_bias"),
            (lambda x, h, W_x, W_h, b_x, b_h: gru_step(
                x, h, W_x, W_h, b_h, b_x), "3.gru.biases"),
            *_several("3.gru.tanh", _gru_with(n_of=lambda v: v), _gru_with(
                n_of=lambda v: 1 / (1 + np.exp(-v)))),
            *_several("3.gru.gates", *(_gru_with(**{
                gate: of for gate in gates})
                for gates in (["z_of"], ["r_of"], ["z_of", "r_of"])
                for of in (lambda v: v, np.tanh))),
            (_gru_input_only, "3.gru.input_only"),
            *_several("3.gru.mix", *(_gru_with(new=new) for new in (
                lambda z, r, n, h: (1 - z) * n, lambda z, r, n, h: z * h + n,
                lambda z, r, n, h: n,
                lambda z, r, n, h: z * r * h + (1 - z) * n,
                lambda z, r, n, h: np.tanh(z * h + (1 - z) * n)))),
        ],
        "hint": "3.gru.hint",
    },
    "3.softmax_backward": {
        "level": "medium", "lines": 2, "solution": softmax_backward,
        "others": [_softmax_backward_jacobian, _softmax_backward_loops],
        "cases": [_softmax_case(4), _softmax_case(2, 3),
                  _softmax_case(3, 2, 5)],
        "mistakes": [
            (lambda A, dA: A * dA, "3.softmax_backward.alone"),
            (lambda A, dA: dA * A * (1 - A), "3.softmax_backward.sigmoid"),
            (lambda A, dA: A * (dA - dA.sum(axis=-1, keepdims=True)),
             "3.softmax_backward.unweighted"),
            (lambda A, dA: A * (dA - np.sum(A * dA)),
             "3.softmax_backward.rows"),
            *_several("3.softmax_backward.rows",
                      _less(lambda A, dA: _total(A * dA, 0)),
                      _less(lambda A, dA: _total(A * dA, max(-2, -A.ndim)))),
            *_several("3.softmax_backward.mean",
                      _less(lambda A, dA: _total(A * dA) / A.shape[-1]),
                      _less(lambda A, dA: _total(dA) / A.shape[-1])),
            *_several("3.softmax_backward.sign",
                      _less(lambda A, dA: -_total(A * dA)),
                      lambda A, dA: -softmax_backward(A, dA)),
            *_several("3.softmax_backward.outside",
                      lambda A, dA: A * dA - _total(A * dA),
                      lambda A, dA: dA - _total(A * dA)),
            (lambda A, dA: dA - A * _total(dA), "3.softmax_backward.log"),
            *_several("3.softmax_backward.sum",
                      _less(lambda A, dA: _total(A)), _less(lambda A, dA: A),
                      _less(lambda A, dA: A * _total(A * dA)),
                      _less(lambda A, dA: _total(A**2 * dA))),
            (lambda A, dA: dA * (A - _total(A * dA)),
             "3.softmax_backward.swapped"),
            (lambda A, dA: softmax_backward(
                np.exp(A) / _total(np.exp(A)), dA),
             "3.softmax_backward.twice"),
            (lambda A, dA: A - dA, "3.softmax_backward.cross"),
            (lambda A, dA: softmax_backward(A, dA) / A.shape[-1]**0.5,
             "3.softmax_backward.root"),
        ],
        "hint": "3.softmax_backward.hint",
    },
    "3.window_mask": {
        "level": "easy", "lines": 2, "solution": window_mask,
        "kind": "boolean",
        "others": [_window_by_triangles, _window_loops],
        "cases": [(3, 1), (5, 2), (6, 3), (4, 4)],
        "mistakes": [
            (lambda T, w: _window_condition(T, lambda b: np.abs(b) < w),
             "3.window_mask.future"),
            (lambda T, w: _window_condition(T, lambda b: (0 <= b)
                                            & (b <= w)),
             "3.window_mask.one_more"),
            (lambda T, w: _window_condition(T, lambda b: (0 < b) & (b < w)),
             "3.window_mask.itself"),
            (lambda T, w: window_mask(T, w).T, "3.window_mask.transposed"),
            (lambda T, w: np.tril(np.ones((T, T), bool)),
             "3.window_mask.causal"),
            *_several("3.window_mask.future", *(
                lambda T, w, rule=rule: _window_condition(
                    T, lambda back: rule(back, T, w))
                for rule in (lambda back, T, w: back < w,
                             lambda back, T, w: back >= -w,
                             lambda back, T, w: back % T < w,
                             lambda back, T, w: (back >= 0) | (back < w)))),
            (lambda T, w: window_mask(T, w - 1), "3.window_mask.one_less"),
            (lambda T, w: window_mask(T, w + 1) & ~np.eye(T, dtype=bool),
             "3.window_mask.itself"),
            (lambda T, w: ~window_mask(T, w), "3.window_mask.inverted"),
            (lambda T, w: _window_condition(T, lambda back: back >= w),
             "3.window_mask.far"),
            *_several("3.window_mask.band",
                      lambda T, w: np.eye(T, k=1 - w, dtype=bool),
                      lambda T, w: np.eye(T, k=-w, dtype=bool),
                      lambda T, w: _window_condition(
                          T, lambda back: abs(back) == w)),
            *_several("3.window_mask.fixed", *(
                lambda T, w, rule=rule: np.tri(T, dtype=bool) & rule(
                    *np.ogrid[:T, :T], T, w)
                for rule in (lambda i, j, T, w: i // w == j // w,
                             lambda i, j, T, w: j < w,
                             lambda i, j, T, w: j >= T - w))),
            *_several("3.window_mask.shape",
                      lambda T, w: np.tri(T, w, dtype=bool),
                      lambda T, w: np.tri(w, dtype=bool)),
            (lambda T, w: np.where(window_mask(T, w), 0, -np.inf),
             "3.window_mask.booleans"),
        ],
        "hint": "3.window_mask.hint",
    },
    "3.merge_heads": {
        "level": "medium", "lines": 2, "solution": merge_heads,
        "others": [lambda Y: np.concatenate(list(Y.swapaxes(0, 1)), -1),
                   lambda Y: np.einsum("bmth->btmh", Y).reshape(
                       Y.shape[0], Y.shape[2], -1)],
        "cases": [(_rng.normal(size=(2, 2, 3, 4)),),
                  (_rng.normal(size=(1, 3, 2, 2)),)],
        "mistakes": [
            (lambda Y: Y.reshape(Y.shape[0], Y.shape[2], -1),
             "3.merge_heads.no_swap"),
            (lambda Y: Y.transpose(0, 2, 3, 1).reshape(
                Y.shape[0], Y.shape[2], -1), "3.merge_heads.interleaved"),
            (lambda Y: Y.mean(axis=1), "3.merge_heads.mean"),
            (lambda Y: merge_heads(Y[:, ::-1]), "3.merge_heads.turned"),
            *_several("3.merge_heads.axes", _heads_moved(0, 3, 2, 1),
                      _heads_moved(0, 1, 3, 2), _heads_moved(1, 0, 2, 3)),
            (lambda Y: merge_heads(Y)[..., ::-1], "3.merge_heads.mirrored"),
            (lambda Y: Y.swapaxes(1, 2), "3.merge_heads.open"),
            *_several("3.merge_heads.mean", lambda Y: Y.sum(axis=1),
                      lambda Y: Y.max(axis=1)),
            *_several("3.merge_heads.one", lambda Y: Y[:, 0],
                      lambda Y: np.concatenate([Y[:, 0]] * Y.shape[1], -1)),
            *_several("3.merge_heads.batch", lambda Y: merge_heads(Y)[0],
                      lambda Y: merge_heads(Y).squeeze(),
                      lambda Y: np.concatenate(Y, axis=-1),
                      lambda Y: np.concatenate(merge_heads(Y)),
                      lambda Y: merge_heads(Y).swapaxes(0, 1)),
            (lambda Y: merge_heads(Y).reshape(len(Y), -1),
             "3.merge_heads.words"),
            (lambda Y: Y.reshape(len(Y), -1, Y.shape[3]),
             "3.merge_heads.below"),
            (lambda Y: merge_heads(Y).swapaxes(1, 2),
             "3.merge_heads.transposed"),
        ],
        "hint": "3.merge_heads.hint",
    },
    "3.bag_share": {
        "level": "medium", "lines": 2, "solution": bag_share,
        "others": [_bag_share_counting, _bag_share_product,
                   _bag_share_sums],
        "cases": [(2, 2), (3, 2), (2, 4), (4, 3), (3, 1)],
        "large": {"case": (5, 9), "seconds": 0.2},  # 2 million strings
        "slow": [_bag_share_listing],
        "mistakes": [
            (lambda n, T: math.comb(n, T) / n**T, "3.bag_share.no_repeat"),
            (lambda n, T: 1 / math.factorial(T), "3.bag_share.factorial"),
            (lambda n, T: 1 / n**T, "3.bag_share.strings"),
            (lambda n, T: bag_share(T, n), "3.bag_share.places"),
        ],
        "hint": "3.bag_share.hint",
    },
}
