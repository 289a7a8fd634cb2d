"""Chapter 6's classifier in PyTorch, which is an optional extra (6.2)."""

import tempfile

import numpy as np
import torch
from torch import nn

from ..models.classifier import RUN, SIZES, torch_layout


class Classifier(nn.Module):
    """ids (B, T) of words -> logits (B, n_classes)."""

    def __init__(self, V, T, D, n_heads, d_ff, n_classes):
        super().__init__()
        self.words, self.places = nn.Embedding(V, D), nn.Embedding(T, D)
        self.norm = nn.LayerNorm(D)
        self.block = nn.TransformerEncoderLayer(
            D, n_heads, d_ff, dropout=0.0, batch_first=True)
        self.pool, self.answer = nn.Linear(D, D), nn.Linear(D, n_classes)

    def forward(self, ids):
        X = self.norm(self.words(ids) + self.places.weight)
        X = self.block(X, src_key_padding_mask=ids == 0)  # 0 is PAD
        return self.answer(torch.tanh(self.pool(X[:, 0])))


def train_step(model, optimizer, ids, y):
    """One step on a batch; the loss before it."""
    optimizer.zero_grad()  # backward() adds to what is there
    loss = nn.functional.cross_entropy(model(ids), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def loader(ids, y):
    """Batches of 50 examples, all of them in another order each epoch."""
    data = torch.utils.data.TensorDataset(torch.tensor(ids), torch.tensor(y))
    return torch.utils.data.DataLoader(
        data, batch_size=50, shuffle=True,
        generator=torch.Generator().manual_seed(0))


def export(model, ids, path):
    """Write the program and its weights, for any number of texts."""
    program = torch.export.export(model, (torch.tensor(ids),), dynamic_shapes={
        "ids": {0: torch.export.Dim("B")}})
    torch.export.save(program, path)


def build(W):
    """The model, with the weights of `draw_weights`."""
    model = Classifier(len(W["words"]), **SIZES)
    state = {name: torch.tensor(a) for name, a in torch_layout(W).items()}
    model.load_state_dict(state)  # complains if one is missing or left over
    return model


def train(W, batches, schedule=False):
    """Losses (steps,) of RUN's training, each before its step.

    schedule: the learning rate falls to a tenth in the middle.
    """
    model, half = build(W), RUN["steps"] // 2
    optimizer = torch.optim.SGD(model.parameters(), RUN["lr"],
                                RUN["momentum"])
    falls = torch.optim.lr_scheduler.StepLR(optimizer, half)
    losses = []
    for batch in batches:
        losses.append(train_step(model, optimizer, *batch))
        if schedule:
            falls.step()
    return np.array(losses)


def stepper(W, ids, y):
    """A step on one batch, as a function without arguments (6, closing)."""
    model = build(W)
    optimizer = torch.optim.SGD(model.parameters(), RUN["lr"],
                                RUN["momentum"])
    ids, y = torch.tensor(ids).long(), torch.tensor(y)
    return lambda: train_step(model, optimizer, ids, y)


def measure(W, ids, y):
    """What the chapter compares, by name (6.2).

    ids (n, T), y (n,): at least as many rows as RUN's steps take. Returns
    "version"; "logits" of the first batch at the start, "exported" those of
    the program that was written and read; the gradients, each under its
    parameter's name; "losses" of the training, "scheduled" under a
    schedule; "one_label": how many batches of `loader` hold one label alone
    if the reviews are sorted by label.
    """
    rows = RUN["batch"]
    batches = list(zip(torch.tensor(ids).long().split(rows),
                       torch.tensor(y).split(rows)))[:RUN["steps"]]
    model, (first, truth) = build(W), batches[0]
    logits = model(first)
    nn.functional.cross_entropy(logits, truth).backward()
    order = np.argsort(y, kind="stable")
    alone = [len(set(labels.tolist())) == 1
             for _, labels in loader(ids[order], y[order])]
    with tempfile.TemporaryDirectory() as folder:
        export(model, first.numpy(), f"{folder}/classifier.pt2")
        program = torch.export.load(f"{folder}/classifier.pt2").module()
        exported = program(first[:10]), program(first[10:])  # any number
    return {"version": torch.__version__.partition("+")[0],
            "logits": logits.detach().numpy(),
            "exported": torch.cat(exported).detach().numpy(),
            **{name: p.grad.numpy().copy()
               for name, p in model.named_parameters()},
            "losses": train(W, batches),
            "scheduled": train(W, batches, schedule=True),
            "one_label": np.array(sum(alone))}
