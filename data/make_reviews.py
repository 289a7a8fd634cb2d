"""Makes reviews.csv: reviews to learn from, positive or negative.

    python data/make_reviews.py

Written by the grammar of t5-tiny's world. None holds a pair of thing and
word that is held out there, so the reviews of t5_heldout.csv, each with
such a pair, are unseen.
"""
import csv
import random
import sys
from pathlib import Path

from ship import ship

FILE = Path(__file__).with_name("reviews.csv")
sys.path.insert(0, str(FILE.resolve().parents[1] / "notebooks"))
from course.datasets import grammar  # noqa: E402

COUNT = 4000


def main():
    rng, rows = random.Random("reviews 1"), {}
    while len(rows) < COUNT:
        source, target, example = grammar.make("sentiment", rng)
        if not example.held_out():
            rows[source.removeprefix(grammar.PREFIX["sentiment"])] = target
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "sentiment"])
        writer.writerows(rows.items())
    ship(FILE)


if __name__ == "__main__":
    main()
