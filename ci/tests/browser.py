"""Debian's Chromium, driven by playwright, for the tests that look at pages.

playwright and axe-core lie in `.venv-launch`, which is made when a test first
asks for them.
"""
import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig

import pytest

from ci import BUILD, LAUNCH_LOCK, LAUNCH_VENV, environment

SCREENS = BUILD / "screens"
PATIENCE = 180  # seconds; other tests may be at work beside


def launch_tools():
    """Makes what `.venv-launch` holds importable, behind our own packages."""
    environment.ensure(LAUNCH_VENV, LAUNCH_LOCK)
    folder = sysconfig.get_path("purelib", vars={
        "base": str(LAUNCH_VENV), "platbase": str(LAUNCH_VENV)})
    if folder not in sys.path:
        sys.path.append(folder)


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
