"""Figures of chapter 8."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from .common import pictures


def _rows(ax, names):
    """A row for each name, from the top, with room at both ends."""
    ax.set_yticks(range(len(names)), [*names])
    ax.set_ylim(len(names) - 0.5, -0.5)


def needs(values, title):
    """What a model needs, as dots: {what: amount} (8.1).

    The last amount is in days and has an axis of its own, the others in GB.
    """
    rows = [*values.items()]
    fig, axes = plt.subplots(2, figsize=(7.5, 3),
                             height_ratios=[len(rows) - 1, 1])
    for ax, part, style, unit, limits, line, name in zip(
            axes, (rows[:-1], rows[-1:]), ("C0o", "C1D"), ("GB", "days"),
            ((1e-3, 1e5), (1e-9, 1e12)), (16, 365), ("16 GB", "a year")):
        ax.axvline(line, color="k", ls="--", lw=1, label=name)
        for k, (_, value) in enumerate(part):
            ax.plot(value, k, style)
            text = f"{value:,.0f}" if value > 100 else f"{value:.3g}"
            ax.annotate(text, (value, k), (8, 0), va="center",
                        textcoords="offset points", bbox={
                            "fc": "w", "ec": "none", "pad": 1})
        _rows(ax, [name for name, _ in part])
        ax.set(xscale="log", xlim=limits, xlabel=unit)
        ax.legend(loc="upper right", handlelength=1.5)
    axes[0].set_title(title)
    return fig


def scaling(k, times, title=""):
    """How many times as fast k workers are as one (8.3)."""
    fig, ax = plt.subplots(figsize=(6, 2.9))
    ax.loglog(k, k, "k:", label="ideal", base=2)
    ax.loglog(k, times, "C0o-", base=2, label="with sending")
    ax.set(xlabel="workers", ylabel="times as fast as one", title=title)
    ax.legend()
    return fig


def cleaning(scores, ways, models):
    """Circles for draws, a diamond for their mean (8.4).

    scores: (draws, ways, models), shares that are right.
    """
    fig, axes = plt.subplots(1, len(models), figsize=(8.5, 2.8), sharey=True)
    for m, (ax, name) in enumerate(zip(axes, models)):
        _draws(ax, 100 * scores[:, :, m])
        ax.set(xlabel="unseen digits right (%)", title=name)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    _rows(axes[0], ways)
    axes[0].legend()
    return fig


def gains(points, kinds):
    """Points gained, (draws, kinds), against the line of no gain (8.4)."""
    fig, ax = plt.subplots(figsize=(7, 2.5))
    ax.axvline(0, color="k", lw=1)
    _draws(ax, points)
    _rows(ax, kinds)
    ax.set_xlabel("points gained over 50 labels alone")
    ax.legend()
    return fig


def _draws(ax, values):
    """The mean below, and no circle quite at another's height."""
    for k, column in enumerate(np.transpose(values)):
        ax.plot(column, k - np.linspace(0, 0.3, len(column)), "o",
                color="0.5", mfc="none", label=None if k else "one draw")
        ax.plot(column.mean(), k + 0.3, "C1D", label=None if k else "mean")


def methods(X, maps):
    """Pictures (n, 8, 8), and beside each what each method says (8.5).

    maps: {method: (n, 8, 8)}; brighter is more important.
    """
    columns = [X, *(np.abs(m) for m in maps.values())]
    grid = np.stack(columns, axis=1).reshape(-1, *X.shape[1:])
    short = {"gradient x input": "grad. x input",
             "integrated gradients": "int. grad."}
    fig = pictures(grid, ["picture", *(short.get(name, name)
                                       for name in maps)],
                   columns=len(columns), side=1.1)
    fig.set_facecolor("0.6")  # so that a white corner can be seen
    return fig


def sanity(ranks):
    """Rank correlations with random weights (8.5).

    ranks: {method: (random networks, 2)}: all pixels, pixels with ink.
    """
    fig, ax = plt.subplots(figsize=(7, 2.9))
    ax.axvline(0, color="k", lw=1)
    for row, values in enumerate(ranks.values()):
        for k, (mark, name) in enumerate((("C0o", "all pixels"),
                                          ("C1D", "pixels with ink"))):
            y = [row + 0.3 * k - 0.15] * len(values)
            ax.plot(np.array(values)[:, k], y, mark, mfc="none",
                    label=None if row else name)
    _rows(ax, ranks)
    ax.set_xlabel("rank correlation with random weights")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return fig


