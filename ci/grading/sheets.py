"""A class's own tables: its roster, corrections, a school's sheet to fill.

    python -m ci.grading.sheets TEMPLATE OUT POINTS [COLUMN]

fills TEMPLATE (CSV, XLSX or old XLS) with POINTS, JSON as `fill` takes it;
only Excel's files need more than the standard library.
"""
import csv
import io
import json
import re
import sys
from pathlib import Path

from ci import Stop

# what a column may be called, in small letters
NAMES = {
    "folder": ("folder", "student", "directory", "目录", "文件夹"),
    "name": ("name", "full name", "student name", "姓名", "名字"),
    "email": ("email", "e-mail", "email address", "mail", "邮箱"),
    "id": ("id", "student number", "student id", "id number", "sis user id",
           "matriculation number", "number", "学号", "学生 id"),
    "exercise": ("exercise", "练习"),
    "points": ("points", "分数"),
    "reason": ("reason", "why", "原因"),
}
GRADES = ("成绩", "grade", "score", "points", "分数")
EXCUSED = ("ex",)


def read_text(path):
    """(text, encoding) of a CSV file as people save it."""
    data = Path(path).read_bytes()
    for encoding in ("utf-8-sig", "gb18030") if data[:2] not in (
            b"\xff\xfe", b"\xfe\xff") else ("utf-16",):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig" and not data.startswith(b"\xef\xbb\xbf"):
            encoding = "utf-8"
        return text, encoding
    raise Stop("%s is no text that can be read; save it as UTF-8." % path)


def delimiter_of(text):
    """The sign between a table's columns: the one that the head has most."""
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def read_rows(path, needed, wanted=()):
    """Rows of a CSV as {our name: text}; Stop if a needed column lacks."""
    text, _ = read_text(path)
    rows = list(csv.DictReader(io.StringIO(text, newline=""),
                               delimiter=delimiter_of(text)))
    columns = {}
    for head in rows[0] if rows else text.partition("\n")[0].split(","):
        for name in (*needed, *wanted):
            if str(head).strip().lower() in NAMES[name]:
                columns.setdefault(name, head)
    for name in needed:
        if name not in columns:
            raise Stop("%s has no column %s." % (path, name))
    return [{name: (row[head] or "").strip() for name, head
             in columns.items()} for row in rows]


def read_roster(path):
    """{folder: {name, email, id}} of a class, what there is of it."""
    return {row.pop("folder"): row for row in read_rows(
        path, ["folder"], ["name", "email", "id"])}


def read_corrections(path):
    """{(folder, exercise): (points, reason)} that the teacher decided."""
    found = {}
    for k, row in enumerate(read_rows(
            path, ["folder", "exercise", "points"], ["reason"]), 2):
        try:
            points = float(row["points"].replace(",", "."))
        except ValueError:
            raise Stop("%s, line %d: %r is no number of points."
                       % (path, k, row["points"])) from None
        found[row["folder"], row["exercise"]] = (
            points, row.get("reason", ""))
    return found


# ---- a school's sheet ----


class Text:
    """A CSV whose other fields stay as they are, to the byte."""

    def __init__(self, path):
        text, self.encoding = read_text(path)
        self.sign = delimiter_of(text)
        sign = re.escape(self.sign)
        field = r'"(?:[^"]|"")*"|[^%s\r\n]*' % sign
        self.lines = []  # rows of raw fields and what stands between them
        row = []
        for match in re.finditer(r"(%s)(%s|\r\n|\n|\r|\Z)" % (field, sign),
                                 text):
            if match.start() == len(text) and not row:
                break
            row += match.groups()
            if match[2] in ("\r\n", "\n", "\r", ""):
                self.lines.append(row)
                row = []
            if match[2] == "":
                break
        self.rows = [[raw[1:-1].replace('""', '"')
                      if raw.startswith('"') else raw
                      for raw in line[::2]] for line in self.lines]

    def write(self, row, column, value):
        line = self.lines[row]
        while len(line) <= 2 * column:  # a row that ends before
            line[-1:] = [self.sign, "", line[-1]]
        line[2 * column] = value

    def save(self, path):
        text = "".join("".join(line) for line in self.lines)
        Path(path).write_bytes(text.encode(self.encoding))


