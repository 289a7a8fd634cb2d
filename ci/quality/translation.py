"""The Chinese edition: the same program to the letter, other sentences.

A chapter in notebooks/zh has the English chapter's cells in its order, under
the same ids. Code cells are equal; a Markdown cell keeps in its metadata,
`"translates"`, the digest of the English text that it says in Chinese.
"""
import copy
import csv
import hashlib
import re
import subprocess
import sys
from collections import Counter

import nbformat

from ci import LANGUAGE, NOTEBOOKS, ROOT, chapters, notebook

sys.path.insert(0, str(NOTEBOOKS))
FOLDER = NOTEBOOKS / LANGUAGE
MARK = "translates"
CJK = r"\u3007\u3400-\u4dbf\u4e00-\u9fff"
MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$(?!\$).+?(?<!\\)\$(?!\$)", re.S)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.S)
LINK = re.compile(r"\]\(((?:[^()\s]|\([^()\s]*\))+)\)")


def digest(text):
    """Of a Markdown cell's text, as it is kept in a translation.

    Without what commands write into it, between two comments.
    """
    text = re.sub(r"<!-- (\w+) -->.*?<!-- /\1 -->", "", text, flags=re.S)
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def path_of(number):
    """Where a chapter's translation lies, or would."""
    return FOLDER / chapters()[number].name


def translated():
    """{number: path} of the chapters that have a translation."""
    return {number: path_of(number) for number in chapters()
            if path_of(number).exists()}


# ---- follow ----


def follow(english, chinese=None):
    """(the Chinese notebook with the English one's cells, what was lost).

    Markdown that is there stays as it is, even if its English has changed;
    new Markdown is the English text, marked as not translated. Outputs stay
    beside the code that printed them.
    """
    there = {cell.id: cell for cell in chinese.cells} if chinese else {}
    made = copy.deepcopy(english)
    for cell in made.cells:
        old = there.pop(cell.id, None)
        if old is not None and old.cell_type != cell.cell_type:
            there[old.id], old = old, None
        if cell.cell_type == "markdown":
            cell.metadata[MARK] = "" if old is None else (
                old.metadata.get(MARK, ""))
            cell.source = cell.source if old is None else old.source
        elif cell.cell_type == "code" and old is not None and (
                old.source == cell.source):
            cell.outputs = old.outputs
            cell.execution_count = old.execution_count
    lost = [cell for cell in there.values() if cell.cell_type == "markdown"
            and cell.metadata.get(MARK)]
    return made, lost


# ---- what is out of date, or not the same ----


def differences(english, chinese):
    """What a translation owes its English, a line for each cell."""
    said = []
    ids = [cell.id for cell in english.cells]
    if ids != [cell.id for cell in chinese.cells]:
        here = {cell.id for cell in chinese.cells}
        said += ["%s: is missing" % id for id in ids if id not in here]
        said += ["%s: has no English cell" % cell.id
                 for cell in chinese.cells if cell.id not in ids]
        if not said:
            said.append("the cells' order differs")
    there = {cell.id: cell for cell in chinese.cells}
    for cell in english.cells:
        other = there.get(cell.id)
        if other is None:
            continue
        if other.cell_type != cell.cell_type:
            said.append("%s: is no %s cell" % (cell.id, cell.cell_type))
        elif cell.cell_type != "markdown":
            if other.source != cell.source:
                said.append("%s: its code differs" % cell.id)
            if dict(other.metadata) != dict(cell.metadata):
                said.append("%s: its metadata differ" % cell.id)
        elif other.metadata.get(MARK) != digest(cell.source):
            said.append("%s: %s" % (cell.id, "its English has changed"
                        if other.metadata.get(MARK) else "not translated"))
        else:
            said += ["%s: %s" % (cell.id, line)
                     for line in unlike(cell.source, other.source)]
    return said


def unlike(english, chinese):
    """What two texts must have alike and don't."""
    said = []
    for name, parts in PARTS.items():
        a, b = Counter(parts(english)), Counter(parts(chinese))
        if a != b:
            less, more = sorted((a - b).elements()), sorted((b - a).elements())
            said.append("%s: %s" % (name, "; ".join(
                "%s %s" % (word, ", ".join(map(str, some)))
                for word, some in (("English alone has", less),
                                   ("Chinese alone has", more)) if some)))
    return said


def plain(text, instead=" "):
    """A text without code, equations, links' targets and comments."""
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.S)
    return LINK.sub("]", MATH.sub(instead, CODE.sub(instead, text)))


