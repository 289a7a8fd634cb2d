"""Order and fixtures of all tests; what they share else stands in helpers."""
import signal
import sys

import pytest
from helpers import Project
from xdist.scheduler import LoadScopeScheduling

# these take minutes: they begin first, and no core is idle at the end
LONG = ("test_chapters.py", "test_colab.py", "test_browser.py",
        "test_accessibility.py", "test_book.py", "test_t5.py",
        "test_grading.py", "test_hub.py", "05_applications",
        "04_code_examples", "test_tools.py", "test_binder.py",
        "test_environment.py", "notebooks/")

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


@pytest.fixture(scope="session")
def the_book():
    """The folder of the book, written by `ci book`."""
    from ci import book
    assert book.main() == 0
    return book.BOOK


@pytest.fixture
def project(tmp_path):
    """A collection that uses the environment these tests run in."""
    folder = tmp_path / "大 模型 {x}"
    folder.mkdir()
    made = Project(folder)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    return made


@pytest.fixture
def displayed(monkeypatch):
    """What `display` was given: a list of (data, metadata)."""
    from course import display, exercises
    shown = []

    def keep(data, metadata=None, raw=False):
        assert raw
        shown.append((data, metadata))

    monkeypatch.setattr(display, "display", keep)
    monkeypatch.setattr(exercises, "display", keep)
    return shown
