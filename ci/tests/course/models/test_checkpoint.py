"""Checkpoints that are missing, damaged, or do not load to the last weight."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import change, refused
from safetensors.numpy import load_file, save_file

import course
from course import files
from course.tools.hub_server import Hub

SHIPPED = files.DATA / "t5-tiny"
WEIGHTS = "model.safetensors"
NORM = "encoder.block.0.layer.0.layer_norm.weight"


def refused_checkpoint(checkpoint):
    return refused(course.check_checkpoint, str(checkpoint))


def contents(folder):
    return {path: path.read_bytes() if path.is_file() else None
            for path in sorted(Path(folder).rglob("*"))}


# ---- names and folders ----

def test_the_shipped_checkpoint_is_whole(folder, capsys):
    course.check_checkpoint("data/t5-tiny")
    course.check_checkpoint(str(folder))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", [
    "data/t5-tinny", "./t5", "../nowhere/t5", "~/t5", "/t5", "models/t5/small",
    "C:\\models\\t5", "nowhere/", "notebooks/nothing"])
def test_a_folder_that_does_not_exist_never_reaches_the_hub(
        name, monkeypatch):
    monkeypatch.setattr("course.models.hub.hf_hub_download", None)
    text = refused_checkpoint(name)
    assert name in text and "data/t5-tiny" in text


@pytest.mark.parametrize("name", [None, 3, "", "  ", "t5 small", "t5--small",
                                  "a:b", "-t5", "t5\nsmall"])
def test_what_can_be_no_name(name, monkeypatch):
    monkeypatch.setattr("course.models.hub.hf_hub_download", None)
    text = refused(course.check_checkpoint, name)
    assert repr(name) in text and "t5-small" in text


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", WEIGHTS])
def test_a_folder_without_a_file(folder, file):
    (folder / file).unlink()
    text = refused_checkpoint(folder)
    assert str(folder) in text and file in text


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", ["", '{"model_type": "t5", ', "[1, 2]"])
def test_a_broken_json_file(folder, file, content):
    (folder / file).write_text(content)
    text = refused_checkpoint(folder)
    assert str(folder) in text and file in text


def test_a_model_of_another_kind(folder):
    (folder / "config.json").write_text('{"model_type": "bert"}')
    assert "bert" in refused_checkpoint(folder)


@pytest.mark.parametrize("keep", [0, 5, 2000, 0.5, -1])
def test_a_weight_file_that_was_cut_short(folder, keep):
    content = (folder / WEIGHTS).read_bytes()
    end = int(keep * len(content)) if isinstance(keep, float) else keep
    (folder / WEIGHTS).write_bytes(content[:end])
    before = contents(folder)
    text = refused_checkpoint(folder)
    assert WEIGHTS in text and "restore" in text
    assert contents(folder) == before


def test_a_shipped_file_that_was_altered(folder, monkeypatch):
    monkeypatch.setattr(files, "DATA", folder.parent)
    sums = (SHIPPED.parent / "SHA256SUMS").read_text("utf-8")
    (folder.parent / "SHA256SUMS").write_text(
        sums.replace("t5-tiny/", "copy/"))
    course.check_checkpoint(str(folder))
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[-100] ^= 1
    (folder / WEIGHTS).write_bytes(content)
    text = refused_checkpoint(folder)
    assert f"copy/{WEIGHTS}" in text and "git checkout" in text
    (folder / WEIGHTS).unlink()
    assert "missing" in refused_checkpoint(folder)


# ---- the hub ----

@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub with one model, and an empty cache beside it."""
    from huggingface_hub import constants, file_download
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("course.models.hub.SECONDS", 1)
    with Hub({"someone/tiny": SHIPPED}) as hub:
        hub.cache = tmp_path / "cache"
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        monkeypatch.setattr(
            file_download, "HUGGINGFACE_CO_URL_TEMPLATE",
            hub.url + "/{repo_id}/resolve/{revision}/{filename}")
        yield hub


def test_a_name_that_the_hub_does_not_know(hub):
    for name in ("t5-smal", "someone/else"):
        text = refused_checkpoint(name)
        assert name in text and "spelling" in text
    assert hub.asked and not contents(hub.cache)


def test_a_model_from_the_hub_then_from_the_cache_without_network(hub):
    course.check_checkpoint("someone/tiny")
    hub.server.shutdown()
    hub.server.server_close()
    course.check_checkpoint("someone/tiny")
    text = refused_checkpoint("someone/other")
    assert "someone/other" in text and "network" in text


def test_no_network_and_nothing_in_the_cache(hub):
    hub.server.shutdown()
    hub.server.server_close()
    text = refused_checkpoint("t5-small")
    assert "t5-small" in text and "data/t5-tiny" in text
    assert not contents(hub.cache)


