"""A check's three states; each exercise proves its own."""

import inspect
import itertools
import math
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import course
from ci.quality import contract
from course import exercises
from course.exercises import calls, entries, judging, values
from course.messages import message


def double(x):
    return 2 * x


ENTRY = {
    "level": "easy", "lines": 1, "solution": double,
    "cases": [(1,), (3.5,), (np.array([1.0, 2.0]),)],
    "others": [lambda x: x + x],
    "mistakes": [(lambda x: x**2 + 1, "setup.no_network")],
    "hint": "setup.restart",
}


def state(answer, **options):
    return judging.judge("4.double", ENTRY, answer, **options)


def test_check_has_three_states():
    def blank(x):
        ...

    def with_docstring(x):
        """Specification."""
        ...
    for untouched in (blank, with_docstring, None, ...):
        assert state(untouched)[0] == "blank"
    for right in (double, lambda x: x + x, lambda x: np.float32(2) * x):
        assert state(right)[0] == "right"
    for wrong in (lambda x: x, lambda x: [2 * x], lambda x: "2", 3):
        assert state(wrong)[0] == "wrong"


def test_check_tells_the_first_difference_and_a_known_mistake():
    kind, text = state(lambda x: 3 * x)
    assert kind == "wrong" and "1" in text and "2" in text and "3" in text
    kind, text = state(lambda x: x * x + 1)
    assert kind == "wrong" and text.endswith(message("setup.no_network"))


def test_check_survives_what_an_answer_does():
    assert "ZeroDivisionError" in state(lambda x: x / 0)[1]
    assert state(lambda x: np.zeros(3) @ np.zeros(4))[0] == "wrong"

    def for_ever(x):
        while True:
            pass
    assert "0.2 seconds" in state(for_ever, seconds=0.2)[1]


def test_a_debugger_is_left_alone(monkeypatch):
    """A debugger warns of every sys.settrace; only a stop needs one."""
    from course.exercises import calls
    asked, settrace = [], sys.settrace
    before = sys.gettrace()
    monkeypatch.setattr(sys, "settrace",
                        lambda trace: (asked.append(trace), settrace(trace)))
    with calls.time_limit(5):
        assert calls.call(abs, (-1,)) == ("value", 1, "")
    assert asked == []
    with calls.time_limit(0.1):
        assert calls.call(time.sleep, (1,))[0] == "slow"
    assert len(asked) >= 2 and asked[-1] is before is sys.gettrace()


def test_an_answer_can_t_change_the_cases():
    def spoils(x):
        if isinstance(x, np.ndarray):
            x *= 2
            return x
        return 2 * x
    assert state(spoils)[0] == "right"
    assert ENTRY["cases"][2][0].tolist() == [1.0, 2.0]


def all_exercises():
    import importlib
    for path in sorted(Path(exercises.__file__).parent.glob(
            "chapter*.py")):
        module = importlib.import_module(f"course.exercises.{path.stem}")
        for id, entry in module.EXERCISES.items():
            yield pytest.param(id, entry, id=id)


@pytest.mark.parametrize("id, entry", list(all_exercises()))
def test_each_exercise_proves_its_check(id, entry, displayed, capsys):
    assert entry["level"] in ("easy", "medium", "hard")
    assert judging.judge(id, entry, entry["solution"])[0] == "right"
    assert len(entry["others"]) >= 2 and len(entry["mistakes"]) >= 3
    for other in entry["others"]:
        assert judging.judge(id, entry, other)[0] == "right"
    assert ("large" in entry) == ("slow" in entry)
    for slow in entry.get("slow", []):
        kind, text = judging.judge(id, entry, slow)
        assert kind == "wrong" and text.startswith(f"✗ {id}: right, but")
        limits = entries.large(entry)[2]
        short = {key: value for key, value in entry.items() if key != "large"}
        assert judging.judge(id, short, slow)[0] == "right"
        assert all(str(most) in text for most in limits.values())
    for wrong, key in entry["mistakes"]:
        kind, text = judging.judge(id, entry, wrong)
        assert kind == "wrong" and text.endswith(message(key)), key
    assert len({key for _, key in entry["mistakes"]}) >= 3
    course.hint(id)
    assert capsys.readouterr().out.strip() == message(entry["hint"])
    course.solution(id)
    assert "def " in displayed[0][0]["text/plain"]


def test_three_exercises_limit_time_or_memory():
    limited = [param.values for param in all_exercises()
               if "large" in param.values[1]]
    assert len(limited) >= 3
    for _, entry in limited:
        case, wanted, limits = entries.large(entry)
        kind, got, _ = calls.within(entry["solution"], case, **{
            key: most / 5 for key, most in limits.items()})
        assert kind == "value" and values.same(got, wanted)  # with room


