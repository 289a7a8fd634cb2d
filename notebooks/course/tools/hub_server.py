"""A stand-in for the Hugging Face hub: its protocol, on loopback (6.3)."""

import hashlib
import json
import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock
from urllib.parse import unquote

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Serve folders as repositories while the `with` block runs (6.3).

    repositories: {name: folder}. `url` is what HF_ENDPOINT should be;
    `asked` lists each request, "HEAD /t5-small/resolve/main/config.json".
    With `cut` set, a weight file breaks off in the middle.
    """

    def __init__(self, repositories):
        self.repositories = {k: Path(v) for k, v in repositories.items()}
        self.asked, self.cut = [], False

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"hub": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def log_message(self, *_):
        pass

    def answer(self, body):
        path = unquote(self.path.partition("?")[0])
        self.hub.asked.append(f"{self.command} {path}")
        if path.startswith("/cdn/"):
            return self.send_file(self.hub.repositories, path[5:], body)
        for name, folder in self.hub.repositories.items():
            if path == f"/api/models/{name}":
                files = [{"rfilename": f.name} for f in folder.iterdir()]
                text = json.dumps({"id": name, "sha": COMMIT,
                                   "siblings": files}).encode()
                return self.send(200, text if body else b"")
            if path.startswith(f"/{name}/resolve/"):
                return self.resolve(name, folder, path.split("/")[-1], body)
            if path.startswith((f"/api/models/{name}/", f"/{name}/")):
                return self.send(404, **{"X-Error-Code": "EntryNotFound"})
        if path == "/":
            return self.send(200)
        # without a token the hub does not say whether a name exists
        self.send(401, **{"X-Error-Code": "RepoNotFound"})

    def resolve(self, name, folder, file, body):
        if not (folder / file).is_file():
            return self.send(404, **{"X-Error-Code": "EntryNotFound",
                                     "X-Repo-Commit": COMMIT})
        content = (folder / file).read_bytes()
        if not file.endswith(".safetensors"):
            etag = hashlib.sha1(content).hexdigest()
            return self.send(200, content if body else b"",
                             length=len(content), ETag=f'"{etag}"',
                             **{"X-Repo-Commit": COMMIT})
        etag = hashlib.sha256(content).hexdigest()
        self.send(302, Location=f"{self.hub.url}/cdn/{name}/{file}",
                  **{"X-Linked-Etag": f'"{etag}"', "X-Repo-Commit": COMMIT,
                     "X-Linked-Size": str(len(content))})

    def send_file(self, repositories, path, body):
        name, _, file = path.rpartition("/")
        content = (repositories[name] / file).read_bytes()
        length = len(content)
        if self.hub.cut:
            content, self.close_connection = content[:length // 2], True
        self.send(200, content if body else b"", length=length)

    def send(self, status, content=b"", length=None, **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(length or len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def instead_of_the_hub(hub):
    """Let transformers ask a running Hub wherever it would ask the real one.

    What a reader has set (another hub, offline, a proxy) is back afterwards.
    """
    import huggingface_hub
    from huggingface_hub import constants, file_download, hf_api
    from transformers.utils import hub as of_transformers
    bars = huggingface_hub.utils.are_progress_bars_disabled()
    huggingface_hub.utils.disable_progress_bars()
    huggingface_hub.utils.reset_sessions()
    template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    try:
        with (mock.patch.dict(os.environ, NO_PROXY="127.0.0.1"),
              mock.patch.multiple(constants, ENDPOINT=hub.url,
                                  HF_HUB_OFFLINE=False),
              mock.patch.object(hf_api.api, "endpoint", hub.url),
              mock.patch.object(file_download, "HUGGINGFACE_CO_URL_TEMPLATE",
                                template),
              mock.patch.object(of_transformers, "_is_offline_mode", False)):
            yield
    finally:
        huggingface_hub.utils.reset_sessions()
        if not bars:
            huggingface_hub.utils.enable_progress_bars()
