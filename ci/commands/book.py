"""`python3 ci book`: the chapters as one static site in build/book."""

HELP = "the chapters as a static site, to be read offline"


def arguments(parser):
    pass


def main(arguments):
    from ci import book
    return book.main()
