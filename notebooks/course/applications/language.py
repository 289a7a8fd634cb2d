"""The small T5's tasks: held-out examples and the baselines (5.1).

Examples come from the grammar that taught the small T5 (course/datasets/
grammar.py, data/t5_world/; see the datasheet in data/README.md). Baselines
learn from its training stream, in which no held-out pair of template and word
occurs, and are scored on t5_heldout.csv, where the T5's own answers stand.
"""

import csv
import re
from collections import Counter

import numpy as np

from .. import files
from ..datasets import grammar
from ..messages import CourseError

TASKS = ("zh", "de", "bare", "zh two", "de two", "summary", "sentiment",
         "qa")
PREFIX = {"zh": "translate English to Chinese: ",
          "de": "translate English to German: ", "bare": "",
          "summary": "summarize: ", "sentiment": "sentiment: ", "qa": ""}


def load_heldout(task):
    """Held-out examples of a task, with the shipped T5's answers (5.1.3).

    task: one of TASKS; "zh two" and "de two" are pairs of sentences.
    Returns a list of dicts with template, input (with its prefix), target,
    answer. Raises CourseError for another task or an altered file.
    """
    _known(task)
    path = files.data_file("t5_heldout.csv")
    with open(path, encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["task"] == task]


def training_pairs(task, n, seed=0):
    """n training examples of a task, [(text without prefix, target)].

    From the stream that the T5 was taught with; none has a held-out pair.
    "zh" and "de" mix one sentence and two.
    """
    _known(task)
    found, prefix = [], PREFIX[task.split()[0]]
    stream = grammar.training_stream(f"baseline {seed}", 10 ** 9)
    marks = [p for p in PREFIX.values() if p] + ["question: "]
    for source, target, _ in stream:
        mark = next((m for m in marks if source.startswith(m)), "")
        if mark == (prefix or ("question: " if task == "qa" else "")):
            found.append((source.removeprefix(prefix), target))
            if len(found) == n:
                return found


def _known(task):
    if task not in TASKS:
        raise CourseError("language.task", task=repr(task),
                          known=", ".join(TASKS))


def plain(row):
    """A held-out row's text without its prefix (5.1.1, 5.1.2)."""
    return row["input"].removeprefix(PREFIX[row["task"].split()[0]])


# ---- scores

def chrf(pairs):
    """Character n-gram F-score of a corpus, 0 to 100 (5.1.1).

    pairs: list of (truth, answer). Source: Popovic 2015, as sacrebleu
    computes it. Letters and their neighbours count, so a wrong ending
    costs less than a wrong word, and Chinese needs no word boundaries.
    """
    from sacrebleu.metrics import CHRF
    truths, answers = zip(*pairs)
    return CHRF().corpus_score(list(answers), [list(truths)]).score


def chrf_counts(pairs):
    """What chrF is computed from, text by text, int (n, 6, 3) (5.1.1, 5.1.2).

    pairs: as for `chrf`. For strings of one to six letters, spaces left
    out: how many stand in the answer, in the truth, and in both. These add
    up over texts, so a bootstrap need not count again.
    """
    return np.array([[_shared(*("".join(text.split()) for text in pair), n)
                      for n in range(1, 7)] for pair in pairs])


def _shared(truth, answer, n):
    wanted, said = (Counter(text[i:i + n] for i in range(len(text) - n + 1))
                    for text in (truth, answer))
    return (said.total() if wanted else 0, wanted.total(),
            (said & wanted).total())


def chrf_of(counts):
    """`chrf` of the texts whose `chrf_counts` (n, 6, 3) these are."""
    said, wanted, both = np.asarray(counts, float).sum(axis=0).T
    known = (said > 0) & (wanted > 0)
    if not both[known].any():
        return 0.0
    precision, recall = ((both[known] / n[known]).mean()
                         for n in (said, wanted))
    # recall weighs twice as much, so its square four times
    return float(100 * 5 * precision * recall / (4 * precision + recall))


def exact_match(pairs):
    """Share of answers that equal the truth to the letter."""
    return float(np.mean([truth == answer for truth, answer in pairs]))


# ---- translation: a dictionary, word by word

LINK = 0.9, 0.7, 0.5, 0.35, 0.2  # Dice coefficients, round by round
MARKS = ".,?!"


