"""Pictures as a bad camera gives them (5.2.1)."""

import numpy as np

from ..messages import CourseError
from .clips import DIRECTIONS


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


# kind: what it does, and its scale at severities 1 to 5
CORRUPTIONS = {
    "noise": (_noise, (0.1, 0.2, 0.3, 0.4, 0.5)),  # standard deviation
    "blur": (_blur, (0.7, 1.0, 1.4, 1.8, 2.3)),  # the same, in pixels
    "occlusion": (_occlusion, (6, 8, 10, 12, 14)),  # side of a grey square
    # factor, around the middle grey
    "contrast": (_contrast, (0.6, 0.4, 0.3, 0.2, 0.15)),
    "rotation": (_rotation, (10, 20, 30, 40, 50)),  # degrees, either way
    "shift": (_shift, (1, 2, 3, 4, 6)),  # pixels, in one of eight directions
}
SHOWN = "noise", "rotation", "shift"  # those that `augment` shows
SEVERITIES = 5


def corrupt(X, kind, severity, seed=0):
    """Pictures as a bad camera gives them (5.2.1).

    X: (n, 28, 28, 1) from 0 to 1; kind: one of CORRUPTIONS; severity: 1 to
    5 (0 leaves them as they are).
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
    spoil, amounts = CORRUPTIONS[kind]
    X = spoil(X, amounts[severity - 1], rng)
    return np.clip(X, 0, 1).astype(np.float32)


def augment(X, seed):
    """Variants of training pictures: turned, moved, with noise (5.2.1).

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


def stretched(X):
    """Each picture from its darkest to its brightest point, 0 to 1 (5.2.1).

    X: (n, 28, 28, 1). A remedy for faint pictures that needs no training.
    """
    low, high = X.min((1, 2, 3), keepdims=True), X.max(
        (1, 2, 3), keepdims=True)
    return (X - low) / np.maximum(high - low, 1e-6)


def straightened(X):
    """Hard baseline: each digit moved to the middle and set upright (5.2.1).

    X: (n, 28, 28, 1) from 0 to 1. The middle and the slant are those of the
    light above the background (its median): first and second moments, as
    for MNIST (LeCun and others 1998). Returns float32 like X.
    """
    from scipy.ndimage import affine_transform
    i, j = np.mgrid[:28, :28]
    out = np.empty(X.shape, np.float32)
    for k, x in enumerate(np.asarray(X, float)[..., 0]):
        ink = np.maximum(x - np.median(x) - 0.2, 0)
        ink /= max(ink.sum(), 1e-6)
        down, right = (ink * i).sum(), (ink * j).sum()
        tall = (ink * (i - down) ** 2).sum()
        slant = (ink * (i - down) * (j - right)).sum() / max(tall, 1e-6)
        # where each pixel of the upright digit comes from
        from_there = np.array([[1, 0], [np.clip(slant, -1, 1), 1]])
        offset = np.array([down, right]) - from_there @ [13.5, 13.5]
        out[k, ..., 0] = affine_transform(x, from_there, offset, order=1,
                                          cval=float(np.median(x)))
    return out
