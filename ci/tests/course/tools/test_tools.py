"""What chapter 6 leans on, and the chapter with its optional extras."""
import copy
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time

import nbformat
import numpy as np
import pytest
from helpers import BINDER
from nbformat.v4 import new_code_cell

from ci import BUILD, ROOT
from ci.execution import execute
from ci.quality import measured
from course.messages import CourseError
from course.datasets import reviews
from course.models import classifier, ngrams
from course.tools import backends, tensorboard, timing

EXTRAS = ROOT / "ci" / "locks" / "requirements-backends.txt"
CHAPTER = ROOT / "notebooks" / "06_tools.ipynb"


def pins(path):
    """{package: version} of a file of requirements."""
    return dict(re.findall(r"^([\w-]+)==([\w.]+)", path.read_text("utf-8"),
                           re.M))


# ---- the classifier ----

def test_ids_of_words():
    words = classifier.vocabulary(["Not weak!", "weak, weak"])
    assert classifier.split("Not weak!") == ["not", "weak", "!"]
    ids = classifier.to_ids(["Weak! Unheard", "weak " * 99], words)
    T = classifier.SIZES["T"]
    weak = words["weak"]
    assert ids.shape == (2, T)
    assert ids[0, :5].tolist() == [classifier.START, weak, words["!"],
                                   classifier.OTHER, classifier.PAD]
    assert ids[1].tolist() == [classifier.START] + [weak] * (T - 1)
    assert min(words.values()) > max(classifier.PAD, classifier.START,
                                     classifier.OTHER)


def test_every_tool_begins_with_the_same_numbers():
    W = classifier.draw_weights(20)
    again = classifier.draw_weights(20)
    assert all(np.array_equal(W[name], again[name]) for name in W)
    numbers = sorted(np.concatenate([a.ravel() for a in W.values()]))
    for layout, zeros in ((classifier.torch_layout, 0),
                          (classifier.bert_layout, W["words"].shape[1])):
        there = [a.ravel() for a in layout(W).values()]
        there = sorted(np.concatenate(there))
        assert len(there) == len(numbers) + zeros
        assert there.count(0) == zeros
        assert [x for x in there if x] == numbers


def test_keras_arrays_come_back_under_our_names():
    W = classifier.draw_weights(20)
    D, heads = classifier.SIZES["D"], classifier.SIZES["n_heads"]
    there = {f"{name}/embeddings": W[name] for name in ("words", "places")}
    there |= {f"{k}/{long}": W[f"{short}_{k}"] for k in "12pc"
              for long, short in (("kernel", "W"), ("bias", "b"))}
    there |= {f"norm_{k}/{long}": W[f"{short}_{k}"] for k in "012"
              for long, short in (("gamma", "scale"), ("beta", "shift"))}
    for k, name in zip("qkv", ("query", "key", "value")):
        there[f"attention/{name}/kernel"] = W[f"W_{k}"].reshape(D, heads, -1)
        there[f"attention/{name}/bias"] = W[f"b_{k}"].reshape(heads, -1)
    there["attention/attention_output/kernel"] = W["W_o"].reshape(
        heads, -1, D)
    there["attention/attention_output/bias"] = W["b_o"]
    back = classifier.from_keras(there)
    assert set(back) == set(W)
    assert all(np.array_equal(back[name], W[name]) for name in W)


# ---- its baselines, and the words with which reviews judge ----

def test_tables_of_n_grams():
    rows = [(1, 2, 3), (1, 2, 2), (2, 1, 0)]
    known = ngrams.tables(rows, 3)
    assert known[2][0][1, 2] == 2 and known[2][1][(1,)] == 3
    for before in ((), (1,), (1, 2), (3, 3)):  # the last never seen
        p = [ngrams.probability((*before, token), known, 4, 1.5)
             for token in range(4)]
        assert abs(sum(p) - 1) < 1e-12 and min(p) > 0
    # of nine tokens 2 stands four times: (4 + a / 4) / (9 + a)
    assert abs(ngrams.probability((2,), known, 4, 2.0) - 4.5 / 11) < 1e-12
    again = [(0, 1, 2, 3) * 3]
    losses = [ngrams.best_loss(again, again, n, 4) for n in (1, 2, 3)]
    assert losses[0] > losses[1] and losses[2] < 0.5 < losses[0] < 1.5


