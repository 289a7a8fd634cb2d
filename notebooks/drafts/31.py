# %% [markdown]
# ## 3.1 Deep learning basics · 深度学习基础
# The document names four algorithms: the forward pass, backpropagation, the loss function, the optimizer. Together, it says, they simulate the human brain. **What does a network compute, how does it find out which of its numbers to change, and by how much?**
#
# Take a lamp on a staircase with two switches: it is on when exactly one of them is up. These four cases are all the data for now, so that every number can be checked on paper.

# %%
X_toy = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]])  # (4, 2) switches
y_toy = np.array([0, 1, 1, 0.0])  # (4,) the lamp

# %% [markdown]
# ### A neuron, a layer, a network
# A *neuron* has a weight $w_i$ for each of its inputs $x_i$ and one bias $b$. It adds up, and passes on what is positive:
#
# $$z = b + \sum_i x_i w_i, \qquad h = \max(0, z).$$
#
# The function $\max(0, z)$ is called ReLU, rectified linear unit. What comes out for both switches up, weights $(1, 1)$ and bias $-\frac12$?

# %%
def neuron(x, w, b):
    z = b
    for x_i, w_i in zip(x, w):
        z += x_i * w_i
    return max(0.0, z)

# %%
neuron([1, 1], w=[1, 1], b=-0.5)

# %% [markdown]
# A sum alone can't do the lamp. Whatever the weights are, $b + x_1 w_1 + x_2 w_2$ is a plane: its values at $(0,0)$ and $(1,1)$ add up to the same as those at $(0,1)$ and $(1,0)$. The lamp wants $0 + 0$ from the first pair and $1 + 1$ from the second. The best compromise in the sense of least squares answers ½ to everything:

# %%
X_and_1 = np.c_[X_toy, np.ones(4)]  # the bias as the weight of a constant
plane = np.linalg.lstsq(X_and_1, y_toy)[0]
compare("best plane", X_and_1 @ plane, np.full(4, 0.5), tol=1e-9)

# %% [markdown]
# So we stack. A *layer* is several neurons that look at the same inputs, with their weights side by side as the columns of a matrix $W$. A *network* is layers one after another. Ours has a hidden layer of two neurons, and an output layer of one without $\max$, for outputs may be negative. With one case per row of $X$:
#
# $$H = \max(0,\; X W_1 + b_1), \qquad \hat y = H W_2 + b_2.$$
#
# We choose the weights by hand, and make one mistake on purpose, for the network to repair later.

# %%
W_1 = np.array([[1, 1], [1, 1.0]])  # (2, 2) both count the switches
b_1 = np.array([-0.5, -1.5])  # (2,) from half a switch, from one and a half
W_2 = np.array([[2], [-4.0]])  # (2, 1) -6 would be right
b_2 = np.array([0.0])  # (1,)
toy = [W_1, b_1, W_2, b_2]

# %% [markdown]
# First the slow way: case by case, neuron by neuron.

# %%
def forward_loops(params, x):
    W_1, b_1, W_2, b_2 = params
    h = [neuron(x, W_1[:, k], b_1[k]) for k in range(len(b_1))]
    y_hat = b_2[0]
    for k in range(len(h)):
        y_hat += h[k] * W_2[k, 0]
    return h, y_hat

# %%
steps = [(x, *forward_loops(toy, x), y) for x, y in zip(X_toy, y_toy)]
table([[x.astype(int), *map(float, h), float(y_hat), int(y)]
       for x, h, y_hat, y in steps],
      ["switches", "$h_1$", "$h_2$", r"$\hat y$", "lamp $y$"])

# %% [markdown]
# The last case is wrong: 1 instead of 0. Now all cases and all neurons at once, for any number of layers. The function keeps what every layer puts out, because learning will need it.

# %%
def relu(z):
    return np.maximum(z, 0)

# %%
def forward(params, X):
    """Inputs, then the output of each layer; the last one has no ReLU."""
    outputs = [X]
    for W, b in zip(params[::2], params[1::2]):
        Z = outputs[-1] @ W + b  # (B, width of this layer)
        outputs.append(relu(Z))
    return outputs[:-1] + [Z]

# %%
X_0, H, y_hat = forward(toy, X_toy)
check_shape(y_hat, (4, 1))
compare("loops", y_hat[:, 0], [step[2] for step in steps], tol=1e-9)

# %% [markdown]
# And the library, with the same weights. (`float64` means 16 decimal digits; Keras takes 7 unless told otherwise. Where both sides compute with 16, they must agree to $10^{-9}$.)

# %%
toy_keras = keras.Sequential([
    keras.Input((2,), dtype="float64"),
    keras.layers.Dense(2, activation="relu", dtype="float64"),
    keras.layers.Dense(1, dtype="float64")])
toy_keras.set_weights(toy)
compare("keras.layers.Dense", y_hat, toy_keras(X_toy), tol=1e-9)

# %% [markdown]
# Why does a hidden layer help? Look at the network between the four corners: left its numbers for both switches up, right its output over the whole square.

