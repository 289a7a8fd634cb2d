"""TensorBoard from a notebook: started, asked, and stopped again (6.5)."""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from ..messages import CourseError

# TensorBoard reads event files without TensorFlow, too, if it is told that
# there is none: a second TensorFlow would take half a gigabyte
START = ("import sys, types; name = 'tensorboard.compat.notf'; "
         "sys.modules[name] = types.ModuleType(name); "
         "from tensorboard.main import run_main; run_main()")
SECONDS = 60  # until a board that does not start counts as broken


class Board:
    """TensorBoard on a free port of this computer, in a `with` block (6.5).

    folder: where the event files lie. `url` is what a browser opens;
    CourseError if it does not start.
    """

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, "--logdir", str(self.folder),
             "--host", "127.0.0.1", "--port", "0", "--load_fast", "false",
             # all files are read before it answers: what is there then is all
             "--reload_interval", "0", "--reload_task", "blocking"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            # its numbers are small: more threads would only take memory
            env={**os.environ, "OMP_NUM_THREADS": "1"})
        try:
            self.url = self._address()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def ask(self, path, **query):
        """What it answers to GET /data/PATH?QUERY, from JSON.

        It has read all files before it answers at all. CourseError with
        what it says if it has no such page, run or tag.
        """
        path += "?" + urllib.parse.urlencode(query) if query else ""
        # a proxy of the reader's must not be asked for this computer
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.url}data/{path}",
                             timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise CourseError("board.refuses", path=path, code=error.code,
                              said=error.read().decode()[:200]) from None

    def is_running(self):
        return self.process.poll() is None

    def _address(self):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self.is_running():
            if found := re.search(r"http://127\.0\.0\.1:\d+/", self._said()):
                return found[0]
            time.sleep(0.1)
        raise CourseError("board.start", said=self._said()[-200:])

    def _said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace").strip()


def slowest(folder, n):
    """The n operations that took longest in a trace of tf.profiler (6.5).

    folder: what `tf.profiler.experimental.start` was given.
    Returns [(kind, seconds, how often)], the slowest first: time on all
    threads of the processor, added up over operations of one kind.
    """
    from tensorflow.tsl.profiler.protobuf import xplane_pb2
    took, times = collections.Counter(), collections.Counter()
    for path in Path(folder).rglob("*.xplane.pb"):
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
        for plane in space.planes:
            for line in plane.lines:
                for event in line.events:
                    name = plane.event_metadata[event.metadata_id].name
                    _, colon, kind = name.partition(":")
                    if colon and re.fullmatch(r"_?[A-Z]\w+", kind):
                        took[kind] += event.duration_ps / 1e12
                        times[kind] += 1
    return [(kind, seconds, times[kind])
            for kind, seconds in took.most_common(n)]
