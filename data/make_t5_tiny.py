"""Makes data/t5-tiny: corpus, tokenizer, training, check, packing.

    python data/make_t5_tiny.py                 # all of it, under two hours
    python data/make_t5_tiny.py --steps 300     # to see that it works
    python data/make_t5_tiny.py --show 5        # examples of each task

Needs PyTorch: pip install -r ci/locks/requirements-torch.txt (an environment
of its own; the notebooks need none of it). Two threads are used; on Linux a sixth of
the time is saved by LD_PRELOAD=libtcmalloc_minimal.so.4. Interrupt it
when you like: the next call goes on from the last checkpoint in
build/t5_train and ends with the same weights. The scores on held-out examples
along the way are written to log.csv there, and shipped as t5_log.csv.
"""
import argparse
import csv
import functools
import json
import math
import os
import random
import re
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
from ship import ship  # noqa: E402

from course.datasets import grammar, lexicon  # noqa: E402

RECIPE = {
    "seed": 1,
    "steps": 11_000,
    "batch": 128,
    "pool": 50,  # batches drawn at once, then sorted by length
    "rate": 1.5e-2,
    "half_wave": 16_000,  # steps in which the first rate would come to 0
    "late_from": 4_500,  # a multiple of pool: then more questions, ...
    "late_rate": 5e-3,  # ... and a lower rate, which goes to 0
    "warmup": 500,
    "d_model": 160,
    "d_ff": 640,
    "heads": 5,
    "layers": 3,
    "decoder_layers": 3,
    "save_every": 250,
    "check_every": 500,
}
LARGEST = 8_000_000  # bytes the folder may have
TOKENIZER_SAMPLE = 100_000  # examples whose words it learns, ...
RARE = 6  # ... if they occur so often; an invented name does not
SPECIAL = ["<pad>", "</s>", "<unk>"]


class UserError(Exception):
    """Something the person at the keyboard can mend; shown as one line."""


# --- tokenizer ---------------------------------------

def pieces_of_the_world(examples):
    """Pieces the tokenizer knows: {piece: preference}, higher is better.

    Words of the examples, English ones also in small letters and capitals,
    as people type them; Chinese words; numbers to 99 and syllables, so that
    a name is copied in few pieces. Segmentation takes the fewest pieces;
    single characters are the last resort. Words of praise and blame are cut
    into stem and ending, so that others with the same parts can be read.
    """
    words, typed = Counter(), Counter()
    for source, target in examples:
        found = re.findall(WORD, source)
        typed.update(found)
        words.update(found + re.findall(WORD, target))
    pieces = {}
    for character in map(chr, [*range(33, 127), *range(192, 256)]):
        pieces[character] = -3.0
    for onset in ["", *grammar.ONSETS]:
        for vowel in grammar.VOWELS:
            pieces[onset + vowel] = pieces[(onset + vowel).capitalize()] = -2.0
    fixed = "".join(row["zh"] for row in grammar.TEMPLATES.values())
    for character in re.findall(r"[\u4e00-\u9fff]", fixed):
        pieces[character] = -2.0
    for phrase in chinese_words():
        for character in phrase:
            pieces.setdefault(character, -2.0)
        pieces[phrase] = -1.0
    cut, parts = opinion_words()
    for word, count in sorted(words.items()):
        if count < RARE or re.search(r"[\u4e00-\u9fff]", word):
            continue
        forms = {word}
        if typed[word] >= RARE:
            forms |= {word.lower(), word.upper()}
        for form in sorted(forms):
            if form.lower() not in cut:
                pieces["▁" + form] = -1.0
    pieces |= dict.fromkeys(sorted(parts), -1.0)
    for ending in ("'s", "'m", "'t", "'d", "n't", "'re", "'ll"):
        pieces[ending] = pieces[ending.upper()] = -1.0
    for number in range(100):
        pieces[str(number)] = -1.0
    pieces["▁"] = -1.0
    return pieces


WORD = r"[^\W\d_]+(?:'(?:clock|CLOCK))?"


