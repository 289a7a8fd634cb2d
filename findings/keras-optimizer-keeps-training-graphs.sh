#!/usr/bin/env bash
# TensorFlow 2.21.0 with Keras 3.15.1, Python 3.11, Linux, CPU.
#
# Guess: a model that was trained by fit() or train_on_batch() is freed when
# nothing refers to it any more, at the latest by keras.backend.
# clear_session() and gc.collect().
# Seen: the model goes, the graphs (FuncGraph) of its training step stay for
# the life of the process, several for each model, and with them what their
# kernels hold: 20 to 70 MB a model in a notebook that trains one after
# another. The optimizer sums gradients over replicas through a function with
# a gradient of its own, and TensorFlow enters each such gradient into a
# global registry (tensorflow.python.framework.ops.gradient_registry) whose
# entries refer to the graph and are never taken out. Evaluating, which needs
# no gradient, leaves nothing behind: the control below.
#
# Output seen:
#   tensorflow 2.21.0, keras 3.15.1
#   models alive: 0 of 4
#   graphs left after evaluating 4 models: 0
#   graphs left after training 4 models: at least 4
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    tensorflow==2.21.0 keras==3.15.1
cat > "$folder/seen.py" <<'PY'
import gc
import weakref

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph

X = np.ones((8, 3), "float32")
alive = []


def graphs_left(use):
    gc.collect()
    before = sum(isinstance(x, FuncGraph) for x in gc.get_objects())
    for _ in range(4):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        use(model)
        alive.append(weakref.ref(model))
        del model
        keras.backend.clear_session()
        gc.collect()
    after = sum(isinstance(x, FuncGraph) for x in gc.get_objects())
    return after - before


print(f"tensorflow {tf.__version__}, keras {keras.__version__}")
graphs_left(lambda m: m.evaluate(X, X[:, :1], verbose=0))  # warms up
evaluated = graphs_left(lambda m: m.evaluate(X, X[:, :1], verbose=0))
trained = graphs_left(lambda m: m.fit(X, X[:, :1], verbose=0))
print("models alive:", sum(ref() is not None for ref in alive[-4:]), "of 4")
print("graphs left after evaluating 4 models:", evaluated)
print("graphs left after training 4 models:",
      "at least 4" if trained >= 4 else trained)
PY
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/seen.py" \
    2>/dev/null | tee "$folder/out"
diff "$folder/out" - <<'OUT'
tensorflow 2.21.0, keras 3.15.1
models alive: 0 of 4
graphs left after evaluating 4 models: 0
graphs left after training 4 models: at least 4
OUT
echo "as seen"
