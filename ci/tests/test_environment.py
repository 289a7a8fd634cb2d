"""`.venv` is made once, and whatever happens meanwhile is repaired.

The lock here holds two made-up packages, so that it takes seconds. `uv` is
one of them: it hands over to pip, and can be told to take its time or to
fail.
"""
import ast
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from helpers import Project

from ci import environment
from ci.__main__ import check_python

UV = '''
import os, pathlib, subprocess, sys, time
pathlib.Path(os.environ["UV_CALLS"]).open("a").write("called\\n")
if os.environ.get("UV_FAILS"):
    sys.exit(os.environ["UV_FAILS"])
time.sleep(float(os.environ.get("UV_SLEEPS", 0)))
lock = sys.argv[sys.argv.index("-r") + 1]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install",
                          "--require-hashes", "-r", lock]))
'''
# stands for a command that needs the environment
LAB = '''
HELP = "a command"
def arguments(parser):
    pass
def main(arguments):
    import sys, tiny
    print("tiny", tiny.VERSION, "in", sys.prefix)
'''


def wheel(folder, name, version, files):
    """A wheel of one module; its line for a lock."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\n"
                         f"Name: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\n"
                         "Root-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"


REAL = '[sys.executable, "-m", "venv", str(venv)]'


class Tiny(Project):
    """A collection whose lock holds `tiny` and the made-up `uv`.

    Its environments are copies of `made`, for Python takes seconds for each;
    None has Python make them.
    """

    def __init__(self, folder, wheels, made=None):
        super().__init__(folder)
        if made:
            file = folder / "ci" / "environment.py"
            text = file.read_text("utf-8")
            assert text.count(REAL) == 1
            file.write_text(text.replace(
                REAL, '["cp", "-R", %r, str(venv)]' % f"{made}/."), "utf-8")
        self.wheels = wheels
        (folder / "ci" / "commands" / "lab.py").write_text(LAB)
        self.environ = {**os.environ, "PIP_FIND_LINKS": str(wheels),
                        "PIP_NO_INDEX": "1", "UV_CALLS": str(wheels / "calls")}
        self.lock("1.0")

    def lock(self, version):
        text = wheel(self.wheels, "tiny", version,
                     {"tiny.py": f"VERSION = '{version}'\n"})
        text += wheel(self.wheels, "uv", "1.0", {"uv/__init__.py": "",
                                                 "uv/__main__.py": UV})
        (self.folder / "ci" / "locks" / "lock.txt").write_text(text)

    def lab(self, **more):
        return self.ci("lab", env={**self.environ, **more})

    def start(self, **more):
        return subprocess.Popen(
            self.command("lab"), env={**self.environ, **more}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=self.folder, start_new_session=True)

    def wait_for_uv(self, calls=1):
        file = self.wheels / "calls"
        for _ in range(600):
            if file.exists() and len(file.read_text().split()) >= calls:
                return
            time.sleep(0.1)
        raise AssertionError("uv was not called")

    def works(self, done, version="1.0"):
        assert done.returncode == 0, done.stderr + done.stdout
        assert f"tiny {version} in {self.folder / '.venv'}" in done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An environment with pip and nothing else, to be copied."""
    folder = tmp_path_factory.mktemp("made") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder


def collection(tmp_path, made=None):
    folder = tmp_path / "大 模型 {x}"
    wheels = tmp_path / "wheels"
    folder.mkdir()
    wheels.mkdir()
    return Tiny(folder, wheels, made)


@pytest.fixture
def tiny(tmp_path, made):
    return collection(tmp_path, made)


def one_line(done):
    """The refusal: one line on stderr, no traceback, status not 0."""
    assert done.returncode not in (0, None)
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_python_makes_the_environment(tmp_path):
    tiny = collection(tmp_path)
    assert "making .venv" in tiny.works(tiny.lab())


def test_once_then_again_for_another_lock_then_moved(tiny, tmp_path):
    assert "installing 2 packages" in tiny.works(tiny.lab())
    assert "installing" not in tiny.works(tiny.lab())
    tiny.lock("2.0")
    assert "installing" in tiny.works(tiny.lab(), "2.0")
    moved = tmp_path / "moved"
    tiny.folder.rename(moved)
    tiny.folder = moved
    tiny.works(tiny.lab(), "2.0")


def test_killed_in_the_middle(tiny):
    first = tiny.start(UV_SLEEPS="3")
    tiny.wait_for_uv()
    first.kill()  # uv goes on without it, and still holds the lock
    first.communicate()
    said = tiny.works(tiny.lab())
    assert "Another call is installing" in said
    assert "installing 2 packages" in said
    assert not list((tiny.folder / "build").glob("old-venv-*"))


def test_interrupted_from_the_keyboard(tiny):
    first = tiny.start(UV_SLEEPS="60")
    tiny.wait_for_uv()
    os.killpg(first.pid, signal.SIGINT)
    said, _ = first.communicate(timeout=20)
    assert first.returncode == 130 and said.endswith("Stopped.\n")
    assert "Traceback" not in said
    tiny.works(tiny.lab())


def test_two_at_once(tiny):
    first = tiny.start(UV_SLEEPS="2")
    tiny.wait_for_uv()
    second = tiny.start()
    for call in (first, second):
        said, _ = call.communicate(timeout=120)
        assert call.returncode == 0 and "tiny 1.0" in said, said
    assert "Another call is installing" in said
    assert (tiny.wheels / "calls").read_text().split() == ["called"]


