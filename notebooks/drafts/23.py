# %% [markdown]
# ## 2.3 Large models against traditional models · 大模型与传统模型的对比
#
# Five lines, says the document, tell the two apart: parameters, layers, applications, training time, computing resources. Now the networks come in: two hidden layers (**MLP**), three convolutions and two dense layers (**CNN**), and a **Transformer** of two blocks that reads a picture as a sequence of rows. They are small, as everything here; what they share with the large ones is how they are built and trained. The Transformer is worth a look: nothing in it knows of pictures.

# %%
print(inspect.getsource(contest.transformer))

# %%
learners = {name: contest.Learner(build((8, 8), 10))
            for name, build in contest.NETWORKS.items()}
for name, learner in learners.items():
    kept[name] = learner.net.count_params()

# %% [markdown]
# **Layers** are counted as the steps with weights that an input passes one after another: in a block of the Transformer these are $W_q, W_k, W_v$ side by side, $W_o$, and two of the feed-forward part. **The cost of an answer** is counted in multiply-adds: of a network's products as in 2.1; for nearest neighbours and the SVM, of the comparison with every picture kept; for trees, in questions on the way down.

# %%
DEPTH = {"logistic regression": 1, "MLP": 3, "CNN": 5,
         "Transformer": 1 + 2 * 4 + 1}
questions = fitted["decision tree"].decision_path(flat(X_test)).sum(axis=1)
cost = {"logistic regression": 64 * 10,
        "nearest neighbours": fitted["nearest neighbours"]._fit_X.size,
        "decision tree": float(questions.mean()),
        "random forest": float(sum(
            tree.decision_path(flat(X_test)).sum(axis=1).mean()
            for tree in fitted["random forest"].estimators_)),
        "SVM": fitted["SVM"].support_vectors_.size}

# %%
def network_cost(net):
    """Multiply-adds of a network for one input."""
    spec = tf.TensorSpec((1, *net.input_shape[1:]))
    graph = tf.function(net).get_concrete_function(spec).graph
    windows = sum(  # a convolution: its filters' weights at each place
        int(np.prod(op.outputs[0].shape))
        * int(np.prod(op.inputs[1].shape[:3]))
        for op in graph.get_operations() if op.type == "Conv2D")
    return windows + sum(products(graph).values()) // 2


for name, learner in learners.items():
    cost[name] = network_cost(learner.net)

# %% [markdown]
# ### All eight on the same digits
# Accuracy on unseen digits, 8x8 as scanned: the mean and the standard deviation over five splits, each with its own choice of settings (from the shipped table). **Predict** the winner.

# %%
def about(n):
    """Two leading digits, for what differs a little between machines."""
    n = float(n)
    return f"{round(n, 1 - int(np.floor(np.log10(n)))):,.0f}"


everybody = [*fitted, *learners]
final = {name: drawn("still", name, 1437) for name in everybody}
table([[name, DEPTH.get(name, "none"), about(kept[name]), about(cost[name]),
        f"{100 * a.mean():.1f} ± {100 * a.std(ddof=1):.1f}"]
       for name, a in final.items()],
      ["model", "layers", "numbers kept", "work for an answer",
       "unseen digits right (%)"])

# %%
means = {name: a.mean() for name, a in final.items()}
winner = max(means, key=means.get)
print("best:", winner)
assert winner == "SVM" and means["SVM"] > 0.98

# %% [markdown]
# On this task the winner is a traditional model of the 1990s, with nearest neighbours, the oldest of all, close to the best network. Is the lead over the CNN more than luck? Both saw the same five splits, so compare **split by split**: the difference of each pair, and how far the mean of five differences may be off.
#
# > ✎ **Exercise 2.paired** (medium, at most 2 lines). *Specification:* given two arrays `a` and `b` of accuracies, one number for each split, return the mean of the differences `a - b` and its standard error: the standard deviation of the differences (with `n - 1`) divided by $\sqrt{n}$.

# %% tags=["exercise"]
def paired(a, b):
    ...  # at most 2 lines

