"""Pre-training without labels, and what can be made of it (2.4)."""

import keras
import numpy as np
import tensorflow as tf

from ..datasets.digits import moved
from .networks import cnn
from .traditional import choose, quiet


def pretrain(X, seed, steps=300, batch=128, temperature=0.3):
    """A CNN that learns which two moved pictures show the same digit.

    X: pictures (n, 8, 8), without labels. Of each of `batch` pictures it
    gets two moved copies, and must find each first one's partner among the
    second ones.
    Returns a Keras model (n, 12, 12) -> (n, 64).
    Source: van den Oord and others, 2018 (InfoNCE); with pictures, in both
    directions and against all other copies: Chen and others, 2020 (SimCLR).
    """
    keras.utils.set_random_seed(seed)
    net, rng = cnn((12, 12), 64), np.random.default_rng(seed)
    optimizer = keras.optimizers.Adam()
    optimizer.build(net.trainable_variables)

    @tf.function
    def update(first, second):
        with tf.GradientTape() as tape:
            u, v = (tf.math.l2_normalize(net(x), axis=-1)
                    for x in (first, second))
            z = u @ tf.transpose(v) / temperature  # (batch, batch)
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
    """What the body makes of X (n, 12, 12); (n, 64) (2.3)."""
    parts = np.array_split(X, len(X) // 500 + 1)
    return np.concatenate([np.asarray(body(part)) for part in parts])
