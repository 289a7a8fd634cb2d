"""Where a student's code runs: a process that can do little.

    python ci/grading/sandbox.py FOLDER SECONDS MEMORY

On Linux, where the system allows it, the process gets namespaces of its own:
no network, no other processes, and of the files Python's own, read-only, and
an empty folder in memory. Where it does not, as in many containers, Landlock
(Linux 5.13 and newer) leaves it the same files, and newer kernels take away
TCP and signals to others. Everywhere it has limits of memory, CPU time, file
sizes and processes, another user (where started by root), and a session of
its own, so that all it started can be ended. FOLDER holds the students'
edition of `course`.

Then it takes commands, a line of JSON each, on descriptor 0, and answers on
descriptor 1: see `Worker`. It knows no solution and no wanted result. What it
answers is data to who asked, never code.
"""
import ast
import asyncio
import contextlib
import ctypes
import inspect
import json
import os
import shutil
import signal
import struct
import sys
import tempfile
import time
from pathlib import Path

NOBODY = 65534
HOME = "/course-work"  # where the code runs; not a place that may exist
PROCESSES = 32  # beyond those that the user has already
FILE_SIZE = 16 * 2**20  # bytes
WALL = 4  # seconds by the clock for each of the processor's
# flags of Linux: unshare, mount, landlock
NEW_NS, NEW_UTS, NEW_IPC = 0x20000, 0x4000000, 0x8000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000
BIND, REC, PRIVATE, REMOUNT, READ_ONLY = 4096, 16384, 1 << 18, 32, 1
NO_SUID, NO_DEV, KEPT, RELATIME = 2, 4, 4 | 8 | 1024 | 2048, 1 << 21
# execute, read files, list folders; write; what a file, no folder, can have
READ, WRITE, ON_FILES = 1 | 4 | 8, 2 | 1 << 14, 1 | 2 | 4 | 1 << 14 | 1 << 15
TCP, SIGNALS = 3, 3  # neither bind nor connect; none to those outside
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache",
          "/dev/null", "/dev/zero", "/dev/urandom")


def libc(name, *arguments):
    """Calls a function of the C library; OSError if it fails."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def mount(what, where, kind=None, flags=0, data=None):
    def text(value):
        return None if value is None else os.fsencode(value)
    libc("mount", text(what), text(where), text(kind),
         ctypes.c_ulong(flags), text(data))


def enter_namespaces():
    """Own namespaces; False where the system refuses them.

    All but that of mounts: see `hide_files`.
    """
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    flags = NEW_UTS | NEW_IPC | NEW_PID | NEW_NET
    try:
        libc("unshare", flags if user == 0 else flags | NEW_USER)
        if user != 0:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text("%d %d 1" % (user, user))
            Path("/proc/self/gid_map").write_text("%d %d 1" % (group, group))
    except OSError:
        return False
    return True


def hide_files(folder, root):
    """Another root: Python and the system's libraries, read-only, `folder`
    at its place, and an empty folder HOME in memory.

    Only for this process and those it starts: its parent, which empties the
    folder `root` in the end, must never see what is mounted there.
    """
    libc("unshare", NEW_NS)
    mount("none", "/", flags=REC | PRIVATE)
    mount("none", root, "tmpfs", NO_SUID | NO_DEV, "size=1m,mode=755")
    clone = str(Path(__file__).resolve().parents[2])
    places = {os.path.realpath(path) for path in (
        sys.prefix, sys.base_prefix, folder, __file__)}
    for place in sorted([*SYSTEM, sys.prefix, *places]):
        if not os.path.exists(place):
            continue
        there = root + place
        if os.path.islink(place):
            os.makedirs(os.path.dirname(there), exist_ok=True)
            if not os.path.lexists(there):
                os.symlink(os.readlink(place), there)
            continue
        if os.path.exists(there):
            continue  # lies in one that is there already
        if os.path.isdir(place):
            os.makedirs(there)
        else:
            os.makedirs(os.path.dirname(there), exist_ok=True)
            Path(there).touch()
        mount(place, there, flags=BIND | REC)
        if clone != place and clone.startswith(place + "/"):
            # the solutions would be read: only what is needed comes back
            mount("none", root + clone, "tmpfs", NO_SUID | NO_DEV,
                  "size=1m,mode=755")
        if not place.startswith("/dev/"):
            has = os.statvfs(there).f_flag  # a user may not take these away
            mount("none", there, flags=REMOUNT | BIND | READ_ONLY | NO_SUID
                  | has & KEPT | (RELATIME if has & 4096 else 0))
    for name in (HOME, "/tmp", "/proc"):
        os.makedirs(root + name, exist_ok=True)
    mount("none", root + HOME, "tmpfs", NO_SUID | NO_DEV,
          "size=64m,mode=777")
    with contextlib.suppress(OSError):  # some containers refuse it
        mount("proc", root + "/proc", "proc", NO_SUID | NO_DEV)
    mount("none", root, flags=REMOUNT | BIND | READ_ONLY | NO_SUID)
    os.chroot(root)
    os.chdir(HOME)


def landlock(work, folder):
    """What the kernel lets this process still do, without any namespace.

    It may read Python, the system's libraries and `folder`, and write below
    `work` and to /dev/null. Counts from `drop_rights` on, for all that it
    starts. Returns the number of Landlock's version; 0 where there is none.
    Source: the kernel's documentation, userspace-api/landlock.
    """
    if sys.platform != "linux":
        return 0
    call = ctypes.CDLL(None, use_errno=True).syscall
    size, flags = ctypes.c_size_t, ctypes.c_uint32
    version = max(call(444, None, size(0), flags(1)), 0)
    if version == 0:
        return 0
    # kinds of access: each version knows more of them
    files = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    handled = struct.pack("=QQQ", files, TCP, SIGNALS)
    ruleset = call(444, handled, size(
        8 if version < 4 else 16 if version < 6 else 24), flags(0))
    if ruleset < 0:
        return 0
    clone = str(Path(__file__).resolve().parents[2])
    real = {os.path.realpath(path): READ for path in (
        *SYSTEM, sys.prefix, sys.base_prefix, folder, __file__)}
    real |= {"/dev/null": READ | WRITE, os.path.realpath(work): files}
    for place, access in real.items():
        if clone.startswith(place + "/"):
            return 0  # the solutions could be read
        if not os.path.isdir(place):
            access &= ON_FILES
        with contextlib.suppress(FileNotFoundError):
            there = os.open(place, os.O_PATH | os.O_CLOEXEC)
            call(445, ruleset, flags(1), struct.pack(
                "=Qi", access & files, there), flags(0))
            os.close(there)
    libc("prctl", 38, 1, 0, 0, 0)  # no new privileges: asked for by the next
    return 0 if call(446, ruleset, flags(0)) else version


def limit(seconds, memory, processes):
    """Limits that stay for all that this process starts."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {"AS": memory, "CPU": seconds, "FSIZE": FILE_SIZE, "CORE": 0,
              "NOFILE": 128}
    if sys.platform == "linux":
        limits["NPROC"] = processes
    for name, most in limits.items():
        try:
            resource.setrlimit(getattr(resource, "RLIMIT_" + name),
                               (most, most))
        except (ValueError, OSError, AttributeError):
            pass


