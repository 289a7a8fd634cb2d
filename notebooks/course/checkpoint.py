"""Checkpoints of transformers: found, whole, and loaded to the last weight.

`from_pretrained` only warns when a weight does not arrive; here that is an
error, and so is a file that was cut short or altered.
"""

import hashlib
import json
import os
import re
from pathlib import Path

import numpy as np
import requests
import tensorflow as tf
from huggingface_hub import constants, errors, hf_hub_download, utils
from safetensors import SafetensorError, safe_open

from . import setup
from .messages import CourseError, message

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"  # of weights in several files
COPIES = "encoder.embed_tokens", "decoder.embed_tokens", "lm_head"
SECONDS = 10  # until a hub that does not answer counts as out of reach


def check_checkpoint(checkpoint):
    """Make sure that a checkpoint can be loaded, before it is.

    checkpoint: a folder, relative to the collection's root, or a name on
        the hub, which is downloaded here if it is not in the cache.
    Raises CourseError: one line that says what is wrong and what to do.
    """
    for file in _weight_files(checkpoint):
        _open(checkpoint, file)
        # the cache names a large file by the checksum that the hub stated
        stated = file.resolve().name
        real = hashlib.sha256(file.read_bytes()).hexdigest()
        if re.fullmatch("[0-9a-f]{64}", stated) and stated != real:
            _refuse("damaged", checkpoint, file=file)


def check_weights(model, checkpoint):
    """Assert that every tensor of the file arrived in the model, unchanged.

    model: a TensorFlow model of transformers; checkpoint: what it was
        loaded from. Prints how many tensors and parameters were compared.
    Raises CourseError that names the first tensor that is missing, left
    over, or different.
    """
    from transformers.modeling_tf_pytorch_utils import (
        convert_tf_weight_name_to_pt_weight_name as pytorch_name)
    in_file, seen, parameters = {}, set(), 0
    for file in _weight_files(checkpoint):
        opened = _open(checkpoint, file)
        in_file.update(dict.fromkeys(opened.keys(), opened))
    for variable in model.weights:
        name, turn = pytorch_name(variable.name,
                                  tf_weight_shape=variable.shape)[:2]
        if name not in in_file:
            _refuse("missing_tensor", checkpoint, tensor=name)
        value = _value(in_file, name)
        value = value.T if turn.name == "SIMPLE" else value
        if not np.array_equal(value, variable.numpy()):
            _refuse("wrong_tensor", checkpoint, tensor=name)
        seen.add(name)
        parameters += value.size
    for name in sorted(set(in_file) - seen):
        if not _may_stay_behind(model, in_file, name):
            _refuse("extra_tensor", checkpoint, tensor=name)
    print(message("checkpoint.loaded", name=checkpoint,
                  tensors=len(seen), parameters=parameters))


def _refuse(what, name, **fields):
    raise CourseError(f"checkpoint.{what}", name=name, **fields)


def _value(in_file, name):
    return tf.cast(in_file[name].get_tensor(name), tf.float32).numpy()


def _may_stay_behind(model, in_file, name):
    """Whether the model needs no place for this tensor of the file."""
    # some files repeat the shared embedding, and transformers lists what
    # the first T5 had stored without using it
    if name.removesuffix(".weight") in COPIES:
        return np.array_equal(_value(in_file, name),
                              _value(in_file, "shared.weight"))
    listed = model._keys_to_ignore_on_load_unexpected or []
    return any(re.search(pattern, name) for pattern in listed)


def _weight_files(name):
    """Paths of the weights; CourseError if anything that is needed lacks."""
    if not isinstance(name, str) or not name.strip():
        _refuse("name", repr(name))
    get, absent = (_in_folder if Path(name).is_dir() else _on_hub)(name)

    def need(file):
        return get(file) or _refuse(absent, name, file=file)

    config = _json(name, need("config.json"))
    if not config.get("is_encoder_decoder"):
        _refuse("not_seq2seq", name, kind=config.get("model_type"))
    if not get("spiece.model"):
        _json(name, need("tokenizer.json"))
    if not get(WEIGHTS) and (index := get(INDEX)):
        parts = set(_json(name, index).get("weight_map", {}).values())
        return [need(part) for part in sorted(parts)]
    return [need(WEIGHTS)]


def _looks_like_path(name):
    """Whether a reader who wrote this name meant a folder."""
    first, slash, rest = name.replace("\\", "/").partition("/")
    return (name[0] in "./~" or "\\" in name or "/" in rest
            or slash and (not rest or Path(first).is_dir()))


def _in_folder(name):
    """How to find a file in a folder, and what it is if there is none."""
    def get(file):
        path, data = Path(name) / file, setup.DATA.resolve()
        if Path(name).resolve().is_relative_to(data):
            inside = path.resolve().relative_to(data).as_posix()
            if inside in setup._checksums(data / "SHA256SUMS"):
                setup.data_file(inside)
        return path if path.is_file() else None
    return get, "lacks"


def _on_hub(name):
    """The same for the hub: from its cache, or downloaded into it."""
    if _looks_like_path(name):
        _refuse("no_folder", name)
    try:
        utils.validate_repo_id(name)
    except errors.HFValidationError:
        _refuse("name", repr(name))
    constants.HF_HUB_OFFLINE = offline = not _answers(constants.ENDPOINT)
    utils.reset_sessions()

    def get(file):
        try:
            return Path(hf_hub_download(name, file))
        except errors.RepositoryNotFoundError:
            _refuse("not_on_hub", name)
        except errors.LocalEntryNotFoundError as error:
            if not offline:
                reason = type(error.__cause__ or error).__name__
                _refuse("download", name, error=reason)
        except errors.EntryNotFoundError:
            return None
        except OSError as error:  # among them all of requests' errors
            _refuse("download", name, error=type(error).__name__)
    return get, "offline" if offline else "lacks"


def _answers(hub):
    """Whether the hub can be asked; else only its cache counts."""
    # left alone, its library asks six times for each file, with a warning
    # each, and half a minute passes before it looks into the cache
    if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0"):
        return False
    try:
        requests.head(hub, timeout=SECONDS)
    except requests.RequestException:
        return False
    return True


def _json(name, path):
    """The object in a JSON file; CourseError if it is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        content = None
    return content if isinstance(content, dict) else _refuse(
        "damaged", name, file=path)


def _open(name, path):
    """Open a safetensors file; CourseError if it was cut short."""
    try:
        return safe_open(path, framework="tf")
    except (SafetensorError, OSError, ValueError):
        _refuse("damaged", name, file=path)
