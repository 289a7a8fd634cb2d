"""A class's own tables: its roster, corrections, a school's sheet to fill.

    python -m ci.grading.sheets TEMPLATE OUT POINTS [COLUMN]

fills TEMPLATE (CSV, XLSX or old XLS) with POINTS, JSON as `fill` takes it;
only Excel's files need more than the standard library.
"""
import csv
import difflib
import io
import json
import re
import sys
import unicodedata
from pathlib import Path

from ci import Stop

# what a column may be called, in small letters
NAMES = {
    "folder": ("folder", "student", "directory", "目录", "文件夹"),
    "student": ("student", "folder", "directory", "学生", "目录", "文件夹"),
    "name": ("name", "full name", "student name", "姓名", "名字"),
    "email": ("email", "e-mail", "email address", "mail", "邮箱"),
    "id": ("id", "student number", "student id", "id number", "sis user id",
           "matriculation number", "number", "学号", "学生 id"),
    "exercise": ("exercise", "练习"),
    "points": ("points", "分数"),
    "reason": ("reason", "why", "原因"),
}
GRADES = ("成绩", "grade", "score", "points", "分数")
PLAIN = (*GRADES, "grades", "scores", "mark", "marks")  # a whole head
# what tells whose row it is: words of Latin letters, and signs
WHOSE = {"id", "identifier", "number", "name", "surname", "email", "mail",
         "student", "students", "username", "login", "matriculation"}
WHOSE_SIGNS = ("学号", "姓名", "名字", "邮箱", "学生", "用户名", "账号")
EXCUSED = ("ex",)
EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # first bytes of its files


def plain(text):
    """The one form of letters with marks: macOS names files in another."""
    return unicodedata.normalize("NFC", text)


def read_text(path):
    """(text, encoding) of a CSV file as people save it."""
    data = Path(path).read_bytes()
    if data.startswith(EXCEL):
        raise Stop("%s is an Excel file: save it as CSV." % path)
    for encoding in ("utf-8-sig", "gb18030") if data[:2] not in (
            b"\xff\xfe", b"\xfe\xff") else ("utf-16",):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig" and not data.startswith(b"\xef\xbb\xbf"):
            encoding = "utf-8"
        return text, encoding
    raise Stop("%s is no text that can be read; save it as CSV in "
               "UTF-8." % path)


def delimiter_of(text):
    """The sign between a table's columns: the one that the head has most.

    A title above the head has none.
    """
    head = next((line for line in text.splitlines()[:20]
                 if re.search("[,;\t]", line)), "")
    return max(",;\t", key=head.count)


def read_rows(path, needed, wanted=()):
    """[(line, {our name: text})] of a CSV, without its empty rows; Stop if
    a needed column lacks."""
    text = plain(read_text(path)[0])
    reader = csv.DictReader(io.StringIO(text, newline=""),
                            delimiter=delimiter_of(text))
    heads, columns = reader.fieldnames or [], {}
    for head in heads:
        for name in (*needed, *wanted):
            if head.strip().lower() in NAMES[name]:
                columns.setdefault(name, head)
    for name in needed:
        if name not in columns:
            raise Stop("%s has no column %s. Its first row names the columns, "
                       "now: %s." % (path, name, ", ".join(heads) or "none"))
    rows = []
    for row in reader:
        fields = {name: (row[head] or "").strip()
                  for name, head in columns.items()}
        if any(fields.values()):  # line_num is where a row ends
            rows.append((reader.line_num - sum(
                str(text).count("\n") for text in row.values()), fields))
    return rows


def read_roster(path):
    """{folder: {name, email, id}} of a class, what there is of it."""
    roster = {}
    for line, row in read_rows(path, ["folder"], ["name", "email", "id"]):
        folder = row.pop("folder")
        if folder:
            roster[folder] = row
        else:
            print("%s, line %d: no folder, so left out." % (path, line))
    return roster


