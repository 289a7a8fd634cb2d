# %% [markdown]
# ## 5.1 Natural language processing · 自然语言处理
# Four applications, one model: the small T5 of chapter 4.3, which was taught all four at once and tells them apart by the words in front of the text. Its world is small, a few hundred words in a few hundred sentence patterns; every test text combines a pattern and a word that never met in its training.

# %%
field("language")

# %%
from course import language
from course.t5 import T5
from transformers import AutoTokenizer

t5 = T5.from_pretrained("data/t5-tiny")
tokenizer = AutoTokenizer.from_pretrained("data/t5-tiny")


def write(texts, steps=32, batch=16):
    """What the T5 answers to each text."""
    answers = []
    for start in range(0, len(texts), batch):
        some = [*texts[start:start + batch]]
        some += [some[-1]] * (batch - len(some))  # one shape, compiled once
        ids = tokenizer(some, padding="max_length", max_length=96,
                        truncation=True, return_tensors="np")["input_ids"]
        answers += tokenizer.batch_decode(t5.generate(ids, steps),
                                          skip_special_tokens=True)
    return answers[:len(texts)]

# %%
def some(task, n):
    """n held-out examples of a task, drawn by SEED."""
    rows, rng = language.load_heldout(task), np.random.default_rng(SEED)
    return [rows[i] for i in rng.permutation(len(rows))[:n]]


def asked(rows):
    return write([row["input"] for row in rows])

# %% [markdown]
# ### 5.1.1 Machine translation · 机器翻译
# **Problem.** The document's own example: English into Chinese; and into German.
#
# **Data.** Held-out sentences of each pair of languages, and the shipped **model**. The baseline is a dictionary: it translates word by word, the longest entry that fits; what no word list held it learned from 2,000 pairs of sentences.

# %%
rows = {tongue: some(tongue, 80) for tongue in ("zh", "de")}
answers = {tongue: asked(rows[tongue]) for tongue in rows}
words = {tongue: language.Dictionary(
    tongue, language.training_pairs(tongue, 2000, SEED)) for tongue in rows}
table([[row["target"], answers["zh"][k], words["zh"](language.plain(row))]
       for k, row in enumerate(rows["zh"][:3])],
      ["truth", "T5", "word by word"])

# %% [markdown]
# **Result.** *chrF* counts how many strings of one to six letters an answer shares with the truth, from 0 to 100 ([Popović, 2015](https://aclanthology.org/W15-3049/)); a wrong ending costs less than a wrong word, and Chinese needs no spaces.

# %%
def both_answers(tongue):
    """(truth, T5's answer) and (truth, dictionary's answer) of each row."""
    truth = [row["target"] for row in rows[tongue]]
    by_word = [words[tongue](language.plain(row)) for row in rows[tongue]]
    return [*zip(truth, answers[tongue])], [*zip(truth, by_word)]


pairs = [sum(parts, []) for parts in zip(*map(both_answers, rows))]
counts = [language.chrf_counts(some) for some in pairs]  # (160, 6, 3) each
compare("chrF by adding up counts", language.chrf_of(counts[1]),
        language.chrf(pairs[1]))  # sacrebleu's

# %%
def versus(ours, theirs, score=np.mean):
    """Both scores with their intervals, and the gain with its own."""
    return (bootstrap(ours, score), bootstrap(theirs, score),
            bootstrap_difference(ours, theirs, score))


ours, theirs, gain = versus(*counts, language.chrf_of)
outcome("5.1.1", "chrF", ours, ("dictionary", theirs), gain)
for tongue in rows:
    mine, dictionary = map(language.chrf, both_answers(tongue))
    print(f"{tongue}: T5 over 90, dictionary below 85:",
          mine > 90 and dictionary < 85)
    assert mine > 90 and dictionary < 85

# %% [markdown]
# A dictionary gets many words right and fails at what lies between them: order, endings, measure words. **But this is a test within a small world.** Put in a sentence of your own; as soon as it leaves the world's words or patterns, the answer is fluent and wrong:

# %%
MY_SENTENCE = "The old clock does not work any more."

print(write(["translate English to German: " + MY_SENTENCE])[0])

# %% [markdown]
# *The real thing:* the Transformer was introduced with 4.5 million sentence pairs of English and German ([Vaswani et al., 2017](https://arxiv.org/abs/1706.03762)); T5-11B has five thousand times the parameters of ours.
#
# ### 5.1.2 Text summarization · 文本摘要
# **Problem.** A report of several sentences in one. **Data and model:** held-out reports, the same T5. The baseline is the first sentence, which newspapers make hard to beat; a stronger one takes as many first sentences as score best on training reports.

# %%
rows = some("summary", 60)
reports = [language.plain(row) for row in rows]
summaries = asked(rows)
print(reports[0], "\n\nT5:", summaries[0])

# %%
truth = [row["target"] for row in rows]
n = language.best_lead(language.training_pairs("summary", 200, SEED))
leads = {k: [language.first_sentences(text, k) for text in reports]
         for k in (1, n)}
counts = [language.chrf_counts(zip(truth, said))
          for said in (summaries, leads[1], leads[n])]
