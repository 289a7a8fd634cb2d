"""Typical mistakes in twenty exercises.

Written from the exercises' text alone, without a look at their cases: what a
learner might hand in, each of it wrong by the specification.
"""

import math
from itertools import groupby

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# ---- chapter 2 ----


def distances(X, Q, axis=2):
    return ((Q[:, None] - X) ** 2).sum(axis=axis)


def nearest_mean(X, y, Q):
    labels = np.unique(y)
    means = np.array([X[y == label].mean(axis=0) for label in labels])
    return labels[distances(means, Q).argmin(axis=1)]


def nearest_cosine(X, y, Q):
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    return y[(Q @ X.T).argmax(axis=1)]


NEAREST = [
    ("the farthest", lambda X, y, Q: y[distances(X, Q).argmax(axis=1)]),
    ("absolute differences", lambda X, y, Q: y[
        abs(Q[:, None] - X).sum(axis=2).argmin(axis=1)]),
    ("largest difference only", lambda X, y, Q: y[
        abs(Q[:, None] - X).max(axis=2).argmin(axis=1)]),
    ("differences not squared", lambda X, y, Q: y[
        (Q[:, None] - X).sum(axis=2).argmin(axis=1)]),
    ("sum squared, not the differences", lambda X, y, Q: y[
        ((Q[:, None] - X).sum(axis=2) ** 2).argmin(axis=1)]),
    ("index, not label", lambda X, y, Q: distances(X, Q).argmin(axis=1)),
    ("smallest along the questions", lambda X, y, Q: y[
        distances(X, Q).argmin(axis=0) % len(y)]),
    ("a question for each example", lambda X, y, Q: y[
        distances(Q, X).argmin(axis=1) % len(y)]),
    ("largest product", lambda X, y, Q: y[(Q @ X.T).argmax(axis=1)]),
    ("smallest product", lambda X, y, Q: y[(Q @ X.T).argmin(axis=1)]),
    ("cosine", nearest_cosine),
    ("factor 2 of the square forgotten", lambda X, y, Q: y[
        ((X ** 2).sum(axis=1) - Q @ X.T).argmin(axis=1)]),
    ("sum over the examples", lambda X, y, Q: y[
        distances(X, Q, axis=1).argmin(axis=1) % len(y)]),
    ("first question only", lambda X, y, Q: y[
        ((X - Q[0]) ** 2).sum(axis=1).argmin()]),
    ("smallest of all", lambda X, y, Q: y[distances(X, Q).argmin() % len(y)]),
    ("distance, not label", lambda X, y, Q: distances(X, Q).min(axis=1)),
    ("second nearest", lambda X, y, Q: y[
        distances(X, Q).argsort(axis=1)[:, 1 % len(y)]]),
    ("first feature only", lambda X, y, Q: y[
        abs(Q[:, None, 0] - X[:, 0]).argmin(axis=1)]),
    ("plus for minus", lambda X, y, Q: y[distances(-X, Q).argmin(axis=1)]),
    ("lengths compared", lambda X, y, Q: y[
        abs(np.linalg.norm(Q, axis=1)[:, None] - np.linalg.norm(X, axis=1))
        .argmin(axis=1)]),
    ("nearest class mean", nearest_mean),
]


def experts(each=2, more=0, stored=None, used=None):
    """A pair of counts; what stored and used add, as functions."""
    def answer(D, d_ff, n_experts, k):
        part, router = each * D * d_ff + more * (D + d_ff), D * n_experts
        first = n_experts * part + router
        second = k * part + router
        return (first if stored is None else stored(part, D, n_experts, k),
                second if used is None else used(part, D, n_experts, k))
    return answer


