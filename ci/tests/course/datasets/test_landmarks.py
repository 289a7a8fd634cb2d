"""The landmark models: every figure with its evidence, or named and refused.

A bad row is refused with its line and column, so that a typing error in the
table is found where it is.
"""
import csv
import math

import pytest

from course import CourseError, files
from course.datasets import landmarks

GOOD = {
    "year": "2020", "name": "Model", "domain": "language",
    "paper": "Author 2020: Title", "parameters": "340000000",
    "parameters_by": "authors", "parameters_source": "https://example.org/a",
    "parameters_quote": "24 layers, 340M parameters", "compute": "1.1e19",
    "compute_by": "Somebody 2021", "compute_source": "https://example.org/b",
    "compute_quote": "11,000 PFLOP = 1.1*10^19 FLOP", "data": "3300000000",
    "data_unit": "words", "data_by": "authors",
    "data_source": "https://example.org/c",
    "data_quote": "books (800M words) and Wikipedia (2,500M words)"}


@pytest.fixture
def table(tmp_path):
    """Writes a table of rows, and gives its path."""
    def write(*rows, header=landmarks.COLUMNS):
        path = tmp_path / "landmarks.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(header)
            lines.writerows([row[name] for name in landmarks.COLUMNS]
                            if isinstance(row, dict) else row
                            for row in rows)
        return path
    return write


def test_a_good_row_is_read(table):
    model, = landmarks.load_landmarks(table(GOOD))
    assert (model.year, model.name, model.domain) == (2020, "Model",
                                                      "language")
    assert model.parameters.value == 340e6 and model.parameters.published
    assert model.compute.value == 1.1e19 and not model.compute.published
    assert model.data.value == 3.3e9 and model.data_unit == "words"


BAD = [  # what is changed, the column that is named, what is said
    ({"year": "20177"}, "year", "20177"),
    ({"year": "2"}, "year", "no year"),
    ({"year": "1066"}, "year", "1066"),
    ({"year": ""}, "year", "no year"),
    ({"year": "2020.5"}, "year", "2020.5"),
    ({"name": " "}, "name", "empty"),
    ({"paper": ""}, "paper", "empty"),
    ({"domain": "speach"}, "domain", "speach"),
    ({"parameters": "-340000000"}, "parameters", "-340000000"),
    ({"parameters": "0"}, "parameters", "positive"),
    ({"parameters": "340M"}, "parameters", "340M"),
    ({"parameters": "nan"}, "parameters", "nan"),
    ({"parameters": "inf"}, "parameters", "inf"),
    ({"compute": "1e999"}, "compute", "1e999"),
    ({"parameters_by": ""}, "parameters_by", "whose"),
    ({"compute_by": " "}, "compute_by", "whose"),
    ({"parameters_source": ""}, "parameters_source", "address"),
    ({"data_source": "a book"}, "data_source", "address"),
    ({"parameters_quote": ""}, "parameters_quote", "0 words"),
    ({"parameters_quote": "340M " * 16}, "parameters_quote", "16 words"),
    ({"parameters_quote": "340,000 parameters"}, "parameters_quote",
     "does not state"),
    ({"parameters": "350000000"}, "parameters_quote", "350000000"),
    ({"compute": "1.1e18"}, "compute_quote", "1.1e18"),
    ({"parameters": ""}, "parameters_by", "no figure"),
    ({"data_unit": ""}, "data_unit", "both, or neither"),
    ({"data": "", "data_by": "", "data_source": "", "data_quote": ""},
     "data_unit", "both, or neither"),
    ({"name": "FIRST"}, "name", "in line 2"),
]


@pytest.mark.parametrize("change, column, said", BAD)
def test_a_bad_row_is_named_with_its_line(table, change, column, said):
    first, other = {**GOOD, "name": "First"}, {**GOOD, "name": "Other"}
    path = table(first, other, {**GOOD, **change})
    with pytest.raises(CourseError) as error:
        landmarks.load_landmarks(path)
    assert f"line 4, column {column}:" in str(error.value)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_line_with_a_cell_too_few_is_named(table):
    with pytest.raises(CourseError, match="line 3.* 16 cells, not 17"):
        landmarks.load_landmarks(table(GOOD, list(GOOD.values())[:-1]))


@pytest.mark.parametrize("header", [
    landmarks.COLUMNS[:-1], [*landmarks.COLUMNS, "more"],
    ["jahr", *landmarks.COLUMNS[1:]], []])
def test_another_header_is_refused(table, header):
    with pytest.raises(CourseError, match="line 1, column .*header"):
        landmarks.load_landmarks(table(GOOD, header=header))


@pytest.mark.parametrize("quote, number", [
    ("18629 weights", 18629), ("64,660 connections", 64_660),
    ("340M parameters", 340e6), ("12-billion parameter", 12e9),
    ("1550 M", 1550e6), ("53.2k hours", 53_200), ("300b, table", 300e9),
    ("1.56T words", 1.56e12), ("~15 trillion tokens", 15e12),
    ("1.1*10^19 FLOP", 1.1e19), ("1.07×10^24 FLOPs", 1.07e24),
    (r"2.3 \cdot 10¹⁹", 2.3e19), ("3.14E+23", 3.14e23), ("2e22", 2e22),
    ("770±50 PFlops/s·days", 770 * 8.64e19),
    ("43,500 petaflop-days", 43_500 * 8.64e19),
    ("800M words and 2,500M words", 3.3e9)])
def test_numbers_are_found_in_words(quote, number):
    assert any(math.isclose(number, found)
               for found in landmarks.numbers_in(quote))


def test_estimates_and_published_figures_never_come_together(table):
    rows = [{**GOOD, "name": "a"}, {**GOOD, "name": "b",
                                    "parameters_by": "Somebody"}]
    models = landmarks.load_landmarks(table(*rows))
    for published, name in (True, "a"), (False, "b"):
        found, values = landmarks.figures(models, "parameters", published)
        assert [m.name for m in found] == [name] and values == [340e6]


# ---- the shipped table ----

MODELS = landmarks.load_landmarks()


def test_the_shipped_table_is_large_old_and_wide_enough():
    assert len(MODELS) >= 25
    assert min(m.year for m in MODELS) == 1958
    assert {m.domain for m in MODELS} == set(landmarks.DOMAINS)
    assert len(landmarks.figures(MODELS, "parameters")[0]) >= 25
    assert len(landmarks.figures(MODELS, "compute")[0]) >= 10


def test_every_shipped_row_has_a_figure_with_evidence():
    for model in MODELS:
        assert any(getattr(model, name) for name in landmarks.FIGURES), model


def test_the_shipped_rows_stand_in_order_of_years():
    years = [m.year for m in MODELS]
    assert years == sorted(years)


def test_the_table_is_compared_with_its_checksum(tmp_path, monkeypatch):
    copy = tmp_path / "landmark_models.csv"
    copy.write_bytes((files.DATA / copy.name).read_bytes() + b"\n")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  {copy.name}\n")
    monkeypatch.setattr(files, "DATA", tmp_path)
    with pytest.raises(CourseError, match="not the file that was shipped"):
        landmarks.load_landmarks()
