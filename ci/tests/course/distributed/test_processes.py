"""Chapter 8's processes: bounded, all ended, what they say counted."""
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest

from course.distributed import launch
from course.distributed.launch import Meter, Team, free_ports, left_behind
from course.messages import CourseError

SLEEP = "import time; time.sleep(60)"
WRITE = """
import os, sys, numpy as np
from pathlib import Path
folder = Path(sys.argv[2])
with np.load(folder / "task.npz") as task:
    np.savez(folder / "half.npz", twice=2 * task["x"])
os.replace(folder / "half.npz", folder / "done.npz")
"""
FAIL = "print('before'); raise SystemExit('no such number')"


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Puts another program in the place of worker.py."""
    def put(text):
        path = tmp_path / "worker.py"
        path.write_text(text, "utf-8")
        monkeypatch.setattr(launch, "SCRIPT", path)
    return put


def test_nobody_is_left_behind_whatever_happens(script):
    script(SLEEP)
    with pytest.raises(ZeroDivisionError), Team({"x": 1}) as team:
        pids = [team.start("worker", rank).pid for rank in (0, 1)]
        assert sorted(left_behind()) == sorted(pids)
        1 / 0
    assert left_behind() == [] and not team.folder.exists()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_result_arrives_whole(script):
    script(WRITE)
    with Team({"x": np.arange(3)}) as team:
        team.start("worker")
        assert team.result("done")["twice"].tolist() == [0, 2, 4]


def test_a_process_that_fails_is_told_at_once_with_its_last_words(script):
    script(FAIL)
    with Team({"x": 1}) as team:
        team.start("worker")
        begin = time.monotonic()
        with pytest.raises(CourseError, match="no such number"):
            team.result("done")
    assert time.monotonic() - begin < 30


def died(start, name="done"):
    """What a dead process's CourseError says, and seconds from its death.

    start: begins processes in a Team; each notes when it dies.
    """
    with Team({"x": 1}) as team:
        start(team)
        with pytest.raises(CourseError) as error:
            team.result(name)
        now = time.time()
        return str(error.value), now - float(
            (team.folder / "died").read_text("utf-8"))


NOTE = """
import os, sys, time
from pathlib import Path
def note():
    Path(sys.argv[2], "died").write_text(str(time.time()), "utf-8")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_child_that_aborts_is_told_at_once_with_its_signal(script):
    script(NOTE + "print('half way'); note(); os.abort()")
    said, seconds = died(lambda team: team.start("mirrored"))
    assert "SIGABRT" in said and "signal 6" in said and seconds < 2
    assert "half way" in said and "mirrored-0" in said and "done" in said


def test_a_child_that_exits_is_told_at_once_with_its_code(script):
    script(NOTE + "print('no such digit'); note(); sys.exit(3)")
    said, seconds = died(lambda team: team.start("worker", 1))
    assert "exit code 3" in said and "no such digit" in said and seconds < 2
    assert "worker-1" in said


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_child_that_the_system_kills_is_told_at_once(script):
    script(NOTE + "note(); os.kill(os.getpid(), 9)")
    said, seconds = died(lambda team: team.start("worker"))
    assert "SIGKILL" in said and "signal 9" in said and seconds < 2
    assert "last line: -" in said


def test_one_death_is_told_though_the_others_live(script):
    script(NOTE + "if sys.argv[3] == '0': time.sleep(60)\n"
           "print('I was', sys.argv[3]); note(); sys.exit(4)")

    def start(team):
        team.start("worker", 0)
        team.start("worker", 1)
    said, seconds = died(start)
    assert "worker-1" in said and "I was 1" in said and seconds < 2


def test_an_end_without_the_result_is_told(script):
    script(NOTE + "note()")
    said, seconds = died(lambda team: team.start("worker"))
    assert "exit code 0" in said and seconds < 2


