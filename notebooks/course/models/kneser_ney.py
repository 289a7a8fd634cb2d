"""Kneser-Ney tables of n-grams, a hard baseline of language models (6.3).

Of each count a discount goes to the next shorter run, which counts how many
different tokens it followed (Kneser and Ney 1995; interpolated, Chen and
Goodman 1999).
"""
from collections import Counter

import numpy as np

BEGIN = -1  # stands before each row's first token


def _heads(counts):
    """(counts, {beginning: their sum}, {beginning: kinds of its end})."""
    total, kinds = Counter(), Counter()
    for run, n in counts.items():
        total[run[:-1]] += n
        kinds[run[:-1]] += 1
    return counts, total, kinds


def tables(rows, longest):
    """{length: (of what was seen, of what different tokens came before)}."""
    seen = {length: Counter(
        tuple(row[end - length:end]) for row in ((BEGIN, *r) for r in rows)
        for end in range(max(length, 2), len(row) + 1))
        for length in range(1, longest + 2)}
    found = {}
    for length in range(1, longest + 1):
        before = Counter(run[1:] for run in seen[length + 1])
        for run, n in seen[length].items():
            if run[0] == BEGIN:  # nothing comes before it
                before[run] = n
        found[length] = _heads(seen[length]), _heads(before)
    return found


def probabilities(run, found, size, discount):
    """p(the run's last token | those before), by tables up to each length.

    found: of `tables`; size: the number of tokens.
    """
    out, shorter = [], 1 / size
    for length in range(1, len(run) + 1):
        part, both = run[-length:], []
        for counts, total, kinds in found[length]:
            n = total[part[:-1]]
            both.append((max(counts[part] - discount, 0) + discount
                         * kinds[part[:-1]] * shorter) / n if n else shorter)
        longest, shorter = both
        out.append(longest)
    return out


def review_losses(rows, test, lengths, size, discounts=(0.5, 0.75, 0.9, 1)):
    """{length: (n,) loss of each row of `test`, all tokens but the first}.

    The discount of each length is chosen on `test` itself, so that no other
    choice of these would have made the tables look better.
    """
    found, most = tables(rows, max(lengths)), max(lengths)
    kept = {}
    for discount in discounts:
        losses = np.zeros((len(test), len(lengths)))
        for k, row in enumerate((BEGIN, *row) for row in test):
            for end in range(3, len(row) + 1):
                p = probabilities(row[max(0, end - most):end], found, size,
                                  discount)
                losses[k] -= np.log([p[min(n, len(p)) - 1] for n in lengths])
        for n, some in zip(lengths, losses.T):
            kept[n] = min(kept.get(n, some), some, key=np.sum)
    return kept
