"""All eight chapters in JupyterLab, in a real browser; half an hour.

By hand before a release, and weekly: `.venv/bin/python -m ci.prove`. `python3
ci test --all` does the same with two short chapters. And axe-core reads the
plain export of all eight, where `--all` has two.
"""
import os
import subprocess
import sys

from ci import ROOT, bootstrap


def main():
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-c", "ci/pytest.ini", "--rootdir",
         ".", "-v", "ci/tests/test_browser.py",
         "ci/tests/test_accessibility.py", *sys.argv[1:]], cwd=ROOT,
        env=bootstrap.clean() | {"COURSE_PROVE": "1", "COURSE_NO_SKIP": "1"})


if __name__ == "__main__":
    sys.exit(main())
