"""Figures of chapter 3: arrays in, figure out."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator

from .common import heat_map


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
                           np.linspace(-3.5, 3.5, 120))
    f = (curvature[0] * w_1**2 + curvature[1] * w_2**2) / 2
    ax.contour(w_1, w_2, f, levels=[0.5, 2, 8, 20, 40, 60], colors="0.7",
               linewidths=0.8, linestyles="-")
    ax.plot(0, 0, "k*", ms=11, zorder=3)
    ax.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-10, 2.5), ylim=(-2.2, 2.2))


def lamp(values, params, side, surface, X, y):
    """The toy network with its numbers, and its output over the square (3.1).

    values: see `circles`; params: W_1, b_1, W_2, b_2; side: (n,) values of
    a switch; surface: (n, n) output, first switch first; X (4, 2), y (4,):
    the four cases.
    """
    fig, (left, right) = plt.subplots(1, 2, width_ratios=[1.3, 1])
    circles(left, values, params[::2])
    names = (0, 0.5, "$x_1$"), (0, -0.5, "$x_2$"), (2, 0, r"$\hat{y}$")
    biases = [(1, 0.5 - k, f"$h_{k + 1}$, bias {b:g}")
              for k, b in enumerate(params[1])]
    for place, height, name in (*names, *biases):
        beside = height + (0.24 if height >= 0 else -0.24)
        left.text(place, beside, name, ha="center", va="center")
    image = right.imshow(surface.T, origin="lower", extent=(0, 1, 0, 1),
                         interpolation="bilinear", vmin=0)
    right.scatter(*X.T, c=y, s=90, cmap="gray", edgecolors="red",
                  clip_on=False, zorder=3)
    right.set(xlabel="switch 1", ylabel="switch 2", xlim=(side[0], side[-1]),
              ylim=(side[0], side[-1]), aspect="equal")
    right.set_title("dot: lamp on (white), off (black)", fontsize=9)
    right.grid(False)
    fig.colorbar(image, label="output", shrink=0.6)
    return fig


def losses(z, curves, slopes):
    """Two losses over the right class's score z (n,), and their slopes (3.1).

    curves, slopes: {name: (n,)}, the same names.
    """
    fig, axes = plt.subplots(1, 2, sharex=True)
    for ax, what, label in zip(axes, (curves, slopes),
                               ("loss", "slope of the loss")):
        for name, line in what.items():
            ax.plot(z, line, label=name)
        ax.set(xlabel="score $z$ of the right class", ylabel=label)
        ax.legend(fontsize=9)
    return fig


def rates(values):
    """Values of f over the steps, logarithmic, {label: (n,)} (3.1)."""
    fig, ax = plt.subplots()
    for label, f in values.items():
        ax.semilogy(f, label=label)
    ax.set(xlabel="step", ylabel="loss f", ylim=(1e-2, 1e8))
    ax.legend()
    return fig


def paths(curvature, found):
    """Paths (n, 2) in the valley, {title: path}, one under another (3.1)."""
    fig, axes = plt.subplots(len(found), 1, figsize=(7, 1.6 * len(found)),
                             sharex=True)
    high = max(2.2, *(1.1 * np.abs(path[:, 1]).max()
                      for path in found.values()))
    for ax, (title, path), color in zip(
            np.atleast_1d(axes), found.items(),
            ["#0072B2", "#D55E00", "#CC79A7", "#009E73"]):
        valley(ax, curvature)
        ax.plot(*path.T, ".-", color=color, lw=1)
        ax.set_title(title, loc="left")
        ax.set_ylim(-high, high)
        ax.label_outer()
    return fig


def one_path(curvature, path, f):
    """One path (n, 2) in the valley, and the values f (n,) on it (3.1)."""
    fig, ax = plt.subplots(figsize=(7, 2.4))
    valley(ax, curvature)
    ax.plot(*path.T, ".-", lw=1)
    ax.set(xlim=(-10, 8), title=f"after {len(f) - 1} steps: f = {f[-1]:.2g}"
           f" (from {f[0]:.3g})")
    return fig


def reader(curve, images, titles):
    """A training's loss, and four pictures with their titles (3.1)."""
    fig, axes = plt.subplot_mosaic([["loss", 0, 1], ["loss", 2, 3]],
                                   width_ratios=[4, 1, 1])
    left = axes["loss"]
    left.semilogy(curve, lw=0.5, color="0.6", ls="-", label="each step")
    smooth = np.convolve(curve, np.ones(50) / 50, "valid")
    left.semilogy(np.arange(25, 25 + len(smooth)), smooth, ls="-", lw=2,
                  label="mean of 50 steps")
    left.axhline(np.log(10), color="k", ls=":", label="log 10")
    left.set(xlabel="step", ylabel="cross-entropy (nats)")
    left.legend(loc="lower left", fontsize=9)
    for place, (image, title) in enumerate(zip(images, titles)):
        axes[place].imshow(image, cmap="gray")
        axes[place].set_title(title, fontsize=9)
        axes[place].axis("off")
    return fig


