"""Chapter 2's contest: its data, its networks, and the shipped results."""

import contextlib
import csv
import os
import random
import subprocess
import sys

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from ci import ROOT, chapters
from course import CourseError, check_positive
from course.datasets import digits, reviews, sounds
from course.models import networks, pretraining, traditional, training
from course.plots import chapter2

sys.path.insert(0, str(ROOT / "data"))

import make_reviews  # noqa: E402
import make_spoken_digits as maker  # noqa: E402

from course.datasets import grammar  # noqa: E402


def rows():
    with open(ROOT / "data" / "contest.csv", encoding="utf-8",
              newline="") as file:
        return list(csv.DictReader(file))


# ---- the data


def test_small_digits_are_those_of_the_large_split():
    small = digits.small_digits(3)
    large = digits.load_digits("bundled", seed=3)
    for (X, y), (Z, z) in zip(small, large):
        assert X.shape == (len(y), 8, 8) and np.array_equal(y, z)
        middle = Z[:, 2:26, 2:26, 0].reshape(-1, 8, 3, 8, 3).mean((2, 4))
        assert np.corrcoef(X.ravel(), middle.ravel())[0, 1] > 0.97


def test_spoken_digits_are_whole():
    X, y, voice, names = sounds.load_spoken_digits()
    assert X.shape == (960, 8547) and X.dtype == np.float32
    assert len(names) == 16 and -1 <= X.min() < -0.5 < 0.5 < X.max() <= 1
    pairs = np.zeros((16, 10), int)
    np.add.at(pairs, (voice, y), 1)
    assert (pairs == 6).all()  # takes of each digit
    assert (np.abs(X[:, 100:1500]).max(axis=1) > 0.1).all()


def test_mu_law_there_and_back():
    x = np.linspace(-1, 1, 999)
    level = maker.encode(x) / 127.5 - 1
    back = np.sign(level) * (256 ** np.abs(level) - 1) / 255
    assert np.abs(back - x).max() < 0.03
    assert np.abs(back - x)[np.abs(x) < 0.01].max() < 0.0005


def test_no_unseen_review_shares_its_pair_with_the_others():
    (texts, y), (texts_test, y_test) = reviews.load_reviews()
    assert (len(texts), len(texts_test)) == (4000, 527)
    assert len(set(texts)) == 4000 and not set(texts) & set(texts_test)
    assert 0.4 < y.mean() < 0.6 and 0.4 < y_test.mean() < 0.6
    assert set(y) == set(y_test) == {0, 1}


def test_the_reviews_are_what_their_script_writes():
    rng = random.Random("reviews 1")
    written = {}
    while len(written) < 200:
        source, target, example = grammar.make("sentiment", rng,
                                               words=make_reviews.WORDS)
        if not example.held_out():
            written[source.removeprefix("sentiment: ")] = target
    (texts, y), _ = reviews.load_reviews()
    assert make_reviews.COUNT == len(texts)
    assert texts[:200] == list(written)
    assert [t == "positive" for t in written.values()] == list(y[:200] == 1)


# ---- moved digits


def test_moved_digits_are_the_same_digits_elsewhere():
    (X, _), _ = digits.small_digits()
    Z = digits.moved(X[:300], np.random.default_rng(0))
    assert Z.shape == (300, 12, 12)
    assert np.allclose(Z.sum((1, 2)), X[:300].sum((1, 2)), rtol=1e-5)
    corner = {tuple(np.argwhere(z)[:, k].min() for k in (0, 1)) for z in Z}
    assert len(corner) > 10
    windows = np.lib.stride_tricks.sliding_window_view(Z, (8, 8), (1, 2))
    found = [(w == x).all((-1, -2)).any() for w, x in zip(windows, X)]
    assert all(found)


def test_centred_digits_are_centred_and_whole():
    (X, _), _ = digits.small_digits()
    Z = digits.moved(X[:300], np.random.default_rng(0))
    C = digits.centred(Z)
    assert np.allclose(C.sum((1, 2)), Z.sum((1, 2)), rtol=1e-5)
    for axis in (1, 2):
        middle = C.sum(axis) @ np.arange(12) / C.sum((1, 2))
        assert np.abs(middle - 5.5).max() <= 0.51


