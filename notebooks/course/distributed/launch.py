"""Processes of this chapter's own: started, bounded in time, all ended (8.3).

A Team's block ends every process that it started, whatever happens in it;
each also ends itself after `worker.SECONDS`, should this kernel be gone.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil

from ..messages import CourseError, message
from . import worker

SCRIPT = Path(__file__).with_name("worker.py")
HERE = "127.0.0.1"


class Team:
    """Processes that work on one task, in a folder of their own (8.3).

    task: {name: array} that each of them finds there. Use it in a `with`:
    leaving the block kills what still runs and deletes the folder.
    """

    def __init__(self, task):
        self.folder = Path(tempfile.mkdtemp(prefix="course-"))
        self.processes = []
        self.names, self.killed = [], set()  # job-rank; whom we ended
        np.savez(self.folder / "task.npz", **task)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, job, rank=0, config=None, threads=1):
        """Start a job of worker.py; config: its TF_CONFIG, a dict."""
        # a proxy for the web would get between two of us
        env = {name: value for name, value in os.environ.items()
               if not name.lower().endswith("_proxy")}
        env |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1",
                "TF_NUM_INTRAOP_THREADS": str(threads),
                "OPENBLAS_NUM_THREADS": str(threads),
                # what it said last is in its log, however it ends
                "PYTHONUNBUFFERED": "1",
                # oneDNN keeps what it frees: no step's memory could be seen
                "TF_ENABLE_ONEDNN_OPTS": "0",
                # glibc shall give large arrays back when they are freed
                "MALLOC_MMAP_THRESHOLD_": "65536"}
        if config:
            env["TF_CONFIG"] = json.dumps(config)
        self.names.append(f"{job}-{rank}")
        with open(self.folder / f"log-{job}-{rank}.txt", "wb") as log:
            self.processes.append(subprocess.Popen(
                [sys.executable, "-P", SCRIPT, job, self.folder, str(rank)],
                env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        return self.processes[-1]

    def kill(self, i):
        """End process number i, as they were started, on purpose."""
        self.killed.add(i)
        self.processes[i].kill()
        self.processes[i].wait(10)

    def result(self, name, seconds=180):
        """The arrays of a file that a process writes: {name: array}.

        Waits for it. CourseError as soon as one of them has failed (unless
        we killed it) or all have ended without it, and if it is not there
        after so many seconds.
        """
        path, end = self.folder / f"{name}.npz", time.monotonic() + seconds
        while not path.exists():
            dead = self._dead()
            if path.exists():  # its writer ended meanwhile
                break
            if dead is not None:
                raise CourseError(
                    "workers.died", process=self.names[dead], name=name,
                    how=how_ended(self.processes[dead].returncode),
                    said=self._last_words(self.names[dead]))
            if time.monotonic() > end:
                raise CourseError("workers.missing", name=name,
                                  said=self._last_words("*"))
            time.sleep(0.01)
        with np.load(path) as file:
            return dict(file)

    def go(self, step):
        """Let the workers pass the step at which they wait."""
        (self.folder / f"go-{step}").touch()

    def _dead(self):
        """Whose end leaves nothing to wait for: its number, or None."""
        codes = [process.poll() for process in self.processes]
        failed = [i for i, code in enumerate(codes)
                  if code and i not in self.killed]
        if failed:
            return failed[0]
        ended = codes and None not in codes
        return len(codes) - 1 if ended else None

    def _last_words(self, process):
        lines = [line for log in self.folder.glob(f"log-{process}.txt")
                 for line in log.read_text("utf-8", "replace").splitlines()
                 if line.strip()
                 and not re.match(r"[IW]0000 |WARNING: All", line)]
        return lines[-1][:200] if lines else "-"


def how_ended(code):
    """A process's return code in words: its exit code or its signal."""
    if code >= 0:
        return message("workers.code", code=code)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "?"
    return message("workers.signal", number=-code, name=name)


