"""Simulated returns, applicants and portfolios: truth, tests, baselines."""
import numpy as np
import pytest
from scipy import stats

from course import metrics
from course.applications import finance

# ---- returns and value at risk


@pytest.fixture(scope="module")
def returns():
    return (finance.daily_returns(12, 1500, 0),
            # as many: then equal streams would give equal series
            finance.daily_returns(12, 1500, 0, test=True))


def test_returns_have_the_volatility_they_say(returns):
    (r, sigma), _ = returns
    assert r.shape == sigma.shape == (12, 1500)
    z = r / sigma
    assert abs(z.std() - 1) < 0.03 and abs(z.mean()) < 0.03
    assert stats.kurtosis(r, axis=None) > 3  # fat tails
    # the square of a day tells of the next one's, the sign does not
    now, after = r[:, :-1].ravel(), r[:, 1:].ravel()
    assert np.corrcoef(np.abs(now), np.abs(after))[0, 1] > 0.1
    assert abs(np.corrcoef(now, after)[0, 1]) < 0.05
    a, b, w = finance.ALPHA, finance.BETA, 1 - finance.ALPHA - finance.BETA
    again = w + a * r[:, :-1] ** 2 + b * sigma[:, :-1] ** 2
    assert np.allclose(again, sigma[:, 1:] ** 2)


def share_a_series(train, test, k=5):
    """Whether k days in a row of a test series are in a training series."""
    def runs(part):
        view = np.lib.stride_tricks.sliding_window_view(part, k, axis=1)
        return {row.tobytes() for row in view.reshape(-1, k).round(6)}
    return bool(runs(train) & runs(test))


def test_no_series_is_in_both_parts(returns):
    (r, _), (r_test, _) = returns
    assert not share_a_series(r, r_test)
    same_stream = finance.daily_returns(12, 1500, 0)[0]
    assert share_a_series(r, same_stream)
    assert not share_a_series(r, finance.daily_returns(12, 1500, 1)[0])


def test_true_risk_is_exceeded_one_day_in_a_hundred(returns):
    (r, sigma), _ = returns
    hits = r < -finance.true_value_at_risk(sigma)
    assert 0.007 < hits.mean() < 0.013


def forecasts(r):
    return [finance.historical_value_at_risk(r, 125),
            finance.smoothed_value_at_risk(r, 0.9, 2.9)]


def test_risk_does_not_look_ahead(returns):
    r = returns[0][0][:3, :400]
    other = r.copy()
    other[:, 300:] = np.random.default_rng(0).permuted(other[:, 300:], axis=1)
    for a, b in zip(forecasts(r), forecasts(other)):
        assert np.array_equal(a[:, :301], b[:, :301], equal_nan=True)
        assert not np.array_equal(a[:, 301:], b[:, 301:])


def test_historical_risk_is_the_quantile_of_the_days_before():
    r = np.arange(200.0)[None]
    risk = finance.historical_value_at_risk(r, 101, level=0.01)
    assert np.isnan(risk[0, :101]).all()
    assert risk[0, 101] == -1 and risk[0, 150] == -50  # of 49 to 149


@pytest.mark.parametrize("T, N", [(250, 3), (1000, 17), (500, 0), (20, 20)])
def test_kupiec_against_the_binomial_distribution(T, N):
    hits = np.arange(T) < N
    LR, p = finance.kupiec(hits)
    wanted = -2 * (stats.binom.logpmf(N, T, 0.01)
                   - stats.binom.logpmf(N, T, N / T))
    assert abs(LR - wanted) < 1e-8
    assert abs(p - stats.chi2.sf(wanted, 1)) < 1e-8


def test_kupiec_by_hand():
    # none in 250 days: -2 * 250 * ln 0.99 = 5.025
    LR, p = finance.kupiec(np.zeros(250, bool))
    assert abs(LR - 5.0252) < 1e-4 and 0.02 < p < 0.03
    assert finance.kupiec(np.arange(1000) % 100 == 0) == (0, 1)
    assert finance.kupiec(np.arange(1000) % 40 == 0)[1] < 0.001


