# SPDX-License-Identifier: Apache-2.0
"""Eclipse Paho for Python over wss, as users run it: connects, subscribes,
says `hello` and ends well when it hears it.

    python_client.py PORT CA LEVEL TOPIC

What the server shows must be signed by CA and be for localhost. Paho sends
"https://HOST:PORT" as Origin, whatever the scheme of the page would be.
"""
import sys

import paho.mqtt.client as mqtt

PATH = "/mqtt"
SECONDS = 20


def on_connect(client, topic, flags, code, properties=None):
    if code != 0:
        sys.exit(f"CONNACK {code}")
    client.subscribe(topic, qos=1)


def on_subscribe(client, topic, mid, codes, properties=None):
    client.publish(topic, "hello", qos=1)


def on_message(client, topic, message):
    print(message.topic, message.payload.decode(), flush=True)
    client.disconnect()


def create(**options):
    if hasattr(mqtt, "CallbackAPIVersion"):  # since 2.0
        options["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION1
    return mqtt.Client(transport="websockets", **options)


def main():
    port, authority, level, topic = sys.argv[1:]
    client = create(userdata=topic, protocol=int(level))
    client.ws_set_options(path=PATH)
    client.tls_set(ca_certs=authority)
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.connect("localhost", int(port), keepalive=SECONDS)
    client.loop_forever()


main()