def test_take_gives_each_class_its_share():
    y = np.repeat(np.arange(10), [5, 9, 7, 8, 6, 9, 5, 7, 8, 9])
    X = np.arange(len(y))[:, None, None] * np.ones((1, 8, 8))
    for n in (10, 20, 50):
        few, labels = digits.take(X, y, n, np.random.default_rng(n))
        assert len(np.unique(few[:, 0, 0])) == n
        assert (np.bincount(labels, minlength=10) == n // 10).all()
        assert np.array_equal(y[few[:, 0, 0].astype(int)], labels)
    many, _ = digits.take(X, y, 2 * len(y), np.random.default_rng(0))
    assert (np.unique(many[:, 0, 0], return_counts=True)[1] == 2).all()


# ---- the networks


def test_without_numbers_as_many_parameters():
    from transformers import T5Config, TFT5ForConditionalGeneration
    config = T5Config(d_model=16, d_kv=4, d_ff=24, num_heads=3,
                      num_layers=2, vocab_size=50)
    counted = []
    for scope in networks.shapes_only(), contextlib.nullcontext():
        with scope:
            model = TFT5ForConditionalGeneration(config)
            model.build()
            counted.append(model.count_params())
    assert counted[0] == counted[1] > 5000


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_keras_s(causal):
    x = np.random.default_rng(0).normal(size=(3, 7, 16)).astype("float32")
    mine = networks.Attention(16, 4, causal)
    theirs = keras.layers.MultiHeadAttention(4, 4)
    mine(x), theirs(x, x)
    q, k, v, o = (layer.get_weights() for layer in
                  (mine.q, mine.k, mine.v, mine.o))
    # Keras keeps query, key, value, output; heads on an axis of their own
    theirs.set_weights([
        w.reshape(s.shape) for w, s in zip([*q, *k, *v, *o],
                                           theirs.weights)])
    wanted = theirs(x, x, use_causal_mask=causal)
    assert np.allclose(mine(x), wanted, atol=1e-5)


def test_a_learner_starts_anew_each_time():
    (X, y), (X_test, y_test) = digits.small_digits()
    learner = training.Learner(networks.mlp((8, 8), 10))
    first = learner.fit(X, y, seed=1, steps=300).net.get_weights()
    assert learner.score(X_test, y_test) > 0.9
    learner.fit(X, y, seed=2, steps=100)
    again = learner.fit(X, y, seed=1, steps=300).net.get_weights()
    for a, b in zip(first, again):
        assert np.allclose(a, b, atol=1e-3)


def test_a_body_and_its_head_are_one_network():
    (X, y), _ = digits.small_digits()
    rng = np.random.default_rng(0)
    body = pretraining.pretrain(X, seed=0, steps=2)
    few, labels = digits.take(X, y, 100, rng)
    Z = digits.moved(few, rng)
    head, _ = pretraining.adapt(body, Z, labels)
    learner = training.Learner(networks.cnn((12, 12), 10))
    pretraining.tune(body, head, learner, Z, labels, seed=0, steps=0)
    assert np.array_equal(learner.predict(Z),
                          head.predict(pretraining.features(body, Z)))


def test_each_choice_is_a_model_of_its_own():
    (X, y), _ = digits.small_digits()
    X = X.reshape(len(X), -1)[:200]
    first, _ = traditional.choose("SVM", X, y[:200])
    first.fit(X, y[:200])
    second, _ = traditional.choose("SVM", X[:100], y[:100])
    assert second is not first and len(first.predict(X)) == 200
    assert not hasattr(second, "support_vectors_")


# ---- sounds and sentences


def test_a_sentence_is_a_switch_a_word():
    known = reviews.vocabulary(["Not a good film.", "A film, not good."])
    assert set(known) == {"not", "a", "good", "film", ".", ","}
    X = reviews.one_hot(["A good book"], known)
    assert X.shape == (1, sounds.LONGEST, 7) and X.sum() == 3
    assert list(X[0].argmax(-1)[:3]) == [known["a"], known["good"], 0]


def test_runs_of_words_know_the_order():
    count = traditional.runs_of_words(2).fit(["not good", "good not"])
    assert "not good" in count.vocabulary_
    a, b = count.transform(["not good", "good not"]).toarray()
    assert not np.array_equal(a, b)


def test_features_of_a_sound_don_t_depend_on_the_silence_after_it():
    X = sounds.load_spoken_digits()[0][:4]
    longer = np.pad(X, [(0, 0), (0, 1280)])
    F = traditional.sound_features(X)
    assert F.shape == (4, 65)
    assert np.allclose(F, traditional.sound_features(longer), atol=1e-3)


# ---- what the chapter itself does


def cells(*ids):
    """The source of some cells of the chapter, in its order."""
    return "\n\n".join(
        cell.source for cell in nbformat.read(chapters()[2], 4).cells
        if cell.id in ids)


STEPS = """
import sys, types
import numpy as np
from sklearn.linear_model import LogisticRegression

sys.modules["course"] = types.ModuleType("course")  # no TensorFlow needed
exec(sys.argv[1])
X, y = np.load(sys.argv[2]).values()
print(LogisticRegression(C=10, max_iter=100).fit(flat(X), y).n_iter_.max())
"""


def test_a_solver_takes_as_many_steps_on_each_processor(tmp_path):
    flat = cells("22-04").split("fitted =")[0]
    (X, y), _ = digits.small_digits(0)
    np.savez(tmp_path / "digits.npz", X=X, y=y)
    steps = [subprocess.run(
        [sys.executable, "-c", STEPS, flat, tmp_path / "digits.npz"],
        env={**os.environ, "OPENBLAS_CORETYPE": core}, check=True,
        capture_output=True, text=True).stdout
        for core in ("Nehalem", "Haswell")]
    assert steps == ["76\n"] * 2  # in float32 they differed


@pytest.mark.parametrize("batched", [False, True])
def test_products_are_counted_however_keras_multiplies(batched):
    counting = {"np": np, "tf": tf}
    exec(cells("21-48", "21-56"), counting)
    X, W = tf.ones((8, 27, 96)), tf.Variable(tf.ones((96, 384)))

    @tf.function
    def step():
        with tf.GradientTape() as tape:  # Keras 3.13: batched, 3.15: not
            tape.watch(X)
            cost = tf.reduce_sum((X @ W if batched else tf.tensordot(
                X, W, 1))**2)
        return tape.gradient(cost, [X, W])

    graph = step.get_concrete_function().graph
    ours, theirs = (counting[name](graph) for name in ("products",
                                                       "profiled"))
    assert sum(ours.values()) == 3 * 2 * 8 * 27 * 96 * 384
    assert {name for name in ours if ours[name] != theirs[name]} == (
        {"BatchMatMulV2, first turned"} if batched else set())


# ---- the shipped results


def test_every_entry_has_its_draws_and_an_accuracy():
    import make_contest as script
    wanted = [(task, name, n, draw) for task, name, n in script.entries()
              for draw in script.DRAWS]
    found = [(row["task"], row["model"], int(row["n"]), int(row["draw"]))
             for row in rows()]
    assert found == wanted
    for row in rows():
        assert 0.05 < float(row["accuracy"]) <= 1 and row["setting"], row


def test_unseen_are_unseen():
    import make_contest as script
    for task in script.SIZES:
        (X, _), (Z, _) = script.task_data(task, 1437, 2)
        seen = {np.sort(x[x > 0]).tobytes() for x in X}
        again = sum(np.sort(z[z > 0]).tobytes() in seen for z in Z)
        assert again == 0
    (X, _), (Z, _) = script.broad_data("sound", 2)
    assert len(X) == 660 and len(Z) == 300
    voice = sounds.load_spoken_digits()[2]
    picked = np.random.default_rng(2).permutation(16)[:5]
    assert np.isin(voice, picked).sum() == len(Z)


# ---- sizes that a reader writes, figures


@pytest.mark.parametrize("wrong", [0, -3, 1.5, "64", None, True])
def test_a_size_is_a_positive_whole_number(wrong):
    check_positive(D=64, n_layers=np.int64(2))
    with pytest.raises(CourseError, match="n_layers.*positive whole number"):
        check_positive(D=64, n_layers=wrong)


def test_stacked_bars_are_shares():
    fig = chapter2.stacked({"a": {"x": 1, "y": 3}, "b": {"x": 2, "y": 2}}, "%")
    widths = [bar.get_width() for bar in fig.axes[0].patches]
    assert widths == [25, 50, 75, 50]


def test_memory_bars_add_up():
    fig = chapter2.memory_bars(1e9, 2)
    assert [t.get_text().strip() for t in fig.axes[0].texts
            ] == ["2.00 GB", "16.00 GB"]
    names = [t.get_text() for t in fig.axes[0].get_legend().get_texts()]
    assert [name for name in names if name[0].isdigit()
            ] == ["2 GB, free server", "16 GB, laptop"]


def test_learning_curves_show_means():
    import matplotlib.pyplot as plt
    fig, ax = plt.subplots()
    chapter2.learning_curves(ax, [20, 50], {"SVM": np.array(
        [[0.2, 0.4], [0.6, 0.8]])})
    assert np.allclose(ax.lines[0].get_ydata(), [30, 70])
    plt.close("all")