class Meter:
    """Passes on what two processes tell each other, and counts the bytes.

    port: where it listens; target: the port that it passes on to.
    """

    def __init__(self, target):
        self.target, self.bytes, self.open = target, 0, []
        self.lock = threading.Lock()
        self.door = socket.create_server((HERE, 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):  # the door was closed
            while True:
                caller, _ = self.door.accept()
                self.open.append(caller)
                try:
                    called = socket.create_connection((HERE, self.target))
                except OSError:  # not there yet: the caller will try again
                    caller.close()
                    continue
                self.open.append(called)
                for pair in (caller, called), (called, caller):
                    threading.Thread(target=self._pass, args=pair,
                                     daemon=True).start()

    def _pass(self, source, sink):
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
                with self.lock:
                    self.bytes += len(data)
        for end in source, sink:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        for end in [self.door, *self.open]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def free_ports(n):
    """n ports that are free at this moment."""
    with ExitStack() as stack:
        doors = [stack.enter_context(socket.create_server((HERE, 0)))
                 for _ in range(n)]
        return [door.getsockname()[1] for door in doors]


@contextmanager
def workers(task, k, job="worker"):
    """k processes that train together; gives their Team and k Meters.

    Each believes another to be where in truth its Meter is: so a Meter
    counts what its process sends, which is asked for by those who need it.
    """
    ports = free_ports(k)
    with ExitStack() as stack:
        meters = [Meter(port) for port in ports]
        for meter in meters:
            stack.callback(meter.close)
        team = stack.enter_context(Team(task))
        for rank in range(k):
            seen = [meter.port for meter in meters]
            seen[rank] = ports[rank]
            team.start(job, rank, {
                "cluster": {"worker": [f"{HERE}:{p}" for p in seen]},
                "task": {"type": "worker", "index": rank}})
        yield team, meters


def trained_until_one_dies(task, k):
    """k workers divide the data; number 1 is killed in its ninth step (8.3).

    Returns what is left: pids; sent, bytes of each in a step (k,); firsts,
    the gradients of each in the first step; ends, of the two others; saved,
    worker 0's last checkpoint.
    """
    with workers(task, k) as (team, meters):
        pids = [int(team.result(f"at-2-{r}")["pid"]) for r in range(k)]
        before = np.array([meter.bytes for meter in meters])
        team.go(2)
        for rank in range(k):
            team.result(f"at-8-{rank}")
        sent = np.array([meter.bytes for meter in meters]) - before
        team.kill(1)
        team.go(8)
        ends = [team.result(f"end-{r}") for r in range(k) if r != 1]
        firsts = [worker.numbered(team.result(f"first-{r}"), "gradients")
                  for r in range(k)]
        saved = worker.restore(team.folder / "checkpoint-6.npz")
    return SimpleNamespace(pids=pids, sent=sent / 6, firsts=firsts, ends=ends,
                           saved=saved)


def trained_in_two_halves(task):
    """Two workers divide the matrices, for eight steps (8.3).

    Returns sent, the bytes of each in a step (2,); firsts, the gradients of
    each in the first step; last, its weights at the end.
    """
    with workers(task, 2, job="tensor") as (team, meters):
        for rank in (0, 1):
            team.result(f"at-2-{rank}")
        before = np.array([meter.bytes for meter in meters])
        team.go(2)
        last = [worker.numbered(team.result(f"at-8-{r}"), "weights")
                for r in (0, 1)]
        sent = np.array([meter.bytes for meter in meters]) - before
        firsts = [worker.numbered(team.result(f"first-{r}"), "gradients")
                  for r in (0, 1)]
    return SimpleNamespace(sent=sent / 6, firsts=firsts, last=last)


def left_behind():
    """The ids of processes of worker.py that this kernel still has (8.3)."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if str(SCRIPT) in process.cmdline():
                found.append(process.pid)
    return found
