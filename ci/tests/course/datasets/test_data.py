"""Digits, sunspots and the reader's picture: what they give and refuse."""

import hashlib
import http.server
import io
import threading

import numpy as np
import pytest
from PIL import Image

from course import CourseError
from course.datasets import digits, sunspots

# ---- the bundled digits


def test_bundled_digits_shapes_range_and_shares():
    (X, y), (X_test, y_test) = digits.load_digits("bundled")
    assert X.shape == (1437, 28, 28, 1) and X_test.shape == (360, 28, 28, 1)
    assert X.dtype == np.float32 and X.min() == 0 and 0.9 < X.max() <= 1
    each, tested = np.bincount(np.append(y, y_test)), np.bincount(y_test)
    assert np.abs(tested - each / 5).max() <= 1


def test_no_test_digit_was_trained_on():
    (X, _), (X_test, _) = digits.load_digits("bundled")
    seen = {x.tobytes() for x in X}
    assert not any(x.tobytes() in seen for x in X_test)


def test_the_split_follows_its_seed_alone():
    a, b, c = (digits.load_digits("bundled", seed=s)[1][1] for s in (0, 0, 1))
    assert np.array_equal(a, b) and not np.array_equal(a, c)


def test_each_copy_of_the_printed_list_is_one_group():
    """Fourteen, whatever the description says: a run in it occurs so often.

    Thirty digits stand before that run in each copy that is whole.
    """
    X, y, copy = digits.bundled_digits()
    run = [0, 9, 5, 5, 6, 5, 0, 9, 8, 9, 8, 4, 1, 7, 7, 3]
    there = np.lib.stride_tricks.sliding_window_view(y, len(run)) == run
    begins = np.flatnonzero(there.all(axis=1)) - 30
    assert len(begins) == 14
    assert list(np.flatnonzero(np.diff(copy, prepend=-1))) == list(begins)
    # the others begin with 0 to 9, three times over
    assert sum(list(y[i:i + 30]) == [*range(10)] * 3 for i in begins) == 12


def test_no_copy_is_in_both_parts():
    X, _, copy = digits.bundled_digits()
    (train, _), (test, _) = digits.digits_by_copy()
    assert np.array_equal(train, X[copy < 10])
    assert np.array_equal(test, X[copy >= 10])


def test_unknown_digits_name_what_there_is():
    with pytest.raises(CourseError, match='"bundled" or "mnist".*\'minst\''):
        digits.load_digits("minst")


# ---- MNIST, served on loopback


