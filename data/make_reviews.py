"""Makes reviews.csv: reviews, positive or negative, with their split.

    python data/make_reviews.py

Written by the grammar of t5-tiny's world, with its first list of words of
praise and blame alone. Each review of the test holds a pair of thing and
word, or (ten of them) a name, that none of the others holds.
"""
import csv
import random
import sys
from pathlib import Path

from ship import ship

FILE = Path(__file__).with_name("reviews.csv")
sys.path.insert(0, str(FILE.resolve().parents[1] / "notebooks"))
from course.datasets import grammar  # noqa: E402

COUNT, SEED = 4000, 2026
WORDS = ("word",)  # the T5 learns more of them


def main():
    rng, rows = random.Random("reviews 1"), {}
    while len(rows) < COUNT:
        source, target, example = grammar.make("sentiment", rng, words=WORDS)
        if not example.held_out():
            rows[text_of(source)] = target
    test = grammar.held_out_examples("sentiment", 560, SEED, words=WORDS)
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["part", "text", "sentiment"])
        writer.writerows(["train", *row] for row in rows.items())
        writer.writerows(["test", text_of(row["input"]), row["target"]]
                         for row in test)
    ship(FILE)


def text_of(source):
    return source.removeprefix(grammar.PREFIX["sentiment"])


if __name__ == "__main__":
    main()