# %%
def draw_network(ax, x, params):
    """Neurons as circles with their values, weights on the lines."""
    values = [o[0] for o in forward(params, np.array([x]))]
    for layer, column in enumerate(values):
        heights = [0.5 * (len(column) - 1) - i for i in range(len(column))]
        for here, value in zip(heights, column):
            ax.text(layer, here, f"{value:g}", ha="center", va="center",
                    zorder=3, bbox=dict(boxstyle="circle", fc="white"))
            if layer == 0:
                continue
            W = params[2 * layer - 2]
            for i, w in enumerate(W[:, heights.index(here)]):
                there = 0.5 * (len(W) - 1) - i
                ax.plot([layer - 1, layer], [there, here], "0.6", lw=1, ls="-")
                ax.text(layer - 0.7, there + 0.3 * (here - there), f"{w:g}",
                        backgroundcolor="white", ha="center", va="center")
    ax.set(xlim=(-0.3, 2.3), ylim=(-0.9, 0.9))
    ax.axis("off")

# %%
fig, (left, right) = plt.subplots(1, 2, width_ratios=[1.3, 1])
draw_network(left, [1, 1], toy)
side = np.linspace(0, 1, 41)
grid = np.array([[x_1, x_2] for x_2 in side for x_1 in side])
surface = forward(toy, grid)[-1].reshape(41, 41)
image = right.contourf(side, side, surface, levels=np.linspace(-0.25, 2, 10))
right.scatter(*X_toy.T, c=y_toy, s=90, cmap="gray", edgecolors="red",
              clip_on=False, zorder=3)
right.set(xlabel="switch 1", ylabel="switch 2", aspect="equal")
fig.colorbar(image, label="output")
show(fig, "3.fig.lamp")

# %% [markdown]
# Each hidden neuron folds the square along a diagonal: nothing on one side of the fold, a slope on the other. With two folds the middle band can rise and the far corner fall again. Here it doesn't fall far enough (the white dot is "lamp on", the black one "off").

# %%
claim("3.1.1", "holds")

# %% [markdown]
# ### The loss
# One number must say how wrong the network is. For numbers as outputs it is the *mean squared error* over the $B$ cases:
#
# $$L = \frac1B \sum_{n=1}^{B} (\hat y_n - y_n)^2.$$
#
# By hand: three errors are 0 and one is 1, so $L = \frac14$.

# %%
def squared_error_loops(y_hat, y):
    total = 0.0
    for y_hat_n, y_n in zip(y_hat, y):
        total += (y_hat_n - y_n) ** 2
    return total / len(y)

# %%
def squared_error(y_hat, y):
    return np.mean((y_hat - y) ** 2)

# %%
mse = keras.losses.MeanSquaredError(dtype="float64")
compare("squared error, loops", squared_error(y_hat[:, 0], y_toy),
        squared_error_loops(y_hat[:, 0], y_toy), tol=1e-9)
compare("keras MeanSquaredError", squared_error(y_hat[:, 0], y_toy),
        mse(y_toy, y_hat[:, 0]), tol=1e-9)
squared_error(y_hat[:, 0], y_toy)

# %% [markdown]
# To choose between classes, the network puts out one score $z_k$ per class, called *logits*. The *softmax* makes them positive and their sum 1, and the *cross-entropy* is how surprised one is by the right class $y$:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad L = -\frac1B \sum_n \log p_{n, y_n}.$$
#
# A network that knows nothing gives ten classes equal scores. Its loss should then be $-\log\frac1{10} = \log 10 \approx 2.3$: remember this number.

# %%
def cross_entropy_loops(z, y):
    """As the formula stands."""
    total = 0.0
    for z_n, y_n in zip(z, y):
        total -= np.log(np.exp(z_n[y_n]) / sum(np.exp(z_k) for z_k in z_n))
    return total / len(y)

# %%
y_ten = np.array([3, 1, 4])
compare("knows nothing", cross_entropy_loops(np.zeros((3, 10)), y_ten),
        np.log(10), tol=1e-9)

# %% [markdown]
# It breaks as soon as a score is large. Take two classes with the scores 0 and 1000. By the formula the loss is 1000 if the first class is right, and 0 if the second is. But $e^{1000}$ is more than a number of 64 bits can hold: it becomes infinity, and infinity divided by infinity is not a number at all (`nan`):

# %%
z_large = np.array([[0.0, 1000.0]])
with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
    naive = [cross_entropy_loops(z_large, [y]) for y in (0, 1)]
assert np.isinf(naive[0]) and np.isnan(naive[1])
[float(loss) for loss in naive]

# %% [markdown]
# The way out: subtract the largest score $m = \max_j z_j$ from all of them, which cancels in the fraction, and take the logarithm before anything can overflow:
#
# $$\log p_k = z_k - m - \log \sum_j e^{z_j - m}.$$
#
# All exponents are now at most 0, and one of them is 0, so the sum lies between 1 and the number of classes.

# %%
def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))

# %%
def cross_entropy(z, y):
    return -log_softmax(z)[np.arange(len(y)), y].mean()

# %%
z_3 = np.random.default_rng(SEED).normal(size=(3, 10))
compare("cross-entropy, loops", cross_entropy(z_3, y_ten),
        cross_entropy_loops(z_3, y_ten), tol=1e-9)
for name, z, y in [("small scores", z_3, y_ten), ("1000", z_large, [0]),
                   ("1000, right class", z_large, [1])]:
    theirs = tf.nn.sparse_softmax_cross_entropy_with_logits(y, z)
    compare(f"tf.nn cross-entropy, {name}", cross_entropy(z, y),
            tf.reduce_mean(theirs), tol=1e-9)

