"""Exercises of chapter 8."""

import numpy as np


def _several(key, *wrong):
    """Mistakes that one message fits."""
    return [(function, key) for function in wrong]


_rng = np.random.default_rng(8)

# ---- 8.3: dividing the work ----


def link(N, b, k, gigabits):
    return 2 * (k - 1) / k * N * b * 8 / (gigabits * 1e9)


def _link_steps(N, b, k, gigabits):
    share = N * b / k  # bytes; k-1 times to add up, k-1 times to hand out
    return sum(share / (gigabits / 8 * 1e9) for _ in range(2 * (k - 1)))


def idle(k, m):
    return (k - 1) / (m + k - 1)


def _idle_schedule(k, m):
    # part p reaches stage i at time i + p
    busy = {(i, i + p) for i in range(k) for p in range(m)}
    end = max(time for _, time in busy) + 1
    return 1 - len(busy) / (k * end)


def _idle_busy(k, m):
    return 1 - m / (m + k - 1)


# ---- 8.4: wrong labels ----


def confident_joint(P, labels):
    t = np.array([P[labels == j, j].mean() for j in range(P.shape[1])])
    Q, C = P * (P >= t), np.zeros((len(t), len(t)), int)
    np.add.at(C, (labels, Q.argmax(axis=1)), Q.any(axis=1))
    return C


def _joint_loop(P, labels):
    n = P.shape[1]
    C, t = np.zeros((n, n)), [P[labels == j, j].mean() for j in range(n)]
    for p, i in zip(P, labels):
        if any(enough := p >= t):
            C[i, np.argmax(p * enough)] += 1
    return C


def _joint_table(P, labels):
    classes = range(P.shape[1])
    t = np.array([P[labels == j, j].mean() for j in classes])
    z = np.where((P >= t).any(axis=1), np.where(P >= t, P, 0).argmax(1), -1)
    return [[np.sum((labels == i) & (z == j)) for j in classes]
            for i in classes]


def _joint(P, labels, threshold, every=False):
    """The count with other thresholds, or of every class that reaches its."""
    n = P.shape[1]
    t = np.array([threshold(P, labels, j) for j in range(n)])
    Q, C = P * (P >= t), np.zeros((n, n), int)
    for q, i in zip(Q, labels):
        if every:
            C[i] += q > 0
        elif q.any():
            C[i, q.argmax()] += 1
    return C


def _usual(P, labels, j):
    return P[labels == j, j].mean()


def _draw_joint(rng):
    """Another case in which every class has labels."""
    n, m = int(rng.integers(2, 5)), int(rng.integers(8, 40))
    labels = np.append(np.arange(n), rng.integers(0, n, m - n))
    return rng.dirichlet([0.6] * n, size=m), rng.permutation(labels)


# ---- 8.5: what a network looks at ----


def occlude(x, k):
    X = np.tile(x, (x.shape[0] - k + 1, x.shape[1] - k + 1, 1, 1))
    for i, j in np.ndindex(X.shape[:2]):
        X[i, j, i:i + k, j:j + k] = 0
    return X


def _occlude_mask(x, k):
    h, w = x.shape
    i, j, r, c = np.ogrid[:h - k + 1, :w - k + 1, :h, :w]
    return np.where((i <= r) & (r < i + k) & (j <= c) & (c < j + k), 0, x)


def _occlude_list(x, k):
    def covered(i, j):
        y = np.array(x)
        y[i:i + k, j:j + k] = 0
        return y
    return [[covered(i, j) for j in range(x.shape[1] - k + 1)]
            for i in range(x.shape[0] - k + 1)]


def _too_few_places(x, k):
    return occlude(x, k)[:-1, :-1]


def _hanging_over(x, k):
    X = np.tile(x, (*x.shape, 1, 1))
    for i, j in np.ndindex(x.shape):
        X[i, j, i:i + k, j:j + k] = 0
    return X


def _one_picture(x, k):
    X, y = [], x.copy()
    for i in range(x.shape[0] - k + 1):
        for j in range(x.shape[1] - k + 1):
            y[i:i + k, j:j + k] = 0
            X.append(y.copy())
    return np.reshape(X, occlude(x, k).shape)


