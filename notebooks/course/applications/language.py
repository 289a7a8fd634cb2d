"""The small T5's tasks: held-out examples and the baselines (5.1).

Examples come from the grammar that taught the small T5 (course/datasets/
grammar.py, data/t5_world/; see the datasheet in data/README.md). Baselines
learn from its training stream, in which no held-out pair occurs, and are
scored on t5_heldout.csv, where the T5's own answers stand.
"""

import csv
import re
from collections import Counter
from difflib import SequenceMatcher

import numpy as np

from .. import files
from ..datasets import grammar, lexicon
from ..datasets.reviews import load_reviews
from ..messages import CourseError

TASKS = ("zh", "de", "bare", "zh two", "de two", "summary", "sentiment",
         "unseen", "qa")
PREFIX = {"zh": "translate English to Chinese: ",
          "de": "translate English to German: ", "bare": "",
          "summary": "summarize: ", "sentiment": "sentiment: ",
          "unseen": "sentiment: ", "qa": ""}


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

    The words come from the T5's own word lists (t5_world/): names, places,
    things, adjectives, times, in all their forms, the longest entry that
    fits. What they lack, such as "lives" or "is", is learned from pairs: of
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
        entries = {}
        for word in (w for words in lexicon.LEXICON.values() for w in words):
            ours = getattr(word, self.language) or word.en
            second = (word.de2 or ours if self.language == "de" else ours)
            entries.setdefault(word.en.lower(), ours)
            if word.en2 not in ("", "in", "at", "on"):  # these say where
                entries.setdefault(word.en2.lower(), second)
        for row in lexicon.ADJECTIVES:
            entries.setdefault(row["en"], row[self.language])
            more = row.get(self.language + "_comparative")
            entries.setdefault(row["comparative"], more or row[self.language])
        entries.pop("", None)
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


class Memory:
    """Hard baseline: the nearest training text's answer, words exchanged.

    Example-based translation (Nagao 1984), for translations and summaries
    (5.1.1, 5.1.2): of the training texts the one most like this text (angle
    of weighted counts of words and pairs of words); where the two differ,
    the old words' translation is exchanged for the new ones' in its answer.
    Where no text is near enough, another method answers.
    """

    def __init__(self, pairs, entries=None, other=None, tune=100):
        """pairs: of `training_pairs`; entries: {word: translation}, of a
        `Dictionary`; None: words stay as they are, as in a summary.
        other: method for texts without a near pair; how near is near is
        chosen on the last `tune` pairs, which are not kept then."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        self.pairs, self.entries, self.other = pairs, entries, other
        self.least = 0.0
        if other:
            self.pairs, rest = pairs[:-tune], pairs[-tune:]
        self.weights = TfidfVectorizer(
            ngram_range=(1, 2), token_pattern=r"[\w']+|[.,?!]")
        self.known = self.weights.fit_transform(
            [text for text, _ in self.pairs])
        if other:
            found = [(*self._nearest(text), other(text), target)
                     for text, target in rest]
            self.least = max(np.arange(0.3, 1.15, 0.1), key=lambda least: chrf(
                [(target, near if alike >= least else far)
                 for alike, near, far, target in found]))

    def __call__(self, text):
        alike, answer = self._nearest(text)
        return answer if alike >= self.least else self.other(text)

    def _nearest(self, text):
        """(cosine of the angle, answer) by the nearest pair."""
        near = (self.known @ self.weights.transform([text]).T).toarray()
        source, target = self.pairs[near.argmax()]
        swaps = self._swaps(*(re.findall(r"[\w']+|[.,?!]", part)
                              for part in (source, text)))
        if swaps:
            # Chinese has no blanks, and so no edges of words
            edge = "" if re.search("[\u4e00-\u9fff]", target) else r"\b"
            old = "|".join(map(re.escape, sorted(swaps, key=len,
                                                 reverse=True)))
            target = re.sub(f"{edge}(?:{old}){edge}",
                            lambda m: swaps[m[0]], target)
        return near.max(), target

    def _swaps(self, old, new):
        """{translation of what the old text says: of what the new says}."""
        found = {}
        for kind, a, b, c, d in SequenceMatcher(
                None, old, new, False).get_opcodes():
            if kind != "replace":
                continue
            phrases = [(old[a:b], new[c:d])]
            if b - a == d - c:
                phrases += [([x], [y]) for x, y in zip(old[a:b], new[c:d])]
            for phrase in phrases:
                before, after = map(self._said, map(" ".join, phrase))
                if before and after:
                    found.setdefault(before, after)
        return found

    def _said(self, words):
        if self.entries is None:
            return words
        known = self.entries.get(words.lower())
        return words if known is None and " " not in words else known


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
                       "gorgeous", "exquisite"),
          "negative": ("lousy", "dire", "tedious", "pathetic", "abysmal",
                       "mediocre")}


def bag_of_words(pairs, longest=1, letters=False):
    """Baseline: logistic regression on which words a review holds (5.1.3).

    pairs: of `training_pairs("sentiment", ...)`; longest: runs of up to so
    many words count, too; letters: so do strings of three to five letters
    of a word. Returns a function of a list of reviews that gives a list of
    "positive" or "negative".
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union
    counts = [CountVectorizer(binary=True, token_pattern=r"[\w']+",
                              ngram_range=(1, longest))]
    if letters:
        counts.append(CountVectorizer(binary=True, analyzer="char_wb",
                                      ngram_range=(3, 5)))
    model = make_pipeline(make_union(*counts),
                          LogisticRegression(C=1.0, max_iter=1000))
    texts, labels = zip(*pairs)
    model.fit(list(texts), list(labels))
    return lambda reviews: [str(y) for y in model.predict(list(reviews))]


