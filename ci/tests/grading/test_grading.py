"""Release, sandbox, one submission; in `--all` a class with nbgrader."""
import argparse
import ast
import csv
import ctypes
import functools
import inspect
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest
from helpers import Project
from scipy import linalg

from ci import (
    NOTEBOOKS, ROOT, TEACHER_LOCK, TEACHER_VENV, Stop, chapters, colab,
    environment)
from ci.grading import assignments, hidden, specifications, submission
from ci.grading import classroom as room
from ci.grading.assignments import right_answer
from ci.quality import mutants
from course.exercises import entries, values
from course.exercises.judging import judge
from course.messages import message, table

WITH = {number: path for number, path in chapters().items()
        if entries.chapter_exercises(str(number))}
CHAPTER = 4  # of the fast tests
SEEDS = pytest.mark.parametrize(  # of courses whose hidden cases are seen
    "seeds", [5, pytest.param(200, marks=pytest.mark.slow)])
linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces")


# ---- hidden cases ----


def every_exercise():
    folder = NOTEBOOKS / "course" / "exercises"
    for path in sorted(folder.glob("chapter*.py")):
        yield from entries.chapter_exercises(path.stem[7:]).items()


@pytest.mark.parametrize("id, entry", list(every_exercise()))
def test_hidden_cases_are_new_and_right_forms_pass_them(id, entry):
    cases, wanted = hidden.hidden_cases(id, entry, "a seed" + id)
    assert 3 <= len(cases) == len(wanted) <= hidden.MOST
    assert values.encode(hidden.hidden_cases(
        id, entry, "a seed" + id)[0]) == values.encode(cases)
    assert not any(hidden.alike(case, shown)
                   for case in cases for shown in entry["cases"])
    more = {**entry, "cases": cases, "wanted": wanted}
    for right in [entry["solution"], *entry["others"]]:
        assert judge(id, more, right)[0] == "right"
    assignments.cases(id, cases, wanted)  # can be written


@SEEDS
@pytest.mark.parametrize("id, entry", list(every_exercise()))
def test_every_case_keeps_the_specification(id, entry, seeds, monkeypatch):
    """Of each seed; and answers that compute nothing never pass all."""
    valid = specifications.VALID[id]
    with monkeypatch.context() as visible:  # they may stand on an edge
        visible.setattr(specifications, "MARGIN", -1)
        assert all(valid(*case) for case in entry["cases"])
    for seed in range(seeds):
        cases, wanted = hidden.hidden_cases(id, entry, f"{seed} {id}")
        assert len(cases) >= 3
        assert all(valid(*case) for case in cases)
        assert not any(all(values.same(nothing, value) for value in wanted)
                       for nothing in (0, np.zeros(0), wanted[0], []))


# right answers that lean on what the text promises
LEANING = {
    "4.next_token": lambda z, Y: Y if 1 in Y else Y + [int(z.argmax())],
    "2.shared_heads": lambda D, n_heads, n_groups: (
        2 * (D + 1) * (D + D // (n_heads // n_groups))),
    "2.crossing": lambda n, a, b: leaning_crossing(n, a, b),
    "8.confident": lambda P, labels: leaning_confident(P, labels),
    "3.window_mask": lambda T, w: linalg.toeplitz(
        [True] * w + [False] * (T - w), [True] + [False] * (T - 1)),
    "5.iou": lambda a, b: leaning_iou(a, b),
    "2.nearest": lambda X, y, Q: [min(
        (((q - x) ** 2).sum(), label) for x, label in zip(X, y))[1]
        for q in Q],
    "2.experts": lambda D, d_ff, n_experts, k: (
        2 * D * d_ff * n_experts + D * n_experts,
        2 * D * d_ff * min(k, n_experts) + D * n_experts),
    "7.least_weight": lambda v, bar, k: np.clip(
        (bar - np.delete(v, k).max()) / (v[k] - np.delete(v, k).max())
        if np.delete(v, k).max() < bar else 0, 0, 1),
}


def leaning_crossing(n, a, b):
    """The first step whose ends lie on two sides, then bisection."""
    i = next(i for i in range(1, len(n)) if b[i] >= a[i])
    x, gap = np.log(n), b - a
    low, high = x[i - 1], x[i]
    for _ in range(80):
        middle = (low + high) / 2
        if np.interp(middle, x, gap) < 0:
            low = middle
        else:
            high = middle
    return np.exp(high)


def leaning_confident(P, labels):
    C = np.zeros((P.shape[1],) * 2, int)
    bars = [statistics.fmean(P[labels == j, j]) for j in range(len(C))]
    for p, label in zip(P, labels):
        over = [j for j in range(len(C)) if p[j] >= bars[j]]
        if over:
            C[label, max(over, key=lambda j: p[j])] += 1
    return C


def leaning_iou(a, b):
    if a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]:
        return 0
    low, high = np.maximum(a, b), np.minimum(a, b)
    both = (high[2] - low[0]) * (high[3] - low[1])
    return both / (sum((x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)) - both)


@SEEDS
@pytest.mark.parametrize("id", sorted(LEANING))
def test_answers_that_lean_on_the_specification_are_right(id, seeds):
    entry = dict(every_exercise())[id]
    for seed in range(seeds):
        cases, wanted = hidden.hidden_cases(id, entry, f"{seed} {id}")
        for case, value in zip(cases, wanted):
            assert values.same(LEANING[id](*case), value), case


# ---- what is released ----


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course as `ci release` writes it, without nbgrader's checksums."""
    folder = tmp_path_factory.mktemp("course") / "nbgrader"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignments, "COURSE", folder)
        path = chapters()[CHAPTER]
        assignments.source(CHAPTER, path, assignments.exercises_of(
            nbformat.read(path, as_version=4)))
    shutil.copytree(folder / "source", folder / "release")
    return folder


@pytest.fixture
def notebook(course):
    """The released notebook, to be filled in."""
    return nbformat.read(
        course / "release" / assignments.assignment(CHAPTER)
        / assignments.notebook_name(CHAPTER), as_version=4)


def key(id):
    return id.partition(".")[2]


def cell_of(nb, id):
    return next(cell for cell in nb.cells if cell.metadata.get(
        "nbgrader", {}).get("grade_id") == id)


@pytest.mark.parametrize("number", WITH)
def test_every_chapter_can_be_released(number, tmp_path, monkeypatch):
    """No solution and no known mistake is in what a student gets."""
    monkeypatch.setattr(assignments, "COURSE", tmp_path)
    path = WITH[number]
    known = entries.chapter_exercises(str(number))
    found = assignments.exercises_of(nbformat.read(path, as_version=4))
    assert [id for id, *_ in found] == sorted(
        known, key=[id for id, *_ in found].index)
    assignments.source(number, path, found)
    folder = tmp_path / "source" / assignments.assignment(number)
    nb = nbformat.read(folder / assignments.notebook_name(number), 4)
    assert not list(folder.rglob("chapter*.py"))
    text = "".join(p.read_text() for p in folder.rglob("*.*")
                   if p.suffix != ".py")
    for id, entry in known.items():
        body = ast.parse(textwrap.dedent(inspect.getsource(
            entry["solution"]))).body[0].body
        last = ast.unparse(body[-1])
        assert len(last) < 20 or last.removeprefix("return ") not in text, id
        check, answer = (cell_of(nb, part + key(id))
                         for part in ("check-", "answer-"))
        assert check.metadata.nbgrader.points == entries.POINTS[
            entry["level"]]
        assert check.metadata.nbgrader.locked and "..." in answer.source
    for name, row in table().items():
        if name.startswith("%d." % number):
            assert row["en"] not in text, name


