"""Checks that packages/hub and Python's huggingface_hub share one cache, against a small hub on this machine.

Needs huggingface_hub (which transformers brings), Node. Run from the root of the repository:
    python tools/parity/hub_cache.py
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

repository, commit = "owner/model", "0123456789abcdef0123456789abcdef01234567"
files = {"config.json": b'{"model_type": "test"}', "model.safetensors": os.urandom(3_000_000)}


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        api = f"/api/models/{repository}"
        if path.startswith(f"{api}/tree/"):
            tree = [{"type": "file", "path": name, "size": len(content), "oid": git_sha1(content)} for name, content in files.items()]
            self.answer(json.dumps(tree).encode())
        elif path.startswith(api):
            siblings = [{"rfilename": name} for name in files]
            self.answer(json.dumps({"id": repository, "sha": commit, "siblings": siblings}).encode())
        else:
            content = files[path.split(f"/resolve/{commit}/")[1] if commit in path else path.split("/resolve/main/")[1]]
            name = git_sha1(content) if len(content) < 1_000_000 else hashlib.sha256(content).hexdigest()
            self.answer(content, {"ETag": f'"{name}"', "X-Repo-Commit": commit})

    do_HEAD = do_GET

    def answer(self, content, headers={}):
        start = int(self.headers.get("Range", "bytes=0-").split("=")[1].split("-")[0])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        for name, value in {"Content-Length": len(content) - start, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[start:])

    def log_message(self, *_):
        pass


def git_sha1(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=server.serve_forever, daemon=True).start()
endpoint = f"http://127.0.0.1:{server.server_port}"
python_code = """
import sys
from huggingface_hub import snapshot_download
print("done", snapshot_download("owner/model", cache_dir=sys.argv[1]))
"""


def start(language, cache, offline):
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "1" if offline else "0", "HF_HUB_DISABLE_TELEMETRY": "1"}
    node = ["node", "tools/run.mjs", "packages/hub/src/download/fetching-process.ts", endpoint, cache]
    command = [sys.executable, "-c", python_code, cache] if language == "Python" else node
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def finish(process, cache):
    output, _ = process.communicate(timeout=120)
    snapshot = Path(output.strip().splitlines()[-1].removeprefix("done "))
    assert process.returncode == 0 and snapshot == Path(cache) / "models--owner--model" / "snapshots" / commit, output
    for name, content in files.items():
        assert (snapshot / name).read_bytes() == content, name
        assert (snapshot / name).is_symlink()
    blobs = sorted(path.name for path in (snapshot.parents[1] / "blobs").iterdir())
    assert len(blobs) == len(files), blobs


for first, second in [("Node", "Python"), ("Python", "Node")]:
    with tempfile.TemporaryDirectory() as cache:
        finish(start(first, cache, offline=False), cache)
        finish(start(second, cache, offline=True), cache)
        finish(start(second, cache, offline=False), cache)
    print(f"{second} finds what {first} fetched")
with tempfile.TemporaryDirectory() as cache:
    for process in [start(language, cache, offline=False) for language in ["Node", "Python", "Node", "Python"]]:
        finish(process, cache)
    print("two of each at once: every one gets the right files")
