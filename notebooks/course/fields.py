"""The five fields of chapter 5, and which of them a run is asked for."""

from .messages import CourseError

FIELDS = "language", "vision", "speech", "biology", "finance"


def chosen_fields(name):
    """Tuple of fields to run: all five for "all", else the one named.

    Raises CourseError for another name.
    """
    if name == "all":
        return FIELDS
    if name not in FIELDS:
        raise CourseError("field.unknown", name=repr(name),
                          known=", ".join(FIELDS))
    return (name,)
