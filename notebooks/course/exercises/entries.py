"""What an exercise is: an entry of a chapter's module, or of a class's file.

A chapter's exercises stand in `chapterN.py` as a dict EXERCISES:
id -> level ("easy", "medium", "hard"), lines (the budget), solution,
others (further right forms), cases (tuples of arguments), mistakes (pairs of
a wrong function and the message that says what it suggests), hint (a
message); copy, if the arguments must stay as they are; kind, "integer" or
"boolean", if the text asks for these; large, where time or memory is part of
what is asked: a dict with one more case, and seconds (of the processor) or
megabytes. The students' edition has `chapterN.json` in its place: level,
lines, parameters, these three, and cases with their results, nothing else.
"""

import copy
import functools
import importlib
import inspect
import json
from pathlib import Path

from .values import decode

POINTS = {"easy": 1, "medium": 2, "hard": 3}


def exercise(id):
    """The entry of an exercise, None if there is none of that id."""
    chapter = id.partition(".")[0] if isinstance(id, str) else ""
    return chapter_exercises(chapter).get(id) if chapter.isdigit() else None


@functools.cache
def chapter_exercises(chapter):
    """{id: entry} of a chapter, from its module or the students' edition."""
    path = Path(__file__).with_name(f"chapter{chapter}.py")
    if path.is_file():
        return importlib.import_module(
            f".{path.stem}", __package__).EXERCISES
    return read_cases(path.with_suffix(".json"))


def read_cases(path):
    """{id: entry} of a file of the students' edition; {} if there is none."""
    if not path.is_file():
        return {}
    entries = json.loads(path.read_text("utf-8"))
    for entry in entries.values():
        entry["wanted"] = [decode(value) for value in entry["wanted"]]
        entry["cases"] = [decode(value) for value in entry["cases"]]
        if "large" in entry:
            entry["large"]["case"] = decode(entry["large"]["case"])
            entry["large"]["wanted"] = decode(entry["large"]["wanted"])
    return entries


def wanted_results(entry):
    """What the cases of an entry should give."""
    if "wanted" in entry:
        return entry["wanted"]
    return [entry["solution"](*copy.deepcopy(case))
            for case in entry["cases"]]


def large(entry):
    """(arguments, result, limits) of the large case; None without one."""
    if "large" not in entry:
        return None
    limits = dict(entry["large"])
    case = limits.pop("case")
    wanted = (limits.pop("wanted") if "wanted" in limits
              else entry["solution"](*copy.deepcopy(case)))
    return case, wanted, limits


def parameters(entry):
    """The names of what an exercise's function takes."""
    if "parameters" in entry:
        return entry["parameters"]
    return list(inspect.signature(entry["solution"]).parameters)