def test_the_students_edition_works_by_itself(course, tmp_path):
    folder = tmp_path / "chapter"
    shutil.copytree(course / "release" / assignments.assignment(CHAPTER),
                    folder)
    assert "teach, don't solve" in (folder / "AGENTS.md").read_text()
    setup = cell_of(nbformat.read(
        folder / assignments.notebook_name(int(CHAPTER)), 4), "setup").source
    code = (setup + "\n"
            "print(grade('4.fold', lambda u: 10 - np.abs(u % 20 - 10)))\n"
            "print(grade('4.fold', lambda u: u))\n"
            "from course.exercises import hint, solution\n"
            "hint('4.fold'), solution('4.fold')\n"
            "print(len(case('4.fold')), case('4.fold')[0].ndim)")
    done = subprocess.run([sys.executable, "-c", code], cwd=folder,
                          capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert lines[:2] == ["✓ 4.fold: right", "2"] and lines[3] == "0"
    assert lines[2].startswith("✗ 4.fold: for ") and done.stderr == ""
    assert set(lines[4:-1]) == {message("check.no_help")}
    assert lines[-1] == "1 1"


# ---- one submission ----


def wrong_answer(id, name):
    """A mutant of the solution that the check rejects."""
    entry = entries.exercise(id)
    for _, text in mutants.mutants(entry["solution"], id):
        space = dict(entry["solution"].__globals__)
        exec(text, space)
        answer = space[entry["solution"].__name__]
        if judge(id, entry, answer)[0] == "wrong":
            whole = right_answer(id, name)
            return whole.replace("\n%s = " % name, "\n%s\n%s = " % (
                text, name))
    raise AssertionError(id)


def name_of(nb, id):
    return re.search(r", (\w+)\)", cell_of(nb, "check-" + key(id)).source)[1]


def graded(course, nb, tmp_path, chapter=CHAPTER):
    """The result of a notebook, a text or a path, as JSON would hold it."""
    path, out = tmp_path / "handed in.ipynb", tmp_path / "result.json"
    if isinstance(nb, Path):
        path = nb
    elif isinstance(nb, str):
        path.write_text(nb, encoding="utf-8")
    else:
        nbformat.write(nb, path)
    done = subprocess.run(
        [sys.executable, "-m", "ci.grading.submission", str(path), str(out),
         str(course), str(chapter)], cwd=ROOT, capture_output=True,
        text=True, timeout=200)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    result = json.loads(out.read_text())
    for note in result["notes"]:  # whatever is odd can be said in Chinese
        assert re.search("[\u4e00-\u9fff]", room.in_chinese(note)), note
    return result


def points(result):
    return {id: row["points"] for id, row in result["exercises"].items()}


RIGHT = {id: entries.POINTS[entries.exercise(id)["level"]]
         for id in ("4.fold", "4.mcnemar", "4.top_k")}
FORMS = {
    "untouched": (None, 0),
    "wrong": (wrong_answer, 0),
    "raises": (lambda id, name: "def %s(*x):\n    1 / 0" % name, 0),
    "right": (right_answer, 1),
    "right with a warning": (lambda id, name: right_answer(id, name) + """
import sys, warnings
def with_warning(*x, answer=%s):
    warnings.warn("careful")
    print("careful", file=sys.stderr)
    return answer(*x)
%s = with_warning""" % (name, name), 1),
}


@pytest.mark.parametrize("form", FORMS)
def test_points_of_one_submission(form, course, notebook, tmp_path):
    write, share = FORMS[form]
    for id in entries.chapter_exercises(str(CHAPTER)):
        if write:
            cell_of(notebook, "answer-" + key(id)).source = write(
                id, name_of(notebook, id))
    result = graded(course, notebook, tmp_path)
    assert result["notes"] == []
    for id, row in result["exercises"].items():
        entry = entries.exercise(id)
        assert row["of"] == entries.POINTS[entry["level"]]
        assert row["points"] == share * row["of"], row
    for cell in result["notebook"]["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            (_, shown) = cell["outputs"]
            assert re.fullmatch(r"\d", shown["data"]["text/plain"])
        assert "stderr" not in json.dumps(cell.get("outputs", []))


def test_a_chapter_itself_can_be_handed_in(course, tmp_path):
    """Its answers count, nothing else of it is run."""
    nb = nbformat.read(WITH[CHAPTER], as_version=4)
    for id, name, blank, _ in assignments.exercises_of(nb):
        if id in RIGHT:
            cell, = (cell for cell in nb.cells if cell.source.startswith(blank)
                     and "exercise" in cell.metadata.get("tags", []))
            cell.source = cell.source.replace(blank, right_answer(id, name))
    nb.cells.insert(3, nbformat.v4.new_code_cell("1 / 0"))
    result = graded(course, nb, tmp_path)
    got = points(result)
    assert {id for id in got if got[id]} == set(RIGHT)
    assert {row["kind"] for id, row in result["exercises"].items()
            if id not in RIGHT} == {"blank"}
    assert result["notes"] == ["a whole chapter: its answers alone were taken"]
    untouched = graded(course, nbformat.read(WITH[CHAPTER], as_version=4),
                       tmp_path)
    assert {row["kind"] for row in untouched["exercises"].values()} == {
        "blank"}


def in_the_chapter(nb, id, write):
    """Puts write(id, name of its function) in place of a chapter's blank."""
    for found, name, blank, _ in assignments.exercises_of(nb):
        if found == id:
            cell, = (cell for cell in nb.cells if cell.source.startswith(blank)
                     and "exercise" in cell.metadata.get("tags", []))
            cell.source = cell.source.replace(blank, write(id, name))
            return nb.cells.index(cell)


def under(other):
    """Writes the right answer under another name."""
    return lambda id, name: re.sub(r"\b%s\b" % key(id), other,
                                   right_answer(id, other))


def test_other_cells_of_a_chapter_define_what_answers_use(course, tmp_path):
    """Imports, constants, functions and classes that an answer needs, and
    what these need, in the order in which they stand; nothing else."""
    nb = nbformat.read(WITH[CHAPTER], as_version=4)
    for id in ("4.fold", "4.mcnemar"):
        k = in_the_chapter(nb, id, lambda id, name: (
            "def %s(*x):\n    assert math.pi > K\n"
            "    return C.f(own(*x))" % name))
        nb.cells.insert(k, nbformat.v4.new_code_cell(
            "import math\nprint(1 / 0)\nK: int = L\nX = model.fit()\n"
            "class C:\n    f = staticmethod(lambda x: x)\n"
            + under("own")(id, "answer")))
        nb.cells.insert(k, nbformat.v4.new_code_cell("L, M = 3, 4"))
        nb.cells.insert(k, nbformat.v4.new_code_cell("unused = 5"))
    nb.cells.append(nbformat.v4.new_code_cell("%matplotlib inline\nx = 1 +"))
    result = graded(course, nb, tmp_path)
    assert {id: n for id, n in points(result).items() if n} == {
        id: RIGHT[id] for id in ("4.fold", "4.mcnemar")}, result["exercises"]
    note, = result["notes"]
    assert note.startswith("a whole chapter: its answers alone were taken, "
                           "with what they use: L, M, math, K, C, ")
    assert "unused" not in note and "X" not in note


@pytest.mark.parametrize("edited", [False, True])
def test_an_answer_may_call_what_the_chapter_defines(edited, course,
                                                     tmp_path):
    """A cell of the chapter's, as it was or changed by the student."""
    nb = nbformat.read(WITH[CHAPTER], as_version=4)
    theirs = next(cell for cell in nb.cells if cell.cell_type == "code"
                  and re.match(r"def (\w+)\(", cell.source)
                  and "exercise" not in cell.metadata.get("tags", []))
    name = re.match(r"def (\w+)\(", theirs.source)[1]
    if edited:
        theirs.source = under(name)("4.fold", "fold")
        write = "def fold(u):\n    return %s(u)" % name
    else:
        write = right_answer("4.fold", "fold") + "\nassert callable(%s)" % name
    in_the_chapter(nb, "4.fold", lambda *_: write)
    result = graded(course, nb, tmp_path)
    assert points(result)["4.fold"] == 2, (result["notes"],
                                           result["exercises"]["4.fold"])
    assert name in result["notes"][0]


HELPERS = {
    # cells before the answer `def fold(u): return f(u)`, and behind its check
    "another with its name": ("{right}", "def f(u):\n    return 0", 2),
    "made right below": ("def f(u):\n    return 0", "{right}", 2),
    "defined only below": ("", "{right}", 2),
    "wrong twice": ("f = 1", "def f(u):\n    return 0", 0),
}


@pytest.mark.parametrize("form", HELPERS)
def test_an_answer_has_the_names_that_its_check_had(form, course, notebook,
                                                    tmp_path):
    """Or those of the end, where a cell below made it right."""
    above, below, expected = HELPERS[form]
    right = under("f")("4.fold", "answer")
    answer = cell_of(notebook, "answer-fold")
    answer.source = "def fold(u):\n    return f(u)"
    k = notebook.cells.index(answer)
    notebook.cells.insert(k, nbformat.v4.new_code_cell(
        above.format(right=right)))
    notebook.cells.append(nbformat.v4.new_code_cell(
        below.format(right=right)))
    result = graded(course, notebook, tmp_path)
    assert points(result)["4.fold"] == expected, result["exercises"]["4.fold"]
    assert result["notes"] == []


@pytest.mark.parametrize("text, error", [
    ("def fold(u)\n    return u", "SyntaxError: expected ':'"),
    ("fold = K + 1", "NameError: name 'K' is not defined"),
    ("import os\nos._exit(0)", "ended its process"),
    ("K", "NameError: name 'K' is not defined"), ("fold = 3", None)])
def test_a_cell_that_failed_is_told_at_its_check(text, error, course,
                                                 notebook, tmp_path):
    cell_of(notebook, "answer-fold").source = text
    row = graded(course, notebook, tmp_path)["exercises"]["4.fold"]
    if error:
        assert row["text"].startswith(
            "✗ 4.fold: the cell above failed: " + error)
    else:
        assert row["text"] == message("check.not_a_function", id="4.fold")
    assert row["kind"] == "wrong"


HOSTILE = {
    # what stands in the answer's cell, points of it, a part of the notes
    "loops": ("while True: pass", 0, "cell {cell}: stopped after 10 seconds"),
    "loops inside": ("def fold(u):\n    while True: pass", 0,
                     "4.fold: stopped after 5 seconds"),
    "catches all": (
        "def fold(u):\n    while True:\n        try:\n"
        "            while True: pass\n        except BaseException: pass", 0,
        "4.fold: stopped after 5 seconds"),
    "exits": ("import os\nos._exit(0)", 0, "cell {cell}: ended its process"),
    "exits inside": ("import os\ndef fold(u): os._exit(0)", 0,
                     "4.fold: ended its process"),
    "memory": ("x = []\nwhile True: x.append(bytearray(10**8))", 0,
               "cell {cell}: MemoryError"),
    "kills": ("import os\nfor who in (os.getppid(), 0, -1):\n"
              "    try: os.kill(who, 9)\n    except OSError: pass", 0,
              "4.fold: there is no function fold"),
    "prints": ("print('x' * 10**8)\nimport os\nos.write(1, b'y' * 10**6)\n"
               "{right}", 2, "cell {cell}: printed more than is kept"),
    "reads": ("text = open({module!r}).read()\nexec(text)\nfold = "
              "EXERCISES['4.fold']['solution']", 0,
              "cell {cell}: FileNotFoundError"),
    "imports": ("from course.exercises import chapter4\n"
                "fold = chapter4.fold", 0, "cell {cell}: ImportError"),
    "hidden": ("fold = open({hidden!r}).read()", 0,
               "cell {cell}: FileNotFoundError"),
    "network": ("import socket\nsocket.create_connection(('1.1.1.1', 80))",
                0, "cell {cell}: OSError: [Errno 101] Network is unreachable"),
    "equal to all": ("class Yes:\n    def __eq__(self, x): return True\n"
                     "    __array__ = None\ndef fold(u): return Yes()", 0,
                     "4.fold: the result is a Yes"),
    "patches": (
        "import course.exercises as e, course.exercises.values as v\n"
        "from course.exercises import judging as j\n"
        "e.judge = j.judge = lambda *_, **__: ('right', 'yes')\n"
        "v.same = j.same = np.allclose = lambda *_, **__: True\n"
        "v.encode = lambda value: 0\n"
        "def grade(*_): return 99\ndef fold(u): return u", 0, ""),
    "answers by itself": (
        "import os, json\nfor k in range(3, 30):\n"
        "    try: os.write(k, b'{{\"kind\": \"value\", \"value\": 1}}\\n' * 9)"
        "\n    except OSError: pass", 0, ""),
    "huge": ("def fold(u): return np.zeros(10**8)", 0, ""),
    "late": ("import threading, time\nthreading.Thread(target=lambda: (time."
             "sleep(0.2), __import__('os')._exit(1))).start()\n{right}", None,
             ""),
}


WAIT = {"loops", "loops inside", "catches all", "exits inside", "memory",
        "huge"}  # for a limit


@linux
@pytest.mark.parametrize("attack", [
    pytest.param(name, marks=[pytest.mark.slow] * (name in WAIT))
    for name in HOSTILE])
def test_what_an_answer_does_costs_only_itself(attack, course, notebook,
                                               tmp_path):
    """One exercise is attacked with; others, right, keep their points.

    (Where the process is spoilt for what comes later, these may go, too.)
    """
    text, expected, note = HOSTILE[attack]
    answer = cell_of(notebook, "answer-fold")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    note = note.format(cell=code.index(answer) + 1)
    answer.source = text.format(
        right=right_answer("4.fold", "fold"),
        module=str(NOTEBOOKS / "course" / "exercises" / "chapter4.py"),
        hidden=str(course / "hidden" / "hidden4.json"))
    for id in ("4.mcnemar", "4.top_k"):
        cell_of(notebook, "answer-" + key(id)).source = right_answer(
            id, name_of(notebook, id))
    began = time.monotonic()
    result = graded(course, notebook, tmp_path)
    assert time.monotonic() - began < 60
    if result["isolation"] != "full":
        pytest.skip("no namespaces here: " + result["isolation"])
    got = points(result)
    assert note in "; ".join(result["notes"]), result["notes"]
    fold, *others = (got.pop(id) for id in ("4.fold", "4.mcnemar", "4.top_k"))
    if attack not in ("late", "answers by itself", "patches"):
        assert others == [
                RIGHT["4.mcnemar"], RIGHT["4.top_k"]], result["notes"]
    if attack != "late":  # it is right, and may or may not be in time
        assert fold == expected
    assert set(got.values()) == {0}  # nothing was answered there
    assert len(json.dumps(result)) < 100_000


# answers that change what they are given
IN_PLACE = {
    "append": ("4.next_token", "def {name}(z, Y):\n"
               "    Y.append({right}(z, list(Y))[-1])\n    return Y"),
    "+=": ("4.next_token", "def {name}(z, Y):\n"
           "    Y += [{right}(z, list(Y))[-1]]\n    return Y"),
    "%=": ("4.fold", "def {name}(u):\n    u %= 20\n    u -= 10\n"
           "    return 10 - abs(u)"),
    "where a copy is asked for": (
        "4.top_k", "def {name}(z, k):\n    found = {right}(z.copy(), k)\n"
        "    z[...] = 0\n    return found"),
}


@pytest.mark.parametrize("form", IN_PLACE)
def test_an_answer_in_place_fares_as_in_the_check(form, course, notebook,
                                                  tmp_path):
    """And each of the others keeps its points."""
    id, text = IN_PLACE[form]
    ids = list(entries.chapter_exercises(str(CHAPTER)))
    for each in ids:
        name = name_of(notebook, each)
        right = right_answer(each, name)
        cell_of(notebook, "answer-" + key(each)).source = right if (
            each != id) else right.replace(
                "\n%s = " % name, "\nright_one = ") + "\n" + text.format(
                    name=name, right="right_one")
    space = {"np": np}
    exec(cell_of(notebook, "answer-" + key(id)).source, space)
    kind, said = judge(id, entries.exercise(id), space[
        name_of(notebook, id)])
    result = graded(course, notebook, tmp_path)
    row = result["exercises"].pop(id)
    assert (row["kind"], row["text"]) == (kind, said.splitlines()[0])
    assert row["points"] == row["of"] * (kind == "right")
    assert all(row["points"] == row["of"]
               for row in result["exercises"].values()), points(result)


@linux
def test_a_reply_belongs_to_its_call(course, monkeypatch):
    """Where one was not read, the next call gets a sandbox of its own."""
    one = submission.Submission(course, CHAPTER)
    one.run({"source": "def f(x):\n    return x", "outputs": []}, 1)
    one.keep("4.fold", "f")
    first, call = one.sandbox, one.remote("4.fold")
    with monkeypatch.context() as patch, pytest.raises(TypeError):
        patch.setattr(first, "receive", lambda seconds: 1 + "")
        call(1)
    assert call(2) == 2 and one.sandbox is not first
    one.sandbox.number += 1  # as if a reply of before were still to come
    one.sandbox.process.stdin.write(
        b'{"do": "call", "id": "4.fold", "arguments": {"tuple": [9]}, '
        b'"seconds": 5, "number": 1}\n')
    with pytest.raises(Exception, match="disturbed its process"):
        call(3)
    assert call(4) == 4
    one.end()


@linux
def test_time_and_memory_are_measured_where_an_answer_runs(course):
    """By the processor and by what Python and NumPy hold, in the sandbox."""
    one = submission.Submission(course, CHAPTER)
    one.run({"source": "def fold(u, n):\n    import numpy as np, time\n"
             "    began = time.process_time()\n"
             "    while time.process_time() < began + u: pass\n"
             "    np.zeros(n)\n    return u", "outputs": []}, 1)
    assert one.keep("4.fold", "fold") == "function"
    within = one.remote("4.fold").within
    assert within((0, 10), seconds=0.5) == ("value", 0, "")
    assert within((2, 10), seconds=0.5) == ("slow", None, "")
    assert within((0, 10), megabytes=4) == ("value", 0, "")
    assert within((0, 10**6), megabytes=4) == (
        "large", pytest.approx(8, abs=0.1), "")
    assert within((0, -1), seconds=0.5) == (
        "error", "ValueError: negative dimensions are not allowed", "")
    assert one.notes == []
    one.end()


@pytest.mark.parametrize("held", [None, "9", -1, float("nan"), True, [8]])
def test_what_a_sandbox_says_of_memory_is_a_number(held):
    assert submission.Large(held).megabytes in (1e6, 1)


@linux
def test_a_busy_machine_costs_no_points(course, notebook, tmp_path):
    """Time is the processor's: sleeping for six seconds is allowed."""
    cell_of(notebook, "answer-fold").source = (
        "import time\ntime.sleep(6)\n" + right_answer("4.fold", "true")
        + "\ndef fold(u):\n    time.sleep(2.5)\n    return true(u)")
    result = graded(course, notebook, tmp_path)
    assert points(result)["4.fold"] == 2 and result["notes"] == []
    assert not result["slow"]


@linux
def test_a_clone_below_a_folder_of_python_s_is_hidden(course, monkeypatch):
    """Python's own folders are shown to the code; not this collection."""
    if os.getuid():
        pytest.skip("only root may write there")
    place = Path(sys.base_prefix, "a clone")
    try:
        shutil.copytree(ROOT / "ci" / "grading", place / "ci" / "grading")
        shutil.copytree(course, place / "course")
        (place / "secret.py").write_text("secret")
        monkeypatch.setattr(submission, "__file__", str(
            place / "ci" / "grading" / "submission.py"))
        box = submission.Sandbox(place / "course" / "source" / (
            assignments.assignment(CHAPTER)))
        code = "import os\nprint(sorted(os.listdir(%r)), os.path.exists(%r))" % (
            str(place), str(place / "secret.py"))
        reply = box.ask({"do": "run", "code": code, "seconds": 9})
        box.close()
    finally:
        shutil.rmtree(place)
    if box.isolation != "full":
        pytest.skip("no namespaces here: " + box.isolation)
    assert reply["error"] is None
    assert reply["printed"] == "['ci', 'course'] False\n"


@linux
def test_children_end_with_their_submission(course, notebook, tmp_path):
    cell_of(notebook, "answer-fold").source = """
import os, time
for k in range(6):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0 or True:
            os.execv("/usr/bin/env", ["env", "sleep", "4321.5"])
""" + right_answer("4.fold", "fold")
    result = graded(course, notebook, tmp_path)
    assert points(result)["4.fold"] == 2
    assert not [p for p in psutil.process_iter(["cmdline"])
                if "4321.5" in (p.info["cmdline"] or [])]


@linux
def test_processes_are_limited(course, notebook, tmp_path):
    cell_of(notebook, "answer-fold").source = """
import os, time
made = 0
try:
    for k in range(60):
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
except OSError:
    print("refused after", made)
""" + right_answer("4.fold", "fold")
    result = graded(course, notebook, tmp_path)
    assert "refused after" in json.dumps(result["notebook"])
    assert points(result)["4.fold"] == 2


@pytest.mark.parametrize("text, note", [
    ('{"cells": [', "is no notebook that can be read"),
    ("[" * 10**5, "is no notebook that can be read"),
    ('{"cells": 3}', "is no notebook that can be read"),
    ('{"cells": [{"cell_type": "code"}]}', "is no notebook"),
    ('{"cells": [{"cell_type": "code", "source": 3}]}', "is no notebook"),
    ('{"cells": []}', "check-fold"),
    (json.dumps({"cells": [{"cell_type": "code", "source": "x" * 600_000}]}),
     "too much text"),
    ('{"cells": [{"cell_type": "code", "source": "print(\'\\ud800\')"}]}',
     "missing")])
def test_a_broken_file_is_told_in_a_line(text, note, course, tmp_path):
    result = graded(course, text, tmp_path)
    assert any(note in line for line in result["notes"])
    assert set(points(result).values()) == {0}
    nbformat.validate(nbformat.from_dict(result["notebook"]))


def test_a_link_is_no_submission(course, notebook, tmp_path):
    nbformat.write(notebook, tmp_path / "theirs.ipynb")
    (tmp_path / "mine.ipynb").symlink_to(tmp_path / "theirs.ipynb")
    result = graded(course, tmp_path / "mine.ipynb", tmp_path)
    assert result["notes"] == ["the file is no plain file"]


def test_our_cells_are_put_back(course, notebook, tmp_path):
    """Deleted, edited, renamed, copied, of another kind: nothing helps."""
    for id in RIGHT:
        cell_of(notebook, "answer-" + key(id)).source = right_answer(
            id, name_of(notebook, id))
    cell_of(notebook, "check-out_size").source = "3"
    cell_of(notebook, "check-mcnemar").metadata.nbgrader["points"] = 100
    notebook.cells.remove(cell_of(notebook, "check-fold"))
    notebook.cells.remove(cell_of(notebook, "check-windows"))
    notebook.cells.remove(cell_of(notebook, "answer-windows"))
    top = cell_of(notebook, "check-top_k")
    notebook.cells.append(nbformat.from_dict({**top, "id": "again"}))
    notebook.cells.append(nbformat.v4.new_code_cell("def top_k(): pass"))
    result = graded(course, notebook, tmp_path)
    assert {id: n for id, n in points(result).items() if n} == RIGHT
    assert result["notes"] == [
        "edited, put back: check-out_size",
        "missing, put back: check-fold, answer-windows, check-windows"]
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id")
           for cell in result["notebook"]["cells"]]
    assert len([id for id in ids if id and id.startswith("check-")]) == 10
    assert ids.index("check-fold") == ids.index("answer-fold") + 1
    assert cell_of(nbformat.from_dict(result["notebook"]), "check-mcnemar"
                   ).metadata.nbgrader.points == RIGHT["4.mcnemar"]


@pytest.mark.parametrize("lost", ["id", "metadata"])
def test_answers_are_known_by_mark_or_id(lost, course, notebook, tmp_path):
    cell_of(notebook, "answer-fold").source = (
        "display('mine')\n" + right_answer("4.fold", "fold"))
    nb = json.loads(nbformat.writes(notebook))
    for cell in nb["cells"]:
        cell[lost] = None
    result = graded(course, json.dumps(nb), tmp_path)
    assert points(result)["4.fold"] == 2 and result["notes"] == []


# what a program makes of a notebook, and how the notes begin
SAVED = {
    "by Colab": (colab.saved, []),
    "by Colab, then with new ids": (lambda nb: renamed(colab.saved(nb)), []),
    "without marks and ids": (
        lambda nb: renamed(colab.saved(nb), metadata=True),
        ["known by their content: "]),
}


def renamed(nb, metadata=False):
    nb["nbformat_minor"] = 5
    for k, cell in enumerate(nb["cells"]):
        cell["id"] = "new-%d" % k
        if metadata:
            cell["metadata"] = {}
    return nb


@pytest.mark.parametrize("form", SAVED)
def test_what_other_programs_save_can_be_handed_in(form, course, notebook,
                                                   tmp_path):
    """With a cell of the student's own that calls and redefines answers."""
    for id in entries.chapter_exercises(str(CHAPTER)):
        cell_of(notebook, "answer-" + key(id)).source = right_answer(
            id, name_of(notebook, id))
    notebook.cells.insert(
        notebook.cells.index(cell_of(notebook, "answer-fold")),
        nbformat.v4.new_code_cell("def fold(u):\n    return u  # first try"))
    notebook.cells.append(
        nbformat.v4.new_code_cell("def fold(u):\n    return u  # afterwards"))
    save, notes = SAVED[form]
    saved = json.dumps(save(notebook))
    nbformat.validate(nbformat.reads(saved, as_version=4))
    result = graded(course, saved, tmp_path)
    assert all(row["points"] == row["of"]
               for row in result["exercises"].values()), points(result)
    assert [note[:len(start)] for note, start in zip(
        result["notes"], notes, strict=True)] == notes


IPYTHON = """x = !ls
%matplotlib inline
np.abs?
if True:
    %timeit -n1 1 + 1
import asyncio
await asyncio.sleep(0)
y = %sql select
get_ipython().run_line_magic("time", "3")
"""
# where an answer stands that is not in its blank, and what is said of it
ELSEWHERE = {
    "IPython's syntax": (lambda nb, cell, text: cell.update(
        source=IPYTHON + text), None),
    "%%time": (lambda nb, cell, text: cell.update(
        source="%%time\n" + text), None),
    "a raw cell": (lambda nb, cell, text: (cell.update(
        source=text, cell_type="raw"), cell.pop("outputs"),
        cell.pop("execution_count")), "answer-fold: a raw cell"),
    "above the blank": (lambda nb, cell, text: nb.cells.insert(
        nb.cells.index(cell), nbformat.v4.new_code_cell(text)),
        "answer-fold: empty; the answer was found"),
    "below the check": (lambda nb, cell, text: nb.cells.append(
        nbformat.v4.new_code_cell(text)),
        "answer-fold: empty; the answer was found"),
}


def all_right():
    """{id: (key, name)} of a chapter's exercises, and their right answers."""
    return {id: right_answer(id, name) for id, name, *_ in
            assignments.exercises_of(nbformat.read(WITH[CHAPTER], 4))}


def answer_cells(nb):
    return {id: cell_of(nb, "answer-" + key(id)) for id in all_right()}


def one_cell(place):
    """All answers in one cell of the student's own."""
    def put(nb):
        text = "\n\n".join(all_right().values())
        nb.cells.insert(place % (len(nb.cells) + 1),
                        nbformat.v4.new_code_cell(text))
    return put


def one_cell_without_blanks(nb):
    for cell in answer_cells(nb).values():
        nb.cells.remove(cell)
    nb.cells.insert(1, nbformat.v4.new_code_cell(
        "\n\n".join(all_right().values())))


def below_the_checks(nb):
    for id, cell in answer_cells(nb).items():
        cell.source = all_right()[id]
        nb.cells.remove(cell)
        k = nb.cells.index(cell_of(nb, "check-" + key(id)))
        nb.cells.insert(k + 1, cell)


def in_the_checks(nb):
    for id, cell in answer_cells(nb).items():
        nb.cells.remove(cell)
        check = cell_of(nb, "check-" + key(id))
        check.source = all_right()[id] + "\n\n" + check.source


def two_in_a_blank(nb):
    first, second, *_ = answer_cells(nb).values()
    blank = second.source
    for id, cell in answer_cells(nb).items():
        cell.source = all_right()[id]
    first.source, second.source = first.source + "\n\n" + second.source, blank


def helpers_in_the_setup(nb):
    for id, cell in answer_cells(nb).items():
        cell.source = all_right()[id]
    cell_of(nb, "answer-fold").source += "\nassert tau > 2 * K"
    cell_of(nb, "setup").source += "\nfrom math import tau\nK = int(3)"


def markdown(nb):
    for k, (id, cell) in enumerate(answer_cells(nb).items()):
        text = all_right()[id]
        cell.update(cell_type="markdown", source=(
            "My answer:\n```python\n%s\n```\nDone." if k % 2 else "%s") % text)
        for gone in ("outputs", "execution_count"):
            cell.pop(gone)


def old_sheets(nb):
    for id, cell in answer_cells(nb).items():
        cell.source = all_right()[id]
    cells = [{**cell, "input": cell.pop("source")} if cell["cell_type"]
             == "code" else cell for cell in json.loads(
                 nbformat.writes(nb))["cells"]]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {
        "name": ""}, "worksheets": [{"cells": cells, "metadata": {}}]})


