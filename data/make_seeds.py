"""Makes application_seeds.csv: chapter 5's gains with other seeds.

    python data/make_seeds.py SEED ...         the chapter, 3 to 5 minutes each
    python data/make_seeds.py SEED ... FIELD   one field of it
    python data/make_seeds.py rates            tries learning rates for 5.4.2

A seed draws other test cases, other training data where they are simulated,
and another start of every model that the chapter itself trains. What is
shipped trained (the T5; the grid, the recogniser, the molecules' LSTM) stays.
`rates` prints, for each rate, the share of contacts found in families that
are kept from the training chains; it looks at no test chain.
"""
import csv
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "notebooks" / "05_applications.ipynb"
sys.path.insert(0, str(HERE.parent / "notebooks"))
FILE = HERE / "application_seeds.csv"
COLUMNS = "id", "seed", "measure", "gain", "low", "high", "verdict"
RECORD = """
import json
from course import session
print(json.dumps({id: (found[0], [*found[3].values()][-1], found[4])
                  for id, found in session.current.outcomes.items()}))
"""


def executed(seed, field="all"):
    """The chapter, run with that seed; its last cell prints the outcomes."""
    import nbformat
    from nbclient import NotebookClient
    nb = nbformat.read(CHAPTER, 4)
    for cell in nb.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"SEED = {seed}\nFIELD = {field!r}"
    nb.cells.append(nbformat.v4.new_code_cell(RECORD))
    return NotebookClient(nb, timeout=None, resources={
        "metadata": {"path": str(CHAPTER.parent)}}).execute()


def rows_of(seed, nb):
    """The rows of an executed chapter, one an application."""
    found = json.loads(nb.cells[-1].outputs[0]["text"])
    return [[id, seed, measure, *(f"{x:.6g}" for x in gain), verdict]
            for id, (measure, gain, verdict) in sorted(found.items())]


def keep(seed, rows):
    """Puts a seed's rows into the file, in place of its older ones."""
    from ship import ship
    old = []
    if FILE.exists():
        with open(FILE, encoding="utf-8", newline="") as file:
            old = [row for row in csv.reader(file)][1:]
    ids = {row[0] for row in rows}
    old = [row for row in old if row[1] != str(seed) or row[0] not in ids]
    rows = sorted(old + rows, key=lambda row: (row[0], int(row[1])))
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([COLUMNS, *rows])
    ship(FILE)


RATES, FAMILIES, KEPT, DRAWS = (0.003, 0.001, 0.0003, 0.0001), 2, 22, 2


def rates():
    """Tries learning rates for 5.4.2 on families of training chains."""
    import nbformat

    import course
    course.start(chapter=5)
    import numpy as np
    from course.applications import biology
    source = {cell.id: cell.source for cell in nbformat.read(CHAPTER, 4).cells}
    names = {"SEED": 0, "FIELD": "biology"}
    for id in ("00-open-03", "54-02", "54-18", "54-20"):
        exec(source[id], names)
    chains = names["chains"]
    fit = source["54-21"]
    for draw in range(DRAWS):
        rng, kept = np.random.default_rng(draw), np.zeros(
            len(chains.beads), bool)
        for _ in range(FAMILIES):
            free = np.flatnonzero(~kept)
            middle = chains.beads[rng.choice(free)][None]
            near = biology.unlike(chains.beads[free], middle)[:, 0]
            kept[free[np.argsort(near, kind="stable")[:KEPT]]] = True
        learn = biology.unlike(chains.beads, chains.beads[kept]).min(
            axis=1) >= biology.APART
        names["chains"] = biology.Chains(*(part[learn] for part in chains))
        for rate in RATES:
            exec(re.sub(r"Adam\(.*?\)", f"Adam({rate})", fit), names)
            share = biology.contacts_found(
                chains.contacts[kept],
                np.asarray(names["protein"](chains.beads[kept]))).mean()
            print(f"\ndraw {draw}, {learn.sum()} chains, rate {rate}: "
                  f"{share:.3f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["rates"]:
        rates()
    else:
        fields = [word for word in sys.argv[1:] if not word.isdigit()]
        for seed in [int(word) for word in sys.argv[1:] if word.isdigit()]:
            keep(seed, rows_of(seed, executed(seed, *fields)))
