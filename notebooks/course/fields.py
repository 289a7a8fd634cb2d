"""The five fields of chapter 5: which of them run, and how each comes out."""

from . import setup
from .claims import claim
from .messages import CourseError, message

FIELDS = "language", "vision", "speech", "biology", "finance"
outcomes = {}  # claim: (measure, ours, baseline's name and score, gain)
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
    call of `field`, which stands in a cell of its own.
    """
    global _here
    _here = None if name == "all" else name


def _skip(lines):
    """An IPython input transformer: nothing is left of a skipped cell."""
    begins = any(line.startswith(("field(", "%")) for line in lines)
    return lines if _here in (None, *_wanted) or begins else []


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


def outcome(id, measure, ours, baseline, gain, **fields):
    """Record how an application came out, and its claim with it.

    id: of the claim; measure: name of the score; ours, baseline:
    (score, low, high) or a score; gain: (difference, low, high), positive
    where ours is the better one; fields: more numbers of the evidence.
    The claim holds where ours is better than the baseline, and holds with
    limits elsewhere.
    """
    said = judge(gain)
    outcomes[id] = measure, ours, baseline, gain, said
    claim(id, "holds" if said == "better" else "limits",
          said=message(f"outcome.{said}"), **fields)


def scoreboard_rows():
    """Rows for `plots5.scoreboard`, in the document's order.

    (id, application, measure, ours, baseline's name, its score, gain,
    verdict) of what was recorded in this run.
    """
    return [(id, message(f"application.{id}"), measure, ours, *baseline,
             gain, said) for id, (measure, ours, baseline, gain, said)
            in sorted(outcomes.items())]
