"""Texts that a T5 writes, the next token drawn at a temperature (8.6)."""

import numpy as np
import tensorflow as tf
from tokenizers import Tokenizer

from .t5 import T5

PAD, END = 0, 1


def softmax(z, tau=1.0):
    """Equation (8.6) along the last axis."""
    e = np.exp((z - z.max(axis=-1, keepdims=True)) / tau)
    return e / e.sum(axis=-1, keepdims=True)


def logits_after(t5, cross, Y):
    """z (n, T, V) of a models.t5.T5 after each token of Y (n, T).

    cross: what t5.read makes of the texts, so that several answers can be
    tried after reading once. Y begins with START.
    """
    bias = t5.decoder.bias(Y.shape[0], range(Y.shape[1]), range(Y.shape[1]))
    return t5.logits(t5.decoder(t5.shared.rows(Y), bias, cross)[0])


class Writer:
    """Writes `rows` texts at once, always as many: one graph for all.

    t5: a models.t5.T5; tokenizer: its Tokenizer; seed: of what is drawn;
    steps: the longest answer, in tokens.
    """

    def __init__(self, t5, tokenizer, seed, rows=32, steps=16):
        self.t5, self.tokenizer, self.seed = t5, tokenizer, seed
        self.rows, self.steps = rows, steps
        self.scores_after = tf.function(self._scores_after, autograph=False,
                                        reduce_retracing=True)

    @classmethod
    def from_pretrained(cls, checkpoint, seed):
        """The T5 and the tokenizer of a folder."""
        return cls(T5.from_pretrained(checkpoint), Tokenizer.from_file(
            f"{checkpoint}/tokenizer.json"), seed)

    def count(self, texts):
        """Tokens of texts, without the END of each."""
        return sum(len(e.ids) - 1 for e
                   in self.tokenizer.encode_batch(list(texts)))

    def ids_of(self, texts):
        """Token ids (n, S), shorter rows padded at the end."""
        rows = [e.ids for e in self.tokenizer.encode_batch(list(texts))]
        S = max(map(len, rows))
        return np.array([row + [PAD] * (S - len(row)) for row in rows],
                        np.int32)

    def write(self, texts, tau=0.0):
        """(answers to n texts, how probable the model finds each (n,))."""
        rng, texts = np.random.default_rng(self.seed), list(texts)
        parts = [self.write_rows(texts[i:i + self.rows], tau, rng)
                 for i in range(0, len(texts), self.rows)]
        return ([text for part in parts for text in part[0]],
                np.concatenate([part[1] for part in parts]))

    def write_rows(self, texts, tau, rng):
        n, B = len(texts), self.rows
        cross = self.read(texts + texts[-1:] * (B - n))
        Y, sure = np.zeros((B, self.steps + 1), np.int32), np.ones(B)
        done = np.zeros(B, bool)
        for t in range(self.steps):
            p = softmax(self.logits(cross, Y, t))
            y = p.argmax(axis=1)
            if tau:  # where a random number falls among the summed shares
                shares = softmax(np.log(p.clip(1e-300)), tau).cumsum(axis=1)
                y = (shares > rng.random((B, 1))).argmax(axis=1)
            sure *= np.where(done, 1, p[np.arange(B), y])
            Y[:, t + 1] = np.where(done, PAD, y)
            done |= y == END
            if done.all():
                break
        return [self.tokenizer.decode(row) for row in Y[:n].tolist()], sure[:n]

    def first_logits(self, text):
        """z (V,) of the first token of the answer to a text."""
        Y = np.zeros((self.rows, self.steps + 1), np.int32)
        return self.logits(self.read([text] * self.rows), Y, 0)[0]

    def read(self, texts):
        return self.t5.read(tf.constant(self.ids_of(texts)))

    def logits(self, cross, Y, t):
        """z (rows, V), float64, of the token after place t of Y."""
        return self.scores_after(cross, tf.constant(Y[:, :-1]),
                                 tf.constant(t)).numpy().astype(float)

    def _scores_after(self, cross, Y, t):
        bias = self.t5.decoder.bias(self.rows, range(self.steps),
                                    range(self.steps))
        X, _ = self.t5.decoder(self.t5.shared.rows(Y), bias, cross)
        return self.t5.logits(X[:, t])