def test_words_of_praise_and_blame_occur_in_the_reviews():
    kinds, known = reviews.opinion_words(), set()
    for text in reviews.load_reviews()[0][0]:
        known.update(classifier.split(text))
    assert set(kinds) <= known and len(kinds) == 25
    assert set(kinds.values()) == {"positive", "negative"}
    assert kinds["wonderful"] == "positive" and kinds["dull"] == "negative"


def test_the_best_of_several_times_and_the_mean_of_a_pipe():
    done = []
    took = timing.milliseconds_in_turns(
        {name: lambda name=name: done.append(name) for name in "ab"}, 2)
    assert list(took) == ["a", "b"] and max(took.values()) < 100
    assert "".join(done) == "ababab"  # the first round is not timed
    slow = (time.sleep(0.01) for _ in range(3))
    assert 9 < timing.milliseconds_a_batch(slow) < 100


def test_pins_of_the_optional_extras():
    """README, page and the tests name the same PyTorch."""
    torch = pins(EXTRAS)["torch"]
    locks = ROOT / "ci" / "locks"
    assert pins(locks / "requirements-torch.txt")["torch"] == torch
    for file in ("README.md", "notebooks/course/messages/chapter6.csv"):
        text = (ROOT / file).read_text("utf-8")
        assert set(re.findall(r"torch==([\d.]+)", text)) == {torch}, file
    with np.load(ROOT / "data" / "torch_run.npz") as kept:
        assert kept["version"] == torch


def test_kept_runs_from_other_seeds(monkeypatch):
    """One a seed, none the chapter's own; made by cells that are there."""
    monkeypatch.syspath_prepend(ROOT / "data")
    import make_tools_runs as script
    kept = json.loads(script.FILE.read_text("utf-8"))
    for runs, seeds in ((kept["classifier"], script.ORDERS),
                        (kept["GPT-2"], script.STARTS)):
        assert [run["seed"] for run in runs] == [*seeds] and 0 not in seeds
    for run in kept["classifier"]:
        assert run["with_not"] < run["unseen"] < run["training"] < 1
    assert all(1.2 < run["loss"] < 1.4 for run in kept["GPT-2"])
    ids = {cell.id for cell in nbformat.read(CHAPTER, as_version=4).cells}
    assert ids >= {*script.CLASSIFIER.split(), *script.LANGUAGE.split(),
                   "10-tf-30", "10-tf-41", "30-hf-23"}


# ---- TensorBoard ----

@pytest.fixture
def events(tmp_path):
    import tensorflow as tf
    writer = tf.summary.create_file_writer(str(tmp_path / "run"))
    with writer.as_default():
        for step, value in enumerate([3.0, 1.5, 0.25]):
            tf.summary.scalar("loss", value, step)
    writer.close()
    return tmp_path


@pytest.fixture
def board_of_events(events):
    with tensorboard.Board(events) as running:
        yield running


def test_board_gives_back_what_was_logged_and_is_gone(events, monkeypatch):
    # no proxy is asked for this computer
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with tensorboard.Board(events) as running:
        got = running.ask("plugin/scalars/scalars", run="run", tag="loss")
        assert running.is_running()
    assert [(step, value) for _, step, value in got] == [
        (0, 3.0), (1, 1.5), (2, 0.25)]
    assert not running.is_running()
    with pytest.raises(OSError):  # nobody answers any more
        running.ask("plugin/scalars/scalars", run="run", tag="loss")


@pytest.mark.parametrize("path, query", [
    ("plugin/nothere", {}),
    ("plugin/scalars/scalars", {"run": "run", "tag": "nothere"}),
    ("plugin/scalars/scalars", {"run": "nothere", "tag": "loss"})])
