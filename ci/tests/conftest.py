"""What several test modules share: small collections to try commands on."""
import os
import shutil
import signal
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[2]
# these take minutes: they begin first, and no core is idle at the end
LONG = ("test_chapters.py", "test_colab.py", "test_browser.py",
        "test_accessibility.py", "test_book.py", "test_t5.py",
        "test_grading.py", "test_hub.py", "05_applications",
        "04_code_examples", "test_tools.py", "test_binder.py",
        "test_bootstrap.py", "notebooks/")

# a shell that starts the tests in the background has them ignore Ctrl+C, and
# all that they start
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: next(
        (k for k, name in enumerate(LONG) if name in item.nodeid), len(LONG)))


class Scheduler(LoadScopeScheduling):
    """A file's tests stay together, but for those that take minutes each.

    The two that read the book share one.
    """

    def _split_scope(self, nodeid):
        if "test_chapters.py" in nodeid:
            return nodeid
        if "test_grading.py" in nodeid:  # a class, and what needs none
            return "a class" if any(name in nodeid for name in (
                "test_a_class", "test_nbgrader")) else "no class"
        if "test_contract.py" in nodeid or "test_exercises.py" in nodeid:
            return nodeid.partition("[")[0]
        if "test_book.py" in nodeid or "test_accessibility.py" in nodeid:
            return "the book"
        return super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    if config.getvalue("dist") == "loadscope":
        return Scheduler(config, log)


def shipped():
    """Names of the collection's files, as git lists them.

    Where it came as a ZIP: of all that .gitignore does not name.
    """
    if (ROOT / ".git").exists():
        return subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, text=True,
            capture_output=True).stdout.strip("\0").split("\0")
    patterns = (ROOT / ".gitignore").read_text("utf-8").split()

    def ignored(path):
        return any(fnmatch(path.name, pattern.strip("/")) and (
            pattern[0] != "/" or path.parent == ROOT) for pattern in patterns)

    found = []
    for top, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders
                      if not ignored(Path(top, name))]
        found += [Path(top, name).relative_to(ROOT).as_posix()
                  for name in files if not ignored(Path(top, name))]
    return found


def clone(folder):
    """The collection's files in a folder, with this environment."""
    for name in shipped():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    return folder


def code(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)} if tags
                         else {})


class Project:
    """A collection of its own in a folder, with this one's `ci`."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(ROOT / "ci", folder / "ci", ignore=lambda *_: [
            "tests", "__pycache__"])
        (folder / "notebooks").mkdir()

    def notebook(self, name, *cells):
        """Writes a chapter: title, parameters and `cells`; its path."""
        nb = new_notebook(
            cells=[new_markdown_cell(
                "# 1 Title\n\n<!-- measured --><!-- /measured -->"),
                code("SEED = 0  # any whole number", "parameters"), *cells],
            metadata={"kernelspec": {"name": "python3", "language": "python",
                                     "display_name": "Python 3"}})
        path = self.folder / "notebooks" / name
        nbformat.write(nb, path)
        return path

    def command(self, *words):
        return [sys.executable, str(self.folder / "ci"), *words]

    def ci(self, *words, timeout=300, **options):
        """Runs `python3 ci WORDS`; text of stdout and stderr, exit status."""
        return subprocess.run(
            self.command(*words), capture_output=True, text=True,
            encoding="utf-8", stdin=subprocess.DEVNULL, timeout=timeout,
            cwd=self.folder, **options)


@pytest.fixture(scope="session")
def the_book():
    """The folder of the book, written by `ci book`."""
    from ci import book
    assert book.main(None) == 0
    return book.BOOK


@pytest.fixture
def project(tmp_path):
    """A collection that uses the environment these tests run in."""
    folder = tmp_path / "大 模型 {x}"
    folder.mkdir()
    made = Project(folder)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    return made
