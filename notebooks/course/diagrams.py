"""Drawings that more than one cell of chapter 3 needs, or that are long."""

import matplotlib.pyplot as plt
import numpy as np


def heat_map(ax, A, rows, columns, title=""):
    """Draw attention weights with their numbers into the cells.

    ax: matplotlib axes; A: array (len(rows), len(columns)) of 0..1;
    rows: names of the queries; columns: names of the keys.
    """
    ax.imshow(A, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(A.shape):
        color = "white" if A[i, j] > 0.55 else "black"
        ax.text(j, i, f"{A[i, j]:.2f}", ha="center", va="center",
                color=color, fontsize=9)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel="key", ylabel="query", title=title)
    ax.grid(False)


def unrolled(tokens):
    """Figure of a recurrent network, one column for each of the tokens."""
    fig, ax = plt.subplots(figsize=(6.4, 2.6))
    arrow = {"arrowstyle": "->", "color": "0.3", "shrinkA": 15, "shrinkB": 15}
    box = {"boxstyle": "round,pad=.4", "fc": "0.92", "ec": "0.3"}
    ax.text(-1, 1, "$h_0=0$", ha="center", va="center", bbox=box)
    for t, token in enumerate(tokens):
        names = [f'$x_{t+1}$ "{token}"', f"$h_{t+1}$", f"$y_{t+1}$"]
        for level, name in enumerate(names):
            ax.text(t, level, name, ha="center", va="center", bbox=box)
        for level, weight in enumerate(["$W_x$", "$W_y$"]):
            ax.annotate("", (t, level + 1), (t, level), arrowprops=arrow)
            ax.text(t + 0.05, level + 0.5, weight, va="center")
        first = {**arrow, "shrinkA": 28} if t == 0 else arrow
        ax.annotate("", (t, 1), (t - 1, 1), arrowprops=first)
        ax.text(t - 0.5, 1.12, "$W_h$", ha="center")
    ax.set(xlim=(-1.4, len(tokens) - 0.5), ylim=(-0.4, 2.4))
    ax.axis("off")
    return fig
