"""Chapter 7's trainer: small networks, many at once, in one compiled loop."""

import numpy as np
import tensorflow as tf


def adam(loss, variables, steps, lr):
    """Minimise loss(step) by Adam; the whole loop is compiled by XLA.

    loss: function of the step, an int32 tensor from 0 on -> a number;
    variables: float32 tf.Variables, which are changed; lr: the step's size,
    which falls in the second half of the steps.
    """
    m = [tf.Variable(tf.zeros_like(w)) for w in variables]
    v = [tf.Variable(tf.zeros_like(w)) for w in variables]

    def update(step):
        with tf.GradientTape() as tape:
            now = loss(step)
        t = tf.cast(step + 1, tf.float32)
        rate = lr * tf.minimum(1.0, 2 - 2 * t / steps)
        for w, g, a, b in zip(variables, tape.gradient(now, variables), m, v):
            a.assign(0.9 * a + 0.1 * g)
            b.assign(0.999 * b + 0.001 * g**2)
            w.assign_sub(rate * (a / (1 - 0.9**t)) / (
                tf.sqrt(b / (1 - 0.999**t)) + 1e-8))
        return step + 1

    @tf.function(jit_compile=True, autograph=False)
    def run():
        tf.while_loop(lambda step: step < steps, lambda step: [update(step)],
                      [tf.constant(0)])

    # called like this, TensorFlow does not warn of many different functions
    run.get_concrete_function()()


def train(f, variables, X, P, steps, seed, lr=0.003, batch=64, T=1.0,
          pools=None):
    """Train n networks at once on the cross-entropy of softmax(f / T).

    f: function of examples (k, batch, ...) -> logits (n, batch, classes),
        k being 1 or n; variables: what it uses and training changes.
    X: examples (m, ...); P: their classes' probabilities, (k, m, classes):
        with k = 1 all networks see the same batches.
    T: a temperature, or one for each network (n, 1, 1).
    pools: k arrays of row numbers, what each network may learn from.
    """
    rng = np.random.default_rng(seed)
    pools = pools or [np.arange(len(X))] * len(P)
    order = tf.constant(np.stack(
        [pool[rng.integers(len(pool), size=(steps, batch))]
         for pool in pools], axis=1), tf.int32)  # (steps, k, batch)
    X, P = tf.constant(X, tf.float32), tf.constant(P, tf.float32)
    T = tf.constant(T, tf.float32)

    def loss(step):
        few = order[step]
        p = tf.gather(P, few, batch_dims=1)  # (k, batch, classes)
        each = -tf.reduce_sum(
            p * tf.nn.log_softmax(f(tf.gather(X, few)) / T), axis=-1)
        return tf.reduce_sum(tf.reduce_mean(each, axis=1))

    adam(loss, variables, steps, lr)
