# %% [markdown]
# ## 5.2 Computer vision · 计算机视觉
# All digits on these pages are real handwriting: 1,797 digits by thirteen people. Three of the thirteen are kept for the tests, so no hand is in both parts. What is done to the digits, and the road further below, is simulated.

# %%
field("vision")

# %%
free_memory()  # of what other fields left behind
from course import vision
from course.plots import pictures

(X, y), (X_test, y_test) = vision.digits_by_writer()
print(len(y), "digits by ten people,", len(y_test), "by three others")

# %% [markdown]
# ### 5.2.1 Image recognition · 图像识别
# **Problem.** Chapter 4's network reads clean digits. A camera in a post office delivers others: tilted, off centre, noisy, out of focus, partly covered, faint.
#
# **Data.** Six kinds of damage, each at five severities, after [Hendrycks and Dietterich (2019)](https://arxiv.org/abs/1903.12261). Below, severity 3.

# %%
damaged = [vision.corrupt(X_test[:8], kind, 3, SEED)
           for kind in vision.CORRUPTIONS]
show(plots5.views(np.concatenate(damaged)), "5.fig.damage")

# %% [markdown]
# From top to bottom: noise, blur, a grey square, low contrast, rotation, shift.
#
# **Model.** Chapter 4's network, trained twice from the same start: on the digits as they are, and on *augmented* ones, each turned, moved and given noise anew in every epoch. Blur, squares and contrast are left out of the augmentation on purpose. **Predict:** does training with three kinds of damage help against the three others?

# %%
def reader():
    """Chapter 4's network."""
    net = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(), layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(), layers.Flatten(),
        layers.Dense(128, activation="relu"), layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile("adam", loss)
    return net

# %%
readers = {}
for name, change in ("as they are", lambda X, seed: X), (
        "augmented", vision.augment):
    set_seed(SEED)
    net = readers[name] = reader()
    for epoch in range(10):
        net.fit(change(X, [SEED, epoch]), y, verbose=0)

# %%
def right(net, X):
    """Whether each of the unseen digits X is read, (510,)."""
    return np.argmax(net(X), axis=1) == y_test


spoilt = np.array([[vision.corrupt(X_test, kind, severity, SEED)
                    for severity in range(6)] for kind in vision.CORRUPTIONS])
score = {name: np.array([[right(net, X) for X in kind] for kind in spoilt])
         for name, net in readers.items()}  # (kinds, severities, digits)

# %% [markdown]
# Solid with augmentation, dashed without; at severity 0 both are at the top. In the upper row stands damage that training showed, in the lower row damage that it did not show.

# %%
show(plots5.damage_curves(score, vision.CORRUPTIONS), "5.fig.damaged")

# %%
lead = dict(zip(vision.CORRUPTIONS, (
    score["augmented"][:, 1:].mean(axis=(1, 2))
    - score["as they are"][:, 1:].mean(axis=(1, 2))).tolist()))
print("over 10 points better where turned and moved:",
      min(lead["rotation"], lead["shift"]) > 0.1)
print("over 10 points worse in low contrast:", lead["contrast"] < -0.1)
assert min(lead["rotation"], lead["shift"]) > 0.1
assert lead["contrast"] < -0.1

# %% [markdown]
# What it was shown, the network mends. **And it pays for that elsewhere:** whoever learns to see through noise learns to take faint differences for noise, and in low contrast all differences are faint. Augmentation teaches what it shows, not "robustness". The cure needs no training at all: stretch each picture from its darkest to its brightest point before it is read. Both networks get it, so that the race stays fair.
#
# **Result.** The share read of all damaged versions, severities 1 to 5, of the 510 unseen digits.

# %%
def stretched(X):
    low, high = X.min((1, 2, 3), keepdims=True), X.max(
        (1, 2, 3), keepdims=True)
    return (X - low) / (high - low)


plain, ours = (np.mean([right(net, stretched(X)) for kind in spoilt
                        for X in kind[1:]], axis=0)
               for net in readers.values())

# %%
gain = bootstrap_difference(ours, plain)
outcome("5.2.1", "share read", bootstrap(ours),
        ("no augmentation", bootstrap(plain)), gain)

