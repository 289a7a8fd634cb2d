"""`ci book`: pages that are whole and need no network."""
import hashlib
import posixpath
import re
import shutil
import unicodedata
from urllib.parse import unquote

import browser
import nbformat
import pytest
from bs4 import BeautifulSoup
from lunr.index import Index

from ci import Stop, chapters
from ci.book import BOOK, TEMPLATE, neighbours, promise, search, switch, write
from ci.commands import book as command

# of lunr 2.3.9, as npm has it
LUNR = "0c50d9002b85780a842afffb567bb54ede402dae7c6dc5997a018614d8044fc8"
OWN = {"index.html", "search.html"}  # pages that are no chapter's


@pytest.fixture(scope="module")
def pages(the_book):
    """{path from the book's folder: soup} of the whole book."""
    return {path.relative_to(the_book).as_posix(): BeautifulSoup(
        path.read_text("utf-8"), "html.parser")
        for folder in (the_book, the_book / "zh")
        for path in folder.glob("*.html")}


def of_chapters(pages):
    return {name: soup for name, soup in pages.items()
            if posixpath.basename(name) not in OWN}


@pytest.mark.slow
def test_a_page_each_in_both_languages(pages):
    names = OWN | {path.stem + ".html" for path in chapters().values()}
    assert set(pages) == names | {"zh/" + name for name in names}
    for name, soup in pages.items():
        assert soup.html["lang"] == ("zh-CN" if name.startswith("zh/")
                                     else "en"), name


@pytest.mark.slow
def test_each_page_leads_to_itself_in_the_other_language(pages):
    for name, soup in pages.items():
        way = soup.select_one("nav a[hreflang]")
        there = posixpath.normpath(posixpath.join(
            posixpath.dirname(name), way["href"]))
        back = "en" if name.startswith("zh/") else "zh-CN"
        assert way["hreflang"] == back == pages[there].html["lang"]
        assert posixpath.basename(there) == posixpath.basename(name)


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
            page = pages.get(posixpath.normpath(posixpath.join(
                posixpath.dirname(name), file)) if file else name)
            assert page is not None, (name, href)
            # a browser looks for it as it is, then decoded
            assert not anchor or page.find(
                id=[anchor, unquote(anchor)]), (name, href)


@pytest.mark.slow
def test_equations_are_set_offline(pages):
    for page in "index.html", "zh/index.html":
        script = pages[page].select_one('script[src*="mathjax/"]')
        path, _, config = script["src"].partition("?config=")
        assert (BOOK / page).parent.joinpath(path).is_file()
    for name in config.split(","):
        assert (BOOK / "mathjax" / "config" / (name + ".js")).is_file()


@pytest.mark.slow
def test_pictures_have_the_notebooks_alt_texts(pages):
    for name, soup in pages.items():
        for picture in soup.select("main img"):
            alt = picture["alt"]
            assert len(alt) > 25 or len(alt) > 10 and name.startswith(
                "zh/"), (name, alt)


@pytest.mark.slow
def test_sections_are_listed(pages):
    for name, soup in of_chapters(pages).items():
        assert len(soup.select("#sections a")) >= 4, name


def test_neighbours():
    there = {n: chapters()[4].with_name("0%d_x.ipynb" % n) for n in (1, 2, 4)}
    assert neighbours(2, there) == [
        ("Contents", "index.html"), ("Before: 1 Background", "01_x.html"),
        ("Next: 4 Best practice: the code", "04_x.html")]
    assert len(neighbours(1, there)) == len(neighbours(4, there)) == 2
    assert neighbours(1, there, "zh")[1] == (
        "下一章：2 核心概念与联系", "02_x.html")


def test_switch():
    there = {4: chapters()[4]}
    both, one = {"en": there, "zh": there}, {"en": there, "zh": {}}
    name = there[4].stem + ".html"
    assert switch(name, "en", both) == [("中文", "zh/" + name)]
    assert switch(name, "zh", both) == [("English", "../" + name)]
    assert switch("09_x.html", "en", both) == [("中文", "zh/index.html")]
    assert switch(name, "en", one) == []


# ---- search ----


def test_tokens():
    assert search.tokens("KV-缓存 与 注意力x2, d_k: 一") == [
        "kv", "缓存", "与", "注意", "意力", "x2", "d_k", "一"]


