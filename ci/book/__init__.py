"""The chapters as one static site in build/book, in both languages.

nbconvert makes the pages; nothing in them is loaded from the network: the
equations are set by the MathJax that jupyter-server-mathjax ships, and the
search asks an index that was made with the pages.
"""
import importlib.util
import os
import re
import shutil
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

from ci import BUILD, CHAPTERS, LANGUAGE, NOTEBOOKS, ROOT, Stop, chapters
from ci.book import search
from ci.commands.publish import published

BOOK = BUILD / "book"
TEMPLATE = Path(__file__).parent / "template"
TITLE = "Large Models, Measured · 大模型实测八讲"
# an edition: its folder, its language's code, the words around its chapters
EDITIONS = {
    "en": {"folder": "", "code": "en", "readme": "README.md",
           "title": TITLE, "contents": "Contents", "before": "Before: ",
           "next": "Next: ", "skip": "To the text", "chapters": "Chapters",
           "sections": "Sections of this chapter",
           "around": "Before and after", "theme": "light / dark",
           "search": "Search", "seek": "Search the book",
           "none": "Nothing found. Try fewer or other words.",
           "found": "{} sections",
           "no_script": "The search needs JavaScript."},
    LANGUAGE: {"folder": LANGUAGE, "code": "zh-CN", "readme": "README.zh.md",
               "title": "大模型实测八讲 · Large Models, Measured",
               "contents": "目录", "before": "上一章：", "next": "下一章：",
               "skip": "跳到正文", "chapters": "各章",
               "sections": "本章各节", "around": "上一章和下一章",
               "theme": "浅色 / 深色", "search": "查找",
               "seek": "在书中查找",
               "none": "没有找到。换几个词，或者少写几个词。",
               "found": "找到 {} 节", "no_script": "查找需要 JavaScript。"},
}
NAMES = {"en": "English", LANGUAGE: "中文"}


def main():
    editions = {"en": chapters(), LANGUAGE: chapters(NOTEBOOKS / LANGUAGE)}
    if not editions["en"]:
        raise Stop("There is no chapter in notebooks/ yet.")
    fresh = BUILD / "book.part"
    shutil.rmtree(fresh, ignore_errors=True)
    for language, there in editions.items():
        if there:
            make(fresh / EDITIONS[language]["folder"], language, editions)
    copy_mathjax(fresh / "mathjax")
    for name in "lunr.min.js", "search.js":
        shutil.copyfile(TEMPLATE / name, fresh / name)
    shutil.rmtree(BOOK, ignore_errors=True)
    os.replace(fresh, BOOK)
    print("The book: " + (BOOK / "index.html").relative_to(ROOT).as_posix())
    return 0


def make(folder, language, editions):
    """The pages of one edition, and the index of what stands in them."""
    folder.mkdir(parents=True, exist_ok=True)
    words, there = EDITIONS[language], editions[language]
    notebooks = {number: nbformat.read(path, as_version=4)
                 for number, path in there.items()}
    found = []

    def put(name, nb, title, links, **more):
        write(folder / name, nb, title, links + switch(
            name, language, editions), language, **more)

    put("index.html", contents(notebooks, there, language), words["title"],
        [])
    put("search.html", nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# " + words["seek"])]),
        words["seek"], [(words["contents"], "index.html")], asks=True)
    for number, path in there.items():
        title = name_of(number, language)
        put(page(path), notebooks[number], title,
            neighbours(number, there, language))
        found += search.sections(folder / page(path), title)
        print("  " + title, flush=True)
    search.write(folder / "search-index.js", found)


def page(path):
    return path.stem + ".html"


def name_of(number, language):
    return "%d %s" % (number, CHAPTERS[number][language == LANGUAGE])


def neighbours(number, there, language="en"):
    """(name, page) of the contents and of the chapters before and after."""
    words = EDITIONS[language]
    links = [(words["contents"], "index.html")]
    order = list(there)
    k = order.index(number)
    for word, other in (("before", order[:k][-1:]), ("next", order[k + 1:])):
        links += [(words[word] + name_of(n, language), page(there[n]))
                  for n in other[:1]]
    return links


def switch(name, language, editions):
    """(name, page) of the same page in the other language, if it is there."""
    other = LANGUAGE if language == "en" else "en"
    pages = {"index.html", "search.html", *map(page, editions[other].values())}
    if not editions[other]:
        return []
    up = "../" * bool(EDITIONS[language]["folder"])
    down = EDITIONS[other]["folder"]
    return [(NAMES[other], up + (down and down + "/") + (
        name if name in pages else "index.html"))]


def contents(notebooks, there, language="en"):
    """The first page, as a notebook: each chapter's question and promise."""
    words = EDITIONS[language]
    lines = ["# " + words["title"],
             promise((ROOT / words["readme"]).read_text("utf-8"))]
    for number, nb in notebooks.items():
        title = nb.cells[0].source.splitlines()[0].lstrip("# ")
        names = CHAPTERS[number][:2]
        lines.append("## [%s](%s)\n*%s*\n\n%s" % (
            title, page(there[number]),
            names[1] if language == LANGUAGE else " · ".join(names),
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
    return re.sub(r"(\]\(<?(?:\.\./)?(?:zh/)?\w+)\.ipynb", r"\1.html",
                  markdown)


def write(path, nb, title, links, language="en", asks=False):
    """One page; `links` are the ways to others, `asks`: it is the search."""
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
    words = EDITIONS[language]
    exporter = HTMLExporter(
        template_name="template",
        extra_template_basedirs=[str(ROOT / "ci" / "book")])
    html, _ = exporter.from_notebook_node(nb, {"book": {
        "links": links, "dark": dark(), "words": words, "asks": asks,
        "is_chapter": path.stem not in ("index", "search"),
        "up": "../" * bool(words["folder"]),
        "codes": {NAMES[name]: edition["code"]
                  for name, edition in EDITIONS.items()}}})
    path.write_text(polish(html, words["code"]), encoding="utf-8",
                    newline="\n")


def dark():
    """JupyterLab's dark colours, for pages that are set to dark."""
    from jinja2 import Environment, FileSystemLoader
    folders = HTMLExporter(template_name="lab").template_paths
    loader = FileSystemLoader(folders)
    css = loader.get_source(Environment(), "static/theme-dark.css")[0]
    return css.replace(":root", "html[data-theme=dark]")


def polish(html, language):
    """What nbconvert leaves open: language, sections, links, headers."""
    soup = BeautifulSoup(html, "html.parser")
    soup.html["lang"] = language  # nbconvert knows no zh-CN
    sections = soup.select_one("#sections")
    for head in soup.select("main h2[id]") if sections else ():
        link = soup.new_tag("a", href="#" + head["id"])
        link.string = head.get_text().rstrip("¶").split(" · ")[0]
        sections.append(link)
    home = published()
    for link in soup.select('main a[href^="../"]'):
        if link["href"].partition("#")[0].endswith(".html"):
            continue  # a page of the other edition
        if home:
            link["href"] = "https://github.com/%s/blob/main/%s" % (
                home, re.sub(r"^(\.\./)+", "", link["href"]))
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
