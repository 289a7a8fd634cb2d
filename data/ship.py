"""What a script in here does last with each file that it has written."""
import hashlib
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECTION = """
## {name}

| | |
|---|---|
| what | ... |
| made by | `{script}` |
| used by | ... |
| licence | CC BY 4.0 |
"""


def ship(*paths, data=HERE):
    """Puts files' sums into SHA256SUMS, by name, and opens their datasheets.

    paths: of files under data/. Where no heading of data/README.md names a
    file, or its folder, a section is begun there, for you to fill in.
    """
    sums, sheet = data / "SHA256SUMS", data / "README.md"
    lines = sums.read_text("utf-8").splitlines() if sums.exists() else []
    line = {text.split(maxsplit=1)[1]: text for text in lines}
    for path in paths:
        name = path.resolve().relative_to(data).as_posix()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        line[name] = f"{digest}  {name}"
        if not described(name, sheet.read_text("utf-8")):
            with open(sheet, "a", encoding="utf-8") as file:
                file.write(SECTION.format(
                    name=name, script=Path(sys.argv[0]).name))
            print(f"data/README.md: say there what {name} is")
    sums.write_text("".join(line[name] + "\n" for name in sorted(line)),
                    "utf-8")


def described(name, sheet):
    """Whether a heading of the datasheet names the file or its folder."""
    headings = " ".join(re.findall(r"^##+ (.*)", sheet, re.M))
    parts = name.split("/")
    return parts[-1] in headings or parts[0] + "/" in headings
