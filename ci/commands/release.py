"""`python3 ci release`: the students' edition of the exercises."""
from ci import select

HELP = "make the students' edition of the exercises, for a class"


def arguments(parser):
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")


def check(arguments):
    select(arguments.chapters)


def main(arguments):
    from ci.grading import assignments
    return assignments.main(arguments)
