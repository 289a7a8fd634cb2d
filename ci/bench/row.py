"""One row of the table of ci bench, measured in a process of its own.

python -m ci.bench.row KIND FOLDER BATCH TOKENS prints a line of JSON.
"""
import json
import sys
import time

import numpy as np

RUNS = 7
PROMPT = 12  # tokens of the text that is read
SECONDS = 20  # no further run is begun after so many; five at least
THREADS = 2
said = {}  # what a row tells beside its times


def ours(folder, ids, steps):
    import course
    course.start(chapter=4)
    from course.models.t5 import T5
    model = T5.from_pretrained(folder)
    return lambda: model.generate(ids, steps)


def ours_bfloat16(folder, ids, steps):
    """The same, with embedding and head stored in half the bytes."""
    return compressed(folder, ids, steps, Halves)


def ours_int8(folder, ids, steps):
    """The same, with both in a quarter, and a scale for each output."""
    return compressed(folder, ids, steps, Bytes)


def compressed(folder, ids, steps, kind):
    import course
    course.start(chapter=4)
    from course.models.t5 import T5
    model = T5.from_pretrained(folder)
    before = model(ids, ids).numpy()
    # the blocks' matrices are too small: a loop's turns cost more there
    for layer in {model.shared, model.head}:
        short = kind(layer.W.numpy())
        layer.call, layer.rows = short.product, short.rows
    gap = np.abs(model(ids, ids).numpy() - before).max()
    said["logits_off"] = float(gap / np.abs(before).max())
    return lambda: model.generate(ids, steps)


class Bytes:
    """A matrix (outputs, inputs) in int8 with a scale for each output.

    Kept as (inputs, outputs). XLA's own product would convert all of it to
    float32 in memory first; one vector is multiplied by a loop that adds 16
    rows a turn, in which the conversion is part of the sum
    (ci/bench/formulations.py has the measurements).
    """

    def __init__(self, W):
        import tensorflow as tf
        self.tf = tf
        scale = np.abs(W).max(axis=1).clip(1e-12) / 127
        self.scale = tf.Variable(scale.astype("float32"))
        self.W = tf.Variable(np.rint(W / scale[:, None]).astype("int8").T)

    def as_float(self, part):
        return self.tf.cast(part, self.tf.float32)

    def product(self, X):
        tf, (inputs, outputs) = self.tf, self.W.shape
        if np.prod(X.shape[:-1]) > 1:
            return tf.matmul(X, self.as_float(self.W)) * self.scale
        x = tf.reshape(X, (1, inputs))

        def add(k, y):
            for r in range(16):
                row = tf.slice(self.W, (k + r, 0), (1, outputs))
                y += self.as_float(row) * tf.slice(x, (0, k + r), (1, 1))
            return k + 16, y
        y = tf.while_loop(lambda k, y: k < inputs, add,
                          (0, tf.zeros((1, outputs))))[1] * self.scale
        return tf.reshape(y, (*X.shape[:-1], outputs))

    def rows(self, ids):
        """Of the embedding, whose rows are columns here."""
        tf = self.tf
        flat = tf.gather(self.W, tf.reshape(ids, [-1]), axis=1)
        found = tf.transpose(self.as_float(flat)) * tf.gather(
            self.scale, tf.reshape(ids, [-1]))[:, None]
        return tf.reshape(found, (*ids.shape, self.W.shape[0]))


class Halves(Bytes):
    """The same in bfloat16, as the whole numbers that its bits are.

    XLA's conversion of bfloat16 is slow here, shifting the bits is not.
    """

    def __init__(self, W):
        import tensorflow as tf
        self.tf, self.scale = tf, tf.ones(len(W))
        self.W = tf.Variable(tf.bitcast(tf.cast(W.T, tf.bfloat16),
                                        tf.uint16))

    def as_float(self, part):
        tf = self.tf
        bits = tf.bitwise.left_shift(tf.cast(part, tf.uint32),
                                     tf.constant(16, tf.uint32))
        return tf.bitcast(bits, tf.float32)


def library(folder, ids, steps, xla=False):
    import course
    course.start(chapter=4)
    import tensorflow as tf
    from transformers import TFT5ForConditionalGeneration
    model = TFT5ForConditionalGeneration.from_pretrained(folder)
    asked = {"input_ids": tf.constant(ids),
             "attention_mask": tf.ones_like(ids)}

    def generate(**asked):
        return model.generate(**asked, max_new_tokens=steps)
    if xla:
        generate = tf.function(generate, jit_compile=True)
    return lambda: generate(**asked).numpy()


def library_xla(folder, ids, steps):
    return library(folder, ids, steps, xla=True)


def library_pytorch(folder, ids, steps):
    import torch
    from transformers import AutoModelForSeq2SeqLM
    torch.set_num_threads(THREADS)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    x = torch.tensor(ids.astype("int64"))
    return lambda: model.generate(
        x, attention_mask=torch.ones_like(x), max_new_tokens=steps,
        do_sample=False).numpy()


KINDS = {"ours": ours, "ours-bfloat16": ours_bfloat16, "ours-int8": ours_int8,
         "hf-eager": library, "hf-xla": library_xla,
         "hf-pytorch": library_pytorch}


def measure(kind, folder, batch, steps):
    """Seconds of the first call and of the runs, and what was written."""
    with open(f"{folder}/config.json", encoding="utf-8") as file:
        V = json.load(file)["vocab_size"]
    ids = np.random.default_rng(0).integers(2, V, (batch, PROMPT))
    ids[:, -1] = 1
    run = KINDS[kind](folder, ids.astype("int32"), steps)
    begin = time.perf_counter()
    Y = run()
    first, seconds = time.perf_counter() - begin, []
    assert Y.shape == (batch, steps + 1), Y.shape
    while len(seconds) < 5 or (len(seconds) < RUNS
                               and sum(seconds) < SECONDS):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return {"first": first, "seconds": seconds, "ids": Y.tolist(), **said}


if __name__ == "__main__":
    kind, folder, batch, steps = sys.argv[1:]
    print(json.dumps(measure(kind, folder, int(batch), int(steps))))
