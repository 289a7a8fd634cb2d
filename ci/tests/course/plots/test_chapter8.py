"""The figures of chapter 8 show what they were given."""
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course.plots import chapter8


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


RNG = np.random.default_rng(0)
SHARES = {"one": (0.0, 0.0, 0.1), "two": (0.5, 0.4, 0.6)}
FIGURES = {
    "needs": ({"GB": 3.0, "days": 1e-3}, "title"),
    "scaling": (np.array([1, 2, 4]), np.array([1, 1.9, 3.1])),
    "cleaning": (RNG.random((5, 2, 2)), ["a", "b"], ["SVM", "other"]),
    "gains": (RNG.normal(size=(20, 2)), ["a", "b"]),
    "sanity": ({"a": [[0.1, 0.2]] * 3, "b": [[0.9, 0.3]] * 3},),
    "probabilities": (np.array([0.5, 0.3]), ["_a", "_b"], 0.2),
    "doubts": (np.array([1.0, 0.99]), np.array([0.5, 0.2]), 0.9),
    "laptop": (np.array([1.0, 2]), np.array([9.0, 4]),
               np.array([True, False]), "title"),
    "several": ({"before": SHARES, "after": SHARES}, "right (%)"),
    "batch": ([8, 32], np.array([0.2, 0.1]),
              {"a": RNG.random((3, 2)), "b": RNG.random((3, 2))}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_axes_are_labelled_and_hold_the_marks(name):
    fig = getattr(chapter8, name)(*FIGURES[name])
    for ax in fig.axes:
        assert ax.get_xlabel() or name == "probabilities"
        assert ax.lines or ax.containers
        ticks = [t.get_text() for t in ax.get_yticklabels()]
        low, high = sorted(ax.get_ylim())
        if ticks and ticks[0] in ("a", "one", "GB"):  # no row on the frame
            assert low <= -0.4 and high >= len(ticks) - 0.6


def test_every_method_has_a_column():
    X = RNG.random((3, 8, 8))
    fig = chapter8.methods(X, {"saliency": -X, "gradient x input": 2 * X})
    (ax,) = fig.axes
    assert len(ax.images) == 9
    assert np.allclose(ax.images[1].get_array(), X[0])
    assert [t.get_text() for t in ax.texts][2] == "grad. x input"


def test_what_a_baseline_leaves():
    x = RNG.random((8, 8))
    left, right = chapter8.baseline(x, -x, "baseline 0.50").axes
    assert np.allclose(right.images[0].get_array(), x)
    assert right.get_title() == "baseline 0.50"


def test_the_staircase_reaches_what_is_in_doubt():
    (ax,) = chapter8.doubts(np.array([1.0, 0.5]), np.array([0.2, 0.1]),
                            0.9).axes
    assert "answered: 50% of the knowable, 0%" in ax.get_title()
    assert ax.lines[0].get_ydata()[-1] == 100
