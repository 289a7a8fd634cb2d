"""Numbers compared within a tolerance, text exactly."""
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import (
    new_code_cell, new_markdown_cell, new_notebook, new_output)

from ci import ROOT
from ci.notebook import WIDGET
from ci.quality import measured


@pytest.mark.parametrize("text, numbers", [
    ("-0.0", ["-0.0"]), ("1e-07", ["1e-07"]), ("1,234", ["1,234"]),
    ("97.2%", ["97.2"]), ("(94.6 to 98.3)", ["94.6", "98.3"]),
    ("(94.6 to 98.3, n = 1,797)", ["94.6", "98.3", "1,797"]),
    ("155,282, 1.010 times", ["155,282", "1.010"]),
    ("1,234,567.5 of", ["1,234,567.5"]), ("[0.1, 2, -.5]",
                                          ["0.1", "2", "-.5"]),
    ("2.5e+08, 3E-4", ["2.5e+08", "3E-4"]), ("\u22120.3", ["\u22120.3"]),
    ("5-10", ["5", "10"]), ("x = -3", ["-3"]), ("12/360", ["12", "360"]),
    ("a loss of 0.5.", ["0.5"]), ("n^1.8", ["1.8"]), ("inf and -inf, nan",
                                                      ["inf", "-inf", "nan"]),
    ("conv2d_1, T5, W_1, 3x3", []), ("5.4.2 and 1.h and 2.1.c", []),
    ("information", []), ("|0.5|", ["0.5"]), ("<td>3.25</td>", ["3.25"]),
    ("(1,2)", ["1", "2"]), ("1,2345", ["1", "2345"])])
def test_what_is_a_number(text, numbers):
    assert measured.split(text)[1] == numbers


def test_a_number_means_what_it_says():
    assert [measured.value(text) for text in (
        "-0.0", "1e-07", "1,234", "97.2", "\u22120.3", "-.5")] == [
            0.0, 1e-07, 1234.0, 97.2, -0.3, -0.5]


R2, A5 = {"measured": {"rtol": 0.02}}, {"measured": {"atol": 0.5}}


@pytest.mark.parametrize("committed, now, metadata", [
    ("CNN 97.2%", "CNN 96.9%", R2), ("CNN 97.2%", "CNN 97.7%", A5),
    ("a  1.0\nbb 10.0", "a 0.99\nbb  9.9", R2), ("1,234", "1,240", R2),
    ("-0.0", "0.0", A5), ("1e-07", "1.01e-07", R2), ("x\n", "x", {}),
    ("two  words", "two words", {}), ("0.3", "0.8", A5),
    ("(94.6 to 98.3)", "(94.5 to 98.2)", R2), ("nan", "nan", R2)])
def test_within_the_tolerance(committed, now, metadata):
    assert measured.differs(committed, now, metadata) == []


@pytest.mark.parametrize("committed, now, metadata", [
    ("CNN 97.2%", "CNN 95.2%", R2), ("CNN 97.2%", "CNN 97.8%", A5),
    ("CNN 97.2%", "CNN 97.3%", {}), ("-0.0", "0.0", {}),
    ("1.0", "1.00", {}), ("1,234", "1,274", R2), ("1e-07", "1e-06", R2),
    ("(94.6 to 98.3)", "(94.6 to 91.3)", R2), ("5", "-5", R2),
    ("5 right", "right", R2), ("right", "5 right", R2),
    ("1 2 3", "1 2", R2), ("CNN 97", "SVM 97", R2), ("97.2%", "97.2", R2),
    ("nan", "1.0", R2), ("inf", "1e300", R2), ("0.0", "0.001", R2),
    ("conv2d_1", "conv2d_2", R2), ("5.4.2", "5.4.3", A5),
    ("claim 2.1.c", "claim 2.2.c", A5), ("well done", "welldone", R2)])
def test_outside_it(committed, now, metadata):
    assert measured.differs(committed, now, metadata)


