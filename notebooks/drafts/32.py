# %% [markdown]
# ## 3.2 Convolutional neural networks (CNN) · 卷积神经网络（CNN）
# The document names three layers: convolution, pooling, and a fully connected end, made for images and videos. The network of section 3.1 read images without any of them. But what did it know about them? Shuffle the pixels of all pictures in the same way, and the first layer's weights along with them: nothing changes. That one pixel lies beside another meant nothing to it.

# %%
order = np.random.default_rng(SEED).permutation(784)
same_reader = [reader[0][order], *reader[1:]]
compare("shuffled pixels", forward(
    same_reader, X_test.reshape(-1, 784)[:, order])[-1], z_test, tol=1e-5)

# %% [markdown]
# **What does a network gain when it knows that pixels have neighbours, and what does it give up for it?**
#
# ### Convolution by hand
# Slide a small table of weights, the *kernel* $K$, over the picture $X$. At each place multiply what lies on top of each other, and add up:
#
# $$Y_{ij} = \sum_{u} \sum_{v} X_{i+u,\, j+v}\; K_{uv}.$$
#
# Our toy is a wall: dark on the left, bright on the right. The kernel takes bright to the right minus bright to the left, over three rows. On paper: where does it answer 0, and where 3?

# %%
wall = np.array([[0, 0, 0, 1, 1.0]] * 4)  # (4, 5)
edge = np.array([[-1, 0, 1.0]] * 3)  # (3, 3)

# %%
def correlate(X, K):
    """Y[i, j] is the sum of X under K with its corner at (i, j)."""
    rows, columns = np.subtract(X.shape, K.shape) + 1
    Y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        for u, v in np.ndindex(K.shape):
            Y[i, j] += X[i + u, j + v] * K[u, v]
    return Y

# %%
correlate(wall, edge)

# %% [markdown]
# A word about the word. Mathematics calls this *cross-correlation*. Its *convolution* turns the kernel around first. Networks learn their kernels, so they would learn the turned one just as well, and deep learning calls the simpler operation convolution. In one dimension NumPy has both:

# %%
signal, kernel = np.array([0, 0, 0, 1.0, 1]), np.array([-1, 0, 2.0])
compare("convolution is correlation with the kernel turned around",
        np.convolve(signal, kernel, "valid"),
        correlate(signal[None], kernel[None, ::-1])[0], tol=1e-9)

# %% [markdown]
# A convolutional *layer* does this for $B$ pictures of $C$ channels each (colours, or the outputs of an earlier layer), with $F$ kernels that look at all channels at once, and moves by a *stride* $s$:
#
# $$Y_{nijf} = \sum_{u,v,c} X_{n,\; si+u,\; sj+v,\; c}\; W_{uvcf}.$$
#
# Seven loops. Where the kernel should reach over the edge, the picture first gets a frame of zeros, the *padding*.

