"""The notebook contract, as checks that read a notebook and run nothing.

Each check takes a notebook (nbformat) and its chapter's number and gives a
list of complaints, empty if all is well. `test_contract.py` feeds them the
committed chapters, and broken ones to see that each of them complains.
"""
import ast
import base64
import csv
import io
import re
import statistics
import tokenize

import numpy as np
from PIL import Image

from ci import CHAPTERS, MEMORY_BUDGET, ROOT, notebook
from ci.execution import MEASURED
from ci.notebook import (
    calls, code_cells, lines, outputs, prose, shown, tagged, tags, tree)
from ci.quality import measured

SECTIONS = {  # the document's own numbered sections
    2: ("AI大模型", "传统模型", "大模型与传统模型的对比"),
    3: ("深度学习基础", "卷积神经网络（CNN）", "循环神经网络（RNN）",
        "自注意力机制（Attention）", "Transformer"),
    4: ("CNN代码实例", "RNN代码实例", "Transformer代码实例"),
    6: ("TensorFlow", "PyTorch", "Hugging Face Transformers", "Keras",
        "TensorBoard"),  # a list there, whose items are the sections here
    8: ("什么是AI大模型？", "AI大模型与传统模型有什么区别？",
        "AI大模型如何应对计算资源的需求？",
        "AI大模型如何应对数据的质量和可用性？",
        "AI大模型如何应对模型的解释性？"),
}
EXERCISES = {3: 8, 4: 6, 5: 9, 6: 5, 7: 6, 8: 6}  # at least; elsewhere 4
CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
PNG = "image/png"


# 1


def title_cell(nb, number):
    """Title, Chinese title, badges, goals, time and memory as measured."""
    first = nb.cells[0]
    if first.cell_type != "markdown":
        return ["the first cell is not the title"]
    text, said = first.source, []
    if not re.match(r"# %d \S" % number, text):
        said.append("the title is not '# %d ...'" % number)
    if CHAPTERS[number][1] not in text:
        said.append("the Chinese title is not " + CHAPTERS[number][1])
    if "<!-- badges -->" not in text:
        said.append("no place for the badges")
    goals = re.findall(r"^[-*] ", text, re.M)
    if not 3 <= len(goals) <= 5:
        said.append("%d goals, not three to five" % len(goals))
    found = MEASURED.search(text)
    stamp = found and re.fullmatch(
        r"About (\d+) s and (\d\.\d) GB on two CPU cores", found[1])
    if not stamp:
        return said + ["time and memory are not stamped by ci refresh"]
    if int(stamp[1]) > CHAPTERS[number][2]:
        said.append("%s s is over the budget" % stamp[1])
    if float(stamp[2]) > MEMORY_BUDGET / 1e9:
        said.append("%s GB is over the budget" % stamp[2])
    return said


# 2 and 3


def setup_cell(nb, number):
    """One setup cell, the first code, at most 8 lines, for this chapter."""
    cells = tagged(nb, "setup")
    if len(cells) != 1 or cells[0] != code_cells(nb)[0]:
        return ["not one cell with tag setup, as the first code cell"]
    said = []
    if len(lines(cells[0][1])) > 8:
        said.append("the setup cell has more than 8 lines")
    if "course.start(chapter=%d)" % number not in cells[0][1].source:
        said.append("the setup cell does not start chapter %d" % number)
    return said


def general_setup(nb):
    """The setup cell without the chapter's number: the same in all."""
    return [re.sub(r"(chapter=)\d", r"\1N", cell.source)
            for _, cell in tagged(nb, "setup")]


def parameters_cell(nb, number):
    """One parameters cell, the second code; SEED; a comment for each."""
    cells = tagged(nb, "parameters")
    if len(cells) != 1 or cells[0] != code_cells(nb)[1]:
        return ["not one cell with tag parameters, as the second code cell"]
    said = ["parameter without a comment: " + line
            for line in lines(cells[0][1]) if "  # " not in line]
    names = [target.id for node in tree(cells[0][1]).body
             if isinstance(node, ast.Assign) for target in node.targets]
    if "SEED" not in names:
        said.append("no SEED")
    return said + ["parameter not in capitals: " + name
                   for name in names if not name.isupper()]


