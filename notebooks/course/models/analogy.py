"""A classic translator: the nearest example, its other words exchanged (4.3).

Nothing in it is a network: a word table from counts (IBM's model 1, Brown
and others, 1993) and a search through the examples.
"""
import re

import numpy as np

LANGUAGES = ["translate English to German: ",
             "translate English to Chinese: "]
PREFIXES = [*LANGUAGES, "summarize: ", "sentiment: ", "question: "]
ROUNDS = 5  # of expectation and maximization
TRIES = 80  # nearest examples that are tried


def sentences(text):
    """A text cut behind each full stop, question or exclamation mark."""
    return re.findall(r"[^.?!。？！]+[.?!。？！]*", text)


def word_table(X, Y):
    """Which pieces of Y translate a piece of X, by IBM's model 1.

    X, Y: lists of lists of str, row by row translations of each other.
    Returns {source: {target: probability}}, the five most probable of at
    least 0.05, the first one first.
    """
    number = {}
    X, Y = ([np.array([number.setdefault(w, len(number)) for w in row], int)
             for row in rows] for rows in ([["", *x] for x in X], Y))
    V = len(number)
    pair = np.concatenate([(x * V + y[:, None]).ravel()
                           for x, y in zip(X, Y)])
    sizes = np.concatenate([np.full(len(y), len(x)) for x, y in zip(X, Y)])
    target = np.repeat(np.arange(len(sizes)), sizes)  # of each pair
    pairs, row = np.unique(pair, return_inverse=True)
    source = pairs // V
    p = np.ones(len(pairs))
    for _ in range(ROUNDS):
        share = p[row] / np.bincount(target, p[row])[target]
        p = np.bincount(row, share)
        p /= np.bincount(source, p)[source]
    names, table = list(number), {}
    for k in np.lexsort((-p, source)):
        found = table.setdefault(names[source[k]], {})
        if len(found) < 5 and p[k] >= 0.05:
            found[names[pairs[k] % V]] = p[k]
    return table


class ByAnalogy:
    """Translates each sentence as its nearest example of the same length.

    The pieces in which the two differ are exchanged by the word table; of
    the nearest examples that one is taken whose exchanges are the most
    probable. Case makes no difference in the source.

    pairs: [(source, target)]; pieces: from str to list of str, a tokenizer
    that marks a word's beginning by the sign that T5 uses.
    """

    def __init__(self, pairs, pieces):
        self.pieces, self.X, self.Y = pieces, [], []
        for x, y in pairs:
            cut = sentences(x), sentences(y)
            for x, y in zip(*cut) if len(cut[0]) == len(cut[1]) else [(x, y)]:
                self.X.append(pieces(x.lower()))
                self.Y.append(pieces(y))
        self.table = word_table(self.X, self.Y)
        self.number = {w: k for k, w in enumerate({w for x in self.X
                                                   for w in x})}
        self.of_length = {}
        for k, x in enumerate(self.X):
            self.of_length.setdefault(len(x), []).append(k)
        self.rows = {n: np.array([[self.number[w] for w in self.X[k]]
                                  for k in found])
                     for n, found in self.of_length.items()}

    def exchanged(self, k, words):
        """Example k's target for these words, and its log-probability."""
        y, score = list(self.Y[k]), 0.0
        for old, new in zip(self.X[k], words):
            if old != new:
                known = self.table.get(new) or {new: 0.05}  # else copied
                before = self.table.get(old, {})
                there = next((w for w in before if w in y), None)
                if there is None:
                    return [], -np.inf
                best = next(iter(known))
                y[y.index(there)] = best
                score += np.log(before[there] * known[best])
        return y, score

    def sentence(self, text):
        words = self.pieces(text.lower())
        if len(words) not in self.rows:
            return []
        here = np.array([self.number.get(w, -1) for w in words])
        differ = (self.rows[len(words)] != here).sum(axis=1)
        nearest = np.argsort(differ, kind="stable")[:TRIES]
        return max((self.exchanged(self.of_length[len(words)][k], words)
                    for k in nearest), key=lambda found: found[1])[0]

    def __call__(self, text):
        """The translation, or what was found of it; each sentence begins
        with a capital letter."""
        y = "".join(w for part in sentences(text) for w in self.sentence(part))
        return re.sub(r"(^|[.?!] )(\w)", lambda m: m[1] + m[2].upper(),
                      y.replace("\u2581", " ").strip())


def answers(inputs, examples, pieces):
    """Translations of those inputs that ask for one, in their order.

    inputs: texts with T5's prefixes, or with none, which asks for German;
    examples: [(input, answer)] to learn from; pieces: as in ByAnalogy.
    Returns a list of str, None for the inputs of other tasks.
    """
    parted = [parts(x) for x in inputs]
    found = [None] * len(inputs)
    for language in LANGUAGES:
        translate = ByAnalogy([(parts(x)[1], y) for x, y in examples
                               if parts(x)[0] == language], pieces)
        for k, (prefix, text) in enumerate(parted):
            if prefix == language:
                found[k] = translate(text)
    return found


def parts(x):
    """An input's prefix, German's if it has none, and the text after it."""
    prefix = next((p for p in PREFIXES if x.startswith(p)), "")
    return prefix or LANGUAGES[0], x.removeprefix(prefix)
