"""Does XLA read a matrix faster where it has fewer bytes? JSON of ms.

One vector times the head's matrix, 512 by 32128, as a step of t5-small asks
for it: in float32, bfloat16 and int8, each in several ways of saying it.
"""
import json
import statistics
import time

import course

D, V, STEPS, RUNS = 512, 32128, 10, 7


def ways(tf):
    """{name: (type of W, whether W is (V, D), x and W -> (1, V))}."""
    def as_float(W):
        return tf.cast(W, tf.float32)

    def rows_16(x, W):
        """16 rows at a time, added up element by element: one loop."""
        def add(k, y):
            for r in range(16):
                y += as_float(tf.slice(W, (k + r, 0), (1, V))) * tf.slice(
                    x, (0, k + r), (1, 1))
            return k + 16, y
        return tf.while_loop(lambda k, y: k < D, add, (0, tf.zeros((1, V))))[1]

    product = {
        "product (V, D)": (True, lambda x, W: tf.matmul(
            x, as_float(W), transpose_b=True)),
        "product (D, V)": (False, lambda x, W: tf.matmul(x, as_float(W))),
        "sum over rows": (False, lambda x, W: tf.reduce_sum(
            as_float(W) * tf.transpose(x), 0)[None]),
        "16 rows a turn": (False, rows_16)}
    found = {f"{kind}, {name}": (kind, *way)
             for kind in ("float32", "bfloat16", "int8")
             for name, way in product.items()}
    found["bfloat16, product in bfloat16"] = "bfloat16", False, (
        lambda x, W: as_float(tf.matmul(tf.cast(x, tf.bfloat16), W)))
    found["int8, product in int32"] = "int8", False, lambda x, W: as_float(
        tf.matmul(tf.cast(x * 40, tf.int8), W, output_type=tf.int32))
    return found


def measure(tf, kind, turned, multiply):
    """Median milliseconds of one product inside a compiled loop."""
    W = tf.random.stateless_normal((V, D) if turned else (D, V), [0, 1])
    W = tf.Variable(tf.cast(W * 40 if kind == "int8" else W, kind))
    x = tf.random.stateless_normal((1, D), [2, 3])

    def run(x):
        def step(t, x, best):
            y = multiply(x, W)  # the next step waits for this one
            return t + 1, x + 1e-3 * y[:, :D], tf.reduce_max(y)
        return tf.while_loop(lambda t, x, best: t < STEPS, step,
                             (0, x, 0.0))[2]
    run = tf.function(run, jit_compile=True).get_concrete_function(x)
    run(x).numpy()
    spent = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        run(x).numpy()
        spent.append((time.perf_counter() - begin) / STEPS * 1e3)
    return statistics.median(spent)


if __name__ == "__main__":
    course.start(chapter=4)
    import tensorflow
    print(json.dumps({name: measure(tensorflow, *way)
                      for name, way in ways(tensorflow).items()}))
