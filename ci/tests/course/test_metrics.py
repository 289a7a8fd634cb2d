"""What is said of several seeds, and of two maps."""
import numpy as np
import pytest

from course.metrics import rank_correlation, spread


def test_mean_and_range_in_one_text():
    assert spread([1, 2, 6]) == "3.0 (1.0 to 6.0)"
    assert spread([0.1, 0.2, 0.3], ".2f") == "0.20 (0.10 to 0.30)"
    with pytest.raises(AssertionError):
        spread([1, 2])


def test_rank_correlation_of_maps():
    a = np.array([[[1.0, 2.0], [3.0, 4.0]]] * 2)
    everywhere = np.ones_like(a, bool)
    assert rank_correlation(a, a**3, everywhere) == pytest.approx(1)
    assert rank_correlation(a, -a, everywhere) == pytest.approx(1)  # of |a|
    assert rank_correlation(a, 5 - a, everywhere) == pytest.approx(-1)
    half = np.array([[[True, True], [True, False]]] * 2)
    b = np.where(half, a, -9)
    assert rank_correlation(a, b, half) == pytest.approx(1)
    assert rank_correlation(a, np.ones_like(a), everywhere) == 0