def other_line_ends(nb):
    for cell in nb.cells:
        cell.source = cell.source.replace("\n", "  \r\n")
    for id, cell in answer_cells(nb).items():
        cell.source = all_right()[id].replace("\n", "\r\n")
    return "\ufeff" + nbformat.writes(nb)


WHOLE = {  # how a class really hands in right answers, and what is said of it
    "one cell at the top": (one_cell(1), "empty; the answer was found"),
    "one cell at the end": (one_cell(-1), "empty; the answer was found"),
    "one cell, no blanks": (one_cell_without_blanks, "missing, put back"),
    "below the checks": (below_the_checks, None),
    "in the checks": (in_the_checks, "edited, put back: check-"),
    "two in a blank": (two_in_a_blank, "empty; the answer was found"),
    "helpers in the setup": (helpers_in_the_setup, "edited, put back: setup"),
    "markdown": (markdown, "a markdown cell, taken as code"),
    "nbformat 3": (old_sheets, None),
    "other line ends": (other_line_ends, None),
}


@pytest.mark.parametrize("form", WHOLE)
def test_right_answers_count_wherever_they_stand(form, course, notebook,
                                                 tmp_path):
    put, note = WHOLE[form]
    text = put(notebook)
    result = graded(course, text or json.dumps(notebook), tmp_path)
    assert all(row["points"] == row["of"] for row in
               result["exercises"].values()), (points(result),
                                               result["notes"])
    said = "; ".join(result["notes"])
    assert note in said if note else said == ""


