# %% [markdown]
# ## 2.1 What a large model is · AI大模型
#
# The document says: a large model is a neural network "with very many parameters and layers" (具有大量参数和层数). How many is that, where do they sit, and what do they cost? None of this has to be looked up. A model's **configuration**, five or six whole numbers, determines its parameters to the last one, and these determine the memory and nearly all of the arithmetic.
#
# ### One layer at a time
# The toy of this section fits on a finger: a dense layer from 3 inputs to 2 outputs. Each output has a weight for each input and one bias, which makes $(3+1)\cdot 2 = 8$ parameters. The other layers are dense layers in disguise:
#
# $$\begin{aligned}
# \text{dense, } a \to b: &\quad (a+1)\,b \\
# \text{convolution, } k \times k,\; C_\text{in} \to C_\text{out}: &\quad (k^2 C_\text{in}+1)\,C_\text{out} \\
# \text{LSTM, } D_\text{in} \to D: &\quad 4\,\big((D_\text{in}+D)\,D + D\big) \\
# \text{attention of width } D: &\quad 4\,(D+1)\,D
# \end{aligned} \tag{2.1}$$
#
# An LSTM is four dense layers that read the input and the last state. Attention is four of them, too: $W_q, W_k, W_v, W_o$. **Predict:** does attention with eight heads have more parameters than with one? Does it have more for a longer text?

# %%
def dense(a, b):
    return (a + 1) * b


def convolution(k, C_in, C_out):
    return (k * k * C_in + 1) * C_out


def lstm(D_in, D):
    return 4 * ((D_in + D) * D + D)


def attention(D):
    return 4 * (D + 1) * D

# %% [markdown]
# Keras builds its layers when it sees the shape of their input, and can then be asked. Both counts stand side by side, and a cell that finds them different stops the notebook.

# %%
def keras_count(layer, *shape):
    """Parameters of a Keras layer for inputs (B, *shape)."""
    inputs = [keras.KerasTensor((None, *shape))]
    if isinstance(layer, layers.MultiHeadAttention):
        inputs *= 2  # queries, and what is looked at
    layer(*inputs)
    return layer.count_params()

# %%
heads = layers.MultiHeadAttention
rows = [("dense, 3 to 2", dense(3, 2), layers.Dense(2), (3,)),
        ("convolution, 3x3, 3 to 32", convolution(3, 3, 32),
         layers.Conv2D(32, 3), (28, 28, 3)),
        ("LSTM, 1 to 64", lstm(1, 64), layers.LSTM(64), (10, 1)),
        ("attention, width 64, 1 head", attention(64), heads(1, 64), (5, 64)),
        ("attention, width 64, 8 heads, longer", attention(64), heads(8, 8),
         (500, 64))]
counted = [keras_count(layer, *shape) for *_, layer, shape in rows]
assert counted == [mine for _, mine, *_ in rows]
table([[name, f"{mine:,}", f"{n:,}"] for (name, mine, *_), n
       in zip(rows, counted)], ["layer", "equation (2.1)", "Keras"])

# %% [markdown]
# Neither the heads nor the length of the text change anything: heads divide the width among themselves, and the same four matrices are used at every position. (LSTM layers, too, use theirs at every step.) What a longer text does cost, we shall count further down: arithmetic.
#
# > ✎ **Exercise 2.shared_heads** (easy, at most 2 lines). To save memory while they write, many recent models let several query heads share one head of keys and values: `n_heads` heads of queries, but only `n_groups` of keys and of values, all of width `D // n_heads`. *Specification:* return the parameters of such an attention layer of width `D`, with biases everywhere. With `n_groups == n_heads` it must equal `attention(D)`.

# %% tags=["exercise"]
def shared_heads(D, n_heads, n_groups):
    ...  # at most 2 lines

# %%
check("2.shared_heads", shared_heads)

# %% [markdown]
# ### A whole Transformer, from small to 11B
# T5 comes in five sizes ([Raffel and others, 2020](https://arxiv.org/abs/1910.10683), section 3.7). An encoder layer is attention and a feed-forward part, a decoder layer is attention twice and a feed-forward part, and there are `n_layers` of each. T5 has no biases, a scale vector of $D$ numbers in place of each layer norm, and in each stack one small table of 32 distances for each head. Its heads need not divide its width: each is $H$ wide, whatever $D$ is. Input and output share one embedding of $V$ pieces.
#
# $$N = \underbrace{V D}_\text{embedding} + \underbrace{3\,n_\text{layers} \cdot 4\,D\,n_\text{heads} H + 2 \cdot 32\, n_\text{heads}}_\text{attention} + \underbrace{2\,n_\text{layers} \cdot 2\,D\,d_\text{ff}}_\text{feed-forward} + \underbrace{(5\,n_\text{layers} + 2)\,D}_\text{norms} \tag{2.2}$$