def test_sections_and_their_index(tmp_path):
    nb = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_markdown_cell("# 3 Core\n\nBefore."),
        nbformat.v4.new_markdown_cell(
            "## 3.4 Self-attention · 自注意力机制\n\nIt\n$$x$$\nattends."),
        nbformat.v4.new_code_cell("A = softmax(S)"),
        nbformat.v4.new_markdown_cell("### 3.4.1 Heads\n\n有注意的力量。")])
    write(tmp_path / "03_x.html", nb, "x", [])
    found = search.sections(tmp_path / "03_x.html", "3 Core")
    assert [part["title"] for part in found] == [
        "3 Core", "3.4 Self-attention · 自注意力机制", "3.4.1 Heads"]
    assert all(part["href"].startswith("03_x.html#") for part in found)
    assert found[1]["text"] .startswith("It attends. A = softmax")
    index = Index.load(search.index(found))

    def asked(*tokens):
        return {int(hit["ref"]) for hit in index.search(
            " ".join("+" + token for token in tokens))}

    assert asked("注意", "意力") == {1}  # not where 力 stands apart
    assert asked("softmax") == {1} and asked("attending") == {1}  # stemmed
    assert asked("head") == {2} and asked("absent") == set()


def test_lunr_is_the_published_one():
    file = (TEMPLATE / "lunr.min.js").read_bytes()
    assert hashlib.sha256(file).hexdigest() == LUNR


@pytest.mark.slow
@pytest.mark.parametrize("folder, words, title, absent", [
    ("", "attention", "attention", "zzyzx"),
    ("", "Scaled dot-product", "product", "softmax zzyzx"),
    ("zh", "注意力", "注意力", "注意里"),
    ("zh", "softmax 溢", "", "溢出了天")])
def test_a_reader_searches(the_book, folder, words, title, absent):
    """From a chapter's page, from the disk; the first hit is opened."""
    with browser.page() as view:
        page = the_book / folder / (chapters()[3].stem + ".html")
        view.goto(page.as_uri(), wait_until="domcontentloaded")
        view.locator("input[name=q]").first.fill(words)
        view.locator("input[name=q]").first.press("Enter")
        view.wait_for_selector("#found li")
        hits = view.locator("#found li")
        assert view.locator("#status").inner_text().count(str(hits.count()))
        assert title.lower() in hits.first.inner_text().lower()
        marks = {mark.lower() for mark in
                 view.locator("#found mark").all_inner_texts()}
        assert marks <= set(words.lower().replace("-", " ").split())
        view.screenshot(path=browser.SCREENS / ("search%s-%s.png" % (
            folder, words[0])))
        view.locator("#found a").first.click(no_wait_after=True)
        view.wait_for_url("**/0*.html#*", wait_until="commit")
        view.goto((the_book / folder / "search.html").as_uri() + "?q="
                  + absent)
        assert view.locator("#found li").count() == 0
        assert view.locator("#status").inner_text()
        assert [line for line in view.said
                if "about:blank" not in line] == []  # MathJax's


# ---- one PDF ----


@pytest.mark.slow
def test_one_pdf_of_two_pages(tmp_path):
    browser.chromium()
    browser.launch_tools()
    from playwright.sync_api import sync_playwright
    from pypdf import PdfReader

    from ci.book import EDITIONS, copy_mathjax, pdf
    copy_mathjax(tmp_path / "mathjax")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=command.browser(), args=["--no-sandbox"])
        for name in "a", "b":
            write(tmp_path / (name + ".html"), nbformat.v4.new_notebook(
                cells=[nbformat.v4.new_markdown_cell(
                    "# 标题 %s\n\n## 注意力\n\n$\\frac{1}{2}$ "
                    "[other](b.html) [out](https://a.example)" % name)]),
                name, [("Contents", "a.html")])
            pdf.write(chromium, tmp_path / (name + ".html"),
                      tmp_path / (name + ".pdf"))
        chromium.close()
    pdf.join([(name, tmp_path / (name + ".pdf")) for name in "ab"],
             tmp_path / "book.pdf", EDITIONS["zh"])
    book = PdfReader(tmp_path / "book.pdf")
    assert len(book.pages) == 2
    heads = [entry.title for entry in flat(book.outline)]
    assert [re.sub("¶", "", head) for head in heads] == [
        "a", "标题 a", "注意力", "b", "标题 b", "注意力"]
    text = unicodedata.normalize("NFKC", book.pages[1].extract_text())
    assert "注意力" in text  # a font may hold 力 as its radical
    assert "Contents" not in text  # there is no way to click on paper
    links = [str(note.get_object()["/A"].get("/URI")) for page in book.pages
             for note in page.get("/Annots", [])
             if "/A" in note.get_object()]
    assert any("a.example" in link for link in links)
    assert not any("file:" in link for link in links)


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def test_no_browser_is_said_at_once(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Stop, match="apt install chromium"):
        command.browser()


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
