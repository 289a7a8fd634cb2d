"""nbgrader's settings for the course; `ci release` puts a copy beside it.

`ci grade` adds that nothing is executed: see ci/grading/nbgrader_steps.py.
"""
import os
from pathlib import Path

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
# What students write must not run in the reader's browser. nbgrader's page
# does not ask nbconvert's switch when it shows Markdown: hence the filter.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {"markdown2html": lambda source: MarkdownWithMath(
    renderer=IPythonRenderer(escape=True)).render(source)}
# where nbgrader itself executes a notebook, `grade` finds hidden cases here
os.environ["COURSE_HIDDEN"] = str(course / "hidden")