IN_A_CHAPTER = {
    "hint first": 'hint("{id}")\n{right}\ncheck("{id}", {name})',
    "two tries": 'def {name}(*x):\n    return 0\n\ncheck("{id}", {name})\n'
                 '{right}\ncheck("{id}", {name})',
    "single quotes": "{right}\ncheck('{id}', {name})",
    "a broken line below": '{right}\ncheck("{id}", {name})\n1 +',
}


@pytest.mark.parametrize("form", IN_A_CHAPTER)
def test_a_chapter_s_cells_may_hold_more(form, course, tmp_path):
    """Tries, hints and calls around the answer that counts."""
    nb = nbformat.read(WITH[CHAPTER], as_version=4)
    k = in_the_chapter(nb, "4.fold", lambda *_: "")
    nb.cells[k].source = IN_A_CHAPTER[form].format(
        id="4.fold", name="fold", right=right_answer("4.fold", "fold"))
    result = graded(course, nb, tmp_path)
    expected = 0 if "broken" in form else 2  # a SyntaxError in its cell
    assert points(result)["4.fold"] == expected, result["exercises"]["4.fold"]


def test_a_chapter_s_answer_may_stand_in_a_new_cell(course, tmp_path):
    nb = nbformat.read(WITH[CHAPTER], as_version=4)
    k = in_the_chapter(nb, "4.fold", lambda *_: "")
    nb.cells[k].source = "# see below\n" + 'check("4.fold", fold)'
    nb.cells.insert(k + 1, nbformat.v4.new_code_cell(
        right_answer("4.fold", "fold")))
    assert points(graded(course, nb, tmp_path))["4.fold"] == 2


