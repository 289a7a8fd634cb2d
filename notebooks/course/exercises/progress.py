"""What a learner has solved: `progress()`.

The kernel remembers it. In a live session (`python3 ci lab`, Binder, Colab)
build/progress.json does too, so that all chapters count together; elsewhere
nothing is written, and committed outputs depend on their chapter alone.
"""

import json
import os
from pathlib import Path

from .. import files, session
from ..messages import message
from . import entries, on_verdict

STATES = ("attempted", "solved")
FILE = files.ROOT / "build" / "progress.json"
_seen = {}  # id -> state, of this kernel


def _note(id, kind):
    """Remember a verdict; what was solved once stays so."""
    if kind == "blank":
        return
    _seen[id] = "solved" if kind == "right" else _seen.get(id, "attempted")
    if session.is_live():
        _write(_states())


on_verdict.append(_note)


def _stored():
    """What earlier sessions left; {} where there is nothing readable."""
    try:
        stored = json.loads(FILE.read_text("utf-8"))
        return {id: state for id, state in stored.items()
                if state in STATES}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _states():
    """What this kernel and, in a live session, earlier ones have seen."""
    stored = _stored() if session.is_live() else {}
    return {**stored, **{id: state for id, state in _seen.items()
                         if stored.get(id) != "solved"}}


def _write(states):
    """Replace the file in one step; without a place to write, do nothing."""
    part = FILE.with_suffix(f".{os.getpid()}.part")
    try:
        FILE.parent.mkdir(exist_ok=True)
        part.write_text(json.dumps(states, indent=1) + "\n", "utf-8")
        os.replace(part, FILE)
    except OSError:
        pass


def progress():
    """Print how many exercises are solved, and which are still open.

    In a live session of every chapter, else of this one.
    """
    states = _states()
    everything = session.is_live() or session.current.chapter is None
    for chapter in _chapters() if everything else [session.current.chapter]:
        found = entries.chapter_exercises(str(chapter))
        mine = [states.get(id) for id in found]
        print(message("progress.chapter", chapter=chapter, all=len(mine),
                      solved=mine.count("solved"),
                      attempted=mine.count("attempted")))
        if chapter != session.current.chapter:
            continue
        for id, entry in found.items():
            if states.get(id) != "solved":
                key = "progress." + states.get(id, "open")
                print(message(key, id=id, level=entry["level"]))


def _chapters():
    """The numbers of the chapters that have exercises."""
    folder = Path(__file__).parent
    return sorted(int(path.stem[7:]) for path in folder.glob("chapter*.py"))
