"""Chapter 6's classifier in PyTorch, which is an optional extra (6.2)."""

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


def build(W):
    """The model, with the weights of `draw_weights`."""
    model = Classifier(len(W["words"]), **SIZES)
    state = {name: torch.tensor(a) for name, a in torch_layout(W).items()}
    model.load_state_dict(state)  # complains if one is missing or left over
    return model


def measure(W, ids, y):
    """What the chapter compares: {"logits", "losses", "version", gradients}.

    ids (n, T), y (n,): at least as many rows as RUN's steps take. Logits
    and gradients are those of the first batch at the start; each gradient
    stands under its parameter's name.
    """
    model, rows = build(W), RUN["batch"]
    optimizer = torch.optim.SGD(model.parameters(), RUN["lr"],
                                RUN["momentum"])
    batches = list(zip(torch.tensor(ids).long().split(rows),
                       torch.tensor(y).split(rows)))[:RUN["steps"]]
    first, truth = batches[0]
    logits = model(first)
    nn.functional.cross_entropy(logits, truth).backward()
    return {"version": torch.__version__.partition("+")[0],
            "logits": logits.detach().numpy(),
            **{name: p.grad.numpy().copy()
               for name, p in model.named_parameters()},
            "losses": np.array([train_step(model, optimizer, *batch)
                                for batch in batches])}
