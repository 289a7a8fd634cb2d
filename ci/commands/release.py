"""`python3 ci release`: the students' edition of the exercises."""
from ci import LANGUAGE, NOTEBOOKS, select

HELP = "make the students' edition of the exercises, for a class"


def arguments(parser):
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--language", choices=("en", LANGUAGE), default="en",
                        help="of the texts and of what the checks say")


def check(arguments):
    select(arguments.chapters, folder(arguments.language))


def folder(language):
    """Where the chapters in a language lie."""
    return NOTEBOOKS / LANGUAGE if language == LANGUAGE else NOTEBOOKS


def main(arguments):
    from ci.grading import assignments
    return assignments.main(arguments)
