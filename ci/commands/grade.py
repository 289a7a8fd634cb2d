"""`python3 ci grade FOLDER`: grades a class with nbgrader."""

HELP = "grade a folder of students' notebooks with nbgrader"


def arguments(parser):
    parser.add_argument(
        "folder", metavar="FOLDER", help="holds a folder for each student "
        "with the notebooks handed in")
    parser.add_argument("--roster", metavar="FILE", help="a CSV with the "
                        "columns folder, and name, email, id where known")
    parser.add_argument("--delimiter", default=",", metavar="SIGN",
                        help="between the columns of the table of points")
    parser.add_argument("--fill", metavar="TEMPLATE", help="write the points "
                        "into a copy of a school's sheet (CSV, XLSX, XLS)")
    parser.add_argument("--column", help="the head of the column to fill")
    parser.add_argument("--chapter", type=int,
                        help="whose points are filled in")


def main(arguments):
    from ci.grading import classroom
    return classroom.main(arguments)