# %%
def conv_loops(X, W, stride=1, padding=0):
    """X (B, height, width, C), W (k, k, C, F) -> (B, height', width', F)"""
    frame = (padding, padding)
    X = np.pad(X, [(0, 0), frame, frame, (0, 0)])
    k, _, C, F = W.shape
    rows, columns = ((n - k) // stride + 1 for n in X.shape[1:3])
    Y = np.zeros((len(X), rows, columns, F), X.dtype)
    for n, i, j, f in np.ndindex(Y.shape):
        for u, v, c in np.ndindex(k, k, C):
            Y[n, i, j, f] += (X[n, stride * i + u, stride * j + v, c]
                              * W[u, v, c, f])
    return Y

# %% [markdown]
# Now without a loop. Each output is a dot product between a patch of the picture and a kernel, both laid out as lists of $k^2 C$ numbers. `sliding_window_view` lists the patches without copying a single pixel, and **one matrix product** does the rest, for all places and all kernels.

# %%
def patches_of(X, k, stride=1, padding=0):
    """The patches as rows, (B, places, k * k * C), and (height', width')."""
    frame = (padding, padding)
    X = np.pad(X, [(0, 0), frame, frame, (0, 0)]) if padding else X
    windows = sliding_window_view(X, (k, k), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    B, rows, columns = windows.shape[:3]
    # kernel places in front: then whole rows of pixels are copied at once
    patches = windows.transpose(0, 4, 5, 3, 1, 2).reshape(
        B, -1, rows * columns)
    return patches.transpose(0, 2, 1), (rows, columns)

# %%
def conv2d(X, W, stride=1, padding=0):
    """The same as `conv_loops`."""
    patches, size = patches_of(X, W.shape[0], stride, padding)
    return (patches @ W.reshape(-1, W.shape[3])).reshape(len(X), *size, -1)

# %% [markdown]
# Same numbers as the loops, and as TensorFlow's:

# %%
rng = np.random.default_rng(SEED)
X_rgb = rng.normal(size=(2, 7, 8, 3))
W_rgb = rng.normal(size=(3, 3, 3, 4))

# %%
for stride, padding in [(1, 0), (1, 1), (2, 0), (2, 1), (3, 2)]:
    name = f"stride {stride}, padding {padding}"
    frame = [[0, 0], [padding] * 2, [padding] * 2, [0, 0]]
    mine = conv2d(X_rgb, W_rgb, stride, padding)
    compare(f"loops, {name}", mine,
            conv_loops(X_rgb, W_rgb, stride, padding), tol=1e-9)
    compare(f"tf.nn.conv2d, {name}", mine,
            tf.nn.conv2d(X_rgb, W_rgb, stride, frame), tol=1e-9)

# %% [markdown]
# What is it worth to leave the loops? Guess a factor. We let all three work on 32 pictures of 28 × 28 with 32 kernels of 3 × 3, in the 7-digit numbers that networks use. (The loops get two pictures, and their time is multiplied by 16.)

# %%
X_32 = rng.random((32, 28, 28, 1), dtype="float32")
W_32 = rng.random((3, 3, 1, 32), dtype="float32")

# %%
def fastest(f, repeats):
    """Seconds of the fastest of some runs, the least disturbed one."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        f()
        times.append(time.perf_counter() - begin)
    return min(times)

# %% tags=["nbval-ignore-output"]
seconds = {
    "loops": 16 * fastest(lambda: conv_loops(X_32[:2], W_32), 1),
    "NumPy": fastest(lambda: conv2d(X_32, W_32), 100),
    "tf.nn.conv2d": fastest(
        lambda: tf.nn.conv2d(X_32, W_32, 1, "VALID").numpy(), 100)}
table([[name, f"{1000 * s:.2f}", f"{seconds['loops'] / s:,.0f}"]
       for name, s in seconds.items()], ["", "ms", "times the loops' speed"])

# %%
compare("float32, 32 kernels", conv2d(X_32, W_32),
        tf.nn.conv2d(X_32, W_32, 1, "VALID"), tol=1e-5)

# %%
assert seconds["loops"] > 100 * seconds["NumPy"]
assert seconds["NumPy"] < 5 * seconds["tf.nn.conv2d"]
print("at least 100 times as fast as the loops, "
      "at most 5 times TensorFlow's time: True")

# %% [markdown]
# ✎ **Exercise 3.conv_by_kernel** (medium, 4 lines). There is a third way. Loop over the few places of the kernel, not over the many of the picture: for each $(u, v)$ take the whole picture shifted by it, times the one number $K_{uv}$, and add up. One picture, one square kernel, no padding; the slow specification is `correlate` above.

# %% tags=["exercise"]
def conv_by_kernel(X, K):
    ...  # about 4 lines

check("3.conv_by_kernel", conv_by_kernel)
# hint("3.conv_by_kernel")
# solution("3.conv_by_kernel")

# %% [markdown]
# ### How large is the output?
# A picture of $n$ pixels a side with padding $p$ has $n + 2p$. The kernel's corner can stand at $0, s, 2s, \ldots$ up to $n + 2p - k$, where $\lfloor\cdot\rfloor$ means "rounded down":
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1.$$
#
# With $s = 1$ and $p = \frac{k-1}{2}$ the size stays. Does the formula agree with TensorFlow for every combination?

# %%
cases = [case for case in itertools.product(
    range(3, 13), [1, 2, 3, 5], [1, 2, 3, 4], [0, 1, 2])
    if case[0] + 2 * case[3] >= case[1]]

# %%
for n, k, s, p in cases:
    Y = tf.nn.conv2d(tf.zeros((1, n, n, 1)), tf.zeros((k, k, 1, 1)), s,
                     [[0, 0], [p, p], [p, p], [0, 0]])
    assert Y.shape[1] == (n + 2 * p - k) // s + 1
print(f"{len(cases)} combinations of n, k, s and p: all as the formula says")

# %% [markdown]
# ### What kernels see
# Kernels were drawn by hand for decades before they were learned. Here are four of them on a photograph that comes with scikit-learn, a temple in China. Which one will light up under the eaves, and which one along the pillars?

# %%
from sklearn.datasets import load_sample_image

photo = load_sample_image("china.jpg")[::2, ::2].mean(axis=-1) / 255
photo = photo[None, :, :, None].astype("float32")  # (1, 214, 320, 1)

# %%
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
KERNELS = {
    "vertical edges": sobel,
    "horizontal edges": sobel.T,
    "blur": np.ones((9, 9)) / 81,
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
}

# %%
def filtered(name):
    return conv2d(photo, KERNELS[name][:, :, None, None])[0, :, :, 0]

# %%
fig, axes = plt.subplots(2, 2, figsize=(7, 4.9))
for ax, name in zip(axes.flat, KERNELS):
    Y = filtered(name)
    if "edges" in name:
        Y = np.abs(Y) / 2
    ax.imshow(Y, cmap="gray", vmin=0, vmax=1)
    ax.set_title(name)
    ax.axis("off")
show(fig, "3.fig.kernels")

# %% [markdown]
# The first kernel finds what changes from left to right: pillars and the sides of the roofs. The second finds what changes from top to bottom: eaves, steps, railings. Blur is an average over 9 × 9 pixels, and sharpen exaggerates the difference between a pixel and its neighbours. Each map tells where in the picture something is; that is meant by *extracting features*.
#
# It works because a photograph is no random table of numbers. Neighbours resemble each other, and the same shapes turn up in many places. Shuffle the pixels, and there is nothing left for a small kernel to find:

# %%
def neighbours(X):
    """Correlation between pixels and the pixels on their right."""
    return np.corrcoef(X[:, :-1].ravel(), X[:, 1:].ravel())[0, 1]

# %%
shuffled = rng.permutation(photo.ravel()).reshape(photo.shape[1:3])

# %%
as_taken, mixed = neighbours(photo[0, :, :, 0]), neighbours(shuffled)
assert as_taken > 0.9 and abs(mixed) < 0.05
print("neighbours' correlation above 0.9, shuffled below 0.05: True")

# %% [markdown]
# A video has one axis more, time, and a kernel can stretch along it too. Two frames, one minus the other: the smallest kernel that sees motion. A dot moves a pixel to the right in each frame, above a bar that stands still. What remains?

# %%
video = np.zeros((1, 4, 5, 7, 1))  # (B, time, height, width, C)
video[0, :, 3] = 1  # the bar
for t in range(4):
    video[0, t, 1, t + 1] = 1  # the dot

# %%
K_time = np.array([-1.0, 1]).reshape(2, 1, 1, 1, 1)
motion = sliding_window_view(video, 2, axis=1) @ K_time.ravel()
compare("tf.nn.conv3d", motion,
        tf.nn.conv3d(video, K_time, [1] * 5, "VALID"), tol=1e-9)

# %%
motion[0, 0, :, :, 0].astype(int)

# %% [markdown]
# The bar is gone; the dot has left one pixel (−1) and entered the next (1).

# %% [markdown]
# ### Pooling
# Often it matters that a feature is there, and less exactly where. *Pooling* cuts the map into squares and keeps one number of each: the largest, or the mean. For each channel $c$ and squares of side $k$,
#
# $$Y_{nijc} = \max_{0 \le u, v < k} X_{n,\; ki+u,\; kj+v,\; c}.$$

# %%
def pool_loops(X, k, of):
    """`of` is np.max or np.mean; X (B, height, width, C)."""
    B, rows, columns, C = X.shape
    Y = np.zeros((B, rows // k, columns // k, C))
    for n, i, j, c in np.ndindex(Y.shape):
        Y[n, i, j, c] = of(X[n, k * i:k * i + k, k * j:k * j + k, c])
    return Y

# %%
def max_pool(X, k=2):
    """The same for np.max; height and width must be multiples of k."""
    B, rows, columns, C = X.shape
    blocks = X.reshape(B, rows // k, k, columns // k, k, C)
    return blocks.max(axis=(2, 4))

# %%
X_pool = rng.normal(size=(2, 6, 8, 3))
compare("max pooling, loops", max_pool(X_pool),
        pool_loops(X_pool, 2, np.max), tol=1e-9)
compare("tf.nn.max_pool2d", max_pool(X_pool),
        tf.nn.max_pool2d(tf.constant(X_pool), 2, 2, "VALID"), tol=1e-9)

# %%
compare("tf.nn.avg_pool2d", pool_loops(X_pool, 2, np.mean),
        tf.nn.avg_pool2d(tf.constant(X_pool), 2, 2, "VALID"), tol=1e-9)

# %% [markdown]
# ✎ **Exercise 3.average_pool** (medium, 3 lines). Write average pooling for one picture `X` of shape (height, width, C) and squares of side `k`, without loops. If the sides aren't multiples of `k`, cut off the rest. The slow specification is `pool_loops` with `np.mean`, which does so too.

# %% tags=["exercise"]
def average_pool(X, k):
    ...  # about 3 lines

check("3.average_pool", average_pool)
# hint("3.average_pool")
# solution("3.average_pool")

# %% [markdown]
# ### The fully connected end, and what "reduces parameters" means
# Behind the last map, all its numbers are put in one row, and a dense layer as in section 3.1 gives each class a score from all of them: that is the *fully connected* end. The document says that pooling reduces the number of parameters. Pooling itself has none. So count a small CNN for the digits, 8 kernels of 5 × 5, with and without it. Predict first: which layer changes?

# %%
def count(pooling):
    """Parameters of each layer, for 28 x 28 pixels and 10 classes."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 5, activation="relu"),
        *[layers.MaxPooling2D(2)] * pooling,
        layers.Conv2D(16, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10)])
    return {f"{type(layer).__name__} {layer.output.shape[1:]}":
            layer.count_params() for layer in model.layers}

