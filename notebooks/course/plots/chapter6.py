"""Figures of chapter 6."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D


def tools_map():
    """The five tools, JAX and the event files as boxes, joined (6)."""
    boxes = {"TensorBoard": (-0.6, 2), "Transformers": (1.5, 2),
             "Keras": (3, 2), "event files": (-0.6, 0.4),
             "TensorFlow": (1.5, 0.4), "PyTorch": (3, 0.4),
             "JAX": (4.2, 0.4)}
    kinds = {"computes with": "-", "computed with, up to version 4": "--",
             "writing, reading a file": ":"}
    arrows = [("TensorFlow", "event files", ":"),
              ("event files", "TensorBoard", ":"),
              ("Transformers", "PyTorch", "-"),
              ("Transformers", "TensorFlow", "--"),
              ("Transformers", "JAX", "--"),
              ("Keras", "TensorFlow", "-"), ("Keras", "PyTorch", "-"),
              ("Keras", "JAX", "-")]
    fig, ax = plt.subplots(figsize=(7.5, 2.8))
    drawn = {}
    for name, (x, y) in boxes.items():
        computes = name in ("TensorFlow", "PyTorch", "JAX")
        drawn[name] = ax.text(x, y, name, ha="center", va="center", bbox={
            "boxstyle": "round,pad=.45", "ec": "0.2",
            "fc": "0.82" if computes else "white",
            "ls": ":" if name == "event files" else "-"})
    for a, b, style in arrows:
        ax.annotate("", boxes[b], boxes[a], arrowprops={
            "arrowstyle": "->", "color": "0.25", "ls": style, "lw": 1.4,
            "patchA": drawn[a].get_bbox_patch(), "shrinkA": 0,
            "patchB": drawn[b].get_bbox_patch(), "shrinkB": 2})
    ax.legend(handles=[Line2D([], [], color="0.25", lw=1.4, ls=style,
                              label=kind) for kind, style in kinds.items()],
              loc="upper right", fontsize=9)
    ax.set(xlim=(-1.2, 7.3), ylim=(0, 2.4))
    ax.axis("off")
    return fig


def gantt(load, train, n):
    """n batches loaded and trained on: in turns, and overlapping (6.1).

    load, train: milliseconds for a batch. Returns the figure.
    """
    turns = [(k * (load + train), k * (load + train) + load)
             for k in range(n)]
    overlap, free = [], 0
    for k in range(n):
        begin = max((k + 1) * load, free)
        overlap.append((k * load, begin))
        free = begin + train
    fig, axes = plt.subplots(2, 1, figsize=(7.5, 2.8), sharex=True)
    for ax, plan, name in zip(axes, (turns, overlap),
                              ("in turns", "overlapping")):
        for k, (a, b) in enumerate(plan, 1):
            for row, left, width, shade in ((1, a, load, "0.85"),
                                            (0, b, train, "C5")):
                ax.barh(row, width, left=left, color=shade, edgecolor="k",
                        lw=0.6, zorder=2)
                ax.text(left + width / 2, row, k, ha="center", va="center",
                        fontsize=8, zorder=3)
        end = plan[-1][1] + train
        ax.axvline(end, color="k", ls="--", lw=1)
        ax.set(yticks=[0, 1], yticklabels=["train", "load"],
               title=f"{name}: {n} steps after {end:g} ms")
    axes[1].set_xlabel("milliseconds")
    axes[0].set_xlim(0, 1.05 * n * (load + train))
    return fig


def coasting(steps, drop):
    """Lengths of the steps of two rules of momentum, over the steps (6.2).

    steps: (n, 2), by (6.3) and by (6.4); drop: after how many of them the
    learning rate fell.
    """
    fig, ax = plt.subplots(figsize=(7.5, 2.6))
    n = np.arange(1, len(steps) + 1)
    for row, style, label in zip(np.transpose(steps), ("C0o-", "C1s--"), (
            "(6.3)", "(6.4), PyTorch")):
        ax.plot(n, row, style, ms=4, lw=1, label=label)
    ax.axvline(drop + 0.5, color="k", lw=1, ls=":")
    ax.annotate("the rate falls", (drop + 0.5, 1), (-24, 0), ha="right",
                textcoords="offset points", fontsize=9, va="center",
                arrowprops={"arrowstyle": "->"})
    ax.set(xlabel="step", ylabel="length of a step\n(first rate = 1)",
           ylim=(0, None))
    ax.legend()
    return fig


def look(words, weights, p):
    """How much each head of START takes from each word (6.1).

    words: texts; weights: (n_heads, at least len(words)); p: the
    probabilities of negative and positive. Returns the figure.
    """
    n = len(words)
    fig, axes = plt.subplots(len(weights), 1, figsize=(7.5, 3), sharex=True)
    for k, (ax, row) in enumerate(zip(axes, weights)):
        ax.bar(range(n), row[:n], color="C5", edgecolor="k", lw=0.5,
               zorder=2)
        ax.set(ylabel=f"head {k}\nweight", ylim=(0, 1.1),
               yticks=[0, 0.5, 1])
        ax.grid(visible=False, axis="x")
    axes[0].set_title("START's attention after ten epochs; probability of "
                      f"positive: {p[1]:.2f}")
    axes[-1].set_xticks(range(n), words, rotation=45, ha="right")
    return fig


def cut(pieces, length, size):
    """A text in its pieces, and the mean number of pieces over the size (6.3).

    pieces: texts; length: {size: mean number}; size: the one in use.
    """
    wide, rows = 84, 1 + sum(len(piece) + 1 for piece in pieces) // 84
    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(7.5, 2.6 + 0.25 * rows), height_ratios=[rows, 8])
    x, y = 0.0, 0
    for k, piece in enumerate(pieces):
        if x + len(piece) + 1 > wide:
            x, y = 0.0, y - 1
        top.text(x, y, piece, fontsize=8, va="center",
                 family="monospace", bbox={
                     "boxstyle": "square,pad=.15", "ec": "0.5", "lw": 0.5,
                     "fc": ("0.95", "0.8")[k % 2]})
        x += len(piece) + 1
    top.set(xlim=(0, wide), ylim=(y - 0.7, 0.7),
            title=f"{size} pieces known: this text has {len(pieces)}")
    top.axis("off")
    bottom.plot(list(length), list(length.values()), "ko-")
    bottom.plot(size, length[size], "C1s", ms=10, label="shown above")
    bottom.legend()
    bottom.set(xlabel="pieces known", ylabel="pieces a review",
               ylim=(0, None), xticks=list(length))
    return fig


def written_text(prompt, pieces, p):
    """Each written token with the probability it had, the prompt above."""
    fig, ax = plt.subplots(figsize=(7.5, 2.6))
    ax.bar(range(len(p)), p, color="C5", edgecolor="k", lw=0.5, zorder=2)
    ax.set_xticks(range(len(p)), [piece.strip() for piece in pieces],
                  rotation=45, ha="right")
    ax.set(ylabel="probability", ylim=(0, 1.05),
           title=f'written after the prompt "{prompt}"')
    return fig


def curves(steps, train, kept):
    """The loss of each step, and the epochs' means on both parts (6.5)."""
    fig, ax = plt.subplots(figsize=(7.5, 2.8))
    each = len(steps) // len(train)
    ends = each * np.arange(1, len(train) + 1)
    ax.plot(steps, color="0.6", lw=0.7, ls="-", label="training, each step")
    ax.plot(ends - each / 2 - 0.5, train, "C0o",
            label="training, mean of the epoch")
    ax.plot(ends, kept, "C1s", label="validation, at the epoch's end")
    ax.set(xlabel="step, from 0", ylabel="loss (nats)", ylim=(0, None))
    ax.legend(loc="lower left")
    return fig


