# %% [markdown]
# ## 5.5 Finance · 金融
# Money is the field with the strongest wishes and the fewest honest scores. All data here are simulated, because only then is the truth known: the volatility of every day, every applicant's chance of default. Two of the three applications end without a victory of the network, and that is the finding.

# %%
field("finance")

# %% [markdown]
# ### 5.5.1 Risk assessment · 风险评估
# **Problem.** A bank must state each evening how much it may lose tomorrow: the *value at risk* at 1% is the loss that is exceeded on one day in a hundred. Too low, and the bank's reserve is too small; too high, and money lies idle.
#
# **Data.** Daily returns whose volatility comes in waves, from a GARCH(1,1) process with fat tails ([Bollerslev, 1986](https://doi.org/10.1016/0304-4076(86)90063-1)): 30 series of 1,500 days to learn from, 20 others, from another stream of random numbers, as a test. The usual baseline takes the 1% quantile of the last days; how many days, and a factor that makes up for short windows, are tuned on the training series.

# %%
from course import finance

free_memory()

past, _ = finance.daily_returns(30, 1500, SEED)
r, sigma = finance.daily_returns(20, 1500, SEED, test=True)
days, factor = finance.tune_window(past)
by_history = factor * finance.historical_value_at_risk(r, days)

# %% [markdown]
# **Model.** An LSTM with 16 units reads the absolute returns day by day and puts out tomorrow's risk. It is never told a true risk. It learns from the *pinball loss* of a quantile: with the level $\alpha = 0.01$, return $r$ and stated risk $v$,
#
# $$\ell(r, v) = \begin{cases} (1-\alpha)\,(-r - v) & \text{if } r < -v \text{ (the loss exceeded the risk)}\\ \alpha\,(r + v) & \text{else,}\end{cases} \tag{5.3}$$
#
# which is smallest, on average, when $v$ is exceeded with probability $\alpha$ ([Koenker and Bassett, 1978](https://doi.org/10.2307/1913643)).

# %%
def pinball(r, v, level=0.01):
    gap = r + v  # negative where the loss exceeded the risk; eq. (5.3)
    return tf.reduce_mean(tf.where(gap < 0, (level - 1) * gap, level * gap))


def absolute(r):
    """Each day's |r| and its logarithm, (n, days, 2)."""
    size = np.abs(r)[..., None]
    return np.concatenate([size, np.log(size + 0.1)], -1).astype("float32")

# %%
set_seed(SEED)
riskmeter = keras.Sequential([
    keras.Input((None, 2)), layers.LSTM(16, return_sequences=True),
    layers.Dense(1, "exponential", bias_initializer="ones"),
    layers.Reshape((-1,))])
falling = keras.optimizers.schedules.CosineDecay(0.01, 200)
riskmeter.compile(keras.optimizers.Adam(falling), pinball, jit_compile=True)

# %%
X = absolute(past)[:, :1250].reshape(-1, 250, 2)  # five pieces a series
y = past[:, 1:1251].reshape(-1, 250)  # the return of the day after each
history = riskmeter.fit(X, y, batch_size=15, epochs=20, verbose=0,
                        callbacks=[LiveBar("value at risk")])

# %% [markdown]
# **Result.** Two questions. Is the risk exceeded as often as it says? Kupiec's test ([1995](https://doi.org/10.3905/jod.1995.407942)) compares the share of exceeded days with 1%; its p-value tells how often chance alone would be as far off. And is the stated risk low where it can be low? That is the pinball loss. Both are taken over the days after the first 500. **Predict:** which method notices first that a calm time is over?

# %%
by_lstm = np.full(r.shape, np.nan)
by_lstm[:, 1:] = riskmeter.predict(absolute(r[:, :-1]), verbose=0)
by_smoothing = finance.smoothed_value_at_risk(
    r, *finance.tune_smoothing(past))
truth = finance.true_value_at_risk(sigma)
risks = {"history": by_history, "smoothing": by_smoothing,
         "LSTM": by_lstm, "truth": truth}

# %%
def losses(risk):
    """Pinball loss of each test series, times 100; after day 500."""
    return np.array([100 * finance.quantile_loss(*pair) for pair
                     in zip(r[:, 500:], risk[:, 500:])])


