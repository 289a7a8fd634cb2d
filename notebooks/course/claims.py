"""The document's claims, each with the verdict that a chapter measured."""

import csv
import functools

from . import setup
from .figures import table
from .messages import CourseError, message

VERDICTS = ("holds", "limits", "fails")
recorded = {}
setup.each_run.append(recorded.clear)


@functools.cache
def all_claims():
    """{id: row} of data/claims.csv; rows have id, section, zh, en."""
    path = setup.data_file("claims.csv")
    with open(path, encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def _of_chapter():
    begin = f"{setup.chapter}."
    return [key for key in all_claims() if key.startswith(begin)]


def claim(id, verdict, **fields):
    """Record what was measured of one claim, and show it.

    id: as in data/claims.csv, of this chapter.
    verdict: "holds", "limits" (holds with limits) or "fails".
    fields: the numbers of the evidence, row `claim.<id>` of messages.csv.
    Raises CourseError for an id or a verdict that does not exist.
    """
    if id not in _of_chapter():
        raise CourseError("claim.unknown", id=id, known=_of_chapter())
    if verdict not in VERDICTS:
        raise CourseError("claim.verdict", verdict=verdict)
    evidence = message(f"claim.{id}", **fields)
    recorded[id] = verdict, evidence
    print(message("claim.line", id=id, evidence=evidence,
                  verdict=message(f"verdict.{verdict}")))


def claims_table():
    """Display every claim of this chapter, its verdict and its evidence.

    Raises CourseError if one of them was not recorded in this run.
    """
    missing = [id for id in _of_chapter() if id not in recorded]
    if missing:
        raise CourseError("claim.missing", missing=", ".join(missing))
    table([[id, all_claims()[id]["zh"], all_claims()[id]["en"],
            message(f"verdict.{recorded[id][0]}"), recorded[id][1]]
           for id in _of_chapter()],
          message("claim.header").split("|"))