def baseline(x, a, title):
    """A picture (h, w) and how much each pixel counts (8.5)."""
    # grey, so that a white corner can be seen
    fig, axes = plt.subplots(1, 2, figsize=(5.5, 2.7), facecolor="0.6")
    axes[0].imshow(x, cmap="gray", vmin=0, vmax=1)
    axes[1].imshow(np.abs(a), cmap="gray", vmin=0)
    for ax, text in zip(axes, ("picture", title)):
        ax.set(title=text, xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    return fig


def probabilities(p, names, rest):
    """Bars for the likeliest tokens; rest: what all others share (8.6)."""
    fig, ax = plt.subplots(figsize=(7, 2.8))
    percent = 100 * np.append(p, rest)
    bars = ax.bar(range(len(percent)), percent, zorder=2,
                  color=["C0"] * len(p) + ["0.6"])
    ax.bar_label(bars, [f"{x:.0f}" if x >= 9.5 else f"{x:.1g}"
                        if x >= 0.01 else "<.01" for x in percent])
    ax.set_xticks(range(len(percent)), [*names, "all others"], rotation=45,
                  ha="right")
    ax.set(ylabel="probability (%)", ylim=(0, 1.15 * percent.max()))
    return fig


def doubts(known, strange, threshold):
    """How far from sure: the share of answers below each doubt (8.9).

    known, strange: probabilities of answers; drawn against 1 - p.
    """
    fig, ax = plt.subplots(figsize=(6.5, 2.8))
    for p, style, name in ((known, "C0-", "can be known"),
                           (strange, "C1--", "can't be known")):
        doubt = np.sort((1 - p).clip(1e-5, 1))
        ax.step([1e-5, *doubt, 1],
                100 * np.linspace(0, 1, len(p) + 1)[[*range(len(p) + 1), -1]],
                style, where="post", label=name)
    ax.axvline(max(1 - threshold, 1e-5), color="k", ls=":",
               label=f"threshold: p = {threshold:g}")
    good, bad = ((p >= threshold).mean() for p in (known, strange))
    ax.set(xscale="log", xlim=(1e-5, 1.1), ylim=(-2, 105),
           xlabel="doubt: 1 - probability of the answer",
           ylabel="questions with at most\nthis doubt (%)",
           title=f"answered: {good:.0%} of the knowable, {bad:.0%} of the"
           " unknowable")
    ax.legend()
    return fig


def laptop(billions, speed, fits, title):
    """Tokens a second against a model's size (8.10)."""
    fig, ax = plt.subplots(figsize=(6.5, 2.9))
    ax.loglog(billions, speed, "0.7", label="does not fit")
    ax.loglog(billions[fits], speed[fits], "C0-", lw=3, label="fits")
    ax.axhline(5, color="k", ls="--", lw=1, label="5 tokens a second (reading)")
    ax.set(xlabel="parameters (billion)", ylabel="tokens a second, at most",
           title=title)
    ax.legend()
    return fig


def several(results, xlabel):
    """Shares with intervals, a row a task, a mark a model (8.11).

    results: {model: {task: (value, low, high)}}.
    """
    tasks = [*next(iter(results.values()))]
    fig, ax = plt.subplots(figsize=(7, 0.9 + 0.5 * len(tasks)))
    marks = ("0.5", "o"), ("C0", "D"), ("C1", "s")
    for k, (name, scores) in enumerate(results.items()):
        x, low, high = 100 * np.transpose([*scores.values()])
        y = np.arange(len(tasks)) + 0.22 * (k - (len(results) - 1) / 2)
        color, mark = marks[k]
        ax.errorbar(x, y, xerr=(x - low, high - x), fmt=mark, color=color,
                    capsize=3, label=name)
    _rows(ax, tasks)
    ax.set(xlabel=xlabel, xlim=(-3, 103))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return fig


def batch(sizes, noise, right):
    """Scatter and accuracy against the batch size (8.13).

    right: {name: (seeds, sizes)}, shares that are right.
    """
    fig, (left, ax) = plt.subplots(1, 2, figsize=(8.5, 2.8))
    left.loglog(sizes, noise, "C0o-", base=2, label="measured")
    left.loglog(sizes, noise[0] * np.sqrt(sizes[0] / np.array(sizes)), "k:",
                base=2, label="$1/\\sqrt{B}$")
    left.set(xlabel="batch size", ylabel="scatter of the gradient")
    ticks = 0.005 * 2.0 ** np.arange(-8, 9)
    left.set_yticks(ticks[(ticks > min(noise) / 1.2) & (
        ticks < max(noise) * 1.2)])
    left.yaxis.set_major_formatter("{x:.3g}")
    for (name, values), style in zip(right.items(), ("C0o-", "C1s--", "C2^:")):
        for seed in values:
            ax.semilogx(sizes, 100 * seed, style[:3], base=2, mfc="none",
                        ls="", alpha=0.6)
        ax.semilogx(sizes, 100 * np.mean(values, axis=0), style, base=2,
                    label=name)
    ax.set(xlabel="batch size", ylabel="unseen digits right,\nfive epochs (%)")
    for axis in left, ax:
        axis.set_xticks(sizes, sizes)
        axis.minorticks_off()
        axis.legend()
    return fig
