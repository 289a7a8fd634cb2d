"""Landmark models since 1958: how large they were, and who says so (1.1, 7.1).

Every figure of data/landmark_models.csv carries its evidence: whose figure it
is, the address at which it was read, and at most 15 words of what stands
there, the number among them. `load_landmarks` refuses a row without.
"""

import csv
import re
from dataclasses import dataclass

from .. import files
from ..messages import CourseError, message

DOMAINS = "language", "vision", "speech", "biology", "games"
FIGURES = "parameters", "compute", "data"
YEARS = 1940, 2040  # a year outside of these is a slip of the keyboard
WORDS = 15  # the longest quotation
ROUNDING = 0.01  # by how much figure and quotation may differ
AUTHORS = "authors"  # of a figure that the model's makers published
COLUMNS = ["year", "name", "domain", "paper", *(
    name for figure in FIGURES for name in (
        figure, *(["data_unit"] if figure == "data" else []),
        f"{figure}_by", f"{figure}_source", f"{figure}_quote"))]
NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)"
                    r"(?:\s*(?:×|\*|x|\\cdot)\s*10\^(\d+)|[eE]\+?(\d+))?")
UNITS = [(re.compile(pattern), factor) for pattern, factor in (
    (r"[ -]?(?:[Pp]etaflop|PFlops)(?:/s)?[-·]days", 1e15 * 24 * 3600),
    (r"[ -]?(?:[tT]rillion|T\b)", 1e12),
    (r"[ -]?(?:[bB]illion|[bB]\b)", 1e9),
    (r"[ -]?(?:[mM]illion|[mM]\b)", 1e6),
    (r"[ -]?(?:[tT]housand|[kK]\b)", 1e3))]
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True)
class Figure:
    """A number with its evidence; `published` by the model's own authors."""
    value: float
    by: str
    source: str
    quote: str

    @property
    def published(self):
        return self.by == AUTHORS


@dataclass(frozen=True)
class Landmark:
    """One model. parameters: how many; compute: of the training, in FLOP;
    data: how much it was trained on, in data_unit. None where unknown."""
    year: int
    name: str
    domain: str
    paper: str
    parameters: Figure | None
    compute: Figure | None
    data: Figure | None
    data_unit: str


def load_landmarks(path=None):
    """The landmark models in the order of the file, a list of Landmark.

    path: another file of the same columns; without it the shipped one.
    Raises CourseError that names the line and the column of the first cell
    that is wrong: a year that can't be, a size that is not positive, a
    figure without source, owner or quotation, a quotation of more than 15
    words or without the number, an unknown domain, a model that comes twice.
    """
    path = path or files.data_file("landmark_models.csv")
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        if header != COLUMNS:
            wrong = [a for a, b in zip(COLUMNS, header + [""] * len(COLUMNS))
                     if a != b] or [header[-1]]
            _refuse(1, wrong[0], "header", columns=", ".join(COLUMNS))
        models, names = [], {}
        for cells in lines:
            line = lines.line_num
            if len(cells) != len(COLUMNS):
                _refuse(line, COLUMNS[0], "cells", wanted=len(COLUMNS),
                        got=len(cells))
            model = _landmark(dict(zip(COLUMNS, cells)), line)
            first = names.setdefault(model.name.lower(), line)
            if first != line:
                _refuse(line, "name", "twice", name=model.name, first=first)
            models.append(model)
    return models


def figures(models, what, published=True):
    """The models of which a figure is known, and the figures themselves.

    what: "parameters", "compute" or "data"; published: True for what the
        models' authors state, False for others' estimates. No call gives
        both: they don't belong into one fit.
    Returns (models, values): a list of n Landmark and one of n numbers.
    """
    chosen = [m for m in models if (f := getattr(m, what))
              and f.published == published]
    return chosen, [getattr(m, what).value for m in chosen]


def numbers_in(quote):
    """Every number that a quotation states, with its unit multiplied in.

    "11,000 PFLOP = 1.1*10^19 FLOP" gives {11000.0, 1.1e19}. Where several
    numbers have a unit (800M and 2,500M words), their sum counts as stated.
    """
    text = re.sub(r"±\s*\d+", "", quote)
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+",
                  lambda m: "^" + m[0].translate(SUPERSCRIPTS), text)
    found, with_unit = set(), []
    for match in NUMBER.finditer(text):
        exponent = int(match[2] or match[3] or 0)
        value = float(match[1].replace(",", "")) * 10.0**min(exponent, 300)
        found.add(value)
        for unit, factor in UNITS:
            if unit.match(text, match.end()):
                found.add(value * factor)
                with_unit.append(value * factor)
                break
    return found | {sum(with_unit)}


def _refuse(line, column, what, **fields):
    raise CourseError("landmarks.line", line=line, column=column,
                      what=message(f"landmarks.{what}", **fields))


def _landmark(cells, line):
    year = cells["year"]
    if not re.fullmatch(r"\d{4}", year) or not (
            YEARS[0] <= int(year) <= YEARS[1]):
        _refuse(line, "year", "year", year=year, first=YEARS[0],
                last=YEARS[1])
    for column in ("name", "paper"):
        if not cells[column].strip():
            _refuse(line, column, "empty")
    if cells["domain"] not in DOMAINS:
        _refuse(line, "domain", "domain", domain=cells["domain"],
                known=", ".join(DOMAINS))
    found = {figure: _figure(cells, figure, line) for figure in FIGURES}
    if (found["data"] is None) != (not cells["data_unit"]):
        _refuse(line, "data_unit", "unit")
    return Landmark(int(year), cells["name"], cells["domain"],
                    cells["paper"], **found, data_unit=cells["data_unit"])


def _figure(cells, column, line):
    """The figure in one column with its evidence, or None if unknown."""
    number = cells[column]
    by, source, quote = (cells[f"{column}_{part}"].strip()
                         for part in ("by", "source", "quote"))
    if not number:
        for part, text in (("by", by), ("source", source), ("quote", quote)):
            if text:
                _refuse(line, f"{column}_{part}", "no_figure", figure=column)
        return None
    if not re.fullmatch(r"\d+(\.\d+)?(e\d+)?", number) or not (
            0 < float(number) < float("inf")):
        _refuse(line, column, "size", number=number)
    if not by:
        _refuse(line, f"{column}_by", "whose", authors=AUTHORS)
    if not re.fullmatch(r"https://\S+", source):
        _refuse(line, f"{column}_source", "source")
    if not 1 <= len(quote.split()) <= WORDS:
        _refuse(line, f"{column}_quote", "words", words=len(quote.split()),
                most=WORDS)
    value = float(number)
    if not any(abs(stated - value) <= ROUNDING * value
               for stated in numbers_in(quote)):
        _refuse(line, f"{column}_quote", "not_stated", number=number)
    return Figure(value, by, source, quote)
