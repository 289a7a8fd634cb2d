"""The set-up cell of a notebook that came alone, as on Colab.

It runs in a bare Python, in an empty folder; `course` is a stand-in that says
it was started.
"""
import os
import pty
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import nbformat
import pytest

from ci import chapters
from ci.commands import publish
from ci.quality import contract

REFUSAL = "OSError: No network? Run me again."
# what the cell asks for, before and after it is published
HOME = "https://github.com/" + (publish.published() or publish.UNPUBLISHED)
# dies in the middle of writing, as when the machine is taken away
KILLED = """#!/bin/sh
[ -e "$0.done" ] && exec %s "$@"
for folder; do :; done
mkdir -p "$folder/notebooks/course" && touch "$0.done" && kill -9 $$
"""


@pytest.fixture
def cell(tmp_path, monkeypatch):
    """run(*options): the cell of chapter 4 in an empty folder."""
    source = tmp_path / "collection"
    course = source / "notebooks" / "course"
    course.mkdir(parents=True)
    (course / "__init__.py").write_text(
        "def start(chapter):\n    print('started', chapter)\n")
    git = ["git", "-C", source, "-c", "user.name=t", "-c", "user.email=t@t"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], check=True)
    (_, setup), = contract.tagged(nbformat.read(chapters()[4], 4), "setup")
    folder = tmp_path / "大 模型 {x}"
    folder.mkdir()
    for name in [*os.environ]:
        if name.startswith(("PYTHON", "VIRTUAL_ENV", "GIT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))

    def leads_to(address):
        (tmp_path / ".gitconfig").write_text(
            '[url "%s"]\n\tinsteadOf = %s\n' % (address, HOME))

    def command(*options):
        return [getattr(sys, "_base_executable", sys.executable), *options,
                "-c", setup.source]

    def run(*options):
        return subprocess.run(command(*options), cwd=folder, text=True,
                              capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL)

    leads_to("file://" + str(source))
    run.folder, run.leads_to, run.command = folder, leads_to, command
    return run


def test_alone_it_brings_the_collection_once(cell):
    for _ in range(2):
        done = cell()
        assert (done.stdout, done.stderr) == ("started 4\n", "")
        assert [p.name for p in cell.folder.iterdir()] == [
            "large-models-measured"]


@pytest.mark.parametrize("options", [(), ("-O",)])
def test_without_a_network_it_says_so(cell, options):
    cell.leads_to("file:///nowhere")
    done = cell(*options)
    assert done.returncode and done.stdout == ""
    assert done.stderr.splitlines()[-1] == REFUSAL
    assert list(cell.folder.iterdir()) == []


def test_killed_half_way_it_is_repaired_by_the_next_run(cell, tmp_path,
                                                        monkeypatch):
    real = subprocess.run(["which", "git"], capture_output=True, text=True,
                          check=True).stdout.strip()
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(KILLED % real)
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(wrapper.parent), prepend=os.pathsep)
    assert cell().returncode
    done = cell()
    assert done.stdout == "started 4\n", done.stderr
    assert [p.name for p in cell.folder.iterdir()] == [
        "large-models-measured"]


class Private(BaseHTTPRequestHandler):
    """A server that wants to know who asks."""

    def do_GET(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_where_an_address_is_private_nobody_is_asked(cell):
    """In a terminal, as a kernel may have one, where git could wait."""
    server = HTTPServer(("127.0.0.1", 0), Private)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cell.leads_to("http://127.0.0.1:%d/x" % server.server_port)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(cell.folder)
        os.execv(cell.command()[0], cell.command())
    said = b""
    try:
        while not re.search(rb"^Username", said, re.M):  # the question
            said += os.read(terminal, 1000)
    except OSError:  # it has ended
        pass
    finally:
        os.close(terminal)  # which ends one that waits, too
        os.waitpid(child, 0)
        server.shutdown()
        server.server_close()
    assert said.decode().splitlines()[-1] == REFUSAL


def test_before_it_is_published_nobody_can_hold_its_address():
    """No account begins with a hyphen: nothing of a stranger is fetched."""
    owner = publish.UNPUBLISHED.partition("/")[0]
    assert not re.match(r"[A-Za-z0-9]", owner)
    assert publish.HOME.fullmatch(
        'HOME = "https://github.com/' + publish.UNPUBLISHED)
