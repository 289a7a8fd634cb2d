"""Chapter 5's shipped models: whose they are, what they can do, unseen."""
import importlib.util

import numpy as np
import pytest

from course import CourseError, files
from course.applications import biology, detection, speech
from course.datasets import digits
from course.models import weights

MAKERS = {"detector": detection.detector, "recogniser": speech.recogniser,
          "chemist": biology.chemist}


@pytest.fixture(scope="module")
def models():
    return {name: weights.load_weights(make(), name)
            for name, make in MAKERS.items()}


class Untouchable:
    """A test part: whoever looks into it is found out."""

    def looked_at(self, *_):
        raise AssertionError("training looked at the test part")

    __getattr__ = __getitem__ = __iter__ = __len__ = looked_at


LOADERS = {"detector": (digits, "digits_by_copy"),
           "recogniser": (speech, "spoken_parts"),
           "chemist": (biology, "load_molecules")}


@pytest.fixture(scope="module")
def recipes():
    path = files.DATA / "make_models.py"
    spec = importlib.util.spec_from_file_location("make_models", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", MAKERS)
def test_their_training_never_sees_a_test_part(name, recipes, monkeypatch):
    module, loader = LOADERS[name]
    train, _ = getattr(module, loader)()
    monkeypatch.setattr(module, loader, lambda: (train, Untouchable()))
    monkeypatch.setattr(recipes, "EXAMPLES", dict.fromkeys(MAKERS, 40))
    monkeypatch.setattr(recipes, "BATCH", dict.fromkeys(MAKERS, 4))
    _, draw, loss = getattr(recipes, name)()
    batch = draw(np.random.default_rng(0))
    assert np.isfinite(float(loss(*batch)))


def test_that_proof_sees_who_looks():
    with pytest.raises(AssertionError, match="test part"):
        list(Untouchable())


def test_a_file_is_small(models):
    for name in models:
        path = files.data_file(f"models/{name}.safetensors")
        assert path.stat().st_size < 500_000


def test_weights_come_back_as_they_were_saved(tmp_path, monkeypatch):
    import hashlib
    model = biology.chemist()
    path = tmp_path / "models" / "chemist.safetensors"
    path.parent.mkdir()
    weights.save_weights(model, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(
        f"{digest}  models/chemist.safetensors\n")
    monkeypatch.setattr(files, "DATA", tmp_path)
    again = weights.load_weights(biology.chemist(), "chemist")
    for a, b in zip(model.get_weights(), again.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-6)


def test_weights_of_another_model_are_refused_and_change_nothing():
    model = biology.chemist()
    before = model.get_weights()
    with pytest.raises(CourseError, match="detector"):
        weights.load_weights(model, "detector")
    assert all((a == b).all() for a, b
               in zip(before, model.get_weights()))


def test_altered_weights_are_refused(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    sums = (files.DATA / "SHA256SUMS").read_text()
    (tmp_path / "SHA256SUMS").write_text(sums)
    whole = (files.DATA / "models/chemist.safetensors").read_bytes()
    (tmp_path / "models/chemist.safetensors").write_bytes(whole[:-9])
    monkeypatch.setattr(files, "DATA", tmp_path)
    with pytest.raises(CourseError, match="chemist"):
        weights.load_weights(biology.chemist(), "chemist")


@pytest.mark.parametrize("seed", [11, 12])
def test_the_detector_finds_digits_of_unseen_copies(models, seed):
    _, unseen = digits.digits_by_copy()
    scenes = detection.scenes(unseen, 40, seed)
    found = detection.detect(models["detector"],
                          np.stack([s.picture for s in scenes]))
    assert detection.mean_average_precision([*zip(scenes, found)]) > 0.85


def test_cells_say_what_was_put_into_them():
    """What `grid_targets` writes, `detect` reads: boxes come back exactly."""
    train, _ = digits.digits_by_copy()
    for scene in detection.scenes(train, 20, 7):
        Y = detection.grid_targets([scene])[0]
        z = np.full((8, 8, 15), -9.0)
        there = Y[..., 0] == 1
        z[there, 0] = 9
        part = Y[there][:, 1:3].clip(1e-6, 1 - 1e-6)
        z[there, 1:3] = np.log(part / (1 - part))
        z[there, 3:5] = Y[there][:, 3:5]
        z[np.nonzero(there) + (5 + Y[there][:, 5].astype(int),)] = 9
        found = detection.detect(lambda X: z[None], scene.picture[None])[0]
        order = np.lexsort(scene.boxes.T)
        again = np.lexsort(np.round(found.boxes).T)
        np.testing.assert_allclose(found.boxes[again], scene.boxes[order],
                                   atol=1e-3)
        assert (found.labels[again] == scene.labels[order]).all()


@pytest.mark.parametrize("snr", [None, 20])
def test_the_recogniser_understands_fresh_voices(models, snr):
    unseen = speech.fresh_voices()
    said = speech.digit_strings(unseen, 150, 13, test=True, snr=snr)
    heard = speech.recognise(models["recogniser"], [u.sound for u in said])
    assert speech.word_error_rate(
        [*zip([u.digits for u in said], heard)]) < 0.2  # measured: 0.17 clean


def test_paths_collapse():
    z = np.full((1, 8, 11), 0.0)
    for t, sign in enumerate([3, 3, 10, 3, 10, 7, 7, 10]):
        z[0, t, sign] = 1
    sound = np.random.default_rng(0).normal(size=2 * 8 * speech.HOP - 70)
    assert speech.recognise(lambda X: z, [sound]) == [(3, 3, 7)]


def test_the_chemist_writes_new_molecules(models):
    train, _ = biology.load_molecules()
    written = biology.write_molecules(models["chemist"], 200, 3)
    valid = [s for s in written if biology.is_valid(s)]
    new = {biology.canonical(s) for s in valid} - set(train)
    assert len(valid) > 170 and len(new) > 0.7 * len(valid)


def test_all_molecules_can_be_written():
    for part in biology.load_molecules():
        assert biology.letters_of(part).shape == (len(part), 61)


@pytest.mark.parametrize("smiles", ["C" * 60, "C~C", "Pb"])
def test_what_the_chemist_cant_write_is_told(smiles):
    with pytest.raises(CourseError, match="training molecules"):
        biology.letters_of([smiles])
