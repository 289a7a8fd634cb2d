"""What the five fields of chapter 5 share: their names and their scores."""
import csv
import sys

import numpy as np
import pytest

from ci import ROOT
from course import CourseError, claims, files, metrics, session
from course.applications import selection

sys.path.insert(0, str(ROOT / "data"))


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


def test_groups_are_the_unit_whatever_cases_they_have():
    values = [0.8, 0.9, 0.7]
    mean, low, high = metrics.over_groups(values)
    assert mean == pytest.approx(0.8)
    # Student's t of 2 degrees of freedom, 4.303, times 0.1 / 3 ** 0.5
    assert (low, high) == pytest.approx((0.8 - 0.2484, 0.8 + 0.2484), abs=1e-3)


def test_a_share_of_groups_counts_each_group_alike():
    right = np.array([1, 1, 1, 0, 1, 0, 0, 1]) > 0
    voices = np.array(list("aaaabbcc"))  # three quarters, half, half
    mean, low, high = metrics.over_groups([0.75, 0.5, 0.5])
    assert metrics.share(right, voices) == (
        f"{mean:.1%} ({100 * low:.1f} to {100 * high:.1f})")
    # all groups alike: Wilson's
    assert metrics.share(right[:4] | True, voices[2:6]).replace(
        ")", ", n = 4)") == metrics.share(np.ones(4, bool))


OURS, RULE = np.arange(60) % 10 > 0, np.arange(60) % 10 > 3  # 90%, 60%
COPIES = np.repeat([4, 5, 6], 20)


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(session, "current", session.Session(5))


def test_an_outcome_says_all_its_numbers(fresh, displayed):
    claims.outcome("5.2.2", "share right", {
        "network": OURS, "one frame": ~RULE, "rule": RULE}, groups=COPIES)
    claims.scoreboard()
    (table, _), (board, _) = displayed
    lines = table["text/plain"].splitlines()
    assert lines[0] == ("| 60 clips of 3 copies | share right (95%) | our "
                        "gain (95%) | verdict |")
    assert lines[2] == "| network | 90.0% (79.9 to 95.3) |  |  |"
    assert lines[4] == ("| rule | 60.0% (47.4 to 71.4) | +30.0 points (18.3 "
                        "to 41.7) | wins |")
    row = board["text/plain"].splitlines()[2]
    for part in ("video analysis", "network 90.0%", "one frame 40.0%",
                 "rule 60.0%", "+30.0 points", "wins"):
        assert part in row
    verdict, evidence = session.current.claims["5.2.2"]
    assert verdict == "holds" and "rule" in evidence and "wins" in evidence


@pytest.mark.parametrize("ours, hard, verdict", [
    (OURS, RULE, "better"), (RULE, OURS, "worse"),
    (OURS, np.roll(OURS, 5), "undecided")])
def test_the_verdict_is_against_the_last_method(ours, hard, verdict, fresh,
                                                displayed):
    """And can be lost, however bad the simple one is."""
    claims.outcome("5.1.3", "share right", {
        "ours": ours, "simple": np.zeros(60, bool), "hard": hard},
        world="limits")
    assert claims.scoreboard() == {"5.1.3": verdict}
    assert session.current.claims["5.1.3"][0] == "limits"
    assert "wins" in displayed[0][0]["text/plain"]  # against the simple one


def test_less_is_better_of_some_measures(fresh, displayed):
    loss = np.arange(20.0)
    claims.outcome("5.5.1", "pinball loss", {
        "ours": loss, "simple": loss + 2, "hard": loss - 1})
    assert claims.scoreboard() == {"5.5.1": "worse"}
    assert "+2.00 (2.00 to 2.00) | wins" in displayed[0][0]["text/plain"]
    assert "-1.00 (-1.00 to -1.00) | loses" in displayed[0][0]["text/plain"]


SEEDS = {str(seed) for seed in (1, 2)}


def kept_rows():
    with open(files.data_file("application_seeds.csv"), encoding="utf-8",
              newline="") as file:
        return [*csv.DictReader(file)]


