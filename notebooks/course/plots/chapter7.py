"""Figures of chapter 7 that are pure service."""

import matplotlib.pyplot as plt
import numpy as np

from .labels import label_points

STYLES = "C0o-", "C1s--", "k^:", "C2D-."
FLOOR = 85  # per cent: where the axis of `methods` begins


def forecast(years, level, half, known, later):
    """A line with its band, and the models known and those that came later.

    years: (n,); level, half: (n,) in powers of ten; known, later: pairs of
    years and parameters. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(7.5, 3.8))
    ax.fill_between(years, 10**(level - half), 10**(level + half),
                    color="0.9", label="95% interval")
    ax.plot(years, 10**level, "k--", lw=1, label="the line")
    ax.plot(*known, "C0o", ms=4, ls="", label="known")
    ax.plot(*later, "C1s", ms=5, mfc="none", ls="", label="came later")
    ax.set(yscale="log", xlabel="year", ylabel="parameters",
           xlim=(years[0] - 1, years[-1]), ylim=(1, 1e17))
    ax.legend(loc="upper left")
    return fig


def named(points, names, line, xlabel, ylabel, hollow=()):
    """Points with their names on a log axis, and a dashed level line (7.1).

    points: (x, y) each; hollow: names of mixtures of experts, which get
        hollow marks. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(7.5, 4.6))
    for fill, label in ("C0", "dense"), ("none", "mixture of experts"):
        some = [point for point, name in zip(points, names)
                if (name in hollow) == (fill == "none")]
        if some:
            ax.plot(*np.transpose(some), "C0o", ls="", ms=5, mfc=fill,
                    label=label)
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    ax.axhline(line, color="k", ls="--", lw=1, label=f"{line} each")
    # marks that can't be seen, along the line: the names avoid them
    ax.plot(np.linspace(left, right + 1, 200), [line] * 200, ls="",
            marker=",", alpha=0)
    ax.set(yscale="log", xlabel=xlabel, ylabel=ylabel,
           xlim=(left - .5, right + 1), xticks=range(left, right + 1))
    ax.legend(loc="lower right")
    by_height = np.argsort([-y for _, y in points])
    label_points(ax, *([some[k] for k in by_height]
                       for some in (points, names)))
    return fig


def curves(x, lines, xlabel, ylabel, ax=None):
    """Percentages over x, a line for each name, up to four (7.2 to 7.4).

    lines: {name: shares}, shares (n,) or (n, draws): then the line joins
        the means, and bars reach from the worst draw to the best.
    Returns the axes.
    """
    ax = ax or plt.subplots(figsize=(6.5, 3.1))[1]
    for (name, shares), style in zip(lines.items(), STYLES):
        shares = 100 * np.reshape(shares, (len(x), -1))
        mean = shares.mean(axis=1)
        if shares.shape[1] == 1:  # no bars, and none in the legend
            ax.plot(x, mean, style, label=name)
            continue
        reach = np.maximum(0, [  # equal draws may round to less than none
            mean - shares.min(axis=1), shares.max(axis=1) - mean])
        ax.errorbar(x, mean, reach, fmt=style, label=name, capsize=3)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def methods(found):
    """Accuracy against bytes, and against time, a named mark a method.

    found: {name: (bytes, accuracy, microseconds)}; what is worse than FLOOR
        stands at the foot, with its accuracy. Returns the figure.
    """
    fig, axes = plt.subplots(1, 2, figsize=(9.5, 7.5), sharey=True)
    axes[0].set(ylabel="unseen digits right (%)", ylim=(FLOOR, 99))
    axes[0].set_yticks([FLOOR + 0.7, *range(FLOOR + 5, 99, 5)],
                       ["lower", *range(FLOOR + 5, 99, 5)])
    names = [name if share > FLOOR / 100 else f"{name}: {share:.0%}"
             for name, (_, share, _) in found.items()]
    for ax, column, xlabel in zip(axes, (0, 2), (
            "kilobytes", "microseconds a picture")):
        unit = 1e3 if column == 0 else 1
        points = [(m[column] / unit, max(100 * m[1], FLOOR + 0.7))
                  for m in found.values()]
        for point, mark in zip(points, "osD^vP*X<>p"):
            ax.plot(*point, "k" + mark, ms=6, ls="")
        low, high = min(p[0] for p in points), max(p[0] for p in points)
        ax.set(xscale="log", xlabel=xlabel, xlim=(low / 2, high * (4 if unit > 1 else 40)))
        label_points(ax, points, names)
    return fig


