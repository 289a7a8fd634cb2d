"""Scenes with several digits, and who finds them: a grid, pieces (5.2.3).

The digits are real handwriting (scikit-learn's); the scenes are simulated.
"""

from typing import NamedTuple

import numpy as np

SCENE = 64  # pixels a side
DIGIT_SIDES = 14, 26  # pixels, the longer side of a digit's box
DIGITS_A_SCENE = 2, 4
INK = 0.3  # a box goes round the pixels brighter than this


class Scene(NamedTuple):
    """A picture with digits: boxes are (top, left, bottom, right)."""
    picture: np.ndarray  # float32 (64, 64, 1), from 0 to 1
    boxes: np.ndarray  # (n_digits, 4), pixels; bottom and right excluded
    labels: np.ndarray  # int (n_digits,)


def scenes(digits, n, seed):
    """Scenes of two to four real digits of several sizes, with clutter.

    digits: (X, y) as `digits_by_copy` returns them.
    Returns a list of Scene. Boxes of two digits don't overlap; strokes and
    corners cut from other digits, and noise of 0.1, lie about.
    """
    rng = np.random.default_rng(seed)
    return [_scene(*digits, rng) for _ in range(n)]


def _scene(X, y, rng):
    from PIL import Image
    canvas, boxes, labels = np.zeros((SCENE, SCENE)), [], []
    wanted = rng.integers(DIGITS_A_SCENE[0], DIGITS_A_SCENE[1] + 1)
    while len(boxes) < wanted:
        i = rng.integers(len(X))
        ink = _tight(X[i, :, :, 0])
        side = rng.integers(DIGIT_SIDES[0], DIGIT_SIDES[1] + 1)
        size = np.maximum(1, np.round(
            np.array(ink.shape) * side / max(ink.shape)).astype(int))
        ink = np.asarray(Image.fromarray(ink).resize(
            size[::-1], Image.Resampling.BILINEAR))
        at = rng.integers(0, SCENE - size + 1)
        box = np.append(at, at + size)
        if boxes and iou(box[None], np.array(boxes)).max() > 0:
            continue
        _paint(canvas, ink, at)
        boxes.append(box)
        labels.append(y[i])
    for _ in range(rng.integers(2, 5)):
        side = rng.integers(5, 9)
        i, top, left = rng.integers(len(X)), *rng.integers(4, 24 - side, 2)
        piece = X[i, top:top + side, left:left + side, 0]
        at = rng.integers(0, SCENE - side + 1, 2)
        box = np.append(at, at + side)
        if iou(box[None], np.array(boxes)).max() == 0:
            _paint(canvas, piece, at)
    canvas += rng.normal(0, 0.1, canvas.shape)
    return Scene(canvas.clip(0, 1)[..., None].astype(np.float32),
                 np.array(boxes), np.array(labels))


def _tight(x):
    rows, columns = (np.flatnonzero((x > INK).any(axis)) for axis in (1, 0))
    return x[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]


def _paint(canvas, ink, at):
    part = canvas[at[0]:at[0] + ink.shape[0], at[1]:at[1] + ink.shape[1]]
    np.maximum(part, ink, out=part)


def iou(a, b):
    """Intersection over union of each box of a with each of b (5.2.3).

    a (n, 4), b (m, 4): (top, left, bottom, right). Returns (n, m).
    """
    a, b = np.asarray(a, float)[:, None], np.asarray(b, float)[None]
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(
        a[..., 2:], b[..., 2:])
    both = np.maximum(high - low, 0).prod(axis=-1)
    area = [(x[..., 2:] - x[..., :2]).prod(axis=-1) for x in (a, b)]
    return both / np.maximum(area[0] + area[1] - both, 1e-9)


def suppress(boxes, scores, most=0.3):
    """Non-maximum suppression: which of the boxes stay.

    From the best score down, a box stays unless it overlaps one that has
    stayed by more than `most` (intersection over union).
    boxes (n, 4), scores (n,). Returns indices, best first.
    """
    boxes = np.asarray(boxes)
    left, kept = list(np.argsort(-np.asarray(scores), kind="stable")), []
    while left:
        best = left.pop(0)
        kept.append(best)
        if left:
            overlap = iou(boxes[best][None], boxes[left])[0]
            left = [i for i, o in zip(left, overlap) if o <= most]
    return np.array(kept, int)


