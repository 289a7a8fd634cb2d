"""A run of a chapter: what must happen before its first cell, its seed, its
memory, and what it records."""

import ctypes
import gc
import importlib.metadata
import os
import random
import re
import subprocess
import sys
import tempfile
import warnings
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path

import numpy as np

from . import messages
from .files import ROOT
from .messages import CourseError, message

STYLE = {
    "figure.constrained_layout.use": True,
    "figure.figsize": (7, 3.2),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.3,
    "image.cmap": "viridis",
    "font.size": 10,
    # Okabe and Ito's palette: told apart by the three kinds of colour-blind
    "axes.prop_cycle": (
        "cycler('color', ['#0072B2', '#D55E00', '#009E73', '#CC79A7',"
        " '#E69F00', '#56B4E9', '#000000']) +"
        " cycler('linestyle', ['-', '--', '-.', ':', '-', '--', '-.'])"
    ),
}


@dataclass
class Session:
    """What one run of a chapter records; `start` makes a new one."""
    chapter: int | None = None
    claims: dict = field(default_factory=dict)  # id: (verdict, evidence)
    compared: list = field(default_factory=list)  # see `testing.compare`
    comparisons_shown: bool = False
    outcomes: dict = field(default_factory=dict)  # see `claims.outcome`
    chosen_fields: tuple | None = None  # of chapter 5; None: all
    field: str | None = None  # the one whose cells run now


current = Session()


def _edition():
    """The folder that the notebook came from; on Colab told by its text."""
    if "google.colab" not in sys.modules:
        return Path.cwd().name
    with suppress(Exception):  # not a documented call: English without it
        from google.colab import _message
        nb = _message.blocking_request("get_ipynb", timeout_sec=10)["ipynb"]
        text = "".join("".join(cell["source"]) for cell in nb["cells"]
                       if cell["cell_type"] == "markdown")
        if len(re.findall("[\u4e00-\u9fff]", text)) > len(text) / 10:
            return "zh"
    return Path.cwd().name


def start(chapter):
    """Make this kernel ready for a chapter; calling it again does no harm.

    Begins a new session, makes the collection's root the working directory,
    picks the language by the notebook's folder, on Colab installs what is
    missing, imports TensorFlow without its start-up noise, sets the figures'
    style, and from now on gives the memory that a cell frees back to the
    system.

    chapter: its number, 1 to 8.
    """
    global current
    if current.chapter is None:
        messages.set_language(_edition())
    current = Session(chapter)
    os.chdir(ROOT)
    if "google.colab" in sys.modules:
        _install_on_colab(chapter)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # with oneDNN TensorFlow keeps each tensor's memory for itself, in pools
    # that double and are never given back: 85 MB of chapter 5's peak
    os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # transformers sets this for its own Keras 2; a kernel that inherits it
    # would get Keras 2 as tensorflow.keras
    os.environ.pop("TF_USE_LEGACY_KERAS", None)
    with _quiet_descriptor(2):
        import tensorflow
        _share_the_gpu()
        # the first look for devices complains where there is no GPU driver
        tensorflow.config.list_logical_devices()
        _keep_freed_memory()
        _compile_once()
    import matplotlib
    matplotlib.rcParams.update(STYLE)
    # figures appear through `show` alone, which adds their alt text
    matplotlib.interactive(False)
    from IPython import get_ipython
    shell = get_ipython()
    if shell and _trim not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _trim)


def _share_the_gpu():
    """Float32 as on a CPU, and no more of the memory than is used.

    By itself TensorFlow rounds products to TF32's ten bits (a comparison at
    1e-5 then fails by 3e-4), and takes all memory for the first notebook.
    """
    import tensorflow as tf
    tf.config.experimental.enable_tensor_float_32_execution(False)
    for gpu in tf.config.list_physical_devices("GPU"):
        with suppress(RuntimeError):  # somebody used it before `start`
            tf.config.experimental.set_memory_growth(gpu, True)


def is_live():
    """Whether a person sits before this kernel, not a comparing test.

    `python3 ci lab` says so by COURSE_LIVE; Binder and Colab by themselves.
    """
    names = ("COURSE_LIVE", "BINDER_SERVICE_HOST", "COLAB_RELEASE_TAG")
    return any(name in os.environ for name in names)


@contextmanager
def _quiet_descriptor(number):
    """Keep what C++ writes to a descriptor; show it only after an error.

    TensorFlow logs at import whatever its log level says
    (tensorflow/tensorflow issue 100442).
    """
    sys.stderr.flush()
    saved = os.dup(number)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), number)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except BaseException:
            kept.seek(0)
            os.write(saved, kept.read())
            raise
        finally:
            os.dup2(saved, number)
            os.close(saved)