# %%
def t5_parts(D, H, d_ff, n_heads, n_layers, V=32_128):
    """Parameters of each part of a T5; equation (2.2)."""
    return {"embedding": V * D,
            "attention": 3 * n_layers * 4 * D * n_heads * H
            + 2 * 32 * n_heads,
            "feed-forward": 2 * n_layers * 2 * D * d_ff,
            "norms": (5 * n_layers + 2) * D}

# %% [markdown]
# Their configurations stand in the paper and in the published checkpoints' `config.json`. (A checkpoint's table has 32,128 rows for a vocabulary of 32,000 pieces and 100 sentinels, rounded up.)

# %%
T5 = {
    "small": dict(D=512, H=64, d_ff=2048, n_heads=8, n_layers=6),
    "base": dict(D=768, H=64, d_ff=3072, n_heads=12, n_layers=12),
    "large": dict(D=1024, H=64, d_ff=4096, n_heads=16, n_layers=24),
    "3B": dict(D=1024, H=128, d_ff=16_384, n_heads=32, n_layers=24),
    "11B": dict(D=1024, H=128, d_ff=65_536, n_heads=128, n_layers=24)}
N = {size: sum(t5_parts(**config).values()) for size, config in T5.items()}
assert N["small"] == 60_506_624

# %% [markdown]
# Before the totals: **where do the parameters sit?** One bar for each size, divided into its parts. *Predict* which part dominates in the smallest and which in the largest.

# %%
from course.plots import stacked

parts = {size: t5_parts(**config) for size, config in T5.items()}
show(stacked(parts, "share of the parameters (%)"), "2.fig.parts")

# %% [markdown]
# In the small one, more than a quarter of all parameters is the list of words. In the largest the words nearly vanish, and the feed-forward part, a layer that chapter 3 needs one line for, is more than half. Now the library. `transformers` can build any configuration; an 11B model would take 45 GB. But in a TensorFlow *graph* a variable is only a name with a shape until somebody runs it, and shapes are all that counting needs:

# %%
from transformers import T5Config, TFT5ForConditionalGeneration


def library_count(D, H, d_ff, n_heads, n_layers, V=32_128):
    config = T5Config(d_model=D, d_kv=H, d_ff=d_ff, num_heads=n_heads,
                      num_layers=n_layers, vocab_size=V)
    with tf.Graph().as_default():  # shapes alone, no memory
        model = TFT5ForConditionalGeneration(config)
        model.build()
        return model.count_params()

# %%
library = {size: library_count(**config) for size, config in T5.items()}
assert library == N

# %%
paper = ["60M", "220M", "770M", "3B", "11B"]  # as the paper rounds them
table([[size, f"{N[size]:,}", f"{library[size]:,}", text,
        2 * T5[size]["n_layers"], T5[size]["D"]]
       for size, text in zip(T5, paper)],
      ["T5", "equation (2.2)", "transformers", "paper", "layers", "width"])

# %% [markdown]
# Equal to the last digit, five times. Two things are worth a second look. *Large* has 738 million by both counts, and the paper rounds to 770. With an output embedding of its own it would have:

# %%
extra = 32_128 * T5["large"]["D"]
print(f"{(N['large'] + extra) / 1e6:.0f} million with a second embedding")
assert round((N["large"] + extra) / 1e6) == 771

# %% [markdown]
# so perhaps that is what was counted; the paper does not say. And the three largest have **the same number of layers and the same width**. From *large* to *11B* only the number of heads and the feed-forward part grow. What makes that model large is its parameters, not its depth.

# %%
growth = N["11B"] / N["large"]
same = T5["large"]["n_layers"] == T5["11B"]["n_layers"]
claim("2.1.a", "limits" if same and growth > 10 else "holds",
      growth=growth, layers=2 * T5["11B"]["n_layers"])

