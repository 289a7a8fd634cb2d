"""The five fields of chapter 5: which of them run, and how each comes out."""

from . import setup
from .claims import claim
from .figures import table
from .messages import CourseError, message

FIELDS = "language", "vision", "speech", "biology", "finance"
# digits after the point of each measure; None: a share, in percent
MEASURES = {
    "chrF": 1, "share right": None, "exact match": None, "share read": None,
    "mean average precision": None, "off the road per lap": 2,
    "word error rate": None, "distance in dB": 2, "recall at 1": None,
    "area under ROC": 3, "share of contacts": None, "QED": 3,
    "pinball loss": 2, "Sharpe ratio": 2}
# claim: (measure, ours, baseline's name and score, gain, verdict)
outcomes = {}
_wanted, _here = FIELDS, None


def _forget():
    """Before each run: see `setup.start`."""
    global _wanted, _here
    _wanted, _here = FIELDS, None
    outcomes.clear()


setup.each_run.append(_forget)


def chosen_fields(name):
    """Tuple of fields to run: all five for "all", else the one named.

    From here on the cells of the others are skipped (see `field`).
    Raises CourseError for another name.
    """
    global _wanted, _here
    if name != "all" and name not in FIELDS:
        raise CourseError("field.unknown", name=repr(name),
                          known=", ".join(FIELDS))
    _wanted, _here = FIELDS if name == "all" else (name,), None
    _listen()
    return _wanted


def field(name):
    """Here begin the cells of a field; "all" begins what all share.

    If the field was not chosen, IPython skips the cells up to the next
    call of `field`, which stands in a cell of its own; each says so.
    """
    global _here
    _here = None if name == "all" else name


def _skip(lines):
    """An IPython input transformer: a skipped cell only says that it is."""
    begins = any(line.startswith(("field(", "%")) for line in lines)
    if _here in (None, *_wanted) or begins:
        return lines
    said = message("field.skipped", here=_here, wanted=", ".join(_wanted))
    return [f"print({said!r})\n"]


def _listen():
    from IPython import get_ipython
    shell = get_ipython()
    if shell and _skip not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_skip)


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
    many cases the intervals are drawn over (`unit.<id>` of messages.csv
    names them); fields: more numbers of the evidence.
    The claim holds where ours is better than the baseline, and holds with
    limits elsewhere.
    """
    name, theirs = baseline
    verdict = judge(gain)
    outcomes[id] = measure, ours, baseline, gain, verdict
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
    rows = sorted(outcomes.items())
    table([[id, message(f"application.{id}"), measure,
            spelled(ours, measure), name, spelled(theirs, measure),
            spelled(gain, measure, difference=True),
            message(f"outcome.{verdict}")]
           for id, (measure, ours, (name, theirs), gain, verdict) in rows],
          message("scoreboard.header").split("|"))
    return {id: verdict for id, (*_, verdict) in rows}
