"""What chapter 3 leans on: the solutions of its exercises, its drawings.

Chapter 3 proves its own functions equal to the library in the page. The
solutions don't stand in the page, so they are compared with it here.
"""
import keras
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from ci import chapters
from ci.bench import convolution
from course.exercises.chapter3 import EXERCISES
from course.models import next_letter
from course.plots import chapter3, common
from course.testing import fastest, largest_difference, peak_memory

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


def binary_cross_entropy(solve):
    for z, y in (0.3, 1), (-2.0, 0), (1000.0, 0), (-1000.0, 1):
        yield solve(z, y), tf.nn.sigmoid_cross_entropy_with_logits(
            np.float64(y), np.float64(z))


def tanh_backward(solve):
    z, dA = tf.constant(normal(3, 4)), normal(3, 4)
    with tf.GradientTape() as tape:
        tape.watch(z)
        a = tf.tanh(z)
    yield solve(a.numpy(), dA), tape.gradient(a, z, dA)


def conv_by_kernel(solve):
    X, K = normal(7, 9), normal(3, 3)
    yield solve(X, K), tf.nn.conv2d(
        X[None, :, :, None], K[:, :, None, None], 1, "VALID")[0, :, :, 0]


def receptive_field(solve):
    for layers in [(3, 2), (3, 1), (2, 2)], [(5, 3), (4, 2)]:
        X = tf.Variable(tf.ones((1, 1, 99, 1)))
        with tf.GradientTape() as tape:
            Y = X
            for k, s in layers:
                Y = tf.nn.conv2d(Y, tf.ones((1, k, 1, 1)), s, "VALID")
            one = Y[0, 0, 1, 0]
        yield solve(layers), np.sum(tape.gradient(one, X) > 0)


def clip(solve):
    for limit in 0.5, 50.0:
        g = normal(3, 4)
        yield solve(g, limit), tf.clip_by_norm(g, limit)


def gru(solve):
    layer = keras.layers.GRU(4, dtype="float64")
    layer.build((1, 1, 3))
    layer.set_weights([normal(*w.shape) for w in layer.weights])
    W_x, W_h, (b_x, b_h) = layer.get_weights()
    x, h = normal(3), normal(4)
    yield (solve(x, h, W_x, W_h, b_x, b_h),
           layer(x[None, None], initial_state=h[None])[0])


def softmax_backward(solve):
    S, dA = tf.constant(normal(2, 4, 5)), normal(2, 4, 5)
    with tf.GradientTape() as tape:
        tape.watch(S)
        A = tf.nn.softmax(S)
    yield solve(A.numpy(), dA), tape.gradient(A, S, dA)


def window_mask(solve):
    T, w = 7, 3
    yield solve(T, w), tf.linalg.band_part(np.ones((T, T)), w - 1, 0)


def merge_heads(solve):
    X = normal(2, 5, 12)
    heads = tf.transpose(tf.reshape(X, (2, 5, 3, 4)), (0, 2, 1, 3))
    yield solve(heads.numpy()), X


LIBRARY = [binary_cross_entropy, tanh_backward, conv_by_kernel,
           receptive_field, clip, gru, softmax_backward,
           window_mask, merge_heads]


@pytest.mark.parametrize("library", LIBRARY, ids=lambda f: f.__name__)
def test_a_solution_is_what_the_library_computes(library):
    solve = EXERCISES["3." + library.__name__]["solution"]
    for mine, theirs in library(solve):
        assert largest_difference(mine, theirs)[0] <= 1e-9


def test_every_solution_is_compared():
    # bag_share has no library; its other forms count the strings one by one
    assert {"3." + f.__name__ for f in LIBRARY} == (
        set(EXERCISES) - {"3.bag_share"})


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_circles_show_values_and_weights(ax):
    chapter3.circles(ax, [[1, 2], [5.5]], [np.array([[3], [-4.0]])])
    assert sorted(texts(ax)) == ["-4", "1", "2", "3", "5.5"]
    ends = [line.get_ydata().tolist() for line in ax.lines]
    assert ends == [[0.5, 0], [-0.5, 0]]


