"""The T5's tasks: held-out examples, training pairs, baselines, scores."""
import re

import pytest

from course import CourseError
from course.applications import language
from course.datasets import grammar


@pytest.mark.parametrize("task", language.TASKS)
def test_held_out_rows_have_their_task(task):
    rows = language.load_heldout(task)
    assert len(rows) > 500 and {row["task"] for row in rows} == {task}
    prefix = language.PREFIX[task.split()[0]]
    assert all(row["input"].startswith(prefix) for row in rows)
    assert language.plain(rows[0]) == rows[0]["input"][len(prefix):]


def test_unknown_task_names_what_there_is():
    for call in (language.load_heldout,
                 lambda task: language.training_pairs(task, 1)):
        with pytest.raises(CourseError, match="'fr'.*zh, de, bare"):
            call("fr")


def pieces(task, pairs):
    """The pairs of template and word in texts, as the grammar notes them."""
    wanted, found = {text for text, _ in pairs}, set()
    stream = grammar.training_stream("baseline 0", 10 ** 9)
    for source, _, keys in stream:
        text = source.removeprefix(language.PREFIX[task])
        if text in wanted:
            wanted.discard(text)
            found.update(keys)
        if not wanted:
            return found


@pytest.mark.parametrize("task", ["zh", "de", "summary", "sentiment", "qa"])
def test_no_training_example_shares_a_held_out_template_pair(task):
    pairs = language.training_pairs(task, 300)
    assert len(pairs) == 300
    texts = {text for text, _ in pairs}
    rows = language.load_heldout(task)
    assert not texts & {language.plain(row) for row in rows}
    held_out = grammar.is_held_out
    keys = pieces(task, pairs)
    assert keys and not any(map(held_out, keys))
    # of freely drawn examples some would be held out: the proof can fail
    import random
    rng = random.Random(0)
    free = [grammar.make(task, rng)[2].keys for _ in range(100)]
    assert any(held_out(key) for some in free for key in some)


def test_training_pairs_follow_their_seed():
    a, b, c = (language.training_pairs("de", 20, seed) for seed in (0, 0, 1))
    assert a == b != c
    assert all(re.search("[a-zäöü]", target) for _, target in a)


# ---- scores


@pytest.mark.parametrize("task", ["zh", "de", "summary"])
def test_counts_add_up_to_the_librarys_chrf(task):
    rows = language.load_heldout(task)[:25]
    # answers of other rows: half right, wrong, too short, none
    said = [row["answer"] for row in rows[:15]] + [
        row["target"][:k] for k, row in enumerate(rows[15:])]
    pairs = [*zip((row["target"] for row in rows), said)]
    for some in (pairs, pairs[15:], [("abc", "xyz")], [("a", "")]):
        found = language.chrf_of(language.chrf_counts(some))
        assert abs(found - language.chrf(some)) < 1e-9


def test_chrf_and_exact_match():
    same = [("Hallo Welt.", "Hallo Welt."), ("Ja.", "Ja.")]
    assert language.chrf(same) == 100 and language.exact_match(same) == 1
    near = [("Ein roter Mantel.", "Eine rote Mantel.")]
    far = [("Ein roter Mantel.", "Wo ist Anna?")]
    assert 100 > language.chrf(near) > language.chrf(far)
    assert language.exact_match(near + same) == 2 / 3


# ---- the dictionary


@pytest.fixture(scope="module")
def german():
    return language.Dictionary("de", language.training_pairs("de", 1500))


def test_words_of_the_list_and_learned_ones(german):
    assert german("Anna is in Hamburg.") == "Anna ist in Hamburg."
    assert german("train station") == "Bahnhof"  # the longest entry
    assert german("Berlin and Zorvanko") == "Berlin und Zorvanko"
    assert german("24") == "24"
    assert german("") == ""


def test_word_by_word_keeps_the_english_order():
    chinese = language.Dictionary("zh", language.training_pairs("zh", 5000))
    said = chinese("Mary lives in Munich.")
    assert said.startswith("\u739b\u4e3d\u4f4f") and said.endswith(
        "\u6155\u5c3c\u9ed1\u3002")
    # Chinese says where before what; the dictionary can't
    said = chinese("Robert is a photographer in Munich.")
    assert said.index("\u6444\u5f71\u5e08") < said.index("\u6155")


def test_the_dictionary_is_good_but_no_translator(german):
    rows = language.load_heldout("de")
    pairs = [(row["target"], german(language.plain(row))) for row in rows]
    assert 65 < language.chrf(pairs) < 90
    assert 0.1 < language.exact_match(pairs) < 0.6


def test_the_nearest_pair_has_the_differing_words_exchanged(german):
    pairs = [("Anna lives in Berlin.", "Anna wohnt in Berlin."),
             ("The train is late.", "Der Zug hat Versp\u00e4tung.")]
    memory = language.Memory(pairs, german.entries)
    assert memory("Anna lives in Hamburg.") == "Anna wohnt in Hamburg."
    assert memory("The train is late.") == pairs[1][1]
    anna, tom, here = "\u5b89\u5a1c", "\u6c64\u59c6", "\u5728\u8fd9\u91cc\u3002"
    chinese = language.Memory([("Anna is here.", anna + here)], {
        "anna": anna, "tom": tom})
    assert chinese("Tom is here.") == tom + here
    report = language.Memory([("Eva ran in Rome.", "Eva ran.")])
    assert report("Tom ran in Oslo.") == "Tom ran."