def front_ends(nb, number):
    """The same in JupyterLab and on Colab: plain Python, nothing hidden.

    The setup cell alone is folded, in both: it is only to be run.
    """
    said = []
    for i, cell in enumerate(nb.cells):
        form = cell.metadata.get("cellView") == "form"
        hidden = cell.metadata.get("jupyter") == {"source_hidden": True}
        setup = "setup" in tags(cell)
        if form != setup or hidden != setup:
            said.append("cell %d: the setup cell is folded, and no other: "
                        "ci refresh writes cellView and source_hidden" % i)
        if "collapsed" in cell.metadata:
            said.append("cell %d: folded in JupyterLab alone" % i)
    for i, cell in code_cells(nb):
        try:
            ast.parse(cell.source)
        except SyntaxError:
            said.append("cell %d: not plain Python" % i)
    return said


# 4 and 5


def sections(nb, number):
    """The document's sections, by number, with their Chinese names."""
    heads = [line for _, cell in prose(nb) for line in
             re.findall(r"^## .*", cell.source, re.M)]
    said = []
    for k, name in enumerate(SECTIONS.get(number, ()), 1):
        if not any(re.match(r"## %d\.%d [^·]+ · %s$"
                            % (number, k, re.escape(name)), head)
                   for head in heads):
            said.append("no section '## %d.%d ... · %s'" % (number, k, name))
    return said


def closing(nb, number):
    """Claims table, summary, open questions, papers, links, in that order."""
    said, heads = [], []
    for _, cell in prose(nb):
        heads += re.findall(r"^## (.*)", cell.source, re.M)
    wanted = ["Summary", "Open questions", "Papers"]
    if [head for head in heads if head in wanted] != wanted:
        said.append("no closing with Summary, Open questions, Papers")
    if len(calls(nb, "claims_table")) != 1:
        said.append("not one claims_table()")
    last = nb.cells[-1]
    if last.cell_type != "markdown":
        said.append("the last cell is code")
    for other in (number - 1, number + 1):
        if other in CHAPTERS and not re.search(
                r"[Cc]hapter %d\b" % other, last.source):
            said.append("the last cell does not name chapter %d" % other)
    return said


def claims(nb, number, rows=None):
    """Each claim of the chapter has a verdict, and the table shows it."""
    own = [row["id"] for row in rows or all_claims()
           if int(row["id"].split(".")[0]) == number]
    given = [node.args[0].value
             for node in calls(nb, "claim") + calls(nb, "outcome")
             if node.args and isinstance(node.args[0], ast.Constant)]
    said = ["claim %s has no verdict" % id for id in own if id not in given]
    said += ["claim %s is not in data/claims.csv" % id for id in given
             if id not in own]
    listed = notebook.verdicts(nb)
    return said + ["claim %s is not in the closing table" % id for id in own
                   if id not in listed]


def all_claims():
    with open(ROOT / "data" / "claims.csv", encoding="utf-8",
              newline="") as file:
        return list(csv.DictReader(file))


# 6


def executed(nb, number):
    """Every code cell, once, from top to bottom, in a fresh kernel."""
    counts = [cell.execution_count for _, cell in code_cells(nb)]
    if counts != list(range(1, len(counts) + 1)):
        return ["code cells are not executed 1, 2, 3...: %s" % counts]
    return []


def clean_outputs(nb, number):
    """No error, stderr or warning, nothing that differs elsewhere."""
    patterns = {
        "a warning": r"\b\w*Warning\b:",
        "an absolute path": r"(?<![\w.:/<])/(?:[\w.-]+/){2,}|[A-Z]:\\\w",
        "a date": r"\b(19|20)\d\d-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b",
        "an address in memory": r"\b0x[0-9a-fA-F]{6,}\b",
        "a duration": r"\d ?(ms|us|µs|s)/(step|epoch|sample)",
        "a carriage return": r"\r(?!\n)",
        "a backspace": r"\x08",
    }
    said = []
    for i, out in outputs(nb):
        if out.output_type == "error":
            said.append("cell %d: error %s" % (i, out.ename))
        if out.get("name") == "stderr":
            said.append("cell %d: stderr" % i)
        for what, pattern in patterns.items():
            if re.search(pattern, shown(out)):
                said.append("cell %d: %s in its output" % (i, what))
    return said


# a threshold where the measured value belongs: "over 90%", "at most half"
BOUND = re.compile(
    r"(?<![\w-])(?:over|under|above|below|(?:more|less|fewer|greater|smaller) "
    r"than|at least|at most|within)\s+"
    r"(?:(?:a|an|one|two|three|the)\s+)?"
    r"(?:[-\u2212+]?\d+(?:[.,]\d+)*(?!\S* (?:steps|epochs))|half\b|twice\b|"
    r"third\b|quarter\b|fifth\b|tenth\b|hundred|thousand|points?\b|guess)",
    re.I)


