"""Spoilt digits, clips, scenes and roads: what they promise, and baselines."""
import numpy as np
import pytest

from course import CourseError, metrics
from course.applications import clips, corruptions, detection, driving
from course.applications.detection import Found, Scene
from course.datasets.digits import bundled_digits, digits_by_copy


@pytest.fixture(scope="module")
def digits():
    return digits_by_copy()


def share_a_picture(train, test):
    seen = {x.tobytes() for x in train}
    return any(x.tobytes() in seen for x in test)


def test_no_copy_is_in_both_parts(digits):
    (X, y), (X_test, y_test) = digits
    assert len(X) == 1287 and len(X_test) == 510
    assert set(y) == set(y_test) == set(range(10))
    # each copy is a run of the file: the parts are its two ends
    everything, _, copy = bundled_digits()
    assert np.array_equal(everything, np.concatenate([X, X_test]))
    assert copy[len(X) - 1] < copy[len(X)]
    assert not share_a_picture(X, X_test)
    assert share_a_picture(X, np.concatenate([X_test, X[5:6]]))


# ---- spoilt pictures


@pytest.mark.parametrize("kind", corruptions.CORRUPTIONS)
def test_damage_grows_with_severity_and_follows_its_seed(kind, digits):
    X = digits[1][0][:100]
    spoilt = [corruptions.corrupt(X, kind, s, seed=3) for s in range(6)]
    assert np.array_equal(spoilt[0], X)
    gap = [np.abs(a - X).mean() for a in spoilt]
    assert all(a < b for a, b in zip(gap, gap[1:]))
    for a in spoilt:
        assert a.dtype == np.float32 and a.shape == X.shape
        assert 0 <= a.min() and a.max() <= 1
    assert np.array_equal(spoilt[2], corruptions.corrupt(X, kind, 2, seed=3))


def test_moves_lose_what_leaves():
    x = np.arange(9.0).reshape(3, 3, 1)
    assert corruptions._moved(x, (1, -1))[..., 0].tolist() == [
        [0, 0, 0], [1, 2, 0], [4, 5, 0]]


def test_unknown_corruption_and_severity():
    X = np.zeros((1, 28, 28, 1))
    with pytest.raises(CourseError, match="'fog'.*noise, blur"):
        corruptions.corrupt(X, "fog", 1)
    for severity in (6, -1, 1.5):
        with pytest.raises(CourseError, match="0 to 5"):
            corruptions.corrupt(X, "blur", severity)


def test_variants_follow_their_seed_and_keep_the_range(digits):
    X = digits[0][0][:50]
    a, b, c = (corruptions.augment(X, seed) for seed in (1, 1, 2))
    assert np.array_equal(a, b) and not np.array_equal(a, c)
    assert a.dtype == np.float32 and a.min() == 0 and a.max() <= 1
    assert 0.02 < np.abs(a - X).mean() < 0.4


# ---- clips


def test_clips_move_as_their_label_says(digits):
    shown, direction = clips.moving_digits(digits[0][0], 60, 0)
    assert shown.shape == (60, 6, 28, 28, 1) and shown.dtype == np.float32
    for clip, way in zip(shown[..., 0], direction):
        steps = [(s * d) for s in (1, 2) for d in clips.DIRECTIONS]
        gap = [np.abs(np.roll(clip[:-1], step, (1, 2)) - clip[1:]).mean()
               for step in steps]
        assert np.argmin(gap) % 8 == way


@pytest.mark.parametrize("n", [4, 8])
def test_centroids_tell_the_direction(digits, n):
    shown, direction = clips.moving_digits(digits[1][0], 300, 5, n)
    assert set(direction) == set(range(n))
    right = clips.direction_by_centroids(shown, n) == direction
    assert right.mean() > 0.97


def test_one_frame_can_t_tell(digits):
    train = clips.moving_digits(digits[0][0], 1000, 0)
    test = clips.moving_digits(digits[1][0], 500, 1)
    right = clips.direction_from_one_frame(train, test) == test[1]
    _, low, high = metrics.bootstrap(right)
    assert low < 1 / 8 + 0.03 and high > 1 / 8 - 0.03


