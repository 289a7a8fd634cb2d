"""Makes starts.csv: what chapter 4 trains once, trained from three seeds.

    python data/make_starts.py

It runs the cells of the page itself, those named below, with SEED 0, 1 and 2;
what the file has already is not run again. With another seed other weights
begin, other flights are drawn and other shifts; the test pictures, years and
reviews stay. A few minutes on two cores.
"""
import csv
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTEBOOKS = HERE.parent / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))
import course  # noqa: E402

course.start(chapter=4)
from ship import ship  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402
from sklearn.svm import SVC  # noqa: E402

FILE = HERE / "starts.csv"
HEAD = ["the one : the other", "test cases"]
SEEDS = 3


def nothing(*args, **kwargs):
    """In place of what draws."""


def begun(seed):
    """The names of a page whose first cells have run; run(*ids): more."""
    path = NOTEBOOKS / "04_code_examples.ipynb"
    cells = {cell["id"]: "".join(cell["source"])
             for cell in json.loads(path.read_text("utf-8"))["cells"]}
    names = {"SEED": seed, "DIGITS": "bundled", "SVC": SVC,
             "LogisticRegression": LogisticRegression,
             "KNeighborsClassifier": KNeighborsClassifier}

    def run(*ids):
        for name in ids:
            exec(cells[name], names)

    run("00-open-03")
    names |= {"show": nothing, "pictures": nothing,
              "interval": lambda *two: (0, 0, 0)}
    return names, run


def programs(seed):
    """Yields (what, ours, the other one, how many test cases)."""
    names, run = begun(seed)
    run("99-imports", "99-report")
    found = {}
    names["report"] = lambda name, ours, classic, theirs: found.update(
        {f"{name} : {classic}": (ours.mean(), theirs.mean(), len(ours))})
    run("99-cnn", "99-rnn", "99-block", "99-transformer")
    for name, values in found.items():
        yield f"program: {name}", *values
    off = [error.mean() for error in names["off"]]
    for name, other in zip(("AR(10)", "AR(22)"), off[1:]):
        yield f"program: RNN : {name}, mean error", off[0], other, len(
            names["off"][0])


def digits(seed):
    names, run = begun(seed)
    run("41-01", "41-10", "41-40", "41-43", "41-46", "41-50b", "41-76",
        "41-69", "41-70")
    read = {name: right.mean() for name, right in names["strangers"].items()}
    n = len(names["new"][1])
    yield "CNN : SVM, digits of new copies", read["CNN"], read["SVM"], n
    parts = names["train_parts"](seed)
    for kind in [kind for kind in parts if kind != "whole"]:
        for test, where in enumerate(("held-out digits", "moved further")):
            ours, whole = (parts[name][test] for name in (kind, "whole"))
            yield (f"{kind} : whole, {where}", ours.mean(), whole.mean(),
                   len(ours))


def flights(seed):
    names, run = begun(seed)
    run("41-01", "41-46", "42-02")
    names["ball_net"] = names["model"]
    run("42-15", "42-18", "42-20", "42-23", "42-24", "42-26", "42-36",
        "42-41", "42-41a", "42-42", "42-50", "42-51", "42-53")
    result = {name: right.mean() for name, right in names["result"].items()}
    dense = max(result[f"dense, {how}"] for how in ("ten numbers", "one-hot"))
    yield ("LSTM : better dense network, next zone",
           result["the document's LSTM"], dense, len(names["Z_test"]))
    R2 = names["R2"]  # the windows that are not fitted: about half of them
    yield ("trained : random state, R² of the speed", R2["trained state"][9],
           R2["random state"][9], f"half of {len(names['Z_test'])}")


def written(what, ours, other):
    """Two numbers as the page shows them."""
    form = ".2f" if "R²" in what else ".1f" if "error" in what else ".1%"
    return f"{ours:{form}} : {other:{form}}"


PARTS = {"program: CNN : SVM": programs,  # by the first row of each
         "CNN : SVM, digits of new copies": digits,
         "LSTM : better dense network, next zone": flights}


def main():
    lines = {}
    if FILE.exists():
        with open(FILE, encoding="utf-8", newline="") as file:
            lines = {row[0]: row for row in [*csv.reader(file)][1:]}
    for first, part in PARTS.items():
        for seed in range(len(lines.get(first, HEAD)) - 2, SEEDS):
            for what, ours, other, n in part(seed):
                lines.setdefault(what, [what, n]).append(
                    written(what, ours, other))
                print(seed, what, lines[what][-1], flush=True)
            with open(FILE, "w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(
                    [HEAD + [f"seed {k}" for k in range(SEEDS)],
                     *lines.values()])
    ship(FILE)


if __name__ == "__main__":
    main()
