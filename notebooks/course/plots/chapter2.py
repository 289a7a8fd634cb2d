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
        small = sizes[:, k].max() < 0.1
        bars = ax.barh([*parts], sizes[:, k], left=start[:, k],
                       label=name + (" (below 0.1%)" if small else ""),
                       color=["0.85", "C5", "0.6", "k"][k], edgecolor="k",
                       lw=0.5, zorder=2)
        ax.bar_label(bars, [f"{n:.0f}" if n > 5 else "" for n in
                            sizes[:, k]], label_type="center", zorder=3)
    ax.set(xlabel=xlabel, xlim=(0, 100))
    ax.invert_yaxis()
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
    return fig


def memory_bars(n, b):
    """Bytes that a model of n parameters needs, in two bars (2.1).

    b: bytes a weight, to answer; learning is in float32 with Adam. Lines at
    2, 16 and 80 GB, up to the first that suffices. Returns the figure.
    """
    bars = {"answer": [("weights", b)],
            "learn with Adam": [("weights", 4), ("gradients", 4),
                                ("Adam", 8)]}
    shades = {"weights": "0.85", "gradients": "C5", "Adam": "0.6"}
    machines = {2: ("free server", ":"), 16: ("laptop", "--"),
                80: ("one accelerator", "-.")}
    fig, ax = plt.subplots(figsize=(7.5, 2.2))
    for name, pieces in bars.items():
        left = 0
        for piece, size in pieces:
            ax.barh(name, size * n / 1e9, left=left, color=shades[piece],
                    edgecolor="k", lw=0.5, zorder=2,
                    label=piece if name != "answer" else None)
            left += size * n / 1e9
        ax.annotate(f"{left:,.2f} GB", (left, name), (4, 0), va="center",
                    textcoords="offset points", zorder=3,
                    bbox={"fc": "w", "ec": "none", "pad": 1})
    total = 16 * n / 1e9
    enough = next((line for line in machines if line >= total), 0)
    most = max(1.25 * total, 1.1 * enough)
    for line, (machine, style) in machines.items():
        if line <= most:
            ax.axvline(line, color="k", ls=style, lw=1,
                       label=f"{line} GB, {machine}")
    ax.set(xlabel="memory (GB)", xlim=(0, most))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return fig


# one colour, line and mark for each model in all figures
LOOKS = {"logistic regression": 0, "nearest neighbours": 1,
         "random forest": 2, "SVM": 3, "MLP": 4, "CNN": 5, "SVM, centred": 6}
LINES, MARKS = ["-", "--", "-.", ":", "-", "--", "-."], "os^vDP*"
WAYS = {"TF-IDF": ("0.55", ":", "X"), "from scratch": ("0.55", "--", "<"),
        "frozen": ("k", "-", "h"), "fine-tuned": ("k", "-.", ">")}


def look(name):
    """How a model's curve is drawn; keywords of `plot`."""
    if name in LOOKS:
        k = LOOKS[name]
        color, line, mark = f"C{k}", LINES[k], MARKS[k]
    else:
        color, line, mark = WAYS[name]
    return {"color": color, "ls": line, "marker": mark, "ms": 5,
            "label": name}


def learning_curves(ax, sizes, curves, errors=False, last_new=None):
    """Accuracy over the number of examples, into `ax` (2.2, 2.3).

    curves: {name: (sizes, draws)}; lines join the means, bands reach from
    the worst draw to the best. errors: what is wrong, on a logarithmic axis,
    with bars of a standard deviation. last_new: a line stands at this size.
    """
    for name, values in curves.items():
        values = 100 * (1 - values if errors else values)
        if errors:
            ax.errorbar(sizes, values.mean(axis=1), values.std(axis=1, ddof=1),
                        elinewidth=0.8, **look(name))
        else:
            ax.plot(sizes, values.mean(axis=1), **look(name))
            ax.fill_between(sizes, values.min(axis=1), values.max(axis=1),
                            alpha=0.2, color=look(name)["color"], lw=0)
    if last_new:
        ax.axvline(last_new, color="k", ls=":", lw=1, label="last new digit")
    ax.set(xscale="log", xlabel="pictures to learn from")
    if not errors:
        ax.set(ylabel="unseen digits right (%)", ylim=(0, 102))
    else:
        ax.set(yscale="log", ylabel="unseen digits wrong (%)", ylim=(0.5, 99),
               yticks=[0.5, 1, 2, 5, 10, 20, 50],
               yticklabels=[0.5, 1, 2, 5, 10, 20, 50])
        ax.yaxis.set_minor_locator(plt.NullLocator())