def gaps(steps, curves):
    """Loss on training and held-out pictures, one panel a method (3.1).

    steps: (n,); curves: {name: (n, 2)}, training and held-out.
    """
    fig, axes = plt.subplots(1, len(curves), figsize=(8, 2.8), sharey=True)
    for ax, (name, both) in zip(axes, curves.items()):
        ax.semilogy(steps, both[:, 1], "-", color="#D55E00",
                    label="held-out")
        ax.semilogy(steps, both[:, 0], "--", color="#0072B2",
                    label="training")
        ax.set_xlabel("step")
        ax.set_title(name, fontsize=9)
    axes[0].set_ylabel("cross-entropy (nats)")
    axes[0].legend(fontsize=9)
    return fig


def photos(pictures):
    """Grey pictures on one scale from 0 to 1, {title: (h, w)} (3.2)."""
    fig, axes = plt.subplots(2, 2, figsize=(6, 4.2))
    for ax, (title, picture) in zip(axes.flat, pictures.items()):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
        ax.set_title(title)
        ax.axis("off")
    return fig


def weights(W, xlabel, ylabel):
    """A matrix of weights (inputs, outputs), zeros left white (3.2)."""
    fig, ax = plt.subplots(figsize=(7, 3.4))
    image = ax.imshow(np.where(W == 0, np.nan, W).T, cmap="viridis",
                      interpolation="nearest")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(False)
    fig.colorbar(image, label="weight (white: 0)", shrink=0.8)
    return fig


def marked(x, lines, bands=None, **labels):
    """Lines with a marker each, {name: (n,)} over x (n,) (3.2).

    bands: {name: (m, n)}, to shade from the lowest to the highest of m.
    """
    fig, ax = plt.subplots()
    for (name, line), mark in zip(lines.items(), "osv^D"):
        drawn, = ax.plot(x, line, marker=mark, label=name)
        if bands:
            ax.fill_between(x, bands[name].min(axis=0),
                            bands[name].max(axis=0), alpha=0.2, lw=0,
                            color=drawn.get_color())
    ax.set(**labels)
    ax.legend(ncols=1 + (len(lines) > 3), fontsize=9)
    return fig


def stages(pictures, p):
    """Pictures {title: (h, w)}, then bars of the classes' p (10,) (3.2)."""
    fig, axes = plt.subplots(1, len(pictures) + 1, figsize=(7, 2.3))
    for ax, (title, picture) in zip(axes, pictures.items()):
        ax.imshow(picture, cmap="gray")
        ax.set_title(title)
        ax.axis("off")
    axes[-1].bar(range(10), p)
    axes[-1].set(xlabel="class", ylim=(0, 1), title="probability",
                 xticks=range(10))
    axes[-1].tick_params(axis="x", labelsize=8)
    return fig


def field(paths, r):
    """Paths from each pixel to one output, r pixels a side seen (3.2)."""
    first = np.argmax((paths > 0).any(axis=0))
    seen = np.pad(paths[first:first + r, first:first + r], 2)
    share = np.where(seen > 0, seen / seen.max(), np.nan)
    fig, ax = plt.subplots(figsize=(5, 3.6))
    image = ax.imshow(share, extent=[-2.5, r + 1.5, r + 1.5, -2.5])
    ax.set(xlabel="column, from the first one seen", ylabel="row",
           title=f"one output sees {r} x {r} pixels")
    ax.grid(False)
    fig.colorbar(image, label="paths to the output / most\n(white: none)")
    return fig


