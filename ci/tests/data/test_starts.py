"""Chapter 4's three seeds: the first is the one of the page."""
import csv
import re

import nbformat
import pytest

from ci import chapters
from course import files

ROWS = 13


@pytest.fixture(scope="module")
def table():
    with open(files.DATA / "starts.csv", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    return head, {row[0]: row[1:] for row in rows}


@pytest.fixture(scope="module")
def printed():
    cells = nbformat.read(chapters()[4], as_version=4).cells
    return {cell.id: "".join(out.get("text", "") for out in cell.outputs)
            for cell in cells if cell.cell_type == "code"}


def numbers(pair):
    return [float(x) for x in re.findall(r"\d+\.\d+", pair)]


def test_three_seeds_each(table):
    head, rows = table
    assert head == ["the one : the other", "test cases",
                    "seed 0", "seed 1", "seed 2"]
    assert len(rows) == ROWS
    for n, *pairs in rows.values():
        assert int(n.split()[-1]) > 80 and len(pairs) == 3
        assert all(len(numbers(pair)) == 2 for pair in pairs)


@pytest.mark.parametrize("cell, row, within", [
    ("99-cnn", "program: CNN : SVM", 2),
    ("99-transformer", "program: Transformer : TF-IDF", 2),
    ("99-rnn", "program: RNN : AR(10), mean error", 1)])
def test_seed_0_is_what_the_page_printed(table, printed, cell, row, within):
    n, first, *_ = table[1][row]
    shown = numbers(re.sub(r"\(.*?\)", "", printed[cell]))
    ours, other = numbers(first)
    assert abs(shown[0] - ours) <= within
    assert abs(shown[1] - other) <= within
    assert f"n = {n}" in printed[cell]
