"""Makes hp_chains.csv: chains of 16 beads that fold in one best way.

    python data/make_hp_chains.py

Tries all 65,536 chains of H and P on all 802,075 self-avoiding walks of the
square lattice (see `ground_states` in course/applications/biology.py) and
keeps those whose lowest energy belongs to one walk alone. Takes about two
minutes and 1 GB. Writes the file and its sum.
"""
import csv
import sys
from pathlib import Path

from ship import ship

FILE = Path(__file__).with_name("hp_chains.csv")
sys.path.insert(0, str(FILE.parents[1] / "notebooks"))
from course.applications import biology  # noqa: E402


def main():
    beads, folds = biology.ground_states(biology.CHAIN)
    with open(FILE, "w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["chain", "fold"])
        for chain, fold in zip(beads, folds):
            writer.writerow(["".join("PH"[int(b)] for b in chain), "".join(
                biology.STEP_NAMES[d] for d in fold)])
    ship(FILE)
    print(f"{len(beads)} chains")


if __name__ == "__main__":
    main()