def chinese_words():
    """Words, adjectives, verbs and what stands between them, sorted."""
    runs = {word.zh for slot in lexicon.LEXICON.values() for word in slot}
    runs |= {word.measure for slot in lexicon.LEXICON.values()
             for word in slot}
    runs |= {row["zh"] for row in lexicon.ADJECTIVES}
    for row in lexicon.VERBS.values():
        runs.update(re.split(r"[~@^]+", row["zh"]))
    runs |= {zh for _, zh, *_ in grammar.SAYS + grammar.BEFORE}
    runs |= set((
        "我 你 他 她 我们 你们 他们 我的 你的 他的 她的 我们的 "
        "他们的 这 这些 一 一些 几 什么 什么时候 哪里 谁 为什么 "
        "多少钱 多大了 没 不 了 在 会 能 可以 想 应该 必须 喜欢 跟 "
        "一起 和 比 是 来自 的 吧 请 很 非常 太 真 今年 岁 欧元 当 "
        "吗 因为 但是 请问 每 上 点 回 ").split())
    return sorted({word for run in runs for word in
                   re.findall(r"[\u4e00-\u9fff]+", run)}
                  | {"，", "。", "？", "！"})


def opinion_words():
    """({wonderful, ...} that are cut, {▁wonder, ful, ...} their parts)."""
    cut, parts = set(), set()
    for role in ("more", "split", "unseen"):
        for words in grammar.REVIEWS[role].values():
            for word in words:
                stem, *rest = word.split("·")
                if rest:
                    cut.add(word.replace("·", ""))
                    if role != "unseen":
                        parts |= {"▁" + stem, "▁" + stem.capitalize(), *rest}
    return cut, parts


def make_tokenizer(examples):
    """A Unigram tokenizer, as T5 has one; unknown characters become bytes."""
    from tokenizers import (
        Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers,
        processors)

    vocabulary = [(token, 0.0) for token in SPECIAL]
    vocabulary += [(f"<0x{byte:02X}>", -9.0) for byte in range(256)]
    vocabulary += list(pieces_of_the_world(examples).items())
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=2,
                                         byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        "▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence([
        decoders.ByteFallback(),
        decoders.Metaspace("▁", prepend_scheme="always")])
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>",
        special_tokens=[("</s>", 1)])
    return tokenizer


# --- training ---------------------------------------

