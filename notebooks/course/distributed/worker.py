"""One training step on one device or on many, and chapter 8's processes (8.3).

`python -P worker.py JOB FOLDER RANK` does a job on the task that the folder
holds, and leaves its results there. This file imports nothing else of the
collection, so that a process is ready sooner; only the job `mirrored` needs
TensorFlow.
"""

import ctypes
import gc
import json
import os
import re
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    # TensorFlow would load Keras, of which nothing here makes use: 110 MB
    sys.modules["keras"] = None
if __name__ != "__main__" or sys.argv[1:2] == ["mirrored"]:
    import tensorflow as tf  # 250 MB a process: a ring does without

LR, MOMENTUM = 0.1, 0.9
COUNT, STOP = 2, 8  # the steps from which bytes are counted, and of the end
EVERY = 3  # steps between two checkpoints
PATIENCE = 60  # seconds that a worker waits for the others
SECONDS = 300  # after these a process ends itself, whatever happens


def start_weights(sizes, seed):
    """[W, b, W, b, ...] of a dense network, float32 arrays."""
    rng = np.random.default_rng(seed)
    return [np.float32(part) for a, b in zip(sizes, sizes[1:]) for part in (
        rng.normal(size=(a, b)) * (2 / a)**0.5, np.zeros(b))]


def scores(weights, X):
    """X (B, n) -> (B, classes); ReLU between the layers."""
    for W, b in zip(weights[:-2:2], weights[1:-2:2]):
        X = tf.nn.relu(X @ W + b)
    return X @ weights[-2] + weights[-1]


def total_loss(weights, X, y):
    """The sum of -ln p(y) over the examples."""
    return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(
        y, scores(weights, X)))


def batch(task, step):
    """The examples of a step, X (B, n) and y (B,), the same everywhere."""
    rng = np.random.default_rng([int(task["seed"]), step])
    few = rng.permutation(len(task["y"]))[:int(task["B"])]
    return task["X"][few], task["y"][few]


class Trainer:
    """Gradient descent with momentum, under a strategy of tf.distribute."""

    def __init__(self, strategy, weights, momenta=None):
        self.strategy, self.step = strategy, tf.function(self.step)
        momenta = momenta or [np.zeros_like(w) for w in weights]
        with strategy.scope():  # each device gets a copy
            self.weights = [tf.Variable(w) for w in weights]
            self.momenta = [tf.Variable(m) for m in momenta]

    def train(self, X, y):
        """One step; returns the gradients of the whole batch, as arrays."""
        share = [self.strategy.experimental_distribute_values_from_function(
            lambda device, rows=rows: tf.constant(
                rows[device.replica_id_in_sync_group::
                     device.num_replicas_in_sync])) for rows in (X, y)]
        gradients = self.step(*share, tf.constant(len(y), tf.float32))
        return self.arrays(gradients)

    def step(self, X, y, B):
        gradients = self.strategy.run(self.replica, (X, y, B))
        for w, m, g in zip(self.weights, self.momenta, gradients):
            self.strategy.extended.update(w, move, (m, g))
        return gradients

    def replica(self, X, y, B):
        """What each device does: its rows' gradient, then the sum of all."""
        with tf.GradientTape() as tape:
            loss = total_loss(self.weights, X, y) / B
        gradients = tape.gradient(loss, self.weights)
        return tf.distribute.get_replica_context().all_reduce(
            "SUM", gradients)

    def arrays(self, values):
        """The first copy on this machine of each."""
        return [self.strategy.experimental_local_results(v)[0].numpy()
                for v in values]


def move(w, m, g):
    m.assign(MOMENTUM * m + g)
    w.assign_sub(LR * m)


def by_hand(task, steps):
    """The same on one device, without a strategy of TensorFlow's.

    Returns the gradients of the first step, and {step: weights after it}.
    """
    weights = [tf.Variable(w) for w in first_weights(task)]
    momenta, first, after = [0.0] * len(weights), None, {}
    for step in range(steps):
        X, y = batch(task, step)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(
                    y, tf.nn.relu(X @ weights[0] + weights[1]) @ weights[2]
                    + weights[3]))
        gradients = [g.numpy() for g in tape.gradient(loss, weights)]
        momenta = [MOMENTUM * m + g for m, g in zip(momenta, gradients)]
        for w, m in zip(weights, momenta):
            w.assign_sub(LR * m)
        first = first or gradients
        after[step + 1] = [w.numpy() for w in weights]
    return first, after


