"""What the alternatives share: arguments, the window's statistic, the table of readings, and the commit.

Each reads the synthetic city's flat JSON from an MQTT 5 broker, keeps the last 64 values of every sensor and quantity, calls a
value that lies six deviations from their mean an anomaly, and stores every reading in SQLite, durably, in batches.
"""

import argparse
import collections
import math
import sqlite3
import time

WINDOW = 64
BATCH = 2000
PERIOD = 0.002


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    return parser.parse_args()


def say(*words):
    print(*words, flush=True)


class Window:
    """Mean and deviation of the last values, from running sums."""

    __slots__ = ("values", "sum", "squares")

    def __init__(self):
        self.values = collections.deque()
        self.sum = self.squares = 0.0

    def take(self, value):
        """Whether the value stands out from those before it; then folds it in."""
        count = len(self.values)
        stands_out = False
        if count >= 8:
            mean = self.sum / count
            deviation = math.sqrt(max(self.squares / count - mean * mean, 0.0))
            stands_out = abs(value - mean) > max(6 * deviation, 1e-3 * abs(mean) + 1e-3)
        self.values.append(value)
        self.sum += value
        self.squares += value * value
        if count == WINDOW:
            old = self.values.popleft()
            self.sum -= old
            self.squares -= old * old
        return stands_out


class Store:
    """Readings wait here until there are enough, or until the oldest has waited long enough."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE reading (sensor TEXT, quantity TEXT, at TEXT, value REAL)")
        self.rows, self.anomalies = [], []
        self.total = self.taken = 0
        self.oldest = 0.0

    def add(self, sensor, quantity, at, value, stands_out):
        if not self.rows:
            self.oldest = time.monotonic()
        self.rows.append((sensor, quantity, at, value))
        self.taken += 1
        if stands_out:
            self.anomalies.append(sensor)

    @property
    def is_due(self):
        return len(self.rows) >= BATCH or self.rows and time.monotonic() - self.oldest >= PERIOD

    def commit(self):
        """Writes what waits, if anything does."""
        if not self.rows:
            return
        self.database.execute("BEGIN IMMEDIATE")
        self.database.executemany("INSERT INTO reading VALUES (?, ?, ?, ?)", self.rows)
        self.database.execute("COMMIT")
        self.total += len(self.rows)
        for sensor in self.anomalies:
            say("anomaly", sensor)
        self.rows.clear()
        self.anomalies.clear()
        say("committed", self.total)


def sensor_of(topic):
    return topic.rsplit("/", 1)[-1]