def share_exceeded(risk):
    return np.concatenate([finance.exceeded(*pair) for pair
                           in zip(r[:, 500:], risk[:, 500:])])

# %%
exceeded = {name: share_exceeded(risk) for name, risk in risks.items()}
for name in ("history", "LSTM"):
    share, p = exceeded[name].mean(), finance.kupiec(exceeded[name])[1]
    print(f"{name}: exceeded on 0.7% to 1.5% of the days:",
          bool(0.007 < share < 0.015), "· Kupiec's p over 0.001:", p > 0.001)
    assert 0.007 < share < 0.015 and p > 0.001

# %%
gain = bootstrap_difference(-losses(by_lstm), -losses(by_history))
outcome("5.5.1", "pinball loss", bootstrap(losses(by_lstm)),
        ("history", bootstrap(losses(by_history))), gain)

# %%
loss = {name: losses(risk).mean() for name, risk in risks.items()}
show(plots5.risk_bands(r[0], risks, slice(560, 900), loss), "5.fig.risk")

# %% [markdown]
# At the left, grey dots are one unseen series' daily returns; below them lie what the methods say can be lost. The true risk (dotted) falls and rises with the waves. The window of past days moves in steps and comes late; the LSTM follows the truth closely, and nobody told it what a volatility is.
#
# **But mind the bar called smoothing**: a weighted average of past squared returns, two numbers tuned on the training series.

# %%
gain = bootstrap_difference(-losses(by_lstm), -losses(by_smoothing))
print("history loses to smoothing; the LSTM is within 0.25 of it:",
      bool(loss["smoothing"] < loss["history"] and abs(gain[0]) < 0.25))
assert loss["smoothing"] < loss["history"] and abs(gain[0]) < 0.25

# %% [markdown]
# Against the rule that follows the volatility the network gains next to nothing; both are close to what the truth itself scores, and nobody can do better than that. *The real thing:* returns of thousands of securities at once, whose dependence matters more than each one's volatility, and a regulator who counts exceeded days, too (the [Basel Committee's framework of 1996](https://www.bis.org/publ/bcbs22.htm)).

# > ✎ **Exercise 5.kupiec** (medium, at most 4 lines). Of $T$ days $N$ exceeded a risk that should be exceeded with probability $\alpha$. *Specification:* return the likelihood ratio $2\,(\ln L(N/T) - \ln L(\alpha))$ with $\ln L(p) = N \ln p + (T-N)\ln(1-p)$; a term with a factor 0 is 0, so that `N = 0` and `N = T` work.

# %% tags=["exercise"]
def kupiec(N, T, alpha=0.01):
    ...  # at most 4 lines

# %%
check("5.kupiec", kupiec)

# %% [markdown]
# ### 5.5.2 Loan assessment · 贷款评估
# **Problem.** Who will pay back? A bank wants not only the order of the applicants but a *probability* it can reckon with, a reason for every refusal, and to know what its rule does to groups it never asks about.
#
# **Data.** 4,000 simulated applicants, 3,000 others as a test. Each default was drawn with a probability that is known to us alone. It is mostly a sum, as logistic regression assumes, with three exceptions that no sum shows. Group 1 earns less on average; no model is told the group.

# %%
train, test = finance.applicants(4000, SEED), finance.applicants(
    3000, SEED, test=True)
p_sum, weights = finance.logistic_baseline(train, test)
print("default:", f"{train.y.mean():.0%} of the training applicants;",
      "features:", ", ".join(finance.FEATURES))

# %% [markdown]
# **Model.** A network with two hidden layers of 32 units on the same six features. A twelfth of the training applicants decides when to stop. **Predict:** with 4,000 applicants, will it find the three exceptions?

# %%
from sklearn.preprocessing import StandardScaler

scale = StandardScaler().fit(finance.scaled(train.X))
Z, Z_test = (scale.transform(finance.scaled(part.X)).astype("float32")
             for part in (train, test))
set_seed(SEED)
loans = keras.Sequential([
    keras.Input((6,)), layers.Dense(32, "relu"), layers.Dropout(0.2),
    layers.Dense(32, "relu"), layers.Dense(1, "sigmoid")])

# %%
loans.compile(keras.optimizers.Adam(0.002), "binary_crossentropy")
stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
history = loans.fit(Z, train.y, batch_size=64, epochs=40, verbose=0,
                    validation_split=1 / 12,
                    callbacks=[stop, LiveBar("loans")])
