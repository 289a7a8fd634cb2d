"""Makes adapted.csv: what pre-training is worth where labels are few.

    python data/make_adapted.py [reviews | digits]

`reviews`: ten draws of 10 to 300 labelled reviews, no review in two draws;
four ways to learn from them (course/models/adapting.py), tested on the 527
held-out reviews, on those 348 of them without "not", and on these
348 again with every word of praise or blame replaced by one that no labelled
review has. `digits`: moved digits; in each of six draws three of the 14
copies of the printed list are for the test and the others are pre-trained on
without labels, by a network of our own. There every way gets the same
pictures: `copies` of each labelled one, moved anew.
About six minutes on two cores; rows that are there are not made again.
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
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV, GroupKFold  # noqa: E402

from course.applications import language  # noqa: E402
from course.datasets import digits, reviews  # noqa: E402
from course.models import (  # noqa: E402
    adapting, minilm, networks, pretraining, traditional, training)

FILE = HERE / "adapted.csv"
COLUMNS = ["task", "way", "labels", "copies", "draw", "accuracy", "plain",
           "unseen", "setting"]
KEY = COLUMNS[:5]
DRAWS, DIGITS_DRAWS = range(adapting.DRAWS), range(6)
WAYS = ("TF-IDF", "from scratch", "frozen", "fine-tuned")
TEST_COPIES, MOVED = 3, [(20, 25), (50, 25), (50, 1)]
BODY, TUNED = "pre-trained body", "body, fine-tuned"
VIEWS = {BODY: None, "SVM, pixels": lambda Z: Z,
         "SVM, centred": digits.centred}


# ---- reviews


def reviews_rows(have):
    (texts, y), _ = reviews.load_reviews()
    tests = language.review_tests()
    held, plain = (tests[name][0] for name in ("held-out pairs", "plain"))
    plain = [held.index(text) for text in plain]
    last = adapting.LastBlock(minilm.load())
    scratch = adapting.scratch_learner(len(reviews.vocabulary(texts)) + 1)
    deep = {name: last.read(test) for name, (test, _) in tests.items()
            if name != "plain"}
    frozen = {name: last.vectors(*two) for name, two in deep.items()}
    for draw in DRAWS:
        chosen = adapting.few_reviews(y, draw)
        missing = {(way, n) for way in WAYS for n in adapting.LABELS
                   if ("reviews", way, str(n), "1", str(draw)) not in have}
        if not missing:
            continue
        few = [texts[i] for i in chosen]
        last.block.set_weights(last.published)
        X, ids = last.read(few)
        F = last.vectors(X, ids)
        for n in adapting.LABELS:
            for way, answer, setting in answers(
                    few[:n], y[chosen[:n]], F[:n], X[:n], ids[:n], draw,
                    last, scratch, {way for way, k in missing if k == n}):
                right = [answer(tests[name][0], frozen[name], deep[name])
                         == tests[name][1] for name in deep]
                yield ("reviews", way, n, 1, draw, *(
                    f"{a.mean():.4f}" for a in
                    (right[0], right[0][plain], right[1])), setting)


def answers(texts, y, F, X, ids, draw, last, scratch, ways):
    """(way, function of (texts, frozen vectors, what the last block gets)
    -> classes, setting) of the ways that are wanted, one by one."""
    if "TF-IDF" in ways:
        count = adapting.word_pairs()
        words = adapting.linear(count.fit_transform(texts), y, draw)
        yield ("TF-IDF", lambda t, F, deep: words.predict(
            count.transform(t)), f"C={words.best_params_['C']}")
    head = adapting.linear(F, y, draw)
    if "frozen" in ways:
        yield ("frozen", lambda t, F, deep: head.predict(F),
               f"C={head.best_params_['C']}")
    if "from scratch" in ways:
        classes = adapting.from_scratch(scratch, texts, y, draw)
        yield "from scratch", lambda t, F, deep: classes(t), "rate=0.003"
    if "fine-tuned" in ways:
        last.fit(X, ids, y, head, draw)
        yield ("fine-tuned", lambda t, F, deep: last.predict(*deep),
               "rate=0.0005")


# ---- digits


def moved_tasks(X, y, rng, copies=1):
    """Moved pictures, {task: labels}, and whose copy each picture is."""
    of = np.repeat(np.arange(len(y)), copies)
    Z = digits.moved(X[of], rng)
    middle = (Z.sum(axis=1) @ np.arange(12)) / Z.sum(axis=(1, 2))
    return Z, {"which digit": y[of], "even or odd": y[of] % 2,
               "left or right": (middle > 5.5).astype(int)}, of


def digits_rows(have):
    X, y, copy = digits.small_digits_in_order()
    cnn = training.Learner(networks.cnn((12, 12), 10))
    for draw in DIGITS_DRAWS:
        if all(("which digit", way, str(n), str(copies), str(draw)) in have
               for n, copies in MOVED for way in [*VIEWS, TUNED, "CNN"]):
            continue
        rng = np.random.default_rng([2026, draw])
        test = np.isin(copy, rng.permutation(14)[:TEST_COPIES])
        body = pretraining.pretrain(X[~test], seed=draw)
        Q, truth, _ = moved_tasks(X[test], y[test], rng)
        for n, copies in MOVED:
            few = digits.take(X[~test], y[~test], n, rng)
            Z, labels, of = moved_tasks(*few, rng, copies)
            for task in labels if copies == 1 else ["which digit"]:
                for way in VIEWS:
                    if way != BODY and (task, way, str(n), str(copies),
                                        str(draw)) in have:
                        continue
                    model, setting, score = classical(
                        way, body, Z, labels[task], of, Q, truth[task])
                    if (way, task) == (BODY, "which digit"):
                        head = model
                    yield (task, way, n, copies, draw, score, "", "", setting)
            Y, right = labels["which digit"], truth["which digit"]
            for way, rate in (TUNED, 0.001), ("CNN", 0.003):
                if ("which digit", way, str(n), str(copies), str(draw)
                        ) in have:
                    continue
                if way == TUNED:
                    pretraining.tune(body, head, cnn, Z, Y, draw)
                else:
                    cnn.fit(Z, Y, draw, 400, rate)
                yield ("which digit", way, n, copies, draw,
                       f"{cnn.score(Q, right):.4f}", "", "", f"rate={rate}")


def classical(way, body, Z, y, of, Q, truth):
    """The model, its setting, its accuracy; a picture's copies stay together.
    """
    scale = 1
    if way == BODY:
        Z, Q = (pretraining.features(body, pictures) for pictures in (Z, Q))
        scale = Z.std()
        model = LogisticRegression(max_iter=1000)
        grid = {"C": adapting.C}
    else:
        if way == "SVM, centred":  # which makes all copies alike
            first = np.unique(of, return_index=True)[1]
            Z, y, of = Z[first], y[first], of[first]
        Z, Q = (VIEWS[way](P).reshape(len(P), -1) for P in (Z, Q))
        model, grid = traditional.TRADITIONAL["SVM"]
    with traditional.quiet():
        search = GridSearchCV(model, grid, cv=GroupKFold(3)).fit(
            Z / scale, y, groups=of)
        score = search.score(Q / scale, truth)
    best = search.best_estimator_
    if way == BODY:
        best.coef_ /= scale  # from here on it takes features as they are
    text = " ".join(f"{k}={v}" for k, v in search.best_params_.items())
    return best, text, f"{score:.4f}"


def main(parts):
    done = []
    if FILE.is_file():
        with open(FILE, encoding="utf-8", newline="") as file:
            done = list(csv.DictReader(file))
    have = {tuple(row[c] for c in KEY) for row in done}
    for part, rows in ("reviews", reviews_rows), ("digits", digits_rows):
        for row in rows(have) if part in (parts or [part]) else ():
            if tuple(map(str, row[:5])) not in have:
                done.append(dict(zip(COLUMNS, row)))
                print(*row, flush=True)
                write(done)
    ship(FILE)


def write(rows):
    rows.sort(key=lambda row: (row["task"], row["way"], int(row["copies"]),
                               int(row["labels"]), int(row["draw"])))
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