def read_corrections(path, of):
    """[(line, student, exercise, points, reason)] that a teacher decided.

    of: {exercise: points} of all that was released. Stop names each line
    that can't count.
    """
    found, wrong = [], []
    for line, row in read_rows(
            path, ["student", "exercise", "points"], ["reason"]):
        id, place = row["exercise"], "%s, line %d: " % (path, line)
        chapter = re.match(r"\d+\.", id)
        try:
            points = float(row["points"].replace(",", "."))
        except ValueError:
            points = -1
        if not row["student"]:
            wrong.append(place + "no student; write the name of a folder.")
        elif id in of and not 0 <= points <= of[id]:  # nan neither
            wrong.append(place + "%r is no number of points of %s; write one "
                         "from 0 to %g." % (row["points"], id, of[id]))
        elif id in of:
            found.append((line, row["student"], id, points,
                          row.get("reason", "")))
        elif chapter and not any(other.startswith(chapter[0])
                                 for other in of):
            print("%snot counted, for chapter %s was not released."
                  % (place, chapter[0][:-1]), flush=True)
        else:
            close = [other for other in of if id == other.partition(".")[
                2]] or difflib.get_close_matches(id, of)
            wrong.append(place + "there is no exercise %r%s" % (
                id, "; write %s." % " or ".join(close) if close
                else ", write its number and name as the table has them."))
    if wrong:
        raise Stop("\n".join(wrong))
    return found


# ---- a school's sheet ----


class Text:
    """A CSV whose other fields stay as they are, to the byte."""
    others, merged = (), ()

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
        self.sheet, *others = self.book.worksheets
        self.others = [sheet.title for sheet in others]
        self.rows = [["=" if cell.data_type == "f" else shown(cell.value)
                      for cell in row] for row in self.sheet.iter_rows()]
        # as xlrd counts: from 0, the ends excluded
        self.merged = [(area.min_row - 1, area.max_row, area.min_col - 1,
                        area.max_col) for area in self.sheet.merged_cells]

    def write(self, row, column, value):
        self.sheet.cell(row + 1, column + 1).value = float(value)

    def save(self, path):
        self.book.save(path)


class Xls:
    """The first sheet of a file of Excel 97 to 2003."""

    def __init__(self, path):
        import xlrd
        from xlutils.copy import copy
        kinds = io.StringIO()
        xlrd.count_records(path, kinds)
        if re.search(r"\bFORMULA\b", kinds.getvalue()):  # lost in the copy
            raise Stop("%s holds formulas, which get lost in an old XLS: save "
                       "it as XLSX." % path)
        book = xlrd.open_workbook(path, formatting_info=True)
        sheet = book.sheet_by_index(0)
        self.others, self.merged = book.sheet_names()[1:], sheet.merged_cells
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
    the keys of those who stand in no row, who in the sheet got nothing, and
    the head of the column.
    """
    table = opened(template)
    points = [{**student, "keys": [plain(key) for key in student["keys"]]}
              for student in points]
    where, found, whose = places_of(table, template, points)
    head, target = head_of(table.rows, column, template, found, whose)
    missing, done, write = [], set(), {}
    for student in points:
        rows = [k for k in found if any(alike(
            cell(table.rows[k], where), key) for key in student["keys"])]
        done.update(rows)
        if len(rows) != 1:
            missing.append(student["keys"][0])
        elif cell(table.rows[rows[0]], target).lower() not in EXCUSED:
            write[rows[0]] = student["points"]
    label = cell(table.rows[head], target)
    for row in write:
        if any(top <= row < bottom and left <= target < right and (
                bottom - top > 1 or target > left)
               for top, bottom, left, right in table.merged):
            raise Stop("%s: row %d of the column %s is merged with other "
                       "cells; unmerge them first." % (
                           template, row + 1, label))
    for row, text in write.items():
        table.write(row, target, text)
    table.save(out)
    return missing, [cell(row, where) for k, row in enumerate(table.rows)
                     if k > head and k not in done and cell(row, where)
                     and cell(row, target).lower() not in EXCUSED], label


def opened(template):
    """A school's sheet, of one of the kinds."""
    kinds = {".csv": Text, ".txt": Text, ".xlsx": Xlsx, ".xlsm": Xlsx,
             ".xls": Xls}
    suffix = Path(template).suffix.lower()
    if suffix not in kinds:
        raise Stop("%s is neither CSV nor XLSX nor XLS." % template)
    try:
        return kinds[suffix](template)
    except (Stop, ImportError):
        raise
    except Exception as error:  # a library's, of a file that is none
        raise Stop("%s can't be read as %s (%s); save it anew." % (
            template, suffix[1:].upper(), error)) from None


