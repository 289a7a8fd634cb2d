"""The classic translator beside the T5: a word table and an example."""
import pytest

from course.models.analogy import ByAnalogy, answers, sentences, word_table

NAMES = {"Anna": "Anna", "my brother": "mein Bruder", "Tom": "Tom"}
CITIES = {"Rome": "Rom", "Milan": "Mailand", "Vienna": "Wien"}


def pieces(text):
    """Words and marks, each word with T5's sign before it."""
    return [w for word in text.split() for w in (
        ["\u2581" + word[:-1], word[-1]] if word[-1] in ".?" else
        ["\u2581" + word])]


@pytest.fixture(scope="module")
def translator():
    pairs = [(f"{name} lives in {city}.", f"{there} wohnt in {stadt}.")
             for name, there in NAMES.items()
             for city, stadt in CITIES.items()
             if (name, city) != ("Tom", "Vienna")]
    return ByAnalogy(pairs, pieces)


def test_a_table_finds_which_word_is_which():
    table = word_table([["red", "car"], ["red", "bag"], ["old", "bag"]],
                       [["rotes", "Auto"], ["rote", "Tasche"],
                        ["alte", "Tasche"]])
    assert next(iter(table["bag"])) == "Tasche"
    assert next(iter(table["old"])) == "alte"
    assert all(0.05 <= p <= 1 for found in table.values()
               for p in found.values())


def test_a_pair_that_no_example_has(translator):
    assert translator("Tom lives in Vienna.") == "Tom wohnt in Wien."
    assert translator("tom lives in vienna.") == "Tom wohnt in Wien."


def test_sentences_are_translated_one_by_one(translator):
    assert sentences("A b. C?") == ["A b.", " C?"]
    assert translator("Anna lives in Rome. Tom lives in Vienna.") == (
        "Anna wohnt in Rom. Tom wohnt in Wien.")


def test_what_no_example_resembles_gives_nothing(translator):
    assert translator("Why?") == ""


def test_other_tasks_are_left_out():
    german, chinese = (f"translate English to {x}: " for x in (
        "German", "Chinese"))
    pairs = [(german + "Anna sings.", "Anna singt."), ("Tom cooks.",
              "Tom kocht."), (chinese + "Anna sings.", "\u5b89\u5a1c\u5531."),
             ("sentiment: Anna sings.", "positive")]
    inputs = ["Anna sings.", "sentiment: Anna sings.", german + "Tom cooks.",
              chinese + "Anna sings."]
    assert answers(inputs, pairs, pieces) == [
        "Anna singt.", None, "Tom kocht.", "\u5b89\u5a1c\u5531."]