def bars_of_words(looks, words):
    """Attention on the words of a sentence, their votes below (7.4).

    looks: {model: (weights (T,), votes (T,))}. Returns the figure.
    """
    fig, axes = plt.subplots(2, len(looks), figsize=(9, 4.2), sharex="col",
                             sharey="row")
    for (top, bottom), (name, (a, v)) in zip(axes.T, looks.items()):
        top.bar(range(len(a)), a, color="0.75", edgecolor="k", lw=0.5)
        top.set(title=f"{name}: mean vote {a @ v:+.1f}", ylim=(0, 1))
        bottom.bar(range(len(v)), v, color="C0", edgecolor="k", lw=0.5)
        bottom.axhline(0, color="k", lw=0.8)
        bottom.set_xticks(range(len(a)), words, rotation=60)
    axes[0, 0].set_ylabel("attention")
    axes[1, 0].set_ylabel("vote")
    return fig


def directions(toys):
    """The columns of each W (2, n) as arrows, and W^T W below (7.4).

    toys: {sparsity: W}; a dotted circle has radius 1, arrows under 0.3 are
    left out. Returns the figure.
    """
    fig, axes = plt.subplots(2, len(toys), figsize=(9.5, 4.2))
    peak = max(np.abs(W.T @ W).max() for W in toys.values())
    for (S, W), (top, bottom) in zip(toys.items(), axes.T):
        top.add_patch(plt.Circle((0, 0), 1, fc="none", ec="0.6", ls=":"))
        for i, (x, y) in enumerate(W.T):
            if np.hypot(x, y) > 0.3:  # shorter ones are heads alone
                top.annotate("", (x, y), (0, 0), arrowprops={
                    "arrowstyle": "->", "shrinkA": 0, "shrinkB": 0})
                top.text(1.25 * x, 1.25 * y, i + 1, ha="center",
                         va="center")
        top.set(xlim=(-1.7, 1.7), ylim=(-1.7, 1.7), aspect="equal",
                title=f"S = {S:g}", xticks=[], yticks=[])
        top.spines[:].set_visible(False)
        image = bottom.imshow(W.T @ W, cmap="gray", vmin=-peak,
                               vmax=peak)
        ticks = range(W.shape[1])
        bottom.set_xticks(ticks, [i + 1 for i in ticks])
        bottom.set_yticks(ticks, [i + 1 for i in ticks])
        bottom.grid(False)
    axes[1, 0].set(xlabel="feature", ylabel="feature")
    fig.colorbar(image, ax=axes[1], label="$W^\\top W$")
    return fig


def verdicts(per_chapter, names):
    """Claims of each chapter as bars, divided by verdict (7).

    per_chapter: {chapter: counts}, a count for each of names, of which the
    last is drawn hollow. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(8, 3.2))
    chapters = [*per_chapter]
    left = np.zeros(len(chapters))
    for name, shade, hatch, counts in zip(
            names, ("C5", "0.85", "0.4", "white"), ("", "", "", "///"),
            np.transpose([*per_chapter.values()])):
        if counts.any():
            bars = ax.barh(chapters, counts, left=left, color=shade,
                           edgecolor="k", lw=0.5, hatch=hatch, label=name)
            ax.bar_label(bars, [n or "" for n in counts], fontsize=8,
                         label_type="center", bbox={
                             "fc": "white", "ec": "none", "pad": 0.8})
        left += counts
    ax.set(xlabel="claims", ylabel="chapter", yticks=chapters,
           xticks=range(0, int(left.max()) + 5, 5))
    ax.invert_yaxis()
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(names))
    return fig