def test_other_seeds_have_a_row_an_application():
    rows = kept_rows()
    ids = {id for id in claims.of_chapter(5) if id != "5.a"}
    for id in ids:
        assert SEEDS <= {row["seed"] for row in rows if row["id"] == id}
    assert {row["id"] for row in rows} == ids
    assert len({(row["id"], row["seed"]) for row in rows}) == len(rows)
    for row in rows:
        gain, low, high = (float(row[name])
                           for name in ("gain", "low", "high"))
        assert low <= gain <= high and row["measure"] in claims.MEASURES
        assert row["verdict"] == claims.judge((gain, low, high))


def test_a_verdict_that_turns_with_the_seed_is_named(fresh, displayed,
                                                     capsys):
    seen = {row["verdict"] for row in kept_rows() if row["id"] == "5.5.1"}
    claims.outcome("5.5.1", "pinball loss", {
        "ours": np.arange(20.0), "hard": np.arange(20.0) - 1})
    verdicts = claims.repeated()["5.5.1"]
    assert verdicts[0] == "worse" and {*verdicts} == seen | {"worse"}
    row = displayed[-1][0]["text/plain"].splitlines()[2]
    assert row.startswith("| 5.5.1 | risk assessment | -1.00, loses | ")
    assert row.count(", ") == len(verdicts)
    assert "0 of 1; it turns in: 5.5.1" in capsys.readouterr().out


def test_a_new_run_takes_the_place_of_an_older_one(monkeypatch, tmp_path):
    import ship
    import make_seeds as script
    monkeypatch.setattr(script, "FILE", tmp_path / "seeds.csv")
    monkeypatch.setattr(ship, "ship", lambda path: None)
    for gain in "123":
        script.keep(2, [["5.1.1", 2, "chrF", gain, "0", "4", "better"]])
        script.keep(1, [["5.1.2", 1, "chrF", gain, "0", "4", "better"]])
    assert script.FILE.read_text().splitlines()[1:] == [
        "5.1.1,2,chrF,3,0,4,better", "5.1.2,1,chrF,3,0,4,better"]


def test_an_interval_stays_where_a_score_can_lie(fresh, displayed):
    ours = np.array([1] * 20 + [1] * 20 + [0, 1] * 10, bool)
    claims.outcome("5.2.2", "share right", {
        "ours": ours, "rule": ~ours}, groups=COPIES)
    assert "83.3% (11.6 to 100.0)" in displayed[0][0]["text/plain"]
    ratio = np.array([0.5, -0.6, 0.2])
    claims.outcome("5.5.3", "Sharpe ratio", {
        "ours": ratio, "equal": ratio}, groups=range(3))
    assert "0.03 (-1.38 to 1.45)" in displayed[1][0]["text/plain"]


def test_a_gain_of_shares_stays_within_a_hundred_points(fresh, displayed):
    ours = np.array([1] * 40 + [0, 1] * 10, bool)
    theirs = np.array([0] * 40 + [0, 1] * 10, bool)
    claims.outcome("5.2.2", "share right", {
        "ours": ours, "rule": theirs}, groups=COPIES)
    assert ("+66.7 points (-76.8 to 100.0)"
            in displayed[0][0]["text/plain"])


def test_groups_that_score_alike_are_not_certain(fresh, displayed):
    claims.outcome("5.2.2", "share right", {
        "ours": np.arange(60) % 20 > 3 * (COPIES - 4),
        "rule": np.ones(60, bool)}, groups=COPIES)
    assert "| rule | 100.0% (94.0 to 100.0) |" in (
        displayed[0][0]["text/plain"])  # Wilson's, of 60


def test_a_sound_lies_in_the_player_itself():
    """JupyterLab keeps an audio's src on a page that was not run here."""
    from course.display import Audio
    html = Audio(np.sin(np.arange(80)), rate=8000)._repr_html_()
    assert html.startswith('<audio controls src="data:audio/wav;base64,')
    assert "<source" not in html
