"""Makes contest.csv: accuracies of traditional models and small networks.

    python data/make_contest.py

Two tasks on the same 1,797 digits: `still`, 8x8 as scanned, and `moved`,
each somewhere on 12x12. Each draw splits anew into 1,437 to learn from and
360 unseen; a model learns from n pictures and chooses its setting on these
alone. Two more tasks: `sound`, spoken digits of which each draw keeps five
voices unseen, and `reviews`, 3,000 of the sentences that a draw picks.
Takes an hour or two on two cores; rows that are there are not made again.
"""
import csv
import sys
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
import course  # noqa: E402

course.start(chapter=2)
from ship import ship  # noqa: E402

from course.datasets import digits, reviews, sounds
from course.models import (
    networks,
    pretraining,
    traditional,
    training,  # noqa: E402
)

FILE = HERE / "contest.csv"
COLUMNS = ["task", "model", "n", "draw", "accuracy", "setting"]
DRAWS = range(5)
SIZES = {"still": [20, 50, 100, 200, 500, 1437],
         "moved": [20, 50, 100, 200, 500, 1437, 5000, 20_000]}
WHOLE = 1437  # of more, the setting is chosen on so many
LONGER = 2000  # pictures from which networks take more steps
CENTRED = "SVM, centred"  # the same, after a person's idea
BODY = "pre-trained, logistic regression"
TUNED = "pre-trained, fine-tuned"
# what the SVM gets: the Transformer's own input, or a person's features
BREADTH = {"sound": {"SVM": None, "SVM, cepstra": traditional.sound_features},
           "reviews": {"SVM": None, "SVM, bag of words": 1,
                       "SVM, runs of three words": 3}}
VOICES_UNSEEN, REVIEWS, BROAD_STEPS = 5, 3000, 900


def steps(name, n):
    """How long a network trains; the same for all its settings."""
    many = {"MLP": (1200, 5000), "CNN": (600, 5000),
            "Transformer": (1200, 3000)}[name]
    return many[n >= LONGER]


def task_data(task, n, draw):
    """(X, y), (X_test, y_test) of a draw; X (n, side, side)."""
    (X, y), (X_test, y_test) = digits.small_digits(seed=draw)
    rng = np.random.default_rng([draw, n])
    X, y = digits.take(X, y, n, rng)
    if task == "moved":
        X = digits.moved(X, rng)
        X_test, y_test = np.repeat(X_test, 3, 0), np.repeat(y_test, 3)
        X_test = digits.moved(X_test, np.random.default_rng(draw))
    return (X, y), (X_test, y_test)


def classical(name, task, n, draw):
    """Accuracy on the unseen, and the setting that was chosen."""
    (X, y), (X_test, y_test) = task_data(task, n, draw)
    if name == CENTRED:
        X, X_test = digits.centred(X), digits.centred(X_test)
    X, X_test = X.reshape(len(X), -1), X_test.reshape(len(X_test), -1)
    kind = name.partition(",")[0]
    model, setting = traditional.choose(kind, X[:WHOLE], y[:WHOLE], draw)
    with traditional.quiet():
        return model.fit(X, y).score(X_test, y_test), setting


def network(learner, name, task, n, draw):
    (X, y), (X_test, y_test) = task_data(task, n, draw)
    few = min(n, WHOLE)
    rate = training.choose_rate(learner, X[:few], y[:few], draw,
                               steps(name, few))
    learner.fit(X, y, draw, steps(name, n), rate)
    return learner.score(X_test, y_test), {"rate": rate}


def pretrained(name, n, draw, learners):
    """Accuracy on moved digits after pre-training without labels."""
    if draw not in learners:
        (X, _), _ = digits.small_digits(seed=draw)
        learners[draw] = pretraining.pretrain(X, seed=draw)
    body = learners[draw]
    (X, y), (X_test, y_test) = task_data("moved", n, draw)
    head, setting = pretraining.adapt(body, X, y, draw)
    if name == BODY:
        return head.score(pretraining.features(body, X_test), y_test), setting
    if TUNED not in learners:
        learners[TUNED] = training.Learner(networks.cnn((12, 12), 10))
    learner = pretraining.tune(body, head, learners[TUNED], X, y, draw)
    return learner.score(X_test, y_test), {"rate": 0.001}


