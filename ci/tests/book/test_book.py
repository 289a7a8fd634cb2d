"""`ci book`: pages that are whole and need no network."""
import re
from urllib.parse import unquote

import nbformat
import pytest
from bs4 import BeautifulSoup

from ci import chapters
from ci.book import BOOK, neighbours, promise, write


@pytest.fixture(scope="module")
def pages(the_book):
    """{file name: soup} of the whole book."""
    return {path.name: BeautifulSoup(path.read_text("utf-8"), "html.parser")
            for path in the_book.glob("*.html")}


@pytest.mark.slow
def test_a_page_each(pages):
    assert set(pages) == {"index.html"} | {
        path.stem + ".html" for path in chapters().values()}


@pytest.mark.slow
def test_nothing_comes_from_the_network(pages):
    for name, soup in pages.items():
        loaded = [tag.get("src") or tag.get("href") for tag in
                  soup.select("script[src], img, link[href], iframe, audio")]
        assert not [address for address in loaded if address
                    and re.match(r"(https?:)?//", address)], name
        styles = "".join(tag.get_text() for tag in soup.select("style"))
        assert not re.search(r"url\(['\"]?(https?:)?//", styles), name


@pytest.mark.slow
def test_links_lead_somewhere(pages):
    for name, soup in pages.items():
        for link in soup.select("a[href]"):
            href = link["href"]
            if re.match(r"https?:|mailto:", href):
                continue
            file, _, anchor = href.partition("#")
            page = pages.get(file or name)
            assert page is not None, (name, href)
            # a browser looks for it as it is, then decoded
            assert not anchor or page.find(
                id=[anchor, unquote(anchor)]), (name, href)


@pytest.mark.slow
def test_equations_are_set_offline(pages):
    script = pages["index.html"].select_one('script[src^="mathjax/"]')
    path, _, config = script["src"].partition("?config=")
    assert (BOOK / path).is_file()
    for name in config.split(","):
        assert (BOOK / "mathjax" / "config" / (name + ".js")).is_file()


@pytest.mark.slow
def test_pictures_have_the_notebooks_alt_texts(pages):
    for name, soup in pages.items():
        for picture in soup.select("main img"):
            assert len(picture["alt"].split()) > 5, name


@pytest.mark.slow
def test_sections_are_listed(pages):
    for name, soup in pages.items():
        if name != "index.html":
            assert len(soup.select("#sections a")) >= 4, name


def test_neighbours():
    there = {n: chapters()[4].with_name("0%d_x.ipynb" % n) for n in (1, 2, 4)}
    assert neighbours(2, there) == [
        ("Contents", "index.html"), ("Before: 1 Background", "01_x.html"),
        ("Next: 4 Best practice: the code", "04_x.html")]
    assert len(neighbours(1, there)) == len(neighbours(4, there)) == 2


def test_a_chapter_saved_by_colab(tmp_path):
    """Its widgets' state lacks what nbconvert looks for; the book has none."""
    slider = nbformat.v4.new_output("display_data", data={
        "application/vnd.jupyter.widget-view+json": {"model_id": "0a1b"},
        "text/plain": "what is to be seen"})
    nb = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("explore(f)", outputs=[slider])],
        metadata={"widgets": {
            "application/vnd.jupyter.widget-state+json": {
                "0a1b": {"model_module": "@jupyter-widgets/controls",
                         "model_name": "FloatSliderModel",
                         "model_module_version": "1.5.0",
                         "state": {"value": 0.0625}}}}})
    write(tmp_path / "x.html", nb, "x", [])
    text = (tmp_path / "x.html").read_text("utf-8")
    assert "what is to be seen" in text and "FloatSliderModel" not in text
    assert "unpkg.com" not in text


def test_what_is_printed_is_never_dark(tmp_path):
    """Ink on paper, whatever theme the reader's screen shows."""
    write(tmp_path / "x.html", nbformat.v4.new_notebook(), "x", [])
    soup = BeautifulSoup((tmp_path / "x.html").read_text("utf-8"),
                         "html.parser")
    styles = "".join(tag.get_text() for tag in soup.select("style"))
    styles = re.sub(r"/\*.*?\*/", "", styles, flags=re.S)
    rule = r"[^{}]*\{[^{}]*\}"
    elsewhere = re.sub(r"@media screen \{(%s)*\s*\}" % rule, "", styles)
    assert styles.count("data-theme=dark") == 2
    assert "data-theme" not in elsewhere  # so paper has the light colours
    assert "--jp-mirror-editor-comment-color: #2f6868" in elsewhere


def test_promise():
    assert promise("# T\n**中**\n\n<!-- x -->\n\nA. B\nC.\n\nD.") == "A. B\nC."
