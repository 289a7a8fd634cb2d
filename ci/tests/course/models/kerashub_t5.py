"""Largest differences of our T5 from keras-hub's, as JSON.

Run as a process with keras-hub on PYTHONPATH. Its T5 has no head of its own:
compared are the last states of encoder and decoder.
"""
import json

import course

course.start(chapter=4)

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras_hub.models import T5Backbone  # noqa: E402

from ci.bench import checkpoints  # noqa: E402
from course.models.t5 import T5  # noqa: E402


def places(theirs, gated):
    """(HF's name, their variable, whether it is turned)."""
    yield "shared.weight", theirs.token_embedding.embeddings, False
    for stack, blocks, norm in (
            ("encoder", theirs.encoder_transformer_layers,
             theirs.encoder_layer_norm),
            ("decoder", theirs.decoder_transformer_layers,
             theirs.decoder_layer_norm)):
        yield f"{stack}.final_layer_norm.weight", norm.weight, False
        yield (f"{stack}.block.0.layer.0.SelfAttention."
               "relative_attention_bias.weight",
               blocks[0].self_attention.relative_attention_bias, False)
        for i, block in enumerate(blocks):
            kinds = [("SelfAttention", block.self_attention,
                      block.self_attention_layer_norm)]
            if stack == "decoder":
                kinds.append(("EncDecAttention", block.cross_attention,
                              block.cross_attention_layer_norm))
            for n, (kind, attention, norm) in enumerate(kinds):
                at = f"{stack}.block.{i}.layer.{n}."
                yield at + "layer_norm.weight", norm.weight, False
                for letter, part in zip("qkvo", (
                        "query", "key", "value", "output")):
                    dense = getattr(attention, part + "_projector")
                    yield f"{at}{kind}.{letter}.weight", dense.kernel, True
            at = f"{stack}.block.{i}.layer.{len(kinds)}."
            yield at + "layer_norm.weight", block.layer_norm.weight, False
            at += "DenseReluDense."
            first = "wi_0" if gated else "wi"
            yield f"{at}{first}.weight", block.input_projector.kernel, True
            if gated:
                yield f"{at}wi_1.weight", block.gate_projector.kernel, True
            yield f"{at}wo.weight", block.output_projector.kernel, True


def tanh_gelu(x):
    return keras.activations.gelu(x, approximate=True)


def compare(name, activation=None):
    c = checkpoints.config_of(name, vocab_size=1000, num_layers=2,
                              num_decoder_layers=2)
    gated = c["feed_forward_proj"] != "relu"
    drawn = checkpoints.tensors(c, 0)
    ours = T5(c)
    for W in ours.weights:
        W.assign(drawn[W.path.replace("/", ".")])
    theirs = T5Backbone(
        1000, c["num_layers"], c["num_heads"], c["d_model"], c["d_ff"],
        key_value_dim=c["d_kv"], dropout=0.0, use_gated_activation=gated,
        activation=activation or (tanh_gelu if gated else "relu"))
    found = list(places(theirs, gated))
    assert len(found) == len(theirs.weights) == len(
        [n for n in drawn if n != "lm_head.weight"])
    for tensor, variable, turned in found:
        variable.assign(drawn[tensor].T if turned else drawn[tensor])
    ids = checkpoints.prompts(6, 3, 200, 1000)
    Y = checkpoints.prompts(6, 150, 150, 1000, seed=1)
    out = theirs({"encoder_token_ids": ids, "decoder_token_ids": Y,
                  "encoder_padding_mask": (ids != 0).astype("int32"),
                  "decoder_padding_mask": np.ones_like(Y)})
    places_ = range(Y.shape[1])
    states = ours.encode(ids)[0]
    X, _ = ours.decoder(ours.shared.rows(Y), ours.decoder.bias(
        len(Y), places_, places_), cross=ours.read(ids))
    real = (ids != 0)[..., None]
    return {"encoder": difference(states * real,
                                  out["encoder_sequence_output"] * real),
            "decoder": difference(X, out["decoder_sequence_output"])}


def difference(a, b):
    a, b = np.array(a), np.array(b)
    return float(np.abs(a - b).max() / np.abs(b).max())


if __name__ == "__main__":
    print(json.dumps({"t5-small": compare("t5-small"),
                      "t5-v1_1-small": compare("t5-v1_1-small"),
                      "t5-v1_1-small, exact gelu": compare(
                          "t5-v1_1-small", "gelu")}))