def broad_data(task, draw, features=None):
    """(X, y), (X_test, y_test) of sounds or reviews.

    features: None for tensors (n, LONGEST, ...), a function of sounds, or
    the longest run of words that is counted.
    """
    rng = np.random.default_rng(draw)
    if task == "sound":
        X, y, voice, names = sounds.load_spoken_digits()
        unseen = np.isin(voice, rng.permutation(len(names))[:VOICES_UNSEEN])
        X = (features or sounds.frames)(X)
        return (X[~unseen], y[~unseen]), (X[unseen], y[unseen])
    (texts, y), (texts_test, y_test) = reviews.load_reviews()
    chosen = rng.permutation(len(y))[:REVIEWS]
    texts, y = [texts[i] for i in chosen], y[chosen]
    if features:
        count = traditional.runs_of_words(features)
        return (count.fit_transform(texts), y), (count.transform(texts_test),
                                                 y_test)
    known = reviews.vocabulary(texts)
    return ((reviews.one_hot(texts, known), y),
            (reviews.one_hot(texts_test, known), y_test))


def broad(name, task, draw):
    """Accuracy of a row of BREADTH, and its setting."""
    if name == "Transformer":
        (X, y), (X_test, y_test) = broad_data(task, draw)
        learner = training.Learner(
            networks.transformer(X.shape[1:], int(y.max()) + 1))
        rate = training.choose_rate(learner, X, y, draw, BROAD_STEPS)
        learner.fit(X, y, draw, BROAD_STEPS, rate)
        return learner.score(X_test, y_test), {"rate": rate}
    features = BREADTH[task][name]
    (X, y), (X_test, y_test) = broad_data(task, draw, features)
    if features is None:
        X, X_test = X.reshape(len(X), -1), X_test.reshape(len(X_test), -1)
        if task == "reviews":  # nearly all zeros
            X, X_test = csr_array(X), csr_array(X_test)
    model, setting = traditional.choose("SVM, scaled", X, y, draw)
    with traditional.quiet():
        return model.fit(X, y).score(X_test, y_test), setting


def entries():
    """(task, model, n) of all rows, the cheap ones first."""
    for task, sizes in SIZES.items():
        names = [*traditional.TRADITIONAL][:5] + ["MLP", "CNN"]
        names += ["Transformer"] if task == "still" else [CENTRED]
        for name in names:
            for n in sizes:
                if n == WHOLE or name not in ("decision tree", "Transformer"):
                    yield task, name, n
    for name in (BODY, TUNED):
        for n in SIZES["still"]:
            yield "moved", name, n
    for task, names in BREADTH.items():
        for name in [*names, "Transformer"]:
            yield task, name, {"sound": 660, "reviews": REVIEWS}[task]


def main(only=None):
    done = []
    if FILE.is_file():
        with open(FILE, encoding="utf-8", newline="") as file:
            done = list(csv.DictReader(file))
    have = {tuple(row[c] for c in COLUMNS[:4]) for row in done}
    learners = {}
    for task, name, n in entries():
        if only and name not in only:
            continue
        for draw in DRAWS:
            if (task, name, str(n), str(draw)) in have:
                continue
            if task in BREADTH:
                score, setting = broad(name, task, draw)
            elif name in (BODY, TUNED):
                score, setting = pretrained(name, n, draw, learners)
            elif name in networks.NETWORKS:
                side = task_data(task, 20, 0)[0][0].shape[1]
                if (name, side) not in learners:
                    learners[name, side] = training.Learner(
                        networks.NETWORKS[name]((side, side), 10))
                score, setting = network(learners[name, side], name, task,
                                         n, draw)
            else:
                score, setting = classical(name, task, n, draw)
            text = " ".join(f"{k}={v}" for k, v in setting.items())
            done.append(dict(zip(COLUMNS, (
                task, name, n, draw, f"{score:.4f}", text))))
            print(*done[-1].values(), flush=True)
            write(done)
    ship(FILE)


def write(rows):
    places = {entry: i for i, entry in enumerate(entries())}
    rows.sort(key=lambda row: (places[row["task"], row["model"],
                                      int(row["n"])], int(row["draw"])))
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
