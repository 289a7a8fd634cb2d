#!/usr/bin/env bash
# TensorBoard 2.21.0, Python 3.11, Linux, the reader in Python
# (--load_fast false, which is what runs where the Rust one is not installed).
#
# Guess: --samples_per_plugin scalars=0 keeps every point: in the reservoir
# that holds them a size of 0 means "no limit", the option's help said so for
# years, and answers that are still read advise it.
# Seen: it keeps every point and hands out none: what answers the page thins
# the 1,500 points to the same number, 0. With scalars=2000 all come; without
# the option 1,000. (Of images it is reported: tensorflow/tensorboard#5550.)
#
# Output seen:
#   tensorboard 2.21.0
#   as it is: 1000 of 1500 points
#   scalars=0: 0 of 1500 points
#   scalars=2000: 1500 of 1500 points
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    tensorboard==2.21.0 "setuptools<80"
cat > "$folder/seen.py" <<'PY'
import json
import logging
import sys
import time
import urllib.request

import tensorboard
from tensorboard import program
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

logging.disable(logging.WARNING)
logs = sys.argv[1]
writer = EventFileWriter(logs)
for step in range(1500):
    value = summary_pb2.Summary.Value(tag="loss", simple_value=step)
    writer.add_event(event_pb2.Event(
        step=step, wall_time=float(step),
        summary=summary_pb2.Summary(value=[value])))
writer.close()
print("tensorboard", tensorboard.__version__)
for option in (None, "scalars=0", "scalars=2000"):
    board = program.TensorBoard()
    words = ["", "--logdir", logs, "--load_fast", "false", "--port", "0"]
    board.configure(argv=words + (
        ["--samples_per_plugin", option] if option else []))
    address = board.launch() + "data/plugin/scalars/"
    for _ in range(100):  # until the file has been read
        time.sleep(0.2)
        tags = json.load(urllib.request.urlopen(address + "tags"))
        if tags:
            break
    time.sleep(2)
    points = json.load(urllib.request.urlopen(
        address + "scalars?run=.&tag=loss"))
    print(f"{option or 'as it is'}: {len(points)} of 1500 points")
PY
"$folder/venv/bin/python" "$folder/seen.py" "$folder/logs" \
    2>/dev/null | tee "$folder/out"
diff "$folder/out" - <<'OUT'
tensorboard 2.21.0
as it is: 1000 of 1500 points
scalars=0: 0 of 1500 points
scalars=2000: 1500 of 1500 points
OUT
echo "as seen"