# %% [markdown]
# > ✎ **Exercise 2.experts** (medium, at most 3 lines). A *mixture of experts* has `n_experts` feed-forward parts in place of one, each $2\,D\,d_\text{ff}$ without biases, and a *router*, a matrix of $D$ by `n_experts` that picks `k` of them for each token. *Specification:* return two numbers: the parameters that must be stored, and those that one token passes through (the router is always used). It is the reason why "how large is it?" has two answers for many models of today.

# %% tags=["exercise"]
def experts(D, d_ff, n_experts, k):
    ...  # at most 3 lines; return stored, used

# %%
check("2.experts", experts)

# %% [markdown]
# ### What it weighs
# To **answer**, a model needs its weights: 4 bytes each in float32, 2 in bfloat16, 1 in int8. To **learn** with Adam it needs three more numbers for each weight: the gradient, and Adam's running means of the gradient and of its square.
#
# $$M_\text{answer} = b\,N, \qquad M_\text{learn} = \underbrace{4N}_\text{weights} + \underbrace{4N}_\text{gradients} + \underbrace{2 \cdot 4N}_\text{Adam} = 16\,N \text{ bytes in float32} \tag{2.3}$$
#
# Is that so? We ask a small model for what it really holds. It is a language model: word numbers in, for each position the scores of the next word out, `n_layers` blocks of attention and feed-forward. The blocks come from `course/contest.py` and serve the whole chapter; here is one.

# %%
print(inspect.getsource(contest.block))

# %%
def language_model(V, D, n_heads, n_layers, T):
    """Word numbers (B, T) -> scores of each next word (B, T, V)."""
    tokens = keras.Input((T,), dtype="int32")
    x = contest.Positions()(layers.Embedding(V, D)(tokens))
    for _ in range(n_layers):
        x = contest.block(x, D, n_heads, causal=True)
    x = layers.LayerNormalization()(x)
    return keras.Model(tokens, layers.Dense(V)(x))

# %% [markdown]
# A block of width $D$ has $12D^2 + 13D$ parameters: four times $D^2$ for attention, twice $4D^2$ for the feed-forward part, and the biases and norms. Embedding, positions, the last norm and the output layer come on top:
#
# $$N = V D + T D + n_\text{layers}\,(12 D^2 + 13 D) + 2D + (D+1)\,V \tag{2.4}$$
#
# Its text is 4,000 short reviews of this collection, written by a grammar (`data/README.md`); a word is one of about two hundred.

# %%
(texts, sentiment), (texts_test, sentiment_test) = load_reviews()
known = contest.vocabulary(texts)
T = contest.LONGEST - 1
sizes = dict(V=len(known) + 1, D=64, n_heads=4, n_layers=4, T=T)
model = language_model(**sizes)

# %%
def model_parameters(V, D, n_layers, T, n_heads=None):
    """Equation (2.4); the number of heads does not matter."""
    return (V * D + T * D + n_layers * (12 * D**2 + 13 * D) + 2 * D
            + (D + 1) * V)


n = model_parameters(**sizes)
assert n == model.count_params()
print(f"{n:,} parameters, by equation (2.4) and by Keras")

# %%
def nbytes(tensors):
    """Bytes that the numbers of some variables or tensors take."""
    return sum(int(np.prod(v.shape)) * tf.as_dtype(v.dtype).size
               for v in tensors)

# %% [markdown]
# For the precisions, Keras builds the same model in bfloat16, and turns the matrices of a third copy into int8. For learning, one step is taken and the gradients and Adam's numbers are weighed.

# %%
keras.config.set_dtype_policy("bfloat16")
half = language_model(**sizes)
keras.config.set_dtype_policy("float32")
quarter = language_model(**sizes)
quarter.quantize("int8")

# %%
def loss_of(model, X):
    """Mean of -ln p(next word) for sentences X (B, T + 1) of numbers."""
    z = model(X[:, :-1])  # (B, T, V)
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(X[:, 1:], z))

# %%
book = contest.one_hot(texts, known).argmax(axis=-1).astype("int32")
check_shape(book, (4000, T + 1))
adam = keras.optimizers.Adam()
with tf.GradientTape() as tape:
    loss = loss_of(model, book[:32])
gradients = tape.gradient(loss, model.trainable_variables)
adam.apply(gradients, model.trainable_variables)

# %%
rows = [("weights, float32", 4, nbytes(model.weights)),
        ("weights, bfloat16", 2, nbytes(half.weights)),
        ("weights, int8", 1, nbytes(quarter.weights)),
        ("gradients, float32", 4, nbytes(gradients)),
        ("Adam, float32", 8, nbytes(adam.variables))]
