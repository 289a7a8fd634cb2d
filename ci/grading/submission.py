"""Grades one submission, in a process of its own.

    python -m ci.grading.submission FILE RESULT COURSE CHAPTER

The student's cells run in sandbox.py, which knows no result. There the
functions get arguments and give back plain values; the points are decided
here, with the cases of the release and the hidden ones. First all cells, then
the cases that the student can see, last the hidden ones: what is shown was
said before the first hidden input was there.

RESULT is JSON: the points and the line of each exercise, notes, and the
notebook with its outputs as nbgrader takes it.
"""
import ast
import contextlib
import copy
import json
import os
import re
import selectors
import subprocess
import symtable
import sys
import time
from pathlib import Path

FILE_SIZE = 50 * 2**20  # bytes of a notebook
SOURCES = 500_000  # characters of all its cells
CELLS = 400
REPLY = 8 * 2**20  # bytes of one answer of the sandbox
CELL_SECONDS, CALL_SECONDS, ALL_SECONDS = 10, 5, 100
WALL = 4  # seconds by the clock for each of the processor's (sandbox.py)
GRACE = 3  # seconds more for a sandbox that should have stopped by itself
MEMORY = 2 * 2**30  # bytes, of the sandbox and of this process
STARTS = 25  # of sandboxes for one submission


NO_SANDBOX = 3  # exit status: nothing can be graded on this machine


class Gone(Exception):
    """The sandbox ended, or had to be ended; the text says why."""


class Late(Gone):
    """It was ended because its time was over."""


class Large(Exception):
    """A call held more megabytes than its exercise allows."""

    def __init__(self, held):
        known = isinstance(held, (int, float)) and 0 <= held < 1e6
        self.megabytes = held if known else 1e6


class NoSandbox(Exception):
    """It does not start: no student's code has run, the fault is ours."""


