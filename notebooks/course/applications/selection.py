"""The five fields of chapter 5, and which of them run (5)."""

from .. import session
from ..messages import CourseError, message

FIELDS = "language", "vision", "speech", "biology", "finance"


def chosen_fields(name):
    """Tuple of fields to run: all five for "all", else the one named (5).

    From here on the cells of the others are skipped (see `field`).
    Raises CourseError for another name.
    """
    if name != "all" and name not in FIELDS:
        raise CourseError("field.unknown", name=repr(name),
                          known=", ".join(FIELDS))
    now = session.current
    now.chosen_fields = FIELDS if name == "all" else (name,)
    now.field = None
    _listen()
    return now.chosen_fields


def field(name):
    """Here begin the cells of a field; "all" begins what all share.

    If the field was not chosen, IPython skips the cells up to the next
    call of `field`, which stands in a cell of its own; each says so.
    """
    session.current.field = None if name == "all" else name


def _skip(lines):
    """An IPython input transformer: a skipped cell only says that it is."""
    begins = any(line.startswith(("field(", "%")) for line in lines)
    here, chosen = session.current.field, session.current.chosen_fields
    if here in (None, *(chosen or FIELDS)) or begins:
        return lines
    said = message("field.skipped", here=here, wanted=", ".join(chosen))
    return [f"print({said!r})\n"]


def _listen():
    from IPython import get_ipython
    shell = get_ipython()
    if shell and _skip not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_skip)