def decay(measured):
    """Norms by distance beside radius**distance, {radius: (n,)} (3.3)."""
    fig, ax = plt.subplots()
    for radius, norms in measured.items():
        distance = np.arange(len(norms))
        line, = ax.semilogy(distance, norms, "-", lw=2,
                            label=rf"measured, $\rho$ = {radius:.2f}")
        ax.semilogy(distance, radius**distance, "--", color=line.get_color(),
                    label=rf"$\rho^k$, $\rho$ = {radius:.2f}: without tanh")
    ax.set(xlabel="distance k (steps)", ylabel="gradient norm, last step = 1")
    ax.legend(loc="upper left", fontsize=9)
    return fig


def reaches(curves, ylabel, start=0, window=1, **limits):
    """Gradient by distance from `start` on, {name: (n,)}, logarithmic.

    window: odd; above 1 the lines are means of so many distances, and each
    distance is a dot in the colour of its line.
    """
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(curves.items()):
        mean = np.convolve(norms, np.ones(window) / window, "valid")
        first = start + window // 2
        line, = ax.semilogy(np.arange(first, first + len(mean)), mean,
                            label=name, lw=2, zorder=3 - 0.1 * k)
        if window > 1:
            ax.scatter(np.arange(start, start + len(norms)), norms, s=6,
                       color=line.get_color(), alpha=0.5,
                       label=None if k else "dots: single distances")
    ax.set(xlabel="distance k (steps)", ylabel=ylabel, **limits)
    ax.legend(ncols=2, fontsize=9)
    return fig


def recalled(percent, distances, n):
    """Bars of right answers of n, {name: a percentage a distance} (3.3)."""
    fig, ax = plt.subplots()
    for k, (name, heights) in enumerate(percent.items()):
        bars = ax.bar(np.arange(len(distances)) + 0.2 * k - 0.3, heights,
                      0.18, label=name, hatch=["", "//", "", ".."][k],
                      edgecolor="white")
        ax.bar_label(bars, fmt="%.0f", fontsize=8)
    ax.axhline(25, color="k", linestyle=":", label="guessing")
    ax.set(xlabel="distance (steps)",
           ylabel=f"right (%, first start, n = {n:,})",
           xticks=range(len(distances)), xticklabels=distances,
           ylim=(0, 110))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    return fig


def attended(maps, rows, columns, masks=None, least=0, **labels):
    """Heat maps of attention weights with their numbers (3.4, 3.5).

    maps: {title: (len(rows), len(columns))}; masks: where a query may look,
    one each; what it may not see is hatched; least: of the weights to print.
    """
    # titles and turned names need room
    high = 3.0 + 0.2 * any(maps) + 0.6 * (len(columns) > 3)
    fig, axes = plt.subplots(1, len(maps), squeeze=False,
                             figsize=(3.2 * len(maps), high))
    for k, (ax, (title, A)) in enumerate(zip(axes[0], maps.items())):
        heat_map(ax, A, rows, columns, title)
        seen = np.ones(np.shape(A), bool) if masks is None else masks[k]
        for text, shown in zip(ax.texts, np.ravel(seen & (A >= least))):
            text.set_text(text.get_text() * bool(shown))
        for i, j in np.argwhere(~seen):
            ax.add_patch(plt.Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False,
                                       hatch="///", ec="0.7", lw=0))
        ax.tick_params(axis="x", rotation=45 * (len(columns) > 3))
        ax.set(**labels)
        ax.label_outer()
    return fig


def maps(found, tokens):
    """Attention weights of longer texts, without numbers (3.5).

    found: {title: (T, T)}; tokens: T names.
    """
    fig, axes = plt.subplots(1, len(found), figsize=(3.4 * len(found), 3.8),
                             sharey=True)
    for ax, (title, A) in zip(axes, found.items()):
        image = ax.imshow(A, cmap="Blues", vmin=0, vmax=1)
        ax.set_xticks(range(len(tokens)), tokens, rotation=90, fontsize=9)
        ax.set_yticks(range(len(tokens)), tokens, fontsize=9)
        ax.set(xlabel="key", title=title)
        ax.grid(False)
    axes[0].set_ylabel("query")
    fig.colorbar(image, ax=axes, label="weight", shrink=0.7)
    return fig


