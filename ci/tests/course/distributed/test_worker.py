"""Chapter 8's training: by hand, on a ring, with divided matrices."""
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf

from course.distributed import worker
from course.distributed.launch import free_ports


@pytest.fixture
def task():
    rng = np.random.default_rng(1)
    weights = worker.start_weights([6, 8, 3], 1)
    return {"X": np.float32(rng.normal(size=(50, 6))),
            "y": rng.integers(0, 3, 50), "B": 10, "seed": 2,
            **worker.named(weights, "start")}


def far(a, b):
    """The largest difference, of the largest value."""
    a, b = worker.flat(a), worker.flat(b)
    return np.abs(a - b).max() / np.abs(b).max()


def test_who_goes_on_alone_gets_what_is_computed_by_hand(task):
    start = worker.first_weights(task)
    first, after = worker.by_hand(task, 4)
    assert far(worker.goes_on(task, 0, 4, start), after[4]) < 1e-5
    assert far(worker.whole([tf.constant(w) for w in start],
                            *worker.batch(task, 0)), first) < 1e-5
    # from step 2 on the momenta are missing
    assert far(worker.goes_on(task, 2, 4, after[2]), after[4]) > 1e-3


@pytest.fixture
def three(tmp_path):
    """A function that does a job of three members of a ring at once."""
    ports = free_ports(3)
    with ThreadPoolExecutor(3) as pool:
        def at_once(job, *parts):
            return [*pool.map(job, *parts)]
        at_once.rings = at_once(
            lambda rank: worker.Ring(tmp_path, rank, ports), range(3))
        yield at_once
    for ring in at_once.rings:
        ring.before.close()
        ring.next.close()


@pytest.mark.parametrize("n", [2, 3, 10])  # no number; one; unequal parts
def test_all_on_a_ring_get_the_same_sum(three, n):
    values = np.float32(np.random.default_rng(n).normal(size=(3, n)))
    sums = three(worker.Ring.all_reduce, three.rings, values)
    for got in sums:
        np.testing.assert_array_equal(got, sums[0])
        np.testing.assert_allclose(got, values.sum(axis=0), atol=1e-6)


def test_who_loses_a_neighbour_says_so(three):
    three.rings[1].next.close()
    with pytest.raises(ConnectionError, match="is gone"):
        three.rings[2].hear(4)


def test_a_ring_trains_as_one_device(three, task):
    start = worker.first_weights(task)
    first, after = worker.by_hand(task, 4)
    trainers = [worker.RingTrainer(ring, start) for ring in three.rings]
    for step in range(4):
        X, y = worker.batch(task, step)
        gradients = three(worker.RingTrainer.train, trainers, 3 * [X], 3 * [y])
        if step == 0:
            assert max(far(g, first) for g in gradients) < 1e-5
    assert max(far(t.weights, after[4]) for t in trainers) < 1e-5
    assert far(worker.first_weights(task), start) == 0  # as it was


def test_parts_of_the_weights_make_the_whole(task):
    start = worker.first_weights(task)
    parts = [worker.part_of(start, rank, 2) for rank in (0, 1)]
    assert [w.shape for w in parts[1]] == [(6, 4), (4,), (4, 3), (3,)]
    for ours, whole in zip(worker.put_together(parts), start):
        assert np.array_equal(ours, whole)


def test_divided_matrices_train_as_one_device(task):
    """Two halves, one after the other; the sum is handed in."""
    start, (X, y) = worker.first_weights(task), worker.batch(task, 0)
    halves = [worker.part_of(start, rank, 2) for rank in (0, 1)]
    total = sum(np.maximum(X @ W_1 + b_1, 0) @ W_2
                for W_1, b_1, W_2, _ in halves)

    class Both:
        def all_reduce(self, _):
            return total.ravel()

    trainers = [worker.TensorTrainer(Both(), half) for half in halves]
    gradients = [trainer.train(X, y) for trainer in trainers]
    first, after = worker.by_hand(task, 1)
    assert far(worker.put_together(gradients), first) < 1e-5
    assert far(worker.put_together([t.weights for t in trainers]),
               after[1]) < 1e-5
    assert far(worker.first_weights(task), start) == 0  # as it was


def test_arrays_by_number_come_in_order():
    file = {f"start_{k}": np.array([k]) for k in range(12)} | {"starts": 1}
    assert [int(a[0]) for a in worker.numbered(file, "start")] == [*range(12)]
