"""Chapters in JupyterLab, as a reader meets them, in headless Chromium.

A reader opens a chapter, runs it, restarts the kernel in the middle, runs it
again, turns a knob and types an answer. Two short chapters here;
`python3 ci prove` does it with all of them. What was seen lies in
build/screens/.
"""
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import browser
import nbformat
import pytest
from helpers import clone

from ci import LANGUAGE, NOTEBOOKS, chapters
from ci.notebook import WIDGET
from ci.quality import contract

pytestmark = pytest.mark.slow
CHOSEN = [number for number in chapters()
          if os.environ.get("COURSE_PROVE") or number in (1, 7)]
TOKEN = "reader"
RUN_ALL = 900  # seconds, on a busy machine
# errors in the console that JupyterLab itself causes: cells that waited
# when the kernel was restarted
THEIRS = ("Canceled future for execute_request message before replies",)
SHUT_DOWN = ("() => jupyterapp.shell.currentWidget.sessionContext"
             ".shutdown()")
PICTURES = browser.NOTEBOOK + " .jp-OutputArea-output img"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """(address, folder) of `ci lab` on a copy: JupyterLab saves what it runs.
    """
    folder = clone(tmp_path_factory.mktemp("lab") / "collection")
    config = folder / "build" / "home" / "jupyter"
    settings = {
        # every cell is in the page, not only what is in view
        "lab/user-settings/@jupyterlab/notebook-extension/"
        "tracker.jupyterlab-settings": {"windowingMode": "none"},
        # and the page can be asked what runs
        "jupyter_lab_config.json": {"LabApp": {"expose_app_in_browser": True}},
    }
    for name, value in settings.items():
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        (config / name).write_text(json.dumps(value))
    port = browser.free_port()
    server = subprocess.Popen(
        [sys.executable, "ci", "lab", "--no-browser", "--port", str(port),
         "--language", LANGUAGE],  # what the address without a path opens
        cwd=folder, env=os.environ | {"JUPYTER_TOKEN": TOKEN},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(2 * browser.PATIENCE):
            assert server.poll() is None, "JupyterLab did not start"
            try:
                urllib.request.urlopen(f"{address}/api?token={TOKEN}").close()
                break
            except urllib.error.URLError:
                time.sleep(0.5)
        yield address, folder
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def ready(view, path):
    """Until the notebook is in front, its figures and its kernel are there."""
    view.wait_for_function("name => window.jupyterapp?.shell.currentWidget"
                           "?.title.label === name", arg=path.name)
    view.wait_for_selector(PICTURES)
    browser.wait(view, "kernel === 'idle'")


def run_all(view):
    browser.menu(view, "Run", "Run All Cells")
    browser.wait(view, "running.length > cells.length / 2")


def wait_for_the_end(view):
    browser.wait(view, "kernel === 'idle' && running.length === 0", RUN_ALL)


def spreads(view):
    """For each picture of the page, how far its grey values spread."""
    return view.evaluate("""async (pictures) => {
        const spread = [];
        for (const image of document.querySelectorAll(pictures)) {
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
    }""", PICTURES)


def same_pictures(view, expected):
    """Every figure is drawn, and none is blank."""
    view.wait_for_function(
        "([pictures, n]) => document.querySelectorAll(pictures).length >= n",
        arg=[PICTURES, expected])
    seen = spreads(view)
    assert len(seen) == expected
    assert min(seen) > 50, seen
    assert not view.locator(browser.NOTEBOOK).get_by_text(
        "Error displaying widget").count()


@pytest.mark.parametrize("number", CHOSEN)
def test_a_reader_in_jupyterlab(lab, number):
    address, folder = lab
    path = chapters()[number]
    nb = nbformat.read(path, as_version=4)
    expected = sum(contract.PNG in out.get("data", {})
                   for _, out in contract.outputs(nb))
    screen = browser.SCREENS / f"lab-{number}"
    with browser.page() as view:
        # as committed: nothing to install, to trust or to confirm
        view.goto(f"{address}/lab/tree/notebooks/{path.name}?token={TOKEN}")
        ready(view, path)
        view.wait_for_selector(".jp-tocItem")
        same_pictures(view, expected)
        view.screenshot(path=f"{screen}-opened.png")
        assert not view.locator(".jp-Dialog").count()
        # a restart in the middle, then all of it
        run_all(view)
        browser.wait(view, "cells[4].executionState === 'idle'")
        browser.menu(view, "Kernel", "Restart Kernel…")
        view.click(".jp-Dialog button.jp-mod-accept")
        view.wait_for_selector(".jp-Dialog", state="detached")
        browser.wait(view, "kernel === 'idle'")
        run_all(view)
        wait_for_the_end(view)
        same_pictures(view, expected)
        counts, kinds = view.evaluate("""() => {%s return [
            cells.map(cell => cell.executionCount),
            cells.flatMap(cell => cell.outputs.toJSON().map(
                out => out.name || out.output_type))]; }""" % browser.CELLS)
        assert counts == list(range(1, len(counts) + 1))
        assert not {"error", "stderr"} & set(kinds)
        turn_a_knob(view)
        view.screenshot(path=f"{screen}-knob.png")
        solve(view, nb, folder)
        view.screenshot(path=f"{screen}-solved.png")
        unfold_a_solution(view, nb)
        # saved, and opened again another day, without the kernel
        browser.menu(view, "File", "Save Notebook")
        browser.wait(view, "!panel.context.model.dirty")
        saved = nbformat.read(folder / "notebooks" / path.name, as_version=4)
        assert not [out for _, out in contract.outputs(saved)
                    if WIDGET in out.get("data", {})]
        view.evaluate(SHUT_DOWN)
        view.reload()
        ready(view, path)
        same_pictures(view, expected)
        assert [line for line in view.said
                if not any(part in line for part in THEIRS)] == []
        view.evaluate(SHUT_DOWN)


def test_a_reader_of_the_chinese_edition(lab):
    """From the list that `ci lab --language zh` opens, to a solved one."""
    address, folder = lab
    path = chapters(NOTEBOOKS / LANGUAGE)[3]
    nb = nbformat.read(path, as_version=4)
    check = browser.easy(nb)[1]
    with browser.page() as view:
        view.goto(f"{address}/?token={TOKEN}")
        view.wait_for_url(f"**/lab/**/tree/notebooks/{LANGUAGE}*")
        view.locator(".jp-DirListing-item", has_text=path.name).dblclick()
        ready(view, path)
        cells = view.locator(browser.CELL)
        cells.nth(0).click()
        for _ in range(4):  # the title, the set-up, SEED, the imports
            view.keyboard.press("Shift+Enter")
        wait_for_the_end(view)
        browser.wait(view, "cells[2].executionCount === 3")
        solve(view, nb, folder)
        cells.nth(check).get_by_text("正确").wait_for()
        view.screenshot(path=browser.SCREENS / "lab-zh-solved.png")
        assert [line for line in view.said
                if not any(part in line for part in THEIRS)] == []
        view.evaluate(SHUT_DOWN)


def turn_a_knob(view):
    """One step of the first slider to the right: another picture."""
    box = view.locator(browser.NOTEBOOK + " .widget-vbox",
                       has=view.locator(".noUi-handle")).first
    knob = box.locator(".noUi-handle").first
    picture = box.locator("img").first
    before = picture.get_attribute("src")
    knob.scroll_into_view_if_needed()
    knob.focus()
    view.keyboard.press("ArrowRight")
    view.wait_for_function(
        "([image, before]) => image.src !== before && image.complete",
        arg=[picture.element_handle(), before])
    assert min(spreads(view)) > 50


def solve(view, nb, folder):
    """Types an answer over the blank, runs it, and reads the tick."""
    blank, check, id, answer = browser.easy(nb)
    cells = view.locator(browser.CELL)
    cells.nth(blank).scroll_into_view_if_needed()  # else it draws no lines
    cells.nth(blank).locator(".cm-line", has_text="...").first.click()
    view.keyboard.press("Home")
    view.keyboard.press("Shift+End")
    view.keyboard.type(answer)
    for _ in range(blank, check + 1):
        view.keyboard.press("Shift+Enter")
    cells.nth(check).locator(".jp-OutputArea", has_text=f"✓ {id}").wait_for()
    # `ci lab` remembers it, for `progress()` in all chapters
    solved = json.loads((folder / "build" / "progress.json").read_text())
    assert solved[id] == "solved"


def unfold_a_solution(view, nb):
    """Asks for it below the check; folds it away again."""
    _, check, id, _ = browser.easy(nb)
    cell = view.locator(browser.CELL).nth(check)
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-line", has_text=f'check("{id}"').click()
    view.keyboard.press("End")
    view.keyboard.press("Enter")
    view.keyboard.type(f'solution("{id}")')
    view.keyboard.press("Shift+Enter")
    shown = cell.locator(".jp-OutputArea-output", has_text="def ")
    shown.wait_for()
    cell.locator(".jp-OutputCollapser").click()
    shown.wait_for(state="hidden")


def test_what_to_type():
    """Each chapter has an exercise that a reader could solve so."""
    for path in chapters().values():
        nb = nbformat.read(path, as_version=4)
        blank, check, id, answer = browser.easy(nb)
        assert "..." in nb.cells[blank].source
        assert f'check("{id}"' in nb.cells[check].source
        assert answer.splitlines()[-1].startswith("return ")