def mnist_bytes(n=(300, 80), **change):
    rng = np.random.default_rng(0)
    arrays = {}
    for part, size in zip(("train", "test"), n):
        pixels = rng.integers(0, 256, (size, 28, 28), dtype=np.uint8)
        arrays["x_" + part] = pixels
        arrays["y_" + part] = (np.arange(size) % 10).astype(np.uint8)
    arrays.update(change)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """serve(body) puts body behind MNIST_URL, with its checksum."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    servers = []

    def start(body, cut=0):
        class Handler(http.server.BaseHTTPRequestHandler):
            calls = 0

            def do_GET(self):
                Handler.calls += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[:len(body) - cut])

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        address = f"http://127.0.0.1:{server.server_port}/mnist.npz"
        monkeypatch.setattr(digits, "MNIST_URL", address)
        monkeypatch.setattr(digits, "MNIST_SHA256",
                            hashlib.sha256(body).hexdigest())
        return Handler

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def cached(tmp_path):
    return sorted(p.name for p in (tmp_path / "datasets").glob("*"))


def test_mnist_is_downloaded_once(serve, tmp_path):
    calls = serve(mnist_bytes())
    (X, y), (X_test, y_test) = digits.load_digits("mnist")
    assert X.shape == (300, 28, 28, 1) and X_test.shape == (80, 28, 28, 1)
    assert X.dtype == np.float32 and 0 <= X.min() < X.max() == 1
    assert list(np.bincount(y)) == [30] * 10 and y.dtype == np.int64
    digits.load_digits("mnist")
    assert calls.calls == 1 and cached(tmp_path) == ["mnist.npz"]


def test_pictures_keep_their_labels(serve):
    x = np.repeat(np.arange(40, dtype=np.uint8), 784).reshape(40, 28, 28)
    serve(mnist_bytes(x_test=x, y_test=np.arange(40, dtype=np.uint8)))
    _, (X, y) = digits.load_digits("mnist", seed=3)
    assert np.allclose(X[:, 0, 0, 0] * 255, y)


def test_only_a_part_of_mnist_is_taken(serve, monkeypatch):
    serve(mnist_bytes())
    monkeypatch.setattr(digits, "MNIST_SIZES", (50, 20))
    (X, _), (X_test, _) = digits.load_digits("mnist")
    assert len(X) == 50 and len(X_test) == 20


def test_altered_download_is_refused_and_deleted(
        serve, tmp_path, monkeypatch):
    serve(mnist_bytes())
    monkeypatch.setattr(digits, "MNIST_SHA256", "0" * 64)
    with pytest.raises(CourseError, match="checksum differs"):
        digits.load_digits("mnist")
    assert cached(tmp_path) == []


def test_download_cut_short_leaves_nothing(serve, tmp_path):
    serve(mnist_bytes(), cut=1000)
    with pytest.raises(CourseError, match="MNIST|mnist"):
        digits.load_digits("mnist")
    assert cached(tmp_path) == []


def test_half_a_file_in_the_cache_is_replaced(serve, tmp_path):
    body = mnist_bytes()
    serve(body)
    path = tmp_path / "datasets" / "mnist.npz"
    path.parent.mkdir()
    path.write_bytes(body[:1000])
    digits.load_digits("mnist")
    assert path.read_bytes() == body


def test_no_network_is_one_line(serve, tmp_path, monkeypatch):
    serve(mnist_bytes())
    monkeypatch.setattr(digits, "MNIST_URL", "http://127.0.0.1:9/mnist.npz")
    with pytest.raises(CourseError) as caught:
        digits.load_digits("mnist")
    line = str(caught.value)
    assert "\n" not in line and 'DIGITS = "bundled"' in line
    assert cached(tmp_path) == []


@pytest.mark.parametrize("change", [
    {"x_train": np.zeros((300, 32, 32), np.uint8)},
    {"y_test": np.zeros(7, np.uint8)},
])
def test_another_layout_is_refused(serve, change):
    serve(mnist_bytes(**change))
    with pytest.raises(CourseError, match="28x28"):
        digits.load_digits("mnist")


def test_a_file_that_is_no_npz_is_refused(serve):
    serve(b"<html>Sign in to the network</html>")
    with pytest.raises(CourseError, match="x_train"):
        digits.load_digits("mnist")


# ---- sunspots


def test_sunspots():
    years, values = sunspots.load_sunspots()
    assert list(years) == list(range(1700, 2009))
    assert values.shape == (309,) and values.min() >= 0
    assert values.max() == 190.2 and years[values.argmax()] == 1957


# ---- the reader's picture

SEVEN = np.zeros((16, 16))
SEVEN[2:4, 4:12] = 1
SEVEN[4:14, 9:11] = 1


def box(x):
    rows = np.flatnonzero(x[..., 0].max(1) > 0.3)
    columns = np.flatnonzero(x[..., 0].max(0) > 0.3)
    return rows[0], rows[-1], columns[0], columns[-1]


def test_picture_is_framed_as_the_training_pictures_are():
    x = digits.read_picture(SEVEN)
    assert x.shape == (28, 28, 1) and x.dtype == np.float32
    assert x.min() == 0 and 0.9 < x.max() <= 1
    top, bottom, left, right = box(x)
    assert abs(top - 2) <= 1 and abs(bottom - 25) <= 1  # 24 pixels high
    assert abs((left + right) / 2 - 13.5) <= 1
    top, bottom, _, _ = box(digits.read_picture(SEVEN, like="mnist"))
    assert abs(top - 4) <= 1 and abs(bottom - 23) <= 1  # 20


@pytest.mark.parametrize("change", [
    lambda a: 1 - a, lambda a: a * 16, lambda a: 255 - 255 * a,
    lambda a: a[..., None], lambda a: a.tolist(),
    lambda a: np.stack([a] * 3, axis=2), lambda a: np.roll(a, (1, 3), (0, 1)),
])
def test_scale_polarity_place_and_type_do_not_matter(change):
    wanted = digits.read_picture(SEVEN)
    assert np.allclose(digits.read_picture(change(SEVEN)), wanted, atol=1e-6)


@pytest.mark.parametrize("name", ["seven.png", "seven.jpg"])
@pytest.mark.parametrize("dark_on_light", [True, False])
def test_picture_files(tmp_path, name, dark_on_light):
    big = np.kron(SEVEN, np.ones((10, 10)))
    big = 40 + 190 * (1 - big if dark_on_light else big)
    Image.fromarray(big.astype(np.uint8)).save(tmp_path / name)
    x = digits.read_picture(tmp_path / name)
    assert np.abs(x - digits.read_picture(SEVEN)).mean() < 0.05
    assert np.array_equal(x, digits.read_picture(str(tmp_path / name)))


def test_transparent_paper_counts_as_white(tmp_path):
    pixels = np.zeros((16, 16, 4), np.uint8)  # black ink, transparent paper
    pixels[..., 3] = 255 * SEVEN
    Image.fromarray(pixels).save(tmp_path / "ink.png")
    x = digits.read_picture(tmp_path / "ink.png")
    assert np.allclose(x, digits.read_picture(SEVEN), atol=0.01)


@pytest.mark.parametrize("wrong", [
    np.ones((28, 20)), np.eye(7), np.ones(784), np.ones((2, 28, 28, 1)),
    np.ones((28, 28, 2)), 5, [],
])
def test_wrong_shape_says_what_is_right(wrong):
    with pytest.raises(CourseError, match=r"square.*like \(28, 28\)"):
        digits.read_picture(wrong)


@pytest.mark.parametrize("wrong", [
    [["a"] * 8] * 8, [[1, 2], [3]], np.full((8, 8), np.nan), None,
])
def test_what_is_not_numbers_is_refused(wrong):
    with pytest.raises(CourseError):
        digits.read_picture(wrong)


def test_empty_picture_is_refused():
    with pytest.raises(CourseError, match="no digit"):
        digits.read_picture(np.full((28, 28), 0.5))


def test_missing_and_damaged_files(tmp_path):
    with pytest.raises(CourseError, match="no picture file"):
        digits.read_picture(tmp_path / "none.png")
    for body in (b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 20):
        (tmp_path / "bad.png").write_bytes(body)
        with pytest.raises(CourseError, match="PNG or JPEG"):
            digits.read_picture(tmp_path / "bad.png")
