"""What serves chapter 7: its trainer, and the ledger of all claims."""
import json

import numpy as np
import pytest

from ci import chapters
from course import claims, ledger, setup
from course.messages import CourseError, message

# ---- the trainer ----


def test_adam_finds_the_bottom_of_a_bowl():
    import tensorflow as tf
    from course.trends import adam
    w = tf.Variable([3.0, -4.0])
    adam(lambda step: tf.reduce_sum((w - [1.0, 2.0])**2), [w], 400, 0.1)
    assert np.allclose(w, [1, 2], atol=1e-2)


def two_classes(rng, m=300):
    X = rng.normal(size=(m, 2)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(int)


def test_each_network_learns_from_its_own_pool():
    """The second pool has the classes the other way round."""
    import tensorflow as tf
    from course import stacks
    from course.trends import train
    rng = np.random.default_rng(0)
    X, y = two_classes(rng)
    both, names = np.concatenate([X, X]), np.concatenate([y, 1 - y])
    weights = stacks.start([2, 2], 2, rng)
    P = np.repeat(np.eye(2)[names][None], 2, axis=0)
    train(lambda x: x @ weights[0] + weights[1], weights, both, P, 200, 0,
          lr=0.05, pools=[np.arange(300), np.arange(300, 600)])
    z = (tf.constant(X)[None] @ weights[0] + weights[1]).numpy()
    first, second = np.mean(z.argmax(axis=-1) == y, axis=1)
    assert first > 0.95 and second < 0.05


def test_a_temperature_makes_logits_larger():
    """softmax(z / T) is to meet the same targets, so z grows like T."""
    from course import stacks
    from course.trends import train
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2)).astype(np.float32)
    p = 1 / (1 + np.exp(-X[:, 0]))
    weights = stacks.start([2, 2], 2, rng)
    train(lambda x: x @ weights[0] + weights[1], weights, X,
          np.repeat(np.stack([1 - p, p], axis=1)[None], 2, axis=0), 800, 0,
          lr=0.05, T=np.array([1.0, 4])[:, None, None])
    slope = (weights[0][:, 0, 1] - weights[0][:, 0, 0]).numpy()
    assert np.allclose(slope, [1, 4], rtol=0.1)


# ---- the ledger ----


def a_chapter(folder, number, rows):
    """A notebook with a closing table of these (id, verdict's words)."""
    head = "| id | a | b | Verdict | c |\n| --- | --- | --- | --- | --- |\n"
    text = head + "\n".join(rf"| {id} | x \| y | en | {words} | 3 \| 4 |"
                            for id, words in rows)
    cell = {"source": ["claims_table()"], "outputs": [
        {"data": {"text/plain": text.splitlines(True)}}]}
    other = {"source": ["# claims"], "outputs": []}
    (folder / "notebooks").mkdir(exist_ok=True)
    (folder / "notebooks" / f"0{number}_x.ipynb").write_text(
        json.dumps({"cells": [other, cell]}), "utf-8")


@pytest.fixture
def empty(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    return tmp_path


def test_a_chapter_that_is_not_there_has_no_verdicts(empty):
    assert ledger.committed(6) == {}


def test_verdicts_are_read_from_the_closing_table(empty):
    a_chapter(empty, 6, [("6.1", "holds"), ("6.2", "holds with limits"),
                         ("6.3", "does not hold")])
    assert ledger.committed(6) == {"6.1": "holds", "6.2": "limits",
                                   "6.3": "fails"}


@pytest.mark.parametrize("rows", [
    [("6.1", "perhaps")], [("6.9", "holds")], [("5.a", "holds")],
    [("6.1", "holds"), ("6.1", "holds")]],
    ids=["no verdict", "no claim", "another chapter's", "twice"])
def test_a_table_that_is_odd_is_refused(empty, rows):
    a_chapter(empty, 6, rows)
    with pytest.raises(CourseError, match="06_x.ipynb.*refresh"):
        ledger.committed(6)


def test_every_claim_stands_once(empty, monkeypatch):
    a_chapter(empty, 6, [("6.1", "does not hold")])
    a_chapter(empty, 7, [("7.a", "does not hold")])  # this run counts
    monkeypatch.setattr(setup, "chapter", 7)
    monkeypatch.setattr(claims, "recorded", {
        f"7.{letter}": ("holds", "") for letter in "abcdef"})
    found = ledger.ledger()
    assert list(found) == list(claims.all_claims())
    assert found["6.1"] == "fails" and found["7.a"] == "holds"
    assert found["1.a"] == found["6.2"] == ledger.OPEN
    del claims.recorded["7.c"]
    with pytest.raises(CourseError, match="7.c"):
        ledger.ledger()


def committed_ledger():
    """{id: verdict's words} as chapter 7 shows it, each row once."""
    cells = json.loads(chapters()[7].read_text("utf-8"))["cells"]
    table, = (cell for cell in cells
              if '"ledger.header"' in "".join(cell["source"]))
    rows = "".join(table["outputs"][0]["data"]["text/plain"]).splitlines()
    pairs = [(row.split(" | ")[0].strip("| "), row.rpartition(" | ")[2][:-2])
             for row in rows[2:]]
    assert len({id for id, _ in pairs}) == len(pairs)
    return dict(pairs)


def test_the_ledger_says_what_the_chapters_say():
    shown, all_ids = committed_ledger(), list(claims.all_claims())
    assert list(shown) == all_ids
    known = {}
    for number in range(1, 9):
        known.update(ledger.committed(number))
    wrong = [id for id in all_ids if shown[id] != message(
        f"verdict.{known.get(id, ledger.OPEN)}")]
    assert not wrong, ("the ledger is older than the chapters, at %s: run "
                       "`python3 ci refresh 7`" % ", ".join(wrong))


def test_every_chapter_that_is_there_has_a_verdict_for_each_claim():
    for number in chapters():
        own = [id for id in claims.all_claims()
               if id.startswith(f"{number}.")]
        assert list(ledger.committed(number)) == own