def test_a_heat_map_writes_its_numbers_row_by_row(ax):
    common.heat_map(ax, np.array([[0.25, 0.75, 0], [1, 0, 0]]),
                      ["a", "b"], ["x", "y", "z"])
    assert texts(ax) == ["0.25", "0.75", "0.00", "1.00", "0.00", "0.00"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b"]


def test_an_unrolled_network_has_a_column_for_each_token():
    fig = chapter3.unrolled(["tea", "is"])
    shown = texts(fig.axes[0])
    assert '$x_2$ "is"' in shown and shown.count("$W_h$") == 2
    plt.close(fig)


def test_the_valley_s_lines_are_those_of_its_curvature(ax):
    chapter3.valley(ax, [1.0, 25.0])
    contours, = (c for c in ax.collections if hasattr(c, "levels"))
    for level, path in zip(contours.levels, contours.get_paths()):
        w = path.vertices
        f = (w[:, 0]**2 + 25 * w[:, 1]**2) / 2
        assert np.allclose(f, level, atol=0.35)


def test_the_bench_times_the_functions_of_the_chapter():
    ours = convolution.chapter_functions()
    X, W = normal(2, 6, 6, 1), normal(3, 3, 1, 4)
    for name in "conv_loops", "conv2d":
        assert largest_difference(ours[name](X, W), tf.nn.conv2d(
            X, W, 1, "VALID"))[0] <= 1e-9
    with pytest.raises(LookupError, match="no_such"):
        convolution.chapter_functions(["no_such"])
    row = {"low": 0.1, "high": 9.0}
    text = convolution.table([{"name": n, "median": m, **row} for n, m in (
        ("loops", 800), ("a", 2), ("b", 1), ("tf", 4))])
    assert "| a | 2.00 | 0.10 to 9.00 | 400 | 0.50 |" in text


def test_both_embeddings_begin_with_numbers_of_their_own():
    # one initializer for two layers gives both the same, bit for bit
    needed = ("def positions(", "layers =", "def keras_encoder(",
              "def keras_decoder(", "D_MODEL,", "def build(")
    cells = [cell.source for cell in nbformat.read(chapters()[3], 4).cells
             if cell.source.startswith(needed)]
    assert len(cells) == len(needed)
    names = {"keras": keras, "np": np, "n_heads": 2, "T": 6}
    for source in cells:
        exec(source, names)
    model = names["build"]()
    read, written = (model.get_layer(name).get_weights()[0]
                     for name in ("read", "written"))
    assert not np.any(read == written[:10])


def test_what_a_query_may_not_see_is_hatched_without_a_number():
    seen = np.tril(np.ones((3, 3), bool))
    fig = chapter3.attended({"causal": seen / 4}, list("abc"), list("abc"),
                            [seen])
    shown = np.array(texts(fig.axes[0])).reshape(3, 3)
    assert np.array_equal(shown != "", seen)
    assert sorted(patch.get_xy() for patch in fig.axes[0].patches) == [
        (0.5, -0.5), (1.5, -0.5), (1.5, 0.5)]
    plt.close(fig)


def test_small_weights_are_not_printed():
    fig = chapter3.attended({"": np.array([[0.95, 0.05], [0.96, 0.04]])},
                            ["a", "b"], ["x", "y"], least=0.05)
    assert texts(fig.axes[0]) == ["0.95", "0.05", "0.96", ""]
    plt.close(fig)


def test_a_running_mean_stands_at_the_middle_of_its_window():
    fig = chapter3.reaches({"a": np.array([1.0, 2, 6, 1])}, "norm", start=1,
                           window=3)
    line, = fig.axes[0].lines
    assert np.allclose(line.get_xydata(), [[2, 3], [3, 3]])
    plt.close(fig)


def test_counted_letters_have_probabilities_that_add_up_to_1():
    train = next_letter.encode("the cat saw the dog and the dog saw the bee")
    every = np.arange(next_letter.V, dtype=np.uint8)
    for before in "the ", "w th", "zzzz":
        context = next_letter.encode(before)
        bits = [next_letter.n_gram_bits(
            train, np.append(context, letter), 4) for letter in every]
        assert np.allclose((2.0**-np.array(bits)[..., 0]).sum(axis=0), 1)
    # a seen context of four: t h e _ d twice, c and b once; three kinds
    of_three = next_letter.n_gram_bits(
        train, next_letter.encode("the d"), 4, most=4)[-1][0]
    of_four = next_letter.n_gram_bits(
        train, next_letter.encode("the d"), 4, most=5)[-1][0]
    assert np.isclose(2**-of_four, (2 + 3 * 2**-of_three) / (4 + 3))


def test_costs_are_those_of_the_call():
    called = []
    clock = iter([0.0, 3.0, 10.0, 11.0])
    assert fastest(lambda: called.append(1), 2, lambda: next(clock)) == 1.0
    assert len(called) == 2
    used = peak_memory(lambda n: np.zeros(n).sum(), 10**6)
    assert 8e6 <= used < 9e6