class Sandbox:
    """The other end of ci/grading/sandbox.py."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-s", "-E", str(Path(__file__).with_name(
                "sandbox.py")), str(folder), str(ALL_SECONDS), str(MEMORY)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.rest, self.number = b"", 0
        try:
            self.isolation = self.receive(20)["isolation"]
        except Gone:
            self.close()
            raise NoSandbox("the sandbox does not start")

    def ask(self, command):
        """The reply to a command, which bears its number; Gone if none comes.
        """
        self.number += 1
        line = json.dumps({**command, "number": self.number})
        try:
            self.process.stdin.write(line.encode() + b"\n")
        except OSError:
            raise Gone("ended its process")
        reply = self.receive(command["seconds"])
        if reply.get("number") != self.number:  # it belongs to another
            raise Gone("disturbed its process")
        return reply

    def receive(self, seconds):
        deadline = time.monotonic() + WALL * seconds + GRACE
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.rest:
                left = deadline - time.monotonic()
                if left <= 0 or not ready.select(left):
                    raise Late("stopped after %d seconds" % round(seconds))
                data = self.process.stdout.read(65536)
                if not data:
                    raise Gone("ended its process")
                self.rest += data
                if len(self.rest) > REPLY:
                    raise Gone("gave too large a result")
        line, _, self.rest = self.rest.partition(b"\n")
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            raise Gone("disturbed its process")
        if not isinstance(reply, dict):
            raise Gone("disturbed its process")
        return reply

    def close(self):
        """Ends it, and all that it started."""
        for end in (self.process.terminate, self.process.kill):
            if self.process.poll() is None:
                end()
            try:
                self.process.wait(5)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process.stdin.close()
        self.process.stdout.close()


class Submission:
    """One student's notebook of one chapter, and how it fares."""

    def __init__(self, course, chapter):
        self.folder = course / "source" / ("chapter-%d" % chapter)
        self.name = "%02d_exercises" % chapter
        release = course / "release" / self.folder.name / (
            self.name + ".ipynb")
        self.release = json.loads(release.read_text("utf-8"))
        self.language = self.release["metadata"].get("course", {}).get(
            "language", "en")
        self.ours = {cell["metadata"]["nbgrader"]["grade_id"]: cell
                     for cell in self.release["cells"]
                     if "nbgrader" in cell["metadata"]}
        self.notes, self.isolation = [], "none"
        self.private = {}  # id -> the hidden case that failed
        self.sandbox, self.starts = None, 0
        self.deadline = time.monotonic() + 2 * ALL_SECONDS
        self.slow = False  # whether time decided anything
        self.done = []  # commands that a new sandbox has to repeat

    # -- reading --

    def read(self, path):
        """The student's cells, [{cell_type, source, id}]; None if broken."""
        if path.is_symlink() or not path.is_file():
            return self.broken("is no plain file")
        if path.stat().st_size > FILE_SIZE:
            return self.broken("is larger than %d MB" % (FILE_SIZE >> 20))
        try:
            cells = [{"cell_type": cell["cell_type"],
                      "source": text_of(cell["source"]),
                      "id": grade_id(cell, self.ours)}
                     for cell in cells_of(json.loads(path.read_bytes()))
                     if cell["cell_type"] in ("code", "markdown", "raw")]
        except (ValueError, LookupError, TypeError, AttributeError,
                RecursionError, MemoryError):
            return self.broken("is no notebook that can be read")
        if len(cells) > CELLS or sum(
                len(cell["source"]) for cell in cells) > SOURCES:
            return self.broken("has too many cells or too much text")
        cells = self.of_a_chapter(cells)
        self.recognise(cells)
        for cell in cells:
            self.taken_as_code(cell)
        return [cell for cell in cells if cell["cell_type"] != "raw"]

    def taken_as_code(self, cell):
        """An answer whose cell became another kind, or stands in a raw one."""
        kind, names = cell["cell_type"], [graded(mine)[1] for mine in (
            self.ours.values()) if of_ours(mine, "grade")]
        mine = self.ours.get(cell["id"], {"metadata": {}})
        if kind == "code" or not (of_ours(mine, "solution") or (
                kind == "raw" and any(defines(name).search(cell["source"])
                                      for name in names))):
            return
        cell["cell_type"] = "code"
        fenced = re.findall(r"^```.*\n([\s\S]*?)^```", cell["source"], re.M)
        cell["source"] = "\n".join(fenced) or cell["source"]
        self.notes.append("%s: a %s cell, taken as code" % (
            cell["id"] or "an answer", kind))

    def of_a_chapter(self, cells):
        """Who answered in the chapter itself hands in its answers, and the
        definitions that they use, wherever these stand in it.

        Its checks are `check(ID, NAME)`; all else in it takes minutes.
        """
        if any(cell["id"] in self.ours for cell in cells):
            return cells
        from ci import chapters
        theirs = {same_text(cell["source"]) for cell in json.loads(
            chapters()[int(self.name[:2])].read_bytes())["cells"]}
        found, place = {}, {}
        for id, mine in self.ours.items():
            if not of_ours(mine, "grade"):
                continue
            exercise, name = graded(mine)
            called = re.compile(r"""^\s*check\(\s*["']%s["']"""
                                % re.escape(exercise), re.M)
            checks = [k for k, cell in enumerate(cells)
                      if called.search(cell["source"])]
            answer = "answer-" + id.partition("-")[2]
            blank = same_text(text_of(self.ours[answer]["source"]))
            places = [k for k, cell in enumerate(cells) if checks
                      and cell["cell_type"] != "markdown"
                      and defines(name).search(cell["source"])]
            # where a chapter defines what an exercise asks for is no answer
            own = [k for k in places if same_text(cells[k]["source"])
                   not in theirs and same_text(
                       without_calls(cells[k]["source"])) != blank]
            above = [k for k in own if k <= checks[-1]] if checks else []
            for k in (above or own or places[-1:])[-1:]:
                place[answer] = k
                found[answer] = without_calls(cells[k]["source"])
        if not found:
            return cells
        used = self.used_definitions(cells, place.values(), found.values())
        self.notes.append("a whole chapter: its answers alone were taken" + (
            ", with what they use: " + ", ".join(
                dict.fromkeys(name for _, names, _ in used for name in names))
            if used else ""))
        taken = []
        for id, mine in self.ours.items():
            while used and used[0][0] < place.get(id, -1):
                taken.append({"cell_type": "code", "id": None,
                              "source": used.pop(0)[2]})
            taken.append({"cell_type": mine["cell_type"], "id": id,
                          "source": found.get(id, text_of(mine["source"]))})
        return taken + [{"cell_type": "code", "id": None, "source": source}
                        for *_, source in used]

    def used_definitions(self, cells, places, answers):
        """[(place, names, source)] of the functions, classes, constants and
        imports outside of the answers that these use, and what they use.

        A cell of the chapter's may define them as well as one of one's own:
        where the answer was checked, both were there.
        """
        given = {name for cell in self.ours.values()
                 if cell["cell_type"] == "code"
                 and not of_ours(cell, "solution")
                 for node in parsed(text_of(cell["source"]))
                 for name in defined(node)}
        given |= {graded(cell)[1] for cell in self.ours.values()
                  if of_ours(cell, "grade")}
        there = [(k, defined(node), node) for k, cell in enumerate(cells)
                 if cell["cell_type"] == "code" and k not in places
                 for node in parsed(plain(cell["source"])) if defined(node)]
        wanted = {name for answer in answers for node in parsed(plain(answer))
                  for name in loaded(node)} - given
        taken = set()
        while more := [k for k, (_, names, _) in enumerate(there)
                       if k not in taken and wanted & set(names)]:
            taken.update(more)
            wanted |= {name for k in more for name in loaded(there[k][2])
                       } - given
        return [(there[k][0], there[k][1], ast.unparse(there[k][2]))
                for k in sorted(taken)]

    def recognise(self, cells):
        """Finds ours by their content, where neither mark nor id is left.

        An answer is the last cell before its check that defines its name.
        """
        there = {cell["id"] for cell in cells}
        missing = [id for id in self.ours if id not in there]
        unknown = {k: cell for k, cell in enumerate(cells)
                   if cell["id"] not in self.ours}
        found = []

        def take(id, candidates):
            for k in candidates:
                unknown.pop(k)["id"] = id
                found.append(id)
                return

        for id in missing:
            source = text_of(self.ours[id]["source"]).strip()
            if not of_ours(self.ours[id], "solution"):
                take(id, [k for k, cell in unknown.items()
                          if cell["source"].strip() == source])
        place = {cell["id"]: k for k, cell in enumerate(cells)}
        for id in missing:
            if of_ours(self.ours[id], "solution"):
                check = check_of(id)
                _, name = graded(self.ours[check])
                take(id, [k for k, cell in reversed(unknown.items())
                          if k < place.get(check, len(cells))
                          and defines(name).search(cell["source"])])
        if found:
            self.notes.append("known by their content: " + ", ".join(found))

    def broken(self, why):
        self.notes.append("the file " + why)
        return None

    def restored(self, cells):
        """The notebook to grade: their cells, and ours as they were."""
        ours = self.ours
        used, found, edited, missing = set(), [], [], []
        for cell in cells:
            id = cell["id"] if cell["id"] in ours else None
            if id in used:  # a copy of a cell is a cell of their own
                id = None
            used.add(id)
            if id is None:
                found.append(new_cell(cell["cell_type"], cell["source"]))
                continue
            mine = copy.deepcopy(ours[id])
            theirs = text_of(mine["source"])
            if mine["metadata"]["nbgrader"]["solution"]:
                mine["source"] = cell["source"]
            elif same_text(theirs) != same_text(cell["source"]):
                edited.append(id)
            found.append(mine)
            if id in edited and mine["cell_type"] == "code":
                added = statements_added(theirs, cell["source"])
                if added:  # an answer in its check's cell, an import
                    found.insert(len(found) - bool(of_ours(mine, "grade")),
                                 new_cell("code", added))
        for k, id in enumerate(ours):
            if id in used:
                continue
            missing.append(id)
            mine = copy.deepcopy(ours[id])
            before = list(ours)[:k]  # behind the nearest one of ours
            places = [i for i, cell in enumerate(found)
                      if of_ours(cell) in before]
            found.insert(places[-1] + 1 if places else 0, mine)
        for what, ids in (("edited", edited), ("missing", missing)):
            if ids:
                self.notes.append("%s, put back: %s" % (what, ", ".join(ids)))
        for k, cell in enumerate(found):
            cell["id"] = "cell-%d" % k
            cell["source"] = text_of(cell["source"])
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
        return found

    # -- the sandbox --

    def ask(self, command):
        """A reply, from a new sandbox if the last one is gone."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Late("came after the %d seconds of the whole notebook"
                       % ALL_SECONDS)
        try:
            if self.sandbox is None:
                self.start()
            return self.sandbox.ask(command)
        except BaseException as error:
            # whatever it was: a reply that comes later belongs to no one
            self.slow |= isinstance(error, Late)
            self.end()
            raise

    def start(self):
        """A sandbox in which all went before that went well."""
        self.starts += 1
        if self.starts > STARTS:
            raise Gone("ended its process too often")
        self.sandbox = Sandbox(self.folder)
        self.isolation = self.sandbox.isolation
        for command in list(self.done):
            try:
                self.sandbox.ask(command)
            except Gone:  # what ends it only now goes no further
                self.done.remove(command)
                self.end()
                return self.start()

    def end(self):
        if self.sandbox is not None:
            self.sandbox.close()
            self.sandbox = None

    def run(self, cell, number):
        """Runs one cell; its outputs are what it printed and its error.

        Returns the error, or "".
        """
        command = {"do": "run", "code": plain(cell["source"]),
                   "seconds": CELL_SECONDS}
        try:
            reply = self.ask(command)
            printed, error = said(reply, "printed"), said(reply, "error")
            if reply.get("slow") is True:
                self.slow = True
            else:
                self.done.append(command)
        except Gone as gone:
            printed, error = "", str(gone)
        cell["execution_count"] = number
        if len(printed) >= 2000:
            self.notes.append("cell %d: printed more than is kept" % number)
        if printed:
            cell["outputs"].append(stream(printed))
        if error:
            self.notes.append("cell %d: %s" % (number, error))
            cell["outputs"].append(stream("✗ " + error + "\n"))
        return error

    def keep(self, id, name):
        """What stands for an answer now: None, "blank", "value" or
        "function"."""
        command = {"do": "keep", "id": id, "name": name,
                   "seconds": CALL_SECONDS}
        try:
            reply = self.ask(command)
            self.done.append(command)
        except Gone:
            return None
        if reply.get("there") is not True:
            return None
        return "blank" if reply.get("blank") is True else (
            "function" if reply.get("callable") is True else "value")

    def remote(self, id, late=False):
        """A function that calls the student's in the sandbox.

        All its calls together have CALL_SECONDS of the processor. late: with
        what all cells together left, not with what was there at its check.
        """
        from course.exercises.calls import Stopped, named
        from course.exercises.values import decode, encode
        left = CALL_SECONDS

        def call(*arguments):
            return reply_to(arguments)

        def within(arguments, seconds=CALL_SECONDS, megabytes=None):
            """calls.within, where the student's function runs."""
            nonlocal left
            before, left = left, seconds
            try:
                return "value", reply_to(arguments, megabytes), ""
            except Large as large:
                return "large", large.megabytes, ""
            except Stopped:
                self.notes.pop()  # the verdict says it
                return "slow", None, ""
            except Exception as error:
                return "error", named(error), ""
            finally:
                left = before

        def reply_to(arguments, megabytes=None):
            nonlocal left
            try:
                reply = self.ask({"do": "call", "id": id, "seconds": left,
                                  "arguments": encode(arguments),
                                  "megabytes": megabytes, "late": late})
            except Gone as gone:
                self.notes.append("%s: %s" % (id, gone))
                if isinstance(gone, Late):
                    raise Stopped from None
                raise named_error("ProcessEnded", str(gone)) from None
            took = reply.get("took")
            left = max(0.1, left - (max(0, took) if isinstance(took, float)
                                     else 0))
            print(said(reply, "printed"), end="")
            if reply.get("kind") == "slow":
                self.slow = True
                self.notes.append("%s: stopped after %d seconds"
                                  % (id, CALL_SECONDS))
                raise Stopped
            if reply.get("kind") == "large":
                raise Large(reply.get("held"))
            if reply.get("kind") != "value":
                kind, _, text = said(reply, "error").partition(": ")
                if reply.get("kind") == "result":
                    self.notes.append("%s: %s" % (id, text))
                raise named_error(kind, text)
            if "arguments" in reply:  # as the student's function left them
                put_back(arguments, decode(reply["arguments"]))
            return decode(reply.get("value"))
        call.within = within
        return call

    # -- grading --

    def grade(self, path):
        """The result, for the submitted file."""
        sys.path.insert(0, str(self.folder))
        from course.exercises.entries import exercise
        cells = self.read(path)
        lost = cells is None
        there = {cell["id"] for cell in cells or []}
        cells = self.restored([] if lost else cells)
        if lost:
            self.notes = self.notes[:1]
        checks, number, failed = [], 0, {}
        for cell in cells:
            if cell["cell_type"] != "code":
                continue
            number += 1
            cell["execution_count"] = number
            if not of_ours(cell, "grade"):
                # what another cell defines is not to be hidden by a blank
                if not lost and not self.untouched(cell):
                    failed[of_ours(cell)] = self.run(cell, number)
                continue
            id, name = graded(cell)
            checks.append((cell, id, "unreadable" if lost else
                           self.keep(id, name)))
        by_id = {of_ours(cell): cell for cell in cells if of_ours(cell)}
        checks = [self.at_the_end(check, by_id, there) for check in checks]
        entries = [exercise(id) for _, id, _ in checks]
        shown = [self.failed(check, failed) or self.verdict(check, entry)
                 for check, entry in zip(checks, entries)]
        result = self.points(checks, entries, shown)
        self.end()
        return {"exercises": result, "notes": self.notes, "notebook": {
            **self.release, "cells": cells}, "isolation": self.isolation,
            "private": self.private, "slow": self.slow,
            "language": self.language}

    def untouched(self, cell):
        """Whether it is a blank as it was handed out."""
        mine = self.ours.get(of_ours(cell))
        return bool(mine and of_ours(mine, "solution") and same_text(
            text_of(mine["source"])) == same_text(cell["source"]))

    def at_the_end(self, check, by_id, there):
        """A check whose answer may stand below it; notes what was found."""
        cell, id, state = check
        if state == "unreadable":
            return check
        _, name = graded(cell)
        answer = "answer-" + of_ours(cell).partition("-")[2]
        if state != "function":
            last = self.keep(id, name)
            state = last if last == "function" or state is None else state
        if self.untouched(by_id[answer]):
            if state == "function":
                self.notes.append("%s: empty; the answer was found in "
                                  "another cell" % answer)
            else:
                state = "blank" if answer in there else "lost"
        elif state in (None, "value"):
            self.notes.append("%s: there is no function %s" % (id, name))
        return cell, id, state

    def failed(self, check, failed):
        """The verdict where the cell of an answer failed before its function
        was there: that error."""
        from course.messages import message
        cell, id, state = check
        error = failed.get("answer-" + of_ours(cell).partition("-")[2])
        if state is None and error:
            return "wrong", message("check.cell_failed", id=id, error=error)

    def verdict(self, check, entry):
        """(kind, text) on an entry's cases."""
        from course.exercises.judging import judge
        from course.messages import message
        _, id, state = check

        def of(answer):
            # the sandbox keeps the time; an alarm here would cut it off
            return judge(id, entry, answer, CALL_SECONDS,
                         contextlib.nullcontext)

        if state in ("lost", "unreadable"):
            return "blank", message("check." + state, id=id)
        if state is None:
            return "wrong", message("check.no_function", id=id,
                                    name=graded(check[0])[1])
        if state != "function":
            return of(None if state == "blank" else 0)
        notes = len(self.notes)
        kind, text = of(self.remote(id))
        if kind == "wrong" and self.redefined(id):
            said = self.notes[notes:]
            again = of(self.remote(id, late=True))
            del self.notes[notes:]
            if again[0] == "right":
                return again
            self.notes += said
        return kind, text

    def redefined(self, id):
        """Whether cells below a check define anew what was there."""
        try:
            return self.ask({"do": "redefined", "id": id,
                             "seconds": CALL_SECONDS}).get("changed") is True
        except Gone:
            return False

    def points(self, checks, entries, shown):
        """Points and line of each exercise; fills in the checks' outputs."""
        from course.exercises.entries import POINTS, read_cases
        from course.messages import message
        chapter = int(self.name[:2])
        hidden = read_cases(
            self.folder.parents[1] / "hidden" / ("hidden%d.json" % chapter))
        result = {}
        for check, entry, (kind, text) in zip(checks, entries, shown):
            cell, id, _ = check
            if kind == "right":
                again = {key: entry[key] for key in entry if key != "large"}
                kind, why = self.verdict(check, {**again, **hidden[id]})
                if kind != "right":
                    self.private[id] = why  # for the teacher alone
                    text = message("check.hidden", id=id)
            if kind == "blank" and check[2] in ("lost", "unreadable"):
                kind = check[2]
            points = POINTS[entry["level"]]
            got = points if kind == "right" else 0
            cell["outputs"] = [stream(text + "\n"), {
                "output_type": "execute_result", "metadata": {},
                "execution_count": cell["execution_count"],
                "data": {"text/plain": str(got)}}]
            result[id] = {"points": got, "of": points, "kind": kind,
                          "text": text.splitlines()[0]}
        return result


