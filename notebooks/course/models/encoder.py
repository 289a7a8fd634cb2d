"""A BERT-type encoder in Keras 3 (Devlin and others, 2019), chapter 3.

B texts of T tokens; D the model's width, H a head's. Layers are named like
their tensors in Hugging Face's files.
"""
from keras import Model, ops

from .checkpoint import load_weights
from .hub import find
from .t5 import FAR, Part

# of the file, for what a vector of a text does not need
UNUSED = r"embeddings\.position_ids|pooler\.dense\.(weight|bias)"


class Linear(Part):
    """X W^T + b; W (outputs, inputs), as the files hold it."""
    def __init__(self, name, n_in, n_out):
        super().__init__(name)
        self.W = self.add_weight((n_out, n_in), "zeros", name="weight")
        self.b = self.add_weight((n_out,), "zeros", name="bias")

    def call(self, X):
        return ops.matmul(X, ops.transpose(self.W)) + self.b


class Table(Part):
    """An embedding: a row of D numbers for each of n ids."""
    def __init__(self, name, n, D):
        super().__init__(name)
        self.W = self.add_weight((n, D), "zeros", name="weight")

    def call(self, ids):
        return ops.take(self.W, ids, axis=0)


class LayerNorm(Part):
    """(x - mean) / sqrt(variance + eps) * w + b, along the last axis."""
    def __init__(self, name, c):
        super().__init__(name)
        D, self.eps = c["hidden_size"], c["layer_norm_eps"]
        self.w = self.add_weight((D,), "ones", name="weight")
        self.b = self.add_weight((D,), "zeros", name="bias")

    def call(self, X):
        X = X - ops.mean(X, -1, keepdims=True)
        variance = ops.mean(ops.square(X), -1, keepdims=True)
        return X * ops.rsqrt(variance + self.eps) * self.w + self.b


class Block(Part):
    """Attention, then a feed-forward part; each adds to its input and is
    normalised after that (post-norm)."""
    def __init__(self, name, c):
        super().__init__(name)
        D, F = c["hidden_size"], c["intermediate_size"]
        self.n_heads = c["num_attention_heads"]
        self.W_q, self.W_k, self.W_v = (
            Linear(f"{name}.attention.self.{kind}", D, D)
            for kind in ("query", "key", "value"))
        self.W_o = Linear(f"{name}.attention.output.dense", D, D)
        self.norm_1 = LayerNorm(f"{name}.attention.output.LayerNorm", c)
        self.inner = Linear(f"{name}.intermediate.dense", D, F)
        self.outer = Linear(f"{name}.output.dense", F, D)
        self.norm_2 = LayerNorm(f"{name}.output.LayerNorm", c)

    def split(self, X):
        """(B, T, D) -> (B, n_heads, T, H)."""
        B, T, D = ops.shape(X)
        return ops.swapaxes(ops.reshape(
            X, (B, T, self.n_heads, D // self.n_heads)), 1, 2)

    def call(self, X, mask):
        """X (B, T, D), mask (B, 1, 1, T) -> X, weights A (B, heads, T, T)."""
        Q, K, V = map(self.split, (self.W_q(X), self.W_k(X), self.W_v(X)))
        scores = ops.matmul(Q, ops.swapaxes(K, 2, 3)) / Q.shape[-1]**0.5
        A = ops.softmax(scores + mask)
        Y = ops.reshape(ops.swapaxes(ops.matmul(A, V), 1, 2), ops.shape(X))
        X = self.norm_1(X + self.W_o(Y))
        Y = self.outer(ops.gelu(self.inner(X), approximate=False))
        return self.norm_2(X + Y), A


class Encoder(Model):
    """Texts to vectors. config: the content of config.json."""
    def __init__(self, config):
        super().__init__(name="encoder")
        self.c, self.built = config, True
        D = config["hidden_size"]
        self.words, self.places, self.kinds = (
            Table(f"embeddings.{kind}_embeddings", config[size], D)
            for kind, size in (("word", "vocab_size"),
                               ("position", "max_position_embeddings"),
                               ("token_type", "type_vocab_size")))
        self.norm = LayerNorm("embeddings.LayerNorm", config)
        self.blocks = [Block(f"encoder.layer.{i}", config)
                       for i in range(config["num_hidden_layers"])]

    @classmethod
    def from_pretrained(cls, checkpoint):
        """The encoder in a folder or on the hub.

        CourseError names a tensor that is missing, left over or misshapen.
        """
        model = cls(find(checkpoint, "bert")[0])
        load_weights(checkpoint, {W.path.replace("/", "."): W
                                  for W in model.weights}, UNUSED, "bert")
        return model

    def call(self, ids):
        """ids (B, T), padding 0 -> states [(B, T, D)] from the embedding to
        the last block, attention weights [(B, heads, T, T)] of each block."""
        mask = FAR * ops.cast(ops.equal(ids, 0), "float32")[:, None, None]
        T = ops.shape(ids)[1]
        X = self.words(ids) + self.places.W[:T] + self.kinds.W[0]
        states, maps = [self.norm(X)], []
        for block in self.blocks:
            X, A = block(states[-1], mask)
            states, maps = states + [X], maps + [A]
        return states, maps

    def vectors(self, ids):
        """The mean of the last states of a text's tokens, of length 1."""
        real = ops.cast(ops.not_equal(ids, 0), "float32")[..., None]
        mean = ops.sum(self(ids)[0][-1] * real, 1) / ops.sum(real, 1)
        return mean / ops.norm(mean, axis=-1, keepdims=True)