def batches(tokenizer, recipe, first_step):
    """Yields (ids, labels) from first_step on, fresh examples all the time.

    A pool of examples is drawn, sorted by length and cut into batches, so
    that little is padded. Each pool has its own seed: training that was
    interrupted goes on with the very batches it would have had.
    """
    size, pool = recipe["batch"], recipe["pool"]
    for number in range(first_step // pool, recipe["steps"] // pool + 1):
        pairs = grammar.training_examples(
            pool_seed(recipe, number), size * pool, is_late(recipe, number))
        rows = encode(tokenizer, pairs)
        rows.sort(key=lambda row: (len(row[0]), len(row[1])))
        cut = [rows[i:i + size] for i in range(0, len(rows), size)]
        random.Random(number).shuffle(cut)
        skip = first_step - number * pool if number * pool < first_step else 0
        for batch in cut[skip:]:
            yield as_tensors(batch)


def pool_seed(recipe, number):
    return f"{recipe['seed']} {number}"


def is_late(recipe, number):
    """Does a pool belong to the last part of training?"""
    return number * recipe["pool"] >= recipe["late_from"]


def tokenizer_seed(recipe):
    return f"{recipe['seed']} tokenizer"


def tokenizer_of(recipe, work):
    """The tokenizer; made once, then read beside the checkpoint."""
    from tokenizers import Tokenizer
    path = work / "tokenizer.json"
    if not path.exists() or not (work / "checkpoint.pt").exists():
        tokenizer = make_tokenizer(grammar.training_examples(
            tokenizer_seed(recipe), TOKENIZER_SAMPLE))
        tokenizer.save(str(path), pretty=False)
        print(f"{tokenizer.get_vocab_size()} pieces")
    return Tokenizer.from_file(str(path))


def encode(tokenizer, pairs):
    sources = tokenizer.encode_batch([source for source, _ in pairs])
    targets = tokenizer.encode_batch([target for _, target in pairs])
    return [(one.ids, two.ids) for one, two in zip(sources, targets)]


def as_tensors(rows):
    """-> ids (B, S) padded with 0, labels (B, T) padded with -100.

    S and T are multiples of 8: fewer shapes, for which the processor's
    library prepares code (a fifth faster).
    """
    import torch
    S, T = (max(map(len, side)) for side in zip(*rows))
    ids = torch.zeros(len(rows), S + -S % 8, dtype=torch.long)
    labels = torch.full((len(rows), T + -T % 8), -100)
    for i, (source, target) in enumerate(rows):
        ids[i, :len(source)] = torch.tensor(source)
        labels[i, :len(target)] = torch.tensor(target)
    return ids, labels


def new_model(vocabulary, recipe):
    from transformers import T5Config, T5ForConditionalGeneration
    config = T5Config(
        vocab_size=vocabulary, d_model=recipe["d_model"],
        d_kv=recipe["d_model"] // recipe["heads"], d_ff=recipe["d_ff"],
        num_heads=recipe["heads"], num_layers=recipe["layers"],
        num_decoder_layers=recipe["decoder_layers"],
        decoder_start_token_id=0, dropout_rate=0.0)
    model = T5ForConditionalGeneration(config)
    look_for_the_same_word(model, recipe)
    return model


def look_for_the_same_word(model, recipe):
    """Half of the encoder's heads begin by attending to equal words.

    With keys proportional to queries, a word's score is highest with its
    like. Questions need that, to find who is asked for in the context; from
    random weights it is not learnt in the time there is.
    """
    import torch
    width = recipe["d_model"] // recipe["heads"] * (recipe["heads"] // 2)
    with torch.no_grad():
        for block in model.encoder.block:
            attention = block.layer[0].SelfAttention
            query = attention.q.weight[:width]
            attention.k.weight[:width] = (
                query * attention.k.weight.std() / query.std())


def learning_rate(step, recipe):
    """Two stages: warmup and a slow cosine; then lower, down to 0.

    At the first rate the model learns to translate and to summarize, but
    whose fact a question asks for it only learns at a lower one.
    """
    late = step - recipe["late_from"]
    if late >= 0:
        done = late / (recipe["steps"] - recipe["late_from"])
        return recipe["late_rate"] * (0.01 + 0.99 * half_cosine(done))
    return (recipe["rate"] * min(1, (step + 1) / recipe["warmup"])
            * (0.02 + 0.98 * half_cosine(step / recipe["half_wave"])))


def half_cosine(done):
    """1 at the beginning (0), 0 at the end (1)."""
    return 0.5 * (1 + math.cos(math.pi * done))


def train(tokenizer, recipe, work):
    """Trains until the last step, from the last checkpoint if there is one."""
    import torch
    from tqdm import tqdm
    from transformers import Adafactor

    torch.set_num_threads(2)
    torch.manual_seed(recipe["seed"])
    model = new_model(tokenizer.get_vocab_size(), recipe).train()
    optimizer = Adafactor(model.parameters(), lr=recipe["rate"],
                          scale_parameter=True, relative_step=False,
                          warmup_init=False)
    step, before = resume(work, recipe, model, optimizer)
    start = time.time()
    checks = held_out_batches(tokenizer)
    bar = tqdm(total=recipe["steps"], initial=step, unit="step",
               desc="training", dynamic_ncols=True, mininterval=2)
    stop = stop_on_signal()
    total = count = mean = 0
    for ids, labels in batches(tokenizer, recipe, step):
        if step >= recipe["steps"]:
            break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, recipe)
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(model, ids, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step, total, count = step + 1, total + loss.item(), count + 1
        bar.update()
        if step % 100 == 0:
            mean = total / count
            bar.set_postfix(loss=f"{mean:.4f}")
            total = count = 0
        if step % recipe["check_every"] == 0:
            exact = check(model, checks)
            bar.write(f"step {step}: held-out exact match "
                      + ", ".join(f"{task} {100 * share:.1f}"
                                  for task, share in exact.items()))
            write_log(work, step, before + time.time() - start, mean, exact)
        if step % recipe["save_every"] == 0 or stop:
            save_checkpoint(work, recipe, model, optimizer, step,
                            before + time.time() - start)
        if stop:
            bar.close()
            raise UserError(f"interrupted at step {step}; nothing is lost, "
                            "the same command goes on from here")
    bar.close()
    return model


def loss_of(model, ids, labels):
    """Mean cross-entropy in nats of the labels that are not padding.

    The same as `model(input_ids=ids, labels=labels).loss`, in two thirds of
    the time: logits are computed where there is a label, and their softmax
    is kept for the way back.
    """
    mask, some = (ids != 0).long(), labels != -100
    states = model.encoder(input_ids=ids, attention_mask=mask)[0]
    states = model.decoder(
        input_ids=model._shift_right(labels), encoder_attention_mask=mask,
        encoder_hidden_states=states, use_cache=False)[0]
    logits = model.lm_head(states[some] * model.model_dim ** -0.5)
    return cross_entropy(logits, labels[some])


def cross_entropy(logits, labels):
    return cross_entropy_function().apply(logits, labels)


@functools.cache
def cross_entropy_function():
    """The class, made once: a new one at each step would slow training."""
    import torch

    class CrossEntropy(torch.autograd.Function):
        @staticmethod
        def forward(c, logits, labels):
            p = torch.softmax(logits.float(), -1)
            c.save_for_backward(p, labels)
            c.dtype = logits.dtype
            return -p.gather(1, labels[:, None]).clamp(min=1e-30).log().mean()

        @staticmethod
        def backward(c, gradient):
            p, labels = c.saved_tensors
            p[torch.arange(len(p)), labels] -= 1
            return (p * (gradient / len(p))).to(c.dtype), None

    return CrossEntropy


def write_log(work, step, seconds, loss, exact):
    """A row for this step; rows of a run that went on are dropped."""
    path, head = work / "log.csv", ["step", "seconds", "loss", *exact]
    rows = [head]
    if path.exists():
        with open(path, encoding="utf-8", newline="") as file:
            rows += [row for row in list(csv.reader(file))[1:]
                     if int(row[0]) < step]
    rows.append([step, round(seconds), f"{loss:.4f}",
                 *(f"{share:.3f}" for share in exact.values())])
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def stop_on_signal():
    """A list that is filled by Ctrl-C or a kill; the step is finished."""
    stop = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.append(True))
    return stop


