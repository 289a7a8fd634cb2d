"""Simulated money for chapter 5: daily returns, applicants, portfolios (5.5).

Everything here is drawn from rules that stand here, so the truth is known:
the volatility of each day, each applicant's chance of default. No real
price and no real person is in it, and no result says what a market will do.
"""

from typing import NamedTuple

import numpy as np

from ..session import stream

DAYS_A_YEAR = 252

# GARCH(1,1): tomorrow's variance from today's and from today's return
ALPHA, BETA = 0.10, 0.88
DAILY = 1.0  # percent: long-run standard deviation of a day
FREEDOM = 5  # of Student's t: fat tails
LEVEL = 0.01  # value at risk: exceeded on one day in a hundred


# ---- risk: returns and value at risk

def daily_returns(n_series, days, seed, test=False):
    """Returns whose volatility comes in waves, with fat tails (5.5.1).

    test: from the stream of random numbers that only tests draw from.
    Returns r float (n_series, days), percent a day, and sigma of the same
    shape, the standard deviation that each day had.
    r_t = sigma_t z_t, sigma_t^2 = omega + alpha r_(t-1)^2 + beta
    sigma_(t-1)^2, with z from Student's t of 5 degrees of freedom, scaled
    to variance 1; omega makes the long-run deviation 1%.
    Simplified: mean 0, no jumps, no weekday, the same rule for ever.
    Source: Bollerslev 1986 for the rule, 1987 for the t; the parameters are
    ours, of the size that daily stock returns are often fitted with.
    """
    rng = stream("daily returns", seed, test)
    z = rng.standard_t(FREEDOM, (days + 250, n_series))
    z /= (FREEDOM / (FREEDOM - 2)) ** 0.5
    variance = np.full(n_series, DAILY ** 2)
    r, sigma = np.empty_like(z), np.empty_like(z)
    for t in range(len(z)):
        sigma[t] = variance ** 0.5
        r[t] = sigma[t] * z[t]
        variance = (DAILY ** 2 * (1 - ALPHA - BETA)
                    + ALPHA * r[t] ** 2 + BETA * variance)
    return r[250:].T, sigma[250:].T  # the first year forgets the start


def true_value_at_risk(sigma, level=LEVEL):
    """What one day in a hundred really exceeds: nobody can know it (5.5.1)."""
    from scipy.stats import t
    scale = (FREEDOM / (FREEDOM - 2)) ** 0.5
    return -sigma * t.ppf(level, FREEDOM) / scale


def historical_value_at_risk(r, window, level=LEVEL):
    """Baseline: the quantile of the last days (5.5.1).

    r: (n_series, days). Returns value at risk (n_series, days), a loss as a
    positive number; day t uses days t - window to t - 1, the first `window`
    days are not-a-number.
    """
    past = np.lib.stride_tricks.sliding_window_view(r, window, axis=1)
    out = np.full(r.shape, np.nan)
    for one, days in zip(out, past):  # series by series spares memory
        one[window:] = -np.quantile(days[:-1], level, axis=1)
    return out


def smoothed_value_at_risk(r, decay, factor):
    """A harder baseline: exponentially weighted volatility times a factor.

    decay: weight of yesterday's estimate (RiskMetrics 1996 took 0.94);
    factor: loss at risk per standard deviation. Both are to be tuned on
    training series. Returns (n_series, days); day t uses days before t.
    """
    variance = np.full(len(r), DAILY ** 2)
    out = np.empty(r.shape)
    for t in range(r.shape[1]):
        out[:, t] = factor * variance ** 0.5
        variance = decay * variance + (1 - decay) * r[:, t] ** 2
    return out


def quantile_loss(r, risk, level=LEVEL):
    """Mean pinball loss: lowest, on average, for the true value at risk.

    r, risk: of one shape; days without a risk (not-a-number) are left out.
    Source: Koenker and Bassett 1978.
    """
    known = ~np.isnan(risk)
    gap = r[known] + risk[known]  # negative where the loss exceeds it
    return float(np.mean(np.where(gap < 0, (level - 1) * gap, level * gap)))


