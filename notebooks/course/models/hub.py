"""Where a checkpoint lies: in a folder, or on the Hugging Face hub (6.3)."""

import json
import os
from pathlib import Path

import requests
from huggingface_hub import constants, errors, hf_hub_download, utils

from .. import files
from ..messages import CourseError

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"  # of weights in several files
SECONDS = 10  # until a hub that does not answer counts as out of reach


def refuse(what, name, **fields):
    """Raise the CourseError of message `checkpoint.WHAT`."""
    raise CourseError(f"checkpoint.{what}", name=name, **fields)


def find(name, kind="t5"):
    """The config (dict), and the paths of all files with weights.

    name: a folder, relative to the collection's root, or a name on the hub,
        which is downloaded here if it is not in the cache.
    kind: "t5", any encoder with a decoder, or "bert", an encoder.
    Raises CourseError if the name is none, or anything that is needed lacks.
    """
    if not isinstance(name, (str, Path)) or not str(name).strip():
        refuse("name", repr(name))
    name = str(name)
    get, absent = (_in_folder if Path(name).is_dir() else _on_hub)(name)

    def need(file):
        return get(file) or refuse(absent, name, file=file)

    config = _json(name, need("config.json"))
    if kind == "bert" and config.get("model_type") != kind:
        refuse("not_encoder", name, kind=config.get("model_type"))
    if kind == "t5" and not config.get("is_encoder_decoder"):
        refuse("not_seq2seq", name, kind=config.get("model_type"))
    if not get("spiece.model"):
        _json(name, need("tokenizer.json"))
    if not get(WEIGHTS) and (index := get(INDEX)):
        parts = _json(name, index).get("weight_map")
        if not isinstance(parts, dict) or not parts:
            refuse("damaged", name, file=index)
        return config, [need(part) for part in sorted(set(parts.values()))]
    return config, [need(WEIGHTS)]


def _looks_like_path(name):
    """Whether a reader who wrote this name meant a folder."""
    first, slash, rest = name.replace("\\", "/").partition("/")
    return (name[0] in "./~" or "\\" in name or "/" in rest
            or slash and (not rest or Path(first).is_dir()))


def _in_folder(name):
    """How to find a file in a folder, and what it is if there is none."""
    def get(file):
        path, data = Path(name) / file, files.DATA.resolve()
        if Path(name).resolve().is_relative_to(data):
            inside = path.resolve().relative_to(data).as_posix()
            if inside in files.checksums(data):
                files.data_file(inside)
        return path if path.is_file() else None
    return get, "lacks"


def _on_hub(name):
    """The same for the hub: from its cache, or downloaded into it."""
    if _looks_like_path(name):
        refuse("no_folder", name)
    try:
        utils.validate_repo_id(name)
    except errors.HFValidationError:
        refuse("name", repr(name))
    constants.HF_HUB_OFFLINE = offline = not _answers(constants.ENDPOINT)
    utils.reset_sessions()

    def get(file):
        try:
            return Path(hf_hub_download(name, file))
        except errors.RepositoryNotFoundError:
            refuse("not_on_hub", name)
        except errors.LocalEntryNotFoundError as error:
            if not offline:
                reason = type(error.__cause__ or error).__name__
                refuse("download", name, error=reason)
        except errors.EntryNotFoundError:
            return None
        except OSError as error:  # among them all of requests' errors
            refuse("download", name, error=type(error).__name__)
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
    return content if isinstance(content, dict) else refuse(
        "damaged", name, file=path)
