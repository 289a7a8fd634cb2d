"""Pages by axe-core's rules, and colours as the colour-blind see them.

The pages are the book's and each chapter's plain HTML export. Light or dark,
the book must pass everything. What nbconvert writes around our cells in a
plain export is not ours to mend: THEIRS lists it. Its template also leaves
out the alt texts of figures, and writes "No description" by itself; the
book's template puts them in, and so does test_book.py ask of it.
"""
import itertools
import os
import re

import browser
import matplotlib
import numpy as np
import pytest
from nbconvert import HTMLExporter

from ci import BUILD, chapters
from ci import book
from course import session

RULES = {"runOnly": {"type": "tag", "values": [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
# one rule looks at every letter's colour; of letters that are styled alike
# it is asked about one, or a chapter would take minutes
CONTRAST = "color-contrast"
SAMPLE = """() => {
    const seen = new Set();
    for (const node of document.body.querySelectorAll('*')) {
        const text = [...node.childNodes].some(
            child => child.nodeType === 3 && child.data.trim());
        if (!text) continue;
        let under = node;
        while (under.parentElement && getComputedStyle(under)
                .backgroundColor === 'rgba(0, 0, 0, 0)')
            under = under.parentElement;
        const style = getComputedStyle(node);
        const kind = [style.color, style.fontSize, style.fontWeight,
                      getComputedStyle(under).backgroundColor].join();
        if (!seen.has(kind)) {
            seen.add(kind);
            node.dataset.sample = '';
        }
    }
    return seen.size;
}"""
# of a plain export: the rule, and the markup whose look nbconvert decides
THEIRS = {
    # "In [1]:" and comments in code are paler than the rule wants
    "color-contrast": r'<div class="jp-\w+Prompt |<span class="c1"',
    "link-in-text-block": r"<a href=",  # links are not underlined
}
# MathJax asks for a font that does not exist, to know how one looks; it is
# kept from all pages but one, for it sets a chapter's equations in a minute
THEIRS_TO_SAY = ("about:blank", "mathjax/")
WITH_EQUATIONS = 2
# nbconvert writes around our cells alike in all chapters, and what stands in
# them is read in the book; `ci.commands.prove` exports the others
PLAIN = (3, 5)
KINDS = ("protanomaly", "deuteranomaly", "tritanomaly")
APART = 8  # of CAM02-UCS, where 1 is barely seen; red and green have 5


@pytest.fixture(scope="module")
def view():
    with browser.page() as view:
        # an export asks for MathJax from the network; here nothing does
        view.route(re.compile(r"^https?://"), lambda route: route.abort())
        yield view


def complaints(view):
    """(rule, markup) of everything that axe-core objects to."""
    return asked(view, None, RULES | {"rules": {CONTRAST: {
        "enabled": False}}}) + pale(view)


def pale(view):
    """The same, of letters that stand out too little."""
    assert view.evaluate(SAMPLE) > 0
    return asked(view, "[data-sample]", {"runOnly": {
        "type": "rule", "values": [CONTRAST]}})


def asked(view, where, options):
    from axe_playwright_python.sync_playwright import Axe
    found = Axe().run(view, where, options).response["violations"]
    return [(rule["id"], node["html"][:300])
            for rule in found for node in rule["nodes"]]


def names():
    return ["index.html", "search.html", "zh/index.html", "zh/search.html",
            "zh/" + book.page(chapters()[4]),
            *(book.page(p) for p in chapters().values())]


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_a_page_of_the_book(the_book, view, name):
    view.said.clear()
    view.emulate_media(color_scheme="light")
    if name.startswith("0%d" % WITH_EQUATIONS):
        view.goto((the_book / name).as_uri())
        view.wait_for_function(
            "window.MathJax && MathJax.Hub.queue.pending === 0 &&"
            " MathJax.Hub.queue.queue.length === 0", timeout=600_000)
        assert view.locator(".MathJax").count()
    else:
        view.route("**/mathjax/**", lambda route: route.abort())
        view.goto((the_book / name).as_uri())
        view.unroute("**/mathjax/**")
    picture = f"book-{name.replace('/', '-')}"
    view.screenshot(path=browser.SCREENS / f"{picture}-light.png")
    assert complaints(view) == []
    view.locator("nav.book > button").click()
    assert view.evaluate("document.documentElement.dataset.theme") == "dark"
    view.screenshot(path=browser.SCREENS / f"{picture}-dark.png")
    assert pale(view) == []
    view.evaluate("localStorage.clear()")
    assert [line for line in view.said
            if not any(part in line for part in THEIRS_TO_SAY)] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", [
    path for number, path in chapters().items()
    if os.environ.get("COURSE_PROVE") or number in PLAIN])
def test_a_plain_export(view, path):
    html, _ = HTMLExporter().from_filename(str(path))
    page = BUILD / "axe" / "plain" / book.page(path)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(html, encoding="utf-8")
    view.goto(page.as_uri(), wait_until="domcontentloaded")
    left = [(rule, html) for rule, html in complaints(view)
            if not re.match(THEIRS.get(rule, "$^"), html)]
    assert left == []


@pytest.mark.slow
def test_complaints_are_seen(view):
    """A picture without a text, pale letters: axe-core is really asked."""
    view.set_content('<html lang="en"><title>t</title><main><h1>h</h1>'
                     '<img src="data:,"><p style="color:#aaa">pale</p></main>')
    assert {rule for rule, _ in complaints(view)} == {
        "image-alt", "color-contrast"}


# ---- colours ----


def colours():
    """The colours of lines, in the order in which a figure takes them."""
    cycle = eval(session.STYLE["axes.prop_cycle"],
                 {"cycler": matplotlib.cycler})
    return [matplotlib.colors.to_rgb(c) for c in cycle.by_key()["color"]]


def cspace_convert(*words):
    browser.launch_tools()
    import colorspacious
    return colorspacious.cspace_convert(*words)


def seen(colors, kind):
    """The colours as somebody sees them who lacks one kind of cones."""
    space = {"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100}
    return [np.clip(cspace_convert(c, space, "sRGB1"), 0, 1) for c in colors]


def nearest(colors, kind):
    """The least distance of two colours, for a kind of colour-blindness."""
    points = [cspace_convert(c, "sRGB1", "CAM02-UCS")
              for c in seen(colors, kind)]
    return min(np.linalg.norm(a - b)
               for a, b in itertools.combinations(points, 2))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_colours_of_lines_are_told_apart(kind):
    assert nearest(colours(), kind) > APART


def rises(name, kind):
    """Whether a colour map grows lighter all the way, and by how much."""
    steps = matplotlib.colormaps[name](np.linspace(0, 1, 32))[:, :3]
    lightness = [cspace_convert(c, "sRGB1", "CAM02-UCS")[0]
                 for c in seen(steps, kind)]
    return min(np.diff(lightness)) > 0 and lightness[-1] - lightness[0] > 60


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_heat_maps_keep_their_order(kind):
    assert rises(session.STYLE["image.cmap"], kind)


@pytest.mark.slow
def test_bad_colours_would_be_noticed():
    assert nearest([(0.75, 0.4, 0.1), (0.5, 0.5, 0.1)],
                   "deuteranomaly") < APART
    assert not rises("jet", "deuteranomaly")