@pytest.mark.parametrize("form", ELSEWHERE)
def test_answers_are_found_where_they_stand(form, course, notebook, tmp_path):
    put, note = ELSEWHERE[form]
    put(notebook, cell_of(notebook, "answer-fold"),
        right_answer("4.fold", "fold"))
    result = graded(course, json.dumps(notebook), tmp_path)
    assert points(result)["4.fold"] == 2, result["notes"]
    assert [line[:len(note or "")] for line in result["notes"]] == (
        [note] if note else [])


def test_blank_lost_and_unreadable_are_told_apart(course, notebook,
                                                  tmp_path):
    notebook.cells.remove(cell_of(notebook, "answer-fold"))
    kinds = {id: row["kind"] for id, row in graded(
        course, notebook, tmp_path)["exercises"].items()}
    assert kinds.pop("4.fold") == "lost" and set(kinds.values()) == {"blank"}
    kinds = {row["kind"] for row in graded(
        course, "{", tmp_path)["exercises"].values()}
    assert kinds == {"unreadable"}


def test_hidden_inputs_are_never_shown(course, notebook, tmp_path):
    """An answer that learns the visible cases, and tells all it sees."""
    shown = [case for case, in entries.exercise("4.fold")["cases"]]
    cell_of(notebook, "answer-fold").source = "seen = []\n" + right_answer(
        "4.fold", "true_fold") + """
def fold(u):
    seen.append(u.tolist())
    print("seen", seen)
    if u.tolist() not in %r:
        raise ValueError("secret %%s" %% u)
    return true_fold(u)
""" % [case.tolist() for case in shown]
    result = graded(course, notebook, tmp_path)
    assert points(result)["4.fold"] == 0
    assert "4.fold: for u = [" in result.pop("private")["4.fold"]
    text = json.dumps(result)
    assert message("check.hidden", id="4.fold") in (
        result["exercises"]["4.fold"]["text"])
    secret = json.loads((course / "hidden" / "hidden4.json").read_text())
    for case in secret["4.fold"]["cases"]:
        for value in case["tuple"][0]["array"][0]:
            if abs(value) not in (0.0, 0.5, 7.0):
                assert repr(value)[:8] not in text
    assert "secret" not in text.replace("secret %s", "")


# ---- the class ----


@pytest.fixture
def classroom(tmp_path):
    """A collection of its own with this one's chapters, and environments."""
    environment.ensure(TEACHER_VENV, TEACHER_LOCK)
    folder = tmp_path / "大 模型"
    folder.mkdir()
    made = Project(folder)
    shutil.rmtree(folder / "notebooks")
    shutil.copytree(NOTEBOOKS, folder / "notebooks", ignore=lambda *_: [
        "__pycache__", ".ipynb_checkpoints"])
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    (folder / ".venv-teacher").symlink_to(TEACHER_VENV)
    return made


def filled(nb, ids, student):
    """Half right, a quarter wrong, a quarter left; the points of it.

    One student gets all right, one leaves all.
    """
    expected = {}
    for k, id in enumerate(ids):
        entry = entries.exercise(id)
        turn = {PERFECT: 0, UNTOUCHED: 3}.get(student, (k + student) % 4)
        write = [right_answer, right_answer, wrong_answer, None][turn]
        if write:
            cell_of(nb, "answer-" + key(id)).source = write(
                id, name_of(nb, id))
        expected[id] = entries.POINTS[entry["level"]] if turn < 2 else 0
    return expected


SIZE = 16  # of the class: ten attack, one is perfect, one hands in a blank
PERFECT, UNTOUCHED = 10, 11  # students by their numbers
# what the first ten of the class do beside, in the first exercise
CLASS = {
    "broken": None,
    "deletes": "",
    "edits": "",
    "prints": "import sys\nfor k in range(100): print('x' * 10**6)\n"
              "for k in range(100): print('x' * 10**6, file=sys.stderr)",
    "forks": "import os, time\nfor k in range(12):\n    if os.fork() == 0:\n"
             "        os.setsid(); time.sleep(4321); os._exit(0)",
    "reads": "exec(open({module!r}).read())",
    "kills": "import os\nos.kill(os.getppid(), 9)\nos.kill(0, 9)",
    "loops": "while True: pass",
    "memory": "x = []\nwhile True: x.append(bytearray(10**8))",
    "fakes": "import course.exercises as e\n"
             "e.judge = e.judging.judge = lambda *_: ('right', 'yes')\n"
             "def grade(*_): return 9\n{name} = lambda *_: e",
}


@pytest.mark.slow
@linux
def test_a_class_of_sixteen(classroom, tmp_path):
    number = 3 if 3 in WITH else 4
    done = classroom.ci("release", str(number))
    assert done.returncode == 0, done.stderr
    box = submission.Sandbox(classroom.folder / "build/nbgrader/source"
                             / assignments.assignment(number))
    box.close()
    if box.isolation != "full":
        pytest.skip("no namespaces here: " + box.isolation)
    archive = classroom.folder / "build/release" / (
        "chapter-%d.zip" % number)
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path / "home")
    blank = tmp_path / "home" / ("chapter-%d" % number) / (
        "%02d_exercises.ipynb" % number)
    ids = [id for id, *_ in assignments.exercises_of(
        nbformat.read(WITH[number], as_version=4))]
    folder, expected = tmp_path / "class", {}
    attacks = dict(enumerate(CLASS))
    for student in range(SIZE):
        nb = nbformat.read(blank, as_version=4)
        attack = attacks.get(student)
        name = "%02d %s" % (student, attack or "学生")  # "student"
        want = filled(nb, ids, student)
        expected[name] = attacked(nb, attack, ids, want, number)
        place = folder / name / "handed in" / blank.name
        place.parent.mkdir(parents=True)
        nbformat.write(nb, place)
        if attack == "broken":
            place.write_text(place.read_text()[:5000])
    kept = interrupted(classroom, folder, number)
    began = time.monotonic()
    done = classroom.ci("grade", str(folder), timeout=900)
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert "Isolation was not whole" not in done.stdout
    grades = classroom.folder / "build/grades"
    with open(grades / ("chapter-%d.csv" % number), encoding="utf-8-sig",
              newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    table = ["expected given student, notes"] + [
        "%8d %5s %s, %s" % (sum(want.values()), rows[name]["points"], name,
                            rows[name]["notes"])
        for name, want in expected.items()]
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "class.txt").write_text("\n".join(
        [*table, "%.0f s for %d submissions" % (seconds, SIZE)]) + "\n")
    assert {path.name for path in kept} == {
        path.name for path in kept[0].parent.glob("*.json")
        if "kept" in json.loads(path.read_text())}
    for name, want in expected.items():
        assert {id: int(rows[name][id]) for id in ids} == want, rows[name]
        assert bool(rows[name]["notes"]) == (
            not name.endswith("学生")), rows[name]
    pages_tell_no_secret(classroom, grades, number, expected)
    assert (grades / ("chapter-%d.png" % number)).stat().st_size > 5000
    assert not sandboxes(classroom.folder)
    files = contents(grades)  # a second call has nothing to do
    began = time.monotonic()
    again = classroom.ci("grade", str(folder))
    assert again.returncode == 0 and time.monotonic() - began < 60
    assert again.stdout == done.stdout
    assert contents(grades) == files


def interrupted(classroom, folder, number):
    """Grades until five are done, then Ctrl+C; marks and returns these."""
    place = classroom.folder / "build/nbgrader/results" / (
        assignments.assignment(number))
    process = subprocess.Popen(
        classroom.command("grade", str(folder)), cwd=classroom.folder,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True)
    while len(list(place.glob("*.json"))) < 5:
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=30)[1]
    assert process.returncode == 130 and "Traceback" not in errors, errors
    assert not sandboxes(classroom.folder)
    found = sorted(place.glob("*.json"))
    assert 5 <= len(found) < SIZE
    for path in found:
        path.write_text(json.dumps({**json.loads(path.read_text()),
                                    "kept": True}))
    return found


def sandboxes(folder):
    """Those that still run for a collection."""
    lines = [" ".join(p.info["cmdline"] or [])
             for p in psutil.process_iter(["cmdline"])]
    return [line for line in lines
            if "ci/grading/sandbox.py" in line and str(folder) in line]


