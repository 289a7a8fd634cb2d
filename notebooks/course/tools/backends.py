"""The Keras model on another back end, in a process of its own (6.4)."""

import importlib.util
import inspect
import os
import pickle
import subprocess
import sys

from ..messages import CourseError

CHILD = """
import pickle, sys
import numpy as np
source, W, sizes, ids = pickle.load(sys.stdin.buffer)
exec(source)
model = functional(**sizes)
give(model, W, sizes["n_heads"])
import keras
z = keras.ops.convert_to_numpy(model(ids)[0])
sys.stdout.buffer.write(pickle.dumps((keras.backend.backend(), z)))
"""
SECONDS = 600


def installed(*names):
    """Those of these packages that this Python could import (6.4)."""
    return [name for name in names if importlib.util.find_spec(name)]


def on_backend(name, functional, give, W, sizes, ids):
    """Logits (B, n_classes) of the model when Keras computes with `name`.

    functional, give: the notebook's functions, or their source, that build
    the model and hand it its weights W; sizes: what `functional` takes.
    CourseError with the child's last line if it fails.
    """
    source = "\n\n".join(
        part if isinstance(part, str) else inspect.getsource(part)
        for part in (functional, give))
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, timeout=SECONDS,
        input=pickle.dumps((source, W, sizes, ids)),
        env={**os.environ, "KERAS_BACKEND": name})
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise CourseError("backends.failed", name=name,
                          said=said.splitlines()[-1:])
    used, z = pickle.loads(done.stdout)
    if used != name:
        raise AssertionError((used, name))
    return z
