"""A checkpoint that a test may spoil."""
import shutil

import pytest

from course import files


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(files.ROOT)


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped checkpoint that a test may spoil."""
    copy = tmp_path / "copy"
    shutil.copytree(files.DATA / "t5-tiny", copy)
    return copy
