"""Measures data/t5-tiny on combinations it was never trained on.

    python data/evaluate_t5_tiny.py             # all of it, some minutes
    python data/evaluate_t5_tiny.py --no-proof  # without the slow proof

Runs in the learner's environment (TensorFlow, no PyTorch). It draws the
whole training stream again and proves that no held-out pair and no word kept
for the test occurs in it; leaves out inputs that another rule said there;
answers the held-out examples; writes them with the answers to data/t5_heldout.csv; and writes
the tables and the plain sentences into data/README.md between its markers.
"""
import argparse
import csv
import multiprocessing
import os
import re
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import make_t5_tiny as recipe_of
from ship import ship

from course.datasets import grammar, lexicon

HERE = Path(__file__).resolve().parent
CHECKPOINT = HERE / "t5-tiny"
HELD_OUT = HERE / "t5_heldout.csv"
PLAIN = HERE / "t5_plain_sentences.csv"
PEER = HERE / "t5_peer.csv"
DATASHEET = HERE / "README.md"
BEGIN, END = "<!-- t5-tiny:begin -->", "<!-- t5-tiny:end -->"
EXAMPLES_A_TASK = 560
SEED = 2026
BATCH = 64
LONGEST_ANSWER = 48  # pieces; two German sentences have 33 at most
COLUMNS = ["task", "template", "input", "target", "answer"]

TITLES = {"zh": "English to Chinese", "de": "English to German",
          "bare": "no prefix (into German)",
          "zh two": "two sentences to Chinese",
          "de two": "two sentences to German", "summary": "summary",
          "sentiment": "sentiment", "unseen": "sentiment, unseen words",
         "qa": "question answering"}
TARGETS = {"zh": 95, "de": 92, "bare": 95, "zh two": 90, "de two": 90,
           "summary": 97, "sentiment": 97, "unseen": 85, "qa": 95}


# --- held out means held out ---------------------------------------

