"""Our T5 against two that others wrote, and what it refuses."""
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from helpers import change, refused
from safetensors.numpy import load_file, save_file

import course
from ci import BUILD, ROOT
from ci.bench import checkpoints
from course.models import t5
from course.models.t5 import T5

WEIGHTS = "model.safetensors"
NORM = "encoder.block.0.layer.0.layer_norm.weight"
TINY = {"d_model": 48, "d_kv": 16, "d_ff": 80, "num_layers": 2,
        "num_decoder_layers": 3, "num_heads": 3, "vocab_size": 300}


def difference(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


def process(*words, also=""):
    """What a Python process prints, run with the collection's modules."""
    path = os.pathsep.join(map(str, (ROOT, ROOT / "notebooks", also)))
    done = subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, timeout=1500)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1] if done.stdout else ""


@pytest.mark.parametrize("name,most", [("t5", 250), ("checkpoint", 120)])
def test_source_stays_short_enough_to_be_read(name, most):
    lines = (ROOT / f"notebooks/course/models/{name}.py").read_text(
        "utf-8").splitlines()
    assert len(lines) <= most and max(map(len, lines)) <= 79


# ---- the shipped checkpoint, in one process ----

@pytest.fixture(scope="module")
def ours():
    course.start(chapter=4)
    return T5.from_pretrained("data/t5-tiny")


@pytest.fixture(scope="module")
def theirs():
    course.start(chapter=4)
    from transformers import TFAutoModelForSeq2SeqLM
    return TFAutoModelForSeq2SeqLM.from_pretrained("data/t5-tiny")


