"""Makes forms.csv: the digits' contest on mixed forms and on new ones.

    python data/make_forms.py

Twice five folds of scikit-learn's 1,797 digits: at random, so that each form
is in both parts, and by whole copies of the printed list, so that the test's
forms are new. Settings are fixed, those that most draws of contest.csv chose
with 1,437 pictures. About a minute on two cores.
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
SETTINGS = {"logistic regression": {"C": 10},
            "nearest neighbours": {"n_neighbors": 1}, "decision tree": {},
            "random forest": {"max_features": "sqrt"}, "boosted trees": {},
            "SVM": {"gamma": 0.1}}
STEPS = {"CNN": 600}


def folds(copy):
    """{split: fold of each digit, int (1797,)}."""
    mixed = np.random.default_rng(0).permutation(np.arange(len(copy)) % 5)
    return {"mixed forms": mixed, "new forms": copy * 5 // 14}


def score(name, X, y, test, learners, fold):
    if name in STEPS:
        learner = learners[name].fit(X[~test], y[~test], fold, STEPS[name])
        return learner.score(X[test], y[test])
    flat = X.reshape(len(X), -1).astype(float)
    model = clone(traditional.TRADITIONAL[name][0])
    model.set_params(**SETTINGS[name])
    with traditional.quiet():
        return model.fit(flat[~test], y[~test]).score(flat[test], y[test])


def main():
    X, y, copy = digits.small_digits_in_order()
    learners = {name: training.Learner(networks.NETWORKS[name]((8, 8), 10))
                for name in STEPS}
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["split", "model", "fold", "accuracy"])
        for split, fold in folds(copy).items():
            for name in [*SETTINGS, *STEPS]:
                for k in range(5):
                    row = split, name, k, "%.4f" % score(
                        name, X, y, fold == k, learners, k)
                    writer.writerow(row)
                    print(*row, flush=True)
    ship(FILE)


if __name__ == "__main__":
    main()