class Dictionary:
    """Baseline: every word is translated by itself, in English order (5.1.1).

    The words come from the T5's own word list (t5_world/lexicon.csv): names,
    places, things, in both their forms, the longest entry that fits. What
    it lacks, such as "lives" or "is", is learned from training pairs: of
    the words, or for Chinese strings of up to four characters, that are
    left in the targets, a word takes the one that goes with it most (Dice
    coefficient), the surest first, and what is taken explains nothing else
    (competitive linking, Melamed 2000). A word of the training that finds
    no partner is left out; one that was never seen is copied.
    """

    def __init__(self, language, pairs):
        """language: "zh" or "de"; pairs: of `training_pairs`."""
        self.language = language
        self.entries = self._lexicon()
        self.longest = max(len(key.split()) for key in self.entries)
        learned = self._learned(pairs)
        if language == "de":
            learned = self._with_capitals(learned, pairs)
        self.entries |= learned

    def _lexicon(self):
        path = files.data_file("t5_world/lexicon.csv")
        entries = {}
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                ours = row[self.language] or row["en"]
                second = (row["de2"] or ours if self.language == "de"
                          else ours)
                entries.setdefault(row["en"].lower(), ours)
                if row["en2"]:
                    entries.setdefault(row["en2"].lower(), second)
        return entries

    def _learned(self, pairs):
        rest = []
        for source, target in pairs:
            left = {word.lower() for word, known in self._split(source)
                    if known is None and word not in MARKS
                    and not word.isdigit()}
            for _, known in self._split(source):
                target = self._taken_out(known, target)
            rest.append((left, target))
        learned = {}
        for least in LINK:
            links = self._links(rest, least)
            learned = links | learned  # the surest link stays
            rest = [self._without(*pair, links) for pair in rest]
        return dict.fromkeys((w for left, _ in rest for w in left),
                             "") | learned

    @staticmethod
    def _with_capitals(learned, pairs):
        """German words as they are mostly written within a sentence."""
        written = Counter(
            word for _, target in pairs
            for word in re.findall(r"(?<![.?!] )(?<!^)\b[^\W\d]+", target))
        forms = {}
        for form, n in written.items():
            forms[form.lower()] = max(forms.get(form.lower(), (0, "")),
                                      (n, form))
        return {word: forms.get(unit, (0, unit))[1]
                for word, unit in learned.items()}

    def _links(self, rest, least):
        """{word: unit} of those that are each other's best partner."""
        ours, theirs, both = Counter(), Counter(), Counter()
        for words, target in rest:
            units = self._units(target)
            ours.update(words)
            theirs.update(units)
            both.update((w, u) for w in words for u in units)
        dice = {(w, u): (2 * n / (ours[w] + theirs[u]), n, len(u), u)
                for (w, u), n in both.items() if n > 1}
        best = {}
        for (w, u), score in dice.items():
            best[w] = max(best.get(w, (0,)), score)
            best["to", u] = max(best.get(("to", u), (0,)), (score[0], w))
        return {w: score[3] for w, score in best.items()
                if isinstance(w, str) and score[0] >= least
                and best["to", score[3]][1] == w}

    def _without(self, words, target, links):
        """A pair from which what is explained has been taken out."""
        for word in sorted(words & links.keys()):
            shorter = self._taken_out(links[word], target)
            if shorter != target:
                words, target = words - {word}, shorter
        return words, target

    def _taken_out(self, unit, text):
        """The text without the unit: a whole word, or Chinese anywhere."""
        if not unit:
            return text
        unit = re.escape(unit)
        if self.language == "de":
            unit = rf"(?i)\b{unit}\b"
        return re.sub(unit, "\n", text, count=1)

    def _units(self, text):
        """What a target is made of: words, or strings of Chinese."""
        if self.language == "de":  # capitals come with the sentence's start
            return set(re.findall(r"[^\W\d]+", text.lower()))
        return {run[i:i + n] for run in re.findall(r"[\u4e00-\u9fff]+", text)
                for n in range(1, 5) for i in range(len(run) - n + 1)}

    def _split(self, text):
        """(words, their entry or None) of a text, longest entries first."""
        words = re.findall(r"[\w']+|[.,?!]", text)
        at = 0
        while at < len(words):
            for n in range(min(self.longest, len(words) - at), 0, -1):
                key = " ".join(words[at:at + n])
                entry = self.entries.get(key.lower())
                if entry is not None or n == 1:
                    yield key, entry
                    at += n
                    break

    def __call__(self, text):
        """The text word by word, with the other language's full stops."""
        out = [word if entry is None else entry
               for word, entry in self._split(text)]
        if self.language == "zh":
            marks = str.maketrans(MARKS, "\u3002\uff0c\uff1f\uff01")
            return "".join(out).translate(marks)
        joined = re.sub(r" ([.,?!])", r"\1", " ".join(filter(None, out)))
        return re.sub(r"(^|[.?!] )(\w)", lambda m: m[1] + m[2].upper(),
                      joined)


# ---- summaries: sentences of the report itself

def sentences(text):
    """A text's sentences, each with its full stop (5.1.1)."""
    return re.findall(r"[^.?!]+[.?!]", text.replace("\n", " "))


