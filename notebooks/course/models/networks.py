"""The networks of chapter 2's contest (2.3); they give logits.

Chapters 7 and 8, and `data/make_contest.py`, train them, too.
"""

from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


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


def mlp(shape, classes, width=64):
    """Two hidden layers of dense units on inputs of any shape (2.3)."""
    return keras.Sequential([
        keras.Input(shape), layers.Flatten(),
        layers.Dense(width, activation="relu"),
        layers.Dense(width, activation="relu"), layers.Dense(classes)])


def cnn(shape, classes, filters=16):
    """Three convolutions of 3x3 on pictures of shape (h, w) (2.3)."""
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
    """Adds a learned vector to each position of (B, T, D) (2.1)."""

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