# %%
for pooling in (False, True):
    table(list(count(pooling).items()),
          ["with pooling" if pooling else "without pooling", "parameters"])

# %% [markdown]
# The convolution behind the pooling keeps its parameters, as its kernels are as large as ever. Only the dense end gets fewer, because it has a weight for each number of a map that became smaller. By formula: a convolution has $k^2 C F + F$ parameters whatever the picture's size, a dense layer $n_{\text{in}}\, n_{\text{out}} + n_{\text{out}}$.

# %%
without, with_it = count(False), count(True)
dense = [list(c.values())[-1] for c in (without, with_it)]

# %%
convs = [[v for name, v in c.items() if name.startswith("Conv")]
         for c in (without, with_it)]
assert convs[0] == convs[1] == [5 * 5 * 1 * 8 + 8, 3 * 3 * 8 * 16 + 16]
assert dense == [22 * 22 * 16 * 10 + 10, 10 * 10 * 16 * 10 + 10]

# %%
claim("3.2.2", "limits", without=dense[0], with_it=dense[1])

# %% [markdown]
# ### A convolution is a dense layer that saves
# Everything a convolution does is a sum of inputs times weights, so a dense layer can do the same job. Its matrix is found by asking: feed a picture with a single 1, for each pixel, and write down what comes out.