# %% [markdown]
# Why not simply the squared error of the probabilities? Because a network that is wrong and sure of it should learn most. Two classes, scores $0$ and $z$, the second one is right: before you look, which loss has a slope left at $z = -10$?

# %%
z = np.linspace(-10, 10, 201)
p = 1 / (1 + np.exp(-z))  # the softmax of (0, z), second entry
slopes = {"cross-entropy": p - 1, "squared error": -2 * (1 - p)**2 * p}
fig, axes = plt.subplots(1, 2, sharex=True)
axes[0].plot(z, -np.log(p), z, (1 - p) ** 2)
axes[0].set(xlabel="score $z$ of the right class", ylabel="loss")
for name, slope in slopes.items():
    axes[1].plot(z, slope, label=name)
axes[1].set(xlabel="score $z$ of the right class", ylabel="slope of the loss")
axes[1].legend(loc="lower right")
show(fig, "3.fig.losses")
assert slopes["cross-entropy"][0] < -0.99
assert slopes["squared error"][0] > -0.001

# %% [markdown]
# On the far left, where the network is certain of the wrong class, cross-entropy still pulls with its full slope of −1. The squared error of the probability is as flat there as where all is well: nothing to learn from.

# %%
claim("3.1.3", "holds")

# %% [markdown]
# ✎ **Exercise 3.binary_cross_entropy** (medium, 2 lines). For a yes-or-no question one score $z$ is enough: $p = 1/(1 + e^{-z})$ is the probability of yes. The specification, which overflows:
# ```python
# def slow(z, y):  # one score; y is 0 or 1
#     p = 1 / (1 + np.exp(-z))
#     return -(y * np.log(p) + (1 - y) * np.log(1 - p))
# ```
# Write it so that it works for $z = \pm1000$ as well. Both cases of $y$ turn into $\log(1 + e^{\pm z})$.

# %% tags=["exercise"]
def binary_cross_entropy(z, y):
    ...  # about 2 lines

check("3.binary_cross_entropy", binary_cross_entropy)
# hint("3.binary_cross_entropy")
# solution("3.binary_cross_entropy")

# %% [markdown]
# ### Backpropagation
# The *gradient* is the list of slopes: by how much the loss changes when one weight changes, for each weight. The obvious way to get a slope is to wiggle the weight. From both sides, so that the error of the slope shrinks with the square of the step $\epsilon$:
#
# $$\frac{\partial L}{\partial w} \approx \frac{L(w + \epsilon) - L(w - \epsilon)}{2\epsilon}.$$

# %%
def numerical_gradient(f, x):
    """Slopes of the number f(x), one entry of x after the other."""
    slopes = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = 1e-6 * max(1, abs(x[i]))
        slopes[i] = (f(x + step) - f(x - step)) / (2 * step[i])
    return slopes

# %%
numerical_gradient(lambda w: np.sum(w**2), np.array([1.0, -3.0]))  # 2 w

# %% [markdown]
# This takes two forward passes *per weight*. Backpropagation gets all slopes exactly, for the price of about two forward passes in all (two matrix products a layer instead of one), by going through the network from the loss backwards. We write $dZ$ for the array of slopes $\partial L / \partial Z$; it has the shape of $Z$.
#
# **At the loss.** For the squared error it is $\dfrac{\partial L}{\partial \hat y_n} = \dfrac{2}{B}(\hat y_n - y_n)$.

# %%
def squared_error_gradient(y_hat, y):
    return 2 / y.size * (y_hat - y)

# %%
compare("slope of the squared error, finite differences",
        squared_error_gradient(y_hat[:, 0], y_toy), numerical_gradient(
            lambda y_hat: squared_error(y_hat, y_toy), y_hat[:, 0]), tol=1e-7)

# %% [markdown]
# For the cross-entropy of one case, $L = -z_y + \log \sum_j e^{z_j}$, so
#
# $$\frac{\partial L}{\partial z_k} = -[k = y] + \frac{e^{z_k}}{\sum_j e^{z_j}} = p_k - [k = y],$$
#
# where $[k = y]$ is 1 for the right class and 0 for the others: the slope is what the network said minus what it should have said. With $B$ cases, divide by $B$.

# %%
def cross_entropy_gradient(z, y):
    p = np.exp(log_softmax(z))
    p[np.arange(len(y)), y] -= 1
    return p / len(y)

# %%
compare("slope of the cross-entropy, finite differences",
        cross_entropy_gradient(z_3, y_ten),
        numerical_gradient(lambda z: cross_entropy(z, y_ten), z_3), tol=1e-7)

# %% [markdown]
# **Through a layer.** Suppose $dZ$ is known for $Z = A W + b$, where $A$ are the layer's inputs; in full, $Z_{nk} = \sum_i A_{ni} W_{ik} + b_k$. The weight $W_{ik}$ acts on the loss through neuron $k$ in every case $n$, each time multiplied by $A_{ni}$. The bias acts through the same neuron, multiplied by 1. The input $A_{ni}$ acts through all neurons $k$ of its case, multiplied by $W_{ik}$. The chain rule adds up all ways on which a change travels:
#
# $$dW_{ik} = \sum_n A_{ni}\, dZ_{nk}, \qquad db_k = \sum_n dZ_{nk}, \qquad dA_{ni} = \sum_k dZ_{nk}\, W_{ik}.$$