# %%
check("2.paired", paired)

# %%
for name in ("CNN", "MLP", "Transformer"):
    d = 100 * (final["SVM"] - final[name])
    print(f"SVM ahead of {name}: {d.mean():.1f} points, "
          f"standard error {d.std(ddof=1) / len(d)**0.5:.1f}")

# %% [markdown]
# (Five splits of the same 1,797 digits overlap, so the true uncertainty is somewhat larger than that.)
#
# ### Row 1: parameters
# "Large models have very many parameters, traditional models fewer." Between GPT-3 and a logistic regression that is true by a factor of hundreds of millions. Within our eight it is not a law: order the table by the numbers kept.

# %%
order = sorted(kept, key=kept.get)
print(" < ".join(order))
traditional_more = [name for name in fitted if kept[name] > kept["CNN"]]
assert order[0] == "logistic regression" and len(traditional_more) >= 2
claim("2.3.1", "limits", factor=N["GPT-3"] / kept["logistic regression"],
      more=len(traditional_more), cnn=kept["CNN"])

# %% [markdown]
# ### Row 2: layers
# "Large models have many layers, traditional ones usually one or a few." One traditional model has a layer; the others have none, and a tree of ten questions in a row is deep in its own way. The second half of the line is right wherever it can be applied. As for the first half: 2.1 showed three sizes of T5 with the same number of layers.

# %%
print("layers of the networks:", {n: DEPTH[n] for n in learners})
print("layers of T5:", {s: 2 * c["n_layers"] for s, c in T5.items()})
assert min(DEPTH[name] for name in learners) > DEPTH["logistic regression"]
claim("2.3.2", "limits", without=len(fitted) - 1, growth=growth)

# %% [markdown]
# ### Row 4: training time
# (Row 3, applications, takes longer and comes after.) How long does each of the eight learn from the 1,437 digits, with the setting already chosen? **Predict** the ratio of the slowest to the SVM.

# %%
STEPS = {"MLP": 1200, "CNN": 600, "Transformer": 1200}  # as in the table
live = {}
for name, learner in learners.items():
    learner.fit(X_train, y_train, SEED, STEPS[name])  # compiles as well
    live[name] = learner.score(X_test, y_test)

# %% tags=["nbval-ignore-output"]
spent = {}
with contest.quiet():
    for name, m in fitted.items():
        spent[name] = seconds(lambda: m.fit(flat(X_train), y_train), 3)
for name, learner in learners.items():
    steps = STEPS[name] // 6  # a sixth of the training
    spent[name] = 6 * seconds(lambda: learner.fit(
        X_train, y_train, SEED, steps), 1)
table([[name, f"{s:.3f}"] for name, s in spent.items()],
      ["model", "seconds to train, here and now"])

# %%
slowest = max(spent[name] for name in learners)
ratio = slowest / spent["SVM"]
print("the slowest network takes at least 5 times the SVM's time:",
      ratio >= 5)
assert ratio >= 5
print("live, within 5 points of the table:", {
    name: bool(abs(a - means[name]) < 0.05) for name, a in live.items()})
assert all(abs(a - means[name]) < 0.05 for name, a in live.items())

# %% [markdown]
# So the document's line holds here. But for how much data? A network's training grows with the number of steps, which we choose. An SVM compares pictures with pictures: **twice the pictures, how much more time?** Fit it on moved digits of growing number and see.

# %% tags=["nbval-ignore-output"]
SIZE = [500, 1000, 2000, 4000]
(X_many, y_many), _ = moved_task(SIZE[-1], SEED)
svm = contest.SVC(C=10, gamma=0.1)
took = [seconds(lambda: svm.fit(flat(X_many[:n]), y_many[:n]), 1)
        for n in SIZE]
power = np.polyfit(np.log(SIZE), np.log(took), 1)[0]
million = took[-1] * (1e6 / SIZE[-1])**power
print(f"seconds {np.round(took, 2)}: time grows like n^{power:.1f},",
      f"a million pictures would take {million / 3600:.0f} hours")