def hidden_numbers(nb, number):
    """A reader sees what was measured, not whether a bound was kept.

    No output says True or False, "equal" or a threshold; source that a cell
    lists may. A bound belongs into an assertion, its value onto the page.
    """
    said = []
    for i, out in outputs(nb):
        # a table in Markdown says the same again in text/plain
        text = out.get("text", "") or out.get("data", {}).get(
            "text/plain", "") if PNG not in out.get("data", {}) else (
            out.metadata.get(PNG, {}).get("alt", ""))
        text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        for line in text.splitlines():
            if re.match(r"\| \d+ \| \[[^]]*\]\(<", line):
                continue  # a search's result quotes a page's prose
            # f(x=True) is quoted source
            found = (re.search(r"(?<!=)\b(True|False|equal, the largest)\b",
                               line) or BOUND.search(line))
            if found:
                said.append("cell %d hides a number: %s" % (
                    i, line[max(0, found.start() - 30):found.end() + 30]))
    return said


def nothing_left(nb, number):
    """No widget, no trace of the run, one kernel's name for all."""
    said = ["cell %d: a widget in its output" % i for i, out in outputs(nb)
            if notebook.WIDGET in out.get("data", {})]
    said += ["cell %d: metadata %s" % (i, name)
             for i, cell in enumerate(nb.cells)
             for name in ("papermill", "execution") if name in cell.metadata]
    said += ["metadata " + name for name in ("papermill", "widgets")
             if name in nb.metadata]
    if nb.metadata.get("kernelspec", {}).get("name") != "python3":
        said.append("the kernel is not python3")
    if any("injected-parameters" in tags(cell) for cell in nb.cells):
        said.append("a cell of injected parameters")
    return said


def compared(nb, number):
    """nbval compares every output but a live timing's or a computed sound's.

    Of either something is asserted; a sound's bytes differ from processor
    to processor.
    """
    said, cells = [], code_cells(nb)
    for k, (i, cell) in enumerate(cells):
        odd = [tag for tag in tags(cell) if re.match(
            "nbval|raises-exception|skip", tag) and tag not in (
            "nbval-ignore-output", "nbval-check-output")]
        if odd or re.search(r"^\s*#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source,
                            re.M):
            said.append("cell %d: %s" % (i, odd or "an NBVAL_ comment"))
        try:
            measured.tolerance(cell.metadata)
        except ValueError as error:
            said.append("cell %d: %s" % (i, error))
        if "nbval-ignore-output" in tags(cell):
            if "measured" in cell.metadata:
                said.append("cell %d: ignored, and has a tolerance" % i)
            if not re.search(r"perf_counter|timeit|monotonic|seconds|"
                             r"\bAudio\(", cell.source):
                said.append("cell %d ignores its output, and is no live "
                            "timing" % i)
            after = "\n".join(c.source for _, c in cells[k:k + 3])
            if not re.search(r"^\s*assert ", after, re.M):
                said.append("cell %d: nothing is asserted of its timing" % i)
        if cell.source.rstrip().endswith(";"):
            said.append("cell %d ends with ';', which nbval does not know: "
                        "write _ = ..." % i)
    return said


def bound(cell):
    """(functions, classes and modules; other names) that a cell binds."""
    things, values = set(), set()
    todo = list(tree(cell).body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            things.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            things |= {(name.asname or name.name).split(".")[0]
                       for name in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            values.add(node.id)
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp,
                                   ast.DictComp, ast.GeneratorExp)):
            todo += ast.iter_child_nodes(node)
    return things, values


def one_meaning(nb, number):
    """No name is a function here and a value there.

    After Run All the cell that calls the function could not be run again;
    `ci matrix` has a row in which each cell is.
    """
    things, said = {}, []
    for i, cell in code_cells(nb):
        for name in bound(cell)[0]:
            things.setdefault(name, i)
    for i, cell in code_cells(nb):
        said += ["cell %d: %s becomes a value, and is a function, class or "
                 "module in cell %d" % (i, name, things[name])
                 for name in sorted(bound(cell)[1]) if name in things
                 and name not in bound(cell)[0]]
    return said


# 8 and 9


def interactive(nb, number):
    """At least two places where a knob can be turned."""
    found = len(calls(nb, "explore"))
    return [] if found >= 2 else ["%d explore(), not two" % found]


def exercises(nb, number):
    """Enough exercises, each a blank with its check."""
    found, wanted = tagged(nb, "exercise"), EXERCISES.get(number, 4)
    said = [] if len(found) >= wanted else [
        "%d exercises, not %d" % (len(found), wanted)]
    cells = code_cells(nb)
    for i, cell in found:
        near = [c.source for j, c in cells if i <= j <= i + 2]
        if not any(re.search(r"^check\(", source, re.M) for source in near):
            said.append("cell %d: an exercise without check(...)" % i)
        if "..." not in cell.source:
            said.append("cell %d: an exercise without a blank (...)" % i)
    return said


