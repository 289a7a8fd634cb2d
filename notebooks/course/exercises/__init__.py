"""Checks for the exercises: one line, three states, never an exception."""

import ast
import copy
import inspect
import os
import textwrap
from pathlib import Path

from IPython.display import display

from ..messages import CourseError, message
from .calls import named
from .entries import POINTS, exercise, read_cases
from .judging import failing, judge
from .values import short

HIDDEN = "COURSE_HIDDEN"  # a folder with further cases, while grading
on_verdict = []  # functions of (id, kind), called after each check
_hinted = set()  # ids whose idea was shown in this kernel
_judging = []  # what is being checked: an answer may call `check` itself


def check(id, answer=None):
    """Print whether an answer is right: not attempted, wrong or right.

    id: as the exercise says; answer: the function that was asked for.
    Prints the first difference and, for a known mistake, its own hint.
    Whatever the answer does, nothing is raised.
    """
    _checked(id, answer)


def grade(id, answer=None):
    """`check` for a class: prints the same, returns the points.

    A plain number: all of the exercise's points (1 for an easy, 2 for a
    medium, 3 for a hard one) or 0. While grading, the folder that the
    environment's COURSE_HIDDEN names holds further cases, of which nothing
    is shown.
    """
    entry = exercise(id)
    if _checked(id, answer) != "right":
        return 0
    hidden = read_cases(Path(os.environ.get(HIDDEN, "."))
                        / f"hidden{id.partition('.')[0]}.json")
    if id in hidden:
        if judge(id, {**entry, **hidden[id]}, answer)[0] != "right":
            print(message("check.hidden", id=id))
            return 0
    return POINTS[entry["level"]]


def use(id, answer=None):
    """The function with which the chapter goes on; prints which one it is.

    The learner's, if it is right; else the collection's own, so that the
    cells below run and the answer needs not stand in the page. Raises
    CourseError for an unknown exercise, or in an edition without solutions.
    """
    entry = exercise(id)
    if entry is None or "solution" not in entry:
        raise CourseError("check.unknown" if entry is None
                          else "check.no_help", id=short(id))
    try:
        mine = judge(id, entry, answer)[0] == "right"
    except Exception:  # an object that resists being looked at
        mine = False
    print(message("check.yours" if mine else "check.ours", id=id))
    return answer if mine else entry["solution"]


def _checked(id, answer):
    entry = exercise(id)
    if entry is None or _judging:
        key = "check.unknown" if entry is None else "check.inside"
        print(message(key, id=short(id)))
        return None
    _judging.append(id)
    try:
        kind, text = judge(id, entry, answer)
    except Exception as error:  # an object that resists being looked at
        kind, text = "wrong", message("check.strange", id=id,
                                      error=named(error))
    finally:
        _judging.clear()
    print(text)
    for function in on_verdict:
        function(id, kind)
    return kind


def hint(id):
    """Print the hint of an exercise: the idea, the second time some code."""
    entry = exercise(id)
    if entry is None:
        print(message("check.unknown", id=short(id)))
    elif "hint" not in entry:
        print(message("check.no_help"))
    else:
        print(message(entry["hint"]))
        if id in _hinted:
            line = _first_line(entry["solution"])
            print(message("check.first_line" if line else "check.one_line",
                          id=id, line=line))
        _hinted.add(id)


def _first_line(function):
    """The first statement of a function of several, else ""."""
    text = textwrap.dedent(inspect.getsource(function))
    body = ast.parse(text).body[0].body
    return ast.get_source_segment(text, body[0]) if body[1:] else ""


def case(id):
    """The arguments for which the answer was last wrong, as a tuple.

    `mine(*case("3.gru"))` calls a function `mine` with them. The exercise's
    first case if nothing was wrong. Raises CourseError if there is none.
    """
    entry = exercise(id)
    if entry is None:
        raise CourseError("check.unknown", id=short(id))
    return copy.deepcopy(failing.get(id, entry["cases"][0]))


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
