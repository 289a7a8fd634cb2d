"""A class on one server: a container a person, of the image that Binder uses.

    jupyterhub -f ci/hub/jupyterhub_config.py

COURSE_HOMES is the folder that gets a folder a person, and that `python3 ci
grade` reads as it is; COURSE_IMAGE the image. An authenticator has to be
chosen: JupyterHub's own asks this computer's accounts.
"""
import os
import sys

HOMES = os.environ.get("COURSE_HOMES", "/srv/course/homes")
IMAGE = os.environ.get("COURSE_IMAGE", "large-models-class")
HOME = "/home/jovyan/work"  # in the container
IDLE = 3600  # seconds until an idle server is stopped; its files stay

c = get_config()  # noqa: F821 JupyterHub gives it
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = IMAGE
c.DockerSpawner.volumes = {os.path.join(HOMES, "{username}"): HOME}
c.DockerSpawner.notebook_dir = HOME
c.DockerSpawner.remove = True  # what is kept lies in HOMES
c.JupyterHub.hub_connect_ip = "172.17.0.1"  # this computer, from Docker
c.JupyterHub.hub_ip = "0.0.0.0"
# a chapter takes up to 1.5 GB; one person runs one at a time
c.Spawner.mem_guarantee, c.Spawner.mem_limit = "1G", "2G"
c.Spawner.cpu_limit = 2
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.default_url = "/lab"

c.JupyterHub.services = [{"name": "cull", "command": [
    sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=%d" % IDLE,
    "--cull-every=%d" % (IDLE // 6)]}]
c.JupyterHub.load_roles = [{"name": "cull", "services": ["cull"], "scopes": [
    "list:users", "read:users:activity", "read:servers", "delete:servers"]}]