# %%
print("the SVM's time grows faster than its data:", power > 1.2)
assert power > 1.2
claim("2.3.4", "limits", ratio=5, power=1.2)

# %% [markdown]
# ### Row 5: computing resources
# Three bills must be kept apart: to learn, to answer, to keep. **To learn**, a network goes over its data many times, forward and backward: three times the cost of an answer, for every picture of every step.

# %%
work = {name: 2 * 3 * cost[name] * STEPS[name] * contest.BATCH
        for name in learners}
n_iter = int(logistic.n_iter_.max())
work["logistic regression"] = 2 * 2 * cost["logistic regression"] * len(
    y_train) * n_iter
for name, flop in work.items():
    print(f"{name:20} {flop:.0e} operations to learn")

# %%
lighter = min(work[name] for name in ("CNN", "Transformer"))
assert lighter > 20 * work["logistic regression"]
dearer = [name for name in ("nearest neighbours", "SVM")
          if cost[name] > cost["MLP"]]
print("dearer to ask than the MLP:", ", ".join(dearer))
assert len(dearer) == 2

# %%
claim("2.3.5", "limits", times=20, dearer=len(dearer),
      card=round(gigabytes(N["GPT-3"], 16)))

# %% [markdown]
# To learn, the networks need far more, as the document says. **To answer**, the bill may turn round: a network has digested its data into weights, nearest neighbours and SVM take all or much of it along, and the small MLP answers with less work than both.
#
# ### Learning curves: for how much data which model?
# Now the document's strongest word on large models, from its sections 2.1 and 2.2: with much data they are "more accurate". Four of the eight, from 20 pictures up; left the digits as scanned, right the moved ones. **Predict** for each side: do the curves cross, and where?

# %%
rivals = ["nearest neighbours", "SVM", "MLP", "CNN"]
both = {task: curves(task, rivals) for task in SIZES}
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
for ax, task in zip(axes, SIZES):
    learning_curves(ax, SIZES[task], both[task])
    ax.set_title(f"{task} digits")
axes[1].set_ylabel("")
axes[1].legend(loc="lower right")
show(fig, "2.fig.curves")

# %%
def lead(task):
    """Mean lead of the CNN over the SVM, for each size."""
    return (both[task]["CNN"] - both[task]["SVM"]).mean(axis=1)


table([[n, *(f"{100 * lead(task)[i]:+.1f}" if i < len(SIZES[task]) else ""
             for task in SIZES)] for i, n in enumerate(SIZES["moved"])],
      ["pictures", "still: CNN ahead of SVM (points)",
       "moved: CNN ahead of SVM (points)"])

# %%
still, elsewhere = lead("still"), lead("moved")
crossed = SIZES["moved"][int(np.argmax(elsewhere > 0))]
print(f"moved: the CNN is ahead from {crossed:,} pictures on")
print("still: ahead at no size:", bool((still < 0).all()))
assert crossed <= 200 and (elsewhere[SIZES["moved"].index(crossed):] > 0).all()
assert (still < 0).all()

# %% [markdown]
# Two tasks, two answers. On the digits as scanned the SVM is ahead at **every** size that there is, most of all when the data are few: the claim fails where data are small and the inputs well prepared. On the moved digits the CNN overtakes the SVM early, leads by most in the middle, and at 20,000 pictures the SVM has nearly caught up. What decides is not the number of parameters but whether a model's **structure fits the task**: a convolution looks for the same stroke everywhere, so it need not see each digit in each place. And the MLP? A neural network too, and no better than the SVM at any size.

# %%
mlp_lead = (both["moved"]["MLP"] - both["moved"]["SVM"]).mean(axis=1)
cnn = both["moved"]["CNN"].mean(axis=1)
print("most that the MLP is ahead of the SVM on moved digits:",
      f"{100 * max(mlp_lead.max(), 0):.0f} points")
assert mlp_lead[2:].max() < 0.02 and cnn[-1] > 0.97 > 0.5 > cnn[0]
claim("2.1.b", "limits", low=100 * cnn[0], high=100 * cnn[-1],
      behind=-100 * still[0], few=SIZES["still"][0])

