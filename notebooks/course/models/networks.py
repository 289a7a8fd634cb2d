"""Chapter 2's contest: the networks, the traditional models, the rules.

The notebook and `data/make_contest.py`, which runs the long part of it,
share what stands here. Networks give logits.
"""

import re
import warnings
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

BATCH = 32

# ---- counting ----


@contextmanager
def shapes_only():
    """A graph in which a variable is a name with a shape, without numbers.

    For models that would not fit into memory; TensorFlow's own way to
    restore a variable whose numbers come later.
    """
    from tensorflow.python.ops.resource_variable_ops import (
        UninitializedVariable)

    def create(_, shape=None, dtype=None, name=None, **rest):
        return UninitializedVariable(shape=shape, dtype=dtype, name=name)

    with tf.Graph().as_default(), tf.variable_creator_scope(create):
        yield


# ---- the networks ----


def mlp(shape, classes, width=64):
    """Two hidden layers of dense units on inputs of any shape."""
    return keras.Sequential([
        keras.Input(shape), layers.Flatten(),
        layers.Dense(width, activation="relu"),
        layers.Dense(width, activation="relu"), layers.Dense(classes)])


def cnn(shape, classes, filters=16):
    """Three convolutions of 3x3 on pictures of shape (h, w)."""
    same = {"padding": "same", "activation": "relu"}
    return keras.Sequential([
        keras.Input(shape), layers.Reshape((*shape, 1)),
        layers.Conv2D(filters, 3, **same),
        layers.Conv2D(2 * filters, 3, **same), layers.MaxPooling2D(),
        layers.Conv2D(2 * filters, 3, **same), layers.Flatten(),
        layers.Dense(64, activation="relu"), layers.Dense(classes)])


