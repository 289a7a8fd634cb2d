"""The book by axe-core's rules, and its colours as the colour-blind see them.
"""
import itertools

import matplotlib
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from colorspacious import cspace_convert, deltaE

import browser
from ci import book, chapters
from course import setup

RULES = {"runOnly": {"type": "tag", "values": [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
# nbconvert's and MathJax's own markup, not what we write
THEIRS = {}  # rule: pieces of the markup it complains about
BLIND = ("protanomaly", "deuteranomaly", "tritanomaly")


@pytest.fixture(scope="module")
def pages():
    book.main(None)
    return ["index.html", *(book.page(p) for p in chapters().values())]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(pages, scheme):
    found = []
    with browser.page(color_scheme=scheme) as view:
        for name in pages:
            view.goto((book.BOOK / name).as_uri())
            view.wait_for_function(
                "window.MathJax && MathJax.Hub.queue.pending === 0 &&"
                " MathJax.Hub.queue.queue.length === 0", timeout=120_000)
            view.screenshot(path=browser.SCREENS / f"{name}-{scheme}.png")
            for rule in Axe().run(view, options=RULES).response["violations"]:
                for node in rule["nodes"]:
                    if not any(part in node["html"]
                               for part in THEIRS.get(rule["id"], ())):
                        found.append((name, rule["id"], node["html"][:200]))
        # MathJax looks for fonts with an address that no browser follows
        assert [line for line in view.said if "about:blank" not in line] == []
    assert found == []


def colours():
    cycle = eval(setup.STYLE["axes.prop_cycle"], vars(matplotlib.rcsetup) | {
        "cycler": matplotlib.cycler})
    return [matplotlib.colors.to_rgb(c) for c in cycle.by_key()["color"]]


def distances(colors):
    """CIELAB-like distances (CAM02-UCS) of the pairs a figure shows first."""
    return [deltaE(a, b, input_space="sRGB1")
            for a, b in itertools.combinations(colors, 2)]


@pytest.mark.parametrize("kind", BLIND)
def test_colours_are_told_apart(kind):
    space = {"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100}
    seen = [np.clip(cspace_convert(c, space, "sRGB1"), 0, 1)
            for c in colours()]
    assert min(distances(seen)) > 8


def test_red_and_green_would_be_noticed():
    space = {"name": "sRGB1+CVD", "cvd_type": "deuteranomaly",
             "severity": 100}
    seen = [np.clip(cspace_convert(c, space, "sRGB1"), 0, 1)
            for c in [(0.75, 0.4, 0.1), (0.5, 0.5, 0.1)]]
    assert min(distances(seen)) < 8
