"""Every sentence that code shows, in the reader's language.

`chapterN.csv` holds those of a chapter: evidence, texts of figures, hints;
`course.csv` those of this package. Columns: `key`, `en`, and for a language
`zh` two more: `zh`, and `zh of`, the English that was translated. Where that
is no longer what stands under `en`, the translation is out of date.
"""

import csv
import functools
import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent
language = "en"
# `ci refresh` runs a chapter once for all its editions: every message then
# holds each language, between these signs, which no text of ours uses
ALL = "all"
BEGIN, NEXT, END = "\ue000", "\ue001", "\ue002"


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

    `notebooks/` itself and any other folder give English; the variable
    COURSE_LANGUAGE says it in place of the folder.
    """
    global language
    wanted = os.environ.get("COURSE_LANGUAGE", folder)
    language = wanted if wanted in [*languages(), ALL] else "en"


def side(text, wanted):
    """What a text with messages in all languages says in one of them."""
    at = languages().index(wanted)
    return re.sub(f"{BEGIN}(.*?){END}", lambda found: found[1].split(NEXT)[at],
                  text, flags=re.DOTALL)


def _in_all(texts):
    """One text that holds these, one for each of the languages."""
    return texts[0] if len(set(texts)) == 1 else (
        BEGIN + NEXT.join(texts) + END)


def _in(row, wanted, fields):
    return (row.get(wanted) or row["en"]).format(**{
        name: side(value, wanted) if isinstance(value, str) else value
        for name, value in fields.items()})


def message(key, **fields):
    """The sentence of that key, in the reader's language, fields filled in.

    Raises KeyError for a key that no file has: an author's mistake.
    """
    row = table()[key]
    if language != ALL:
        return _in(row, language, fields)
    return _in_all([_in(row, each, fields) for each in languages()])


def columns(key, **fields):
    """The heads of a table: a message's parts between its bars."""
    row = table()[key]
    if language != ALL:
        return _in(row, language, fields).split("|")
    parts = [_in(row, each, fields).split("|") for each in languages()]
    return [_in_all(texts) for texts in zip(*parts, strict=True)]