def test_kupiec_rejects_right_forecasts_one_time_in_twenty():
    rng = np.random.default_rng(0)
    p = [finance.kupiec(rng.random(2000) < 0.01)[1] for _ in range(400)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09


def test_quantile_loss_is_lowest_for_the_quantile():
    x = np.random.default_rng(0).normal(size=(1, 20000))
    losses = {risk: finance.quantile_loss(x, np.full(x.shape, risk))
              for risk in (1.9, 2.1, 2.326, 2.55, 2.8)}
    assert min(losses, key=losses.get) == 2.326
    # by hand: loss 0.99 * 1 below the risk, 0.01 * 3 above it
    r, risk = np.array([[-3.0, 1.0]]), np.array([[2.0, 2.0]])
    assert abs(finance.quantile_loss(r, risk) - (0.99 + 0.03) / 2) < 1e-12


def test_tuned_baselines_cover_on_training(returns):
    (r, sigma), (r_test, sigma_test) = returns
    window, factor = finance.tune_window(r)
    decay, scale = finance.tune_smoothing(r)
    assert window in (60, 125, 250, 500) and 0.8 < decay < 1
    risk = factor * finance.historical_value_at_risk(r, window)
    risk[:, :500] = np.nan
    hits = finance.exceeded(r.ravel(), risk.ravel())
    assert abs(hits.mean() - 0.01) < 0.001
    test = [finance.historical_value_at_risk(r_test, window) * factor,
            finance.smoothed_value_at_risk(r_test, decay, scale),
            finance.true_value_at_risk(sigma_test)]
    test[1][:, :window] = test[2][:, :window] = np.nan
    loss = [finance.quantile_loss(r_test, a) for a in test]
    assert loss[0] > loss[1] > 0.98 * loss[2]


# ---- loans


@pytest.fixture(scope="module")
def loans():
    return finance.applicants(4000, 0), finance.applicants(4000, 0, True)


def share_an_applicant(train, test):
    seen = {x.tobytes() for x in train.X}
    return any(x.tobytes() in seen for x in test.X)


def test_no_applicant_is_in_both_parts(loans):
    train, test = loans
    assert not share_an_applicant(train, test)
    leaked = test._replace(X=np.append(test.X, train.X[9:10], axis=0))
    assert share_an_applicant(train, leaked)
    assert share_an_applicant(train, finance.applicants(4000, 0))


def test_the_truth_is_what_it_says(loans):
    train, _ = loans
    assert train.X.shape == (4000, len(finance.FEATURES))
    assert len(finance.UNITS) == len(finance.FEATURES)
    assert (train.X >= 0).all() and 0.1 < train.y.mean() < 0.22
    assert finance.calibration(train.p, train.y)[2] < 0.02
    assert 0.3 < train.group.mean() < 0.37
    # the group lives with less, but changes nothing by itself
    one = train.group == 1
    assert train.X[one, 0].mean() < 0.9 * train.X[~one, 0].mean()
    excess = train.y - train.p
    assert abs(excess[one].mean() - excess[~one].mean()) < 0.03


def test_logistic_regression_is_near_the_truth_and_below_it(loans):
    from sklearn.metrics import roc_auc_score
    train, test = loans
    p, weights = finance.logistic_baseline(train, test)
    auc = roc_auc_score(test.y, p)
    assert 0.65 < auc < roc_auc_score(test.y, test.p)
    assert weights["late payments"] > 0 > weights["years employed"]
    assert finance.calibration(p, test.y)[2] < 0.03


def test_calibration_by_hand():
    said, seen, gap = finance.calibration(
        np.array([0.1, 0.9, 0.2, 0.8]), np.array([0, 1, 1, 1]), bins=2)
    assert np.allclose(said, [0.15, 0.85]) and np.allclose(seen, [0.5, 1])
    assert abs(gap - (0.35 + 0.15) / 2) < 1e-12


def test_fairness_by_hand():
    p_hat = np.array([0.1, 0.2, 0.3, 0.4])
    y = np.array([False, True, False, False])
    first, second = finance.fairness_table(p_hat, y, np.array([0, 0, 1, 1]),
                                           accepted=2 / 3)
    assert first["accepted"] == 1 and first["paid back"] == 0.5
    assert first["good turned down"] == 0 and first["seen"] == 0.5
    assert second["accepted"] == 0.5 and second["good turned down"] == 0.5


# ---- portfolios


@pytest.fixture(scope="module")
def market():
    return finance.asset_returns(6, 0)


def test_assets_have_their_volatility_and_bad_times():
    r = np.concatenate([finance.asset_returns(12, seed) for seed in range(6)])
    deviation = r.std(axis=0) * 252 ** 0.5
    assert np.allclose(deviation, finance.VOLATILITY, rtol=0.2)
    # volatile months have higher correlations: times change together
    months = r[:len(r) // 21 * 21].reshape(-1, 21, 6)
    wild = np.argsort(months.std(axis=(1, 2)))
    mean = [np.mean([np.corrcoef(m.T)[np.triu_indices(6, 1)].mean()
                     for m in months[part]])
            for part in (wild[:100], wild[-100:])]
    assert mean[1] > mean[0] + 0.2


STRATEGIES = finance.equal_weights, finance.inverse_volatility


def peeks(r, make):
    """Whether the first ten choices change when the days after do."""
    walk = finance.walk_forward(r, make(r), every=21)
    day = 252 + 9 * 21  # the tenth choice is made on this day
    other = r.copy()
    rng = np.random.default_rng(1)
    other[day:] = rng.permuted(other[day:], axis=0)
    again = finance.walk_forward(other, make(other), every=21)
    return not np.array_equal(walk.weights[:10], again.weights[:10])


@pytest.mark.parametrize("choose", STRATEGIES)
def test_shuffling_the_future_changes_nothing(market, choose):
    assert not peeks(market, lambda r: choose)


def test_that_proof_sees_who_looks_ahead(market):
    def cheat(r):
        def choose(past):
            future = r[len(past):len(past) + 21].sum(axis=0)
            return np.eye(6)[future.argmax()]
        return choose
    assert peeks(market, cheat)
    earned = finance.yearly(finance.walk_forward(
        market, cheat(market)).returns)["return"]
    assert earned > 30  # what looking ahead would promise


def test_a_choice_can_t_change_the_past(market):
    def spoil(past):
        past[:] = 1000
        return finance.equal_weights(past)
    before = market.copy()
    finance.walk_forward(before, spoil)
    assert np.array_equal(before, market)


def test_costs_by_hand():
    r = np.zeros((4, 2))
    turns = iter([[1, 0], [0, 1]])
    walk = finance.walk_forward(r, lambda past: next(turns), start=1,
                                every=2, cost=0.1)
    # buying 100% costs 0.1 percent; selling all and buying anew costs 0.2
    assert np.allclose(walk.returns, [-0.1, 0, -0.2])
    assert abs(walk.turnover - 3 / (3 / 252)) < 1e-9


def test_weights_drift_with_what_rises():
    r = np.array([[0, 0], [100, 0], [100, 0], [100, 0]], float)
    walk = finance.walk_forward(r, finance.equal_weights, start=1, every=9,
                                cost=0)
    # half doubles: 50%; then two thirds double, then four fifths
    assert np.allclose(walk.returns, [50, 200 / 3, 80])


@pytest.mark.parametrize("weights", [[1, 1], [2, -1], [1], [np.nan, 1]])
def test_weights_that_do_not_add_up(weights):
    with pytest.raises(AssertionError, match="add up to 1"):
        finance.walk_forward(np.zeros((5, 2)), lambda past: weights, 1)


def test_yearly_by_hand():
    found = finance.yearly(np.array([10.0, -50, 20]))
    assert abs(found["return"] - 252 * -20 / 3) < 1e-9
    assert abs(found["drawdown"] - 50) < 1e-9
    assert abs(found["sharpe"] - found["return"] / found["volatility"]) < 1e-9


def test_calm_weights_calm_the_portfolio(market):
    found = [finance.yearly(finance.walk_forward(market, choose).returns)
             for choose in STRATEGIES]
    assert found[1]["volatility"] < 0.85 * found[0]["volatility"]


# ---- hard baselines


def test_squares_and_products_and_trees_rank_applicants():
    train = finance.applicants(1500, 3)
    test = finance.applicants(1500, 3, test=True)
    for p in (finance.logistic_baseline(train, test, pairs=True)[0],
              finance.boosted_baseline(train, test, 3)):
        assert p.shape == (1500,) and 0 <= p.min() and p.max() <= 1
        assert 0.6 < metrics.auc(test.y, p) <= 0.8


def test_constant_weights_never_change():
    r = finance.asset_returns(3, 0)
    choose = finance.constant_weights(r)
    assert np.array_equal(choose(r[:100]), choose(r[:50] * 3))
    assert abs(choose(r).sum() - 1) < 1e-12
    assert np.argmax(choose(r)) == np.argmin(r.std(axis=0))