class Found(NamedTuple):
    """What a detector says about one scene."""
    boxes: np.ndarray  # (n, 4)
    labels: np.ndarray  # int (n,)
    scores: np.ndarray  # (n,), higher is surer


def average_precision(hits, n_truth):
    """Area under the curve of precision over recall, exactly.

    hits: whether each detection is right, surest first. n_truth: how many
    there are to find. Precision at a recall is the best that is reached at
    that recall or a higher one (PASCAL VOC from 2010 on).
    """
    hits = np.asarray(hits, bool)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(envelope[hits].sum() / n_truth)


def mean_average_precision(pairs, threshold=0.5):
    """Mean over the digits of `average_precision`.

    pairs: list of (Scene, Found). A detection is right if its intersection
    over union with a digit of its label is at least `threshold` and no
    surer one took that digit; each detection may take the free digit it
    overlaps most. Digits that no scene shows don't count.
    """
    return mean_precision(judged(pairs, threshold))


class Judged(NamedTuple):
    """A scene's detections, each right or wrong, for `mean_precision`."""
    truth: np.ndarray  # int (10,): how often each digit stands in the scene
    labels: np.ndarray  # int (n,)
    scores: np.ndarray  # (n,)
    right: np.ndarray  # bool (n,)


def judged(pairs, threshold=0.5):
    """Each pair as Judged, by the rule of `mean_average_precision` (5.2.3)."""
    found = []
    for scene, said in pairs:
        right = np.zeros(len(said.labels), bool)
        for label in np.unique(said.labels):
            mine = said.labels == label
            right[mine] = _hits(said.boxes[mine], said.scores[mine],
                                scene.boxes[scene.labels == label], threshold)
        found.append(Judged(np.bincount(scene.labels, minlength=10),
                            said.labels, said.scores, right))
    return found


def mean_precision(cases):
    """`mean_average_precision` of a list of Judged; fast to resample."""
    truth = np.sum([case.truth for case in cases], axis=0)
    labels, scores, right = (np.concatenate([case[k] for case in cases])
                             for k in (1, 2, 3))
    order = np.argsort(-scores, kind="stable")
    labels, right = labels[order], right[order]
    return float(np.mean([average_precision(right[labels == digit], n)
                          for digit, n in enumerate(truth) if n]))


def _hits(boxes, scores, truth, threshold):
    hits, free = np.zeros(len(boxes), bool), np.ones(len(truth), bool)
    for i in np.argsort(-scores, kind="stable"):
        overlap = np.where(free, iou(boxes[i][None], truth)[0], -1)
        if len(truth) and overlap.max() >= threshold:
            hits[i], free[overlap.argmax()] = True, False
    return hits


PIECE = 14  # pixels a side of what the classifier sees
NOTHING = 10  # the class of pieces that are no digit


