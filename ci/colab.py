"""Colab, as closely as can be without it.

An environment with all packages of Colab's published list that chapters
import (ci/locks/requirements-colab.txt), a stand-in for `google.colab`, and a
notebook alone in an empty folder, with the collection behind a git remote.
"""
import contextlib
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ci import BUILD, ROOT, Stop, chapters, environment
from ci.commands import publish

PINS = ROOT / "ci" / "locks" / "requirements-colab.txt"
PYTHON = "3.13"  # Colab's
LIMIT = 900  # seconds a cell, on a busy machine
STAMP = "whole.txt"  # what is installed, written when all is in place
# with COURSE_..., what a kernel on Colab does not inherit from us
OURS = {"PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONWARNINGS",
        "JUPYTER_PATH", "TF_CPP_MIN_LOG_LEVEL", "TF_USE_LEGACY_KERAS",
        # ipykernel would not show what programs write to its terminal
        "PYTEST_CURRENT_TEST"}


@functools.cache
def interpreter():
    """A Python of Colab's version, where there is one; else this one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for path in [sys.executable, *map(str, sorted(pyenv.glob(
            "versions/%s.*/bin/python" % PYTHON))),
            shutil.which("python" + PYTHON)]:
        with contextlib.suppress(OSError, subprocess.SubprocessError,
                                 TypeError):  # which found nothing
            if version(path) == PYTHON:
                return path
    return sys.executable


@functools.cache
def version(path):
    """"3.13" of an interpreter that has venv."""
    return subprocess.run(
        [path, "-c", "import ensurepip, sys; "
         "print('%d.%d' % sys.version_info[:2])"], check=True, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, timeout=60).stdout.strip()


def folder():
    """Where the environment lies: named after the list and the Python."""
    lines = PINS.read_text("utf-8").splitlines()
    digest = hashlib.sha256("\n".join(
        line for line in lines if line[:1] != "#").encode()).hexdigest()
    return BUILD / ("colab-%s-%s" % (version(interpreter()), digest[:8]))


def python():
    return environment.python(folder() / "venv")


def must(*command, **options):
    """Runs a command; what it printed, or an error that ends with it."""
    done = subprocess.run(
        [str(word) for word in command], text=True, timeout=900,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, **options)
    if done.returncode:
        raise Stop("%s: %s" % (command[0], done.stdout[-2000:]))
    return done.stdout


def uv(*words):
    return must(sys.executable, "-m", "uv", "pip", *words, "-q", "--python",
                python(), env={**os.environ, **environment.mirror()})


@contextlib.contextmanager
def machine():
    """That environment, whole and as on a fresh machine; its folder.

    It is made once; what notebooks installed since is undone. Who comes
    while another uses it waits.
    """
    BUILD.mkdir(exist_ok=True)
    place = folder()
    with open(BUILD / ".colab.lock", "a") as lock:
        with contextlib.suppress(ImportError):  # Windows
            import fcntl
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / STAMP).is_file():
            make(place)
        fresh()
        stand_in(place)
        yield place


def fresh():
    """Undoes what notebooks have installed: pip's choice of packages."""
    uv("sync", folder() / STAMP)


def make(place):
    """The environment, from nothing; older ones are removed."""
    print("Making Colab's environment for Python %s, its own is %s."
          % (version(interpreter()), PYTHON), flush=True)
    for old in BUILD.glob("colab-*"):
        shutil.rmtree(old)
    venv = place / "venv"
    must(interpreter(), "-m", "venv", venv)  # with pip, as there
    uv("install", "-r", PINS)
    part = place / (STAMP + ".part")
    part.write_text(uv("freeze"))
    os.replace(part, place / STAMP)


def stand_in(place):
    """`google.colab`, which kernels there have imported before all else."""
    packages, = place.glob("venv/lib/python*/site-packages")
    for path, text in {
            "google/colab/__init__.py": "",
            "google/colab/output.py": "",  # which jax looks for
            "colab_kernel_launcher.py":
                "import google.colab\nfrom ipykernel import kernelapp\n\n"
                "kernelapp.launch_new_instance()\n"}.items():
        (packages / path).parent.mkdir(parents=True, exist_ok=True)
        (packages / path).write_text(text)
    kernel = place / "kernels" / "colab" / "kernel.json"
    kernel.parent.mkdir(parents=True, exist_ok=True)
    kernel.write_text(json.dumps({
        # else its debugger writes to the terminal what it misses
        "argv": [str(python()), "-Xfrozen_modules=off",
                 "-m", "colab_kernel_launcher",
                 "-f", "{connection_file}", "--log-level=50"],
        "display_name": "Python 3", "language": "python"}))


def versions():
    """{package: version} of what is installed there now."""
    return {package["name"].lower().replace("_", "-"): package["version"]
            for package in json.loads(uv("list", "--format=json"))}