@pytest.fixture(scope="module")
def read():
    """100 held-out sentences as ids and mask, in one batch."""
    import csv

    from transformers import AutoTokenizer
    with open("data/t5_heldout.csv", encoding="utf-8", newline="") as file:
        texts = [row["input"] for row in csv.DictReader(file)]
    tokenizer = AutoTokenizer.from_pretrained("data/t5-tiny")
    return dict(tokenizer(texts[::len(texts) // 100][:100], padding=True,
                          return_tensors="tf"))


def test_states_logits_and_texts_of_100_sentences(ours, theirs, read):
    wanted = theirs.generate(**read, max_length=65).numpy()
    assert np.array_equal(ours.generate(read["input_ids"], 64), wanted)
    out = theirs(**read, decoder_input_ids=wanted[:, :-1])
    real = read["attention_mask"].numpy()[..., None]
    states = ours.encode(read["input_ids"])[0].numpy()
    assert difference(states * real, out.encoder_last_hidden_state.numpy()
                      * real) <= 1e-5
    logits = ours(read["input_ids"], wanted[:, :-1]).numpy()
    assert difference(logits, out.logits.numpy()) <= 1e-5
    assert np.abs(logits - out.logits.numpy()).max() <= 1e-4


def test_each_row_of_a_batch_is_its_own_single_run(ours, read):
    ids = read["input_ids"].numpy()
    ids = ids[np.argsort((ids != 0).sum(axis=1))][[0, 30, 60, 99]]
    assert len(set((ids != 0).sum(axis=1))) == 4
    together = ours.generate(ids, 40)
    states = ours.encode(ids)[0].numpy()
    for row, text in enumerate(ids):
        alone = text[None, text != 0]
        Y = ours.generate(alone, 40)[0]
        assert np.array_equal(together[row, :len(Y)], Y)
        assert not together[row, len(Y):].any()
        assert difference(states[row, :alone.size],
                          ours.encode(alone)[0].numpy()[0]) <= 1e-5
        # padding on the left, or inside, is as invisible
        left = np.concatenate([[0] * 5, alone[0]])[None]
        assert np.array_equal(ours.generate(left, 40)[0], Y)


def test_what_is_written_is_the_largest_logit_of_a_run_without_cache(
        ours, read):
    ids = read["input_ids"].numpy()[:8]
    Y = ours.generate(ids, 40)
    best = ours(ids, Y[:, :-1]).numpy().argmax(axis=-1)
    for row, chosen in zip(Y, best):
        n = np.flatnonzero(row == 1)[0]
        assert np.array_equal(row[1:n + 1], chosen[:n])


def test_fewer_steps_cut_the_text(ours, read):
    ids = read["input_ids"].numpy()[:2]
    whole = ours.generate(ids, 30)
    for steps in (1, 7):
        assert np.array_equal(ours.generate(ids, steps),
                              whole[:, :steps + 1])


def test_empty_text_and_a_text_longer_than_all_buckets(ours, theirs):
    import tensorflow as tf
    long = checkpoints.prompts(2, 5, 700, 4800)
    for ids in ([[1]], long):
        mask = tf.constant((np.array(ids) != 0).astype("int32"))
        wanted = theirs.generate(tf.constant(ids, "int32"),
                                 attention_mask=mask, max_length=10)
        assert np.array_equal(ours.generate(ids, 9), wanted)


@pytest.mark.parametrize("ids", [
    [], [[]], [5, 1], [[[5, 1]]], [[0.5, 1.0]], "text", [["a"]], None])
def test_ids_that_are_none(ours, ids):
    assert "ids must be whole numbers" in refused(ours.generate, ids)


def test_ids_of_another_vocabulary_padding_alone_no_steps(ours):
    last = ours.c["vocab_size"] - 1
    assert str(last) in refused(ours.generate, [[last + 1, 1]])
    assert str(last) in refused(ours.generate, [[-1, 1]])
    assert "padding" in refused(ours.generate, [[5, 1], [0, 0]])
    for steps in (0, -1, 2.5, None):
        assert repr(steps) in refused(ours.generate, [[5, 1]], steps)


def test_many_shapes_and_not_a_word(capfd):
    """TensorFlow complains of a function that it traces again and again."""
    model = filled(small(num_layers=1, num_decoder_layers=1))
    capfd.readouterr()
    for n in range(1, 8):
        model.generate([[5] * n + [1]] * n, 1)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("n_buckets,longest", [(32, 128), (32, 64), (8, 20)])
def test_buckets_are_the_librarys(causal, n_buckets, longest):
    import tensorflow as tf
    from transformers.models.t5.modeling_tf_t5 import TFT5Attention
    distance = np.arange(-1000, 1001)
    wanted = TFT5Attention._relative_position_bucket(
        tf.constant(distance, "int32"), bidirectional=not causal,
        num_buckets=n_buckets, max_distance=longest)
    assert np.array_equal(
        t5.bucket(distance, n_buckets, longest, not causal), wanted)


# ---- mutants: what a mistake does to the logits ----

def small(**changes):
    return {**checkpoints.COMMON, **TINY, **changes}


def filled(config, seed=0):
    model = T5(config)
    drawn = checkpoints.tensors(model.c, seed)
    for W in model.weights:
        W.assign(drawn[W.path.replace("/", ".")])
    return model


def turned(model):
    W = model.decoder.blocks[0].attend[0].W_q.W
    W.assign(W.numpy().T)


def off_by_one(formula):
    def bucket(distance, n_buckets, longest, both_ways):
        return np.minimum(formula(distance, n_buckets, longest, both_ways)
                          + (distance < -8), n_buckets - 1)
    return bucket


MUTANTS = {
    "bucket off by one": lambda model, patch: patch.setattr(
        t5, "bucket", off_by_one(t5.bucket)),
    "buckets for one side": lambda model, patch: patch.setattr(
        t5, "bucket", lambda d, n, longest, both, b=t5.bucket: b(
            d, n, longest, False)),
    "another longest distance": lambda model, patch: patch.setattr(
        t5, "bucket", lambda d, n, longest, both, b=t5.bucket: b(
            d, n, 100, both)),
    "a matrix turned": lambda model, patch: turned(model),
    "scores scaled": lambda model, patch: patch.setattr(
        t5.Attention, "call", lambda self, X, K, V, bias,
        right=t5.Attention.call: right(self, X, K / 4, V, bias)),
    "logits not scaled": lambda model, patch: setattr(model, "tied", False),
    "no mask of padding": lambda model, patch: patch.setattr(t5, "FAR", 0.0),
    "exact gelu": lambda model, patch: patch.setattr(
        t5.ops, "gelu", lambda x, approximate, f=t5.ops.gelu: f(
            x, approximate=False)),
    "another epsilon": lambda model, patch: [
        setattr(block.norms[0], "eps", 1e-2)
        for block in model.encoder.blocks],
}


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_mistake_shows_in_the_logits(mistake, monkeypatch):
    config = small(d_model=48, feed_forward_proj="gated-gelu"
                   if "gelu" in mistake else "relu")
    ids = checkpoints.prompts(3, 20, 150, 300)
    Y = checkpoints.prompts(3, 140, 140, 300, seed=1)
    model = filled(config)
    right = model(ids, Y).numpy()
    assert difference(filled(config)(ids, Y).numpy(), right) <= 1e-6
    MUTANTS[mistake](model, monkeypatch)
    assert difference(model(ids, Y).numpy(), right) > 2e-4


# ---- real configurations, in processes of their own ----

@pytest.mark.slow
@pytest.mark.parametrize("name", ["t5-small", "t5-v1_1-small"])
def test_real_widths_with_random_weights(name, tmp_path):
    """In two layers: the others are the same again; `ci bench` has all."""
    where = checkpoints.make(tmp_path / name, checkpoints.config_of(
        name, num_layers=2, num_decoder_layers=2))
    process("-m", "ci.bench.equality", "reference", where)
    said = json.loads(process("-m", "ci.bench.equality", "ours", where))
    assert said["texts"] == said["alike"] == 100
    assert said["outputs"] >= 60  # else equal texts would prove little
    assert said["states"] <= 1e-5
    assert said["logits"] <= 1e-4 and said["logits_absolute"] <= 1e-4


# ---- keras-hub's T5, which nobody here wrote ----

@pytest.fixture(scope="module")
def kerashub():
    """The folder with keras-hub, installed for this test alone."""
    where = BUILD / "kerashub"
    wanted = ROOT / "ci/locks/requirements-kerashub.txt"
    stamp = where / "requirements.txt"
    if not stamp.is_file() or stamp.read_text() != wanted.read_text():
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
             "--no-input", "--require-hashes", "--upgrade", "--target", where,
             "-r", wanted], capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            told = f"keras-hub could not be installed: {last}"
            if os.environ.get("CI", "").lower() in ("1", "true"):
                pytest.fail(told)
            pytest.skip(told)
        shutil.copy(wanted, stamp)
    return where


