"""The commands of the collection, `python3 ci COMMAND`.

Everything in this file, `__main__.py`, `environment.py` and at the top of
`commands/` uses the standard library alone: it runs before anything is
installed.
"""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BUILD = ROOT / "build"
NOTEBOOKS = ROOT / "notebooks"
LANGUAGE = "zh"  # the other edition: notebooks/zh
LOCK = ROOT / "ci" / "locks" / "lock.txt"
# nbgrader's own environment, made at the first `release` or `grade`
TEACHER_VENV = ROOT / ".venv-teacher"
TEACHER_LOCK = ROOT / "ci" / "locks" / "lock-teacher.txt"
# what drives a browser and knows Binder, made at the first test that needs it
LAUNCH_VENV = ROOT / ".venv-launch"
LAUNCH_LOCK = ROOT / "ci" / "locks" / "lock-launch.txt"

# number: (English title, Chinese title, budget of wall time in seconds)
CHAPTERS = {
    1: ("Background", "背景介绍", 90),
    2: ("Core concepts", "核心概念与联系", 75),
    3: ("Core algorithms",
        "核心算法原理和具体操作步骤以及数学模型公式详细讲解", 150),
    4: ("Best practice: the code",
        "具体最佳实践：代码实例和详细解释说明", 240),
    5: ("Applications", "实际应用场景", 300),
    6: ("Tools and resources", "工具和资源推荐", 90),
    7: ("Trends and challenges", "总结：未来发展趋势与挑战", 75),
    8: ("Appendix: FAQ", "附录：常见问题与解答", 90),
}
MEMORY_BUDGET = 1.5e9  # bytes, peak of a chapter's kernel and its children
FIGURE_BUDGET = 15  # seconds from Run All to the first figure
TOTAL_BUDGET = 18 * 60  # seconds, all chapters one after another


class Stop(Exception):
    """An error for people: its text is one line that says what to do."""


def chapters(folder=None):
    """Chapters that exist, by file name: {number: path}, in order."""
    found = {}
    for path in sorted((folder or NOTEBOOKS).glob("0*.ipynb")):
        match = re.match(r"0([1-8])_\w+\.ipynb$", path.name)
        if match:
            found[int(match[1])] = path
    return found


def select(words, folder=None):
    """The chapters that `words` name ("4", "04", "04_code_examples.ipynb").

    "zh/4" is a chapter of the Chinese edition, "zh" all of it. No word means
    all chapters in English. Raises Stop for a chapter that is not there, and
    for words of both editions.
    """
    editions = {Path(word).parts[0] == LANGUAGE for word in words}
    if len(editions) > 1:
        raise Stop("Name chapters of one edition at a time.")
    if True in editions:
        folder = (folder or NOTEBOOKS) / LANGUAGE
        words = [word for word in words if Path(word) != Path(LANGUAGE)]
    there = chapters(folder)
    if not there:
        raise Stop("There is no chapter in notebooks/%s yet." % (
            LANGUAGE if True in editions else ""))
    chosen = {}
    for word in words or map(str, there):
        match = re.match(r"0*(\d+)(_.*)?$", Path(word).name)
        number = int(match[1]) if match else None
        if number not in there:
            raise Stop("There is no chapter %s; there is %s."
                       % (word, ", ".join(map(str, there))))
        chosen[number] = there[number]
    return chosen
