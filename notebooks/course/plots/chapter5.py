"""Chapter 5's figures, one or two a field."""

import matplotlib.pyplot as plt
import numpy as np

STYLES = {"history": ("0.45", "-"), "LSTM": ("C0", "-"),
          "smoothing": ("C1", "--"), "truth": ("k", ":")}


# ---- how they are judged

def resampled(n_cases, right, seed):
    """Scores of 1,000 rounds of a bootstrap as bars, the interval above (5).

    n_cases: of which the share `right` is right. Returns the figure.
    """
    cases = np.arange(n_cases) < round(right * n_cases)
    rng = np.random.default_rng(seed)
    scores = [100 * cases[rng.integers(0, n_cases, n_cases)].mean()
              for _ in range(1000)]
    low, high = np.quantile(scores, [0.025, 0.975])
    fig, ax = plt.subplots(figsize=(6.5, 2.3))
    # a bar a possible score, or a percent where these lie closer
    ax.hist(scores, bins=np.arange(0, 102, max(1, 100 / n_cases)) - 0.5,
            color="0.75", zorder=2)
    top = ax.get_ylim()[1]
    ax.plot([low, high], [1.08 * top] * 2, "C0|-", lw=2, ms=9, mew=2)
    ax.text((low + high) / 2, 1.13 * top, f"{low:.0f} to {high:.0f}",
            ha="center", color="C0")
    ax.set(xlabel="score of one round (%)", ylabel="rounds", xlim=(0, 101),
           ylim=(0, 1.4 * top))
    return fig


# ---- finance

def risk_bands(r, risks, days):
    """A series' returns, and what was said can be lost (5.5.1).

    r: (days,), percent; risks: {name: (n_series, days)}, the first of which
    is drawn for the names in STYLES. Returns the figure.
    """
    fig, ax = plt.subplots(figsize=(9, 3.2))
    x = np.arange(len(r))[days]
    ax.plot(x, r[days], ".", color="0.7", ms=3)
    for name, (color, style) in STYLES.items():
        ax.plot(x, -risks[name][0, days], style, color=color, label=name,
                zorder=4 if name == "truth" else 3)
    ax.set(xlabel="day", ylabel="return (%)")
    ax.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1))
    return fig


