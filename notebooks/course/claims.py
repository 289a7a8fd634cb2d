"""The document's claims, each with the verdict that a chapter measured.

A verdict is kept where a reader sees it: with the closing table of its own
chapter's notebook, as data. So it can't be another one there.
"""

import csv
import functools
import json

from . import files, session
from .display import table
from .messages import CourseError, message

VERDICTS = ("holds", "limits", "fails")
OPEN = "open"  # of a claim whose chapter is not there, or not executed


@functools.cache
def all_claims():
    """{id: row} of data/claims.csv; rows have id, section, zh, en."""
    path = files.data_file("claims.csv")
    with open(path, encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def of_chapter(number):
    """The ids of a chapter's claims, in the document's order."""
    return [id for id in all_claims() if id.startswith(f"{number}.")]


def claim(id, verdict, **fields):
    """Record what was measured of one claim, and show it.

    id: as in data/claims.csv, of this chapter.
    verdict: "holds", "limits" (holds with limits) or "fails".
    fields: the numbers of the evidence, message `claim.<id>`.
    Raises CourseError for an id or a verdict that does not exist.
    """
    known = of_chapter(session.current.chapter)
    if id not in known:
        raise CourseError("claim.unknown", id=id, known=known)
    if verdict not in VERDICTS:
        raise CourseError("claim.verdict", verdict=verdict)
    evidence = message(f"claim.{id}", **fields)
    session.current.claims[id] = verdict, evidence
    print(message("claim.line", id=id, evidence=evidence,
                  verdict=message(f"verdict.{verdict}")))


def recorded():
    """{id: (verdict, evidence)} of this chapter's claims, in this run.

    Raises CourseError if one of them was not recorded.
    """
    found, ids = session.current.claims, of_chapter(session.current.chapter)
    missing = [id for id in ids if id not in found]
    if missing:
        raise CourseError("claim.missing", missing=", ".join(missing))
    return {id: found[id] for id in ids}


def claims_table():
    """Display every claim of this chapter, its verdict and its evidence.

    Beside the table the output's metadata hold {"claims": {id: verdict}}.
    Raises CourseError if one of them was not recorded in this run.
    """
    found = recorded()
    table([[id, all_claims()[id]["zh"], all_claims()[id]["en"],
            message(f"verdict.{verdict}"), evidence]
           for id, (verdict, evidence) in found.items()],
          message("claim.header").split("|"),
          claims={id: verdict for id, (verdict, _) in found.items()})


def committed(number):
    """{id: verdict} of the closing table in the committed chapter.

    number: of the chapter, 1 to 8. {} if there is no such notebook, or none
    with outputs. Raises CourseError for verdicts of no such claim.
    """
    found = {}
    for path in sorted((files.ROOT / "notebooks").glob(f"0{number}_*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for out in cell.get("outputs", []):
                for id, verdict in out.get("metadata", {}).get(
                        "claims", {}).items():
                    if id in found or id not in of_chapter(number) or (
                            verdict not in VERDICTS):
                        raise CourseError("ledger.line", name=path.name,
                                          id=id)
                    found[id] = verdict
    # a notebook's file has its keys sorted
    return {id: found[id] for id in of_chapter(number) if id in found}


def ledger():
    """{id: verdict} of all claims, in the document's order.

    This chapter's verdicts are those of this run; of the other chapters
    those that they committed; "open" where there is none yet.
    Raises CourseError if this chapter's own are not all recorded.
    """
    known = {id: verdict for id, (verdict, _) in recorded().items()}
    for number in range(1, 9):
        if number != session.current.chapter:
            known |= committed(number)
    return {id: known.get(id, OPEN) for id in all_claims()}


# ---- the applications of chapter 5

# digits after the point of each measure; None: a share, in percent
MEASURES = {
    "chrF": 1, "share right": None, "exact match": None, "share read": None,
    "mean average precision": None, "off the road per lap": 2,
    "word error rate": None, "distance in dB": 2, "recall at 1": None,
    "area under ROC": 3, "share of contacts": None, "QED": 3,
    "pinball loss": 2, "Sharpe ratio": 2}


def judge(gain):
    """"better", "worse", or "undecided" where the interval holds 0.

    gain: (difference, low, high), positive where ours is the better one.
    """
    return "better" if gain[1] > 0 else "worse" if gain[2] < 0 \
        else "undecided"


def outcome(id, measure, ours, baseline, gain, n, **fields):
    """Record how an application came out, and print its claim with it.

    id: of the claim; measure: name of the score, in MEASURES; ours:
    (score, low, high); baseline: its name and such a score; gain:
    (difference, low, high), positive where ours is the better one; n: how
    many cases the intervals are drawn over (message `unit.<id>` names
    them); fields: more numbers of the evidence.
    The claim holds where ours is better than the baseline, and holds with
    limits elsewhere.
    """
    name, theirs = baseline
    verdict = judge(gain)
    session.current.outcomes[id] = measure, ours, baseline, gain, verdict
    said = message(
        "outcome.said", measure=measure, ours=spelled(ours, measure),
        name=name, theirs=spelled(theirs, measure), n=n,
        unit=message(f"unit.{id}"), verdict=message(f"outcome.{verdict}"),
        gain=spelled(gain, measure, difference=True))
    claim(id, "holds" if verdict == "better" else "limits", said=said,
          **fields)


def spelled(score, measure, difference=False):
    """Text of (score, low, high), as "91.2% (89.0 to 93.1)".

    measure: in MEASURES, which says with how many digits; shares are shown
    in percent. A difference has its sign, and percent points.
    """
    digits = MEASURES[measure]
    percent = digits is None
    value, low, high = (x * (100 if percent else 1) for x in score)
    unit = message("outcome.points") if difference else "%"
    return "{:{sign}.{d}f}{unit} ({:.{d}f} to {:.{d}f})".format(
        value, low, high, sign="+" if difference else "",
        d=1 if percent else digits, unit=unit if percent else "")


def scoreboard():
    """Display what was recorded in this run, an application a row.

    Returns {id: verdict}, in the document's order.
    """
    rows = sorted(session.current.outcomes.items())
    table([[id, message(f"application.{id}"), measure,
            spelled(ours, measure), name, spelled(theirs, measure),
            spelled(gain, measure, difference=True),
            message(f"outcome.{verdict}")]
           for id, (measure, ours, (name, theirs), gain, verdict) in rows],
          message("scoreboard.header").split("|"))
    return {id: verdict for id, (*_, verdict) in rows}
