"""The table and the picture of what `python3 ci bench` measured."""
import importlib.metadata
import platform
import statistics
from pathlib import Path

import matplotlib
import numpy as np

from ci.bench import BATCHES, KINDS, SIZES, TOKENS

matplotlib.use("Agg")
HERE = Path(__file__).parent
NAMES = {"ours": "ours, float32", "ours-bfloat16": "ours, bfloat16 embedding and head",
         "ours-int8": "ours, int8 embedding and head",
         "hf-eager": "Hugging Face TensorFlow, eager",
         "hf-xla": "Hugging Face TensorFlow, XLA",
         "hf-pytorch": "Hugging Face PyTorch"}
PACKAGES = "tensorflow", "keras", "transformers", "numpy"


def bytes_a_step(c, size=4):
    """Bytes of the matrices that one decoder step has to read."""
    D, inner = c["d_model"], c["num_heads"] * c["d_kv"]
    block = 6 * D * inner + 2 * D * c["d_ff"]  # k and v of the text are kept
    return size * (c["num_decoder_layers"] * block + c["vocab_size"] * D)


def config(size):
    import json

    from ci.bench import folder
    return json.loads((folder(size) / "config.json").read_text())


def speed(row, batch, tokens):
    """Tokens a second: median, slowest and fastest run."""
    all_ = [batch * tokens / s for s in row["seconds"]]
    return statistics.median(all_), min(all_), max(all_)


def alike(row, reference):
    return np.mean(np.array(row["ids"]) == np.array(reference["ids"]))


def table(done, size, batch, tokens):
    """Lines of one table."""
    read = done["memory"]["2"]["median"] * 1e9
    limit = batch * read / bytes_a_step(config(size))
    key = "%s " + "%s %d %d" % (size, batch, tokens)
    mine = done[key % "ours"]
    fast = speed(mine, batch, tokens)[0]
    lines = ["### %s, batch %d, %d new tokens" % (size, batch, tokens), "",
             "| | tokens/s, median | slowest to fastest run | ours is faster "
             "by | first call (s) | tokens as ours | logits off by at most |",
             "|---|---:|---:|---:|---:|---:|---:|"]
    for kind in KINDS:
        row = done.get(key % kind)
        if not row:
            continue
        if "error" in row:
            lines.append("| %s | failed: %s | | | | | |"
                         % (NAMES[kind], row["error"].replace("|", " ")))
            continue
        middle, low, high = speed(row, batch, tokens)
        off = "%.1e" % row["logits_off"] if "logits_off" in row else ""
        lines.append("| %s | %s | %s to %s | %.1f | %.1f | %.1f%% | %s |" % (
            NAMES[kind], nice(middle), nice(low), nice(high), fast / middle,
            row["first"], 100 * alike(row, mine), off))
    if size == "t5-small":
        lines.append("| limit: float32 weights read once a step | %s | | "
                     "%.2f | | | |" % (nice(limit), fast / limit))
    return lines + [""]


def nice(x):
    return "%.0f" % x if x >= 100 else "%.1f" % x


def versions():
    names = ["Python " + platform.python_version()]
    names += ["%s %s" % (name, importlib.metadata.version(name))
              for name in PACKAGES]
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            cpu = next(line.split(":")[1].strip() for line in file
                       if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor()
    return ", ".join(names) + "; two cores of " + cpu


def equality(row):
    if "error" in row:
        return "t5-base was not compared: %s" % row["error"]
    return ("t5-base's configuration with random weights, both models in "
            "processes of their own: encoder states differ by %.1e, logits "
            "by %.1e of the largest (%.1e absolute), and %d of %d greedy "
            "texts (%d different ones) are equal, token by token." % (
                row["states"], row["logits"], row["logits_absolute"],
                row["alike"], row["texts"], row["outputs"]))


def write(done):
    """RESULTS.md and results.png beside this file."""
    memory = done["memory"]
    per_step = bytes_a_step(config("t5-small")) / 1e6
    lines = [
        "# How fast a T5 writes", "",
        "Made by `python3 ci bench --torch PYTHON` (PyTorch stands in an "
        "environment of its own). " + versions() + ".", "",
        "Every row is a process of its own: a text of 12 tokens is read, and "
        "the given number of tokens is written greedily (the checkpoints' "
        "texts never end). Median of at least five runs after the first "
        "call, which compiles where there is something to compile. "
        "t5-small stands for its configuration with random weights, t5-tiny "
        "is the shipped checkpoint. The last column compares logits with "
        "the float32 row's, relative to the largest.", "",
        "**The limit.** A step of t5-small's size has to read %.0f MB of "
        "float32 weights: the decoder's matrices and the head. Two threads "
        "read %.1f GB/s here (one: %.1f), medians of 15 readings." % (
            per_step, memory["2"]["median"], memory["1"]["median"]), "",
        "![Bars: tokens a second at batch 1 and 32 new tokens, for both "
        "sizes, on logarithmic axes](results.png)", ""]
    for size in SIZES:
        for batch in BATCHES:
            for tokens in TOKENS:
                lines += table(done, size, batch, tokens)
    lines += ["## Fewer bytes", ""] + fewer_bytes(done["formulations"])
    lines += ["## Equal at t5-base's size", "",
              equality(done["equality t5-base"]), ""]
    other = HERE / "convolution.md"
    if other.is_file():
        lines += ["## Convolution", "", "See [convolution.md]"
                  "(convolution.md): chapter 3's against the library's.", ""]
    (HERE / "RESULTS.md").write_text("\n".join(lines), encoding="utf-8")
    picture(done)


def fewer_bytes(row):
    """What reading the head's matrix costs, however it is said to XLA."""
    if "error" in row:
        return ["Not measured: " + row["error"], ""]
    best = min(ms for name, ms in row.items() if name.startswith("float32"))
    lines = ["One vector times the head's matrix (512 by 32128) inside a "
             "compiled loop, in milliseconds. A matrix of a half or a "
             "quarter of the bytes gains only where its numbers become "
             "float32 inside the product itself. XLA's fast product takes "
             "float32 alone: it writes the converted matrix to memory "
             "first; where conversion and sum are one loop, it is not the "
             "fast product any more.", "",
             "| | ms | against the best float32 |", "|---|---:|---:|"]
    return lines + ["| %s | %.2f | %.2f |" % (name, ms, best / ms)
                    for name, ms in row.items()] + [""]


def picture(done):
    """Bars of both sizes at batch 1 and 32 tokens."""
    import matplotlib.pyplot as plt
    fig, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained",
                             sharey=True)
    for ax, size in zip(axes, SIZES):
        found = {NAMES[k]: speed(row, 1, 32)[0] for k in KINDS
                 if "seconds" in (row := done.get(f"{k} {size} 1 32", {}))}
        ax.barh(list(found), list(found.values()), color="#0072B2")
        for i, value in enumerate(found.values()):
            ax.text(value, i, " " + nice(value), va="center", fontsize=9)
        if size == "t5-small":
            limit = done["memory"]["2"]["median"] * 1e9 / bytes_a_step(
                config(size))
            ax.axvline(limit, color="black", ls="--", lw=1)
            ax.set_title("t5-small (dashed: the limit of memory)",
                         fontsize=10)
        else:
            ax.set_title(size, fontsize=10)
        ax.set(xscale="log", xlabel="tokens a second",
               xlim=(2, max(found.values()) * 5))
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].invert_yaxis()
    fig.savefig(HERE / "results.png", dpi=120,
                metadata={"Software": None})
    plt.close(fig)
