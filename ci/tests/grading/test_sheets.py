"""Rosters, corrections, and schools' sheets that are filled."""
import json
import re
import subprocess
import textwrap

import pytest

from ci import ROOT, TEACHER_LOCK, TEACHER_VENV, Stop, environment
from ci.grading import sheets

POINTS = [{"keys": ["0020241", "a@x.org", "anna"], "points": "17"},
          {"keys": ["0020242", "b@x.org", "ben"], "points": "9"},
          {"keys": ["0020999", "z@x.org", "zoe"], "points": "3"}]
MOODLE = ('Identifier,"Full name","ID number","Email address",Status,Grade,'
          '"Maximum Grade","Grade can be changed","Feedback comments"\r\n'
          'Participant 1,"Ä, Anna",0020241,a@x.org,"Submitted for grading",,'
          '23.00,Yes,""\r\n'
          'Participant 2,"B, Ben",0020242,b@x.org,-,4,23.00,Yes,"was ""late"'
          '"\r\n')
CANVAS = ('Student,ID,SIS User ID,SIS Login ID,Section,"Chapter 4 (77)"\n'
          '    Points Possible,,,,,23\n'
          '"Ä, Anna",501,0020241,anna,A,\n"B, Ben",502,0020242,ben,A,EX\n')
TSINGHUA = ("学生作业id\t学号\t姓名\t提交作业状态\t成绩（录入项）\t评语（录入项）\n"
            "11\t0020241\t安娜\t已提交\t\t好\n12\t0020242\t本\t未提交\t\t\n")


@pytest.mark.parametrize("name, text, encoding, changes", [
    ("moodle", MOODLE, "utf-8-sig", [(",,23.00", ",17,23.00"),
                                     (",-,4,", ",-,9,")]),
    ("canvas", CANVAS, "utf-8", [("anna,A,\n", "anna,A,17\n")]),
    ("tsinghua", TSINGHUA, "gb18030", [("已提交\t\t好", "已提交\t17\t好"),
                                       ("未提交\t\t", "未提交\t9\t")]),
    ("tsinghua", TSINGHUA, "utf-16", [("已提交\t\t好", "已提交\t17\t好"),
                                      ("未提交\t\t", "未提交\t9\t")]),
    ("title", "课程成绩登记表\n学号,姓名,成绩\n0020241,安娜,\n0020242,本,\n",
     "utf-8", [("安娜,", "安娜,17"), ("本,", "本,9")]),
    ("title of cells", "2026 成绩单,,,\n院系：数学,教师姓名：王,,成绩：百分制\n"
     "序号,学号,姓名,成绩\n1,0020241,安娜,\n2,0020242,本,\n", "gb18030",
     [("安娜,", "安娜,17"), ("本,", "本,9")]),
    ("English title", "Grades of the class\nid;name;grade\n0020241;A;\n"
     "0020242;B;\n", "utf-8", [("A;", "A;17"), ("B;", "B;9")]),
    ("under two heads", "学号,姓名,成绩,\n,,考试,平时\n0020241,A,,\n"
     "0020242,B,,\n", "utf-8", [("A,", "A,17"), ("B,", "B,9")]),
    ("short rows", "学号,成绩\n20241\n0020242,\n", "utf-8", [
        ("20241\n", "20241,17\n"), ("0020242,", "0020242,9")]),
])
def test_only_the_grades_change(name, text, encoding, changes, tmp_path):
    column = "Chapter 4 (77)" if name == "canvas" else None
    template, out = tmp_path / (name + ".csv"), tmp_path / "out.csv"
    template.write_bytes(text.encode(encoding))
    missing, left, head = sheets.fill(template, out, POINTS, column)
    assert (missing, left) == (["0020999"], [])
    assert head == column or sheets.is_plain(head)
    wanted = text
    for old, new in changes:
        assert wanted.count(old) == 1
        wanted = wanted.replace(old, new)
    assert out.read_bytes() == wanted.encode(encoding)
    assert template.read_bytes() == text.encode(encoding)