def calibrated(curves, groups, n):
    """Stated against seen risk, and what a rule does to two groups (5.5.2).

    curves: {name: (stated, seen)}, shares, each of `n` applicants; groups:
    of `finance.fairness_table`. Returns the figure; bars are 95% intervals.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.2))
    for (name, (said, seen)), style in zip(curves.items(),
                                           ("C0o-", "C1s--")):
        k = 1.96 ** 2 / n  # Wilson's interval
        middle = (seen + k / 2) / (1 + k)
        half = np.sqrt(k * seen * (1 - seen) + k ** 2 / 4) / (1 + k)
        ends = seen - middle + half, middle + half - seen
        left.errorbar(100 * said, 100 * seen, 100 * np.array(ends),
                      fmt=style, label=name, ms=4, elinewidth=0.8)
    end = left.get_xlim()[1]
    left.plot([0, end], [0, end], ":", color="0.4")
    left.set(xlabel="stated risk (%)", ylabel="defaults (%)")
    left.legend()
    names = ["accepted", "paid back", "good turned down"]
    rows = np.arange(len(names))
    for k, row in enumerate(groups):
        bars = right.barh(rows + 0.4 * k, [100 * row[n] for n in names], 0.38,
                          color=["0.75", "C0"][k], zorder=2,
                          label=f"group {row['group']}")
        right.bar_label(bars, fmt="%.0f", padding=2, fontsize=8)
    right.set(yticks=rows + 0.2, yticklabels=names, xlim=(0, 112),
              xlabel="share (%)")
    right.invert_yaxis()
    right.legend(loc="lower right")
    return fig


def waterfall(names, x, shares, start):
    """How a score comes about: from the average, a bar a feature (5.5.2).

    names, x, shares: (6,) features, their values, their shares of the risk;
    start: average risk. Returns the figure.
    """
    order = np.argsort(-np.abs(shares))
    fig, ax = plt.subplots(figsize=(7, 2.8))
    ends = 100 * (start + np.append(0, np.cumsum(shares[order])))
    for row, (i, a, b) in enumerate(zip(order, ends[:-1], ends[1:])):
        ax.barh(row, b - a, left=a, zorder=2,
                color="C1" if b > a else "C0", hatch="" if b > a else "//",
                edgecolor="white")
        ax.plot([b, b], [row, row + 1], "k-", lw=0.6)
    ax.set(yticks=range(len(order)), yticklabels=[
        f"{names[i]}: {x[i]:.3g}" for i in order], xlabel="risk (%)")
    ax.axvline(ends[0], color="0.4", ls=":")
    ax.text(ends[0] + 0.5, len(order) + 0.05, f"{ends[0]:.0f}%", va="top")
    ax.set_xlim(0, 1.08 * ends.max())
    ax.text(ends[-1], len(order) + 0.05, f"{ends[-1]:.0f}%", va="top",
            ha="center")
    ax.set_ylim(len(order) + 0.9, -0.6)
    return fig


def histories(sharpe, deviation):
    """Two numbers of each method, a line for each simulated history (5.5.3).

    sharpe, deviation: {method: (n_histories,)}. Returns the figure.
    """
    fig, axes = plt.subplots(1, 2, figsize=(8.5, 3))
    labels = "Sharpe ratio", "volatility (% a year)"
    for ax, values, label in zip(axes, (sharpe, deviation), labels):
        rows = np.array([*values.values()])  # (methods, histories)
        ax.plot(rows, "o-", color="0.65", ms=4, lw=0.8)
        ax.plot(rows.mean(axis=1), "kD-", label="mean")
        names = [name.replace(" inverse", "\ninverse") for name in values]
        ax.set(xticks=range(len(rows)), xticklabels=names, ylabel=label,
               xlim=(-0.3, len(rows) - 0.7))
    axes[1].set_ylim(bottom=0)
    axes[1].legend()
    return fig


# ---- vision

def damage_curves(score, kinds, first):
    """Share read against severity, a small panel for each kind (5.2.1).

    score: {name: bool (kinds, severities, digits)}: drawn solid, dashed
    and dotted; first: the kinds that come first.
    Returns the figure.
    """
    fig, axes = plt.subplots(2, 3, figsize=(8, 4.2), sharex=True,
                             sharey=True)
    kinds = list(kinds)
    order = [k for k in kinds if k in first] + [
        k for k in kinds if k not in first]
    for ax, kind in zip(axes.flat, order):
        for (name, right), style in zip(score.items(), (
                "C0o-", "C1s--", "k^:")):
            share = 100 * right[kinds.index(kind)].mean(axis=1)
            ax.plot(share, style, label=name, ms=4)
        ax.set(title=kind, ylim=(0, 105))
    for ax in axes[:, 0]:
        ax.set(ylabel="read (%)")
    for ax in axes[1]:
        ax.set(xlabel="severity", xticks=range(6))
    # the panel with most room below its lines
    lowest = [score[name][kinds.index(kind)].mean(axis=1).min()
              for kind in order for name in [*score][:2]]
    axes.flat[np.argmax(np.reshape(lowest, (-1, 2)).min(axis=1))].legend(
        loc="lower center")
    return fig


def picture_and_two(image, p):
    """A picture, and beside it what two networks give the ten classes (5.2.1).

    p: {name: (10,)}. Returns the figure.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.5, 2.4))
    left.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=1)
    left.axis("off")
    for k, (name, values) in enumerate(p.items()):
        right.bar(np.arange(10) + 0.4 * k - 0.2, values, 0.4, zorder=2,
                  color=["0.7", "C0"][k], label=name)
    right.set(xlabel="class", ylabel="probability", ylim=(0, 1),
              xticks=range(10))
    right.legend(loc="upper right")
    return fig


