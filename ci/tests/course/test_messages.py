"""The sentences that code shows."""

import csv
import re
import string

import pytest

from ci.quality import contract, translation
from course import messages
from course.messages import CourseError, message


def test_every_message_is_one_line_with_named_fields():
    rows = []
    for path in messages.FOLDER.glob("*.csv"):
        with open(path, encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        assert row["en"].strip(), row["key"]
        assert "\n" not in row["en"], row["key"]
        fields = [f for _, f, _, _ in string.Formatter().parse(row["en"])]
        assert all(f is None or f[:1].isalpha() for f in fields), row["key"]


def test_message_fills_its_fields_and_knows_its_keys():
    assert "x.csv" in message("data.missing", name="x.csv")
    with pytest.raises(KeyError):
        message("no.such.key")


def test_language_is_the_folder_if_the_table_has_it(monkeypatch):
    monkeypatch.setattr(messages, "language", "en")
    messages.set_language("notebooks")
    assert messages.language == "en"
    monkeypatch.setattr(messages, "languages", lambda: ["en", "zh"])
    messages.set_language("zh")
    assert messages.language == "zh"


def test_an_error_for_the_reader_is_one_line_in_a_notebook():
    error = CourseError("data.missing", name="x.csv")
    assert error._render_traceback_() == [f"CourseError: {error}"]
    assert "\n" not in str(error)


def test_a_translation_falls_back_and_shows_its_age(tmp_path, monkeypatch):
    (tmp_path / "chapter1.csv").write_text(
        "key,en,zh,zh of\na,One,一,One\nb,Three,二,Two\nc,Four,,\n", "utf-8")
    monkeypatch.setattr(messages, "FOLDER", tmp_path)
    messages.table.cache_clear()
    try:
        assert messages.languages() == ["en", "zh"]
        monkeypatch.setattr(messages, "language", "zh")
        assert [message(key) for key in "abc"] == ["一", "二", "Four"]
        assert contract.outdated(messages.table()) == [
            "b: zh is of 'Two', English is now 'Three'"]
    finally:
        messages.table.cache_clear()


def test_no_translation_is_out_of_date():
    assert contract.outdated(messages.table()) == []


def fields(text):
    return sorted(f"{name}!{conversion}:{form}" for _, name, form, conversion
                  in string.Formatter().parse(text) if name)


def test_every_message_has_a_translation_with_the_same_fields():
    rows = messages.table()
    if "zh" not in messages.languages():
        pytest.skip("there is no translation")
    assert [key for key, row in rows.items() if not row.get("zh")] == []
    assert [key for key, row in rows.items()
            if fields(row["zh"]) != fields(row["en"])
            or row["zh"].count("|") != row["en"].count("|")] == []
    terms = translation.glossary()
    assert [(key, line) for key, row in rows.items()
            for line in translation.clumsy(
                re.sub(r"\{[^{}]*\}", "x", row["zh"]), terms)] == []


def test_heads_of_a_table_in_all_languages(monkeypatch):
    monkeypatch.setattr(messages, "language", messages.ALL)
    heads = messages.columns("claim.header")
    assert len(heads) == 5
    for language in messages.languages():
        monkeypatch.setattr(messages, "language", language)
        assert messages.columns("claim.header") == [
            messages.side(head, language) for head in heads]
