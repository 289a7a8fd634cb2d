"""The lock is whole: it is installed without looking for dependencies."""
import importlib.metadata
import re
import subprocess
import sys

from ci import ROOT


def test_nothing_is_missing_but_what_is_left_out_on_purpose():
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "check", "--python",
         sys.executable], capture_output=True, text=True)
    missing = re.findall(r"requires `([\w.-]+)", done.stdout + done.stderr)
    left_out = re.findall(r"^([\w.-]+) ;", (
        ROOT / "ci" / "locks" / "overrides.txt").read_text("utf-8"), re.M)
    assert left_out and set(missing) <= set(left_out)
    there = {dist.metadata["Name"].lower().replace("_", "-")
             for dist in importlib.metadata.distributions()}
    assert not there & set(left_out)
