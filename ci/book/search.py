"""The book's search: an index made with the pages, asked in the browser.

lunr.py writes what lunr.js (template/lunr.min.js, MIT) reads. Words of
letters and digits are stemmed as English; of Chinese, which has no blanks,
each two neighbouring characters are a word. template/search.js cuts the
reader's question in the same way.
"""
import json
import re

from bs4 import BeautifulSoup
from lunr.builder import Builder
from lunr.stemmer import stemmer

HEADS = ("h1", "h2", "h3")
CJK = r"\u3400-\u9fff"
MOST = 4000  # characters that are kept of a section, to show where it says so


def tokens(text):
    """"KV 注意力" -> ["kv", "注意", "意力"]."""
    found = []
    for word in re.findall(r"[%s]+|[^\W%s]+" % (CJK, CJK), text.lower()):
        if re.match("[%s]" % CJK, word):
            found += [word[i:i + 2] for i in range(max(1, len(word) - 1))]
        else:
            found.append(word)
    return found


def sections(path, chapter):
    """[{href, title, chapter, text}] of a page: from a heading to the next.

    Text and code, without what the code printed.
    """
    soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    found = []
    for part in soup.select(".jp-RenderedMarkdown > *, .jp-InputArea pre"):
        if part.name in HEADS and part.get("id"):
            found.append({"href": path.name + "#" + part["id"],
                          "title": part.get_text().rstrip("¶").strip(),
                          "chapter": chapter, "text": ""})
        elif found:
            text = part.get_text("" if part.name == "pre" else " ")
            found[-1]["text"] += text + "\n"
    for section in found:  # an equation that is cut can't be shown
        section["text"] = " ".join(re.sub(
            r"\$\$.*?\$\$", " ", section["text"], flags=re.S).split())
    return found


def index(found):
    """Of sections, as lunr.js reads it; a section's name is its place."""
    builder = Builder()
    builder.pipeline.add(stemmer)
    builder.search_pipeline.add(stemmer)
    builder.ref("place")
    builder.field("title", boost=5)
    builder.field("text")
    for place, section in enumerate(found):
        builder.add({"place": place, "title": tokens(section["title"]),
                     "text": tokens(section["text"])})
    return builder.build().serialize()


def write(path, found):
    """A script, since a page from a disk may not fetch a file."""
    data = {"index": index(found), "sections": [
        {**section, "text": section["text"][:MOST]} for section in found]}
    path.write_text("window.book = %s;\n" % json.dumps(
        data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
