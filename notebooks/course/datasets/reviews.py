"""Reviews: loaded, and as words, one-hot rows and runs (2.3, 6)."""

import re

import numpy as np

from .. import files

LONGEST = 28  # words


def load_reviews():
    """Reviews that say something good or bad, with negation and contrast.

    Returns (texts, y), (texts_test, y_test): lists of str and int64 arrays,
    1 for positive. 4000 to learn from; each of the 527 others has a pair of
    a thing and a word, or (ten of them) a name, that occurs in none of the
    former.
    Made by data/make_reviews.py.
    """
    import csv
    path = files.data_file("reviews.csv")
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        ([row["text"] for row in rows if row["part"] == part],
         np.array([int(row["sentiment"] == "positive") for row in rows
                   if row["part"] == part], np.int64))
        for part in ("train", "test"))


def opinion_words():
    """{word: "positive" or "negative"}: the 25 with which they judge (6.5)."""
    from .lexicon import read_table
    return {row["text"]: row["kind"] for row in read_table("reviews.csv")
            if row["role"] == "word"}


def words_of(text):
    """Lower-case words, full stops and commas (2.3, 5.1.3)."""
    return re.findall(r"\w+|[.,]", text.lower())


def vocabulary(texts):
    """{word: number from 1}; 0 is for words that do not occur."""
    words = sorted({word for text in texts for word in words_of(text)})
    return {word: i for i, word in enumerate(words, 1)}


def one_hot(texts, known):
    """Texts -> (n, LONGEST, V) with a 1 for each word; zeros after it."""
    X = np.zeros((len(texts), LONGEST, len(known) + 1), np.float32)
    for x, text in zip(X, texts):
        for t, word in enumerate(words_of(text)[:LONGEST]):
            x[t, known.get(word, 0)] = 1
    return X
