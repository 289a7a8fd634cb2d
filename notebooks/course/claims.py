"""The document's claims, each with the verdict that a chapter measured.

A verdict is kept where a reader sees it: with the closing table of its own
chapter's notebook, as data. So it can't be another one there.
"""

import csv
import functools
import json

import numpy as np

from . import files, metrics, session
from .display import table
from .messages import CourseError, columns, message

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
          columns("claim.header"),
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


LOWER = ("off the road per lap", "word error rate", "distance in dB",
         "pinball loss")  # measures of which less is better


def outcome(id, measure, cases, score=np.mean, groups=None, rounds=1000,
            world="holds"):
    """Record how an application came out, and show it as a table (5).

    id: of the claim; measure: name of the score, in MEASURES; cases:
    {method: its cases}, arrays or lists of one length and order: ours
    first, then simple methods, the hardest last; score: function of cases;
    groups: (n,) the copy, voice, road of each case, which then are the
    unit (Student's interval over their scores); without groups, or where
    all of them score alike, which leaves Student's no width, the cases are
    drawn anew (`rounds` times; Wilson's interval for a share). The verdict
    is the one against the last method: better, worse or undecided.
    world: verdict of the document's claim, that large models are applied
    to this; message `claim.<id>` names its evidence, and is our judgement.
    """
    ours, *others = cases
    sign = -1 if measure in LOWER else 1
    parts = {name: _by_group(some, groups) for name, some in cases.items()}
    found = {name: np.array([score(part) for part in some])
             for name, some in parts.items()}
    scores = {name: _within(
        metrics.over_groups(values) if _vary(values)
        else metrics.bootstrap(cases[name], score, rounds=rounds), measure)
        for name, values in found.items()}
    gains = {name: _within(
        metrics.over_groups(found[ours] - found[name])
        if _vary(found[ours] - found[name])
        else metrics.bootstrap_difference(
            cases[ours], cases[name], score, rounds=rounds),
        measure, lowest=-1.0) for name in others}
    if sign < 0:
        gains = {name: (-gain, -high, -low)
                 for name, (gain, low, high) in gains.items()}
    hard = others[-1]
    verdict = judge(gains[hard])
    n = f"{len(cases[ours]):,} {message(f'unit.{id}')}"
    if 1 < len(parts[ours]) < len(cases[ours]):
        n += message("outcome.groups", n=len(parts[ours]),
                     unit=message(f"group.{id}"))
    session.current.outcomes[id] = measure, n, scores, gains, verdict
    table([[name, spelled(value, measure), *(
        ["", ""] if name == ours else [
            spelled(gains[name], measure, difference=True),
            message(f"outcome.{judge(gains[name])}")])]
        for name, value in scores.items()],
        columns("outcome.header", measure=measure, n=n))
    here = message("outcome.said", measure=measure, ours=ours, hard=hard,
                   score=spelled(scores[ours], measure),
                   other=spelled(scores[hard], measure),
                   verdict=message(f"outcome.{verdict}"))
    session.current.claims[id] = world, message(f"claim.{id}", here=here)


def _by_group(cases, groups):
    """The cases of each group, a list of parts; all of them if None."""
    if groups is None:
        return [cases]
    groups = np.asarray(groups)
    return [[cases[i] for i in np.flatnonzero(groups == one)]
            for one in np.unique(groups)]


def _vary(values):
    """Whether there are several groups, and not all of them score alike."""
    return len(values) > 1 and np.ptp(values) > 1e-9


def _within(score, measure, lowest=0.0):
    """An interval kept where the score can lie: Student's knows no ends.

    lowest: 0, or -1 for a difference, which has ends only between shares.
    """
    value, low, high = score
    share = MEASURES[measure] is None and measure not in LOWER
    if measure == "Sharpe ratio" or lowest < 0 and not share:
        return score
    return value, max(low, lowest), min(high, 1.0) if share else high


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

    Returns {id: verdict against its hard baseline}, in the document's
    order.
    """
    rows = sorted(session.current.outcomes.items())
    shown = []
    for id, (measure, n, scores, gains, verdict) in rows:
        (ours, score), *others = scores.items()
        simple, hard = others[0], others[-1]
        shown.append([
            id, message(f"application.{id}"), measure, n,
            f"{ours} {spelled(score, measure)}",
            *(f"{name} {spelled(value, measure)}" for name, value
              in (simple, hard)),
            spelled(gains[hard[0]], measure, difference=True),
            message(f"outcome.{verdict}")])
    table(shown, columns("scoreboard.header"))
    return {id: verdict for id, (*_, verdict) in rows}


def repeated():
    """Display each application's gain in this run and with other seeds (5).

    The others stand in data/application_seeds.csv, made by make_seeds.py,
    with their intervals.
    Prints of how many applications the verdict is the same throughout, and
    which turn. Returns {id: [this run's verdict, then the other seeds']}.
    """
    path = files.data_file("application_seeds.csv")
    with open(path, encoding="utf-8", newline="") as file:
        kept = {(row["id"], row["seed"]): row for row in csv.DictReader(file)}
    seeds = sorted({seed for _, seed in kept}, key=int)
    shown, verdicts = [], {}
    for id, (measure, _, _, gains, verdict) in sorted(
            session.current.outcomes.items()):
        tests = [([*gains.values()][-1][0], verdict)] + [
            (float(row["gain"]), row["verdict"])
            if (row := kept.get((id, seed))) else None for seed in seeds]
        verdicts[id] = [test[1] for test in tests if test]
        shown.append([id, message(f"application.{id}"), *(
            _gain(*test, measure) if test else "" for test in tests)])
    table(shown, [*columns("repeated.header"),
                  *(message("repeated.seed", seed=seed) for seed in seeds)])
    turn = [id for id, told in verdicts.items() if len(set(told)) > 1]
    print(message("repeated.same", same=len(verdicts) - len(turn),
                  n=len(verdicts), turn=", ".join(turn) or "-"))
    return verdicts


def _gain(gain, verdict, measure):
    """Text of a gain without its interval, as "+7.2 points, wins"."""
    number = spelled((gain, gain, gain), measure, difference=True)
    return (number.partition(" (")[0] + ", "
            + message(f"outcome.{verdict}"))
