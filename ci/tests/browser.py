"""Debian's Chromium, driven by playwright, for the tests that look at pages."""
import contextlib
import os
import shutil
import subprocess

import pytest
from playwright.sync_api import sync_playwright

from ci import BUILD

SCREENS = BUILD / "screens"


def chromium():
    """Its path; brought by apt for root, else the test is skipped.

    Where everything must be tested (CI is set), lacking it is a failure.
    """
    if not shutil.which("chromium") and shutil.which("apt-get") and (
            os.geteuid() == 0):
        for command in (["update", "-q"], ["install", "-y", "-q", "chromium"]):
            subprocess.run(["apt-get", *command], capture_output=True,
                           env={**os.environ,
                                "DEBIAN_FRONTEND": "noninteractive"})
    path = shutil.which("chromium")
    if not path:
        tell = pytest.fail if os.environ.get("CI") else pytest.skip
        tell("Chromium is missing: sudo apt install chromium")
    return path


@contextlib.contextmanager
def page(width=1400, height=1000, **options):
    """A page of a fresh browser; `page.said` lists its console's errors."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--allow-file-access-from-files"])
        try:
            view = browser.new_page(
                viewport={"width": width, "height": height}, **options)
            view.said = []
            view.on("console", lambda line: line.type == "error"
                    and view.said.append(
                        line.text + " " + line.location["url"]))
            view.on("pageerror", lambda error: view.said.append(str(error)))
            yield view
        finally:
            browser.close()
