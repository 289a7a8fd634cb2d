"""Tables of n-grams: the simple language model that others must beat (2.1).

Each run of tokens leans on the next shorter one (Dirichlet smoothing;
MacKay and Bauman Peto 1995).
"""
from collections import Counter

import numpy as np


def tables(rows, n):
    """{length: (counts of runs, counts of what they begin with)}, to n.

    rows: sequences of tokens, as tuples.
    """
    found = {}
    for length in range(1, n + 1):
        runs, heads = Counter(), Counter()
        for row in rows:
            for end in range(length, len(row) + 1):
                runs[row[end - length:end]] += 1
                heads[row[end - length:end - 1]] += 1
        found[length] = runs, heads
    return found


def probability(run, known, size, a):
    """p(the run's last token | those before it).

    known: of `tables`; size: the number of tokens; a: how often the shorter
    run's answer counts as seen.
    """
    if not run:
        return 1 / size
    runs, heads = known[len(run)]
    shorter = probability(run[1:], known, size, a)
    return (runs[run] + a * shorter) / (heads[run[:-1]] + a)


def best_loss(rows, test, n, size, strengths=(1, 3, 10, 30, 100)):
    """The mean loss of a token of `test`, all but each row's first.

    The smoothing's strength is chosen on `test` itself, so that no other
    choice of these would have made the tables look better.
    """
    known = tables(rows, n)
    asked = [row[max(0, end - n):end] for row in test
             for end in range(2, len(row) + 1)]
    return min(-np.mean([np.log(probability(run, known, size, a))
                         for run in asked]) for a in strengths)
