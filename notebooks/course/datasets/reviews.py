"""Reviews: loaded, and as words, one-hot rows and runs (2.3, 6)."""

import re

import numpy as np

from .. import files

LONGEST = 28  # words


def load_reviews():
    """Reviews that say something good or bad, with negation and contrast.

    Returns (texts, y), (texts_test, y_test): lists of str and int64 arrays,
    1 for positive. 4000 to learn from; each of the 527 others has a pair of
    a thing and a word that occurs in none of the former.
    Made by data/make_reviews.py and data/evaluate_t5_tiny.py.
    """
    import csv
    parts = []
    for name in ("reviews.csv", "t5_heldout.csv"):
        with open(files.data_file(name), encoding="utf-8", newline="") as file:
            rows = [(row.get("text") or row["input"].partition(": ")[2],
                     row.get("sentiment") or row["target"])
                    for row in csv.DictReader(file)
                    if row.get("task", "sentiment") == "sentiment"]
        parts.append(([text for text, _ in rows],
                      np.array([int(label == "positive")
                                for _, label in rows], np.int64)))
    return tuple(parts)


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
