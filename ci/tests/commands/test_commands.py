"""`ci run`, `refresh`, `lab`, `lock` and `test`, on made-up chapters."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import helpers
import nbformat
import psutil
import pytest
from helpers import Project, code

import ci
from ci import execution, notebook
from ci.commands import lock, run
from ci.commands import test as ci_test

FIGURE = """import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """One call of `ci run` on six chapters, of which five fail."""
    folder = tmp_path_factory.mktemp("大 模型 {x}")
    project = Project(folder)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    project.notebook("01_a.ipynb", code("import sys"), code("sys.exit(0)"),
                     code("print('never')"))
    project.notebook("02_b.ipynb", code(
        "class CourseError(Exception): pass\n"
        "raise CourseError('SEED must be a whole number.')"))
    project.notebook("03_c.ipynb", code("import os"),
                     code("os.kill(os.getpid(), 9)"), code("1"))
    project.notebook("06_f.ipynb", code("1 / 0"))
    project.notebook(
        "07_g.ipynb", code("print('SEED is', SEED)"),
        code("import subprocess, sys, time\nwaste = bytearray(2 * 10**8)"),
        code("subprocess.run([sys.executable, '-c', 'import time; "
             "a = bytearray(3 * 10**8); time.sleep(1)'])\nprint('over')"),
        code(FIGURE))
    project.notebook("08_h.ipynb", code("1", "skip-execution"), code("2"))
    done = project.ci("run", "-p", "SEED", "7")
    report = json.loads((folder / "build" / "report.json").read_text("utf-8"))
    return done, {r["chapter"]: r for r in report["chapters"]}, folder


def copy_of(executed, number):
    done, rows, folder = executed
    return nbformat.read(folder / rows[number]["executed_copy"], 4)


def test_run_keeps_going_and_says_which_failed(executed):
    done, rows, folder = executed
    assert done.returncode == 1
    assert done.stdout.rstrip().endswith("Failed: chapter 1, 2, 3, 6, 8.")
    assert "Traceback" not in done.stdout + done.stderr
    for number in (1, 2, 3, 6, 8):
        assert rows[number]["error"]
        assert rows[number]["executed_copy"] in done.stdout
    assert rows[7]["error"] is None


@pytest.mark.parametrize("number, text", [
    (1, "the cell ended the chapter (in cell [4] 1 Title: sys.exit(0))"),
    (2, "SEED must be a whole number. (in cell [3] 1 Title: class Co"),
    (3, "the kernel died; out of memory? (in cell [4] 1 Title: os.kill"),
    (6, "ZeroDivisionError: division by zero (in cell [3] 1 Title: 1 / 0)"),
    (8, "1 of 4 code cells were not executed (in cell [ ] 1 Title: 1)")])
def test_run_tells_the_error_in_a_line(executed, number, text):
    assert executed[1][number]["error"].startswith(text)


@pytest.mark.parametrize("number, name", [
    (1, "SystemExit"), (2, "CourseError"), (3, "KernelError"),
    (6, "ZeroDivisionError")])
def test_the_copy_holds_the_error(executed, number, name):
    errors = [out.ename for cell in copy_of(executed, number).cells
              for out in cell.get("outputs", [])
              if out.output_type == "error"]
    assert errors == [name]


def test_run_measures(executed):
    row = executed[1][7]
    # the kernel's 200 MB and its child's 300 MB at the same time
    # (what the two share of Python's libraries counts once)
    assert 0.5e9 < row["peak_bytes"] < 1.2e9
    assert 1 < row["wall_seconds"] < 60
    assert 1 < row["first_figure_seconds"] <= row["wall_seconds"]
    slow = row["slowest_cells"]
    assert len(slow) == 3
    assert [s["seconds"] for s in slow] == sorted(
        (s["seconds"] for s in slow), reverse=True)
    assert any(re.match(r"\[5\] 1 Title: subprocess.run", s["cell"])
               for s in slow)


def test_run_sets_the_parameter(executed):
    assert "SEED is 7\n" in [
        out.text for cell in copy_of(executed, 7).cells
        for out in cell.get("outputs", []) if out.output_type == "stream"]