def boxes(scenes, found, other, iou):
    """Scenes with what two detectors find: above the first, below the other.

    found, other: lists of Found; iou: function of two (n, 4) that says how
    much each two boxes overlap. A box is solid where it overlaps a digit of
    its name by half or more, else dashed. Returns the figure (5.2.3).
    """
    from matplotlib.patheffects import withStroke
    fig, axes = plt.subplots(2, len(scenes), figsize=(2.1 * len(scenes), 4.3))
    for row, finds, name in zip(axes, (found, other), ("grid", "pieces")):
        row[0].text(-0.05, 0.5, name, rotation=90, ha="right", va="center",
                    transform=row[0].transAxes)
        for ax, scene, said in zip(row, scenes, finds):
            ax.imshow(scene.picture[..., 0], cmap="gray")
            ax.axis("off")
            for box, label in zip(said.boxes, said.labels):
                near = iou(box[None], scene.boxes)[0]
                right = ((near >= 0.5) & (scene.labels == label)).any()
                top, left, bottom, edge = box
                ax.add_patch(plt.Rectangle(
                    (left - 0.5, top - 0.5), edge - left, bottom - top,
                    fill=False, lw=1.6, ls="-" if right else "--",
                    ec="C0" if right else "C1"))
                ax.text(left, max(top - 1, 5), label, fontsize=9,
                        color="white", fontweight="bold",
                        path_effects=[withStroke(linewidth=2.5,
                                                 foreground="black")])
    return fig


def paths(track, drives, per_lap):
    """Where each driver went on one track, and where it left the road (5.2.4).

    drives: {name: list of Drive}, the first of which is drawn; per_lap:
    {name: times off the road}. Returns the figure.
    """
    fig, axes = plt.subplots(1, len(drives), figsize=(9, 2.9))
    for ax, (name, found) in zip(axes, drives.items()):
        closed = np.vstack([track.middle, track.middle[:1]])
        ax.plot(*closed.T, color="0.85", lw=7, solid_joinstyle="round")
        path = found[0].path
        jump = np.hypot(*np.diff(path[:, :2], axis=0).T) > 1.2
        line = path[:, :2].copy()
        line[1:][jump] = np.nan
        ax.plot(*line.T, "k-", lw=0.8)
        ax.plot(*path[:-1, :2][jump].T, "x", color="C1", ms=6, mew=2)
        ax.plot(*path[0, :2], "o", color="C0", ms=6)
        ax.set(title=f"{name}\n{per_lap[name]:.2f} a lap", aspect="equal")
        ax.axis("off")
    return fig


# ---- speech

def _mel_image(ax, picture, step):
    """A mel spectrogram (frames, bands), a frame every `step` seconds."""
    image = ax.imshow(picture.T, origin="lower", aspect="auto", cmap="gray",
                      extent=(0, len(picture) * step, 0, picture.shape[1]),
                      vmin=np.log(1e-5), vmax=0)
    ax.grid(False)
    return image


def spectrogram(x, picture, rate, step):
    """A sound's wave above its mel spectrogram (5.3.1).

    x: samples, `rate` a second; picture: (frames, bands), a frame every
    `step` seconds. Returns the figure.
    """
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 3.6), sharex=True,
                                      height_ratios=[1, 2])
    top.plot(np.arange(len(x)) / rate, x, "k-", lw=0.4)
    top.set(ylabel="sample")
    _mel_image(bottom, picture, step)
    bottom.set(xlabel="time (s)", ylabel="band, low to high")
    return fig


