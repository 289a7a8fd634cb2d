"""Figures of chapter 4."""

import matplotlib.pyplot as plt
import numpy as np


def counts(matrix, xlabel, ylabel):
    """A square matrix of whole numbers, each written into its cell (4.1).

    The diagonal is pale, so that the few numbers off it stand out, the
    larger the darker; empty cells stay empty. Returns the figure.
    """
    matrix = np.asarray(matrix)
    wrong = np.where(np.eye(len(matrix), dtype=bool), 0, matrix)
    shade = np.where(wrong > 0, 0.6 + 0.4 * wrong / max(wrong.max(), 1),
                     np.where(matrix > 0, 0.15, 0))
    fig, ax = plt.subplots(figsize=(4.2, 3.9))
    ax.imshow(shade, cmap="Greys", vmin=0, vmax=1.3)
    for (i, j), number in np.ndenumerate(matrix):
        if number:
            ax.text(j, i, number, ha="center", va="center", fontsize=8,
                    color="black" if i == j else "white")
    ticks = range(len(matrix))
    ax.set(xlabel=xlabel, ylabel=ylabel, xticks=ticks, yticks=ticks)
    ax.set_title("pale: right, dark: wrong", size=9)
    ax.grid(False)
    return fig


def picture_and_bars(image, p, ylabel="probability"):
    """A picture (h, w) or (h, w, 1), and beside it a bar for each class (4.1).

    p: (n,) probabilities of the classes 0 to n-1; above each bar its
    percentage, unless it rounds to 0. Returns the figure.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6, 2.4))
    left.imshow(np.squeeze(image), cmap="gray")
    left.axis("off")
    found = right.bar(range(len(p)), p, zorder=2)
    right.bar_label(found, [f"{x:.0%}" if x >= 0.005 else "" for x in p],
                    fontsize=7)
    right.set(xlabel="class", ylabel=ylabel, ylim=(0, 1.1),
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
        right.plot(x, np.maximum(wrong, 0.1), f"C{k + 2}-", ms=4,
                   marker="os^"[k % 3], label=f"{wrong[-1]:.1f}%")
    for ax, name in ((left, "loss (nats)"),
                     (right, "unseen digits misread (%)")):
        ax.set(xlabel="epoch", ylabel=name, yscale="log",
               xticks=range(2, len(x) + 1, 2))
        ax.yaxis.set_major_formatter("{x:g}")  # 0.1, 1, 10
    left.legend()
    right.legend(title="in the last epoch")
    return fig


def flight(ax, t, x, z):
    """A ball's places x at times t (n,), its zones z once a second (4.2)."""
    ax.plot(t, x, "C0-", lw=1)
    ax.plot(range(len(z)), np.asarray(z) + 0.5, "ko")
    ax.set(xlabel="time (s)", yticks=range(11), xticks=range(0, 11, 2))


def flights(places, titles):
    """Some flights side by side, to be continued by the reader (4.2).

    places: (n, 101), ten a second; instead of the last one there is a grey
    stripe with a question mark, over all zones. Returns the figure.
    """
    fig, axes = plt.subplots(1, len(places), figsize=(8.5, 2.6), sharey=True)
    for ax, x, title in zip(axes, places, titles):
        flight(ax, np.arange(91) / 10, x[:91], np.floor(x[:91:10]))
        ax.axvspan(9.5, 10.5, color="0.9", lw=0)
        ax.text(10, 5, "?", ha="center", va="center", size=14)
        ax.set(title=title, xlim=(-0.5, 10.9))
    axes[0].set_ylabel("place; zones between lines")
    return fig


def flight_and_next(place, z, p):
    """A flight, and what a network says of its next zone (4.2).

    place: (91,), ten a second; z: (11,) zones, the last one to be named;
    p: (10,) probabilities. Returns the figure.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.6), sharey=True)
    flight(left, np.arange(91) / 10, place, z[:10])
    left.set_ylabel("place; zones between lines")
    right.barh(np.arange(10) + 0.5, p, height=0.8,
               color=["C1" if k == z[10] else "0.7" for k in range(10)])
    right.set(xlabel="probability of the next zone", xlim=(0, 1),
              ylabel="next zone")
    right.tick_params(labelleft=True)
    return fig


def readable(curves):
    """How much of a hidden quantity can be read off, step by step (4.2).

    curves: {name: R^2 of each step}. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(6, 2.8))
    for (name, values), style in zip(curves.items(),
                                     ["C0o-", "C2^:", "C3x-.", "C1s--"]):
        ax.plot(range(1, len(values) + 1), values, style, label=name)
    ax.set(xlabel="steps read", ylabel="speed readable ($R^2$)",
           ylim=(-0.1, 1.05), xticks=range(1, len(values) + 1))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


def two_series(years, spots, levels, cut):
    """Sunspot numbers and their levels, the years from `cut` on shaded (4.2).

    years, spots, levels: (n,). Returns the figure.
    """
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 3.6), sharex=True)
    top.plot(years, spots, "C0-", lw=1)
    top.set(ylabel="sunspot number")
    bottom.step(years, levels, "k-", where="mid", lw=0.8)
    bottom.set(xlabel="year", ylabel="level", yticks=[0, 3, 6, 9])
    for ax in (top, bottom):
        ax.axvspan(cut, years[-1] + 1, color="C1", alpha=0.15, lw=0)
    return fig


def plain(names):
    """Names of tokens for an axis: T5's sign for a blank as a low line."""
    return [str(name).replace("\u2581", "_") for name in names]