def tune_window(r, windows=(60, 125, 250, 500), level=LEVEL):
    """Window and factor with the lowest loss on training series (5.5.1).

    A short window's lowest days are too mild on average, so the quantile
    gets a factor: with it one day in a hundred of the training series
    exceeds the risk. All windows are compared on the same days, after the
    longest of them.
    """
    best = None
    for window in windows:
        risk = historical_value_at_risk(r, window, level)
        risk[:, :max(windows)] = np.nan
        known = ~np.isnan(risk)
        factor = -np.quantile(r[known] / risk[known], level)
        loss = quantile_loss(r, factor * risk, level)
        best = min(best or (np.inf,), (loss, window, float(factor)))
    return best[1:]


def tune_smoothing(r, decays=(0.85, 0.9, 0.94, 0.97), level=LEVEL):
    """Decay and factor with the lowest loss on training series (5.5.1).

    For each decay the factor is the quantile that fits: then one day in a
    hundred of the training series exceeds it.
    """
    best = None
    for decay in decays:
        unit = smoothed_value_at_risk(r, decay, 1.0)
        factor = -np.quantile(r / unit, level)
        loss = quantile_loss(r, factor * unit, level)
        best = min(best or (np.inf,), (loss, decay, float(factor)))
    return best[1:]


def exceeded(r, risk):
    """Whether each day's loss exceeded the value at risk; known days only.

    r, risk: (days,). Returns bool (known days,).
    """
    known = ~np.isnan(risk)
    return r[known] < -risk[known]


def kupiec(hits, level=LEVEL):
    """Test of coverage: is the share of exceeded days `level`?

    hits: bool (days,). Returns (LR, p): the likelihood ratio
    -2 ln[(1-p)^(T-N) p^N / ((1-N/T)^(T-N) (N/T)^N)] of N among T days, and
    how often chance alone gives as much (chi-squared, 1 degree).
    Source: Kupiec 1995.
    """
    from scipy.stats import chi2
    T, N = len(hits), int(np.sum(hits))
    LR = 2 * (_log_likelihood(N, T, N / T) - _log_likelihood(N, T, level))
    return LR, float(chi2.sf(LR, 1))


def _log_likelihood(N, T, p):
    """ln((1-p)^(T-N) p^N), with 0^0 = 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(sum(n * np.log(q) for n, q in ((N, p), (T - N, 1 - p))
                         if n))


# ---- loans: applicants with a known chance of default

FEATURES = ("income", "debt ratio", "years employed", "late payments",
            "loan", "credit lines")
UNITS = ("1000 a year", "share of income", "years", "in two years", "1000",
         "number")


class Applicants(NamedTuple):
    """Applicants: what they state, what became of them, and the truth."""
    X: np.ndarray  # float (n, 6), in the order of FEATURES
    y: np.ndarray  # bool (n,): did not pay back
    p: np.ndarray  # float (n,): the chance of that, which nobody sees
    group: np.ndarray  # int (n,): 0 or 1; no model is shown it


def applicants(n, seed, test=False):
    """Loan applicants whose true chance of default is known (5.5.2).

    test: from the stream of random numbers that only tests draw from.
    Returns Applicants. Group 1, a third of them, earns less and works for
    shorter in its present job; given what an applicant states, the group
    changes nothing. The log-odds of default are mostly a sum, with three
    things that no sum shows: late payments weigh more when debts are high,
    a loan hurts by its size relative to income, and few credit lines are
    as bad a sign as many.
    Simplified: nobody lies, nothing is missing, everybody gets the loan, so
    the fate of the rejected is known, too. About one in eight defaults.
    Source: none; the numbers are ours, and so are the ones of the truth.
    """
    rng = stream("applicants", seed, test)
    group = (rng.random(n) < 1 / 3).astype(int)
    income = np.exp(rng.normal(3.7 - 0.25 * group, 0.45))
    employed = rng.gamma(1.5, 4 - 1.2 * group)
    debt = rng.beta(2, 4, n)
    late = rng.poisson(0.4 + 0.9 * debt)
    loan = np.exp(rng.normal(2.2, 0.6, n))
    lines = rng.poisson(4, n)
    odds = (-3.6 + 1.5 * debt + 0.25 * late - 0.08 * employed
            - 0.25 * np.log(income / 40) + 0.25 * np.abs(lines - 4)
            + 2.5 * late * np.maximum(debt - 0.35, 0)
            + 1.6 * np.minimum(loan / income, 1.5))
    p = 1 / (1 + np.exp(-odds))
    return Applicants(np.stack([income, debt, employed, late, loan, lines],
                               axis=1), rng.random(n) < p, p, group)


def logistic_baseline(train, test, pairs=False):
    """Baseline: logistic regression on logarithms and standard scores (5.5.2).

    train, test: Applicants. Income and loan enter as logarithms, as any
    bank would do it. pairs: all squares and products of two features enter,
    too, and weights are held smaller. Returns the chances of default for
    the test, (n,), and the model's weights by feature.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler
    more = [PolynomialFeatures(2, include_bias=False),
            StandardScaler()] if pairs else []
    model = make_pipeline(StandardScaler(), *more, LogisticRegression(
        C=0.1 if pairs else 1.0, max_iter=500))
    model.fit(scaled(train.X), train.y)
    weights = dict(zip(FEATURES, model[-1].coef_[0].tolist()))
    return model.predict_proba(scaled(test.X))[:, 1], weights


