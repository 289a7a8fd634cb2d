"""Handwritten digits, their splits, the reader's picture (2.2, 3.1, 4.1)."""

import os
import socket
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..messages import CourseError

MNIST_URL = ("https://storage.googleapis.com/tensorflow/"
             "tf-keras-datasets/mnist.npz")
MNIST_SHA256 = ("731c5ac602752760c8e48fbffcf8c3b8"
                "50d9dc2a2aedcf2cc48468fc17b673d1")
MNIST_SIZES = 20_000, 2_000  # pictures taken of 60,000 and 10,000
TEST_PART = 0.2  # of the bundled digits
SIDE = 28
BOX = {"bundled": 24, "mnist": 20}  # pixels that a digit's longer side takes
SMALLEST = 8  # pixels a side of a picture that can be read
SECONDS = 30  # until a silent network counts as none


def load_digits(name, seed=0):
    """Handwritten digits, white on black, and what they are (3.1, 4.1).

    name: "bundled": scikit-learn's 1797 digits (UCI, 8x8) brought to 28x28;
        "mnist": 20,000 + 2,000 of MNIST, downloaded once (11 MB) into
        Keras's cache and compared with its checksum.
    seed: which pictures go where; each class keeps its share.
    Returns (X_train, y_train), (X_test, y_test): X float32 (n, 28, 28, 1)
    from 0 to 1, y int64 (n,).
    Raises CourseError for another name, no network, an altered download.
    """
    if name not in ("bundled", "mnist"):
        raise CourseError("data.digits", name=repr(name))
    if name == "mnist":
        return _mnist(seed)
    from sklearn.model_selection import train_test_split
    X, y, _ = bundled_digits()
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=TEST_PART, stratify=y, random_state=seed)
    return (X_train, y_train), (X_test, y_test)


def small_digits(seed=0):
    """The bundled digits as they were scanned, 8x8; load_digits's split.

    Returns (X_train, y_train), (X_test, y_test): X float32 (n, 8, 8) from
    0 to 1, y int64 (n,).
    """
    from sklearn.datasets import load_digits as bundled
    from sklearn.model_selection import train_test_split
    digits = bundled()
    X, y = np.float32(digits.images / 16), digits.target.astype(np.int64)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=TEST_PART, stratify=y, random_state=seed)
    return (X_train, y_train), (X_test, y_test)


# in each copy of the list at the same place, and nowhere else
RUN, RUN_AT = (0, 9, 5, 5, 6, 5, 0, 9, 8, 9, 8, 4, 1, 7, 7, 3), 30


def bundled_digits():
    """scikit-learn's digits in the order of the file, and their copies.

    Returns X float32 (1797, 28, 28, 1), y int64 (1797,), copy int (1797,),
    0 to 13: each form holds the same printed list of digits, copied by
    hand, so a run of labels that the list has once shows where each begins.
    The source speaks of 13 writers, so one filled two forms; which is not
    known. Several lack digits: a border may be a few digits off.
    Source: Alpaydin and Kaynak 1998, UCI.
    """
    X, y, copy = small_digits_in_order()
    return np.stack([_to_canvas(image) for image in X]), y, copy


def small_digits_in_order():
    """bundled_digits as they were scanned (2.2).

    Returns X float32 (1797, 8, 8) from 0 to 1, y int64 (1797,), copy int
    (1797,), 0 to 13.
    """
    from sklearn.datasets import load_digits as bundled
    digits = bundled()
    X, y = np.float32(digits.images / 16), digits.target.astype(np.int64)
    runs = np.lib.stride_tricks.sliding_window_view(y, len(RUN))
    begin = np.flatnonzero((runs == RUN).all(axis=1)) - RUN_AT
    return X, y, np.searchsorted(begin, np.arange(len(y)), "right") - 1


def _mnist(seed):
    """A part of MNIST; see load_digits."""
    try:
        with np.load(_download(), allow_pickle=False) as file:
            parts = [(file["x_train"], file["y_train"]),
                     (file["x_test"], file["y_test"])]
    except (KeyError, OSError, ValueError, EOFError, zipfile.BadZipFile):
        raise CourseError("data.mnist_layout") from None
    rng = np.random.default_rng(seed)
    taken = []
    for (X, y), size in zip(parts, MNIST_SIZES):
        if X.shape != (len(y), SIDE, SIDE):
            raise CourseError("data.mnist_layout")
        few = rng.permutation(len(y))[:size]
        X = X[few, :, :, None].astype(np.float32) / 255
        taken.append((X, y[few].astype(np.int64)))
    return tuple(taken)


def _download():
    """Path of mnist.npz in Keras's cache; nothing half-done stays there."""
    from keras.utils import get_file
    home = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser()
    path = home / "datasets" / "mnist.npz"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _patience(SECONDS):
            get_file("mnist.npz", origin=MNIST_URL, cache_dir=home,
                     file_hash=MNIST_SHA256)
    except ValueError:  # get_file keeps what does not fit the checksum
        path.unlink(missing_ok=True)
        raise CourseError("data.mnist_altered", url=MNIST_URL) from None
    except Exception as error:
        reason = str(error).rpartition("-- ")[2] or type(error).__name__
        raise CourseError("data.mnist_network", url=MNIST_URL,
                          reason=reason) from None
    return path


