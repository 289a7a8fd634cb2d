"""Makes molecules.csv.gz: 6000 molecules from a list of fragments.

    python data/make_molecules.py

Joins end, ring, linker, ring and end at random (`recombine` in
course/applications/biology.py), keeps what RDKit can read, weighs at most 500
daltons and has no bond that would not last, and puts one Murcko scaffold in
five, by its checksum, into the test part. Takes half a minute. Writes the
file and its sum.
"""
import csv
import gzip
import io
import sys
from pathlib import Path

from ship import ship

FILE = Path(__file__).with_name("molecules.csv.gz")
sys.path.insert(0, str(FILE.parents[1] / "notebooks"))
from course.applications import biology  # noqa: E402

SEED = 5


def main():
    smiles, _ = biology.recombine(biology.MOLECULES, SEED)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["smiles", "part"])
    parts = ["test" if biology.is_for_tests(s) else "train" for s in smiles]
    writer.writerows(zip(smiles, parts))
    # no name and no time in the header: the same bytes each time
    FILE.write_bytes(gzip.compress(text.getvalue().encode("ascii"), mtime=0))
    ship(FILE)
    print(f"{len(smiles)} molecules, {parts.count('test')} for the test")


if __name__ == "__main__":
    main()