def test_where_no_pair_is_near_the_other_method_answers(german):
    pairs = language.training_pairs("de", 400)
    memory = language.Memory(pairs, german.entries, german)
    assert 0 < memory.least
    far = "Zorvanko has blue elephants."
    assert memory(far) == german(far)
    near = memory.pairs[7][0]
    assert memory(near) == memory._nearest(near)[1]


# ---- summaries


def test_sentences_keep_their_marks():
    text = "It rained. Did it? Yes!"
    assert [s.strip() for s in language.sentences(text)] == [
        "It rained.", "Did it?", "Yes!"]
    assert language.first_sentences(text) == "It rained."
    assert language.first_sentences(text, 2) == "It rained. Did it?"


def test_lead_is_tuned_on_training():
    pairs = [("A b c. D e f. G h.", "A b c. D e f.")] * 3
    assert language.best_lead(pairs) == 2


# ---- sentiment


def test_reviews_are_sorted_by_what_is_hard():
    rows = language.load_heldout("sentiment")
    tests = language.sentiment_tests(rows)
    assert sum(len(tests[name]) for name in (
        "plain", "contrast", "negation")) == len(rows)
    assert all(re.search(r"\bnot\b|n't", review, re.I)
               for review, _ in tests["negation"])
    assert min(map(len, tests.values())) > 50
    assert 0.9 < len(tests["unseen words"]) / len(tests["plain"]) <= 1
    known = language._opinion_words()
    unseen = {word for words in language.UNSEEN.values() for word in words}
    assert not unseen & set(known)
    world = " ".join(text for text, _
                     in language.training_pairs("sentiment", 500))
    for review, _ in tests["unseen words"]:
        words = set(re.findall(r"[a-z]+", review.lower()))
        assert words & unseen and not words & set(known)
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]", review)
    assert not unseen & set(re.findall(r"[a-z]+", world))


def test_swapped_words_keep_their_kind():
    rows = [{"task": "sentiment", "template": "final", "target": "negative",
             "input": "sentiment: What a terrible film."}]
    (review, truth), = language.sentiment_tests(rows)["unseen words"]
    assert truth == "negative"
    word = review.removesuffix(" film.").split()[-1]
    assert word in language.UNSEEN["negative"]


def test_a_bag_of_words_fails_where_order_counts():
    predict = language.bag_of_words(language.training_pairs("sentiment", 800))
    tests = language.sentiment_tests(language.load_heldout("sentiment"))

    def right(kind):
        reviews, truth = zip(*tests[kind])
        said = predict(reviews)
        return sum(a == b for a, b in zip(said, truth)) / len(truth)

    assert right("plain") > 0.68 > right("negation")
    assert right("unseen words") < right("plain") - 0.05


def test_runs_of_words_see_what_a_bag_does_not():
    pairs = language.training_pairs("sentiment", 800)
    rows = language.load_heldout("sentiment")
    reviews, truth = zip(*language.sentiment_tests(rows)["negation"])
    right = [sum(a == b for a, b in zip(model(reviews), truth))
             for model in (language.bag_of_words(pairs),
                           language.bag_of_words(pairs, 3, letters=True))]
    assert right[1] > right[0]


# ---- questions

ASKED = ("question: Who lives in New York? context: Lisa speaks Greek. "
         "Minga lives in New York. Lisa lives in Rome.")


def test_the_nearest_sentence_answers():
    assert language.answer_by_overlap(ASKED) == "Minga"
    age = ("question: How old is Mary? context: Mary is 34 years old. "
           "Tom is 20 years old.")
    assert language.answer_by_overlap(age) == "34 years"
    assert language.answer_by_overlap(
        "question: Where does Tom live? context: The home of Tom is in "
        "Paris.", "last") == "is in Paris"
    assert language.answer_by_overlap(
        "question: Is it? context: It is.") == ""


def test_which_sentences_hold_the_answer():
    question, facts, holds = language.holding(
        {"input": ASKED, "target": "Minga"})
    assert question == "Who lives in New York?" and len(facts) == 3
    assert holds.tolist() == [False, True, False]
    assert language.nearest_by_overlap(question, facts) == 1
    yes = language.holding({"input": ASKED, "target": "yes"})[2]
    assert not yes.any()


def test_spans_are_chosen_by_what_stands_around_them():
    def question(who, town, other):
        return (f"question: Where does {who} live? context: {other} is a "
                f"town. {who} lives in {town} with a cat.")

    names, towns = ["Tom", "Eva", "Lisa", "Sam"], ["Rome", "Oslo", "Paris"]
    pairs = [(question(who, town, other), town) for who in names
             for town, other in zip(towns, towns[1:] + towns[:1])]
    spans = language.Spans(pairs + [(pairs[0][0], "no")])
    assert spans(question("Minga", "Berlin", "Kiel")) == "Berlin"


def test_spans_learn_more_than_overlap_knows():
    spans = language.Spans(language.training_pairs("qa", 500))
    rows = [row for row in language.load_heldout("qa")
            if row["target"] not in ("yes", "no")][:100]
    right = [sum(method(row["input"]) == row["target"] for row in rows)
             for method in (spans, language.answer_by_overlap)]
    assert right[0] > 1.5 * right[1]