def test_where_a_digit_starts_says_nothing(digits):
    # in each frame every row and column is as likely for every direction
    white = np.ones((1, 28, 28, 1))
    shown, direction = clips.moving_digits(white, 4000, 0, 4)
    for way in range(4):
        mean = shown[direction == way].mean(axis=0)[..., 0]
        rows = mean.mean(axis=2)
        assert rows.std() < 0.03 and rows.max() - rows.min() < 0.12


def test_only_4_or_8_directions(digits):
    with pytest.raises(CourseError, match="4 or 8"):
        clips.moving_digits(digits[0][0], 1, 0, 6)


# ---- scenes, boxes, average precision


def test_scenes_hold_what_their_boxes_say(digits):
    some = detection.scenes(digits[0], 40, 0)
    again = detection.scenes(digits[0], 40, 0)
    assert all(np.array_equal(a.picture, b.picture)
               for a, b in zip(some, again))
    for scene in some:
        assert scene.picture.shape == (64, 64, 1)
        assert 2 <= len(scene.boxes) == len(scene.labels) <= 4
        assert scene.boxes.min() >= 0 and scene.boxes.max() <= 64
        side = (scene.boxes[:, 2:] - scene.boxes[:, :2]).max(axis=1)
        assert side.min() >= 14 and side.max() <= 26
        overlap = detection.iou(scene.boxes, scene.boxes)
        assert np.array_equal(overlap > 0, np.eye(len(overlap), dtype=bool))
        for top, left, bottom, right in scene.boxes:
            assert scene.picture[top:bottom, left:right].mean() > 0.25


def test_iou_by_hand():
    a = [(0, 0, 2, 2), (0, 0, 4, 4), (5, 5, 6, 6)]
    b = [(1, 1, 3, 3), (0, 0, 2, 2)]
    assert np.allclose(detection.iou(a, b), [[1 / 7, 1], [4 / 16, 4 / 16],
                                          [0, 0]])


def test_suppression_by_hand():
    boxes = [(0, 0, 10, 10), (0, 1, 10, 11), (0, 8, 10, 18), (30, 30, 40, 40)]
    assert list(detection.suppress(boxes, [0.5, 0.9, 0.4, 0.8])) == [1, 3, 2]
    assert list(detection.suppress(boxes, [0.5, 0.9, 0.4, 0.8], 0.1)) == [1, 3]
    assert detection.suppress(np.zeros((0, 4)), []).tolist() == []


@pytest.mark.parametrize("hits, n, wanted", [
    ([1, 1], 2, 1), ([], 3, 0), ([0, 0], 1, 0), ([1], 2, 1 / 2),
    ([0, 1], 1, 1 / 2), ([1, 0, 1], 2, (1 + 2 / 3) / 2),
    # 1/2 at rank 2 is lifted to the 3/4 that is reached further down
    ([0, 1, 1, 1], 3, 3 / 4), ([1, 0, 0, 1, 1], 4, (1 + 3 / 5 + 3 / 5) / 4)])
def test_average_precision_by_hand(hits, n, wanted):
    assert abs(detection.average_precision(hits, n) - wanted) < 1e-12


SQUARE = np.array([(0, 0, 10, 10), (20, 20, 30, 30)])


def score(labels, boxes, said, sure):
    scene = Scene(None, SQUARE, np.array(labels))
    found = Found(np.array(boxes).reshape(-1, 4), np.array(said),
                  np.array(sure))
    return detection.mean_average_precision([(scene, found)])