# %%
def dense_backward_loops(A, W, dZ):
    dW, dA = np.zeros_like(W), np.zeros_like(A)
    db = np.zeros(W.shape[1])
    for n, k in np.ndindex(dZ.shape):
        db[k] += dZ[n, k]
        for i in range(len(W)):
            dW[i, k] += A[n, i] * dZ[n, k]
            dA[n, i] += dZ[n, k] * W[i, k]
    return dW, db, dA

# %% [markdown]
# Sums over the inner index are matrix products: $dW = A^\top dZ$ and $dA = dZ\, W^\top$.

# %%
def dense_backward(A, W, dZ):
    return A.T @ dZ, dZ.sum(axis=0), dZ @ W.T

# %%
rng = np.random.default_rng(SEED)
A, W, dZ = (rng.normal(size=s) for s in [(4, 3), (3, 2), (4, 2)])
for name, mine, slow in zip(["dW", "db", "dA"], dense_backward(A, W, dZ),
                            dense_backward_loops(A, W, dZ)):
    compare(f"{name}, loops", mine, slow, tol=1e-9)

# %% [markdown]
# **Through ReLU.** Where $z > 0$, $\max(0, z)$ passes a change on unaltered; elsewhere nothing passes. So $dZ = dA \cdot [Z > 0]$, entry by entry, and $A > 0$ says the same as $Z > 0$. Then the next layer, until the inputs are reached:

# %%
def backward(params, outputs, dZ):
    """Gradients in the order of params, from what `forward` kept."""
    grads = []
    for A, W in zip(outputs[-2::-1], params[-2::-2]):
        dW, db, dA = dense_backward(A, W, dZ)
        grads = [dW, db] + grads
        dZ = dA * (A > 0)
    return grads

# %% [markdown]
# On paper for the lamp: only the last case is wrong, so $d\hat y$ is $\frac24 \cdot 1 = \frac12$ there and 0 elsewhere. In that case $H = (\frac32, \frac12)$, so $dW_2 = (\frac34, \frac14)$. Back through $W_2 = (2, -4)$: $dH = (1, -2)$. Both neurons are open and both inputs are 1, so each row of $dW_1$ is $(1, -2)$, and so is $db_1$.

# %%
d_y_hat = squared_error_gradient(y_hat, y_toy[:, None])  # (4, 1)
by_hand = [[[1, -2], [1, -2]], [1, -2], [[3 / 4], [1 / 4]], [1 / 2]]
names = ["dW_1", "db_1", "dW_2", "db_2"]
for name, mine, paper in zip(
        names, backward(toy, [X_0, H, y_hat], d_y_hat), by_hand):
    compare(f"{name} by hand", mine, paper, tol=1e-9)

# %% [markdown]
# Now a network that nobody could do by hand: three layers, random weights, three classes. Its gradient must equal finite differences to $10^{-7}$ and TensorFlow's `GradientTape`, which records the forward pass and walks back like us, to $10^{-9}$. One trap: ReLU has a kink at 0. Wiggling a weight across it would measure a bit of both sides, so we make sure that no neuron stands near one.

# %%
def new_network(sizes, rng):
    """Random weights; their size is explained below."""
    params = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        params += [rng.normal(size=(n_in, n_out)) * (2 / n_in) ** 0.5,
                   np.zeros(n_out)]
    return params

# %%
rng = np.random.default_rng(3)
net = new_network([6, 5, 4, 3], rng)
X_8, y_8 = rng.normal(size=(8, 6)), rng.integers(3, size=8)
outputs = forward(net, X_8)
mine = backward(net, outputs, cross_entropy_gradient(outputs[-1], y_8))
for A, W, b in zip(outputs, net[:-2:2], net[1:-2:2]):
    assert np.abs(A @ W + b).min() > 1e-4  # far from the kink, for 1e-6

# %%
def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])

# %%
def loss_with(k, w):
    """The loss when array k of the network is w."""
    changed = net[:k] + [w] + net[k + 1:]
    return cross_entropy(forward(changed, X_8)[-1], y_8)

# %%
slopes = [numerical_gradient(lambda w: loss_with(k, w), net[k])
          for k in range(len(net))]
compare("backpropagation, finite differences", flat(mine), flat(slopes),
        tol=1e-7)

# %%
weights = [tf.Variable(w) for w in net]
with tf.GradientTape() as tape:
    A = tf.constant(X_8)
    for W, b in zip(weights[:-2:2], weights[1:-2:2]):
        A = tf.nn.relu(A @ W + b)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        y_8, A @ weights[-2] + weights[-1])
    loss = tf.reduce_mean(losses)
compare("backpropagation, GradientTape", flat(mine),
        flat(tape.gradient(loss, weights)), tol=1e-9)

# %% [markdown]
# And on the kink itself? The slope is 0 on its left and 1 on its right. Finite differences say ½, we and TensorFlow say 0: all are defensible, none is *the* slope.

# %%
zero = tf.Variable(0.0)
with tf.GradientTape() as tape:
    out = tf.nn.relu(zero)
float(tape.gradient(out, zero)), numerical_gradient(
    lambda z: relu(z).sum(), np.zeros(1))

# %% [markdown]
# ✎ **Exercise 3.tanh_backward** (easy, 1 line). Replace ReLU by $a = \tanh z$, which section 3.3 needs. Its derivative is $1 - \tanh^2 z$. Given the outputs $a$ that the forward pass kept, and the slopes $dA$, what is $dZ$? The specification:
# ```python
# def slow(a, dA):
#     dZ = np.zeros_like(a)
#     for i in np.ndindex(a.shape):
#         dZ[i] = dA[i] * (1 - np.tanh(np.arctanh(a[i])) ** 2)
#     return dZ
# ```