p_net = loans.predict(Z_test, verbose=0)[:, 0]

# %% [markdown]
# **Result.** The area under the ROC curve is the probability that a defaulter was given a higher risk than one who paid. No one can reach 1: even the true probability doesn't say who will default.

# %%
from course import scores


def auc(cases):
    return scores.auc(cases[:, 0], cases[:, 1])


both = [np.column_stack([test.y, p]) for p in (p_net, p_sum, test.p)]
gain = bootstrap_difference(*both[:2], auc, rounds=300)
outcome("5.5.2", "area under ROC", bootstrap(both[0], auc, rounds=300),
        ("logistic regression", bootstrap(both[1], auc, rounds=300)), gain)

# %%
print("network and sum within 0.02 of each other, both below the truth:",
      bool(abs(gain[0]) < 0.02 and auc(both[2]) > max(map(auc, both[:2]))))
assert abs(gain[0]) < 0.02 and auc(both[2]) > max(map(auc, both[:2]))

# %%
groups = finance.fairness_table(p_net, test.y, test.group)
show(plots5.calibrated({"network": p_net, "logistic": p_sum}, test.y,
                       groups), "5.fig.loans")

# %% [markdown]
# At the left, applicants in ten groups of like stated risk: on the diagonal, as many default as was said. Both models lie close to it, so a bank could reckon with either. At the right, what a rule that takes the 70% of lowest risk does to the two groups that it knows nothing of: of group 1 fewer are accepted, and *of those who would have paid back* more are turned away. Nothing in the model is unfair in itself: its features carry the group. Which of the bars should be equal is not a question that a model can answer, and all at once they can't be ([Kleinberg et al., 2017](https://doi.org/10.4230/LIPIcs.ITCS.2017.43)).
#
# **Why was this one refused?** The *Shapley value* shares out the difference between an applicant's score and the average among the six features: a feature's share is its mean effect over all orders in which features can be made known, the unknown ones being filled in from other applicants ([Lundberg and Lee, 2017](https://arxiv.org/abs/1705.07874)). With six features all $2^6$ sets can be tried, so nothing is estimated but the average over applicants:
#
# $$\phi_i = \sum_{S \not\ni i} \frac{|S|!\,(5-|S|)!}{6!}\,\big(f(S \cup i) - f(S)\big) \tag{5.4}$$

# %%
import itertools
import math

KNOWN = np.array([*itertools.product([False, True], repeat=6)])  # (64, 6)


def values_of_sets(x, others):
    """f(S) for all 64 sets: mean risk with S from x, the rest others'."""
    X = np.where(KNOWN[:, None], x, others)  # (64, n, 6)
    p = np.asarray(loans(X.reshape(-1, 6)))[:, 0]
    return p.reshape(64, -1).mean(axis=1)

# %%
def shapley(f):
    """Shares of the six features from f(S), in KNOWN's order; eq. (5.4)."""
    shares = np.zeros(6)
    for i in range(6):
        for S in np.flatnonzero(~KNOWN[:, i]):
            s = KNOWN[S].sum()
            weight = math.factorial(s) * math.factorial(5 - s) / 720
            shares[i] += weight * (f[S + 2**(5 - i)] - f[S])
    return shares

# %%
def explained(applicant=0):
    i = np.argsort(-p_net)[applicant]
    f = values_of_sets(Z_test[i], Z[:50])
    return plots5.waterfall(finance.FEATURES, test.X[i], shapley(f), f[0])


f = values_of_sets(Z_test[0], Z[:50])
assert np.isclose(shapley(f).sum(), f[-1] - f[0], atol=1e-6)
explore(explained, "5.fig.shapley", applicant=(0, 2999))

# %% [markdown]
# From the average risk at the top the bars lead to this applicant's own at the bottom; the shares add up by construction (asserted). The knob goes through the unseen applicants from the riskiest down. An explanation of the *model* it is, not of the world: if the model is wrong, its reasons are.
#
# *The real thing:* millions of applicants, boosted trees rather than networks, fates known only of those who were given a loan, and laws such as the European Union's [AI Act](https://eur-lex.europa.eu/eli/reg/2024/1689/oj), whose annex III lists credit scoring of persons among the high-risk uses.

