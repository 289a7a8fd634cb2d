"""Weights of the longer trainings: kept small, read and checked (5)."""

import numpy as np

from .. import files
from ..messages import CourseError


def _names(model):
    """A name for each weight, in the model's order, whatever Keras counts."""
    return [f"{i:02d}.{w.name}" for i, w in enumerate(model.weights)]


def save_weights(model, path):
    """Write a model's weights as float16, by order and kind."""
    from safetensors.numpy import save_file
    save_file({name: np.asarray(w, np.float16) for name, w
               in zip(_names(model), model.weights)}, path)


def load_weights(model, name):
    """Fill a model with the shipped weights data/models/<name>.safetensors.

    Raises CourseError if the file is missing, altered, or of another model;
    then no weight is changed.
    """
    from safetensors.numpy import load_file
    found = load_file(files.data_file(f"models/{name}.safetensors"))
    wanted = {key: tuple(w.shape) for key, w
              in zip(_names(model), model.weights)}
    if {key: w.shape for key, w in found.items()} != wanted:
        raise CourseError("shipped.other", name=name)
    model.set_weights([np.float32(found[key]) for key in wanted])
    return model