# %%
K_toy = np.arange(1.0, 10).reshape(3, 3, 1, 1)
single_pixels = np.eye(36).reshape(36, 6, 6, 1)
as_dense = conv2d(single_pixels, K_toy).reshape(36, 16)  # 6 x 6 to 4 x 4

# %%
X_6 = rng.normal(size=(5, 6, 6, 1))
compare("convolution as a dense layer", X_6.reshape(5, 36) @ as_dense,
        conv2d(X_6, K_toy).reshape(5, 16), tol=1e-9)

# %%
fig, ax = plt.subplots(figsize=(7, 3.4))
image = ax.imshow(as_dense.T, cmap="viridis", interpolation="nearest")
ax.set(xlabel="input pixel (36)", ylabel="output (16)")
ax.grid(False)
fig.colorbar(image, label="weight", shrink=0.8)
show(fig, "3.fig.matrix")

# %% [markdown]
# Two savings are to be seen. Most weights are 0 (dark): an output looks only at its neighbourhood, *locality*. And the nine others are the same in every row, moved along: *weight sharing*. Now the bill at real size, 28 × 28 pixels and 32 kernels of 3 × 3.

# %%
outputs = 26 * 26 * 32
bill = {"convolution": (3 * 3 * 1 * 32 + 32, outputs * 3 * 3),
        "dense layer": (784 * outputs + outputs, outputs * 784)}