def error_curves(sizes, curves, last_new):
    """`learning_curves` of two tasks' errors, side by side (2.3).

    sizes: {task: (sizes,)}; curves: {task: {name: (sizes, draws)}};
    last_new: of the second task. Returns the figure.
    """
    titles = {"still": "unmoved digits", "moved": "moved digits"}
    fig, axes = plt.subplots(1, 2, figsize=(9.5, 4), sharey=True)
    for ax, (task, some) in zip(axes, curves.items()):
        learning_curves(ax, sizes[task], some, errors=True,
                        last_new=last_new if ax is axes[1] else None)
        ax.axhline(90, color="0.5", ls="--", lw=1, label="chance")
        ax.set_title(titles.get(task, task))
    axes[1].set_ylabel("")
    fig.legend(*axes[1].get_legend_handles_labels(),
               loc="outside upper center", ncols=7)
    return fig


def losses(parameters, curves, counted):
    """Loss over the number of parameters, one dot a start (2.1).

    parameters: (sizes,); curves: {name: (sizes, starts)} in nats a word;
    counted: {name: a baseline's loss}, a dotted line in the curve's colour,
    its name at the right. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(7, 3))
    for k, (name, values) in enumerate(curves.items()):
        values = np.asarray(values)
        ax.plot(parameters, values.mean(axis=1), f"C{k}", ls=LINES[k],
                label=name)
        ax.plot(np.repeat(parameters, values.shape[1]), values.ravel(),
                f"C{k}" + MARKS[k], ms=5, mfc="none")
        if name in counted:
            ax.axhline(counted[name], color=f"C{k}", ls=":", lw=1)
            ax.annotate(f"n-grams, {name}", (1, counted[name]), (-4, 3),
                        ("axes fraction", "data"), "offset points",
                        ha="right", color=f"C{k}")
    ax.set(xscale="log", xlabel="parameters", ylabel="loss (nats a word)",
           xticks=parameters, xticklabels=[f"{n:,.0f}" for n in parameters])
    ax.xaxis.set_minor_locator(plt.NullLocator())
    ax.margins(y=0.12)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), title="sentences")
    return fig


def few_labels(labels, panels, constant):
    """Accuracy over the number of labels, with 95% intervals (2.3).

    labels: (sizes,); panels: {title: {name: (mean, half) of (sizes,)}} in
    per cent; constant: {title: what one answer to all gets}, in per cent, a
    dotted line. Returns the figure.
    """
    fig, axes = plt.subplots(1, len(panels), figsize=(9, 3.4), sharey=True)
    for ax, (title, ways) in zip(axes, panels.items()):
        for k, (name, (mean, half)) in enumerate(ways.items()):
            # a little beside each other, so that no interval hides another
            ax.errorbar(np.array(labels) * 1.04**(k - 1.5), mean, half,
                        capsize=2, **look(name))
        ax.axhline(constant[title], color="k", ls=":", lw=1,
                   label="always \"positive\"")
        ax.set(xscale="log", xticks=labels, xticklabels=labels, title=title,
               xlabel="labelled reviews")
        ax.xaxis.set_minor_locator(plt.NullLocator())
    axes[0].set_ylabel("reviews right (%)")
    fig.legend(*axes[0].get_legend_handles_labels(),
               loc="outside upper center", ncols=5)
    return fig


def often(scores, tasks, chances):
    """Bars with 95% intervals for each task and way, and chance (2.3).

    scores: {way: [(mean, half) of each task]}, per cent; chances: (tasks,)
    in per cent. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(7.5, 2.8))
    place = np.arange(len(tasks))
    for k, (way, pairs) in enumerate(scores.items()):
        mean, half = np.transpose(pairs)
        ax.bar(place + 0.27 * k, mean, 0.25, yerr=half, capsize=2, label=way,
               color=["C5", "0.5", "0.85"][k], edgecolor="k", lw=0.5,
               zorder=2)
    ax.hlines(chances, place - 0.13, place + 0.67, "k", "--", zorder=3,
              label="chance")
    ax.set(xticks=place + 0.27, xticklabels=tasks,
           ylabel="unseen pictures right (%)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
    return fig
