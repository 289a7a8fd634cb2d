"""Make scaling_text.txt and scaling.csv, the measurements of chapter 1.

    python data/make_scaling.py text    # from this Python's own library
    python data/make_scaling.py grid    # trains what the table still lacks

The text: docstrings of the standard library and the topics of `help()`, in
small letters, everything but a to z a space, no paragraph twice. What was
shipped came from Python 3.11; another Python gives another text. Files come
in the order of their names' checksums, so that test, held-out and training
part share none. The grid took about 10 minutes on one core.
"""
import argparse
import ast
import csv
import hashlib
import pydoc_data.topics
import re
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent
sys.path.insert(0, str(DATA.parent / "notebooks"))

from ship import ship  # noqa: E402

from course.models import next_letter  # noqa: E402

TEXT, TABLE = DATA / "scaling_text.txt", DATA / "scaling.csv"
SHORTEST = 60, 300  # letters of a paragraph, and of what a file gives
LEFT_OUT = {"test", "tests", "idlelib", "lib2to3", "site-packages",
            "dist-packages", "turtledemo", "ensurepip", "pydoc_data"}
HIDDEN = 4, 8, 16, 32, 64, 128, 256
SIZES = 16_384, 32_768, 65_536, 131_072, 262_144, 524_288
SEEDS = 0, 1, 2
HEADER = "hidden", "parameters", "characters", "seed", "loss"


def sources():
    """(name, raw text) of every module and topic, by the name's checksum."""
    found = {f"topic {name}": text
             for name, text in pydoc_data.topics.topics.items()}
    library = Path(ast.__file__).parent
    for path in library.rglob("*.py"):
        name = path.relative_to(library)
        if LEFT_OUT & set(name.parts):
            continue
        try:
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        except (SyntaxError, UnicodeDecodeError):
            continue
        texts = [ast.get_docstring(node) or "" for node in nodes
                 if isinstance(node, (ast.Module, ast.ClassDef,
                                      ast.FunctionDef, ast.AsyncFunctionDef))]
        found[name.as_posix()] = "\n\n".join(texts)
    return sorted(found.items(), key=lambda pair: hashlib.sha256(
        pair[0].encode()).hexdigest())


def write_text():
    """One line for each file that gives enough, until there is enough."""
    seen, lines, parts = set(), [], [next_letter.TEST, next_letter.HELD,
                                     next_letter.TRAIN]
    for _, raw in sources():
        if not parts:
            break
        paragraphs = [re.sub("[^a-z]+", " ", p.lower()).strip()
                      for p in re.split(r"\n\s*\n", raw)]
        new = [p for p in dict.fromkeys(paragraphs)
               if len(p) >= SHORTEST[0] and p not in seen]
        seen.update(new)
        line = " ".join(new)
        if len(line) < SHORTEST[1]:
            continue
        line = line[:parts[0] - 1]  # a part ends where it is full
        parts[0] -= len(line) + 1  # with the line's end, which reads as space
        if parts[0] < SHORTEST[1]:
            line += " " * parts.pop(0)
        lines.append(line)
    if parts:
        raise SystemExit("this Python's library has too little text")
    TEXT.write_text("\n".join(lines) + "\n", "ascii", newline="\n")
    ship(TEXT)


def write_grid(at_most):
    """Train what scaling.csv lacks, a line each; at_most models a call."""
    text = next_letter.read_text()
    done = set()
    if TABLE.exists():
        with open(TABLE, encoding="ascii", newline="") as file:
            done = {(int(r["hidden"]), int(r["characters"]), int(r["seed"]))
                    for r in csv.DictReader(file)}
    with open(TABLE, "a", encoding="ascii", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        if not done:
            table.writerow(HEADER)
        todo = [(h, size, seed) for h in HIDDEN for size in SIZES
                for seed in SEEDS if (h, size, seed) not in done]
        for hidden, size, seed in todo[:at_most]:
            test, _ = next_letter.train(text, hidden, size, seed)
            table.writerow([hidden, next_letter.count(hidden), size, seed,
                            f"{test:.5f}"])
            file.flush()
    ship(TABLE)
    print(max(len(todo) - (at_most or len(todo)), 0), "models left")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["text", "grid"])
    parser.add_argument("--at-most", type=int, metavar="N",
                        help="train N models, and go on at the next call")
    arguments = parser.parse_args()
    if arguments.what == "text":
        write_text()
    else:
        write_grid(arguments.at_most)
