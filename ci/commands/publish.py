"""`python3 ci publish OWNER/NAME`: the addresses of a published collection.

Every badge and every clone address comes from here. Uses the standard
library alone: a workflow calls it before anything is installed.
"""
import json
import os
import re

from ci import LANGUAGE, NOTEBOOKS, ROOT, Stop, chapters

HELP = ("write the address of a published copy into badges and set-up "
        "cells")
INSTALLS = False  # it works without .venv

BRANCH = "main"
BADGES = re.compile(r"<!-- badges -->.*?<!-- /badges -->", re.S)
# what the setup cells clone where a notebook came alone
HOME = re.compile(r'(HOME = \\?"https://github\.com/)([\w./-]+)')
# no account can be called so: nobody's collection is fetched by mistake
UNPUBLISHED = "-/large-models-measured"
# an address of a copy of this collection, of whichever owner
ADDRESS = re.compile(
    r"(?:mybinder\.org/v2/gh|colab\.research\.google\.com/github)/"
    r"([\w-]+/[\w.-]+)")


def arguments(parser):
    parser.add_argument("repository", metavar="OWNER/NAME")


def main(arguments):
    home = parse(arguments.repository)
    changed = []
    for path, text in rewritten(home):
        if text != path.read_text(encoding="utf-8"):
            part = path.with_name(path.name + ".part")
            part.write_text(text, encoding="utf-8", newline="\n")
            os.replace(part, path)
            changed.append(path.relative_to(ROOT).as_posix())
    left = strangers(home)
    if left:
        raise Stop("Another address is left: " + "; ".join(left))
    print("Published as %s: %s." % (home, "changed " + ", ".join(
        changed) if changed else "nothing to change"))
    return 0


def parse(word):
    """"OWNER/NAME" as GitHub allows it; Stop if it is none."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[\w.-]{1,100}", word):
        raise Stop("Say where it is published as OWNER/NAME, like "
                   "ada/large-models-measured, not %s." % word)
    return word


def published():
    """"OWNER/NAME" as the setup cells have it, None if unpublished."""
    for path in chapters(NOTEBOOKS).values():
        found = HOME.search(path.read_text(encoding="utf-8"))
        if found and found[2] != UNPUBLISHED:
            return found[2]
    return None


def rewritten(home):
    """(path, new text) of each file that holds an address."""
    for readme, edition in readmes():
        first = next(iter(chapters(edition).values()), NOTEBOOKS / "none")
        yield readme, fill(readme.read_text(encoding="utf-8"),
                           badges(home, first), readme.name)
    for path in every_chapter():
        nb = json.loads(path.read_text(encoding="utf-8"))
        for cell in nb["cells"]:
            text = "".join(cell["source"])
            if cell is nb["cells"][0]:
                text = fill(text, badges(home, path), path.name)
            elif "setup" in cell["metadata"].get("tags", []):
                text = HOME.sub(r"\g<1>" + home, text)
            cell["source"] = text.splitlines(keepends=True)
        # as nbformat writes it, so that nothing else changes
        yield path, json.dumps(nb, ensure_ascii=False, indent=1,
                               sort_keys=True, separators=(",", ": ")) + "\n"


def readmes():
    """[(README, folder of its chapters)] of each edition."""
    top = NOTEBOOKS.parent
    both = ((top / "README.md", NOTEBOOKS),
            (top / ("README.%s.md" % LANGUAGE), NOTEBOOKS / LANGUAGE))
    return [(path, folder) for path, folder in both if path.exists()]


def every_chapter():
    """Paths of the chapters of each edition."""
    return [*chapters(NOTEBOOKS).values(),
            *chapters(NOTEBOOKS / LANGUAGE).values()]


def fill(text, line, where):
    """The text with the badges in their place."""
    if not BADGES.search(text):
        raise Stop("%s lacks <!-- badges --><!-- /badges -->." % where)
    return BADGES.sub(
        lambda _: "<!-- badges -->%s<!-- /badges -->" % line, text, count=1)


def badges(home, path):
    """Markdown: the chapter on Binder (in JupyterLab) and on Colab."""
    return (
        "[![Open on Binder](https://mybinder.org/badge_logo.svg)]"
        "(https://mybinder.org/v2/gh/{h}/{b}?urlpath=lab/tree/{f}) "
        "[![Open on Colab]"
        "(https://colab.research.google.com/assets/colab-badge.svg)]"
        "(https://colab.research.google.com/github/{h}/blob/{b}/{f})"
    ).format(h=home, b=BRANCH, f=path.relative_to(NOTEBOOKS.parent).as_posix())


def strangers(home):
    """Addresses of another copy, as "file: address"."""
    found = []
    for path in [*(path for path, _ in readmes()), *every_chapter()]:
        text = path.read_text(encoding="utf-8")
        addresses = [(m[0], m[1]) for m in ADDRESS.finditer(text)]
        addresses += [(m[0], m[2]) for m in HOME.finditer(text)]
        found += ["%s: %s" % (path.name, address)
                  for address, other in addresses if other != home]
    return found
