"""Grades a class with nbgrader: `python3 ci grade FOLDER`.

FOLDER holds a folder for each student, with the notebooks handed in anywhere
below it, in zips too, known by their names or by what they hold. Of several
the one with most answers is taken, of these the newest. Each submission is
graded by a process of its own (submission.py); nbgrader takes the points from
the notebooks that come out, keeps them in its gradebook and writes the
feedback.
Results stay in build/nbgrader, with a copy of each file: a second call goes
on where the first stopped, and grades anew only what has changed. Of all that
a student ever handed in the best counts, of equals the newest.
"""
import csv
import difflib
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from ci import BUILD, ROOT, TEACHER_LOCK, TEACHER_VENV, Stop, environment
from ci.grading import sheets
from ci.grading.assignments import (
    COURSE, assignment, notebook_name, teacher, teacher_module)
from ci.grading.submission import (
    FILE_SIZE, NO_SANDBOX, Submission, of_ours, text_of)

GRADES = BUILD / "grades"
PATIENCE = 300  # seconds for one submission; it stops by itself before
# a word in the name of a folder that one student may have beside another
ATTEMPT = re.compile(
    r"(?<![a-z])(attempts?|submissions?|try|versions?|v|drafts?|final|old|new|"
    r"late|copy|backup|again|chapters?|exercises?|home ?works?|hw|work|course|"
    r"notebooks?|downloads?|desktop|documents)(?![a-z])|^\d{1,3}$|"
    r"第.{1,2}次|提交|版|重交|补交|作业")
FAILED = "could not be graded"
TOGETHER = 20  # submissions that nbgrader takes in one call
running, stopping = set(), threading.Event()


def main(arguments):
    folder = Path(arguments.folder)
    if not folder.is_dir():
        raise Stop("%s is a file: say the folder whose folders are students'."
                   % arguments.folder if folder.exists() else
                   "There is no folder %s." % arguments.folder)
    roster = sheets.read_roster(there(arguments.roster)) if (
        arguments.roster) else {}
    there(arguments.fill)
    if len(arguments.delimiter) != 1:
        raise Stop("--delimiter is one sign, such as ; or ,.")
    chapters = sorted(int(path.name.split("-")[1])
                      for path in COURSE.glob("release/chapter-*"))
    if not chapters:
        raise Stop("Nothing was released yet: call `python3 ci release`.")
    rows = decisions(chapters)
    handed = {(student, chapter): found for chapter in chapters
              for student, found in submissions(folder, chapter).items()}
    work = [(*place, *found) for place, found in handed.items()]
    stray = sorted(path.name for path in folder.iterdir()
                   if path.suffix.lower() in (".ipynb", ".zip")
                   and not path.name.startswith("."))
    flat = stray and (
        "Not graded, for they lie in no student's folder: %s. Put each into "
        "a folder named after its student, and call it with the folder that "
        "holds these." % some(stray))
    if not work:
        raise Stop(flat or "There is no %s in the folders in %s." % (
            " or ".join(map(notebook_name, chapters)), arguments.folder))
    if flat:
        print(flat, flush=True)
    environment.ensure(TEACHER_VENV, TEACHER_LOCK)
    results = grade_all(work)
    for chapter in sorted({chapter for _, chapter in results}):
        of_chapter = merged(chapter, {
            student: result for (student, n), result in results.items()
            if n == chapter})
        gradebook(chapter, of_chapter)
        decided = corrections(chapter, of_chapter, rows, roster)
        table = points_of(chapter, of_chapter, decided)
        pages(chapter, of_chapter, table, decided)
        write_grades(chapter, of_chapter, table, roster, arguments.delimiter)
        if arguments.fill and arguments.chapter in (None, chapter):
            if arguments.chapter is None and len(chapters) > 1:
                raise Stop("Several chapters are graded: say --chapter.")
            filled(Path(arguments.fill), table, roster, arguments.column)
    print("Feedback pages: build/grades/feedback. For appeals, with the "
          "hidden cases: build/grades/private")
    walls(results)
    return 0


