"""`python3 ci test`: pytest on ci/tests, nbval on the committed chapters."""
import os
import subprocess
import sys

import psutil

from ci import ROOT, chapters

CELL_LIMIT = 600  # seconds; a dead kernel is noticed only then
# with --all, test_chapters.py runs these twice in one kernel and compares the
# second run like nbval; a third run of each would take minutes
LONG = (4, 5)
WORKER_MEMORY = 2e9  # bytes: a kernel within its budget, and pytest


def main(arguments):
    command = [sys.executable, "-m", "pytest", "-c", "ci/pytest.ini",
               "--rootdir", ".", "-n", str(workers()), "--dist", "loadscope",
               "--no-loadscope-reorder",  # conftest.py orders
               "--nbval", "--nbval-current-env",
               "--nbval-cell-timeout", str(CELL_LIMIT),
               "-rfEs"]  # what was skipped is told, with its reason
    if not arguments.all:
        command += ["-m", "not slow"]
    command += arguments.rest
    if not any(os.path.exists(ROOT / word.split("::")[0])
               for word in arguments.rest if not word.startswith("-")):
        command += ["ci/tests"] + [
            path.relative_to(ROOT).as_posix()
            for number, path in chapters().items()
            if not (arguments.all and number in LONG)]
    return subprocess.call(command, cwd=ROOT)


def workers():
    """Notebooks at a time: one a core, as far as memory goes."""
    cores = (len(os.sched_getaffinity(0))
             if hasattr(os, "sched_getaffinity") else os.cpu_count())
    room = psutil.virtual_memory().available // WORKER_MEMORY
    return int(max(1, min(cores, room)))
