"""bytewax: a dataflow with a stateful step for each sensor, paho as its source, sqlite3 as its sink."""

import collections
import datetime

import bytewax.operators as op
import orjson
import paho.mqtt.client as mqtt
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from common import BATCH, Store, Window, arguments, say, sensor_of

options = arguments()


class Messages(StatelessSourcePartition):
    """paho receives on its own thread; the dataflow takes what has come."""

    def __init__(self):
        self.queue = collections.deque()
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id="alternative", protocol=mqtt.MQTTv5)
        self.client.on_connect = lambda client, *_: client.subscribe("sluice/#", qos=1)
        self.client.on_subscribe = lambda *_: say("ready")
        self.client.on_message = lambda client, userdata, message: self.queue.append((message.topic, message.payload))
        self.client.connect("127.0.0.1", options.port, keepalive=60)
        self.client.loop_start()

    def next_batch(self):
        queue = self.queue
        return [queue.popleft() for _ in range(min(len(queue), BATCH))]

    def next_awake(self):
        if self.queue:
            return None
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(milliseconds=1)


class MessageSource(DynamicSource):
    def build(self, step_id, worker_index, worker_count):
        return Messages()


class Rows(StatelessSinkPartition):
    def __init__(self):
        self.store = Store(options.database)

    def write_batch(self, items):
        for _, (sensor, quantity, at, value, stands_out) in items:
            self.store.add(sensor, quantity, at, value, stands_out)
        # A sink is called only when there are rows, so that none may wait.
        self.store.commit()


class RowSink(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return Rows()


def readings(message):
    topic, payload = message
    sensor = sensor_of(topic)
    reading = orjson.loads(payload)
    for quantity, value in reading["metrics"].items():
        yield f"{sensor}/{quantity}", (sensor, quantity, reading["ts"], float(value))


def judge(window, reading):
    window = window or Window()
    return window, (*reading, window.take(reading[3]))


flow = Dataflow("alternative")
stream = op.input("messages", flow, MessageSource())
keyed = op.flat_map("readings", stream, readings)
judged = op.stateful_map("judge", keyed, judge)
op.output("rows", judged, RowSink())
run_main(flow, epoch_interval=datetime.timedelta(seconds=10))
