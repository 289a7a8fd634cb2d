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


COMMANDS = ("lab", "run", "test", "refresh", "matrix", "prove", "book",
            "publish", "release", "grade", "bench", "lock", "translate")


def parse(words):
    """(the command's module, its arguments); what it passes on: `rest`."""
    import argparse
    from importlib import import_module
    parser = argparse.ArgumentParser(
        prog="python3 ci", description="Large Models, Measured. The first "
        "call installs everything into .venv, once.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND",
                                     required=True)
    modules = {}
    for name in COMMANDS:
        modules[name] = module = import_module("ci.commands." + name)
        module.arguments(commands.add_parser(
            name, help=module.HELP, description=module.HELP,
            allow_abbrev=False))
    if not words:
        parser.print_help()
        sys.exit(2)
    arguments, rest = parser.parse_known_args(words)
    module = modules[arguments.command]
    if rest and not hasattr(module, "PASSES_ON"):
        commands.choices[arguments.command].error(
            "unknown argument: " + " ".join(rest))
    arguments.rest = rest
    return module, arguments


def main(words):
    check_python()
    # `python3 ci` puts this folder on the path, where it would hide others
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [p for p in sys.path if os.path.abspath(p) != here]
    sys.path.insert(0, os.path.dirname(here))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    from ci import Stop, environment
    module, arguments = parse(words)
    try:
        if hasattr(module, "check"):  # told now, not after installing
            module.check(arguments)
        if getattr(module, "INSTALLS", True):
            environment.enter(words)
        return module.main(arguments)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except OSError as error:
        print(environment.explain(error) + environment.logged(),
              file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
