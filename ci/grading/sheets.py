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
# what tells whose row it is: words of Latin letters, and signs
WHOSE = {"id", "identifier", "number", "name", "surname", "email", "mail",
         "student", "students", "username", "login", "matriculation"}
WHOSE_SIGNS = ("学号", "姓名", "名字", "邮箱", "学生", "用户名", "账号")
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
    """The sign between a table's columns: the one that the head has most.

    A title above the head has none.
    """
    head = next((line for line in text.splitlines()[:20]
                 if re.search("[,;\t]", line)), "")
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
    the keys of those who stand in no row, and who in the sheet got nothing.
    """
    kinds = {".csv": Text, ".txt": Text, ".xlsx": Xlsx, ".xlsm": Xlsx,
             ".xls": Xls}
    suffix = Path(template).suffix.lower()
    if suffix not in kinds:
        raise Stop("%s is neither CSV nor XLSX nor XLS." % template)
    table = kinds[suffix](template)
    head, target, where = head_of(table.rows, column, template, points)
    missing, done = [], set()
    for student in points:
        rows = [k for k, row in enumerate(table.rows) if k > head
                and any(alike(cell(row, where), key)
                        for key in student["keys"])]
        done.update(rows)
        if len(rows) != 1:
            missing.append(student["keys"][0])
        elif cell(table.rows[rows[0]], target).lower() not in EXCUSED:
            table.write(rows[0], target, student["points"])
    table.save(out)
    return missing, [cell(row, where) for k, row in enumerate(table.rows)
                     if k > head and k not in done and cell(row, where)
                     and cell(row, target).lower() not in EXCUSED]


def cell(row, column):
    return row[column].strip() if column < len(row) else ""


def alike(a, b):
    """Equal texts; or equal numbers, where a sheet has lost their zeros."""
    if a == b:
        return bool(a)
    return a.isdigit() and b.isdigit() and int(a) == int(b) and (
        len(a.lstrip("0")) > 3)


def head_of(rows, column, template, points):
    """(row, column of the grades, column by which students are found).

    The head is the row next above the first student that has a column for
    students and one for grades, each in a cell of its own: a title holds
    both in one. No column that tells students apart is ever filled.
    """
    where, first, whose = places_of(rows, points)
    heads = [[text.strip() for text in row] for row in rows[:first]]
    if column is not None:
        k, target = named(heads, column, template)
        if target in whose or heads[k][target].lower() in sum(
                (NAMES[name] for name in ("name", "email", "id")), ()):
            raise Stop("%s: the column %s tells students apart, it is not "
                       "filled; name another with --column, of %s." % (
                           template, column, choice(heads[k], whose)))
        return k, target, where
    asked = None
    for k in reversed(range(len(heads))):
        known = whose | {i for i, text in enumerate(heads[k])
                         if is_whose(text)}
        if not any(heads[k][i] for i in known if i < len(heads[k])):
            continue
        free = [i for i, text in enumerate(heads[k])
                if text and i not in known]
        asked = asked or (free and choice(heads[k], known))
        for same in (str.__eq__, str.__contains__):
            found = [i for i in free if any(
                same(heads[k][i].lower(), name) for name in GRADES)]
            if len(found) == 1:
                return k, found[0], where
            if found:
                raise Stop("%s has several columns for grades: name one with "
                           "--column, of %s." % (template, choice(
                               heads[k], known)))
    raise Stop("%s has no column for grades%s." % (
        template, ": name one with --column, of " + asked if asked else
        " in a row above the students"))


def named(heads, column, template):
    """(row, column) of the head that the teacher names."""
    found = [(k, i) for k, row in enumerate(heads)
             for i, text in enumerate(row)
             if text.lower() == column.strip().lower()]
    if len(found) > 1:
        raise Stop("%s has several columns %s: give one another name first."
                   % (template, column))
    if not found:
        fullest = max(heads, key=lambda row: sum(map(bool, row)), default=[])
        raise Stop("%s has no column %s; name one with --column, of %s." % (
            template, column, choice(fullest, ())))
    return found[0]


def choice(head, known):
    """The columns of a head that can be filled, in a line."""
    return ", ".join(text for i, text in enumerate(head)
                     if text and i not in known)


def is_grade(text):
    return any(name in text.lower() for name in GRADES)


def is_whose(text):
    """Whether a head names what tells students apart."""
    return not is_grade(text) and bool(
        WHOSE & set(re.findall("[a-z]+", text.lower().replace("-", "")))
        or any(sign in text for sign in WHOSE_SIGNS))


def places_of(rows, points):
    """(column by which most students are found, row of the first of them,
    all columns in which they stand)."""
    keys = [key for student in points for key in student["keys"]]
    width = max(map(len, rows), default=0)
    found = [[k for k, row in enumerate(rows)
              if any(alike(cell(row, i), key) for key in keys)]
             for i in range(width)]
    most = max(map(len, found), default=0)
    if not most:
        raise Stop("No student's number, e-mail or name stands in this "
                   "sheet; a roster says which they have.")
    where = [len(some) for some in found].index(most)
    return where, found[where][0], {
        i for i, some in enumerate(found) if len(some) > most / 2}


def main(words):
    template, out, points, *column = words
    try:
        found = fill(template, out, json.loads(points), *column)
    except Stop as stop:
        sys.exit(str(stop))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