table([[name, b, f"{weighed / n:.2f}"] for name, b, weighed in rows],
      ["what", "bytes a parameter, equation (2.3)", "weighed"])

# %%
weighed = {name: found / n / b for name, b, found in rows}
assert 1 < weighed.pop("weights, int8") < 1.25
assert all(abs(ratio - 1) < 0.001 for ratio in weighed.values())

# %% [markdown]
# Equation (2.3) holds to the byte, but for int8: only the matrices become whole numbers. Biases, norms and a scale for each column stay in float32, and in a model as small as ours these are not nothing. In a large one they are. (Our count leaves out the *activations*, the intermediate results that learning must keep: they grow with batch and length, not with $N$ alone.)
#
# Turn the knobs: what does which model need, and on which machine does it fit? Dashed lines stand at 2, 16 and 80 GB: what a free notebook server gives, a laptop, and one large accelerator card. GPT-3's configuration is that of its paper ([Brown and others, 2020](https://arxiv.org/abs/2005.14165), table 2.1: 96 layers, width 12,288, 2,048 tokens; its vocabulary has 50,257 pieces). *Predict* the smallest T5 that can't learn on a laptop.

# %%
from course.plots import memory_bars

GPT3 = dict(V=50_257, D=12_288, n_layers=96, T=2048)
# GPT-3 shares its embedding between input and output, and has no bias there
N["GPT-3"] = (model_parameters(**GPT3) - (GPT3["D"] + 1) * GPT3["V"])
print(f"GPT-3: {N['GPT-3'] / 1e9:.1f} billion parameters")
assert abs(N["GPT-3"] / 174.6e9 - 1) < 0.001  # its table D.1: 174,600 M

# %%
def memory(model="large", numbers="float32"):
    b = {"float32": 4, "bfloat16": 2, "int8": 1}[numbers]
    return memory_bars(N[model], b)


explore(memory, "2.fig.memory", model=list(N),
        numbers=["float32", "bfloat16", "int8"])

# %%
def gigabytes(n, b):
    return n * b / 1e9


rows = [[name, f"{gigabytes(n, 4):,.1f}", f"{gigabytes(n, 1):,.1f}",
         f"{gigabytes(n, 16):,.1f}"] for name, n in N.items()]
table(rows, ["model", "answers, float32 (GB)", "answers, int8 (GB)",
             "learns with Adam (GB)"])
assert gigabytes(N["3B"], 16) > 16 > gigabytes(N["large"], 16)

# %% [markdown]
# *Large* can just about learn on a laptop of 16 GB, *3B* can't; in int8 it answers there comfortably. GPT-3 answers on no single machine of our three. That is one plain meaning of "large": **it no longer fits**, and the work must be divided (chapter 8).
#
# ### What it computes
# Forward, each weight of a matrix is used once for each token: one multiplication, one addition. Backward, it is used twice more, once to find the gradient of what came in, once to find its own. So for `tokens` tokens of text
#
# $$C \approx 2N \cdot \text{tokens (forward)} + 4N \cdot \text{tokens (backward)} = 6\,N \cdot \text{tokens}. \tag{2.5}$$
#
# (The literature calls the tokens $D$; here $D$ is the width.) Is it true? TensorFlow writes a training step down as a graph, and every product of matrices in it states its shapes. We go through the graph and add up: a product of $(m, k)$ and $(k, n)$ costs $2\,m\,k\,n$ operations.

# %%
def training_step(model, B):
    """The graph of loss and gradients for B sentences."""
    def step(X):
        with tf.GradientTape() as tape:
            loss = loss_of(model, X)
        return tape.gradient(loss, model.trainable_variables)

    shape = (B, model.input_shape[1] + 1)
    step = tf.function(step)
    return step.get_concrete_function(tf.TensorSpec(shape, tf.int32)).graph

# %%
TURNED = {"MatMul": "transpose_a", "BatchMatMulV2": "adj_x"}


def products(graph):
    """{kind: operations} of the products of matrices in a graph."""
    cost = dict.fromkeys(TURNED, 0)
    for op in graph.get_operations():
        if op.type in TURNED:
            turned = op.get_attr(TURNED[op.type])
            k = op.inputs[0].shape[-2 if turned else -1]
            cost[op.type] += 2 * k * int(np.prod(op.outputs[0].shape))
    return cost

