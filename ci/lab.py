"""`python3 ci lab`: JupyterLab, opened on the list of chapters."""
import os
import socket
import subprocess
import sys

from ci import ROOT, Stop


def main(arguments):
    command = [sys.executable, "-m", "jupyterlab", "--log-level=WARN",
               "--ServerApp.root_dir=" + str(ROOT),
               "--LabApp.default_url=/lab/tree/notebooks",
               # no dialogue about news at the first start, nothing fetched
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
    print("Opening JupyterLab on the chapters; Ctrl-C twice stops it.",
          flush=True)
    if os.name == "nt":
        return subprocess.call(command, cwd=ROOT)
    os.chdir(ROOT)
    os.execv(command[0], command)


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
