"""What the pages for readers say of the chapters is so."""
import re

from ci import NOTEBOOKS, ROOT, chapters, notebook
from course.exercises import entries


def test_the_readme_counts_the_exercises():
    text = (ROOT / "README.md").read_text("utf-8")
    count = sum(len(entries.chapter_exercises(str(n))) for n in chapters())
    assert re.findall(r"the (\d+) exercises", text) == [str(count)]


def test_names_for_the_reader_s_own_input_are_listed():
    """The table of notebooks/README.md, both ways."""
    table = re.findall(r"^\| (\d) \| (.*?) \|", (
        NOTEBOOKS / "README.md").read_text("utf-8"), re.M)
    listed = {(int(n), name) for n, names in table
              for name in re.findall(r"`(MY_\w+)`", names)}
    there = {(n, name) for n in chapters()
             for _, cell in notebook.code_cells(notebook.read(n))
             for names in re.findall(r"^(MY_\w+(?:, MY_\w+)*) = ",
                                     cell.source, re.M)
             for name in names.split(", ")}
    assert listed == there