class Pieces:
    """Hard baseline: the pieces of connected ink, each classified (5.2.3).

    Digits don't overlap in these scenes, so the ink itself says where they
    are. A support vector machine on each piece's picture, brought to
    14 by 14 pixels, and its height and width says which digit it is, or
    none.
    """

    def __init__(self, training):
        """training: Scenes, one after the other."""
        from sklearn.svm import SVC
        X, y = [], []
        for scene in training:
            boxes, pictures = self._pieces(scene.picture)
            overlap = iou(boxes, scene.boxes)
            X.append(pictures)
            y.append(np.where(overlap.max(axis=1) > 0.5, scene.labels[
                overlap.argmax(axis=1)], NOTHING))
        self.model = SVC(C=10, gamma=0.02, break_ties=True, cache_size=20).fit(
            np.concatenate(X), np.concatenate(y))

    @staticmethod
    def _pieces(picture):
        """Boxes (n, 4) of a scene's pieces, and what is seen (n, 198)."""
        from PIL import Image
        from scipy.ndimage import find_objects, label, uniform_filter
        pieces, _ = label(uniform_filter(picture[..., 0], 2) > INK,
                          np.ones((3, 3)))
        boxes, found = [], []
        for k, (rows, columns) in enumerate(find_objects(pieces), 1):
            cut = np.where(pieces == k, picture[..., 0], 0)[rows, columns]
            if (pieces[rows, columns] == k).sum() < 8:
                continue  # noise
            side = max(cut.shape)
            square = np.zeros((side, side), np.float32)
            top, left = ((side - n) // 2 for n in cut.shape)
            square[top:top + cut.shape[0], left:left + cut.shape[1]] = cut
            small = np.asarray(Image.fromarray(square).resize(
                (PIECE, PIECE), Image.Resampling.BILINEAR))
            found.append(np.append(small, np.float32(cut.shape) / 8))
            boxes.append((rows.start, columns.start, rows.stop,
                          columns.stop))
        return (np.array(boxes, float).reshape(-1, 4),
                np.array(found, np.float32).reshape(-1, PIECE ** 2 + 2))

    def __call__(self, picture):
        """Found in a picture (64, 64, 1)."""
        boxes, seen = self._pieces(picture)
        if not len(boxes):
            return Found(boxes, np.zeros(0, int), np.zeros(0))
        score = self.model.decision_function(seen)
        digit = score[:, :NOTHING].argmax(axis=1)
        margin = score[:, :NOTHING].max(axis=1) - score[:, NOTHING]
        kept = margin > 0
        return Found(boxes[kept], digit[kept], margin[kept])


# ---- a detector on a grid

CELLS = 8  # a side: each cell of 8 by 8 pixels answers for one digit
TYPICAL = 16.0  # pixels: a box's side is learned as a multiple of it


def detector():
    """An untrained grid detector, as a Keras model.

    In: pictures (n, 64, 64, 1). Out: (n, 8, 8, 15) for each cell: the
    log-odds that the middle of a digit lies in it, where in the cell (two
    log-odds), the logarithms of height and width over 16 pixels, and ten
    logits of the digit. After Redmon et al. 2016.
    """
    import keras
    from keras import layers
    x = pictures = keras.Input((SCENE, SCENE, 1))
    for width, depth in ((16, 1), (32, 2), (64, 2), (96, 2)):
        for _ in range(depth):
            x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
        if width < 96:
            x = layers.MaxPooling2D()(x)
    return keras.Model(pictures, layers.Conv2D(15, 1)(x))


def grid_targets(some):
    """What the cells should say of scenes: float32 (n, 8, 8, 6) (5.2.3).

    Whether a digit's middle lies in the cell, where (down, right, as parts
    of the cell), the two logarithms, the label.
    """
    side = SCENE / CELLS
    Y = np.zeros((len(some), CELLS, CELLS, 6), np.float32)
    for y, scene in zip(Y, some):
        low, high = scene.boxes[:, :2], scene.boxes[:, 2:]
        place = (low + high) / 2 / side
        i, j = place.astype(int).T
        y[i, j] = np.column_stack([
            np.ones(len(low)), place % 1, np.log((high - low) / TYPICAL),
            scene.labels])
    return Y


def detection_loss(Y, Z):
    """Mean over scenes: is it there, and where it is, which box and digit.

    Y: `grid_targets`; Z: what the detector puts out. Cells without a digit
    learn only that there is none.
    """
    import tensorflow as tf
    there = Y[..., 0]
    found = tf.nn.sigmoid_cross_entropy_with_logits(there, Z[..., 0])
    box = tf.concat([tf.sigmoid(Z[..., 1:3]), Z[..., 3:5]], -1)
    gap = tf.reduce_sum(tf.abs(box - Y[..., 1:5]), -1)
    label = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.cast(Y[..., 5], tf.int32), Z[..., 5:])
    return tf.reduce_mean(tf.reduce_sum(
        found + there * (2 * gap + label), (1, 2)))


def detect(model, pictures, least=0.1):
    """What a detector finds in pictures (n, 64, 64, 1): list of Found (5.2.3).

    least: probability below which a find is not reported. Of overlapping
    finds the surest stays.
    """
    parts = np.array_split(pictures, -(-len(pictures) // 5))
    return [_read_cells(z, least) for part in parts
            for z in np.asarray(model(part))]


def _read_cells(z, least):
    side = SCENE / CELLS
    sure = 1 / (1 + np.exp(-z[..., :3]))
    i, j = np.nonzero(sure[..., 0] > least)
    middle = (np.column_stack([i, j]) + sure[i, j, 1:]) * side
    half = TYPICAL * np.exp(z[i, j, 3:5]) / 2
    digit = np.exp(z[i, j, 5:] - z[i, j, 5:].max(axis=1, keepdims=True))
    score = sure[i, j, 0] * digit.max(axis=1) / digit.sum(axis=1)
    boxes = np.hstack([middle - half, middle + half])
    kept = suppress(boxes, score)
    return Found(boxes[kept], z[i, j, 5:].argmax(axis=1)[kept], score[kept])
