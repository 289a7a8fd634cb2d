"""What a T5 may be made of, and what it may be given to read (4.3)."""

import numpy as np

from ..messages import CourseError
from .hub import refuse

SIZES = ("vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_heads",
         "num_decoder_layers", "relative_attention_num_buckets",
         "relative_attention_max_distance")
KNOWN = {"model_type": ("t5", "mt5"),
         "feed_forward_proj": ("relu", "gated-gelu")}
DEFAULTS = {  # transformers' own
    "model_type": "t5", "feed_forward_proj": "relu",
    "relative_attention_num_buckets": 32,
    "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-6,
    "tie_word_embeddings": True, "pad_token_id": 0, "eos_token_id": 1,
    "decoder_start_token_id": 0}


def complete(config, name):
    """The config with everything that it left out (4).

    config: what config.json holds, a dict; name: the checkpoint's.
    Raises CourseError that names the entry that is no T5's, or lacks.
    """
    c = {**DEFAULTS, **config}
    c["num_decoder_layers"] = (c.get("num_decoder_layers")
                               or c.get("num_layers"))
    for key, values in KNOWN.items():
        if c[key] not in values:
            refuse("config", name, entry=key, value=c[key])
    for key in SIZES:
        if type(c.get(key)) is not int or c[key] < 1:
            refuse("config", name, entry=key, value=c.get(key))
    return c


def check_ids(ids, steps, c):
    """ids as int32 (B, S), S rounded up to a multiple of 16 by padding.

    ids: whole numbers, rows padded to one length; steps: how many tokens
        may be written; c: a complete config.
    Raises CourseError for ids that are none, or where nothing can be read.
    """
    if type(steps) is not int or steps < 1:
        raise CourseError("t5.steps", steps=steps)
    ids = np.asarray(ids)
    if ids.ndim != 2 or ids.dtype.kind not in "iu" or not ids.size:
        raise CourseError("t5.ids", shape=ids.shape, dtype=ids.dtype)
    if ids.min() < 0 or ids.max() >= c["vocab_size"]:
        raise CourseError("t5.range", last=c["vocab_size"] - 1)
    if (ids == c["pad_token_id"]).all(axis=1).any():
        raise CourseError("t5.empty")
    return np.pad(ids.astype("int32"), ((0, 0), (0, -ids.shape[1] % 16)),
                  constant_values=c["pad_token_id"])  # few shapes to compile