def test_a_kernel_that_does_not_start(project, monkeypatch):
    from nbclient import NotebookClient

    from ci.execution import execute

    def refuse(self, **_):
        raise RuntimeError("Kernel didn't respond in 120 seconds")

    monkeypatch.setattr(NotebookClient, "start_new_kernel", refuse)
    path = project.notebook("04_b.ipynb", code("1"))
    done = execute(4, path, project.folder / "build" / "x.ipynb", bar=False)
    assert done.error.startswith("the kernel did not start (in cell [")


def result(**more):
    from ci.execution import Result
    return Result(4, ci.BUILD / "04_x.ipynb", **{
        "seconds": 10.0, "peak": 10**9, "first_figure": 3.0, **more})


@pytest.mark.parametrize("more", [
    {"seconds": 241.0}, {"peak": 1_600_000_000}, {"first_figure": 16.0}])
def test_over_budget_is_marked(more):
    assert not run.row(result())["over_budget"]
    row = run.row(result(**more))
    assert len(row["over_budget"]) == 1
    assert "OVER BUDGET" in run.table([row])
    assert "OVER BUDGET" not in run.table([run.row(result())])


@pytest.mark.parametrize("words, text", [
    (["9"], "There is no chapter 9; there is 1, 4."),
    (["four"], "There is no chapter four; there is 1, 4."),
    (["4", "-p", "SEDE", "1"], "Chapter 4 has no parameter SEDE; it has SEED"),
    (["-p", "SEED", "nan"], "SEED is nan, which is no finite number"),
    (["-p", "SEED", "1e999"], "SEED is 1e999, which is no finite number"),
    (["-p", "SEED", "[1, 1e999]"], "SEED is [1, 1e999], which is no finite"),
    (["-p", "DIGITS", "mnist"], "Chapter 1 has no parameter DIGITS; it has "
                                "SEED. Chapters with it: 4")])
def test_run_refuses(project, words, text):
    project.notebook("01_a.ipynb")
    path = project.notebook("04_b.ipynb")
    nb = nbformat.read(path, 4)
    nb.cells[1].source += "\nDIGITS = 'bundled'  # or mnist"
    nbformat.write(nb, path)
    done = project.ci("run", *words)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(text) and done.stderr.count("\n") == 1


@pytest.mark.parametrize("word, value", [
    ("7", 7), ("007", 7), ("-0.5", -0.5), ("1e-3", 0.001), ("True", True),
    ("None", None), ("[1, 2.5]", [1, 2.5]), ("'7'", "7"), ("mnist", "mnist"),
    ("data/t5-tiny", "data/t5-tiny"), ("1j", "1j"), ("", ""), ("(", "(")])
def test_run_reads_a_value(word, value):
    read = run.value("NAME", word)
    assert read == value and type(read) is type(value)


def test_no_chapter_yet(project):
    done = project.ci("run")
    assert done.returncode == 1
    assert done.stderr == "There is no chapter in notebooks/ yet.\n"


def test_nothing_foreign_reaches_a_kernel(project, tmp_path):
    """Another kernel named python3, asserts taken away, a start-up file."""
    kernel = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({
        "argv": ["false"], "display_name": "theirs", "language": "python"}))
    start = tmp_path / "start.py"
    start.write_text("theirs = 1")
    project.notebook("04_b.ipynb", code(
        "import sys\nif sys.flags.optimize or sys.warnoptions or 'theirs' in "
        "globals():\n    raise ValueError(sys.flags)"))
    done = project.ci("run", env={
        **os.environ, "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "PYTHONOPTIMIZE": "1", "PYTHONWARNINGS": "ignore",
        "PYTHONSTARTUP": str(start)})
    assert done.returncode == 0, done.stdout + done.stderr