# %% [markdown]
# Try it: which damage would *you* still read?

# %%
def damage(kind="rotation", severity=3, digit=0):
    x = vision.corrupt(X_test[digit:digit + 1], kind, severity, SEED)
    p = {name: np.asarray(tf.nn.softmax(net(x)))[0]
         for name, net in readers.items()}
    return plots5.picture_and_two(x[0], p)


explore(damage, "5.fig.one_damaged", kind=list(vision.CORRUPTIONS),
        severity=(0, 5), digit=(0, 200))

# %% [markdown]
# *The real thing:* ImageNet's 1.3 million photographs, networks of 20 to 1,000 million parameters; under such damage even they lose much of their accuracy (same paper).
#
# ### 5.2.2 Video analysis · 视频分析
# **Problem.** What happens in a film is not in any of its pictures. Which way does the digit go?
#
# **Data.** Clips of six frames: a real digit moves in one of eight directions over a field without edges: what leaves at one side returns at the other. So no single frame tells anything.

# %%
clips, way = vision.moving_digits(X, 1200, [SEED, 1])
clips_test, way_test = vision.moving_digits(X_test, 400, [SEED, 2])
check_shape(clips, (1200, 6, 28, 28, 1))
show(pictures(clips[:2].reshape(-1, 28, 28), columns=6), "5.fig.clips")

# %% [markdown]
# **Model.** Convolution in three dimensions: a filter reaches over three frames as well as over some pixels,
#
# $$y_{t,i,j} = b + \sum_{a=0}^{2}\ \sum_{u,v}\ W_{a,u,v}\; x_{t+a,\,i+u,\,j+v}, \tag{5.1}$$
#
# and one that answers to "light here, then light further right" finds motion to the right wherever it happens. The average over all places and times is all that the last layer gets.

# %% [markdown]
# A sum over three frames and their pixels is a sum over pixels that have three values each: so put three frames side by side as channels, and a 2-D convolution computes (5.1), which TensorFlow does much faster on a processor than its `Conv3D`. The cell after the next proves that it is the same.

# %%
def over_time(x, conv):
    """3-D convolution of (B, T, h, w, C): eq. (5.1), all t at once."""
    T = x.shape[1] - 2
    three = keras.ops.concatenate([x[:, k:k + T] for k in range(3)], -1)
    y = conv(keras.ops.reshape(three, (-1, *three.shape[2:])))
    return keras.ops.reshape(y, (-1, T, *y.shape[1:]))


set_seed(SEED)
film = keras.Input((6, 28, 28, 1))
x = layers.AveragePooling3D((1, 2, 2))(film)
x = over_time(x, layers.Conv2D(24, 5, activation="relu"))
x = over_time(x, layers.Conv2D(24, 3, 2, activation="relu"))
x = layers.Dense(8)(layers.GlobalAveragePooling3D()(x))
watcher = keras.Model(film, x)

# %%
conv = layers.Conv2D(4, 5)
ours = np.asarray(over_time(tf.constant(clips[:3]), conv))
W, b = conv.get_weights()  # (5, 5, three frames, 4), (4,)
W = np.moveaxis(W, 2, 0)[..., None, :]  # (three frames, 5, 5, 1, 4)
compare("3-D convolution", ours,
        tf.nn.conv3d(clips[:3], W, (1, 1, 1, 1, 1), "VALID") + b)

