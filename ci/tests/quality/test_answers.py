"""The five answers at chapter 8's beginning say what its cells print."""
import re

from ci import notebook

HEAD = "## The document's five questions, answered"


def stray(nb):
    """Numbers of the answers that no cell prints or sets."""
    text = next(c.source for c in nb.cells if c.source.startswith(HEAD))
    text = re.sub(r"\(8\.\d\)", "", text.removeprefix(HEAD))
    known = numbers("\n".join([c.source for _, c in notebook.code_cells(nb)] + [
        notebook.shown(out) for _, out in notebook.outputs(nb)]))
    return sorted(n for n in numbers(text)
                  if not {n, f"{float(n) / 100:g}"} & known)  # 15%, 0.15


def numbers(text):
    """Without signs and commas in thousands."""
    return {n.rstrip(".,").replace(",", "")
            for n in re.findall(NUMBER, text)}


NUMBER = r"\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?"


def chapter():
    return notebook.read(8)


def test_each_number_of_the_answers_is_printed():
    assert stray(chapter()) == []


def test_a_wrong_number_is_seen():
    nb = chapter()
    cell = next(c for c in nb.cells if c.source.startswith(HEAD))
    cell.source = re.sub(r"(?<![(\d])\d+\.\d", "14.7123", cell.source,
                         count=1)  # no section's number, as in (8.1)
    assert stray(nb) == ["14.7123"]
