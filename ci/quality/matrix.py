"""The chapters under other processors' settings, other seeds, other Pythons,
and as on Colab; a table of what differs.

Each chapter of each row is executed once, by a process of its own, into
`build/matrix/ROW/`, and kept: a second call goes on where the first was
stopped, and runs again only what changed. `ci refresh --tolerances` takes
the spread of each cell's numbers from these runs.
"""
import concurrent.futures
import copy
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from nbformat.v4 import new_notebook

from ci import (
    BUILD, LOCK, MEMORY_BUDGET, NOTEBOOKS, ROOT, Stop, chapters, environment,
    notebook, select)
from ci.execution import execute, peak_memory
from ci.quality import measured, translation

KEPT = BUILD / "matrix"
# what each row sets; these rows must print what is committed
SAME = {
    "as is": {},
    "oneDNN off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "OpenBLAS Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "OpenBLAS SkylakeX": {"OPENBLAS_CORETYPE": "SkylakeX"},
    "OpenBLAS Nehalem": {"OPENBLAS_CORETYPE": "Nehalem"},
    "one core": {},
    "Run All twice": {},
    "Python 3.11": {}, "Python 3.12": {}, "Python 3.13": {},
    "ZIP": {},
    # nothing can be made there, not even by root
    "unwritable HOME": {"HOME": "/proc/home"},
    "Chinese": {},
}
SEEDS = {"seed %d" % seed: seed for seed in (1, 2, 3)}
OTHERS = ("each cell again", "Colab")
ROWS = (*SAME, *SEEDS, *OTHERS)


def main(arguments):
    chosen = select(arguments.chapters)
    rows = [row for row in ROWS if not arguments.row or row in arguments.row]
    unknown = set(arguments.row) - set(ROWS)
    if unknown:
        raise Stop("There is no row %s; there is %s." % (
            ", ".join(sorted(unknown)), ", ".join(ROWS)))
    lacking = {row: why for row in rows if (why := impossible(row))}
    rows = [row for row in rows if row not in lacking]
    run(rows, chosen, arguments.again, arguments.jobs)
    return report(rows, chosen, lacking)