def there(path):
    """The path of a file that must exist; None stays None."""
    if path is not None and not Path(path).is_file():
        raise Stop("There is no file %s." % path)
    return path


def submissions(folder, chapter):
    """{student: (path or None, note)} of those who handed this chapter in.

    Who handed in nothing of it is listed too if anybody did. Stop where a
    student's folder seems to hold a class.
    """
    found, inner, doubtful = {}, {}, []
    for place in sorted(folder.iterdir()):
        if place.is_dir() and not place.name.startswith("."):
            student = sheets.plain(place.name)
            if student in found:
                raise Stop("%s holds two folders %s, from two systems that "
                           "write its letters otherwise: make them one."
                           % (folder, student))
            names = candidates(place, chapter)
            inside = {path.relative_to(place).parts[0] for *_, path in names
                      if path.is_relative_to(place)}
            apart = not any(name.lower().endswith(".ipynb")
                            for name in inside)
            if len(inside) > 2 and apart:
                raise Stop("%s holds %d folders with notebooks: call it with "
                           "the folder whose folders are students'."
                           % (place, len(inside)))
            found[student] = chosen(place, names)
            if names:
                inner[student] = inside
            if len(inside) == 2 and apart and not any(
                    ATTEMPT.search(name.lower()) for name in inside):
                doubtful.append(student)
    all_names = [name for inside in inner.values() for name in inside]
    if doubtful and len(doubtful) == len(inner) and len(
            set(all_names)) == len(all_names):  # not two of the same each
        raise Stop("%s holds two folders with notebooks, %s: call it with the "
                   "folder whose folders are students'. If they are one "
                   "student's, name them attempt 1 and attempt 2." % (
                       folder / doubtful[0], " and ".join(
                           sorted(inner[doubtful[0]]))))
    for name in doubtful:
        text = "two folders hold notebooks, %s; two students'?" % (
            " and ".join(sorted(inner[name])))
        print("Look at %s: %s" % (name, text), flush=True)
        path, note = found[name]
        found[name] = path, "; ".join([text, note])
    return found if any(path for path, _ in found.values()) else {}


def candidates(place, chapter):
    """[(answers, time, name, path)] of a chapter's notebooks, best first.

    By content; one that can't be read, by its name. Zips are looked into.
    """
    named = re.compile(r"0?%d_exercises.*\.ipynb" % chapter, re.I)
    found = []
    for path in [*files(place, ".ipynb"), *unzipped(place)]:
        answers = answered(path, chapter)
        if answers is None and named.fullmatch(path.name):
            answers = -1
        if answers is not None:
            digits = [int(n) for n in re.findall(r"\d+", path.name)]
            found.append((answers, path.lstat().st_mtime, digits, path))
    return sorted(found, reverse=True)


def answered(path, chapter):
    """How many blanks of a chapter a notebook fills; None if it has none."""
    student = Submission(COURSE, chapter)
    cells = student.read(path)
    there = [cell for cell in cells or [] if cell["id"] in student.ours]
    if not there:
        return None
    return sum(cell["source"].strip() != text_of(
        student.ours[cell["id"]]["source"]).strip() for cell in there
        if of_ours(student.ours[cell["id"]], "solution"))


def chosen(place, names):
    """(the notebook that is graded or None, what to say of it)."""
    if not names:
        there = [path.relative_to(place) for path in files(place)
                 if path.is_file() or path.is_symlink()]
        there = sorted(
            (path.suffix.lower() not in (".ipynb", ".zip"), path.name)
            for path in there if not any(part.startswith((".", "__"))
                                         for part in path.parts))
        return None, "nothing handed in" + (
            " of this chapter, but " + some([name for _, name in there], 5,
                                            ", ")
            if there else "")
    (*_, path), *others = names
    return path, others and "%s taken, not %s" % (path.name, ", ".join(
        path.name for *_, path in others)) or ""


def unzipped(place):
    """The notebooks in a folder's zips, each in a place of its own."""
    found = []
    for archive in files(place, ".zip"):
        digest = hashlib.sha256(str(archive.resolve()).encode()).hexdigest()
        found += members(archive, COURSE / "unzipped" / digest[:16])
    return found