class Attention(layers.Layer):
    """Self-attention (B, T, D) -> (B, T, D) in n_heads heads of D/n_heads.

    Four dense layers with biases, and two products of matrices a head that
    TensorFlow's profiler counts, as it does not those of Keras's own layer.
    causal: no position sees a later one.
    """

    def __init__(self, D, n_heads, causal=False, **options):
        super().__init__(**options)
        self.n_heads, self.causal = n_heads, causal
        self.q, self.k, self.v, self.o = (layers.Dense(D) for _ in range(4))

    def call(self, x):
        Q, K, V = (self.split(layer(x)) for layer in (self.q, self.k, self.v))
        S = Q @ ops.swapaxes(K, -2, -1) / Q.shape[-1]**0.5  # (B, n, T, T)
        if self.causal:
            T = x.shape[1]
            S += np.triu(np.full((T, T), -1e9, "float32"), 1)
        heads = ops.softmax(S) @ V  # (B, n, T, H)
        heads = ops.transpose(heads, (0, 2, 1, 3))
        return self.o(ops.reshape(heads, (-1, *x.shape[1:])))

    def split(self, x):
        """(B, T, D) -> (B, n_heads, T, H)"""
        T, D = x.shape[1:]
        x = ops.reshape(x, (-1, T, self.n_heads, D // self.n_heads))
        return ops.transpose(x, (0, 2, 1, 3))


class Positions(layers.Layer):
    """Adds a learned vector to each position of (B, T, D)."""

    def build(self, shape):
        self.p = self.add_weight(
            shape=shape[1:], initializer=keras.initializers.RandomNormal(
                stddev=0.02))

    def call(self, x):
        return x + self.p


def block(x, D, n_heads, causal=False):
    """One layer of a Transformer: attention, then a dense part of 4D."""
    x = x + Attention(D, n_heads, causal)(layers.LayerNormalization()(x))
    z = layers.LayerNormalization()(x)
    z = layers.Dense(4 * D, activation="relu")(z)
    return x + layers.Dense(D)(z)


def transformer(shape, classes, D=32, n_heads=4, n_layers=2):
    """Any sequence of shape (T, features) into one of the classes."""
    start = keras.Input(shape)
    x = Positions()(layers.Dense(D)(start))  # (B, T, D)
    for _ in range(n_layers):
        x = block(x, D, n_heads)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return keras.Model(start, layers.Dense(classes)(x))


NETWORKS = {"MLP": mlp, "CNN": cnn, "Transformer": transformer}
RATES = 0.001, 0.003  # Adam's step, chosen on a fifth of the training set


class Learner:
    """A network that is trained again and again, compiled once.

    net: a Keras model that gives logits.
    """

    def __init__(self, net):
        self.net = net
        self.optimizer = keras.optimizers.Adam()
        self.optimizer.build(net.trainable_variables)
        cost = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        any_number = tf.TensorSpec((None, *net.input_shape[1:]), tf.float32)

        # one graph for any number of examples and steps
        @tf.function(input_signature=(
            any_number, tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((None, BATCH), tf.int64),
            tf.TensorSpec((None,), tf.float32)))
        def run(X, y, order, rates):
            for step in tf.range(len(rates)):
                few = order[step]
                self.optimizer.learning_rate.assign(rates[step])
                with tf.GradientTape() as tape:
                    z = net(tf.gather(X, few), training=True)
                    loss = cost(tf.gather(y, few), z)
                self.optimizer.apply(
                    tape.gradient(loss, net.trainable_variables))

        self.run = run

    def reset(self, seed, weights=None):
        """Weights as drawn with `seed`, or as given; a fresh Adam."""
        keras.utils.set_random_seed(seed)
        if weights is None:
            weights = keras.models.clone_model(self.net).get_weights()
        self.net.set_weights(weights)
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable))

    def fit(self, X, y, seed, steps, rate=0.003, weights=None):
        """Train on X (n, ...), y (n,) from the start, in batches of BATCH.

        Adam's step falls from `rate` along half a cosine. Returns self.
        """
        self.reset(seed, weights)
        rng, n = np.random.default_rng(seed), len(y)
        order = [rng.permutation(n) for _ in range(steps * BATCH // n + 1)]
        order = np.concatenate(order)[:steps * BATCH].reshape(steps, BATCH)
        rates = rate / 2 * (1 + np.cos(np.pi * np.arange(steps) / steps))
        self.run(tf.constant(X, tf.float32), tf.constant(y, tf.int32),
                 tf.constant(order), tf.constant(rates, tf.float32))
        return self

    def predict(self, X):
        """The most probable class of each of X (n, ...); int (n,)."""
        parts = np.array_split(X, len(X) // 500 + 1)  # spares memory
        return np.concatenate([np.argmax(self.net(part), axis=-1)
                               for part in parts])

    def score(self, X, y):
        return float((self.predict(X) == y).mean())


# ---- the traditional models, and what each may choose from ----

TRADITIONAL = {
    "logistic regression": (LogisticRegression(max_iter=100),
                            {"C": [0.1, 1, 10]}),
    "nearest neighbours": (KNeighborsClassifier(),
                           {"n_neighbors": [1, 3, 5]}),
    "decision tree": (DecisionTreeClassifier(random_state=0),
                      {"min_samples_leaf": [1, 3, 10]}),
    "random forest": (RandomForestClassifier(100, random_state=0),
                      {"max_features": ["sqrt", 0.3]}),
    "SVM": (SVC(C=10), {"gamma": [0.01, 0.03, 0.1, 0.3]}),
    # where nothing is known of the inputs' scale
    "SVM, scaled": (make_pipeline(MaxAbsScaler(), SVC()), {
        "svc__C": [1, 10, 100], "svc__kernel": ["rbf", "linear"]}),
}


@contextmanager
def quiet():
    """One thread, for the work is small, and no word of a model that
    stopped early or saw no example of a class."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def choose(name, X, y, seed=0):
    """A traditional model and its best setting in threefold validation.

    X: (n, features), y: (n,). Returns (model, setting), not fitted to all.
    """
    model, grid = TRADITIONAL[name]
    folds = KFold(3, shuffle=True, random_state=seed)
    with quiet():
        search = GridSearchCV(model, grid, cv=folds, refit=False).fit(X, y)
    setting = search.best_params_
    return clone(model).set_params(**setting), setting


def choose_rate(learner, X, y, seed, steps):
    """The one of RATES that a fifth of the training set prefers."""
    few = np.random.default_rng(seed).permutation(len(y)) < len(y) / 5
    scores = [learner.fit(X[~few], y[~few], seed, steps, rate).score(
        X[few], y[few]) for rate in RATES]
    return RATES[int(np.argmax(scores))]


# ---- the digits ----


def moved(X, rng, reach=2):
    """Pictures (n, 8, 8), each somewhere on a larger one; (n, 12, 12)."""
    n, side, _ = X.shape
    Z = np.zeros((n, side + 2 * reach, side + 2 * reach), np.float32)
    down, right = rng.integers(0, 2 * reach + 1, (n, 2)).T[..., None, None]
    row, column = np.mgrid[:side, :side]
    Z[np.arange(n)[:, None, None], row + down, column + right] = X
    return Z


def centred(Z):
    """Moved pictures (n, 12, 12), each shifted so that its ink is centred.

    What a person who knows the task would do first.
    """
    place = np.arange(Z.shape[1])
    ink = Z.sum(axis=(1, 2))
    down = np.rint((Z.sum(axis=2) @ place) / ink - place.mean())
    right = np.rint((Z.sum(axis=1) @ place) / ink - place.mean())
    return np.stack([np.roll(z, (-i, -j), (0, 1)) for z, i, j
                     in zip(Z, down.astype(int), right.astype(int))])


def take(X, y, n, rng):
    """n of the pictures, each class alike often; beyond len(y) again.

    Returns X (n, 8, 8), y (n,).
    """
    order = rng.permutation(len(y))
    if n < len(y):  # the first of each class, then the second ...
        rank = np.empty(len(y), int)
        for digit in range(10):
            mine = order[y[order] == digit]
            rank[mine] = np.arange(len(mine))
        order = order[np.argsort(rank[order], kind="stable")]
    chosen = order[np.arange(n) % len(y)]
    return X[chosen], y[chosen]


# ---- pre-training without labels ----


def pretrain(X, seed, steps=300, batch=128, temperature=0.3):
    """A CNN that learns which two moved pictures show the same digit.

    X: pictures (n, 8, 8), without labels. Of each of `batch` pictures it
    gets two moved copies, and must find each one's partner among all.
    Returns a Keras model (n, 12, 12) -> (n, 64).
    Source: Chen and others, 2020 (SimCLR); van den Oord and others, 2018.
    """
    keras.utils.set_random_seed(seed)
    net, rng = cnn((12, 12), 64), np.random.default_rng(seed)
    optimizer = keras.optimizers.Adam()
    optimizer.build(net.trainable_variables)

    @tf.function
    def update(first, second):
        with tf.GradientTape() as tape:
            a, b = (tf.math.l2_normalize(net(x), axis=-1)
                    for x in (first, second))
            z = a @ tf.transpose(b) / temperature  # (batch, batch)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(
                    labels=tf.range(batch), logits=z))
        optimizer.apply(tape.gradient(loss, net.trainable_variables))

    for step in range(steps):
        optimizer.learning_rate = 0.0015 * (1 + np.cos(np.pi * step / steps))
        few = X[rng.permutation(len(X))[:batch]]
        update(moved(few, rng), moved(few, rng))
    # the last layer serves the guessing game alone
    return keras.Model(net.inputs[0], net.layers[-2].output)


def adapt(body, X, y, seed=0):
    """Learn a new task from the body's features alone: (model, setting).

    A logistic regression on what the frozen body (`pretrain`) makes of the
    moved pictures X (n, 12, 12); ask it about `features(body, X)`.
    """
    F = features(body, X)
    scale = F.std()
    model, setting = choose("logistic regression", F / scale, y, seed)
    with quiet():
        model.set_params(max_iter=1000).fit(F / scale, y)
    model.coef_ /= scale  # from here on it takes features as they are
    return model, setting


def tune(body, head, learner, X, y, seed, steps=400):
    """Fine-tune body and head together, in small steps.

    head: from `adapt`; learner: of a `cnn` with a class for each of y.
    Starting from a random last layer would spoil the body first.
    """
    weights = body.get_weights() + [head.coef_.T, head.intercept_]
    return learner.fit(X, y, seed, steps, 0.001, weights)


def features(body, X):
    """What the body makes of X (n, 12, 12); (n, 64)."""
    parts = np.array_split(X, len(X) // 500 + 1)
    return np.concatenate([np.asarray(body(part)) for part in parts])


# ---- sounds and sentences as tensors, and as a person's features ----

FRAME = 320  # samples, 40 ms
LONGEST = 28  # frames, and words


def frames(X):
    """Sounds (n, samples) -> (n, LONGEST, FRAME), nothing else done."""
    X = np.pad(X, ((0, 0), (0, LONGEST * FRAME - X.shape[1])))
    return X.reshape(len(X), LONGEST, FRAME)


def sound_features(X):
    """What speech engineers compute of a sound; (n, samples) -> (n, 65).

    Thirteen cepstral coefficients (loudness of 20 bands as the ear hears
    them, in logarithms, cosine transformed), averaged over each fifth of
    the sound, however long it is.
    """
    power = tf.abs(tf.signal.stft(X, 256, 128))  # (n, frames, 129)
    ear = tf.signal.linear_to_mel_weight_matrix(20, 129, 8000, 80, 3800)
    bands = tf.math.log(power @ ear + 0.01)
    C = np.asarray(tf.signal.mfccs_from_log_mel_spectrograms(bands))[..., :13]
    ends = X.shape[1] - (X[:, ::-1] != 0).argmax(axis=1)
    return np.array([np.concatenate([
        part.mean(axis=0) for part in np.array_split(c[:end // 128], 5)])
        for c, end in zip(C, ends)])


def words_of(text):
    """Lower-case words, full stops and commas."""
    return re.findall(r"\w+|[.,]", text.lower())


def vocabulary(texts):
    """{word: number from 1}; 0 is for words that do not occur."""
    words = sorted({word for text in texts for word in words_of(text)})
    return {word: i for i, word in enumerate(words, 1)}


def one_hot(texts, known):
    """Texts -> (n, LONGEST, V) with a 1 for each word; zeros after it."""
    X = np.zeros((len(texts), LONGEST, len(known) + 1), np.float32)
    for x, text in zip(X, texts):
        for t, word in enumerate(words_of(text)[:LONGEST]):
            x[t, known.get(word, 0)] = 1
    return X


def runs_of_words(longest):
    """Counts which runs of up to `longest` words a text holds."""
    return CountVectorizer(tokenizer=words_of, token_pattern=None,
                           ngram_range=(1, longest), binary=True)
