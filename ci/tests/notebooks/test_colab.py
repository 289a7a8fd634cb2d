"""Colab, as closely as can be without it (ci/colab.py).

A notebook alone in an empty folder, Colab's packages, and the collection
behind a git server: the setup cell brings everything, and goes on after the
network was gone.
"""
import contextlib
import os
import re
import socket
import subprocess
import threading

import nbformat
import pytest

from ci import ROOT, chapters, colab
from ci.quality import contract

pytestmark = pytest.mark.slow
WHOLE = (2, 6)  # where Colab's packages differ most from the lock's
# what `pip install transformers==4.54.1` may touch
REPLACED = {"transformers", "tokenizers", "huggingface-hub"}
SETUP = object()  # stands for a chapter's setup cell
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def machine():
    with colab.machine():
        yield colab.versions()


class Wire:
    """A port that hands on to the git server, until it is cut.

    `cut` is the number of bytes after which an answer breaks off; None lets
    everything through.
    """

    def __init__(self, port):
        self.target, self.cut = ("127.0.0.1", port), None
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = "git://127.0.0.1:%d/collection" % (
            self.door.getsockname()[1])
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
def wire():
    """The collection behind a git server."""
    with colab.remote() as place:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            ["git", "daemon", "--reuseaddr", "--export-all", f"--port={port}",
             "--listen=127.0.0.1", f"--base-path={place.parent}",
             str(place.parent)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        wire = Wire(port)
        yield wire
        wire.door.shutdown(socket.SHUT_RDWR)  # close alone wakes nobody
        wire.door.close()
        os.killpg(server.pid, 15)
        server.wait(30)


def chapter(number, *cells):
    """A notebook of a chapter's setup cell and the given code."""
    nb = nbformat.read(chapters()[number], as_version=4)
    (_, setup), = contract.tagged(nb, "setup")
    nb.cells = [nbformat.v4.new_code_cell(
        setup.source if source is SETUP else source) for source in cells]
    return nb


def errors(nb):
    return [(out.ename, out.evalue) for _, out in contract.outputs(nb)
            if out.output_type == "error"]


def printed(nb, stream="stdout"):
    return "".join(out.text for _, out in contract.outputs(nb)
                   if out.get("name") == stream)


VERSIONS = """import sys
import keras, tensorflow
print(tensorflow.__version__, keras.__version__, "transformers" in sys.modules)
import transformers
print(transformers.__version__)"""
SEEN = ["2.20.0", "3.13.2", "False", "4.54.1"]
# XLA's first compilation, which is silent, and what must be seen
NOISE = """import os, warnings
tensorflow.function(lambda x: 2 * x, jit_compile=True)(tensorflow.ones(2))
warnings.warn("from Python", stacklevel=1)
os.write(2, b"from below\\n");"""


def test_gone_in_the_middle_then_on(machine, wire, tmp_path):
    """The clone breaks off, then pip finds nobody; each says one line."""
    wire.cut = 2_000_000  # of about 17 MB
    nowhere = ("import os\nsaved = dict(os.environ)\nos.environ.update("
               "PIP_INDEX_URL='http://127.0.0.1:9/simple', PIP_RETRIES='0', "
               "PIP_CONFIG_FILE=os.devnull)")
    back = "os.environ.clear()\nos.environ.update(saved)"
    found = []

    def heal(cell, cell_index, **_):
        found.append(sorted(p.name for p in tmp_path.iterdir()))
        if cell_index == 0:
            wire.cut = None

    nb = colab.run(chapter(4, SETUP, nowhere, SETUP, back, SETUP, VERSIONS),
                   tmp_path, wire.address, on_cell_executed=heal)
    assert errors(nb) == [
        ("OSError", "No network? Run me again."),
        ("CourseError", "The packages could not be installed: check the "
                        "network and run this cell again.")]
    failed = nb.cells[2].outputs[-1]
    assert len("".join(failed.traceback).splitlines()) == 1
    assert found[0] == []  # nothing half done is left
    assert printed(nb).count("Installing what this chapter needs") == 2
    assert printed(nb).split()[-4:] == SEEN
    after = colab.versions()
    changed = {name for name in after if after[name] != machine.get(name)}
    assert "transformers" in changed and changed <= REPLACED, changed


def test_restarted_with_chapter_5s_packages(machine, wire, tmp_path):
    """It needs more of them than any other; the file is as Colab saves it."""
    nb = colab.run(chapter(5, "import transformers", SETUP), tmp_path,
                   wire.address)
    (name, line), = errors(nb)
    assert name == "CourseError" and "Runtime > Restart session" in line
    after = colab.versions()
    for pin in (ROOT / "notebooks" / "course" / "colab.txt").read_text(
            ).splitlines():
        pin, _, who = pin.partition("#")
        name, _, version = pin.split(" ")[0].partition("==")
        if "5" in re.findall(r"\d+", who):
            assert after[name.lower()] == version
    saved = nbformat.from_dict(colab.saved(chapter(5, SETUP, VERSIONS,
                                                   NOISE)))
    nbformat.validate(saved)
    assert saved.nbformat_minor == 0 and "id" not in saved.cells[0]
    nb = colab.run(nbformat.v4.upgrade(saved, 4, 0), tmp_path, wire.address)
    assert errors(nb) == [] and printed(nb).split() == SEEN
    said = printed(nb, "stderr").splitlines()
    assert len(said) == 3 and "from below" in said, said
    assert any(line.endswith("UserWarning: from Python") for line in said)


@pytest.mark.parametrize("number", [n for n in WHOLE if n in chapters()])
def test_a_chapter_alone(number, tmp_path):
    troubles, _ = colab.run_chapter(number, tmp_path / "ran.ipynb")
    assert troubles == []
    ran, committed = ([out.data for _, out in contract.outputs(
        nbformat.read(path, as_version=4)) if contract.PNG in out.get(
            "data", {})] for path in (tmp_path / "ran.ipynb",
                                      chapters()[number]))
    assert len(ran) == len(committed)
    assert any(WIDGET in data for data in ran)