def test_it_tells_which_number_and_by_how_much():
    line, = measured.differs("CNN 97.2%, SVM 96.0%", "CNN 97.2%, SVM 93.0%",
                             R2)
    assert line == ("number 2 of 2, after '%, SVM': 96.0 is committed, now "
                    "it is 93.0; off by 3 (0.031 of it), rtol 0.02")
    line, = measured.differs("7 of 9", "8 of 9", {})
    assert "no tolerance is stated" in line
    line, = measured.differs("a 1 b 2", "a 1 b", R2)
    assert line.startswith("2 numbers are committed, now there are 1; ")
    line, = measured.differs("loss 3.1 falls", "loss 3.1 rises", R2)
    assert "'falls' is committed, now it is 'rises'" in line


@pytest.mark.parametrize("stated", [
    {"rtol": -1}, {"rtol": 0}, {"tol": 1}, {"rtol": "2%"}, {}, 0.02,
    {"rtol": 0.1, "atol": 0.1}, {"atol": True}, {"atol": float("nan")}])
def test_a_tolerance_that_means_nothing_is_refused(stated):
    with pytest.raises(ValueError, match="measured"):
        measured.differs("1", "1", {"measured": stated})


def shown(**data):
    return new_output("display_data", data=data)


def test_kinds_and_numbers_of_outputs():
    """Streams, Markdown and HTML alike; pictures and knobs are unseen."""
    old = [new_output("stream", name="stdout", text="loss 0.50\n"),
           shown(**{"text/markdown": "| CNN | 97.2% |"}),
           shown(**{"text/html": "<td>3.25</td>", "image/png": "A"})]
    new = [new_output("stream", name="stdout", text="loss "),
           new_output("stream", name="stdout", text="0.503\n"),
           shown(**{"text/markdown": "| CNN | 97.9% |"}),
           shown(**{"text/html": "<td>3.26</td>", "image/png": "B",
                    WIDGET: "1"})]
    assert measured.compare(old, new, R2) == []
    for k, kind in ((2, "text/markdown"), (3, "text/html")):
        said = measured.compare(old, new[:k] + new[k + 1:], R2)
        assert [line.split(":")[0] for line in said] == [kind]
    assert len(measured.compare(old, new, {})) == 3
    assert measured.compare(old, [*new, new_output(
        "stream", name="stderr", text="oh")], R2)
    assert measured.compare(old[:2], new[:2], R2)


def test_the_spread_of_a_cell():
    def out(text):
        return [new_output("stream", name="stdout", text=text)]
    assert measured.spread(out("a 2.0 b 100"), [
        out("a 2.1 b 100"), out("a 2.0 b 99")]) == pytest.approx((1, 0.05))
    assert measured.spread(out("a 2"), [out("b 2")]) is None
    assert measured.spread(out("0.0"), [out("0.0")]) == (0, 0)


def test_nbval_compares_so(tmp_path):
    """Through pytest: green within the tolerance, red with its reason."""
    def cell(source, text, **metadata):
        return new_code_cell(source, metadata=metadata, execution_count=1,
                             outputs=[new_output("stream", name="stdout",
                                                 text=text)])
    path = tmp_path / "chapter.ipynb"
    nbformat.write(new_notebook(cells=[
        new_markdown_cell("# A"),
        cell("print('CNN  97.0%')", "CNN 97.2%\n", measured={"rtol": 0.02}),
        cell("print('CNN 90.0%')", "CNN 97.2%\n", measured={"rtol": 0.02}),
        cell("print('SVM 97.0%')", "SVM 97.2%\n"),
        cell("print('MLP 97.0%')", "CNN 97.0%\n", measured={"rtol": 0.02})],
        metadata={"kernelspec": {"name": "python3", "language": "python",
                                 "display_name": "Python 3"}}), path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "ci/pytest.ini", "-q", "-p",
         "ci.quality.nbval_measured", "--nbval", "--nbval-current-env",
         str(path)],
        cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith(".FFF "), done.stdout
    assert "off by 7.2 (0.074 of it), rtol 0.02" in done.stdout
    assert "no tolerance is stated" in done.stdout
    assert "'CNN' is committed, now it is 'MLP'" in done.stdout
