"""Makes torch_run.npz: what other tools compute of chapter 6's classifier.

    python data/make_torch_run.py

Needs PyTorch and JAX (ci/locks/requirements-backends.txt) beside the
collection's packages, and for ONNX onnx 1.23.2, onnxscript 0.7.2 and
onnxruntime 1.32.0, which no file of requirements names. A reader without
them compares with these numbers; where PyTorch and JAX are installed, the
chapter computes theirs anew. The Keras model is the chapter's.
"""
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from ship import ship

HERE = Path(__file__).resolve().parent
FILE = HERE / "torch_run.npz"
CHAPTER = HERE.parent / "notebooks" / "06_tools.ipynb"
sys.path.insert(0, str(HERE.parent / "notebooks"))


def cell(begin):
    """The source of the chapter's cell that begins so."""
    cells = json.loads(CHAPTER.read_text("utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    return next(text for text in sources if text.startswith(begin))


def through_onnx(W, ids):
    """(ONNX Runtime's version, its logits) of PyTorch's exported model."""
    import onnxruntime
    import torch
    from course.tools.pytorch import build
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/classifier.onnx"
        torch.onnx.export(
            build(W), (torch.tensor(ids),), file, dynamo=True, verbose=False,
            external_data=False,
            dynamic_shapes={"ids": {0: torch.export.Dim("B")}})
        session = onnxruntime.InferenceSession(file)
        name = session.get_inputs()[0].name
        parts = [session.run(None, {name: part})[0]  # any number of texts
                 for part in (ids[:10], ids[10:])]
    return onnxruntime.__version__, np.concatenate(parts)


def main():
    from course.datasets.reviews import load_reviews
    from course.models.classifier import (
        EPS, RUN, SIZES, draw_weights, to_ids, vocabulary)
    from course.tools.backends import on_backend
    from course.tools.pytorch import measure
    (texts, y), _ = load_reviews()
    words = vocabulary(texts)
    X, W = to_ids(texts, words), draw_weights(3 + len(words))
    sizes = {**SIZES, "V": len(W["words"]), "eps": EPS}
    keras = {f"keras_{name}": on_backend(
        name, cell("def functional("), cell("def give("), W, sizes,
        X[:RUN["batch"]]) for name in ("torch", "jax")}
    onnx_version, onnx = through_onnx(W, X[:RUN["batch"]])
    np.savez_compressed(FILE, **measure(W, X, y), **keras, onnx=onnx,
                        onnx_version=onnx_version)
    ship(FILE)


if __name__ == "__main__":
    main()
