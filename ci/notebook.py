"""A chapter's notebook: its cells, its code, its outputs; read and written."""
import ast
import os
import re

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from ci import chapters

WIDGET = "application/vnd.jupyter.widget-view+json"


def read(number_or_path):
    """The notebook of a chapter, by its number or its path."""
    path = number_or_path
    return nbformat.read(chapters()[path] if isinstance(path, int) else path,
                         as_version=4)


def tags(cell):
    return cell.metadata.get("tags", [])


def code_cells(nb):
    """(position, cell) of the code cells that hold code."""
    return [(i, cell) for i, cell in enumerate(nb.cells)
            if cell.cell_type == "code" and cell.source.strip()]


def prose(nb):
    return [(i, cell) for i, cell in enumerate(nb.cells)
            if cell.cell_type == "markdown"]


def tagged(nb, tag):
    return [(i, cell) for i, cell in code_cells(nb) if tag in tags(cell)]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def python(cell):
    """A cell's code, with %magic and !commands made Python."""
    return TransformerManager().transform_cell(cell.source)


def tree(cell):
    """A cell's syntax."""
    return ast.parse(python(cell))


def calls(nb, name):
    """The calls of a function by its bare name, in order."""
    return [node for _, cell in code_cells(nb)
            for node in ast.walk(tree(cell)) if isinstance(node, ast.Call)
            and getattr(node.func, "id", None) == name]


def outputs(nb):
    return [(i, out) for i, cell in code_cells(nb) for out in cell.outputs]


def shown(out):
    """All text of an output that a reader or nbval sees."""
    text = out.get("text", "") + "\n".join(out.get("traceback", []))
    for kind, value in out.get("data", {}).items():
        if isinstance(value, str) and not kind.startswith("image/"):
            text += "\n" + re.sub(r"base64,[\w+/=]+", "", value)  # a sound
    return text


def functions(nb):
    """[(node, source)] of the functions that cells define, in order."""
    found = []
    for _, cell in code_cells(nb):
        source = python(cell)
        found += [(node, ast.get_source_segment(source, node))
                  for node in ast.parse(source).body
                  if isinstance(node, ast.FunctionDef)]
    return found


def verdicts(nb):
    """{id of a claim: "holds", "limits" or "fails"}, as the chapter ended."""
    return {id: verdict for _, out in outputs(nb)
            for id, verdict in out.get("metadata", {}).get(
                "claims", {}).items()}


# ---- written ----


def replace(path, nb):
    """Writes a notebook in one step, or not at all."""
    nbformat.validate(nb)
    part = path.with_suffix(".part")
    with open(part, "w", encoding="utf-8", newline="\n") as file:
        file.write(nbformat.writes(nb) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


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
            cell.metadata["jupyter"] = {"source_hidden": True}
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
