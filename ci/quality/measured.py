"""Compares what a cell prints with what is committed: text exactly, white
space aside; numbers within the tolerance that the cell's metadata state.

`"measured": {"rtol": 0.02}` allows each number of the cell's outputs 2% of
what is committed, `{"atol": 0.5}` half a unit. Without it every number is
compared to the digit. nbval does it so through `ci/quality/nbval_measured.py`.
"""
import copy
import math
import re
from collections import defaultdict

from nbval.plugin import coalesce_streams

from ci.notebook import WIDGET

# not compared: pictures depend on fonts, knobs on the front end
UNSEEN = {WIDGET, "image/png", "image/jpeg", "image/svg+xml"}
NUMBER = re.compile(r"""
    (?<![\w.])                        # conv2d_1 and 5.4.2 are names
    (?:(?<![\w)\]%])[-+\u2212])?      # 5-10 is a range, -5 a number
    (?:(?:\d{1,3}(?:,\d{3})+(?!\d|,\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?
       |\.\d+(?:[eE][-+]?\d+)?        # .5
       |(?:inf|nan)\b)
    (?!\.?\w|\.\d)                    # 3x3, 1.h and 5.4.2 are names, too
    """, re.X)
ROUNDING = 1 + 1e-9  # 0.3 - 0.2 is a little more than 0.1


def value(text):
    """The number that a match of NUMBER says."""
    return float(text.replace("\u2212", "-").replace(",", ""))


def split(text):
    """(text around the numbers, the numbers' own texts).

    White space between words counts as one blank, beside a number and at
    the ends as none: a column is as wide as its numbers.
    """
    numbers = NUMBER.findall(text)
    around = [re.sub(r"\s+", " ", part).strip()
              for part in NUMBER.split(text)]
    return around, numbers


def tolerance(metadata):
    """(rtol, atol) that a cell's metadata state; ValueError for others."""
    stated = metadata.get("measured", {})
    good = isinstance(stated, dict) and len(stated) <= 1 and all(
        name in ("rtol", "atol") and isinstance(size, (int, float))
        and not isinstance(size, bool) and 0 < size < math.inf
        for name, size in stated.items())
    if not good or ("measured" in metadata and not stated):
        raise ValueError('metadata "measured" must be {"rtol": number} or '
                         '{"atol": number}, not %r' % (stated,))
    return stated.get("rtol", 0), stated.get("atol", 0)


def gap(committed, now):
    """|difference| of two numbers' texts; 0 for two infinities alike."""
    a, b = value(committed), value(now)
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    return abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf


def differs(committed, now, metadata={}):
    """What differs between two texts, in a line each; [] if nothing."""
    rtol, atol = tolerance(metadata)
    if not isinstance(committed, str) or not isinstance(now, str):
        return [] if committed == now else [
            "%r is committed, now it is %r" % (committed, now)]
    was, numbers = split(committed)
    is_now, found = split(now)
    if was != is_now:
        return [first_difference(was, numbers, is_now, found)]
    said = []
    for k, (old, new) in enumerate(zip(numbers, found)):
        off = gap(old, new)
        same = (off == 0 or math.inf > off <= ROUNDING * max(
            atol, rtol * abs(value(old))) if rtol or atol else old == new)
        if not same:
            size = abs(value(old))
            said.append(
                "number %d of %d, after %r: %s is committed, now it is %s; "
                "off by %.3g%s, %s" % (
                    k + 1, len(numbers), was[k][-30:], old, new, off,
                    " (%.2g of it)" % (off / size) if size else "",
                    "atol %g" % atol if atol else "rtol %g" % rtol if rtol
                    else "no tolerance is stated"))
    return said


def first_difference(was, numbers, is_now, found):
    """One line: where two texts part that differ in more than numbers."""
    if len(numbers) != len(found):
        many = "%d numbers are committed, now there are %d; " % (
            len(numbers), len(found))
    else:
        many = ""
    for k, (old, new) in enumerate(zip(was, is_now)):
        if old != new:
            at = next((i for i, (a, b) in enumerate(zip(old, new))
                       if a != b), min(len(old), len(new)))
            begin = max(0, at - 30)
            before = numbers[k - 1] + " " if k and not begin else ""
            return "%stext parts at %r: %r is committed, now it is %r" % (
                many, before + old[begin:at], old[at:at + 60],
                new[at:at + 60])
    return many + "the texts end differently"


def printed(outputs):
    """What is compared of a cell's outputs: {kind: [text, ...]}."""
    kinds = defaultdict(list)
    for out in coalesce_streams(copy.deepcopy(list(outputs))):
        if out["output_type"] == "stream":
            kinds[out["name"]].append(out["text"])
        elif out["output_type"] == "error":
            kinds["error"].append("%s: %s" % (out["ename"], out["evalue"]))
        for kind, text in out.get("data", {}).items():
            if kind not in UNSEEN:
                kinds[kind].append(text)
    return dict(kinds)


def compare(committed, now, metadata={}):
    """What differs between two cells' outputs, in a line each."""
    was, is_now = printed(committed), printed(now)
    said = ["%s: committed, now missing: %r" % (kind, was[kind][0][:80])
            for kind in was if kind not in is_now]
    said += ["%s: not committed, now there: %r" % (kind, is_now[kind][0][:80])
             for kind in is_now if kind not in was]
    for kind in was:
        if kind in is_now and len(was[kind]) != len(is_now[kind]):
            said.append("%s: %d outputs are committed, now there are %d"
                        % (kind, len(was[kind]), len(is_now[kind])))
        said += ["%s: %s" % (kind, line) for old, new in zip(
            was[kind], is_now.get(kind, [])) for line in
            differs(old, new, metadata)]
    return said


def ignored(cell):
    """Whether a cell's output is a live timing, which nobody compares."""
    return "nbval-ignore-output" in cell.metadata.get("tags", [])


def chapter(committed, now):
    """{position: lines} of the code cells of two notebooks that differ."""
    pairs = zip(committed.cells, now.cells, strict=True)
    found = {k: compare(old.outputs, new.outputs, old.metadata)
             for k, (old, new) in enumerate(pairs)
             if old.cell_type == "code" and not ignored(old)}
    return {k: lines for k, lines in found.items() if lines}


def spread(outputs, others):
    """(absolute, relative) largest difference of the numbers of one cell.

    outputs: the committed ones; others: a list of outputs. None where
    something else than a number differs.
    """
    absolute = relative = 0.0
    was = printed(outputs)
    for other in map(printed, others):
        if was.keys() != other.keys():
            return None
        for kind in was:
            if len(was[kind]) != len(other[kind]):
                return None
            for old, new in zip(was[kind], other[kind]):
                if not (isinstance(old, str) and isinstance(new, str)):
                    if old != new:
                        return None
                    continue
                (text, a), (text_now, b) = split(old), split(new)
                if text != text_now:
                    return None
                for x, y in zip(a, b):
                    off = gap(x, y)
                    absolute = max(absolute, off)
                    if off:
                        size = abs(value(x))
                        relative = max(relative, off / size if size
                                       else math.inf)
    return absolute, relative
