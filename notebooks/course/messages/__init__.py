"""Every sentence that code shows, in the reader's language.

`chapterN.csv` holds those of a chapter: evidence, texts of figures, hints;
`course.csv` those of this package. Columns: `key`, `en`, and for a language
`zh` two more: `zh`, and `zh of`, the English that was translated. Where that
is no longer what stands under `en`, the translation is out of date.
"""

import csv
import functools
from pathlib import Path

FOLDER = Path(__file__).parent
language = "en"


class CourseError(Exception):
    """An error for the reader: one line that says what to do.

    key: of a message; fields: what its braces are filled with.
    """

    def __init__(self, key, **fields):
        super().__init__(message(key, **fields))

    def _render_traceback_(self):
        # IPython shows these lines in place of a traceback
        return [f"{type(self).__name__}: {self}"]


@functools.cache
def table():
    """{key: row} of all files; a row is a dict of its columns."""
    rows = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            rows |= {row["key"]: row for row in csv.DictReader(file)}
    return rows


def languages():
    """What there is a column of, ["en", ...]."""
    return sorted({column for row in table().values() for column in row
                   if column != "key" and not column.endswith(" of")})


def set_language(folder):
    """Choose the language that the notebook's folder is named after.

    `notebooks/` itself and any other folder give English.
    """
    global language
    language = folder if folder in languages() else "en"


def message(key, **fields):
    """The sentence of that key, in the reader's language, fields filled in.

    Raises KeyError for a key that no file has: an author's mistake.
    """
    row = table()[key]
    return (row.get(language) or row["en"]).format(**fields)