def test_board_says_at_once_what_it_lacks(path, query, board_of_events):
    begin = time.monotonic()
    with pytest.raises(CourseError, match="404"):
        board_of_events.ask(path, **query)
    assert time.monotonic() - begin < 10


def test_board_that_does_not_start_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard, "START",
                        "raise SystemExit('no board here')")
    with pytest.raises(CourseError, match="no board here"):
        tensorboard.Board(tmp_path).__enter__()


def test_board_is_gone_after_an_error(events):
    with pytest.raises(ZeroDivisionError):
        with tensorboard.Board(events) as running:
            1 / 0
    assert not running.is_running()


def test_a_training_that_is_logged_again_has_its_own_folder():
    """And its histograms are ours: Keras 3.13 gives all kernels one name."""
    cells = nbformat.read(CHAPTER, as_version=4).cells
    fit, = [cell.source for cell in cells if "= EachStep()" in cell.source]
    assert fit.index("tempfile.TemporaryDirectory()") < fit.index(".fit(")
    assert "histogram_freq" not in fit


# ---- other back ends ----

def test_a_back_end_that_fails_is_told_in_a_line():
    with pytest.raises(CourseError, match="nothere"):
        backends.on_backend("nothere", "import nothere", "", {}, {}, None)
    assert backends.installed("json", "nothere") == ["json"]


@pytest.fixture(scope="module")
def extras():
    """A folder with PyTorch and JAX, installed for this test alone."""
    where = BUILD / "backends"
    stamp = where / "requirements.txt"
    if not stamp.is_file() or stamp.read_text() != EXTRAS.read_text():
        shutil.rmtree(where, ignore_errors=True)
        where.mkdir(parents=True)
        # what both need and this environment has stays at its version
        # (of this folder alone: a test may have put others on sys.path)
        same = where / "constraints.txt"
        same.write_text("".join(
            f"{one.name}=={one.version}\n"
            for one in importlib.metadata.distributions(
                path=[sysconfig.get_path("purelib")])))
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-input",
             "--target", where, "-c", same, "-r", EXTRAS],
            capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            told = f"PyTorch and JAX could not be installed: {last}"
            if os.environ.get("CI", "").lower() in ("1", "true"):
                pytest.fail(told)
            pytest.skip(told)
        shutil.copy(EXTRAS, stamp)
    return where


# what these cells print depends on what is installed
ANEW = {"20-torch-10", "40-keras-28"}
PORTED = """
names = {"input_text": words_in}
exec("from transformers import AutoTokenizer, AutoModelForSeq2SeqLM\\n"
     + ported.replace('"t5-small"', "folder"),
     {"folder": files[0].parent}, names)
assert names["output_text"] == t5_tokenizer.decode(
    out[0], skip_special_tokens=True)"""


@pytest.mark.slow
def test_chapter_6_with_pytorch_and_jax(extras, tmp_path, monkeypatch):
    """It prints the same, and has really computed with both."""
    assert not importlib.util.find_spec("torch")  # the other way is nbval's
    monkeypatch.setenv("PYTHONPATH", str(extras))
    committed = nbformat.read(CHAPTER, as_version=4)
    nb = copy.deepcopy(committed)
    nb.cells.append(new_code_cell(
        "assert pytorch and set(answers) == {'torch', 'jax'}\n"
        "assert 'PyTorch' in took", id="really"))
    nb.cells.append(new_code_cell(PORTED, id="ported"))
    result = execute(6, nb, tmp_path / CHAPTER.name, cwd=tmp_path, bar=False)
    assert result.error is None
    ran = nbformat.read(result.output, as_version=4)
    for before, now in zip(committed.cells, ran.cells):
        if before.id in ANEW:
            assert "now against the kept numbers" in str(now.outputs)
            assert "now against" not in str(before.outputs)
        elif before.cell_type == "code" and "nbval-ignore-output" not in (
                before.metadata.get("tags", [])):
            assert measured.compare(before.outputs, now.outputs,
                                    before.metadata) == [], before.source
    assert result.peak <= BINDER