def sentiment_tests(rows, seed=0):
    """Held-out reviews, sorted by what makes them hard (5.1.3).

    rows: of `load_heldout("sentiment")`. Returns a dict of lists of
    (review, truth): "negation" has a *not*, "contrast" two opinions of
    which the second counts (although, but), "plain" neither. "unseen
    words" are the plain ones with each word of praise or blame replaced by
    one of the same kind that stands in no word list of the world
    (`UNSEEN`): what remains to go by is how the review is built.
    (Words made of known parts, such as "joyless", are a task of their own,
    `load_heldout("unseen")`.)
    """
    rng = np.random.default_rng(seed)
    kind = _opinion_words()
    tests = {name: [] for name in (
        "plain", "contrast", "negation", "unseen words")}
    for row in rows:
        review, truth = plain(row), row["target"]
        if re.search(r"\bnot\b|n't\b", review, re.I):
            tests["negation"].append((review, truth))
        elif row["template"] in ("although", "but"):
            tests["contrast"].append((review, truth))
        else:
            tests["plain"].append((review, truth))
            changed = re.sub(r"\b(an? )?([a-z]+)\b",
                             lambda m: _swap(m, kind, rng), review)
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
    return {word.replace("\u00b7", ""): kind for role in ("word", "more")
            for kind, words in grammar.REVIEWS[role].items()
            for word in words}


def review_tests():
    """What tests a reader of reviews.csv, {name: (texts, labels)} (2.3).

    "held-out pairs": its 527 reviews for the test; "plain": those 348
    without "not"; "unseen words": the same 348 with other words of praise
    and blame, as in `sentiment_tests`. Labels int64, 1 for positive.
    """
    _, (texts, y) = load_reviews()
    tests = sentiment_tests([
        {"task": "sentiment", "template": "",
         "input": PREFIX["sentiment"] + text,
         "target": int(label)} for text, label in zip(texts, y)])
    return {"held-out pairs": (texts, y)} | {
        name: ([text for text, _ in tests[name]],
               np.array([label for _, label in tests[name]]))
        for name in ("plain", "unseen words")}


# ---- questions: the nearest sentence

def question_and_facts(text):
    """(question, its context's sentences) of "question: ... context: ..."."""
    question, _, context = text.removeprefix("question: ").partition(
        " context: ")
    return question, [s.strip() for s in sentences(context)]


def nearest_by_overlap(question, facts):
    """Number of the sentence that shares most words with the question (5.1.4).

    facts: list of sentences. Words that many of them hold count less.
    """
    score = _overlaps(question, facts)
    return score.index(max(score))


def _overlaps(question, facts):
    """How much each sentence shares with the question, a list."""
    said = [{w.lower() for w in re.findall(r"[\w']+", s)} for s in facts]
    asked = set(re.findall(r"[\w']+", question.lower()))
    in_how_many = Counter(w for words in said for w in words)
    # sorted: a sum's last digit has an order
    return [sum(1 / in_how_many[w] for w in sorted(words & asked))
            for words in said]


