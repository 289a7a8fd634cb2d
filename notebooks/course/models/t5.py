"""T5 in Keras 3 (Raffel and others, 2020), explained in chapter 4.3.

B texts, T tokens that look, S that are looked at; D the model's width, H a
head's; V the vocabulary. Layers are named like their tensors in HF's files.
"""

import numpy as np
import tensorflow as tf
from keras import Model, layers, ops

from .checkpoint import load_weights
from .hub import find
from .t5_checks import check_ids, complete

FAR = -1e9  # added to a score, it leaves a weight of exactly 0


class Part(layers.Layer):
    """A layer that has all its weights from the start."""
    def __init__(self, name):
        super().__init__(name=name)
        self.built = True


class Matrix(Part):
    """X W^T without bias; W (outputs, inputs), as the files hold it."""
    def __init__(self, name, *shape):
        super().__init__(name)
        self.W = self.add_weight(shape, "zeros", name="weight")

    def call(self, X):
        return ops.matmul(X, ops.transpose(self.W))

    def rows(self, ids):
        return ops.take(self.W, ids, axis=0)


class RMSNorm(Part):
    """x / sqrt(mean(x^2) + eps) * w: no mean is taken off, no bias added."""
    def __init__(self, name, c):
        super().__init__(name)
        self.w = self.add_weight((c["d_model"],), "ones", name="weight")
        self.eps = c["layer_norm_epsilon"]

    def call(self, X):
        square = ops.mean(ops.square(X), axis=-1, keepdims=True)
        return X * ops.rsqrt(square + self.eps) * self.w


class FeedForward(Part):
    """relu(x W_i^T) W_o^T, or (gelu(x W_0^T) * x W_1^T) W_o^T if gated."""
    def __init__(self, name, c):
        super().__init__(name)
        gated = c["feed_forward_proj"] == "gated-gelu"
        self.inner = [Matrix(f"{name}.{i}", c["d_ff"], c["d_model"])
                      for i in (["wi_0", "wi_1"] if gated else ["wi"])]
        self.outer = Matrix(f"{name}.wo", c["d_model"], c["d_ff"])

    def call(self, X):
        first, *gated = [W(X) for W in self.inner]
        if gated:
            return self.outer(ops.gelu(first, approximate=True) * gated[0])
        return self.outer(ops.relu(first))


class Attention(Part):
    """softmax(Q K^T + bias) V in each head; T5 does not divide by sqrt(H)."""
    def __init__(self, name, c):
        super().__init__(name)
        D, self.n_heads = c["d_model"], c["num_heads"]
        inner = self.n_heads * c["d_kv"]
        self.W_q, self.W_k, self.W_v = (Matrix(f"{name}.{letter}", inner, D)
                                        for letter in "qkv")
        self.W_o = Matrix(f"{name}.o", D, inner)

    def split(self, X):
        """(B, T, n_heads * H) -> (B * n_heads, T, H): a line of heads."""
        X = ops.reshape(X, (*X.shape[:2], self.n_heads, -1))
        return ops.reshape(ops.swapaxes(X, 1, 2), (-1, *X.shape[1::2]))

    def keys_values(self, X):
        """What the tokens X (B, S, D) offer: K, V (B * n_heads, S, H)."""
        return self.split(self.W_k(X)), self.split(self.W_v(X))

    def call(self, X, K, V, bias):
        Q = self.split(self.W_q(X))
        scores = ops.matmul(Q, ops.swapaxes(K, 1, 2)) + bias
        A = ops.exp(scores - ops.max(scores, -1, keepdims=True))
        A = A / ops.sum(A, -1, keepdims=True)
        Y = ops.reshape(ops.matmul(A, V), (-1, self.n_heads, *Q.shape[1:]))
        return self.W_o(ops.reshape(ops.swapaxes(Y, 1, 2), (*X.shape[:2], -1)))


class Block(Part):
    """One of the encoder's or decoder's; each part adds to its input."""
    def __init__(self, name, c, kinds):
        super().__init__(name)
        parts = [f"{name}.layer.{i}." for i in range(len(kinds) + 1)]
        self.norms = [RMSNorm(part + "layer_norm", c) for part in parts]
        self.attend = [Attention(part + kind, c)
                       for part, kind in zip(parts, kinds)]
        self.feed_forward = FeedForward(parts[-1] + "DenseReluDense", c)

    def call(self, X, bias, cross=None, past=None, t=0):
        """X (B, T, D) -> the same shape, and this block's keys and values.

        cross: keys, values, mask of the text that was read; past: keys and
            values of the output so far, in which X is the token at t.
        """
        Y = self.norms[0](X)
        K, V = self.attend[0].keys_values(Y)
        if past is not None:  # all but the newest are known
            K, V = (ops.slice_update(old, (0, t, 0), new)
                    for old, new in zip(past, (K, V)))
        X = X + self.attend[0](Y, K, V, bias)
        if cross is not None:
            X = X + self.attend[1](self.norms[1](X), *cross)
        return X + self.feed_forward(self.norms[-1](X)), (K, V)


def bucket(distance, n_buckets, longest, both_ways):
    """Bucket of each distance, a key's place minus ours: one for each near
    distance, wider and wider ones up to `longest`, then always the last."""
    first = 0
    if both_ways:  # half of the buckets are for keys to our right
        n_buckets //= 2
        first = np.where(distance > 0, n_buckets, 0)
    far = np.abs(distance if both_ways else np.minimum(distance, 0))
    near = n_buckets // 2
    share = (np.log(np.maximum(far, 1).astype("float32") / near)
             / np.float32(np.log(longest / near)))
    shared = near + (share * (n_buckets - near)).astype("int32")
    return first + np.where(far < near, far,
                            np.minimum(shared, n_buckets - 1))


