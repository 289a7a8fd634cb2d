"""Rosters, corrections, and schools' sheets that are filled."""
import json
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
    assert sheets.fill(template, out, POINTS, column) == (["0020999"], [])
    wanted = text
    for old, new in changes:
        assert wanted.count(old) == 1
        wanted = wanted.replace(old, new)
    assert out.read_bytes() == wanted.encode(encoding)
    assert template.read_bytes() == text.encode(encoding)


@pytest.mark.parametrize("text, column, says", [
    ("学号,x\n0020241,\n", None, "no column for grades"),
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
        ["0020241", "0020999"], [])
    assert (tmp_path / "out.csv").read_text("utf-8") == (
        "学号,成绩\n0020241,\n0020241,\n0020242,9\n")


def test_who_is_in_the_sheet_and_not_filled_is_told(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text("学号,姓名,成绩\n0020241,A,\n0020242,B,EX\n0020243,C,\n"
                    "0020244,D,EX\n,,\n", "utf-8")
    assert sheets.fill(path, tmp_path / "out.csv", POINTS) == (
        ["0020999"], ["0020243"])


def test_rosters_and_corrections(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("目录;学号;姓名\nanna;0020241;安娜\nben;0020242;本\n",
                    "gb18030")
    assert sheets.read_roster(path) == {
        "anna": {"name": "安娜", "id": "0020241"},
        "ben": {"name": "本", "id": "0020242"}}
    path.write_text("Name,ID\nAnna,1\n", "utf-8")
    with pytest.raises(Stop, match="no column folder"):
        sheets.read_roster(path)
    path.write_text("student,exercise,points,reason\nanna,4.fold,1.5,half\n",
                    "utf-8-sig")
    assert sheets.read_corrections(path) == {
        ("anna", "4.fold"): (1.5, "half")}
    path.write_text("student,exercise,points\nanna,4.fold,all\n", "utf-8")
    with pytest.raises(Stop, match="line 2: 'all' is no number"):
        sheets.read_corrections(path)
    path.write_text("student,exercise,points,reason\n", "utf-8")
    assert sheets.read_corrections(path) == {}


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
from ci.grading import sheets
for kind in ("xlsx", "xls"):
    print(sheets.fill("in." + kind, "out." + kind, json.loads(sys.argv[1])))
book = openpyxl.load_workbook("out.xlsx"); sheet = book.worksheets[0]
print([[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)],
      sheet["B2"].font.bold, sheet["D1"].value.date().isoformat(),
      book["more"]["A1"].value)
sheet = xlrd.open_workbook("out.xls").sheet_by_index(0)
print([sheet.row_values(k) for k in (1, 2)])
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
    assert done.stdout.splitlines() == [
        "(['0020999'], [])", "(['0020999'], [])",
        "[['0020241', 'Ä', 17, 'x'], [20242, 'B', 9, 'y']] True 2026-01-02 "
        "kept",
        "[['0020241', 'Ä', 17.0, 'x'], [20242.0, 'B', 9.0, 'y']]"]
