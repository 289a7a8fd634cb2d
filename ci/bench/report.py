"""The tables and the picture of what `python3 ci bench` measured.

rows.json holds all that was measured; RESULTS.md is made of it alone.
"""
import importlib.metadata
import json
import platform
import statistics
from pathlib import Path

import numpy as np

from ci.bench import BATCHES, KINDS, SIZES, TOKENS, checkpoints
from ci.bench.formulations import MATRICES

HERE = Path(__file__).parent
NAMES = {"ours": "ours, float32",
         "ours-bfloat16": "ours, bfloat16 embedding and head",
         "ours-int8": "ours, int8 embedding and head",
         "hf-eager": "Hugging Face TensorFlow, eager",
         "hf-xla": "Hugging Face TensorFlow, XLA",
         "hf-pytorch": "Hugging Face PyTorch"}
PACKAGES = "tensorflow", "keras", "transformers", "numpy"


def machine():
    """Versions and processor, in words."""
    names = ["Python " + platform.python_version()]
    names += ["%s %s" % (name, importlib.metadata.version(name))
              for name in PACKAGES]
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            cpu = next(line.split(":")[1].strip() for line in file
                       if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor()
    return {"words": ", ".join(names) + "; two cores of " + cpu}


def write(done, where=HERE):
    """rows.json, RESULTS.md and results.png, in a folder."""
    rows = slim(done)
    (where / "rows.json").write_text(json.dumps(rows, indent=1) + "\n")
    (where / "RESULTS.md").write_text(markdown(rows), encoding="utf-8")
    picture(rows, where / "results.png")


def slim(done):
    """What is kept: in place of ids, the share that equals our row's."""
    rows = {}
    for name, row in done.items():
        row = dict(row)
        ids = row.pop("ids", None)
        ours = done.get(" ".join(["ours", *name.split(" ")[1:]]), {})
        if ids and "ids" in ours:
            row["alike"] = float(np.mean(np.array(ids)
                                         == np.array(ours["ids"])))
        for key in ("first", "seconds"):
            if key in row:
                row[key] = np.round(row[key], 5).tolist()
        rows[name] = row
    return rows


def bytes_a_step(c, size=4):
    """Bytes of the matrices that one decoder step has to read."""
    D, inner = c["d_model"], c["num_heads"] * c["d_kv"]
    block = 6 * D * inner + 2 * D * c["d_ff"]  # k and v of the text are kept
    return size * (c["num_decoder_layers"] * block + c["vocab_size"] * D)


def limit(rows):
    """Steps a second at t5-small's size, if only memory took time."""
    small = checkpoints.config_of("t5-small")
    return memory(rows, "2") * 1e9 / bytes_a_step(small)


def memory(rows, threads):
    """The best speed seen, in GB/s: a limit is what can be reached at all."""
    return max(rows[name][threads]["best"] for name in (
        "memory", "memory again") if "error" not in rows[name])


def speed(rows, kind, size="t5-small", batch=1, tokens=32):
    """Tokens a second: median, slowest and fastest run; None if failed."""
    row = rows.get(f"{kind} {size} {batch} {tokens}", {})
    if "seconds" not in row:
        return None
    all_ = [batch * tokens / s for s in row["seconds"]]
    return statistics.median(all_), min(all_), max(all_)


def markdown(rows):
    """The whole of RESULTS.md."""
    lines = [
        "# How fast a T5 writes", "",
        "Made by `python3 ci bench --torch PYTHON` (PyTorch stands in an "
        "environment of its own). " + rows["machine"]["words"] + ".", "",
        "Every row is a process of its own: a text of 12 tokens is read, and "
        "the given number of tokens is written greedily (the checkpoints' "
        "texts never end). Median of at least five runs after the first "
        "call, which compiles where there is something to compile. "
        "t5-small stands for its configuration with random weights, t5-tiny "
        "is the shipped checkpoint. Logits are compared with the float32 "
        "row's, relative to the largest.", "",
        "**The limit.** A step of t5-small's size has to read %.0f MB of "
        "float32 weights: the decoder's matrices and the head. Two threads "
        "read %.1f GB/s here (one: %.1f), the best of all readings before "
        "and after the rows: %.0f steps a second at most." % (
            bytes_a_step(checkpoints.config_of("t5-small")) / 1e6,
            memory(rows, "2"), memory(rows, "1"), limit(rows)), "",
        "![Bars: tokens a second at batch 1 and 32 new tokens, for both "
        "sizes, on logarithmic axes](results.png)", "",
        "## What was asked for", "", *asked(rows), "",
        "## All rows", ""]
    for size in SIZES:
        for batch in BATCHES:
            for tokens in TOKENS:
                lines += table(rows, size, batch, tokens)
    lines += ["## Where the time of a step goes", "", *parts(rows["parts"]),
              "", "## Fewer bytes", "", *fewer_bytes(rows["formulations"]),
              "", "## Equal at t5-base's size", "",
              equality(rows["equality t5-base"]), "",
              "## Convolution", "",
              "See [convolution.md](convolution.md): chapter 3's against the "
              "library's.", ""]
    return "\n".join(lines)


def asked(rows):
    """Goals beside what was measured; batch 1."""
    lines = ["| at batch 1 | asked for | 32 tokens | 128 tokens |",
             "|---|---|---:|---:|"]

    def line(what, wanted, value, form, reached):
        cells = []
        for tokens in TOKENS:
            try:
                x = value(tokens)
                cells.append(form % x + (" ✓" if reached(x) else " ✗"))
            except (TypeError, ValueError):  # a row failed
                cells.append("not measured")
        lines.append("| %s | %s | %s |" % (what, wanted, " | ".join(cells)))

    def median(kind, tokens, size="t5-small"):
        found = speed(rows, kind, size, 1, tokens)
        return found and found[0]

    def fastest(tokens):
        others = [median(k, tokens) for k in KINDS if k.startswith("hf")]
        return median("ours", tokens) / max(filter(None, others))

    line("ours against the fastest of Hugging Face's rows, t5-small",
         "at least 0.9", fastest, "%.2f", lambda x: x >= 0.9)
    line("ours against Hugging Face eager, t5-small", "at least 15",
         lambda n: median("ours", n) / median("hf-eager", n), "%.1f",
         lambda x: x >= 15)
    line("ours against Hugging Face eager, t5-tiny", "at least 100",
         lambda n: median("ours", n, "t5-tiny") / median(
             "hf-eager", n, "t5-tiny"), "%.0f", lambda x: x >= 100)
    line("share of the limit of memory, t5-small", "goal: 80%",
         lambda n: 100 * median("ours", n) / limit(rows), "%.0f%%",
         lambda x: x >= 80)
    for kind in "bfloat16", "int8":
        line(f"{kind} embedding and head against float32", "at least 1.5",
             lambda n, kind=kind: median("ours-" + kind, n)
             / median("ours", n), "%.2f", lambda x: x >= 1.5)
    line("first call of ours, with compilation, t5-small (s)", "at most 5",
         lambda n: rows.get(f"ours t5-small 1 {n}", {}).get("first"), "%.1f",
         lambda x: x <= 5)
    return lines


def table(rows, size, batch, tokens):
    """Lines of one table."""
    fast = speed(rows, "ours", size, batch, tokens)
    lines = ["### %s, batch %d, %d new tokens" % (size, batch, tokens), "",
             "| | tokens/s, median | slowest to fastest run | ours is faster "
             "by | first call (s) | tokens as ours | logits off by at most |",
             "|---|---:|---:|---:|---:|---:|---:|"]
    for kind in KINDS:
        row = rows.get(f"{kind} {size} {batch} {tokens}")
        if not row:
            continue
        if "error" in row or not fast:
            lines.append("| %s | failed: %s | | | | | |" % (
                NAMES[kind], row.get("error", "ours").replace("|", " ")))
            continue
        middle, low, high = speed(rows, kind, size, batch, tokens)
        off = "%.1e" % row["logits_off"] if "logits_off" in row else ""
        lines.append("| %s | %s | %s to %s | %.1f | %.1f | %.1f%% | %s |" % (
            NAMES[kind], nice(middle), nice(low), nice(high),
            fast[0] / middle, row["first"], 100 * row["alike"], off))
    if size == "t5-small" and fast:
        top = batch * limit(rows)
        lines.append("| limit: float32 weights read once a step | %s | | "
                     "%.2f | | | |" % (nice(top), fast[0] / top))
    return lines + [""]


def nice(x):
    return "%.0f" % x if x >= 100 else "%.1f" % x


def parts(row):
    """Ours at t5-small's size, batch 1, as TensorFlow's tracer sees it."""
    if "error" in row:
        return ["Not measured: " + row["error"]]
    c = checkpoints.config_of("t5-small")
    D, inner, L = (c["d_model"], c["num_heads"] * c["d_kv"],
                   c["num_decoder_layers"])
    read = {"head and embedding": c["vocab_size"] * D,
            "feed-forward matrices": L * 2 * D * c["d_ff"],
            "attention matrices": L * 6 * D * inner}
    lines = ["A step took %.2f ms, untraced; the tracer saw %d pieces a "
             "step. Pieces may run side by side, so the sum need not be the "
             "step's time. A part whose GB/s lie below memory's loses time "
             "between its pieces, not in them." % (row["step"],
                                                  row["pieces"]), "",
             "| part | ms a step | share of the sum | GB/s |",
             "|---|---:|---:|---:|"]
    whole = sum(row["parts"].values())
    for name, ms in sorted(row["parts"].items(), key=lambda p: -p[1]):
        speed_ = "%.1f" % (4e-6 * read[name] / ms) if name in read else ""
        lines.append("| %s | %.2f | %.0f%% | %s |" % (
            name, ms, 100 * ms / whole, speed_))
    return lines


def fewer_bytes(row):
    """What reading each matrix costs, however it is said to XLA."""
    if "error" in row:
        return ["Not measured: " + row["error"]]
    lines = ["One vector times each kind of matrix of t5-small inside a "
             "compiled loop, in milliseconds (the best float32 and the best "
             "of fewer bytes in bold). A matrix of a half or a quarter of "
             "the bytes gains only where its numbers become float32 inside "
             "the product itself: XLA's fast product takes float32 alone, "
             "and writes the converted matrix to memory first; where "
             "conversion and sum are one loop, a turn of the loop costs time "
             "of its own.", "",
             "| | " + " | ".join("%s, %d by %d" % (name, *MATRICES[name][:2])
                                 for name in row) + " |",
             "|---|" + "---:|" * len(row)]
    best = {(name, full): min(
        ms for way, ms in found.items() if way.startswith("float32") == full)
        for name, found in row.items() for full in (True, False)}
    for way in next(iter(row.values())):
        cells = []
        for name, found in row.items():
            top = best[name, way.startswith("float32")] == found[way]
            cells.append(("**%.3f**" if top else "%.3f") % found[way])
        lines.append("| %s | %s |" % (way, " | ".join(cells)))
    full, short = (sum(MATRICES[name][2] * best[name, kind] for name in row)
                   for kind in (True, False))
    return lines + ["", "All of them, each as often as a step reads it, "
                    "said in the best way: %.2f ms in float32, %.2f ms in "
                    "fewer bytes, %.2f times as fast." % (full, short,
                                                         full / short)]


def equality(row):
    if "error" in row:
        return "t5-base was not compared: %s" % row["error"]
    return ("t5-base's configuration with random weights, both models in "
            "processes of their own: encoder states differ by %.1e, logits "
            "by %.1e of the largest (%.1e absolute), and %d of %d greedy "
            "texts (%d different ones) are equal, token by token." % (
                row["states"], row["logits"], row["logits_absolute"],
                row["alike"], row["texts"], row["outputs"]))


def picture(rows, path):
    """Bars of both sizes at batch 1 and 32 tokens."""
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    fig, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained",
                             sharey=True)
    for ax, size in zip(axes, SIZES):
        found = [speed(rows, kind, size) for kind in KINDS]
        bars = [row[0] if row else 0 for row in found]
        ax.barh([NAMES[k] for k in KINDS], bars, color="#0072B2")
        for i, value in enumerate(bars):
            if value:
                ax.text(value, i, nice(value) + " ", va="center", ha="right",
                        color="white", fontsize=9)
            else:
                ax.text(2.2, i, "not measured", va="center", fontsize=9)
        if size == "t5-small":
            ax.axvline(limit(rows), color="black", ls="--", lw=1)
            ax.set_title("t5-small (dashed: the limit of memory)",
                         fontsize=10)
        else:
            ax.set_title(size, fontsize=10)
        ax.set(xscale="log", xlabel="tokens a second",
               xlim=(2, max(bars) * 5))
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].invert_yaxis()
    fig.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(fig)
