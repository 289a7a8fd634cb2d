"""Trains the three models of chapter 5 that take longer than 15 seconds.

    python data/make_models.py [detector | recogniser | chemist ...]

Writes data/models/<name>.safetensors and its line in SHA256SUMS. Each takes
two to six minutes on two cores. What is for tests (writers, voices and
digit strings, scaffolds) is never drawn here.
"""
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
import course  # noqa: E402

course.start(chapter=5)
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from ship import ship  # noqa: E402

from course.applications import biology, detection, speech
from course.datasets import digits  # noqa: E402
from course.models import weights

EXAMPLES = {"detector": 6000, "recogniser": 5000}  # drawn beforehand
STEPS = {"detector": 1500, "recogniser": 1800, "chemist": 3500}
BATCH = {"detector": 32, "recogniser": 32, "chemist": 64}
TOP = {"detector": 3e-3, "recogniser": 2e-3, "chemist": 5e-3}


def detector():
    """Model, and a function of random numbers that gives batch and loss."""
    train, _ = digits.digits_by_copy()
    model = detection.detector()
    scenes = detection.scenes(train, EXAMPLES["detector"], [5, 1])
    X = np.stack([scene.picture for scene in scenes])
    Y = detection.grid_targets(scenes)

    def draw(rng):
        i = rng.integers(0, len(X), BATCH["detector"])
        return X[i], Y[i]

    return model, draw, lambda X, Y: detection.detection_loss(
        Y, model(X, training=True))


def recogniser():
    train, _ = speech.spoken_parts()
    model = speech.recogniser()
    said = speech.digit_strings(train, EXAMPLES["recogniser"], [5, 2],
                                lengths=(1, 5))
    rng = np.random.default_rng([5, 4])
    heard = [speech.log_mel(speech.varied(u.sound, rng)) for u in said]

    def draw(rng):
        some = rng.integers(0, len(said), BATCH["recogniser"])
        X, frames = speech.filled(
            [speech.of_another_throat(heard[i], rng) for i in some])
        return (speech.without_some_pitches(X, rng), frames,
                *speech.labels([said[i].digits for i in some]))

    return model, draw, lambda *batch: speech.ctc_loss(model, *batch)


def chemist():
    train, _ = biology.load_molecules()
    model = biology.chemist()
    X = biology.letters_of(train)

    def draw(rng):
        return (X[rng.integers(0, len(X), BATCH["chemist"])],)

    return model, draw, lambda X: biology.spelling_loss(
        model(X[:, :-1], training=True), X[:, 1:])


def train(name, make):
    keras.utils.set_random_seed(5)
    model, draw, loss = make()
    rng = np.random.default_rng([5, 3])
    falling = keras.optimizers.schedules.CosineDecay(TOP[name], STEPS[name])
    optimizer = keras.optimizers.Adam(falling, global_clipnorm=1.0)

    # the LSTM's many small steps are faster as one program; all its
    # batches have one shape
    @tf.function(reduce_retracing=True, jit_compile=name == "chemist")
    def step(*batch):
        with tf.GradientTape() as tape:
            value = loss(*batch)
        slopes = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(slopes, model.trainable_variables))
        return value

    for k in range(1, STEPS[name] + 1):
        value = step(*map(tf.constant, draw(rng)))
        if k % 100 == 0:
            print(f"\r{name}: step {k} of {STEPS[name]}, "
                  f"loss {float(value):.3f}", end="", flush=True)
    print()
    return model


def main(names):
    makers = {"detector": detector, "recogniser": recogniser,
              "chemist": chemist}
    (HERE / "models").mkdir(exist_ok=True)
    for name in names or makers:
        path = HERE / "models" / f"{name}.safetensors"
        weights.save_weights(train(name, makers[name]), path)
        ship(path)


if __name__ == "__main__":
    main(sys.argv[1:])
