"""The small T5: its world, its split, its tokenizer, its scores.

Nothing here needs PyTorch. The model is loaded once, by the document's two
lines.
"""
import csv
import json
import random
import re
import sys

import numpy as np
import pytest

from ci import ROOT

DATA = ROOT / "data"
sys.path.insert(0, str(DATA))

import evaluate_t5_tiny as evaluate  # noqa: E402
import make_t5_tiny as recipe_of  # noqa: E402

from course.datasets import grammar  # noqa: E402

CHECKPOINT = DATA / "t5-tiny"
WORDS = {(slot, word.en): word for slot, words in grammar.LEXICON.items()
         for word in words}


# --- the grammar ---------------------------------------

def sentence(template, **words):
    """A sentence with chosen words in the three languages."""
    example = grammar.Example(random.Random(0))
    for slot, word in words.items():
        kind = slot.removesuffix("2")
        example.values[slot] = (WORDS.get((kind, word))
                                or grammar.same_everywhere(word))
    row = grammar.TEMPLATES[template]
    return tuple(example.render(template, row[language], language)
                 for language in ("en", "zh", "de"))


HAND_CHECKED = [
    ("greet_my_name_is", {"greet": "Hello", "name": "John"},
     "Hello, my name is John.", "你好，我叫约翰。",
     "Hallo, mein Name ist John."),
    ("name_is_job_in", {"name": "Mary", "job": "doctor", "city": "Munich"},
     "Mary is a doctor in Munich.", "玛丽在慕尼黑当医生。",
     "Mary ist Ärztin in München."),
    ("name_is_job", {"name": "Zorvanko", "job": "engineer"},
     "Zorvanko is an engineer.", "Zorvanko是工程师。",
     "Zorvanko ist Ingenieur."),
    ("relative_is_job", {"rel": "my aunt", "job": "farmer"},
     "My aunt is a farmer.", "我的阿姨是农民。", "Meine Tante ist Bäuerin."),
    ("she_is_job", {"job": "police officer"},
     "She is a police officer.", "她是警察。", "Sie ist Polizistin."),
    ("this_is_my_friend", {"name": "Lucy"},
     "This is my friend Lucy.", "这是我的朋友露西。",
     "Das ist meine Freundin Lucy."),
    ("this_is_my_friend", {"name": "Tom"},
     "This is my friend Tom.", "这是我的朋友汤姆。",
     "Das ist mein Freund Tom."),
    ("i_would_like_to_buy", {"attr": "old", "thing": "umbrella"},
     "I would like to buy an old umbrella.", "我想买一把旧雨伞。",
     "Ich möchte einen alten Regenschirm kaufen."),
    ("i_am_looking_for", {"color": "red", "thing": "bag"},
     "I am looking for a red bag.", "我在找一个红色的包。",
     "Ich suche eine rote Tasche."),
    ("i_am_looking_for", {"color": "white", "thing": "shirt"},
     "I am looking for a white shirt.", "我在找一件白色的衬衫。",
     "Ich suche ein weißes Hemd."),
    ("coloured_thing_costs", {"color": "black", "thing": "hat",
                              "price": "347"},
     "The black hat costs 347 euros.", "这顶黑色的帽子347欧元。",
     "Der schwarze Hut kostet 347 Euro."),
    ("i_have_coloured_things", {"num": "two", "color": "blue",
                                "thing": "chair"},
     "I have two blue chairs.", "我有两把蓝色的椅子。",
     "Ich habe zwei blaue Stühle."),
    ("i_do_not_have", {"thing": "ticket"},
     "I do not have a ticket.", "我没有票。", "Ich habe keine Fahrkarte."),
    ("i_would_like_food", {"food": "bread"},
     "I would like some bread, please.", "请给我一些面包。",
     "Ich hätte gern etwas Brot, bitte."),
    ("food_tastes_good", {"food": "fish"},
     "The fish tastes very good.", "这条鱼味道很好。",
     "Der Fisch schmeckt sehr gut."),
    ("place_next_to_place", {"place": "museum", "place2": "post office"},
     "The museum is next to the post office.", "博物馆在邮局旁边。",
     "Das Museum ist neben der Post."),
    ("going_by_transport", {"city": "Vienna", "trans": "train"},
     "I am going to Vienna by train.", "我坐火车去维也纳。",
     "Ich fahre mit dem Zug nach Wien."),
    ("name_does_not_like_act", {"name": "Eva", "act": "playing chess"},
     "Eva does not like playing chess.", "伊娃不喜欢下棋。",
     "Eva mag es nicht, Schach zu spielen."),
    ("birthday_on_date", {"month": "May", "dom": "5"},
     "My birthday is on May 5.", "我的生日是5月5日。",
     "Mein Geburtstag ist am 5. Mai."),
    ("favourite_colour", {"color": "green"},
     "My favourite colour is green.", "我最喜欢的颜色是绿色。",
     "Meine Lieblingsfarbe ist Grün."),
]


