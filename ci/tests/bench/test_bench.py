"""`python3 ci bench`: its report, and that it goes on where it was stopped."""
import argparse
import json
import sys

import numpy as np
import pytest

from ci import Stop, bench
from ci.bench import checkpoints, formulations, report


def arguments(torch=None, again=False):
    return argparse.Namespace(torch=torch, again=again)


def test_results_are_what_the_rows_give():
    """No number of RESULTS.md was typed."""
    rows, results = report.HERE / "rows.json", report.HERE / "RESULTS.md"
    assert rows.is_file() == results.is_file()
    if rows.is_file():
        assert report.markdown(json.loads(rows.read_text())) == (
            results.read_text("utf-8"))


@pytest.fixture
def measured():
    """Made-up rows: ours writes 100 tokens a second, eager 5."""
    speeds = {"ours": 100, "ours-bfloat16": 160, "ours-int8": 140,
              "hf-eager": 5, "hf-xla": 105, "hf-pytorch": 50}
    done = {"machine": {"words": "Python 3, a processor"},
            "memory": {"1": {"median": 10.0, "best": 11.0},
                       "2": {"median": 18.0, "best": 19.0}},
            "memory again": {"1": {"median": 11.0, "best": 12.0},
                             "2": {"median": 19.0, "best": 20.0}},
            "parts": {"step": 10.0, "pieces": 9, "parts": {
                "head and embedding": 3.0, "norms": 1.0}},
            "formulations": {name: {"float32, a": 2.0, "int8, b": 1.0}
                             for name in formulations.MATRICES},
            "equality t5-base": {"error": "no memory"}}
    for size in bench.SIZES:
        for batch in bench.BATCHES:
            for tokens in bench.TOKENS:
                for kind, speed in speeds.items():
                    done[f"{kind} {size} {batch} {tokens}"] = {
                        "first": 4.0, "seconds": [batch * tokens / speed] * 5,
                        "ids": np.ones((batch, tokens + 1), int).tolist()}
    return done


def test_report(measured, tmp_path):
    measured["hf-xla t5-tiny 8 32"] = {"error": "stopped | after"}
    measured["ours-int8 t5-small 1 32"]["ids"][0][:16] = [7] * 16
    measured["ours-int8 t5-small 1 32"]["logits_off"] = 0.0123
    report.write(measured, tmp_path)
    text = (tmp_path / "RESULTS.md").read_text("utf-8")
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert report.markdown(rows) == text
    assert not any("ids" in row for row in rows.values())
    for line in ["stopped   after", "no memory",
                 "| at least 15 | 20.0 ✓ | 20.0 ✓ |",
                 "| at least 0.9 | 0.95 ✓ | 0.95 ✓ |",
                 "| at least 100 | 20 ✗ | 20 ✗ |",
                 "| at least 1.5 | 1.60 ✓ | 1.60 ✓ |",
                 "| at least 1.5 | 1.40 ✗ | 1.40 ✗ |",
                 "51.5%", "1.2e-02", "2.00 times as fast"]:
        assert line in text, line
    for batch in bench.BATCHES:
        assert report.speed(rows, "ours", batch=batch)[0] == pytest.approx(100)
    limit = 20e9 / 153.9e6
    assert report.limit(rows) == pytest.approx(limit, rel=1e-3)
    assert (tmp_path / "results.png").stat().st_size > 10000


def test_report_without_pytorch_and_without_a_row(measured, tmp_path):
    for name in [name for name in measured if "pytorch" in name]:
        del measured[name]
    measured["hf-eager t5-small 1 32"] = {"error": "stopped"}
    measured["ours t5-tiny 8 128"] = {"error": "stopped"}
    report.write(measured, tmp_path)
    text = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert "| at least 15 | not measured | 20.0 ✓ |" in text


def test_it_goes_on_where_it_was_stopped(monkeypatch, tmp_path, capsys):
    trace = tmp_path / "trace"
    words = ["-c", f"open({str(trace)!r}, 'a').write('x'); print('[1]')"]
    plan = [("a", words, sys.executable), ("b", words, sys.executable),
            ("c", ["-c", "raise SystemExit('it is broken')"],
             sys.executable)]
    monkeypatch.setattr(bench, "PLACE", tmp_path)
    monkeypatch.setattr(bench, "plan", lambda arguments: plan)
    monkeypatch.setattr(report, "write", lambda done: None)
    assert bench.main(arguments()) == 1
    assert "c: it is broken" in capsys.readouterr().out
    assert trace.read_text() == "xx"
    plan[2] = "c", words, sys.executable  # mended: only this one is run
    assert bench.main(arguments()) == 0
    assert trace.read_text() == "xxx"
    assert bench.main(arguments(again=True)) == 0
    assert trace.read_text() == "xxxxxx"


def test_plan(monkeypatch):
    monkeypatch.setattr(bench, "folder", lambda size: size)
    monkeypatch.setattr(bench, "base", lambda: "base")
    names = [name for name, _, _ in bench.plan(arguments(sys.executable))]
    assert len(set(names)) == len(names)
    assert sum("hf-pytorch" in name for name in names) == 8
    assert [n for n in names if "int8" in n] == [
        "ours-int8 t5-small 1 32", "ours-int8 t5-small 1 128"]
    assert not [n for n, _, _ in bench.plan(arguments()) if "pytorch" in n]
    with pytest.raises(Stop, match="no/python"):
        bench.plan(arguments("no/python"))


def test_bytes_a_step():
    """t5-small: six blocks of 6 DI + 2 D d_ff, and the head."""
    small = checkpoints.config_of("t5-small")
    per_block = 6 * 512 * 512 + 2 * 512 * 2048
    assert report.bytes_a_step(small) == 4 * (6 * per_block + 32128 * 512)
