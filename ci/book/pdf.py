"""`ci book --pdf`: each edition of the book in one file, by Chromium.

playwright and pypdf lie in `.venv-launch`. A chapter is printed when all its
equations are set, with a bookmark for each heading; what is printed of an
edition is then put together.
"""
import os
import tempfile
from pathlib import Path

from ci import (LAUNCH_LOCK, LAUNCH_VENV, NOTEBOOKS, ROOT, chapters,
                environment)
from ci.book import EDITIONS, name_of, page

READY = ("window.MathJax && MathJax.isReady &&"
         " MathJax.Hub.queue.pending === 0 &&"
         " MathJax.Hub.queue.queue.length === 0")
# a path of this machine would stand in the file
UNLINK = """() => document.querySelectorAll("a[href]").forEach(link => {
    if (!/^(https?:|mailto:|#)/.test(link.getAttribute("href")))
        link.removeAttribute("href");
})"""
FOOT = ('<div style="width: 100%; text-align: center; font-size: 8px;">'
        '<span class="title"></span> &nbsp; <span class="pageNumber"></span>'
        ' / <span class="totalPages"></span></div>')
MINUTES = 15  # that a chapter's equations may take


def main(folder, path):
    """Prints the book that lies in `folder`, an edition to a file.

    path: of the browser.
    """
    environment.use(LAUNCH_VENV, LAUNCH_LOCK)
    from playwright.sync_api import sync_playwright
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as parts:
        chromium = driver.chromium.launch(executable_path=path, args=(
            ["--no-sandbox"] if getattr(os, "geteuid", int)() == 0 else []))
        for language, words in EDITIONS.items():
            there = chapters(NOTEBOOKS / words["folder"])
            files = [(words["contents"], folder / words["folder"]
                      / "index.html")]
            files += [(name_of(number, language),
                       folder / words["folder"] / page(there[number]))
                      for number in there]
            printed = []
            for title, file in files if there else ():
                part = Path(parts) / (language + file.stem + ".pdf")
                write(chromium, file, part)
                printed.append((title, part))
                print("  " + title, flush=True)
            if printed:
                whole = folder / ("large-models-measured%s.pdf" % (
                    "-" + language if words["folder"] else ""))
                join(printed, whole, words)
                print("The PDF: " + whole.relative_to(ROOT).as_posix())
        chromium.close()


def write(chromium, file, path):
    """One page of the book on A4, when its equations are set."""
    # as wide as the paper within its margins: equations break for it
    view = chromium.new_page(viewport={"width": 680, "height": 1000})
    view.emulate_media(media="print", color_scheme="light")
    view.goto(file.as_uri())
    view.wait_for_function(READY, timeout=60_000 * MINUTES, polling=500)
    view.evaluate(UNLINK)
    view.pdf(path=path, format="A4", tagged=True, outline=True,
             print_background=True, display_header_footer=True,
             header_template="<span></span>", footer_template=FOOT,
             margin={"top": "15mm", "bottom": "18mm", "left": "15mm",
                     "right": "15mm"})
    view.close()


def join(printed, path, words):
    """[(title, file)] in one file; each title is a bookmark."""
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, TextStringObject
    book = PdfWriter()
    for title, part in printed:
        book.append(part, outline_item=title, import_outline=True)
    book.add_metadata({"/Title": words["title"]})
    book.root_object[NameObject("/Lang")] = TextStringObject(words["code"])
    book.compress_identical_objects()
    unfinished = path.with_suffix(".part")
    book.write(unfinished)
    os.replace(unfinished, path)