def tasks():
    """Processes and threads of the user that the worker will be."""
    user, count = getattr(os, "getuid", int)() or NOBODY, 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid == user:
                count += len(list((path / "task").iterdir()))
        except OSError:
            continue
    return count


def drop_rights():
    """From root to nobody, and no way back for anybody."""
    if hasattr(os, "getuid") and os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if sys.platform == "linux":
        libc("prctl", 38, 1, 0, 0, 0)  # no new privileges


def launch(folder, seconds, memory):
    """Sets the walls up, then becomes the worker."""
    if hasattr(os, "setsid"):
        os.setsid()
    if sys.platform == "linux":  # ends with who started it
        libc("prctl", 1, signal.SIGTERM, 0, 0, 0)
    work = tempfile.mkdtemp(prefix="course-")
    processes = tasks() + PROCESSES
    isolated = enter_namespaces()
    if sys.platform == "linux":
        libc("prctl", 36, 1, 0, 0, 0)  # orphans below come to this process
    child = os.fork() if hasattr(os, "fork") else 0
    if child:  # a worker's end, whatever it is, ends everything below
        signal.signal(signal.SIGTERM, lambda *_: kill(child))
        os.close(0)
        os.close(1)
        os.waitpid(child, 0)
        end_children()
        shutil.rmtree(work, ignore_errors=True)
        os._exit(0)
    if hasattr(os, "setsid"):
        os.setsid()  # ending its own group ends nobody else
    kind = "no namespaces"
    if isolated:
        try:
            hide_files(folder, work)
            kind = "full"
        except OSError as error:
            kind = "no files hidden (%s)" % error
    if kind != "full":  # another user may not get to `folder`
        folder = shutil.copytree(folder, os.path.join(work, "edition"),
                                 copy_function=shutil.copyfile)
        os.chmod(work, 0o777)
        os.chdir(work)
    limit(seconds, memory, processes)
    drop_rights()
    if kind != "full":
        version = landlock(work, folder)
        if version:
            kind += ", Landlock %d" % version
    if sys.platform == "linux":
        libc("prctl", 1, signal.SIGKILL, 0, 0, 0)  # not without its parent
    environ = {"PATH": "/usr/bin:/bin", "HOME": os.getcwd(), "LANG": "C.UTF-8",
               "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1",
               "OPENBLAS_NUM_THREADS": "1", "MPLCONFIGDIR": os.getcwd()}
    command = [sys.executable, "-s", "-E", os.path.abspath(__file__),
               "--worker", folder, kind]
    os.execve(command[0], command, environ)


def kill(child):
    with contextlib.suppress(OSError):
        os.kill(child, signal.SIGKILL)