def save_checkpoint(work, recipe, model, optimizer, step, seconds):
    """Written beside and moved into place: never half a file."""
    import torch
    part = work / "checkpoint.part"
    torch.save({"recipe": recipe, "step": step, "seconds": seconds,
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict()}, part)
    os.replace(part, work / "checkpoint.pt")


def resume(work, recipe, model, optimizer):
    """Loads the last checkpoint -> (step, seconds trained), 0, 0 if none."""
    import torch
    path = work / "checkpoint.pt"
    if not path.exists():
        return 0, 0
    saved = torch.load(path, weights_only=True)
    if saved["recipe"] != recipe:
        raise UserError(f"{path} was made with another recipe; give "
                        "--work another folder or remove that one")
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    print(f"goes on from step {saved['step']} ({path})")
    return saved["step"], saved["seconds"]


def held_out_batches(tokenizer, each=100):
    """{task: batches} of held-out examples (not those of the evaluation)."""
    checks = {}
    for task in grammar.HELD_OUT_TASKS:
        rows = grammar.held_out_examples(task, each, "while training")
        random.Random(0).shuffle(rows)
        rows = encode(tokenizer, [(row["input"], row["target"])
                                  for row in rows[:each]])
        rows.sort(key=lambda row: len(row[0]))
        checks[task] = [as_tensors(rows[i:i + 50])
                        for i in range(0, len(rows), 50)]
    return checks


