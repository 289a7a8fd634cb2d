"""Each chapter executed twice in one kernel, far from its folder.

First with another SEED, every knob turned to both ends and its middle; then,
in what that left behind, as committed: it must print what is committed, as
nbval compares it. The chapters of `OLDER` run as on an older processor.
"""
import copy
import datetime

import nbformat
import pytest
from helpers import BINDER, OLDER
from nbformat.v4 import new_code_cell
from nbval.plugin import coalesce_streams

from ci import CHAPTERS, chapters
from ci.execution import execute
from ci.quality import contract, measured, translation

pytestmark = pytest.mark.slow


def twice(nb):
    """The cells of a notebook two times; papermill sets the first SEED."""
    again = copy.deepcopy(nb)
    for k, cell in enumerate(again.cells):
        cell.id = f"again-{k}"
    still = new_code_cell(
        "import os\nos.environ.pop('COURSE_TEST_EXPLORE', None)", id="still")
    nb = copy.deepcopy(nb)
    nb.cells += [still] + again.cells
    return nb


def differences(committed, nb):
    """Cells whose second execution printed something else, and what."""
    again = {cell.id: cell for cell in nb.cells}
    second = [again[f"again-{k}"] for k in range(len(committed.cells))]
    return measured.chapter(committed,
                            nbformat.v4.new_notebook(cells=second))


@pytest.mark.parametrize("number, path", sorted(
    chapters().items(), key=lambda chapter: -CHAPTERS[chapter[0]][2]))
def test_another_seed_then_as_committed(number, path, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_TEST_EXPLORE", "1")
    for name, setting in OLDER.get(number, {}).items():
        monkeypatch.setenv(name, setting)
    committed = nbformat.read(path, as_version=4)
    result = execute(number, twice(committed), tmp_path / path.name,
                     {"SEED": 20}, cwd=tmp_path, bar=False)
    assert result.error is None
    nb = nbformat.read(result.output, as_version=4)
    for _, cell in contract.code_cells(nb):  # a live bar's line is its last
        cell.outputs = coalesce_streams(cell.outputs)
    assert contract.clean_outputs(nb, number) == []
    assert differences(committed, nb) == {}
    assert result.peak <= BINDER


def test_a_chapter_in_chinese_prints_what_is_recorded(tmp_path, monkeypatch):
    """Another one each day; `ci matrix` runs all of them.

    Its outputs were made by the English chapter's execution, with every
    message in both languages; here it runs by itself.
    """
    there = sorted(translation.translated().items())
    if not there:
        pytest.skip("there is no Chinese chapter")
    number, path = there[datetime.date.today().toordinal() % len(there)]
    for name, setting in OLDER.get(number, {}).items():
        monkeypatch.setenv(name, setting)
    committed = nbformat.read(path, as_version=4)
    result = execute(number, committed, tmp_path / path.name,
                     cwd=path.parent, bar=False)
    assert result.error is None
    nb = nbformat.read(result.output, as_version=4)
    nb.cells = [cell for cell in nb.cells if "injected-parameters"
                not in cell.metadata.get("tags", [])]
    for _, cell in contract.code_cells(nb):
        cell.outputs = coalesce_streams(cell.outputs)
    assert measured.chapter(committed, nb) == {}


def test_differences_are_seen():
    """The comparison itself: equal text passes, other text does not."""
    nb = nbformat.v4.new_notebook(cells=[new_code_cell(
        "print(1)", outputs=[nbformat.v4.new_output(
            "stream", name="stdout", text="1\n")])])
    ran = twice(nb)
    assert differences(nb, ran) == {}
    ran.cells[-1].outputs[0].text = "2\n"
    assert len(differences(nb, ran)) == 1
    ran.cells[-1].outputs = []
    assert len(differences(nb, ran)) == 1
