"""Figures of chapter 4."""

import matplotlib.pyplot as plt
import numpy as np

from .common import shares


def counts(matrix, xlabel, ylabel):
    """A square matrix of whole numbers, each written into its cell (4.1, 4.2).

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
    """A picture (h, w) or (h, w, 1), and beside it a bar for each class (4.1).

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
    """A sequence above the state of a recurrent network at each step (4.2).

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
    """A free-running prediction, and how it fares over many starts (4.2).

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
