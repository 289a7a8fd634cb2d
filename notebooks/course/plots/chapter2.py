"""Figures of chapter 2."""

import matplotlib.pyplot as plt
import numpy as np

# ---- chapter 2 ----


def stacked(parts, xlabel):
    """Horizontal bars, each a whole divided into its parts, in per cent (2.1).

    parts: {bar: {part: size}}, the same parts in each bar; parts of less
    than 5% carry no number. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(7.5, 0.45 * len(parts) + 0.9))
    names = [*next(iter(parts.values()))]
    sizes = np.array([[bar[name] for name in names]
                      for bar in parts.values()], float)
    sizes *= 100 / sizes.sum(axis=1, keepdims=True)
    start = np.cumsum(sizes, axis=1) - sizes
    for k, name in enumerate(names):
        bars = ax.barh([*parts], sizes[:, k], left=start[:, k], label=name,
                       color=["0.85", "C5", "0.6", "k"][k], edgecolor="k",
                       lw=0.5, zorder=2)
        ax.bar_label(bars, [f"{n:.0f}" if n > 5 else "" for n in
                            sizes[:, k]], label_type="center", zorder=3)
    ax.set(xlabel=xlabel, xlim=(0, 100))
    ax.invert_yaxis()
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
    return fig


def memory_bars(n, b):
    """Bytes that a model of n parameters needs, in three bars (2.1).

    b: bytes a weight, to answer; learning is in float32 with Adam. Dashed
    lines at 2, 16 and 80 GB, up to the first that suffices. Returns the
    figure.
    """
    bars = {"answer": [("weights", b)],
            "learn with Adam": [("weights", 4), ("gradients", 4),
                                ("Adam", 8)]}
    shades = {"weights": "0.85", "gradients": "C5", "Adam": "0.6"}
    fig, ax = plt.subplots(figsize=(7.5, 2))
    for name, pieces in bars.items():
        left = 0
        for piece, size in pieces:
            ax.barh(name, size * n / 1e9, left=left, color=shades[piece],
                    edgecolor="k", lw=0.5, zorder=2,
                    label=piece if name != "answer" else None)
            left += size * n / 1e9
        ax.text(left, name, f" {left:,.2f} GB", va="center", zorder=3)
    total = 16 * n / 1e9
    for line in (2, 16, 80):
        ax.axvline(line, color="k", ls="--", lw=1)
    enough = next((line for line in (2, 16, 80) if line >= total), 0)
    most = max(1.25 * total, 1.1 * enough)
    ax.set(xlabel="memory (GB)", xlim=(0, most))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return fig


def learning_curves(ax, sizes, curves):
    """Accuracy over the number of examples, into `ax` (2.2, 2.3).

    curves: {name: (sizes, draws)}; lines join the means, bands reach from
    the worst draw to the best.
    """
    for (name, values), marker in zip(curves.items(), "os^vDP*"):
        line, = ax.plot(sizes, 100 * values.mean(axis=1), marker=marker,
                        ms=5, label=name)
        ax.fill_between(sizes, 100 * values.min(axis=1),
                        100 * values.max(axis=1), alpha=0.2,
                        color=line.get_color(), lw=0)
    ax.set(xscale="log", xlabel="pictures to learn from",
           ylabel="unseen digits right (%)", ylim=(0, 102))
