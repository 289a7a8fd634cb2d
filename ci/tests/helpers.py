"""What several tests share: small collections to try commands on, refusals."""
import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ci import ROOT

BINDER = 2e9  # bytes of memory, where Binder cuts off
# chapters that `ci test --all` runs as an older processor would
OLDER = {6: {"OPENBLAS_CORETYPE": "Nehalem"},
         8: {"TF_ENABLE_ONEDNN_OPTS": "0"}}


def shipped():
    """Names of the collection's files, as git lists them.

    Where it came as a ZIP: of all that .gitignore does not name.
    """
    if (ROOT / ".git").exists():
        return subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, text=True,
            capture_output=True).stdout.strip("\0").split("\0")
    patterns = (ROOT / ".gitignore").read_text("utf-8").split()

    def ignored(path):
        return any(fnmatch(path.name, pattern.strip("/")) and (
            pattern[0] != "/" or path.parent == ROOT) for pattern in patterns)

    found = []
    for top, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders
                      if not ignored(Path(top, name))]
        found += [Path(top, name).relative_to(ROOT).as_posix()
                  for name in files if not ignored(Path(top, name))]
    return found


def clone(folder):
    """The collection's files in a folder, with this environment."""
    for name in shipped():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    return folder


def code(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)} if tags
                         else {})


class Project:
    """A collection of its own in a folder, with this one's `ci`."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(ROOT / "ci", folder / "ci", ignore=lambda *_: [
            "tests", "__pycache__"])
        (folder / "notebooks").mkdir()

    def notebook(self, name, *cells):
        """Writes a chapter: title, parameters and `cells`; its path."""
        nb = new_notebook(
            cells=[new_markdown_cell(
                "# 1 Title\n\n<!-- measured --><!-- /measured -->"),
                code("SEED = 0  # any whole number", "parameters"), *cells],
            metadata={"kernelspec": {"name": "python3", "language": "python",
                                     "display_name": "Python 3"}})
        path = self.folder / "notebooks" / name
        nbformat.write(nb, path)
        return path

    def command(self, *words):
        return [sys.executable, str(self.folder / "ci"), *words]

    def ci(self, *words, timeout=300, **options):
        """Runs `python3 ci WORDS`; text of stdout and stderr, exit status."""
        return subprocess.run(
            self.command(*words), capture_output=True, text=True,
            encoding="utf-8", stdin=subprocess.DEVNULL, timeout=timeout,
            cwd=self.folder, **options)


def refused(action, *arguments):
    """The one line of the CourseError that the action ends in."""
    from course import CourseError
    with pytest.raises(CourseError) as caught:
        action(*arguments)
    text = str(caught.value)
    assert text.strip() and "\n" not in text
    assert caught.value._render_traceback_() == [f"CourseError: {text}"]
    return text


def change(checkpoint, edit):
    """Rewrites a checkpoint's weights after `edit` changed their dict."""
    from safetensors.numpy import load_file, save_file
    path = checkpoint / "model.safetensors"
    tensors = load_file(path)
    edit(tensors)
    save_file(tensors, path, {"format": "pt"})
