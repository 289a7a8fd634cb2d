"""How fast a T5 writes, side by side on two cores.

Every row is measured in a process of its own and kept in build/bench at
once: an interrupted call goes on where it was stopped. The table and the
picture are written to ci/bench when all rows are there, and beside them
rows.json, from which both are made.
"""
import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ci import BUILD, ROOT, Stop

PLACE = BUILD / "bench"
SIZES, BATCHES, TOKENS = ("t5-small", "t5-tiny"), (1, 8), (32, 128)
KINDS = ("ours", "ours-bfloat16", "ours-int8", "hf-eager", "hf-xla",
         "hf-pytorch")
FEWER = "ours-bfloat16", "ours-int8"
LIMIT = 600  # seconds for one row


def main(arguments):
    from ci.bench import report
    rows = plan(arguments)
    results = PLACE / "rows.json"
    PLACE.mkdir(parents=True, exist_ok=True)
    done = json.loads(results.read_text()) if results.is_file() else {}
    if arguments.again:
        done = {}
    done = {name: row for name, row in done.items() if "error" not in row}
    done["machine"] = report.machine()
    for n, (name, command, python) in enumerate(rows):
        if name in done:
            continue
        bar_line(n, len(rows), name)
        done[name] = run(command, python)
        part = results.with_suffix(".part")
        part.write_text(json.dumps(done))
        os.replace(part, results)
    bar_line(len(rows), len(rows), "measured")
    print()
    if "error" in done.get("memory", {}):  # without it there is no limit
        raise Stop("How fast memory is could not be measured: %s"
                   % done["memory"]["error"])
    report.write(done)
    print("Written: RESULTS.md, results.png and rows.json, in ci/bench")
    failed = [name for name, _, _ in rows if "error" in done[name]]
    for name in failed:
        print("%s: %s" % (name, done[name]["error"]))
    return 1 if failed else 0


def bar_line(n, of, what):
    """A line that says how far we are; in a terminal the last one stays."""
    filled = "#" * (30 * n // of)
    print("\r[%-30s] %d of %d  %-34s" % (filled, n, of, what),
          end="" if sys.stdout.isatty() else "\n", flush=True)


def plan(arguments):
    """(name, words for Python, interpreter) of everything measured."""
    torch = arguments.torch
    if torch and not Path(torch).is_file():
        raise Stop("There is no Python %s; it should be one in whose "
                   "environment ci/locks/requirements-torch.txt is installed."
                   % torch)
    rows = [(name, ["-m", "ci.bench." + name], sys.executable)
            for name in ("memory", "formulations")]
    rows.append(("parts", ["-m", "ci.bench.parts", str(folder("t5-small"))],
                 sys.executable))
    for tokens, batch, size, kind in itertools.product(
            TOKENS, BATCHES, SIZES, KINDS):
        if kind == "hf-pytorch" and not torch:
            continue
        # fewer bytes are asked for where bytes rule
        if kind in FEWER and (size, batch) != ("t5-small", 1):
            continue
        words = ["-m", "ci.bench.row", kind, str(folder(size)), str(batch),
                 str(tokens)]
        rows.append(("%s %s %d %d" % (kind, size, batch, tokens), words,
                     torch if kind == "hf-pytorch" else sys.executable))
    # a neighbour on the machine may slow one reading
    rows.append(("memory again", ["-m", "ci.bench.memory"], sys.executable))
    rows.append(("equality t5-base", ["-m", "ci.bench.equality", "both",
                                      str(base())], sys.executable))
    return rows


def folder(size):
    """A checkpoint whose texts never end, so that all rows write alike."""
    from ci.bench import checkpoints
    where = PLACE / size
    if (where / "tokenizer.json").is_file():
        return where
    if size == "t5-tiny":
        shutil.copytree(ROOT / "data" / size, where, dirs_exist_ok=True)
        config = json.loads((where / "config.json").read_text())
        (where / "config.json").write_text(
            json.dumps({**config, "eos_token_id": -1}))
        return where
    return checkpoints.make(where, checkpoints.config_of(
        size, eos_token_id=-1))


def base():
    from ci.bench import checkpoints
    where = PLACE / "t5-base"
    if (where / "tokenizer.json").is_file():
        return where
    return checkpoints.make(where, checkpoints.config_of("t5-base"))


def run(words, python):
    """What a process prints as JSON, or {"error": its last line}."""
    path = os.pathsep.join(map(str, (ROOT, ROOT / "notebooks")))
    try:
        done = subprocess.run(
            [python, *words], cwd=ROOT, capture_output=True, text=True,
            timeout=LIMIT, stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path,
                 "TRANSFORMERS_VERBOSITY": "error"})
    except subprocess.TimeoutExpired:
        return {"error": "stopped after %d seconds" % LIMIT}
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no word"]
        return {"error": lines[-1][:300]}
    return json.loads(done.stdout.strip().splitlines()[-1])