def put_back(mine, theirs):
    """Gives arguments the values that the student's function left in them."""
    if isinstance(mine, list):
        mine[:] = theirs
    elif isinstance(mine, dict):
        mine.clear()
        mine.update(theirs)
    elif isinstance(mine, tuple):
        for part, now in zip(mine, theirs):
            put_back(part, now)
    elif hasattr(mine, "__setitem__"):
        mine[...] = theirs  # an array


def named_error(kind, text):
    """An exception of the student's, told by its name."""
    kind = kind if kind.isidentifier() else "Error"
    return type(kind, (Exception,), {})(text)


def said(reply, key):
    """A text of a reply, in bounds, without control characters."""
    text = reply.get(key)
    text = text[:4000] if isinstance(text, str) else ""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text)


def text_of(source):
    """A cell's source, which may be a list of lines."""
    text = source if isinstance(source, str) else "".join(source)
    return re.sub(r"[\ud800-\udfff]", "?", text)


def grade_id(cell, ours):
    """What a cell is: by nbgrader's mark, else by the id that we gave it.

    Some programs keep only one of the two; Colab moves the id.
    """
    for keys in (["metadata", "nbgrader", "grade_id"], ["id"],
                 ["metadata", "id"]):
        found = cell
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, str) and found in ours:
            return found
    return None