# %% [markdown]
# On paper: of the parameters, embedding, positions, biases and norms take part in no product, which leaves $12D^2$ a block and $DV$ at the end. And there are products without any parameter: $QK^\top$ and the weights times $V$, $2TD$ operations each for a token in each block. **They grow with the length of the text**, and the rule leaves them out.
#
# $$C = 3 \cdot \text{tokens} \cdot \big(\, 2\,(12\,n_\text{layers} D^2 + DV) + 4\, n_\text{layers} T D \,\big) \tag{2.6}$$

# %%
def exact(V, D, n_layers, T, n_heads=None):
    """Operations of a training step for each token; equation (2.6)."""
    return 3 * (2 * (12 * n_layers * D**2 + D * V) + 4 * n_layers * T * D)


def compared(B=8, **change):
    """Counted products against equation (2.6), and against 6N."""
    config = {**sizes, **change}
    model = language_model(**config)
    counted = products(training_step(model, B))
    tokens = B * config["T"]
    assert sum(counted.values()) == exact(**config) * tokens
    return counted, sum(counted.values()) / (6 * tokens
                                             * model.count_params())

# %%
cases = {"as it is": {}, "256 tokens long": {"T": 256},
         "4,000 words": {"V": 4000}}
ratios = {name: compared(**change)[1] for name, change in cases.items()}
table([[name, f"{ratio:.2f}"] for name, ratio in ratios.items()],
      ["the small language model", "counted / 6N tokens"])

# %%
assert 0.9 < ratios["as it is"] < 1.1
assert ratios["256 tokens long"] > 1.2 and ratios["4,000 words"] < 0.8
print("equation (2.6) equals the count in the graph, three times")

# %% [markdown]
# Equation (2.6) is exact. The rule $6N$ is within a tenth for our model as it is, too low for a long text, where attention's own products count, and too high for a large vocabulary, whose embedding is parameters without arithmetic. For a *large* model of a usual length both are small change, which is why everybody uses the rule. Where does that end? The curve shows the share of attention's products, $QK^\top$ and weights times $V$, in all arithmetic; turn the length up (in powers of two).

# %%
shapes = {"ours": sizes, "GPT-3": GPT3}


def attention_share(model="GPT-3", log2_T=11):
    """Of the arithmetic, the products that hold no parameters."""
    lengths = 2 ** np.arange(5, 21)
    config = {**shapes[model], "T": 0}
    plain = exact(**config)
    share = [1 - plain / exact(**{**config, "T": int(t)}) for t in lengths]
    fig, ax = plt.subplots(figsize=(6, 2.8))
    ax.semilogx(lengths, 100 * np.array(share), "C0.-", base=2)
    ax.plot(2**log2_T, 100 * share[log2_T - 5], "C1s", ms=9)
    ax.set(xlabel="length of the text (tokens)", ylim=(0, 100),
           ylabel="attention's products (%)",
           title=f"{model}, {2**log2_T:,} tokens:"
           f" {100 * share[log2_T - 5]:.1f} %")
    return fig


explore(attention_share, "2.fig.share", model=list(shapes), log2_T=(5, 20))

# %% [markdown]
# At GPT-3's 2,048 tokens a few parts in a hundred; at a million tokens nearly everything. What a *wide* model may neglect, a narrow one may not: choose "ours" and see.
#
# TensorFlow's own profiler counts operations, too, and chapter 4 uses it. Does it agree?

# %%
from tensorflow.compat.v1.profiler import ProfileOptionBuilder, profile

tf.get_logger().setLevel("ERROR")  # the profiler calls itself old-fashioned


def profiled(graph):
    """{kind: operations} by TensorFlow's profiler."""
    options = ProfileOptionBuilder(ProfileOptionBuilder.float_operation())
    cost = {}
    for part in profile(graph,
                        options=options.with_empty_output().build()).children:
        kind = graph.get_operation_by_name(part.name).type
        cost[kind] = cost.get(kind, 0) + part.float_ops
    return cost

# %%
graph = training_step(model, B=8)
ours, theirs = products(graph), profiled(graph)
for kind in TURNED:
    print(f"{kind}: counted {ours[kind]:,}, profiler {theirs[kind]:,}")
assert ours["MatMul"] == theirs["MatMul"]
assert ours["BatchMatMulV2"] > theirs["BatchMatMulV2"]