# %% [markdown]
# ### 5.5.3 Investment advice · 投资建议
# **Problem.** How should money be divided among six kinds of assets? Whoever could foresee their returns would be rich; nobody here tries. *Risk* can be foreseen a little, because wild days follow wild days.
#
# **Data.** Simulated returns of six assets in calm and in bad times. The network learns from 40 years; the test is eight other histories of twelve years. Every 21 days the method chooses weights from the past alone, and pays 0.1% of what it trades.

# %%
def forecasts(r):
    """Sizes of 60 days' returns, and the deviation of the 21 days after."""
    view = np.lib.stride_tricks.sliding_window_view(r, 81, axis=0)[::5]
    X = np.abs(view[:, :, :60]).reshape(-1, 60, 1)
    return X.astype("float32"), view[:, :, 60:].std(axis=2).reshape(-1)


X, y = forecasts(finance.asset_returns(40, [SEED, 1]))
print(f"{len(y):,} pieces of past, and the risk that followed")

# %% [markdown]
# **Model.** An LSTM reads sixty days of one asset and forecasts the logarithm of its coming volatility; weights are inverse to the forecast. Baselines: equal weights, which are hard to beat in practice ([DeMiguel et al., 2009](https://doi.org/10.1093/rfs/hhm075)), and weights inverse to the past sixty days' volatility.

# %%
set_seed(SEED)
adviser = keras.Sequential([keras.Input((60, 1)), layers.LSTM(8),
                            layers.Dense(1)])
adviser.compile(keras.optimizers.Adam(0.005), "mse", jit_compile=True)
history = adviser.fit(X[::2], np.log(y[::2]), batch_size=128, epochs=4,
                      verbose=0, callbacks=[LiveBar("coming volatility")])


forecast = tf.function(adviser, jit_compile=True)  # asked a thousand times


def by_forecast(past):
    size = np.abs(past[-60:]).T[..., None].astype("float32")  # (6, 60, 1)
    weight = np.exp(-np.asarray(forecast(size))[:, 0])
    return weight / weight.sum()

# %% [markdown]
# **Result.** Judged by the Sharpe ratio, return above cash over volatility. **Predict** how much of it is skill, and how much the history one happens to live in.

# %%
methods = {"equal": finance.equal_weights,
           "inverse": finance.inverse_volatility, "LSTM": by_forecast}
histories = [finance.asset_returns(12, [SEED, 2, k]) for k in range(8)]
walks = {name: [finance.yearly(finance.walk_forward(r, choose).returns)
                for r in histories] for name, choose in methods.items()}

# %%
sharpe, deviation = (
    {name: np.array([walk[what] for walk in found])
     for name, found in walks.items()} for what in ("sharpe", "volatility"))
gain = bootstrap_difference(sharpe["LSTM"], sharpe["equal"])
outcome("5.5.3", "Sharpe ratio", bootstrap(sharpe["LSTM"]),
        ("equal weights", bootstrap(sharpe["equal"])), gain)

# %%
calmer = [bool((deviation[name] < deviation["equal"]).all())
          for name in ("inverse", "LSTM")]
spread = np.std(sharpe["equal"])
print("calmer than equal weights in all eight histories:", calmer)
print("histories differ more than methods do:", bool(spread > abs(gain[0])))
assert all(calmer) and spread > abs(gain[0])

# %%
show(plots5.histories(sharpe, deviation), "5.fig.portfolio")

# %% [markdown]
# Each line is one history. At the right: foreseen risk makes every one of them calmer, by much. At the left: the ratio of return to risk hardly moves from method to method, and by a lot from history to history. Twelve years tell little about a method; **that is why no more is promised here**, and why one good back-test means nothing. *The real thing* adds thousands of assets, expected returns that nobody knows, taxes, and others who trade on the same forecasts.
#
# > ✎ **Exercise 5.drawdown** (easy, at most 2 lines). The number that frightens investors. *Specification:* from daily returns in percent, shape `(days,)`, return the deepest fall of the compounded wealth from any earlier peak, in percent, a number from 0 to 100; the starting wealth counts as a peak.

# %% tags=["exercise"]
def drawdown(returns):
    ...  # at most 2 lines

# %%
check("5.drawdown", drawdown)
