"""What is shipped, and its checksums."""

import hashlib

import pytest

import course
from course import files
from course.messages import CourseError


def test_a_shipped_file_is_compared_with_its_checksum(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "DATA", tmp_path)
    good, other = tmp_path / "good.csv", tmp_path / "other.csv"
    good.write_bytes(b"1")
    other.write_bytes(b"2")
    digest = hashlib.sha256(b"1").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  good.csv\n")
    assert course.data_file("good.csv") == good
    with pytest.raises(CourseError, match="no checksum"):
        course.data_file("other.csv")
    with pytest.raises(CourseError, match="missing"):
        course.data_file("absent.csv")
    good.write_bytes(b"1 ")
    with pytest.raises(CourseError, match="not the file that was shipped"):
        course.data_file("good.csv")


def test_every_shipped_file_is_listed_and_whole():
    for name in files.checksums(files.DATA):
        course.data_file(name)