def prove_disjoint(rows, recipe=recipe_of.RECIPE, progress=iter):
    """Draws all training examples again; raises if one is held out.

    rows: held-out examples. Returns (examples, pairs) of training, and the
    inputs of rows that another rule said there: "Where did he fly?" is a
    question for a place, and one with the verb alone. They are no test.
    """
    inputs = {row["input"] for row in rows}
    pools = range(recipe["steps"] // recipe["pool"] + 1)
    size = recipe["batch"] * recipe["pool"]
    streams = [(recipe_of.tokenizer_seed(recipe),
                recipe_of.TOKENIZER_SAMPLE, False)]
    streams += [(recipe_of.pool_seed(recipe, n), size,
                 recipe_of.is_late(recipe, n)) for n in pools]
    examples, pairs, met = 0, set(), set()
    with ProcessPoolExecutor(
            2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for n, keys, said in progress(pool.map(
                partial(seen_in, inputs=inputs), streams)):
            examples += n
            pairs |= keys
            met |= said
    held_out = [pair for pair in pairs if grammar.is_held_out(pair)]
    assert not held_out, f"held-out pairs in training: {held_out[:3]}"
    return examples, len(pairs), met


def seen_in(stream, inputs):
    """One part of the training stream -> its length, its pairs, and which
    of some inputs it holds; raises if it has a word kept for the test."""
    unseen = {word.replace("\u00b7", "") for words
              in grammar.REVIEWS["unseen"].values() for word in words}
    examples, pairs, met = 0, set(), set()
    for source, _, keys in grammar.training_stream(*stream):
        examples += 1
        pairs.update(keys)
        if source in inputs:
            met.add(source)
        if source.startswith("sentiment"):
            read = set(re.findall(r"\w+", source.lower()))
            assert not unseen & read, f"trained on: {source}"
    return examples, pairs, met


# --- answers ---------------------------------------

def load(checkpoint=CHECKPOINT):
    """The document's two lines -> tokenizer, model."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from transformers import AutoTokenizer, TFAutoModelForSeq2SeqLM
    tokenizer = AutoTokenizer.from_pretrained(str(checkpoint))
    model = TFAutoModelForSeq2SeqLM.from_pretrained(str(checkpoint))
    return tokenizer, model


def answer_all(tokenizer, model, inputs, progress=iter):
    """Greedy answers to all inputs, compiled: 64 at a time, few shapes."""
    import tensorflow as tf

    @tf.function(jit_compile=True)
    def generate(ids, mask):
        return model.generate(ids, attention_mask=mask, do_sample=False,
                              max_new_tokens=LONGEST_ANSWER)

    order = sorted(range(len(inputs)),
                   key=lambda i: len(tokenizer(inputs[i]).input_ids))
    answers = [None] * len(inputs)
    for start in progress(range(0, len(order), BATCH)):
        part = order[start:start + BATCH]
        texts = [inputs[i] for i in part]
        texts += [""] * (BATCH - len(texts))
        batch = tokenizer(texts, padding=True, pad_to_multiple_of=32,
                          return_tensors="tf")
        out = generate(batch.input_ids, batch.attention_mask)
        texts = tokenizer.batch_decode(out, skip_special_tokens=True)
        for i, text in zip(part, texts):
            answers[i] = text
    return answers


# --- scores ---------------------------------------

def interval(share, n):
    """Wilson's 95% interval of a share of n -> (low, high)."""
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = (z / (1 + z * z / n)
            * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5)
    return middle - half, middle + half


def scores(rows):
    """Scores of one task's answered rows; every template counts alike."""
    from sacrebleu.metrics import CHRF
    by_template = {}
    for row in rows:
        right = row["answer"] == row["target"]
        by_template.setdefault(row["template"], []).append(right)
    shares = {name: sum(right) / len(right)
              for name, right in by_template.items()}
    exact = sum(shares.values()) / len(shares)
    worst = min(shares, key=shares.get)
    chrf = CHRF().corpus_score([row["answer"] for row in rows],
                               [[row["target"] for row in rows]])
    wrong = [row for row in rows if row["answer"] != row["target"]]
    return {"n": len(rows), "exact": exact,
            "interval": interval(exact, len(rows)), "chrf": chrf.score,
            "worst": (worst, sum(by_template[worst]),
                      len(by_template[worst])),
            "errors": Counter(map(kind_of_error, wrong)).most_common(3)}


def kind_of_error(row):
    """What is missing in a wrong answer: a number, a city, an ending..."""
    target, answer = row["target"], row["answer"]
    digits = r"\d+"
    if re.findall(digits, target) != re.findall(digits, answer):
        return "number"
    lost = []
    for slot, words in lexicon.LEXICON.items():
        for word in words:
            for form in {word.en, word.zh, word.de, word.de2, word.en2}:
                if len(form) > 1 and form in target and form not in answer:
                    lost.append((len(form), slot))
    if lost:
        return max(lost)[1]
    known = {word.en for word in lexicon.LEXICON["name"]}
    names = set(re.findall(r"\b[A-Z][a-z]+\b", row["input"])) - known
    if any(name in target and name not in answer for name in names):
        return "invented name"
    return "form or word order"


# --- the datasheet ---------------------------------------

def table(rows):
    """The table of all tasks, as Markdown."""
    lines = ["| task | held-out examples | exact match (95% interval) | aim "
             "| chrF | worst template | most frequent errors |",
             "|---|---|---|---|---|---|---|"]
    for task, title in TITLES.items():
        part = [row for row in rows if row["task"] == task]
        if not part:
            continue
        score = scores(part)
        low, high = score["interval"]
        name, right, n = score["worst"]
        errors = ", ".join(f"{kind} ({count})"
                           for kind, count in score["errors"]) or "none"
        lines.append(
            f"| {title} | {score['n']} | {100 * score['exact']:.1f}% "
            f"({100 * low:.1f} to {100 * high:.1f}) "
            f"| {TARGETS.get(task, '-')} | {score['chrf']:.1f} "
            f"| `{name}` {right} of {n} | {errors} |")
    return "\n".join(lines)


def peers_table(rows):
    """The T5 beside the LSTM of make_t5_peer.py and a dictionary."""
    from course.applications import language
    lstm = {}
    for row in read_csv(PEER):
        lstm.setdefault(row["task"], []).append(
            int(row["right"]) / int(row["n"]))
    lines = ["| task | t5-tiny | LSTM with attention | word by word |",
             "|---|---|---|---|"]
    for task, title in TITLES.items():
        part = [row for row in rows if row["task"] == task]
        tongue, words = task.split()[0], "-"
        if tongue in ("zh", "de"):
            say = language.Dictionary(
                tongue, language.training_pairs(tongue, 5000))
            said = [row | {"answer": say(language.plain(row))}
                    for row in part]
            words = f"{100 * scores(said)['exact']:.1f}%"
        peer = sum(lstm[task]) / len(lstm[task])
        lines.append(f"| {title} | {100 * scores(part)['exact']:.1f}% "
                     f"| {100 * peer:.1f}% | {words} |")
    return "\n".join(lines)


def plain_table(rows):
    """How many plain sentences are right, and all that are not."""
    lines = []
    for part in ("first", "second"):
        some = [row for row in rows if row["part"] == part]
        right = sum(map(is_right, some))
        lines.append(f"Of the {part} {len(some)}, {right} are right.")
    lines += ["The others:", "",
              "| input | answer | for example right |", "|---|---|---|"]
    lines += [f"| {row['input']} | {row['answer']} "
              f"| {row['right'].split(' | ')[0]} |"
              for row in rows if not is_right(row)]
    return "\n".join(lines)


def is_right(row):
    return row["answer"] in row["right"].split(" | ")


def typed_table(rows, answers):
    """How often the answer stays the same however the input is typed."""
    lines = ["| the same sentences | right |", "|---|---|"]
    for habit, said in answers.items():
        right = sum(is_right(row | {"answer": answer})
                    for row, answer in zip(rows, said))
        lines.append(f"| {habit} | {right} of {len(rows)} |")
    return "\n".join(lines)


def typed(text, habit):
    """A plain sentence with its prefix, typed in another way."""
    prefix = next((p for p in grammar.PREFIX.values()
                   if p and text.startswith(p)), "")
    said = text.removeprefix(prefix)
    if habit == "in small letters":
        return prefix + said.lower()
    if habit == "in capitals":
        return prefix + said.upper()
    if habit == "without the last mark":
        return prefix + said.rstrip(".?!")
    if habit == "with double blanks":
        return prefix + said.replace(" ", "  ")
    for long, short in grammar.CONTRACTIONS:
        said = said.replace(long, short)
    return prefix + said


HABITS = ("as they stand", "contracted", "without the last mark",
          "with double blanks", "in small letters", "in capitals")


def write_between_markers(path, text):
    """Replaces what stands between the two markers of the datasheet."""
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"evaluate_t5_tiny: {path} lacks the lines {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}",
                    encoding="utf-8")


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def held_out_rows():
    return [row for task in grammar.HELD_OUT_TASKS
            for row in grammar.held_out_examples(task, EXAMPLES_A_TASK, SEED)]


def main():
    parser = argparse.ArgumentParser(
        description="Measure the small T5 and write its datasheet.")
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--no-proof", action="store_true",
                        help="don't draw the training stream again")
    parser.add_argument("--dry", action="store_true",
                        help="print the tables, write nothing")
    options = parser.parse_args()
    if not (options.checkpoint / "config.json").exists():
        sys.exit(f"evaluate_t5_tiny: {options.checkpoint} is no checkpoint; "
                 "make one with data/make_t5_tiny.py")
    from tqdm import tqdm

    rows, plain = held_out_rows(), read_csv(PLAIN)
    proof = ""
    if not options.no_proof:
        examples, pairs, met = prove_disjoint(
            rows, progress=lambda x: tqdm(x, desc="training stream"))
        drawn, rows = rows, [row for row in rows if row["input"] not in met]
        proof = (f"The {examples:,} examples of the training stream were "
                 f"drawn again: none of their {pairs:,} different pairs is "
                 f"held out. {len(drawn) - len(rows)} of the {len(drawn):,} "
                 "held-out inputs occur in it all the same, for another "
                 "rule says them too; they are left out.\n\n")
        print(proof.strip())
    tokenizer, model = load(options.checkpoint)
    translated = [row for row in plain if not row["input"].startswith(
        ("question", "summarize", "sentiment"))]
    inputs = [row["input"] for row in rows + plain]
    for habit in HABITS:
        inputs += [typed(row["input"], habit) if habit != HABITS[0]
                   else row["input"] for row in translated]
    answers = answer_all(tokenizer, model, inputs,
                         progress=lambda x: tqdm(x, desc="answers"))
    for row, answer in zip(rows + plain, answers):
        row["answer"] = answer
    again = answers[len(rows) + len(plain):]
    n = len(translated)
    by_habit = {habit: again[i * n:(i + 1) * n]
                for i, habit in enumerate(HABITS)}
    peers = (f"\n\n### Peers\n\n{peers_table(rows)}" if PEER.exists()
             else "")
    text = (f"{proof}{table(rows)}{peers}\n\n### Plain sentences\n\n"
            f"{plain_table(plain)}\n\n{typed_table(translated, by_habit)}")
    print(text)
    if not options.dry:
        write_csv(HELD_OUT, rows)
        write_between_markers(DATASHEET, text)
        world = sorted(lexicon.WORLD.iterdir())
        ship(HELD_OUT, PLAIN, *world)


if __name__ == "__main__":
    main()
