"""The small T5: its proof, its tokenizer, its training, its scores.

Nothing here needs PyTorch. The model is loaded once, by the document's two
lines.
"""
import csv
import json
import re
import sys

import numpy as np
import pytest

from ci import ROOT

DATA = ROOT / "data"
sys.path.insert(0, str(DATA))

import evaluate_t5_tiny as evaluate  # noqa: E402
import make_t5_tiny as recipe_of  # noqa: E402

from course.datasets import grammar, lexicon  # noqa: E402

CHECKPOINT = DATA / "t5-tiny"
WORDS = {(slot, word.en): word for slot, words in lexicon.LEXICON.items()
         for word in words}


# --- the proof ---------------------------------------

class Here:
    """In place of a pool of processes: this one, which can be patched."""

    def __init__(self, *_, **__):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    map = staticmethod(map)


def test_the_proof_draws_what_training_draws():
    rows = [row for task in grammar.HELD_OUT_TASKS
            for row in grammar.held_out_examples(task, 60, evaluate.SEED)]
    small = recipe_of.RECIPE | {"steps": 100}
    examples, pairs, met = evaluate.prove_disjoint(rows, small)
    assert examples > 16_000 and pairs > 5_000 and len(met) < 3


def test_proof_notices_a_leak():
    source = grammar.training_examples(
        recipe_of.pool_seed(recipe_of.RECIPE, 0), 5)[3][0]
    small = recipe_of.RECIPE | {"steps": 0}
    *_, met = evaluate.prove_disjoint([{"input": source}], small)
    assert met == {source}


def test_proof_notices_a_held_out_pair(monkeypatch):
    """Seen red: a pair of training that counts as held out."""
    source = (recipe_of.pool_seed(recipe_of.RECIPE, 0), 5, False)
    *_, pairs = next(grammar.training_stream(*source))
    monkeypatch.setattr(evaluate, "seen_in",
                        lambda *_, **__: (5, set(pairs), set()))
    monkeypatch.setattr(evaluate.grammar, "is_held_out",
                        lambda pair: pair == pairs[0])
    monkeypatch.setattr(evaluate, "ProcessPoolExecutor", Here)
    small = recipe_of.RECIPE | {"steps": 0}
    with pytest.raises(AssertionError, match="held-out pairs"):
        evaluate.prove_disjoint([], small)


def test_proof_notices_a_word_kept_for_the_test(monkeypatch):
    kept = grammar.REVIEWS["unseen"] | {"positive": ["wonder\u00b7ful"]}
    monkeypatch.setitem(grammar.REVIEWS, "unseen", kept)
    monkeypatch.setattr(evaluate, "ProcessPoolExecutor", Here)
    small = recipe_of.RECIPE | {"steps": 0}
    with pytest.raises(AssertionError, match="trained on"):
        evaluate.prove_disjoint([], small)


# --- tokenizer and model ---------------------------------------

@pytest.fixture(scope="module")
def loaded():
    """tokenizer, model, by the document's two lines."""
    import course  # noqa: F401  silent import of TensorFlow
    return evaluate.load(CHECKPOINT)


def test_tokenizer_keeps_all_but_runs_of_blanks(loaded):
    """One blank for each run, none at the ends: so people's double blanks
    and line ends make no difference to the model."""
    tokenizer, _ = loaded
    for text, kept in [("two  blanks", "two blanks"), (" a\tb\n", "a b"),
                       ("a\u00a0b \u2003 c", "a b c"), ("   ", ""),
                       ("one\n\ntwo", "one two")]:
        ids = tokenizer(text).input_ids
        assert tokenizer.decode(ids, skip_special_tokens=True) == kept
    assert (tokenizer("Where  is the\n bank?").input_ids
            == tokenizer("Where is the bank?").input_ids)


def test_tokenizer_keeps_everything_else(loaded):
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
    for word in lexicon.LEXICON["name"]:
        assert len(tokenizer.tokenize(word.en)) == 1, word
        assert len(tokenizer.tokenize(word.zh)) <= 2, word


def test_words_of_praise_are_cut_into_stem_and_ending(loaded):
    """So that others with the same parts can be read."""
    tokenizer, _ = loaded
    assert [piece.strip("\u2581") for piece in tokenizer.tokenize(
        "wonderful joyless uninspiring")] == [
            "wonder", "ful", "joy", "less", "un", "inspir", "ing"]


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
    """All of it, but for the inputs that training met by another rule."""
    drawn = [tuple(row[name] for name in evaluate.COLUMNS[:4])
             for row in evaluate.held_out_rows()]
    file = [tuple(row[name] for name in evaluate.COLUMNS[:4])
            for row in held_out()]
    left = set(drawn) - set(file)
    assert file == [row for row in drawn if row not in left]
    page = (DATA / "README.md").read_text(encoding="utf-8")
    assert f"{len(left)} of the {len(drawn):,} held-out inputs" in page


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


def test_the_log_is_of_one_whole_run():
    """Steps rise to the recipe's last; the seconds with them."""
    with open(DATA / "t5_log.csv", encoding="utf-8", newline="") as file:
        log = list(csv.DictReader(file))
    steps = [int(row["step"]) for row in log]
    every = recipe_of.RECIPE["check_every"]
    assert steps == list(range(every, recipe_of.RECIPE["steps"] + 1, every))
    seconds = [int(row["seconds"]) for row in log]
    assert seconds == sorted(seconds) and seconds[-1] <= 7200
    assert float(log[-1]["loss"]) < float(log[0]["loss"])


def test_plain_sentences_have_their_parts():
    rows = evaluate.read_csv(evaluate.PLAIN)
    parts = [row["part"] for row in rows]
    assert (parts.count("first"), parts.count("second")) == (50, 50)
    assert len({row["input"] for row in rows}) == 100
    for habit in evaluate.HABITS[1:]:
        changed = [evaluate.typed(row["input"], habit) != row["input"]
                   for row in rows]
        assert any(changed)
    assert evaluate.typed("sentiment: I am here.", "in capitals") == (
        "sentiment: I AM HERE.")
