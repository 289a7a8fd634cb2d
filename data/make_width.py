"""Makes width.csv: chapter 2's language model in four widths.

    python data/make_width.py

Only the width changes: two blocks of four heads, 200 steps of 32 sentences.
Each width chooses Adam's step on 400 sentences of the training set; three
starts learn from the 3,600 others. A minute or two on two cores.
"""
import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
import course  # noqa: E402

course.start(chapter=2)
import keras  # noqa: E402
from ship import ship  # noqa: E402

from course.datasets import reviews  # noqa: E402
from course.models import next_word  # noqa: E402

FILE = HERE / "width.csv"
WIDTHS, RATES = (8, 16, 32, 64), (0.003, 0.01, 0.03, 0.1)
SEEDS, STEPS, HELD = 3, 200, 400


def trained(model, book, seed, rate, again=None):
    """The model, begun anew and trained; what `train` returned."""
    course.set_seed(seed)
    model.set_weights(keras.models.clone_model(model).get_weights())
    return next_word.train(model, book[HELD:], seed, STEPS, rate, again)


def main():
    (texts, _), (texts_test, _) = reviews.load_reviews()
    known = reviews.vocabulary(texts)
    book, unseen = (next_word.numbers_of(t, known)
                    for t in (texts, texts_test))
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["width", "parameters", "rate", "seed", "held",
                         "train", "unseen"])
        for D in WIDTHS:
            model = next_word.language_model(
                len(known) + 1, D, 4, 2, book.shape[1] - 1)
            found, again = {}, None
            for seed in range(SEEDS):
                for rate in RATES if seed == 0 else [best]:
                    again = trained(model, book, seed, rate, again)
                    found[rate] = [float(next_word.loss_of(model, X)) for X in
                                   (book[:HELD], book[HELD:2 * HELD], unseen)]
                    print(D, seed, rate, found[rate], flush=True)
                best = min(RATES, key=lambda rate: found[rate][0]) if (
                    seed == 0) else best
                writer.writerow([D, model.count_params(), best, seed,
                                 *("%.4f" % loss for loss in found[best])])
                file.flush()
    ship(FILE)


if __name__ == "__main__":
    main()
