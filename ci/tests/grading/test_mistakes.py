"""Typical mistakes are rejected, with a hint that fits.

`mistakes.csv` has a row for each: how it fared before anything was mended,
the hint that it gets now, and whether that was found right when both were
read. Most hints were written for these very mistakes: what a mistake that
nobody thought of may expect is the column `at first`.
"""
import ast
import csv
import json
import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from mistakes import MISTAKES, SURVIVORS

from ci import ROOT, chapters
from ci.grading import assignments
from course.exercises import entries, judging
from course.messages import message

TAKES_ASSERTIONS = re.compile(
    r"raises\(.*\b(AssertionError|Exception|BaseException)\b")
TABLE = Path(__file__).with_name("mistakes.csv")


def table():
    """{(exercise, mistake): row} of what was judged by hand."""
    with open(TABLE, encoding="utf-8", newline="") as file:
        return {(row["exercise"], row["mistake"]): row
                for row in csv.DictReader(file)}


def verdict(id, answer):
    """("wrong" or "right", the message at the end of what is said, or "")."""
    entry = entries.exercise(id)
    kind, text = judging.judge(id, entry, answer)
    line = text.partition("\n")[0]
    return kind, next((key for _, key in entry["mistakes"]
                       if line.endswith(" " + message(key))), "")


def test_there_are_enough_and_each_is_judged():
    assert len(MISTAKES) == 20
    assert all(len(some) >= 15 for some in MISTAKES.values())
    assert list(table()) == [(id, what) for id, some in MISTAKES.items()
                             for what, _ in some]


@pytest.mark.parametrize("id", MISTAKES)
def test_mistakes_are_rejected_with_the_hint_that_was_judged(id):
    judged = table()
    for what, answer in MISTAKES[id]:
        kind, hint = verdict(id, answer)
        row = judged[id, what]
        assert (kind, hint) == ("wrong", row["hint"]), what
        assert row["judged"] == ("right" if hint else ""), what


def test_most_get_a_hint():
    found = Counter(row["judged"] for row in table().values())
    assert found["right"] >= 0.75 * found.total() and not found["misleads"]


@pytest.mark.parametrize("what, id, answer", SURVIVORS)
def test_what_survives_elsewhere_is_rejected(what, id, answer):
    assert verdict(id, answer)[0] == "wrong"


def test_the_students_edition_asks_for_the_same_kinds(tmp_path, monkeypatch):
    monkeypatch.setattr(assignments, "COURSE", tmp_path)
    path = chapters()[4]
    assignments.source(4, path, assignments.exercises_of(
        nbformat.read(path, as_version=4)))
    file, = tmp_path.glob("source/*/course/exercises/chapter4.json")
    kinds = {id: entry.get("kind") for id, entry in json.loads(
        file.read_text("utf-8")).items()}
    assert kinds["4.out_size"] == "integer"
    assert kinds == {id: entry.get("kind") for id, entry in
                     entries.chapter_exercises("4").items()}


def test_no_assertion_stands_where_one_is_awaited():
    """`raises(AssertionError)` would take the test's own for it."""
    found = []
    for path in sorted((ROOT / "ci" / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.With) and any(
                    TAKES_ASSERTIONS.search(ast.unparse(item.context_expr))
                    for item in node.items):
                found += [f"{path.name}:{inner.lineno}"
                          for inner in ast.walk(node)
                          if isinstance(inner, ast.Assert)]
    assert not found
