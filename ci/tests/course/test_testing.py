"""Comparisons, and how they refuse."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import course
from course import files, session, testing
from course.messages import CourseError, message


def test_compare_prints_the_difference_beside_its_tolerance(capsys):
    pair = np.float32([1, 2.0000002]), np.float32([1, 2])
    course.compare("sum", *pair)
    assert capsys.readouterr().out == message(
        "compare.equal", name="sum", error=1.19e-7, tol=1e-5) + "\n"


@pytest.mark.parametrize("mine, reference", [
    ([1.0, 2.1], [1.0, 2.0]),
    ([1.0, np.nan], [1.0, 2.0]),
    ([1.0, 2.0], [1.0, np.nan]),
    ([1e-3], [0.0]),
    ([1.0, 2.0, 3.0], [1.0, 2.0]),
    ([[1.0, 2.0]], [1.0, 2.0]),
    ([], []),
])
def test_compare_refuses(mine, reference, capsys):
    with pytest.raises(AssertionError):
        course.compare("pair", np.array(mine), np.array(reference))
    assert not capsys.readouterr().out


def test_a_table_of_comparisons_can_be_shown_again(capsys, monkeypatch):
    monkeypatch.setattr(session, "current", session.Session())
    with pytest.raises(CourseError):
        course.comparisons()
    tables = []
    monkeypatch.setattr(testing, "table", lambda rows, header: tables.append(
        [name for name, *_ in rows]))
    for name in ("a", "b"):
        course.compare(name, [1.0], [1.0])
    course.comparisons()
    course.comparisons()
    course.compare("c", [1.0], [1.0])
    course.comparisons()
    assert tables == [["a", "b"], ["a", "b"], ["c"]]


def test_compare_names_the_place():
    a = np.zeros((2, 3))
    b = a + [[1, 1, 1], [1, 1, 2]]
    with pytest.raises(AssertionError, match=r"\(1, 2\)"):
        course.compare("pair", a, b)


def test_the_error_is_relative_to_the_largest_value():
    error, _ = testing.largest_difference(np.array([100.0, 1.0]),
                                          np.array([100.0, 2.0]))
    assert error == pytest.approx(0.01)


def test_nothing_that_guards_a_result_is_an_assert():
    """PYTHONOPTIMIZE and -O take every assert away."""
    found = [f"{path.name}:{node.lineno}"
             for path in Path(course.__file__).parent.rglob("*.py")
             for node in ast.walk(ast.parse(path.read_text("utf-8")))
             if isinstance(node, ast.Assert)]
    assert found == []


def test_what_raises_raises_under_minus_o_too():
    code = """if True:
        import numpy as np
        from course import check_shape, compare, metrics
        from course.applications import finance, speech
        wrong = [
            lambda: compare("x", np.array([1, 2]), np.array([1, 3])),
            lambda: check_shape(np.zeros(2), (3,)),
            lambda: metrics.bootstrap_difference([1, 2], [1]),
            lambda: metrics.over_seeds([1, 2]),
            lambda: speech.word_error_rate([("", "a")]),
            lambda: finance.walk_forward(np.zeros((300, 2)),
                                         lambda past: [1, 1])]
        for k, call in enumerate(wrong):
            try:
                call()
                print(k, "passes")
            except AssertionError as error:
                print(k, "raises", bool(str(error)))
        """
    done = subprocess.run(
        [sys.executable, "-O", "-c", code], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(files.ROOT / "notebooks")})
    assert done.stdout.splitlines() == [f"{k} raises True" for k in range(6)]


def test_check_shape():
    course.check_shape(np.zeros((2, 3)), (2, None))
    for shape in [(3, 2), (2,), (2, 3, 1)]:
        with pytest.raises(AssertionError):
            course.check_shape(np.zeros((2, 3)), shape)
