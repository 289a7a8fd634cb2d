"""What serves chapter 1: labels, stacks of networks, letters, the word."""
import ast
import csv
import symtable
import sys

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

from ci import chapters
from course import files
from course.datasets import sounds
from course.models import next_letter
from course.plots import labels

sys.path.insert(0, str(files.DATA))
import make_word  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


# ---- labels ----

def test_labels_that_overlap_are_seen():
    _, ax = plt.subplots()
    a, b = (ax.annotate("a long name", (.5, y)) for y in (.5, .51))
    far = ax.annotate("far", (.1, .9))
    ax.figure.canvas.draw()
    assert labels.overlapping([a, b, far]) == [("a long name",) * 2]
    assert labels.overlapping([a, far]) == []


def test_labels_find_places_or_stay_away():
    rng = np.random.default_rng(0)
    points = 10**rng.normal(0, .3, (150, 2))
    _, ax = plt.subplots()
    ax.plot(*points.T, "o")
    ax.set(yscale="log")
    written = labels.label_points(ax, points, [f"a name, {i}" for i in
                                               range(150)])
    assert 5 < len(written) < 150  # too many for this place
    assert labels.overlapping(written) == []


# ---- stacks of networks ----

def test_a_stack_trains_like_one_network_after_another():
    import tensorflow as tf

    from course.models import training

    def network(weights, X):
        W, b, V, c = weights
        return (tf.tanh(X @ W + b) @ V + c)[..., 0]

    rng = np.random.default_rng(0)
    X = rng.normal(size=(2, 50, 2)).astype(np.float32)
    y = (X[..., 0] > 0).astype(np.float32)
    both = training.start([2, 5, 1], 2, rng)
    single = [[tf.Variable(w[k:k + 1]) for w in both] for k in (0, 1)]
    training.train_binary(network, both, X, y, [.01, .03], steps=40)
    for k, weights in enumerate(single):
        training.train_binary(network, weights, X[k:k + 1], y[k:k + 1],
                     [(.01, .03)[k]], steps=40)
        for w, one in zip(both, weights):
            assert np.allclose(w[k], one[0], atol=1e-4)
    assert np.mean((network(both, X).numpy() > 0) == y) > .9


# ---- the next letter ----

def test_the_text_is_whole_and_letters_alone():
    text = next_letter.read_text()
    assert {part: len(codes) for part, codes in text.items()} == {
        "test": next_letter.TEST, "held": next_letter.HELD,
        "train": next_letter.TRAIN}
    assert all(codes.max() < next_letter.V for codes in text.values())
    assert list(next_letter.encode("a z")) == [1, 0, 26]


def test_no_long_passage_of_the_test_is_trained_on():
    text = next_letter.read_text()
    length = 200
    learned = text["train"].tobytes() + text["held"].tobytes()
    tested = text["test"].tobytes()
    assert not any(tested[i:i + length] in learned
                   for i in range(0, len(tested) - length, length))


def test_the_gradient_is_that_of_the_loss():
    rng = np.random.default_rng(0)
    weights = [w.astype(np.float64) for w in next_letter.start(5, rng)]
    rows = next_letter.windows(next_letter.read_text()["test"][:60])
    for w, g in zip(weights, next_letter.gradient(weights, rows)):
        at = np.unravel_index(np.abs(g).argmax(), g.shape)
        w[at] += 1e-6
        up = next_letter.loss(weights, rows)
        w[at] -= 2e-6
        down = next_letter.loss(weights, rows)
        w[at] += 1e-6
        assert g[at] == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_parameters_are_counted():
    for hidden in (4, 256):
        weights = next_letter.start(hidden, np.random.default_rng(0))
        assert next_letter.count(hidden) == sum(w.size for w in weights)


def test_the_shipped_grid_is_whole():
    with open(files.data_file("scaling.csv"), encoding="ascii") as file:
        rows = list(csv.DictReader(file))
    cells = {(r["hidden"], r["characters"], r["seed"]) for r in rows}
    assert len(rows) == len(cells) == 7 * 6 * 3
    for row in rows:
        assert int(row["parameters"]) == next_letter.count(int(row["hidden"]))
        assert 1 < float(row["loss"]) < np.log(next_letter.V)


# ---- the word ----

def test_the_shipped_word_is_what_its_script_makes():
    sound = sounds.read_wav(files.data_file("word.wav"))
    assert np.abs(sound - make_word.speak()).max() < 2 / 127


def test_the_word_glides_from_u_to_a_and_back():
    """The strongest pitch below 1,000 hertz is highest in the middle."""
    sound = sounds.read_wav(files.data_file("word.wav"))

    def first_formant(begin):
        part = sound[begin:begin + 800] * np.hanning(800)
        strength = np.abs(np.fft.rfft(part, 8_000))[150:1000]
        return 150 + np.convolve(strength, np.ones(150), "same").argmax()

    start, middle, end = map(first_formant, (200, 1_800, 3_700))
    assert middle > start + 150 and middle > end + 150


# ---- the page

def globals_of(source):
    """(names that a cell sets, names that it reads, names that it changes).

    The names that its functions read included; changed is a[...] = ...
    """
    def used(scope):
        return {name.get_name() for name in scope.get_symbols()
                if name.is_referenced() and name.is_global()}.union(
            *map(used, scope.get_children()))

    cell = symtable.symtable(source, "cell", "exec")
    own = cell.get_symbols()
    return ({name.get_name() for name in own
             if name.is_assigned() or name.is_imported()},
            used(cell) | {name.get_name() for name in own
                          if name.is_referenced()},
            {part.value.id for part in ast.walk(ast.parse(source))
             if isinstance(part, ast.Subscript)
             and isinstance(part.ctx, ast.Store)
             and isinstance(part.value, ast.Name)})


@pytest.mark.parametrize("number", [1, 2])
def test_what_a_cell_reads_is_set_by_no_two_others(number):
    """So each cell can be run again, in any order."""
    cells = [(cell.id, *globals_of(cell.source))
             for cell in nbformat.read(chapters()[number], 4).cells
             if cell.cell_type == "code"]
    twice = [(id, name) for id, sets, reads, changes in cells
             for name in reads - sets
             if name in changes
             or sum(name in other[1] for other in cells) > 1]
    assert not twice
