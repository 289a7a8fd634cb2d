"""`python3 ci book`: the chapters as one static site in build/book."""
import shutil
import subprocess

from ci import Stop

HELP = "the chapters as a static site, to be read offline"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome",
            "msedge",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium")


def arguments(parser):
    parser.add_argument("--pdf", action="store_true",
                        help="also a PDF of each language, by Chromium")


def check(arguments):
    if arguments.pdf:
        browser()


def browser():
    """The path of a Chromium, with letters for Chinese; Stop without."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        raise Stop("A PDF needs Chromium or Chrome, and none is found: "
                   "sudo apt install chromium")
    if shutil.which("fc-list") and not subprocess.run(
            ["fc-list", ":lang=zh"], capture_output=True).stdout.strip():
        raise Stop("No font has Chinese letters, which the PDF needs: "
                   "sudo apt install fonts-noto-cjk")
    return path


def main(arguments):
    from ci import book
    book.main()
    if arguments.pdf:
        from ci.book import pdf
        pdf.main(book.BOOK, browser())
    return 0
