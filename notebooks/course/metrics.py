"""Scores with what we know of their error: bootstrap intervals."""

import numpy as np

from .messages import message

ROUNDS = 1000
LEVEL = 0.95


def bootstrap(cases, score=np.mean, seed=0, rounds=ROUNDS):
    """A score of held-out cases with its 95% interval.

    cases: array or list, one entry a held-out case, resampled with
        replacement; what belongs together (a string, a track, a picture)
        must be one case.
    score: function of such a list that gives one number.
    Returns (score, low, high): the percentile interval. A share of cases
    that are right, the mean of bools, has Wilson's: drawing from cases that
    are all right gives no interval at all.
    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap.
    """
    if score is np.mean and np.asarray(cases).dtype == bool:
        return _wilson(cases)
    return _interval(score(cases), [score(part) for part
                                    in _resampled(cases, seed, rounds)])


def bootstrap_difference(ours, theirs, score=np.mean, seed=0,
                         rounds=ROUNDS):
    """How much higher `ours` scores than `theirs` on the same cases.

    ours, theirs: the cases of `bootstrap`, in the same order; each round
    draws the same cases of both, so that hard ones don't blur the
    difference. Returns (difference, low, high), 95% interval.
    """
    if len(ours) != len(theirs):
        raise AssertionError((len(ours), len(theirs)))
    found = [score(a) - score(b) for a, b
             in zip(_resampled(ours, seed, rounds),
                    _resampled(theirs, seed, rounds))]
    return _interval(score(ours) - score(theirs), found)


def over_groups(values):
    """Mean over groups with Student's 95% interval: (mean, low, high) (5).

    values: one score a group (a copy, a voice, a road), two or more; each
    group counts alike. What varies is the group, so cases of one group are
    not drawn as if each were new, and of three to eight groups a bootstrap
    would give too narrow an interval.
    """
    from scipy.stats import t
    values = np.asarray(values, float)
    half = t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(
        ddof=1) / len(values) ** 0.5
    mean = values.mean()
    return float(mean), float(mean - half), float(mean + half)


def share(right, groups=None):
    """Text of a share of independent cases: "97.2% (95.0 to 98.5, n = 360)".

    right: (n,) bool, one entry a case. The interval is Wilson's, 95%: it
    stays between 0 and 100% and is right near both ends (Wilson 1927).
    groups: (n,) the voice or copy of each case, which then is the unit: the
    mean of the groups' shares, with Student's interval (Wilson's where all
    groups are alike), without n.
    """
    right = np.asarray(right, bool)
    value, low, high = _wilson(right)
    if groups is None:
        return message("share", value=value, low=100 * low, high=100 * high,
                       n=right.size)
    of_each = [right[groups == one].mean() for one in np.unique(groups)]
    if np.ptp(of_each) > 1e-9:
        value, low, high = over_groups(of_each)
    return message("share.groups", value=value, low=100 * max(low, 0),
                   high=100 * min(high, 1))


def _wilson(right):
    """(share, low, high) of independent yes and no; see `share`."""
    from scipy.stats import binomtest
    right = np.asarray(right, bool).ravel()
    low, high = binomtest(int(right.sum()), right.size).proportion_ci(
        LEVEL, method="wilson")
    return float(right.mean()), float(low), float(high)


def _resampled(cases, seed, rounds):
    rng = np.random.default_rng(seed)
    n = len(cases)
    for _ in range(rounds):
        chosen = rng.integers(0, n, n)
        if isinstance(cases, np.ndarray):
            yield cases[chosen]
        else:
            yield [cases[i] for i in chosen]


def _interval(value, found):
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(value), float(low), float(high)


def auc(y, score):
    """Area under the ROC curve: how often one of the yes scores higher.

    y: (n,) bool or 0 and 1, both in it; score: (n,), equal ones count half.
    By the sum of ranks (Mann and Whitney 1947), so that a bootstrap is fast.
    """
    from scipy.stats import rankdata
    y = np.asarray(y, bool)
    yes, no = y.sum(), (~y).sum()
    above = rankdata(score)[y].sum() - yes * (yes + 1) / 2
    return float(above / (yes * no))


def over_seeds(values):
    """Mean of a score over at least three seeds, and their range.

    values: one score a seed. Returns (mean, lowest, highest).
    """
    values = np.asarray(values, dtype=float)
    if values.size < 3:
        raise AssertionError("a mean needs at least three seeds")
    return float(values.mean()), float(values.min()), float(values.max())


def spread(values, form=".1f"):
    """Text of a score's mean and range: "97.5 (96.9 to 98.1)".

    values: at least three, of several seeds or draws; form: of a number.
    """
    mean, low, high = over_seeds(values)
    return f"{mean:{form}} ({low:{form}} to {high:{form}})"


def rank_correlation(a, b, where):
    """Mean rank correlation (Spearman's) of |a| and |b|, map by map.

    a, b: (n, ...) maps; where: bools of that shape, the places that count.
    Maps that are level in these places don't count; 0 if none does.
    """
    from scipy.stats import spearmanr
    ranked = [spearmanr(u[c], v[c])[0]
              for u, v, c in zip(np.abs(a), np.abs(b), where)
              if np.ptp(u[c]) and np.ptp(v[c])]
    return float(np.mean(ranked)) if ranked else 0.0