# %% [markdown]
# > ✎ **Exercise 2.crossing** (hard, at most 4 lines). "From 200 on" is as fine as our grid. *Specification:* given growing sizes `n` and the mean accuracies `a` and `b` of two models at these sizes, with `b` below `a` at first and above it at the end, return the size at which `b` first reaches `a`. Between the last size below and the first that is not, take both accuracies to be straight lines over the **logarithm** of the size, as in the figure. All three are arrays.

# %% tags=["exercise"]
def crossing(n, a, b):
    ...  # at most 4 lines

# %%
check("2.crossing", crossing)

# %% [markdown]
# ### Row 3: applications
# "Large models serve complex tasks such as language and vision, traditional models mainly simple ones." What is it about networks that one kind serves so many? We give **the same Transformer**, the one above with the same width, heads and blocks, three signals that have nothing in common: the rows of a digit, the samples of a spoken word, the words of a review. Only the shape of the input changes.

# %%
X_sound, y_sound, voice, names = load_spoken_digits()
reviews = contest.one_hot(texts, known)
signals = {"digits": X_train, "sounds": contest.frames(X_sound),
           "reviews": reviews}
for name, X in signals.items():
    net = contest.transformer(X.shape[1:], 10)
    print(f"{name:8} T, features = {X.shape[1:]}: "
          f"{net.count_params():,} parameters")

# %% [markdown]
# The sounds are the digits from zero to nine in twelve voices of the speech synthesizer espeak-ng (accents, pitches, speeds), cut into 28 frames of 256 raw samples. Two of them, as a microphone would deliver them:

# %%
two = [np.flatnonzero((y_sound == digit) & (voice == 0))[0]
       for digit in (3, 7)]
fig, axes = plt.subplots(1, 2, figsize=(8, 2.2), sharey=True)
for ax, i in zip(axes, two):
    ax.plot(np.arange(X_sound.shape[1]) / 8, X_sound[i], "C0-", lw=0.5)
    ax.set(xlabel="time (ms)", title=f"\"{y_sound[i]}\", {names[voice[i]]}")
axes[0].set_ylabel("sound pressure")
show(fig, "2.fig.sounds")

# %% [markdown]
# Its traditional rival gets two chances with each signal: an SVM on **exactly the same numbers**, and one on **features that a person made** for this kind of signal. For pixels of scanned digits none are needed. For sound, engineers of decades found *cepstral coefficients*: loudness in bands as the ear hears them, decorrelated and averaged over fifths of the word. For text one counts which words occur, or which runs of up to three words. Unseen in each of five draws are other digits of the same writers, four **voices** that were never heard, and reviews with pairs of a thing and a word that never occurred together.

# %%
WHOLE = {"digits": ("still", 1437, {"as they are": "SVM"}),
         "sounds": ("sound", 480, {"cepstra": "SVM, cepstra"}),
         "reviews": ("reviews", 3000,
                     {"bag of words": "SVM, bag of words",
                      "runs of three words": "SVM, runs of three words"})}


def percent(a):
    return f"{100 * a.mean():.0f} ± {100 * a.std(ddof=1):.0f}"


rows = []
for signal, (task, n, by_person) in WHOLE.items():
    for features, model_name in by_person.items():
        rows.append([signal, *(percent(drawn(task, m, n)) for m in
                               ("Transformer", "SVM", model_name)),
                     features])
table(rows, ["signal", "Transformer", "SVM, same numbers",
             "SVM, a person's features", "which"])

# %%
broad = {signal: [drawn(task, m, n).mean() for m in
                  ("Transformer", "SVM", [*by_person.values()][-1])]
         for signal, (task, n, by_person) in WHOLE.items()}
assert min(b[0] for b in broad.values()) > 0.6  # on every signal, unchanged
assert broad["sounds"][1] < broad["sounds"][0] - 0.2
assert broad["sounds"][2] > broad["sounds"][0]