def smoothed(values, drawn, w):
    """A noisy curve, and TensorBoard's average of it, eq. (6.5)."""
    fig, ax = plt.subplots(figsize=(7.5, 2.6))
    ax.plot(values, color="0.6", lw=0.7, ls="-", label="logged")
    ax.plot(drawn, "C1-", lw=2, label=f"smoothed, w = {w:.2f}")
    ax.set(xlabel="step, from 0", ylabel="loss (nats)", ylim=(0, None))
    ax.legend(loc="lower left")
    return fig


def ridges(histograms):
    """Histograms of one array over the epochs, one above the other (6.5).

    histograms: [(time, epochs so far, [(left, right, count), ...])], as
    TensorBoard gives them.
    """
    fig, ax = plt.subplots(figsize=(7.5, 2.8))
    most = max(count / (right - left) for *_, buckets in histograms
               for left, right, count in buckets)
    for k, (_, step, buckets) in enumerate(histograms):
        left, right, count = np.array(buckets).T
        height = k + 0.9 * count / (right - left) / most
        ax.stairs(height, [*left, right[-1]], baseline=k, fill=True,
                  zorder=-k, fc=str(0.9 - 0.15 * k), ec="k", lw=0.8)
    ax.set(xlabel="weight", ylabel="epoch\n(height: share)", ylim=(-0.2, None),
           yticks=range(len(histograms)),
           yticklabels=[step or "start" for _, step, _ in histograms])
    return fig


def bars(values, xlabel):
    """Horizontal bars, the longest first: {name: value} (6.5)."""
    fig, ax = plt.subplots(figsize=(7, 3))
    ax.barh([*values], [*values.values()], color="C5", edgecolor="k", lw=0.5,
            zorder=2)
    ax.set(xlabel=xlabel, title="the ten slowest kinds of operation, "
           f"{sum(values.values()):.1f} in all")
    ax.invert_yaxis()
    return fig