def members(archive, target, inner=True):
    """The notebooks in a zip, written below target; inner: and those in the
    zips in it."""
    found = []
    try:
        with zipfile.ZipFile(archive) as content:
            kinds = (".ipynb", ".zip") if inner else (".ipynb",)
            inside = [m for m in content.infolist()
                      if m.filename.lower().endswith(kinds)
                      and "__MACOSX" not in m.filename
                      and m.file_size <= FILE_SIZE][:20]
            for k, member in enumerate(inside):
                path = target / str(k) / Path(member.filename).name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read(member))
                when = time.mktime((*member.date_time, 0, 0, -1))
                os.utime(path, (when, when))
                is_notebook = path.suffix.lower() == ".ipynb"
                found += [path] if is_notebook else members(
                    path, target / str(k) / "zip", False)
    except (OSError, ValueError, RuntimeError, OverflowError,
            zipfile.BadZipFile):
        pass  # its name is told where nothing else is found
    return found


def files(place, suffix=""):
    """Files below a folder, without the copies that Jupyter keeps."""
    return [path for path in place.rglob("*")
            if path.name.lower().endswith(suffix)
            and ".ipynb_checkpoints" not in path.parts
            and not path.name.startswith("._")]


def merged(chapter, results):
    """These results, and those of students who were listed before."""
    for path in sorted((COURSE / "results" / assignment(chapter)).glob(
            "*.json")):
        before = json.loads(path.read_text("utf-8"))
        if before.get("student") is not None:
            results.setdefault(before["student"], before)
    # an older edition kept a name as the system wrote it
    return {student: result for student, result in sorted(results.items())
            if sheets.plain(student) == student
            or sheets.plain(student) not in results}


# ---- each by itself ----