def test_a_large_case_can_also_be_wrong_or_raise():
    entry = {**ENTRY, "large": {"case": (np.arange(10.0),), "seconds": 1}}
    assert judging.judge("4.double", entry, double)[0] == "right"
    kind, text = judging.judge(
        "4.double", entry, lambda x: 2 * x if np.size(x) < 6 else [][0])
    assert kind == "wrong" and "IndexError" in text
    kind, text = judging.judge("4.double", entry, lambda x: 2 * x % 18)
    assert kind == "wrong" and "16.0, 0.0]" in text
    kind, text = judging.judge(
        "4.double", {**ENTRY, "large": {"case": (np.arange(10.0),),
                                        "megabytes": 2}},
        lambda x: 2 * x + np.zeros(10**6)[:np.size(x)].reshape(np.shape(x)))
    assert text == message("check.right_but_large", id="4.double", got=8,
                           megabytes=2, case="x = " + values.short(
                               np.arange(10.0)))


def test_exercises_are_enough():
    """Each chapter's share as the contract says; 44 with all eight."""
    found = [param.values[0].partition(".")[0] for param in all_exercises()]
    shares = {chapter: contract.EXERCISES.get(int(chapter), 4)
              for chapter in found}
    assert all(found.count(chapter) >= n for chapter, n in shares.items())
    assert len(shares) < 8 or len(found) >= 44


def test_the_chapter_goes_on_with_the_right_function(monkeypatch, capsys):
    monkeypatch.setattr(exercises, "exercise", {"4.double": ENTRY}.get)

    def mine(x):
        return x + x
    assert exercises.use("4.double", mine) is mine
    assert capsys.readouterr().out.strip() == message("check.yours",
                                                      id="4.double")
    for other in (lambda x: x, None, ..., 3, lambda: 0):
        assert exercises.use("4.double", other) is double
        assert capsys.readouterr().out.strip() == message("check.ours",
                                                          id="4.double")
    with pytest.raises(course.CourseError):
        exercises.use("4.triple", mine)
    del (students := dict(ENTRY, wanted=[2, 7, 2]))["solution"]
    monkeypatch.setattr(exercises, "exercise", {"4.double": students}.get)
    with pytest.raises(course.CourseError):
        exercises.use("4.double", mine)


# ---- wrong answers that once passed ----

def collapse_truthy(path, blank):
    return [k for k, _ in itertools.groupby(path) if k and k != blank]


def crossing_late(n, a, b):
    gap, i = b - a, np.argmax(b > a)
    return n[i - 1] * (n[i] / n[i - 1]) ** (
        gap[i - 1] / (gap[i - 1] - gap[i]))


def merge_joined(symbols, pair):
    text = " ".join(symbols).replace(" ".join(pair), "".join(pair))
    return text.split()


def least_by_value(v, bar, k):
    best = max([*v[v != v[k]], -np.inf])
    return 0 if best >= bar else (bar - best) / (v[k] - best)


def pruned(count, copies=True):
    def prune(W, share):
        W = W.copy() if copies else W
        W.flat[np.argsort(np.abs(W), axis=None)[:count(share * W.size)]] = 0
        return W
    return prune


def clip_in_place(g, limit):
    norm = np.sqrt((g**2).sum())
    if norm > limit:
        g *= limit / norm
    return g


def top_k_in_place(p, k):
    p[np.argsort(p)[:-k]] = 0
    p /= p.sum()
    return p


@pytest.mark.parametrize("id, answer, says", [
    ("7.prune", pruned(int), ""), ("7.prune", pruned(math.ceil), ""),
    ("6.merge", merge_joined, ""), ("2.crossing", crossing_late, ""),
    ("5.collapse", collapse_truthy, ""),
    ("7.least_weight", least_by_value, ""),
    ("7.prune", pruned(round, copies=False), "work on a copy"),
    ("3.clip", clip_in_place, "work on a copy"),
    ("4.top_k", top_k_in_place, "work on a copy"),
    ("1.width", lambda L, budget: 1 + entries.exercise("1.width")[
        "solution"](L, budget), "")])
def test_wrong_answers_are_rejected(id, answer, says):
    kind, text = judging.judge(id, entries.exercise(id), answer)
    assert kind == "wrong" and says in text


def test_a_copy_may_be_changed():
    for id, answer in (("7.prune", pruned(round)),
                       ("3.clip", lambda g, limit: clip_in_place(
                           g.copy(), limit))):
        assert judging.judge(id, entries.exercise(id), answer)[0] == "right"


def test_hints_come_in_two_steps(capsys, monkeypatch):
    """The idea, which is not the solution; then where to begin."""
    monkeypatch.setattr(exercises, "_hinted", set())
    for id in ("7.prune", "1.perplexity"):
        for again in (0, 1):
            exercises.hint(id)
            first, *more = capsys.readouterr().out.splitlines()
            assert first == message(id + ".hint")
            assert bool(more) == again
        told = more[0].partition(": ")[2]
        source = inspect.getsource(entries.exercise(id)["solution"])
        assert told in source or "solution(" in told or "line" in more[0]


def test_no_hint_is_the_whole_solution():
    """No hint holds all statements of a solution of several."""
    for chapter in range(1, 9):
        found = entries.chapter_exercises(str(chapter))
        for id, entry in found.items():
            text = re.sub(r"\W", "", message(entry["hint"]))
            body = inspect.getsource(entry["solution"]).splitlines()[1:]
            parts = [re.sub(r"\W|return", "", line.partition("#")[0])
                     for line in body]
            parts = [part for part in parts if len(part) > 6]
            if len(parts) > 1:
                assert not all(part in text for part in parts), id