def token_map(ax, A, rows, columns, **options):
    """A matrix as colours, its sides named by tokens; the image (4.3)."""
    image = ax.imshow(A, aspect="auto", **options)
    ax.set_xticks(range(len(columns)), plain(columns), rotation=60, ha="right",
                  rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), plain(rows))
    ax.grid(False)
    return image


def changes(A, tokens, position):
    """How far the vectors move when the token at `position` changes (4.3).

    A: (blocks + 1, T), the embeddings first, on a logarithmic scale; what
    is zero stays white. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(7.5, 2.9))
    rows = ["embedding"] + [f"after block {n}" for n in range(1, len(A))]
    rows[-1] += ", norm"  # the final one
    image = token_map(ax, A, rows, tokens, norm="log")
    ax.get_xticklabels()[position].set_fontweight("bold")
    ax.set_title(f"\u201c{plain(tokens)[position]}\u201d replaced")
    fig.colorbar(image, label=r"change $\Delta$")
    return fig


def attention(A, written, tokens):
    """Where each step of an output looks: weights (n, T) (4.3).

    written, tokens: names of the output's and of the input's tokens.
    Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(7.5, 3.8))
    image = token_map(ax, A, written, tokens, cmap="Greys", vmin=0, vmax=1)
    ax.set(xlabel="token of the input", ylabel="output, step by step")
    fig.colorbar(image, label="weight $a_t$")
    return fig


def bars(ax, p, names):
    """Probabilities p (n,) as bars with names, the first on top (4.3)."""
    ax.bar_label(ax.barh(range(len(p)), p, color="C0"), fmt="%.2g",
                 padding=2, fontsize=7)  # most bars are too short to see
    ax.set_yticks(range(len(p)), plain(names))
    ax.set(xlim=(0, 1.15), ylim=(len(p) - 0.4, -0.6), xlabel="probability")


def written(ax, p, names, step):
    """The probability of each token of an output, one step marked (4.3).

    p: (n,); names: n tokens; step: counted from 1.
    """
    steps = range(1, len(p) + 1)
    ax.bar(steps, p, color=["C0" if i == step else "lightgray"
                            for i in steps])
    ax.set_xticks(steps, plain(names), rotation=60, ha="right",
                  rotation_mode="anchor")
    ax.set(ylim=(0, 1.02), ylabel="probability of what it wrote",
           xlabel="token written (dark blue: the step at the right)")


def sampled(taus, right, differing):
    """What sampling gives at several temperatures (4.3).

    right: {how: (n, 3) percentages of texts that are right, with the ends
    of their intervals, for each temperature}; differing: {how: (n,)}, how
    many texts differ. Returns the figure.
    """
    fig, (left, second) = plt.subplots(1, 2, figsize=(8.5, 2.8))
    for k, how in enumerate(right):
        style, (y, low, high) = ["C0o-", "C1s--", "C2^:"][k], np.transpose(
            right[how])
        x = np.asarray(taus) + 0.05 * (k - 1)  # side by side
        left.errorbar(x, y, [y - low, high - y], fmt=style, label=how,
                      capsize=3, clip_on=False)
        second.plot(x, differing[how], style)
    left.set(ylabel="right texts (%), known words", ylim=(0, 104))
    second.set(ylabel="different texts of 24,\nunknown word", ylim=(0, 25))
    for ax in (left, second):
        ax.set(xlabel=r"temperature $\tau$ (points set side by side)")
    left.legend()
    return fig


def buckets(distance, found):
    """The bucket of each distance, {name: (n,)}, as steps (4.3)."""
    fig, ax = plt.subplots(figsize=(6.5, 2.8))
    for (name, numbers), style in zip(found.items(), ["C0-", "C1--"]):
        masked = (distance > 0) & (np.asarray(numbers) == 0)  # the decoder's
        ax.step(distance, np.where(masked, np.nan, numbers), style,
                where="mid", label=name)
    ax.set(xlabel="distance: the key's place minus ours (tokens)",
           ylabel="bucket")
    ax.legend()
    return fig


def cache(steps):
    """What is computed at each step of writing, what remembered (4.3)."""
    n = np.arange(steps)
    past, now = n[None] < n[:, None], n[None] == n[:, None]
    fig, axes = plt.subplots(1, 2, figsize=(6.5, 2.8), sharey=True)
    for ax, name, shade in zip(axes, ["without a cache", "with a cache"],
                               [past + now, 0.25 * past + now]):
        ax.imshow(shade, cmap="Greys", vmin=0, vmax=1.2,
                  extent=(0.5, steps + 0.5, steps + 0.5, 0.5))
        ax.set(title=name, xlabel="token", xticks=n + 1, yticks=n + 1)
        ax.grid(False)
    axes[0].set_ylabel("step")
    return fig


def with_and_without(looks):
    """Where outputs look with a prefix and without, side by side (4.3).

    looks: {name: (weights (n, T), names of the output's and of the input's
    tokens)}, two of them. Returns the figure.
    """
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), width_ratios=[1.6, 1])
    for ax, (name, (A, rows, columns)) in zip(axes, looks.items()):
        image = token_map(ax, A, rows, columns, cmap="Greys", vmin=0, vmax=1)
        ax.set(title=name, xlabel="token of the input")
    axes[0].set_ylabel("output, step by step")
    fig.colorbar(image, label="weight $a_t$", ax=axes)
    return fig
