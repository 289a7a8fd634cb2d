"""`python3 ci lock`: ci/lock.txt from requirements.txt and ci/requirements.txt.

Works without `.venv`: uv is fetched into a folder of its own. The versions of
the present lock are kept where they fit, unless --upgrade is given.
"""
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from ci import LOCK, ROOT, Stop, bootstrap

INPUTS = ("requirements.txt", "ci/requirements.txt")
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin",
             "x86_64-pc-windows-msvc")


def main(arguments):
    wanted = (ROOT / INPUTS[1]).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        helper = Path(folder) / "venv"
        venv.create(helper, with_pip=True)
        call(folder, bootstrap.python(helper), "-m", "pip", "install", "-q",
             "--disable-pip-version-check",
             re.search(r"^uv==[\w.]+", wanted, re.M)[0])
        uv = [bootstrap.python(helper), "-m", "uv", "pip"]
        draft = Path(folder) / "lock.txt"
        if LOCK.exists():
            draft.write_bytes(LOCK.read_bytes())
        call(folder, *uv, "compile", *INPUTS, "--universal",
             "--python-version", PYTHONS[0], "--generate-hashes",
             "--no-header", "-q", "-o", draft,
             *["--upgrade"] * arguments.upgrade)
        # a version may lack a wheel for one of the systems we promise
        for platform in PLATFORMS:
            for version in PYTHONS:
                call(folder, *uv, "install", "--dry-run", "-q",
                     "--require-hashes", "--only-binary", ":all:",
                     "--target", Path(folder) / "none", "-r", draft,
                     "--python-platform", platform,
                     "--python-version", version)
        text = draft.read_text(encoding="utf-8")
        for line in text.splitlines():
            if "://" in line or line.startswith("-"):
                raise Stop("The lock would hold an address: " + line)
    part = LOCK.with_suffix(".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, LOCK)
    print("ci/lock.txt: %d packages, for Python %s on Linux, macOS and "
          "Windows." % (len(re.findall(r"^[\w.-]+==", text, re.M)),
                        ", ".join(PYTHONS)))
    return 0


def call(folder, *command):
    """Runs it; Stop with its last words when it fails."""
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    if done.returncode:
        print(done.stdout.replace(str(folder), ""), file=sys.stderr)
        raise Stop("The lock was not changed: see the lines above.")
