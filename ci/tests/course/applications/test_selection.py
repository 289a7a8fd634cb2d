"""Which of chapter 5's fields run."""
from course import session


def run(cells, monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr(session, "current", session.Session(5))
    for cell in cells:
        assert shell.run_cell(cell, silent=True).success
    return shell.user_ns


def test_cells_of_other_fields_say_that_they_are_skipped(monkeypatch, capsys):
    ran = run(["from course.applications import selection;"
               "from course.applications.selection import field",
               "selection.chosen_fields('speech'); ran = ['open']",
               "field('vision')", "ran.append('vision'); 1 / 0",
               "field('speech')", "ran.append('speech')",
               "field('finance')", "nonsense (",
               "field('all')", "ran.append('close')"], monkeypatch)
    assert ran["ran"] == ["open", "speech", "close"]
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2 and all("skipped" in line for line in said)
    assert 'field("vision")' in said[0] and 'FIELD is "speech"' in said[0]


def test_all_fields_run_unless_one_is_chosen(monkeypatch):
    ran = run(["from course.applications import selection;"
               "from course.applications.selection import field",
               "selection.chosen_fields('all'); ran = []",
               "field('vision')", "ran.append('vision')",
               "field('all')", "ran.append('close')"], monkeypatch)
    assert ran["ran"] == ["vision", "close"]
