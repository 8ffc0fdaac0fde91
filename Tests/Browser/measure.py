"""What the pages cost, over a store of a hundred thousand requests and ten thousand sensors:

- how long the first page takes until it can be used, and the view of all sensors,
- how evenly it draws while sixty requests a second change,
- what two hundred viewers cost the daemon meanwhile,
- how long after it was sent an update is heard on the stream of events.

Nothing here fails: it prints figures. Build first (swift build -c release, for sluice and Benchmarks), then, from the root,
    .build-browser/venv/bin/python Tests/Browser/measure.py
"""

import http.client
import json
import os
import select
import shutil
import socket
import statistics
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from browser import Browser, settled, until
from city import PROGRAM, ROOT, Program, free_port, scratch

# As Benchmarks --make-store makes them.
REQUESTS, SENSORS = 100_000, 10_000
VIEWERS = 200
LOOK_S = 10


class Store:
    """A daemon over a made-up store, without a broker: it only shows and takes updates."""

    def __init__(self, folder):
        data = folder / "data"
        subprocess.run([PROGRAM.parent / "Benchmarks", "--make-store", data], check=True)
        self.port = free_port()
        configuration = folder / "sluice.yaml"
        configuration.write_text(
            f"data: {{directory: {data}}}\nmqtt: {{host: 127.0.0.1, port: {free_port()}}}\n"
            f"http: {{port: {self.port}, wards_file: {ROOT}/fixtures/birmingham-wards.geojson}}\n")
        self.program = Program([PROGRAM, "run", "--config", configuration], folder / "daemon.log")
        self.program.wait_for("http.listening", 60)
        self.address = f"http://127.0.0.1:{self.port}"
        command = [PROGRAM, "keys", "add", "crew", "--data", data, "--role", "update", "--rate", "100000"]
        self.key = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def cpu_seconds(self):
        fields = open(f"/proc/{self.program.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def core_share(self):
        """How much of one core the daemon takes while we look."""
        began, used = time.monotonic(), self.cpu_seconds()
        time.sleep(LOOK_S)
        return (self.cpu_seconds() - used) / (time.monotonic() - began)


class Updates:
    """Open requests are closed and opened again, so many a second, until it is stopped."""

    def __init__(self, store, a_second, hands=8):
        self.store, self.a_second, self.hands = store, a_second, hands
        self.ids = store_ids(store)
        self.count = 0
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self.post, args=(hand,)) for hand in range(hands)]
        for thread in self.threads:
            thread.start()

    def post(self, hand):
        connection = http.client.HTTPConnection("127.0.0.1", self.store.port)
        due, number = time.monotonic() + hand / self.a_second, hand
        while not self.ends.wait(max(0, due - time.monotonic())):
            due += self.hands / self.a_second
            form = urllib.parse.urlencode({
                "api_key": self.store.key, "service_request_id": self.ids[number % len(self.ids)],
                "status": "OPEN" if number // len(self.ids) % 2 else "CLOSED",
                "updated_datetime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "update_id": f"{time.time_ns()}-{number}",
                "description": f"note {number}"})
            connection.request(
                "POST", "/open311/v2/servicerequestupdates.json", form, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            self.count += 1
            number += self.hands

    def stop(self):
        self.ends.set()
        for thread in self.threads:
            thread.join()


def store_ids(store):
    path = "/open311/v2/requests.json?status=open&updated_after=2020-01-01T00:00:00Z&page_size=200"
    with urllib.request.urlopen(store.address + path, timeout=60) as answer:
        return [request["service_request_id"] for request in json.load(answer)]


class Viewers:
    """Streams of events that are read and counted."""

    def __init__(self, store, count):
        self.events = 0
        self.ends = threading.Event()
        self.sockets = [socket.create_connection(("127.0.0.1", store.port)) for _ in range(count)]
        for one in self.sockets:
            one.sendall(b"GET /api/events HTTP/1.1\r\nHost: sluice\r\n\r\n")
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        poll = select.epoll()
        by_number = {one.fileno(): one for one in self.sockets}
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        while not self.ends.is_set():
            for number, _ in poll.poll(.2):
                self.events += by_number[number].recv(262_144).count(b"event: request")

    def stop(self):
        self.ends.set()
        self.thread.join()
        for one in self.sockets:
            one.close()


def latency(store):
    """From an update's first byte to its event at a viewer, over a hundred updates at uneven times."""
    id = store_ids(store)[0]
    connection = http.client.HTTPConnection("127.0.0.1", store.port)
    spent, heard = [], b""
    with socket.create_connection(("127.0.0.1", store.port)) as ear:
        ear.sendall(b"GET /api/events HTTP/1.1\r\nHost: sluice\r\n\r\n")
        for number in range(100):
            time.sleep(.02 + .003 * (number % 17))
            mark = f"heard-{number}-{time.time_ns()}"
            form = urllib.parse.urlencode({
                "api_key": store.key, "service_request_id": id, "status": "OPEN", "description": mark, "update_id": mark,
                "updated_datetime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})
            began = time.perf_counter()
            connection.request(
                "POST", "/open311/v2/servicerequestupdates.json", form, {"Content-Type": "application/x-www-form-urlencoded"})
            while mark.encode() not in heard:
                heard = heard[-4096:] + ear.recv(262_144)
            spent.append(1000 * (time.perf_counter() - began))
            connection.getresponse().read()
    spent.sort()
    print(f"an update is heard {spent[50]:.1f} ms after it was sent (99 of 100: {spent[98]:.1f} ms), written to the disk meanwhile")


MARKS = """window.marks = {}; new MutationObserver(() => {
    if (!marks.list && document.querySelector('.request h3 a')) marks.list = performance.now();
    if (!marks.map && document.querySelector('.leaflet-marker-icon')) marks.map = performance.now();
    if (!marks.sensors && document.querySelector('tbody th a')) marks.sensors = performance.now();
}).observe(document, { subtree: true, childList: true });"""

FRAMES = """(seconds) => new Promise((done) => {
    const gaps = [];
    let last = performance.now();
    const end = last + 1000 * seconds;
    const look = (at) => { gaps.push(at - last); last = at; if (at < end) requestAnimationFrame(look); else done(gaps.slice(1)); };
    requestAnimationFrame(look);
})"""


def first_page(browser, store):
    lists, maps = [], []
    for _ in range(7):
        page = browser.window()
        page.add_init_script(MARKS)
        page.goto(store.address + "/")
        settled(page)
        until(page, "window.marks.map")
        marks = page.evaluate("marks")
        lists.append(marks["list"])
        maps.append(marks["map"])
        page.context.close()
    print(f"first page, {REQUESTS:,} requests and {SENSORS:,} sensors: list after {statistics.median(lists):.0f} ms "
          f"(slowest of {len(lists)}: {max(lists):.0f}), map after {statistics.median(maps):.0f} ms ({max(maps):.0f})")


# How long the page is busy with each letter of a search.
LETTERS = """(text) => new Promise((done) => {
    const input = document.querySelector('#sensor-search'), spent = [];
    const next = () => {
        if (spent.length === text.length) return done(spent);
        input.value = text.slice(0, spent.length + 1);
        const began = performance.now();
        input.dispatchEvent(new Event('input', { bubbles: true }));
        document.querySelector('table').getBoundingClientRect();
        spent.push(performance.now() - began);
        requestAnimationFrame(next);
    };
    next();
})"""


def sensors_view(browser, store):
    shown, letters = [], []
    for _ in range(7):
        page = browser.window()
        page.add_init_script(MARKS)
        page.goto(store.address + "/sensors")
        until(page, "window.marks.sensors")
        shown.append(page.evaluate("marks.sensors"))
        letters += page.evaluate(LETTERS, "sensor-12")
        page.context.close()
    print(f"all sensors: the table after {statistics.median(shown):.0f} ms (slowest of {len(shown)}: {max(shown):.0f}); "
          f"a letter of a search takes {statistics.median(letters):.0f} ms (slowest of {len(letters)}: {max(letters):.0f})")


def frames(page, name):
    page.evaluate("""window.drawn = 0; new MutationObserver(() => drawn++).observe(document.querySelector('.list'), { childList: true }); 0""")
    gaps = sorted(page.evaluate(FRAMES, LOOK_S))
    drawn = page.evaluate("drawn")
    late = sum(gap > 50 for gap in gaps)
    print(f"{name}: {len(gaps) / LOOK_S:.0f} frames a second; 99 of 100 within {gaps[int(len(gaps) * .99)]:.0f} ms, "
          f"longest {gaps[-1]:.0f} ms, {late} above 50 ms; the list changed {drawn} times")


def main():
    folder = scratch()
    store = browser = None
    try:
        store = Store(folder)
        browser = Browser()
        latency(store)
        first_page(browser, store)
        sensors_view(browser, store)
        page = browser.window()
        page.goto(store.address + "/")
        settled(page)
        until(page, "document.querySelector('.leaflet-marker-icon')")
        frames(page, "frames while nothing changes")
        for a_second in (60, 1):
            updates = Updates(store, a_second)
            if a_second == 60:
                frames(page, "frames at 60 updates a second")
                page.context.close()
            before, alone = updates.count, store.core_share()
            rate = (updates.count - before) / LOOK_S
            viewers = Viewers(store, VIEWERS)
            time.sleep(1)
            events, watched = viewers.events, store.core_share()
            seen = (viewers.events - events) / LOOK_S / VIEWERS
            viewers.stop()
            updates.stop()
            print(f"{VIEWERS} viewers at {rate:.0f} updates a second: {100 * (watched - alone):.1f} % of a core for them "
                  f"({100 * alone:.1f} % without); each saw {seen:.1f} a second")
    finally:
        if browser:
            browser.stop()
        if store:
            store.program.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