# figures, style


def figures(nb, number):
    """Each with an alt text that says something, none blank."""
    said = []
    for i, out in outputs(nb):
        data = out.get("data", {})
        for kind in data:
            if kind.startswith("image/") and kind != PNG:
                said.append("cell %d: a picture that is no PNG" % i)
        if PNG not in data:
            continue
        alt = out.metadata.get(PNG, {}).get("alt", "")
        if len(alt.split()) < 6:
            said.append("cell %d: no alt text that says what is to be seen"
                        % i)
        if data.get("text/plain") != alt:
            said.append("cell %d: text/plain is not the alt text" % i)
        if CJK.search(alt):
            said.append("cell %d: Chinese in an alt text" % i)
        with Image.open(io.BytesIO(base64.b64decode(data[PNG]))) as picture:
            if np.asarray(picture.convert("L"), float).std() < 2:
                said.append("cell %d: a blank figure" % i)
    for i, cell in prose(nb):
        if re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")",
                     cell.source):
            said.append("cell %d: a picture without alt text" % i)
    return said


def lengths(nb, number):
    """Median 5 lines, nine in ten at most 15, none over 25, 79 columns.

    The document's own code (tag document) is as wide as it is, and so is
    the address of a published copy.
    """
    counts = sorted(len(lines(cell)) for _, cell in code_cells(nb))
    said = ["cell %d: %d lines" % (i, len(lines(cell)))
            for i, cell in code_cells(nb) if len(lines(cell)) > 25]
    if statistics.median(counts) > 5:
        said.append("the median cell has %g lines"
                    % statistics.median(counts))
    if counts[min(len(counts) - 1, int(0.9 * len(counts)))] > 15:
        said.append("more than one cell in ten has over 15 lines")
    return said + ["cell %d: a line of %d columns" % (i, len(line))
                   for i, cell in code_cells(nb) if "document" not in
                   tags(cell) for line in lines(cell) if len(line) > 79
                   and not line.startswith('HOME = "https://')]


def words_in_code(nb, number):
    """Chinese in code is data, a string: not a comment, not in a figure."""
    said = []
    drawing = re.compile(r"\.(set_\w*(title|label)\w*|suptitle|text|annotate|"
                         r"title|[xy]label|legend)\(|\blabel=")
    for i, cell in code_cells(nb):
        if not CJK.search(cell.source):
            continue
        source = notebook.python(cell)
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if CJK.search(token.string) and not (
                    token.type == tokenize.STRING
                    or tokenize.tok_name[token.type].startswith("FSTRING")):
                said.append("cell %d: Chinese in %s" % (i, token.string))
        for line in lines(cell):
            if CJK.search(line) and drawing.search(line):
                said.append("cell %d: Chinese in a figure" % i)
    return said


def finished(nb, number):
    """Nothing unfinished, no link to a file that isn't there."""
    said = []
    for i, cell in enumerate(nb.cells):
        if re.search(r"\b(TODO|FIXME|XXX|[Ll]orem ipsum)\b", cell.source) or (
                cell.cell_type == "markdown"
                and re.search(r"^[A-Z]{4,}$", cell.source, re.M)):
            said.append("cell %d: unfinished" % i)
        if not cell.source.strip():
            said.append("cell %d: empty" % i)
    for i, cell in prose(nb):
        for link in re.findall(r"\]\(([^)\s]+)\)", cell.source):
            if not re.match(r"[a-z]+:|#", link) and not (
                    ROOT / "notebooks" / link.split("#")[0]).exists():
                said.append("cell %d: a link to %s, which is not there"
                            % (i, link))
    return said


CHECKS = (title_cell, setup_cell, parameters_cell, front_ends, sections,
          closing, claims, executed, clean_outputs, hidden_numbers,
          nothing_left, compared, one_meaning, interactive, exercises,
          figures, lengths, words_in_code, finished)


# ---- beside the notebooks ----


def outdated(table):
    """Translated messages whose English has changed since.

    table: {key: row} of `course.messages`; the column `zh of` holds the
    English that `zh` translates.
    """
    return ["%s: %s is of %r, English is now %r" % (
        key, column, row[column + " of"], row["en"])
        for key, row in table.items() for column in row
        if row.get(column + " of") and row[column + " of"] != row["en"]]
