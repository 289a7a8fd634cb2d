"""`python3 ci test`: pytest on ci/tests, nbval on the committed chapters."""
import os
import subprocess
import sys

from ci import ROOT, chapters

CELL_LIMIT = 600  # seconds; a dead kernel is noticed only then
WORKER_MEMORY = 2e9  # bytes: a kernel within its budget, and pytest
HELP = "run the tests; further arguments go to pytest"
PASSES_ON = True  # what it does not know


def arguments(parser):
    parser.add_argument("--all", action="store_true",
                        help="the long tests too (20 to 45 minutes)")


def main(arguments):
    command = [sys.executable, "-m", "pytest", "-c", "ci/pytest.ini",
               "--rootdir", ".", "-n", str(workers()), "--dist", "loadscope",
               "--no-loadscope-reorder",  # conftest.py orders
               "-p", "ci.quality.nbval_measured",
               "--nbval", "--nbval-current-env",
               "--nbval-cell-timeout", str(CELL_LIMIT),
               "-rfEs"]  # what was skipped is told, with its reason
    if not arguments.all:
        command += ["-m", "not slow"]
    command += arguments.rest
    if not any(os.path.exists(ROOT / word.split("::")[0])
               for word in arguments.rest if not word.startswith("-")):
        command.append("ci/tests")
        if not arguments.all:
            # else test_chapters.py runs each twice in one kernel, and
            # compares the second run as nbval would
            command += [path.relative_to(ROOT).as_posix()
                        for path in chapters().values()]
    return subprocess.call(command, cwd=ROOT)


def workers():
    """Notebooks at a time: one a core, as far as memory goes."""
    import psutil
    cores = (len(os.sched_getaffinity(0))
             if hasattr(os, "sched_getaffinity") else os.cpu_count())
    room = psutil.virtual_memory().available // WORKER_MEMORY
    return int(max(1, min(cores, room)))