class Stack(Part):
    """The encoder or the decoder: blocks that share one position bias."""
    def __init__(self, name, c, n_layers):
        super().__init__(name)
        self.c, self.causal = c, name == "decoder"
        kinds = ["SelfAttention"] + ["EncDecAttention"] * self.causal
        self.blocks = [Block(f"{name}.block.{i}", c, kinds)
                       for i in range(n_layers)]
        self.position = Matrix(
            f"{name}.block.0.layer.0.SelfAttention.relative_attention_bias",
            c["relative_attention_num_buckets"], c["num_heads"])
        self.norm = RMSNorm(f"{name}.final_layer_norm", c)

    def bias(self, B, T, S):
        """Added to the scores of places T with S: (B * n_heads, T, S)."""
        distance = np.asarray(S) - np.asarray(T)[:, None]
        i = bucket(distance, self.c["relative_attention_num_buckets"],
                   self.c["relative_attention_max_distance"], not self.causal)
        b = ops.tile(ops.moveaxis(self.position.rows(i), -1, 0), (B, 1, 1))
        return b + FAR * (distance > 0) if self.causal else b

    def call(self, X, bias, cross=None, past=None, t=0):
        """As Block.call; cross and past hold a tuple for each block."""
        new = []
        for i, block in enumerate(self.blocks):
            X, keys_values = block(X, bias, cross=cross and cross[i],
                                   past=past and past[i], t=t)
            new.append(keys_values)
        return self.norm(X), new


class T5(Model):
    """Encoder, decoder, generation. config: the content of config.json."""
    def __init__(self, config, name="T5"):
        super().__init__(name="t5")
        self.c = c = complete(config, name)
        self.built, self.tied = True, c["tie_word_embeddings"]
        size = c["vocab_size"], c["d_model"]
        self.shared = Matrix("shared", *size)
        self.encoder = Stack("encoder", c, c["num_layers"])
        self.decoder = Stack("decoder", c, c["num_decoder_layers"])
        self.head = self.shared if self.tied else Matrix("lm_head", *size)
        self.writers = {}  # compiled, one for each shape

    @classmethod
    def from_pretrained(cls, checkpoint):
        """The T5 in a folder or on the hub; CourseError unless whole."""
        model = cls(find(checkpoint)[0], checkpoint)
        load_weights(checkpoint, {W.path.replace("/", "."): W
                                  for W in model.weights})
        return model

    def encode(self, ids):
        """ids (B, S) -> states (B, S, D), mask (B * n_heads, 1, S)."""
        padding = ops.cast(ops.equal(ids, self.c["pad_token_id"]), "float32")
        mask = FAR * ops.repeat(padding[:, None], self.c["num_heads"], axis=0)
        B, S = ids.shape
        bias = self.encoder.bias(B, range(S), range(S)) + mask
        return self.encoder(self.shared.rows(ids), bias)[0], mask

    def read(self, ids):
        """Keys and values of the text for each decoder block; its mask."""
        states, mask = self.encode(ids)
        return [(*block.attend[1].keys_values(states), mask)
                for block in self.decoder.blocks]

    def logits(self, X):
        return self.head(X * self.c["d_model"]**-0.5 if self.tied else X)

    def call(self, ids, Y):
        """Text ids (B, S), output Y (B, T), START first -> (B, T, V)."""
        B, T = Y.shape
        bias = self.decoder.bias(B, range(T), range(T))
        X, _ = self.decoder(self.shared.rows(Y), bias, self.read(ids))
        return self.logits(X)

    def write(self, ids, steps):
        """ids (B, S) -> the most probable tokens (B, steps), their number."""
        c, B, PAD = self.c, ids.shape[0], self.c["pad_token_id"]
        cross = self.read(ids)
        b = self.decoder.bias(B, [0], range(1 - steps, steps))
        empty = ops.zeros((b.shape[0], steps, c["d_kv"]))

        def unfinished(t, y, done, Y, past):
            return ops.logical_and(t < steps, ops.logical_not(ops.all(done)))

        def step(t, y, done, Y, past):
            bias = ops.slice(b, (0, 0, steps - 1 - t), (b.shape[0], 1, steps))
            X, past = self.decoder(self.shared.rows(y)[:, None], bias,
                                   cross=cross, past=past, t=t)
            y = ops.where(done, PAD, ops.argmax(self.logits(X)[:, 0], -1))
            done = ops.logical_or(done, ops.equal(y, c["eos_token_id"]))
            Y = ops.slice_update(Y, (0, t), y[:, None])
            return t + 1, y, done, Y, past

        t, _, _, Y, _ = ops.while_loop(unfinished, step, (
            np.int32(0), ops.full((B,), c["decoder_start_token_id"], "int32"),
            ops.zeros((B,), "bool"), ops.full((B, steps), PAD, "int32"),
            [(empty, empty) for _ in self.decoder.blocks]))
        return Y, t

    def generate(self, ids, steps=64):
        """Greedy texts, ids (B, S) -> (B, 1 + n), n <= steps: START first.

        XLA compiles once for each shape; CourseError for ids that are none.
        """
        ids = tf.constant(check_ids(ids, steps, self.c))
        if (*ids.shape, steps) not in self.writers:
            self.writers[*ids.shape, steps] = tf.function(
                lambda ids: self.write(ids, steps), jit_compile=True,
                autograph=False).get_concrete_function(ids)
        Y, n = (x.numpy() for x in self.writers[*ids.shape, steps](ids))
        return np.pad(Y[:, :n], ((0, 0), (1, 0)),
                      constant_values=self.c["decoder_start_token_id"])
