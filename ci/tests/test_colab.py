"""Colab, as closely as can be without it.

A notebook alone in an empty folder, Colab's TensorFlow, Keras and
transformers, a stand-in for `google.colab`, and the collection behind a git
server: the setup cell brings everything, and goes on after the network was
gone.
"""
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading

import nbformat
import pytest
from nbclient import NotebookClient

import contract
from ci import LOCK, ROOT, bootstrap, chapters, publish
from conftest import clone

pytestmark = pytest.mark.slow
WHOLE = (1, 4)  # run from top to bottom
HOSTS = ROOT / "ci" / "requirements-colab.txt"
# what `pip install transformers==4.54.1` may touch
REPLACED = {"transformers", "tokenizers", "huggingface-hub"}
LIMIT = 900  # seconds a cell, on a busy machine


def names(text):
    return re.findall(r"^([\w.-]+)==\S+", text, re.M)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A Python that has what Colab has; its folder."""
    folder = tmp_path_factory.mktemp("machine")
    venv = folder / "venv"
    must(sys.executable, "-m", "venv", venv)  # with pip, as there
    differs = HOSTS.read_text()
    lock = re.findall(r"^([\w.-]+)==(\S+)([^\\\n]*)", LOCK.read_text(), re.M)
    free = {*names(differs), *REPLACED, "tensorboard", "hf-xet"}
    pins = folder / "pins.txt"
    pins.write_text("".join(
        f"{name}=={version}{marker}\n" for name, version, marker in lock
        if name not in free))
    must(sys.executable, "-m", "uv", "pip", "install", "-q", "--python",
         bootstrap.python(venv), "-c", pins, "-r", HOSTS, "ipykernel",
         "ipywidgets", "nbformat", "matplotlib", "scikit-learn",
         "statsmodels", "pillow", "safetensors", "threadpoolctl",
         env=os.environ | bootstrap.mirror())
    packages, = venv.glob("lib/python*/site-packages")
    (packages / "google" / "colab").mkdir(parents=True, exist_ok=True)
    (packages / "google" / "colab" / "__init__.py").write_text("")
    # on Colab every kernel has imported it before the first cell
    (packages / "colab.pth").write_text("import google.colab\n")
    kernel = folder / "jupyter" / "kernels" / "colab" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({
        "argv": [str(bootstrap.python(venv)), "-m", "ipykernel_launcher",
                 "-f", "{connection_file}", "--log-level=50"],
        "display_name": "Python 3", "language": "python"}))
    return folder


def must(*command, **options):
    done = subprocess.run(
        [str(word) for word in command], text=True, timeout=900,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, **options)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


@pytest.fixture
def another_transformers(machine):
    """Colab's own, as on a fresh machine."""
    must(sys.executable, "-m", "uv", "pip", "install", "-q", "--python",
         bootstrap.python(machine / "venv"), "-c", machine / "pins.txt",
         "-r", HOSTS, env=os.environ | bootstrap.mirror())
    return versions(machine)


def versions(machine):
    listed = must(bootstrap.python(machine / "venv"), "-m", "pip", "list",
                  "--format=json")
    return {package["name"].lower().replace("_", "-"): package["version"]
            for package in json.loads(listed)}


class Wire:
    """A port that hands on to the git server, until it is cut.

    `cut` is the number of bytes after which an answer breaks off; None lets
    everything through.
    """

    def __init__(self, port):
        self.target, self.cut = ("127.0.0.1", port), None
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:  # closed: the tests are over
                return
            threading.Thread(target=self.serve, args=(near, self.cut),
                             daemon=True).start()

    def serve(self, near, limit):
        with near, socket.create_connection(self.target) as far:
            up = threading.Thread(target=carry, args=(near, far, None))
            up.start()
            carry(far, near, limit)
            up.join()


def carry(source, sink, limit):
    """Hands on what comes, at most `limit` bytes; then both ends are shut."""
    sent = 0
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sent += len(data)
            if limit is not None and sent > limit:
                break
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    """The collection behind a git server."""
    base = tmp_path_factory.mktemp("server")
    folder = clone(base / "collection")
    (folder / ".venv").unlink()
    git = ["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@t"]
    must(*git, "init", "-q")
    must(*git, "add", "-A")
    must(*git, "commit", "-q", "-m", "all of it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["git", "daemon", "--reuseaddr", "--export-all", f"--port={port}",
         "--listen=127.0.0.1", f"--base-path={base}", str(base)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True)
    wire = Wire(port)
    yield wire
    wire.door.shutdown(socket.SHUT_RDWR)  # close alone wakes nobody
    wire.door.close()
    os.killpg(server.pid, 15)
    server.wait(30)


