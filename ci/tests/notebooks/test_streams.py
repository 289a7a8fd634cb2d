"""Random numbers for different purposes are different numbers."""
import ast

import numpy as np
import pytest

from ci import NOTEBOOKS
from course.applications import biology, driving, finance
from course.session import stream

COURSE = NOTEBOOKS / "course"


def test_a_zero_at_the_end_makes_another_stream():
    seeds = [(), (0,), (0, 0), (5,), (5, 0), (5, 1), (0, 5), (5, 0, 0)]
    drawn = [stream(purpose, *seed).random() for purpose in ("a", "b")
             for seed in seeds]
    plain = [np.random.default_rng(seed).random() for seed in (0, 1, 5)]
    assert len({*drawn, *plain}) == len(drawn) + len(plain)
    assert stream("a", 5, False).random() == stream("a", 5, 0).random()


def test_numpy_forgets_a_zero_at_the_end():
    """Why `stream` ends its list of seeds with a one."""
    a, b = (np.random.default_rng(seed).random() for seed in ([5, 0], 5))
    assert a == b


@pytest.mark.parametrize("seed", [0, 5])
def test_evolution_starts_with_molecules_of_its_own(seed):
    """Neither its rival's nor the shipped ones (made with the seed 5)."""
    rival, _ = biology.recombine(60, stream("molecules", seed))
    start = [smiles for smiles, _ in biology.evolve(0, 60, 60, seed)[0]]
    shipped, _ = biology.recombine(60, 5)
    assert len({*rival, *start, *shipped}) > 170


@pytest.mark.parametrize("seed", [0, 5])
def test_training_and_test_draw_from_streams_of_their_own(seed):
    """And no field draws what another does, with any of these seeds."""
    first = [part for test in (False, True) for part in (
        biology.regulatory_dna(3, seed, test)[0].ravel(),
        finance.daily_returns(3, 20, seed, test)[0].ravel(),
        finance.applicants(3, seed, test).X.ravel(),
        driving.tracks(1, seed, test)[0].middle.ravel())]
    for k, one in enumerate(first):
        for other in first[k + 1:]:
            assert len(one) != len(other) or not np.array_equal(one, other)


def test_no_list_of_seeds_can_end_with_a_zero():
    found = []
    for path in COURSE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(
                    node.func, "attr", "") == "default_rng":
                for seed in node.args:
                    if isinstance(seed, ast.List) and not isinstance(
                            seed.elts[-1], ast.Constant):
                        found.append(f"{path.name}:{node.lineno}")
    allowed = {"worker.py", "next_letter.py"}  # their numbers are shipped
    assert {place.split(":")[0] for place in found} <= allowed