def ctc(p, picture, step):
    """Each symbol's probability over time, below the spectrogram (5.3.1).

    p: (frames, 11), the blank last; picture: (2 * frames, bands); step:
    seconds a frame of p.
    """
    blank = p.shape[1] - 1
    fig, (top, ax) = plt.subplots(2, 1, figsize=(8, 3.8), sharex=True)
    _mel_image(top, picture, step / 2)
    top.set(ylabel="band")
    t = np.arange(len(p)) * step
    ax.plot(t, p[:, blank], "--", color="0.6", lw=1)
    for digit in range(blank):
        if p[:, digit].max() > 0.3:
            ax.plot(t, p[:, digit])
        start = 0
        while (p[start:, digit] > 0.5).any():
            at = start + int((p[start:, digit] > 0.5).argmax())
            ax.text(t[at], 1.03, digit, ha="center", fontweight="bold")
            quiet = p[at:, digit] <= 0.5
            start = at + int(quiet.argmax()) if quiet.any() else len(p)
    ax.set(xlabel="time (s)", ylabel="probability", ylim=(0, 1.15))
    return fig


def off_by(real, gaps, step):
    """A recorded word, and how far two others are from it (5.3.2).

    real: (frames, bands), a frame every `step` seconds; gaps: {name: dB,
    of the same shape}. Returns the figure.
    """
    fig, axes = plt.subplots(1, 3, figsize=(9, 2.6), sharey=True)
    _mel_image(axes[0], real, step)
    axes[0].set(title="recorded", ylabel="band, low to high")
    for ax, (name, gap) in zip(axes[1:], gaps.items()):
        image = ax.imshow(gap.T, origin="lower", aspect="auto", vmin=0,
                          vmax=12, cmap="gray_r",
                          extent=(0, len(gap) * step, 0, gap.shape[1]))
        ax.grid(False)
        ax.set(title=f"{name}: off by {np.sqrt(np.mean(gap ** 2)):.1f} dB")
    fig.colorbar(image, ax=axes[2], label="dB")
    for ax in axes:
        ax.set(xlabel="time (s)")
    return fig


def hits(numbers, scores, heard, said, n=5):
    """The n best notes as bars, with the number each of them holds (5.3.3).

    The ones that hold the digits said are hatched.
    """
    fig, ax = plt.subplots(figsize=(6, 2.2))
    best = np.argsort(-scores)[:n]
    names = [" ".join(map(str, numbers[i])) for i in best]
    wanted = " ".join(map(str, said))
    for row, (name, i) in enumerate(zip(names, best)):
        ax.barh(row, scores[i], zorder=2, edgecolor="white",
                color="C0" if wanted in name else "0.8",
                hatch="//" if wanted in name else "")
    ax.set(yticks=range(n), yticklabels=names, xlim=(0, 1),
           xlabel="cosine of the angle",
           title=f"said: {wanted}   heard: {' '.join(map(str, heard))}")
    ax.invert_yaxis()
    return fig


# ---- biology

