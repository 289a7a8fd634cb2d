"""Figures that several pages draw: rows of pictures, matrices of numbers."""

import matplotlib.pyplot as plt
import numpy as np


def heat_map(ax, A, rows, columns, title=""):
    """Draw attention weights with their numbers into the cells (3.4, 3.5).

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


def pictures(images, titles=(), columns=10, symmetric=False, side=0.75,
             names=()):
    """A grid of small pictures, each drawn as a square.

    images: (n, h, w) or (n, h, w, 1); each is drawn from its own darkest to
        its own brightest value, or with symmetric=True all on one scale on
        which black is negative, grey zero and white positive.
    titles: a short text each; columns: pictures a row; side: inches each;
    names: a short text on the left of each row.
    Returns the figure.
    """
    images = np.asarray(images)
    images = images.reshape(images.shape[:3])
    rows = -(-len(images) // columns)
    titled = -(-len(titles) // columns)  # rows that carry titles
    width, height = columns * side, rows * side + 0.2 * titled
    # all in one pair of axes: a pair each would take a second to draw
    fig, ax = plt.subplots(figsize=(width, height))
    most = np.abs(images).max() or 1
    limits = {"vmin": -most, "vmax": most} if symmetric else {}
    edge = 0.04 * side
    for k, image in enumerate(images):
        row, column = divmod(k, columns)
        left, right = column * side + edge, (column + 1) * side - edge
        bottom = (row + 1) * side + 0.2 * min(row + 1, titled) - edge
        ax.imshow(image, cmap="gray", **limits, extent=(
            left, right, bottom, bottom - (right - left)))
        if k < len(titles):
            ax.text((left + right) / 2, bottom - (right - left) - 0.03,
                    titles[k], fontsize=8, ha="center", va="bottom")
    for row, name in enumerate(names):
        middle = (row + 0.5) * side + 0.2 * min(row + 1, titled)
        ax.text(-2 * edge, middle, name, fontsize=8, ha="right", va="center")
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    return fig


def shares(values, xlabel, mark=None, ax=None):
    """Horizontal bars with their percentages, the last one in colour.

    values: {name: share from 0 to 1}; mark: (name, share) of a dashed line.
    Returns the figure.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(7, 0.4 * len(values) + 0.5))
    colors = ["0.8"] * (len(values) - 1) + ["C5"]
    bars = ax.barh([*values], [100 * v for v in values.values()],
                   color=colors, zorder=2)
    ax.bar_label(bars, fmt="%.0f %%", label_type="center", zorder=3)
    if mark:
        ax.axvline(100 * mark[1], color="k", ls="--")
        ax.text(100 * mark[1] + 1, 0, mark[0], va="center")
    ax.set(xlabel=xlabel)
    ax.invert_yaxis()
    return ax.figure
