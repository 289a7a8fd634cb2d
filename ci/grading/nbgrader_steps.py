"""nbgrader's part of `ci release` and `ci grade`; runs in `.venv-teacher`.

    python -m ci.grading.nbgrader_steps COURSE STEP ASSIGNMENT ...

What students wrote is never executed here: `autograde` gets notebooks whose
outputs submission.py has made, takes the points from them and keeps them in
the gradebook.
"""
import json
import logging
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.preprocessors import (
    CheckCellMetadata, DeduplicateIds, LimitOutput, OverwriteCells,
    OverwriteKernelspec, SaveAutoGrades)
from traitlets.config import PyFileConfigLoader


def config(course):
    """The course's settings, and that nothing is executed or cleared."""
    c = PyFileConfigLoader("nbgrader_config.py", str(course)).load_config()
    c.Autograde.sanitize_preprocessors = [
        DeduplicateIds, OverwriteKernelspec, OverwriteCells,
        CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [
        LimitOutput, SaveAutoGrades, CheckCellMetadata]
    return c


class Steps(NbGrader):
    """nbgrader as an application without a command line."""

    name = "nbgrader"
    config_file_name = "none"

    def step(self, converter, assignment, student="*"):
        """Runs a converter on one assignment, of one student or of none."""
        self.coursedir.assignment_id = assignment
        self.coursedir.student_id = student
        made = converter(coursedir=self.coursedir, parent=self)
        made.force = True
        made.start()


def points(course, assignment):
    """{student: {grade id: points}} of the gradebook."""
    found = {}
    with Gradebook("sqlite:///%s" % (course / "gradebook.db")) as book:
        for submission in book.assignment_submissions(assignment):
            found[submission.student.id] = {
                grade.name: grade.score for notebook in submission.notebooks
                for grade in notebook.grades}
    return found


def main(words):
    course, step, assignment, *students = words
    course = Path(course)
    app = Steps(config=config(course))
    app.initialize([])
    app.update_config(config(course))
    app.log.setLevel(logging.ERROR)
    if step == "assign":
        app.step(GenerateAssignment, assignment)
    elif step == "autograde":
        for student in students:
            app.step(Autograde, assignment, student)
    elif step == "feedback":
        for student in students:
            app.step(GenerateFeedback, assignment, student)
    elif step == "points":
        print(json.dumps(points(course, assignment)))


if __name__ == "__main__":
    main(sys.argv[1:])