def check(model, checks):
    """{task: share answered exactly}.

    The likeliest token is right at each place, given the right ones before,
    exactly if greedy decoding gives the right text.
    """
    import torch
    model.eval()
    exact = {}
    with torch.no_grad():
        for task, parts in checks.items():
            right = []
            for ids, labels in parts:
                logits = model(input_ids=ids, labels=labels,
                               attention_mask=(ids != 0).long()).logits
                same = (logits.argmax(-1) == labels) | (labels == -100)
                right += same.all(1).tolist()
            exact[task] = sum(right) / len(right)
    model.train()
    return exact


# --- packing ---------------------------------------

def pack(model, tokenizer, folder):
    """Writes the Hugging Face folder that the document's two lines load."""
    import numpy as np
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {}
    for name, tensor in model.state_dict().items():
        # encoder, decoder and head share this table
        if name not in ("encoder.embed_tokens.weight", "lm_head.weight",
                        "decoder.embed_tokens.weight"):
            weights[name] = tensor.float().numpy().astype(np.float16)
    if not all(np.isfinite(array).all() for array in weights.values()):
        raise UserError("a weight is too large for float16")
    # what is checked from here on is what is on disk
    model.load_state_dict({name: tensor.half().float() for name, tensor
                           in model.state_dict().items()})
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    os.chmod(folder / "model.safetensors", 0o644)  # was for the owner alone
    config = model.config.to_diff_dict()
    for key in ("transformers_version", "torch_dtype", "dtype"):
        config.pop(key, None)
    # generation_config.json is ignored by TensorFlow's loader
    config |= {"architectures": ["T5ForConditionalGeneration"],
               "max_length": 64}
    write_json(folder / "config.json", config)
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "T5TokenizerFast", "extra_ids": 0,
        "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>",
        "model_max_length": 512, "clean_up_tokenization_spaces": False})
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > LARGEST:
        raise UserError(f"{folder} has {size} bytes, {LARGEST} are allowed")
    print(f"{folder}: {size / 1e6:.1f} MB, "
          f"{sum(array.size for array in weights.values()):,} parameters")


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


# --- command line ---------------------------------------

def arguments():
    parser = argparse.ArgumentParser(
        description="Make the small T5 that the notebooks load.")
    parser.add_argument("--steps", type=int, help="fewer, to try it out")
    parser.add_argument("--seed", type=int, default=RECIPE["seed"])
    parser.add_argument("--out", type=Path, default=HERE / "t5-tiny")
    parser.add_argument("--work", type=Path,
                        default=HERE.parent / "build" / "t5_train",
                        help="folder of the checkpoints")
    parser.add_argument("--show", type=int, metavar="N",
                        help="print N examples of each task, train nothing")
    return parser.parse_args()


def show(n):
    for task in grammar.SHARES:
        for _, (source, target, _) in zip(
                range(n), iter(lambda: grammar.make(task, random), None)):
            print(f"{source}\n    -> {target}")


def main():
    options = arguments()
    if options.show:
        return show(options.show)
    recipe = RECIPE | {"seed": options.seed}
    recipe["steps"] = options.steps or recipe["steps"]
    if options.steps and options.out == HERE / "t5-tiny":
        raise UserError("fewer steps give a worse model: name another folder "
                        "with --out, and one with --work")
    if recipe["steps"] < 1:
        raise UserError("--steps is a whole number from 1 on")
    try:
        import torch  # noqa: F401
        import transformers
    except ImportError as error:
        raise UserError(f"{error.name} is missing: pip install -r "
                        "ci/locks/requirements-torch.txt") from None
    transformers.logging.set_verbosity_error()
    options.work.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(recipe, options.work)
    model = train(tokenizer, recipe, options.work)
    checks = held_out_batches(tokenizer)
    before = check(model, checks)
    pack(model, tokenizer, options.out)
    for task, share in check(model, checks).items():
        print(f"{task:10s} {100 * share:5.1f}% exact "
              f"({100 * before[task]:.1f}% in float32)")
    if options.out.resolve().parent == HERE:
        log = HERE / "t5_log.csv"
        shutil.copyfile(options.work / "log.csv", log)
        ship(*sorted(options.out.iterdir()), log)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"make_t5_tiny: {error}")