@pytest.fixture
def alone(machine, wire, tmp_path, monkeypatch):
    """run(notebook): executes it in an empty folder on that machine."""
    for name in bootstrap.environment():
        if name not in ("PATH", "PYTHONUTF8"):
            monkeypatch.delenv(name, raising=False)
    for name in ("IPYTHONDIR", "KERAS_HOME", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    # else the kernel would not show what programs write to its terminal
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.setenv("JUPYTER_PATH", str(machine / "jupyter"))
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    # the address in the setup cell leads to the server here
    home = "https://github.com/" + (publish.published()
                                    or publish.UNPUBLISHED)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0",
                       f"url.git://127.0.0.1:{wire.port}/collection"
                       ".insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", home)
    content = tmp_path / "content"
    content.mkdir()

    def run(nb, **hooks):
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        NotebookClient(nb, timeout=LIMIT, kernel_name="colab",
                       allow_errors=True, startup_timeout=120,
                       resources={"metadata": {"path": str(content)}},
                       **hooks).execute()
        return nb

    run.content = content
    return run


def chapter(number, *cells):
    """A chapter's notebook, or its setup cell and the given code alone."""
    nb = nbformat.read(chapters()[number], as_version=4)
    if cells:
        (_, setup), = contract.tagged(nb, "setup")
        nb.cells = [nbformat.v4.new_code_cell(
            setup.source if source is SETUP else source) for source in cells]
    return nb


SETUP = object()  # stands for a chapter's setup cell


def errors(nb):
    return [(out.ename, out.evalue) for _, out in contract.outputs(nb)
            if out.output_type == "error"]


def printed(nb):
    return "".join(out.text for _, out in contract.outputs(nb)
                   if out.get("name") == "stdout")


VERSIONS = """import sys
import keras, tensorflow
print(tensorflow.__version__, keras.__version__, "transformers" in sys.modules)
import transformers
print(transformers.__version__)"""


def test_gone_in_the_middle_then_on(alone, machine, wire,
                                    another_transformers):
    """The clone breaks off, then pip finds nobody; each says one line."""
    wire.cut = 2_000_000  # of about 17 MB
    nowhere = ("import os\nsaved = dict(os.environ)\nos.environ.update("
               "PIP_INDEX_URL='http://127.0.0.1:9/simple', PIP_RETRIES='0', "
               "PIP_CONFIG_FILE=os.devnull)")
    back = "os.environ.clear()\nos.environ.update(saved)"
    found = []

    def heal(cell, cell_index, **_):
        found.append(sorted(p.name for p in alone.content.iterdir()))
        if cell_index == 0:
            wire.cut = None

    nb = alone(chapter(4, SETUP, nowhere, SETUP, back, SETUP, VERSIONS),
               on_cell_executed=heal)
    assert errors(nb) == [
        ("AssertionError", "No network? Run me again."),
        ("CourseError", "The packages could not be installed: check the "
                        "network and run this cell again.")]
    failed = nb.cells[2].outputs[-1]
    assert len("".join(failed.traceback).splitlines()) == 1
    assert found[0] == []  # nothing half done is left
    assert printed(nb).count("Installing what this chapter needs") == 2
    assert printed(nb).split()[-4:] == ["2.20.0", "3.13.2", "False", "4.54.1"]
    after = versions(machine)
    changed = {name for name in after
               if after[name] != another_transformers.get(name)}
    assert "transformers" in changed and changed <= REPLACED, changed


def test_another_transformers_already_imported(alone, another_transformers):
    nb = alone(chapter(4, "import transformers", SETUP))
    (name, line), = errors(nb)
    assert name == "CourseError" and "Runtime > Restart session" in line


@pytest.mark.parametrize("number", [n for n in WHOLE if n in chapters()])
def test_a_chapter_alone(alone, another_transformers, number):
    nb = alone(chapter(number))
    assert errors(nb) == []
    assert [cell.execution_count for _, cell in contract.code_cells(nb)] == (
        list(range(1, 1 + len(contract.code_cells(nb)))))
    assert not [out.text for _, out in contract.outputs(nb)
                if out.get("name") == "stderr"]
    figures = [out for _, out in contract.outputs(nb)
               if contract.PNG in out.get("data", {})]
    committed = [out for _, out in contract.outputs(chapter(number))
                 if contract.PNG in out.get("data", {})]
    assert len(figures) == len(committed)


@pytest.mark.skipif(5 not in chapters(), reason="no chapter 5 yet")
def test_the_setup_cell_of_chapter_5(alone, machine, another_transformers):
    """It needs more packages than any other."""
    wanted = [line.partition("#") for line in (
        ROOT / "notebooks" / "course" / "colab.txt").read_text().splitlines()]
    pins = [pin.strip() for pin, _, who in wanted
            if pin.strip() and "5" in re.findall(r"\d+", who)]
    nb = alone(chapter(5, SETUP, VERSIONS))
    assert errors(nb) == []
    after = versions(machine)
    for pin in pins:
        name, _, version = pin.partition("==")
        assert after[name.lower()] == version