def _only_patch(x, k):
    return x - occlude(x, k)


def path(x, x0, G):
    middle = (G[:-1] + G[1:]) / 2
    return (x - x0) * middle.mean(axis=0)


def _path_ends(x, x0, G):
    total = G.sum(axis=0) - (G[0] + G[-1]) / 2
    return (x - x0) * total / (len(G) - 1)


def _path_trapezoid(x, x0, G):
    return (x - x0) * np.trapezoid(G, dx=1 / (len(G) - 1), axis=0)


# ---- 8.6: temperature ----


def at_temperature(p, tau):
    q = p ** (1 / tau)
    return q / q.sum()


def _temperature_scores(p, tau):
    z = np.log(p) / tau
    return np.exp(z - z.max()) / np.exp(z - z.max()).sum()


def _temperature_list(p, tau):
    return [a ** (1 / tau) / sum(b ** (1 / tau) for b in p) for a in p]


def _softmax(z):
    return np.exp(z) / np.exp(z).sum()


# ---- 8.14: preferences ----


def dpo(good, bad, good_0, bad_0, beta):
    margin = beta * ((good - good_0) - (bad - bad_0))
    return np.log1p(np.exp(-margin)).mean()


def _dpo_sigmoid(good, bad, good_0, bad_0, beta):
    margin = beta * ((good - bad) - (good_0 - bad_0))
    return np.mean(-np.log(1 / (1 + np.exp(-margin))))


def _dpo_softmax(good, bad, good_0, bad_0, beta):
    r, s = beta * (good - good_0), beta * (bad - bad_0)
    return np.mean(np.logaddexp(r, s) - r)


_DPO = np.random.default_rng(815)  # the cases above stay as they are
_P = _rng.dirichlet([0.6] * 4, size=40)
_LABELS = np.array([_rng.choice(4, p=p) for p in _P])
_TIE = np.array([[0.7, 0.3, 0.0], [0.1, 0.2, 0.7], [0.3, 0.5, 0.2],
                 [0.35, 0.4, 0.25], [0.5, 0.35, 0.15], [0.1, 0.45, 0.45]])
_UNEVEN = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.95, 0.05],
                    [0.7, 0.3]])

def _dpo_as(margin=lambda g, b, g0, b0, beta: beta * (g - g0 - b + b0),
            loss=lambda m: np.logaddexp(0, -m).mean()):
    """Another argument of sigma, or another loss of it."""
    return lambda *given: loss(margin(*given))


def _dpo_eps(eps):
    return _dpo_as(loss=lambda m: -np.log(1 / (1 + np.exp(-m)) + eps).mean())