table([[name, f"{p:,}", f"{m:,}"] for name, (p, m) in bill.items()],
      ["same outputs from a", "parameters", "multiply-adds a picture"])

# %%
layer = keras.layers.Conv2D(32, 3)
layer.build((None, 28, 28, 1))
assert layer.count_params() == bill["convolution"][0]

# %% [markdown]
# More than 50,000 times fewer parameters, but only 87 times fewer multiplications, because each weight is used at 26 · 26 places. Convolutions are small, not cheap.

# %%
saved = [bill["dense layer"][i] / bill["convolution"][i] for i in (0, 1)]
assert 50_000 < saved[0] < 55_000 and 87 < saved[1] < 88

# %% [markdown]
# ### The gradient of a convolution
# The loops of the forward pass consist of one line, $Y \mathrel{+}= X\,W$. Each of these products acts on its output with the factor $W$ if $X$ changes, and with the factor $X$ if $W$ changes. So the backward pass (here for stride 1) has the same loops and two lines:

# %%
def conv_backward_loops(X, W, dY):
    dW, dX = np.zeros_like(W), np.zeros_like(X)
    for n, i, j, f in np.ndindex(dY.shape):
        for u, v, c in np.ndindex(W.shape[:3]):
            dW[u, v, c, f] += X[n, i + u, j + v, c] * dY[n, i, j, f]
            dX[n, i + u, j + v, c] += W[u, v, c, f] * dY[n, i, j, f]
    return dW, dX

# %% [markdown]
# Written as sums,
#
# $$dW_{uvcf} = \sum_{n,i,j} X_{n,i+u,j+v,c}\; dY_{nijf}, \qquad dX_{nabc} = \sum_{u,v,f} dY_{n,a-u,b-v,f}\; W_{uvcf},$$
#
# where $dY$ outside its borders counts as 0. The first is a correlation of the picture with the slopes. The second walks through $dY$ backwards, $a - u$: a true convolution, after all.
#
# Without loops over places: as patches, the layer was $Y = P\,W$, so section 3.1 has done the work. $dW = P^\top dY$, and $dP = dY\, W^\top$ for each entry of each patch. Patches overlap, so a pixel stands in up to $k^2$ of them, and what they say is added up.

# %%
def conv2d_backward(X, W, dY):
    """dW and dX for stride 1 and no padding."""
    k, _, C, F = W.shape
    patches, (rows, columns) = patches_of(X, k)
    dY_flat = dY.reshape(len(X), -1, F)
    dW = np.tensordot(patches, dY_flat, axes=((0, 1), (0, 1)))
    dP = dY_flat @ W.reshape(-1, F).T
    dP = dP.reshape(len(X), rows, columns, k, k, C)
    dX = np.zeros_like(X)
    for u, v in np.ndindex(k, k):
        dX[:, u:u + rows, v:v + columns] += dP[:, :, :, u, v]
    return dW.reshape(k, k, C, F), dX

# %% [markdown]
# To check it we need a loss. Take the sum of all outputs, each times a random number: those numbers are then $dY$.

# %%
dY = rng.normal(size=(2, 5, 6, 4))
dW, dX = conv2d_backward(X_rgb, W_rgb, dY)

# %%
slow = conv_backward_loops(X_rgb, W_rgb, dY)
compare("dW, loops", dW, slow[0], tol=1e-9)
compare("dX, loops", dX, slow[1], tol=1e-9)

# %%
compare("dW, finite differences", dW, numerical_gradient(
    lambda W: np.sum(conv2d(X_rgb, W) * dY), W_rgb), tol=1e-7)
compare("dX, finite differences", dX, numerical_gradient(
    lambda X: np.sum(conv2d(X, W_rgb) * dY), X_rgb), tol=1e-7)