class Xlsx:
    """The first sheet of an Excel file."""

    def __init__(self, path):
        import openpyxl
        self.book = openpyxl.load_workbook(path)
        self.sheet = self.book.worksheets[0]
        self.rows = [[shown(cell.value) for cell in row]
                     for row in self.sheet.iter_rows()]

    def write(self, row, column, value):
        self.sheet.cell(row + 1, column + 1).value = float(value)

    def save(self, path):
        self.book.save(path)


class Xls:
    """The first sheet of a file of Excel 97 to 2003."""

    def __init__(self, path):
        import xlrd
        from xlutils.copy import copy
        book = xlrd.open_workbook(path, formatting_info=True)
        sheet = book.sheet_by_index(0)
        self.rows = [[shown(value) for value in sheet.row_values(k)]
                     for k in range(sheet.nrows)]
        self.book = copy(book)

    def write(self, row, column, value):
        self.book.get_sheet(0).write(row, column, float(value))

    def save(self, path):
        self.book.save(str(path))


def shown(value):
    """A cell as a person sees it: a number without .0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def fill(template, out, points, column=None):
    """Writes a copy of a school's sheet with points in it.

    points: [{"keys": a student's number, e-mail, name ..., "points": text}].
    column: the head of what is filled; else it is found by its name. No
    other cell changes, and one that excuses somebody ("EX") stays. Returns
    the keys of those who stand in no row.
    """
    kinds = {".csv": Text, ".txt": Text, ".xlsx": Xlsx, ".xlsm": Xlsx,
             ".xls": Xls}
    suffix = Path(template).suffix.lower()
    if suffix not in kinds:
        raise Stop("%s is neither CSV nor XLSX nor XLS." % template)
    table = kinds[suffix](template)
    head, target = head_of(table.rows, column, template)
    where = place_of(table.rows[head + 1:], points)
    missing = []
    for student in points:
        rows = [k for k, row in enumerate(table.rows) if k > head
                and any(alike(cell(row, where), key)
                        for key in student["keys"])]
        if len(rows) != 1:
            missing.append(student["keys"][0])
        elif cell(table.rows[rows[0]], target).lower() not in EXCUSED:
            table.write(rows[0], target, student["points"])
    table.save(out)
    return missing


def cell(row, column):
    return row[column].strip() if column < len(row) else ""


def alike(a, b):
    """Equal texts; or equal numbers, where a sheet has lost their zeros."""
    if a == b:
        return bool(a)
    return a.isdigit() and b.isdigit() and int(a) == int(b) and (
        len(a.lstrip("0")) > 3)


def head_of(rows, column, template):
    """(row, column) of the head above the grades."""
    for k, row in enumerate(rows[:20]):
        texts = [text.strip().lower() for text in row]
        if column is not None:
            if column.strip().lower() in texts:
                return k, texts.index(column.strip().lower())
            continue
        for same in (str.__eq__, str.__contains__):
            found = [i for i, text in enumerate(texts)
                     if any(same(text, name) for name in GRADES)]
            if len(found) == 1:
                return k, found[0]
            if len(found) > 1 and sum(map(bool, texts)) > 2:
                raise Stop("%s has several columns for grades: name one with "
                           "--column, of %s." % (template, ", ".join(
                               row[i].strip() for i in found)))
    raise Stop("%s has no column %s; name it with --column." % (
        template, column or "for grades"))


def place_of(rows, points):
    """The column by which most students are found."""
    keys = [key for student in points for key in student["keys"]]
    width = max(map(len, rows), default=0)
    count = [sum(any(alike(cell(row, i), key) for key in keys)
                 for row in rows) for i in range(width)]
    if not any(count):
        raise Stop("No student's number, e-mail or name stands in this "
                   "sheet; a roster says which they have.")
    return count.index(max(count))


def main(words):
    template, out, points, *column = words
    try:
        missing = fill(template, out, json.loads(points), *column)
    except Stop as stop:
        sys.exit(str(stop))
    print(json.dumps(missing))


if __name__ == "__main__":
    main(sys.argv[1:])
