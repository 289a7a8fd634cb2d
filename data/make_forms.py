"""Makes forms.csv: the digits' contest on mixed forms and on new ones.

    python data/make_forms.py [ROWS]

Five folds of scikit-learn's 1,797 digits at random, so that each form is in
both parts, and five by whole copies of the printed list, so that the test's
forms are new. `moved` digits, on 12x12, by new forms alone: 200 or all of a
fold's digits are learned from, each once, and its others read in three
places. Settings are fixed, those that most draws of contest.csv chose. About
three minutes on two cores; rows that are there are not made again, and at
most ROWS new ones are made.
"""
import csv
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
import course  # noqa: E402

course.start(chapter=2)
from ship import ship  # noqa: E402
from sklearn.base import clone  # noqa: E402

from course.datasets import digits  # noqa: E402
from course.models import networks, traditional, training  # noqa: E402

FILE = HERE / "forms.csv"
COLUMNS = ["task", "split", "model", "n", "fold", "accuracy"]
SETTINGS = {"logistic regression": {"C": 10},
            "nearest neighbours": {"n_neighbors": 1}, "decision tree": {},
            "random forest": {"max_features": "sqrt"}, "boosted trees": {},
            "SVM": {"gamma": 0.1}, "MLP": 0.003, "CNN": 0.003}
MOVED = {("SVM", 200): {"gamma": 0.1}, ("SVM", "all"): {"gamma": 0.3},
         ("SVM, centred", 200): {"gamma": 0.1},
         ("SVM, centred", "all"): {"gamma": 0.1},
         ("MLP", 200): 0.001, ("MLP", "all"): 0.003,
         ("CNN", 200): 0.003, ("CNN", "all"): 0.003}
STEPS = {"MLP": 1200, "CNN": 600}
FOLDS = range(5)


def folds(copy):
    """{split: fold of each digit, int (1797,)}."""
    mixed = np.random.default_rng(0).permutation(np.arange(len(copy)) % 5)
    return {"mixed forms": mixed, "new forms": copy * 5 // 14}


def entries():
    """(task, split, model, n, setting) of all rows, in the file's order."""
    for split in ("mixed forms", "new forms"):
        for model, setting in SETTINGS.items():
            yield "still", split, model, "all", setting
    for (model, n), setting in MOVED.items():
        yield "moved", "new forms", model, n, setting


def fold_data(task, X, y, test, n, fold):
    """(X, y), (X_test, y_test) of a fold; `test` marks its digits."""
    if task == "still":
        return (X[~test], y[~test]), (X[test], y[test])
    rng = np.random.default_rng([fold, 2026])
    few = digits.take(X[~test], y[~test],
                      (~test).sum() if n == "all" else int(n), rng)
    return (digits.moved(few[0], rng), few[1]), (
        digits.moved(np.repeat(X[test], 3, 0), rng), np.repeat(y[test], 3))


def score(model, setting, data, fold, learners):
    (X, y), (X_test, y_test) = data
    if model in STEPS:
        side = X.shape[1:]
        if (model, side) not in learners:
            learners[model, side] = training.Learner(
                networks.NETWORKS[model](side, 10))
        return learners[model, side].fit(X, y, fold, STEPS[model],
                                         setting).score(X_test, y_test)
    if model == "SVM, centred":
        X, X_test = digits.centred(X), digits.centred(X_test)
    X, X_test = (Z.reshape(len(Z), -1).astype(float) for Z in (X, X_test))
    kind = clone(traditional.TRADITIONAL[model.partition(",")[0]][0])
    with traditional.quiet():
        return kind.set_params(**setting).fit(X, y).score(X_test, y_test)


def main(most=10_000):
    done, learners = {}, {}
    if FILE.is_file():
        with open(FILE, encoding="utf-8", newline="") as file:
            done = {tuple(row[c] for c in COLUMNS[:5]): row["accuracy"]
                    for row in csv.DictReader(file)}
    X, y, copy = digits.small_digits_in_order()
    fold, keys = folds(copy), []
    for task, split, model, n, setting in entries():
        for k in FOLDS:
            key = task, split, model, str(n), str(k)
            keys.append(key)
            if key in done or most < 1:
                continue
            data = fold_data(task, X, y, fold[split] == k, n, k)
            done[key] = f"{score(model, setting, data, k, learners):.4f}"
            most -= 1
            print(*key, done[key], flush=True)
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*key, done[key]] for key in keys if key in done)
    ship(FILE)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
