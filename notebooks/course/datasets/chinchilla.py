"""The training runs behind Chinchilla, as read off a figure (7.1)."""

import csv

import numpy as np

from .. import files

ODD = 5  # runs of highest loss, which the replication leaves out


def load_runs(without=ODD):
    """245 language models of Hoffmann and others (2022), without five.

    without: how many runs of highest loss are left out; 0: all 245 stay.
    Returns N parameters, D tokens and loss in nats a token, float64 (240,)
    each; D follows from the computing, C = 6ND.
    Source: Besiroglu and others (2024), who read them off Figure 4 and left
    out the five of highest loss; data/README.md.
    """
    path = files.data_file("chinchilla_runs.csv")
    with open(path, encoding="utf-8", newline="") as file:
        rows = [[float(row[name]) for name in ("parameters", "compute",
                                               "loss")]
                for row in csv.DictReader(file)]
    rows = sorted(rows, key=lambda row: row[2])[:len(rows) - without]
    N, C, loss = np.array(rows).T
    return N, C / 6 / N, loss
