"""The checks notice small changes to the solutions, nearly all of them."""
import json
import subprocess
import sys

import numpy as np
import pytest

from ci import BUILD, ROOT
from ci.quality import mutants
from course.exercises import entries


def clipped_mean(x, low):
    """Stands for a solution."""
    kept = x[1:][x[1:] >= low]
    return kept.mean(axis=0) if len(kept) and low < 5 else -low


def changed(function=clipped_mean):
    return [lines for lines, _ in mutants.mutants(function, "any")]


def test_mutants_are_many_different_and_always_the_same(monkeypatch):
    monkeypatch.setattr(mutants, "MOST", 1000)
    lines = changed()
    assert len(lines) == len(set(lines)) > 20 and lines == changed()
    for expected in (
            "kept = x[2:][x[1:] >= low]", "kept = x[1:][x[1:] > low]",
            "return kept.sum(axis=0) if len(kept) and low < 5 else -low",
            "return kept.mean(axis=1) if len(kept) and low < 5 else -low",
            "return kept.mean() if len(kept) and low < 5 else -low",
            "return kept.mean(axis=0) if len(kept) or low < 5 else -low",
            "return kept.mean(axis=0) if len(kept) and low < 6 else -low",
            "return kept.mean(axis=0) if len(kept) and low < 5 else low",
            "without kept = x[1:][x[1:] >= low]"):
        assert expected in lines
    monkeypatch.setattr(mutants, "MOST", 10)
    assert len(changed()) == 10


def test_what_python_reads_alike_is_no_mutant():
    def square(x):
        return x * 2 * 1
    assert mutants.folded("2 * 2") == mutants.folded("2 ** 2")
    assert mutants.folded("x * 2") != mutants.folded("x ** 2")
    assert "return x * 2 * 1" not in changed(square)


def remainder(x):
    while x >= 2:
        x = x - 2
    return np.zeros(10**12) if x > 3 else x


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("cases, endless, weak", [
    ([(5.5,), (2.0,)], False, False), ([(0.5,)], True, True)])
def test_weak_cases_let_mutants_survive(cases, endless, weak, monkeypatch):
    """Loops without end and huge arrays are noticed, weak cases are seen."""
    monkeypatch.setattr(mutants, "SECONDS", 0.2)
    monkeypatch.setattr(entries, "exercise", lambda id: {
        "level": "easy", "solution": remainder, "cases": cases,
        "mistakes": []})
    survived = dict(mutants.tried("remainder"))
    assert survived["x = x"] == endless
    assert survived["while x > 2:"] == weak
    assert not survived["return x if x > 3 else np.zeros(10 ** 12)"]


@pytest.mark.slow
def test_every_chapter():
    """At least 95% killed; each survivor listed with its reason."""
    done = subprocess.run(
        [sys.executable, "-m", "ci.quality.mutants"], cwd=ROOT,
        capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    rows = json.loads((BUILD / "mutants.json").read_text("utf-8"))
    assert {id.split(".")[0] for id in rows} == {
        path.stem[7:] for path in (
            ROOT / "notebooks/course/exercises").glob("chapter*.py")}
    assert all(0 < row["made"] <= 30 for row in rows.values())
    assert mutants.rate(rows.values()) >= 0.95
    for id, row in rows.items():
        assert row["survivors"] == [], (
            id + ": add a case that tells them apart, or their reason to "
            "ci/quality/equivalent_mutants.csv")
        assert row["listed_but_killed"] == [], id
    assert all(reason for reason in mutants.accepted().values())
