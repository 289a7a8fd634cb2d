"""Checkpoints: whole, and loaded to the last weight (4.3).

A library's `from_pretrained` only warns when a weight does not arrive; here
that is an error, and so is a file that was cut short or altered.
"""

import hashlib
import re

import numpy as np
import tensorflow as tf
from safetensors import SafetensorError, safe_open

from ..messages import message
from .hub import find, refuse

COPIES = "encoder.embed_tokens", "decoder.embed_tokens", "lm_head"

# of the first T5, which had stored it without using it
UNUSED = r"decoder\.block\.0\.layer\.1\..*\.relative_attention_bias\.weight"
NUMBERS = "F32", "F16", "BF16"  # what a tensor of a model may consist of


def check_checkpoint(checkpoint):
    """Make sure that a checkpoint can be loaded, before it is (4.3).

    checkpoint: a folder, relative to the collection's root, or a name on
        the hub, which is downloaded here if it is not in the cache.
    Raises CourseError: one line that says what is wrong and what to do.
    """
    for file in find(checkpoint)[1]:
        _open(checkpoint, file)
        # the cache names a large file by the checksum that the hub stated
        stated = file.resolve().name
        real = hashlib.sha256(file.read_bytes()).hexdigest()
        if re.fullmatch("[0-9a-f]{64}", stated) and stated != real:
            refuse("damaged", checkpoint, file=file)


def check_weights(model, checkpoint):
    """Assert that every tensor of the file arrived in the model, unchanged.

    model: a TensorFlow model of transformers; checkpoint: what it was
        loaded from. Prints how many tensors and parameters were compared.
    Raises CourseError that names the first tensor that is missing, left
    over, or different.
    """
    from transformers.modeling_tf_pytorch_utils import (
        convert_tf_weight_name_to_pt_weight_name as pytorch_name)
    in_file, seen, parameters = _tensors(checkpoint), set(), 0
    for variable in model.weights:
        name, turn = pytorch_name(variable.name,
                                  tf_weight_shape=variable.shape)[:2]
        if name not in in_file:
            refuse("missing_tensor", checkpoint, tensor=name)
        value = _value(in_file, name)
        value = value.T if turn.name == "SIMPLE" else value
        if not np.array_equal(value, variable.numpy()):
            refuse("wrong_tensor", checkpoint, tensor=name)
        seen.add(name)
        parameters += value.size
    _check_rest(checkpoint, in_file, seen)
    print(message("checkpoint.loaded", name=checkpoint,
                  tensors=len(seen), parameters=parameters))


def load_weights(checkpoint, places, unused=UNUSED, kind="t5"):
    """Hand every tensor of a checkpoint over to its place in a model.

    checkpoint: as above; float32, float16 or bfloat16, in one or more files.
    places: {tensor's name: the Keras variable that takes it, in float32}.
    unused: a regular expression of names that need no place.
    kind: of model, as `hub.find` knows it.
    Raises CourseError that names the tensor or file that is missing, left
    over or misshapen, before anything has been handed over.
    """
    in_file = _tensors(checkpoint, kind)
    for name, variable in places.items():
        if name not in in_file:
            refuse("missing_tensor", checkpoint, tensor=name)
        stored = in_file[name].get_slice(name)
        shape = tuple(stored.get_shape())
        if shape != tuple(variable.shape):
            refuse("misshapen", checkpoint, tensor=name, got=shape,
                   want=tuple(variable.shape))
        if stored.get_dtype() not in NUMBERS:
            refuse("wrong_type", checkpoint, tensor=name,
                   got=stored.get_dtype())
    _check_rest(checkpoint, in_file, set(places), unused)
    for name, variable in places.items():
        variable.assign(_value(in_file, name))


def _tensors(checkpoint, kind="t5"):
    """{name: the opened file that holds it}, of all files."""
    opened = [_open(checkpoint, file) for file in find(checkpoint, kind)[1]]
    return {name: file for file in opened for name in file.keys()}


def _value(in_file, name):
    return tf.cast(in_file[name].get_tensor(name), tf.float32).numpy()


def _check_rest(checkpoint, in_file, seen, unused=UNUSED):
    """Refuse a tensor of the file for which the model has no place."""
    for name in sorted(set(in_file) - seen):
        # some files repeat the shared embedding
        copy = name.removesuffix(".weight") in COPIES and np.array_equal(
            _value(in_file, name), _value(in_file, "shared.weight"))
        if not copy and not re.fullmatch(unused, name):
            refuse("extra_tensor", checkpoint, tensor=name)


def _open(name, path):
    """Open a safetensors file; CourseError if it was cut short."""
    try:
        return safe_open(path, framework="tf")
    except (SafetensorError, OSError, ValueError):
        refuse("damaged", name, file=path)