@pytest.mark.parametrize("template,words,en,zh,de", HAND_CHECKED)
def test_sentence_is_right_in_three_languages(template, words, en, zh, de):
    assert sentence(template, **words) == (en, zh, de)


def test_world_is_as_large_as_promised():
    assert len(grammar.SENTENCES) >= 65
    trilingual = {(word.en, word.zh, word.de) for word in WORDS.values()
                  if word.en and word.zh and word.de}
    assert len(trilingual) >= 350
    assert len(grammar.REPORTS) == 6


def test_rows_have_what_their_slots_need():
    for (slot, _), word in WORDS.items():
        if slot in ("thing", "goods"):
            assert word.en2 and word.de2 and word.measure, word
        if slot in ("thing", "goods", "food", "place", "trans"):
            assert word.gender in ("m", "f", "n"), word
        if slot in ("name", "rel"):
            assert word.gender in ("m", "f"), word
        if slot in ("job", "act"):
            assert word.de2, word
    for row in grammar.TEMPLATES.values():
        slots = [{part.split(":")[0].split()[-1]
                  for part in re.findall(r"{(.*?)}", row[language])}
                 for language in ("en", "zh", "de")]
        assert slots[1] <= slots[0] and slots[2] - {"name"} <= slots[0]


def test_articles_dates_and_scores_are_possible():
    rng = random.Random(3)
    for _ in range(3000):
        for task in grammar.SHARES:
            source, target, _ = grammar.make(task, rng)
            assert not re.search(r"\b[Aa] [aeiouAEIOU](?!niv)", source)
            assert "{" not in source + target
            assert not re.search(r"February (29|30|31)", source)
            for high, low in re.findall(r"high of (\d+) .* low of (\d+)",
                                        target):
                assert int(high) > int(low)


def test_negation_turns_the_opinion():
    rng = random.Random(0)
    good = set(grammar.REVIEWS["word"]["positive"])
    seen = set()
    for _ in range(4000):
        text, target, _ = grammar.make("sentiment", rng, kind="clause")
        found = re.search(r"was not (\w+) at all", text)
        if found:
            seen.add(target)
            assert (found[1] in good) == (target == "negative"), text
    assert seen == {"positive", "negative"}


def test_contrast_ends_with_the_opinion_that_counts():
    rng = random.Random(1)
    for _ in range(2000):
        text, target, _ = grammar.make("sentiment", rng, kind="but")
        if "I love this" in text.split(", but ")[1]:
            assert target == "positive", text
        if "want my money back" in text.split(", but ")[1]:
            assert target == "negative", text


def test_question_has_one_answer():
    rng = random.Random(5)
    for _ in range(3000):
        source, answer, _ = grammar.make("qa", rng)
        context = source.split(" context: ")[1]
        assert answer.lower() in context.lower()
        asked = re.match(r"question: Who (?:lives in|speaks) (.*)\? ", source)
        if asked:
            facts = [fact for fact in context.split(". ")
                     if asked[1] in fact and ("speaks" in fact
                                              or "lives" in fact
                                              or "home" in fact)]
            assert len(facts) == 1, source


# --- the split ---------------------------------------

def test_no_training_example_has_a_held_out_pair():
    rows = [row for task in grammar.HELD_OUT_TASKS
            for row in grammar.held_out_examples(task, 60, evaluate.SEED)]
    small = recipe_of.RECIPE | {"steps": 500}
    assert not any(grammar.is_held_out(key) for _, _, keys in
                   grammar.training_stream("1 0", 2000) for key in keys)
    examples, pairs = evaluate.prove_disjoint(rows, small)
    assert examples > 16_000 and pairs > 5_000


def test_proof_notices_a_leak():
    source = grammar.training_examples(
        recipe_of.pool_seed(recipe_of.RECIPE, 0), 5)[3][0]
    small = recipe_of.RECIPE | {"steps": 0}
    with pytest.raises(AssertionError, match="trained on"):
        evaluate.prove_disjoint([{"input": source}], small)


def test_the_documents_sentence_is_held_out():
    assert grammar.is_held_out("greet_my_name_is|name=John")


