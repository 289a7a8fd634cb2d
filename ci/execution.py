"""Executes a notebook with papermill, measures it, and refreshes it."""
import contextlib
import dataclasses
import datetime
import logging
import os
import re
import sys
import threading
import time
from pathlib import Path

import nbformat
import papermill
import psutil
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from ci import (
    BUILD, CHAPTERS, MEMORY_BUDGET, Stop, chapters, notebook)
from ci.quality import translation

MEASURED = re.compile(r"<!-- measured -->(.*?)<!-- /measured -->", re.S)
STEPS = (5, 10, 15, 20, 30, 40, 50, 60, 70, 75, 80, 90, 100, 120, 140, 160, 180,
         210, 240, 270, 300, 360, 420, 480, 540, 600)


@dataclasses.dataclass
class Result:
    """What one execution of a chapter gave. Seconds and bytes."""
    number: int
    output: Path  # the executed copy
    seconds: float = 0.0
    first_figure: float | None = None
    peak: int = 0
    slowest: list = dataclasses.field(default_factory=list)
    error: str | None = None  # one line, None if every cell was executed


class Engine(NBClientEngine):
    """papermill's engine, which writes the copy once, at the end.

    Writing it after each cell costs seconds that are not the chapter's. A
    kernel that dies, or never starts, becomes an error in the cell where.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **options):
        nb_man.save = lambda **_: None
        try:
            super().execute_managed_notebook(nb_man, kernel_name, **options)
        except (RuntimeError, CellTimeoutError) as error:
            cells = [c for c in nb_man.nb.cells if c.cell_type == "code"]
            begun = [c for c in cells if c.metadata.papermill["start_time"]]
            text = ("the kernel did not start" if not begun else
                    "the kernel died; out of memory?" if isinstance(
                        error, DeadKernelError) else first_line(str(error)))
            cell = (begun or cells)[-1]
            cell.execution_count = len(begun)
            cell.outputs.append(nbformat.v4.new_output(
                "error", ename="KernelError", evalue=text, traceback=[text]))
        finally:
            del nb_man.save


papermill_engines.register("ci", Engine)
# a kernel's own notices (how it talks, that it ends) are not the chapter's
QUIET = ["--IPKernelApp.log_level=50"]
logging.getLogger("papermill").setLevel(logging.CRITICAL)
# a kernel that dies may leave a callback behind; its death is told in a line
logging.getLogger("tornado.general").setLevel(logging.CRITICAL)
# after Ctrl-C nobody asks any more what became of a cell that was running
logging.getLogger("asyncio").setLevel(logging.CRITICAL)
# errors whose text says it all
PLAIN = ("CourseError", "KernelError")


def execute(number, source, output, parameters=None, cwd=None, bar=True):
    """Executes a chapter; the copy with all outputs goes to `output`.

    `source` is a path or a notebook. Errors in the notebook do not raise:
    they stand in the result, and in the copy.
    """
    nb = (nbformat.read(source, as_version=4)
          if isinstance(source, (str, Path)) else source)
    result = Result(number, Path(output))
    result.output.parent.mkdir(parents=True, exist_ok=True)
    title = "%d %s" % (number, CHAPTERS[number][0])
    progress = bar and {
        "desc": title[:30].ljust(30), "unit": "cell", "file": sys.stderr,
        "bar_format": "{desc} {bar} {n_fmt}/{total_fmt} cells, {elapsed}",
        "mininterval": 0.1 if sys.stderr.isatty() else 30}
    began = time.perf_counter()
    with peak_memory() as peak:
        try:
            papermill.execute_notebook(
                nbformat.from_dict(nb), literal(output), parameters or {},
                engine_name="ci", progress_bar=progress, cwd=cwd,
                start_timeout=120, extra_arguments=QUIET)
        except PapermillExecutionError as error:
            result.error = error.evalue if error.ename in PLAIN else (
                "%s: %s" % (error.ename, first_line(error.evalue)))
    result.seconds = time.perf_counter() - began
    result.peak = peak()
    measure(result, nbformat.read(output, as_version=4))
    return result


def literal(path):
    """A path for papermill, which reads {...} in it as a parameter."""
    return str(path).replace("{", "{{").replace("}", "}}")


def measure(result, nb):
    """Fills in what the executed copy tells."""
    began = when(nb.metadata.papermill["start_time"])
    cells, section, missing, failed = [], "", [], None
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            section = heading(cell.source) or section
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        label = "[%s] %s: %s" % (cell.execution_count or " ", section,
                                 first_line(cell.source, code=True))
        clock = cell.metadata.papermill
        cells.append((clock.get("duration") or 0.0, label))
        if any(out.output_type == "error" for out in cell.outputs):
            failed = failed or label
        elif cell.execution_count is None:
            missing.append(label)
        if result.first_figure is None and clock.get("end_time") and any(
                "image/png" in out.get("data", {}) for out in cell.outputs):
            result.first_figure = when(clock["end_time"]) - began
    result.slowest = sorted(cells, reverse=True)[:3]
    if failed and not result.error:  # sys.exit(0) is none to papermill
        result.error = "the cell ended the chapter"
    if missing and not failed:
        result.error = "%d of %d code cells were not executed" % (
            len(missing), len(cells))
        failed = missing[0]
    if result.error:
        result.error = "%s (in cell %s)" % (result.error, failed)


def when(stamp):
    """Seconds since 1970 of papermill's time stamps."""
    return datetime.datetime.fromisoformat(stamp).timestamp()


