"""Kneser-Ney tables against their definition."""
import numpy as np
import pytest
from course.models.kneser_ney import BEGIN, probabilities, review_losses, tables

ROWS = [[0, 1, 2, 1, 0], [2, 1, 0, 0, 1], [1, 2, 2, 0, 1], [0, 1, 2, 0]]


@pytest.mark.parametrize("before", [
    (), (0,), (1, 2), (BEGIN, 0), (2, 2, 0), (0, 0, 0)])
def test_the_next_tokens_share_one(before):
    """Whatever came before, seen or not."""
    found = tables(ROWS, 4)
    each = [probabilities((*before, token), found, 3, 0.75)
            for token in range(3)]
    np.testing.assert_allclose(np.sum(each, axis=0), 1, atol=1e-12)


def test_by_hand():
    """Of one row 0 1 0 1: after 1 came 0, once; 0 came after two different
    tokens, the begin mark and 1, and 1 after 0 alone."""
    found = tables([[0, 1, 0, 1]], 2)
    kinds = (2 - 0.5 + 0.5 * 2 / 2) / 3  # of 0, over an even third table
    single, pair = probabilities((1, 0), found, 2, 0.5)
    assert pair == pytest.approx((1 - 0.5) / 1 + 0.5 * kinds / 1)
    assert single == pytest.approx((2 - 0.5 + 0.5 * 2 * 0.5) / 4)


def test_longer_tables_learn_a_rule():
    """Text that repeats with period three: what came before decides."""
    rows = [[k % 3 for k in range(start, start + 30)] for start in range(3)]
    losses = review_losses(rows, rows, (1, 2), 3)  # of 29 tokens, or 28
    assert losses[1].mean() > 28 and losses[2].mean() < 1
