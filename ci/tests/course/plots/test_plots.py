"""The figures that several pages draw show what they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course.plots import chapter4, chapter7, common


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def texts(fig):
    return [t.get_text() for ax in fig.axes for t in ax.texts]


def test_pictures_in_rows_with_their_titles():
    images = np.arange(12 * 6 * 5).reshape(12, 6, 5)
    fig = common.pictures(images, titles="abc", columns=5)
    (ax,) = fig.axes
    assert len(ax.images) == 12
    assert np.array_equal(ax.images[7].get_array(), images[7])
    assert ax.images[7].get_clim() == (7 * 30, 8 * 30 - 1)  # its own scale
    # in the order of reading, upright, none over another or over a title
    places = np.array([image.get_extent() for image in ax.images])
    left, right, bottom, top = places.T
    assert (right > left).all() and (bottom > top).all()
    assert np.allclose(right - left, bottom - top)
    for row in range(3):
        here = slice(5 * row, 5 * row + 5)
        assert (left[here][1:] > right[here][:-1]).all()
        assert np.allclose(top[here], top[5 * row])
    assert top[5] > bottom[0] and top[10] > bottom[5]
    assert [t.get_text() for t in ax.texts] == ["a", "b", "c"]
    for k, title in enumerate(ax.texts):
        x, y = title.get_position()
        assert left[k] < x < right[k] and 0 < y < top[k]
    assert ax.get_xlim()[1] >= right.max()
    assert ax.get_ylim() == (max(ax.get_ylim()), 0)
    assert ax.get_ylim()[0] >= bottom.max()


def test_every_row_of_titles_has_its_room():
    (ax,) = common.pictures(np.zeros((4, 3, 3)), "abcd", columns=2).axes
    *_, bottom, top = np.array([i.get_extent() for i in ax.images]).T
    y = [title.get_position()[1] for title in ax.texts]
    assert bottom[0] < y[2] - 0.1 and y[2] < top[2]


def test_a_row_s_name_stands_left_of_it():
    (ax,) = common.pictures(np.zeros((4, 3, 3)), columns=2, names="ab").axes
    left, _, bottom, top = np.array([i.get_extent() for i in ax.images]).T
    for name, row in zip(ax.texts, (0, 2)):
        x, y = name.get_position()
        assert x < left[row] and top[row] < y < bottom[row]
        assert name.get_ha() == "right"


def test_symmetric_pictures_share_a_scale_around_zero():
    images = np.stack([np.full((3, 3, 1), -0.5), np.full((3, 3, 1), 2.0)])
    (ax,) = common.pictures(images, symmetric=True).axes
    assert [image.get_clim() for image in ax.images] == [(-2, 2)] * 2


def test_counts_writes_every_number_but_zero():
    matrix = np.diag([5, 6, 7])
    matrix[0, 2] = 9
    fig = chapter4.counts(matrix, "answer", "true class")
    where = {t.get_text(): t.get_position() for t in fig.axes[0].texts}
    assert where == {"5": (0, 0), "6": (1, 1), "7": (2, 2), "9": (2, 0)}


def test_picture_and_bars():
    fig = chapter4.picture_and_bars(np.zeros((8, 8, 1)), np.eye(10)[3])
    assert [bar.get_height() for bar in fig.axes[1].patches] == list(
        np.eye(10)[3])
    assert [t.get_text() for t in fig.axes[1].texts if t.get_text()] == [
        "100%"]


def test_learning_ends_with_the_last_share():
    class History:
        history = {"loss": [2, 1], "val_loss": [3, 2],
                   "val_accuracy": [0.5, 0.985]}

    fig = chapter4.learning([History, History])
    legend = fig.axes[1].get_legend().get_texts()
    assert [t.get_text() for t in legend] == ["1.5%"] * 2


def test_shares_write_their_percentages():
    values = {"last": 0.25, "LSTM": 0.5}
    fig = common.shares(values, "right (%)", mark=("ceiling", 0.9))
    assert set(texts(fig)) == {"25 %", "50 %", "ceiling"}


def test_flights_bounce_between_the_seconds():
    _, ax = plt.subplots()
    chapter4.flight(ax, [0, 0.5, 1], [9.5, 10, 9.5], [9, 9])
    line, dots = ax.lines
    assert list(line.get_ydata()) == [9.5, 10, 9.5]  # not cut off
    assert list(dots.get_ydata()) == [9.5, 9.5]
    places = np.linspace(0, 10, 101)[None].repeat(2, axis=0)
    fig = chapter4.flights(places, ["a", "b"])
    assert [ax.get_title() for ax in fig.axes] == ["a", "b"]
    for ax in fig.axes:  # the last second is not shown
        assert ax.lines[0].get_xdata().max() == 9
        assert len(ax.lines[1].get_ydata()) == 10
        (mark,) = ax.texts
        assert mark.get_position()[0] < ax.get_xlim()[1]


def test_flight_and_next_marks_the_truth():
    z = np.arange(11) % 10
    fig = chapter4.flight_and_next(np.zeros(91), z, np.eye(10)[4])
    marked = [k for k, bar in enumerate(fig.axes[1].patches)
              if bar.get_facecolor() == plt.matplotlib.colors.to_rgba("C1")]
    assert marked == [0]  # the eleventh zone
    assert fig.axes[1].patches[4].get_width() == 1


def test_two_series_shade_what_is_predicted():
    fig = chapter4.two_series(np.arange(5), np.arange(5) * 10, np.arange(5),
                              3)
    for ax in fig.axes:
        assert ax.patches[0].get_x() == 3


def test_changes_and_attention_show_their_matrix():
    A = np.array([[0, 1.0, 0], [0.1, 0.5, 0.2]])
    for fig in (chapter4.changes(A, list("abc"), 1),
                chapter4.attention(A, ["x", "y"], list("abc"))):
        assert np.array_equal(fig.axes[0].images[0].get_array(), A)
        names = [t.get_text() for t in fig.axes[0].get_xticklabels()]
        assert names == list("abc")


def test_with_and_without_a_prefix():
    A = np.array([[0.2, 0.8]])
    fig = chapter4.with_and_without({"German": (A, ["x"], list("ab")),
                                     "no prefix": (A, ["y"], list("cd"))})
    assert [ax.get_title() for ax in fig.axes[:2]] == ["German", "no prefix"]
    assert {ax.get_xlabel() for ax in fig.axes[:2]} == {"token of the input"}
    assert fig.axes[1].get_yticklabels()[0].get_text() == "y"


def test_bars_and_written_tokens():
    _, (left, right) = plt.subplots(1, 2)
    chapter4.written(left, np.array([0.9, 0.4]), iter("ab"), 2)
    heights = [bar.get_height() for bar in left.patches]
    assert heights == [0.9, 0.4]
    assert left.patches[0].get_facecolor() != left.patches[1].get_facecolor()
    chapter4.bars(right, np.array([0.7, 0.3]), ["a", "b"])
    assert [bar.get_width() for bar in right.patches] == [0.7, 0.3]
    low, high = right.get_ylim()
    assert low > high  # the first on top


def test_curves_of_chapter_4():
    fig = chapter4.readable({"a": [0, 0.5], "b": [0.1, 0.2]})
    assert [list(line.get_ydata()) for line in fig.axes[0].lines] == [
        [0, 0.5], [0.1, 0.2]]
    fig = chapter4.sampled([1, 2], {"all": [[90, 80, 95], [50, 40, 60]]},
                           {"all": [3, 20]})
    assert [list(ax.lines[0].get_ydata()) for ax in fig.axes] == [
        [90, 50], [3, 20]]
    fig = chapter4.buckets(np.arange(3), {"encoder": np.array([0, 1, 1])})
    assert list(fig.axes[0].lines[0].get_ydata()) == [0, 1, 1]


def test_the_cache_keeps_the_past_pale():
    fig = chapter4.cache(3)
    without, with_one = (np.asarray(ax.images[0].get_array())
                         for ax in fig.axes)
    assert np.array_equal(without, np.tril(np.ones((3, 3))))
    assert np.array_equal(np.diag(with_one), np.ones(3))
    assert (with_one[np.tril_indices(3, -1)] < 0.5).all()


def test_lines_without_draws_have_no_bars_in_the_legend():
    ax = chapter7.curves([1, 2, 3], {
        "once": np.array([.2, .4, .6]),
        "drawn": np.array([[.1, .3], [.2, .4], [.5, .7]])}, "x", "y")
    assert [c.get_label() for c in ax.containers] == ["drawn"]
    once, = (line for line in ax.lines if line.get_label() == "once")
    assert np.allclose(once.get_ydata(), [20, 40, 60])
    segments = ax.containers[0][2][0].get_segments()
    assert np.allclose([s[:, 1] for s in segments],
                       [[10, 30], [20, 40], [50, 70]])


def test_a_method_far_below_the_others_stands_at_the_foot():
    fig = chapter7.methods({"whole": (4e5, .95, 2.), "small": (2e4, .88, .2),
                            "2 bits": (3e4, .4, 2.5)})
    left, right = fig.axes
    assert left.get_ylabel() == "unseen digits right (%)"
    for ax in fig.axes:
        assert {t.get_text() for t in ax.texts} == {
            "whole", "small", "2 bits: 40%"}
        low, high = ax.get_ylim()
        heights = [line.get_ydata()[0] for line in ax.lines]
        assert np.allclose(heights[:2], [95, 88])
        assert low < heights[2] < low + 2 and high > 95
