"""Claims, verdicts, outcomes, the ledger."""

import json
import re

import pytest

import course
from ci import chapters
from course import claims, files, session
from course.messages import CourseError, message


def test_the_document_s_claims_are_all_there():
    rows = claims.all_claims()
    assert len(rows) >= 60
    bullets = {"2.3": 5, "3.1": 4, "3.2": 3, "3.3": 3, "3.4": 4, "3.5": 3,
               "5": 17, "6": 5, "8": 5}
    for section, count in bullets.items():
        pattern = re.escape(section) + r"(\.\d+)+"
        found = [id for id in rows if re.fullmatch(pattern, id)]
        assert len(found) == count, section
    for section in ("1", "2.1", "2.2", "4", "7"):
        assert f"{section}.a" in rows
    for id, row in rows.items():
        assert row["zh"] and row["en"] and id.startswith(row["section"])


def test_a_claim_is_recorded_once_shown_and_listed(displayed, capsys,
                                                   monkeypatch):
    monkeypatch.setattr(session, "current", session.Session(4))
    monkeypatch.setattr(claims, "message",
                        lambda key, **_: "a|b" if "header" in key else key)
    with pytest.raises(CourseError, match="not measured"):
        course.claims_table()
    for id in claims.of_chapter(4):
        course.claim(id, "limits")
    assert "claim.line" in capsys.readouterr().out
    course.claims_table()
    (data, metadata), = displayed
    for id in claims.of_chapter(4):
        assert f"| {id} |" in data["text/plain"]
    assert metadata == {"claims": {
        id: "limits" for id in claims.of_chapter(4)}}


@pytest.mark.parametrize("id, verdict", [
    ("9.z", "holds"), ("3.1.1", "holds"), ("4.a", "maybe")])
def test_a_claim_needs_an_id_of_its_chapter_and_a_verdict(id, verdict,
                                                          monkeypatch):
    monkeypatch.setattr(session, "current", session.Session(4))
    with pytest.raises(CourseError):
        course.claim(id, verdict)


def test_a_verdict_needs_an_interval_on_one_side_of_zero():
    assert claims.judge((0.2, 0.1, 0.3)) == "better"
    assert claims.judge((-0.2, -0.3, -0.1)) == "worse"
    assert claims.judge((0.1, -0.1, 0.3)) == "undecided"
    assert claims.judge((0.0, 0.0, 0.0)) == "undecided"


# ---- the ledger ----


def a_chapter(folder, number, *tables):
    """A notebook with closing tables, each {id: verdict}."""
    cell = {"source": ["claims_table()"], "outputs": [
        {"data": {}, "metadata": {"claims": rows}} for rows in tables]}
    other = {"source": ["# claims"], "outputs": [{"text": "6.1 holds"}]}
    (folder / "notebooks").mkdir(exist_ok=True)
    (folder / "notebooks" / f"0{number}_x.ipynb").write_text(
        json.dumps({"cells": [other, cell]}), "utf-8")


@pytest.fixture
def empty(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(files, "ROOT", tmp_path)
    return tmp_path


def test_a_chapter_that_is_not_there_has_no_verdicts(empty):
    assert claims.committed(6) == {}


def test_verdicts_are_read_from_the_closing_table(empty):
    rows = {"6.1": "holds", "6.2": "limits", "6.3": "fails"}
    a_chapter(empty, 6, rows)
    assert claims.committed(6) == rows


@pytest.mark.parametrize("tables", [
    [{"6.1": "perhaps"}], [{"6.9": "holds"}], [{"5.a": "holds"}],
    [{"6.1": "holds"}, {"6.1": "holds"}]],
    ids=["no verdict", "no claim", "another chapter's", "twice"])
def test_a_table_that_is_odd_is_refused(empty, tables):
    a_chapter(empty, 6, *tables)
    with pytest.raises(CourseError, match="06_x.ipynb.*refresh"):
        claims.committed(6)


def test_every_claim_stands_once(empty, monkeypatch):
    a_chapter(empty, 6, {"6.1": "fails"})
    a_chapter(empty, 7, {"7.a": "fails"})  # this run counts
    monkeypatch.setattr(session, "current", session.Session(7, claims={
        f"7.{letter}": ("holds", "") for letter in "abcdef"}))
    found = claims.ledger()
    assert list(found) == list(claims.all_claims())
    assert found["6.1"] == "fails" and found["7.a"] == "holds"
    assert found["1.a"] == found["6.2"] == claims.OPEN
    del session.current.claims["7.c"]
    with pytest.raises(CourseError, match="7.c"):
        claims.ledger()


def committed_ledger():
    """{id: verdict's words} as chapter 7 shows it, each row once."""
    cells = json.loads(chapters()[7].read_text("utf-8"))["cells"]
    table, = (cell for cell in cells
              if '"ledger.header"' in "".join(cell["source"]))
    rows = "".join(table["outputs"][0]["data"]["text/plain"]).splitlines()
    pairs = [(row.split(" | ")[0].strip("| "), row.rpartition(" | ")[2][:-2])
             for row in rows[2:]]
    assert len({id for id, _ in pairs}) == len(pairs)
    return dict(pairs)


def test_the_ledger_says_what_the_chapters_say():
    shown, all_ids = committed_ledger(), list(claims.all_claims())
    assert list(shown) == all_ids
    known = {}
    for number in range(1, 9):
        known.update(claims.committed(number))
    wrong = [id for id in all_ids if shown[id] != message(
        f"verdict.{known.get(id, claims.OPEN)}")]
    assert not wrong, ("the ledger is older than the chapters, at %s: run "
                       "`python3 ci refresh 7`" % ", ".join(wrong))


def test_every_chapter_that_is_there_has_a_verdict_for_each_claim():
    for number in chapters():
        assert [*claims.committed(number)] == claims.of_chapter(number)