def boosted_baseline(train, test, seed):
    """A harder baseline: boosted trees (5.5.2).

    train, test: Applicants. Small trees, a low rate; how many is decided
    by a twelfth of the training applicants. Returns the chances of default
    for the test, (n,).
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    model = HistGradientBoostingClassifier(
        learning_rate=0.05, max_leaf_nodes=6, min_samples_leaf=40,
        early_stopping=True, validation_fraction=1 / 12, n_iter_no_change=20,
        max_iter=400, random_state=seed)
    return model.fit(train.X, train.y).predict_proba(test.X)[:, 1]


def scaled(X):
    """Features with income and loan as logarithms; (n, 6) (5.5.2)."""
    X = np.array(X, float)
    for name in ("income", "loan"):
        X[:, FEATURES.index(name)] = np.log(X[:, FEATURES.index(name)])
    return X


def calibration(p_hat, y, bins=10):
    """Said and seen: defaults among applicants of like predicted chance.

    Applicants are sorted by p_hat into bins of one size. Returns said
    (bins,), seen (bins,), and the mean gap between them.
    """
    order = np.array_split(np.argsort(p_hat, kind="stable"), bins)
    said = np.array([np.mean(p_hat[part]) for part in order])
    seen = np.array([np.mean(y[part]) for part in order])
    size = np.array([len(part) for part in order])
    return said, seen, float(np.average(np.abs(said - seen), weights=size))


def fairness_table(p_hat, y, group, accepted=0.7):
    """What a rule that knows no group does to each group (5.5.2).

    accepted: share of all applicants who get a loan, the surest first.
    Returns a list of dicts, one a group: group, applicants, accepted (share
    of them), paid back (share of the accepted), good turned down (share of
    those who would have paid), said and seen (mean chance and defaults).
    """
    gets = p_hat <= np.quantile(p_hat, accepted)
    rows = []
    for g in np.unique(group):
        of = group == g
        rows.append({
            "group": int(g), "applicants": int(of.sum()),
            "accepted": float(gets[of].mean()),
            "paid back": float(1 - y[of & gets].mean()),
            "good turned down": float((~gets)[of & ~y].mean()),
            "said": float(p_hat[of].mean()), "seen": float(y[of].mean())})
    return rows


# ---- investment: a portfolio, walked forward

ASSETS = ("bonds", "utilities", "shops", "industry", "technology", "oil")

# percent a year, on average: volatility, and return above cash
VOLATILITY = np.array([5.0, 14, 17, 20, 25, 30])
PREMIUM = np.array([1.0, 3, 3.5, 4, 5, 5])
CORRELATION = 0.2, 0.7  # between two assets in calm and in bad times
COST = 0.1  # percent of what is bought or sold


def asset_returns(years, seed):
    """Daily returns of six assets in calm and in bad times (5.5.3).

    Returns r float (days, 6), percent a day, in the order of ASSETS.
    Times change by chance, calm ones last 250 days on average, bad ones 60.
    In bad times volatility doubles and assets move together (correlation
    0.7 instead of 0.2); within either, volatility moves slowly by itself.
    The expected return never changes: no method can foresee it, only risk.
    Simplified: fat tails come from the changing volatility alone; bonds
    fall with the rest. Source: the idea of regimes is Hamilton's (1989);
    the numbers are ours.
    """
    rng = np.random.default_rng(seed)
    days, n = years * DAYS_A_YEAR, len(ASSETS)
    leave = rng.random(days) < np.array([[1 / 250], [1 / 60]])
    bad = np.zeros(days, int)
    for t in range(1, days):
        bad[t] = bad[t - 1] ^ leave[bad[t - 1], t]
    rho = np.array(CORRELATION)[bad][:, None]
    z = (rho ** 0.5 * rng.normal(size=(days, 1))
         + (1 - rho) ** 0.5 * rng.normal(size=(days, n)))
    wave = np.zeros((days, n))
    for t in range(1, days):
        wave[t] = 0.98 * wave[t - 1] + 0.06 * rng.normal(size=n)
    scale = VOLATILITY / DAYS_A_YEAR ** 0.5 * 0.75 * (1 + bad)[:, None]
    return PREMIUM / DAYS_A_YEAR + scale * np.exp(wave) * z


def equal_weights(past):
    """Baseline: the same share of every asset. past: (days, n) (5.5.3)."""
    return np.full(past.shape[1], 1 / past.shape[1])


def inverse_volatility(past, window=60):
    """A harder baseline: the calmer in the last 60 days, the more of it."""
    weight = 1 / past[-window:].std(axis=0)
    return weight / weight.sum()


def constant_weights(r):
    """A hard baseline that never looks again: weights inverse to the
    volatility of a long past r, (days, n), whatever comes (5.5.3)."""
    weight = 1 / r.std(axis=0)
    return lambda past: weight / weight.sum()


class Walk(NamedTuple):
    """A portfolio walked through time."""
    returns: np.ndarray  # percent a day after costs, (days - start,)
    weights: np.ndarray  # as chosen, (n_choices, n_assets)
    turnover: float  # share of the portfolio traded, a year


def walk_forward(r, choose, start=252, every=21, cost=COST):
    """Chooses weights again and again, each time from the past alone (5.5.3).

    r: (days, n_assets), percent. choose: function of the past returns
    (days so far, n_assets) that gives weights of at least 0 and sum 1.
    start: first day invested; every: days between choices; cost: percent of
    what is traded. `choose` gets a copy of the days before, never more.
    Returns Walk. Raises AssertionError for weights that don't add up.
    """
    n_days, n = r.shape
    held, chosen, earned, traded = np.zeros(n), [], [], 0.0
    for t in range(start, n_days):
        paid = 0.0
        if (t - start) % every == 0:
            w = np.asarray(choose(r[:t].copy()), float)
            if not (w.shape == (n,) and w.min() > -1e-9
                    and abs(w.sum() - 1) < 1e-6):
                raise AssertionError("weights are shares that add up to 1")
            paid = cost * np.abs(w - held).sum()
            traded += np.abs(w - held).sum()
            chosen.append(w)
            held = w
        growth = held * (1 + r[t] / 100)
        earned.append(100 * (growth.sum() - 1) - paid)
        held = growth / growth.sum()  # what has risen weighs more
    years = (n_days - start) / DAYS_A_YEAR
    return Walk(np.array(earned), np.array(chosen), traded / years)


def yearly(returns):
    """Mean, volatility, their ratio, and worst fall, of daily percent (5.5.3).

    Returns a dict: return and volatility in percent a year, sharpe (their
    ratio; returns are above cash), drawdown: the deepest fall from a peak
    in percent, compounded.
    """
    mean = returns.mean() * DAYS_A_YEAR
    deviation = returns.std() * DAYS_A_YEAR ** 0.5
    wealth = np.cumprod(np.append(1, 1 + returns / 100))
    fall = 1 - wealth / np.maximum.accumulate(wealth)
    return {"return": float(mean), "volatility": float(deviation),
            "sharpe": float(mean / deviation),
            "drawdown": float(100 * fall.max())}
