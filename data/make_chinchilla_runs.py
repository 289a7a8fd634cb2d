"""Rounds Epoch AI's reading of a figure for data/chinchilla_runs.csv.

    python data/make_chinchilla_runs.py svg_extracted_data.csv

The argument is that file of github.com/epoch-research/analyzing-chinchilla.
"""
import csv
import sys
from pathlib import Path

from ship import ship

HERE = Path(__file__).resolve().parent
COLUMNS = {"parameters": "Model Size", "compute": "Training FLOP",
           "loss": "loss"}


def main(source):
    with open(source, encoding="utf-8", newline="") as file:
        rows = [[float(row[name]) for name in COLUMNS.values()]
                for row in csv.DictReader(file)]
    path = HERE / "chinchilla_runs.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows([f"{N:.5g}", f"{C:.5g}", f"{loss:.4f}"]
                      for N, C, loss in rows)
    ship(path)


if __name__ == "__main__":
    main(sys.argv[1])