def heading(text):
    """The last heading of a markdown cell, without its Chinese half."""
    lines = [line for line in text.splitlines() if line.startswith("#")]
    return lines[-1].lstrip("#").split("·")[0].strip() if lines else ""


def first_line(text, code=False):
    """The first line that says something, shortened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()
             and not (code and line.lstrip().startswith(("#", "%")))]
    line = lines[0] if lines else ""
    return line if len(line) <= 60 else line[:57] + "..."


@contextlib.contextmanager
def peak_memory(interval=0.5):
    """Peak resident memory, in bytes, of what this process starts inside.

    A kernel with its children, sampled; Linux keeps each process's own peak
    (VmHWM) beside that, so a short one isn't missed. Pages that several
    processes share, as those of one library, are there once: on Linux each
    counts with its share (PSS), as a limit of a container counts them.
    """
    before = set(psutil.Process().children(recursive=True))
    highest, over = [0], threading.Event()

    def sample():
        total = 0
        for process in psutil.Process().children(recursive=True):
            if process in before:
                continue
            with contextlib.suppress(psutil.Error, OSError, StopIteration):
                if sys.platform != "linux":
                    total += process.memory_info().rss
                    continue
                total += process.memory_full_info().pss
                lines = Path("/proc/%d/status" % process.pid).read_text()
                own = next(line for line in lines.splitlines()
                           if line.startswith("VmHWM"))
                highest[0] = max(highest[0], int(own.split()[1]) * 1024)
        highest[0] = max(highest[0], total)

    def watch():
        while not over.wait(interval):
            sample()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: highest[0]
    finally:
        over.set()
        thread.join()


# ---- in place ----


def refresh(number, path, bar=True):
    """Executes one notebook and replaces it; Stop where it must not be.

    Its translation gets the outputs of the same execution.
    """
    nb = notebook.read(path)
    notebook.tidy(nb)
    if not MEASURED.search(nb.cells[0].source):
        raise Stop("Its first cell lacks <!-- measured --><!-- /measured -->.")
    other = translation.translated().get(number) if (
        path == chapters().get(number)) else None
    with in_all_languages(other is not None):
        result = execute(number, nb, BUILD / path.name, cwd=path.parent,
                         bar=bar)
    if result.error:
        raise Stop("%s; the copy with the error: %s"
                   % (result.error, result.output))
    nb = notebook.read(result.output)
    notebook.tidy(nb)
    for cell in nb.cells:
        for out in cell.get("outputs", []):
            if out.get("name") == "stderr":
                raise Stop("Cell [%s] writes to stderr: %s" % (
                    cell.execution_count, out.text.strip()[:200]))
    stamp(nb.cells[0], result.seconds, result.peak)
    if other is None:
        notebook.replace(path, nb)
        return
    nb, executed = translation.sides(nb)
    chinese, _ = translation.follow(nb, notebook.read(other))
    translation.take_outputs(chinese, executed)
    same_stamp(nb.cells[0], chinese.cells[0])
    notebook.replace(path, nb)
    notebook.replace(other, chinese)


@contextlib.contextmanager
def in_all_languages(wanted):
    """Kernels that start inside show each message in every language."""
    if wanted:
        os.environ["COURSE_LANGUAGE"] = "all"
    try:
        yield
    finally:
        os.environ.pop("COURSE_LANGUAGE", None)


def same_stamp(english, chinese):
    """Time and memory as the English title cell has them."""
    seconds, peak = re.findall(r"[\d.]+", MEASURED.search(
        english.source)[1])[:2]
    chinese.source = MEASURED.sub(
        lambda _: "<!-- measured -->约 %s 秒，%s GB，两个 CPU 核"
        "<!-- /measured -->" % (seconds, peak), chinese.source, count=1)


def stamp(cell, seconds, peak):
    """Writes time and memory into the title cell.

    What stands there stays if it is within a quarter (memory: a tenth of a
    GB, and within the budget), so that repeating it changes nothing.
    """
    old = re.search(r"About (\d+) s and ([\d.]+) GB", cell.source)
    same = old and abs(seconds / int(old[1]) - 1) < 0.25 and abs(
        peak / 1e9 - float(old[2])) <= 0.1
    if same and float(old[2]) <= MEMORY_BUDGET / 1e9:
        return
    nice = next((n for n in STEPS if n >= seconds * 0.97), round(seconds, -1))
    text = "About %d s and %.1f GB on two CPU cores" % (nice, peak / 1e9)
    cell.source = MEASURED.sub(
        lambda _: "<!-- measured -->%s<!-- /measured -->" % text,
        cell.source, count=1)