@pytest.mark.slow
def test_keras_hub_agrees(kerashub):
    said = json.loads(process("ci/tests/course/models/kerashub_t5.py",
                              also=kerashub))
    for name in ("t5-small", "t5-v1_1-small"):
        assert max(said[name].values()) <= 1e-5, name
    # what its "gelu" would be: the exact one, while T5 1.1 has tanh's
    assert min(said["t5-v1_1-small, exact gelu"].values()) > 2e-4


# ---- files ----

def load(folder):
    return T5.from_pretrained(str(folder))


@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16"])
def test_files_of_three_precisions_and_in_parts(kind, tmp_path):
    import ml_dtypes
    where = checkpoints.make(tmp_path / "t5", small(
        feed_forward_proj="gated-gelu", tie_word_embeddings=False))
    dtype = {"bfloat16": ml_dtypes.bfloat16}.get(kind, kind)
    stored = {name: a.astype(dtype) for name, a in
              load_file(where / WEIGHTS).items()}
    names = sorted(stored)
    parts = {"model-00001-of-00002.safetensors": names[:20],
             "model-00002-of-00002.safetensors": names[20:]}
    (where / WEIGHTS).unlink()
    for file, some in parts.items():
        save_file({n: stored[n] for n in some}, where / file)
    (where / f"{WEIGHTS}.index.json").write_text(json.dumps({
        "weight_map": {n: file for file, some in parts.items()
                       for n in some}}))
    model = load(where)
    for W in model.weights:
        name = W.path.replace("/", ".")
        assert np.array_equal(W.numpy(), stored[name].astype("float32")), name
    assert len(model.weights) == len(stored)
    (where / file).unlink()
    assert file in refused(load, where)


def test_without_the_librarys_model_classes():
    process("-c", "import sys, course; course.start(chapter=4)\n"
            "from course.models.t5 import T5\n"
            "T5.from_pretrained('data/t5-tiny').generate([[5, 1]], 3)\n"
            "assert not [m for m in sys.modules if 'modeling_t' in m]\n"
            "assert 'tf_keras' not in sys.modules")


@pytest.mark.parametrize("spoil,named", [
    (lambda t: t.pop(NORM), NORM),
    (lambda t: t.update({"encoder.extra": t[NORM]}), "encoder.extra"),
    (lambda t: t.update({NORM: t[NORM][:-1]}), NORM),
    (lambda t: t.update({NORM: t[NORM].astype("float64")}), NORM),
    (lambda t: t.update({NORM: t[NORM].astype("int8")}), NORM),
    (lambda t: t.update({"lm_head.weight": t["shared.weight"] + 1}),
     "lm_head.weight"),
    (lambda t: t.update({"shared.weight": t["shared.weight"].T.copy()}),
     "shared.weight"),
])
def test_a_tensor_that_does_not_fit(folder, spoil, named):
    change(folder, spoil)
    assert named in refused(load, folder)


def test_nothing_is_loaded_half(folder, ours):
    """The last tensor is bad: the first must not have arrived."""
    model = T5(json.loads((folder / "config.json").read_text()))
    places = {W.path.replace("/", "."): W for W in model.weights}
    change(folder, lambda t: t.update({
        list(places)[-1]: np.zeros((2, 2), "float16")}))
    before = [W.numpy() for W in model.weights]
    assert list(places)[-1] in refused(t5.load_weights, str(folder), places)
    assert all(np.array_equal(old, W.numpy())
               for old, W in zip(before, model.weights))


@pytest.mark.parametrize("keep", [0, 2000, -1])
def test_a_file_cut_short(folder, keep):
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[:keep])
    assert WEIGHTS in refused(load, folder)


@pytest.mark.parametrize("key,value", [
    ("model_type", "bart"), ("feed_forward_proj", "gated-silu"),
    ("d_model", None), ("d_model", "128"), ("num_heads", 0),
    ("vocab_size", -4), ("d_ff", 2.5), ("is_encoder_decoder", False)])
def test_a_config_that_is_none(folder, key, value):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, key: value}))
    text = refused(load, folder)
    assert str(folder) in text
    assert key in text or key == "is_encoder_decoder"


def test_sizes_that_the_weights_contradict(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "d_ff": 64}))
    assert "DenseReluDense" in refused(load, folder)
