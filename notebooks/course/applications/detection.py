"""Pictures for chapter 5: spoilt digits, clips, scenes, a road to drive.

All digits are real handwriting (scikit-learn's, see `bundled_digits` in
`data.py`); what is done to them is simulated. The road is simulated
altogether. What is for tests is made of digits by other writers, and of
tracks from another stream of random numbers.
"""

from typing import NamedTuple

import numpy as np

from .data import bundled_digits
from .messages import CourseError
from .streams import stream

TEST_WRITERS = 3  # of the thirteen: the last ones


def digits_by_writer():
    """The bundled digits, split so that no writer is in both parts.

    Returns (X_train, y_train), (X_test, y_test): X float32 (n, 28, 28, 1)
    from 0 to 1, y int64 (n,); three of thirteen writers are for the test.
    """
    X, y, form = bundled_digits()
    test = form > form.max() - TEST_WRITERS
    return (X[~test], y[~test]), (X[test], y[test])


# ---- spoilt pictures

CORRUPTIONS = "noise", "blur", "occlusion", "contrast", "rotation", "shift"
SHOWN = "noise", "rotation", "shift"  # those that `augment` shows
SEVERITIES = 5
NOISE = 0.1, 0.2, 0.3, 0.4, 0.5  # standard deviation
BLUR = 0.7, 1.0, 1.4, 1.8, 2.3  # standard deviation, pixels
OCCLUSION = 6, 8, 10, 12, 14  # side of a grey square, pixels
CONTRAST = 0.6, 0.4, 0.3, 0.2, 0.15  # factor, around the middle grey
ROTATION = 10, 20, 30, 40, 50  # degrees, either way
SHIFT = 1, 2, 3, 4, 6  # pixels, in a random one of eight directions


def corrupt(X, kind, severity, seed=0):
    """Pictures as a bad camera gives them.

    X: (n, 28, 28, 1) from 0 to 1; kind: one of CORRUPTIONS; severity: 1 to
    5 (0 leaves them as they are); the scales stand above.
    Returns float32 like X. What moves out of the picture is lost.
    Raises CourseError for another kind or severity.
    After Hendrycks and Dietterich 2019, whose test has five severities of
    such corruptions of photographs; the scales here are our own.
    """
    if kind not in CORRUPTIONS:
        raise CourseError("vision.corruption", name=repr(kind),
                          known=", ".join(CORRUPTIONS))
    if severity not in range(SEVERITIES + 1):
        raise CourseError("vision.severity", severity=severity,
                          most=SEVERITIES)
    X = np.asarray(X, np.float32)
    if severity == 0:
        return X.copy()
    rng = np.random.default_rng(seed)
    amount = globals()[kind.upper()][severity - 1]
    X = globals()["_" + kind](X, amount, rng)
    return np.clip(X, 0, 1).astype(np.float32)


def _noise(X, amount, rng):
    return X + rng.normal(0, amount, X.shape)


def _blur(X, amount, rng):
    from scipy.ndimage import gaussian_filter
    return gaussian_filter(X, (0, amount, amount, 0))


def _occlusion(X, amount, rng):
    X = X.copy()
    # over the middle half, where the strokes are
    corner = rng.integers(5, 23, (len(X), 2)) - amount // 2
    for x, (i, j) in zip(X, np.maximum(corner, 0)):
        x[i:i + amount, j:j + amount] = 0.5
    return X


def _contrast(X, amount, rng):
    return 0.5 + amount * (X - 0.5)


def _rotation(X, amount, rng):
    from scipy.ndimage import rotate
    sign = rng.choice([-1, 1], len(X))
    return np.stack([rotate(x, s * amount, reshape=False, order=1)
                     for x, s in zip(X, sign)])


def _shift(X, amount, rng):
    ways = rng.integers(0, 8, len(X))
    return np.stack([_moved(x, amount * DIRECTIONS[way])
                     for x, way in zip(X, ways)])


def _moved(x, step):
    """x moved by whole pixels (down, right); zeros come in."""
    out = np.zeros_like(x)
    (i, j), (h, w) = step, x.shape[:2]
    out[max(i, 0):h + min(i, 0), max(j, 0):w + min(j, 0)] = x[
        max(-i, 0):h + min(-i, 0), max(-j, 0):w + min(-j, 0)]
    return out


