"""Every claim of the document with the verdict that its chapter committed.

A verdict is read from where a reader sees it: the closing table in the
notebook of the claim's own chapter. So it can't be another one there.
"""

import json
import re

from . import claims, setup
from .messages import CourseError, _table, TABLE, languages

OPEN = "open"  # of a claim whose chapter is not there, or not executed


def committed(number):
    """{id: verdict} of the closing table in the committed chapter.

    number: of the chapter, 1 to 8. {} if there is no such notebook, or none
    with outputs. Raises CourseError for a table that can't be read.
    """
    found = {}
    for path in sorted((setup.ROOT / "notebooks").glob(f"0{number}_*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        for line in _lines(cells):
            columns = re.split(r"(?<!\\)\|", line)
            id, verdict = columns[1].strip(), _verdict(columns[4].strip())
            mine = id in claims.all_claims() and id.startswith(f"{number}.")
            if id in found or not mine or not verdict:
                raise CourseError("ledger.line", name=path.name, id=id)
            found[id] = verdict
    return found


def _lines(cells):
    """The rows of the closing table, without its header."""
    for cell in cells:
        if "claims_table()" in "".join(cell["source"]):
            for out in cell.get("outputs", []):
                text = "".join(out.get("data", {}).get("text/plain", ""))
                yield from text.splitlines()[2:]


def _verdict(words):
    """The verdict that these words mean in one of the languages."""
    for verdict in claims.VERDICTS:
        row = _table(TABLE)[f"verdict.{verdict}"]
        if words in [row[language] for language in languages()]:
            return verdict
    return None


def ledger():
    """{id: verdict} of all claims, in the document's order.

    This chapter's verdicts are those of this run; of the other chapters
    those that they committed; "open" where there is none yet.
    Raises CourseError if this chapter's own are not all recorded.
    """
    known = {id: verdict for id, (verdict, _) in claims.recorded.items()}
    lacking = [id for id in claims._of_chapter() if id not in known]
    if lacking:
        raise CourseError("claim.missing", missing=", ".join(lacking))
    for number in range(1, 9):
        if number != setup.chapter:
            known.update(committed(number))
    return {id: known.get(id, OPEN) for id in claims.all_claims()}