def grade_all(work):
    """{(student, chapter): result}, with a bar."""
    results = {}

    def one(item):
        return item[:2], grade_one(*item)

    # two at a time: one waits for time limits while the other works
    with ThreadPoolExecutor(max(2, (os.cpu_count() or 2) // 2)) as pool:
        live = sys.stderr.isatty()
        try:
            for place, result in tqdm(
                    pool.map(one, work), total=len(work), desc="grading",
                    unit="notebook", mininterval=0.1 if live else 30):
                results[place] = result
        except BaseException:  # Ctrl+C: what is done stays, the rest ends
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.kill()
            raise
    return results


def grade_one(student, chapter, path, note=""):
    """The result that counts of all that a student ever handed in.

    path: what is handed in now, or None; note: what is to be said of it.
    Each file is graded once; its result and a copy stay.
    """
    place = COURSE / "results" / assignment(chapter) / (
        safe(student) + ".json")
    place.parent.mkdir(parents=True, exist_ok=True)
    kept = COURSE / "handed" / assignment(chapter) / safe(student)
    before = results_in(place)
    if not before:  # new, or taken out by the teacher
        shutil.rmtree(kept, ignore_errors=True)
    now = None if path is None else keep(path, kept)
    found = []
    for result in before:
        copy = kept / ("%s.ipynb" % result["digest"])
        if result["handed in"] and result["digest"] != now:
            if copy.is_file() and result["key"] != key(chapter, copy):
                result = {**result, **graded_now(student, chapter, copy)}
            found.append(result)
    if path is not None or not found:
        same = [result for result in before if result["digest"] == now and (
            result["key"] == key(chapter, path) and not result["slow"])]
        result = same[0] if same else graded_now(student, chapter, path)
        found.append({**result, "digest": now, "handed in": path is not None,
                      "file": path and path.name, "in folder": note,
                      "time": path and seconds_of(path)})
    # a result of an older edition of this command has no copy of its file
    best, *others = sorted(found, key=worth, reverse=True)
    others = [{name: value for name, value in result.items()
               if name not in ("others", "note")}
              for result in others if result["digest"]]
    result = {**best, "others": others, "note": "; ".join(filter(None, [
        best["in folder"], others and "%s counts, not %s: most points, of "
        "equals the newest" % (told(best), ", ".join(map(told, others)))]))}
    # nbgrader knows the result that counted before, if it is still that one
    result["saved"] = bool(before) and best["saved"] and (
        best["digest"] == before[0]["digest"])
    if [result, *others] != before or not result["saved"]:
        save(place, result)
    return result


def results_in(place):
    """A student's results, the one that counts first; [] if there are none.
    """
    try:
        first = json.loads(place.read_text("utf-8"))
        found = [first, *first.get("others", [])]
        return [{"digest": "", "file": "earlier work", "time": 0,
                 "in folder": first.get("note", ""), **result}
                for result in found if result["key"]]
    except (OSError, ValueError, KeyError):
        return []


def keep(path, folder):
    """Keeps a copy of a file that is handed in; its digest, "link" if it is
    none that is read."""
    if path.is_symlink() or not path.is_file() or (
            path.stat().st_size > FILE_SIZE):
        return "link"
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    copy = folder / (digest + ".ipynb")
    if not copy.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = copy.with_suffix(".part")
        part.write_bytes(content)
        os.replace(part, copy)
    return digest


def seconds_of(path):
    """When a file was written; 0 of one that is not there."""
    return path.lstat().st_mtime if path.exists() else 0


def worth(result):
    """Of all that was handed in the most points count, then the newest."""
    return (sum(row["points"] for row in result["exercises"].values()),
            result["time"] or 0)


def told(result):
    """A file in a note: its name, its time, its points."""
    when = result["time"] and time.strftime(
        " of %Y-%m-%d %H:%M", time.localtime(result["time"]))
    failed = any(note.startswith(FAILED) for note in result["notes"])
    return "%s%s (%s)" % (result["file"], when or "", FAILED if failed else
                          number(worth(result)[0]))


def graded_now(student, chapter, path):
    """The result of one file, or of none."""
    fresh = COURSE / "results" / assignment(chapter) / (
        safe(student) + ".new")
    status, why = graded_apart(path, fresh, chapter)
    if status == NO_SANDBOX:
        raise Stop("Nothing can be graded: " + why)
    if not fresh.exists():  # whatever it was, the others are graded
        if path is None:
            raise Stop("Nothing can be graded: " + why)
        result = {**graded_now(student, chapter, None), "notes": [
            FAILED + ", look at it by hand: " + why]}
    else:
        result = json.loads(fresh.read_text("utf-8"))
        fresh.unlink()
        if path is None:
            result["notes"] = []
    return {**result, "key": key(chapter, path), "student": student,
            "saved": False}


def graded_apart(path, fresh, chapter):
    """Runs submission.py, which writes `fresh`: exit status, last word."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ci.grading.submission",
         str(path or "/missing"), str(fresh), str(COURSE), str(chapter)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace",
        start_new_session=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    running.add(process)
    try:
        if stopping.is_set():
            process.kill()
        said = process.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        said = "it took too long"
    finally:
        running.discard(process)
    if stopping.is_set():
        raise Stop("Stopped.")
    return process.returncode, (
        said.strip().splitlines() or ["no result"])[-1]


def save(place, result):
    part = place.with_suffix(".part")
    part.write_text(json.dumps(result), encoding="utf-8")
    os.replace(part, place)


def key(chapter, path):
    """What a result depends on: the file, the release, the hidden cases."""
    digest = hashlib.sha256()
    files = [*sorted((COURSE / "source" / assignment(chapter)).rglob("*.*")),
             COURSE / "hidden" / ("hidden%d.json" % chapter),
             *(ROOT / "ci" / "grading" / name
               for name in ("submission.py", "sandbox.py"))]
    for file in [path, *files]:
        if file is None or file.is_symlink() or not file.is_file():
            digest.update(b"none")
        elif "__pycache__" not in file.parts:
            with open(file, "rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


def safe(student):
    """A student's name as nbgrader and every file system take it."""
    name = re.sub(r"[^\w. @-]", "_", student).strip(". -")[:60] or "_"
    if name != student:
        name += "-" + hashlib.sha256(student.encode()).hexdigest()[:6]
    return name


# ---- together ----


def gradebook(chapter, results):
    """Takes new results into nbgrader's gradebook, and its feedback out."""
    name = assignment(chapter)
    new = [student for student, result in results.items()
           if not result["saved"]]
    for student in new:
        folder = COURSE / "submitted" / safe(student) / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / notebook_name(chapter)).write_text(json.dumps(
            results[student]["notebook"]), encoding="utf-8")

    def fed_back(some):
        teacher("feedback", name, *map(safe, some))
        for student in some:
            results[student]["saved"] = True
            save(COURSE / "results" / name / (safe(student) + ".json"),
                 results[student])
            private = GRADES / "private" / ("%s, chapter %d.txt" % (
                safe(student), chapter))
            private.parent.mkdir(parents=True, exist_ok=True)
            private.write_text("\n\n".join(
                results[student].get("private", {}).values()) + "\n",
                "utf-8")

    # the pages of some are written while the next get their points
    with ThreadPoolExecutor(1) as pool, tqdm(
            total=len(new), desc="nbgrader", unit="notebook", disable=not new,
            mininterval=0.1 if sys.stderr.isatty() else 30) as bar:
        written = []
        for begin in range(0, len(new), TOGETHER):
            some = new[begin:begin + TOGETHER]
            teacher("autograde", name, *map(safe, some))
            written.append(pool.submit(fed_back, some))
            written[-1].add_done_callback(
                lambda _, n=len(some): bar.update(n))
        for batch in written:
            batch.result()


def page_of(chapter, student):
    """The path of a student's feedback page."""
    return GRADES / "feedback" / safe(student) / notebook_name(
        chapter).replace(".ipynb", ".html")


def notes_of(result):
    """What was odd about a submission, in lines."""
    return [*filter(None, [result.get("note")]), *result["notes"]]


def pages(chapter, results, table, decided):
    """The feedback pages: nbgrader's, with notes and corrections."""
    for student, result in results.items():
        page = page_of(chapter, student)
        theirs = (COURSE / "feedback" / safe(student) / assignment(chapter)
                  / page.name)
        if theirs.exists():
            page.parent.mkdir(parents=True, exist_ok=True)
            changed = {id: decided[student, id] for id in result["exercises"]
                       if (student, id) in decided}
            page.write_text(explained(theirs.read_text("utf-8"), result,
                                      table[student], changed), "utf-8")


# on a feedback page, in the language of the exercises handed out
WORDS = {"en": {"corrected": "Corrected by your teacher, %s points in all "
                             "now:", "line": "%s: %s points, not %s%s",
                "odd": "What was odd:", "because": ": ", "headings": {}},
         "zh": {"corrected": "老师作了更正，现在共 %s 分：",
                "line": "%s：%s 分，不是 %s 分%s",
                "odd": "交来的文件有异常：", "because": "；",
                # nbgrader's own
                "headings": {"Student's answer": "学生的答案",
                             "Grade cell": "评分单元格", "Score": "得分",
                             "Comments": "评语", "Top": "回到顶部",
                             "No response.": "没有作答。",
                             "Comment": "评语"}}}


# what may be odd, as a page in Chinese says it; * stands for what varies
ODD = {
    "the file is no plain file": "交来的不是普通文件",
    "the file is larger than * MB": "文件大于 {0} MB",
    "the file is no notebook that can be read": "文件不是可以读取的 notebook",
    "the file has too many cells or too much text": "单元格太多或文字太长",
    "*: a * cell, taken as code": "{0}：{1} 单元格，当作代码",
    "a whole chapter: its answers alone were taken, with what they use: *":
        "交来的是整章：只取其中的答案和它们用到的定义：{0}",
    "a whole chapter: its answers alone were taken":
        "交来的是整章：只取其中的答案",
    "known by their content: *": "按内容认出的单元格：{0}",
    "*: empty; the answer was found in another cell":
        "{0}：空白；答案在另一个单元格里找到",
    "edited, put back: *": "改动过，已恢复原样：{0}",
    "missing, put back: *": "缺失，已补回：{0}",
    "cell *: printed more than is kept": "单元格 {0}：输出太多，只保留一部分",
    "cell *: stopped after * seconds": "单元格 {0}：运行 {1} 秒后被中止",
    "cell *: ended its process": "单元格 {0}：结束了自己的进程",
    "*: there is no function *": "{0}：没有函数 {1}",
    "*: stopped after * seconds": "{0}：运行 {1} 秒后被中止",
    "*: ended its process": "{0}：结束了自己的进程",
    "*: ended its process too often": "{0}：结束自己的进程次数太多",
    "*: disturbed its process": "{0}：干扰了自己的进程",
    "*: gave too large a result": "{0}：结果太大",
    "*: the result is *": "{0}：结果的类型是 {1}，不能比较",
    "could not be graded, look at it by hand: *":
        "无法批改，请老师亲自查看：{0}",
    "*: came after the * seconds of the whole notebook":
        "{0}：超过了整个 notebook 的 {1} 秒",
    "*; * counts, not *: most points, of equals the newest":
        "{0}；计分的是 {1}，不是 {2}：取得分最高的，同分取最新的",
    "* counts, not *: most points, of equals the newest":
        "计分的是 {0}，不是 {1}：取得分最高的，同分取最新的",
    "* taken, not *": "批改的是 {0}，不是 {1}",
    "two folders hold notebooks, *; two students'?*":
        "两个文件夹里都有 notebook：{0}；是两位同学吗？{1}",
    "nothing handed in of this chapter, but *": "没有交这一章，交来的是 {0}",
    "nothing handed in": "没有交作业",
    "cell *": "单元格 {0}",  # and what Python said
}


def in_chinese(note):
    """A note in Chinese; one that says what Python said stays."""
    for english, chinese in ODD.items():
        found = re.fullmatch(re.escape(english).replace(r"\*", "(.*?)"), note,
                             re.S)
        if found:
            return chinese.format(*found.groups())
    return note


def explained(page, result, points, changed):
    """nbgrader's page with our notes, its checks under their exercises.

    points: {exercise: points} as they count; changed: {exercise: (points,
    reason)}, what the teacher decided.
    """
    names = {"check-" + id.partition(".")[2]: id
             for id in result["exercises"]}
    page = re.sub(r'(<a href="#(check-[\w-]+)">)Test cell</a>',
                  lambda m: "%s%s</a>" % (m[1], names.get(m[2], "Test cell")),
                  page)
    page = re.sub(r"<!-- Load mathjax -->.*?<!-- End of mathjax configuration "
                  "-->", "", page, flags=re.S)  # no equation waits for it
    words = WORDS[result.get("language", "en")]
    for theirs, said in words["headings"].items():
        page = re.sub(r"(?<=>)(\s*)%s(?=[\s<(:])" % re.escape(theirs),
                      lambda m: m[1] + said, page)
    lines = [words["line"] % (
        id, number(got), result["exercises"][id]["points"],
        why and words["because"] + why) for id, (got, why) in changed.items()]
    box = lines and listed(words["corrected"] % number(sum(points.values())),
                           lines) or ""
    notes = notes_of(result)
    if notes:
        box += listed(words["odd"], map(in_chinese, notes) if result.get(
            "language") == "zh" else notes)
    return re.sub(r"(<body\b[^>]*>)", lambda m: m[1] + box, page, count=1)


def listed(title, lines):
    return "<div><p>%s</p><ul>%s</ul></div>" % (title, "".join(
        "<li>%s</li>" % html.escape(line) for line in lines))


def filled(template, table, roster, column):
    """Fills a school's sheet, in build/grades, and says who is not in it."""
    students = [{"keys": [key for key in (
        roster.get(student, {}).get("id"), roster.get(student, {}).get(
            "email"), student, roster.get(student, {}).get("name"),
        *re.findall(r"\d{5,}", student), *moodle(student)) if key],
        "points": str(number(sum(points.values())))}
        for student, points in table.items()]
    ours = re.fullmatch(r"(chapter-\d+|corrections)\.csv",
                        template.name.lower())  # what stands there already
    out = GRADES / ("filled-" * bool(ours) + template.name)
    if out.resolve() == template.resolve():
        raise Stop("Put the sheet to fill elsewhere: %s is written." % out)
    if template.suffix.lower() in (".csv", ".txt"):
        done = sheets.fill(template, out, students, column)
    else:  # Excel's files, in nbgrader's environment
        done = json.loads(teacher_module(
            "ci.grading.sheets", str(template), str(out),
            json.dumps(students), *([column] if column else [])))
        if "stop" in done:
            raise Stop(done["stop"])
    missing, left, head = done
    print("%s: %d of %d filled in, in the column %s.%s" % (
        out.relative_to(ROOT), len(students) - len(missing), len(students),
        head, " Not found in it, or twice: %s." % some(missing)
        if missing else ""))
    if left:
        print("In it, but not filled in: %s." % some(left))


def moodle(student):
    """Whom Moodle's worksheet calls by a number that the folder bears."""
    return [word + number for number in re.findall(
        r"_(\d+)_assignsubmission_", student) for word in (
            "Participant ", "参与者", "参与者 ")]


def some(names, most=30, sign="; "):
    """Names in a line, not too many; those of people may hold commas."""
    more = len(names) - most
    return sign.join(re.sub(r"[\x00-\x1f]", " ", name)
                     for name in names[:most]) + (
        " and %d more" % more if more > 0 else "")


CORRECTIONS = ["student", "exercise", "points", "reason"]


def decisions(chapters):
    """The rows of build/grades/corrections.csv, read before all is graded.

    The teacher's file: made once, with its head alone, and never written to
    again.
    """
    GRADES.mkdir(parents=True, exist_ok=True)
    path = GRADES / "corrections.csv"
    if not path.exists():
        path.write_text(",".join(CORRECTIONS) + "\n", "utf-8-sig")
    return sheets.read_corrections(path, {
        id: points for chapter in chapters
        for id, points in released(chapter).items()})


def released(chapter):
    """{exercise: points} of what was handed out."""
    return {"%d.%s" % (chapter, id.removeprefix("check-")):
            cell["metadata"]["nbgrader"]["points"]
            for id, cell in Submission(COURSE, chapter).ours.items()
            if of_ours(cell, "grade")}


def corrections(chapter, results, rows, roster):
    """{(student, exercise): (points, reason)} of a chapter; says which rows
    fit nobody."""
    found = {}
    for line, name, id, points, reason in rows:
        if not id.startswith("%d." % chapter):
            continue
        student, close = meant(name, results, roster)
        if student and id in results[student]["exercises"]:
            found[student, id] = points, reason
        else:
            print("corrections.csv, line %d: no %s of %s is graded.%s For "
                  "work on paper make an empty folder of this name." % (
                      line, id, name, " Names close to it: %s." % some(close)
                      if close else " No name is close to it."))
    return found


def meant(name, results, roster):
    """(the student of that name or None, names close to it).

    A name is the folder's, or as the table or the roster has it if it is
    one student's alone.
    """
    if name in results:
        return name, []
    names = {student: [student, cell(student).strip(),
                       *filter(None, roster.get(student, {}).values())]
             for student in {**results, **roster}}
    fit = [student for student in names if name in names[student]]
    if len(fit) == 1 and fit[0] in results:
        return fit[0], []
    wanted, known = name.casefold(), [
        other for several in names.values() for other in several[1:]]
    folded = [other.casefold() for other in known]
    near = [*(other for other in folded if wanted in other),
            *difflib.get_close_matches(wanted, folded)]
    close = fit or sorted((other for other in known if other.casefold()
                           in near), key=lambda o: near.index(o.casefold()))
    return None, [other for other in dict.fromkeys(close) if other != name][:5]


def points_of(chapter, results, decided):
    """{student: {exercise: points}}: the gradebook's, or the teacher's."""
    book = json.loads(teacher("points", assignment(chapter)))
    return {student: {id: decided.get((student, id), [book[safe(student)][
        "check-" + id.partition(".")[2]]])[0] for id in result["exercises"]}
        for student, result in results.items()}


def write_grades(chapter, results, table, roster, delimiter):
    """The CSV, the picture, and the summary on the terminal."""
    ids = list(next(iter(results.values()))["exercises"])
    of = {id: result["of"] for id, result in next(
        iter(results.values()))["exercises"].items()}
    path = GRADES / ("chapter-%d.csv" % chapter)
    known = [name for name in ("name", "email", "id")
             if any(row.get(name) for row in roster.values())]
    totals, absent = [], sorted(set(roster) - set(results))
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, delimiter=delimiter)
        out.writerow(["student", *known, "points", "of", *ids, "notes",
                      "page"])
        for student, result in results.items():
            row, about = list(table[student].values()), roster.get(student, {})
            totals.append(sum(row))
            out.writerow([
                cell(student), *(cell(about.get(name, "")) for name in known),
                number(sum(row)), sum(of.values()), *map(number, row),
                cell(cut("; ".join(notes_of(result)))),
                page_of(chapter, student).relative_to(GRADES).as_posix()])
        for student in absent:
            out.writerow([cell(student), *(
                cell(roster[student].get(name, "")) for name in known), 0,
                sum(of.values()), *[0] * len(ids), "no folder", ""])
    strangers = sorted(set(results) - set(roster)) if roster else []
    if strangers:
        print("Not in the roster: %s." % some(strangers))
    if absent:
        print("In the roster, without a folder: %s." % some(absent))
    missed = sorted(((sum(result["exercises"][id]["kind"] != "right"
                          for result in results.values()), id)
                     for id in ids), key=lambda pair: -pair[0])
    picture(chapter, missed, results)
    print("Chapter %d: %d student%s, %s of %d points in the mean. Most "
          "missed: %s." % (chapter, len(results), "s"[:len(results) > 1],
                   number(round(
                       sum(totals) / len(totals), 1)), sum(of.values()),
                   ", ".join("%s (%d)" % (id, count)
                             for count, id in missed[:3])))
    print("  %s, %s" % (path.relative_to(ROOT),
                        path.with_suffix(".png").relative_to(ROOT)))