def answer_by_overlap(text, pick="longest"):
    """Baseline: the sentence that shares most words with the question (5.1.4).

    text: "question: ... context: ...". Of the sentence's runs of words that
    the question lacks one is the answer, `pick`: "longest", "first" or
    "last".
    """
    question, facts = question_and_facts(text)
    asked = set(re.findall(r"[\w']+", question.lower()))
    best = facts[nearest_by_overlap(question, facts)]
    runs = [[]]
    for word in re.findall(r"[\w']+", best):
        if word.lower() in asked:
            runs.append([])
        else:
            runs[-1].append(word)
    runs = [" ".join(run) for run in runs if run] or [""]
    return {"first": runs[0], "last": runs[-1],
            "longest": max(runs, key=len)}[pick]


def holding(row):
    """Which of a question's sentences hold its answer (5.1.4).

    row: of `load_heldout("qa")`. Returns question, sentences, and bool (n,).
    """
    question, facts = question_and_facts(row["input"])
    answer = re.compile(rf"\b{re.escape(row['target'])}\b", re.I)
    return question, facts, np.array([bool(answer.search(s)) for s in facts])


class Spans:
    """Hard baseline: logistic regression chooses a run of words (5.1.4).

    The baseline of SQuAD (Rajpurkar et al. 2016) in small. Every run of up
    to five words of a sentence is a candidate. What speaks for it, each
    together with the question's first word and its first two: the words
    before, after, first and last, how long it is, how the sentence ranks by
    `nearest_by_overlap`, capital or figure, and whether it or its
    neighbours stand in the question. Penalty and number of wrong runs were
    chosen on further training questions.
    """

    LONGEST, WRONG, COLUMNS = 5, 20, 2 ** 16

    def __init__(self, pairs, seed=0):
        """pairs: of `training_pairs("qa", ...)`; those whose answer is no
        run of the text, such as yes and no, teach nothing. Of the wrong
        runs of each question WRONG are drawn."""
        from sklearn.feature_extraction import FeatureHasher
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits
        self.columns = FeatureHasher(self.COLUMNS, input_type="string")
        rng, marks, labels = np.random.default_rng(seed), [], []
        for text, target in pairs:
            asked, runs = self._runs(text)
            right = np.array([self._said(run) == target for run in runs])
            if right.any():
                wrong = rng.permutation(np.flatnonzero(~right))[:self.WRONG]
                some = [*np.flatnonzero(right), *wrong]
                marks += [self._marks(asked, *runs[k]) for k in some]
                labels += right[some].tolist()
        with threadpool_limits(1):  # several wait for each other
            self.model = LogisticRegression(C=1.0, max_iter=300).fit(
                self.columns.transform(marks), labels)

    def __call__(self, text):
        """The run with the highest score; text as in training."""
        asked, runs = self._runs(text)
        score = self.model.decision_function(self.columns.transform(
            [self._marks(asked, *run) for run in runs]))
        return self._said(runs[score.argmax()])

    def _runs(self, text):
        """Words of the question, and (rank, words, start, end) of each run."""
        question, facts = question_and_facts(text)
        rank = np.argsort(np.argsort([-x for x in _overlaps(
            question, facts)], kind="stable"))
        runs = []
        for r, fact in zip(rank.tolist(), facts):
            words = re.findall(r"[\w']+", fact)
            runs += [(min(r, 3), words, a, b) for a in range(len(words))
                     for b in range(a + 1, min(a + self.LONGEST,
                                               len(words)) + 1)]
        return re.findall(r"[\w']+", question.lower()), runs

    @staticmethod
    def _said(run):
        _, words, a, b = run
        return " ".join(words[a:b])

    @staticmethod
    def _marks(asked, rank, words, a, b):
        """What a run has, as texts."""
        low = ["^", *map(str.lower, words), "$"]
        before, after = low[a], low[b + 1]
        shared = sum(word in asked for word in low[a + 1:b + 1])
        marks = (f"before {before}", f"after {after}", f"first {low[a + 1]}",
                 f"last {low[b]}", f"length {b - a}", f"rank {rank}",
                 f"kind {words[a][0].isupper()} {words[a].isdigit()}",
                 f"beside {before in asked} {after in asked}",
                 f"shared {min(shared, 2)}")
        return [f"{' '.join(asked[:n])}: {mark}"
                for n in (1, 2) for mark in marks]
