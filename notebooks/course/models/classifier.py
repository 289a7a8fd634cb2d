"""Chapter 6's classifier before any tool: its words, sizes and weights (6)."""

import re

import numpy as np

PAD, START, OTHER = range(3)  # ids that are no word of their own
SIZES = {"T": 32, "D": 32, "n_heads": 2, "d_ff": 64, "n_classes": 2}

# the short training in which the tools are compared, batch by batch
RUN = {"steps": 20, "batch": 50, "lr": 0.05, "momentum": 0.9}
EPS = 1e-5  # below the root of every layer normalisation


def split(text):
    """"Not weak!" -> ["not", "weak", "!"]."""
    return re.findall(r"\w+|[^\w\s]", text.lower())


def vocabulary(texts):
    """{word: id} of all words of some texts, the first id after OTHER."""
    found = sorted({word for text in texts for word in split(text)})
    return {word: id for id, word in enumerate(found, OTHER + 1)}


def to_ids(texts, words):
    """Texts -> int32 (n, T): START, the words' ids, PAD up to T.

    words: of `vocabulary`; a word that it lacks becomes OTHER, and what
    goes beyond T is cut off.
    """
    ids = np.full((len(texts), SIZES["T"]), PAD, np.int32)
    for row, text in zip(ids, texts):
        known = [START] + [words.get(word, OTHER) for word in split(text)]
        row[:len(known)] = known[:SIZES["T"]]
    return ids


def draw_weights(V):
    """{name: float32 array}, the same at every call: all tools start here (6).

    V: the number of ids. Matrices multiply from the right, X @ W.
    """
    T, D, _, d_ff, n = SIZES.values()
    rng = np.random.default_rng(6)
    shapes = {"words": (V, D), "places": (T, D), "1": (D, d_ff),
              "2": (d_ff, D), "c": (D, n), **dict.fromkeys("qkvop", (D, D))}
    W = {}
    for name, (rows, columns) in shapes.items():
        if name in ("words", "places"):
            W[name] = rng.normal(size=(rows, columns)) / 5
        else:
            W[f"W_{name}"] = rng.normal(size=(rows, columns)) / rows**0.5
            W[f"b_{name}"] = rng.normal(size=columns) / 10
    for k in range(3):  # one normalisation after each part
        W[f"scale_{k}"] = 1 + rng.normal(size=D) / 10
        W[f"shift_{k}"] = rng.normal(size=D) / 10
    return {name: array.astype(np.float32) for name, array in W.items()}


def torch_layout(W):
    """The same numbers under PyTorch's names and in its shapes.

    W: weights or gradients as `draw_weights` names them. PyTorch keeps a
    matrix as (out, in), and one matrix for queries, keys and values.
    """
    attention = "block.self_attn."
    linear = {attention + "out_proj": "o", "block.linear1": "1",
              "block.linear2": "2", "pool": "p", "answer": "c"}
    out = {f"{name}.weight": W[name] for name in ("words", "places")}
    out[attention + "in_proj_weight"] = np.concatenate(
        [W[f"W_{k}"] for k in "qkv"], axis=1).T
    out[attention + "in_proj_bias"] = np.concatenate(
        [W[f"b_{k}"] for k in "qkv"])
    for name, k in linear.items():
        out[f"{name}.weight"] = np.transpose(W[f"W_{k}"])
        out[f"{name}.bias"] = W[f"b_{k}"]
    for k, name in enumerate(["norm", "block.norm1", "block.norm2"]):
        out[f"{name}.weight"] = W[f"scale_{k}"]
        out[f"{name}.bias"] = W[f"shift_{k}"]
    return {name: np.ascontiguousarray(a) for name, a in out.items()}


def bert_layout(W):
    """The same numbers as Hugging Face's BERT of one layer names them (6.3).

    W: as for `torch_layout`; matrices are (out, in) here, too. BERT adds a
    vector that says which of two texts a word is from: here always zero.
    """
    layer = "bert.encoder.layer.0."
    linear = {"attention.self.query": "q", "attention.self.key": "k",
              "attention.self.value": "v", "attention.output.dense": "o",
              "intermediate.dense": "1", "output.dense": "2"}
    linear = {layer + name: k for name, k in linear.items()}
    linear |= {"bert.pooler.dense": "p", "classifier": "c"}
    embeddings = "bert.embeddings."
    out = {f"{embeddings}word_embeddings.weight": W["words"],
           f"{embeddings}position_embeddings.weight": W["places"],
           f"{embeddings}token_type_embeddings.weight":
               np.zeros_like(W["places"][:1])}
    for name, k in linear.items():
        out[f"{name}.weight"] = np.transpose(W[f"W_{k}"])
        out[f"{name}.bias"] = W[f"b_{k}"]
    for k, name in enumerate([embeddings, layer + "attention.output.",
                              layer + "output."]):
        out[f"{name}LayerNorm.weight"] = W[f"scale_{k}"]
        out[f"{name}LayerNorm.bias"] = W[f"shift_{k}"]
    return {name: np.ascontiguousarray(a) for name, a in out.items()}


def from_keras(arrays):
    """Keras's arrays under our names, heads side by side again (6.4).

    arrays: weights or gradients by their path, "attention/query/kernel".
    """
    out = {name: arrays[f"{name}/embeddings"] for name in ("words", "places")}
    for k in "12pc":
        out[f"W_{k}"] = arrays[f"{k}/kernel"]
        out[f"b_{k}"] = arrays[f"{k}/bias"]
    for k in "012":
        out[f"scale_{k}"] = arrays[f"norm_{k}/gamma"]
        out[f"shift_{k}"] = arrays[f"norm_{k}/beta"]
    D = out["words"].shape[1]
    for k, name in zip("qkvo", ["query", "key", "value", "attention_output"]):
        out[f"W_{k}"] = arrays[f"attention/{name}/kernel"].reshape(D, D)
        out[f"b_{k}"] = arrays[f"attention/{name}/bias"].ravel()
    return out
