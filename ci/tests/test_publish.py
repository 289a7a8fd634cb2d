"""`ci publish`: one address everywhere, twice the same, nothing else."""
import json

import pytest

from ci import ROOT, Stop, chapters, publish


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The files that hold addresses, in a folder of their own."""
    (tmp_path / "notebooks").mkdir()
    for path in [ROOT / "README.md", *chapters().values()]:
        there = tmp_path / path.relative_to(ROOT)
        there.write_bytes(path.read_bytes())
    there = {n: tmp_path / "notebooks" / path.name
             for n, path in chapters().items()}
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    monkeypatch.setattr(publish, "chapters", lambda: there)
    publish.main(Arguments("zoe/old"))  # this copy may be published, or not
    return tmp_path


class Arguments:
    def __init__(self, repository):
        self.repository = repository


def test_the_state_before_it_is_published(copy):
    publish.main(Arguments(publish.UNPUBLISHED))
    assert publish.published() is None


def texts(folder):
    return {path.name: path.read_text("utf-8")
            for path in [folder / "README.md",
                         *(folder / "notebooks").glob("*.ipynb")]}


def test_every_address_is_written(copy):
    assert publish.main(Arguments("ada/book")) == 0
    assert publish.published() == "ada/book"
    for name, text in texts(copy).items():
        assert "mybinder.org/v2/gh/ada/book/main?urlpath=lab/tree/" in text
        assert "colab.research.google.com/github/ada/book/blob/main/" in text
        assert "zoe/old" not in text, name
        if name.endswith(".ipynb"):
            assert "lab/tree/notebooks/" + name in text
            assert "blob/main/notebooks/" + name in text
            assert 'HOME = \\"https://github.com/ada/book\\"' in text


def test_twice_is_the_same_and_another_address_replaces(copy, capsys):
    publish.main(Arguments("ada/book"))
    first = texts(copy)
    publish.main(Arguments("ada/book"))
    assert texts(copy) == first
    assert "nothing to change" in capsys.readouterr().out
    publish.main(Arguments("Bo-2/x.y"))
    publish.main(Arguments("ada/book"))
    assert texts(copy) == first


def test_nothing_else_changes(copy):
    before = texts(copy)
    publish.main(Arguments("ada/book"))
    for name, text in texts(copy).items():
        if not name.endswith(".ipynb"):
            continue
        old, new = json.loads(before[name]), json.loads(text)
        changed = [k for k, (a, b) in enumerate(zip(old["cells"],
                                                    new["cells"])) if a != b]
        assert changed == [0, 1]
        a, b = before[name].splitlines(), text.splitlines()
        assert len(a) == len(b)
        assert sum(x != y for x, y in zip(a, b)) == 2


def test_another_address_that_is_left_is_told(copy):
    readme = copy / "README.md"
    readme.write_text(readme.read_text("utf-8") + "[x](https://colab."
                      "research.google.com/github/eve/book/blob/main/a)")
    with pytest.raises(Stop, match="README.md: colab.*eve/book"):
        publish.main(Arguments("ada/book"))


def test_no_place_for_badges_is_told(copy):
    readme = copy / "README.md"
    readme.write_text(readme.read_text("utf-8").replace("badges -->", ""))
    with pytest.raises(Stop, match="README.md lacks"):
        publish.main(Arguments("ada/book"))


@pytest.mark.parametrize("word", [
    "", "ada", "ada/", "/book", "a/b/c", "ada/b ook", "-a/b", "https://x/y",
    "ada/large$(x)"])
def test_a_wrong_name_is_told(copy, word):
    before = texts(copy)
    with pytest.raises(Stop, match="OWNER/NAME"):
        publish.main(Arguments(word))
    assert texts(copy) == before
