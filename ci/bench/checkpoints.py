"""Checkpoints with random weights, of real configurations.

The sizes are those of t5-small, t5-base and t5-v1_1-small on the Hugging Face
hub; heads, widths and layers differ among them, so that no two are mixed up.
"""
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

COMMON = {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"],
          "is_encoder_decoder": True, "vocab_size": 32128, "dropout_rate": 0.1,
          "relative_attention_num_buckets": 32, "layer_norm_epsilon": 1e-6,
          "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0,
          "feed_forward_proj": "relu", "tie_word_embeddings": True}
CONFIGS = {
    "t5-small": {"d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6,
                 "num_decoder_layers": 6, "num_heads": 8},
    "t5-base": {"d_model": 768, "d_kv": 64, "d_ff": 3072, "num_layers": 12,
                "num_decoder_layers": 12, "num_heads": 12},
    "t5-v1_1-small": {"d_model": 512, "d_kv": 64, "d_ff": 1024,
                      "num_layers": 8, "num_decoder_layers": 8,
                      "num_heads": 6, "feed_forward_proj": "gated-gelu",
                      "tie_word_embeddings": False},
}


def config_of(name, **changes):
    """The content of config.json."""
    return {**COMMON, **CONFIGS[name], **changes}


def shapes(c):
    """{tensor's name: its shape}, in Hugging Face's names."""
    D, d_ff, V = c["d_model"], c["d_ff"], c["vocab_size"]
    inner = c["num_heads"] * c["d_kv"]
    found = {"shared.weight": (V, D)}
    if not c["tie_word_embeddings"]:
        found["lm_head.weight"] = (V, D)
    gated = c["feed_forward_proj"].startswith("gated")
    for stack, layers, kinds in (
            ("encoder", c["num_layers"], ["SelfAttention"]),
            ("decoder", c["num_decoder_layers"],
             ["SelfAttention", "EncDecAttention"])):
        found[f"{stack}.final_layer_norm.weight"] = (D,)
        found[f"{stack}.block.0.layer.0.SelfAttention."
              "relative_attention_bias.weight"] = (
                  c["relative_attention_num_buckets"], c["num_heads"])
        for block in (f"{stack}.block.{i}.layer." for i in range(layers)):
            for i, kind in enumerate(kinds):
                for letter in "qkv":
                    found[f"{block}{i}.{kind}.{letter}.weight"] = (inner, D)
                found[f"{block}{i}.{kind}.o.weight"] = (D, inner)
            for i in range(len(kinds) + 1):
                found[f"{block}{i}.layer_norm.weight"] = (D,)
            last = f"{block}{len(kinds)}.DenseReluDense."
            for wi in ("wi_0", "wi_1") if gated else ("wi",):
                found[f"{last}{wi}.weight"] = (d_ff, D)
            found[f"{last}wo.weight"] = (D, d_ff)
    return found


def tensors(c, seed):
    """{name: float32 array}, drawn so that each part matters.

    Gains differ from 1, queries are long enough for heads that choose, and
    position biases are as large as the scores: a wrong bucket or a turned
    matrix changes the logits by far more than 1e-4. What the text says and
    what was written before weighs more than the token that stands there, so
    that each text gets an output of its own, which varies. Much longer
    queries would make a chaotic function: with 3 in place of 2, a change of
    the weights by 1e-6 moved the logits of 1.1's sizes by 1.8e-4, with 2 by
    2e-5, and any two programs' roundings differ by as much.
    """
    rng, drawn = np.random.default_rng(seed), {}
    for name, shape in shapes(c).items():
        draw = rng.standard_normal(shape, np.float32)
        if name.endswith("norm.weight"):
            draw = 1 + 0.2 * draw
        elif name == "shared.weight":
            draw *= 0.3
        elif name.endswith("bias.weight"):
            draw *= 1.5
        else:
            draw /= shape[1]**0.5
        if name.endswith(".q.weight"):
            draw *= 2 / c["d_kv"]**0.5
        if name.endswith("EncDecAttention.o.weight"):
            draw *= 2
        elif name.endswith(".o.weight") and name.startswith("decoder"):
            draw *= 3
        drawn[name] = draw
    return drawn


def make(folder, config, seed=0):
    """Write config and weights into a folder; the folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors(config, seed), folder / "model.safetensors",
              {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text("{}")  # ids are made, not read
    return folder


def prompts(rows, low, high, vocab_size, seed=0):
    """Random ids of lengths low..high, padded on the right with 0."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(low, high + 1, rows)
    lengths[:2] = low, high
    ids = rng.integers(2, vocab_size, (rows, high)).astype("int32")
    return np.where(np.arange(high) < lengths[:, None], ids, 0)
