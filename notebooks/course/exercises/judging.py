"""Checks for the exercises: one line, three states, never an exception.

A chapter's exercises stand in `chapterN.py` as a dict EXERCISES:
id -> level ("easy", "medium", "hard"), lines (the budget), solution,
others (further right forms), cases (tuples of arguments), mistakes (pairs of
a wrong function and the messages.csv key that says what it suggests), hint
(a messages.csv key). The students' edition has `chapterN.json` in its place:
level, lines, parameters and cases with their results, and nothing else.
"""

import copy
import functools
import importlib
import inspect
import json
import os
import re
from pathlib import Path

from IPython.display import display

from ..messages import message
from .calls import Stopped, call, misfit, named, time_limit
from .values import decode, first_difference, same, shape, short

SECONDS = 5
POINTS = {"easy": 1, "medium": 2, "hard": 3}
HIDDEN = "COURSE_HIDDEN"  # a folder with further cases, while grading
on_verdict = []  # functions of (id, kind), called after each check
_judging = []  # what is being checked: an answer may call `check` itself


def _blank():
    ...


def _blank_with_docstring():
    """."""
    ...


def exercise(id):
    """The entry of an exercise, None if there is none of that id."""
    chapter = id.partition(".")[0] if isinstance(id, str) else ""
    return chapter_exercises(chapter).get(id) if chapter.isdigit() else None


@functools.cache
def chapter_exercises(chapter):
    """{id: entry} of a chapter, from its module or the students' edition."""
    path = Path(__file__).with_name(f"chapter{chapter}.py")
    if path.is_file():
        return importlib.import_module(f".{path.stem}", __name__).EXERCISES
    return read_cases(path.with_suffix(".json"))


def read_cases(path):
    """{id: entry} of a file of the students' edition; {} if there is none."""
    if not path.is_file():
        return {}
    entries = json.loads(path.read_text("utf-8"))
    for entry in entries.values():
        entry["wanted"] = [decode(value) for value in entry["wanted"]]
        entry["cases"] = [decode(value) for value in entry["cases"]]
    return entries


def wanted_results(entry):
    """What the cases of an entry should give."""
    if "wanted" in entry:
        return entry["wanted"]
    return [entry["solution"](*copy.deepcopy(case))
            for case in entry["cases"]]


def parameters(entry):
    """The names of what an exercise's function takes."""
    if "parameters" in entry:
        return entry["parameters"]
    return list(inspect.signature(entry["solution"]).parameters)


def check(id, answer=None):
    """Print whether an answer is right: not attempted, wrong or right.

    id: as the exercise says; answer: the function that was asked for.
    Prints the first difference and, for a known mistake, its own hint.
    Whatever the answer does, nothing is raised.
    """
    _judge(id, answer)


def grade(id, answer=None):
    """`check` for a class: prints the same, returns the points.

    A plain number: all of the exercise's points (1 for an easy, 2 for a
    medium, 3 for a hard one) or 0. While grading, the folder that the
    environment's COURSE_HIDDEN names holds further cases, of which nothing
    is shown.
    """
    entry = exercise(id)
    if _judge(id, answer) != "right":
        return 0
    hidden = read_cases(Path(os.environ.get(HIDDEN, "."))
                        / f"hidden{id.partition('.')[0]}.json")
    if id in hidden:
        if _verdict(id, {**entry, **hidden[id]}, answer)[0] != "right":
            print(message("check.hidden", id=id))
            return 0
    return POINTS[entry["level"]]


def _judge(id, answer):
    entry = exercise(id)
    if entry is None or _judging:
        key = "check.unknown" if entry is None else "check.inside"
        print(message(key, id=short(id)))
        return None
    _judging.append(id)
    try:
        kind, text = _verdict(id, entry, answer)
    except Exception as error:  # an object that resists being looked at
        kind, text = "wrong", message("check.strange", id=id,
                                      error=named(error))
    finally:
        _judging.clear()
    print(text)
    for function in on_verdict:
        function(id, kind)
    return kind


