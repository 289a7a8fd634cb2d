"""`python3 ci grade FOLDER`: grades a class with nbgrader."""

HELP = "grade a folder of students' notebooks with nbgrader"


def arguments(parser):
    parser.add_argument(
        "folder", metavar="FOLDER", help="holds a folder for each student "
        "with the notebooks handed in")


def main(arguments):
    from ci.grading import classroom
    return classroom.main(arguments)