# %%
tensors = tf.Variable(W_rgb), tf.Variable(X_rgb)
with tf.GradientTape() as tape:
    total = tf.reduce_sum(tf.nn.conv2d(*tensors[::-1], 1, "VALID") * dY)
for name, mine, theirs in zip(["dW", "dX"], [dW, dX],
                              tape.gradient(total, tensors)):
    compare(f"{name}, GradientTape", mine, theirs, tol=1e-9)

# %% [markdown]
# Max pooling sends the slope back to the pixel that was the largest, and nothing to the others. With ReLU and the dense end from above, that is a CNN that can learn: 8 kernels of 5 × 5, ReLU, pooling, ten scores.

# %%
def cnn_forward(params, X):
    K, b, W, c = params
    H = relu(conv2d(X, K) + b)  # (B, 24, 24, 8)
    P = max_pool(H)  # (B, 12, 12, 8)
    return H, P, P.reshape(len(X), -1) @ W + c

# %%
def spread(P):
    """Each number four times, the size before pooling."""
    return P.repeat(2, axis=1).repeat(2, axis=2)

# %%
def cnn_backward(params, X, H, P, dZ):
    K, b, W, c = params
    dW, dc, dP = dense_backward(P.reshape(len(X), -1), W, dZ)
    dH = spread(dP.reshape(P.shape)) * (H == spread(P)) * (H > 0)
    dK, _ = conv2d_backward(X, K, dH)
    return [dK, dH.sum(axis=(0, 1, 2)), dW, dc]

# %% [markdown]
# The same network in Keras, with the same weights, gives the same scores and the same gradients:

# %%
def new_cnn(rng, dtype):
    W = new_network([12 * 12 * 8, 10], rng)
    K = rng.normal(size=(5, 5, 1, 8)) * (2 / 25) ** 0.5
    return [w.astype(dtype) for w in [K, np.zeros(8), *W]]

# %%
cnn = new_cnn(rng, "float64")
X_16, y_16 = X_train[:16].astype("float64"), y_train[:16]
H, P, z = cnn_forward(cnn, X_16)
mine = cnn_backward(cnn, X_16, H, P, cross_entropy_gradient(z, y_16))

# %%
keras_cnn = keras.Sequential([
    keras.Input((28, 28, 1), dtype="float64"),
    keras.layers.Conv2D(8, 5, activation="relu", dtype="float64"),
    keras.layers.MaxPooling2D(2, dtype="float64"),
    keras.layers.Flatten(dtype="float64"),
    keras.layers.Dense(10, dtype="float64")])

# %%
keras_cnn.set_weights(cnn)
with tf.GradientTape() as tape:
    loss = keras_loss(y_16, keras_cnn(X_16))
compare("CNN, scores", z, keras_cnn(X_16), tol=1e-9)
compare("CNN, gradients", flat(mine), flat(tape.gradient(
    loss, keras_cnn.trainable_variables)), tol=1e-9)

# %% [markdown]
# Now it learns the digits, with the Adam from above.

# %%
def train_cnn(params, data, lr):
    states = [{} for _ in params]
    for X, y in data:
        H, P, z = cnn_forward(params, X)
        grads = cnn_backward(params, X, H, P, cross_entropy_gradient(z, y))
        params = [adam_step(w, g, state, lr)
                  for w, g, state in zip(params, grads, states)]
    return params

# %%
rng = np.random.default_rng(SEED)
cnn = train_cnn(new_cnn(rng, "float32"),
                batches(X_train, y_train, 250, rng), lr=2**-8)
cnn_right = cnn_forward(cnn, X_test)[-1].argmax(axis=1) == y_test

# %%
assert cnn_right.mean() >= 0.93
print("250 steps, at least 93% of unseen digits right:",
      cnn_right.mean() >= 0.93)

# %% [markdown]
# That is about as good as the dense network, with less than a quarter of its weights:

# %%
sizes = [sum(w.size for w in params) for params in (cnn, reader)]
assert sizes[0] < sizes[1] / 4
sizes

# %%
claim("3.2.1", "holds")
claim("3.2.3", "holds")

