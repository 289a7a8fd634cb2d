"""Where the time of a step goes: prints ms of each part as JSON.

python -m ci.bench.parts FOLDER: our T5 writes 32 tokens, batch 1, under
TensorFlow's tracer, which tells what each piece of the compiled program took;
the shapes of its operands, in XLA's own listing, tell which part it is of.
"""
import collections
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

STEPS = 32


def sources(listing):
    """{piece: all shapes that it and what it calls read or write}."""
    bodies, name = collections.defaultdict(str), ""
    for line in listing.splitlines():
        if not line.startswith(" "):
            name = line.replace("ENTRY ", "").split(" ")[0].strip()
        bodies[name] += line + "\n"
    found = {}
    for line in listing.splitlines():
        if piece := re.match(r"\s+(?:ROOT )?%(\S+) = ", line):
            called = re.search(r"calls=(%[^,\s]+)", line)
            text = line + (bodies[called.group(1)] if called else "")
            found[piece.group(1)] = {
                tuple(map(int, shape.split(",")))
                for shape in re.findall(r"\[([\d,]+)\]", text)}
    return found


def part(shapes, c):
    """Which part of a step has operands of these shapes."""
    D, inner = c["d_model"], c["num_heads"] * c["d_kv"]
    if (c["vocab_size"], D) in shapes:
        return "head and embedding"
    if {(c["d_ff"], D), (D, c["d_ff"])} & shapes:
        return "feed-forward matrices"
    if {(inner, D), (D, inner)} & shapes:
        return "attention matrices"
    if any(len(s) > 1 and s[0] == c["num_heads"] or s[1:2] == (
            c["num_heads"],) for s in shapes):
        return "cache, scores, softmax"
    return "norms, sums, choice of the token"


def events(folder):
    """(name, duration in ms) of all that was traced."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2
    space = xplane_pb2.XSpace()
    space.ParseFromString(next(Path(folder).rglob("*.xplane.pb")).read_bytes())
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                yield (plane.event_metadata[event.metadata_id].name,
                       event.duration_ps / 1e9)


def main(checkpoint, folder):
    import numpy as np
    import tensorflow as tf

    from course.models.t5 import T5
    model = T5.from_pretrained(checkpoint)
    ids = np.random.default_rng(0).integers(
        2, model.c["vocab_size"], (1, 12))
    model.generate(ids, STEPS)
    listing = max(Path(folder).glob("*after_optimizations.txt"),
                  key=lambda path: path.stat().st_size).read_text()
    known, plain = sources(listing), []
    for _ in range(5):
        begin = time.perf_counter()
        model.generate(ids, STEPS)
        plain.append((time.perf_counter() - begin) * 1e3 / STEPS)
    options = tf.profiler.experimental.ProfilerOptions(host_tracer_level=3)
    with tf.profiler.experimental.Profile(folder, options):
        model.generate(ids, STEPS)
    spent, times = collections.Counter(), collections.Counter()
    for name, ms in events(folder):
        if name in known:
            times[name] += 1
            spent[name] += ms
    said = collections.Counter()
    for name, ms in spent.items():
        if times[name] >= STEPS and not name.startswith("while"):
            said[part(known[name], model.c)] += ms / STEPS
    return {"step": sorted(plain)[2], "parts": said, "pieces": sum(
        n >= STEPS for n in times.values())}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XLA_FLAGS"] = (f"--xla_dump_to={folder} "
                                   "--xla_dump_hlo_as_text")
        import course
        course.start(chapter=4)
        print(json.dumps(main(sys.argv[1], folder)))