# %% tags=["exercise"]
def tanh_backward(a, dA):
    ...  # about 1 line

check("3.tanh_backward", tanh_backward)
# hint("3.tanh_backward")
# solution("3.tanh_backward")

# %% [markdown]
# ### Optimizers
# The gradient says which way is up, so we go the other way. How far, and whether straight, is the optimizer's business. To see them walk, take a long narrow valley with two weights, 25 times as steep across as along:
#
# $$f(w) = \tfrac12 (w_1^2 + 25\, w_2^2), \qquad g = \nabla f = (w_1,\; 25\, w_2).$$
#
# **Gradient descent** steps against the gradient, by the *learning rate* $\eta$ (`lr`): $\;w \leftarrow w - \eta\, g$. All our optimizers get the weight, its gradient and a dictionary for what they want to remember.

# %%
CURVATURE = np.array([1.0, 25.0])
w_start = np.array([-9.0, 1.5])

# %%
def gd_step(w, g, state, lr):
    return w - lr * g

# %%
def descend(step, lr, scale=1.0, **numbers):
    """The path of 50 steps on scale * f: (51, 2)."""
    path, state = [w_start], {}
    for _ in range(50):
        g = scale * CURVATURE * path[-1]
        path.append(step(path[-1], g, state, lr, **numbers))
    return np.array(path)

# %% [markdown]
# Keras rounds the optimizer's own numbers to 7 digits even when the weights have 16: 0.1 becomes 0.100000001. In comparisons we use numbers like $\frac1{16}$ or $\frac78$, which both precisions hold exactly. Then the paths must agree to $10^{-9}$ over all 50 steps.

# %%
def keras_path(optimizer):
    w = keras.Variable(w_start, dtype="float64")
    path = [w.numpy()]
    for _ in range(50):
        optimizer.apply([tf.constant(CURVATURE * path[-1])], [w])
        path.append(w.numpy())
    return np.array(path)

# %%
gd = descend(gd_step, lr=1 / 16)
compare("gradient descent, 50 steps", gd,
        keras_path(keras.optimizers.SGD(1 / 16)), tol=1e-9)

# %% [markdown]
# **Momentum** remembers where it was going. The velocity $v$ keeps a part $\mu$ of itself and adds the new step, like a ball with friction, so that steps which agree add up and steps which contradict each other cancel:
#
# $$v \leftarrow \mu\, v - \eta\, g, \qquad w \leftarrow w + v.$$
#
# This is Keras's form, with $\eta$ inside $v$. Other books keep $v \leftarrow \mu v + g$ and step by $-\eta v$: the same path, as long as $\eta$ doesn't change.

# %%
def momentum_step(w, g, state, lr, mu=0.9):
    state["v"] = mu * state.get("v", 0) - lr * g
    return w + state["v"]

# %%
momentum = descend(momentum_step, lr=1 / 64, mu=7 / 8)
compare("momentum, 50 steps", momentum,
        keras_path(keras.optimizers.SGD(1 / 64, momentum=7 / 8)), tol=1e-9)

# %%
def other_momentum_step(w, g, state, lr, mu):
    state["v"] = mu * state.get("v", 0) + g
    return w - lr * state["v"]

# %%
compare("the other books' momentum", momentum,
        descend(other_momentum_step, lr=1 / 64, mu=7 / 8), tol=1e-9)

# %% [markdown]
# **Adam** asks each weight for its own step size. Derive it in four thoughts.
# 1. A single gradient is noisy, so average the latest ones: $m \leftarrow \beta_1 m + (1 - \beta_1)\, g$.
# 2. Steep directions should not get larger steps, so divide by the gradient's usual size, the root of an average of squares: $v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$, and the step is $\eta\, m / \sqrt v$.
# 3. Both averages start at 0, so at first they are too small. Unrolled, $m_t = (1 - \beta_1) \sum_{i=1}^{t} \beta_1^{t-i} g_i$. If all $g_i$ were the same $g$, that would be the geometric sum $(1 - \beta_1^t)\, g$: short of $g$ by the factor $1 - \beta_1^t$. Divide by it, and for $v$ by $1 - \beta_2^t$.
# 4. A small $\epsilon$ keeps the division from blowing up where the gradient is 0.
#
# This is Algorithm 1 of Kingma and Ba (2015), with $\beta_1 = 0.9$ and $\beta_2 = 0.999$:
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon}.$$

# %%
def averages(g, state, beta_1, beta_2):
    """Update the step's number t and both averages; return them."""
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta_1 * state.get("m", 0) + (1 - beta_1) * g
    v = state["v"] = beta_2 * state.get("v", 0) + (1 - beta_2) * g**2
    return t, m, v

# %%
def adam_paper_step(w, g, state, lr, beta_1=0.9, beta_2=0.999, eps=1e-8):
    t, m, v = averages(g, state, beta_1, beta_2)
    m_hat = m / (1 - beta_1**t)
    v_hat = v / (1 - beta_2**t)
    return w - lr * m_hat / (v_hat**0.5 + eps)

# %% [markdown]
# How long is the very first step? With the correction, $\hat m = g$ and $\sqrt{\hat v} = |g|$: exactly $\eta$ in every direction, steep or not. Without it, $0.1\, g / \sqrt{0.001\, g^2}$: about three times as much, at the one moment when least is known. And since $m$ and $\sqrt v$ grow alike, a loss measured in other units, say a thousand times larger, gives the very same path.

