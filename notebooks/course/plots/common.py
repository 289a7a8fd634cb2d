"""Figures that several pages draw: rows of pictures, matrices of numbers."""

import matplotlib.pyplot as plt
import numpy as np


def pictures(images, titles=(), columns=10, symmetric=False, side=0.75):
    """A grid of small pictures, each drawn as a square.

    images: (n, h, w) or (n, h, w, 1); each is drawn from its own darkest to
        its own brightest value, or with symmetric=True all on one scale on
        which black is negative, grey zero and white positive.
    titles: a short text each; columns: pictures a row; side: inches each.
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
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    return fig


def counts(matrix, xlabel, ylabel):
    """A square matrix of whole numbers, each written into its cell.

    The diagonal is pale, so that the few numbers off it stand out; empty
    cells stay empty. Returns the figure.
    """
    matrix = np.asarray(matrix)
    shade = np.where(np.eye(len(matrix), dtype=bool), 0.15, matrix > 0)
    fig, ax = plt.subplots(figsize=(4.2, 3.9))
    ax.imshow(shade, cmap="Greys", vmin=0, vmax=1.3)
    for (i, j), number in np.ndenumerate(matrix):
        if number:
            ax.text(j, i, number, ha="center", va="center", fontsize=8,
                    color="black" if i == j else "white")
    ticks = range(len(matrix))
    ax.set(xlabel=xlabel, ylabel=ylabel, xticks=ticks, yticks=ticks)
    ax.grid(False)
    return fig


def picture_and_bars(image, p, ylabel="probability"):
    """A picture (h, w) or (h, w, 1), and beside it a bar for each class.

    p: (n,) probabilities of the classes 0 to n-1. Returns the figure.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6, 2.4))
    left.imshow(np.squeeze(image), cmap="gray")
    left.axis("off")
    right.bar(range(len(p)), p, zorder=2)
    right.set(xlabel="class", ylabel=ylabel, ylim=(0, 1),
              xticks=range(len(p)))
    return fig


def learning(histories):
    """Loss and share of wrong answers over the epochs of several trainings.

    histories: what Keras's fit returned with validation_data and the metric
        accuracy. The legend gives each training's last share.
    Returns the figure.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    for k, log in enumerate(h.history for h in histories):
        x = np.arange(1, len(log["loss"]) + 1)
        wrong = 100 * (1 - np.array(log["val_accuracy"]))
        left.plot(x, log["loss"], "C0-", label="_" * bool(k) + "training")
        left.plot(x, log["val_loss"], "C1--", label="_" * bool(k) + "unseen")
        right.plot(x, np.maximum(wrong, 0.1), label=f"{wrong[-1]:.1f} %")
    for ax, name in (left, "loss"), (right, "read wrong (%)"):
        ax.set(xlabel="epoch", ylabel=name, yscale="log",
               xticks=range(2, len(x) + 1, 2))
    left.legend()
    right.legend(title="at the end")
    return fig


def from_to(before, after, names, notes, labels, xlabel):
    """Two shares for each name, as a round and a square dot on one line.

    before, after: (n,) shares from 0 to 1, drawn as percentages; names and
    notes: a text for each, at the left and at the right; labels: what the
    two dots mean. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(7.5, 2.6))
    rows = np.arange(len(names))
    before, after = 100 * np.asarray(before), 100 * np.asarray(after)
    ax.hlines(rows, after, before, color="k", lw=1)
    ax.plot(before, rows, "C0o", label=labels[0], clip_on=False)
    ax.plot(after, rows, "C1s", label=labels[1], clip_on=False)
    for row, note in zip(rows, notes):
        ax.annotate(note, (100, row), (6, 0), textcoords="offset points",
                    va="center", fontsize=8)
    ax.set(yticks=rows, yticklabels=names, xlabel=xlabel)
    ax.set_xlim(right=100)
    ax.invert_yaxis()
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
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


def advantages(values, gains, xlabel):
    """Shares as bars; beside them the last one's lead over each other one.

    values: {name: share}; gains: {name: (low, high)}, intervals of the lead.
    Returns the figure.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 2.4), sharey=True)
    shares(values, xlabel, ax=left)
    for name, (low, high) in gains.items():
        right.plot([100 * low, 100 * high], [name] * 2, "k|-")
    right.axvline(0, color="k", ls=":")
    right.set(xlabel=f"{[*values][-1]} better by (points, 95%)")
    return fig


def state_map(x, z, h, xlabel, ylabel):
    """A sequence above the state of a recurrent network at each step.

    x, z: (T,) steps and the sequence; h: (T, D) from -1 to 1; xlabel,
    ylabel: names of x and z. Returns the figure.
    """
    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(7.5, 4.4), sharex=True, height_ratios=[1, 2.4])
    top.step(x, z, "k.-" if len(x) < 50 else "k-", where="mid", lw=0.8)
    top.set(ylabel=ylabel)
    image = bottom.imshow(h.T, cmap="gray", aspect="auto", vmin=-1, vmax=1,
                          extent=(x[0] - 0.5, x[-1] + 0.5, h.shape[1], 0))
    bottom.set(xlabel=xlabel, ylabel="unit of the state")
    bottom.grid(False)
    fig.colorbar(image, ax=[top, bottom], label="$h$")
    return fig


def flight(ax, x, z):
    """A ball's places x (T,) as a line, its zones z as dots, into `ax`."""
    ax.plot(range(len(x)), x, "C0-", lw=1)
    ax.plot(range(len(z)), np.asarray(z) + 0.5, "ko")
    ax.set(xlabel="time (s)", yticks=range(11), xticks=range(0, 11, 2))


def drifting(x, truth, free, distance, labels):
    """A free-running prediction, and how it fares over many starts.

    x, truth, free: (T,) steps, the true sequence, the run, which begins
    where it first may differ, at step 10; distance: {name: (steps,)} curves;
    labels: names of x, of the sequence, of the steps, of the curves' axis.
    Returns the figure.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 2.8))
    left.plot(x, truth, "k-", label="truth", lw=1)
    left.plot(x[10:], free[10:], "C1--", label="on its own")
    left.axvline((x[9] + x[10]) / 2, color="0.6", ls=":")
    left.set(xlabel=labels[0], ylabel=labels[1], yticks=[0, 3, 6, 9])
    left.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    styles = ["C1--", "k:"] if len(distance) == 2 else ["C0-", "C1--", "k:"]
    for (name, values), style in zip(distance.items(), styles):
        right.plot(range(1, len(values) + 1), values, style, label=name)
    right.set(xlabel=labels[2], ylabel=labels[3])
    right.legend()
    return fig


# ---- chapter 2 ----


def stacked(parts, xlabel):
    """Horizontal bars, each a whole divided into its parts, in per cent.

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
    """Bytes that a model of n parameters needs, in three bars.

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
    """Accuracy over the number of examples, into `ax`.

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
