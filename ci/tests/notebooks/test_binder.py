"""Binder, as closely as can be without it.

repo2docker itself says what it would build; the same environment is made
from the same files, and a chapter runs in it with two cores and a hard limit
of 2 GB.
"""
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import browser
import nbformat
import pytest
from helpers import clone

from ci import LAUNCH_VENV, chapters, environment
from ci.commands import publish

pytestmark = pytest.mark.slow
MEMORY = 2 * 10**9  # bytes; Binder promises half of it and cuts off here
CHAPTER = 8  # neither Colab's tests nor the browser's run it


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What Binder gets: the tracked files, no environment."""
    folder = clone(tmp_path_factory.mktemp("binder") / "repo")
    (folder / ".venv").unlink()
    return folder


# prints what repo2docker takes, and which list its base is made from
DETECT = """
from pathlib import Path
from repo2docker import buildpacks
from repo2docker.app import Repo2Docker
app = Repo2Docker()
packs = (make(app.base_image) for make in app.buildpacks)
pack = next(pack for pack in packs if pack.detect())
pack.platform = "linux/amd64"
print(type(pack).__name__, pack.python_version)
print(Path(buildpacks.__file__).parent / next(
    path for path in pack.get_build_script_files()
    if path.endswith("64.lock")))
"""


def repo2docker(folder, *words):
    """What its Python prints when called so in a folder."""
    browser.launch_tools()
    done = subprocess.run(
        [environment.python(LAUNCH_VENV), *words], cwd=folder, text=True,
        capture_output=True, stdin=subprocess.DEVNULL,
        env=environment.clean(LAUNCH_VENV), timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def detected(folder):
    """(build pack, Python, list of its base's packages)."""
    return repo2docker(folder, "-c", DETECT).split()


@pytest.fixture(scope="module")
def plan(folder):
    """The Dockerfile that it would build."""
    return repo2docker(
        folder, "-m", "repo2docker", "--no-build", "--debug", "--user-id",
        "1000", "--user-name", "jovyan", ".")


def test_what_repo2docker_detects(detected):
    assert detected[:2] == ["PythonBuildPack", "3.11"]


def test_the_dockerfile_installs_after_it_has_the_files(plan):
    """.binder/requirements.txt names another file, so it must be there."""
    copied = plan.index(" src/ ${REPO_DIR}")
    install = re.search(r"pip install [^\n]*-r [\"']?"
                        r"(\.binder/requirements\.txt)", plan)
    assert install and install.start() > copied
    post = re.search(r"RUN (\S+ )*\./\.binder/postBuild", plan)
    assert post and post.start() > install.start()


def test_the_badge_opens_the_first_chapter(folder):
    line = publish.badges("ada/book", chapters()[min(chapters())])
    where = re.search(r"/v2/gh/ada/book/main\?urlpath=lab/tree/([^)]+)\)",
                      line)
    assert where[1].startswith("notebooks/01_")
    assert (folder / where[1]).is_file()


@pytest.fixture(scope="module")
def built(folder, detected, tmp_path_factory):
    """Variables of a shell in the environment that Binder would build."""
    python = shutil.which("python" + detected[1]) or sys.executable
    if subprocess.run([python, "--version"], capture_output=True).returncode:
        python = sys.executable  # a launcher without that version
    venv = tmp_path_factory.mktemp("env") / "venv"
    environ = {name: value for name, value in environment.clean().items()
               if not re.match("JUPYTER|KERAS|IPYTHON|MPL|VIRTUAL", name)}
    environ |= {"PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "VIRTUAL_ENV": str(venv),
                "BINDER_SERVICE_HOST": "mybinder.org"}
    base = re.findall(r"/(jupyterlab|notebook|ipykernel|ipywidgets)-([\d.]+)-",
                      Path(detected[2]).read_text())
    assert len(base) == 4
    uv = [sys.executable, "-m", "uv"]
    # called so, uv takes its own environment where none is named
    install = [*uv, "pip", "install", "-q", "--python",
               environment.python(venv)]
    for command in ([*uv, "venv", "-q", "--seed", "--python", python, venv],
                    # what repo2docker's own base has, then our file over it
                    [*install, *("==".join(pair) for pair in base)],
                    [*install, "-r", ".binder/requirements.txt"],
                    ["bash", ".binder/postBuild"]):
        done = subprocess.run(
            [str(word) for word in command], cwd=folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=900,
            env=environ | environment.mirror())
        assert done.returncode == 0, done.stdout[-2000:]
    return environ | {"HOME": str(venv.parent)}


def test_knobs_are_not_saved(folder, built):
    """ci/jupyter's setting is where Binder's server looks for it."""
    shown = subprocess.run(
        ["jupyter", "server", "--show-config"], cwd=folder, env=built,
        text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
    assert re.search(r"pre_save_hook = <function without_views",
                     shown.stdout), shown.stdout + shown.stderr


def limited():
    """Two cores; of memory that it writes to, Binder's limit a process."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def execute(name, folder, environ):
    """A notebook of notebooks/, executed with Binder's own tools."""
    return subprocess.run(
        ["jupyter", "nbconvert", "--to", "notebook", "--execute",
         "--log-level=ERROR", "--output", "executed.ipynb",
         "notebooks/" + name], cwd=folder, env=environ, text=True,
        capture_output=True, stdin=subprocess.DEVNULL, preexec_fn=limited,
        timeout=900)


def test_a_chapter_within_two_gigabytes(folder, built):
    name = chapters()[CHAPTER].name
    done = execute(name, folder, built)
    assert done.returncode == 0, done.stderr[-2000:]
    nb = nbformat.read(folder / "notebooks" / "executed.ipynb", 4)
    kinds = [out.get("name", out.output_type) for cell in nb.cells
             for out in cell.get("outputs", [])]
    assert kinds and not {"error", "stderr"} & set(kinds)


def test_the_limit_is_hard(folder, built):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
        "import os\nassert len(os.sched_getaffinity(0)) <= 2\n"
        f"waste = b'x' * {MEMORY}")])
    nbformat.write(nb, folder / "notebooks" / "greedy.ipynb")
    done = execute("greedy.ipynb", folder, built)
    assert done.returncode != 0
    assert "MemoryError" in done.stderr