def augment(X, seed):
    """Variants of training pictures: turned, moved, with noise.

    X: (n, 28, 28, 1). Each is turned by up to 20 degrees, moved by up to 3
    pixels each way, and gets noise of up to 0.3. Blur, occlusion and
    contrast are left out on purpose: they test what augmentation does for
    damage it did not show. Returns float32 like X.
    """
    from scipy.ndimage import rotate
    rng = np.random.default_rng(seed)
    out = np.empty(X.shape, np.float32)
    for i, x in enumerate(X):
        x = rotate(x, rng.uniform(-20, 20), reshape=False, order=1)
        x = _moved(x, rng.integers(-3, 4, 2))
        out[i] = x + rng.normal(0, rng.uniform(0, 0.3), x.shape)
    return out.clip(0, 1)


# ---- clips of a moving digit

# (down, right), clockwise from up
DIRECTIONS = np.array([(-1, 0), (-1, 1), (0, 1), (1, 1),
                       (1, 0), (1, -1), (0, -1), (-1, -1)])
FRAMES = 6
CLIP_NOISE = 0.2  # standard deviation


def moving_digits(digits, n, seed, n_directions=8, speeds=(1, 2)):
    """Clips in which a digit moves over a field without edges.

    digits: (n_digits, 28, 28, 1), real ones; each is halved to 14 pixels.
    n_directions: 8, or 4 (up, right, down, left). speeds: lowest and
        highest, whole pixels a frame.
    Returns clips float32 (n, 6, 28, 28, 1) from 0 to 1, and direction int
    (n,), clockwise from up, 0 to n_directions - 1.
    What leaves on one side comes back on the other, and the start is
    anywhere: so each single frame looks alike for all directions, and no
    method can tell the direction from one frame. The camera is still and
    has noise. Simplified: nothing turns, grows or is hidden.
    """
    if n_directions not in (4, 8):
        raise CourseError("vision.directions", n=n_directions)
    rng = np.random.default_rng(seed)
    small = digits.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
    which = rng.integers(0, len(small), n)
    direction = rng.integers(0, n_directions, n)
    step = DIRECTIONS[direction * (8 // n_directions)]
    step = step * rng.integers(speeds[0], speeds[1] + 1, (n, 1))
    start = rng.integers(0, 28, (n, 2))
    clips = np.zeros((n, FRAMES, 28, 28), np.float32)
    clips[:, :, 7:21, 7:21] = small[which][:, None]
    for i in range(n):
        for t in range(FRAMES):
            clips[i, t] = np.roll(clips[i, t], start[i] + t * step[i], (0, 1))
    for clip in clips:  # one after the other spares memory
        clip += rng.normal(0, CLIP_NOISE, clip.shape)
    return clips.clip(0, 1, out=clips)[..., None], direction


def direction_from_one_frame(train, test, frame=FRAMES // 2):
    """Baseline: a logistic regression that sees one frame of each clip.

    train, test: what `moving_digits` returns. Returns the predictions for
    the test, int (n,). It can't beat guessing; nothing could.
    """
    from sklearn.linear_model import LogisticRegression
    flat = [clips[:, frame].reshape(len(clips), -1)
            for clips, _ in (train, test)]
    model = LogisticRegression(C=0.01, max_iter=200)
    return model.fit(flat[0], train[1]).predict(flat[1])


def direction_by_centroids(clips, n_directions=8):
    """The classical answer: how the digit's centre moves.

    clips: (n, T, 28, 28, 1). On a field without edges the centre is the
    phase of the first harmonic of the brightness. Returns int (n,).
    It knows that one thing moves and nothing else does; where that is so,
    nothing learned is needed.
    """
    turn = np.exp(2j * np.pi * np.arange(28) / 28)
    rows = clips[..., 0].sum(axis=3) @ turn  # (n, T)
    columns = clips[..., 0].sum(axis=2) @ turn
    # the sum of products: steps of a bright digit count more than noise
    down, right = (np.angle((z[:, 1:] * z[:, :-1].conj()).sum(axis=1))
                   for z in (rows, columns))
    eighths = 8 / (2 * np.pi) * np.arctan2(right, -down)
    return np.round(eighths * n_directions / 8).astype(int) % n_directions


# ---- scenes with several digits

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

    digits: (X, y) as `digits_by_writer` returns them.
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
    """Intersection over union of each box of a with each of b.

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
    """Each pair as Judged, by the rule of `mean_average_precision`."""
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


WINDOW_SIDES = 17, 21, 26  # pixels, of a square window
WINDOW = 14  # pixels a side of what the classifier sees
NOTHING = 10  # the class of windows without a digit
CENTRES = 600  # of the radial basis functions
LOOKED_THROUGH = 400  # windows of a scene that are searched for mistakes


class SlidingWindow:
    """Baseline detector: a classifier of windows, moved over the scene.

    The scene is shrunk three times, so that one window of 14x14 pixels,
    moved by one pixel at a time, finds digits of three sizes. A classifier
    (radial basis functions and least squares) says which digit it is, or
    nothing, wherever there is enough ink; a find is drawn in to the ink it
    holds most of, and of overlapping finds the best stays. It learns from
    windows of the training scenes, and in a second round from those that
    fooled it (as Dalal and Triggs 2005).
    """

    def __init__(self, training, seed=0, each=12):
        """training: list of Scene; each: windows of either kind a scene."""
        rng = np.random.default_rng(seed)
        parts, ink = [], []
        for X, y in map(self._sorted, training):  # 5 MB a scene: not kept
            ink.append(X[y < NOTHING].mean(axis=1).min())
            for kind in (y < NOTHING, y == NOTHING):
                some = rng.permutation(np.flatnonzero(kind))[:each]
                parts.append((X[some], y[some]))
        self.least_ink = 0.8 * min(ink)
        self._fit(parts, seed)
        for X, y in map(self._sorted, training):
            X = rng.permutation(X[y == NOTHING])[:LOOKED_THROUGH]
            fooled = X[np.argsort(-self._margins(X)[0])[:each]]
            parts.append((fooled, np.full(len(fooled), NOTHING)))
        self._fit(parts, seed)

    def _fit(self, parts, seed):
        from sklearn.kernel_approximation import Nystroem
        from sklearn.linear_model import RidgeClassifier
        from sklearn.pipeline import make_pipeline
        X, y = (np.concatenate(part) for part in zip(*parts))
        self.model = make_pipeline(
            Nystroem(gamma=0.04, n_components=CENTRES, random_state=seed),
            RidgeClassifier(alpha=0.01)).fit(X, y)

    def _margins(self, X):
        """How much surer than of nothing, (n,), and of which digit."""
        score = self.model.decision_function(X)
        digit = score[:, :NOTHING].argmax(axis=1)
        return score[:, :NOTHING].max(axis=1) - score[:, NOTHING], digit

    @staticmethod
    def _windows(picture):
        """All windows (n, 196) of a scene and their boxes (n, 4)."""
        from PIL import Image
        found, boxes = [], []
        for side in WINDOW_SIDES:
            pad = side // 4  # a digit may stand at the edge
            wide = np.pad(picture[..., 0], pad)
            small = Image.fromarray(wide).resize(
                [round(len(wide) * WINDOW / side)] * 2,
                Image.Resampling.BILINEAR)
            view = np.lib.stride_tricks.sliding_window_view(
                np.asarray(small), (WINDOW, WINDOW))
            found.append(view.reshape(-1, WINDOW ** 2))
            corner = np.indices(view.shape[:2]).reshape(2, -1).T
            corner = corner * len(wide) / small.size[0] - pad
            boxes.append(np.hstack([corner, corner + side]))
        return np.concatenate(found), np.concatenate(boxes)

    def _sorted(self, scene):
        """Windows that show one digit whole, or none; others left out."""
        X, boxes = self._windows(scene.picture)
        side = 1.1 * (scene.boxes[:, 2:] - scene.boxes[:, :2]).max(axis=1)
        middle = (scene.boxes[:, 2:] + scene.boxes[:, :2]) / 2
        squares = np.hstack([middle - side[:, None] / 2,
                             middle + side[:, None] / 2])
        overlap = iou(boxes, squares)
        y = np.where(overlap.max(axis=1) < 0.35, NOTHING,
                     scene.labels[overlap.argmax(axis=1)])
        clear = (overlap.max(axis=1) < 0.35) | (overlap.max(axis=1) > 0.7)
        return X[clear], y[clear]

    def __call__(self, picture, least=-0.5):
        """Found in a picture (64, 64, 1); `least` margin to report."""
        X, boxes = self._windows(picture)
        inked = X.mean(axis=1) > self.least_ink
        X, boxes = X[inked], boxes[inked]
        if not len(X):
            return Found(np.zeros((0, 4)), np.zeros(0, int), np.zeros(0))
        margin, digit = self._margins(X)
        likely = np.flatnonzero(margin > least)
        tight = [_drawn_in(picture, boxes[i]) for i in likely]
        likely = np.array([i for i, box in zip(likely, tight)
                           if box is not None], int)
        tight = np.array([box for box in tight if box is not None])
        kept = suppress(tight.reshape(-1, 4), margin[likely])
        return Found(tight.reshape(-1, 4)[kept], digit[likely[kept]],
                     margin[likely[kept]])


def _drawn_in(picture, box):
    """The box round the ink that lies mostly in a window, or None."""
    from scipy.ndimage import find_objects, label, uniform_filter
    smooth = uniform_filter(picture[..., 0], 2)
    pieces, _ = label(smooth > INK, np.ones((3, 3)))
    top, left, bottom, right = np.round(box).astype(int)
    inside = np.bincount(pieces[max(top, 0):bottom, max(left, 0):right].flat,
                         minlength=pieces.max() + 1)
    whole = np.bincount(pieces.flat)
    corners = [(s[0].start, s[1].start, s[0].stop, s[1].stop)
               for k, s in enumerate(find_objects(pieces), 1)
               if inside[k] > 0.7 * whole[k] and whole[k] >= 8]
    if not corners:
        return None
    corners = np.array(corners)
    return np.append(corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0))


# ---- driving: a road, a car, its camera

WHEELBASE = 2.5  # metres
SPEED = 8.0  # metres a second, always
TICK = 0.1  # seconds
STEERING_LIMIT = 0.6  # radians, either way
GUST = 0.05  # radians: standard deviation of what wind does to the wheels
SKID = 0.35  # radians: how far a patch of ice turns the car
SKIDS_A_TICK = 0.025  # one in four seconds
ROAD = 2.5  # metres from the middle of the road to its edge
RADIUS = 35.0  # metres: mean of a track's
LOOK_AHEAD = 7.0  # metres: where the expert aims
VIEW = 32, 64  # pixels of the camera's picture
CAMERA_HEIGHT, FOCAL, HORIZON = 1.5, 40.0, 8  # metres, pixels, row
CELL = 0.25  # metres: of the map that a track is drawn on


class Track(NamedTuple):
    """A closed road, and what the camera needs to see it."""
    middle: np.ndarray  # (n, 2) metres, half a metre apart
    heading: np.ndarray  # (n,) radians
    distance: np.ndarray  # map of metres from the road's middle
    origin: np.ndarray  # (2,) metres: the map's corner
    light: np.ndarray  # (3,): grey of road, grass and edge line


def tracks(n, seed, test=False):
    """n closed, smooth, random roads, one way round.

    test: from the stream of random numbers that only tests draw from.
    A track's radius is a mean of 35 m with four random waves around it;
    those with a bend tighter than 10 m are drawn again. Each has greys of
    its own; the road is darker than the grass on one, lighter on another.
    Returns a list of Track.
    Simplified: flat, one lane, no traffic, no shadows.
    """
    rng = stream("tracks", seed, test)
    found = []
    while len(found) < n:
        middle, heading = _closed_curve(rng)
        bend = np.abs(_turned(np.diff(heading))).max() / 0.5
        if bend < 1 / 10:
            found.append(_mapped(middle, heading, rng))
    return found


def _turned(angle):
    """An angle brought to between -pi and pi."""
    return (angle + np.pi) % (2 * np.pi) - np.pi


def _closed_curve(rng):
    angle = np.linspace(0, 2 * np.pi, 4000, endpoint=False)
    radius = np.ones_like(angle)
    for k in (2, 3, 4, 5):
        radius += rng.normal(0, 0.5 / k) * np.cos(
            k * angle + rng.uniform(0, 2 * np.pi))
    points = RADIUS * radius[:, None] * np.stack(
        [np.cos(angle), np.sin(angle)], axis=1)
    closed = np.vstack([points, points[:1]])
    along = np.append(0, np.cumsum(np.hypot(*np.diff(closed, axis=0).T)))
    at = np.arange(0, along[-1] - 0.25, 0.5)
    middle = np.stack([np.interp(at, along, c) for c in closed.T], axis=1)
    step = np.roll(middle, -1, axis=0) - middle
    return middle, np.arctan2(step[:, 1], step[:, 0])


def _mapped(middle, heading, rng):
    """The Track of a curve: how far each cell is from it, and greys."""
    from scipy.spatial import cKDTree
    low, high = middle.min(axis=0) - 30, middle.max(axis=0) + 30
    grid = np.stack(np.meshgrid(*(np.arange(a, b, CELL) for a, b
                                  in zip(low, high)), indexing="ij"), -1)
    far, _ = cKDTree(middle).query(grid, distance_upper_bound=ROAD + 2)
    dark, light = rng.uniform(0.2, 0.35), rng.uniform(0.5, 0.65)
    greys = [dark, light] if rng.random() < 0.5 else [light, dark]
    light = np.array([*greys, 0.95])
    return Track(middle, heading,
                 np.minimum(far, ROAD + 2).astype(np.float32), low, light)


def look(track, pose, rng):
    """What the car's camera sees, float32 (32, 64, 1) from 0 to 1.

    pose: (x, y, heading), of the rear axle; metres, radians.
    A pinhole camera 1.5 m above it looks along the car. Road, its white
    edge lines, grass, sky; noise of 0.03.
    """
    ahead, side = _ground()
    x, y, heading = pose
    c, s = np.cos(heading), np.sin(heading)
    place = np.stack([x + c * ahead - s * side, y + s * ahead + c * side], -1)
    cell = np.floor((place - track.origin) / CELL).astype(int)
    top = np.array(track.distance.shape) - 1
    far = track.distance[tuple(np.clip(cell, 0, top).transpose(2, 0, 1))]
    road, grass, line = track.light
    picture = np.full(VIEW, 0.8)  # the sky
    below = np.where(far < ROAD - 0.3, road, grass)
    below[np.abs(far - ROAD + 0.15) < 0.15] = line
    picture[HORIZON + 1:] = below
    picture += rng.normal(0, 0.03, VIEW)
    return picture.clip(0, 1)[..., None].astype(np.float32)


def _ground():
    """Metres ahead and to the left of what each pixel below sees."""
    row = np.arange(HORIZON + 1, VIEW[0])[:, None]
    column = np.arange(VIEW[1])[None]
    ahead = CAMERA_HEIGHT * FOCAL / (row - HORIZON)
    side = ahead * ((VIEW[1] - 1) / 2 - column) / FOCAL
    return np.broadcast_to(ahead, side.shape), side


def move(pose, steering):
    """The pose one tick later, by the kinematic bicycle model.

    x' = v cos(h), y' = v sin(h), h' = v tan(steering) / wheelbase, for the
    middle of the rear axle. Simplified: tyres never slip, the speed never
    changes, the wheels turn at once. Source: Lynch and Park 2017, Modern
    Robotics, section 13.3.
    """
    x, y, heading = pose
    steering = np.clip(steering, -STEERING_LIMIT, STEERING_LIMIT)
    turn = SPEED * np.tan(steering) / WHEELBASE * TICK
    middle = heading + turn / 2
    return np.array([x + SPEED * TICK * np.cos(middle),
                     y + SPEED * TICK * np.sin(middle), heading + turn])


def off_middle(track, pose):
    """Metres left (positive) of the road's middle, and the nearest point."""
    gap = pose[:2] - track.middle
    i = int((gap ** 2).sum(axis=1).argmin())
    c, s = np.cos(track.heading[i]), np.sin(track.heading[i])
    return float(c * gap[i, 1] - s * gap[i, 0]), i


def expert(track, pose):
    """Steering of a driver who knows the map: pure pursuit, radians.

    It aims at the road's middle 7 m ahead: atan(2 L sin(a) / d), where a is
    the angle to that point and d its distance. Source: Coulter 1992.
    """
    _, i = off_middle(track, pose)
    aim = track.middle[(i + round(LOOK_AHEAD / 0.5)) % len(track.middle)]
    gap = aim - pose[:2]
    a = _turned(np.arctan2(gap[1], gap[0]) - pose[2])
    steering = np.arctan2(2 * WHEELBASE * np.sin(a), np.hypot(*gap))
    return float(np.clip(steering, -STEERING_LIMIT, STEERING_LIMIT))


def driving_data(roads, each, seed, recovery):
    """What the expert saw and did: pictures and steering.

    roads: list of Track; each: pictures a track.
    recovery: False: the expert drives round from the middle of the road,
        hardly ever leaves it, and nobody learns what to do beside it.
        True: it is put up to 2 m beside the middle and up to 0.4 radians
        askew, and steers back (as Bojarski et al. 2016 did with shifted
        and turned pictures).
    Returns X float32 (n, 32, 64, 1), y float32 (n,) radians, left positive.
    """
    rng = np.random.default_rng(seed)
    X, y = [], []
    for track in roads:
        for i in rng.integers(0, len(track.middle), each):
            if recovery:
                pose = _beside(track, i, rng.uniform(-2, 2),
                               rng.uniform(-0.4, 0.4))
            else:  # settled after a few ticks on its own way
                pose = _beside(track, i, 0, 0)
                for _ in range(5):
                    pose = move(pose, expert(track, pose))
            X.append(look(track, pose, rng))
            y.append(expert(track, pose))
    return np.stack(X), np.array(y, np.float32)


def _beside(track, i, left, askew):
    heading = track.heading[i]
    normal = np.array([-np.sin(heading), np.cos(heading)])
    return np.append(track.middle[i] + left * normal, heading + askew)


class Drive(NamedTuple):
    """A drive: where the car was, and how often it left the road."""
    path: np.ndarray  # (ticks, 3): x, y in metres, heading in radians
    off_track: int  # times that the car was put back
    laps: float  # rounds driven


def drive(roads, steer, laps=2, seed=0):
    """Closed loop: on each track the camera's picture steers the car.

    steer: function of pictures (n_tracks, 32, 64, 1) that returns angles
    (n_tracks,) in radians, left positive.
    Gusts turn the wheels by 0.05 radians at random, and about every four
    seconds a patch of ice turns the car by 0.35. Who is more than 2.5 m
    from the road's middle is put back onto it, which counts as once off the
    track. Returns a list of Drive; each lasts as long as `laps` rounds of
    its track at full speed.
    """
    rng = np.random.default_rng(seed)
    poses = [_beside(track, 0, 0, 0) for track in roads]
    ticks = [int(laps * len(track.middle) * 0.5 / SPEED / TICK)
             for track in roads]
    paths, off = [[] for _ in roads], [0] * len(roads)
    rounds, before = [0.0] * len(roads), [0] * len(roads)
    for t in range(max(ticks)):
        pictures = np.stack([look(track, pose, rng) for track, pose
                             in zip(roads, poses)])
        angles = np.asarray(steer(pictures)).reshape(-1)
        for k, track in enumerate(roads):
            if t >= ticks[k]:
                continue
            poses[k] = move(poses[k], angles[k] + rng.normal(0, GUST))
            if rng.random() < SKIDS_A_TICK:
                poses[k][2] += rng.choice([-SKID, SKID])
            left, i = off_middle(track, poses[k])
            if abs(left) > ROAD:
                off[k] += 1
                poses[k] = _beside(track, i, 0, 0)
            n = len(track.middle)
            rounds[k] += ((i - before[k] + n // 2) % n - n // 2) / n
            before[k] = i
            paths[k].append(poses[k])
    return [Drive(np.array(path), count, done)
            for path, count, done in zip(paths, off, rounds)]


def off_track_per_lap(drives):
    """How often a car left the road, per round driven."""
    return sum(d.off_track for d in drives) / sum(d.laps for d in drives)


def straight_on(pictures):
    """Baseline: the wheel is never turned."""
    return np.zeros(len(pictures))


def follow_grey(pictures, row=16):
    """A rule that nobody learned: steer to where it looks as it does here.

    What lies right before the car is taken for road; about seven metres
    ahead it steers towards the middle of what is as grey. Shown as such:
    where the rule is known, nothing need be learned.
    """
    here = np.median(pictures[:, 28:, 26:38, 0], axis=(1, 2))
    alike = np.abs(pictures[:, row, :, 0] - here[:, None]) < 0.1
    alike[~alike.any(axis=1)] = True  # lost: straight on
    column = alike @ np.arange(VIEW[1]) / alike.sum(axis=1)
    ahead = CAMERA_HEIGHT * FOCAL / (row - HORIZON)
    side = ahead * ((VIEW[1] - 1) / 2 - column) / FOCAL
    return np.arctan2(2 * WHEELBASE * side, ahead ** 2 + side ** 2)


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
    """What the cells should say of scenes: float32 (n, 8, 8, 6).

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
    """What a detector finds in pictures (n, 64, 64, 1): list of Found.

    least: probability below which a find is not reported. Of overlapping
    finds the surest stays.
    """
    parts = np.array_split(pictures, -(-len(pictures) // 20))
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