# %% [markdown]
# For products with weights it does. For attention's batched products it reports less: its source asks each of them for an attribute `transpose_a`, but theirs is called `adj_x`, so that it takes the wrong side of a transposed matrix for $k$. Trust a counter when it agrees with your own; here it was worth the ten lines.
#
# ### Does it learn?
# The document says that such models are "usually trained with deep learning": by following the gradient of a loss, found by backpropagation, through all layers at once. All its weight matrices, norms and embeddings take part. **Predict:** before training, every word is equally likely; what is the loss?

# %%
@tf.function
def update(X):
    with tf.GradientTape() as tape:
        loss = loss_of(model, X)
    gradients = tape.gradient(loss, model.trainable_variables)
    adam.apply(gradients, model.trainable_variables)
    return loss

# %%
rng = np.random.default_rng(SEED)
before = float(loss_of(model, book[:200]))
adam.learning_rate = 0.003
for _ in range(150):
    update(tf.constant(book[rng.integers(0, len(book), 32)]))
after = float(loss_of(model, book[:200]))

# %%
print(f"ln {sizes['V']} = {np.log(sizes['V']):.1f};",
      "the loss before lies within 1 of it:",
      bool(abs(before - np.log(sizes["V"])) < 1))
print("after 150 steps below 2:", after < 2)
assert abs(before - np.log(sizes["V"])) < 1 and after < 2
reached = all(np.any(g) for g in gradients)
claim("2.1.c", "holds" if reached and after < 2 else "fails", n=n)

# %% [markdown]
# ### How long would GPT-3 take on this machine?
# Its paper states the compute, table D.1: $3.14 \cdot 10^{23}$ operations for 174.6 billion parameters and 300 billion tokens. By the rule:

# %%
C = 6 * 174.6e9 * 300e9
print(f"6 N tokens = {C:.2e} operations")
assert abs(C / 3.14e23 - 1) < 0.01

# %% [markdown]
# And this machine? Two speeds: of one product of two large matrices, the kindest work there is, and of our training step. They differ from machine to machine and from minute to minute; **predict** the order of magnitude of the answer before you run it.

# %%
def seconds(work, times):
    """Shortest of several runs."""
    spent = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return min(spent)

# %% tags=["nbval-ignore-output"]
with tf.device("CPU:0"):
    A = tf.random.normal((1500, 1500))
    multiply = tf.function(lambda: tf.reduce_sum(A @ A))
    speed = 2 * 1500**3 / seconds(lambda: float(multiply()), 5)
batch = tf.constant(book[:32])
step_speed = (32 * T * exact(**sizes)
              / seconds(lambda: float(update(batch)), 10))
years = C / speed / (365.25 * 24 * 3600)
print(f"large product {speed / 1e9:.0f}, training step "
      f"{step_speed / 1e9:.0f} billion operations a second")
print(f"GPT-3 at the speed of the large product: {years:,.0f} years")

# %%
assert years > 1000 and step_speed < speed
print("more than 1,000 years:", years > 1000)
print("the training step is slower than the large product:",
      step_speed < speed)

# %% [markdown]
# Even at the speed of the kindest work, and if its memory were large enough, this machine would have had to begin more than a thousand years ago. Large models are made by dividing the work among thousands of machines; what divides well and what doesn't is a matter of chapter 8.
#
# > ✎ **Exercise 2.years** (easy, 1 line). *Specification:* for `N` parameters, `tokens` tokens of training text and `speed` operations a second, return the years that training takes by the rule $6N$ (a year has 365.25 days).

# %% tags=["exercise"]
def years_of(N, tokens, speed):
    ...  # 1 line

# %%
check("2.years", years_of)

# %% [markdown]
# ### Your own model
# Put a configuration of your own here, of a language model as in equation (2.4), and the tokens that it shall read. What could *you* train overnight?

# %%
MY_MODEL = dict(V=8000, D=256, n_layers=6, T=256)
MY_TOKENS = 20_000_000

check_positive(**MY_MODEL, tokens=MY_TOKENS)
mine = model_parameters(**MY_MODEL)
work = exact(**MY_MODEL) * MY_TOKENS
print(f"{mine:,} parameters, {16 * mine / 1e9:.2f} GB to learn")
print(f"{work:.1e} operations, by the rule {6 * mine * MY_TOKENS:.1e}")

# %% tags=["nbval-ignore-output"]
hours = work / step_speed / 3600  # seconds as measured above
print(f"about {hours:,.1f} hours on this machine")
assert hours > 0
