"""`check`, `grade` and `progress`: what answers do, and what they can't."""

import array
import json
import sys
from collections import Counter, UserList, UserString, deque
from decimal import Decimal
from fractions import Fraction
from functools import partial

import ml_dtypes
import numpy as np
import pandas as pd
import pytest

import course
from course import exercises, session
from course.exercises import calls, entries, judging, progress, values
from course.messages import message


def double(x):
    return 2 * x


ENTRY = {
    "level": "medium", "lines": 1, "solution": double,
    "cases": [(np.array([1.0, 2.0]),), (1,), (3.5,)],
    "mistakes": [], "hint": "setup.restart",
}
LONG = {**ENTRY, "cases": [(np.arange(100.0),)]}


@pytest.fixture(autouse=True)
def one_exercise(monkeypatch):
    """A chapter 77 with one exercise, and no memory of others."""
    monkeypatch.setattr(entries, "chapter_exercises", lambda chapter: {
        "77.double": ENTRY, "77.long": LONG} if chapter == "77" else {})
    monkeypatch.setattr(progress, "_seen", {})
    judging.failing.clear()
    monkeypatch.setattr(exercises, "judge", partial(judging.judge,
                                                    seconds=0.3))


def verdict(answer, entry=ENTRY):
    return judging.judge("77.double", entry, answer, 0.3)


class Strange:
    """Equal to everything, and resists being looked at."""

    def __eq__(self, other):
        return True

    def __array__(self, *_, **__):
        raise RuntimeError("no")

    def __repr__(self):
        raise ValueError("no")


class Resists:
    def __getattribute__(self, name):
        raise RuntimeError("no")

    def __call__(self):
        pass


class Always(int):
    """A number that is equal to everything."""

    def __eq__(self, other):
        return True


class AlwaysText(str):
    __hash__ = None

    def __eq__(self, other):
        return True

    def __str__(self):
        return self


class Measured:
    """No array, but NumPy reads it as one."""

    def __array__(self, dtype=None, copy=None):
        return np.array([1.5, 2.0])


class Numbered:
    """A sequence that says so only by its methods."""

    def __len__(self):
        return 2

    def __getitem__(self, k):
        return [3, 4.5][k]


class Base(BaseException):
    pass


def leaves(x):
    sys.exit(3)


def interrupts(x):
    raise KeyboardInterrupt


def raises_base(x):
    raise Base("mine")


def recurses(x):
    return recurses(x)


def loops(x):
    while True:
        pass


def loops_and_catches(x):
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def loops_and_catches_all(x):
    while True:
        try:
            while True:
                try:
                    1 / 0
                except:  # noqa: E722
                    pass
        except:  # noqa: E722
            pass


def checks_itself(x):
    exercises.grade("77.double", checks_itself)
    return x


def prints_much(x):
    for _ in range(20_000):
        print("x" * 1000)
    return 3 * x


def patches_numpy(x):
    np.allclose = np.array_equal = lambda *_, **__: True
    np.asarray = lambda *_, **__: 1
    return x


def forgets(x):
    x = 2 * x


def generates(x):
    yield 2 * x


HOSTILE = [leaves, interrupts, raises_base, recurses, loops,
           loops_and_catches, loops_and_catches_all, checks_itself,
           prints_much, patches_numpy, generates,
           lambda x: Strange(), lambda x: [Strange()], lambda x: x * np.nan,
           lambda x: np.zeros(10**7), lambda x: 10**5000, lambda x: {1: x},
           lambda x: {2 * 1.0}, lambda x: np.array([None]), lambda x: double,
           forgets, lambda x: "2", lambda: 2, lambda x, y: 2 * x,
           Strange(), Resists(), 3, "double", np.zeros(3), type, print]


