"""Starts what the pages are looked at with: `sluice demo`, or `sluice run` behind a broker of our own."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("SLUICE", ROOT / ".build/release/sluice"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Program:
    """A child process whose lines are waited for, not its age."""

    def __init__(self, command, log):
        self.lines = []
        self.heard = threading.Condition()
        self.log = open(log, "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            text=True, errors="replace")
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        for line in self.process.stdout:
            self.log.write(line)
            self.log.flush()
            with self.heard:
                self.lines.append(line)
                self.heard.notify_all()
        with self.heard:
            self.lines.append(None)
            self.heard.notify_all()

    def wait_for(self, pattern, seconds):
        """The match in the first line that has one."""
        end = time.monotonic() + seconds
        seen = 0
        with self.heard:
            while True:
                for line in self.lines[seen:]:
                    seen += 1
                    if line is None:
                        raise AssertionError("it ended: " + "".join(l for l in self.lines[-15:] if l))
                    found = re.search(pattern, line)
                    if found:
                        return found
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{pattern!r} did not come within {seconds} s: " + "".join(self.lines[-15:]))
                self.heard.wait(left)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.listener.join(10)
        self.log.close()


def new_key(data, name, *roles):
    """A key that the daemon in that directory knows at once."""
    command = [PROGRAM, "keys", "add", name, "--data", data] + [word for role in roles for word in ("--role", role)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


class Demo:
    """The made-up city. Its clock runs so fast that the burst comes seconds after it goes live."""

    def __init__(self, folder, rate=300):
        self.data = folder / "demo"
        command = [
            PROGRAM, "demo", "--http-port", free_port(), "--rate", rate, "--data", self.data, "--fixtures",
            ROOT / "fixtures"]
        if os.environ.get("SLUICE_ASSETS"):
            command += ["--assets", os.environ["SLUICE_ASSETS"]]
        self.program = Program(command, folder / "demo.log")
        self.address = self.program.wait_for(r"Dashboard\S*\s+(http://\S+?)/?(\x1b|\s|$)", 120).group(1)

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=20) as answer:
            return json.load(answer)

    def get_until(self, path, condition, seconds=110):
        """What `condition` makes of the answer, once that is something: what the store does in its spare time tells nobody."""
        end = time.monotonic() + seconds
        while True:
            found = condition(self.get(path))
            if found:
                return found
            assert time.monotonic() < end, f"{path} did not become so within {seconds} s"
            time.sleep(.25)

    def stop(self):
        self.program.stop()


class Daemon:
    """`sluice run` with a broker that takes everything, for what no made-up city sends."""

    def __init__(self, folder):
        self.port = free_port()
        broker = free_port()
        settings = folder / "mosquitto.conf"
        settings.write_text(f"listener {broker} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\n")
        mosquitto = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.broker_port = broker
        self.broker = Program([mosquitto, "-v", "-c", settings], folder / "mosquitto.log")
        self.broker.wait_for("running|Opening ipv4 listen socket", 20)
        configuration = folder / "sluice.yaml"
        self.data = folder / "data"
        text = (
            f"data: {{directory: {self.data}}}\nmqtt: {{host: 127.0.0.1, port: {broker}}}\n"
            f"http: {{port: {self.port}")
        if os.environ.get("SLUICE_ASSETS"):
            text += f", assets_directory: {os.environ['SLUICE_ASSETS']}"
        configuration.write_text(text + "}\n")
        self.program = Program([PROGRAM, "run", "--config", configuration], folder / "daemon.log")
        self.program.wait_for("broker.connected|mqtt.connected|mqtt.subscribed|connected", 60)
        self.address = f"http://127.0.0.1:{self.port}"

    def publish(self, topic, *payloads):
        """One message a payload, of a line each, in this order."""
        command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker_port), "-q", "1", "-t", topic, "-l"]
        subprocess.run(command, input="\n".join(payloads) + "\n", text=True, check=True, timeout=30)

    def stop(self):
        self.program.stop()
        self.broker.stop()


def scratch():
    return pathlib.Path(tempfile.mkdtemp(prefix="sluice-browser."))