def test_mean_average_precision_by_hand():
    assert score([3, 5], SQUARE, [3, 5], [1, 1]) == 1
    assert score([3, 5], SQUARE, [5, 3], [1, 1]) == 0  # labels swapped
    assert score([3, 5], SQUARE[:1], [3], [1]) == 1 / 2  # one class missed
    assert score([3, 3], SQUARE[:1], [3], [1]) == 1 / 2  # one of two missed
    # a second find of the same digit is wrong; the surer one counts
    twice = [SQUARE[0], SQUARE[0] + (0, 1, 0, 1), SQUARE[1]]
    assert score([3, 3], twice, [3, 3, 3], [0.9, 0.8, 0.7]) == (1 + 2 / 3) / 2
    assert score([3, 3], twice, [3, 3, 3], [0.9, 0.1, 0.7]) == 1
    # overlap 5/10 of the union is just enough, 4/10 is not
    assert score([3, 5], [(0, 0, 10, 5)], [3], [1]) == 1 / 2
    assert score([3, 5], [(0, 0, 10, 4)], [3], [1]) == 0
    assert score([3, 5], [], [], []) == 0


def test_finds_in_other_scenes_count_against():
    with_digit = Scene(None, SQUARE[:1], np.array([3]))
    without = Scene(None, SQUARE[1:], np.array([4]))
    right = Found(SQUARE[:1], np.array([3]), np.array([0.5]))
    wrong = Found(SQUARE[:1], np.array([3]), np.array([0.9]))
    value = detection.mean_average_precision([(with_digit, right),
                                           (without, wrong)])
    assert value == (1 / 2 + 0) / 2


def test_pieces_of_ink_are_digits_where_they_lie_apart(digits):
    model = detection.Pieces(iter(detection.scenes(digits[0], 60, 0)))
    pairs = [(s, model(s.picture)) for s in detection.scenes(digits[1], 10, 1)]
    assert detection.mean_average_precision(pairs) > 0.45
    found = model(np.zeros((64, 64, 1), np.float32))
    assert found.boxes.shape == (0, 4) and len(found.labels) == 0


# ---- the road


@pytest.fixture(scope="module")
def roads():
    return driving.tracks(4, 0), driving.tracks(4, 0, test=True)


def profile(track):
    """The distance from the track's centre, by angle, 72 numbers."""
    x, y = track.middle.T
    angle = np.arctan2(y, x)
    order = np.argsort(angle)
    at = np.arange(72) * 2 * np.pi / 72 - np.pi
    return np.interp(at, angle[order], np.hypot(x, y)[order])


def share_a_track(train, test):
    """Whether a test track is a training track, turned or not."""
    return any(np.abs(np.roll(profile(a), k) - profile(b)).mean() < 0.5
               for a in train for b in test for k in range(72))


def test_no_track_is_in_both_parts(roads):
    assert not share_a_track(*roads)
    c, s = np.cos(1), np.sin(1)
    turned = roads[0][2]._replace(
        middle=roads[0][2].middle @ np.array([(c, s), (-s, c)]))
    assert share_a_track(roads[0], [turned])


def test_tracks_are_closed_and_smooth(roads):
    for track in roads[0]:
        step = np.roll(track.middle, -1, axis=0) - track.middle
        length = np.hypot(*step.T)
        assert np.allclose(length[:-1], 0.5, atol=0.01)
        assert length[-1] < 1
        bend = np.abs(driving._turned(np.diff(track.heading))) / 0.5
        assert bend.max() < 0.1
        assert 150 < length.sum() < 350
    again = driving.tracks(4, 0)[1]
    assert np.array_equal(again.middle, roads[0][1].middle)


def test_the_bicycle_drives_the_circle_of_its_wheels():
    steering = 0.2
    radius = driving.WHEELBASE / np.tan(steering)
    pose = start = np.array([0.0, 0.0, 0.0])
    poses = [pose]
    for _ in range(200):
        pose = driving.move(pose, steering)
        poses.append(pose)
    poses = np.array(poses)
    centre = np.array([0, radius])
    gap = np.hypot(*(poses[:, :2] - centre).T) - radius
    assert np.abs(gap).max() < 0.02 * radius
    step = np.hypot(*np.diff(poses[:, :2], axis=0).T)
    assert np.allclose(step, driving.SPEED * driving.TICK)
    assert np.allclose(driving.move(start, 9), driving.move(start, 0.6))
    assert driving.move(start, 0).tolist() == [0.8, 0, 0]


