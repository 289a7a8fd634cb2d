"""`python3 ci matrix`: chapters on other processors, seeds, Pythons, Colab."""
from ci import select

HELP = ("run chapters under other processors' settings, seeds, Pythons, and "
        "as on Colab (hours; goes on where it was stopped)")


def arguments(parser):
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--row", action="append", default=[],
                        help="one row of the table alone; may be repeated")
    parser.add_argument("--jobs", type=int, default=1, metavar="N",
                        help="chapters at a time (times are true with one)")
    parser.add_argument("--again", action="store_true",
                        help="forget what has run already")


def check(arguments):
    select(arguments.chapters)


def main(arguments):
    from ci.quality import matrix
    return matrix.main(arguments)