def test_a_download_that_breaks_off_leaves_no_weights_behind(hub):
    hub.cut = True
    text = refused_checkpoint("someone/tiny")
    assert "someone/tiny" in text and "try again" in text
    assert not [path for path in contents(hub.cache) if path.name == WEIGHTS]
    hub.cut = False
    course.check_checkpoint("someone/tiny")


def test_a_file_that_was_damaged_in_the_cache(hub):
    course.check_checkpoint("someone/tiny")
    file, = hub.cache.glob(f"**/{WEIGHTS}")
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.resolve().write_bytes(content)
    text = refused_checkpoint("someone/tiny")
    assert str(file) in text and "delete" in text


def test_a_hub_that_lacks_the_weights(hub, folder):
    (folder / WEIGHTS).unlink()
    hub.repositories["someone/old"] = folder
    text = refused_checkpoint("someone/old")
    assert "someone/old" in text and WEIGHTS in text


# ---- weights ----

@pytest.fixture(scope="module")
def model():
    course.start(chapter=4)
    from transformers import TFAutoModelForSeq2SeqLM
    return TFAutoModelForSeq2SeqLM.from_pretrained(str(SHIPPED))


def test_all_weights_arrived(model, folder, capsys):
    course.check_weights(model, "data/t5-tiny")
    line = capsys.readouterr().out
    tensors = load_file(SHIPPED / WEIGHTS)
    assert f"{len(tensors)} tensors" in line and line.count("\n") == 1
    assert f"{sum(a.size for a in tensors.values()):,}" in line


def test_one_weight_that_differs(model, folder):
    name = "decoder.block.0.layer.1.EncDecAttention.q.weight"

    def edit(tensors):
        tensors[name] = tensors[name].copy()
        tensors[name][3, 5] += 0.5
    change(folder, edit)
    text = refused(course.check_weights, model, str(folder))
    assert name in text and str(folder) in text


def test_a_weight_that_was_initialised_again(model):
    variable = model.get_input_embeddings().weights[0]
    value = variable.numpy()
    try:
        variable.assign(np.random.default_rng(0).normal(size=value.shape))
        text = refused(course.check_weights, model, "data/t5-tiny")
        assert "shared.weight" in text
    finally:
        variable.assign(value)
    course.check_weights(model, "data/t5-tiny")


def test_a_weight_that_is_missing_in_the_file(model, folder):
    change(folder, lambda tensors: tensors.pop(NORM))
    assert NORM in refused(course.check_weights, model, str(folder))


def test_a_weight_of_another_name_is_never_just_a_warning(folder):
    from transformers import TFAutoModelForSeq2SeqLM

    def edit(tensors):
        tensors["encoder.norm"] = tensors.pop(NORM)
    change(folder, edit)
    course.check_checkpoint(str(folder))
    loaded = TFAutoModelForSeq2SeqLM.from_pretrained(str(folder))
    assert NORM in refused(course.check_weights, loaded, str(folder))


def test_a_weight_too_many(model, folder):
    def edit(tensors):
        tensors["encoder.block.9.layer.0.layer_norm.weight"] = tensors[NORM]
    change(folder, edit)
    text = refused(course.check_weights, model, str(folder))
    assert "encoder.block.9" in text


def test_copies_of_the_embedding_may_stay_behind_if_they_are_copies(
        model, folder, capsys):
    unused = "decoder.block.0.layer.1.EncDecAttention"  # the first T5 had it

    def edit(tensors):
        tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"]
        tensors[f"{unused}.relative_attention_bias.weight"] = np.ones((32, 4))
    change(folder, edit)
    course.check_weights(model, str(folder))

    def spoil(tensors):
        tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"] + 1
    change(folder, spoil)
    text = refused(course.check_weights, model, str(folder))
    assert "encoder.embed_tokens.weight" in text


def test_weights_in_several_files(model, folder):
    tensors = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    names, parts = sorted(tensors), {}
    for number, part in enumerate((names[:20], names[20:]), start=1):
        file = f"model-{number:05}-of-00002.safetensors"
        save_file({n: tensors[n] for n in part}, folder / file,
                  {"format": "pt"})
        parts |= dict.fromkeys(part, file)
    (folder / f"{WEIGHTS}.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": parts}))
    course.check_checkpoint(str(folder))
    course.check_weights(model, str(folder))
    (folder / file).unlink()
    assert file in refused_checkpoint(folder)


# ---- the seed ----

@pytest.mark.parametrize("seed", ["0", 1.5, None, True, -1, 2**32, [1]])
def test_a_seed_that_is_no_whole_number(seed):
    assert repr(seed) in refused(course.set_seed, seed)
