"""Ask the book: which sections of the eight chapters answer? (8.16)

`ask(question)` ranks passages of the chapters' text by word overlap (BM25),
by the similarity of vectors (all-MiniLM-L6-v2), or by both, and shows the
best sections as links. A section stands where its best passage stands.
"""
import functools
import hashlib
import json
import re
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import (
    ENGLISH_STOP_WORDS, CountVectorizer)

from .. import files
from ..display import table
from ..messages import CourseError, columns, message

INDEX = "book_index.npz"
WORDS = 110  # of a passage, about; the encoder reads 256 word pieces
CLOSING = ("What the document says", "Open questions", "Papers",
           "What was measured", "The ledger")


class Passage(NamedTuple):
    """A piece of a section: `text` is what is read, heading in front."""
    file: str
    section: str  # 3.4, 5.1.2; 3 before the chapter's first section
    heading: str  # the nearest, as it stands in the page
    text: str

    @property
    def key(self):
        """A sum of the text, under which the index keeps its vector."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def passages(folder=files.ROOT / "notebooks"):
    """The chapters' prose -> [Passage], in reading order.

    Without code, comments, badges, and without the closing tables and lists.
    """
    found = []
    for path in sorted(folder.glob("0[1-8]_*.ipynb")):
        section = title = ""
        cells = json.loads(path.read_text("utf-8"))["cells"]
        prose = "\n\n".join("".join(cell["source"]) for cell in cells
                            if cell["cell_type"] == "markdown")
        for part in re.split(r"^(?=#+ )", prose, flags=re.M)[1:]:
            line, _, body = part.partition("\n")
            level, heading = re.match(r"(#+) (.*)", line).groups()
            if number := re.match(r"\d[\d.]*", heading):
                section = number[0]
            if len(level) < 3:
                title = heading
            if not title.startswith(CLOSING):
                above = ": ".join(dict.fromkeys((plain(title),
                                                 plain(heading))))
                found += [Passage(path.name, section, heading,
                                  above + ". " + text)
                          for text in pieces(plain(body))]
    return found


def plain(text):
    """Markdown -> the words a person reads, in one line."""
    text = re.sub(r"<!-- (badges|measured) -->.*?<!-- /\1 -->", " ", text,
                  flags=re.S)
    text = re.sub(r"<!--.*?-->|<[^>]+>|!\[[^]]*\]\([^)]*\)", " ", text,
                  flags=re.S)
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r" · [^\n]*", "", text)  # a heading's second language
    text = re.sub(r"[*`#|>$\\]|--+:?|[\u4e00-\u9fff]", " ", text)
    return " ".join(text.split())


def pieces(text):
    """A text -> pieces of whole sentences, of some `WORDS` words each."""
    piece, out = [], []
    for sentence in re.split(r"(?<=[.?!:]) ", text):
        piece.append(sentence)
        if len(" ".join(piece).split()) >= WORDS:
            out.append(" ".join(piece))
            piece = []
    last = " ".join(piece)
    if out and len(last.split()) < WORDS // 3:
        out[-1] += " " + last
    elif last:
        out.append(last)
    return [text.strip() for text in out if text.strip()]


def vectors(found, model):
    """Passages -> (n, D): those of the index; one that it lacks, anew."""
    from ..models.minilm import embed
    with np.load(files.data_file(INDEX)) as index:
        known = dict(zip(index["keys"].tolist(), index["vectors"]))
    new = [p for p in found if p.key not in known]
    if new:
        known |= zip((p.key for p in new),
                     embed(model, [p.text for p in new]))
    return np.array([known[p.key] for p in found], np.float32)


class BM25:
    """Scores texts by the words they share with a question.

    A word counts more the fewer texts hold it; each repetition in a text adds
    less than the one before; long texts are not favoured. Robertson and
    Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
    """

    def __init__(self, texts, k1=1.2, b=0.75):
        self.count = CountVectorizer(
            stop_words=sorted(set(map(stems, ENGLISH_STOP_WORDS))),
            token_pattern=r"(?u)\b\w+\b", preprocessor=stems)
        tf = self.count.fit_transform(texts).tocsr().astype(float)
        n, has = len(texts), tf.getnnz(axis=0)
        length = np.asarray(tf.sum(1)).ravel()
        norm = k1 * (1 - b + b * length / length.mean())
        tf.data = tf.data * (k1 + 1) / (
            tf.data + np.repeat(norm, np.diff(tf.indptr)))
        idf = np.log1p((n - has + 0.5) / (has + 0.5))
        self.weights = tf @ sparse.diags(idf)

    def __call__(self, question):
        asked = self.count.transform([question]) > 0
        return np.asarray((self.weights @ asked.T).todense()).ravel()


def stems(text):
    """Small letters, plural s off: layers and Layer are one word."""
    return re.sub(r"(?<=\w\w)(?<![su])s\b", "", text.lower())


class Book:
    """The passages, with both ways to score them."""

    def __init__(self, model):
        self.model, self.passages, self.asked = model, passages(), {}
        self.vectors = vectors(self.passages, model)
        self.bm25 = BM25([p.text for p in self.passages])

    def scores(self, question, by="both"):
        """A question -> a score for each passage.

        by: "words", "vectors", or "both", which adds 1 / (60 + rank) of the
        two: Cormack et al., "Reciprocal Rank Fusion" (2009).
        """
        from ..models.minilm import embed
        if not isinstance(question, str) or not question.strip():
            raise CourseError("ask.question")
        if by == "words":
            return self.bm25(question)
        if by == "vectors":
            if question not in self.asked:  # in "both", too: only once
                self.asked[question] = embed(self.model, [question])[0]
            return self.vectors @ self.asked[question]
        if by != "both":
            raise CourseError("ask.by", by=by)
        return sum(1 / (60 + ranks(self.scores(question, one)))
                   for one in ("words", "vectors"))

    def sections(self, question, by="both"):
        """-> [(score, best passage of the section)], the best first."""
        best, scores = {}, self.scores(question, by)
        for i in np.argsort(-scores, kind="stable"):
            p = self.passages[i]
            best.setdefault((p.file, p.heading), (float(scores[i]), p))
        return list(best.values())


def ranks(scores):
    """1 for the highest score; equal scores in the order they stand."""
    out = np.empty(len(scores))
    out[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return out


@functools.cache
def book():
    """The book, read once; loads the encoder."""
    from ..models.minilm import load
    return Book(load())


def ask(question, k=5, by="both"):
    """Shows the k sections that answer a question best, as links."""
    found = book().sections(question, by)[:k]
    table([[i, link(p), p.text.partition(". ")[2][:90] + " ..."]
           for i, (_, p) in enumerate(found, 1)],
          ["", *columns("ask.columns")])


def link(passage):
    """A link to the English heading, as JupyterLab names its anchors."""
    anchor = passage.heading.replace(" ", "-")
    name = plain(passage.heading).replace("[", "(").replace("]", ")")
    number = "" if name[:1].isdigit() else passage.section + ": "
    return message("ask.link", name=number + name, file=passage.file,
                   anchor=anchor)