def contents(folder):
    """{path: bytes} of the tables and pages; the picture is drawn anew."""
    return {path: path.read_bytes() for path in folder.rglob("*.*")
            if path.is_file() and path.suffix != ".png"}


def attacked(nb, attack, ids, want, number):
    """Puts an attack into a notebook; the points it should get."""
    first, name = ids[0], name_of(nb, ids[0])
    answer = cell_of(nb, "answer-" + key(first))
    if attack == "broken":
        return dict.fromkeys(ids, 0)
    if attack == "deletes":
        nb.cells = [cell for cell in nb.cells if not cell.metadata.get(
            "nbgrader", {}).get("grade")]
    elif attack == "edits":
        for id in ids:
            cell_of(nb, "check-" + key(id)).source = "9"
    elif attack:
        nb.cells.append(nbformat.v4.new_markdown_cell(
            "See <script>alert(1)</script>, "
            "$\\text{<script>alert(2)</script>}$, "
            r"$\frac{$"))
        answer.source = CLASS[attack].format(
            name=name, module=str(NOTEBOOKS / "course" / "exercises"
                                  / ("chapter%d.py" % number)))
        want = {**want, first: 0}
    return want


def pages_tell_no_secret(classroom, grades, number, expected):
    """No hidden value and no line of a solution on another's page."""
    secret = json.loads((
        classroom.folder / "build/nbgrader/hidden"
        / ("hidden%d.json" % number)).read_text())
    drawn = {"%.6f" % abs(x) for text in map(json.dumps, secret.values())
             for x in map(float, re.findall(r"-?\d+\.\d{8,}", text))}
    assert len(drawn) > 50
    for name in expected:
        page = (grades / "feedback" / name
                / ("%02d_exercises.html" % number)).read_text("utf-8")
        said = {x[:8] for x in re.findall(r"\d+\.\d{6,}", page)}
        assert not drawn & said, name
        assert "<script>alert" not in page
        # equations stand without network
        assert "cdnjs" not in page and (
            page.count("<math ") > 10 or name.endswith("broken"))
        shown = re.sub(r"<(style|math|code)\b.*?</\1>", "", page, flags=re.S)
        assert "\\frac" not in shown and "$$" not in shown