@contextmanager
def _patience(seconds):
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def read_picture(source, like="bundled"):
    """The reader's own digit as the model wants it: white on black, 28x28.

    source: a square matrix of brightness (any scale), (n, n), (n, n, 1) or
        colours (n, n, 3), n at least 8; or the path of a PNG or JPEG file
        with such a picture. Dark on light is turned round.
    like: the digits that the model knows, "bundled" or "mnist": the digit
        is cut out, made as large as those are (24 or 20 pixels) and put in
        the middle.
    Returns float32 (28, 28, 1) from 0 to 1.
    Raises CourseError for a file that is no picture, another shape, values
    that are no numbers, or a picture without a digit in it.
    """
    a = _pixels(source)
    edge = np.concatenate([a[0], a[-1], a[:, 0], a[:, -1]])
    ink = np.abs(a - np.median(edge))  # whichever way round it was drawn
    if not ink.max() > 0:
        raise CourseError("picture.empty")
    ink = ink / ink.max()
    ink[ink < 0.1] = 0  # paper is never quite even
    rows, columns = (np.flatnonzero((ink > 0.3).any(axis)) for axis in (1, 0))
    cut = ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    return _to_canvas(cut, BOX[like])


def _pixels(source):
    """Brightness float64 (n, n) of a matrix or of a picture file."""
    from PIL import Image, UnidentifiedImageError
    if isinstance(source, (str, Path)):
        try:
            with Image.open(source) as picture:
                picture = picture.convert("RGBA")
                paper = Image.new("RGBA", picture.size, "white")
                source = Image.alpha_composite(paper, picture).convert("L")
        except FileNotFoundError:
            raise CourseError("picture.missing", name=source) from None
        except (UnidentifiedImageError, OSError, SyntaxError):
            raise CourseError("picture.unreadable", name=source) from None
    try:
        a = np.asarray(source, dtype=np.float64)
    except (TypeError, ValueError):
        raise CourseError("picture.numbers") from None
    if a.ndim == 3 and a.shape[2] in (1, 3):
        a = a.mean(axis=2)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or len(a) < SMALLEST:
        raise CourseError("picture.shape", shape=np.shape(source),
                          smallest=SMALLEST)
    if not np.isfinite(a).all():
        raise CourseError("picture.numbers")
    return a


def _to_canvas(a, box=BOX["bundled"]):
    """Matrix in 0..1 -> (28, 28, 1): longer side `box` pixels, centred.

    Bicubic: the wider kernel keeps the strokes of an 8x8 picture smooth.
    """
    from PIL import Image
    scale = box / max(a.shape)
    size = [max(1, round(side * scale)) for side in a.shape[::-1]]
    image = Image.fromarray(a.astype(np.float32))
    image = np.asarray(image.resize(size, Image.Resampling.BICUBIC))
    height, width = image.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    canvas = np.zeros((SIDE, SIDE, 1), np.float32)
    canvas[top:top + height, left:left + width, 0] = image.clip(0, 1)
    return canvas


def moved(X, rng, reach=2):
    """Pictures (n, 8, 8), each somewhere on a larger one; (n, 12, 12)."""
    n, side, _ = X.shape
    Z = np.zeros((n, side + 2 * reach, side + 2 * reach), np.float32)
    down, right = rng.integers(0, 2 * reach + 1, (n, 2)).T[..., None, None]
    row, column = np.mgrid[:side, :side]
    Z[np.arange(n)[:, None, None], row + down, column + right] = X
    return Z


def centred(Z):
    """Moved pictures (n, 12, 12), each shifted so that its ink is centred.

    What a person who knows the task would do first.
    """
    place = np.arange(Z.shape[1])
    ink = Z.sum(axis=(1, 2))
    down = np.rint((Z.sum(axis=2) @ place) / ink - place.mean())
    right = np.rint((Z.sum(axis=1) @ place) / ink - place.mean())
    return np.stack([np.roll(z, (-i, -j), (0, 1)) for z, i, j
                     in zip(Z, down.astype(int), right.astype(int))])


def take(X, y, n, rng):
    """n of the pictures, each class alike often; beyond len(y) again.

    Returns X (n, 8, 8), y (n,).
    """
    order = rng.permutation(len(y))
    if n < len(y):  # the first of each class, then the second ...
        rank = np.empty(len(y), int)
        for digit in range(10):
            mine = order[y[order] == digit]
            rank[mine] = np.arange(len(mine))
        order = order[np.argsort(rank[order], kind="stable")]
    chosen = order[np.arange(n) % len(y)]
    return X[chosen], y[chosen]


TEST_COPIES = 4  # of the fourteen: the last ones


def digits_by_copy():
    """The bundled digits, split so that no copy is in both parts (5.2).

    Returns (X_train, y_train), (X_test, y_test): X float32 (n, 28, 28, 1)
    from 0 to 1, y int64 (n,); four of the fourteen copies of the printed
    list are for the test.
    """
    X, y, copy = bundled_digits()
    test = copy > copy.max() - TEST_COPIES
    return (X[~test], y[~test]), (X[test], y[test])
