"""Chapters in JupyterLab, as a reader meets them, in headless Chromium."""
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request

import pytest

import browser
from ci import ROOT, chapters
from ci.bootstrap import environment

pytestmark = pytest.mark.slow
TOKEN = "reader"
RUN_ALL = 600  # seconds, on a busy machine
# an exercise of the chapter, and a right answer as a reader would type it
TYPED = {
    3: ("3.tanh_backward", "def tanh_backward(a, dA):\n"
        "    return dA * (1 - a**2)"),
    4: ("4.out_size", "def out_size(n, k, s, p):\n"
        "    return (n + 2 * p - k) // s + 1"),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Address of `ci lab` on a copy: JupyterLab saves what it runs."""
    folder = tmp_path_factory.mktemp("lab") / "collection"
    for name in subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True,
            text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    # every cell in the page, not only what is in view
    settings = folder / ("build/home/jupyter/lab/user-settings/@jupyterlab/"
                         "notebook-extension/tracker.jupyterlab-settings")
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"windowingMode": "none"}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {name: value for name, value in os.environ.items()
             if name not in environment()}
    server = subprocess.Popen(
        [sys.executable, "ci", "lab", "--no-browser", "--port", str(port)],
        cwd=folder, env=clean | {"JUPYTER_TOKEN": TOKEN},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api?token={TOKEN}")
                break
            except OSError:
                assert server.poll() is None, "JupyterLab did not start"
                import time
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def menu(view, name, item):
    view.click(f".lm-MenuBar-itemLabel >> text='{name}'")
    view.click(f".lm-Menu-itemLabel >> text='{item}'")


def idle(view):
    """Waits until no cell is waiting or running."""
    view.wait_for_function("""() =>
        ![...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some(
            prompt => prompt.textContent.includes('[*]'))
        && document.querySelector(
            '.jp-Notebook-ExecutionIndicator[data-status=idle]')""",
        timeout=RUN_ALL * 1000)


def cell(view, text):
    """The first code cell whose source holds a text."""
    return view.locator(".jp-CodeCell", has_text=text).first


def pixels(view):
    """For each picture of the page, how far its grey values spread."""
    return view.evaluate("""async () => {
        const spread = [];
        for (const image of document.querySelectorAll(
                '.jp-OutputArea-output img')) {
            await image.decode();
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 64;
            const pen = canvas.getContext('2d');
            pen.drawImage(image, 0, 0, 64, 64);
            const grey = pen.getImageData(0, 0, 64, 64).data.filter(
                (_, k) => k % 4 == 0);
            spread.push(Math.max(...grey) - Math.min(...grey));
        }
        return spread;
    }""")


@pytest.mark.parametrize("number", sorted(TYPED))
def test_a_reader_in_jupyterlab(lab, number):
    path = chapters()[number]
    screen = browser.SCREENS / f"lab-{number}"
    with browser.page() as view:
        # as committed
        view.goto(f"{lab}/lab/tree/notebooks/{path.name}?token={TOKEN}")
        view.wait_for_selector(".jp-RenderedImage img", timeout=120_000)
        view.wait_for_selector(".jp-TableOfContents-content li")
        idle(view)
        view.screenshot(path=f"{screen}-opened.png")
        assert not view.get_by_text("Error displaying widget").count()
        committed = len(pixels(view))
        assert min(pixels(view)) > 50
        # run, restart in the middle, run again
        menu(view, "Run", "Run All Cells")
        view.wait_for_selector(".jp-CodeCell >> text='[5]:'")
        menu(view, "Kernel", "Restart Kernel…")
        view.click(".jp-Dialog button.jp-mod-accept")
        idle(view)
        menu(view, "Run", "Run All Cells")
        view.wait_for_selector(".jp-CodeCell >> text='[2]:'")
        idle(view)
        assert not view.locator(
            "[data-mime-type='application/vnd.jupyter.error'],"
            "[data-mime-type='application/vnd.jupyter.stderr']").count()
        assert len(pixels(view)) == committed
        assert min(pixels(view)) > 50
        turn_a_knob(view)
        view.screenshot(path=f"{screen}-knob.png")
        solve(view, *TYPED[number])
        view.screenshot(path=f"{screen}-solved.png")
        assert view.said == []


def turn_a_knob(view):
    """One step to the right: another picture."""
    knob = view.locator(".widget-slider .noUi-handle").first
    picture = view.locator(".widget-box", has=knob).locator("img").first
    before = picture.get_attribute("src")
    knob.scroll_into_view_if_needed()
    knob.focus()
    view.keyboard.press("ArrowRight")
    view.wait_for_function(
        "([image, before]) => image.src != before",
        arg=[picture.element_handle(), before], timeout=20_000)


def solve(view, name, answer):
    """Types an answer over the blank, runs it, and reads the tick."""
    blank = cell(view, answer.splitlines()[0])
    blank.scroll_into_view_if_needed()
    blank.locator(".cm-content").click()
    view.keyboard.press("Control+A")
    view.keyboard.insert_text(answer)
    view.keyboard.press("Shift+Enter")
    if f'check("{name}"' not in answer:
        view.keyboard.press("Shift+Enter")
    view.wait_for_selector(f"text='✓ {name}'", timeout=60_000)