def number(points):
    """Points without .0 where they are whole."""
    return int(points) if points == int(points) else points


def cut(text):
    """A note as the table has it: not too long."""
    return text if len(text) <= 600 else text[:560].rsplit(" ", 1)[0] + (
        " … (more on the feedback page)")


def cell(text):
    """A text that no spreadsheet takes for a formula."""
    text = re.sub(r"[\x00-\x1f]", " ", text)
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


def picture(chapter, missed, results):
    """How often each exercise was missed, most-missed first."""
    import matplotlib
    import numpy as np
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    ids = [id for _, id in missed][::-1]
    kinds = {kind: [sum(result["exercises"][id]["kind"] == kind
                        for result in results.values()) for id in ids]
             for kind in ("wrong", "blank", "lost", "unreadable")}
    kinds["lost"] = np.add(kinds["lost"], kinds.pop("unreadable"))
    fig, ax = plt.subplots(figsize=(7, 1.2 + 0.3 * len(ids)),
                           layout="constrained")
    ax.barh(ids, kinds["wrong"], color="#0072B2", label="wrong")
    ax.barh(ids, kinds["blank"], left=kinds["wrong"], color="#C8C8C8",
            hatch="//", edgecolor="white", label="not attempted")
    ax.barh(ids, kinds["lost"], left=np.add(kinds["wrong"], kinds["blank"]),
            color="#E69F00", hatch="..", edgecolor="white",
            label="lost or unreadable")
    ax.set_xlabel("students, of %d" % len(results))
    ax.set_xlim(0, len(results))
    ax.xaxis.get_major_locator().set_params(integer=True)
    fig.suptitle("Chapter %d: exercises missed" % chapter)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3,
              frameon=False)
    fig.savefig(GRADES / ("chapter-%d.png" % chapter), dpi=150)
    plt.close(fig)


def walls(results):
    """Says what stood between the submissions and this computer."""
    kinds = {result["isolation"] for result in results.values()}
    for kind in sorted(kinds - {"full", "none"}):
        print("Isolation was not whole here (%s): submissions could %s. See "
              "README, For a class." % (
                  kind, "see other processes and send UDP packets, but not "
                  "reach your files" if "Landlock" in kind
                  else "reach the network and files"))
