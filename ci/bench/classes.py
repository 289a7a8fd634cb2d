"""How long a class takes to grade, beside nbgrader alone.

    .venv/bin/python -m ci.bench.classes            # a quarter of an hour
    .venv/bin/python -m ci.bench.classes --students 60 --beside 5

A copy of the collection releases chapter 3; each student hands in a notebook
in which some answers are right, some raise, some are left, in a mixture of
their own. `ci grade` grades all of them, then as many of them as --beside
says, and nbgrader's own `autograde`, which executes each notebook, the same
ones. Writes ci/bench/classes.md. Linux.
"""
import argparse
import copy
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil

from ci import NOTEBOOKS, ROOT, TEACHER_LOCK, TEACHER_VENV, environment
from ci.bench import report
from ci.grading import assignments

sys.path.insert(0, str(NOTEBOOKS))
CHAPTER = 3


def collection(folder):
    """A collection of its own; the environments are this one's."""
    for part in ("ci", "notebooks"):
        shutil.copytree(ROOT / part, folder / part, ignore=lambda *_: [
            "tests", "__pycache__", ".ipynb_checkpoints", "zh"])
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    (folder / ".venv-teacher").symlink_to(TEACHER_VENV)


def ci(folder, *words):
    return [sys.executable, str(folder / "ci"), *words]


def hand_in(folder, blank, students):
    """{student: points} of a class whose notebooks this writes."""
    from course.exercises import entries
    made = nbformat.read(blank, as_version=4)
    found = {cell.metadata.nbgrader.grade_id: k
             for k, cell in enumerate(made.cells)
             if "nbgrader" in cell.metadata}
    ids = list(entries.chapter_exercises(str(CHAPTER)))
    names = {id: made.cells[found["check-" + id.partition(".")[2]]]
             .source.rpartition(", ")[2].rstrip(")\n") for id in ids}
    due = {}
    for student in range(students):
        nb = copy.deepcopy(made)
        due["%03d" % student] = 0
        for k, id in enumerate(ids):
            cell = nb.cells[found["answer-" + id.partition(".")[2]]]
            kind = (k + student) % 4
            if kind < 2:
                cell.source = assignments.right_answer(id, names[id])
                due["%03d" % student] += entries.POINTS[
                    entries.exercise(id)["level"]]
            elif kind == 2:
                cell.source = "def %s(*_):\n    1 / 0" % names[id]
        place = folder / ("%03d" % student) / blank.name
        place.parent.mkdir(parents=True)
        nbformat.write(nb, place)
    return due


def measured(command, **options):
    """(seconds, peak bytes of the command with all its children)."""
    began, peak, ended = time.monotonic(), [0], threading.Event()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, **options)

    def watch():
        while not ended.wait(0.3):
            total = 0
            try:
                family = psutil.Process(process.pid)
                for one in [family, *family.children(recursive=True)]:
                    try:
                        total += one.memory_full_info().pss
                    except psutil.Error:
                        pass
            except psutil.Error:
                break
            peak[0] = max(peak[0], total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, error = process.communicate()
    seconds = time.monotonic() - began
    ended.set()
    watcher.join()
    if process.returncode:
        sys.exit("classes: %s" % (error or out)[-2000:])
    return seconds, peak[0]


def as_released(folder):
    """Takes back all that was graded."""
    build, kept = folder / "build", folder / "released"
    if not kept.exists():
        shutil.copytree(build, kept)
    shutil.rmtree(build)
    shutil.copytree(kept, build)


def given(folder):
    """{student: points} in the table that `ci grade` writes."""
    table = folder / "build/grades" / ("chapter-%d.csv" % CHAPTER)
    with open(table, encoding="utf-8-sig", newline="") as file:
        return {row["student"]: float(row["points"])
                for row in csv.DictReader(file)}


def nbgrader_alone(folder, students):
    """(seconds, peak bytes, {student: points}) of `nbgrader autograde`."""
    course = folder / "build/nbgrader"
    name = assignments.assignment(CHAPTER)
    as_released(folder)
    for place in students:
        there = course / "submitted" / place.name / name
        there.mkdir(parents=True)
        shutil.copy(next(place.glob("*.ipynb")), there)
    clean = environment.clean(TEACHER_VENV)
    python = str(environment.python(TEACHER_VENV))
    seconds, peak = measured([python, "-m", "nbgrader", "autograde", name],
                             cwd=course, env=clean)
    said = subprocess.run(
        [python, "-m", "ci.grading.nbgrader_steps", str(course), "points",
         name], cwd=folder, env=clean, capture_output=True, text=True)
    return seconds, peak, {student: sum(points.values()) for student, points
                           in json.loads(said.stdout).items()}


def main():
    parser = argparse.ArgumentParser(description="Time the grading.")
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--beside", type=int, default=30)
    options = parser.parse_args()
    environment.ensure(TEACHER_VENV, TEACHER_LOCK)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "collection"
        collection(folder)
        measured(ci(folder, "release", str(CHAPTER)), cwd=folder)
        blank = (folder / "build/nbgrader/release"
                 / assignments.assignment(CHAPTER)
                 / assignments.notebook_name(CHAPTER))
        whole, few = Path(place) / "class", Path(place) / "few"
        due = hand_in(whole, blank, options.students)
        students = sorted(whole.iterdir())[:options.beside]
        for student in students:
            shutil.copytree(student, few / student.name)
        rows = []
        for name, group in (("`ci grade`", few), ("`ci grade`", whole)):
            as_released(folder)
            n = len(list(group.iterdir()))
            seconds, peak = measured(ci(folder, "grade", str(group)),
                                     cwd=folder)
            got = given(folder)
            wrong = sum(got[student] != due[student] for student in got)
            rows.append((name, n, seconds, peak, wrong))
            print(rows[-1], flush=True)
        seconds, peak, got = nbgrader_alone(folder, students)
        wrong = sum(got[student] != due[student] for student in got)
        rows.insert(1, ("`nbgrader autograde`", len(got), seconds, peak,
                        wrong))
        write(rows)
    return 0


def write(rows):
    times = rows[1][2] / rows[0][2]
    lines = [
        "# How long a class takes to grade",
        "",
        "Chapter %d, %d exercises: a quarter of the answers left, a quarter "
        "that raises, half right. `ci grade` runs each answer on the hidden "
        "cases behind walls, and writes table, picture and feedback pages; "
        "nbgrader's own `autograde` executes the notebooks, without walls, "
        "and writes no feedback. Peak: all processes together, shared memory "
        "counted once. `.venv/bin/python -m ci.bench.classes`" % (
            CHAPTER, exercises()),
        "",
        "| command | students | seconds | seconds a student | peak (MB) "
        "| students with wrong points |",
        "|---|---|---|---|---|---|"]
    for name, n, seconds, peak, wrong in rows:
        lines.append("| %s | %d | %.0f | %.2f | %.0f | %d |" % (
            name, n, seconds, seconds / n, peak / 1e6, wrong))
    lines += ["", "On the same %d notebooks `ci grade` took 1/%.1f of "
              "nbgrader's time." % (rows[0][1], times), "",
              report.machine()["words"] + "."]
    out = ROOT / "ci" / "bench" / "classes.md"
    part = out.with_suffix(".part")
    part.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    os.replace(part, out)
    print("Written: ci/bench/classes.md")


def exercises():
    from course.exercises import entries
    return len(entries.chapter_exercises(str(CHAPTER)))


if __name__ == "__main__":
    sys.exit(main())