@pytest.mark.parametrize("text, column, says", [
    ("学号,x\n0020241,\n", None, "no column for grades"),
    ("ID,HW2,HW3,Total points\n0020241,5,,=B2\n", None,
     "--column, of HW2, HW3\\."),
    ("ID,HW2,HW3,Points\n0020241,5,,=B2\n", None, "--column, of HW2, HW3"),
    ("ID,HW2,Points\n0020241,5,=B2\n", "points",
     "points holds formulas, it is not filled; name another with --column, "
     "of HW2\\."),
    ("ID,HW3,Max points\n0020241,,17\n", None, "of HW3, Max points"),
    ("ID,HW3,Grade level\n0020241,,11\n", None, "of HW3, Grade level"),
    ("ID,HW3,Upgraded\n0020241,,yes\n", None, "of HW3, Upgraded"),
    ('ID,Grade\n"=""0020241""",\n', None, "paste their values"),
    ("学号,Grade A,Grade B\n0020241,,\n", None, "Grade A, Grade B"),
    ("学号,Grade\n0020241,\n", "Score",
     "no column Score; name one with --column, of 学号, Grade"),
    ("成绩单\n学号,姓名,期末\n0020241,A,\n", None, "--column, of 期末"),
    ("成绩单\n0020241,A,\n", None, "no column for grades in a row above"),
    ("成绩,x,y\n0020241,A,\n", None, "--column, of x, y"),
    ("Student,ID,SIS User ID,Chapter 4 (9)\nPoints Possible,,,17\nA,5,0020241,"
     "\n", None, "--column, of Chapter 4 \\(9\\)"),
    ("学号,Grade\n0020241,\n", "学号", "学号 tells students apart"),
    ("学号,成绩,学号,成绩\n0020241,,0020242,\n", "成绩", "several columns 成绩"),
    ("学号,Grade\n77,\n", None, "No student's number"),
])
def test_a_sheet_that_can_t_be_filled_is_told(text, column, says, tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(Stop, match=says):
        sheets.fill(path, tmp_path / "out.csv", POINTS, column)
    assert not (tmp_path / "out.csv").exists()
    with pytest.raises(Stop, match="neither CSV nor XLSX"):
        sheets.fill(tmp_path / "sheet.pdf", tmp_path / "out", POINTS)


def test_a_number_twice_is_not_filled(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text("学号,成绩\n0020241,\n0020241,\n0020242,\n", "utf-8")
    assert sheets.fill(path, tmp_path / "out.csv", POINTS) == (
        ["0020241", "0020999"], [], "成绩")
    assert (tmp_path / "out.csv").read_text("utf-8") == (
        "学号,成绩\n0020241,\n0020241,\n0020242,9\n")


def test_who_is_in_the_sheet_and_not_filled_is_told(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text("学号,姓名,成绩\n0020241,A,\n0020242,B,EX\n0020243,C,\n"
                    "0020244,D,EX\n,,\n", "utf-8")
    assert sheets.fill(path, tmp_path / "out.csv", POINTS) == (
        ["0020999"], ["0020243"], "成绩")


def test_a_mean_below_the_students_stays(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text("ID,Grade\n0020241,\n0020242,\n,=AVERAGE(B2:B3)\n")
    assert sheets.fill(path, tmp_path / "out.csv", POINTS) == (
        ["0020999"], [], "Grade")
    assert (tmp_path / "out.csv").read_text() == (
        "ID,Grade\n0020241,17\n0020242,9\n,=AVERAGE(B2:B3)\n")


def test_letters_with_marks_are_one_whoever_wrote_them(tmp_path):
    """macOS writes them in two parts: a name is found, its bytes stay."""
    one, two = "M\u00fcller", "Mu\u0308ller"
    path, out = tmp_path / "sheet.csv", tmp_path / "out.csv"
    for mine, theirs in ((one, two), (two, one)):
        text = "Name,Grade\n%s,\nLi,\n" % theirs
        path.write_text(text, "utf-8")
        assert sheets.fill(path, out, [{"keys": [mine], "points": "3"}]) == (
            [], ["Li"], "Grade")
        assert out.read_text("utf-8") == text.replace(theirs + ",",
                                                      theirs + ",3")
    path.write_text("folder,name\n%s,%s\n" % (two, two), "utf-8")
    assert sheets.read_roster(path) == {one: {"name": one}}
    path.write_text("student,exercise,points\n%s,4.fold,1\n" % two, "utf-8")
    assert sheets.read_corrections(path, {"4.fold": 1}) == [
        (2, one, "4.fold", 1, "")]


def test_rosters(tmp_path, capsys):
    path = tmp_path / "roster.csv"
    path.write_text("目录;学号;姓名\nanna;0020241;安娜\n;;\n"
                    "ben;0020242;本\n;;\n; ;\n", "gb18030")
    assert sheets.read_roster(path) == {
        "anna": {"name": "安娜", "id": "0020241"},
        "ben": {"name": "本", "id": "0020242"}}
    assert not capsys.readouterr().out
    path.write_text("folder,name\nanna,A\n\n,B\n", "utf-8")
    assert sheets.read_roster(path) == {"anna": {"name": "A"}}
    assert "roster.csv, line 4: no folder" in capsys.readouterr().out
    path.write_text("Name,ID\nAnna,1\n", "utf-8")
    with pytest.raises(Stop, match="roster.csv has no column folder. .* now: "
                                   "Name, ID"):
        sheets.read_roster(path)
    for start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        path.write_bytes(start + b"x" * 99)
        with pytest.raises(Stop, match="an Excel file: save it as CSV"):
            sheets.read_roster(path)


OF = {"4.fold": 1, "4.unfold": 2, "4.top_k": 3}


def test_corrections(tmp_path):
    path = tmp_path / "corrections.csv"
    path.write_text("student,exercise,points,reason\nanna,4.fold,0.5,half\n"
                    "\n,,,\nben,4.top_k,\"2,5\",\"two\nlines\"\n"
                    "ben,4.fold,0,\n,,,\n", "utf-8-sig")
    assert sheets.read_corrections(path, OF) == [
        (2, "anna", "4.fold", 0.5, "half"),
        (5, "ben", "4.top_k", 2.5, "two\nlines"), (7, "ben", "4.fold", 0, "")]
    path.write_text("student,exercise,points,reason\n", "utf-8")
    assert sheets.read_corrections(path, OF) == []
    path.write_text("exercise,points\n4.fold,1\n", "utf-8")
    with pytest.raises(Stop, match="corrections.csv has no column student"):
        sheets.read_corrections(path, OF)


@pytest.mark.parametrize("row, says", [
    ("anna,4.fold,all", "'all' is no number of points of 4.fold; write one "
     "from 0 to 1\\."), ("anna,4.fold,", "''"), ("anna,4.fold,30", "'30'"),
    ("anna,4.fold,-4", "'-4'"), ("anna,4.fold,nan", "'nan'"),
    ("anna,4.fold,inf", "'inf'"), (",4.fold,1", "no student"),
    ("anna,fold,1", "no exercise 'fold'; write 4.fold\\."),
    ("anna,4.topk,1", "no exercise '4.topk'; write 4.top_k\\."),
    ("anna,,1", "no exercise '', write its number and name"),
])
def test_a_correction_that_can_t_count_is_told(row, says, tmp_path):
    path = tmp_path / "corrections.csv"
    path.write_text("student,exercise,points\nanna,4.fold,1\n%s\n%s\n" % (
        row, row), "utf-8")
    with pytest.raises(Stop) as stop:
        sheets.read_corrections(path, OF)
    lines = str(stop.value).splitlines()
    assert len(lines) == 2
    for k, line in enumerate(lines, 3):
        assert re.search(r"corrections.csv, line %d: .*%s" % (k, says), line)


def test_a_correction_of_another_chapter_is_said(tmp_path, capsys):
    path = tmp_path / "corrections.csv"
    path.write_text("student,exercise,points\nanna,5.best,1\n", "utf-8")
    assert sheets.read_corrections(path, OF) == []
    assert ("line 2: not counted, for chapter 5 was not released"
            in capsys.readouterr().out)


EXCEL = """
import datetime, json, sys
import openpyxl, xlrd, xlwt
from openpyxl.styles import Font
head = ["学号", "姓名", "成绩", "when"]
rows = [["0020241", "Ä", None, "x"], [20242, "B", 4, "y"]]
book = openpyxl.Workbook(); sheet = book.active
for row in [head, *rows]: sheet.append(row)
sheet["B2"].font = Font(bold=True); sheet["D1"] = datetime.date(2026, 1, 2)
book.create_sheet("more")["A1"] = "kept"
book.save("in.xlsx")
old = xlwt.Workbook(); sheet = old.add_sheet("s")
for r, row in enumerate([head, *rows]):
    for c, value in enumerate(row): sheet.write(r, c, value)
old.save("in.xls")
from ci import Stop
from ci.grading import sheets
points = json.loads(sys.argv[1])
for kind in ("xlsx", "xls"):
    print(sheets.fill("in." + kind, "out." + kind, points))
book = openpyxl.load_workbook("out.xlsx"); sheet = book.worksheets[0]
print([[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)],
      sheet["B2"].font.bold, sheet["D1"].value.date().isoformat(),
      book["more"]["A1"].value)
sheet = xlrd.open_workbook("out.xls").sheet_by_index(0)
print([sheet.row_values(k) for k in (1, 2)])
def refused(rows, change=lambda book, sheet: None, column=None, kind="xlsx"):
    book = openpyxl.Workbook() if kind == "xlsx" else xlwt.Workbook()
    if kind == "xlsx":
        sheet = book.active
        for row in rows: sheet.append(row)
    else:
        sheet = book.add_sheet("s")
        for r, row in enumerate(rows):
            for c, value in enumerate(row): sheet.write(r, c, value)
    change(book, sheet); book.save("other." + kind)
    sheets.main(["other." + kind, "no", sys.argv[1],
                 *([column] * bool(column))])
rows = [["ID", "HW", "Grade"], ["0020241", None, None], [20242, 4, None]]
refused([["Read me"]], lambda book, sheet: [book.create_sheet(name)
        for name in ("Class", "More")])
refused(rows, lambda book, sheet: sheet.merge_cells("C2:C3"))
refused(rows, lambda book, sheet: sheet.__setitem__("C2", "=B2"), "Grade")
refused([["Year", "ID", "Grade"], [2024, "=A2*100+1", None]])
refused(rows, lambda book, sheet: sheet.write(5, 1, xlwt.Formula("B3")),
        kind="xls")
refused([["ID", "Grade"]], lambda book, sheet: sheet.write_merge(
        1, 2, 1, 1, "") or sheet.write(1, 0, "0020241"), kind="xls")
open("other.xlsx", "w").write("no such file")
sheets.main(["other.xlsx", "no", sys.argv[1]])
"""


@pytest.mark.slow
def test_excels_files_are_filled(tmp_path):
    """A number kept as text keeps its zeros; one that lost them is found."""
    environment.ensure(TEACHER_VENV, TEACHER_LOCK)
    done = subprocess.run(
        [str(environment.python(TEACHER_VENV)), "-c", textwrap.dedent(EXCEL),
         json.dumps(POINTS)], cwd=tmp_path, text=True, encoding="utf-8",
        env={**environment.clean(TEACHER_VENV), "PYTHONPATH": str(ROOT)},
        capture_output=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "(['0020999'], [], '成绩')", "(['0020999'], [], '成绩')",
        "[['0020241', 'Ä', 17, 'x'], [20242, 'B', 9, 'y']] True 2026-01-02 "
        "kept",
        "[['0020241', 'Ä', 17.0, 'x'], [20242.0, 'B', 9.0, 'y']]"]
    for line, said in zip(lines[4:], (
            "Only its first sheet was read, not Class, More: put",
            "other.xlsx: row 2 of the column Grade is merged with",
            "the column Grade holds formulas, it is not filled; name another "
            "with --column, of HW.", "Formulas are not computed",
            "other.xls holds formulas, which get lost in an old XLS",
            "row 2 of the column Grade is merged",
            "other.xlsx can't be read as XLSX"), strict=True):
        assert said in json.loads(line)["stop"], line