def test_interrupted_run_leaves_no_kernel(project):
    project.notebook("04_b.ipynb", code(
        "import time\nopen('begun', 'w').close()\ntime.sleep(300)"))
    process = subprocess.Popen(project.command("run"), text=True,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    mother = psutil.Process(process.pid)
    for _ in range(600):
        if (project.folder / "notebooks" / "begun").exists():
            break
        time.sleep(0.1)
    kernels = [p for p in mother.children(recursive=True)
               if "ipykernel_launcher" in p.cmdline()]
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "Stopped." in said, said
    assert "Traceback" not in said
    assert kernels and not psutil.wait_procs(kernels, timeout=10)[1]


def test_what_the_system_refuses_is_a_line_and_a_log(project):
    """One line for a person; where it came from, for who has to mend it."""
    (project.folder / "ci" / "commands" / "lab.py").write_text(
        "HELP = ''\ndef arguments(parser):\n    pass\n"
        "def main(arguments):\n    open('/nowhere/x')\n")
    done = project.ci("lab")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == ("No such file or directory (/nowhere/x) (its "
                           "traceback: build/error.log)\n")
    log = project.folder / "build" / "error.log"
    text = log.read_text("utf-8")
    assert text.startswith("Traceback") and "lab.py" in text
    log.unlink()
    log.mkdir()  # stands for a disk that nothing can be written to
    done = project.ci("lab")
    assert done.stderr == "No such file or directory (/nowhere/x)\n"


# refresh


def chapter(project):
    return project.notebook(
        "04_b.ipynb", code("for i in range(3):\n    print(f'\\r{i}', end='', "
                           "flush=True)\nprint('\\rdone')"),
        code("import ipywidgets\nfrom IPython.display import display\n"
             "display(ipywidgets.IntSlider())"), code(FIGURE))


def test_refresh_is_idempotent_and_leaves_nothing_of_the_run(project):
    path = chapter(project)
    ids = [cell.id for cell in nbformat.read(path, 4).cells]
    done = project.ci("refresh", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    first = path.read_bytes()
    nb = nbformat.read(path, 4)
    assert [cell.id for cell in nb.cells] == ids
    assert re.search(r"<!-- measured -->About \d+ s and 0\.\d GB on two CPU "
                     r"cores<!-- /measured -->", nb.cells[0].source)
    assert nb.cells[2].outputs[0].text == "done\n"
    assert len(nb.cells[2].outputs) == 1
    assert [c.execution_count for c in nb.cells[1:]] == [1, 2, 3, 4]
    for trace in (b"papermill", b"iopub", b"widget-view", b"3.11.",
                  str(project.folder).encode()):
        assert trace not in first
    assert project.ci("refresh", "4").returncode == 0
    assert path.read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_refresh_refuses(project):
    """An error, an early end, stderr: each file stays as it is."""
    refused = {
        "01_a.ipynb": ("1 / 0", "ZeroDivisionError"),
        "02_b.ipynb": ("import sys; sys.exit(0)", "ended the chapter"),
        "04_d.ipynb": ("import sys; print('old', file=sys.stderr)",
                       "writes to stderr: old"),
        "06_f.ipynb": ("import warnings; warnings.warn('old')",
                       "writes to stderr")}
    paths = {name: project.notebook(name, code(source))
             for name, (source, _) in refused.items()}
    paths["07_g.ipynb"] = project.notebook("07_g.ipynb", code("print(1)"))
    before = {name: path.read_bytes() for name, path in paths.items()}
    done = project.ci("refresh")
    assert done.returncode == 1
    for name, (_, text) in refused.items():
        assert re.search(f"^{name}: not changed. .*{text}", done.stdout,
                         re.M), done.stdout
        assert paths[name].read_bytes() == before[name]
    assert "07_g.ipynb: refreshed\n" in done.stdout
    assert paths["07_g.ipynb"].read_bytes() != before["07_g.ipynb"]


def test_refresh_interrupted_while_writing_leaves_the_old_file(
        project, monkeypatch):
    path = project.notebook("04_b.ipynb")
    before = path.read_bytes()

    def cut(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", cut)
    monkeypatch.setattr(execution, "BUILD", project.folder / "build")
    with pytest.raises(KeyboardInterrupt):
        execution.refresh(4, path, bar=False)
    assert path.read_bytes() == before


@pytest.mark.parametrize("old, seconds, peak, new", [
    ("", 74.0, 1.14e9, "About 75 s and 1.1 GB"),
    ("About 80 s and 1.1 GB", 62.0, 1.19e9, "About 80 s and 1.1 GB"),
    ("About 80 s and 1.1 GB", 99.0, 1.02e9, "About 80 s and 1.1 GB"),
    ("About 80 s and 1.1 GB", 40.0, 1.14e9, "About 40 s and 1.1 GB"),
    ("About 80 s and 1.1 GB", 80.0, 1.34e9, "About 80 s and 1.3 GB")])
def test_stamp_changes_only_with_what_it_says(old, seconds, peak, new):
    cell = nbformat.v4.new_markdown_cell(
        f"# T\n<!-- measured -->{old}<!-- /measured --> more")
    execution.stamp(cell, seconds, peak)
    assert cell.source.startswith(f"# T\n<!-- measured -->{new}")
    assert cell.source.endswith("<!-- /measured --> more")


def test_streams_as_a_terminal_would_leave_them():
    assert notebook.collapse("1\r2\rend\nnext") == "end\nnext"
    # nbval leaves a backspace, so it stays, and the contract complains of it
    assert notebook.collapse("ab\b\bcd\n") == "ab\b\bcd\n"
    assert notebook.collapse("dos\r\nline") == "dos\r\nline"


def test_nbval_compares_what_refresh_wrote(project):
    path = chapter(project)
    assert project.ci("refresh").returncode == 0
    words = ["test", "notebooks/04_b.ipynb", "-n", "0"]
    done = project.ci(*words)
    assert done.returncode == 0 and "4 passed" in done.stdout, done.stdout
    assert "warning" not in done.stdout and not done.stderr
    path.write_text(path.read_text().replace("done\\n", "gone\\n"))
    done = project.ci(*words)
    assert done.returncode == 1 and "1 failed" in done.stdout


# lab, lock, test

@pytest.mark.parametrize("how", ["a clone", "a ZIP", "a ZIP inside a clone"])
def test_a_copy_is_made_of_what_is_shipped(tmp_path, monkeypatch, how):
    """Without .git, too: of all that .gitignore does not name."""
    root = tmp_path / "root"
    shipped = [".gitignore", "README.md", "ci/a.py", "data/build/b.csv"]
    made = ["build/x.json", ".venv/lib/y.py", "ci/__pycache__/a.pyc",
            "notebooks/z.part", "ci/.ipynb_checkpoints/w.ipynb"]
    for name in shipped + made:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / ".gitignore").write_bytes((ci.ROOT / ".gitignore").read_bytes())
    git = ["git", "-C", root if how == "a clone" else tmp_path]
    if how != "a ZIP":
        subprocess.run([*git, "init", "-q"], check=True)
    if how == "a clone":
        subprocess.run([*git, "add", "-A"], check=True)
    monkeypatch.setattr(helpers, "ROOT", root)
    copy = helpers.clone(tmp_path / "copy")
    (copy / ".venv").unlink()
    assert sorted(path.relative_to(copy).as_posix()
                  for path in copy.rglob("*") if path.is_file()) == shipped


def test_lab_port_in_use(project):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = project.ci("lab", "--no-browser", "--port",
                          str(other.getsockname()[1]))
    assert done.returncode == 1
    assert "is in use" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["0", "70000"])
def test_lab_port_out_of_range(project, port):
    done = project.ci("lab", "--port", port)
    assert done.returncode == 1
    assert done.stderr.startswith("A port is a number from 1 to 65535")


def test_lab_opens_on_the_chapters(project):
    project.notebook("04_b.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        project.command("lab", "--no-browser", "--port", str(port)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", cwd=project.folder)
    try:
        for line in process.stdout:
            url = re.search(r"http://127\.0\.0\.1:\d+(\S*)\?token=(\w+)",
                            line)
            if url:
                break
        assert url[1] == "/lab/tree/notebooks"
        address = (f"http://127.0.0.1:{port}/api/contents/notebooks"
                   f"?token={url[2]}")
        for _ in range(100):  # the address is printed before it is served
            try:
                with urllib.request.urlopen(address, timeout=60) as answer:
                    listed = json.load(answer)["content"]
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        assert [entry["name"] for entry in listed] == ["04_b.ipynb"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def names(text):
    return {re.sub(r"[-_.]+", "-", name).lower()
            for name in re.findall(r"^([\w.-]+)[=<>]", text, re.M)}


@pytest.mark.parametrize("path, inputs", lock.INPUTS.items())
def test_lock_holds_every_requirement_with_hashes_and_no_address(path,
                                                                 inputs):
    text = path.read_text(encoding="utf-8")
    wanted = "".join((ci.ROOT / name).read_text() for name in inputs)
    assert names(wanted) and not names(wanted) - names(text)
    pinned = set(re.findall(r"^([\w.-]+==[\w.]+)", wanted, re.M))
    assert not pinned - set(re.findall(r"^([\w.-]+==[\w.]+)", text, re.M))
    assert "://" not in text and "index" not in text.replace("-index", "")
    for block in re.split(r"^(?=\S)", text, flags=re.M)[1:]:
        assert re.match(r"[\w.-]+==[\w.]+( ;.*)? \\\n", block), block[:80]
        assert "--hash=sha256:" in block
    assert "torch" not in names(text)
    assert ("playwright" in names(text)) == (path == ci.LAUNCH_LOCK)
    assert ("nbgrader" in names(text)) == (path == ci.TEACHER_LOCK)


def test_lock_refuses_what_cannot_be_resolved(project, monkeypatch, capsys):
    """Nothing is written then. (No network is needed to find out.)"""
    (project.folder / "requirements.txt").write_text("six==1.0\nsix==1.1\n")
    locks = project.folder / "ci" / "locks"
    (locks / "requirements.txt").write_text("uv==0.0.0\n")
    before = (locks / "lock.txt").read_bytes()
    done = project.ci("lock", env={**os.environ, "PIP_NO_INDEX": "1"})
    assert done.returncode == 1
    assert "No lock was changed" in done.stderr
    assert (locks / "lock.txt").read_bytes() == before


@pytest.mark.parametrize("cores, free, expected", [
    (2, 8e9, 2), (2, 3e9, 1), (8, 9e9, 4), (2, 0.5e9, 1)])
def test_workers_fit_into_memory(monkeypatch, cores, free, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)),
                        raising=False)
    monkeypatch.setattr(psutil, "virtual_memory",
                        lambda: type("M", (), {"available": free}))
    assert ci_test.workers() == expected


