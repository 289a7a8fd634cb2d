"""Is our T5 Hugging Face's? Two processes, one after the other.

python -m ci.bench.equality reference FOLDER   # Hugging Face's TensorFlow T5
python -m ci.bench.equality ours FOLDER        # prints what `compare` found
python -m ci.bench.equality both FOLDER        # one after the other

Between them lies FOLDER/reference.npz. Two processes, because two copies of
a model and two versions of Keras need twice the memory.
"""
import json
import subprocess
import sys

import numpy as np

from ci.bench import checkpoints

STEPS = 16
# texts, shortest and longest: the second lot is longer than the buckets
LOTS = (96, 1, 40), (4, 150, 300)


def batches(c):
    return [checkpoints.prompts(rows, low, high, c["vocab_size"], seed=low)
            for rows, low, high in LOTS]


def reference(folder):
    """The library's greedy ids; encoder states and logits of every 8th."""
    import course
    course.start(chapter=4)
    import tensorflow as tf
    from transformers import TFT5ForConditionalGeneration
    model = TFT5ForConditionalGeneration.from_pretrained(folder)
    course.check_weights(model, folder)
    found = {}
    for n, ids in enumerate(batches(model.config.to_dict())):
        asked = {"input_ids": tf.constant(ids),
                 "attention_mask": tf.constant((ids != 0).astype("int32"))}
        Y = model.generate(**asked, max_length=STEPS + 1).numpy()
        found[f"ids{n}"] = Y
        some = {name: x[::8] for name, x in asked.items()}
        out = model(**some, decoder_input_ids=Y[::8, :-1])
        found[f"states{n}"] = out.encoder_last_hidden_state.numpy()
        found[f"logits{n}"] = out.logits.numpy()
    np.savez(f"{folder}/reference.npz", **found)


def compare(folder):
    """Largest differences; texts written alike, of how many different."""
    import course
    course.start(chapter=4)
    from course.models.t5 import T5
    model = T5.from_pretrained(folder)
    wanted = np.load(f"{folder}/reference.npz")
    said = {"states": 0.0, "logits": 0.0, "logits_absolute": 0.0, "texts": 0,
            "alike": 0, "outputs": 0}
    for n, ids in enumerate(batches(model.c)):
        Y, some = wanted[f"ids{n}"], ids[::8]
        real = (some != 0)[..., None]
        states, logits = wanted[f"states{n}"], wanted[f"logits{n}"]
        mine = model.encode(some)[0].numpy()
        worst(said, "states", relative(mine * real, states * real))
        mine = model(some, Y[::8, :-1]).numpy()
        worst(said, "logits", relative(mine, logits))
        worst(said, "logits_absolute", np.abs(mine - logits).max())
        wrote = model.generate(ids, STEPS)
        said["texts"] += len(ids)
        said["outputs"] += len(np.unique(Y, axis=0))
        if wrote.shape == Y.shape:
            said["alike"] += int((wrote == Y).all(axis=1).sum())
    return {name: float(value) for name, value in said.items()}


def worst(said, name, value):
    said[name] = max(said[name], value)


def relative(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


if __name__ == "__main__":
    job, where = sys.argv[1:]
    if job == "both":
        for job in "reference", "ours":
            subprocess.run([sys.executable, "-m", "ci.bench.equality", job,
                            where], check=True)
    elif job == "reference":
        reference(where)
    else:
        print(json.dumps(compare(where)))