# %%
adam = descend(adam_paper_step, lr=1 / 4, eps=0.0)
compare("the first step is lr", np.abs(adam[1] - adam[0]), [1 / 4, 1 / 4],
        tol=1e-9)
compare("a thousand times the loss, the same path", adam,
        descend(adam_paper_step, lr=1 / 4, eps=0.0, scale=1000), tol=1e-9)
print(f"without the correction: {0.1 / 0.001**0.5:.2f} lr")

# %% [markdown]
# **What Keras computes** is not this to the letter. Multiply numerator and denominator by $\sqrt{1 - \beta_2^t}$:
#
# $$\eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon} = \alpha_t\, \frac{m}{\sqrt v + \epsilon \sqrt{1 - \beta_2^t}}, \qquad \alpha_t = \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}.$$
#
# Just before its section 2.1 the paper offers a cheaper form, and Keras takes it: a constant $\hat\epsilon$ ("epsilon hat") in place of the whole product $\epsilon \sqrt{1 - \beta_2^t}$.

# %%
def adam_step(w, g, state, lr, beta_1=0.9, beta_2=0.999, eps_hat=1e-7):
    """Adam as Keras computes it."""
    t, m, v = averages(g, state, beta_1, beta_2)
    alpha = lr * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
    return w - alpha * m / (v**0.5 + eps_hat)

# %%
EXACT = dict(beta_1=7 / 8, beta_2=1023 / 1024)
compare("Adam, 50 steps", descend(adam_step, lr=1 / 4, **EXACT),
        keras_path(keras.optimizers.Adam(1 / 4, **EXACT)), tol=1e-9)

# %% [markdown]
# Do the two forms differ? With the tiny $\epsilon$ of practice, hardly:

# %%
compare("Algorithm 1 with epsilon 1e-7",
        descend(adam_paper_step, lr=1 / 4, eps=1e-7, **EXACT),
        descend(adam_step, lr=1 / 4, **EXACT), tol=1e-4)

# %% [markdown]
# With $\epsilon = \hat\epsilon = 1$ they part. And the algebra above says how to get from one to the other: Algorithm 1 with $\epsilon = \hat\epsilon / \sqrt{1 - \beta_2^t}$, which begins 32 times as large as $\hat\epsilon$ and shrinks towards it, must walk Keras's path.

# %%
def adam_converted_step(w, g, state, lr, eps_hat, beta_1, beta_2):
    t = state.get("t", 0) + 1
    eps = eps_hat / (1 - beta_2**t) ** 0.5
    return adam_paper_step(w, g, state, lr, beta_1, beta_2, eps)

# %%
in_keras = keras_path(keras.optimizers.Adam(1 / 4, epsilon=1.0, **EXACT))
paper = descend(adam_paper_step, lr=1 / 4, eps=1.0, **EXACT)
assert np.abs(paper - in_keras).max() > 0.1
compare("Algorithm 1 with the epsilon converted",
        descend(adam_converted_step, lr=1 / 4, eps_hat=1.0, **EXACT),
        in_keras, tol=1e-9)

# %% [markdown]
# Now watch the three walk, 50 steps each. Before you look: who crosses the valley to and fro, and who overshoots?

# %%
def draw_valley(ax):
    w_1, w_2 = np.meshgrid(np.linspace(-10, 8, 90),
                           np.linspace(-2.2, 2.2, 80))
    f = (w_1**2 + 25 * w_2**2) / 2
    ax.contour(w_1, w_2, f, levels=[0.5, 2, 8, 20, 40, 60], colors="0.7",
               linewidths=0.8, linestyles="-")
    ax.plot(0, 0, "k*", ms=11, zorder=3)
    ax.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-10, 5),
           ylim=(-2.2, 2.2))

# %%
paths = {"gradient descent": gd, "momentum": momentum, "Adam": adam}
fig, axes = plt.subplots(3, 1, figsize=(7, 5.4), sharex=True)
for ax, (name, path), color in zip(axes, paths.items(),
                                   ["#0072B2", "#D55E00", "#009E73"]):
    draw_valley(ax)
    ax.plot(*path.T, ".-", color=color, lw=1)
    ax.set_title(name, loc="left")
    ax.label_outer()
show(fig, "3.fig.paths")

# %% [markdown]
# Gradient descent bounces between the steep walls and then creeps along the floor. Momentum sways, but gathers speed along the floor and shoots past the minimum (the star). Adam starts with equal steps in both directions, as if the valley were round, sways once and arrives.

# %% [markdown]
# ### The learning rate
# For gradient descent on this valley the whole story can be computed. Each weight has its curvature $\lambda_i$ (1 and 25), its slope is $\lambda_i w_i$, so a step multiplies it by $1 - \eta \lambda_i$. After $t$ steps
#
# $$f = \tfrac12 \sum_i \lambda_i\, (1 - \eta \lambda_i)^{2t}\, w_{i,0}^2.$$
#
# It shrinks if $|1 - \eta\lambda_i| < 1$ for every $i$, that is $\eta < 2 / \lambda_{\max} = 0.08$. The floor, meanwhile, shrinks only by $1 - \eta$ a step. So what will $\eta = 0.002$, $0.0625$ and $0.085$ do?

