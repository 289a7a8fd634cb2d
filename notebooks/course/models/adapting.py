"""A pre-trained encoder and its rivals learn from few reviews (2.3).

`data/make_adapted.py` has all draws; the chapter repeats one.
"""

import keras
import numpy as np
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from ..datasets import reviews
from . import minilm, networks, training
from .traditional import quiet

DRAWS, LABELS = 10, (10, 30, 100, 300)
C = [0.1, 1, 10, 100, 1000]  # a logistic regression chooses one of these


def few_reviews(y, draw):
    """Which of the reviews a draw learns from; int (300,).

    Each even number of the first ones has as many good as bad reviews; no
    review is in two draws. y: (4000,) labels.
    """
    rng, half = np.random.default_rng(2026), LABELS[-1] // 2
    mine = slice(draw * half, (draw + 1) * half)
    return np.stack([rng.permutation(np.flatnonzero(y == kind))[mine]
                     for kind in (0, 1)], axis=1).ravel()


def linear(F, y, seed=0):
    """Logistic regression on features F (n, D), its C chosen in 3 folds."""
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    with quiet():
        return GridSearchCV(LogisticRegression(max_iter=1000), {"C": C},
                            cv=folds).fit(F, y)


def word_pairs():
    """TF-IDF of words and of pairs of neighbours."""
    return TfidfVectorizer(tokenizer=reviews.words_of, token_pattern=None,
                           ngram_range=(1, 2))


def from_scratch(learner, texts, y, seed, steps=200):
    """Train a small Transformer; returns a function of texts -> classes.

    learner: of a `networks.transformer` for any vocabulary of the reviews.
    It knows only the words of its own texts.
    """
    known = reviews.vocabulary(texts)
    T, V = learner.net.input_shape[1:]

    def view(texts):
        X = reviews.one_hot(texts, known)
        return np.pad(X, [(0, 0), (0, 0), (0, V - X.shape[2])])

    learner.fit(view(texts), y, seed, steps)
    return lambda texts: learner.predict(view(texts))


def scratch_learner(V):
    """The small Transformer of 2.3 for texts of V - 1 different words."""
    return training.Learner(networks.transformer((reviews.LONGEST, V), 2))


def in_batches(run, ids, *more, batch=32):
    """run(ids, ...) of all rows, (n, ...) or (n, T, ...), float32.

    Rows of like length come together, cut to it and filled up to `batch`,
    so that few shapes are traced and little padding is computed.
    """
    lengths, out = (ids != 0).sum(1), None
    order = np.argsort(lengths, kind="stable")
    for few in np.split(order, range(batch, len(order), batch)):
        T = -(-lengths[few].max() // 8) * 8
        y = run(*(tf.constant(np.pad(a[few, :T], [(0, batch - len(few))] + [
            (0, 0)] * (a.ndim - 1))) for a in (ids, *more))).numpy()
        if out is None:
            tail = (ids.shape[1],) + y.shape[2:] if y.ndim > 2 else y.shape[1:]
            out = np.zeros((len(ids), *tail), np.float32)
        where = (few, slice(T)) if y.ndim > 2 else few
        out[where] = y[:len(few)]
    return out


class LastBlock:
    """An encoder's last block with a head of one logit, trained together.

    All before it stays frozen, so `read` computes that once. Each `fit`
    begins with the published weights.
    """

    def __init__(self, model):
        self.model = model
        self.block, self.head = model.blocks[-1], keras.layers.Dense(1)
        self.head.build((None, model.c["hidden_size"]))
        self.published = self.block.get_weights()
        self.variables = (self.block.trainable_variables
                          + self.head.trainable_variables)
        self.adam = keras.optimizers.Adam()
        self.adam.build(self.variables)
        ids, X, y = (tf.TensorSpec((None, None), tf.int32),
                     tf.TensorSpec((None, None, model.c["hidden_size"])),
                     tf.TensorSpec((None,)))
        # each is traced once, whatever B and T are
        self.below = tf.function(lambda ids: model(ids)[0][-2],
                                 [ids], autograph=False)
        self.look = tf.function(self._look, [ids, X], autograph=False)
        self.update = tf.function(self._update, [ids, X, y],
                                  autograph=False)

    def read(self, texts):
        """What the last block gets: X (n, T, D), and the ids (n, T)."""
        ids = minilm.ids_of(self.model, texts)
        ids = np.pad(ids, ((0, 0), (0, -ids.shape[1] % 8)))
        return in_batches(self.below, ids), ids

    def _look(self, ids, X):
        real = tf.cast(ids != 0, tf.float32)  # (B, T)
        X, _ = self.block(X, -1e9 * (1 - real)[:, None, None])
        return tf.math.l2_normalize(tf.einsum("btd,bt->bd", X, real), -1)

    def _update(self, ids, X, y):
        with tf.GradientTape() as tape:
            z = self.head(self._look(ids, X))[:, 0]
            loss = tf.reduce_mean(
                tf.nn.sigmoid_cross_entropy_with_logits(y, z))
        self.adam.apply(tape.gradient(loss, self.variables))

    def vectors(self, X, ids):
        """X, ids: of `read`; (n, D) of length 1, as of `minilm.embed`."""
        return in_batches(self.look, ids, X)

    def fit(self, X, ids, y, head, seed, steps=40, batch=16, rate=0.0005):
        """Fine-tune in small steps of Adam; returns self.

        head: `linear`, fitted to the frozen vectors, to begin with: a
        random one would first spoil the block.
        """
        self.block.set_weights(self.published)
        best = head.best_estimator_
        self.head.set_weights([best.coef_.T, best.intercept_])
        for variable in self.adam.variables:
            variable.assign(tf.zeros_like(variable))
        rng, n = np.random.default_rng(seed), len(y)
        order = np.concatenate([rng.permutation(n) for _ in range(
            steps * batch // n + 1)])[:steps * batch].reshape(steps, batch)
        for step, few in enumerate(order):
            self.adam.learning_rate = rate / 2 * (
                1 + np.cos(np.pi * step / steps))
            T = -(-(ids[few] != 0).sum(1).max() // 8) * 8
            self.update(*map(tf.constant, (ids[few, :T], X[few, :T],
                                           y[few].astype("float32"))))
        return self

    def predict(self, X, ids):
        """1 for praise, 0 for blame; int (n,)."""
        z = self.head(self.vectors(X, ids)).numpy()[:, 0]
        return (z > 0).astype(int)