@pytest.mark.parametrize("k", range(len(HOSTILE)))
def test_no_answer_stops_the_notebook(k, capfd):
    allclose = np.allclose
    assert exercises.grade("77.double", HOSTILE[k]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("✗ 77.double: ") and len(out) < 1500
    assert err == "" and "0x" not in out
    assert np.allclose is allclose


@pytest.mark.parametrize("id", ["77.none", "99.x", "x", "", None, 3, ["a"]])
def test_an_unknown_exercise_is_named(id, capsys):
    assert exercises.grade(id, double) == 0
    for function in (course.hint, course.solution):
        function(id)
    course.check(id, double)
    assert set(capsys.readouterr().out.splitlines()) == {
        message("check.unknown", id=repr(id))}


@pytest.mark.parametrize("answer, text", [
    (lambda: 2, "expected: 1 (x); yours takes 0"),
    (lambda x, y: 2 * x, "expected: 1 (x); yours takes 2"),
    (forgets, "is there a return?"),
    (lambda x: 3 * x, "for x = 1 it should be 2, yours is 3."),
    (loops, "stopped after 0.3 seconds"),
    (leaves, "for x = [1.0, 2.0] your code raises SystemExit: 3"),
    (lambda x: x / 3, "for x = 1 it should be 2, yours is 0.3333."),
    (lambda x: 2 * x + 3e-5, "for x = 1 it should be 2, yours is 2.00003."),
    (lambda x: x / 3e7, "for x = 1 it should be 2, yours is 3.333e-08."),
])
def test_what_is_wrong_is_told(answer, text):
    assert text in verdict(answer)[1]


class Two:
    def __repr__(self):
        return "2"


def test_values_that_print_alike_are_told_apart_by_type():
    text = verdict(lambda x: Two() if np.ndim(x) == 0 and x == 1 else 2 * x)[1]
    assert "it should be 2 (int), yours is 2 (Two)." in text


def test_a_long_array_is_compared_place_by_place():
    kind, text = verdict(lambda x: 2 * x + (x == 7), LONG)
    assert kind == "wrong"
    assert "the value at [7] should be 14.0, yours is 15.0." in text
    kind, text = verdict(lambda x: x[:3], LONG)
    assert kind == "wrong"
    assert "the shape should be (100,), yours is (3,)." in text


def test_more_right_forms():
    for right in (lambda x, more=1: 2 * x, lambda *x: x[0] + x[0],
                  lambda x: np.float32(2) * x):
        assert verdict(right)[0] == "right"


@pytest.mark.parametrize("kind, of, good, bad", [
    ("integer", lambda x: x // 1, [int, np.int64, np.uint8, np.array],
     [float, np.float32, bool]),
    ("boolean", lambda x: [x > 0], [np.array, tuple, lambda m: [
        np.bool_(m[0])], lambda m: np.array(m, object)],
     [lambda m: [1], lambda m: np.ones(1), lambda m: [np.int8(1)]])])
def test_a_kind_that_the_text_asks_for(kind, of, good, bad, monkeypatch):
    """Of Python or of NumPy; also where the results arrive as JSON."""
    entry = {**ENTRY, "solution": of, "cases": [(1,)], "kind": kind}
    for make in good + bad:
        for sent in (False, True):
            def answer(x):
                got = make(of(x))
                return values.decode(values.encode(got)) if sent else got
            got, text = verdict(answer, entry)
            assert got == ("right" if make in good else "wrong"), make
            assert (kind in text) == (make in bad)
    students = {**entry, "wanted": [of(1)], "parameters": ["x"]}
    del students["solution"]
    assert verdict(lambda x: bad[0](of(x)), students)[0] == "wrong"
    assert judging.failing["77.double"] == (1,)


def test_what_an_answer_prints_is_shown_in_short(capsys):
    course.check("77.double", lambda x: print("here", x) or 3 * x)
    assert "here 1" not in capsys.readouterr().out.splitlines()[0]
    kind, text = verdict(lambda x: print("here", x) or 2 * x)
    assert kind == "right" and "here [1. 2.]" in text
    assert not text.endswith("\n")


@pytest.mark.parametrize("answer, points", [
    (lambda x: None, 0), (None, 0), (lambda x: 1 / 0, 0),
    (lambda x: x, 0), (double, 2)])
def test_points(answer, points):
    got = exercises.grade("77.double", answer)
    assert got == points and type(got) is int


def test_a_right_answer_with_a_warning_is_right(capfd):
    def warns(x):
        np.log(np.zeros(1))
        print("careful", file=sys.stderr)
        return 2 * x
    assert exercises.grade("77.double", warns) == 2
    assert capfd.readouterr().err == ""


def test_hidden_cases_count_and_are_not_shown(tmp_path, monkeypatch, capsys):
    (tmp_path / "hidden77.json").write_text(json.dumps({"77.double": {
        "cases": [values.encode((4321.0,))], "wanted": [8642.0]}}))
    monkeypatch.setenv(exercises.HIDDEN, str(tmp_path))
    assert exercises.grade("77.double", double) == 2
    assert exercises.grade(
        "77.double", lambda x: x + np.minimum(x, 1000)) == 0
    text = capsys.readouterr().out
    assert message("check.hidden", id="77.double") in text
    assert "4321" not in text and "8642" not in text


# ---- values ----

@pytest.mark.parametrize("a, b", [
    ([1, [2, 3]], [1, [2, 3]]), ((np.ones(2), 1), [np.ones(2), 1.0]),
    ([[1], [2, 3]], [np.ones(1), np.array([2, 3])]), (True, 1),
    ({"a": [1.0]}, {"a": np.ones(1)}), ({1, 2}, {2, 1}), ("a", "a"),
    (["a", "bc"], np.array(["a", "bc"])), (np.nan, np.nan), (None, None),
    ([], np.zeros(0)), (1 + 1e-7, 1.0), (Fraction(1, 3), 1 / 3),
    (Decimal("0.25"), 0.25), (Decimal(3), 3), (np.str_("G"), "G"),
    (np.array(["G", "A"], object), ["G", "A"]), (deque([1, 2]), [1, 2]),
    (np.array([1, 2.5], object), [1, 2.5]), (range(3), [0, 1, 2]),
    (np.longdouble(2.5), 2.5), ([Fraction(1, 2), 2], [0.5, 2]),
    (np.ones(2, ml_dtypes.bfloat16), [1.0, 1.0]), (Counter("aab"),
                                                    {"a": 2, "b": 1}),
    (pd.Series([1.5, 2]), [1.5, 2]), (pd.DataFrame([[1, 2]]), [[1, 2]]),
    (9.7e9, 9_700_000_000), (3.0, 3), (np.float32(1e6), 1_000_000),
    # numbers beside strings are numbers
    (("a", 1), ("a", 1.0)), (("a", 0.1 + 0.2), ["a", 0.3]),
    (("a", np.float32(1 / 3)), ("a", 1 / 3)), (["a", True], ("a", 1)),
    (("a", Fraction(1, 3)), ("a", np.float64(1 / 3))),
    ([["a", [1, 0.1 + 0.2]], 2], [["a", (1.0, 0.3)], 2.0]),
    ([("b", 1.0), ("a", 2.0)], [["b", 1], ["a", 2]]),
    ({"x": ("a", 0.1 + 0.2)}, {"x": ("a", 0.3)}),
    (np.array(["a", 0.5], object), ("a", 0.5)),
    ([1, 2.5], np.array([1, 2.5])), ([[1, 2.5], [0, 1]], [[1.0, 2.5], [0, 1]]),
    (np.array([1e6, 0.5]), [1_000_000, 0.5]),
    (2**70, 2**70), (2.0**70, 2**70), ([2**70, 1], [2**70, 1]),
    # whatever NumPy reads as an array
    (array.array("d", [1.5, 2]), [1.5, 2]), (bytearray(b"ab"), [97, 98]),
    ([array.array("d", [1]), array.array("d", [2])], [[1], [2]]),
    (memoryview(np.arange(4.0).reshape(2, 2)), [[0, 1], [2, 3]]),
    (UserList([1, UserList([2.5])]), [1, [2.5]]), (UserString("a"), "a"),
    (Measured(), [1.5, 2]), ([Measured()], [[1.5, 2]]),
    (("a", Measured()), ("a", [1.5, 2])), (Numbered(), [3, 4.5]),
    (np.array(["tea", "##pot"], np.dtypes.StringDType()), ["tea", "##pot"])])
def test_the_same(a, b):
    """For `check`, and for `grade`, where results come from elsewhere."""
    assert values.same(a, b)
    sent = values.decode(json.loads(json.dumps(values.encode(a))))
    assert values.same(sent, b)


@pytest.mark.parametrize("a, b", [
    ([1, 2], [1, 2, 3]), (np.ones(1), 1.0), ("1", 1), (1, "1"), (None, 0),
    ({"a": 1}, {"b": 1}), ([1, 2], {1, 2}), (np.nan, 1.0), (np.inf, 1.0),
    ([[1], [2]], [[1], [2, 3]]), (["a"], ["b"]), ([1], ["1"]), (1.001, 1.0),
    (object(), 1), (double, 1), (np.array([None]), 1), ([Strange()], [1]),
    (1_000_001, 1_000_000), (1_000_001.0, 1_000_000), (Fraction(1, 3), 0.3),
    ([1, 2, 4], [1, 2, 3]), (np.array(["a"], object), ["b"]),
    (("a", "0.5"), ("a", 0.5)), (("a", 0.5), ("a", "0.5")),
    (np.array(["a", "0.5"]), ("a", 0.5)), (["1", "2"], [1, 2]),
    (("a", 0.301), ("a", 0.3)), (("b", 0.3), ("a", 0.3)),
    (("a", 1_000_001), ("a", 1_000_000)), (("a", b"b"), ("a", "b")),
    ([1_000_001, 0.5], [1_000_000, 0.5]), (("a", 0.5, 1), ("a", 0.5)),
    ([["a", 1], ["b", 2]], [["a", 1], ["b", 3]]), (2**70 + 1, 2**70),
    ([2**70 + 1, 1], [2**70, 1]), ([2**63 + 1, -1], [2**63, -1]),
    (Always(), 1), ([Always()], [1]), (AlwaysText("b"), "a"),
    (("a", Always(2)), ("a", 1)), (UserList([1, 2]), [1, 3]),
    (array.array("d", [1.5]), [1.6]), (Measured(), [1.5, 2.1]),
    (np.array(["tea"], np.dtypes.StringDType()), ["teas"])])
def test_not_the_same(a, b):
    assert not values.same(a, b)


@pytest.mark.parametrize("value", [
    None, True, 3, 2.5, "text", [1, [2.5, "a"]], (1, (2, 3)), {"a": (1,)},
    {1, 2}, np.arange(6).reshape(2, 3), np.float32([1.5, np.nan, np.inf]),
    np.array(2.5), np.ones((0, 3)), np.array([True, False]),
    np.array(["a", "bc"]), np.array([1 + 2j]), [np.tanh, abs and max][:1]])
def test_values_survive_plain_json(value):
    again = values.decode(json.loads(json.dumps(values.encode(value))))
    assert type(again) is type(value) and values.same(again, value) or (
        again == value)
    if isinstance(value, np.ndarray):
        assert again.dtype == value.dtype and again.shape == value.shape


def test_what_is_no_plain_value_is_refused():
    for value in (object(), double, lambda: 0, np.array([object()]),
                  [object()]):
        with pytest.raises(TypeError):
            values.encode(value)
    for value in ({}, {"function": ["os", "system"]}, {"other": 1},
                  {"array": [[1, 2]], "dtype": "<f8", "shape": [3]},
                  {"array": [[1]], "dtype": "|O", "shape": [1]}):
        with pytest.raises(ValueError):
            values.decode(value)


@pytest.mark.parametrize("answer", [loops, loops_and_catches_all])
def test_the_time_limit_leaves_the_alarm_as_it_was(answer):
    before = calls.signal.getsignal(calls.signal.SIGALRM)
    traced = sys.gettrace()
    verdict(answer)
    assert sys.gettrace() is traced
    assert calls.signal.getsignal(calls.signal.SIGALRM) is before
    assert calls.signal.getitimer(calls.signal.ITIMER_REAL) == (0, 0)


def test_a_time_limit_lets_another_go_on():
    with pytest.raises(calls.Stopped), calls.time_limit(0.2):
        with calls.time_limit(5):
            pass
        while True:
            pass
    assert calls.signal.getitimer(calls.signal.ITIMER_REAL) == (0, 0)


def test_check_inside_an_answer_is_told():
    kind, text = verdict(checks_itself)
    assert kind == "wrong"
    exercises._judging.append("77.double")
    try:
        kind, text = verdict(checks_itself)
    finally:
        exercises._judging.clear()
    assert message("check.inside", id="'77.double'") in text


# ---- progress ----

def test_progress_lives_in_the_kernel(tmp_path, monkeypatch, capsys):
    for name in ("COURSE_LIVE", "BINDER_SERVICE_HOST", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(progress, "FILE", tmp_path / "build/progress.json")
    monkeypatch.setattr(session, "current", session.Session(77))
    course.progress()
    assert capsys.readouterr().out == """\
Chapter 77: 0 of 2 solved, 0 more attempted
  ○ 77.double (medium)
  ○ 77.long (medium)
"""
    course.check("77.double", double)
    course.check("77.double", lambda x: x)  # solved stays solved
    course.check("77.long", lambda x: x)
    capsys.readouterr()
    course.progress()
    assert capsys.readouterr().out == """\
Chapter 77: 1 of 2 solved, 1 more attempted
  ✗ 77.long (medium), attempted
"""
    assert list(tmp_path.iterdir()) == []


def test_live_progress_outlives_the_kernel(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_LIVE", "1")
    monkeypatch.setattr(progress, "FILE", tmp_path / "build/progress.json")
    monkeypatch.setattr(progress, "_chapters", lambda: [76, 77])
    monkeypatch.setattr(session, "current", session.Session(76))
    course.check("77.double", double)
    monkeypatch.setattr(progress, "_seen", {})  # another kernel
    course.check("77.double", lambda x: x)
    course.check("77.long", lambda x: x)
    capsys.readouterr()
    course.progress()
    assert capsys.readouterr().out.splitlines() == [
        "Chapter 76: 0 of 0 solved, 0 more attempted",
        "Chapter 77: 1 of 2 solved, 1 more attempted"]
    assert [p.name for p in progress.FILE.parent.iterdir()] == [
        "progress.json"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"77.double": 3}'])
def test_a_damaged_store_is_begun_anew(text, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_LIVE", "1")
    monkeypatch.setattr(progress, "FILE", tmp_path / "progress.json")
    progress.FILE.write_text(text)
    course.check("77.double", double)
    assert json.loads(progress.FILE.read_text()) == {"77.double": "solved"}


def test_check_without_an_answer_is_not_attempted(capsys):
    course.check("77.double")
    assert capsys.readouterr().out == message(
        "check.blank", id="77.double") + "\n"


def test_without_a_place_to_write_nothing_happens(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_LIVE", "1")
    (tmp_path / "build").write_text("a file")
    monkeypatch.setattr(progress, "FILE", tmp_path / "build/progress.json")
    course.check("77.double", double)


def test_the_failing_case_can_be_had(capsys):
    assert exercises.case("77.double")[0].tolist() == [1.0, 2.0]
    exercises.check("77.double", lambda x: x**2 + (x == 2))
    assert exercises.case("77.double") == (1,)
    exercises.check("77.long", lambda x: 2 * x + (x == 7))
    text = capsys.readouterr().out
    assert 'for x = [0.0, 1.0, ' in text
    assert '… (case("77.long") gives it whole) the value at [7]' in text
    given, = exercises.case("77.long")
    given[:] = 0  # a copy
    assert exercises.case("77.long")[0].sum() == np.arange(100).sum()
    with pytest.raises(course.CourseError):
        exercises.case("77.triple")


def test_arguments_are_shown_by_name():
    entry = {**ENTRY, "solution": lambda size, scale=2: size * scale,
             "cases": [(3, 4), (5,)]}
    text = verdict(lambda size, scale=2: size * scale + (scale > 2), entry)[1]
    assert "for size = 3, scale = 4 it should be 12, yours is 13." in text
    text = verdict(lambda size, scale=2: size * scale + 1, entry)[1]
    assert "for size = 5 it should be 10, yours is 11." in text