def cells_of(notebook):
    """A notebook's cells; nbformat 3 kept them on sheets, with an input."""
    if "worksheets" in notebook:
        return [{"metadata": {}, **cell,
                 "source": cell.get("source", cell.get("input", "")),
                 "cell_type": cell["cell_type"].replace("heading", "markdown")
                 } for sheet in notebook["worksheets"]
                for cell in sheet["cells"]]
    return notebook["cells"]


def same_text(source):
    """A cell without what an editor changes by itself: the ends of lines."""
    return "\n".join(line.rstrip() for line in text_of(
        source).strip().splitlines())


def without_calls(source):
    """A cell without its calls of what only the chapter has: `check`, ..."""
    calls = ("check", "hint", "solution", "use", "case", "progress")
    drop = {line for node in parsed(plain(source))
            for value in [getattr(node, "value", None)]
            if isinstance(value, ast.Call)
            and getattr(value.func, "id", "") in calls
            for line in range(node.lineno, node.end_lineno + 1)}
    lines = plain(source).splitlines() if drop else source.splitlines()
    if not drop:  # no Python: by the look of its lines
        drop = {k for k, line in enumerate(lines, 1) if re.match(
            r"(%s)\(.*\)\s*$" % "|".join(calls), line)}
    return "\n".join(line for k, line in enumerate(lines, 1)
                     if k not in drop and not re.match(
                         r"# (%s)\(" % "|".join(calls), line)).strip()