# %% [markdown]
# The Transformer, unchanged, learns all three from the raw signal. The SVM on the same numbers is best on digits, lost on raw sound, and clearly behind on text. With features by hand it is as good as the Transformer or better: the work has moved from the model to a person, **once for each kind of signal**. So the line holds in this sense: what was hand-made for each task before is now learned by one design. It doesn't hold as it stands, for the traditional models read digits, words and sentences, if somebody tells them what to look at.
#
# One of these trainings again, live, on 3,000 reviews:

# %%
reader = contest.Learner(contest.transformer(reviews.shape[1:], 2))
reader.fit(reviews[:3000], sentiment[:3000], SEED, steps=600)
live = reader.score(contest.one_hot(texts_test, known), sentiment_test)
print("unseen reviews: at least 90% right:", live >= 0.9)
assert live >= 0.9

# %% [markdown]
# Write a review of your own from the words it knows (film, book, soup, service, excellent, boring, although, but ...). Can you find one that it gets wrong? And one that counting words can't get right?

# %%
MY_REVIEW = "Although the soup was excellent, I want my money back."

mine = contest.one_hot([MY_REVIEW], known)
unknown = [w for w in contest.words_of(MY_REVIEW) if w not in known]
print(["negative", "positive"][int(reader.predict(mine)[0])],
      f"(words it does not know: {', '.join(unknown) or 'none'})")

# %%
claim("2.1.d", "limits", digits=100 * broad["digits"][0],
      sounds=100 * broad["sounds"][0], reviews=100 * broad["reviews"][0])
claim("2.2.d", "fails", digits=100 * broad["digits"][2],
      sounds=100 * broad["sounds"][2], reviews=100 * broad["reviews"][2],
      raw=100 * broad["sounds"][1])
claim("2.3.3", "limits", raw=100 * broad["sounds"][1],
      network=100 * broad["sounds"][0], person=100 * broad["sounds"][2])

# %% [markdown]
# ### What "large" changed: pre-train once, adapt often
# None of the five lines says what changed most in practice. A traditional model begins every task from nothing. A large model is trained **once**, at great cost, on plenty of data that nobody labelled, and then adapted to one small task after another. Does that work on two cores?
#
# The data: the 1,437 digits **without their labels**. The task in place of labels: take 128 pictures, move each about twice, and find for each copy its partner among all. To do that, a network must find out for itself what stays the same when a digit moves ([Chen and others, 2020](https://arxiv.org/abs/2002.05709)). With the copies' vectors $a_i$ and $b_j$, of length 1, and a temperature $\tau$:
#
# $$\text{loss} = -\frac{1}{B} \sum_i \ln \frac{e^{a_i \cdot b_i / \tau}}{\sum_j e^{a_i \cdot b_j / \tau}} \tag{2.7}$$
#
# That is the loss of a classifier with as many classes as there are pictures in the batch.

# %%
print(inspect.getsource(contest.pretrain))

# %%
body = contest.pretrain(X_train, SEED)
print("what it makes of a picture:", body.output_shape[1:], "numbers")

# %% [markdown]
# Now the new task: ten classes, **with 20, 50 or 100 labels**. The body stays as it is; only a logistic regression learns, on its 64 numbers. Against it: the same CNN from scratch, the SVM on pixels, and the SVM after a person's idea. The shipped table holds five draws of each; each draw pre-trained on its own 1,437 pictures and tests on 360 others. **Predict:** will pre-training without a single label beat the person's idea?

# %%
ADAPTED = {"pre-trained, logistic regression": "pre-trained body",
           "SVM, centred": "SVM, a person's idea",
           "CNN": "CNN from scratch", "SVM": "SVM, pixels",
           "pre-trained, fine-tuned": "pre-trained, fine-tuned"}
adapted = {title: np.array([drawn("moved", name, n)
                            for n in SIZES["still"]])
           for name, title in ADAPTED.items()}
fig, ax = plt.subplots(figsize=(7, 3.6))
learning_curves(ax, SIZES["still"], adapted)
ax.set_xlabel("labelled pictures of moved digits")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
show(fig, "2.fig.adapted")

