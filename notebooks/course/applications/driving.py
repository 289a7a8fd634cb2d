"""A road, a car, its camera (5.2.4)."""

from typing import NamedTuple

import numpy as np

from ..session import stream

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
    """n closed, smooth, random roads, one way round (5.2.4).

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
    """What the expert saw and did: pictures and steering (5.2.4).

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
    """Closed loop: on each track the camera's picture steers the car (5.2.4).

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
    """How often a car left the road, per round driven (5.2.4)."""
    return sum(d.off_track for d in drives) / sum(d.laps for d in drives)


def straight_on(pictures):
    """Baseline: the wheel is never turned (5.2.4)."""
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