def test_damaged(tiny):
    """Its Python taken away by an upgrade; its stamp half written."""
    tiny.works(tiny.lab())
    python = environment.python(tiny.folder / ".venv")
    python.unlink()
    python.symlink_to("/nowhere/python3")
    tiny.works(tiny.lab())
    stamp = tiny.folder / ".venv" / environment.STAMP
    stamp.write_text('{"lock": "half wri')
    (tiny.folder / ".venv" / "pyvenv.cfg").unlink()
    tiny.works(tiny.lab())
    assert json.loads(stamp.read_text())["place"] == str(
        tiny.folder / ".venv")


def test_pip_where_uv_fails(tiny):
    said = tiny.works(tiny.lab(UV_FAILS="no such system"))
    assert "no such system" in said and "trying with pip" in said


def test_disk_full(tiny):
    done = tiny.lab(UV_FAILS="No space left on device (os error 28)")
    assert "disk is full" in one_line(done)
    tiny.works(tiny.lab())


def test_no_network(tiny):
    """A port where nobody listens stands for the index."""
    environ = {**tiny.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
               "PIP_RETRIES": "1"}
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        del environ[name]
    done = tiny.ci("lab", env=environ)
    assert "can't be reached" in one_line(done)


def test_altered_package(tiny):
    lock = tiny.folder / "ci" / "locks" / "lock.txt"
    whole = lock.read_text()
    digest = whole.split("sha256:")[1][:64]
    lock.write_text(whole.replace(digest, "0" * 64))
    assert "differs from its lock in ci/" in one_line(tiny.lab())


def test_a_venv_of_somebody_else_stays(tiny):
    theirs = tiny.folder / ".venv" / "their file"
    theirs.parent.mkdir()
    theirs.write_text("precious")
    assert "move it away" in one_line(tiny.lab())
    assert theirs.read_text() == "precious"


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14)])
def test_python_out_of_range(version, monkeypatch):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as stop:
        check_python()
    assert "Python 3.11, 3.12 or 3.13 is needed, this is %d.%d;" % version \
        in stop.value.code and "\n" not in stop.value.code


def test_an_old_python_can_read_the_refusal():
    source = (environment.ROOT / "ci" / "__main__.py").read_text()
    assert source.isascii() and "print_function" in source  # Python 2
    ast.parse(source, feature_version=(3, 5))


def test_wrong_words_are_told_before_installing(tiny):
    for words in (["run", "9"], ["lab", "--prot", "1"], ["fly"]):
        done = tiny.ci(*words, env=tiny.environ)
        assert done.returncode and "Traceback" not in done.stderr
    assert not (tiny.folder / ".venv").exists()


def test_what_is_set_up_elsewhere_is_left_outside(monkeypatch):
    """Of the user's Python and Jupyter; where caches go may stay."""
    foreign = {"JUPYTER_PATH": "/theirs", "JUPYTER_CONFIG_PATH": "/theirs",
               "PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error",
               "PYTHONSTARTUP": "/theirs.py", "PYTHONINSPECT": "1",
               "PYTHONPATH": "/theirs", "PYTHONHOME": "/theirs"}
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "/cache")
    environ = environment.clean()
    assert not set(foreign) & set(environ)
    assert environ["PYTHONPYCACHEPREFIX"] == "/cache"
    assert environ["PYTHONUTF8"] == "1"
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(environment, "inside", lambda: True)
    environment.enter([])  # called with the environment's own Python
    assert not set(foreign) & set(os.environ)


CONFIG = """[global]
index-url = https://one.example/simple
extra-index-url =
    https://two.example/simple
    file:///three/simple
[install]
index-url = https://four.example/simple
"""


@pytest.mark.parametrize("text, environ, wanted", [
    ("", {}, {}),
    (CONFIG, {}, {"UV_DEFAULT_INDEX": "https://four.example/simple",
                  "UV_INDEX": "https://two.example/simple "
                              "file:///three/simple",
                  "UV_INDEX_STRATEGY": "unsafe-best-match"}),
    (CONFIG.partition("[install]")[0], {
        "PIP_INDEX_URL": "https://five.example/simple",
        "UV_INDEX": "theirs"},
     {"UV_DEFAULT_INDEX": "https://five.example/simple"})])
def test_uv_asks_the_indexes_that_pip_asks(tmp_path, monkeypatch, text,
                                           environ, wanted):
    """The main one, and those beside it, each as what it is."""
    for name in ("INDEX_URL", "EXTRA_INDEX_URL", "CONFIG_FILE"):
        monkeypatch.delenv("PIP_" + name, raising=False)
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_STRATEGY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    # else what this machine has set would be read, too
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    config = tmp_path / "pip" / "pip.conf"
    config.parent.mkdir()
    config.write_text(text)
    assert environment.mirror() == wanted


def test_nothing_but_the_standard_library_before():
    """What runs before `.venv` exists imports nothing that is installed."""
    commands = [f"commands.{path.stem}" for path in (
        environment.ROOT / "ci" / "commands").glob("[a-z]*.py")]
    assert len(commands) >= 12
    for name in ("__main__", "environment", *commands):
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", "import sys, runpy; sys.path."
             f"insert(0, '.'); runpy.run_module('ci.{name}', "
             "run_name='tried')"], capture_output=True, text=True,
            cwd=environment.ROOT)
        assert done.returncode == 0, done.stderr
