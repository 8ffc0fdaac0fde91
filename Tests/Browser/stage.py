"""What all tests of one run share: a browser, the made-up city, and a daemon that hears what no city sends.

The city's burst comes when its clock has gone far enough, so a page watches for it from the beginning while other tests run.
"""

import atexit
import http.server
import re
import shutil
import threading
import unittest

from browser import Browser, settled
from city import Daemon, Demo, scratch

HOSTILE = "<img src=x onerror=alert(1)>"
_shared = {}


def _once(name, make):
    if name not in _shared:
        _shared[name] = make()
    return _shared[name]


def folder():
    def make():
        path = scratch()
        atexit.register(shutil.rmtree, path, ignore_errors=True)
        return path

    return _once("folder", make)


def browser():
    return _once("browser", lambda: _stopped_at_exit(Browser()))


def demo():
    return _once("demo", lambda: _stopped_at_exit(Demo(folder(), rate=600)))


def burst():
    """The number of the burst main's request. It stays open, where others close within seconds of the city's fast clock."""

    def make():
        page = browser().window()
        page.goto(demo().address + "/?service=water-leak")
        card = page.locator(".request", has_text=re.compile("burst", re.I)).first
        card.wait_for(timeout=110_000)
        number = card.get_attribute("data-id")
        page.context.close()
        return number

    return _once("burst", make)


def daemon():
    """`sluice run` with a sensor and messages that would do harm if a page took them for more than text."""

    def make():
        found = _stopped_at_exit(Daemon(folder()))
        found.publish("sluice/bin-fill/other", HOSTILE)
        found.publish(
            f"sluice/bin-fill/{HOSTILE}", *(f'{{"metric":"temperature_c","value":{value}}}' for value in (21, 22, 96, 97, 98, 99)))
        # Every third frame comes, from a battery that is nearly empty.
        found.publish(
            "sluice/bin-fill/worn-out", *(f'{{"metrics":{{"fill_pct":{frame % 7},"battery_pct":9}},"seq":{frame}}}' for frame in range(1, 60, 3)))
        return found

    return _once("daemon", make)


def watcher():
    """A window on the first page since the beginning, which keeps what was announced to screen readers."""

    def make():
        page = browser().window()
        page.goto(demo().address + "/")
        settled(page)
        page.evaluate("""window.isTheSamePage = true; window.said = [];
            new MutationObserver(() => said.push(document.querySelector('#announcer').textContent))
                .observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true }); 0""")
        return page

    return _once("watcher", make)


def elsewhere(body):
    """The address of a page of another site."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    atexit.register(server.shutdown)
    return f"http://127.0.0.1:{server.server_port}/"


def _stopped_at_exit(thing):
    atexit.register(thing.stop)
    return thing


class Case(unittest.TestCase):
    """A test with windows of its own, which are closed behind it."""

    def window(self, **window):
        page = browser().window(**window)
        self.addCleanup(page.context.close)
        return page

    def open(self, path, address=None, **window):
        page = self.window(**window)
        page.goto((address or demo().address) + path)
        settled(page)
        return page


def begin():
    """What takes a while is started first."""
    demo()
    watcher()
