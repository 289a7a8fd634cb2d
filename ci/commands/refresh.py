"""`python3 ci refresh`: executes chapters in place.

What is committed is then what the code prints, without anything that would
differ from run to run. A file is replaced in one step, or not at all. The
index of the chapters' text, which chapter 8 asks, is brought up to date first.
"""
import subprocess
import sys

from ci import ROOT, Stop, select

HELP = "run chapters in place: committed outputs are then what the code prints"


def arguments(parser):
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--tolerances", action="store_true",
                        help="run them in the rows of `matrix`, and write "
                             "the tolerance that each cell's numbers need")


def check(arguments):
    select(arguments.chapters)


def main(arguments):
    from ci.execution import refresh
    from ci.quality.tolerances import state_tolerances
    failed = False
    index = ROOT / "data" / "make_book_index.py"
    if index.exists():
        subprocess.run([sys.executable, index], check=True)
    for number, path in select(arguments.chapters).items():
        try:
            if arguments.tolerances:
                state_tolerances(number, path)
            else:
                refresh(number, path)
                print("%s: refreshed" % path.name, flush=True)
        except Stop as stop:
            print("%s: not changed. %s" % (path.name, stop), flush=True)
            failed = True
    return 1 if failed else 0