def test_whom_we_kill_has_not_failed(script):
    script("import os, sys, time\nif sys.argv[3] == '1': time.sleep(60)\n"
           "time.sleep(0.5)" + WRITE)
    with Team({"x": 2}) as team:
        team.start("worker", 1)
        team.start("worker", 0)
        team.kill(0)
        assert team.processes[0].returncode
        assert team.result("done")["twice"] == 4


def test_a_worker_that_nobody_ends_says_why_it_ended(monkeypatch, capsys):
    from course.distributed import worker
    codes = []
    monkeypatch.setattr(worker.os, "_exit", codes.append)
    worker.give_up()
    assert codes == [3] and "after 300 s" in capsys.readouterr().out


def test_nobody_is_waited_for_longer_than_said(script):
    script(SLEEP)
    with Team({"x": 1}) as team:
        team.start("worker")
        begin = time.monotonic()
        with pytest.raises(CourseError, match="in time"):
            team.result("done", seconds=0.3)
    assert 0.3 <= time.monotonic() - begin < 10


def test_the_web_s_proxies_stay_out(script, monkeypatch):
    script("import os; raise SystemExit(repr([n for n in os.environ "
           "if n.lower().endswith('_proxy')]))")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:1")
    with Team({"x": 1}) as team:
        team.start("worker")
        with pytest.raises(CourseError, match=r"line: \[\]"):
            team.result("done")


def test_the_meter_passes_on_and_counts():
    server = socket.create_server(("127.0.0.1", 0))

    def echo():
        with server.accept()[0] as peer:
            while data := peer.recv(1000):
                peer.sendall(data)

    threading.Thread(target=echo, daemon=True).start()
    meter = Meter(server.getsockname()[1])
    with socket.create_connection(("127.0.0.1", meter.port)) as line:
        line.sendall(b"x" * 5000)
        got = b""
        while len(got) < 5000:
            got += line.recv(1000)
    assert got == b"x" * 5000
    end = time.monotonic() + 5
    while meter.bytes < 10_000 and time.monotonic() < end:
        time.sleep(0.01)
    assert meter.bytes == 10_000  # there and back
    meter.close()
    server.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", meter.port), 1)


def test_free_ports_are_different_and_free():
    ports = free_ports(3)
    assert len(set(ports)) == 3
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def test_a_checkpoint_continues_as_if_nothing_had_happened(tmp_path):
    import tensorflow as tf

    from course.distributed import worker
    rng = np.random.default_rng(0)
    task = {"X": np.float32(rng.normal(size=(50, 6))), "seed": 1, "B": 16,
            "y": rng.integers(0, 3, 50)}
    strategy = tf.distribute.get_strategy()
    whole = worker.Trainer(strategy, worker.start_weights([6, 5, 3], 0))
    for step in range(6):
        whole.train(*worker.batch(task, step))
        if step == 2:
            worker.checkpoint(tmp_path / "c.npz", step + 1, whole)
    step, *parts = worker.restore(tmp_path / "c.npz")
    assert step == 3
    trainer = worker.Trainer(strategy, *parts)
    for step in range(step, 6):
        trainer.train(*worker.batch(task, step))
    for a, b in zip(whole.weights, trainer.weights):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_worker_loads_no_keras():
    """It would take 110 MB of each process, and nothing makes use of it."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-P", str(launch.SCRIPT),
         "mirrored"], capture_output=True, text=True)  # for want of a task
    loaded = {line.rpartition("|")[2].strip()
              for line in done.stderr.splitlines()}
    assert "tensorflow" in loaded and "keras.src" not in loaded


@pytest.mark.parametrize("job", ["worker", "tensor"])
def test_a_worker_on_a_ring_loads_no_tensorflow(job):
    """It would take 250 MB of each process."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-P", str(launch.SCRIPT),
         job], capture_output=True, text=True)  # ends for want of a task
    loaded = {line.rpartition("|")[2].strip()
              for line in done.stderr.splitlines()}
    assert "numpy" in loaded and "tensorflow" not in loaded
