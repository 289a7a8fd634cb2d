"""Chapter 2's language model: which word comes next in a review (2.1)."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from ..datasets import reviews
from . import networks

BATCH = 32


def language_model(V, D, n_heads, n_layers, T):
    """Word numbers (B, T) -> logits of each next word (B, T, V)."""
    tokens = keras.Input((T,), dtype="int32")
    x = networks.Positions()(layers.Embedding(V, D)(tokens))
    for _ in range(n_layers):
        x = networks.block(x, D, n_heads, causal=True)
    x = layers.LayerNormalization()(x)
    return keras.Model(tokens, layers.Dense(V)(x))


def loss_of(model, X):
    """Mean of -ln p(next word) for sentences X (B, T + 1) of numbers."""
    z = model(X[:, :-1])  # (B, T, V)
    cost = tf.nn.sparse_softmax_cross_entropy_with_logits(X[:, 1:], z)
    word = tf.cast(X[:, 1:] > 0, z.dtype)  # 0 is what follows the end
    return tf.reduce_sum(word * cost) / tf.reduce_sum(word)


def numbers_of(texts, known):
    """Texts -> their words' numbers in `known`, int32 (n, LONGEST)."""
    return reviews.one_hot(texts, known).argmax(axis=-1).astype("int32")


def updating(model, adam):
    """A function that takes one step on sentences X; returns their loss."""
    adam.build(model.trainable_variables)

    @tf.function
    def update(X):
        with tf.GradientTape() as tape:
            loss = loss_of(model, X)
        adam.apply(tape.gradient(loss, model.trainable_variables))
        return loss
    return update


def train(model, X, seed, steps, rate, again=None):
    """Adam on batches of sentences X (n, T + 1); its step falls to zero.

    again: what an earlier call for the same model returned; its compiled
    step is used again, with a fresh Adam.
    """
    rng = np.random.default_rng(seed)
    adam, update = again or (keras.optimizers.Adam(), None)
    update = update or updating(model, adam)
    for variable in adam.variables:
        variable.assign(tf.zeros_like(variable))
    for step in range(steps):
        adam.learning_rate = rate / 2 * (1 + np.cos(np.pi * step / steps))
        update(tf.constant(X[rng.integers(0, len(X), BATCH)]))
    return adam, update


def words_alone(X):
    """Sentences X (n, T + 1) as tuples of numbers, without what follows."""
    return [tuple(words[words > 0].tolist()) for words in X]
