"""Makes book_index.npz: a vector of each passage of the eight chapters.

    python data/make_book_index.py

The vectors are all-MiniLM-L6-v2's, in float16, each under a sum of the text
that it stands for (course/tools/ask.py); only what has changed is embedded.
`python3 ci refresh` calls it, for what a chapter says may have changed.
"""
import sys
from pathlib import Path

import numpy as np
from ship import ship

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
from course.tools import ask  # noqa: E402

FILE = HERE / ask.INDEX


def main():
    found = {p.key: p for p in ask.passages()}
    known = {}
    if FILE.exists():
        with np.load(FILE) as index:
            known = dict(zip(index["keys"].tolist(), index["vectors"]))
    new = [key for key in found if key not in known]
    if not new and len(known) == len(found):
        return print(f"{FILE.name}: up to date, {len(found)} passages")
    if new:
        import tensorflow as tf
        from course.models import minilm
        tf.get_logger().setLevel("ERROR")  # each length is traced once
        vectors = minilm.embed(minilm.load(), [found[k].text for k in new])
        known |= zip(new, vectors.astype(np.float16))
    keys = sorted(found)
    np.savez(FILE, keys=np.array(keys), vectors=np.array(
        [known[key] for key in keys], np.float16))
    ship(FILE)
    print(f"{FILE.name}: {len(found)} passages, {len(new)} of them new")


if __name__ == "__main__":
    main()