# %%
at = {n: {title: a[i].mean() for title, a in adapted.items()}
      for i, n in enumerate(SIZES["still"])}
table([[title, *(percent(adapted[title][i]) for i in (0, 1, 2, 5))]
       for title in adapted],
      ["moved digits, unseen (%)", *(f"{SIZES['still'][i]:,} labels"
                                     for i in (0, 1, 2, 5))])

# %%
for n in (20, 50, 100):
    assert at[n]["pre-trained body"] > at[n]["CNN from scratch"] + 0.1
    assert at[n]["pre-trained body"] > at[n]["SVM, pixels"] + 0.1
    assert at[n]["SVM, a person's idea"] > at[n]["pre-trained body"]
scratch = adapted["CNN from scratch"].mean(axis=1)
worth = SIZES["still"][int(np.argmax(scratch > at[50]["pre-trained body"]))]
print("50 labels after pre-training are worth at least"
      f" {worth // 2} from scratch")
assert worth >= 200

# %% [markdown]
# With a few dozen labels the pre-trained body is far ahead of everything that starts from nothing: it has found by itself what takes the others many times the labels. The person's idea is better still; it is the right answer to this very task. And with all 1,437 labels the frozen body falls behind the CNN that learned for the task from the start: what it was not asked to notice, it has lost. **Fine-tuning** (a few hundred small steps through all its layers) gets that back, and hurts when labels are few.
#
# **Adapt often**, then. The same body, three tasks, 50 labels each: which digit; is it even or odd; and does it stand in the left or the right half? *Predict* where the body will be no help, and where the person's idea will be the worst of all.

# %%
def three_tasks(X, y, rng):
    """Moved pictures Z, and {task: their labels}."""
    Z = contest.moved(X, rng)
    middle = (Z.sum(axis=1) @ np.arange(12)) / Z.sum(axis=(1, 2))
    return Z, {"which digit": y, "even or odd": y % 2,
               "left or right": (middle > 5.5).astype(int)}


scale = contest.features(body, X_moved).std()
WAYS = {"pre-trained body": (
            lambda Z: contest.features(body, Z) / scale,
            "logistic regression"),
        "SVM, pixels": (flat, "SVM"),
        "SVM, a person's idea": (lambda Z: flat(contest.centred(Z)), "SVM")}

# %%
def three_scores(seed, n=50):
    """Accuracy of each way on each task; (tasks, ways)."""
    rng = np.random.default_rng([SEED, seed])
    Z, labels = three_tasks(*contest.take(X_train, y_train, n, rng), rng)
    Q, truth = three_tasks(X_test, y_test, rng)
    found = []
    for task, way in itertools.product(labels, WAYS):
        view, kind = WAYS[way]
        m, _ = contest.choose(kind, view(Z), labels[task], seed)
        with contest.quiet():
            m.fit(view(Z), labels[task])
        found.append(m.score(view(Q), truth[task]))
    return np.reshape(found, (len(labels), len(WAYS)))

# %%
often = np.array([three_scores(seed) for seed in range(5)]).mean(axis=0)
tasks = ["which digit", "even or odd", "left or right"]
table([[task, *(f"{round(100 * a, -1):.0f}" for a in row)]
       for task, row in zip(tasks, often)],
      ["50 labels; right, to the nearest ten (%)", *WAYS])

# %%
digit, _, side = often
assert digit[0] > digit[1] + 0.1 and side[1] > max(side[0], side[2]) + 0.1
print("which digit: the body is ahead of the pixels by 10 points or more")
print("left or right: the pixels are ahead of both others by as much")

# %% [markdown]
# For what the digit **is**, one pre-training serves two tasks. For where it **stands**, the plain pixels win: the body was trained to see no difference between a digit at the left and the same at the right, and the person's idea removes the place on purpose. Pre-training is not magic; it makes some questions easier and others harder, and which ones is decided by what it was asked to ignore. The large models of language are pre-trained on a question, what comes next?, that ignores next to nothing; that may be the better half of their success.