# %%
watcher.compile(keras.optimizers.Adam(0.003),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = watcher.fit(clips, way, epochs=10, verbose=0,
                      callbacks=[LiveBar("directions")])

# %% [markdown]
# **Result.** Beside it stand a logistic regression that sees one frame, which can't know, and a rule that nobody trained: how does the middle of the light move?

# %%
seen = watcher.predict(clips_test, verbose=0).argmax(axis=1) == way_test
guess = vision.direction_from_one_frame(
    (clips, way), (clips_test, way_test)) == way_test
rule = vision.direction_by_centroids(clips_test) == way_test
gain = bootstrap_difference(seen, guess)
outcome("5.2.2", "share right", bootstrap(seen),
        ("one frame", bootstrap(guess)), gain)

# %%
print("one frame is no better than chance:",
      bool(bootstrap(guess)[1] < 1 / 8 < bootstrap(guess)[2]))
print("the rule is right in 98% or more:", bool(rule.mean() >= 0.98))
assert abs(guess.mean() - 1 / 8) < 0.06 and rule.mean() >= 0.98

# %% [markdown]
# The network learned to see motion. And a rule of a few lines does better. It knows that one bright thing moves over a dark field; where that is all there is to know, nothing need be learned. *The real thing* has cameras that move, things that hide each other, and 400 kinds of actions in 300,000 clips ([Kinetics](https://arxiv.org/abs/1705.06950)).
#
# > ✎ **Exercise 5.centre** (hard, at most 4 lines). The heart of that rule: where is the middle of the light on a ring, where pixel 27 is the neighbour of pixel 0? An ordinary mean fails there. *Specification:* `centre(light)` takes `(n,)` amounts of light on a ring of `n` pixels, puts each as an arrow at its angle $2\pi k/n$, adds up the arrows, and returns the angle of the sum as a pixel, a number from 0 up to but not including `n`.

# %% tags=["exercise"]
def centre(light):
    ...  # at most 4 lines

# %%
check("5.centre", centre)

# %% [markdown]
# ### 5.2.3 Object detection · 物体检测
# **Problem.** Not only *what*, but *where*, and how many: two to four digits of several sizes in one picture, between scraps of others.
#
# **Data.** Scenes of 64x64 pixels made of the ten people's digits to learn from, and of the three others' to be tested on.
#
# **Model.** A grid of 8x8 cells; each cell says whether the middle of a digit lies in it, where, how large it is, and which digit it is: fifteen numbers a cell, all from one pass of a convolutional network (after [Redmon et al., 2016](https://arxiv.org/abs/1506.02640)).

# %%
source(vision.detector)

# %% [markdown]
# A minute and more of training is too long for this page, so `data/make_models.py` has done it and its weights are shipped. What training does, a shortened one shows: 60 steps from a random start.

# %%
set_seed(SEED)
detector, training = vision.detector(), vision.scenes((X, y), 640, SEED)
detector.compile(keras.optimizers.Adam(0.003), vision.detection_loss)
history = detector.fit(np.stack([scene.picture for scene in training]),
                       vision.grid_targets(training), epochs=3, verbose=0,
                       callbacks=[LiveBar("detector, shortened")])
losses = history.history["loss"]
print("the loss fell by a third or more:", losses[-1] < losses[0] / 1.5)
assert losses[-1] < losses[0] / 1.5

# %%
load_weights(detector, "detector")
scenes = vision.scenes((X_test, y_test), 60, [SEED, 3])
found = vision.detect(detector, np.stack([s.picture for s in scenes]))
window = vision.SlidingWindow(vision.scenes((X, y), 100, [SEED, 4]), SEED)
by_window = [window(scene.picture) for scene in scenes]

# %% [markdown]
# **Result.** A find counts if it names the right digit and its box shares at least half of the joint area with the true one (*intersection over union* 0.5). The score is the mean average precision. The baseline moves a window of three sizes over the whole picture and asks a classifier at each place, as detectors did before networks.

# %%
both = [vision.judged(zip(scenes, finds)) for finds in (found, by_window)]
gain = bootstrap_difference(*both, vision.mean_precision)
ours, theirs = (bootstrap(cases, vision.mean_precision) for cases in both)
outcome("5.2.3", "mean average precision", ours,
        ("sliding window", theirs), gain)

# %%
show(plots5.boxes(scenes[:4], found, by_window), "5.fig.boxes")

# %% [markdown]
# Above, what the grid finds, below what the window finds; a solid box names the right digit, a dashed one is wrong. Nearly all errors of the window are names: it sees each window alone, in the size it was cut. The network's cells see the surroundings, and all of them share one set of filters. *The real thing:* [COCO](https://arxiv.org/abs/1405.0312) has 2.5 million outlined objects of 91 kinds in 328,000 photographs.
#
# > ✎ **Exercise 5.iou** (medium, at most 4 lines). *Specification:* `iou(a, b)` of two boxes `(top, left, bottom, right)` returns the area of their intersection over the area of their union; 0 if they don't meet.

# %% tags=["exercise"]
def iou(a, b):
    ...  # at most 4 lines

# %%
check("5.iou", iou)

# %% [markdown]
# ### 5.2.4 Autonomous driving · 自动驾驶
# **Problem.** From the camera's picture to the steering wheel. The error of one moment decides what the camera sees in the next: this is what makes driving harder than labelling.
#
# **Data.** Closed random roads, drawn as a camera 1.5 m above the ground sees them. An expert who knows the map drives; we record what it saw and did. Two data sets of the same size: the expert on its way round, and the expert put beside the road's middle and askew, steering back (as [Bojarski et al., 2016](https://arxiv.org/abs/1604.07316) did with shifted pictures).

# %%
roads = vision.tracks(8, SEED)
data = {name: vision.driving_data(roads, 250, SEED, recovery=recovery)
        for name, recovery in (("copycat", False), ("with recovery", True))}
show(plots5.views(data["with recovery"][0][::250], columns=4, side=2),
     "5.fig.road")

# %% [markdown]
# The camera's view of several roads: sky, grass, the road with its white edges; on some roads the tarmac is darker than the grass, on others lighter.
#
# **Model.** Convolutions and one number at the end: the angle of the wheels, times five so that it is of size one. Both copies learn by imitation alone: squared difference from the expert's angle. **Predict:** the copycat's *error* on its own kind of pictures is the smaller one. Who drives better?

# %%
def driver(X, y):
    set_seed(SEED)
    net = keras.Sequential([keras.Input((32, 64, 1))])
    for width in (8, 16, 32):
        net.add(layers.Conv2D(width, 5, strides=2, activation="relu"))
    for layer in layers.Flatten(), layers.Dense(32, "relu"), layers.Dense(1):
        net.add(layer)
    net.compile(keras.optimizers.Adam(0.002), "mse")
    net.fit(X, 5 * y, epochs=10, batch_size=32, verbose=0,
            callbacks=[LiveBar("driver")])
    return net

# %%
drivers = {name: driver(*seen) for name, seen in data.items()}


def steering(net):
    """From pictures to angles."""
    net = tf.function(net)  # faster, picture by picture
    return lambda pictures: np.asarray(net(pictures))[:, 0] / 5


wheels = {name: steering(net) for name, net in drivers.items()}
wheels["straight on"] = vision.straight_on
wheels["grey rule"] = vision.follow_grey

# %% [markdown]
# **Result.** The loop is closed: on six roads that nobody has seen, each method drives two laps, in gusts of wind and over patches of ice. Who leaves the road is put back, which counts.

# %%
unseen = vision.tracks(6, SEED, test=True)
drives = {name: vision.drive(unseen, wheel, laps=2, seed=SEED)
          for name, wheel in wheels.items()}
per_lap = {name: vision.off_track_per_lap(found)
           for name, found in drives.items()}

# %%
def fewer(drives):
    return -vision.off_track_per_lap(drives)


gain = bootstrap_difference(drives["with recovery"], drives["copycat"],
                            fewer, rounds=300)
ours, theirs = (bootstrap(drives[name], vision.off_track_per_lap, rounds=300)
                for name in ("with recovery", "copycat"))
outcome("5.2.4", "off the road per lap", ours, ("copycat", theirs), gain)
assert per_lap["with recovery"] < per_lap["straight on"] / 5

# %%
show(plots5.paths(unseen[0], drives, per_lap), "5.fig.paths")

# %% [markdown]
# The first unseen road with the paths of four drivers; a cross is a place where one left the road; above each, how often per lap on all six roads. Straight on leaves it at once. The copycat drives well until a gust carries it where the expert never was; there it has learned nothing. The same network with the same number of pictures, but from beside the road, comes back. And the fourth, a rule of five lines that follows the grey before the car, is no worse than the network: on a road without shadows, crossings or others.
#
# *The real thing:* Bojarski and others taught a car to follow real roads from less than a hundred hours of driving; what remains are the rare events, of which no hundred hours hold enough.