def run(rows, chosen, again=False, jobs=1):
    """Runs the chapters of these rows that are not kept, or all of them."""
    work = [(row, number) for row in rows for number in chosen
            if again or not kept(row, number)]
    for row in dict(work):
        prepare(row)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        started = {pool.submit(start, *job): job for job in work}
        try:
            for k, job in enumerate(
                    concurrent.futures.as_completed(started)):
                row, number = started[job]
                print("%3d of %d  %s, chapter %d: %s" % (
                    k + 1, len(work), row, number, summary(
                        row, number, job.result())), flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


# what a row needs


def impossible(row):
    """Why a row can't be had on this machine; None if it can."""
    if row == "OpenBLAS SkylakeX" and "avx512f" not in flags():
        return "this processor has no AVX-512"
    if row.startswith("OpenBLAS") and platform.machine() not in (
            "x86_64", "AMD64"):
        return "these are names of x86 processors"
    if row == "one core" and not hasattr(os, "sched_setaffinity"):
        return "this system can't bind a process to a core"
    if row.startswith("Python") and not interpreter(row):
        return row + " is not installed"
    if row == "Chinese" and len(translation.translated()) < len(chapters()):
        return "not every chapter is translated"
    return None


def path_of(row, number):
    """The notebook that a row runs, and must print as it is committed."""
    return (translation.path_of(number) if row == "Chinese"
            else chapters()[number])


def flags():
    """What the processor can do, as Linux lists it; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    return set(re.search(r"^flags\s*:(.*)", text, re.M)[1].split())


def interpreter(row):
    """The Python of a row: (path, its own "3.12"), or None."""
    wanted = row.removeprefix("Python ")
    if wanted == "%d.%d" % sys.version_info[:2]:
        return sys.executable
    found = shutil.which("python" + wanted)
    if found and not subprocess.run(
            [found, "-c", ""], stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode:
        return found
    # pyenv's launchers refuse versions that are not the chosen one
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    there = sorted(root.glob("versions/%s.*/bin/python3" % wanted))
    return str(there[-1]) if there else None


def prepare(row):
    """Makes the environment or the copy that a row needs."""
    if row.startswith("Python") and interpreter(row) != sys.executable:
        python_of(row)
    if row == "ZIP":
        unpack(place(row) / "collection")


def python_of(row):
    """The Python of an environment made from the lock; made once."""
    venv = KEPT / row.replace(" ", "-").lower()
    own, stamp = environment.python(venv), venv / "lock"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return own
    print("Making %s for the matrix." % row, flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    uv = [sys.executable, "-m", "uv"]
    for command in (
            [*uv, "venv", "-q", "--python", interpreter(row), str(venv)],
            [*uv, "pip", "install", "-q", "--python", str(own),
             "--require-hashes", "-r", str(LOCK)]):
        done = subprocess.run(command, env=os.environ | environment.mirror(),
                              capture_output=True, text=True)
        if done.returncode:
            raise Stop("%s could not be set up: %s" % (
                row, (done.stderr.strip().splitlines() or ["no word"])[-1]))
    stamp.write_text(digest)
    return own


def unpack(folder):
    """The collection as its ZIP download has it: no `.git`."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)


def tracked():
    """Names of the collection's files, relative to its root."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT,
                          capture_output=True, text=True)
    if done.returncode == 0:
        return [name for name in done.stdout.split("\0")
                if name and (ROOT / name).is_file()]
    return [path.relative_to(ROOT).as_posix()
            for top in ROOT.iterdir() if top.name not in (
                "build", ".git") and not top.name.startswith(".venv")
            for path in ([top] if top.is_file() else top.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts]


# one chapter of one row


def place(row):
    return KEPT / "rows" / row.replace(" ", "-").lower()


def key(row, number):
    """What the outputs of a chapter of a row depend on."""
    sources = [cell.source for _, cell in notebook.code_cells(
        notebook.read(number))]
    files = [LOCK, ROOT / "data" / "SHA256SUMS", *(
        path for path in sorted((NOTEBOOKS / "course").rglob("*"))
        if path.suffix in (".py", ".csv", ".txt"))]
    if row == "Colab":
        files.append(ROOT / "ci" / "locks" / "requirements-colab.txt")
    parts = ["\0".join(sources).encode()]
    parts += [path.read_bytes() for path in files if path.is_file()]
    return hashlib.sha256(b"\0\0".join(parts)).hexdigest()


def kept(row, number):
    """What a run gave, if it is there and nothing has changed since."""
    path = place(row) / ("%d.json" % number)
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if found["key"] == key(row, number) else None


def start(row, number):
    """Runs one chapter of a row in a process of its own; what it gave."""
    place(row).mkdir(parents=True, exist_ok=True)
    python = sys.executable
    if row.startswith("Python") and interpreter(row) != sys.executable:
        python = python_of(row)
    cwd = place(row) / "collection" if row == "ZIP" else ROOT
    environ = {**environment.clean(), **SAME.get(row, {})}
    environ["PATH"] = str(Path(python).parent) + os.pathsep + environ["PATH"]
    output = place(row) / ("%d.json" % number)
    output.unlink(missing_ok=True)
    bind = {} if row != "one core" else {
        "preexec_fn": lambda: os.sched_setaffinity(
            0, {min(os.sched_getaffinity(0))})}
    done = subprocess.run(
        [str(python), "-m", "ci.quality.matrix", row, str(number),
         str(output.with_suffix(".ipynb"))], cwd=cwd, env=environ,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, **bind)
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        found = {"error": ended(done), "seconds": 0, "peak": 0}
    found["key"] = key(row, number)
    output.write_text(json.dumps(found) + "\n", encoding="utf-8")
    return found


def ended(done):
    """How a process ended that gave no result."""
    how = "exit status %d" % done.returncode
    if done.returncode < 0:
        how = "signal " + signal.Signals(-done.returncode).name
    last = (done.stderr.strip().splitlines() or ["no word"])[-1]
    return "%s: %s" % (how, last)


def one(row, number, output):
    """Executes a chapter as the row says, in this process."""
    path = path_of(row, number)
    if row == "Colab":
        from ci import colab
        with peak_memory() as peak:
            troubles, seconds = colab.run_chapter(number, output)
        return {"error": None, "troubles": troubles, "peak": peak(),
                "seconds": round(seconds, 1)}
    nb = notebook.read(path)
    parameters = {"SEED": SEEDS[row]} if row in SEEDS else None
    if row == "Run All twice":
        nb = followed(nb, nb.cells)
    elif row == "each cell again":
        nb = followed(nb, [c for c in nb.cells[::-1]
                           if c.cell_type == "code"])
        for cell in nb.cells:
            if cell.id.startswith("again-"):  # go on after an error
                cell.metadata.setdefault("tags", []).append(
                    "raises-exception")
    result = execute(number, nb, output, parameters, cwd=path.parent,
                     bar=False)
    return {"error": result.error, "seconds": round(result.seconds, 1),
            "peak": result.peak}


def followed(nb, cells):
    """A copy of a notebook with copies of `cells` behind."""
    nb, cells = copy.deepcopy(nb), copy.deepcopy(list(cells))
    for k, cell in enumerate(cells):
        cell.id = "again-%d" % k
    nb.cells += cells
    return nb


# what came out


def found(row, number):
    """What is wrong with a chapter of a row: a list of lines."""
    result = kept(row, number)
    committed = notebook.read(path_of(row, number))
    path = place(row) / ("%d.ipynb" % number)
    ran = path.is_file() and notebook.read(path)
    said = []
    if result is None:
        return ["the collection has changed since it ran: call again"]
    if row == "each cell again" and ran:
        return ["a cell can't be run again: %s: %s (%s)" % (
            out.ename, out.evalue.strip().splitlines()[0][:80]
            if out.evalue.strip() else "", cell.source.strip()
            .splitlines()[0][:60]) for cell in ran.cells
            for out in cell.get("outputs", [])
            if out.output_type == "error"]
    if row == "Colab" and not result["error"]:
        return result["troubles"]
    if result["error"]:
        said.append(result["error"])
    elif row in SEEDS:
        was, now = map(notebook.verdicts, (committed, ran))
        said += ["claim %s: %s is committed, here it %s" % (
            id, was[id], now.get(id)) for id in was if was[id] != now.get(id)]
    elif row in SAME:
        cells = ran.cells
        if row == "Run All twice":
            cells = cells[-len(committed.cells):]
        else:
            cells = own_cells(ran)
        differ = measured.chapter(committed, new_notebook(cells=cells))
        said += ["cell %d: %s" % (k, line) for k in differ
                 for line in differ[k][:3]]
    return said


def own_cells(nb):
    """The chapter's cells, without the one that papermill puts in."""
    return [cell for cell in nb.cells
            if "injected-parameters" not in notebook.tags(cell)]


def peak(row, number):
    """Bytes; 0 for a run that is not kept."""
    return (kept(row, number) or {"peak": 0})["peak"]


def summary(row, number, result):
    return "%s, %.0f s, %.2f GB" % (
        result["error"] or "ran", result["seconds"], result["peak"] / 1e9)


def report(rows, chosen, lacking):
    """Prints the table and what differs; writes both; 1 if anything does."""
    wrong = {(row, number): found(row, number)
             for row in rows for number in chosen}
    big = [(row, number) for row, number in wrong
           if peak(row, number) > MEMORY_BUDGET]
    lines = ["| row | " + " | ".join("chapter %d" % n for n in chosen) + " |",
             "|---" * (len(chosen) + 1) + "|"]
    for row in rows:
        texts = []
        for number in chosen:
            result, said = kept(row, number), wrong[row, number]
            texts.append("%d, %.2f GB, %.0f s" % (
                len(said), peak(row, number) / 1e9,
                result["seconds"] if result else 0))
        lines.append("| %s | %s |" % (row, " | ".join(texts)))
    lines += ["| %s | %s" % (row, why) + " |" * len(chosen)
              for row, why in lacking.items()]
    amx = "with" if "amx_tile" in flags() else "without"
    lines += ["", "Differing cells (seeds: verdicts that turn; each cell "
              "again and Colab: errors), peak memory, seconds; on %d cores, "
              "a processor %s AMX, Python %s." % (
                  os.cpu_count(), amx, platform.python_version()), ""]
    for (row, number), said in wrong.items():
        lines += ["- %s, chapter %d, %s" % (row, number, line)
                  for line in said]
    lines += ["- %s, chapter %d: %.2f GB, over the budget" % (
        row, number, peak(row, number) / 1e9) for row, number in big]
    text = "\n".join(lines)
    print("\n" + text)
    (BUILD / "matrix.md").write_text(text + "\n", encoding="utf-8")
    turns = [job for job in wrong if wrong[job] and job[0] not in SEEDS]
    failed = any((kept(row, n) or {"error": "changed"})["error"]
                 for row in rows if row in SEEDS for n in chosen)
    return 1 if turns or big or failed else 0


# tolerances


def spreads(number):
    """{position: (absolute, relative) or None} over the rows of SAME.

    Runs first what is not kept, but for the rows that need an environment
    or a copy of their own. None where more than a number differs.
    """
    rows = [row for row in SAME if row != "Chinese" and not impossible(row)]
    run([row for row in rows if not row.startswith(("Python", "ZIP"))],
        [number])
    rows = [row for row in rows if kept(row, number)]
    committed = notebook.read(number)
    runs = []
    for row in rows:
        error = kept(row, number)["error"]
        if error:
            raise Stop("%s: %s" % (row, error))
        cells = own_cells(notebook.read(place(row) / ("%d.ipynb" % number)))
        runs.append(cells[-len(committed.cells):])
    return {k: measured.spread(cell.outputs, [run[k].outputs for run in runs])
            for k, cell in enumerate(committed.cells)
            if cell.cell_type == "code" and not measured.ignored(cell)}


if __name__ == "__main__":
    result = one(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    print("\n" + json.dumps(result))