def _missing_packages(chapter, lines):
    """Of colab.txt's lines, the requirements this chapter lacks.

    Each as the list of words that pip gets.
    """
    wanted = []
    for line in lines:
        pin, _, chapters = line.partition("#")
        pin = pin.split()
        if not pin or str(chapter) not in re.findall(r"\d+", chapters):
            continue
        name, _, version = pin[0].partition("==")
        try:
            have = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            have = None
        # only transformers must be that very version (see requirements.txt)
        if have is None or (name == "transformers" and have != version):
            wanted.append(pin)
    return wanted


def _install_on_colab(chapter):
    """Quiet calls of pip, before anything imports transformers.

    One, and one more where a package is wanted without what it asks for.
    """
    lines = Path(__file__).with_name("colab.txt").read_text("utf-8")
    wanted = _missing_packages(chapter, lines.splitlines())
    if not wanted:
        return
    print(message("setup.installing", packages=", ".join(
        pin for pin, *_ in wanted)))
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    whole = [pin for pin, *flags in wanted if not flags]
    for words in [whole, *(words for words in wanted if words[1:])]:
        if words and subprocess.run([*pip, *words],
                                    capture_output=True).returncode:
            raise CourseError("setup.no_network")
    if "transformers" in sys.modules:
        raise CourseError("setup.restart")


def set_seed(seed):
    """Seed Python, NumPy, TensorFlow and Keras, all at once.

    seed: a whole number from 0 to 2**32 - 1; CourseError for anything else.
    """
    whole = isinstance(seed, Integral) and not isinstance(seed, bool)
    if not whole or not 0 <= seed < 2**32:
        raise CourseError("setup.seed", seed=repr(seed))
    import keras
    random.seed(int(seed))
    keras.utils.set_random_seed(int(seed))


def _keep_freed_memory():
    """Ask glibc to keep what a training step frees for the next step.

    TensorFlow's first dataset from a generator (any `fit` on a PyDataset or
    on a generator makes one) tells glibc to map every tensor over 128 KiB
    anew (`ApplyPython311MemoryPatch`, seen in 2.21): a page fault for every
    4 KiB of it, in every step. So such a dataset is made first, once, and
    mallopt(3) is asked after it: tensors up to 32 MiB come from the heap,
    of which 32 MiB may stay free, and all threads share one heap.
    """
    import tensorflow as tf
    spec = tf.TensorSpec((), tf.int32)
    list(tf.data.Dataset.from_generator(list, output_signature=spec))
    M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
    with suppress(OSError, AttributeError, TypeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_TRIM_THRESHOLD, 32 * 2**20)  # bytes
        libc.mallopt(M_MMAP_THRESHOLD, 32 * 2**20)  # the most it takes
        libc.mallopt(M_ARENA_MAX, 1)


def _compile_once():
    """Have TensorFlow 2.20, Colab's, say now that it compiles with XLA.

    It says so at the first compilation in a process, once, whatever its log
    level is; 2.21 does not.
    """
    import tensorflow as tf
    if tf.__version__.startswith("2.20."):
        tf.function(lambda x: x + 1, jit_compile=True)(tf.ones(1))


def free_memory(*models):
    """Give back to the system what nothing in this kernel uses any more.

    models: Keras models whose compiled training can go, too; who trains one
    again compiles it again.
    Of what a training or a compilation leaves behind, glibc keeps much for
    itself, in pieces; only `malloc_trim` makes it let go. Where there is no
    such function (macOS, Windows), Python's own part is all that is done.
    """
    for model in models:
        model.train_function = model.test_function = None
        model.predict_function = None
    _forget_trainings()
    gc.collect()
    _trim()


def _forget_trainings():
    """Let the graphs of a model's training go when the model goes.

    Keras's optimizers sum gradients over all replicas, here one, by a
    function with a gradient of its own. TensorFlow registers that gradient
    for ever, and with it the training's graph and what its kernels hold
    (seen in 2.21): 20 MB for each small CNN, 70 for one of 4.7 million
    weights. Only these sums are taken out of the register.
    """
    ops = sys.modules.get("tensorflow.python.framework.ops")
    with suppress(AttributeError, TypeError):
        register = ops.gradient_registry._registry
        for name, entry in list(register.items()):
            if name.startswith("CustomGradient-") and "all_reduce" in (
                    _enclosed(_enclosed(entry["type"], "tape_grad_fn"),
                              "grad_fn").__qualname__):
                del register[name]


def _enclosed(function, name):
    """The value of a variable that a function took from around it."""
    if name in function.__code__.co_freevars:
        place = function.__code__.co_freevars.index(name)
        return function.__closure__[place].cell_contents
    return function


def _trim(*_):
    """After each cell, too: what it freed is free for other programs."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def stream(purpose, *seed):
    """A generator that only this purpose with these numbers has.

    purpose: text; seed: whole numbers, such as the run's seed and a round.
    NumPy forgets zeros at the end of a list of seeds, so that [5, 0] gives
    the numbers of [5], and of 5: hence the 1 at the end.
    """
    return np.random.default_rng(
        [zlib.crc32(purpose.encode()), *map(int, seed), 1])