def end_children():
    """Kills what the worker left behind, on Linux also what hid itself."""
    for _ in range(100):
        try:
            found = Path("/proc/self/task/%d/children" % os.getpid())
            pids = [int(pid) for pid in found.read_text().split()]
        except OSError:
            return
        if not pids:
            return
        for pid in pids:
            kill(pid)
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)


# ---- inside ----


class Silent:
    """In IPython's place: %magics and !commands do nothing."""

    def __getattr__(self, name):
        return lambda *_, **__: [] if name == "getoutput" else None


class Worker:
    """Does what it is told: a line of JSON in, a line out.

    Each command has a "number", which its answer repeats.

    {"do": "run", "code", "seconds"}: a cell; answers "printed", "error" and
        whether it was "slow".
    {"do": "keep", "id", "name", "seconds"}: what that name now is, and all
        others, for later calls; answers "there", "blank" and "callable".
    {"do": "redefined", "id", "seconds"}: whether cells that ran after `keep`
        changed what a name stands for; answers "changed".
    {"do": "call", "id", "arguments", "seconds", "megabytes", "late"}: with
        the names of `keep`, or the last ones; answers "kind" ("value",
        "error", "slow", "large", or "result" where that can't be told),
        "value", "error" or the megabytes "held", and "printed".
    """

    def __init__(self):
        from course.exercises import calls, judging, values
        self.blank, self.calls, self.values = judging.is_blank, calls, values
        # Jupyter's `display` is there without an import
        self.names = {"__name__": "__main__", "display": print,
                      "get_ipython": Silent}
        self.kept, self.last, self.state = {}, None, None

    def run(self, code, seconds):
        def cell():
            program = compile(code, "cell", "exec",
                              ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if program.co_flags & inspect.CO_COROUTINE:
                asyncio.run(eval(program, self.names))
            else:
                exec(program, self.names)
        self.calls.PRINTED = 2000
        kind, what, printed = self.limited(cell, (), seconds)
        return {"printed": printed, "slow": kind == "slow",
                "error": what if kind == "error" else
                "stopped after %d seconds" % seconds if kind == "slow"
                else None}

    def keep(self, id, name, seconds):
        answer = self.names.get(name)
        self.kept[id] = name, dict(self.names)
        return {"there": name in self.names, "blank": self.blank(answer),
                "callable": callable(answer)}

    def redefined(self, id, seconds):
        self.last = self.last or dict(self.names)
        return {"changed": any(self.last.get(name) is not value for
                               name, value in self.kept[id][1].items())}

    def answer(self, id, late):
        """The function, in the names that its cells would see."""
        name, names = self.kept[id]
        self.last = self.last or dict(self.names)
        if self.state != (id, late):  # else it may have changed them itself
            self.state = id, late
            # what is defined only below stays there
            self.names.update(self.last if late else names)
        return self.last[name] if late and callable(
            self.last.get(name)) else names[name]

    def call(self, id, arguments, seconds, megabytes=None, late=False):
        self.calls.PRINTED = 500
        given = self.values.decode(arguments)
        kind, what, printed = self.limited(self.answer(id, late), given,
                                           seconds, megabytes)
        reply = {"kind": kind, "printed": printed}
        if kind == "value":
            try:
                reply["value"] = self.values.encode(what)
                left = self.values.encode(given)
                # whether the answer changed what it was given
                if json.dumps(left) != json.dumps(arguments):
                    reply["arguments"] = left
            except (TypeError, ValueError) as error:
                return {"kind": "result", "printed": printed,
                        "error": "TypeError: the result is %s" % error}
        elif kind == "error":
            reply["error"] = what
        elif kind == "large":
            reply["held"] = what
        return reply

    def limited(self, function, arguments, seconds, megabytes=None):
        """One call, in seconds of the processor, and WALL times as many."""
        try:
            with self.calls.time_limit(WALL * seconds), \
                    self.calls.time_limit(seconds, processor=True):
                return self.calls.call(function, arguments, lambda x: x,
                                       megabytes)
        except self.calls.Stopped:
            return "slow", None, ""

    def serve(self, commands, replies):
        for line in commands:
            command, began = json.loads(line), time.process_time()
            number = command.pop("number", None)
            try:
                reply = getattr(self, command.pop("do"))(**command)
                reply.update(took=time.process_time() - began, number=number)
                text = json.dumps(reply)
            except Exception as error:
                text = json.dumps({"kind": "error", "printed": "", "error":
                                   self.calls.named(error), "number": number})
            replies.write(text + "\n")
            replies.flush()


def work(folder, kind):
    """The worker's life: its two descriptors leave the numbers 0 to 2."""
    commands, replies = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    silent = os.open(os.devnull, os.O_RDWR)
    os.dup2(silent, 0)
    os.dup2(silent, 1)
    sys.path[0] = folder  # in place of ci
    worker = Worker()
    os.dup2(silent, 2)  # not before: why it can't start is to be read
    replies.write(json.dumps({"isolation": kind}) + "\n")
    replies.flush()
    worker.serve(commands, replies)


if __name__ == "__main__":
    if sys.argv[1] == "--worker":
        work(*sys.argv[2:])
    else:
        launch(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