def scaling(dimensions, without, scaled):
    """Four facts of the softmax with and without the root (3.4).

    without, scaled: (n, 5): variance of the scores, entropy, sum of |dA/dS|,
    mean and median of the norm of dA/dq.
    """
    fig, axes = plt.subplots(2, 2, figsize=(7, 5), sharex=True)
    axes = axes.ravel()
    for k, name in enumerate(["variance of the scores",
                              "entropy (nats), mean of 400",
                              "sum of |dA/dS|, mean of 400",
                              r"$\Vert$dA/dq$\Vert$, mean of 400"]):
        axes[k].plot(dimensions, without[:, k], "o--", color="#D55E00",
                     label=r"$q\cdot k$")
        axes[k].plot(dimensions, scaled[:, k], "s-", color="#0072B2",
                     label=r"$q\cdot k\,/\sqrt{d}$")
        axes[k].set(xscale="log", xlabel="d" * (k > 1), title=name)
    for facts, color in (without, "#D55E00"), (scaled, "#0072B2"):
        axes[3].plot(dimensions, facts[:, 4], ":", color=color)
    axes[3].plot([], [], "k:", label="median")
    axes[3].legend(axes[3].lines[-1:], ["median"], fontsize=9)
    axes[0].set_yscale("log")
    axes[1].axhline(np.log(16), color="0.4", linestyle=":", label="log 16")
    axes[2].set_ylim(bottom=0)
    axes[0].legend(fontsize=9)
    axes[1].legend(axes[1].lines[-1:], ["log 16"], fontsize=9)
    return fig


def bars(raw, scaled, d):
    """A query's weights (n,) on its keys, without and with the root (3.4)."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 2.6), sharey=True)
    for ax, A, title in zip(axes, (raw, scaled), (
            r"softmax($q\cdot k$)", r"softmax($q\cdot k\,/\sqrt{d}$)")):
        ax.bar(range(len(A)), A, color="#0072B2")
        ax.set(xlabel="key", title=f"{title}, d = {d}", ylim=(0, 1),
               xticks=range(0, len(A), 3))
    axes[0].set_ylabel("weight")
    return fig


def costs(lengths, memory, seconds):
    """Memory and time over the length, both {name: (n,)} (3.4)."""
    fig, axes = plt.subplots(1, 2, figsize=(8, 3))
    for ax, used, unit in zip(axes, (memory, seconds), (1e-6, 1e3)):
        for (name, values), style in zip(used.items(), ("o-", "^:", "s--")):
            ax.loglog(lengths, np.multiply(values, unit), style, label=name)
        ax.set(xlabel="sequence length T")
        ax.set_xticks(lengths, lengths)
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
    axes[0].set(ylabel="memory (MB)")
    axes[1].set(ylabel="time (ms)")
    axes[0].legend(fontsize=9)
    return fig


def encoding(P):
    """The positional encoding P (T, D) as a heat map (3.5)."""
    fig, ax = plt.subplots(figsize=(7, 3.4))
    image = ax.imshow(P, cmap="cividis", aspect="auto", vmin=-1, vmax=1)
    ax.set(xlabel="column of the encoding", ylabel="position t")
    ax.grid(False)
    fig.colorbar(image, ax=ax, label="value")
    return fig


def clocks(P, position, shown):
    """Hands of some clocks at a position, and its dot products (3.5)."""
    fig = plt.figure(figsize=(7, 3.8))
    grid = fig.add_gridspec(2, len(shown), height_ratios=(1, 1.1))
    for k, c in enumerate(shown):
        ax = fig.add_subplot(grid[0, k])
        ax.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.5"))
        sine, cosine = P[position, 2 * c:2 * c + 2]
        ax.plot([0, sine], [0, cosine], color="#0072B2", linewidth=3)
        ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal",
               title=f"clock {c}")
        ax.axis("off")
    ax = fig.add_subplot(grid[1, :])
    ax.plot(P @ P[position])
    ax.axvline(position, color="0.4", linestyle=":")
    ax.set(xlabel="position t", ylabel="dot product", ylim=(0, 17),
           title=f"position {position}")
    return fig
