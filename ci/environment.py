"""Makes `.venv` from the hashed lock, once, and goes on inside it.

`.venv-teacher` and `.venv-launch` are made by the same functions, each from
a lock of its own.
`.venv/.ci` says what state it is in: the file is there from the first moment
(so a folder that somebody else made is never touched), and holds the key
(lock, Python, platform) only when everything is in place. Whatever was
interrupted has no key and is made anew.
"""
import ast
import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
import traceback

from ci import BUILD, LOCK, ROOT, VENV, Stop

STAMP = ".ci"
# what a person is told, and the signs of it in the installer's words
KNOWN = {
    "disk": "The disk is full: about 4 GB are needed. Make room and call "
            "again.",
    "hash": "A downloaded package differs from its lock in ci/ and was "
            "refused. Call again; if it stays so, don't trust the package "
            "index you use.",
    "net": "The package index can't be reached. Connect to the network and "
           "call again; what was downloaded is kept.",
}
SIGNS = {
    "disk": r"(?i)no space left|os error 28|not enough space",
    "hash": r"(?i)hash(es)? mismatch|do not match the hashes",
    "net": r"(?i)dns error|failed to (fetch|connect|lookup)|resolve host|"
           r"error sending request|tcp connect|timed? ?out|unreachable|"
           r"connection (refused|reset|error|aborted|broken)|newconnection",
}

# of PYTHON..., what changes no result
HARMLESS = {"PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE",
            "PYTHONUNBUFFERED", "PYTHONFAULTHANDLER"}
FOREIGN = re.compile(r"PYTHON|__PYVENV_LAUNCHER__$|JUPYTER_(CONFIG_)?PATH$|"
                     r"JUPYTER_PREFER_ENV_PATH$|JUPYTERLAB_DIR$")


def python(venv=VENV):
    """The interpreter of a virtual environment."""
    return (venv / "Scripts" / "python.exe" if os.name == "nt"
            else venv / "bin" / "python")


def inside():
    """Whether this process already runs in the collection's `.venv`."""
    return VENV.is_dir() and os.path.samefile(sys.prefix, VENV)


def key(lock=LOCK):
    """What an environment depends on, its place among it."""
    return {"lock": hashlib.sha256(lock.read_bytes()).hexdigest(),
            "python": "%d.%d" % sys.version_info[:2],
            "platform": sysconfig.get_platform()}


def explain(error):
    """One line for an OSError."""
    if error.errno == errno.ENOSPC:
        return "The disk is full: make room and call again."
    where = " (%s)" % error.filename if error.filename else ""
    return "%s%s" % (error.strerror or error, where)


def logged():
    """Writes the error that is handled with its traceback into a log.

    A full disk is no mistake of the code, but much else may be. Returns what
    the line about it says of the log; nothing where none could be written.
    """
    log = BUILD / "error.log"
    try:
        BUILD.mkdir(exist_ok=True)
        log.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError:
        return ""
    return " (its traceback: %s)" % log.relative_to(ROOT).as_posix()


def environment(venv=VENV):
    """Settings under which every command and kernel runs.

    Nothing is kept outside the folder, and nothing that the user has set up
    elsewhere (another Keras backend, Jupyter extensions) changes a result.
    """
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {
        "VIRTUAL_ENV": str(venv),
        "PATH": str(python(venv).parent) + os.pathsep + os.environ.get(
            "PATH", ""),
        "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1",
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_DATA_DIR": str(home / "jupyter" / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "jupyter" / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "KERAS_HOME": str(home / "keras"),
        "KERAS_BACKEND": "tensorflow",
        "MPLCONFIGDIR": str(VENV / "matplotlib"),
    }


def enter(words):
    """Goes on inside `.venv`, which is made or repaired before."""
    if inside():
        for name in set(os.environ) - set(clean()):
            del os.environ[name]
        os.environ.update(environment())
        return
    ensure()
    command = [str(python()), str(ROOT / "ci"), *words]
    sys.stdout.flush()
    if os.name == "nt":  # there exec returns to the prompt at once
        sys.exit(subprocess.call(command, env=clean()))
    os.execve(command[0], command, clean())


