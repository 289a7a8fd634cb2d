"""Chapter 2's shipped tables beside contest.csv, and what made them."""
import csv
import itertools
import sys

import numpy as np
import pytest

import course
from ci import ROOT
from course.applications import language
from course.datasets import digits, reviews
from course.models import adapting, minilm, next_word
from course.plots import chapter2

sys.path.insert(0, str(ROOT / "data"))


def rows(name):
    with open(ROOT / "data" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def last():
    course.start(chapter=2)
    return adapting.LastBlock(minilm.load())


# ---- the data


def test_the_copies_of_the_list_hold_the_same_digits():
    X, y, copy = digits.small_digits_in_order()
    assert X.shape == (1797, 8, 8) and X.max() == 1
    assert np.array_equal(np.unique(copy), np.arange(14))
    assert (np.diff(copy) >= 0).all()
    whole = [y[copy == k] for k in range(14)]
    assert all(124 <= len(labels) <= 130 for labels in whole)
    for k in (3, 4, 5, 9, 13):  # digit by digit; the others lack some
        assert np.array_equal(whole[k], whole[0])


def test_draws_of_reviews_share_none_and_are_balanced():
    (_, y), _ = reviews.load_reviews()
    draws = [adapting.few_reviews(y, draw) for draw in range(adapting.DRAWS)]
    assert len(set(np.concatenate(draws))) == 10 * 300
    for n, draw in itertools.product(adapting.LABELS, draws):
        assert y[draw[:n]].mean() == 0.5


def test_no_labelled_review_has_the_unseen_words():
    (texts, _), _ = reviews.load_reviews()
    tests = language.review_tests()
    assert {name: len(t) for name, (t, _) in tests.items()} == {
        "held-out pairs": 527, "plain": 348, "unseen words": 348}
    known = reviews.vocabulary(texts)
    new = {word for text in tests["unseen words"][0]
           for word in reviews.words_of(text) if word not in known}
    assert new >= {word for words in language.UNSEEN.values()
                   for word in words}
    assert np.array_equal(tests["plain"][1], tests["unseen words"][1])
    assert set(tests["plain"][0]) <= set(tests["held-out pairs"][0])


# ---- the ways to learn


def test_the_last_block_gives_the_encoder_s_vectors(last):
    texts = ["The film was wonderful.", "It was dull, and " * 5 + "long."]
    wanted = minilm.embed(last.model, texts)
    assert np.abs(last.vectors(*last.read(texts)) - wanted).max() < 1e-5


def test_fine_tuning_begins_with_the_frozen_way(last):
    (texts, y), (test, _) = reviews.load_reviews()
    chosen = adapting.few_reviews(y, 0)[:30]
    X, ids = last.read([texts[i] for i in chosen])
    deep = last.read(test[:40])
    head = adapting.linear(last.vectors(X, ids), y[chosen])
    before = head.predict(last.vectors(*deep))
    last.fit(X, ids, y[chosen], head, seed=0, steps=0)
    assert np.array_equal(last.predict(*deep), before)
    last.fit(X, ids, y[chosen], head, seed=0, steps=20)
    assert (last.predict(X, ids) == y[chosen]).mean() > 0.9
    moved = last.block.get_weights()
    assert all(np.abs(a - b).max() > 1e-5 for a, b
               in zip(moved, last.published) if a.ndim == 2)
    last.block.set_weights(last.published)


def test_a_model_from_scratch_knows_no_word_but_its_own():
    learner = adapting.scratch_learner(214)
    texts = ["The soup was good.", "The soup was bad."] * 5
    classes = adapting.from_scratch(learner, texts, np.array([1, 0] * 5), 0,
                                    steps=100)
    answer = classes(["The soup was good.", "The soup was bad.",
                      "The soup was dire.", "The soup was superb."])
    assert list(answer[:2]) == [1, 0] and answer[2] == answer[3]


# ---- the language model


def test_sentences_end_where_their_words_do():
    X = np.array([[1, 2, 1, 2, 0], [1, 2, 0, 0, 0]])
    assert next_word.words_alone(X) == [(1, 2, 1, 2), (1, 2)]


def test_the_loss_leaves_out_what_follows_the_end():
    model = next_word.language_model(9, 8, 2, 1, 5)
    X = np.array([[1, 2, 3, 0, 0, 0]], "int32")
    z = np.asarray(model(X[:, :-1]), np.float64)[0]
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    assert np.isclose(float(next_word.loss_of(model, X)),
                      -np.log(p[[0, 1], [2, 3]]).mean(), atol=1e-5)


# ---- the shipped tables


def test_adapted_is_whole():
    import make_adapted as script
    found = {tuple(row[c] for c in script.KEY) for row in rows("adapted.csv")}
    wanted = {("reviews", way, n, 1, draw) for way in script.WAYS
              for n in adapting.LABELS for draw in script.DRAWS}
    wanted |= {("which digit", way, n, copies, draw) for n, copies
               in script.MOVED for way in [*script.VIEWS, script.TUNED, "CNN"]
               for draw in script.DIGITS_DRAWS}
    wanted |= {(task, way, 50, 1, draw) for way in script.VIEWS
               for task in ("even or odd", "left or right")
               for draw in script.DIGITS_DRAWS}
    assert found == {tuple(map(str, entry)) for entry in wanted}
    assert len(rows("adapted.csv")) == len(found)


def shipped(way, n, draw):
    row, = [row for row in rows("adapted.csv") if
            (row["task"], row["way"], row["labels"], row["draw"])
            == ("reviews", way, str(n), str(draw))]
    return [float(row[c]) for c in ("accuracy", "plain", "unseen")]


@pytest.mark.parametrize("way, n, draw, most", [
    ("TF-IDF", 300, 4, 0.003), ("frozen", 30, 3, 0.02)])
def test_a_cell_of_adapted_again(last, way, n, draw, most):
    import make_adapted as script
    (texts, y), _ = reviews.load_reviews()
    chosen = adapting.few_reviews(y, draw)[:n]
    few = [texts[i] for i in chosen]
    F = minilm.embed(last.model, few)
    answer = next(found for name, found, _ in script.answers(
        few, y[chosen], F, None, None, draw, last, None, {way})
        if name == way)
    scores = [(answer(test, minilm.embed(last.model, test), None)
               == truth).mean()
              for test, truth in language.review_tests().values()]
    assert np.allclose(scores, shipped(way, n, draw), atol=most)


def test_folds_of_forms_again():
    import make_forms as script
    X, y, copy = digits.small_digits_in_order()
    folds = script.folds(copy)
    for split, fold in folds.items():
        # the test's forms are new, or all are in both parts
        shared = np.isin(np.unique(copy[fold == 2]), copy[fold != 2])
        assert shared.all() if split == "mixed forms" else not shared.any()
    entries = list(script.entries())
    for task, split, model, n, setting in entries:
        if not model.startswith("SVM"):
            continue
        data = script.fold_data(task, X, y, folds[split] == 2, n, 2)
        row, = [row for row in rows("forms.csv") if tuple(
            row[c] for c in script.COLUMNS[:5]) == (
            task, split, model, str(n), "2")]
        assert abs(script.score(model, setting, data, 2, {})
                   - float(row["accuracy"])) < 0.006
    assert len(rows("forms.csv")) == len(entries) * len(script.FOLDS)


def test_a_width_again():
    import make_width as script
    (texts, _), (test, _) = reviews.load_reviews()
    known = reviews.vocabulary(texts)
    book, unseen = (next_word.numbers_of(t, known) for t in (texts, test))
    row = rows("width.csv")[0]
    assert len(rows("width.csv")) == len(script.WIDTHS) * script.SEEDS
    model = next_word.language_model(len(known) + 1, int(row["width"]), 4, 2,
                                     book.shape[1] - 1)
    script.trained(model, book, 0, float(row["rate"]))
    assert model.count_params() == int(row["parameters"])
    assert abs(float(next_word.loss_of(model, unseen))
               - float(row["unseen"])) < 0.05


# ---- figures


def test_figures_of_few_labels_and_of_widths():
    ways = {"frozen": (np.array([70.0, 80]), np.array([3.0, 2])),
            "TF-IDF": (np.array([60.0, 90]), np.array([3.0, 2]))}
    fig = chapter2.few_labels([10, 300], {"a": ways, "b": ways},
                              {"a": 55, "b": 60})
    assert len(fig.axes) == 2 and fig.axes[0].get_xlabel()
    fig = chapter2.losses([1e4, 1e5], {"unseen": [[2.0, 2.2], [1.0, 1.2]]},
                          {"unseen": 2.5})
    assert np.allclose(fig.axes[0].lines[0].get_ydata(), [2.1, 1.1])
    fig = chapter2.often({"a": [(50, 1), (60, 2)]}, ["x", "y"], (10, 50))
    assert [bar.get_height() for bar in fig.axes[0].patches] == [50, 60]
    curves = {"SVM": np.array([[0.5, 0.7], [0.9, 1.0]])}
    fig = chapter2.error_curves({"s": [20, 50], "m": [20, 50]},
                                {"s": curves, "m": curves}, 30)
    assert np.allclose(fig.axes[0].lines[0].get_ydata(), [40, 5])