def _verdict(id, entry, answer):
    """("blank" | "wrong" | "right", the lines to print)."""
    if _is_blank(answer):
        return "blank", message("check.blank", id=id)
    if not callable(answer):
        return "wrong", message("check.not_a_function", id=id)
    names, takes = parameters(entry), misfit(answer, entry["cases"][0])
    if takes is not None:
        return "wrong", message("check.parameters", id=id, wanted=len(names),
                                names=", ".join(names), takes=takes)
    slow = message("check.slow", id=id, seconds=SECONDS)
    wanted = wanted_results(entry)
    try:
        with time_limit(SECONDS):
            return _compared(id, entry, answer, wanted, slow)
    except Stopped:
        return "wrong", slow


def _compared(id, entry, answer, wanted, slow):
    """The verdict on a function, from its results."""
    wrong, results, printed = [], [], ""
    for k, case in enumerate(entry["cases"]):
        kind, got, said = call(answer, case)
        if kind == "slow":
            return "wrong", slow
        if kind == "error":
            if wrong:
                break
            text = message("check.raises", id=id, case=short(case), error=got)
            return "wrong", text + _quoted(said)
        printed = printed or said
        results.append(got)
        if not same(got, wanted[k]):
            wrong.append(k)
    if not wrong:
        return "right", message("check.right", id=id) + _quoted(printed)
    # the shortest input is the most readable one
    k = min(wrong, key=lambda k: len(short(entry["cases"][k], 1000)))
    text = _difference(id, entry["cases"][k], results[k], wanted[k])
    return "wrong", text + _known_mistake(entry, results) + _quoted(printed)


def _difference(id, case, got, wanted):
    """The line that says what should be and what is."""
    fields = {"id": id, "case": short(case)}
    if got is None:
        return message("check.nothing", **fields, wanted=short(wanted))
    have, need = shape(got), shape(wanted)
    if need and have and have != need:
        return message("check.shape", **fields, wanted=need, got=have)
    key, place = "check.wrong", first_difference(got, wanted)
    if place and len(short(wanted)) == 70:  # cut off
        key, (fields["index"], got, wanted) = "check.wrong_at", place
    for digits in (4, 12):
        texts = short(wanted, digits=digits), short(got, digits=digits)
        if len({re.sub(r"\.0\b", "", text) for text in texts}) == 2:
            break
    return message(key, **fields, wanted=texts[0], got=texts[1])


def _known_mistake(entry, results):
    """The hint of the catalogued mistake that gives the same results."""
    if len(results) < len(entry["cases"]):
        return ""
    for wrong, key in entry.get("mistakes", []):
        outcomes = (call(wrong, case) for case in entry["cases"])
        if all(kind == "value" and same(got, value)
               for got, (kind, value, _) in zip(results, outcomes)):
            return " " + message(key)
    return ""


def _quoted(printed):
    """What the answer printed, under the verdict."""
    return printed and (
        "\n" + message("check.printed") + "\n" + printed.rstrip())


def _is_blank(answer):
    if answer is None or answer is ...:
        return True
    code = getattr(answer, "__code__", None)
    if code is None or code.co_names:
        return False
    blanks = (_blank.__code__.co_code, _blank_with_docstring.__code__.co_code)
    return (code.co_code in blanks
            and all(c is None or c == answer.__doc__ for c in code.co_consts))


def hint(id):
    """Print the hint of an exercise."""
    entry = exercise(id)
    if entry is None:
        print(message("check.unknown", id=short(id)))
    else:
        print(message(entry.get("hint", "check.no_help")))


def solution(id):
    """Display the solution of an exercise as code."""
    entry = exercise(id)
    if entry is None:
        print(message("check.unknown", id=short(id)))
    elif "solution" not in entry:
        print(message("check.no_help"))
    else:
        source = inspect.getsource(entry["solution"])
        display({"text/markdown": f"```python\n{source}```",
                 "text/plain": source}, raw=True)
