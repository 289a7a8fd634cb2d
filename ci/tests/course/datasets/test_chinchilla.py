"""The runs behind Chinchilla are those that the replication fitted."""
import csv

import numpy as np

from course import files
from course.datasets.chinchilla import ODD, load_runs


def test_240_runs_without_the_five_of_highest_loss():
    with open(files.DATA / "chinchilla_runs.csv", encoding="utf-8",
              newline="") as file:
        rows = [{k: float(v) for k, v in row.items()}
                for row in csv.DictReader(file)]
    N, D, loss = load_runs()
    assert len(rows) == 245 and N.shape == D.shape == loss.shape == (240,)
    out = sorted(row["loss"] for row in rows)[-ODD:]
    assert loss.max() < min(out)
    kept = sorted((row["parameters"], row["loss"], row["compute"])
                  for row in rows if row["loss"] < min(out))
    np.testing.assert_allclose(sorted(zip(N, loss, 6 * N * D)), kept,
                               rtol=1e-12)


def test_they_lie_where_the_paper_trained():
    N, D, loss = load_runs()
    assert 5e7 < N.min() < 1e8 and 1.6e10 < N.max() < 1.7e10
    assert 1e18 < (6 * N * D).min() and (6 * N * D).max() < 1.4e22
    # the replication's constants, as published, leave errors of about 1%
    fit = 1.8172 + 482.01 / N**0.3478 + 2085.43 / D**0.3658
    error = np.log(fit / loss)
    assert abs(error.mean()) < 0.001 and error.std() < 0.01