def goes_on(task, at, to, weights, momenta=None):
    """The weights after step `to` of who goes on from step `at`, alone."""
    trainer = Trainer(tf.distribute.get_strategy(), weights, momenta)
    for step in range(at, to):
        trainer.train(*batch(task, step))
    return trainer.arrays(trainer.weights)


class Ring:
    """What k processes need to add their arrays: each hears one neighbour."""

    def __init__(self, folder, rank, ports):
        self.rank, self.k = rank, len(ports)
        with socket.create_server(("127.0.0.1", ports[rank])) as door:
            (folder / f"door-{rank}").touch()
            before = (rank - 1) % self.k
            wait_for(folder, f"door-{before}")
            self.before = socket.create_connection(
                ("127.0.0.1", ports[before]))
            self.next = door.accept()[0]
        for line in self.before, self.next:
            line.settimeout(PATIENCE)

    def all_reduce(self, values):
        """The sum of everybody's values (n,): k - 1 passes add, k - 1 copy."""
        parts = np.array_split(values, self.k)
        for turn in range(2 * (self.k - 1)):
            mine, other = ((self.rank - turn - i) % self.k for i in (0, 1))
            # small enough for the sockets' buffers: nobody waits to send
            self.next.sendall(parts[mine].tobytes())
            got = np.frombuffer(self.hear(parts[other].nbytes), values.dtype)
            parts[other] = got + parts[other] if turn < self.k - 1 else got
        return np.concatenate(parts)

    def hear(self, n):
        """n bytes from the neighbour before."""
        got = b""
        while len(got) < n:
            got += (more := self.before.recv(n - len(got)))
            if not more:
                raise ConnectionError("a neighbour is gone")
        return got


class RingTrainer:
    """One of k processes that divide the data, in NumPy alone."""

    arrays = staticmethod(list)

    def __init__(self, ring, weights):
        self.ring, self.weights = ring, [w.copy() for w in weights]
        self.momenta = [np.zeros_like(w) for w in weights]

    def train(self, X, y):
        """One step; returns the gradients of the whole batch."""
        rank, k = self.ring.rank, self.ring.k
        share = by_chain_rule(self.weights, X[rank::k], y[rank::k], len(y))
        total = self.ring.all_reduce(flat(share))
        ends = np.cumsum([w.size for w in self.weights])
        return self.move([part.reshape(w.shape) for part, w in zip(
            np.split(total, ends[:-1]), self.weights)])

    def move(self, gradients):
        for w, m, g in zip(self.weights, self.momenta, gradients):
            m[:] = MOMENTUM * m + g
            w -= LR * m
        return gradients


class TensorTrainer(RingTrainer):
    """One of k that divide the hidden units; each sees every example."""

    def train(self, X, y):
        """One step; returns the gradients of this worker's part."""
        W_1, b_1, W_2, b_2 = self.weights
        h = np.maximum(X @ W_1 + b_1, 0)
        # only the scores' parts (B, classes) are sent, to be added
        z = b_2 + self.ring.all_reduce((h @ W_2).ravel()).reshape(len(X), -1)
        return self.move(backward(self.weights, X, h, z, y, len(y)))


def by_chain_rule(weights, X, y, B):
    """Gradients of the sum of -ln p(y) / B over these rows (chapter 3)."""
    W_1, b_1, W_2, b_2 = weights
    h = np.maximum(X @ W_1 + b_1, 0)
    return backward(weights, X, h, h @ W_2 + b_2, y, B)


def backward(weights, X, h, z, y, B):
    """The same from the hidden values h and the scores z on."""
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    dz = (p - np.eye(p.shape[1], dtype=p.dtype)[y]) / np.float32(B)
    dh = dz @ weights[2].T * (h > 0)
    return [X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)]


def flat(arrays):
    """All numbers of several arrays in one line."""
    return np.concatenate([np.ravel(a) for a in arrays])


