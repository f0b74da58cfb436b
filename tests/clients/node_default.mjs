// SPDX-License-Identifier: Apache-2.0
// What node_default.test.mjs runs: a broker on 1883, a gateway without any
// configuration, and the few lines of MQTT.js that every tutorial has. The
// argument is the family that localhost must resolve to first: 4, 6 or any.
import assert from "node:assert/strict";
import dns from "node:dns/promises";

import mqtt from "mqtt";
import { WebSocket } from "ws";

import { Broker } from "../flow/fixtures/broker.mjs";
import { Client } from "../flow/fixtures/client.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { each, within } from "../flow/fixtures/wait.mjs";

const URL = "ws://localhost:8083/mqtt";
const LIGHT = "home/livingroom/light";
const RUNS = 1000;
const AT_ONCE = 20;

// Subscribe, publish, print, end.
function tutorial(url, topic) {
  return new Promise((resolve, reject) => {
    const client = mqtt.connect(url, { reconnectPeriod: 0 });
    client.on("error", reject);
    client.on("connect", () => {
      client.subscribe(topic, (error) => {
        if (error) reject(error);
        else client.publish(topic, "Hello mqtt");
      });
    });
    client.on("message", (topic, message) => {
      console.log(topic, message.toString());
      client.end(() => resolve(message.toString()));
    });
  });
}

// A device that switches the light on and ends at once.
function device(url, payload) {
  return new Promise((resolve, reject) => {
    const client = mqtt.connect(url, { reconnectPeriod: 0 });
    client.on("error", reject);
    client.on("connect", () => {
      client.publish(LIGHT, payload);
      client.end(() => resolve());
    });
  });
}

async function browserSeesDevice() {
  const origin = "http://localhost:3000";
  const browser = await Client.open(URL, { origin });
  await browser.subscribe(LIGHT);
  await device("mqtt://localhost:1883", "ON");
  const message = await browser.message();
  assert.equal(message.payload.toString(), "ON");
  await browser.end();
}

async function losesNothing() {
  const watcher = await Client.open("mqtt://127.0.0.1:1883");
  await watcher.subscribe(LIGHT);
  await each(RUNS, AT_ONCE, (run) => device(URL, `ON ${run}`));
  const messages = await watcher.take(RUNS);
  const seen = new Set(messages.map(({ payload }) => payload.toString()));
  assert.equal(seen.size, RUNS);
  await watcher.end();
}

// MQTT.js says only that it was closed, so without it.
function foreignPageIsRefused() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(URL, ["mqtt"], { origin: "http://evil.test" });
    socket.on("open", () => reject(new Error("a foreign page came in")));
    socket.on("error", reject);
    socket.on("unexpected-response", (_, { statusCode }) => {
      resolve(statusCode);
      socket.terminate();
    });
  });
}

const [wanted] = process.argv.slice(2);
const { family } = await dns.lookup("localhost", { verbatim: true });
if (wanted !== "any") assert.equal(family, Number(wanted), "of localhost");

// One broker, under both addresses that localhost can have.
const settings = ["listener 1883 ::1"];
const broker = await Broker.start({ port: 1883, settings });
const gateway = await Gateway.start();
try {
  const what = "the tutorial";
  const said = await within(tutorial(URL, "topic/test"), { what });
  assert.equal(said, "Hello mqtt");
  const root = within(tutorial("ws://localhost:8083", "topic/root"), { what });
  assert.equal(await root, "Hello mqtt");
  assert.equal(await foreignPageIsRefused(), 403);
  await browserSeesDevice();
  await losesNothing();
} finally {
  await gateway.stop();
  await broker.stop();
}
