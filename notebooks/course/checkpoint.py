"""Checkpoints of transformers: found, whole, and loaded to the last weight.

`from_pretrained` only warns when a weight does not arrive; here that is an
error, and so is a file that was cut short or altered.
"""

import json
from pathlib import Path

import numpy as np

from . import setup
from .messages import CourseError, message

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"


def check_checkpoint(checkpoint):
    """Make sure that a checkpoint can be loaded, before it is.

    checkpoint: a folder, relative to the collection's root, or a name on
        the hub, which is downloaded here if it is not in the cache.
    Raises CourseError: one line that says what is wrong and what to do.
    """
    if not isinstance(checkpoint, str) or not checkpoint.strip():
        raise CourseError("checkpoint.name", name=repr(checkpoint))
    if Path(checkpoint).is_dir():
        files = _in_folder(checkpoint)
    elif _looks_like_path(checkpoint):
        raise CourseError("checkpoint.no_folder", name=checkpoint)
    else:
        files = _from_hub(checkpoint)
    _check_config(checkpoint, files["config.json"])
    for file in _weight_files(checkpoint, files):
        _header(checkpoint, file)


def _looks_like_path(name):
    """Whether a reader who wrote this name meant a folder."""
    first, slash, rest = name.replace("\\", "/").partition("/")
    return (name[0] in "./~\\" or "\\" in name or "/" in rest
            or name.endswith("/") or bool(slash) and Path(first).is_dir())


def _in_folder(name):
    """{file name: path} of a folder; shipped files meet their checksums."""
    folder = Path(name).resolve()
    files = {path.name: path for path in folder.iterdir() if path.is_file()}
    if folder.is_relative_to(setup.DATA.resolve()):
        inside = folder.relative_to(setup.DATA.resolve()).as_posix()
        listed = setup._checksums(setup.DATA / "SHA256SUMS")
        for file in listed:
            if file.startswith(inside + "/"):
                setup.data_file(file)
    for needed in ("config.json", "tokenizer_config.json"):
        if needed not in files:
            raise CourseError("checkpoint.lacks", name=name, file=needed)
    return files


def _from_hub(name):
    """{file name: path in the cache}, downloaded if need be."""
    from huggingface_hub import errors, hf_hub_download, utils
    try:
        utils.validate_repo_id(name)
    except errors.HFValidationError:
        raise CourseError("checkpoint.name", name=repr(name)) from None

    def get(file):
        try:
            return Path(hf_hub_download(name, file))
        except errors.LocalEntryNotFoundError:
            raise CourseError("checkpoint.offline", name=name) from None
        except errors.EntryNotFoundError:
            return None
        except errors.RepositoryNotFoundError:
            raise CourseError("checkpoint.not_on_hub", name=name) from None
        except (errors.HfHubHTTPError, OSError) as error:
            raise CourseError("checkpoint.download", name=name,
                              error=type(error).__name__) from None

    files = {}
    for file in ("config.json", WEIGHTS):
        files[file] = get(file)
    if files["config.json"] is None:
        raise CourseError("checkpoint.lacks", name=name, file="config.json")
    if files[WEIGHTS] is None and (index := get(INDEX)):
        files[INDEX] = index
        for part in set(_json(name, index)["weight_map"].values()):
            files[part] = get(part)
    return {file: path for file, path in files.items() if path}


def _json(name, path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise CourseError("checkpoint.damaged", name=name,
                          file=path.name) from None


def _check_config(name, path):
    config = _json(name, path)
    if not (isinstance(config, dict) and config.get("is_encoder_decoder")):
        kind = config.get("model_type") if isinstance(config, dict) else None
        raise CourseError("checkpoint.not_seq2seq", name=name, kind=kind)


def _weight_files(name, files):
    if INDEX in files:
        names = set(_json(name, files[INDEX])["weight_map"].values())
    else:
        names = {WEIGHTS}
    for file in sorted(names):
        if file not in files:
            raise CourseError("checkpoint.lacks", name=name, file=file)
    return [files[file] for file in sorted(names)]


def _header(name, path):
    """Open a safetensors file; CourseError if it was cut short."""
    from safetensors import SafetensorError, safe_open
    try:
        return safe_open(path, framework="np")
    except (SafetensorError, OSError, ValueError):
        raise CourseError("checkpoint.damaged", name=name,
                          file=path.name) from None


def check_weights(model, checkpoint):
    """Assert that every tensor of the file arrived in the model, unchanged.

    model: a TensorFlow model of transformers; checkpoint: what it was
        loaded from. Prints how many tensors and parameters were compared.
    Raises CourseError that names the first tensor that is missing, left
    over, or different.
    """
    from transformers.modeling_tf_pytorch_utils import (
        convert_tf_weight_name_to_pt_weight_name)
    folder = Path(checkpoint).is_dir()
    files = _in_folder(checkpoint) if folder else _from_hub(checkpoint)
    opened = {}
    for path in _weight_files(checkpoint, files):
        file = _header(checkpoint, path)
        opened.update(dict.fromkeys(file.keys(), file))
    left, parameters = set(opened), 0
    for variable in model.weights:
        name, turned, _ = _pt_name(convert_tf_weight_name_to_pt_weight_name,
                                   variable, opened)
        if name not in opened:
            raise CourseError("checkpoint.missing_tensor", tensor=name,
                              name=checkpoint)
        value = opened[name].get_tensor(name).astype(np.float32)
        value = value.T if turned else value
        if (value.shape != tuple(variable.shape)
                or not np.array_equal(value, variable.numpy())):
            raise CourseError("checkpoint.wrong_tensor", tensor=name,
                              name=checkpoint)
        left.discard(name)
        parameters += value.size
    # copies of the shared embedding that some files carry
    left -= {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight",
             "lm_head.weight"}
    if left:
        raise CourseError("checkpoint.extra_tensor", tensor=sorted(left)[0],
                          name=checkpoint)
    print(message("checkpoint.loaded", name=checkpoint,
                  tensors=len(model.weights), parameters=parameters))


def _pt_name(convert, variable, opened):
    name, turned, *_ = convert(
        variable.name, tf_weight_shape=variable.shape)
    return name, str(turned).endswith(("SIMPLE", "CONV2D")), None
