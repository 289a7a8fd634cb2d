"""What the five fields of chapter 5 share: their names and their scores."""
import numpy as np
import pytest

from course import CourseError, fields, scores


def test_fields_are_chosen_by_name():
    assert fields.chosen_fields("all") == fields.FIELDS
    assert fields.chosen_fields("speech") == ("speech",)
    with pytest.raises(CourseError, match="vision.*finance.*'spech'"):
        fields.chosen_fields("spech")


def test_the_interval_of_a_share_is_as_wide_as_theory_says():
    right = np.repeat([1.0, 0.0], [160, 40])
    value, low, high = scores.bootstrap(right)
    width = 1.96 * (0.8 * 0.2 / 200) ** 0.5  # of a share of 200
    assert value == 0.8 and low < value < high
    assert abs((high - low) / 2 - width) < 0.25 * width
    assert scores.bootstrap(right) == (value, low, high)
    assert scores.bootstrap(list(right), np.mean) == (value, low, high)


def test_an_interval_holds_the_truth_19_times_in_20():
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        x = rng.normal(0, 1, 60)
        _, low, high = scores.bootstrap(x, seed=seed, rounds=200)
        held += low < 0 < high
    assert 0.88 <= held / 200 <= 0.99


def test_a_difference_is_taken_case_by_case():
    hard = np.random.default_rng(0).normal(0, 10, 100)
    value, low, high = scores.bootstrap_difference(hard + 1, hard)
    assert abs(value - 1) < 1e-9 and high - low < 1e-9
    with pytest.raises(AssertionError):
        scores.bootstrap_difference(hard, hard[:5])


def test_auc_is_the_librarys():
    from sklearn.metrics import roc_auc_score
    rng = np.random.default_rng(0)
    for score in (rng.normal(size=90), rng.integers(0, 4, 90)):  # and ties
        y = rng.random(90) < 0.3
        assert abs(scores.auc(y, score) - roc_auc_score(y, score)) < 1e-12
    assert scores.auc([0, 0, 1], [1, 2, 3]) == 1


def test_a_mean_needs_three_seeds():
    assert scores.over_seeds([1, 2, 6]) == (3, 1, 6)
    with pytest.raises(AssertionError, match="three"):
        scores.over_seeds([1, 2])