def statements_added(ours, theirs):
    """What a student wrote into a cell of ours, without our own lines."""
    known = {ast.dump(node) for node in parsed(ours)}
    return "\n".join(
        ast.unparse(node) for node in parsed(plain(theirs))
        if ast.dump(node) not in known and not (
            isinstance(node, ast.Expr) and not isinstance(
                node.value, ast.Await)))


def parsed(source):
    """The statements of a cell; none where it is no Python."""
    with contextlib.suppress(SyntaxError, ValueError, RecursionError,
                             MemoryError):
        return ast.parse(source).body
    return []


def loaded(node):
    """The names that a statement takes from outside of itself."""
    def of(table):
        names = {name.get_name() for name in table.get_symbols()
                 if name.is_referenced()
                 and (name.is_global() or table.get_type() == "module")}
        return names.union(*map(of, table.get_children()))
    return of(symtable.symtable(ast.unparse(node), "cell", "exec"))


def defined(node):
    """The names that a function, class, import or constant defines; [] of
    any other statement, and of a result of a call.
    """
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef,
                         ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [name.asname or name.name.partition(".")[0]
                for name in node.names]
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and (
            isinstance(node.value, ast.Lambda) or node.value and not any(
                isinstance(part, (ast.Call, ast.Await))
                for part in ast.walk(node.value))):
        return [part.id for target in (
            node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, (ast.Name, ast.Tuple))
            for part in ast.walk(target) if isinstance(part, ast.Name)]
    return []


