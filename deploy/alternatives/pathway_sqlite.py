"""pathway: its MQTT connector, a running mean and deviation for each sensor, sqlite3 behind its subscription.

Its connector does not say on which topic a message came, so the payload carries the sensor's name; and it has no window of so many
values, so its statistics run from the beginning.
"""

import pathway as pw

from common import Store, arguments, say

options = arguments()
store = Store(options.database)


class Message(pw.Schema):
    sensor: str
    ts: str
    metrics: pw.Json


@pw.udf
def pairs(metrics: pw.Json) -> list[tuple[str, float]]:
    return [(name, float(value)) for name, value in metrics.as_dict().items()]


messages = pw.io.mqtt.read(
    f"mqtt://127.0.0.1:{options.port}?client_id=alternative", topic="sluice/#", format="json", schema=Message, qos=1,
    autocommit_duration_ms=10)
values = messages.select(pw.this.sensor, pw.this.ts, pair=pairs(pw.this.metrics)).flatten(pw.this.pair)
readings = values.select(
    pw.this.sensor, pw.this.ts, quantity=pw.this.pair[0], value=pw.this.pair[1])
statistics = readings.groupby(pw.this.sensor, pw.this.quantity).reduce(
    pw.this.sensor, pw.this.quantity, count=pw.reducers.count(), sum=pw.reducers.sum(pw.this.value),
    squares=pw.reducers.sum(pw.this.value * pw.this.value))
latest = {}


def on_statistics(key, row, time, is_addition):
    if is_addition:
        latest[row["sensor"], row["quantity"]] = (row["count"], row["sum"], row["squares"])


def stands_out(row):
    count, total, squares = latest.get((row["sensor"], row["quantity"]), (0, 0.0, 0.0))
    if count < 8:
        return False
    mean = total / count
    deviation = max(squares / count - mean * mean, 0.0) ** 0.5
    return abs(row["value"] - mean) > max(6 * deviation, 1e-3 * abs(mean) + 1e-3)


def on_reading(key, row, time, is_addition):
    store.add(row["sensor"], row["quantity"], row["ts"], row["value"], stands_out(row))
    if store.is_due:
        store.commit()


pw.io.subscribe(statistics, on_change=on_statistics)
pw.io.subscribe(readings, on_change=on_reading, on_time_end=lambda time: store.commit())
say("ready")
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
