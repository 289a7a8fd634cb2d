"""Does XLA read a matrix faster where it has fewer bytes? JSON of ms.

One vector times each kind of matrix that a step of t5-small asks for, in
float32, bfloat16 and int8, each in several ways of saying it, inside a
compiled loop. {matrix: {way: milliseconds}}.
"""
import json
import statistics
import time

STEPS, RUNS, TURN, LONG = 10, 7, 16, 2048
# matrix: (inputs, outputs, how many of them a step reads)
MATRICES = {"head": (512, 32128, 1), "feed-forward, first": (512, 2048, 6),
            "feed-forward, second": (2048, 512, 6),
            "attention": (512, 512, 36)}


def ways(tf):
    """{way: (type of W, shape of W from inputs and outputs, x, W -> y)}."""
    def as_float(W):
        if W.dtype != tf.uint16:
            return tf.cast(W, tf.float32)
        bits = tf.bitwise.left_shift(tf.cast(W, tf.uint32),
                                     tf.constant(16, tf.uint32))
        return tf.bitcast(bits, tf.float32)

    def grouped(inputs, outputs):
        """Short rows cost more in turns: inputs in groups side by side."""
        groups = max(1, min(LONG // outputs, inputs // TURN))
        return inputs // groups, groups, outputs

    def rows(x, W):
        """16 rows a turn, converted and added up in one loop."""
        n, groups, outputs = W.shape
        x = tf.transpose(tf.reshape(x, (groups, n)))[:, :, None]

        def add(k, y):
            for r in range(TURN):
                row = tf.slice(W, (k + r, 0, 0), (1, groups, outputs))[0]
                y += as_float(row) * tf.slice(
                    x, (k + r, 0, 0), (1, groups, 1))[0]
            return k + TURN, y
        y = tf.while_loop(lambda k, y: k < n, add,
                          (0, tf.zeros((groups, outputs))))[1]
        return tf.reduce_sum(y, axis=0)[None]

    def turned(inputs, outputs):
        return outputs, inputs

    def plain(inputs, outputs):
        return inputs, outputs

    def product(x, W):
        return tf.matmul(x, as_float(W))

    def product_turned(x, W):
        return tf.matmul(x, as_float(W), transpose_b=True)

    found = {}
    for kind in ("float32", "bfloat16", "int8"):
        found[f"{kind}, product, W as stored"] = kind, turned, product_turned
        found[f"{kind}, product, W turned"] = kind, plain, product
        stored = "uint16" if kind == "bfloat16" else kind
        found[f"{kind}, 16 rows a turn"] = stored, grouped, rows
    found["bfloat16, product in bfloat16"] = "bfloat16", plain, (
        lambda x, W: as_float(tf.matmul(tf.cast(x, tf.bfloat16), W)))
    found["int8, product in int32"] = "int8", plain, lambda x, W: as_float(
        tf.matmul(tf.cast(x * 40, tf.int8), W, output_type=tf.int32))
    return found


def measure(tf, inputs, outputs, kind, shape, multiply):
    """Median milliseconds of one product inside a compiled loop."""
    W = tf.random.stateless_normal(shape(inputs, outputs), [0, 1])
    W = (tf.bitcast(tf.cast(W, tf.bfloat16), tf.uint16) if kind == "uint16"
         else tf.cast(W * 40 if kind == "int8" else W, kind))
    W = tf.Variable(W)
    x = tf.random.stateless_normal((1, inputs), [2, 3])

    def run(x):
        def step(t, x, best):
            y = multiply(x, W)  # the next step waits for this one
            return t + 1, x + 1e-3 * y[:, :1], tf.reduce_max(y)
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
    import course
    course.start(chapter=4)
    import tensorflow
    print(json.dumps({matrix: {
        name: measure(tensorflow, inputs, outputs, *way)
        for name, way in ways(tensorflow).items()}
        for matrix, (inputs, outputs, _) in MATRICES.items()}))