# %%
def predicted(lr, t):
    factors = (1 - lr * CURVATURE) ** (2 * t[:, None])
    return 0.5 * (CURVATURE * factors * w_start**2).sum(axis=1)

# %%
fig, ax = plt.subplots()
ends = {}
for lr, name in [(0.002, "too small"), (1 / 16, "right"),
                 (0.085, "too large")]:
    f = 0.5 * (CURVATURE * descend(gd_step, lr)**2).sum(axis=1)
    compare(f"lr {lr} as predicted", f, predicted(lr, np.arange(51)), tol=1e-9)
    ax.semilogy(f, label=f"lr = {lr}: {name}")
    ends[name] = f[-1] / f[0]
ax.set(xlabel="step", ylabel="f", ylim=(1e-2, 1e4))
ax.legend()
show(fig, "3.fig.rates")
assert ends["right"] < 0.01 and ends["too small"] > 0.3
assert ends["too large"] > 1

# %% [markdown]
# Too small wastes steps. Too large climbs out of the valley, although each step goes downhill where it starts: it lands on the opposite wall, higher up. No optimizer knows $\lambda_{\max}$ of a real network beforehand, which is why the learning rate is the first number to try out.
#
# Find the fastest rate for yourself. What does momentum 0.9 change about the largest rate that still works?

# %%
def draw_descent(lr=0.0625, momentum=0.0):
    def step(w, g, state, lr):
        return momentum_step(w, g, state, lr, mu=momentum)

    path = descend(step, lr)
    fig, ax = plt.subplots()
    draw_valley(ax)
    ax.plot(*path.T, ".-", lw=1)
    first, last = 0.5 * (CURVATURE * path[[0, -1]]**2).sum(axis=1)
    ax.set(xlim=(-10, 8),
           title=f"after 50 steps: f = {last:.2g} (from {first:.3g})")
    return fig

# %%
explore(draw_descent, "3.fig.descent", lr=(0.002, 0.16), momentum=(0.0, 0.98))

# %% [markdown]
# ✎ **Exercise 3.nesterov_step** (medium, 2 lines). Nesterov's momentum takes the gradient into account once more after the velocity is updated, in Keras's form $v \leftarrow \mu v - \eta g$, then $w \leftarrow w + \mu v - \eta g$ with the new $v$. Write the step; return the new weight and the new velocity. The specification, one weight at a time:
# ```python
# def slow(w, g, v, lr, mu):
#     w, v = w.copy(), v.copy()
#     for i in range(len(w)):
#         v[i] = mu * v[i] - lr * g[i]
#         w[i] = w[i] + mu * v[i] - lr * g[i]
#     return w, v
# ```

# %% tags=["exercise"]
def nesterov_step(w, g, v, lr, mu):
    ...  # about 2 lines

check("3.nesterov_step", nesterov_step)
# hint("3.nesterov_step")
# solution("3.nesterov_step")

# %% [markdown]
# ### Everything together
# Forward pass, loss, backpropagation, optimizer: that is a training loop. First it repairs the lamp.

# %%
def train(params, data, step, lr, loss_and_slope):
    """Updated params and the loss before each step; data: (X, y) pairs."""
    states, losses = [{} for _ in params], []
    for X, y in data:
        outputs = forward(params, X)
        loss, dZ = loss_and_slope(outputs[-1], y)
        grads = backward(params, outputs, dZ)
        params = [step(w, g, state, lr)
                  for w, g, state in zip(params, grads, states)]
        losses.append(loss)
    return params, losses

# %%
def squared(y_hat, y):
    return squared_error(y_hat, y), squared_error_gradient(y_hat, y)

# %%
repaired, losses = train(toy, [(X_toy, y_toy[:, None])] * 500, gd_step,
                         1 / 16, squared)
assert losses[0] == 1 / 4 and losses[-1] < 1e-6
forward(repaired, X_toy)[-1].round(2).ravel() + 0.0  # turns -0 into 0

# %% [markdown]
# Nobody told it which weight we had got wrong. The same loop now gets real handwriting: of the 1797 digits that scikit-learn ships, enlarged to 28 × 28 grey values each, 1437 to learn from. It never sees the other 360 until it is asked about them. (They come from the same 13 writers, so this is not yet a test with a stranger's hand.)
#
# Two habits of the trade. The random weights get the size $\sqrt{2/n}$ for $n$ inputs (He et al., 2015): a sum of $n$ terms of either sign grows like $\sqrt n$, and ReLU throws half of it away, so the signal keeps its size from layer to layer. And each *batch*, 32 pictures drawn at random, is moved by up to a pixel, so that the network doesn't rely on digits being centred.

# %%
(X_train, y_train), (X_test, y_test) = load_digits("bundled", SEED)
check_shape(X_train, (1437, 28, 28, 1))

# %%
def batches(X, y, n_steps, rng, size=32):
    for _ in range(n_steps):
        chosen = rng.integers(len(X), size=size)
        shift = rng.integers(-1, 2, size=2)
        yield np.roll(X[chosen], shift, axis=(1, 2)), y[chosen]

# %%
def in_rows(data):
    return ((X.reshape(len(X), -1), y) for X, y in data)

# %%
def classes(z, y):
    return cross_entropy(z, y), cross_entropy_gradient(z, y)

# %% [markdown]
# What will the loss be before the first step? The untrained network knows nothing, so about 2.3, a little more as its guesses are not quite equal.

