"""Which tolerance the numbers of each cell need: `ci refresh --tolerances`."""
import math
import re

from ci import notebook
from ci.quality import matrix, measured


def state_tolerances(number, path):
    """Writes into each cell the tolerance that its numbers need.

    At most three times what `ci matrix` saw them differ by; what `compare`
    prints is rounding noise, and may be as large as the tolerance beside it.
    """
    nb = notebook.read(path)
    for k, found in matrix.spreads(number).items():
        cell = nb.cells[k]
        if found is None:
            print("%s, cell %d: more than numbers differs; `ci matrix` says "
                  "what" % (path.name, k))
            continue
        cell.metadata.pop("measured", None)
        stated = needed(cell, *found)
        if stated:
            cell.metadata["measured"] = stated
            print("%s, cell %d: differs by %.3g (%.2g of it), %r" % (
                path.name, k, *found, stated), flush=True)
    notebook.replace(path, nb)


def needed(cell, absolute, relative):
    """{"rtol" or "atol": size} for a cell with such a spread, or {}."""
    texts = [text for kind in measured.printed(cell.outputs).values()
             for text in kind if isinstance(text, str)]
    beside = [float(size) for text in texts for size in re.findall(
        r"largest difference \S+, tolerance (\d\S*\d)", text)]
    if cell.source.strip() == "comparisons()":
        beside = [float(row.split("|")[3]) for text in texts
                  for row in text.splitlines()[2:] if row.count("|") > 3]
    sizes = [abs(measured.value(n)) for text in texts
             for n in measured.split(text)[1]]
    atol, rtol = floor(3 * absolute), floor(3 * relative)
    if beside:
        return {"atol": max([atol, *beside])}
    if not absolute:
        return {}
    # the one that leaves less room to the cell's numbers
    room = sum(min(1, atol / size) if size else 1 for size in sizes)
    if math.isfinite(rtol) and rtol * sum(map(bool, sizes)) <= room:
        return {"rtol": rtol}
    return {"atol": atol}


def floor(size):
    """Two significant digits, rounded down."""
    if not size or not math.isfinite(size):
        return size
    unit = 10.0 ** (math.floor(math.log10(size)) - 1)
    return float("%.2g" % (math.floor(size / unit + 1e-9) * unit))