# %% [markdown]
# ### Move the picture
# A convolution does the same everywhere. So if the digit moves by a pixel, the feature map moves by a pixel and nothing else changes: the layer is *equivariant*. Pooling promises more, that a small move changes nothing: *invariance*. Does it keep that promise? We move unseen digits to the right by 0 to 4 pixels and compare each stage with what it was. (The pictures get a black frame first, so that nothing falls off.)

# %%
def moved(X, dx):
    """To the right by dx pixels; black comes in on the left."""
    X = np.pad(X, [(0, 0), (0, 0), (6, 6), (0, 0)])
    return np.roll(X, dx, axis=2)[:, :, 6:-6]

# %%
few = np.pad(X_test[:64], [(0, 0), (6, 6), (6, 6), (0, 0)])

# %%
def feature_map(X):
    return relu(conv2d(X, cnn[0]) + cnn[1])

# %%
stages = {
    "pixels": lambda X: X,
    "feature map": feature_map,
    "max pooling 2": lambda X: max_pool(feature_map(X), 2),
    "max pooling 4": lambda X: max_pool(feature_map(X), 4),
    "maximum of the map": lambda X: feature_map(X).max(axis=(1, 2)),
}

# %%
inner = np.s_[:, :, 6:-6]  # away from the border, where black came in
for dx in (1, 2, 3):
    compare(f"feature map moves along by {dx}",
            feature_map(moved(few, dx))[inner],
            moved(feature_map(few), dx)[inner], tol=1e-5)

# %%
pooled = stages["max pooling 2"]
compare("pooled map moves by 1 when the picture moves by 2",
        pooled(moved(few, 2))[inner], moved(pooled(few), 1)[inner],
        tol=1e-5)

# %%
def change(f, dx):
    """How much f changes, in units of how much it varies."""
    before = f(few)
    return np.std(f(moved(few, dx)) - before) / np.std(before)

# %%
changes = {name: [change(f, dx) for dx in range(5)]
           for name, f in stages.items()}

# %%
fig, ax = plt.subplots()
for name, mark in zip(changes, "osv^D"):
    ax.plot(changes[name], marker=mark, label=name)
ax.set(xlabel="moved by, pixels", ylabel="change / spread", xticks=range(5))
ax.legend(ncols=2, fontsize=9)
show(fig, "3.fig.change")

# %%
compare("the maximum doesn't notice", stages["maximum of the map"](
    moved(few, 4)), stages["maximum of the map"](few), tol=1e-5)
one = {name: c[1] for name, c in changes.items()}
assert one["max pooling 4"] < one["max pooling 2"] < one["feature map"]
assert one["max pooling 4"] > 0.1  # but not nothing

# %% [markdown]
# Pooling softens the change, over larger squares more; it doesn't remove it, because a feature on the border of a square hops into the next one. Only the maximum over the whole map is invariant, and it has forgotten where the features were.
#
# And the whole networks? Both were trained on digits moved by at most one pixel. Predict the share of digits that each still reads after four.

# %%
def right_after(read, dx):
    return np.mean(read(moved(X_test, dx)).argmax(axis=1) == y_test)

# %%
readers = {
    "dense network": lambda X: forward(reader, X.reshape(-1, 784))[-1],
    "CNN": lambda X: cnn_forward(cnn, X)[-1]}
scores = {name: [right_after(read, dx) for dx in range(-5, 6)]
          for name, read in readers.items()}

# %%
fig, ax = plt.subplots()
for (name, shares), mark in zip(scores.items(), "os"):
    ax.plot(range(-5, 6), shares, marker=mark, label=name)
ax.set(xlabel="moved by, pixels", ylabel="digits read", ylim=(0, 1.02))
ax.legend()
show(fig, "3.fig.moved")

# %%
assert all(s[5] > 0.9 and max(s[0], s[-1]) < 0.7 for s in scores.values())

# %% [markdown]
# Both fall off the cliff, the CNN hardly later. The reason stands at its end: the dense layer has a weight for every *place* of the map. "CNNs recognise things wherever they are" is true of the convolution, not of this network. It has to see digits in many places, or end with something that forgets the place.
#
# Move a digit yourself, and watch one feature map, its pooled version and the answer.

