"""Who may import whom: the rules of the house, read from the imports.

Imports in `notebooks/course` point to the left of ROOMS. `broken` names each
import that a rule forbids, with its file and line.
"""
import ast
import re
import sys
from pathlib import Path

from ci import ROOT

ROOMS = (("messages",), ("files",), ("session",), ("display",),
         ("testing", "callbacks", "metrics"), ("claims",), ("exercises",),
         ("datasets",), ("models",), ("applications", "tools", "distributed"))
STEP = {room: step for step, rooms in enumerate(ROOMS) for room in rooms}
# what runs before anything is installed
FIRST = ("ci/__init__.py", "ci/__main__.py", "ci/environment.py",
         "ci/commands/")


def broken(root=ROOT):
    """["file:line: what it imports, and why it may not"] of a collection."""
    said = []
    for top in ("notebooks/course", "ci", "data"):
        for path in sorted((root / top).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            for line, module, at_top in imports(path, name):
                why = forbidden(name, module, at_top)
                if why:
                    said.append(f"{name}:{line}: imports {module}; {why}")
    return said


def imports(path, name):
    """[(line, "course.models.t5", whether at the top)] of a file.

    `from x import y` is x.y, which may be a module or something in one.
    """
    package = list(Path(name).parent.parts)
    if package[:1] == ["notebooks"]:
        package = package[1:]
    tree = ast.parse(path.read_text("utf-8"))
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level \
                else []
            base = ".".join(base + ([node.module] if node.module else []))
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}", id(node) in top


def forbidden(name, module, at_top):
    """Why a file may not import a module; None if it may."""
    first = module.split(".")[0]
    if name.startswith("notebooks/course/"):
        return in_course(name.removeprefix("notebooks/course/"), module)
    if name == "ci/grading/sandbox.py" and first == "ci":
        return "the sandbox knows nothing of ci"
    if at_top and name.startswith(FIRST) and not early(module):
        return "this runs before anything is installed"
    if name.startswith("ci/tests/"):
        found = re.search(r"(^|\.)test_\w+", module)
        if found and found[0].strip(".") != Path(name).stem and (
                first != "ci" or ".tests." in module):
            return "what several tests share stands in helpers.py"
    return None


def in_course(name, module):
    """The rules of notebooks/course, for the file of that name in it."""
    room, _, file = name.removesuffix(".py").partition("/")
    first, *rest = module.split(".")
    if first == "ci" or first.startswith("make_") or first == "ship":
        return "course knows nothing of ci and of data's scripts"
    if re.match(r"exercises/chapter\d", name) and first != "numpy" and (
            first not in sys.stdlib_module_names):
        return "exercises need NumPy and the standard library alone"
    if first != "course":
        return None
    if room == "plots":
        return None if rest[:1] == ["plots"] else (
            "plots get arrays, and know nothing of the rest")
    if name == "distributed/worker.py":
        return "a worker is a process that knows nothing of course"
    if name == "__init__.py" or rest[:1] == [room]:
        return None
    if not rest or rest[0] not in STEP:
        return "modules import the room itself, which stands to their left"
    if STEP[rest[0]] >= STEP[room]:
        return f"{rest[0]} does not stand to the left of {room}"
    return None


def early(module):
    """Whether a module is there before anything is installed."""
    first, *rest = module.split(".")
    if first != "ci":
        return first in sys.stdlib_module_names
    # `from ci import Stop` names no module; a file or a folder is one
    return not rest or rest[0] in ("environment", "commands") or not any(
        (ROOT / "ci" / (rest[0] + end)).exists() for end in ("", ".py"))
