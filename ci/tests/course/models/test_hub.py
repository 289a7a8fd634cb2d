"""The way of a reader with a network: `-p CHECKPOINT t5-small`.

A hub on loopback serves t5-small's own configuration with random weights;
its size, its names and its download are the real ones, its words are not.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from safetensors.numpy import save_file

from ci import ROOT
from course.tools.hub_server import Hub

# https://huggingface.co/t5-small/blob/main/config.json
CONFIG = {
    "architectures": ["T5ForConditionalGeneration"], "model_type": "t5",
    "d_ff": 2048, "d_kv": 64, "d_model": 512, "num_layers": 6,
    "num_decoder_layers": 6, "num_heads": 8, "vocab_size": 32128,
    "decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0,
    "dropout_rate": 0.1, "feed_forward_proj": "relu",
    "initializer_factor": 1.0, "is_encoder_decoder": True,
    "layer_norm_epsilon": 1e-06, "n_positions": 512, "output_past": True,
    "relative_attention_num_buckets": 32, "use_cache": True,
    "task_specific_params": {
        "summarization": {
            "early_stopping": True, "length_penalty": 2.0, "max_length": 200,
            "min_length": 30, "no_repeat_ngram_size": 3, "num_beams": 4,
            "prefix": "summarize: "},
        **{f"translation_en_to_{code}": {
            "early_stopping": True, "max_length": 300, "num_beams": 4,
            "prefix": f"translate English to {language}: "}
           for code, language in [("de", "German"), ("fr", "French"),
                                  ("ro", "Romanian")]}},
}
PARAMETERS = 60_506_624  # of t5-small, as its authors count them
UNUSED = ("decoder.block.0.layer.1.EncDecAttention."
          "relative_attention_bias.weight")  # stored, but used by no model


def random_weights(config, seed=0):
    """{name: array} for a T5, with outputs that vary and come to an end."""
    rng = np.random.default_rng(seed)
    d, ff, layers = config["d_model"], config["d_ff"], config["num_layers"]
    inner = config["d_kv"] * config["num_heads"]
    tensors = {}

    def add(name, *shape, scale):
        values = rng.standard_normal(shape, dtype=np.float32)
        tensors[f"{name}.weight"] = values * np.float32(scale)

    def norm(name):
        tensors[f"{name}.weight"] = np.ones(d, dtype=np.float32)

    def attention(name, biased):
        for part in "qkv":
            add(f"{name}.{part}", inner, d, scale=(
                (d * config["d_kv"]) if part == "q" else d)**-0.5)
        add(f"{name}.o", d, inner, scale=inner**-0.5)
        if biased:
            add(f"{name}.relative_attention_bias", 32, config["num_heads"],
                scale=1)

    add("shared", config["vocab_size"], d, scale=3)
    tensors["shared.weight"][config["eos_token_id"]] *= 12  # short texts
    for half in ("encoder", "decoder"):
        for b in range(layers):
            layer = f"{half}.block.{b}.layer"
            attention(f"{layer}.0.SelfAttention", biased=b == 0)
            norm(f"{layer}.0.layer_norm")
            if half == "decoder":
                attention(f"{layer}.1.EncDecAttention", biased=False)
                norm(f"{layer}.1.layer_norm")
            last = 2 if half == "decoder" else 1
            add(f"{layer}.{last}.DenseReluDense.wi", ff, d, scale=d**-0.5)
            # large, so that a token is not simply repeated
            add(f"{layer}.{last}.DenseReluDense.wo", d, ff,
                scale=10 * ff**-0.5)
            norm(f"{layer}.{last}.layer_norm")
        norm(f"{half}.final_layer_norm")
    return tensors


@pytest.fixture(scope="module")
def t5_small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t5-small")
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2))
    tensors = random_weights(CONFIG)
    small = json.loads((ROOT / "data/t5-tiny/config.json").read_text())
    tensors["shared.weight"][small["vocab_size"]:] = 0  # have no text here
    tensors["shared.weight"][1] *= 5  # the end: after a few tokens, not never
    assert sum(a.size for a in tensors.values()) == PARAMETERS
    tensors[UNUSED] = np.zeros((32, CONFIG["num_heads"]), dtype=np.float32)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(ROOT / "data" / "t5-tiny" / file, folder)
    return folder


@pytest.fixture
def collection(tmp_path):
    """A collection of its own: nothing is shared with other tests' runs."""
    folder = tmp_path / "clone"
    for part in ("ci", "notebooks", "data"):
        shutil.copytree(ROOT / part, folder / part, ignore=lambda *_: [
            "tests", "__pycache__", ".ipynb_checkpoints"])
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    only_the_transformer(next((folder / "notebooks").glob("04*.ipynb")))
    return folder