@pytest.mark.slow
def test_nbgrader_alone_gives_the_same_points(classroom, tmp_path):
    """Its own execution: no walls, but the same notebooks and the same sums.

    Untouched, wrong and raising give 0, right gives all, with a warning too.
    """
    number = 4
    done = classroom.ci("release", str(number))
    assert done.returncode == 0, done.stderr
    course = classroom.folder / "build/nbgrader"
    name = assignments.assignment(number)
    ids = list(entries.chapter_exercises(str(number)))
    learned = """
def fold(u, shown=%r):
    return 10 - np.abs(u %% 20 - 10) if u.tolist() in shown else u
""" % [case.tolist() for case, in entries.exercise("4.fold")["cases"]]
    forms = {**FORMS, "learned by heart": (lambda id, _: learned if id == (
        "4.fold") else "pass", 0)}
    for form, (write, _) in forms.items():
        nb = nbformat.read(course / "release" / name / (
            assignments.notebook_name(number)), as_version=4)
        for id in ids if write else []:
            cell_of(nb, "answer-" + key(id)).source = write(
                id, name_of(nb, id))
        place = course / "submitted" / form / name
        place.mkdir(parents=True)
        nbformat.write(nb, place / assignments.notebook_name(number))
    environ = environment.clean(TEACHER_VENV)
    done = subprocess.run(
        [str(environment.python(TEACHER_VENV)), "-m", "nbgrader", "autograde",
         name], cwd=course, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    points = subprocess.run(
        [str(environment.python(TEACHER_VENV)), "-m",
         "ci.grading.nbgrader_steps", str(course), "points", name], cwd=classroom.folder, env=environ,
        capture_output=True, text=True)
    got = json.loads(points.stdout)
    for form, (_, share) in forms.items():
        for id in ids:
            level = entries.exercise(id)["level"]
            assert got[form]["check-" + key(id)] == (
                share * entries.POINTS[level]), (form, id)


def test_names_of_students_are_safe():
    for name in ("anna", "Zoë B", "学生 1", "a@b.org"):
        assert room.safe(name) == name
    assert len({room.safe(name) for name in ("a*", "a?", "a[", "../a", ".")
                }) == 5
    for name in ("a*", "..", "+", "a/b", "\n", "-rf", "学" * 85):
        assert re.fullmatch(r"[\w. @-]{1,67}", room.safe(name))
        assert not room.safe(name).startswith((".", "-"))
    assert room.cell("=1+1") == "'=1+1" and room.cell("a\nb") == "a b"


@linux
def test_an_interrupt_ends_what_runs(tmp_path, monkeypatch):
    """And keeps no result of what it has ended."""
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 4321.25\n")
    slow.chmod(0o755)

    def bar(*_, **__):
        while len(room.running) < 2:
            time.sleep(0.1)
        raise KeyboardInterrupt
    for where, name, value in (
            (sys, "executable", str(slow)), (room, "COURSE", tmp_path),
            (room, "tqdm", bar), (room, "stopping", threading.Event())):
        monkeypatch.setattr(where, name, value)
    with pytest.raises(KeyboardInterrupt):
        room.grade_all([(str(k), 4, None) for k in range(30)])
    assert not list((tmp_path / "results/chapter-4").iterdir())
    assert not [p for p in psutil.process_iter(["cmdline"])
                if "4321.25" in (p.info["cmdline"] or [])]


def handed_in(place, nb, when=0):
    """A notebook in a student's folder, saved at some time."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(nb if isinstance(nb, str) else nbformat.writes(nb))
    os.utime(place, (1.7e9 + when, 1.7e9 + when))


def test_where_notebooks_are_found(course, notebook, tmp_path, monkeypatch):
    monkeypatch.setattr(room, "COURSE", course)
    full = nbformat.reads(nbformat.writes(notebook), as_version=4)
    for id in RIGHT:
        cell_of(full, "answer-" + key(id)).source = right_answer(
            id, name_of(full, id))
    for path, nb, when in (
            ("li 雷/04_exercises.ipynb", full, 0),
            ("deep/a/b/4_exercises_final.ipynb", full, 0),
            ("renamed/my homework.ipynb", full, 0),
            ("capital/04_EXERCISES.IPYNB", full, 0),
            ("capital cut/04_EXERCISES.IPYNB", '{"cells": [', 0),
            ("Mu\u0308ller/04_exercises.ipynb", full, 0),  # as macOS does it
            ("browser/04_exercises.ipynb", notebook, 9),
            ("browser/04_exercises (1).ipynb", full, 0),
            ("twice/attempt 1.ipynb", full, 5),
            ("twice/attempt 2.ipynb", full, 7),
            ("same time/attempt 2.ipynb", full, 5),
            ("same time/attempt 10.ipynb", full, 5),
            ("cut/04_exercises.ipynb", '{"cells": [', 0),
            ("kept/.ipynb_checkpoints/04_exercises.ipynb", full, 0),
            ("mac/._04_exercises.ipynb", "x", 0),
            ("other/03_exercises.ipynb", "{}", 0),
            *(("three/%d.IPYNB" % k, full, k) for k in (1, 2, 3)),
            ("no notebook/Z.IPYNB", "{}", 0),
            ("no notebook/A.txt", "x", 0),
            ("python/fold.py", "x", 0),
            ("python/my/homework.docx", "x", 0),
            ("python/.cache/x", "x", 0),
            *(("many/%d.pdf" % k, "x", 0) for k in range(7)),
            (".git/04_exercises.ipynb", full, 0)):
        handed_in(tmp_path / path, nb, when)
    for name in ("zip", "capital zip", "damaged", "zip in a zip"):
        (tmp_path / name).mkdir()
    with zipfile.ZipFile(tmp_path / "zip" / "mine.zip", "w") as file:
        file.writestr("../../chapter/04_exercises.ipynb",
                      nbformat.writes(full))
        file.writestr("__MACOSX/04_exercises.ipynb", "x")
    shutil.copy(tmp_path / "zip" / "mine.zip",
                tmp_path / "capital zip" / "HW.ZIP")
    (tmp_path / "damaged" / "mine.zip").write_bytes(b"PK no zip")
    with zipfile.ZipFile(tmp_path / "zip in a zip/all.zip", "w") as file:
        file.write(tmp_path / "zip" / "mine.zip", "2026/mine.zip")
        file.write(tmp_path / "damaged" / "mine.zip", "theirs.zip")
    found = room.submissions(tmp_path, 4)
    for name in ("zip", "capital zip", "zip in a zip"):
        inside, _ = found.pop(name)
        assert inside.is_relative_to(course) and inside.name == (
            "04_exercises.ipynb")
    path, _ = found.pop("M\u00fcller")
    assert path.parent.name == "Mu\u0308ller"
    assert {name: (path and path.relative_to(tmp_path / name).as_posix(),
                   note) for name, (path, note) in found.items()} == {
        "capital": ("04_EXERCISES.IPYNB", ""),
        "capital cut": ("04_EXERCISES.IPYNB", ""),
        "li 雷": ("04_exercises.ipynb", ""),
        "deep": ("a/b/4_exercises_final.ipynb", ""),
        "renamed": ("my homework.ipynb", ""),
        "browser": ("04_exercises (1).ipynb", "04_exercises (1).ipynb taken, "
                    "not 04_exercises.ipynb"),
        "twice": ("attempt 2.ipynb", "attempt 2.ipynb taken, not "
                  "attempt 1.ipynb"),
        "same time": ("attempt 10.ipynb", "attempt 10.ipynb taken, not "
                      "attempt 2.ipynb"),
        "cut": ("04_exercises.ipynb", ""),
        "three": ("3.IPYNB", "3.IPYNB taken, not 2.IPYNB, 1.IPYNB"),
        "no notebook": (None, "nothing handed in of this chapter, but "
                        "Z.IPYNB, A.txt"),
        "kept": (None, "nothing handed in"),
        "mac": (None, "nothing handed in"),
        "damaged": (None, "nothing handed in of this chapter, but mine.zip"),
        "python": (None, "nothing handed in of this chapter, but fold.py, "
                   "homework.docx"),
        "many": (None, "nothing handed in of this chapter, but 0.pdf, 1.pdf, "
                 "2.pdf, 3.pdf, 4.pdf and 2 more"),
        "other": (None, "nothing handed in of this chapter, but "
                  "03_exercises.ipynb")}


def teachers(course, folder, monkeypatch):
    """A collection whose course is released, as `grade` sees it."""
    grades = folder / "build" / "grades"
    for name, value in (("COURSE", course), ("GRADES", grades),
                        ("ROOT", folder)):
        monkeypatch.setattr(room, name, value)
    monkeypatch.setattr(room.environment, "ensure", lambda *_: None)
    monkeypatch.setattr(room, "grade_all", lambda work: pytest.fail(
        "something is graded"))
    grades.mkdir(parents=True)

    def grade(place):
        room.main(argparse.Namespace(
            folder=str(place), roster=None, delimiter=",", fill=None,
            column=None, chapter=None))
    return grades, grade


def test_notebooks_in_no_student_s_folder_are_named(course, notebook,
                                                    tmp_path, monkeypatch):
    _, grade = teachers(course, tmp_path, monkeypatch)
    flat = tmp_path / "flat"
    (flat / "empty").mkdir(parents=True)
    with pytest.raises(Stop, match="There is no 04_exercises.ipynb in the"):
        grade(flat)
    for name in ("a, b_123_04_exercises.ipynb", "C.ZIP", "._a.ipynb"):
        handed_in(flat / name, notebook)
    with pytest.raises(Stop, match="lie in no student's folder: C.ZIP; a, b_"
                       "123_04_exercises.ipynb. Put each into a folder"):
        grade(flat)
    with pytest.raises(Stop, match="C.ZIP is a file: say the folder"):
        grade(flat / "C.ZIP")


def test_corrections_are_read_before_all_is_graded(course, notebook, tmp_path,
                                                   monkeypatch):
    grades, grade = teachers(course, tmp_path, monkeypatch)
    handed_in(tmp_path / "class/anna/04_exercises.ipynb", notebook)
    path = grades / "corrections.csv"
    with pytest.raises(pytest.fail.Exception):  # the file is made
        grade(tmp_path / "class")
    assert path.read_text("utf-8-sig") == "student,exercise,points,reason\n"
    with open(path, "a") as file:
        file.write("anna,4.fold,30,\nanna,fold,1,\n")
    with pytest.raises(Stop, match="line 2: '30' is no number of points of "
                       "4.fold; write one from 0 to %d.\n.*line 3: there is "
                       "no exercise 'fold'; write 4.fold" % entries.POINTS[
                           entries.exercise("4.fold")["level"]]):
        grade(tmp_path / "class")
    assert room.released(CHAPTER) == {
        id: entries.POINTS[entries.exercise(id)["level"]] for id, *_ in
        assignments.exercises_of(nbformat.read(WITH[CHAPTER], as_version=4))}


def test_a_name_in_a_correction_is_a_folder_s_or_fits_one(capsys):
    mine = {"exercises": {"4.fold": {}}}
    results = {"Chen\nWei": mine, "anna_1234567_assignsubmission_file": mine,
               "anna b": mine, "Li Lei": mine, "x1": mine, "x2": mine}
    roster = {"Li Lei": {"name": "李雷", "id": "77"}, "zoe": {"name": "Zoe"},
              "x1": {"name": "Wang"}, "x2": {"name": "Wang"}}

    def found(name, id="4.fold"):
        return [student for student, _ in room.corrections(
            4, results, [(3, name, id, 1, "")], roster)]
    for name, student in (("anna b", "anna b"), ("Chen Wei", "Chen\nWei"),
                          ("李雷", "Li Lei"), ("77", "Li Lei")):
        assert found(name) == [student]
    assert found("anna", "5.other") == []
    assert not capsys.readouterr().out
    for name, close in (
            ("Li Lai", "Li Lei"), ("LI LEI", "Li Lei"), ("Wang", "x1; x2"),
            ("ANNA B", "anna b"), ("李 雷", "李雷"), ("chen wei", "Chen Wei"),
            ("Anna", "anna_1234567_assignsubmission_file; anna b")):
        assert found(name) == []
        assert capsys.readouterr().out == (
            "corrections.csv, line 3: no 4.fold of %s is graded. Names close "
            "to it: %s. For work on paper make an empty folder of this name."
            "\n" % (name, close))
    for name in ("zoe", "Paper Student"):
        assert found(name) == []
        assert "No name is close to it." in capsys.readouterr().out
    assert found("anna b", "4.top_k") == []
    assert "no 4.top_k of anna b is graded" in capsys.readouterr().out


def test_a_school_s_sheet_is_filled_beside_our_own_tables(
        course, tmp_path, monkeypatch, capsys):
    grades, _ = teachers(course, tmp_path, monkeypatch)
    table = {"Ä, A_1234567_assignsubmission_file": {"4.fold": 1},
             "B_77_assignsubmission_file": {"4.fold": 0},
             "Li, Lei": {"4.fold": 0}, "Zoe": {"4.fold": 0}}
    (grades / "chapter-4.csv").write_text("ours")
    template = tmp_path / "Chapter-4.csv"
    template.write_text("Identifier,Full name,Grade\nParticipant 1234567,A,\n"
                        "Participant 77,B,\nParticipant 5,C,\n")
    room.filled(template, table, {}, None)
    assert (grades / "chapter-4.csv").read_text() == "ours"
    assert (grades / "filled-Chapter-4.csv").read_text() == (
        "Identifier,Full name,Grade\nParticipant 1234567,A,1\n"
        "Participant 77,B,0\nParticipant 5,C,\n")
    assert capsys.readouterr().out.replace(os.sep, "/") == (
        "build/grades/filled-Chapter-4.csv: 2 of 4 filled in, in the column "
        "Grade. Not found in it, or twice: Li, Lei; Zoe.\n"
        "In it, but not filled in: Participant 5.\n")
    monkeypatch.setattr(room, "teacher_module",
                        lambda *_: '{"stop": "the sheet is odd"}')
    with pytest.raises(Stop, match="^the sheet is odd$"):
        room.filled(tmp_path / "sheet.xlsx", table, {}, None)


def test_a_name_is_one_whichever_system_wrote_it(course, notebook, tmp_path,
                                                 monkeypatch):
    monkeypatch.setattr(room, "COURSE", course)
    one, two = "M\u00fcller", "Mu\u0308ller"
    old = tmp_path / "results" / "chapter-4"  # as an older edition kept it
    old.mkdir(parents=True)
    (old / "x.json").write_text(json.dumps({"student": two}))
    with monkeypatch.context() as patch:
        patch.setattr(room, "COURSE", tmp_path)
        assert list(room.merged(4, {})) == [two]
        assert list(room.merged(4, {one: {}})) == [one]
    for name in one, two:
        handed_in(tmp_path / "class" / name / "04_exercises.ipynb", notebook)
    if len(list((tmp_path / "class").iterdir())) == 2:  # not on macOS
        with pytest.raises(Stop, match="two folders M\u00fcller"):
            room.submissions(tmp_path / "class", 4)


def test_a_class_within_a_student_is_refused(course, notebook, tmp_path,
                                             monkeypatch):
    monkeypatch.setattr(room, "COURSE", course)
    for name in "anna", "ben", "carl":
        handed_in(tmp_path / "class" / name / "04_exercises.ipynb", notebook)
    with pytest.raises(Stop, match="folder whose folders are students'"):
        room.submissions(tmp_path, 4)
    assert len(room.submissions(tmp_path / "class", 4)) == 3


def test_two_students_within_one_are_told(course, notebook, tmp_path,
                                          monkeypatch, capsys):
    """One folder too high: no more is graded. Two attempts are no students.
    """
    monkeypatch.setattr(room, "COURSE", course)

    def put(*names):
        for name in names:
            handed_in(tmp_path / name / "04_exercises.ipynb", notebook)
        return room.submissions(tmp_path / name.split("/")[0], 4)
    with pytest.raises(Stop, match="two folders with notebooks, anna and "
                                   "ben: call it"):
        put("up/section A/anna", "up/section A/ben")
    with pytest.raises(Stop, match="two folders with notebooks"):
        put("up/section B/carl", "up/section B/dora")
    for names in (("attempt 1", "attempt 2"), ("1", "2"), ("第一次", "第二次"),
                  ("chapter-4", "large-models")):
        found = put(*("%s/anna/%s" % (names[0], name) for name in names))
        assert "two students" not in found["anna"][1]
    # the same two in each: a home's own folders
    found = put(*("homes/%s/%s" % (who, name) for who in ("anna", "ben")
                  for name in ("mine", "yours")))
    assert "two students'?" in found["anna"][1]
    found = put("class/anna/mine", "class/anna/yours", "class/ben")
    assert found["anna"][1].startswith(
        "two folders hold notebooks, mine and yours; two students'?; ")
    assert found["ben"][1] == ""
    assert "Look at anna: two folders" in capsys.readouterr().out


def test_of_all_that_was_handed_in_the_best_counts(tmp_path, monkeypatch):
    """From another folder, or the same one again; nobody is dropped."""
    monkeypatch.setattr(room, "COURSE", tmp_path)
    made = []

    def apart(path, fresh, chapter):
        text = path.read_text() if path else "0"
        made.append(text)
        if text == "dies":
            return 1, "ended"
        fresh.write_text(json.dumps({
            "exercises": {"4.fold": {"points": int(text.split()[0])}},
            "notes": [], "slow": "slow" in text}))
        return 0, ""
    monkeypatch.setattr(room, "graded_apart", apart)

    def grade(student, text, when=0, note=""):
        if text is not None:
            handed_in(tmp_path / "in" / "x.ipynb", text, when)
        result = room.grade_one(
            student, 4, None if text is None else tmp_path / "in" / "x.ipynb",
            note)
        # as nbgrader's part does it
        room.save(tmp_path / "results/chapter-4" / (student + ".json"),
                  {**result, "saved": True})
        return room.worth(result)[0], result["note"], result["saved"]
    assert grade("a", "16") == (16, "", False)
    assert grade("a", "16") == (16, "", True)  # not graded once more
    assert made == ["16"]
    first, late = ("x.ipynb of %s (%d)" % (time.strftime(
        "%Y-%m-%d %H:%M", time.localtime(1.7e9 + when)), n)
        for when, n in ((0, 16), (600, 3)))
    rule = ": most points, of equals the newest"
    assert grade("a", "3", 600) == (
        16, first + " counts, not " + late + rule, True)
    assert grade("a", None)[:2] == (16, first + " counts, not " + late + rule)
    assert grade("a", "16 newer", 900)[::2] == (16, False)
    assert grade("a", "17", 0)[::2] == (17, False)
    points, note, saved = grade("a", "dies")
    assert (points, saved) == (17, True) and "(could not be graded)" in note
    assert made == ["16", "3", "16 newer", "17", "dies", "0"]
    with monkeypatch.context() as changed:  # the release: all is graded anew
        changed.setattr(room, "key", lambda chapter, path: "another")
        del made[:]
        assert grade("a", None)[::2] == (17, False)
        assert sorted(made) == ["0", "16", "16 newer", "17", "3", "dies"]
        assert grade("a", None)[::2] == (17, True)
    for _ in range(2):  # what took too long is tried again
        assert grade("b", "2 slow") == (2, "", False)
    assert made[6:] == ["2 slow", "2 slow"]
    # who was listed stays listed, with the note
    for saved in (False, True):
        assert grade("c", None, note="nothing handed in, but mine.zip") == (
            0, "nothing handed in, but mine.zip", saved)
    assert {name: result["note"] for name, result in room.merged(
        4, {}).items() if name != "a"} == {
            "b": "", "c": "nothing handed in, but mine.zip"}
    # taken out by the teacher: nothing of before is left
    (tmp_path / "results/chapter-4/a.json").unlink()
    assert list(room.merged(4, {})) == ["b", "c"]
    assert grade("a", "1") == (1, "", False)


def test_corrections_stand_on_the_feedback_page():
    result = {"exercises": {"4.fold": {"points": 0}, "4.top_k": {
        "points": 3}}, "notes": ["odd"], "note": ""}
    page = room.explained("<html><body x>rest", result, {
        "4.fold": 1.5, "4.top_k": 3}, {"4.fold": (1.5, "a <sign>")})
    assert page == (
        "<html><body x><div><p>Corrected by your teacher, 4.5 points in all "
        "now:</p><ul><li>4.fold: 1.5 points, not 0: a &lt;sign&gt;</li></ul>"
        "</div><div><p>What was odd:</p><ul><li>odd</li></ul></div>rest")
    assert room.explained("<body>", {**result, "notes": []}, {}, {}) == (
        "<body>")


def test_a_chinese_class_gets_chinese_feedback(tmp_path, monkeypatch):
    monkeypatch.setattr(assignments, "COURSE", tmp_path / "nbgrader")
    path = chapters(NOTEBOOKS / "zh")[CHAPTER]
    assignments.source(CHAPTER, path, assignments.exercises_of(
        nbformat.read(path, as_version=4)), "zh")
    folder = tmp_path / "nbgrader"
    shutil.copytree(folder / "source", folder / "release")
    nb = nbformat.read(folder / "release" / assignments.assignment(CHAPTER)
                       / assignments.notebook_name(CHAPTER), as_version=4)
    cell_of(nb, "answer-fold").source = "def fold(u):\n    return u"
    result = graded(folder, nb, tmp_path)
    said = {id: one["text"] for id, one in result["exercises"].items()}
    assert said["4.fold"].startswith("✗ 4.fold：")
    assert said["4.top_k"] == "○ 4.top_k：还没有作答"
    page = room.explained("<body>", {**result, "notes": [
        "edited, put back: check-fold"]}, {
        "4.fold": 1}, {"4.fold": (1, "口试")})
    assert page == (
        "<body><div><p>老师作了更正，现在共 1 分：</p><ul><li>4.fold：1 分，"
        "不是 0 分；口试</li></ul></div><div><p>交来的文件有异常：</p><ul>"
        "<li>改动过，已恢复原样：check-fold</li></ul></div>")
    assert room.in_chinese("a.ipynb taken, not b (1).ipynb") == (
        "批改的是 a.ipynb，不是 b (1).ipynb")


def test_a_long_note_is_cut_at_a_word():
    assert room.cut("word " * 100) == "word " * 100
    text = room.cut("word " * 200)
    assert len(text) <= 600 and text.endswith(
        "word … (more on the feedback page)")


def test_graded_exercises_stay(tmp_path, monkeypatch):
    """nbgrader would stop in the middle; so it is told before."""
    monkeypatch.setattr(assignments, "COURSE", tmp_path)
    found = assignments.exercises_of(nbformat.read(WITH[4], as_version=4))
    assignments.source(4, WITH[4], found)
    assignments.source(4, WITH[4], found[1:])  # nothing is graded yet
    (tmp_path / "submitted" / "anna" / "chapter-4").mkdir(parents=True)
    assignments.source(4, WITH[4], found[1:])
    with pytest.raises(Stop, match="move build/nbgrader away"):
        assignments.source(4, WITH[4], found)


def test_what_cannot_be_graded_is_said(project):
    for words, text in (
            (["grade", "nowhere"], "There is no folder nowhere."),
            (["grade", "."], "Nothing was released yet"),
            (["release", "9"], "There is no chapter")):
        done = project.ci(*words)
        assert done.returncode == 1 and text in done.stderr
        assert "Traceback" not in done.stderr


def test_the_sandbox_says_when_it_cannot_start(tmp_path, capfd):
    with pytest.raises(submission.NoSandbox, match="does not start"):
        submission.Sandbox(tmp_path / "no such folder")
    assert "No module named 'course'" in capfd.readouterr().err


@functools.cache
def nobody_reads():
    """Whether the user nobody, which root's sandbox becomes, can start
    this Python: not where it lies in root's own folder."""
    if os.getuid():
        return True
    try:
        return subprocess.run([sys.executable, "-c", ""], user=65534,
                              capture_output=True).returncode == 0
    except PermissionError:
        return False


REACH = """
import os, socket, urllib.request
def tries(what, *arguments):
    try:
        what(*arguments)
        print("done")
    except OSError as error:
        print(type(error).__name__)
with socket.socket() as s:
    tries(s.connect, ("127.0.0.1", 9))
tries(os.kill, os.getppid(), 0)
for path in [%r, "/etc/passwd", "/proc/1/cmdline", os.path.expanduser("~/x")]:
    tries(open, path, "w" if path.endswith("x") else "r")
tries(open, "/dev/null", "w")
"""


@linux
@pytest.mark.parametrize("landlock", ["", "sandbox.landlock = lambda *_: 0"])
@pytest.mark.parametrize("refused, kind", [
    ("enter_namespaces = lambda: False", "no namespaces"),
    ("mount = refuse", "no files hidden ([Errno 1] refused)")])
def test_where_the_system_refuses_walls(refused, kind, landlock, course):
    """Limits and the other user are left, Landlock where there is one; the
    folder of work is emptied."""
    text = """
import sys
sys.path.insert(0, %r)
import sandbox
def refuse(*_, **__):
    raise OSError(1, "refused")
sandbox.%s
%s
%s
sandbox.launch(%r, 60, 2**31)""" % (
        str(ROOT / "ci" / "grading"), refused, landlock,
        "" if nobody_reads() else "sandbox.drop_rights = lambda: None",
        str(course / "source" / assignments.assignment(CHAPTER)))
    code = ("import os\nopen('left', 'w').write('x')\n"
            "print(os.getuid(), len(bytearray(10**8)))"
            + REACH % str(NOTEBOOKS / "course/exercises/chapter4.py")
            + "bytearray(4 * 10**9)")
    place = Path(tempfile.mkdtemp(dir="/tmp"))  # tmp_path is for us alone
    place.chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-c", text], text=True, capture_output=True,
        input=json.dumps({"do": "run", "code": code, "seconds": 5}) + "\n",
        env={**os.environ, "TMPDIR": str(place)})
    assert done.stdout, done.stderr
    first, reply = map(json.loads, done.stdout.splitlines())
    assert done.stderr == ""
    user, many, tcp, signal, solution, users, other, own, null = (
        reply["printed"].split())
    assert int(user) == (os.getuid() or (65534 if nobody_reads() else 0))
    assert many == "100000000"
    assert reply["error"] == "MemoryError"
    assert own == null == "done"
    if landlock:
        assert first["isolation"] == kind
        assert solution == users == "done"
        if kind == "no namespaces":
            assert tcp == "ConnectionRefusedError"
    elif ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) < 1:
        assert first["isolation"] == kind
        pytest.skip("this kernel has no Landlock")
    else:
        said, version = first["isolation"].rsplit(" ", 1)
        assert said == kind + ", Landlock"
        assert [solution, users, other] == ["PermissionError"] * 3
        if kind == "no namespaces":  # else there is nobody to reach
            assert int(version) < 4 or tcp == "PermissionError"
            assert int(version) < 6 or signal == "PermissionError"
    place.rmdir()  # fails if anything is left