def cell(row, column):
    return plain(row[column].strip()) if column < len(row) else ""


def alike(a, b):
    """Equal texts; or equal numbers, where a sheet has lost their zeros."""
    if a == b:
        return bool(a)
    return a.isdigit() and b.isdigit() and int(a) == int(b) and (
        len(a.lstrip("0")) > 3)


def head_of(rows, column, template, found, whose):
    """(row, column of the grades).

    The head is the row next above the first student that has a column for
    students and one for grades, each in a cell of its own: a title holds
    both in one. No column is ever filled that tells students apart, or that
    computes something for one of them. found, whose: of `places_of`.
    """
    heads = [[cell(row, i) for i in range(len(row))]
             for row in rows[:found[0]]]
    computed = {i for i in range(max(map(len, rows))) if any(
        cell(rows[k], i).startswith("=") for k in found)}
    if column is not None:
        k, target = named(heads, column, template)
        if target in computed - whose:
            raise Stop("%s: the column %s holds formulas, it is not filled; "
                       "name another with --column, of %s." % (
                           template, column, choice(
                               heads[k], whose | computed)))
        if target in whose or heads[k][target].lower() in sum(
                (NAMES[name] for name in ("name", "email", "id")), ()):
            raise Stop("%s: the column %s tells students apart, it is not "
                       "filled; name another with --column, of %s." % (
                           template, column, choice(heads[k], whose)))
        return k, target
    asked = None
    for k in reversed(range(len(heads))):
        known = whose | computed | {i for i, text in enumerate(heads[k])
                         if is_whose(text)}
        if not any(heads[k][i] for i in known if i < len(heads[k])):
            continue
        free = [i for i, text in enumerate(heads[k])
                if text and i not in known]
        asked = asked or (free and choice(heads[k], known))
        fit = [i for i in free if is_plain(heads[k][i])]
        if len(fit) == 1:
            return k, fit[0]
        if fit:
            raise Stop("%s has several columns for grades: name one with "
                       "--column, of %s." % (template, choice(
                           heads[k], known)))
    raise Stop("%s has no column for grades%s." % (
        template, " that is plain: name one with --column, of " + asked
        if asked else " in a row above the students"))


def named(heads, column, template):
    """(row, column) of the head that the teacher names."""
    found = [(k, i) for k, row in enumerate(heads)
             for i, text in enumerate(row)
             if text.lower() == plain(column.strip()).lower()]
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


def is_plain(text):
    """Whether a head is a word for grades, and what stands in brackets."""
    return re.sub(r"[(（\[【].*?[)）\]】]", "", text.lower()).strip() in PLAIN


def is_grade(text):
    return any(name in text.lower() for name in GRADES)


def is_whose(text):
    """Whether a head names what tells students apart."""
    return not is_grade(text) and bool(
        WHOSE & set(re.findall("[a-z]+", text.lower().replace("-", "")))
        or any(sign in text for sign in WHOSE_SIGNS))


def places_of(table, template, points):
    """(column by which most students are found, their rows in it, all
    columns in which they stand)."""
    keys = [key for student in points for key in student["keys"]]

    def known(text):
        return any(alike(text, key) for key in keys)
    width = max(map(len, table.rows), default=0)
    found = [[k for k, row in enumerate(table.rows) if known(cell(row, i))]
             for i in range(width)]
    most = max(map(len, found), default=0)
    if not most:
        raise Stop("No student's number, e-mail or name stands in %s; a "
                   "roster says which they have.%s%s" % (
                       template, " Only its first sheet was read, not %s: put "
                       "that with the students first." % ", ".join(
                           table.others) if table.others else "",
                       " Formulas are not computed: where they give numbers "
                       "or names, paste their values." if any(
                           cell(row, i).startswith("=") for row in table.rows
                           for i in range(len(row))) else ""))
    where = [len(some) for some in found].index(most)
    return where, found[where], {
        i for i, some in enumerate(found) if len(some) > most / 2}


def main(words):
    template, out, points, *column = words
    try:
        found = fill(template, out, json.loads(points), *column)
    except Stop as stop:  # for classroom.py to say: nbgrader has no part in it
        found = {"stop": str(stop)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
