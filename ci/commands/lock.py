"""`python3 ci lock`: the locks, from what is required.

Works without `.venv`: uv is fetched into a folder of its own. The versions of
the present locks are kept where they fit, unless --upgrade is given.
"""
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from ci import LAUNCH_LOCK, LOCK, ROOT, TEACHER_LOCK, Stop, environment

INPUTS = {LOCK: ("requirements.txt", "ci/locks/requirements.txt",
                 "ci/locks/requirements-model.txt"),
          TEACHER_LOCK: ("ci/locks/requirements-teacher.txt",),
          LAUNCH_LOCK: ("ci/locks/requirements-launch.txt",)}
OVERRIDES = "ci/locks/overrides.txt"
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin",
             "x86_64-pc-windows-msvc")
HELP = "write the locks in ci/locks anew from the requirements"
INSTALLS = False  # it works without .venv


def arguments(parser):
    parser.add_argument("--upgrade", action="store_true",
                        help="take the newest versions that fit")


def main(arguments):
    wanted = (ROOT / INPUTS[LOCK][1]).read_text(encoding="utf-8")
    pin = re.search(r"^uv==[\w.]+", wanted, re.M)
    if not pin:
        raise Stop("%s must pin uv, which makes the lock." % INPUTS[LOCK][1])
    with tempfile.TemporaryDirectory() as folder:
        helper = Path(folder) / "venv"
        venv.create(helper, with_pip=True)
        call(folder, environment.python(helper), "-m", "pip", "install", "-q",
             "--disable-pip-version-check", pin[0])
        uv = [environment.python(helper), "-m", "uv", "pip"]
        texts = {path: resolve(folder, uv, path, arguments.upgrade)
                 for path in INPUTS}
    for path, text in texts.items():
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
        print("ci/%s: %d packages, for Python %s on Linux, macOS and "
              "Windows." % (path.name, len(re.findall(
                  r"^[\w.-]+==", text, re.M)), ", ".join(PYTHONS)))
    return 0


def resolve(folder, uv, path, upgrade):
    """A lock's text: with hashes, and a wheel of each for every system."""
    draft = Path(folder) / path.name
    if path.exists():
        draft.write_bytes(path.read_bytes())
    call(folder, *uv, "compile", *INPUTS[path], "--universal",
         "--python-version", PYTHONS[0], "--generate-hashes",
         "--override", OVERRIDES, "--no-header", "-q", "-o", draft,
         *["--upgrade"] * upgrade)
    # a version may lack a wheel for one of the systems we promise
    for platform in PLATFORMS:
        for version in PYTHONS:
            call(folder, *uv, "install", "--dry-run", "-q",
                 "--require-hashes", "--no-deps", "--only-binary", ":all:",
                 "--target", Path(folder) / "none", "-r", draft,
                 "--python-platform", platform,
                 "--python-version", version)
    text = draft.read_text(encoding="utf-8")
    for line in text.splitlines():
        if "://" in line or line.startswith("-"):
            raise Stop("The lock would hold an address: " + line)
    return text


def call(folder, *command):
    """Runs it; Stop with its last words when it fails."""
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    if done.returncode:
        print(done.stdout.replace(str(folder), ""), file=sys.stderr)
        raise Stop("No lock was changed: see the lines above.")