def ensure(venv=VENV, lock=LOCK):
    """`.venv` as the lock says; does nothing when it is so already."""
    if ready(venv, lock):
        return
    with only_one() as busy:
        if not ready(venv, lock):  # another call may have made it meanwhile
            make(busy, venv, lock)


def use(venv, lock):
    """Makes what an environment holds importable, behind our own packages."""
    ensure(venv, lock)
    folder = sysconfig.get_path("purelib", vars={
        "base": str(venv), "platbase": str(venv)})
    if folder not in sys.path:
        sys.path.append(folder)


def ready(venv=VENV, lock=LOCK):
    """Whether `.venv` is whole, made for this lock, and its Python starts."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if stamp.pop("place", None) != os.path.realpath(venv) or (
            stamp != key(lock)):
        return False
    try:
        prefix = subprocess.run(
            [str(python(venv)), "-c", "import sys; print(sys.prefix)"],
            timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=clean(venv),
            encoding="utf-8").stdout
        return os.path.samefile(prefix.strip(), venv)
    except (OSError, subprocess.TimeoutExpired):
        return False  # its Python was taken away by an upgrade


@contextlib.contextmanager
def only_one():
    """Lets one call install at a time; the system frees a dead call's lock."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / ".lock", "a+") as file:
        if os.name == "nt":
            import msvcrt

            def take():
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            def take():
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        told = False
        while True:
            try:
                take()
                break
            except OSError:
                if not told:
                    print("Another call is installing; waiting for it.",
                          flush=True)
                told = True
                time.sleep(0.5)
        yield file.fileno()


def make(busy, venv=VENV, lock=LOCK):
    """Makes an environment from nothing; the stamp comes last."""
    try:
        import ensurepip  # noqa: F401
        import venv as module  # noqa: F401
    except ImportError:
        raise Stop("This Python lacks venv; on Debian and Ubuntu: sudo apt "
                   "install python%d.%d-venv" % sys.version_info[:2])
    if not lock.is_file():
        raise Stop("ci/%s is missing; `python3 ci lock` writes it."
                   % lock.name)
    clear(venv)
    venv.mkdir()
    (venv / STAMP).write_text("{}\n")
    packages = len(re.findall(r"^[\w.-]+==", lock.read_text("utf-8"), re.M))
    print("First call: installing %d packages into %s (about %s)."
          % (packages, venv.name, "3 GB, a few minutes" if lock == LOCK
             else "350 MB, a minute"), flush=True)
    log = BUILD / "install.log"
    log.write_text("")
    install(venv, lock, log, busy)
    if lock == LOCK:  # else the first figure would warn that it takes time
        step("listing the fonts", [
            str(python(venv)), "-c", "import matplotlib.font_manager"], log,
            busy)
    text = json.dumps({**key(lock), "place": os.path.realpath(venv)}) + "\n"
    part = venv / (STAMP + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, venv / STAMP)
    print("Installed.", flush=True)


def clear(venv=VENV):
    """Takes an unfinished or outdated environment out of the way."""
    if venv.is_dir() and any(venv.iterdir()):
        if not (venv / STAMP).exists():
            raise Stop("%s was not made by this collection: move it away "
                       "and call again." % venv.name)
        # first aside, in one step: a half-deleted one would lack its stamp
        print("Removing the old %s (unfinished, moved, or for another "
              "lock or Python)." % venv.name, flush=True)
        os.rename(venv, BUILD / ("old-venv-%d" % os.getpid()))
    elif venv.is_symlink() or venv.is_file():
        raise Stop("%s is not a folder: move it away and call again."
                   % venv.name)
    elif venv.is_dir():
        venv.rmdir()
    for old in BUILD.glob("old-venv-*"):
        shutil.rmtree(old, ignore_errors=True)


