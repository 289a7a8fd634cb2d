"""Where the collection lies, and its data, each file checked."""

import functools
import hashlib
from pathlib import Path

from .messages import CourseError

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"


@functools.cache
def checksums(folder):
    """{name: digest} of the files under a folder, from its SHA256SUMS."""
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {name.lstrip("*"): digest for digest, name in pairs}


def data_file(name):
    """Path of a file under data/, after comparing it with its checksum.

    name: path relative to data/, with forward slashes.
    Raises CourseError if the file is missing, altered, or has no checksum.
    """
    path = DATA / name
    if not path.is_file():
        raise CourseError("data.missing", name=name)
    wanted = checksums(DATA).get(name)
    if wanted is None:
        raise CourseError("data.unlisted", name=name)
    if hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
        raise CourseError("data.altered", name=name)
    return path
