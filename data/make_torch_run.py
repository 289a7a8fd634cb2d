"""Makes torch_run.npz: what PyTorch computes of chapter 6's classifier.

    python data/make_torch_run.py

Needs PyTorch beside the collection's own packages (README). A reader without it compares with
these numbers; where it is installed, the chapter computes them anew.
"""
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
FILE = HERE / "torch_run.npz"
sys.path.insert(0, str(HERE.parent / "notebooks"))


def main():
    from course.classifier import draw_weights, to_ids, vocabulary
    from course.data import load_reviews
    from course.torch_twin import measure
    (texts, y), _ = load_reviews()
    words = vocabulary(texts)
    W = draw_weights(3 + len(words))
    np.savez_compressed(FILE, **measure(W, to_ids(texts, words), y))


if __name__ == "__main__":
    main()
