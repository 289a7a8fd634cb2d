"""`ci matrix` and `ci refresh --tolerances`, on a chapter of three cells."""
import json

import nbformat
import pytest
from helpers import OLDER, code

from ci.quality import matrix

NUMBERS = """import os
off = 0.3 if os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0" else 0.0
seed = 0.1 if SEED else 0.0
print(f"right: {97.2 + off}%, n = 360")"""
WORDS = "print('better' if off else 'worse')"
VERDICT = """verdict = "fails" if SEED else "holds"
display({"text/plain": "a table"}, raw=True,
        metadata={"claims": {"1.a": verdict}})"""
ONCE = "import sys\nassert not hasattr(sys, 'once')"
AND = "sys.once = 1"
ROWS = ("as is", "oneDNN off", "one core")


@pytest.fixture(autouse=True)
def as_it_is(monkeypatch):
    """A processor with all that it has, wherever these tests run."""
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)


@pytest.fixture
def small(project):
    """refresh(cells): a project of one refreshed chapter; its path."""
    def refresh(*cells):
        path = project.notebook("04_code_examples.ipynb", *map(code, cells))
        done = project.ci("refresh")
        assert "refreshed" in done.stdout, done.stdout + done.stderr
        return path
    return refresh


def matrix_of(project, *rows, **options):
    words = [word for row in rows for word in ("--row", row)]
    return project.ci("matrix", *words, **options)


def test_spread_then_tolerance_then_green(project, small):
    """Differing numbers are listed; with their tolerance nothing differs."""
    path = small(NUMBERS, "print('same')")
    done = matrix_of(project, *ROWS)
    assert done.returncode == 1, done.stderr
    assert "oneDNN off, chapter 4, cell 2: stdout: number 1 of 2" in (
        done.stdout)
    assert "| as is | 0, " in done.stdout
    assert "| oneDNN off | 1, " in done.stdout
    done = project.ci("refresh", "--tolerances")
    assert "cell 2: differs by 0.3 (0.0031 of it), {'atol': 0.9}" in (
        done.stdout), done.stdout + done.stderr
    assert "OpenBLAS Nehalem, chapter 4: ran," in done.stdout  # was missing
    assert "as is, chapter 4" not in done.stdout  # was there
    nb = nbformat.read(path, as_version=4)
    assert nb.cells[2].metadata == {"measured": {"atol": 0.9}}
    assert nb.cells[3].metadata == {}
    done = matrix_of(project, *ROWS)  # nothing is run again: metadata alone
    assert done.returncode == 0 and "ran," not in done.stdout
    text = (project.folder / "build" / "matrix.md").read_text()
    assert "| oneDNN off | 0, " in text and " AMX" in text


@pytest.mark.slow
def test_words_that_differ_get_no_tolerance(project, small):
    small(NUMBERS, WORDS)
    done = matrix_of(project, *ROWS)
    assert "oneDNN off, chapter 4, cell 3: stdout: text parts" in done.stdout
    done = project.ci("refresh", "--tolerances")
    assert "cell 3: more than numbers differs" in done.stdout


@pytest.mark.slow
def test_seeds_tell_the_verdicts_that_turn(project, small):
    small(VERDICT)
    done = matrix_of(project, "seed 2")
    assert "seed 2, chapter 4, claim 1.a: holds is committed, here it " \
        "fails" in done.stdout
    assert done.returncode == 0  # the page has to say so; nothing is broken


@pytest.mark.slow
def test_each_cell_again_and_run_all_twice(project, small):
    small(ONCE, AND)
    done = matrix_of(project, "each cell again")
    assert done.returncode == 1
    assert "a cell can't be run again: AssertionError" in done.stdout
    done = matrix_of(project, "Run All twice")
    assert done.returncode == 1 and "AssertionError" in done.stdout


@pytest.mark.slow
def test_interrupted_and_wrong_words(project, small):
    small(NUMBERS)
    done = matrix_of(project, "Mars")
    assert done.returncode == 1 and done.stderr.startswith(
        "There is no row Mars; there is as is, ")
    matrix_of(project, "as is")
    kept = project.folder / "build" / "matrix" / "rows" / "as-is" / "4.json"
    assert json.loads(kept.read_text())["error"] is None
    assert "ran," not in matrix_of(project, "as is").stdout
    kept.write_text("half wri")
    assert "1 of 1  as is, chapter 4: ran," in matrix_of(
        project, "as is").stdout


@pytest.mark.slow
def test_a_kernel_that_ends_itself_is_told(project, small):
    small("import os\nif os.environ.get('TF_ENABLE_ONEDNN_OPTS'):\n"
          "    os.abort()")
    done = matrix_of(project, "oneDNN off")
    assert done.returncode == 1 and "the kernel died" in done.stdout


def test_the_rows_are_those_of_the_workflow_and_the_tests():
    for settings in OLDER.values():
        assert settings in matrix.SAME.values()
