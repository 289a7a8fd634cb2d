"""Training: Adam, compiled by XLA for many networks at once (1.2, 2.3, 7).

Networks of one kind lie in arrays with an axis more, so that one matrix
product serves all of them: twenty take hardly longer than one.
"""

import keras
import numpy as np
import tensorflow as tf

BATCH = 32
RATES = 0.001, 0.003  # Adam's step, chosen on a fifth of the training set


def adam_step(g, m, v, t, lr):
    """What Adam takes from an array of weights in step t, and its new m, v.

    g: the gradient; m, v: running means of it and of its square, zero at
    first; t: 1 in the first step; NumPy arrays or tensors, all of one shape.
    Source: Kingma and Ba 2015, with their constants.
    """
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    return lr * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t))**0.5 + 1e-8), m, v


def adam(loss, variables, steps, lr):
    """Minimise loss(step) by Adam; the whole loop is compiled by XLA.

    loss: function of the step, an int32 tensor from 0 on -> a number;
    variables: float32 tf.Variables, which are changed; lr: the step's size,
    which falls in the second half of the steps; a number, or an array that
    gives each network its own.
    """
    means = [[tf.Variable(tf.zeros_like(w)) for w in variables]
             for _ in range(2)]

    def update(step):
        with tf.GradientTape() as tape:
            now = loss(step)
        t = tf.cast(step + 1, tf.float32)
        rate = lr * tf.minimum(1.0, 2 - 2 * t / steps)
        for w, g, m, v in zip(variables, tape.gradient(now, variables),
                              *means):
            down, new_m, new_v = adam_step(g, m, v, t, rate)
            m.assign(new_m)
            v.assign(new_v)
            w.assign_sub(down)
        return step + 1

    @tf.function(jit_compile=True, autograph=False)
    def run():
        tf.while_loop(lambda step: step < steps, lambda step: [update(step)],
                      [tf.constant(0)])

    # called like this, TensorFlow does not warn of many different functions
    run.get_concrete_function()()


def dpo_loss(good, bad, good_0, bad_0, beta):
    """Equation (8.8), the mean over pairs of answers, for a gradient (8.14).

    good, bad: tensors (n,) of ln p of the better and the worse answers;
    good_0, bad_0: the same under the reference.
    Source: Rafailov and others 2023, equation 7.
    """
    margin = (good - good_0) - (bad - bad_0)
    return -tf.reduce_mean(tf.math.log_sigmoid(beta * margin))


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


def train_binary(network, weights, X, y, lr, steps):
    """Train n networks on n sets of points, all points at each step (1.2).

    network: function of (weights, X) -> (n, points), the log-odds of class
        1; X: (n, points, 2) and y: (n, points), float32; lr: (n,) learning
        rates for `adam`. Changes weights.
    """
    X, y = tf.constant(X), tf.constant(y)

    def loss(_):
        each = tf.nn.sigmoid_cross_entropy_with_logits(
            y, network(weights, X))
        return tf.reduce_sum(tf.reduce_mean(each, axis=1))

    adam(loss, weights, steps,
         tf.constant(np.reshape(lr, (-1, 1, 1)), tf.float32))


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


class Learner:
    """A network that is trained again and again, compiled once (2.2, 2.3).

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


def choose_rate(learner, X, y, seed, steps):
    """The one of RATES that a fifth of the training set prefers."""
    few = np.random.default_rng(seed).permutation(len(y)) < len(y) / 5
    scores = [learner.fit(X[~few], y[~few], seed, steps, rate).score(
        X[few], y[few]) for rate in RATES]
    return RATES[int(np.argmax(scores))]