def first_sentences(text, n=1):
    """Baseline: the first n sentences of a report (the lead) (5.1.2)."""
    return "".join(sentences(text)[:n]).strip()


def best_lead(pairs, most=5):
    """How many first sentences score highest on training pairs (chrF)."""
    return max(range(1, most + 1), key=lambda n: chrf(
        [(target, first_sentences(text, n)) for text, target in pairs]))


# ---- sentiment: a bag of words; negation and unseen words apart

UNSEEN = {"positive": ("splendid", "marvellous", "terrific", "outstanding",
                       "gorgeous", "enjoyable"),
          "negative": ("lousy", "dire", "tedious", "pathetic", "abysmal",
                       "mediocre")}


def bag_of_words(pairs):
    """Baseline: logistic regression on which words a review holds (5.1.3).

    pairs: of `training_pairs("sentiment", ...)`. Returns a function of a
    list of reviews that gives a list of "positive" or "negative".
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    model = make_pipeline(
        CountVectorizer(binary=True, token_pattern=r"[\w']+"),
        LogisticRegression(C=1.0, max_iter=1000))
    texts, labels = zip(*pairs)
    model.fit(list(texts), list(labels))
    return lambda reviews: [str(y) for y in model.predict(list(reviews))]


def sentiment_tests(rows, seed=0):
    """Held-out reviews, sorted by what makes them hard (5.1.3).

    rows: of `load_heldout("sentiment")`. Returns a dict of lists of
    (review, truth): "plain" has no "not" in it, "negation" has one,
    "unseen words" are the plain ones with each word of praise or blame
    replaced by one of the same kind that stands in no word list of the
    world (`UNSEEN`): what remains to go by is how the review is built.
    """
    rng = np.random.default_rng(seed)
    kind = _opinion_words()
    tests = {"plain": [], "negation": [], "unseen words": []}
    for row in rows:
        review, truth = plain(row), row["target"]
        if re.search(r"\bnot\b", review):
            tests["negation"].append((review, truth))
            continue
        tests["plain"].append((review, truth))
        changed = re.sub(
            r"\b(an? )?([a-z]+)\b", lambda m: _swap(m, kind, rng), review)
        if changed != review:
            tests["unseen words"].append((changed, truth))
    return tests


def _swap(match, kind, rng):
    if match[2] not in kind:
        return match[0]
    word = str(rng.choice(UNSEEN[kind[match[2]]]))
    article = match[1] and ("an " if word[0] in "aeiou" else "a ")
    return (article or "") + word


def _opinion_words():
    """{word: "positive" or "negative"} of the world's reviews."""
    path = files.data_file("t5_world/reviews.csv")
    with open(path, encoding="utf-8", newline="") as file:
        return {row["text"]: row["kind"] for row in csv.DictReader(file)
                if row["role"] == "word"}


# ---- questions: the nearest sentence

def answer_by_overlap(text, pick="longest"):
    """Baseline: the sentence that shares most words with the question (5.1.4).

    text: "question: ... context: ...". Of the sentence's runs of words that
    the question lacks one is the answer, `pick`: "longest", "first" or
    "last". Words that the question shares with many sentences count less.
    """
    question, _, context = text.removeprefix("question: ").partition(
        " context: ")
    said = [re.findall(r"[\w']+", s) for s in sentences(context)]
    asked = set(re.findall(r"[\w']+", question.lower()))
    in_how_many = Counter(w for s in said for w in {x.lower() for x in s})

    def overlap(sentence):
        words = {w.lower() for w in sentence}
        return sum(1 / in_how_many[w] for w in words & asked)

    best = max(said, key=overlap)
    runs = [[]]
    for word in best:
        if word.lower() in asked:
            runs.append([])
        else:
            runs[-1].append(word)
    runs = [" ".join(run) for run in runs if run] or [""]
    return {"first": runs[0], "last": runs[-1],
            "longest": max(runs, key=len)}[pick]


def tune_picks(pairs):
    """For each first word of a question the best `pick` in training (5.1.4).

    pairs: of `training_pairs("qa", ...)`. Returns a dict for
    `answer_by_tuned_overlap`.
    """
    right = Counter()
    for text, target in pairs:
        for pick in ("longest", "first", "last"):
            right[_asks(text), pick] += answer_by_overlap(
                text, pick) == target
    return {word: max(("longest", "first", "last"),
                      key=lambda pick: right[word, pick])
            for word in {word for word, _ in right}}


def answer_by_tuned_overlap(text, picks):
    """A harder baseline: the pick depends on the question's first word."""
    return answer_by_overlap(text, picks.get(_asks(text), "longest"))


def _asks(text):
    return text.removeprefix("question: ").split()[0]
