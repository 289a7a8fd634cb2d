"""nbgrader's settings for the course; `ci release` puts a copy beside it.

`ci grade` adds that nothing is executed: see ci/grading/nbgrader_steps.py.
"""
import html
import os
from pathlib import Path
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer, MarkdownWithMath)

c = get_config()  # noqa: F821
course = Path(__file__).resolve().parent
c.CourseDirectory.root = str(course)
c.CourseDirectory.course_id = "large-models-measured"
# blanks are blank already, and stay as the chapter shows them
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors." + name for name in (
        "LockCells", "CheckCellMetadata", "ComputeChecksums", "SaveCells")]


def mathml(tex, display):
    """An equation as a browser shows it without network.

    The text of latex2mathml's own `convert` is not escaped: what a student
    puts in \\text would be markup.
    """
    try:
        for ours, known in ((r"\arg\max", r"\text{arg max}"),
                            (r"\tag", r"\qquad\tag")):
            tex = tex.replace(ours, known)
        element = convert_to_element(tex, display=display)
        for part in element.iter():
            part.text = html.unescape(part.text or "")
            part.attrib.pop("href", None)
        return ElementTree.tostring(element, encoding="unicode")
    except Exception:  # no TeX: a student wrote it
        return "<code>%s</code>" % html.escape(tex)


class Renderer(IPythonRenderer):
    def block_math(self, body):
        return mathml(body, "block")

    def inline_math(self, body):
        return mathml(body, "inline")


# What students write must not run in the reader's browser. nbgrader's page
# does not ask nbconvert's switch when it shows Markdown: hence the filter.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {"markdown2html": lambda source: MarkdownWithMath(
    renderer=Renderer(escape=True)).render(source)}
# where nbgrader itself executes a notebook, `grade` finds hidden cases here
os.environ["COURSE_HIDDEN"] = str(course / "hidden")