EXERCISES = {
    "8.link": {
        "level": "easy", "lines": 2, "solution": link,
        "others": [
            _link_steps,
            lambda N, b, k, gigabits: 16 * N * b * (1 - 1 / k)
            / gigabits / 1e9],
        "cases": [(1e9, 4, 2, 10), (174.6e9, 2, 64, 100), (5e6, 2, 3, 1),
                  (7e9, 1, 5, 25)],
        "mistakes": [
            (lambda N, b, k, gigabits: link(N, b, k, gigabits) / 8,
             "8.link.bits"),
            (lambda N, b, k, gigabits: link(N, b, k, gigabits) / 2,
             "8.link.twice"),
            (lambda N, b, k, gigabits: N * b * 8 / gigabits / 1e9,
             "8.link.ring"),
            (lambda N, b, k, gigabits: k * link(N, b, k, gigabits),
             "8.link.all"),
            (lambda N, b, k, gigabits: link(N, b, k, gigabits) * 1e9,
             "8.link.giga"),
        ],
        "hint": "8.link.hint",
    },
    "8.idle": {
        "level": "medium", "lines": 2, "solution": idle,
        "others": [_idle_schedule, _idle_busy],
        "cases": [(3, 4), (8, 32), (4, 1), (1, 5), (64, 16)],
        "draw": lambda rng: [int(n) for n in rng.integers(2, 40, 2)],
        "mistakes": [
            (lambda k, m: (k - 1) / m, "8.idle.work"),
            (lambda k, m: m / (m + k - 1), "8.idle.busy"),
            (lambda k, m: (k - 1) / (m + k), "8.idle.end"),
            (lambda k, m: k / (m + k - 1), "8.idle.itself"),
            (lambda k, m: k - 1, "8.idle.share"),
            (lambda k, m: (k - 1) / (k * m), "8.idle.turns"),
        ],
        "hint": "8.idle.hint",
    },
    "8.confident": {
        "level": "hard", "lines": 4, "solution": confident_joint,
        "others": [_joint_loop, _joint_table],
        "cases": [(_P, _LABELS),
                  (_TIE, np.array([0, 2, 1, 1, 0, 2])),
                  (_UNEVEN, np.array([0, 0, 1, 0, 1])),
                  (_P[::2, :3], np.arange(20) % 3)],
        "draw": _draw_joint,
        "mistakes": [
            (lambda P, labels: _joint(P, labels, lambda *_: 0),
             "8.confident.plain"),
            (lambda P, labels: _joint(P, labels, _usual, every=True),
             "8.confident.every"),
            (lambda P, labels: confident_joint(P, labels).T,
             "8.confident.turned"),
            (lambda P, labels: _joint(
                P, labels, lambda P, labels, j: P[:, j].mean()),
             "8.confident.all"),
            (lambda P, labels: _joint(P, labels, lambda *_: 0.5),
             "8.confident.half"),
            (lambda P, labels: confident_joint(P, labels) / len(labels),
             "8.confident.share"),
        ],
        "hint": "8.confident.hint",
    },
    "8.occlude": {
        "level": "medium", "lines": 4, "solution": occlude,
        "others": [_occlude_mask, _occlude_list],
        "cases": [(np.arange(1.0, 7).reshape(2, 3), 1),
                  (np.arange(1.0, 13).reshape(3, 4), 2),
                  (_rng.random((5, 4)) + 1, 3)],
        "mistakes": [
            (_too_few_places, "8.occlude.last"),
            (_hanging_over, "8.occlude.over"),
            (_one_picture, "8.occlude.copy"),
            (_only_patch, "8.occlude.turned"),
            (lambda x, k: occlude(x, k).reshape(-1, *x.shape),
             "8.occlude.shape"),
        ],
        "hint": "8.occlude.hint",
    },
    "8.path": {
        "level": "medium", "lines": 2, "solution": path,
        "others": [_path_ends, _path_trapezoid],
        "cases": [
            (np.array([2.0, -1.0]), np.array([0.5, 1.0]),
             np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 4.0]])),
            (_rng.normal(size=4), _rng.normal(size=4),
             _rng.normal(size=(6, 4))),
            (np.array([3.0]), np.array([1.0]), np.array([[2.0], [5.0]])),
        ],
        "mistakes": [
            (lambda x, x0, G: (x - x0) * G.mean(axis=0), "8.path.ends"),
            (lambda x, x0, G: x * path(x, x0, G) / (x - x0),
             "8.path.baseline"),
            (lambda x, x0, G: path(x, x0, G) / (x - x0), "8.path.way"),
            (lambda x, x0, G: path(x, x0, G) * (len(G) - 1), "8.path.sum"),
            (lambda x, x0, G: (x - x0) * G[-1], "8.path.last"),
            (lambda x, x0, G: path(x, x0, G).sum(), "8.path.total"),
        ],
        "hint": "8.path.hint",
    },
    "8.temperature": {
        "level": "medium", "lines": 2, "solution": at_temperature,
        "others": [_temperature_scores, _temperature_list],
        "cases": [(np.array([0.5, 0.3, 0.2]), 2.0),
                  (np.array([0.7, 0.2, 0.1]), 0.5),
                  (_rng.dirichlet([1.0] * 5), 3.0)],
        "mistakes": [
            (lambda p, tau: p ** (1 / tau), "8.temperature.sum"),
            (lambda p, tau: _softmax(p / tau), "8.temperature.log"),
            (lambda p, tau: p**tau / (p**tau).sum(), "8.temperature.turned"),
            (lambda p, tau: p / tau / (p / tau).sum(),
             "8.temperature.cancels"),
            (lambda p, tau: _softmax(np.log(p) * tau),
             "8.temperature.turned"),
        ],
        "hint": "8.temperature.hint",
    },
    "8.dpo": {
        "level": "medium", "lines": 2, "solution": dpo,
        "others": [_dpo_sigmoid, _dpo_softmax],
        "cases": [
            tuple(-_DPO.uniform(0.5, 4, (4, 3))) + (0.5,),
            tuple(-_DPO.uniform(0.5, 9, (4, 5))) + (0.1,),
            (np.array([-1.0]), np.array([-3.0]), np.array([-2.0]),
             np.array([-2.5]), 2.0),
            (np.array([-20.0]), np.array([-4.0]), np.array([-12.5]),
             np.array([-11.5]), 1.0)],  # a pair that is badly wrong
        "mistakes": [
            (lambda good, bad, good_0, bad_0, beta: dpo(
                bad, good, bad_0, good_0, beta), "8.dpo.turned"),
            (lambda good, bad, good_0, bad_0, beta: dpo(
                good, bad, 0, 0, beta), "8.dpo.reference"),
            (lambda good, bad, good_0, bad_0, beta: dpo(
                good, bad, good_0, bad_0, 1), "8.dpo.beta"),
            (lambda good, bad, good_0, bad_0, beta: dpo(
                good, bad, good_0, bad_0, beta) * np.size(good),
             "8.dpo.mean"),
            (lambda good, bad, good_0, bad_0, beta: dpo(
                good, bad, bad_0, good_0, beta), "8.dpo.crossed"),
            (lambda good, bad, good_0, bad_0, beta: -dpo(
                good, bad, good_0, bad_0, beta), "8.dpo.sign"),
            (_dpo_as(loss=lambda m: np.logaddexp(0, -m)), "8.dpo.mean"),
            *_several("8.dpo.order",
                      _dpo_as(loss=lambda m: -np.log(np.mean(
                          1 / (1 + np.exp(-m))))),
                      _dpo_as(loss=lambda m: np.logaddexp(0, -m.mean()))),
            *_several("8.dpo.logarithm", *(
                _dpo_as(loss=loss) for loss in (
                    lambda m: -np.mean(1 / (1 + np.exp(-m))),
                    lambda m: np.mean(1 / (1 + np.exp(m))),
                    lambda m: -m.mean(),
                    lambda m: np.maximum(0, 1 - m).mean(),
                    lambda m: np.maximum(0, -m).mean()))),
            (lambda *given: dpo(*given) / np.log(2), "8.dpo.base"),
            *_several("8.dpo.eps", *map(_dpo_eps, (
                1e-10, 1e-9, 1e-8, 1e-7, 1e-6))),
            *_several("8.dpo.beta_place", *map(_dpo_as, (
                lambda g, b, g0, b0, beta: (g - g0 - b + b0) / beta,
                lambda g, b, g0, b0, beta: beta * (g - g0) - (b - b0),
                lambda g, b, g0, b0, beta: beta * g - g0 - b + b0)),
                lambda *given: given[-1] * dpo(*given[:-1], 1)),
            *_several("8.dpo.reference", *map(_dpo_as, (
                lambda g, b, g0, b0, beta: beta * (g - g0 - b),
                lambda g, b, g0, b0, beta: beta * (g - b + b0),
                lambda g, b, g0, b0, beta: beta * (g - g0 - b - b0)))),
            *_several("8.dpo.difference", *map(_dpo_as, (
                lambda g, b, g0, b0, beta: beta * (g - g0 + b - b0),
                lambda g, b, g0, b0, beta: beta * (g - g0)))),
            *_several("8.dpo.logs", *map(_dpo_as, (
                lambda g, b, g0, b0, beta: beta * (g / g0 - b / b0),
                lambda g, b, g0, b0, beta: beta * (
                    np.exp(g - g0) - np.exp(b - b0))))),
        ],
        "hint": "8.dpo.hint",
    },
}