def logos(logos, motifs):
    """A sequence logo for each motif: letters as high as they are sure.

    logos: {name: frequencies (length, 4)}; motifs: {name: consensus}.
    Returns the figure.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.textpath import TextPath
    from matplotlib.transforms import Affine2D
    fig, axes = plt.subplots(2, 2, figsize=(8.5, 3.8))
    shades = dict(zip("ACGT", ("C2", "C0", "0.35", "C1")))
    for ax, (name, P) in zip(axes.flat, logos.items()):
        bits = 2 + (P * np.log2(np.maximum(P, 1e-9))).sum(axis=1)
        for x, (column, height) in enumerate(zip(P, bits)):
            y = 0.0
            for k in np.argsort(column):
                h = column[k] * height
                if h > 0.02:
                    letter = TextPath((0, 0), "ACGT"[k], size=1)
                    box = letter.get_extents()
                    fit = Affine2D().translate(-box.x0, -box.y0).scale(
                        0.9 / box.width, h / box.height).translate(
                        x + 0.05, y)
                    ax.add_patch(PathPatch(fit.transform_path(letter),
                                           fc=shades["ACGT"[k]], lw=0))
                y += h
        ax.set(xlim=(0, len(P)), ylim=(0, 2.05), yticks=[0, 1, 2], xticks=[],
               title=f"{name}: {motifs[name]}")
        ax.grid(False)
    for ax in axes[:, 0]:
        ax.set(ylabel="bits")
    return fig


def folds(chains, some, pairs, said):
    """Three chains in their true folds, with the contacts found (5.4.2).

    chains: Chains; some: which three; pairs: (n_pairs, 2); said: scores
    (n, n_pairs). Returns the figure.
    """
    fig, axes = plt.subplots(1, 3, figsize=(8.5, 2.8))
    for ax, i in zip(axes, some):
        place = chains.places(i)
        ax.plot(*place.T, "-", color="0.6", lw=2, zorder=1)
        ax.scatter(*place.T, c=1 - chains.beads[i], cmap="gray", s=60,
                   edgecolor="k", zorder=3, vmin=0, vmax=1)
        truth = np.flatnonzero(chains.contacts[i])
        sure = np.argsort(-said[i], kind="stable")[:len(truth)]
        for k in truth:
            ax.plot(*place[pairs[k]].T, "C0-" if k in sure else "C1:", lw=3,
                    zorder=2)
        ax.set(aspect="equal", title=f"{np.isin(sure, truth).sum()} of "
               f"{len(truth)} contacts found")
        ax.margins(0.15)
        ax.axis("off")
    return fig


def selection(rounds, random, tops, molecules):
    """QED by round, the best of three methods, and some molecules (5.4.3).

    rounds: list of lists of QED; random: (n,); tops: {name: QED of its
    best}, drawn as dots, their mean as a line; molecules: SMILES. Returns
    the figure.
    """
    fig = plt.figure(figsize=(8.5, 5))
    (top, below) = fig.subfigures(2, 1, height_ratios=[1.3, 1])
    left, right = top.subplots(1, 2, width_ratios=[1.4, 1])
    left.boxplot([random, *rounds], showfliers=False, widths=0.6,
                 medianprops={"color": "C0", "lw": 2})
    left.set(xticks=range(1, len(rounds) + 2), ylabel="QED", xticklabels=[
        "random", *map(str, range(len(rounds)))], xlabel="round")
    for k, values in enumerate(tops.values()):
        side = k + np.linspace(-0.3, 0.3, len(values))
        right.plot(side, sorted(values), "o", ms=3,
                   color="0.55" if k else "C0")
        right.plot([k - 0.4, k + 0.4], [np.mean(values)] * 2, "k-", lw=1.5)
    right.set(ylabel="QED of the best 30", xticks=range(len(tops)),
              xticklabels=[f"{name}\n{np.mean(values):.3f}"
                           for name, values in tops.items()])
    ax = below.subplots()
    ax.imshow(_drawn(molecules))
    ax.axis("off")
    return fig


def _drawn(molecules):
    """The structural formulas of molecules in a row, RGB (h, w, 3)."""
    import io

    from PIL import Image
    from rdkit.Chem import MolFromSmiles
    from rdkit.Chem.Draw import rdMolDraw2D
    drawer = rdMolDraw2D.MolDraw2DCairo(500 * len(molecules), 320, 500, 320)
    drawer.drawOptions().useBWAtomPalette()
    drawer.DrawMolecules([MolFromSmiles(s) for s in molecules])
    drawer.FinishDrawing()
    return np.asarray(Image.open(io.BytesIO(drawer.GetDrawingText())))


# ---- pictures in rows

def views(images, columns=8, side=0.9, names=()):
    """A grid of pictures, all on one scale from black (0) to white (1).

    images: (n, h, w, 1); side: inches of the longer side; names: of the
    rows. Returns the figure.
    """
    rows, (h, w) = -(-len(images) // columns), images.shape[1:3]
    fig, axes = plt.subplots(rows, columns, squeeze=False, figsize=(
        columns * side, rows * side * h / w), layout="none")
    for ax, image in zip(axes.flat, images):
        ax.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
        ax.axis("off")
    fig.subplots_adjust(0.12 if names else 0, 0, 1, 1, 0.05, 0.05)
    for ax, name in zip(axes[:, 0], names):
        ax.text(-0.1, 0.5, name, ha="right", va="center",
                transform=ax.transAxes)
    return fig
