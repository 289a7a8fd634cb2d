"""Figures, knobs, tables."""

import ast
import time

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

import course
from ci import chapters
from ci.quality import contract
from course import display, messages, session
from course.messages import message


@pytest.fixture(autouse=True)
def style():
    """That of the chapters, whichever test has called `start` before."""
    with plt.rc_context(session.STYLE):
        yield


def line(slope=1.0, n=3):
    fig, ax = plt.subplots()
    ax.plot(np.arange(n) * slope)
    return fig


def test_a_figure_carries_its_alt_text_twice(displayed):
    course.show(line(), "data.missing", name="x")
    (data, metadata), = displayed
    alt = message("data.missing", name="x")
    assert data["text/plain"] == metadata["image/png"]["alt"] == alt
    assert data["image/png"][:8] == b"\x89PNG\r\n\x1a\n"
    assert metadata["image/png"]["width"] == 7 * display.SHOWN
    assert not plt.get_fignums()


def test_the_same_figure_gives_the_same_bytes():
    assert display._png(line()) == display._png(line())


def widgets_of(view):
    from ipywidgets.widgets import widget
    box = widget._instances[view["model_id"]]
    *controls, trouble, picture = box.children
    return controls, trouble, picture


def test_explore_redraws_when_a_knob_turns(displayed):
    course.explore(line, "data.missing_knob", slope=(-2.0, 2.0), n=[2, 3])
    (data, _), = displayed
    view = data["application/vnd.jupyter.widget-view+json"]
    (slope, n), trouble, picture = widgets_of(view)
    assert picture.value == data["image/png"]
    slope.value = -1.0
    assert picture.value == display._png(line(slope=-1.0))[0]
    n.value = 2
    assert picture.value == display._png(line(slope=-1.0, n=2))[0]
    assert trouble.value == ""


def knobs_of_the_chapters():
    """A test for each slider of `explore` whose range is not whole numbers.

    Its bounds and its default are numbers in the code, so nothing is run.
    """
    for number, path in chapters().items():
        nb = nbformat.read(path, 4)
        functions = {node.name: node for _, cell in contract.code_cells(nb)
                     for node in ast.walk(contract.tree(cell))
                     if isinstance(node, ast.FunctionDef)}
        for node in contract.calls(nb, "explore"):
            found = functions[node.args[0].id].args
            defaults = dict(zip([a.arg for a in found.args], found.defaults))
            for knob in node.keywords:
                if isinstance(knob.value, ast.Tuple) and any(
                        isinstance(getattr(end, "value", 0), float)
                        for end in knob.value.elts):
                    yield pytest.param(
                        knob.arg, ast.literal_eval(knob.value),
                        ast.literal_eval(defaults[knob.arg]),
                        id=f"{number}.{node.args[0].id}.{knob.arg}")


@pytest.mark.parametrize("name, knob, default", list(knobs_of_the_chapters()))
def test_a_slider_comes_back_and_reads_differently_everywhere(name, knob,
                                                              default):
    """At its first value, its ends, and all the steps between."""
    slider = display._control(name, knob, default)
    low, high = knob
    n = round((high - low) / slider.step)
    places = [low + k * slider.step for k in range(n + 1)]
    assert 50 <= n <= 1000 and places[-1] == pytest.approx(high)
    assert min(abs(x - default) for x in places) < 1e-9
    read = [format(x, slider.readout_format) for x in places]
    assert len(set(read)) == len(read)
    assert float(format(default, slider.readout_format)) == default
    assert slider.value == default


def test_explore_needs_nothing_that_colab_s_ipywidgets_lacks(displayed,
                                                             monkeypatch):
    """Version 7 has no bundle, and its view is the same."""
    import ipywidgets
    monkeypatch.delattr(ipywidgets.Widget, "_repr_mimebundle_")
    course.explore(line, "data.missing_knob", slope=(-2.0, 2.0), n=[2, 3])
    view = displayed[0][0]["application/vnd.jupyter.widget-view+json"]
    assert set(view) == {"version_major", "version_minor", "model_id"}


def test_a_default_that_no_step_meets_is_refused():
    with pytest.raises(ValueError, match="goes through 0.333"):
        display._grid(0.0, 1.0, 1 / 3)


def test_explore_says_what_went_wrong_beside_the_picture(displayed):
    def fragile(n=3):
        return line(n=1 / (n - 2) and n)

    course.explore(fragile, "data.missing_knob", n=[2, 3])
    (n,), trouble, picture = widgets_of(
        displayed[0][0]["application/vnd.jupyter.widget-view+json"])
    n.value = 2
    assert "ZeroDivisionError" in trouble.value


def test_explore_tries_its_knobs_when_asked(displayed, monkeypatch):
    tried = []

    def keep(slope=1.0, n=3):
        tried.append((slope, n))
        return line(slope, n)

    monkeypatch.setenv("COURSE_TEST_EXPLORE", "1")
    course.explore(keep, "data.missing_knob", slope=(0.0, 4.0), n=(2, 7))
    # each value once, or up to five times where this machine is busy
    assert [*dict.fromkeys(tried)][:6] == [
        (0.0, 3), (2.0, 3), (4.0, 3), (1.0, 2), (1.0, 4), (1.0, 7)]

    def slow(n=3):
        end = time.process_time() + 1.1 * (n == 7)
        while time.process_time() < end:
            pass
        return line(n=n)

    with pytest.raises(AssertionError, match="slow"):
        course.explore(slow, "data.missing_knob", n=(2, 7))


@pytest.fixture(autouse=True)
def knob_message(monkeypatch):
    """An alt text without fields, for the figures of these tests."""
    table = dict(messages.table())
    table["data.missing_knob"] = {"key": "data.missing_knob", "en": "a line"}
    monkeypatch.setattr(messages, "table", lambda: table)


def test_a_table_survives_bars_in_its_cells(displayed):
    course.table([[1, "a|b"]], ["n", "text"])
    (data, _), = displayed
    assert data["text/plain"].splitlines()[-1] == r"| 1 | a\|b |"


@pytest.mark.parametrize("kind", ["grey", "heat map", "lines"])
def test_a_figure_in_few_colours_looks_the_same(kind):
    """A third of the bytes of lines; no bands where shades run smoothly."""
    import io

    import matplotlib
    import matplotlib.pyplot as plt
    from PIL import Image

    with matplotlib.rc_context(session.STYLE):
        fig, ax = plt.subplots()
        shades = np.linspace(0, 1, 256)[None] ** np.linspace(1, 2, 64)[:, None]
        if kind == "lines":
            for k in range(1, 7):
                ax.plot(shades[:, 40 * k], label=f"line {k}")
            ax.legend()
        else:
            step = 1 if kind == "grey" else 20
            ax.imshow(shades[::step, ::step], aspect="auto",
                      cmap="gray" if kind == "grey" else "viridis")
        buffer = io.BytesIO()
        fig.savefig(buffer, dpi=display.DPI)
        png, _ = display._png(fig)
    full, packed = (np.asarray(Image.open(io.BytesIO(data)).convert("RGB"),
                               int) for data in (buffer.getvalue(), png))
    assert np.mean((full - packed) ** 2) < display.BANDS
    assert packed[0, 0].tolist() == [255, 255, 255]  # as white as the page
    assert np.abs(full - packed).max() <= (6 if kind == "grey" else 48)
    assert len(png) < len(buffer.getvalue()) / (2 if kind == "lines" else 1)
