"""Figures of chapter 1 that are pure service: timelines, maps, regions."""

import matplotlib.pyplot as plt
import numpy as np

from .labels import label_points

# a domain's mark, told apart from the others' without its colour, too
MARKS = {"language": ("o", "C0"), "vision": ("s", "C1"),
         "speech": ("D", "C2"), "biology": ("^", "C3"), "games": ("P", "k")}
TOLD = "Chinchilla", "Llama 3.1"  # models of which the text tells
CROWDED = 2019  # from here on the marks are dense


def timeline(known, values, guessed, guesses, ylabel, ax):
    """A number against the year on a log axis, a mark for each domain (1.1).

    known, values: n models and their published numbers, filled marks;
    guessed, guesses: the same for others' estimates, hollow marks.
    """
    for domain, (mark, color) in MARKS.items():
        for models, numbers, full in ((known, values, True),
                                      (guessed, guesses, False)):
            points = [(m.year, v) for m, v in zip(models, numbers)
                      if m.domain == domain]
            ax.plot(*np.reshape(points, (-1, 2)).T, mark, ms=5,
                    color=color, mfc=color if full else "none", ls="",
                    label=domain if full else None)
    if guessed:
        ax.plot([], [], "o", color="0.5", mfc="none",
                label="others' estimate")
    ax.set(yscale="log", xlabel="year", ylabel=ylabel)


def legend(ax, models):
    """The legend of a timeline, without the domains it has no model of."""
    absent = set(MARKS) - {m.domain for m in models}
    marks = [(mark, name) for mark, name in zip(
        *ax.get_legend_handles_labels()) if name not in absent]
    ax.legend(*zip(*marks), loc="upper left", fontsize=8)


def history(known, values, guessed, guesses, ylabel, split=2012):
    """The timeline in two panels, the years since `split` drawn wider (1.1).

    With split=None it has one panel from 2011 on.
    Each model that was the largest of its domain so far is named, then
    TOLD, then others while there is room; in two panels only those of the
    years that have few. Returns the figure and the names' texts.
    """
    ratios = [1, 2.6] if split else [1]
    fig, axes = plt.subplots(
        1, len(ratios), figsize=(10, 5.8) if split else (8, 4),
        sharey=True, width_ratios=ratios, squeeze=False)
    for ax in axes[0]:
        timeline(known, values, guessed, guesses, ylabel, ax)
    if split:
        axes[0, 0].set(xlim=(1954, split - 3))
    axes[0, -1].set(xlim=((split or 2011) - .5, 2026.9))
    legend(axes[0, 0], [*known, *guessed])
    axes[0, -1].set_ylabel(None if split else ylabel)
    largest, first, rest = {}, [], []
    for model, value in sorted(zip([*known, *guessed], [*values, *guesses]),
                               key=lambda pair: pair[0].year):
        record = value > largest.get(model.domain, 0)
        largest[model.domain] = max(value, largest.get(model.domain, 0))
        if record or model.name in TOLD:
            first.append((model, value))
        elif not split or model.year < CROWDED:
            rest.append((model, value))
    texts = []
    for ax in axes[0]:
        begin, end = ax.get_xlim()
        named = [(m, v) for m, v in first + rest if begin < m.year < end]
        texts += label_points(ax, [(m.year, v) for m, v in named],
                              [m.name for m, _ in named], apart=6)
    return fig, texts


def trend(ax, slope, level, years, text):
    """Draw 10**(slope * year + level) over the years, with a text (1.1)."""
    ax.plot(years, 10**(slope * np.asarray(years) + level), "k--", lw=1)
    ax.text(.98, .03, text, transform=ax.transAxes, ha="right", fontsize=9)


def region(ax, f, X, y, title):
    """What f says of every place of a square, and the points it learned (1.2).

    f: function of places (n, 2) -> (n,), positive for the second spiral;
    X: (m, 2) points, y: (m,) their spirals, 0 or 1.
    """
    side = np.linspace(-1.15, 1.15, 90)
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    ax.contourf(side, side, f(places).reshape(90, 90) > 0, cmap="Greys",
                vmin=-.4, vmax=3, levels=[-.5, .5, 1.5])
    for spiral, mark in ((0, "C0o"), (1, "C1s")):
        ax.plot(*X[y == spiral].T, mark, ms=1.1, ls="")
    ax.set(title=title, xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    ax.title.set_fontsize(9)


def losses(ax, lines, names, xlabel, legend):
    """Loss against one size, both axes logarithmic, a line for each name.

    lines: [(x (n,), loss (n, seeds))]; each seed is a dot, their mean the
    line.
    """
    shades = plt.get_cmap("viridis")(np.linspace(0, .85, len(lines)))
    for (x, loss), name, shade, mark in zip(lines, names, shades,
                                            "osD^Pv*" * 2):
        ax.plot(x, loss.mean(axis=1), color=shade, ls="-", lw=1,
                marker=mark, ms=4, label=name)
        ax.plot(np.repeat(x, loss.shape[1]), loss.ravel(), ".",
                color=shade, ms=2, ls="")
    ax.set(xscale="log", yscale="log", xlabel=xlabel,
           ylabel="test loss (nats a letter)")
    ticks = [1.4, 1.6, 1.8, 2, 2.2, 2.4]
    ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
    sizes = np.unique(lines[0][0])[::2]
    ax.set_xticks(sizes, [f"{n:,.0f}" for n in sizes])
    ax.minorticks_off()
    ax.legend(title=legend, fontsize=7, title_fontsize=8)