def part_of(weights, rank, k):
    """What worker `rank` of k keeps: columns of W_1, b_1, rows of W_2."""
    W_1, b_1, W_2, b_2 = weights
    mine = slice(rank * len(b_1) // k, (rank + 1) * len(b_1) // k)
    return [W_1[:, mine], b_1[mine], W_2[mine], b_2]


def put_together(parts):
    """The whole arrays of what `part_of` cut, [[W_1, b_1, W_2, b_2], ...]."""
    W_1, b_1, W_2, (b_2, *_) = zip(*parts)
    return [np.concatenate(W_1, axis=1), *map(np.concatenate, (b_1, W_2)),
            b_2]


# ---- files: whole or not there ----


def save(path, **arrays):
    """Write arrays so that no reader ever sees half a file."""
    path = Path(path)
    half = path.with_suffix(".half.npz")
    np.savez(half, **arrays)
    os.replace(half, path)


def checkpoint(path, step, trainer):
    """All that training needs to go on after `step` steps."""
    parts = {f"{name}_{k}": a for name in ("weights", "momenta")
             for k, a in enumerate(trainer.arrays(getattr(trainer, name)))}
    save(path, step=step, **parts)


def restore(path):
    """The step, the weights and the momenta of a checkpoint."""
    with np.load(path) as file:
        return int(file["step"]), numbered(file, "weights"), numbered(
            file, "momenta")


# ---- jobs ----


def first_weights(task):
    return numbered(task, "start")


def numbered(file, name):
    """The arrays name_0, name_1... of a file, as `named` called them."""
    return [file[f"{name}_{k}"] for k in range(
        sum(key.startswith(name + "_") for key in file))]


def ring(folder, rank):
    """The ring of those whom TF_CONFIG names, as TensorFlow would read it."""
    workers = json.loads(os.environ["TF_CONFIG"])["cluster"]["worker"]
    return Ring(folder, rank, [int(w.rpartition(":")[2]) for w in workers])


def wait_for(folder, name):
    """Wait until the file `name` is there."""
    while not (folder / name).exists():
        time.sleep(0.01)


def worker(folder, rank, task):
    """One of several processes that train together, on a ring."""
    trainer = RingTrainer(ring(folder, rank), first_weights(task))
    for step in range(STOP + 1):
        if step in (COUNT, STOP):
            save(folder / f"at-{step}-{rank}.npz", pid=os.getpid())
            wait_for(folder, f"go-{step}")
        try:
            gradients = trainer.train(*batch(task, step))
        except OSError as error:
            save(folder / f"end-{rank}.npz", error=type(error).__name__,
                 step=step)
            return
        if step == 0:
            save(folder / f"first-{rank}.npz", **named(gradients))
        if (step + 1) % EVERY == 0 and rank == 0:
            checkpoint(folder / f"checkpoint-{step + 1}.npz", step + 1,
                       trainer)


def tensor(folder, rank, task):
    """One of two processes that share each matrix between them."""
    trainer = TensorTrainer(ring(folder, rank),
                            part_of(first_weights(task), rank, 2))
    for step in range(STOP):
        if step == COUNT:
            save(folder / f"at-{step}-{rank}.npz", pid=os.getpid())
            wait_for(folder, f"go-{step}")
        gradients = trainer.train(*batch(task, step))
        if step == 0:
            save(folder / f"first-{rank}.npz", **named(gradients))
    save(folder / f"at-{STOP}-{rank}.npz",
         **named(trainer.weights, "weights"))
    wait_for(folder, f"go-{STOP}")  # who ends now cuts the other's last words


def mirrored(folder, rank, task):
    """Two logical devices in one process; then the memory of a step."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    trainer = Trainer(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]),
                      first_weights(task))
    gradients = [trainer.train(*batch(task, step)) for step in range(STOP)]
    copies = trainer.strategy.experimental_local_results(trainer.weights[0])
    save(folder / "mirrored.npz", devices=[w.device for w in copies],
         gap=np.abs(copies[0] - copies[1]).max(), **named(gradients[0]),
         **named(trainer.arrays(trainer.weights), "weights"))
    save(folder / "memory.npz", **memory(task))


def named(arrays, name="gradients"):
    return {f"{name}_{k}": a for k, a in enumerate(arrays)}


# ---- the memory of a step ----

DEEP, WIDE, MANY, PARTS = 24, 256, 1024, 8
TIMES = 2  # the faster one counts: what else runs on a machine only adds


def whole(weights, X, y):
    """Gradients of one large batch, all at once."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        loss = total_loss(weights, X, y) / len(X)
    return tape.gradient(loss, weights)


def in_parts(weights, X, y):
    """The same, a part of the batch after the other, added up."""
    total = [tf.zeros_like(w) for w in weights]
    for x, t in zip(tf.split(X, PARTS), tf.split(y, PARTS)):
        total = [a + g / PARTS for a, g in zip(total, whole(weights, x, t))]
    return total


def half(weights, X, y):
    """The same, the layers in bfloat16; the weights and the loss are not."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        low = [tf.cast(w, tf.bfloat16) for w in weights]
        z = tf.cast(scores(low, tf.cast(X, tf.bfloat16)), tf.float32)
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(y, z))
    return tape.gradient(loss, weights)


def recomputed(weights, X, y):
    """The same; of each six layers only the input is kept."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        for k in range(0, len(weights) - 2, 12):
            X = tf.recompute_grad(layers)(X, *weights[k:k + 12])
        loss = total_loss(weights[-2:], X, y) / len(X)
    return tape.gradient(loss, weights)


def layers(X, *weights):
    for W, b in zip(weights[::2], weights[1::2]):
        X = tf.nn.relu(X @ W + b)
    return X


WAYS = {"whole batch": whole, "in 8 parts": in_parts,
        "mixed precision": half, "recomputed": recomputed}


def memory(task):
    """{way: [bytes at the peak, seconds, difference of the gradients]}."""
    rng = np.random.default_rng(int(task["seed"]))
    weights = [tf.constant(w) for w in start_weights(
        [WIDE] * (DEEP + 1) + [10], int(task["seed"]))]
    X = tf.constant(rng.normal(size=(MANY, WIDE)), tf.float32)
    y = tf.constant(rng.integers(0, 10, MANY))
    found = {}
    for name, way in WAYS.items():
        way(weights, X[:PARTS], y[:PARTS])  # what happens only once
        runs = []
        for _ in range(TIMES):
            begin = time.perf_counter()
            with Peak() as peak:
                gradients = [g.numpy() for g in way(weights, X, y)]
            runs.append((peak.bytes, time.perf_counter() - begin))
        if name == "whole batch":
            exact = gradients
        gap = (max(np.abs(g - e).max() for g, e in zip(gradients, exact))
               / max(np.abs(e).max() for e in exact))
        found[name] = [runs[0][0], min(t for _, t in runs), gap]
    return found


class Peak:
    """How far this process's resident memory rises inside a with block.

    Linux keeps the peak itself; elsewhere memory is looked at each
    millisecond, which a busy machine may miss.
    """

    def __enter__(self):
        import psutil
        self.process, self.over = psutil.Process(), threading.Event()
        gc.collect()  # what was freed before counts no more
        with suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).malloc_trim(0)
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # a new peak
        self.start = self.most = self.process.memory_info().rss
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def watch(self):
        while not self.over.wait(0.001):
            self.most = max(self.most, self.process.memory_info().rss)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        with suppress(OSError):
            peak = re.search(r"VmHWM:\s*(\d+) kB",
                             Path("/proc/self/status").read_text())
            self.most = max(self.most, 1024 * int(peak[1]) if peak else 0)
        self.bytes = self.most - self.start


def give_up():
    print(f"ended itself after {SECONDS} s", flush=True)
    os._exit(3)


def main(job, folder, rank):
    timer = threading.Timer(SECONDS, give_up)
    timer.daemon = True
    timer.start()
    folder, rank = Path(folder), int(rank)
    with np.load(folder / "task.npz") as file:
        task = dict(file)
    {"worker": worker, "tensor": tensor, "mirrored": mirrored}[job](
        folder, rank, task)
    # TensorFlow's servers would wait for each other at a normal end
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
