"""paho, orjson, a z-test over a sliding window, sqlite3: the script that one would write in an afternoon.

It acknowledges after the commit, as Sluice does.
"""

import select

import orjson
import paho.mqtt.client as mqtt

from common import Store, Window, arguments, say, sensor_of


def main(window=Window):
    options = arguments()
    store = Store(options.database)
    windows = {}
    unanswered = []

    def on_connect(client, userdata, flags, reason, properties):
        client.subscribe("sluice/#", qos=1)

    def on_subscribe(client, userdata, mid, reasons, properties):
        say("ready")

    def on_message(client, userdata, message):
        sensor = sensor_of(message.topic)
        reading = orjson.loads(message.payload)
        at = reading["ts"]
        for quantity, value in reading["metrics"].items():
            key = (sensor, quantity)
            kept = windows.get(key)
            if kept is None:
                kept = windows[key] = window()
            value = float(value)
            store.add(sensor, quantity, at, value, kept.take(value))
        if message.qos:
            unanswered.append((message.mid, message.qos))

    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id="alternative", protocol=mqtt.MQTTv5, manual_ack=True)
    client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
    properties = mqtt.Properties(mqtt.PacketTypes.CONNECT)
    properties.ReceiveMaximum = 2000
    client.connect("127.0.0.1", options.port, keepalive=60, properties=properties)
    while True:
        readable, _, _ = select.select([client.socket()], [], [], 0.002)
        # One call reads one packet; it does not say when there is none.
        taken = -1
        while readable and taken != store.taken and not store.is_due:
            taken = store.taken
            if client.loop_read() != mqtt.MQTT_ERR_SUCCESS:
                return
        if store.is_due or not readable:
            store.commit()
            for mid, qos in unanswered:
                client.ack(mid, qos)
            unanswered.clear()
        if client.want_write():
            client.loop_write()
        client.loop_misc()


if __name__ == "__main__":
    main()