# %%
def draw_move(dx=0, digit=0, kernel=0):
    X = moved(X_test[digit:digit + 1], dx)
    H, P, z = cnn_forward(cnn, X)
    fig, axes = plt.subplots(1, 4, figsize=(7, 2.3))
    for ax, picture, name in zip(
            axes, [X[0, :, :, 0], H[0, :, :, kernel], P[0, :, :, kernel]],
            ["picture", "feature map", "pooled"]):
        ax.imshow(picture, cmap="gray")
        ax.set_title(name)
        ax.axis("off")
    axes[3].bar(range(10), np.exp(log_softmax(z))[0])
    axes[3].set(xlabel="class", ylim=(0, 1), title="probability",
                xticks=range(0, 10, 3))
    return fig

# %%
explore(draw_move, "3.fig.move", dx=(-6, 6), digit=list(range(10)),
        kernel=(0, 7))

# %% [markdown]
# ### How far does an output see?
# An output of the first layer sees $k$ pixels a side. Each output of the second sees $k$ outputs of the first, and so on: the *receptive field* $r$ grows from layer to layer. Neighbouring outputs of a layer are $j$ pixels of the input apart, the product of all strides so far. A layer with kernel $k$ and stride $s$ therefore gives
#
# $$r \leftarrow r + (k - 1)\, j, \qquad j \leftarrow j\, s.$$
#
# It can be measured: the gradient of one output with respect to the picture is non-zero exactly where that output looks. With all weights 1, backpropagation counts the ways from each pixel to the output.

# %%
def field(layers, size=65):
    """Ways from each pixel to the middle output; layers: (k, stride)."""
    X = tf.Variable(tf.ones((1, size, size, 1)))
    with tf.GradientTape() as tape:
        Y = X
        for k, s in layers:
            Y = tf.nn.conv2d(Y, tf.ones((k, k, 1, 1)), s, "VALID")
        out = Y[0, Y.shape[1] // 2, Y.shape[2] // 2, 0]
    return tape.gradient(out, X)[0, :, :, 0].numpy()

# %%
def field_width(ways):
    return int((ways > 0).any(axis=0).sum())

# %%
for layers, r in [([(3, 1)], 3), ([(3, 1)] * 2, 5), ([(3, 1)] * 5, 11),
                  ([(3, 2)] * 2 + [(3, 1)], 15), ([(5, 1)], 5)]:
    assert field_width(field(layers)) == r
print("receptive fields as the formula says: 3, 5, 11, 15, 5")

# %%
def draw_field(n_layers=3, kernel=3, stride=1):
    ways = field([(kernel, stride)] * n_layers)
    r = field_width(ways)
    first = np.argmax((ways > 0).any(axis=0))
    ways = np.pad(ways[first:first + r, first:first + r], 2)
    share = np.where(ways > 0, ways / ways.max(), np.nan)
    fig, ax = plt.subplots(figsize=(5, 3.6))
    image = ax.imshow(share, vmin=0, vmax=1, origin="lower",
                      extent=2 * [-2, r + 2])
    ax.set(xlabel="pixel", ylabel="pixel",
           title=f"one output sees {r} x {r} pixels")
    ax.grid(False)
    fig.colorbar(image, label="ways to the output / most")
    return fig

# %%
explore(draw_field, "3.fig.field", n_layers=(1, 4), kernel=[2, 3, 5],
        stride=[1, 2])

# %% [markdown]
# Three layers of 3 × 3 see 7 × 7 pixels, with 27 weights instead of 49. But the middle counts far more than the rim: there are many ways from the centre to the output and one from each corner. Try stride 2: the same kernels see more than twice as far.
#
# ✎ **Exercise 3.receptive_field** (medium, 4 lines). Write the formula as a function: `layers` is a list of (kernel, stride), first layer first; return $r$. The slow specification is `field_width(field(layers))` above; no layers at all see one pixel.

# %% tags=["exercise"]
def receptive_field(layers):
    ...  # about 4 lines

check("3.receptive_field", receptive_field)
# hint("3.receptive_field")
# solution("3.receptive_field")

# %% [markdown]
# So is it for images and videos, as the document says? For them, and for everything else with neighbours: sound, time series, text, boards of Go. What it assumes isn't that the data is a picture, but that what lies near belongs together and that the same thing may turn up anywhere. Where this is false, as for shuffled pixels or the columns of a form, the saving is a loss.

# %%
claim("3.2.a", "limits")