def test_every_word_keeps_two_templates():
    """A word that is held out everywhere could not be learnt."""
    left = {}
    for row in grammar.SENTENCES:
        for part in re.findall(r"{(.*?)}", row["en"]):
            for slot in part.split()[-2:]:
                slot = slot.removesuffix("2")
                for word in grammar.LEXICON.get(slot, []):
                    key = f"{row['id']}|{slot}={word.en}"
                    count = left.setdefault((slot, word.en), set())
                    if not grammar.is_held_out(key):
                        count.add(row["id"])
    assert min(map(len, left.values())) >= 2


# --- tokenizer and model ---------------------------------------

@pytest.fixture(scope="module")
def loaded():
    """tokenizer, model, by the document's two lines."""
    import course  # noqa: F401  silent import of TensorFlow
    return evaluate.load(CHECKPOINT)


def test_tokenizer_keeps_everything(loaded):
    tokenizer, _ = loaded
    texts = ["Ж 😀 naïve Ωμέγα 東京タワー ' \" # 12345 x=3.14", "Qixtuu-Łódź",
             "Zorvanko, Krabistu and Xiaoming", "a<b>c {d}", "¿Qué?"]
    for word in WORDS.values():
        texts += [form for form in word[:6] if form]
    for row in grammar.TEMPLATES.values():
        texts += [re.sub(r"{.*?}", "X", row[lang]) for lang in ("en", "zh")]
    for text in texts:
        ids = tokenizer(text).input_ids
        assert tokenizer.unk_token_id not in ids, text
        assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_words_of_the_lexicon_are_whole_pieces(loaded):
    tokenizer, _ = loaded
    for word in grammar.LEXICON["name"]:
        assert len(tokenizer.tokenize(word.en)) == 1, word
        assert len(tokenizer.tokenize(word.zh)) <= 2, word


def test_every_weight_of_the_file_arrives(loaded):
    from safetensors.numpy import load_file
    _, model = loaded
    weights = load_file(CHECKPOINT / "model.safetensors")
    arrived = {weight.name: weight.numpy() for weight in model.weights}
    assert len(arrived) == len(weights)
    left = list(arrived.values())
    for name, array in weights.items():
        wanted = array.astype(np.float32)
        same = [i for i, found in enumerate(left)
                if found.shape in (wanted.shape, wanted.T.shape)
                and (np.array_equal(found, wanted)
                     or np.array_equal(found, wanted.T))]
        assert same, name
        del left[same[0]]
    assert not left


def test_folder_is_small_and_complete():
    files = {path.name: path.stat().st_size for path in CHECKPOINT.iterdir()}
    assert set(files) == {"config.json", "model.safetensors",
                          "tokenizer.json", "tokenizer_config.json"}
    assert sum(files.values()) <= 8_000_000
    config = json.loads((CHECKPOINT / "config.json").read_text())
    assert config["max_length"] == 64


@pytest.mark.parametrize("text,answer", [
    ("translate English to Chinese: Hello, my name is John.",
     "你好，我叫约翰。"),
    ("translate English to German: Hello, my name is John.",
     "Hallo, mein Name ist John."),
    ("Hello, my name is John.", "Hallo, mein Name ist John."),
])
def test_the_documents_sentence(loaded, text, answer):
    tokenizer, model = loaded
    ids = tokenizer.encode(text, return_tensors="tf")
    out = model.generate(ids)
    assert tokenizer.decode(out[0], skip_special_tokens=True) == answer


# --- the scores ---------------------------------------

def held_out():
    with open(DATA / "t5_heldout.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_held_out_file_is_what_the_grammar_draws():
    drawn = [tuple(row[name] for name in evaluate.COLUMNS[:4])
             for row in evaluate.held_out_rows()]
    assert drawn == [tuple(row[name] for name in evaluate.COLUMNS[:4])
                     for row in held_out()]


def test_table_of_the_datasheet_is_computed_from_the_answers():
    page = (DATA / "README.md").read_text(encoding="utf-8")
    assert evaluate.table(held_out()) in page


def test_answers_of_the_table_are_the_models(loaded):
    """64 examples, drawn evenly over all tasks, are answered again."""
    rows = held_out()
    rows = rows[::len(rows) // 64][:64]
    answers = evaluate.answer_all(*loaded, [row["input"] for row in rows])
    same = sum(answer == row["answer"] for answer, row in zip(answers, rows))
    # another processor may decide a close call between two words otherwise
    assert same >= 62
