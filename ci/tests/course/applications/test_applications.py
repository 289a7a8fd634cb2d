"""What the five fields of chapter 5 share: their names and their scores."""
import numpy as np
import pytest

from course import CourseError, claims, metrics, session
from course.applications import selection


def test_fields_are_chosen_by_name():
    assert selection.chosen_fields("all") == selection.FIELDS
    assert selection.chosen_fields("speech") == ("speech",)
    with pytest.raises(CourseError, match="vision.*finance.*'spech'"):
        selection.chosen_fields("spech")


def test_the_interval_of_a_share_is_as_wide_as_theory_says():
    right = np.repeat([1.0, 0.0], [160, 40])
    value, low, high = metrics.bootstrap(right)
    width = 1.96 * (0.8 * 0.2 / 200) ** 0.5  # of a share of 200
    assert value == 0.8 and low < value < high
    assert abs((high - low) / 2 - width) < 0.25 * width
    assert metrics.bootstrap(right) == (value, low, high)
    assert metrics.bootstrap(list(right), np.mean) == (value, low, high)


def test_an_interval_holds_the_truth_19_times_in_20():
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        x = rng.normal(0, 1, 60)
        _, low, high = metrics.bootstrap(x, seed=seed, rounds=200)
        held += low < 0 < high
    assert 0.88 <= held / 200 <= 0.99


def test_a_difference_is_taken_case_by_case():
    hard = np.random.default_rng(0).normal(0, 10, 100)
    value, low, high = metrics.bootstrap_difference(hard + 1, hard)
    assert abs(value - 1) < 1e-9 and high - low < 1e-9
    with pytest.raises(AssertionError):
        metrics.bootstrap_difference(hard, hard[:5])


def test_auc_is_the_librarys():
    from sklearn.metrics import roc_auc_score
    rng = np.random.default_rng(0)
    for score in (rng.normal(size=90), rng.integers(0, 4, 90)):  # and ties
        y = rng.random(90) < 0.3
        assert abs(metrics.auc(y, score) - roc_auc_score(y, score)) < 1e-12
    assert metrics.auc([0, 0, 1], [1, 2, 3]) == 1


def test_a_mean_needs_three_seeds():
    assert metrics.over_seeds([1, 2, 6]) == (3, 1, 6)
    with pytest.raises(AssertionError, match="three"):
        metrics.over_seeds([1, 2])


def test_the_interval_of_a_share_does_not_vanish_at_its_ends():
    value, low, high = metrics.bootstrap(np.ones(200, bool))
    assert value == high == 1 and 0.97 < low < 0.99
    assert metrics.bootstrap(np.arange(60) > 9)[1:] == pytest.approx(
        (0.720, 0.907), abs=1e-3)  # Wilson's, of 50 of 60


def test_scores_are_spelled_with_the_digits_they_deserve():
    spelled = claims.spelled
    assert spelled((0.91234, 0.89, 0.931), "share right") == (
        "91.2% (89.0 to 93.1)")
    assert spelled((0.0721, 0.041, 0.099), "share right", True) == (
        "+7.2 points (4.1 to 9.9)")
    assert spelled((-0.5, -1, 0.25), "chrF", True) == "-0.5 (-1.0 to 0.2)"
    assert spelled((0.98765, 0.9, 1), "QED") == "0.988 (0.900 to 1.000)"


def test_an_outcome_says_all_its_numbers(monkeypatch, capsys):
    monkeypatch.setattr(session, "current", session.Session(5))
    claims.outcome("5.2.3", "mean average precision", (0.912, 0.89, 0.931),
                   ("sliding window", (0.84, 0.8, 0.88)),
                   (0.072, 0.041, 0.099), 60)
    said = capsys.readouterr().out
    assert ("mean average precision 91.2% (89.0 to 93.1), sliding window "
            "84.0% (80.0 to 88.0), gain +7.2 points (4.1 to 9.9), "
            "n = 60 scenes: better") in said
    assert session.current.claims["5.2.3"][0] == "holds"
    assert claims.scoreboard() == {"5.2.3": "better"}


def test_a_sound_lies_in_the_player_itself():
    """JupyterLab keeps an audio's src on a page that was not run here."""
    from course.display import Audio
    html = Audio(np.sin(np.arange(80)), rate=8000)._repr_html_()
    assert html.startswith('<audio controls src="data:audio/wav;base64,')
    assert "<source" not in html
