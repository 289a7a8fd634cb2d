"""Many small networks trained at once, for chapter 1.

Their weights lie in one array with an axis more, so that one matrix product
serves all of them: twenty networks take hardly longer than one.
"""

import numpy as np
import tensorflow as tf


def start(sizes, n, rng):
    """Weights of n networks with these layer sizes, [W, b, W, b, ...].

    W (n, a, b) scattered by 1 / sqrt(a), b (n, 1, b) zero; float32
    variables.
    """
    weights = []
    for a, b in zip(sizes, sizes[1:]):
        weights += [rng.normal(size=(n, a, b)) / a**0.5,
                    np.zeros((n, 1, b))]
    return [tf.Variable(w, dtype=tf.float32) for w in weights]


def train(network, weights, X, y, lr, steps):
    """Train n networks on n sets of points, all points at each step: Adam.

    network: function of (weights, X) -> (n, points), the log-odds of class
        1; X: (n, points, 2) and y: (n, points), float32; lr: (n,) learning
        rates, which fall in the second half of the steps. Changes weights.
    """
    m = [tf.Variable(tf.zeros_like(w)) for w in weights]
    v = [tf.Variable(tf.zeros_like(w)) for w in weights]
    X, y = tf.constant(X), tf.constant(y)
    lr = tf.constant(np.reshape(lr, (-1, 1, 1)), tf.float32)

    @tf.function(jit_compile=True)
    def run():
        for step in tf.range(1, steps + 1):
            with tf.GradientTape() as tape:
                each = tf.nn.sigmoid_cross_entropy_with_logits(
                    y, network(weights, X))
                loss = tf.reduce_sum(tf.reduce_mean(each, axis=1))
            t = tf.cast(step, tf.float32)
            now = lr * tf.minimum(1.0, 2 - 2 * t / steps)
            for w, g, a, b in zip(weights, tape.gradient(loss, weights), m,
                                  v):
                a.assign(0.9 * a + 0.1 * g)
                b.assign(0.999 * b + 0.001 * g**2)
                w.assign_sub(now * (a / (1 - 0.9**t)) / (
                    tf.sqrt(b / (1 - 0.999**t)) + 1e-8))

    # called like this, TensorFlow does not warn of many different functions
    run.get_concrete_function()()
