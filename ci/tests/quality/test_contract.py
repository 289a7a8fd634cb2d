"""The notebook contract on every committed chapter, and on broken ones."""
import base64
import copy
import io

import matplotlib.pyplot as plt
import pytest
from nbformat.v4 import (
    new_code_cell, new_markdown_cell, new_notebook, new_output)

from ci import CHAPTERS, ROOT, chapters
from ci.notebook import WIDGET
from ci.quality import contract, translation

SHIPPED = 40e6  # bytes of data/ and notebooks/


def read(path):
    import nbformat
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("check", contract.CHECKS,
                         ids=lambda check: check.__name__)
@pytest.mark.parametrize("number, path", chapters().items())
def test_chapter(number, path, check):
    assert check(read(path), number) == []


def test_one_setup_cell_for_all():
    cells = {path.name: contract.general_setup(read(path))
             for path in chapters().values()}
    assert len({str(cell) for cell in cells.values()}) <= 1, cells


def test_names_of_the_files():
    """Whatever lies in notebooks/ is a chapter, once, or serves all."""
    names = sorted(p.name for p in (ROOT / "notebooks").iterdir()
                   if not p.name.startswith(("_", ".")))
    assert names == sorted([p.name for p in chapters().values()]
                           + ["README.md", "course", "zh"])
    there = sorted(p.name for p in translation.FOLDER.iterdir()
                   if not p.name.startswith(("_", ".")))
    assert there == sorted([p.name for p in chapters().values()]
                           + ["glossary.csv"])


def test_size_of_what_is_shipped():
    files = [p for folder in ("data", "notebooks")
             for p in (ROOT / folder).rglob("*") if p.is_file()
             and not {"__pycache__", ".ipynb_checkpoints"} & set(p.parts)]
    assert sum(p.stat().st_size for p in files) <= SHIPPED


def test_every_claim_has_a_home():
    rows = contract.all_claims()
    ids = [row["id"] for row in rows]
    assert len(ids) >= 60 and len(set(ids)) == len(ids)
    for row in rows:
        number = int(row["id"].split(".")[0])
        assert number in CHAPTERS, row
        assert row["section"].split(".")[0] == str(number), row
        assert row["id"].startswith(row["section"] + "."), row
        assert row["zh"].strip() and row["en"].strip(), row


# Each check is seen to complain: a small chapter that fulfils all of them,
# broken in one place at a time.

ALT = "A line that rises from one to three over the steps."
ROWS = [{"id": "1.a"}, {"id": "1.b"}, {"id": "2.a"}]


def png(blank=False):
    fig, ax = plt.subplots(figsize=(2, 2))
    ax.plot([] if blank else [1, 3], color="black")
    if blank:
        ax.axis("off")
    buffer = io.BytesIO()
    fig.savefig(buffer)
    plt.close(fig)
    return base64.b64encode(buffer.getvalue()).decode()


def figure(**more):
    return new_output("display_data", {"image/png": png(), "text/plain": ALT},
                      metadata={"image/png": {"alt": ALT}}, **more)


def code(source, *tags, outputs=()):
    return new_code_cell(source, metadata={"tags": list(tags)},
                         outputs=list(outputs))


