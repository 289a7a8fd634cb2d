"""Texts drawn token by token."""
import numpy as np
import pytest

from course import files
from course.models.sampling import Writer, logits_after, softmax

TEXTS = ["translate English to German: I am tired.",
         "sentiment: The soup was very good.", "I am tired."]


@pytest.fixture(scope="module")
def writer():
    one = Writer.from_pretrained(str(files.DATA / "t5-tiny"), 3)
    return Writer(one.t5, one.tokenizer, 3, rows=2)


def test_softmax_at_a_temperature():
    z = np.array([[0.0, 1.0, 3.0], [5.0, 5.0, -1e9]])
    assert np.allclose(softmax(z).sum(axis=1), 1)
    assert np.allclose(softmax(z, 2.0)[0], softmax(z[:1] / 2)[0])
    assert np.allclose(softmax(z)[1], [0.5, 0.5, 0])


def test_without_temperature_the_likeliest_tokens(writer):
    texts, sure = writer.write(TEXTS)
    alone = writer.t5.generate(writer.ids_of(TEXTS), steps=16)
    assert texts == [writer.tokenizer.decode(row) for row in alone.tolist()]
    assert len(texts) == 3 and (sure > 0).all() and (sure <= 1).all()


def test_the_first_token_is_drawn_as_its_probability_says(writer):
    p = softmax(writer.first_logits(TEXTS[1]))
    best = int(p.argmax())
    many = Writer(writer.t5, writer.tokenizer, 0, rows=200, steps=1)
    texts, sure = many.write(TEXTS[1:2] * 200, tau=1.0)
    same = np.isclose(sure, p[best]).mean()
    assert abs(same - p[best]) < 0.15


def test_a_seed_gives_the_same_draws(writer):
    assert writer.write(TEXTS, 2.0)[0] == writer.write(TEXTS, 2.0)[0]


def test_tokens_are_counted_without_the_end(writer):
    assert writer.count(TEXTS) == (writer.ids_of(TEXTS) > 1).sum()


def test_logits_after_a_text_that_was_read_once(writer):
    ids = writer.ids_of(TEXTS)
    Y = np.array([[0, 5, 9], [0, 7, 1], [0, 3, 3]])
    z = logits_after(writer.t5, writer.t5.read(ids), Y)
    assert np.allclose(z, writer.t5(ids, Y), atol=1e-5)