# %% tags=["nbval-ignore-output"]
rng = np.random.default_rng(SEED)
begin = time.process_time()  # what other programs take doesn't count
start = [w.astype("float32") for w in new_network([784, 64, 10], rng)]
reader, losses = train(start, in_rows(batches(X_train, y_train, 1500, rng)),
                       adam_step, 2**-10, classes)
z_test = forward(reader, X_test.reshape(-1, 784))[-1]
seconds = time.process_time() - begin
print(f"{seconds:.1f} s, {np.mean(z_test.argmax(axis=1) == y_test):.1%} right")

# %%
accuracy = np.mean(z_test.argmax(axis=1) == y_test)
assert 1.5 < losses[0] < 4.5
assert np.mean(losses[-100:]) < 0.2
assert accuracy >= 0.95 and seconds < 5
print("unseen digits read within 5 s, at least 95% right:", accuracy >= 0.95)

# %% [markdown]
# Here is how it learned, and the four test digits with the highest loss.

# %%
surprise = -log_softmax(z_test)[np.arange(len(y_test)), y_test]
worst = np.argsort(surprise)[-4:]  # the highest loss of all
fig, axes = plt.subplot_mosaic([["loss", 0, 1], ["loss", 2, 3]],
                               width_ratios=[4, 1, 1])
left = axes["loss"]
left.semilogy(losses, lw=0.5, color="0.6", ls="-")
smooth = np.convolve(losses, np.ones(50) / 50, "valid")
left.semilogy(np.arange(25, 1476), smooth, ls="-", label="mean of 50 steps")
left.axhline(np.log(10), color="k", ls=":", label="log 10: knows nothing")
left.set(xlabel="step", ylabel="cross-entropy")
left.legend(loc="lower left")
for place, i in enumerate(worst):
    axes[place].imshow(X_test[i, :, :, 0], cmap="gray")
    axes[place].set_title(f"{y_test[i]}, read {z_test[i].argmax()}",
                          fontsize=9)
    axes[place].axis("off")
show(fig, "3.fig.reader")

# %% [markdown]
# The loss starts near log 10, where one who knows nothing stands, and falls below a tenth. Would you have read the four digits on the right?
#
# **Your own digit:** replace the picture below by `read_picture("my_digit.png")`, a photo or drawing of one digit.

# %%
my_picture = X_test[0]  # (28, 28, 1), or read_picture("my_digit.png")
int(forward(reader, my_picture.reshape(1, 784))[-1].argmax())

# %% [markdown]
# One last comparison ties everything together: 50 training steps of this network, with this data, against the same network in Keras with Keras's loss, gradients and Adam. If any formula of this section were off, the 50,890 weights could not agree.

# %%
def adam_exact_step(w, g, state, lr):
    return adam_step(w, g, state, lr, **EXACT)

# %%
rng = np.random.default_rng(SEED)
data = [(X.astype("float64"), y)
        for X, y in in_rows(batches(X_train, y_train, 50, rng))]
start = new_network([784, 64, 10], rng)
mine, _ = train(start, data, adam_exact_step, 2**-10, classes)

# %%
twin = keras.Sequential([
    keras.Input((784,), dtype="float64"),
    keras.layers.Dense(64, activation="relu", dtype="float64"),
    keras.layers.Dense(10, dtype="float64")])
twin.set_weights(start)
adam_keras = keras.optimizers.Adam(2**-10, **EXACT)
keras_loss = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, dtype="float64")
for X, y in data:
    with tf.GradientTape() as tape:
        loss = keras_loss(y, twin(X))
    weights = twin.trainable_variables
    adam_keras.apply(tape.gradient(loss, weights), weights)
compare("50 training steps of the whole network", flat(mine),
        flat(twin.get_weights()), tol=1e-9)

# %%
claim("3.1.2", "limits")
claim("3.1.4", "limits")

# %% [markdown]
# ### Is it a brain?
# The document says that the layers simulate how the human brain works. The history is real: McCulloch and Pitts proposed the adding-up neuron in 1943 as a model of nerve cells. How much of it is left in the network that just learned to read? One thing can be measured. A nerve cell excites the cells that it reaches, or it inhibits them, but rarely both (Dale's principle). Our hidden neurons?

# %%
W_out = reader[2]  # (64, 10)
both = ((W_out > 0).any(axis=1) & (W_out < 0).any(axis=1)).mean()
assert both > 0.9
seen = 1500 * 32 / len(X_train)  # how often each picture was looked at
table([
    ["a unit", "adds up and cuts off at 0, once", "fires in time"],
    ["its effect on others", "both signs in over 90% of the hidden units",
     "excites or inhibits, rarely both"],
    ["how an error comes back", "through the same weights, transposed",
     "no such way is known (Crick, 1989)"],
    ["to learn a sign", f"sees {len(X_train):,} about {seen:.0f} times each",
     "often from one (Lake et al., 2015)"],
    ["size", f"{64 + 10} neurons, {sum(w.size for w in reader):,} weights",
     "86 billion neurons (Azevedo et al., 2009)"],
], ["", "this network", "a brain"])

# %% [markdown]
# What the analogy is worth: it gave the field its words, and the idea that many simple units which change their connections can learn. What it isn't worth: predictions. Nothing in this section needed a fact about brains, and every step followed from the chain rule. So "inspired by" is right, "simulates" is not.

# %%
claim("3.1.a", "fails")
