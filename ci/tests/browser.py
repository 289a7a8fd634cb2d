"""Debian's Chromium, driven by playwright, for the tests that look at pages.

playwright and axe-core lie in `.venv-launch`, which is made when a test first
asks for them.
"""
import ast
import builtins
import contextlib
import inspect
import os
import re
import shutil
import socket
import subprocess

import pytest

from ci import BUILD, LAUNCH_LOCK, LAUNCH_VENV, environment
from ci.quality import contract
from course import exercises

SCREENS = BUILD / "screens"
PATIENCE = 180  # seconds; other tests may be at work beside
# the page's own state, asked through `window.jupyterapp`
CELLS = """
    const panel = jupyterapp.shell.currentWidget;
    const cells = [...panel.content.model.cells].filter(
        cell => cell.type === 'code');
    const kernel = panel.sessionContext.session?.kernel?.status;
    const running = cells.filter(cell => cell.executionState === 'running');
"""
# JupyterLab opens again what was open before, in tabs behind this one
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
CELL = NOTEBOOK + " .jp-Notebook-cell"


def launch_tools():
    """Makes what `.venv-launch` holds importable."""
    environment.use(LAUNCH_VENV, LAUNCH_LOCK)


def chromium():
    """Its path; brought by apt where the user is root.

    Without it a test is skipped, with a line; in `.ci/run`, which tests
    everything there is, it fails.
    """
    if not shutil.which("chromium") and shutil.which("apt-get") and (
            os.geteuid() == 0):
        with environment.only_one():  # apt fails where another apt is at work
            # with letters for the Chinese headings, which the pictures show
            for words in (["update"], ["install", "-y", "chromium",
                                       "fonts-droid-fallback"]):
                if not shutil.which("chromium"):
                    subprocess.run(
                        ["apt-get", "-q", "-o", "Acquire::Retries=3", *words],
                        capture_output=True, stdin=subprocess.DEVNULL,
                        env={**os.environ,
                             "DEBIAN_FRONTEND": "noninteractive"})
    path = shutil.which("chromium")
    if not path:
        missing("Chromium is missing: sudo apt install chromium")
    return path


def missing(line):
    """Skips the test, or fails it where nothing may be skipped."""
    (pytest.fail if os.environ.get("COURSE_NO_SKIP") else pytest.skip)(line)


@contextlib.contextmanager
def page(width=1400, height=1000, **options):
    """A page of a fresh browser; `page.said` lists its console's errors."""
    path = chromium()
    launch_tools()
    from playwright.sync_api import sync_playwright
    SCREENS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--allow-file-access-from-files"])
        try:
            view = browser.new_page(
                viewport={"width": width, "height": height}, **options)
            view.set_default_timeout(1000 * PATIENCE)
            view.said = []
            view.on("console", lambda line: line.type == "error"
                    and view.said.append(
                        line.text + " " + line.location["url"]))
            view.on("pageerror", lambda error: view.said.append(str(error)))
            yield view
        finally:
            browser.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def menu(view, name, item):
    view.locator(".lm-MenuBar-itemLabel", has_text=name).first.click()
    view.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()


def wait(view, condition, seconds=PATIENCE):
    """Until a condition in JavaScript holds; it may use what CELLS names."""
    view.wait_for_function("() => {%s return %s; }" % (CELLS, condition),
                           timeout=1000 * seconds, polling=250)


def easy(nb):
    """(position of the blank, of its check, id, answer): what to type.

    The chapter's exercise that the fewest plain lines solve.
    """
    found = []
    for i, cell in contract.tagged(nb, "exercise"):
        j, id = next((j, match[1]) for j, other in contract.code_cells(nb)
                     if j >= i and (match := re.search(
                         r'^check\("([\w.]+)"', other.source, re.M)))
        right = ast.parse(inspect.getsource(
            exercises.exercise(id)["solution"])).body[0]
        read, written = (
            {node.id for node in ast.walk(right)
             if isinstance(node, ast.Name) and isinstance(node.ctx, kind)}
            for kind in (ast.Load, ast.Store))
        arguments = [argument.arg for argument in right.args.args]
        blank = contract.tree(cell).body[0]
        answer = "\n".join(ast.unparse(line) for line in right.body)
        if (arguments == [argument.arg for argument in blank.args.args]
                and answer.count("\n") == len(right.body) - 1
                and read <= {*arguments, *written, "np", *dir(builtins)}):
            found.append((i, j, id, answer))
    return min(found, key=lambda way: way[3].count("\n"))