@contextlib.contextmanager
def remote():
    """The collection as a git repository, in a folder of its own; its path."""
    with tempfile.TemporaryDirectory() as base:
        place = Path(base) / "collection"
        for name in files():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
        git = ["git", "-C", place, "-c", "user.name=t", "-c", "user.email=t@t"]
        must(*git, "init", "-q")
        must(*git, "add", "-A", "-f")
        must(*git, "commit", "-q", "-m", "all of it")
        yield place


def files():
    """Paths of the collection's files, also where there is no `.git`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL).stdout if (ROOT / ".git").exists() else ""
    names = listed.split("\0") if listed else (
        path.relative_to(ROOT) for path in ROOT.rglob("*")
        if not {"build", "__pycache__"} & {*path.relative_to(ROOT).parts}
        and not path.relative_to(ROOT).parts[0].startswith(".venv"))
    return [name for name in names if name and (ROOT / name).is_file()]


def variables(address, home):
    """What a kernel there finds in its environment.

    address: of a git remote, to which the address in the setup cells leads;
    home: a folder for settings and caches.
    """
    ours = environment.environment()
    environ = {name: value for name, value in os.environ.items()
               if name not in {*OURS, *ours}
               and not name.startswith("COURSE_")}
    there = str(environment.python().parent)
    environ["PATH"] = os.pathsep.join([str(python().parent)] + [
        part for part in os.environ["PATH"].split(os.pathsep)
        if part != there])
    published = publish.published() or publish.UNPUBLISHED
    environ.update({
        "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1",
        "COLAB_RELEASE_TAG": "release-colab",
        "GIT_CONFIG_COUNT": "1", "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_KEY_0": "url.%s.insteadOf" % address,
        "GIT_CONFIG_VALUE_0": "https://github.com/" + published,
        **{name: str(home) for name in (
            "IPYTHONDIR", "KERAS_HOME", "MPLCONFIGDIR",
            "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}})
    return environ


def run(nb, content, address, **hooks):
    """Executes a notebook in the folder `content`, errors or not.

    hooks: of nbclient. Call it inside `machine()`.
    """
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as home:
        specs = KernelSpecManager(kernel_dirs=[str(folder() / "kernels")])
        manager = AsyncKernelManager(kernel_name="colab",
                                     kernel_spec_manager=specs)
        NotebookClient(
            nb, km=manager, timeout=LIMIT, allow_errors=True,
            startup_timeout=120, resources={"metadata": {
                "path": str(content)}}, **hooks).execute(
                    cleanup_kc=True, env=variables(address, home))
    return nb


def saved(nb):
    """A notebook as Colab saves it, as read from JSON: format 4.0.

    Ids stand in the cells' metadata, of which little else is left; there is
    an entry for widgets that lacks what ipywidgets calls `state`.
    """
    nb = json.loads(json.dumps(nb))
    nb["nbformat_minor"] = 0
    nb["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "name": "python3"},
        "language_info": {"name": "python"},
        "colab": {"provenance": [], "toc_visible": True},
        "widgets": {"application/vnd.jupyter.widget-state+json": {
            "1a2b": {"model_module": "@jupyter-widgets/base",
                     "model_module_version": "1.2.0",
                     "model_name": "LayoutModel", "state": {}}}}}
    for cell in nb["cells"]:
        cell["metadata"] = {"id": cell.pop("id"), **{
            key: cell["metadata"][key] for key in ("cellView", "tags")
            if key in cell["metadata"]}}
    return nb


def troubles(nb):
    """Errors and lines on stderr, as "cell 12: ...", markdown counted."""
    found = []
    for k, cell in enumerate(nb.cells):
        for out in cell.get("outputs", []):
            said = (["%s: %s" % (out.ename, out.evalue)]
                    if out.output_type == "error" else
                    out.text.splitlines() if out.get("name") == "stderr"
                    else [])
            found += ["cell %d: %s" % (k, line) for line in said]
        if (cell.cell_type == "code" and cell.source.strip()
                and cell.execution_count is None):
            found.append("cell %d: not executed" % k)
    return found


def run_chapter(number, output):
    """A chapter's notebook, alone in an empty folder on that machine.

    The executed notebook goes to `output`. Returns its `troubles` and the
    seconds it took, without the making of the environment.
    """
    import nbformat
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    nb = nbformat.read(chapters()[number], as_version=4)
    with machine(), remote() as home, tempfile.TemporaryDirectory() as content:
        began, ended = time.perf_counter(), []
        try:
            run(nb, content, home.as_uri())
        except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
            ended = ["the kernel: " + str(error)]
        seconds = time.perf_counter() - began
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, output)
    return troubles(nb) + ended, seconds
