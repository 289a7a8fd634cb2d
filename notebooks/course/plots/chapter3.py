"""Drawings that more than one cell of chapter 3 needs, or that are long."""

import matplotlib.pyplot as plt
import numpy as np


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


def circles(ax, values, weights):
    """Draw a small network: neurons as circles, weights on the lines (3.1).

    ax: matplotlib axes; values: what each neuron puts out, a list of numbers
    for each layer, inputs first; weights: the matrices (n_in, n_out) between
    them, one fewer.
    """
    heights = [0.5 * (len(layer) - 1) - np.arange(len(layer))
               for layer in values]
    for k, W in enumerate(weights):
        for (i, j), w in np.ndenumerate(W):
            left, right = heights[k][i], heights[k + 1][j]
            ax.plot([k, k + 1], [left, right], "0.6", lw=1, ls="-")
            ax.text(k + 0.3, left + 0.3 * (right - left), f"{w:g}",
                    backgroundcolor="white", ha="center", va="center")
    for k, layer in enumerate(values):
        for value, height in zip(layer, heights[k]):
            ax.text(k, height, f"{value:g}", ha="center", va="center",
                    zorder=3, bbox={"boxstyle": "circle", "fc": "white"})
    ax.set(xlim=(-0.3, len(weights) + 0.3), ylim=(-0.9, 0.9))
    ax.axis("off")


def valley(ax, curvature):
    """Draw contours of (c_1 w_1^2 + c_2 w_2^2) / 2, its minimum as a star."""
    w_1, w_2 = np.meshgrid(np.linspace(-10, 8, 90),
                           np.linspace(-2.2, 2.2, 80))
    f = (curvature[0] * w_1**2 + curvature[1] * w_2**2) / 2
    ax.contour(w_1, w_2, f, levels=[0.5, 2, 8, 20, 40, 60], colors="0.7",
               linewidths=0.8, linestyles="-")
    ax.plot(0, 0, "k*", ms=11, zorder=3)
    ax.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-10, 5), ylim=(-2.2, 2.2))
