"""`python3 ci bench`: how fast a T5 writes, side by side on two cores."""

HELP = ("measure how fast T5 writes, into ci/bench (half an hour; goes on "
        "where it was stopped)")


def arguments(parser):
    parser.add_argument(
        "--torch", metavar="PYTHON", help="an interpreter that has PyTorch "
        "and transformers, for one more row")
    parser.add_argument("--again", action="store_true",
                        help="forget what is measured already")


def main(arguments):
    from ci import bench
    return bench.main(arguments)
