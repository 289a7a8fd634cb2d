"""Clips of a moving digit (5.2.2)."""

import numpy as np

from ..messages import CourseError

# (down, right), clockwise from up
DIRECTIONS = np.array([(-1, 0), (-1, 1), (0, 1), (1, 1),
                       (1, 0), (1, -1), (0, -1), (-1, -1)])
FRAMES = 6
CLIP_NOISE = 0.2  # standard deviation


def moving_digits(digits, n, seed, n_directions=8, speeds=(1, 2)):
    """Clips in which a digit moves over a field without edges (5.2.2).

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
    """The classical answer: how the digit's centre moves (5.2.2).

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
