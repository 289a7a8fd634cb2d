"""`python3 ci translate`: what the Chinese edition owes the English one.

Makes each chapter of notebooks/zh follow the English: cells that are new come
in as English, cells that are gone go, code is copied. A translation is never
overwritten. Where the English has changed, both texts and the Chinese stand
side by side; a translator edits notebooks/zh in JupyterLab, then says which
cells are done: `python3 ci translate 4 --done 41-08 41-09`, or `--done all`.
"""
from ci import Stop, select

HELP = "make the Chinese edition follow the English, and show what is to do"


def arguments(parser):
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--done", nargs="+", metavar="CELL", default=[],
                        help="cells of one chapter that say now what the "
                             "English says; all for all of them")


def check(arguments):
    chosen = select(arguments.chapters)
    if arguments.done and len(chosen) != 1:
        raise Stop("--done is about the cells of one chapter: name it first.")


def main(arguments):
    from ci import notebook
    from ci.quality import translation
    open_cells = 0
    for number, path in select(arguments.chapters).items():
        english = notebook.read(path)
        there = translation.path_of(number)
        chinese = notebook.read(there) if there.exists() else None
        made, lost = translation.follow(english, chinese)
        mark(english, made, arguments.done)
        if made != chinese:
            there.parent.mkdir(exist_ok=True)
            notebook.replace(there, made)
        print("%d %s: %d cells to translate" % (
            number, path.name, show(number, english, made)), flush=True)
        for cell in lost:
            print("\ngone, its English is gone: %s\n%s" % (
                cell.id, cell.source))
        left = translation.differences(english, made)
        open_cells += len(left)
        for line in left:
            if "English has changed" not in line and (
                    "not translated" not in line):
                print("  " + line)
    return 1 if open_cells else 0


def mark(english, made, done):
    """Cells that are done keep the digest of today's English."""
    from ci.quality import translation
    texts = {cell.id: cell.source for cell in english.cells
             if cell.cell_type == "markdown"}
    unknown = set(done) - {"all"} - set(texts)
    if unknown:
        raise Stop("There is no Markdown cell %s." % ", ".join(
            sorted(unknown)))
    for cell in made.cells:
        if cell.cell_type == "markdown" and (
                cell.id in done or "all" in done):
            if cell.source == texts[cell.id] and any(
                    sign.isalpha() for sign in translation.plain(
                        cell.source)):
                if cell.id in done:
                    raise Stop("%s is the English text still." % cell.id)
                continue
            cell.metadata[translation.MARK] = translation.digest(
                texts[cell.id])


def show(number, english, made):
    """Prints each open cell: English before, English now, Chinese now."""
    from ci.quality import translation
    texts = {cell.id: cell.source for cell in english.cells}
    count = 0
    for cell in made.cells:
        if cell.cell_type != "markdown":
            continue
        kept = cell.metadata.get(translation.MARK)
        if kept == translation.digest(texts[cell.id]):
            continue
        count += 1
        if not kept:
            print("\n==== %s, not translated\n%s" % (cell.id,
                                                     texts[cell.id]))
            continue
        was = translation.before(number, kept)
        for title, text in (
                ("English before", was or "(not in the history)"),
                ("English now", texts[cell.id]),
                ("Chinese now", cell.source)):
            print("\n==== %s, %s\n%s" % (cell.id, title, text))
    return count
