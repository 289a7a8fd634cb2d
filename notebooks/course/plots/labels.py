"""Labels that avoid each other (1, 7)."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.transforms import Bbox

TRIES = [(side * d, up * d) for d in (1, 1.7, 2.6, 3.8) for side, up in (
    (1, 0), (-1, 0), (0, 1), (0, -1), (.8, .8), (-.8, .8), (.8, -.8),
    (-.8, -.8))]  # where a label may stand, best first, 7 points a unit


def label_points(ax, points, names, apart=3):
    """Write names beside points of a log axis where there is room.

    points: n (x, y); names: n texts, the more important first; a name that
    finds no room near its point is left out; apart: pixels from a name's
    sides to other names and marks. Returns the annotations.
    """
    fig = ax.figure
    fig.canvas.draw()
    fig.set_layout_engine("none")  # the axes stay where they were measured
    marks = np.concatenate([
        ax.transData.transform(line.get_xydata()) for line in ax.lines
        if len(line.get_xydata()) and line.get_marker() != "None"])
    frame, legend = ax.get_window_extent(), ax.get_legend()
    taken = [legend.get_window_extent()] if legend else []
    written, unit = [], 7 * fig.dpi / 72
    for point, name in zip(points, names):
        text = ax.annotate(name, point, (0, 0), fontsize=7.5,
                           textcoords="offset points", va="center")
        size = _box(text).size
        text.remove()
        for dx, dy in TRIES:
            left = 0 if dx > .1 else 1 if dx < -.1 else .5
            corner = (ax.transData.transform(point) + unit * np.array(
                [dx, dy]) - size * (left, .5))
            box = Bbox([corner, corner + size])
            near = box.padded(apart, 3)  # pixels, about a mark's half
            if (np.all(box.min >= frame.min) and np.all(box.max <= frame.max)
                    and not any(box.overlaps(other) for other in taken)
                    and not ((marks > near.min) & (marks < near.max)).all(
                        axis=1).any()):
                taken.append(near)
                written.append(_label(ax, name, point, dx, dy))
                break
    return written


def _label(ax, name, point, dx, dy):
    """A name beside its point, with a thin line if it is not close by."""
    line = {"arrowstyle": "-", "lw": .5, "color": ".6", "shrinkA": 0,
            "shrinkB": 3} if max(abs(dx), abs(dy)) > 1 else None
    side = "left" if dx > .1 else "right" if dx < -.1 else "center"
    return ax.annotate(name, point, (7 * dx, 7 * dy), fontsize=7.5,
                       textcoords="offset points", va="center", ha=side,
                       arrowprops=line)


def _box(text):
    """The place of an annotation's words, without the line to its point."""
    text.update_positions(text.figure.canvas.get_renderer())
    return plt.Text.get_window_extent(text)


def overlapping(texts):
    """Pairs of texts of a figure whose boxes overlap, by their words (1.1)."""
    boxes = [(t.get_text(), _box(t)) for t in texts]
    return [(a, b) for i, (a, box) in enumerate(boxes)
            for b, other in boxes[i + 1:] if box.overlaps(other)]
