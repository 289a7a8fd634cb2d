"""Measures data/t5-tiny on combinations it was never trained on.

    python data/evaluate_t5_tiny.py             # all of it, some minutes
    python data/evaluate_t5_tiny.py --no-proof  # without the slow proof

Runs in the learner's environment (TensorFlow, no PyTorch). It draws the
whole training stream again and proves that no held-out pair of template
and word, and no held-out input, occurs in it; answers the held-out
examples; writes them with the answers to data/t5_heldout.csv; and writes
the table and the plain sentences into data/README.md between its markers.
"""
import argparse
import csv
import os
import re
import sys
from collections import Counter
from pathlib import Path

import make_t5_tiny as recipe_of
from ship import ship

from course.datasets import grammar

HERE = Path(__file__).resolve().parent
CHECKPOINT = HERE / "t5-tiny"
HELD_OUT = HERE / "t5_heldout.csv"
PLAIN = HERE / "t5_plain_sentences.csv"
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
          "sentiment": "sentiment", "qa": "question answering"}
TARGETS = {"zh": 92, "de": 90, "zh two": 85, "summary": 90,
           "sentiment": 99, "qa": 95}


# --- held out means held out ---------------------------------------

def prove_disjoint(rows, recipe=recipe_of.RECIPE, progress=iter):
    """Draws all training examples again; raises if one is held out.

    rows: held-out examples. Returns (examples, pairs) of training.
    """
    inputs = {row["input"] for row in rows}
    pools = range(recipe["steps"] // recipe["pool"] + 1)
    size = recipe["batch"] * recipe["pool"]
    streams = [(recipe_of.tokenizer_seed(recipe),
                recipe_of.TOKENIZER_SAMPLE, False)]
    streams += [(recipe_of.pool_seed(recipe, n), size,
                 recipe_of.is_late(recipe, n)) for n in pools]
    examples, pairs = 0, set()
    for stream in progress(streams):
        for source, _, keys in grammar.training_stream(*stream):
            examples += 1
            pairs.update(keys)
            assert source not in inputs, f"trained on: {source}"
    held_out = [pair for pair in pairs if grammar.is_held_out(pair)]
    assert not held_out, f"held-out pairs in training: {held_out[:3]}"
    return examples, len(pairs)


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
    for slot, words in grammar.LEXICON.items():
        for word in words:
            for form in {word.en, word.zh, word.de, word.de2, word.en2}:
                if len(form) > 1 and form in target and form not in answer:
                    lost.append((len(form), slot))
    if lost:
        return max(lost)[1]
    known = {word.en for word in grammar.LEXICON["name"]}
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


def plain_table(rows):
    """The plain sentences with their answers; a miss is marked."""
    right = sum(is_right(row) for row in rows)
    lines = [f"{right} of {len(rows)} are right.", "",
             "| input | answer | |", "|---|---|---|"]
    for row in rows:
        wanted = row["right"].split(" | ")[0]
        mark = "" if is_right(row) else f"**miss**, better: {wanted}"
        lines.append(f"| {row['input']} | {row['answer']} | {mark} |")
    return "\n".join(lines)


def is_right(row):
    return row["answer"] in row["right"].split(" | ")


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
        examples, pairs = prove_disjoint(
            rows, progress=lambda x: tqdm(x, desc="training stream"))
        proof = (f"The {examples:,} examples of the training stream were "
                 f"drawn again: none of their {pairs:,} different pairs is "
                 "held out, and none of the held-out inputs is among them."
                 "\n\n")
        print(proof.strip())
    tokenizer, model = load(options.checkpoint)
    everything = rows + plain
    answers = answer_all(tokenizer, model,
                         [row["input"] for row in everything],
                         progress=lambda x: tqdm(x, desc="answers"))
    for row, answer in zip(everything, answers):
        row["answer"] = answer
    text = (f"{proof}{table(rows)}\n\n### Plain sentences\n\n"
            f"{plain_table(plain)}")
    print(text)
    if not options.dry:
        write_csv(HELD_OUT, rows)
        write_between_markers(DATASHEET, text)
        world = sorted(grammar.WORLD.iterdir())
        ship(HELD_OUT, PLAIN, *world)


if __name__ == "__main__":
    main()