ours, theirs, gain = versus(*counts[:2], language.chrf_of)
outcome("5.1.2", "chrF", ours, ("first sentence", theirs), gain)
longer = language.chrf_of(counts[2])
print(f"the first {n} sentences score more than one, less than the T5:",
      theirs[0] < longer < ours[0])
assert theirs[0] < longer < ours[0]

# %% [markdown]
# **Result.** The T5 nearly always writes the very summary that was asked for. Mind why: these reports follow a few forms, and a summary is a fixed recombination of what they say. *The real thing* has millions of articles, several right summaries for each, and readers as judges, because a fluent summary can be untrue.
#
# ### 5.1.3 Sentiment analysis · 情感分析
# **Problem.** Is a review friendly? Two things make it hard: *not*, which turns a word round, and words never seen.
#
# **Data.** Held-out reviews in three heaps: plain ones, those with *not*, and plain ones whose words of praise and blame were replaced by others that occur in no training text (*splendid*, *abysmal*).
#
# **Model.** The T5; and a small classifier, trained here on 3,000 reviews: embeddings, filters over three words, the largest answer of each. The baseline counts words (logistic regression on a *bag of words*). **Predict:** who fails at what?

# %%
reviews = language.training_pairs("sentiment", 3000, SEED)
tests = language.sentiment_tests(language.load_heldout("sentiment"), SEED)
tests = {heap: cases[:100] for heap, cases in tests.items()}
words_of = layers.TextVectorization(output_sequence_length=40)
words_of.adapt([text for text, _ in reviews])


def encode(pairs):
    """Word numbers (n, 40), and 1 for positive, of (review, truth)."""
    texts, truth = zip(*pairs)
    return words_of(tf.constant(texts)), np.array(truth) == "positive"

# %%
set_seed(SEED)
critic = keras.Sequential([
    keras.Input((40,)), layers.Embedding(words_of.vocabulary_size(), 32),
    layers.Conv1D(64, 3, activation="relu"), layers.GlobalMaxPooling1D(),
    layers.Dropout(0.3), layers.Dense(1)])
critic.compile(keras.optimizers.Adam(0.003),
               keras.losses.BinaryCrossentropy(from_logits=True))
history = critic.fit(*encode(reviews), epochs=6, batch_size=64, verbose=0,
                     callbacks=[LiveBar("reviews")])

# %%
bag = language.bag_of_words(reviews)
asked_of = {
    "bag of words": bag,
    "small classifier": lambda texts: np.where(np.asarray(critic(
        words_of(tf.constant(texts))))[:, 0] > 0, "positive", "negative"),
    "T5": lambda texts: write(["sentiment: " + t for t in texts])}
correct = {name: {heap: np.array([a == b for a, (_, b) in zip(
    model([t for t, _ in cases]), cases)]) for heap, cases in tests.items()}
    for name, model in asked_of.items()}

# %% [markdown]
# **Result.**

# %%
known = {name: np.concatenate([heaps["plain"], heaps["negation"]])
         for name, heaps in correct.items()}
ours, theirs, gain = versus(known["T5"], known["bag of words"])
outcome("5.1.3", "share right", ours, ("bag of words", theirs), gain)
assert correct["T5"]["unseen words"].mean() < ours[0] - 0.1

# %%
show(plots5.heaps(correct), "5.fig.sentiment")

# %% [markdown]
# With *not* the bag of words is little better than a coin (dotted): it can't know which word the *not* belongs to, and because the same words of praise stood behind a *not* in its training, it trusts them too little in the plain ones, too. The classifier sees three words at a time and the T5 all of them. With unseen words both fall, to about the level of the bag: **no model knows a word that it never met**, and what is left to go by is how the review is built. That is what pre-training on billions of words buys, and what a model of this size can't show.
#
# ### 5.1.4 Question answering · 问答系统
# **Problem.** A question, a text, an answer from it. **Data and model:** held-out questions, the T5. The baseline takes the sentence that shares most words with the question, and of it the longest run of words that the question lacks; a stronger one has learned, for each question word, which run to take.

# %%
rows = some("qa", 120)
replies = asked(rows)
print(rows[0]["input"], "\nT5:", replies[0])

# %%
picks = language.tune_picks(language.training_pairs("qa", 800, SEED))
truth = [row["target"] for row in rows]
exact = [np.array([a == b for a, b in zip(truth, said)]) for said in (
    replies, [language.answer_by_overlap(row["input"]) for row in rows],
    [language.answer_by_tuned_overlap(row["input"], picks) for row in rows])]
ours, theirs, gain = versus(*exact[:2])
outcome("5.1.4", "exact match", ours, ("word overlap", theirs), gain)
print("the tuned overlap is better than the plain one, and below the T5:",
      bool(theirs[0] < exact[2].mean() < ours[0]))
assert theirs[0] < exact[2].mean() < ours[0]

# %% [markdown]
# **Result.** An answer counts only if it is right to the letter. *The real thing:* SQuAD asks 100,000 questions about Wikipedia ([Rajpurkar et al., 2016](https://arxiv.org/abs/1606.05250)); chat models answer without a text beside the question, from what they remember of their training, rightly or not: chapter 7 looks at that.
