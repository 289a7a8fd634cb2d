"""`ship`: a file's sum and its datasheet; all that is shipped has both."""
import sys

import pytest

from ci import ROOT
from course import files

sys.path.insert(0, str(ROOT / "data"))

from ship import described, ship  # noqa: E402


@pytest.fixture
def data(tmp_path):
    (tmp_path / "README.md").write_text("# Shipped\n\n## a.csv, folder/\n")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n")
    (tmp_path / "folder").mkdir()
    for name in ("a.csv", "folder/b.csv", "c.csv"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_sums_are_written_by_name_and_sheets_begun(data, capsys):
    ship(data / "folder/b.csv", data / "a.csv", data=data)
    before = (data / "README.md").read_text()
    assert before.count("##") == 1 and capsys.readouterr().out == ""
    ship(data / "c.csv", data=data)
    assert "say there what c.csv is" in capsys.readouterr().out
    ship(data / "c.csv", data=data)  # begun already
    assert (data / "README.md").read_text().count("## c.csv") == 1
    lines = (data / "SHA256SUMS").read_text().splitlines()
    assert [line.split()[1] for line in lines] == [
        "a.csv", "c.csv", "folder/b.csv"]
    assert lines[0].split()[0] != "0" * 64


def test_every_shipped_file_has_a_finished_datasheet():
    sheet = (files.DATA / "README.md").read_text("utf-8")
    assert [name for name in files.checksums(files.DATA)
            if not described(name, sheet)] == []
    assert "| ... |" not in sheet
