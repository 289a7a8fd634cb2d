"""`python3 ci COMMAND`: see `python3 ci --help`.

Kept to a syntax that Python 2.7 and 3.6 can read, so that they get the line
below and not a SyntaxError.
"""
from __future__ import print_function

import os
import sys


def check_python():
    """Python 3.11 to 3.13, or one line that says what to do."""
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return
    try:
        from shutil import which
        others = [p for p in ("python3.13", "python3.12", "python3.11")
                  if which(p)]
    except ImportError:  # Python 2
        others = []
    advice = ("call it so: %s ci ..." % others[0] if others else
              "get one from https://www.python.org/downloads/ and call it "
              "by its name: python3.13 ci ...")
    sys.exit("Python 3.11, 3.12 or 3.13 is needed, this is %d.%d; %s"
             % (sys.version_info[0], sys.version_info[1], advice))


def parse(words):
    """The command's arguments; what pytest is to get stands in `rest`."""
    import argparse
    parser = argparse.ArgumentParser(
        prog="python3 ci", description="Large Models, Measured. The first "
        "call installs everything into .venv, once.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND",
                                     required=True)

    def add(name, text):
        return commands.add_parser(name, help=text, description=text,
                                   allow_abbrev=False)

    lab = add("lab", "open JupyterLab on the chapters")
    lab.add_argument("--port", type=int)
    lab.add_argument("--no-browser", action="store_true")
    run = add("run", "run chapters, measure time and memory")
    run.add_argument("chapters", nargs="*", metavar="CHAPTER",
                     help="a number; none means all")
    run.add_argument("-p", nargs=2, action="append", default=[],
                     metavar=("NAME", "VALUE"), dest="parameters",
                     help="set a parameter of the chapters")
    run.add_argument("--budgets", action="store_true",
                     help="over budget is a failure")
    test = add("test", "run the tests; further arguments go to pytest")
    test.add_argument("--all", action="store_true",
                      help="the long tests too (20 to 45 minutes)")
    refresh = add("refresh", "run chapters in place: committed outputs are "
                             "then what the code prints")
    refresh.add_argument("chapters", nargs="*", metavar="CHAPTER")
    refresh.add_argument("--tolerances", action="store_true",
                         help="run nothing: say, and write, which tolerance "
                              "each cell's numbers need, by what `matrix` saw")
    matrix = add("matrix", "run chapters under other processors' settings, "
                           "seeds, Pythons, and as on Colab (hours; goes on "
                           "where it was stopped)")
    matrix.add_argument("chapters", nargs="*", metavar="CHAPTER")
    matrix.add_argument("--row", action="append", default=[],
                        help="one row of the table alone; may be repeated")
    matrix.add_argument("--jobs", type=int, default=1, metavar="N",
                        help="chapters at a time (times are true with one)")
    matrix.add_argument("--again", action="store_true",
                        help="forget what has run already")
    add("book", "the chapters as a static site, to be read offline")
    publish = add("publish", "write the address of a published copy into "
                             "badges and set-up cells")
    publish.add_argument("repository", metavar="OWNER/NAME")
    release = add("release", "make the students' edition of the exercises, "
                             "for a class")
    release.add_argument("chapters", nargs="*", metavar="CHAPTER")
    grade = add("grade", "grade a folder of students' notebooks with nbgrader")
    grade.add_argument("folder", metavar="FOLDER", help="holds a folder for "
                       "each student with the notebooks handed in")
    bench = add("bench", "measure how fast T5 writes, into ci/bench "
                         "(half an hour; goes on where it was stopped)")
    bench.add_argument("--torch", metavar="PYTHON",
                       help="an interpreter that has PyTorch and "
                            "transformers, for one more row")
    bench.add_argument("--again", action="store_true",
                       help="forget what is measured already")
    lock = add("lock", "write the locks in ci/ anew from the requirements")
    lock.add_argument("--upgrade", action="store_true",
                      help="take the newest versions that fit")
    if not words:
        parser.print_help()
        sys.exit(2)
    arguments, rest = parser.parse_known_args(words)
    if rest and arguments.command != "test":
        commands.choices[arguments.command].error(
            "unknown argument: " + " ".join(rest))
    arguments.rest = rest
    return arguments


def main(words):
    check_python()
    # `python3 ci` puts this folder on the path, where our `test` would hide
    # Python's own
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [p for p in sys.path if os.path.abspath(p) != here]
    sys.path.insert(0, os.path.dirname(here))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    from importlib import import_module
    from ci import Stop, bootstrap, select
    arguments = parse(words)
    try:
        if arguments.command in ("lock", "publish"):  # nothing to install
            return import_module("ci." + arguments.command).main(arguments)
        if arguments.command in ("run", "refresh", "release", "matrix"):
            select(arguments.chapters)  # told now, not after installing
        bootstrap.enter(words)
        return import_module("ci." + arguments.command).main(arguments)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except OSError as error:
        print(bootstrap.explain(error) + bootstrap.logged(),
              file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
