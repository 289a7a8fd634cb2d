"""The figures that several pages draw show what they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course.plots import chapter4, common


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


def test_learning_ends_with_the_last_share():
    class History:
        history = {"loss": [2, 1], "val_loss": [3, 2],
                   "val_accuracy": [0.5, 0.985]}

    fig = chapter4.learning([History, History])
    legend = fig.axes[1].get_legend().get_texts()
    assert [t.get_text() for t in legend] == ["1.5 %"] * 2


def test_from_to_joins_two_shares():
    fig = common.from_to([0.9, 0.8], [0.5, 0.4], ["a", "b"], ["x", "y"],
                        ["one", "two"], "right (%)")
    first, second = fig.axes[0].lines[:2]
    assert np.allclose(first.get_xdata(), [90, 80])
    assert np.allclose(second.get_xdata(), [50, 40])
    assert texts(fig) == ["x", "y"]


def test_shares_and_advantages():
    values = {"last": 0.25, "LSTM": 0.5}
    fig = common.shares(values, "right (%)", mark=("ceiling", 0.9))
    assert set(texts(fig)) == {"25 %", "50 %", "ceiling"}
    fig = chapter4.advantages(values, {"last": (-0.1, 0.3)}, "right (%)")
    assert np.allclose(fig.axes[1].lines[0].get_xdata(), [-10, 30])
    assert fig.axes[1].get_xlabel().startswith("LSTM better")


def test_state_map_has_a_row_a_unit():
    h = np.linspace(-1, 1, 10 * 4).reshape(10, 4)
    fig = chapter4.state_map(np.arange(10), np.arange(10), h, "step", "zone")
    assert np.array_equal(fig.axes[1].images[0].get_array(), h.T)


def test_drifting_starts_at_step_ten():
    x = np.arange(15)
    fig = chapter4.drifting(x, x, x + 1, {"a": np.ones(5), "b": np.ones(5)},
                         ("step", "zone", "ahead", "%"))
    assert list(fig.axes[0].lines[1].get_xdata()) == list(range(10, 15))
    assert [t.get_text() for t in fig.axes[1].get_legend().get_texts()] == [
        "a", "b"]


def test_flight_puts_dots_into_the_zones():
    _, ax = plt.subplots()
    chapter4.flight(ax, np.array([0.2, 1.4, 2.6]), [0, 1])
    assert list(ax.lines[1].get_ydata()) == [0.5, 1.5]