def only_the_transformer(path):
    """Leaves out what another checkpoint does not change: 4.1 and 4.2."""
    nb = nbformat.read(path, as_version=4)
    heads = {cell.source.split()[1]: k for k, cell in enumerate(nb.cells)
             if re.match(r"## (4\.\d|What) ", cell.source)}
    assert list(heads) == ["4.1", "4.2", "4.3", "What"]
    # the profiler is used in both, and imported in the first
    profiler = [cell for cell in nb.cells[heads["4.1"]:heads["4.3"]]
                if "import ProfileOptionBuilder" in cell.source]
    nb.cells = (nb.cells[:heads["4.1"]] + profiler
                + nb.cells[heads["4.3"]:heads["What"]])
    # random weights never end a text: a few are enough
    for many, few in (("== task][:100]]", "== task][:12]]"),
                      ("(right, most=16)", "(right, most=2)")):
        cell, = (cell for cell in nb.cells if many in cell.source)
        cell.source = cell.source.replace(many, few)
    nbformat.write(nb, path)


@pytest.mark.slow
def test_chapter_4_on_t5_small_from_a_hub(t5_small, collection, tmp_path):
    cache = tmp_path / "home"
    with Hub({"t5-small": t5_small}) as hub:
        env = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(cache),
               "NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_XET": "1"}
        env.pop("HF_HUB_OFFLINE", None)
        run = subprocess.run(
            [sys.executable, str(collection / "ci"), "run", "4", "-p",
             "CHECKPOINT", "t5-small"],
            cwd=collection, env=env, capture_output=True, text=True,
            encoding="utf-8", stdin=subprocess.DEVNULL, timeout=3000)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert "GET /cdn/t5-small/model.safetensors" in hub.asked
    assert hub.asked.count("GET /cdn/t5-small/model.safetensors") == 1
    weights, = cache.glob("hub/**/model.safetensors")
    assert weights.stat().st_size == (
        t5_small / "model.safetensors").stat().st_size
    executed = next((collection / "build").glob("04*.ipynb"))
    notebook = nbformat.read(executed, as_version=4)
    printed = "".join(
        output.get("text", "") for cell in notebook.cells
        if cell.cell_type == "code" for output in cell.outputs)
    # the tensors that a T5 of this size has, each equal to its file
    assert f"t5-small: 131 tensors, {PARAMETERS:,} parameters" in printed
    assert "equal to generate" in printed


# ---- a checkpoint that asks for beams and for sampling ----

CHAPTER = next((ROOT / "notebooks").glob("04*.ipynb"))
WISHES = {"num_beams": 4, "do_sample": True, "temperature": 0.7,
          "decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0}


def code_of(*parts):
    """Chapter 4's code cells that hold one of these texts, in order."""
    nb = nbformat.read(CHAPTER, as_version=4)
    cells = [cell.source for cell in nb.cells if cell.cell_type == "code"]
    for part in parts:
        assert any(part in source for source in cells), part
    return [source for source in cells
            if any(part in source for part in parts)]


def test_the_chapter_says_how_each_text_is_to_be_written():
    """Not the checkpoint: but for the document's own call, which is one."""
    said = []
    for source in code_of(".generate("):
        said += [{word.arg or word.value.left.id
                  if isinstance(word.value, ast.BinOp) else word.arg
                  or word.value.id for word in call.keywords}
                 for call in ast.walk(ast.parse(source))
                 if isinstance(call, ast.Call)
                 and getattr(call.func, "attr", None) == "generate"
                 and getattr(call.func.value, "id", None) in (
                     "model", "library")]
    assert said.count(set()) == 1
    for words in said:
        assert not words or "GREEDY" in words or words >= {
            "num_beams", "do_sample"}, words


def test_a_checkpoint_that_asks_for_sampled_beams(
        tmp_path, monkeypatch, capsys):
    import tensorflow as tf
    from course import (
        check_shape, check_weights, claim, compare, free_memory, session,
        table, use)
    monkeypatch.setattr(session, "current", session.Session(4))
    folder = tmp_path / "t5-tiny"
    shutil.copytree(ROOT / "data" / "t5-tiny", folder)
    (folder / "generation_config.json").write_text(json.dumps(WISHES))
    # of one PyTorch file the library loads the weights and returns before it
    # would read that file (4.54.1); config.json can wish the same
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **WISHES}))
    monkeypatch.chdir(ROOT)
    page = {"CHECKPOINT": str(folder), "np": np, "check_shape": check_shape,
            "check_weights": check_weights, "claim": claim,
            "compare": compare, "free_memory": free_memory, "table": table,
            "use": use, "next_token": ..., "tf": tf}
    for source in code_of(
            "from_pretrained(CHECKPOINT)\nmodel", "library = model",
            "text = GERMAN +", "def encode(", "def log_softmax(",
            "START = library", "def logits_of(", "def next_logits(",
            "doubtful = GERMAN", "def look(", "def greedy(", "CHINESE = ",
            "greedy by hand: equal", "def beam_search(", "beams = [",
            "def answer("):
        exec(source, page)
    wishes = page["library"].generation_config
    assert (wishes.num_beams, wishes.do_sample) == (4, True)
    said = capsys.readouterr().out
    assert "greedy by hand: equal to generate, 4 of 4" in said
    assert "four beams: equal to generate, 4 of 4" in said
    assert page["answer"]([page["text"]]) == [page["decode"](
        page["by_hand"][0])]
