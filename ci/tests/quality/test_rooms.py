"""The house's rules hold, and each is seen to be broken where it is."""
import pytest

from ci.quality import rooms


def test_every_import_points_to_the_left():
    assert rooms.broken() == []


@pytest.mark.parametrize("name, line, why", [
    ("notebooks/course/plots/chapter1.py", "from ..files import ROOT",
     "plots get arrays"),
    ("notebooks/course/plots/chapter1.py",
     "def f():\n    from ..datasets import landmarks", "plots get arrays"),
    ("notebooks/course/session.py", "from .models import t5",
     "models does not stand to the left of session"),
    ("notebooks/course/files.py", "from . import session",
     "session does not stand to the left"),
    ("notebooks/course/testing.py", "from .metrics import share",
     "metrics does not stand to the left"),
    ("notebooks/course/datasets/digits.py", "from ..models import networks",
     "models does not stand to the left"),
    ("notebooks/course/models/t5.py", "from course import check",
     "modules import the room itself"),
    ("notebooks/course/tools/pytorch.py", "from ..applications import speech",
     "applications does not stand to the left"),
    ("notebooks/course/models/t5.py", "from ..plots import common",
     "modules import the room itself"),
    ("notebooks/course/exercises/chapter3.py", "import scipy.signal",
     "NumPy and the standard library alone"),
    ("notebooks/course/exercises/chapter3.py", "from ..files import ROOT",
     "NumPy and the standard library alone"),
    ("notebooks/course/distributed/worker.py", "from ..files import ROOT",
     "a worker is a process"),
    ("notebooks/course/models/t5.py", "from ci import ROOT",
     "knows nothing of ci"),
    ("notebooks/course/models/t5.py", "import make_t5_tiny",
     "knows nothing of ci and of data"),
    ("ci/grading/sandbox.py", "from ci import ROOT", "the sandbox"),
    ("ci/environment.py", "import psutil", "before anything is installed"),
    ("ci/commands/run.py", "import papermill", "before anything"),
    ("ci/commands/run.py", "from ci.execution import execute",
     "before anything"),
    ("ci/commands/run.py", "from ci import execution", "before anything"),
    ("ci/tests/grading/test_grading.py", "from test_matrix import small",
     "stands in helpers.py"),
    ("ci/tests/grading/test_grading.py",
     "from ci.tests.quality.test_matrix import small",
     "stands in helpers.py")])
def test_a_broken_rule_is_named_with_file_and_line(name, line, why, tmp_path):
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text('"""One."""\n' + line + "\n")
    said, = rooms.broken(tmp_path)
    number = 3 if line.startswith("def") else 2
    assert said.startswith(f"{name}:{number}: imports ") and why in said


@pytest.mark.parametrize("name, line", [
    ("notebooks/course/models/t5.py", "from .hub import find"),
    ("notebooks/course/models/t5.py", "from ..messages import CourseError"),
    ("notebooks/course/__init__.py", "from .models import t5"),
    ("notebooks/course/plots/chapter7.py", "from .labels import label_points"),
    ("notebooks/course/exercises/chapter3.py",
     "import numpy as np\nimport re"),
    ("ci/commands/run.py", "def f():\n    from ci.execution import execute"),
    ("ci/commands/run.py", "from ci import Stop, environment"),
    ("ci/tests/commands/test_commands.py",
     "from ci.commands import test\nfrom helpers import Project")])
def test_what_is_allowed_is_not_named(name, line, tmp_path):
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text(line + "\n")
    assert rooms.broken(tmp_path) == []
