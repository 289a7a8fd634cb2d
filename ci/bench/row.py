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


def ours(folder, ids, steps):
    import course
    course.start(chapter=4)
    from course.t5 import T5
    model = T5.from_pretrained(folder)
    return lambda: model.generate(ids, steps)


def ours_bfloat16(folder, ids, steps):
    """The same, with matrices stored in half the bytes."""
    return compressed(folder, ids, steps, "bfloat16")


def ours_int8(folder, ids, steps):
    """The same, with matrices in a quarter, and a scale for each output."""
    return compressed(folder, ids, steps, "int8")


def compressed(folder, ids, steps, kind):
    import course
    course.start(chapter=4)
    import tensorflow as tf
    from course.t5 import T5, Matrix
    model = T5.from_pretrained(folder)
    for layer in model._flatten_layers():
        if isinstance(layer, Matrix):
            squeeze(layer, kind, tf)
    return lambda: model.generate(ids, steps)


def squeeze(layer, kind, tf):
    """Replace the layer's matrix by one of fewer bytes."""
    W = layer.W.numpy()
    scale = np.float32(1) if kind == "bfloat16" else (
        np.abs(W).max(axis=1, keepdims=True).clip(1e-12) / 127)
    small = (tf.cast(W, tf.bfloat16) if kind == "bfloat16"
             else tf.cast(np.rint(W / scale), tf.int8))
    small = tf.Variable(small)
    scale = tf.Variable(scale)

    def call(X):
        Y = tf.matmul(X, tf.cast(small, tf.float32), transpose_b=True)
        return Y * tf.reshape(scale, [-1])

    def rows(ids):
        found = tf.cast(tf.gather(small, ids), tf.float32)
        return found * (tf.gather(scale, ids) if scale.shape else 1.0)

    layer.call, layer.rows = call, rows


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
    return {"first": first, "seconds": seconds, "ids": Y.tolist()}


if __name__ == "__main__":
    kind, folder, batch, steps = sys.argv[1:]
    print(json.dumps(measure(kind, folder, int(batch), int(steps))))
