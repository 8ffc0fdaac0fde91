"""Starts a daemon on an empty store, and lets others' clients and testers at it.

Usage: SLUICE=path/to/sluice conform.py [EXAMPLES]     EXAMPLES: requests that are made up for each operation and method
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

here = pathlib.Path(__file__).resolve().parent
examples = sys.argv[1] if len(sys.argv) > 1 else "15"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_until_it_answers(url, daemon):
    deadline = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(url + "/health/live", timeout=5).read()
        except OSError:
            if daemon.poll() is not None or time.monotonic() > deadline:
                sys.exit("conform.py: the daemon does not answer")
            time.sleep(0.1)  # nothing tells when it listens


with tempfile.TemporaryDirectory(prefix="sluice-conform.") as folder:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # Nobody listens at the broker's port: what people report needs no sensors.
    pathlib.Path(folder, "sluice.yaml").write_text(
        f"data: {{directory: {folder}/data}}\nmqtt: {{port: {free_port()}}}\n"
        f"http: {{port: {port}, writing: open}}\nlog: {{level: warning}}\n")
    pathlib.Path(folder, "data").mkdir()
    with open(pathlib.Path(folder, "log"), "wb") as log:
        daemon = subprocess.Popen(
            [os.environ["SLUICE"], "run", "--config", f"{folder}/sluice.yaml"], stdout=log, stderr=log)
        try:
            wait_until_it_answers(url, daemon)
            clients = subprocess.run([sys.executable, here / "clients.py", url])
            tester = subprocess.run(
                [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", here / "schemathesis.toml", "run",
                 url + "/openapi.yaml", "--max-examples", examples, "--seed", "311", "--no-color"],
                cwd=folder)  # where it leaves its notes
            alive = daemon.poll() is None
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(timeout=60)
    failed = clients.returncode != 0 or tester.returncode != 0 or not alive or daemon.returncode != 0
    if failed:
        print(pathlib.Path(folder, "log").read_text(errors="replace")[-4000:])
        print(f"conform.py: the daemon ended with {daemon.returncode}" + ("" if alive else ", too early"))
    sys.exit(failed)
