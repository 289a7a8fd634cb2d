"""`python3 ci refresh`: executes chapters in place.

What is committed is then what the code prints, without anything that would
differ from run to run. A file is replaced in one step, or not at all.
"""
import math
import os
import re

import nbformat

from ci import BUILD, MEMORY_BUDGET, Stop, measured, select
from ci.execute import execute
from ci.measured import WIDGET

MEASURED = re.compile(r"<!-- measured -->(.*?)<!-- /measured -->", re.S)
STEPS = (5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100, 120, 140, 160, 180,
         210, 240, 270, 300, 360, 420, 480, 540, 600)


def main(arguments):
    failed = False
    for number, path in select(arguments.chapters).items():
        try:
            if arguments.tolerances:
                state_tolerances(number, path)
            else:
                refresh(number, path)
                print("%s: refreshed" % path.name, flush=True)
        except Stop as stop:
            print("%s: not changed. %s" % (path.name, stop), flush=True)
            failed = True
    return 1 if failed else 0


def refresh(number, path, bar=True):
    """Executes one notebook and replaces it; Stop where it must not be."""
    nb = nbformat.read(path, as_version=4)
    tidy(nb)
    if not MEASURED.search(nb.cells[0].source):
        raise Stop("Its first cell lacks <!-- measured --><!-- /measured -->.")
    result = execute(number, nb, BUILD / path.name, cwd=path.parent, bar=bar)
    if result.error:
        raise Stop("%s; the copy with the error: %s"
                   % (result.error, result.output))
    nb = nbformat.read(result.output, as_version=4)
    tidy(nb)
    for cell in nb.cells:
        for out in cell.get("outputs", []):
            if out.get("name") == "stderr":
                raise Stop("Cell [%s] writes to stderr: %s" % (
                    cell.execution_count, out.text.strip()[:200]))
    stamp(nb.cells[0], result.seconds, result.peak)
    replace(path, nb)


def replace(path, nb):
    """Writes a notebook in one step, or not at all."""
    nbformat.validate(nb)
    part = path.with_suffix(".part")
    with open(part, "w", encoding="utf-8", newline="\n") as file:
        file.write(nbformat.writes(nb) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def state_tolerances(number, path):
    """Writes into each cell the tolerance that its numbers need.

    At most three times what `ci matrix` saw them differ by; what `compare`
    prints is rounding noise, and may be as large as the tolerance beside it.
    """
    from ci import matrix
    nb = nbformat.read(path, as_version=4)
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
    replace(path, nb)


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


def tidy(nb):
    """Takes out what differs from run to run or only a front end knows."""
    nb.cells = [cell for cell in nb.cells if "injected-parameters"
                not in cell.metadata.get("tags", [])]
    for name in ("papermill", "widgets", "signature"):
        nb.metadata.pop(name, None)
    nb.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)", "language": "python",
        "name": "python3"}
    nb.metadata["language_info"] = {"name": "python"}
    for cell in nb.cells:
        for name in ("papermill", "execution", "ExecuteTime", "trusted"):
            cell.metadata.pop(name, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if "setup" in cell.metadata.get("tags", []):
            cell.metadata["cellView"] = "form"  # on Colab: no code, a button
        if "outputs" in cell:
            cell.outputs = tidy_outputs(cell.outputs)


def tidy_outputs(outputs):
    """Without widgets; what one stream wrote in a row in one piece."""
    kept = []
    for out in outputs:
        if out.output_type == "stream":
            if kept and kept[-1].get("name") == out.name:
                kept[-1].text += out.text
            else:
                kept.append(out)
        elif out.output_type == "error":
            kept.append(out)
        else:
            out.data.pop(WIDGET, None)
            out.metadata.pop(WIDGET, None)
            if out.data:
                kept.append(out)
    for out in kept:
        if out.output_type == "stream":
            out.text = collapse(out.text)
    return kept


def collapse(text):
    """A stream as nbval compares it: what \\r overwrote goes, \\b stays."""
    return re.sub(r"^.*\r(?=[^\n])", "", text, flags=re.M)


def stamp(cell, seconds, peak):
    """Writes time and memory into the title cell.

    What stands there stays if it is within a quarter (memory: a tenth of a
    GB, and within the budget), so that repeating it changes nothing.
    """
    old = re.search(r"About (\d+) s and ([\d.]+) GB", cell.source)
    same = old and abs(seconds / int(old[1]) - 1) < 0.25 and abs(
        peak / 1e9 - float(old[2])) <= 0.1
    if same and float(old[2]) <= MEMORY_BUDGET / 1e9:
        return
    nice = next((n for n in STEPS if n >= seconds * 0.97), round(seconds, -1))
    text = "About %d s and %.1f GB on two CPU cores" % (nice, peak / 1e9)
    cell.source = MEASURED.sub(
        lambda _: "<!-- measured -->%s<!-- /measured -->" % text,
        cell.source, count=1)
