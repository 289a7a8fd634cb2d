"""`python3 ci lab`: JupyterLab, opened on the list of chapters."""
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from ci import LANGUAGE, NOTEBOOKS, ROOT, Stop, chapters

HELP = "open JupyterLab on the chapters"

# how it looks at the first start; later, as the reader left it
CONTENTS = "@jupyterlab/toc:plugin"
FIRST = {
    # the list of chapters at the left, a chapter's contents at the right
    "workspaces/default-37a8.jupyterlab-workspace": {
        "metadata": {"id": "default"},
        "data": {"layout-restorer:data": {
            "left": {"collapsed": False, "visible": True,
                     "current": "filebrowser", "widgets": ["filebrowser"]},
            "right": {"collapsed": False, "visible": True,
                      "current": CONTENTS, "widgets": [CONTENTS]},
            "relativeSizes": [0.18, 0.6, 0.22]}}},
    "user-settings/@jupyterlab/application-extension/"
    "shell.jupyterlab-settings": {"layout": {
        "single": {}, "multiple": {"Table of Contents": {"area": "right"}}}},
    # no dialogue about news, nothing fetched
    "user-settings/@jupyterlab/apputils-extension/"
    "notification.jupyterlab-settings": {
        "fetchNews": "false", "checkForUpdates": False},
}


def arguments(parser):
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--language", choices=("en", LANGUAGE),
                        default=spoken(os.environ),
                        help="the edition that is opened; without it, the "
                             "one of the system's language")


def spoken(environ):
    """The edition for the language that the system is set to."""
    word = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG")
                 if environ.get(name)), "")
    return LANGUAGE if re.match(LANGUAGE + r"([_.@-]|$)", word) else "en"


def main(arguments):
    command = [sys.executable, "-m", "jupyterlab", "--log-level=WARN",
               "--ServerApp.root_dir=" + str(ROOT),
               "--LabApp.default_url=/lab/tree/" + opened(
                   arguments.language),
               "--LabApp.news_url=None",
               "--LabApp.check_for_updates_class="
               "jupyterlab.NeverCheckForUpdate",
               # nobody else on this machine can listen to a kernel
               "--MappingKernelManager.transport_encryption=auto"]
    if arguments.port is not None:
        check_port(arguments.port)
        command += ["--port=%d" % arguments.port,
                    "--ServerApp.port_retries=0"]
    if arguments.no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container, everybody is root
    first_start()
    os.environ["COURSE_LIVE"] = "1"  # a person sits before these kernels
    os.environ["JUPYTER_CONFIG_PATH"] = str(ROOT / "ci" / "jupyter")
    print("Opening JupyterLab on the chapters; Ctrl-C twice stops it.",
          flush=True)
    if os.name == "nt":
        return subprocess.call(command, cwd=ROOT)
    os.chdir(ROOT)
    os.execv(command[0], command)


def opened(language):
    """The folder of an edition's chapters, from the root."""
    if language == LANGUAGE and chapters(NOTEBOOKS / LANGUAGE):
        return "notebooks/" + LANGUAGE
    return "notebooks"


def first_start():
    """Settings of the collection, where the reader has none yet."""
    folder = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "lab"
    for name, value in FIRST.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value), encoding="utf-8")


def check_port(port):
    """Stop if nothing can listen on the port."""
    if not 0 < port < 65536:
        raise Stop("A port is a number from 1 to 65535, not %d." % port)
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Stop("Port %d is for the system only: take one above 1023."
                       % port)
        except OSError:
            raise Stop("Port %d is in use: call again with another, or "
                       "without --port." % port)
