"""A class on one server (ci/hub), on loopback; by `python3 ci prove` alone.

Three people follow nbgitpuller's link to chapter 3 in a browser and solve an
exercise; the folder of their homes is graded. Here each server is a process
of this environment's, without a container, so what the configuration says of
memory is read, not enforced.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import browser
import nbformat
import pytest
from helpers import clone

from ci import BUILD, LOCK, ROOT, chapters, environment

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    not os.environ.get("COURSE_PROVE"), reason="python3 ci prove")]
PEOPLE = {"ada": True, "ben": True, "cleo": False}  # whose answer is right
NUMBER = 3
# the configuration that is tested, with another spawner and authenticator
CONFIG = """
load_subconfig(%(config)r)
from jupyterhub.auth import Authenticator
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = %(homes)r + "/{username}"
c.Spawner.notebook_dir = ""
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
c.Spawner.environment = {"COURSE_PROGRESS": ""}
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.bind_url = "http://127.0.0.1:%(port)d"
c.JupyterHub.hub_ip = c.JupyterHub.hub_connect_ip = "127.0.0.1"
c.JupyterHub.hub_port = %(hub_port)d
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:%(proxy_port)d"
c.ConfigurableHTTPProxy.command = %(proxy)r
"""


@pytest.fixture(scope="module")
def tools():
    """The hub's Python and its proxy, made once in build/hub."""
    folder = BUILD / "hub"
    folder.mkdir(parents=True, exist_ok=True)
    python = environment.python(folder / "venv")
    environment.ensure(folder / "venv", LOCK)
    if not shutil.which("npm"):
        browser.missing("npm is missing: sudo apt install npm")
    for command in (
            [sys.executable, "-m", "uv", "pip", "install", "-q", "--python",
             python, "-r", ROOT / "ci/hub/requirements.txt"],
            ["npm", "install", "--silent", "--prefix", folder,
             "configurable-http-proxy@5.3.0"]):
        subprocess.run([str(word) for word in command], check=True,
                       env=os.environ | environment.mirror(), timeout=900,
                       stdin=subprocess.DEVNULL)
    return python, folder / "node_modules/.bin/configurable-http-proxy"


@pytest.fixture(scope="module")
def hub(tools, tmp_path_factory):
    """(address, folder of homes, the repository that the link brings)."""
    python, proxy = tools
    folder = tmp_path_factory.mktemp("hub")
    homes, origin = folder / "homes", folder / "large-models"
    homes.mkdir()
    for name in PEOPLE:
        (homes / name).mkdir()
    clone(origin)
    (origin / ".venv").unlink()
    git(origin, "init", "-qb", "main")
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "the collection")
    port = browser.free_port()
    config = folder / "config.py"
    config.write_text(CONFIG % {
        "config": str(ROOT / "ci/hub/jupyterhub_config.py"),
        "homes": str(homes), "port": port, "hub_port": browser.free_port(),
        "proxy_port": browser.free_port(), "proxy": [str(proxy)]})
    environ = environment.clean() | {
        "PATH": "%s:%s" % (Path(python).parent, os.environ["PATH"])}
    with open(folder / "log.txt", "w") as log:
        server = subprocess.Popen(
            [python, "-m", "jupyterhub", "-f", str(config)], cwd=folder,
            env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    address = "http://127.0.0.1:%d" % port
    try:
        for _ in range(browser.PATIENCE):
            assert server.poll() is None, (folder / "log.txt").read_text()
            try:
                urllib.request.urlopen(address + "/hub/health").close()
                break
            except urllib.error.URLError:
                time.sleep(1)
        yield address, homes, origin
    finally:
        server.terminate()
        server.wait(60)


def link(address, origin):
    """What a teacher hands out, for README's OWNER/NAME."""
    path = "%s/notebooks/%s" % (origin.name, chapters()[NUMBER].name)
    return address + "/hub/user-redirect/git-pull?" + urllib.parse.urlencode({
        "repo": "file://%s" % origin, "branch": "main",
        "urlpath": "lab/tree/" + path})


def git(folder, *words):
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t",
                    *words], cwd=folder, check=True)


def solve(address, origin, name, right):
    """Signs in, follows the link, answers one exercise, saves."""
    nb = nbformat.read(chapters()[NUMBER], as_version=4)
    blank, check, id, answer = browser.easy(nb)
    with browser.page() as view:
        view.goto(address + "/hub/login")
        view.fill("#username_input", name)
        view.fill("#password_input", "x")
        view.click("#login_submit")
        view.goto(link(address, origin))
        view.wait_for_function(
            "name => window.jupyterapp?.shell.currentWidget?.title.label "
            "=== name", arg=chapters()[NUMBER].name)
        browser.wait(view, "kernel === 'idle'")
        view.evaluate("""([blank, check, answer]) => {
            const {content} = jupyterapp.shell.currentWidget;
            const model = content.model.cells.get(blank).sharedModel;
            model.setSource(model.getSource().replace('...', answer));
            content.activeCellIndex = blank;
        }""", [blank, check, answer if right else "return 0"])
        for _ in range(blank, check + 1):
            view.evaluate("jupyterapp.commands.execute("
                          "'notebook:run-cell-and-select-next')")
        browser.menu(view, "File", "Save Notebook")
        browser.wait(view, "!panel.context.model.dirty")
    return id


def test_three_people_and_a_teacher(hub):
    address, homes, origin = hub
    for name, right in PEOPLE.items():
        id = solve(address, origin, name, right)
    # the repository moves on; what a student wrote is never overwritten
    (origin / "NEWS.md").write_text("new")
    git(origin, "add", "NEWS.md")
    git(origin, "commit", "-qm", "new")
    solve(address, origin, "ada", True)
    assert (homes / "ada" / origin.name / "NEWS.md").read_text() == "new"
    for name in PEOPLE:
        path = homes / name / origin.name / "notebooks" / (
            chapters()[NUMBER].name)
        assert path.is_file()
    copy = clone(origin.parent / "teacher")
    for words in (["release", str(NUMBER)],
                  ["grade", str(homes), "--chapter", str(NUMBER)]):
        done = subprocess.run([sys.executable, "ci", *words], cwd=copy,
                              text=True, capture_output=True, timeout=900,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr
    rows = (copy / "build/grades" / ("chapter-%d.csv" % NUMBER)).read_text(
        "utf-8-sig").splitlines()
    head = rows[0].split(",")
    points = {row.split(",")[0]: float(row.split(",")[head.index(id)] or 0)
              for row in rows[1:]}
    assert {name: points[name] > 0 for name in PEOPLE} == PEOPLE, rows


def test_what_a_person_gets(hub, tools):
    """Memory, cores and idle time as the configuration says."""
    code = ("from traitlets.config import PyFileConfigLoader as L; import json;"
            "c = L('jupyterhub_config.py', %r).load_config();"
            "print(json.dumps([c.Spawner, c.JupyterHub.services]))"
            % str(ROOT / "ci/hub"))
    spawner, services = json.loads(subprocess.run(
        [tools[0], "-c", code], check=True, text=True,
        stdout=subprocess.PIPE).stdout)
    assert (spawner["mem_guarantee"], spawner["mem_limit"]) == ("1G", "2G")
    assert "--timeout=3600" in services[0]["command"]
    values = (ROOT / "ci/hub/kubernetes.yaml").read_text("utf-8")
    assert re.search(r"guarantee: 1G\n +limit: 2G", values)
