"""The Chinese edition: equal to the letter, and not out of date."""
import copy
import subprocess

import nbformat
import pytest
from helpers import Project
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ci import chapters, notebook
from ci.quality import translation
from course import messages

ENGLISH = "## 3.4 Attention\nWith $n=12{,}000$ [pairs](02.ipynb), `Q` is 2.5."
CHINESE = "## 3.4 注意力\n`Q` 为 2.5，此时 [词对](02.ipynb) $n=12{,}000$。"


def pair():
    """An English notebook, and its translation."""
    english = new_notebook(cells=[
        new_markdown_cell(ENGLISH, id="a"),
        new_code_cell("print(1)", id="b"),
        new_markdown_cell("An end.", id="c")])
    chinese = copy.deepcopy(english)
    for cell, text in ((chinese.cells[0], CHINESE),
                       (chinese.cells[2], "结尾。")):
        cell.metadata["translates"] = translation.digest(
            ENGLISH if cell.id == "a" else "An end.")
        cell.source = text
    return english, chinese


def test_a_translation_that_is_whole_owes_nothing():
    assert translation.differences(*pair()) == []


def broken(place, **changes):
    """What is said after a change in one of the two notebooks."""
    english, chinese = pair()
    nb = {"en": english, "zh": chinese}[place]
    for id, text in changes.items():
        cell = next(cell for cell in nb.cells if cell.id == id)
        cell.source = text
    return translation.differences(english, chinese)


@pytest.mark.parametrize("place, id, text, said", [
    ("en", "c", "The end.", "c: its English has changed"),
    ("en", "b", "print(2)", "b: its code differs"),
    ("zh", "b", "print( 1)", "b: its code differs"),
    ("zh", "a", CHINESE.replace("12{,}000", "12000"), "a: equations: "),
    ("zh", "a", CHINESE.replace("2.5", "2.6"),
     "a: numbers: English alone has 2.5; Chinese alone has 2.6"),
    ("zh", "a", CHINESE.replace("02", "03"), "a: links: "),
    ("zh", "a", CHINESE.replace("`Q`", "Q"), "a: code: "),
    ("zh", "a", CHINESE.replace("## 3.4", "### 3.4"), "a: headings: "),
    ("zh", "a", CHINESE.replace("3.4", "3.5"), "a: headings: "),
])
def test_each_change_is_named(place, id, text, said):
    found = broken(place, **{id: text})
    assert found and found[0].startswith(said), found
    assert all(line.startswith(id + ":") for line in found)


def test_cells_that_come_and_go():
    english, chinese = pair()
    english.cells.insert(1, new_markdown_cell("New.", id="n"))
    del english.cells[-1]
    english.cells[-1].source = "print(3)"
    assert translation.differences(english, chinese) == [
        "n: is missing", "c: has no English cell", "b: its code differs"]
    made, lost = translation.follow(english, chinese)
    assert [cell.id for cell in lost] == ["c"]
    assert [cell.source for cell in made.cells] == [
        CHINESE, "New.", "print(3)"]
    assert translation.differences(english, made) == ["n: not translated"]
    assert translation.follow(english, made) == (made, [])


def test_a_number_that_a_command_writes_makes_nothing_old():
    text = "# 1 T\n<!-- measured -->About %d s<!-- /measured -->"
    assert translation.digest(text % 60) == translation.digest(text % 75)
    assert translation.digest(text % 60) != translation.digest(
        text.replace("T", "U") % 60)


def test_the_command_shows_three_texts_and_keeps_what_is_translated(tmp_path):
    project = Project(tmp_path)
    path = project.notebook("06_tools.ipynb", new_markdown_cell(
        "One sentence.", id="a"))

    def git(*words):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e",
                        *words], cwd=tmp_path, check=True,
                       capture_output=True)

    (tmp_path / ".venv").symlink_to(translation.ROOT / ".venv")
    git("init", "-q")
    git("add", "notebooks")
    git("commit", "-qm", "x")
    first = project.ci("translate", "6")
    assert first.returncode == 1 and "a, not translated" in first.stdout
    there = tmp_path / "notebooks" / "zh" / path.name
    nb = nbformat.read(there, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("Title", "标题").replace(
                "One sentence.", "一句话。")
    nbformat.write(nb, there)
    assert project.ci("translate", "6", "--done", "all").returncode == 0
    english = nbformat.read(path, as_version=4)
    english.cells[-1].source = "Another sentence."
    nbformat.write(english, path)
    again = project.ci("translate", "6")
    assert again.returncode == 1
    for title, text in (("English before", "One sentence."),
                        ("English now", "Another sentence."),
                        ("Chinese now", "一句话。")):
        assert "==== a, %s\n%s\n" % (title, text) in again.stdout
    assert nbformat.read(there, as_version=4).cells[-1].source == "一句话。"
    wrong = project.ci("translate", "6", "--done", "z")
    assert wrong.returncode == 1 and "no Markdown cell z" in wrong.stderr


@pytest.mark.parametrize("text, what", [
    ("这是一句话,不好。", "Latin sign"), ("共有 3个词。", "no blank"),
    ("共 有词。", "blank between"), ("好 ，不好。", "Chinese sign")])
def test_signs_and_blanks(text, what):
    assert what in translation.clumsy(text)[0]
    assert translation.clumsy("共有 3 个词，好。") == []


def test_a_word_that_the_glossary_has_otherwise():
    terms = [("accuracy", "准确率", ["精度"])]
    assert translation.clumsy("精度为 3。", terms) == [
        "the glossary says 准确率, not 精度"]
    assert translation.clumsy("准确率为 3。", terms) == []


# ---- outputs in two languages ----


def test_one_execution_shows_each_language(tmp_path, monkeypatch):
    (tmp_path / "chapter1.csv").write_text(
        "key,en,zh,zh of\na,{n} of {what},{what}的 {n},{n} of {what}\n"
        "b,words,词,words\nh,A|B,甲|乙,A|B\n", "utf-8")
    monkeypatch.setattr(messages, "FOLDER", tmp_path)
    monkeypatch.setattr(messages, "language", messages.ALL)
    messages.table.cache_clear()
    try:
        said = messages.message("a", n=3, what=messages.message("b"))
        heads = messages.columns("h")
        assert len(heads) == 2
        for language, want, first in (("en", "3 of words", "A"),
                                      ("zh", "词的 3", "甲")):
            assert messages.side("%s!" % said, language) == want + "!"
            assert messages.side(heads[0], language) == first
        cell = new_code_cell("0", id="x", outputs=[
            nbformat.v4.new_output("display_data", {"text/plain": said},
                                   metadata={"image/png": {"alt": said}})])
        english, chinese = translation.sides(new_notebook(cells=[cell]))
        assert english.cells[0].outputs[0].data["text/plain"] == "3 of words"
        assert chinese.cells[0].outputs[0].metadata["image/png"]["alt"] == (
            "词的 3")
    finally:
        messages.table.cache_clear()


# ---- the chapters ----


@pytest.mark.parametrize("number", translation.translated())
def test_a_chapter_is_translated_as_it_is_now(number):
    english = notebook.read(chapters()[number])
    chinese = notebook.read(translation.path_of(number))
    assert translation.differences(english, chinese) == []
    terms = translation.glossary()
    assert [(cell.id, line) for _, cell in notebook.prose(chinese)
            for line in translation.clumsy(cell.source, terms)] == []
