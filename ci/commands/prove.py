"""`python3 ci prove`: all eight chapters in a real browser; half an hour.

By hand before a release, and weekly. `python3 ci test --all` does the same
with two short chapters; and axe-core reads the plain export of all eight,
where `--all` has two.
"""
import subprocess
import sys

from ci import ROOT, environment

HELP = "open all eight chapters in a real browser (half an hour)"
PASSES_ON = True  # further arguments go to pytest


def arguments(parser):
    pass


def main(arguments):
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-c", "ci/pytest.ini", "--rootdir",
         ".", "-v", "ci/tests/notebooks/test_browser.py",
         "ci/tests/notebooks/test_class_server.py",
         "ci/tests/book/test_accessibility.py", *arguments.rest], cwd=ROOT,
        env=environment.clean() | {"COURSE_PROVE": "1",
                                   "COURSE_NO_SKIP": "1"})