@pytest.mark.parametrize("words, has, lacks", [
    ([], ["not slow", "ci/tests"], []),
    (["--all"], ["ci/tests"], ["not slow"]),
    (["-k", "lock"], ["-k", "lock", "ci/tests"], []),
    (["ci/tests/test_environment.py::test_x"],
     ["ci/tests/test_environment.py::test_x"], ["ci/tests"])])
def test_test_hands_on_what_pytest_is_to_get(monkeypatch, words, has, lacks):
    from ci.__main__ import parse
    calls = []
    monkeypatch.setattr(subprocess, "call",
                        lambda command, **_: calls.append(command) or 5)
    module, arguments = parse(["test", *words])
    assert module is ci_test and module.main(arguments) == 5
    assert all(word in calls[0] for word in has)
    assert not any(word in calls[0] for word in lacks)
    assert {"--nbval", "--nbval-current-env", "loadscope"} <= set(calls[0])


def test_prove_names_tests_that_are_there(monkeypatch):
    from ci.__main__ import parse
    calls = []
    monkeypatch.setattr(subprocess, "call",
                        lambda command, **_: calls.append(command) or 0)
    module, arguments = parse(["prove", "-x"])
    assert module.main(arguments) == 0
    files = [word for word in calls[0] if word.startswith("ci/tests/")]
    assert len(files) == 3 and calls[0][-1] == "-x"
    assert all((ci.ROOT / file).is_file() for file in files)
