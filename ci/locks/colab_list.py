"""What Colab has changed since our list.

    python3 -m ci.locks.colab_list NEWEST

NEWEST is its published list, as `pip freeze` writes it. Prints a line for
each package of requirements-colab.txt that has another version there, or is
gone; the exit status is 1 if there is one. Standard library alone: a
workflow calls it.
"""
import re
import sys
from pathlib import Path
from urllib.parse import unquote

OURS = Path(__file__).with_name("requirements-colab.txt")


def versions(text):
    """{package: version} of a list; of an address, its file's version."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"([\w.-]+)\s*(==|@)\s*([^\s;#]+)", line)
        if match:
            name, how, version = match.groups()
            if how == "@":  # .../torch-2.9.0%2Bcpu-cp313-cp313-linux.whl
                file = re.search(r"/[\w.]+-([\w.+!]+)(-[^/]*\.whl|\.tar\.gz)$",
                                 unquote(version))
                version = file[1] if file else version
            found[re.sub(r"[-_.]+", "-", name).lower()] = version
    return found


def changes(ours, newest):
    """Lines such as "numpy: 2.1.3, now 2.2.0", by package."""
    ours, newest = versions(ours), versions(newest)
    return ["%s: %s, now %s" % (name, version, newest.get(name, "gone"))
            for name, version in sorted(ours.items())
            if newest.get(name) != version]


def main(words):
    newest = Path(words[0]).read_text(encoding="utf-8")
    if len(versions(newest)) < 100:  # an error page, another format
        print("%s is no list of Colab's packages." % words[0])
        return 1
    changed = changes(OURS.read_text(encoding="utf-8"), newest)
    print("\n".join(changed) or "Nothing has changed.")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