def good(number=1):
    cells = [
        new_markdown_cell(
            f"# {number} Where does it come from?\n"
            f"**{CHAPTERS[number][1]}**\n<!-- badges --><!-- /badges -->\n"
            "- one;\n- two;\n- three.\n\n<!-- measured -->About 60 s and "
            "1.1 GB on two CPU cores<!-- /measured -->"),
        code(f"import course; course.start(chapter={number})", "setup"),
        code("SEED = 0  # any whole number\nCHECKPOINT = 'a'  # or a name",
             "parameters"),
        new_markdown_cell("## First\nMore in [the data](../data/claims.csv)."),
        code("explore(draw, '1.fig', a=(0, 1))", outputs=[figure()]),
        code("explore(draw, '1.fig', b=(0, 1))", outputs=[figure()]),
        code("claim('1.a', 'holds')\nclaim('1.b', 'fails')",
             outputs=[new_output("stream", name="stdout", text="1.a holds")]),
        code("words = ['中文']  # text pairs"),
    ]
    for _ in range(4):
        cells.append(code("def f(x):\n    ...\n\ncheck('1.f', f)",
                          "exercise"))
    cells += [
        code("t = time.perf_counter()\nf()\nt = time.perf_counter() - t\n"
             "print(t)\nassert t > 0", "nbval-ignore-output"),
        code("claims_table()", outputs=[new_output(
            "display_data", {"text/plain": "1.a holds\n1.b fails"},
            metadata={"claims": {"1.a": "holds", "1.b": "fails"}})]),
        new_markdown_cell("## Summary\nAll.\n## Open questions\n- Why?\n"
                          "## Papers\n- One.\n\nAfter it comes chapter 2.")]
    nb = new_notebook(cells=cells, metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3"}})
    count = 0
    nb.cells[1].metadata.update(cellView="form",
                                jupyter={"source_hidden": True})
    for cell in nb.cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
    return nb


def run(check, nb, number=1):
    if check is contract.claims:
        return check(nb, number, ROWS)
    return check(nb, number)


@pytest.mark.parametrize("check", contract.CHECKS,
                         ids=lambda check: check.__name__)
def test_a_good_chapter_passes(check):
    assert run(check, good()) == []


def replaced(cell, old, new):
    def breaking(nb):
        assert old in nb.cells[cell].source
        nb.cells[cell].source = nb.cells[cell].source.replace(old, new)
    return breaking


def output(cell, **more):
    def breaking(nb):
        nb.cells[cell].outputs.append(new_output(**more))
    return breaking


def said(text, name="stdout"):
    return output(7, output_type="stream", name=name, text=text)


def with_figure(change):
    def breaking(nb):
        change(nb.cells[4].outputs[0])
    return breaking


def with_cell(cell, change):
    def breaking(nb):
        change(nb.cells[cell])
    return breaking


def tagged(cell, *tags):
    return with_cell(cell, lambda c: c.metadata.update(tags=list(tags)))


def sourced(cell, source):
    return with_cell(cell, lambda c: c.update(source=source))


C = contract
BROKEN = [
    (C.title_cell, replaced(0, "# 1 ", "# "), "the title is not"),
    (C.title_cell, replaced(0, "背景介绍", "背景"), "the Chinese title"),
    (C.title_cell, replaced(0, "<!-- badges -->", ""), "badges"),
    (C.title_cell, replaced(0, "- three.", "three"), "2 goals"),
    (C.title_cell, replaced(0, "- three.", "- 3\n- 4\n- 5\n- 6"), "6 goals"),
    (C.title_cell, replaced(0, "About 60 s", "A minute"), "not stamped"),
    (C.title_cell, replaced(0, "About 60 s", "About 100 s"),
     "100 s is over"),
    (C.title_cell, replaced(0, "1.1 GB", "1.6 GB"), "1.6 GB is over"),
    (C.title_cell, lambda nb: nb.cells.pop(0), "not the title"),
    (C.setup_cell, tagged(1), "not one cell with tag setup"),
    (C.setup_cell, tagged(4, "setup"), "not one cell with tag setup"),
    (C.setup_cell, replaced(1, "chapter=1", "chapter=2"), "not start chapter"),
    (C.setup_cell, replaced(1, "import", "a = 1\n" * 8 + "import"), "8 lines"),
    (C.parameters_cell, tagged(2), "not one cell with tag parameters"),
    (C.parameters_cell, replaced(2, "  # or a name", ""), "without a comment"),
    (C.parameters_cell, replaced(2, "SEED", "SEEDS"), "no SEED"),
    (C.parameters_cell, replaced(2, "CHECKPOINT", "path"), "not in capitals"),
    (C.front_ends, with_cell(1, lambda c: c.metadata.pop("cellView")),
     "cell 1: the setup cell"),
    (C.front_ends, with_cell(1, lambda c: c.metadata.pop("jupyter")),
     "cell 1: the setup cell"),
    (C.front_ends, with_cell(4, lambda c: c.metadata.update(
        cellView="form")), "cell 4: the setup cell"),
    (C.front_ends, with_cell(4, lambda c: c.metadata.update(
        jupyter={"source_hidden": True})), "cell 4: the setup cell"),
    (C.front_ends, with_cell(4, lambda c: c.metadata.update(
        collapsed=True)), "in JupyterLab alone"),
    (C.front_ends, sourced(7, "%matplotlib inline"), "not plain Python"),
    (C.front_ends, sourced(7, "files = !ls"), "not plain Python"),
    (C.closing, replaced(-1, "## Papers", "Papers"), "no closing"),
    (C.closing, replaced(-1, "Summary", "Papers"), "no closing"),
    (C.closing, replaced(-1, "chapter 2", "the next"), "not name chapter 2"),
    (C.closing, replaced(-2, "claims_table()", "1"), "not one claims_table"),
    (C.closing, lambda nb: nb.cells.append(code("1")), "last cell is code"),
    (C.claims, replaced(6, "claim('1.b', 'fails')", ""), "1.b has no verdict"),
    (C.claims, replaced(6, "'1.b'", "'2.a'"), "2.a is not in"),
    (C.claims, with_cell(-2, lambda c: c.update(outputs=[])),
     "1.a is not in the closing table"),
    (C.executed, with_cell(5, lambda c: c.update(execution_count=None)),
     "not executed"),
    (C.executed, with_cell(5, lambda c: c.update(execution_count=9)),
     "not executed"),
    (C.clean_outputs, output(7, output_type="error", ename="E", evalue="",
                             traceback=[]), "error E"),
    (C.clean_outputs, said("x", "stderr"), "stderr"),
    (C.clean_outputs, said("a.py:1: UserWarning: old"), "a warning"),
    (C.clean_outputs, said("in /home/me/data/x"), "an absolute path"),
    (C.clean_outputs, said("in C:\\Users"), "an absolute path"),
    (C.clean_outputs, said("on 2026-11-23"), "a date"),
    (C.clean_outputs, said("at 15:04:05"), "a date"),
    (C.clean_outputs, said("<A at 0x7f0b1c2d>"), "address in memory"),
    (C.clean_outputs, said("9/9 - 3ms/step"), "a duration"),
    (C.clean_outputs, said("1\r2"), "carriage return"),
    (C.clean_outputs, said("1\b2"), "a backspace"),
    (C.clean_outputs, output(7, output_type="display_data", data={
        "text/html": "<b>/home/me/data/x</b>"}), "an absolute path"),
    (C.hidden_numbers, said("CNN ahead: True"), "hides a number: CNN ahead"),
    (C.hidden_numbers, said("{'MLP': False}"), "hides a number"),
    (C.hidden_numbers, said("dense: equal, the largest difference is below "
                            "1e-09"), "hides a number"),
    (C.hidden_numbers, said("over 90% right"), "over 90%"),
    (C.hidden_numbers, said("lost less than half"), "less than half"),
    (C.hidden_numbers, said("within 2 points"), "within 2 points"),
    (C.hidden_numbers, output(7, output_type="display_data", data={
        "text/markdown": "x", "text/plain": "| MLP | at least 95% |"}),
     "at least 95%"),
    (C.hidden_numbers, with_figure(lambda o: o.metadata["image/png"].update(
        alt="a line that ends at more than 3")), "more than 3"),
    (C.nothing_left, with_figure(lambda o: o.data.update({WIDGET: {}})),
     "a widget"),
    (C.nothing_left, with_cell(4, lambda c: c.metadata.update(papermill={})),
     "metadata papermill"),
    (C.nothing_left, with_cell(4, lambda c: c.metadata.update(execution={})),
     "metadata execution"),
    (C.nothing_left, lambda nb: nb.metadata.update(widgets={}), "widgets"),
    (C.nothing_left, lambda nb: nb.metadata.kernelspec.update(name="ir"),
     "not python3"),
    (C.nothing_left, tagged(4, "injected-parameters"), "injected"),
    (C.compared, tagged(4, "nbval-skip"), "nbval-skip"),
    (C.compared, tagged(4, "raises-exception"), "raises-exception"),
    (C.compared, tagged(4, "nbval-ignore-output"), "no live timing"),
    (C.compared, replaced(12, "assert", "print"), "nothing is asserted"),
    (C.compared, sourced(12, "Audio(x, rate=8000)"), "nothing is asserted"),
    (C.compared, replaced(7, "words", "# NBVAL_SKIP\nwords"), "NBVAL_"),
    (C.compared, sourced(7, "plt.plot();"), "ends with ';'"),
    (C.compared, with_cell(7, lambda c: c.metadata.update(
        measured={"tol": 1})), 'metadata "measured" must be'),
    (C.compared, with_cell(12, lambda c: c.metadata.update(
        measured={"rtol": 1})), "ignored, and has a tolerance"),
    (C.one_meaning, sourced(7, "f = 3"), "f becomes a value, and is a "),
    (C.one_meaning, sourced(7, "for f in 'ab':\n    pass"), "f becomes"),
    (C.interactive, replaced(4, "explore", "show"), "1 explore()"),
    (C.exercises, tagged(8), "3 exercises, not 4"),
    (C.exercises, sourced(11, "def f(x):\n    ..."), "without check"),
    (C.exercises, replaced(8, "...", "return x"), "without a blank"),
    (C.figures, with_figure(lambda o: o.metadata.clear()), "no alt text"),
    (C.figures, with_figure(lambda o: o.metadata["image/png"].update(
        alt="plot")), "no alt text"),
    (C.figures, with_figure(lambda o: o.data.update({"text/plain": "x"})),
     "not the alt text"),
    (C.figures, with_figure(lambda o: o.metadata["image/png"].update(
        alt=ALT + "图")), "Chinese in an alt text"),
    (C.figures, with_figure(lambda o: o.data.update({"image/png": png(True)})),
     "a blank figure"),
    (C.figures, with_figure(lambda o: o.data.update({"image/svg+xml": "x"})),
     "no PNG"),
    (C.figures, replaced(3, "More", "![](a.png)"), "without alt text"),
    (C.figures, replaced(3, "More", '<img src="a.png">'), "without alt text"),
    (C.lengths, sourced(7, "a = 1\n" * 26), "26 lines"),
    (C.lengths, lambda nb: [c.update(source="a = 1\n" * 6) for c in nb.cells
                            if c.cell_type == "code"], "median"),
    (C.lengths, lambda nb: [nb.cells[i].update(source="a = 1\n" * 16)
                            for i in (5, 6, 7)], "one cell in ten"),
    (C.lengths, sourced(7, "a = '" + "x" * 75 + "'"), "81 columns"),
    (C.words_in_code, sourced(7, "a = 1  # 中文"), "Chinese in #"),
    (C.words_in_code, sourced(7, "中 = 1"), "Chinese in 中"),
    (C.words_in_code, sourced(7, "ax.set_title('中文')"), "in a figure"),
    (C.finished, replaced(3, "More", "TODO"), "unfinished"),
    (C.finished, replaced(-1, "All.", "SUMMARY"), "unfinished"),
    (C.finished, replaced(3, "claims.csv", "claim.csv"), "not there"),
    (C.finished, sourced(7, " "), "empty"),
]


@pytest.mark.parametrize("check, breaking, text", BROKEN, ids=[
    f"{check.__name__}-{text}" for check, _, text in BROKEN])
def test_a_broken_chapter_is_complained_about(check, breaking, text):
    nb = copy.deepcopy(good())
    breaking(nb)
    complaints = run(check, nb)
    assert any(text in complaint for complaint in complaints), complaints


def test_sections_of_the_document():
    nb = good(4)
    heads = ["## 4.1 CNN · CNN代码实例", "## 4.2 RNN · RNN代码实例",
             "## 4.3 Transformer · Transformer代码实例"]
    nb.cells[3].source = "\n".join(heads)
    assert contract.sections(nb, 4) == []
    for head in heads:
        nb.cells[3].source = "\n".join(heads).replace(head, head[1:])
        assert len(contract.sections(nb, 4)) == 1


def test_every_check_was_seen_to_complain():
    broken = {check for check, _, _ in BROKEN} | {contract.sections}
    assert broken == set(contract.CHECKS)


def test_setup_cells_differ_in_the_chapter_alone():
    assert contract.general_setup(good(1)) == contract.general_setup(good(2))
    other = good(2)
    other.cells[1].source += "\nimport os"
    assert contract.general_setup(good(1)) != contract.general_setup(other)


def test_wide_code_of_the_document_is_left_alone():
    nb = good()
    nb.cells[7].source = "a = '" + "x" * 90 + "'"
    nb.cells[7].metadata.tags = ["document"]
    assert contract.lengths(nb, 1) == []


@pytest.mark.parametrize("text", [
    "CNN 98.9% (97.2 to 99.6, n = 360), SVM 98.6%", "softmax(x, axis=-1)",
    "loops: largest difference 2.2e-16, tolerance 1e-09", "over all digits",
    "each row adds up to 1",
    "learned within 300 steps",
    "```python\ncausal=False\n```", "the score of the one above"])
def test_a_number_that_is_shown_is_not_hidden(text):
    nb = good()
    said(text)(nb)
    assert contract.hidden_numbers(nb, 1) == []


def test_names_that_keep_their_meaning():
    nb = good()
    nb.cells[7].source = ("def g(f):\n    f = 3\n    return [f for f in 'a']"
                          "\n\n\ng = staticmethod(g)")
    assert contract.one_meaning(nb, 1) == []


def test_size_of_the_notebooks():
    """Figures in 256 colours: half of what they were."""
    assert sum(path.stat().st_size for path in chapters().values()) <= 6.5e6
    assert all(path.stat().st_size <= 1.5e6 for path in chapters().values())


def test_magic_is_read_as_code():
    nb = good()
    nb.cells[7].source = "%matplotlib inline\n!ls\nexplore(draw, 'x')"
    assert contract.interactive(nb, 1) == []