def install(venv, lock, log, busy):
    """uv from pip, then everything with uv; with pip where uv can't be had."""
    def must(what, command, **more):
        why = step(what, command, log, busy, **more)
        if why:
            raise Stop(why)

    must("making " + venv.name, [sys.executable, "-m", "venv", str(venv)])
    own = str(python(venv))
    pip = [own, "-m", "pip", "--disable-pip-version-check",
           "install", "--no-input", "--require-hashes", "--no-deps", "-r"]
    # the lock is whole: what it leaves out (locks/overrides.txt) is not wanted
    uv = [own, "-m", "uv", "pip", "install", "--python", own,
          "--require-hashes", "--no-deps", "--compile-bytecode",
          "--color", "never", "-r", str(lock)]
    block = re.search(r"^uv==.*?(?=^\S|\Z)", lock.read_text("utf-8"),
                      re.M | re.S)
    only_uv = venv / "uv.txt"
    only_uv.write_text(block[0] if block else "", encoding="utf-8")
    why = "the lock has no uv"
    if block:
        why = step("getting uv", pip + [str(only_uv)], log, busy)
        if why in KNOWN.values():
            raise Stop(why)
        if not why:
            why = step("installing", uv, log, busy, environ=mirror(venv))
    if why in (KNOWN["disk"], KNOWN["hash"]):
        raise Stop(why)
    if why:  # a proxy or certificate that only pip knows, a rare system
        print("  uv could not (%s); trying with pip" % why, flush=True)
        must("installing", pip + [str(lock)])


def step(what, command, log, busy, environ=None):
    """Runs a command with its last line shown as it goes.

    Its whole output is added to `log`. `busy` is the lock file's descriptor:
    the command holds it too, so that after a kill of this process alone the
    next call waits for what goes on. Returns None, or why it failed, for a
    person.
    """
    began, live, last = time.monotonic(), sys.stdout.isatty(), [""]
    start = log.stat().st_size
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={**clean(), **(environ or {})},
        **({} if os.name == "nt" else {"pass_fds": [busy]}))

    def read():
        with open(log, "ab") as file, process.stdout:
            for line in process.stdout:
                file.write(line)
                last[0] = line.decode(errors="replace").strip() or last[0]

    def show(line):
        if live:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + line[:width].ljust(width), end="\r", flush=True)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            show("  %3d s  %s: %s" % (time.monotonic() - began, what, last[0]))
            time.sleep(0.2)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join(5)
        show("")
    if process.returncode == 0:
        print("  %3d s  %s" % (time.monotonic() - began, what), flush=True)
        return None
    said = log.read_bytes()[start:].decode(errors="replace")
    for name, pattern in SIGNS.items():
        if re.search(pattern, said):
            return KNOWN[name]
    return ("Failed while %s: %s (all of it: build/install.log)"
            % (what, last[0]))


def clean(venv=VENV):
    """The environment of what is started in `.venv`.

    Without what the user has set for another Python or Jupyter: a kernel of
    the same name there, asserts taken away, a start-up file.
    """
    kept = {name: value for name, value in os.environ.items()
            if name in HARMLESS or not FOREIGN.match(name)}
    return {**kept, **environment(venv), "UV_NO_PROGRESS": "1"}


def mirror(venv=VENV):
    """pip's own index settings, for uv, which does not read them.

    Of several indexes pip takes the best version, uv that of the first.
    """
    said = subprocess.run(
        [str(python(venv)), "-m", "pip", "config", "list"], text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env=clean()).stdout
    found = {}
    for section in ("global", "install", ":env:"):  # the last one counts
        found.update(re.findall(
            r"^%s\.((?:extra-)?index-url)=(.+)$" % section, said, re.M))
    wanted = {}
    for name, kind, more in (
            ("UV_DEFAULT_INDEX", "index-url", {}),
            ("UV_INDEX", "extra-index-url",
             {"UV_INDEX_STRATEGY": "unsafe-best-match"})):
        if kind in found and name not in os.environ:
            value = ast.literal_eval(found[kind])
            wanted.update({name: " ".join(value.split()), **more})
    return wanted
