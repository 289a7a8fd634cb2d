"""The chapters as one static site in build/book.

nbconvert makes the pages; nothing in them is loaded from the network: the
equations are set by the MathJax that jupyter-server-mathjax ships.
"""
import importlib.util
import os
import re
import shutil
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

from ci import BUILD, CHAPTERS, ROOT, Stop, chapters
from ci.commands.publish import published

BOOK = BUILD / "book"
TITLE = "Large Models, Measured · 大模型实测八讲"


def main():
    there = chapters()
    if not there:
        raise Stop("There is no chapter in notebooks/ yet.")
    fresh = BUILD / "book.part"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    notebooks = {number: nbformat.read(path, as_version=4)
                 for number, path in there.items()}
    write(fresh / "index.html", contents(notebooks, there), TITLE, [])
    for number, path in there.items():
        title = "%d %s" % (number, CHAPTERS[number][0])
        write(fresh / page(path), notebooks[number], title,
              neighbours(number, there))
        print("  " + title, flush=True)
    copy_mathjax(fresh / "mathjax")
    shutil.rmtree(BOOK, ignore_errors=True)
    os.replace(fresh, BOOK)
    print("The book: " + (BOOK / "index.html").relative_to(ROOT).as_posix())
    return 0


def page(path):
    return path.stem + ".html"


def neighbours(number, there):
    """(name, page) of the contents and of the chapters before and after."""
    links = [("Contents", "index.html")]
    order = list(there)
    k = order.index(number)
    for word, other in (("Before", order[:k][-1:]), ("Next", order[k + 1:])):
        links += [("%s: %d %s" % (word, n, CHAPTERS[n][0]), page(there[n]))
                  for n in other[:1]]
    return links


def contents(notebooks, there):
    """The first page, as a notebook: each chapter's question and promise."""
    lines = ["# " + TITLE, promise((ROOT / "README.md").read_text("utf-8"))]
    for number, nb in notebooks.items():
        title = nb.cells[0].source.splitlines()[0].lstrip("# ")
        lines.append("## [%s](%s)\n*%s · %s*\n\n%s" % (
            title, page(there[number]), *CHAPTERS[number][:2],
            promise(nb.cells[0].source)))
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("\n\n".join(lines))])


def promise(text):
    """The first paragraph of prose behind a title."""
    for block in re.split(r"\n\s*\n", text):
        if re.match(r"\w", block):
            return block
    raise Stop("A title has no sentence behind it: " + text[:60])


def to_pages(markdown):
    """Links to chapters lead to their pages."""
    return re.sub(r"(\]\(<?\w+)\.ipynb", r"\1.html", markdown)


def write(path, nb, title, links):
    """One page; `links` are the ways to others."""
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = to_pages(cell.source)
        for out in cell.get("outputs", []):
            if "text/markdown" in out.get("data", {}):
                out.data["text/markdown"] = to_pages(
                    out.data["text/markdown"])
    # a page has no knobs; and what Colab keeps of them nbconvert can't read
    nb.metadata.pop("widgets", None)
    nb.metadata["title"] = title
    exporter = HTMLExporter(
        template_name="template",
        extra_template_basedirs=[str(ROOT / "ci" / "book")])
    html, _ = exporter.from_notebook_node(
        nb, {"book": {"links": links, "dark": dark()}})
    path.write_text(polish(html), encoding="utf-8", newline="\n")


def dark():
    """JupyterLab's dark colours, for pages that are set to dark."""
    from jinja2 import Environment, FileSystemLoader
    folders = HTMLExporter(template_name="lab").template_paths
    loader = FileSystemLoader(folders)
    css = loader.get_source(Environment(), "static/theme-dark.css")[0]
    return css.replace(":root", "html[data-theme=dark]")


def polish(html):
    """What nbconvert leaves open: sections, links, headers of tables."""
    soup = BeautifulSoup(html, "html.parser")
    sections = soup.select_one("#sections")
    for head in soup.select("main h2[id]") if sections else ():
        link = soup.new_tag("a", href="#" + head["id"])
        link.string = head.get_text().rstrip("¶").split(" · ")[0]
        sections.append(link)
    home = published()
    for link in soup.select('a[href^="../"]'):
        if home:
            link["href"] = "https://github.com/%s/blob/main/%s" % (
                home, link["href"].removeprefix("../"))
        else:  # there is nowhere to go yet
            link.unwrap()
    for head in soup.select("th:not([scope])"):
        head["scope"] = "col"
    for block in soup.select("pre"):  # scrolls; must be reached by keyboard
        block["tabindex"] = "0"
    return str(soup)


def copy_mathjax(folder):
    spec = importlib.util.find_spec("jupyter_server_mathjax")
    source = Path(spec.origin).parent / "static"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(
        "a11y", "*.ico"))