def graded(cell):
    """(id, name of the function) that a check's cell hands in."""
    return re.match(r'grade\("([\w.]+)", (\w+)\)',
                    text_of(cell["source"])).groups()


def check_of(answer):
    """answer-fold -> check-fold."""
    return "check-" + answer.partition("-")[2]


def defines(name):
    """What a cell with an answer of that name has at a line's beginning."""
    return re.compile(r"^(async )?def %s\b|^%s *=" % (name, name), re.M)


def of_ours(cell, key="grade_id"):
    return cell["metadata"].get("nbgrader", {}).get(key)


def new_cell(kind, source):
    cell = {"cell_type": kind, "metadata": {}, "source": source}
    return {**cell, "outputs": [], "execution_count": None} if (
        kind == "code") else cell


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def plain(source):
    """A cell as Python: IPython's own syntax becomes calls of a stand-in.

    Of a cell that another program would run (%%bash) nothing is left; one
    that is only measured (%%time) keeps what it runs.
    """
    magic = re.match(r"\s*%%(\w*).*\n?", source)
    if magic:
        if magic[1] not in ("time", "timeit", "capture", "prun"):
            return ""
        source = source[magic.end():]
    try:
        compile(source, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        from IPython.core.inputtransformer2 import TransformerManager
        with contextlib.suppress(Exception):
            return TransformerManager().transform_cell(source)
    return source


def main(words):
    path, result, course, chapter = words
    try:
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        pass
    try:
        graded = Submission(Path(course), int(chapter)).grade(Path(path))
    except NoSandbox as error:
        print(error, file=sys.stderr)
        return NO_SANDBOX
    part = Path(result).with_suffix(".part")
    part.write_text(json.dumps(graded), encoding="utf-8")
    os.replace(part, result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
