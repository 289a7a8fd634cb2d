"""A family of next-letter models, from hundreds to tens of thousands of
parameters, for the measurements of chapter 1.

The model is that of Bengio and others (2003), on letters: embeddings of the
last T letters side by side, one hidden layer, a softmax over the alphabet.
`data/make_scaling.py` trains the whole grid; the chapter trains a part again.
"""

from collections import Counter

import numpy as np
from threadpoolctl import threadpool_limits

from .. import files
from .training import adam_step

ALPHABET = " abcdefghijklmnopqrstuvwxyz"
V, T, D = len(ALPHABET), 12, 8  # alphabet, letters seen, width of embeddings
TEST, HELD, TRAIN = 131_072, 65_536, 524_288  # characters of the text
STEPS, BATCH, LR, LOOKS = 3_000, 512, 0.005, 15
PATIENCE = 4  # looks without a better loss on the held-out part


def read_text():
    """The shipped text as three arrays of letter numbers, 0 to V - 1 (1.4).

    Returns {"test": (TEST,), "held": (HELD,), "train": (TRAIN,)}, uint8;
    no file of the standard library has parts in two of them.
    """
    text = files.data_file("scaling_text.txt").read_text("ascii")
    codes = encode(text.replace("\n", " "))
    test, held, train, _ = np.split(codes, np.cumsum([TEST, HELD, TRAIN]))
    return {"test": test, "held": held, "train": train}


def encode(text):
    """Letters a to z and spaces -> their numbers, uint8 (n,)."""
    codes = np.frombuffer(text.encode("ascii"), np.uint8)
    return np.where(codes == 32, 0, codes - 96).astype(np.uint8)


def count(hidden):
    """Parameters of the model with that many hidden units (1.1, 1.4)."""
    return V * D + (T * D + 1) * hidden + (hidden + 1) * V


def start(hidden, rng):
    """Random weights, float32: C (V, D), W1, b1, W2, b2 (1.2, 1.4)."""
    weights = (rng.normal(size=(V, D)),
               rng.normal(size=(T * D, hidden)) / (T * D)**0.5,
               np.zeros(hidden),
               rng.normal(size=(hidden, V)) / hidden**0.5, np.zeros(V))
    return [w.astype(np.float32) for w in weights]


def forward(weights, x):
    """x (B, T) letters -> inputs (B, T*D), hidden layer, p (B, V) (1.4)."""
    C, W1, b1, W2, b2 = weights
    a = C[x].reshape(len(x), T * D)
    h = np.tanh(a @ W1 + b1)
    z = h @ W2 + b2
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return a, h, p / p.sum(axis=1, keepdims=True)


def windows(codes, every=1):
    """(n, T + 1): T letters and the next one, from every such place (1.4)."""
    return np.lib.stride_tricks.sliding_window_view(codes, T + 1)[::every]


def loss(weights, rows):
    """Mean -ln p(next letter) in nats over rows (n, T + 1) (1.4)."""
    total = 0.0
    for part in np.array_split(rows, len(rows) // 8_192 + 1):
        p = forward(weights, part[:, :T])[2]
        total -= np.log(p[np.arange(len(part)), part[:, T]]).sum()
    return float(total / len(rows))


def gradient(weights, rows):
    """Gradients of the mean loss over rows (B, T + 1), in weights' order."""
    C, W1, b1, W2, b2 = weights
    x, y = rows[:, :T], rows[:, T]
    a, h, p = forward(weights, x)
    p[np.arange(len(y)), y] -= 1
    dz = p / len(y)
    du = dz @ W2.T * (1 - h**2)
    one_hot = np.eye(V, dtype=W1.dtype)[x.ravel()]  # adds repeated letters
    dC = one_hot.T @ (du @ W1.T).reshape(-1, D)
    return dC, a.T @ du, du.sum(axis=0), h.T @ dz, dz.sum(axis=0)


@threadpool_limits.wrap(limits=1)  # matrices too small to share
def train(text, hidden, size, seed):
    """Train one model on a stretch of the text, with Adam (1.4).

    text: what read_text gives; hidden: units; size: characters of the
    stretch, which the seed places.
    Training ends after STEPS batches, or when PATIENCE looks at the
    held-out part saw nothing better; the best look's weights count.
    Returns the loss in nats on the test part, and the weights.
    """
    rng = np.random.default_rng([seed, hidden, size])
    weights = start(hidden, rng)
    first = rng.integers(len(text["train"]) - size + 1)
    rows = windows(text["train"][first:first + size])
    held = windows(text["held"], every=4)
    m = [np.zeros_like(w) for w in weights]
    v = [np.zeros_like(w) for w in weights]
    best, kept, waited = np.inf, weights, 0
    for step in range(1, STEPS + 1):
        lr = LR * min(1, 2 - 2 * step / STEPS)  # falls in the second half
        g = gradient(weights, rows[rng.integers(len(rows), size=BATCH)])
        for k, grad in enumerate(g):
            down, m[k], v[k] = adam_step(grad, m[k], v[k], step, lr)
            weights[k] -= down
        if step % (STEPS // LOOKS) == 0:
            now = loss(weights, held)
            waited += 1
            if now < best:
                best, waited = now, 0
                kept = [w.copy() for w in weights]
            if waited == PATIENCE:
                break
    return loss(kept, windows(text["test"], every=2)), kept


def n_gram_bits(train, test, first, most=5):
    """Bits of each letter of test[first:], from counts in train (1.4, 3.5).

    train, test: letter numbers, uint8, of two texts; first: at least most - 1.
    Returns a list of arrays (len(test) - first,): -log2 p from the 0, 1, ...
    most - 1 letters before. A context leans on the shorter one in proportion
    to how many different letters followed it (Witten and Bell 1991).
    """
    train, test = train.tobytes(), test.tobytes()
    p, bits = [1 / V] * (len(test) - first), []
    for m in range(1, most + 1):
        seen = Counter(train[i:i + m] for i in range(len(train) - m + 1))
        kinds, total = Counter(), Counter()
        for gram, count in seen.items():
            kinds[gram[:-1]] += 1
            total[gram[:-1]] += count
        for k in range(len(p)):
            gram = test[first + k - m + 1:first + k + 1]
            new, old = kinds[gram[:-1]], total[gram[:-1]]
            if old:
                p[k] = (seen[gram] + new * p[k]) / (old + new)
        bits.append(-np.log2(p))
    return bits