def test_left_is_left(roads):
    track, rng = roads[0][0], np.random.default_rng(0)
    pose = driving._beside(track, 10, 1.0, 0)
    left, i = driving.off_middle(track, pose)
    assert abs(left - 1) < 0.05 and abs(i - 10) <= 1
    beside, askew = (driving.expert(track, driving._beside(track, 10, *where))
                     for where in ((2, 0), (0, 0.3)))
    assert beside < 0 and askew < 0  # steers back to the right
    # from 2 m left of the middle more grass lies in the picture's left half
    picture = driving.look(track, driving._beside(track, 10, 2.4, 0), rng)
    road = np.abs(picture[24:, :, 0] - track.light[0]) < 0.1
    assert road[:, 32:].mean() > road[:, :32].mean() + 0.2


def test_a_pinhole_sees_what_lies_there():
    ahead, side = driving._ground()
    # similar triangles: focal length over distance is pixels over metres
    assert abs(ahead[0, 0] - 1.5 * 40) < 1e-9
    assert abs(ahead[-1, 0] - 1.5 * 40 / 23) < 1e-9
    assert side[0, 0] > 0 > side[0, -1]
    assert np.allclose(side + side[:, ::-1], 0)


def test_the_expert_stays_on_the_road(roads):
    rng = np.random.default_rng(0)
    for track in roads[1]:
        pose = driving._beside(track, 0, 0, 0)
        for tick in range(300):
            steering = driving.expert(track, pose)
            pose = driving.move(pose, steering + rng.normal(0, driving.GUST))
            pose[2] += driving.SKID * (tick % 40 == 39)
            assert abs(driving.off_middle(track, pose)[0]) < driving.ROAD


def test_straight_on_leaves_it_and_is_put_back(roads):
    drives = driving.drive(roads[1], driving.straight_on, laps=1)
    assert driving.off_track_per_lap(drives) > 5
    for drive, track in zip(drives, roads[1]):
        assert 0.9 < drive.laps < 1.2
        gap = [abs(driving.off_middle(track, pose)[0]) for pose in drive.path]
        assert max(gap) <= driving.ROAD


def test_the_rule_mostly_stays_on_the_road(roads):
    drives = driving.drive(roads[1], driving.follow_grey, laps=1, seed=1)
    assert driving.off_track_per_lap(drives) < 2


def test_recovery_shows_what_plain_driving_does_not(roads):
    X, y = driving.driving_data(roads[0], 30, 0, recovery=False)
    X_back, y_back = driving.driving_data(roads[0], 30, 0, recovery=True)
    assert X.shape == X_back.shape == (120, 32, 64, 1) and y.shape == (120,)
    assert X.dtype == y.dtype == np.float32
    assert y_back.std() > 1.5 * y.std()
    assert np.abs(y_back).max() <= driving.STEERING_LIMIT


# ---- hard baselines


def test_a_digit_is_moved_to_the_middle_and_set_upright(digits):
    X = digits[1][0][:40]
    moved = np.roll(X, (3, -4), (1, 2))
    upright = corruptions.straightened(X)
    assert upright.dtype == np.float32 and upright.shape == X.shape
    apart = [np.abs(corruptions.straightened(moved) - upright).mean(),
             np.abs(moved - X).mean()]
    assert apart[0] < 0.4 * apart[1]
    faint = corruptions.corrupt(X, "contrast", 5)
    assert np.allclose(corruptions.stretched(faint).max((1, 2, 3)), 1)
    assert np.isfinite(corruptions.stretched(np.zeros((1, 28, 28, 1)))).all()


def test_pieces_of_ink_are_boxes_with_a_digit(digits):
    train, test = digits
    pieces = detection.Pieces(detection.scenes(train, 60, 0))
    scenes = detection.scenes(test, 12, 1)
    found = [pieces(scene.picture) for scene in scenes]
    score = detection.mean_average_precision([*zip(scenes, found)])
    assert 0.6 < score <= 1
    nothing = pieces(np.zeros((64, 64, 1), np.float32))
    assert nothing.boxes.shape == (0, 4) and not len(nothing.labels)