EXPERTS = [
    ("one matrix an expert", experts(each=1)),
    ("three matrices an expert", experts(each=3)),
    ("biases counted", experts(more=1)),
    ("no router at all", experts(stored=lambda p, D, n, k: n * p,
                                 used=lambda p, D, n, k: k * p)),
    ("router not stored", experts(stored=lambda p, D, n, k: n * p)),
    ("router not used", experts(used=lambda p, D, n, k: k * p)),
    ("only k columns of the router used",
     experts(used=lambda p, D, n, k: k * p + D * k)),
    ("order swapped", experts(stored=lambda p, D, n, k: k * p + D * n,
                              used=lambda p, D, n, k: n * p + D * n)),
    ("share of what is stored",
     experts(used=lambda p, D, n, k: (n * p + D * n) * k // n)),
    ("one expert used", experts(used=lambda p, D, n, k: p + D * n)),
    ("all used", experts(used=lambda p, D, n, k: n * p + D * n)),
    ("one expert stored", experts(stored=lambda p, D, n, k: p + D * n)),
    ("those not chosen", experts(used=lambda p, D, n, k: (n - k) * p + D * n)),
    ("router without D", experts(stored=lambda p, D, n, k: n * p + n,
                                 used=lambda p, D, n, k: k * p + n)),
    ("a router for each expert",
     experts(stored=lambda p, D, n, k: n * (p + D * n),
             used=lambda p, D, n, k: k * (p + D * n))),
    ("router of D by k", experts(stored=lambda p, D, n, k: n * p + D * k,
                                 used=lambda p, D, n, k: k * p + D * k)),
    ("router with biases", experts(stored=lambda p, D, n, k: n * p + D * n + n,
                                   used=lambda p, D, n, k: k * p + D * n + n)),
    ("sizes added", lambda D, d_ff, n, k: (2 * n * (D + d_ff) + D * n,
                                           2 * k * (D + d_ff) + D * n)),
    ("router of d_ff by n", lambda D, d_ff, n, k: (
        2 * n * D * d_ff + d_ff * n, 2 * k * D * d_ff + d_ff * n)),
    ("share instead of number", experts(
        used=lambda p, D, n, k: (k * p + D * n) / (n * p + D * n))),
]


# ---- chapter 3 ----


def plain_entropy(z, y, eps=0.0):
    p = sigmoid(z)
    return -(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))


def clipped_entropy(z, y):
    p = np.clip(sigmoid(z), 1e-7, 1 - 1e-7)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


BINARY_CROSS_ENTROPY = [
    ("the specification itself, which overflows", plain_entropy),
    ("eps in the logarithms", lambda z, y: plain_entropy(z, y, 1e-12)),
    ("probabilities clipped", clipped_entropy),
    ("scores clipped",
     lambda z, y: plain_entropy(np.clip(z, -30, 30), y)),
    ("nan made 0", lambda z, y: np.nan_to_num(plain_entropy(z, y))),
    ("log1p(exp(z)), which overflows",
     lambda z, y: np.log1p(np.exp(z)) - y * z),
    ("no absolute value: overflows for negative scores",
     lambda z, y: np.maximum(z, 0) - y * z + np.log1p(np.exp(-z))),
    ("sign of the exponent",
     lambda z, y: np.maximum(z, 0) - y * z + np.log1p(np.exp(abs(z)))),
    ("absolute value for the positive part",
     lambda z, y: abs(z) - y * z + np.log1p(np.exp(-abs(z)))),
    ("logarithm forgotten", lambda z, y: np.maximum(z, 0) - y * z),
    ("yes and no swapped", lambda z, y: np.logaddexp(0, z) - (1 - y) * z),
    ("minus forgotten", lambda z, y: y * z - np.logaddexp(0, z)),
    ("yes only", lambda z, y: y * np.logaddexp(0, -z)),
    ("no only", lambda z, y: (1 - y) * np.logaddexp(0, z)),
    ("y z forgotten", lambda z, y: np.logaddexp(0, z)),
    ("y z added", lambda z, y: np.logaddexp(0, z) + y * z),
    ("labels taken as -1 and 1", lambda z, y: np.logaddexp(0, -y * z)),
    ("log2", lambda z, y: (np.logaddexp(0, z) - y * z) / np.log(2)),
    ("squared error", lambda z, y: (sigmoid(z) - y) ** 2),
    ("slope for the loss", lambda z, y: sigmoid(z) - y),
    ("mean of the two terms", lambda z, y: (np.logaddexp(0, z) - y * z) / 2),
]

TANH_BACKWARD = [
    ("tanh again", lambda a, dA: dA * (1 - np.tanh(a) ** 2)),
    ("arctanh left", lambda a, dA: dA * (1 - np.arctanh(a) ** 2)),
    ("dA forgotten", lambda a, dA: 1 - a ** 2),
    ("no square", lambda a, dA: dA * (1 - a)),
    ("doubled, not squared", lambda a, dA: dA * (1 - 2 * a)),
    ("brackets forgotten", lambda a, dA: dA * 1 - a ** 2),
    ("dA squared too", lambda a, dA: dA - (a * dA) ** 2),
    ("plus", lambda a, dA: dA * (1 + a ** 2)),
    ("sign", lambda a, dA: dA * (a ** 2 - 1)),
    ("sigmoid's slope", lambda a, dA: dA * a * (1 - a)),
    ("ReLU's slope", lambda a, dA: dA * (a > 0)),
    ("swapped", lambda a, dA: a * (1 - dA ** 2)),
    ("divided", lambda a, dA: dA / (1 - a ** 2)),
    ("root", lambda a, dA: dA * np.sqrt(1 - a ** 2)),
    ("one a too many", lambda a, dA: dA * a * (1 - a ** 2)),
    ("added", lambda a, dA: dA + (1 - a ** 2)),
    ("summed", lambda a, dA: (dA * (1 - a ** 2)).sum()),
    ("mean over the entries", lambda a, dA: dA * (1 - a ** 2) / a.size),
    ("derivative is tanh", lambda a, dA: dA * np.tanh(a)),
    ("a for the slope", lambda a, dA: dA * a),
    ("only the square", lambda a, dA: dA * a ** 2),
]


def by_kernel(X, K, h=None, w=None, start=0, end=None, step=1, swap=False):
    k = len(K)
    h = X.shape[0] - k + 1 if h is None else h
    w = X.shape[1] - k + 1 if w is None else w
    Y = np.zeros(X[:h:step, :w:step].shape)
    for u in range(start, k if end is None else end):
        for v in range(start, k if end is None else end):
            i, j = (v, u) if swap else (u, v)
            Y += X[i:i + h:step, j:j + w:step] * K[u, v]
    return Y


def conv_same(X, K):
    before = (len(K) - 1) // 2
    return by_kernel(np.pad(X, (before, len(K) - 1 - before)), K)


def conv_last(X, K):
    h, w = np.subtract(X.shape, K.shape) + 1
    for u, v in np.ndindex(K.shape):
        Y = X[u:u + h, v:v + w] * K[u, v]
    return Y


def conv_added(X, K):
    h, w = np.subtract(X.shape, K.shape) + 1
    return sum(X[u:u + h, v:v + w] + K[u, v] for u, v in np.ndindex(K.shape))


def conv_diagonal(X, K):
    h, w = np.subtract(X.shape, K.shape) + 1
    return sum(X[u:u + h, u:u + w] * K[u, u] for u in range(len(K)))


def conv_left_large(X, K):
    Y, h, w = np.zeros(X.shape), *(np.subtract(X.shape, K.shape) + 1)
    Y[:h, :w] = by_kernel(X, K)
    return Y


def conv_wrapped(X, K):
    return sum(np.roll(X, (-u, -v), (0, 1)) * K[u, v]
               for u, v in np.ndindex(K.shape))


def conv_one_side(X, K):
    n = len(X) - len(K) + 1
    return by_kernel(X, K, n, n)


CONV_BY_KERNEL = [
    ("kernel turned round", lambda X, K: by_kernel(X, K[::-1, ::-1])),
    ("kernel upside down", lambda X, K: by_kernel(X, K[::-1])),
    ("kernel mirrored", lambda X, K: by_kernel(X, K[:, ::-1])),
    ("kernel transposed", lambda X, K: by_kernel(X, K.T)),
    ("shifts swapped", lambda X, K: by_kernel(X, K, swap=True)),
    ("result transposed", lambda X, K: by_kernel(X, K).T),
    ("padded to the same size", conv_same),
    ("one too small", lambda X, K: by_kernel(
        X, K, X.shape[0] - len(K), X.shape[1] - len(K))),
    ("picture taken as square", conv_one_side),
    ("last place of the kernel only", conv_last),
    ("last row and column of the kernel forgotten",
     lambda X, K: by_kernel(X, K, end=len(K) - 1)),
    ("loops begin at 1", lambda X, K: by_kernel(X, K, start=1)),
    ("mean over the kernel", lambda X, K: by_kernel(X, K) / K.size),
    ("every second place", lambda X, K: by_kernel(X, K, step=2)),
    ("ReLU behind it", lambda X, K: np.maximum(by_kernel(X, K), 0)),
    ("added, not multiplied", conv_added),
    ("diagonal of the kernel only", conv_diagonal),
    ("result as large as the picture", conv_left_large),
    ("wraps round", conv_wrapped),
    ("whole sum at every place", lambda X, K: np.full(
        np.subtract(X.shape, K.shape) + 1, X.sum() * K.sum())),
    ("kernel normalised", lambda X, K: by_kernel(X, K / abs(K).sum())),
]


def norm(g):
    return np.sqrt((g ** 2).sum())


def clip_in_place(g, limit):
    if norm(g) > limit:
        g *= limit / norm(g)
    return g


def clip_without_return(g, limit):
    if norm(g) > limit:
        return g * limit / norm(g)


def clip_by(norm):
    """Clipping by another norm."""
    return lambda g, limit: g if norm(g) <= limit else g * limit / norm(g)


CLIP = [
    ("always", lambda g, limit: g * limit / (norm(g) or 1)),
    ("each number", lambda g, limit: np.clip(g, -limit, limit)),
    ("each number from above", lambda g, limit: np.minimum(g, limit)),
    ("sum of the absolute values", clip_by(lambda g: abs(g).sum())),
    ("largest number", clip_by(lambda g: abs(g).max())),
    ("root forgotten", clip_by(lambda g: (g ** 2).sum())),
    ("mean for the sum", clip_by(lambda g: np.sqrt((g ** 2).mean()))),
    ("root of the sum", clip_by(lambda g: np.sqrt(abs(g.sum())))),
    ("np.linalg.norm(g, 2): a matrix's own norm",
     clip_by(lambda g: np.linalg.norm(g, 2))),
    ("each row", lambda g, limit: g * np.minimum(
        1, limit / np.maximum(
            np.linalg.norm(g, axis=-1, keepdims=True), 1e-12))),
    ("norm 1, not limit",
     lambda g, limit: g if norm(g) <= limit else g / norm(g)),
    ("divided by limit",
     lambda g, limit: g if norm(g) <= limit else g / limit),
    ("factor upside down",
     lambda g, limit: g if norm(g) <= limit else g * norm(g) / limit),
    ("short ones made longer",
     lambda g, limit: g * max(1, limit / (norm(g) or 1))),
    ("the other way round", lambda g, limit: (
        g * limit / (norm(g) or 1) if norm(g) < limit else g)),
    ("surplus subtracted", lambda g, limit: (
        g - max(0, norm(g) - limit))),
    ("times the smaller", lambda g, limit: g * min(norm(g), limit)),
    ("square compared with limit", lambda g, limit: (
        g * limit / norm(g) if (g ** 2).sum() > limit else g)),
    ("largest number compared with limit", lambda g, limit: (
        g * limit / norm(g) if abs(g).max() > limit else g)),
    ("sum compared with limit", lambda g, limit: (
        g * limit / norm(g) if g.sum() > limit else g)),
    ("in place", clip_in_place),
    ("nothing returned for a short one", clip_without_return),
    ("signs lost", lambda g, limit: clip_by(norm)(abs(g), limit)),
    ("zeros for a long one",
     lambda g, limit: g if norm(g) <= limit else np.zeros_like(g)),
]


def gru(order="zrn", candidate=None, new=None, z_is=sigmoid, r_is=sigmoid,
        n_is=np.tanh, columns=None, swap_in=False):
    """A GRU step in which something differs."""
    def step(x, h, W_x, W_h, b_x, b_h):
        a, u = x @ W_x + b_x, h @ W_h + b_h
        parts = (lambda v: np.split(v, 3)) if columns is None else columns
        a, u = dict(zip(order, parts(a))), dict(zip(order, parts(u)))
        z, r = z_is(a["z"] + u["z"]), r_is(a["r"] + u["r"])
        inner = a["n"] + r * u["n"] if candidate is None else (
            candidate(a["n"], u["n"], r))
        n = n_is(inner)
        return z * h + (1 - z) * n if new is None else new(z, r, n, h)
    return step


def gru_reset_before(x, h, W_x, W_h, b_x, b_h):
    a, u = x @ W_x + b_x, h @ W_h + b_h
    (a_z, a_r, a_n), (u_z, u_r, _) = np.split(a, 3), np.split(u, 3)
    z, r, H = sigmoid(a_z + u_z), sigmoid(a_r + u_r), len(h)
    n = np.tanh(a_n + (r * h) @ W_h[:, 2 * H:] + b_h[2 * H:])
    return z * h + (1 - z) * n


def gru_bias_outside(x, h, W_x, W_h, b_x, b_h):
    H = len(h)
    return gru(candidate=lambda a, u, r: (
        a + r * (u - b_h[2 * H:]) + b_h[2 * H:]))(x, h, W_x, W_h, b_x, b_h)


def gru_gates_see_input_only(x, h, W_x, W_h, b_x, b_h):
    (a_z, a_r, a_n), u_n = np.split(x @ W_x + b_x, 3), np.split(
        h @ W_h + b_h, 3)[2]
    z, r = sigmoid(a_z), sigmoid(a_r)
    return z * h + (1 - z) * np.tanh(a_n + r * u_n)


GRU = [
    ("z and 1 - z swapped", gru(new=lambda z, r, n, h: (1 - z) * h + z * n)),
    ("r before z", gru("rzn")),
    ("n first", gru("nzr")),
    ("reset before the product", gru_reset_before),
    ("recurrent bias outside the reset", gru_bias_outside),
    ("r on both sums", gru(candidate=lambda a, u, r: r * (a + u))),
    ("r on the input's sum", gru(candidate=lambda a, u, r: r * a + u)),
    ("r forgotten", gru(candidate=lambda a, u, r: a + u)),
    ("1 - r for r", gru(candidate=lambda a, u, r: a + (1 - r) * u)),
    ("state left out of n", gru(candidate=lambda a, u, r: a)),
    ("recurrent bias forgotten", lambda x, h, W_x, W_h, b_x, b_h: (
        gru()(x, h, W_x, W_h, b_x, 0 * b_h))),
    ("input's bias forgotten", lambda x, h, W_x, W_h, b_x, b_h: (
        gru()(x, h, W_x, W_h, 0 * b_x, b_h))),
    ("biases swapped", lambda x, h, W_x, W_h, b_x, b_h: (
        gru()(x, h, W_x, W_h, b_h, b_x))),
    ("tanh forgotten", gru(n_is=lambda v: v)),
    ("sigmoid for tanh", gru(n_is=sigmoid)),
    ("no sigmoid on r", gru(r_is=lambda v: v)),
    ("no sigmoid on z", gru(z_is=lambda v: v)),
    ("tanh for the gates", gru(z_is=np.tanh, r_is=np.tanh)),
    ("gates see the input only", gru_gates_see_input_only),
    ("old state forgotten", gru(new=lambda z, r, n, h: (1 - z) * n)),
    ("1 - z forgotten", gru(new=lambda z, r, n, h: z * h + n)),
    ("n returned", gru(new=lambda z, r, n, h: n)),
    ("r on the old state too",
     gru(new=lambda z, r, n, h: z * r * h + (1 - z) * n)),
    ("every third number", gru(columns=lambda v: v.reshape(-1, 3).T)),
    ("tanh on the result",
     gru(new=lambda z, r, n, h: np.tanh(z * h + (1 - z) * n))),
]


def inner(A, dA, axis=-1):
    return (A * dA).sum(axis=axis, keepdims=True)


SOFTMAX_BACKWARD = [
    ("diagonal only", lambda A, dA: dA * A * (1 - A)),
    ("second term forgotten", lambda A, dA: A * dA),
    ("over all rows", lambda A, dA: A * (dA - (A * dA).sum())),
    ("along the first axis",
     lambda A, dA: A * (dA - inner(A, dA, axis=0))),
    ("along the last but one", lambda A, dA: A * (
        dA - inner(A, dA, axis=max(-2, -A.ndim)))),
    ("mean", lambda A, dA: A * (
        dA - (A * dA).mean(axis=-1, keepdims=True))),
    ("sign", lambda A, dA: A * (inner(A, dA) - dA)),
    ("plus", lambda A, dA: A * (dA + inner(A, dA))),
    ("A forgotten before the sum", lambda A, dA: A * dA - inner(A, dA)),
    ("A forgotten before the bracket", lambda A, dA: dA - inner(A, dA)),
    ("A forgotten in the sum",
     lambda A, dA: A * (dA - dA.sum(axis=-1, keepdims=True))),
    ("mean slope subtracted",
     lambda A, dA: A * (dA - dA.mean(axis=-1, keepdims=True))),
    ("log-softmax's slope",
     lambda A, dA: dA - A * dA.sum(axis=-1, keepdims=True)),
    ("sum of the weights", lambda A, dA: A * (
        dA - A.sum(axis=-1, keepdims=True))),
    ("sum forgotten", lambda A, dA: A * (dA - A * dA)),
    ("weights subtracted", lambda A, dA: A * (dA - A)),
    ("A and dA swapped", lambda A, dA: dA * (A - inner(A, dA))),
    ("square of A", lambda A, dA: A * dA - A ** 2 * inner(A, dA)),
    ("square of A in the sum", lambda A, dA: A * (
        dA - (A ** 2 * dA).sum(axis=-1, keepdims=True))),
    ("softmax once more", lambda A, dA: softmax(A) * (
        dA - inner(softmax(A), dA))),
    ("cross-entropy's slope", lambda A, dA: A - dA),
    ("keepdims forgotten",
     lambda A, dA: A * (dA - (A * dA).sum(axis=-1))),
    ("divided by root T", lambda A, dA: (
        A * (dA - inner(A, dA)) / np.sqrt(A.shape[-1]))),
]


def window(rule):
    """A mask whose entry (i, j) is rule(i, j, T, w)."""
    return lambda T, w: rule(*np.ogrid[:T, :T], T, w)


WINDOW_MASK = [
    ("one too wide", window(lambda i, j, T, w: (j <= i) & (i - j <= w))),
    ("one too narrow", window(lambda i, j, T, w: (j <= i) & (i - j < w - 1))),
    ("to both sides", window(lambda i, j, T, w: abs(i - j) < w)),
    ("the words after it", window(lambda i, j, T, w: (j >= i) & (j - i < w))),
    ("causal only", window(lambda i, j, T, w: j <= i)),
    ("window only", window(lambda i, j, T, w: i - j < w)),
    ("itself hidden", window(lambda i, j, T, w: (j < i) & (i - j < w))),
    ("itself hidden, one more before",
     window(lambda i, j, T, w: (j < i) & (i - j <= w))),
    ("inverted", window(lambda i, j, T, w: (j > i) | (i - j >= w))),
    ("too far before", window(lambda i, j, T, w: i - j >= w)),
    ("w as np.tril's diagonal", lambda T, w: np.tri(T, k=w, dtype=bool)),
    ("minus w as np.tril's diagonal",
     lambda T, w: np.tri(T, k=-w, dtype=bool)),
    ("one diagonal", window(lambda i, j, T, w: i - j == w - 1)),
    ("diagonals w to both sides", window(lambda i, j, T, w: abs(i - j) == w)),
    ("blocks", window(lambda i, j, T, w: (j <= i) & (i // w == j // w))),
    ("first w words", window(lambda i, j, T, w: (j <= i) & (j < w))),
    ("last w words", window(lambda i, j, T, w: (j <= i) & (j >= T - w))),
    ("wraps round", window(lambda i, j, T, w: (i - j) % T < w)),
    ("T by w", lambda T, w: np.tri(T, w, dtype=bool)),
    ("arguments swapped", lambda T, w: np.tri(w, dtype=bool)),
    ("0 and minus infinity", window(lambda i, j, T, w: np.where(
        (j <= i) & (i - j < w), 0, -np.inf))),
    ("or for and", window(lambda i, j, T, w: (j <= i) | (i - j < w))),
]

MERGE_HEADS = [
    ("reshaped only",
     lambda Y: Y.reshape(len(Y), Y.shape[2], -1)),
    ("heads and columns swapped", lambda Y: Y.swapaxes(1, 3).reshape(
        len(Y), Y.shape[2], -1)),
    ("words and columns swapped", lambda Y: Y.swapaxes(2, 3).reshape(
        len(Y), Y.shape[2], -1)),
    ("heads last", lambda Y: Y.transpose(0, 2, 3, 1).reshape(
        len(Y), Y.shape[2], -1)),
    ("batch and heads swapped", lambda Y: Y.swapaxes(0, 1).reshape(
        len(Y), Y.shape[2], -1)),
    ("heads in reverse", lambda Y: Y[:, ::-1].swapaxes(1, 2).reshape(
        len(Y), Y.shape[2], -1)),
    ("columns in reverse", lambda Y: Y.swapaxes(1, 2).reshape(
        len(Y), Y.shape[2], -1)[..., ::-1]),
    ("not joined", lambda Y: Y.swapaxes(1, 2)),
    ("mean of the heads", lambda Y: Y.mean(axis=1)),
    ("sum of the heads", lambda Y: Y.sum(axis=1)),
    ("largest of the heads", lambda Y: Y.max(axis=1)),
    ("head 0 only", lambda Y: Y[:, 0]),
    ("first text only", lambda Y: np.hstack(Y[0])),
    ("heads below one another",
     lambda Y: Y.reshape(len(Y), -1, Y.shape[3])),
    ("joined along the batch", lambda Y: np.concatenate(Y, axis=-1)),
    ("batch and words joined",
     lambda Y: Y.swapaxes(1, 2).reshape(-1, Y.shape[1] * Y.shape[3])),
    ("words before batch", lambda Y: Y.transpose(2, 0, 1, 3).reshape(
        Y.shape[2], len(Y), -1)),
    ("flat", lambda Y: Y.swapaxes(1, 2).reshape(len(Y), -1)),
    ("Fortran's order", lambda Y: Y.swapaxes(1, 2).reshape(
        len(Y), Y.shape[2], -1, order="F")),
    ("axes of length 1 lost", lambda Y: Y.swapaxes(1, 2).reshape(
        len(Y), Y.shape[2], -1).squeeze()),
    ("result transposed", lambda Y: Y.swapaxes(1, 2).reshape(
        len(Y), Y.shape[2], -1).swapaxes(1, 2)),
    ("head 0 repeated", lambda Y: np.concatenate(
        [Y[:, 0]] * Y.shape[1], axis=-1)),
]


# ---- chapter 4 ----


def blocks(X):
    """The blocks of two by two: axes 1 and 3."""
    h, w, C = X.shape
    return X[:h // 2 * 2, :w // 2 * 2].reshape(h // 2, 2, w // 2, 2, C)


def pool_wrong_reshape(X):
    h, w, C = X.shape
    return X[:h // 2 * 2, :w // 2 * 2].reshape(
        h // 2, w // 2, 2, 2, C).max(axis=(2, 3))


def pool_overlapping(X):
    return np.maximum(np.maximum(X[:-1, :-1], X[1:, :-1]),
                      np.maximum(X[:-1, 1:], X[1:, 1:]))


def pool_padded(X, value=-np.inf):
    h, w, _ = X.shape
    return blocks(np.pad(X, ((0, h % 2), (0, w % 2), (0, 0)),
                         constant_values=value)).max(axis=(1, 3))


def pool_odd_forgotten(X):
    h, w, C = X.shape
    return X.reshape(h // 2, 2, w // 2, 2, C).max(axis=(1, 3))


def pool_odd_columns_forgotten(X):
    h, w, C = X.shape
    return X[:h // 2 * 2].reshape(h // 2, 2, w // 2, 2, C).max(axis=(1, 3))


def pool_halves(X):
    h, w = X.shape[0] // 2, X.shape[1] // 2
    X = np.maximum(X[:h], X[h:2 * h])
    return np.maximum(X[:, :w], X[:, w:2 * w])


def pool_two(X, di, dj):
    B = blocks(X)
    return np.maximum(B[:, 0, :, 0], B[:, di, :, dj])


MAX_POOL = [
    ("mean", lambda X: blocks(X).mean(axis=(1, 3))),
    ("sum", lambda X: blocks(X).sum(axis=(1, 3))),
    ("smallest", lambda X: blocks(X).min(axis=(1, 3))),
    ("axes within and across swapped", lambda X: blocks(X).max(axis=(0, 2))),
    ("largest over the channels too",
     lambda X: blocks(X).max(axis=(1, 3, 4))),
    ("largest over the channels, kept", lambda X: blocks(X).max(
        axis=(1, 3, 4))[..., None] + np.zeros(X.shape[2])),
    ("reshaped in the wrong order", pool_wrong_reshape),
    ("odd sizes forgotten", pool_odd_forgotten),
    ("odd columns forgotten", pool_odd_columns_forgotten),
    ("odd sizes padded", pool_padded),
    ("every second pixel", lambda X: blocks(X)[:, 0, :, 0]),
    ("last pixel of each block", lambda X: blocks(X)[:, 1, :, 1]),
    ("overlapping", pool_overlapping),
    ("pixels of the diagonal", lambda X: pool_two(X, 1, 1)),
    ("pixels side by side", lambda X: pool_two(X, 0, 1)),
    ("pixels one above the other", lambda X: pool_two(X, 1, 0)),
    ("along the rows only", lambda X: blocks(X)[:, 0].max(axis=2)),
    ("not along the columns", lambda X: X[:len(X) // 2 * 2].reshape(
        len(X) // 2, 2, *X.shape[1:]).max(axis=1)),
    ("negative numbers lost", lambda X: np.maximum(
        blocks(X).max(axis=(1, 3)), 0)),
    ("absolute values", lambda X: abs(blocks(X)).max(axis=(1, 3))),
    ("halves for neighbours", pool_halves),
    ("begins one too late", lambda X: blocks(
        np.roll(X, -1, (0, 1))).max(axis=(1, 3))),
    ("whole numbers", lambda X: blocks(X).max(axis=(1, 3)).astype(int)),
    ("one for each channel", lambda X: X.max(axis=(0, 1))),
]


def mcnemar(n=None, k=None, m=min, first=0, last=1, p=None):
    """McNemar's test in which something differs."""
    def answer(a, b):
        a, b = np.asarray(a), np.asarray(b)
        N = int((a != b).sum() if n is None else n(a, b))
        K = int((a & ~b).sum() if k is None else k(a, b))
        M = m(K, N - K)
        tail = sum(math.comb(N, i)
                   for i in range(first, max(M + last, 0))) / 2 ** N
        return min(1, 2 * tail) if p is None else p(tail, N, M)
    return answer


def by_chi_square(a, b, less=0):
    n, k = (a != b).sum(), (a & ~b).sum()
    if n == 0:
        return 1.0
    d = max(abs(2 * k - n) - less, 0)
    return math.erfc(math.sqrt(d ** 2 / n / 2))


MCNEMAR = [
    ("one side only", mcnemar(p=lambda t, n, m: min(1, t))),
    ("larger than 1", mcnemar(p=lambda t, n, m: 2 * t)),
    ("n counts all pictures", mcnemar(n=lambda a, b: len(a))),
    ("n counts where they agree", mcnemar(
        n=lambda a, b: (a == b).sum(), k=lambda a, b: (a & b).sum())),
    ("n counts what one of them reads", mcnemar(
        n=lambda a, b: (a | b).sum())),
    ("n counts what both read", mcnemar(
        n=lambda a, b: a.sum() + b.sum(), k=lambda a, b: a.sum())),
    ("k counts all that the first reads", mcnemar(
        k=lambda a, b: a.sum())),
    ("k counts what both read", mcnemar(
        k=lambda a, b: (a & b).sum())),
    ("k for m", mcnemar(m=lambda k, rest: k)),
    ("n - k for m", mcnemar(m=lambda k, rest: rest)),
    ("the larger for m", mcnemar(m=max)),
    ("m left out", mcnemar(last=0)),
    ("one too many", mcnemar(last=2)),
    ("sum from 1", mcnemar(first=1)),
    ("last term only", mcnemar(
        p=lambda t, n, m: min(1, 2 * math.comb(n, m) / 2 ** n))),
    ("half of the last term", mcnemar(
        p=lambda t, n, m: min(1, 2 * t - math.comb(n, m) / 2 ** n))),
    ("1 - p", mcnemar(p=lambda t, n, m: 1 - min(1, 2 * t))),
    ("n squared for 2 to the power n", mcnemar(
        p=lambda t, n, m: min(1, 2 * t * 2 ** n / max(n ** 2, 1)))),
    ("divided by 2 n", mcnemar(
        p=lambda t, n, m: min(1, 2 * t * 2 ** n / max(2 * n, 1)))),
    ("not divided", mcnemar(p=lambda t, n, m: min(1, 2 * t * 2 ** n))),
    ("chi-square", by_chi_square),
    ("chi-square, corrected", lambda a, b: by_chi_square(a, b, less=1)),
    ("0 where they never differ", mcnemar(
        p=lambda t, n, m: min(1, 2 * t) if n else 0.0)),
]


def keep(kept, share=lambda q, p: q / q.sum()):
    """Probabilities of which those of the indices kept(p, k) stay."""
    def answer(p, k):
        p = np.asarray(p)
        q, places = np.zeros_like(p), kept(p, k)
        q[places] = p[places]
        return share(q, p)
    return answer


def largest(p, k):
    return np.argsort(p)[::-1][:k]


def top_k_in_place(p, k):
    p[np.argsort(p)[::-1][k:]] = 0
    return p / p.sum()


def top_k_indices_without_values(p, k):
    q = np.zeros(len(p))
    q[largest(p, k)] = np.sort(p)[-k:]
    return q / q.sum()


TOP_K = [
    ("not divided", keep(largest, lambda q, p: q)),
    ("divided by the old sum", keep(largest, lambda q, p: q / p.sum())),
    ("divided by what is lost", keep(
        largest, lambda q, p: q / (p - q).sum())),
    ("divided by the largest", keep(largest, lambda q, p: q / q.max())),
    ("divided by k", keep(largest, lambda q, p: q / (q > 0).sum())),
    ("softmax of what is left", keep(largest, lambda q, p: softmax(
        np.where(q > 0, q, -np.inf)))),
    ("softmax with the zeros", keep(largest, lambda q, p: softmax(q))),
    ("all kept alike", keep(largest, lambda q, p: (q > 0) / (q > 0).sum())),
    ("the rest shared out evenly", keep(
        largest, lambda q, p: np.where(
            q > 0, q + (1 - q.sum()) / (q > 0).sum(), 0))),
    ("the smallest kept", keep(lambda p, k: np.argsort(p)[:k])),
    ("the first kept", keep(lambda p, k: slice(0, k))),
    ("the last kept", keep(lambda p, k: slice(-k, None))),
    ("one too few", keep(lambda p, k: largest(p, max(k - 1, 1)))),
    ("one too many", keep(lambda p, k: largest(p, k + 1))),
    ("only k dropped", keep(lambda p, k: np.argsort(p)[k:])),
    ("only the largest", keep(lambda p, k: largest(p, 1))),
    ("above 1 / k", keep(lambda p, k: p >= 1 / k)),
    ("above the mean", keep(lambda p, k: p > p.mean())),
    ("p changed", top_k_in_place),
    ("only what is kept returned",
     lambda p, k: np.sort(p)[-k:] / np.sort(p)[-k:].sum()),
    ("what is kept, in its order", lambda p, k: (
        p[p >= np.sort(p)[-k]] / p[p >= np.sort(p)[-k]].sum())),
    ("sorted", lambda p, k: np.sort(keep(largest)(p, k))[::-1]),
    ("values in the wrong places", top_k_indices_without_values),
    ("places, not probabilities", lambda p, k: largest(p, k)),
    ("minus infinity for 0", keep(largest, lambda q, p: np.where(
        q > 0, q / q.sum(), -np.inf))),
]


def rms(X, axis=-1, eps=1e-6):
    return np.sqrt((X ** 2).mean(axis=axis, keepdims=True) + eps)


def spread(X, **how):
    return np.sqrt(X.var(axis=-1, keepdims=True, **how) + 1e-6)


RMS_NORM = [
    ("eps forgotten", lambda X, w: X / rms(X, eps=0) * w),
    ("eps outside the root", lambda X, w: X / (rms(X, eps=0) + 1e-6) * w),
    ("eps as the least root",
     lambda X, w: X / np.maximum(rms(X, eps=0), 1e-6) * w),
    ("eps 1e-5", lambda X, w: X / rms(X, eps=1e-5) * w),
    ("eps 1e-8", lambda X, w: X / rms(X, eps=1e-8) * w),
    ("eps subtracted", lambda X, w: X / rms(X, eps=-1e-6) * w),
    ("eps behind the quotient", lambda X, w: (X / rms(X, eps=0) + 1e-6) * w),
    ("layer norm", lambda X, w: (
        (X - X.mean(axis=-1, keepdims=True)) / spread(X) * w)),
    ("spread for the root mean square", lambda X, w: X / spread(X) * w),
    ("mean subtracted", lambda X, w: (
        (X - X.mean(axis=-1, keepdims=True)) / rms(X) * w)),
    ("along the columns", lambda X, w: X / rms(X, axis=0) * w),
    ("over all rows", lambda X, w: X / rms(X, axis=None) * w),
    ("sum for the mean", lambda X, w: X / np.sqrt(
        (X ** 2).sum(axis=-1, keepdims=True) + 1e-6) * w),
    ("D - 1 for D", lambda X, w: X / np.sqrt(
        (X ** 2).sum(axis=-1, keepdims=True)
        / max(X.shape[1] - 1, 1) + 1e-6) * w),
    ("root forgotten", lambda X, w: X / rms(X) ** 2 * w),
    ("square forgotten", lambda X, w: X / np.sqrt(
        abs(X).mean(axis=-1, keepdims=True) + 1e-6) * w),
    ("mean squared", lambda X, w: X / np.sqrt(
        X.mean(axis=-1, keepdims=True) ** 2 + 1e-6) * w),
    ("mean absolute value", lambda X, w: X / (
        abs(X).mean(axis=-1, keepdims=True) + 1e-6) * w),
    ("w forgotten", lambda X, w: X / rms(X)),
    ("1 + w", lambda X, w: X / rms(X) * (1 + w)),
    ("w added", lambda X, w: X / rms(X) + w),
    ("divided by w", lambda X, w: X / (rms(X) * w)),
    ("w before the norm", lambda X, w: X * w / rms(X * w)),
    ("multiplied", lambda X, w: X * rms(X) * w),
    ("w squared", lambda X, w: X / rms(X) * w ** 2),
    ("keepdims forgotten", lambda X, w: (
        X / np.sqrt((X ** 2).mean(axis=-1) + 1e-6) * w)),
]


def written(P, Y):
    """Probabilities of the written tokens."""
    P, Y = np.asarray(P), np.asarray(Y)
    return P[np.arange(len(Y)), Y]


SCORE = [
    ("sum", lambda P, Y: np.log(written(P, Y)).sum()),
    ("logarithm forgotten", lambda P, Y: written(P, Y).mean()),
    ("product", lambda P, Y: written(P, Y).prod()),
    ("logarithm of the mean", lambda P, Y: np.log(written(P, Y).mean())),
    ("minus", lambda P, Y: -np.log(written(P, Y)).mean()),
    ("power of e taken back", lambda P, Y: np.exp(
        np.log(written(P, Y)).mean())),
    ("perplexity", lambda P, Y: np.exp(-np.log(written(P, Y)).mean())),
    ("log2", lambda P, Y: np.log2(written(P, Y)).mean()),
    ("log10", lambda P, Y: np.log10(written(P, Y)).mean()),
    ("log1p", lambda P, Y: np.log1p(written(P, Y)).mean()),
    ("largest probability", lambda P, Y: np.log(
        np.max(P, axis=1)).mean()),
    ("all tokens", lambda P, Y: np.log(P).mean()),
    ("all columns of Y", lambda P, Y: np.log(np.asarray(P)[:, Y]).mean()),
    ("first row only", lambda P, Y: np.log(np.asarray(P)[0][Y]).mean()),
    ("last token only", lambda P, Y: np.log(written(P, Y)[-1])),
    ("divided by V", lambda P, Y: np.log(
        written(P, Y)).sum() / np.shape(P)[1]),
    ("divided by n - 1", lambda P, Y: np.log(
        written(P, Y)).sum() / (len(Y) - 1)),
    ("divided by n + 1", lambda P, Y: np.log(
        written(P, Y)).sum() / (len(Y) + 1)),
    ("divided by root n", lambda P, Y: np.log(
        written(P, Y)).sum() / np.sqrt(len(Y))),
    ("first token left out", lambda P, Y: np.log(
        written(P, Y)[1:]).sum() / len(Y)),
    ("last token left out", lambda P, Y: np.log(
        written(P, Y)[:-1]).sum() / len(Y)),
    ("softmax first", lambda P, Y: np.log(
        written(softmax(np.asarray(P)), Y)).mean()),
    ("median", lambda P, Y: np.median(np.log(written(P, Y)))),
    ("one for each token", lambda P, Y: np.log(written(P, Y))),
]


# ---- chapter 5 ----


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(a, b):
    """Height and width of the intersection, negative if there is none."""
    return (min(a[2], b[2]) - max(a[0], b[0]),
            min(a[3], b[3]) - max(a[1], b[1]))


def iou(inner=None, value=None):
    """A quotient in which something differs."""
    def answer(a, b):
        h, w = overlap(a, b)
        I = max(h, 0) * max(w, 0) if inner is None else inner(h, w)
        A, B = area(a), area(b)
        return I / (A + B - I) if value is None else value(I, A, B)
    return answer


def iou_other_order(order):
    return lambda a, b: iou()([a[i] for i in order], [b[i] for i in order])


def iou_height_and_width(a, b):
    return iou()(*((top, left, top + h, left + w)
                   for top, left, h, w in (a, b)))


def iou_enclosing(a, b):
    h, w = overlap(a, b)
    outer = (max(a[2], b[2]) - min(a[0], b[0])) * (
        max(a[3], b[3]) - min(a[1], b[1]))
    return max(h, 0) * max(w, 0) / outer


def iou_swapped(a, b):
    h = max(0, max(a[2], b[2]) - min(a[0], b[0]))
    w = max(0, max(a[3], b[3]) - min(a[1], b[1]))
    return h * w / (area(a) + area(b) - h * w)


def iou_with_border(a, b):
    h, w = (max(0, side + 1) for side in overlap(a, b))
    A, B = ((c[2] - c[0] + 1) * (c[3] - c[1] + 1) for c in (a, b))
    return h * w / (A + B - h * w)


def iou_corner(a, b):
    if not (a[0] <= b[0] <= a[2] and a[1] <= b[1] <= a[3]):
        return 0
    return iou()(a, b)


IOU = [
    ("negative sides kept", iou(lambda h, w: h * w)),
    ("product kept from 0, not the sides", iou(lambda h, w: max(h * w, 0))),
    ("absolute sides", iou(lambda h, w: abs(h) * abs(w))),
    ("only the height kept from 0", iou(lambda h, w: max(h, 0) * w)),
    ("sides added", iou(lambda h, w: max(h, 0) + max(w, 0))),
    ("intersection counted twice in the union",
     iou(value=lambda I, A, B: I / (A + B))),
    ("intersection subtracted twice",
     iou(value=lambda I, A, B: I / (A + B - 2 * I))),
    ("Dice", iou(value=lambda I, A, B: 2 * I / (A + B))),
    ("over the first box", iou(value=lambda I, A, B: I / A)),
    ("over the second box", iou(value=lambda I, A, B: I / B)),
    ("over the smaller box", iou(value=lambda I, A, B: I / min(A, B))),
    ("over the larger box", iou(value=lambda I, A, B: I / max(A, B))),
    ("intersection only", iou(value=lambda I, A, B: I)),
    ("union over intersection",
     iou(value=lambda I, A, B: (A + B - I) / I if I else 0)),
    ("distance", iou(value=lambda I, A, B: 1 - I / (A + B - I))),
    ("percent", iou(value=lambda I, A, B: 100 * I / (A + B - I))),
    ("whole division", iou(value=lambda I, A, B: I // (A + B - I))),
    ("over the box round both", iou_enclosing),
    ("min and max swapped", iou_swapped),
    ("a pixel more each side", iou_with_border),
    ("top, bottom, left, right", iou_other_order([0, 2, 1, 3])),
    ("height and width for bottom and right", iou_height_and_width),
    ("second box must begin in the first", iou_corner),
    ("height only", lambda a, b: max(overlap(a, b)[0], 0) / (
        a[2] - a[0] + b[2] - b[0] - max(overlap(a, b)[0], 0))),
    ("True or False", lambda a, b: min(overlap(a, b)) > 0),
]


def merged(path):
    return [symbol for symbol, _ in groupby(path)]


def collapse_pairs(path, blank):
    out, i = [], 0
    while i < len(path):
        if path[i] != blank:
            out.append(path[i])
        i += 2 if path[i:i + 1] == path[i + 1:i + 2] else 1
    return out


def collapse_one_blank(path, blank):
    out = merged(path)
    if blank in out:
        out.remove(blank)
    return out


def collapse_strip(path, blank):
    out = merged(path)
    while out and out[0] == blank:
        out.pop(0)
    while out and out[-1] == blank:
        out.pop()
    return out


def collapse_while_going(path, blank):
    path = merged(path)
    for symbol in path:
        if symbol == blank:
            path.remove(symbol)
    return merged(path)


COLLAPSE = [
    ("blanks dropped first",
     lambda path, blank: merged([s for s in path if s != blank])),
    ("blanks kept", lambda path, blank: merged(path)),
    ("not merged", lambda path, blank: [s for s in path if s != blank]),
    ("each symbol once", lambda path, blank: [
        s for s in dict.fromkeys(path) if s != blank]),
    ("set, sorted", lambda path, blank: sorted(set(path) - {blank})),
    ("sorted", lambda path, blank: sorted(
        s for s in merged(path) if s != blank)),
    ("text for a list", lambda path, blank: "".join(
        str(s) for s in merged(path) if s != blank)),
    ("blank always 10",
     lambda path, blank: [s for s in merged(path) if s != 10]),
    ("blank always 0", lambda path, blank: [s for s in merged(path) if s]),
    ("a 0 lost", lambda path, blank: [
        s for s in merged(path) if s and s != blank]),
    ("first compared with last", lambda path, blank: [
        s for i, s in enumerate(path) if s != path[i - 1] and s != blank]),
    ("first left out", lambda path, blank: [
        s for before, s in zip(path, path[1:]) if s not in (before, blank)]),
    ("last left out", lambda path, blank: [
        s for s, after in zip(path, path[1:]) if s not in (after, blank)]),
    ("neighbours in pairs", collapse_pairs),
    ("first blank only", collapse_one_blank),
    ("blanks at the ends only", collapse_strip),
    ("dropped while going through", collapse_while_going),
    ("only what is repeated", lambda path, blank: [
        s for s, run in groupby(path) if len(list(run)) > 1 and s != blank]),
    ("only what is not repeated", lambda path, blank: [
        s for s, run in groupby(path) if len(list(run)) == 1 and s != blank]),
    ("lengths of the runs", lambda path, blank: [
        len(list(run)) for s, run in groupby(path) if s != blank]),
    ("up to the first blank", lambda path, blank: merged(
        path[:path.index(blank)] if blank in path else path)),
    ("number of symbols", lambda path, blank: len(
        [s for s in merged(path) if s != blank])),
    ("after a blank only", lambda path, blank: [
        s for before, s in zip([blank, *path], path)
        if before == blank and s != blank]),
]


# ---- chapter 6 ----


def wordpiece(look=lambda piece, start: "##" * (start > 0) + piece,
              show=None, lengths=None, unknown=lambda out, rest: ["[UNK]"],
              least=1):
    """Greedy longest match in which something differs."""
    def answer(word, known):
        out, start = [], 0
        while start < len(word):
            ends = range(len(word), start + least - 1, -1)
            ends = ends if lengths is None else lengths(word, start)
            for end in ends:
                piece = word[start:end]
                if look(piece, start) in known:
                    out.append((show or look)(piece, start))
                    start = end
                    break
            else:
                return unknown(out, word[start:])
        return out
    return answer


def marked(piece, start):
    return "##" * (start > 0) + piece


def wordpiece_skips(word, known):
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if marked(word[start:end], start) in known:
                out.append(marked(word[start:end], start))
                start = end
                break
        else:
            start += 1
    return out or ["[UNK]"]


def wordpiece_back(word, known, start=0):
    """Goes back where it gets stuck."""
    if start == len(word):
        return []
    for end in range(len(word), start, -1):
        piece = marked(word[start:end], start)
        rest = (wordpiece_back(word, known, end) if piece in known
                else ["[UNK]"])
        if rest != ["[UNK]"]:
            return [piece, *rest]
    return ["[UNK]"]


def wordpiece_right(word, known):
    """From the end."""
    out, end = [], len(word)
    while end:
        for start in range(end):
            if marked(word[start:end], start) in known:
                out.insert(0, marked(word[start:end], start))
                end = start
                break
        else:
            return ["[UNK]"]
    return out


def wordpiece_either(word, known):
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = marked(word[start:end], start)
            if piece in known or word[start:end] in known:
                out.append(piece)
                start = end
                break
        else:
            return ["[UNK]"]
    return out


def wordpiece_alphabet(word, known):
    out, start = [], 0
    while start < len(word):
        found = [end for end in range(start + 1, len(word) + 1)
                 if marked(word[start:end], start) in known]
        if not found:
            return ["[UNK]"]
        end = min(found) if start == 0 else max(found)
        out.append(marked(word[start:end], start))
        start = end
    return out


def wordpiece_counts_marks(word, known):
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = marked(word[start:end], start)
            if piece in known:
                out.append(piece)
                start += len(piece)
                break
        else:
            return ["[UNK]"]
    return out


WORDPIECE = [
    ("no ## anywhere", wordpiece(lambda piece, start: piece)),
    ("## looked up, not returned",
     wordpiece(show=lambda piece, start: piece)),
    ("## returned, not looked up",
     wordpiece(lambda piece, start: piece, show=marked)),
    ("## on the first piece too",
     wordpiece(show=lambda piece, start: "##" + piece)),
    ("piece without ## accepted too", wordpiece_either),
    ("## behind the piece",
     wordpiece(show=lambda piece, start: piece + "##" * (start > 0))),
    ("one # only",
     wordpiece(show=lambda piece, start: "#" * (start > 0) + piece)),
    ("shortest match", wordpiece(
        lengths=lambda word, start: range(start + 1, len(word) + 1))),
    ("shortest first piece", wordpiece_alphabet),
    ("never the whole rest", wordpiece(
        lengths=lambda word, start: range(len(word) - 1, start, -1))),
    ("single letters never tried", wordpiece(least=2)),
    ("[UNK] after the pieces",
     wordpiece(unknown=lambda out, rest: [*out, "[UNK]"])),
    ("pieces so far", wordpiece(unknown=lambda out, rest: out)),
    ("rest as it is",
     wordpiece(unknown=lambda out, rest: [*out, rest])),
    ("nothing", wordpiece(unknown=lambda out, rest: [])),
    ("None", wordpiece(unknown=lambda out, rest: None)),
    ("[UNK] without its list", wordpiece(unknown=lambda out, rest: "[UNK]")),
    ("UNK without brackets", wordpiece(unknown=lambda out, rest: ["UNK"])),
    ("unknown letters skipped", wordpiece_skips),
    ("[UNK] for each unknown letter", lambda word, known: [
        marked(c, i) if marked(c, i) in known else "[UNK]"
        for i, c in enumerate(word)]),
    ("goes back", wordpiece_back),
    ("from the end", wordpiece_right),
    ("whole word or nothing", lambda word, known: (
        [word] if word in known else ["[UNK]"])),
    ("the word itself where nothing fits",
     lambda word, known: wordpiece(unknown=lambda out, rest: [word])(
         word, known)),
    ("## counted as letters of the word", wordpiece_counts_marks),
    ("joined to one text",
     lambda word, known: " ".join(wordpiece()(word, known))),
]


# ---- chapters 7 and 8 ----


def quantise(peak=lambda W: abs(W).max(axis=0), top=127, to=np.round):
    """Whole numbers and scales in which something differs."""
    def answer(W):
        s = peak(W) / top
        return to(W / s), s
    return answer


def quantise_from_least(W):
    low, s = W.min(axis=0), (W.max(axis=0) - W.min(axis=0)) / 255
    s = np.where(s == 0, 1, s)
    return np.round((W - low) / s), s


def quantise_rows(W):
    s = abs(W).max(axis=1) / 127
    s = np.where(s == 0, 1, s)
    return np.round(W / s[:, None]), s


def quantise_with_127(change):
    """The right pair, changed."""
    return lambda W: change(W, *quantise()(W))


QUANTISE = [
    ("a scale for each row", quantise_rows),
    ("one scale for all", quantise(lambda W: abs(W).max())),
    ("one scale, repeated", quantise(
        lambda W: np.full(W.shape[1], abs(W).max()))),
    ("absolute value forgotten", quantise(lambda W: np.where(
        W.max(axis=0) == 0, 1, W.max(axis=0)))),
    ("absolute value of the largest", quantise(lambda W: np.where(
        W.max(axis=0) == 0, 1, abs(W.max(axis=0))))),
    ("128", quantise(top=128)),
    ("255", quantise(top=255)),
    ("256", quantise(top=256)),
    ("63: one bit too few", quantise(top=63)),
    ("7: four bits", quantise(top=7)),
    ("cut off", quantise(to=np.trunc)),
    ("rounded down", quantise(to=np.floor)),
    ("rounded up", quantise(to=np.ceil)),
    ("not rounded", quantise(to=lambda x: x)),
    ("128 in eight bits, which overflows", quantise(
        top=128, to=lambda x: np.round(x).astype(int).astype(np.int8))),
    ("no signs", quantise(to=lambda x: np.round(x).astype(int).astype(
        np.uint8))),
    ("negative ones cut to 0",
     quantise(to=lambda x: np.clip(np.round(x), 0, 127))),
    ("from least to largest", quantise_from_least),
    ("mean for the largest", quantise(lambda W: abs(W).mean(axis=0))),
    ("spread for the largest", quantise(
        lambda W: np.where(W.std(axis=0) == 0, 1, W.std(axis=0)))),
    ("order swapped", quantise_with_127(lambda W, q, s: (s, q))),
    ("scale upside down", quantise_with_127(lambda W, q, s: (q, 1 / s))),
    ("scale not divided by 127",
     quantise_with_127(lambda W, q, s: (q, 127 * s))),
    ("scale of shape (1, b)", quantise_with_127(lambda W, q, s: (q, s[None]))),
    ("rebuilt weights", quantise_with_127(lambda W, q, s: (q * s, s))),
    ("no scale", quantise_with_127(lambda W, q, s: q)),
    ("times s, not divided", lambda W: (
        np.round(W * abs(W).max(axis=0) / 127), abs(W).max(axis=0) / 127)),
    ("W rounded, no scale used", lambda W: (
        np.round(W), abs(W).max(axis=0) / 127)),
]


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def dpo(margin=None, loss=lambda m: -log_sigmoid(m).mean()):
    """A loss in which something differs."""
    def answer(good, bad, good_0, bad_0, beta):
        m = beta * (good - good_0 - bad + bad_0) if margin is None else (
            margin(good, bad, good_0, bad_0, beta))
        return loss(m)
    return answer


DPO = [
    ("minus forgotten", dpo(loss=lambda m: log_sigmoid(m).mean())),
    ("sum", dpo(loss=lambda m: -log_sigmoid(m).sum())),
    ("one for each pair", dpo(loss=lambda m: -log_sigmoid(m))),
    ("mean before the logarithm", dpo(loss=lambda m: -np.log(
        sigmoid(m).mean()))),
    ("mean before the sigmoid", dpo(loss=lambda m: -log_sigmoid(m.mean()))),
    ("logarithm forgotten", dpo(loss=lambda m: -sigmoid(m).mean())),
    ("1 - sigma", dpo(loss=lambda m: (1 - sigmoid(m)).mean())),
    ("sigmoid forgotten", dpo(loss=lambda m: -m.mean())),
    ("hinge", dpo(loss=lambda m: np.maximum(0, 1 - m).mean())),
    ("log2", dpo(loss=lambda m: -log_sigmoid(m).mean() / np.log(2))),
    ("eps in the logarithm", dpo(
        loss=lambda m: -np.log(sigmoid(m) + 1e-8).mean())),
    ("beta forgotten", dpo(lambda g, b, g0, b0, beta: g - g0 - b + b0)),
    ("divided by beta",
     dpo(lambda g, b, g0, b0, beta: (g - g0 - b + b0) / beta)),
    ("beta on the first part only",
     dpo(lambda g, b, g0, b0, beta: beta * (g - g0) - (b - b0))),
    ("beta on the first number only",
     dpo(lambda g, b, g0, b0, beta: beta * g - g0 - b + b0)),
    ("beta outside the logarithm", lambda g, b, g0, b0, beta: (
        -beta * log_sigmoid(g - g0 - b + b0).mean())),
    ("good and bad swapped",
     dpo(lambda g, b, g0, b0, beta: beta * (b - b0 - g + g0))),
    ("model and reference swapped",
     dpo(lambda g, b, g0, b0, beta: beta * (g0 - g - b0 + b))),
    ("reference forgotten", dpo(lambda g, b, g0, b0, beta: beta * (g - b))),
    ("reference of bad forgotten",
     dpo(lambda g, b, g0, b0, beta: beta * (g - g0 - b))),
    ("references crossed",
     dpo(lambda g, b, g0, b0, beta: beta * (g - b0 - b + g0))),
    ("reference's sign", dpo(
        lambda g, b, g0, b0, beta: beta * (g - g0 - b - b0))),
    ("parts added",
     dpo(lambda g, b, g0, b0, beta: beta * (g - g0 + b - b0))),
    ("quotients of the logarithms",
     dpo(lambda g, b, g0, b0, beta: beta * (g / g0 - b / b0))),
    ("quotients of the probabilities", dpo(
        lambda g, b, g0, b0, beta: beta * (np.exp(g - g0) - np.exp(b - b0)))),
    ("bad answers left out",
     dpo(lambda g, b, g0, b0, beta: beta * (g - g0))),
]

MISTAKES = {
    "2.nearest": NEAREST, "2.experts": EXPERTS,
    "3.binary_cross_entropy": BINARY_CROSS_ENTROPY,
    "3.tanh_backward": TANH_BACKWARD, "3.conv_by_kernel": CONV_BY_KERNEL,
    "3.clip": CLIP, "3.gru": GRU, "3.softmax_backward": SOFTMAX_BACKWARD,
    "3.window_mask": WINDOW_MASK, "3.merge_heads": MERGE_HEADS,
    "4.max_pool": MAX_POOL, "4.mcnemar": MCNEMAR, "4.top_k": TOP_K,
    "4.rms_norm": RMS_NORM, "4.score": SCORE, "5.iou": IOU,
    "5.collapse": COLLAPSE, "6.wordpiece": WORDPIECE,
    "7.quantise": QUANTISE, "8.dpo": DPO}


# ---- mistakes that the tests of another course let pass ----


def smooth(power=lambda t: t, first=0.0, correct=True):
    """Smoothing in which something differs."""
    def answer(values, w):
        s, out = first, []
        for t, v in enumerate(values, 1):
            s = v if s is None else w * s + (1 - w) * v
            out.append(s / (1 - w ** power(t)) if correct else s)
        return out
    return answer


SURVIVORS = [
    ("eps forgotten", "4.rms_norm", lambda X, w: X / rms(X, eps=0) * w),
    ("eps outside the root", "4.rms_norm",
     lambda X, w: X / (rms(X, eps=0) + 1e-6) * w),
    ("eps ten times larger", "4.rms_norm",
     lambda X, w: X / rms(X, eps=1e-5) * w),
    ("bias not corrected", "6.smooth", smooth(correct=False)),
    ("bias corrected one step late", "6.smooth", smooth(lambda t: t + 1)),
    ("bias corrected as at the first step", "6.smooth", smooth(lambda t: 1)),
    ("begins with the first value", "6.smooth",
     smooth(first=None, correct=False)),
    ("clipped always", "3.clip",
     lambda g, limit: g * limit / (norm(g) or 1)),
    ("mask ignored", "3.window_mask", lambda T, w: np.ones((T, T), bool)),
    ("window ignored", "3.window_mask", lambda T, w: np.tri(T, dtype=bool)),
    ("k ignored", "4.top_k", lambda p, k: p / p.sum()),
    ("input not cut to even sizes", "4.max_pool", pool_odd_forgotten),
]
