"""Ask the book: passages, both scores, the shipped index."""
import csv
import json

import numpy as np
import pytest
from course import CourseError, files
from course.tools import ask

TEXTS = ["The cat sleeps on the mat.", "A dog and a cat, a cat and a dog.",
         "Attention divides by the square root of the width.",
         "Layers of a network; a layer has weights."]


@pytest.fixture(scope="module")
def found():
    return ask.passages()


def test_the_shipped_index_is_that_of_the_text(found):
    """If it is not: python data/make_book_index.py, then refresh 8."""
    with np.load(files.data_file(ask.INDEX)) as index:
        keys, vectors = index["keys"].tolist(), index["vectors"]
    assert sorted({p.key for p in found}) == keys
    np.testing.assert_allclose(np.linalg.norm(
        vectors.astype(float), axis=1), 1, atol=2e-3)


def test_every_numbered_section_has_a_passage(found):
    sections = {p.section for p in found}
    for path in sorted((files.ROOT / "notebooks").glob("0*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            first = "".join(cell["source"]).partition("\n")[0]
            if cell["cell_type"] == "markdown" and first.startswith("## "):
                number = first.split()[1]
                assert number in sections or not number[0].isdigit(), first
    assert not any(p.heading.startswith(ask.CLOSING) for p in found)
    assert max(len(p.text.split()) for p in found) < 256


def test_prose_alone_is_read():
    text = ("## 3.4 Self-attention · 自注意力\n<!-- measured -->About 9 s"
            "<!-- /measured -->See [chapter 2](02.ipynb), `Q` and **K**:\n"
            "![a picture](x.png)\n<details>more</details>")
    assert ask.plain(text) == ("3.4 Self-attention See chapter 2, Q and K : "
                               "more")


def test_pieces_are_whole_sentences_and_lose_none():
    text = " ".join(f"Sentence {i} has just six words." for i in range(60))
    parts = ask.pieces(text)
    assert " ".join(parts) == text
    assert len(parts) == 60 * 6 // ask.WORDS
    assert all(part.endswith("words.") for part in parts)
    assert ask.pieces("") == []


def test_bm25_against_the_formula():
    score = ask.BM25(TEXTS)
    got = score("Which cats sleep?")  # cat stands in two texts, sleep in one
    counts, lengths = np.array([1, 2, 0, 0]), score.count.transform(
        TEXTS).sum(1).A1
    norm = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
    sleep = np.array([1, 0, 0, 0])
    wanted = sum(np.log(1 + (4 - n + 0.5) / (n + 0.5)) * tf * 2.2 / (tf + norm)
                 for tf, n in ((counts, 2), (sleep, 1)))
    np.testing.assert_allclose(got, wanted)
    assert score("layer")[3] > 0 == score("zebra").max()


def test_ranks():
    assert ask.ranks(np.array([0.1, 0.9, 0.9, 0.3])).tolist() == [4, 1, 2, 3]


class Stand(ask.Book):
    """A book of TEXTS whose vectors are given."""

    def __init__(self):
        self.passages = [ask.Passage("03.ipynb", "3.1", f"H {i // 2}", text)
                         for i, text in enumerate(TEXTS)]
        self.bm25 = ask.BM25(TEXTS)


def test_a_section_is_found_once_by_its_best_passage():
    found = Stand().sections("a dog", by="words")
    assert [p.heading for _, p in found] == ["H 0", "H 1"]
    assert found[0][1].text == TEXTS[1]


@pytest.mark.parametrize("question, by", [("", "both"), (3, "both"),
                                          ("Why?", "magic")])
def test_one_line_for_what_is_no_question(question, by):
    with pytest.raises(CourseError):
        Stand().scores(question, by)


def test_questions_name_headings_that_exist(found):
    headings = {(p.section, ask.plain(p.heading)) for p in found}
    path = files.data_file("book_questions.csv")
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 60
    assert len({row["question"] for row in rows}) == len(rows)
    for row in rows:
        for answer in row["answers"].split(" | "):
            section, _, heading = answer.partition(": ")
            assert (section, heading) in headings, answer
