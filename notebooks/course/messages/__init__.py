"""Every sentence that code shows, from one table with a column a language."""

import csv
import functools
from pathlib import Path

TABLE = Path(__file__).with_name("messages.csv")
language = "en"


class CourseError(Exception):
    """An error for the reader: one line that says what to do.

    key: a row of messages.csv; fields: what its braces are filled with.
    """

    def __init__(self, key, **fields):
        super().__init__(message(key, **fields))

    def _render_traceback_(self):
        # IPython shows these lines in place of a traceback
        return [f"{type(self).__name__}: {self}"]


@functools.cache
def _table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def languages():
    """The language columns of the table, ["en", ...]."""
    row = next(iter(_table(TABLE).values()))
    return [column for column in row if column != "key"]


def set_language(folder):
    """Choose the column that the notebook's folder is named after.

    `notebooks/` itself and any other folder give English.
    """
    global language
    language = folder if folder in languages() else "en"


def message(key, **fields):
    """The sentence of that key, in the reader's language, fields filled in.

    Raises KeyError for a key that the table lacks: an author's mistake.
    """
    row = _table(TABLE)[key]
    return (row[language] or row["en"]).format(**fields)