SIZES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
         "千": 1e3, "万亿": 1e12, "亿": 1e8, "万": 1e4}


def numbers(text):
    """Numbers in a text, 12,000 as 12000, 770 million as 7.7 亿.

    Those that are spelled in words are left out.
    """
    text = re.sub(r"^\s*\d+\.\s", " ", plain(text), flags=re.M)
    found = re.findall(
        r"(?<![A-Za-z\d.])(\d[\d,]*(?:\.\d+)*)(?![A-Za-z\d])(?:[ -](%s))?"
        % "|".join(SIZES), text)
    return [number.replace(",", "") if not size else "%.6g" % (
        float(number.replace(",", "")) * SIZES[size])
        for number, size in found]


PARTS = {
    "headings": lambda text: re.findall(r"^#+ (?:[\d.]+|[A-Z]\.)?", text,
                                        re.M),
    "equations": lambda text: [re.sub(
        r"\\(text|mathrm|operatorname)\{[^{}]*\}|\s", r"\\\1{}", found)
        for found in MATH.findall(CODE.sub(" ", text))],
    "code": CODE.findall,
    "links": LINK.findall,
    "numbers": numbers,
    "comments": lambda text: re.findall(r"<!--.*?-->", text, re.S),
}


# ---- words and signs ----


def glossary():
    """[(English term, Chinese term, words not to be used)]."""
    with open(FOLDER / "glossary.csv", encoding="utf-8", newline="") as file:
        return [(row["en"], row["zh"], row["not"].split())
                for row in csv.DictReader(file)]


def clumsy(text, terms=()):
    """What a text has against the style: signs, blanks, listed words."""
    said = []
    # an equation or code is as a Latin word
    body = re.sub(r"[*_]{1,3}", "", plain(text, "x"))
    # the document's own words stay as they are
    body = re.sub(r"“[^”]*”", "“”", body).replace("AI大模型", "大模型")
    for sign, what in (
            (r"[%s] ?[,;:!?]|[%s]\.(?!\w)" % (CJK, CJK),
             "a Latin sign after a Chinese character"),
            (r"[%s][A-Za-z0-9]|[A-Za-z0-9][%s]" % (CJK, CJK),
             "no blank between Chinese and Latin"),
            (r"[%s] +[%s]" % (CJK, CJK), "a blank between Chinese"),
            (r" [，。；：！？、）》]|[（《] ", "a blank at a Chinese sign")):
        found = re.search(sign, body)
        if found:
            at = found.start()
            said.append("%s: %r" % (what, body[max(0, at - 8):at + 10]))
    for _, term, others in terms:
        for other in others:
            if other in body.replace(term, ""):
                said.append("the glossary says %s, not %s" % (term, other))
    return said


# ---- English as it was ----


def before(number, mark):
    """The English text of a digest, from the history; None if not there."""
    name = chapters()[number].relative_to(ROOT).as_posix()
    done = subprocess.run(
        ["git", "log", "--format=%H", "-n", "200", "--", name], cwd=ROOT,
        capture_output=True, text=True)
    for commit in done.stdout.split():
        shown = subprocess.run(["git", "show", commit + ":" + name], cwd=ROOT,
                               capture_output=True, text=True,
                               encoding="utf-8")
        if shown.returncode:
            continue
        for cell in nbformat.reads(shown.stdout, as_version=4).cells:
            if cell.cell_type == "markdown" and digest(cell.source) == mark:
                return cell.source
    return None


# ---- outputs of one execution, in two languages ----


def sides(nb, languages=("en", LANGUAGE)):
    """A notebook that was executed with messages in all languages: one each.

    nb: its outputs hold the messages of `course.messages.ALL`.
    """
    from course.messages import side

    def chosen(value, language):
        if isinstance(value, str):
            return side(value, language)
        if isinstance(value, list):
            return [chosen(one, language) for one in value]
        if isinstance(value, dict):
            return nbformat.from_dict({key: chosen(one, language)
                                       for key, one in value.items()})
        return value

    made = []
    for language in languages:
        new = copy.deepcopy(nb)
        for _, cell in notebook.code_cells(new):
            cell.outputs = [chosen(out, language) for out in cell.outputs]
        made.append(new)
    return made


def take_outputs(chinese, executed):
    """Puts the outputs of an execution into the translation's code cells."""
    ran = {cell.id: cell for cell in executed.cells}
    for _, cell in notebook.code_cells(chinese):
        cell.outputs = ran[cell.id].outputs
        cell.execution_count = ran[cell.id].execution_count
