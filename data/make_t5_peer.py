"""Trains an LSTM with attention on what t5-tiny was trained on, and asks it.

    python data/make_t5_peer.py             # all of it, about an hour
    python data/make_t5_peer.py --steps 30  # to see that it works

The peer of the datasheet's table: the same tokenizer, the same batches in the
same order, as many of them, about as many parameters. Its learning rate was chosen
among --rate 0.002, 0.004 and 0.008 by the loss of steps 901 to 1,000 of the
whole schedule: 2.84, 2.18 and 2.20. Interrupt it when you like; the next call
goes on.
Writes t5_peer.csv: for each task and template how many held-out examples it
answers to the letter. Needs PyTorch, as make_t5_tiny.py.
"""
import argparse
import csv
import os
import sys
import time
from pathlib import Path

import make_t5_tiny as t5
from ship import ship

HERE = Path(__file__).resolve().parent
RATE, WIDTH, HIDDEN = 4e-3, 160, 320
LONGEST = 48  # pieces of an answer
END = 1


def new_model(vocabulary):
    """Encoder and decoder of two LSTM layers each, attention between them.

    Luong's attention (2015): the decoder's state h asks, score h W s, and
    what is found is joined to h. Input and output share one embedding.
    """
    import torch
    from torch import nn

    class Peer(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(vocabulary, WIDTH, padding_idx=0)
            nn.init.normal_(self.embed.weight, std=WIDTH ** -0.5)
            # two layers, each of one from the left and one from the right
            self.encoder = nn.ModuleList(
                nn.ModuleList(nn.LSTM(size, HIDDEN // 2, batch_first=True)
                              for _ in range(2)) for size in (WIDTH, HIDDEN))
            self.decoder = nn.LSTM(WIDTH, HIDDEN, 2, batch_first=True)
            self.ask = nn.Linear(HIDDEN, HIDDEN, bias=False)
            self.join = nn.Linear(2 * HIDDEN, WIDTH)
            self.bias = nn.Parameter(torch.zeros(vocabulary))

        def read(self, ids):
            """ids (B, S) -> states (B, S, HIDDEN), mask, decoder's start."""
            lengths = (ids != 0).sum(1)
            place = torch.arange(ids.shape[1], device=ids.device)
            # each row's own reversal, its pads stay behind; nn.LSTM's
            # packed sequences would do the same in twice the time
            back = torch.where(place < lengths[:, None],
                               lengths[:, None] - 1 - place, place)[..., None]
            row = torch.arange(len(ids), device=ids.device)
            states, h = self.embed(ids), []
            for left, right in self.encoder:
                ends = []
                mirrored = states.gather(1, back.expand_as(states))
                for lstm, X in ((left, states), (right, mirrored)):
                    out, _ = lstm(X)
                    ends.append(out)
                there = ends[1].gather(1, back.expand_as(ends[1]))
                h.append(torch.cat([x[row, lengths - 1] for x in ends], -1))
                states = torch.cat([ends[0], there], -1)
            h = torch.stack(h)  # the decoder's cells start empty
            return states, ids == 0, (h, torch.zeros_like(h))

        def write(self, Y, states, mask, start):
            """Y (B, T) -> vectors (B, T, WIDTH) of what comes next, state."""
            h, start = self.decoder(self.embed(Y), start)
            scores = self.ask(h) @ states.transpose(1, 2)
            scores = scores.masked_fill(mask[:, None], -1e9)
            found = scores.softmax(-1) @ states
            return torch.tanh(self.join(torch.cat([h, found], -1))), start

        def logits(self, vectors):
            return vectors @ self.embed.weight.T + self.bias

        def forward(self, ids, labels):
            """Mean cross-entropy in nats of the labels, -100 left out."""
            Y = torch.cat([torch.zeros_like(labels[:, :1]),
                           labels[:, :-1].clamp(min=0)], 1)
            vectors, _ = self.write(Y, *self.read(ids))
            some = labels != -100
            return t5.cross_entropy(self.logits(vectors[some]),
                                    labels[some])

    return Peer()


def answers(model, ids):
    """Greedy answers: ids (B, S) -> lists of ids, without END."""
    import torch
    with torch.no_grad():
        states, mask, state = model.read(ids)
        y = torch.zeros(len(ids), 1, dtype=torch.long)
        done, out = torch.zeros(len(ids), dtype=torch.bool), []
        for _ in range(LONGEST):
            vectors, state = model.write(y, states, mask, state)
            y = model.logits(vectors).argmax(-1)
            out.append(y)
            done |= y[:, 0] == END
            if done.all():
                break
        rows = torch.cat(out, 1).tolist()
    return [row[:row.index(END)] if END in row else row for row in rows]


def evaluate(model, tokenizer):
    """Writes t5_peer.csv: right and all answers of each template."""
    import torch
    from tqdm import tqdm
    count = {}
    with open(HERE / "t5_heldout.csv", encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda r: len(r["input"]))
    for start in tqdm(range(0, len(rows), 64), desc="answers"):
        part = rows[start:start + 64]
        read = [e.ids for e in tokenizer.encode_batch(
            [row["input"] for row in part])]
        ids = torch.zeros(len(part), max(map(len, read)), dtype=torch.long)
        for row, some in zip(ids, read):
            row[:len(some)] = torch.tensor(some)
        for row, said in zip(part, answers(model, ids)):
            right, n = count.get((row["task"], row["template"]), (0, 0))
            same = tokenizer.decode(said).strip() == row["target"]
            count[row["task"], row["template"]] = right + same, n + 1
    with open(HERE / "t5_peer.csv", "w", encoding="utf-8",
              newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["task", "template", "right", "n"])
        writer.writerows([*key, *count[key]] for key in sorted(count))
    ship(HERE / "t5_peer.csv")


def train(tokenizer, work, rate, steps):
    """Trains until the last step; goes on from the last checkpoint."""
    import torch
    from tqdm import tqdm

    torch.manual_seed(t5.RECIPE["seed"])
    model = new_model(tokenizer.get_vocab_size()).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    step = before = 0
    path = work / "checkpoint.pt"
    if path.exists():
        saved = torch.load(path, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, before = saved["step"], saved["seconds"]
    start, total = time.time(), 0.0
    stop = t5.stop_on_signal()
    bar = tqdm(desc="training", unit="step", total=steps, initial=step,
               dynamic_ncols=True, mininterval=2)
    for ids, labels in t5.batches(tokenizer, t5.RECIPE, step):
        if step >= steps:
            break
        # down to a hundredth in a half cosine, as the T5's
        for group in optimizer.param_groups:
            group["lr"] = (rate * min(1, (step + 1) / 500)
                           * (0.01 + 0.99 * t5.half_cosine(step / steps)))
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(ids, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step, total = step + 1, total + loss.item()
        bar.update()
        if step % 100 == 0:
            bar.set_postfix(loss=f"{total / 100:.4f}")
            total = 0.0
        if step % 500 == 0 or stop:
            part = work / "checkpoint.part"
            torch.save({"step": step, "model": model.state_dict(),
                        "optimizer": optimizer.state_dict(),
                        "seconds": before + time.time() - start}, part)
            os.replace(part, path)
        if stop:
            raise t5.UserError(f"interrupted at step {step}; nothing is "
                               "lost, the same command goes on from here")
    bar.close()
    print(f"{step} steps of {t5.RECIPE['batch']} in "
          f"{before + time.time() - start:.0f} s, "
          f"{sum(p.numel() for p in model.parameters()):,} parameters")
    return model.eval()


def main():
    parser = argparse.ArgumentParser(
        description="Train the small T5's peer, an LSTM with attention.")
    parser.add_argument("--steps", type=int, help="fewer, to try it out")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--work", type=Path,
                        default=HERE.parent / "build" / "t5_peer")
    options = parser.parse_args()
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise t5.UserError(f"{error.name} is missing: pip install -r "
                           "ci/locks/requirements-torch.txt") from None
    options.work.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(HERE / "t5-tiny" / "tokenizer.json"))
    model = train(tokenizer, options.work, options.rate,
                  options.steps or t5.RECIPE["steps"])
    if not options.steps:
        evaluate(model, tokenizer)


if __name__ == "__main__":
    try:
        main()
    except t5.UserError as error:
        sys.exit(f"make_t5_peer: {error}")
