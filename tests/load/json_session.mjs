// SPDX-License-Identifier: Apache-2.0
// A session of kind json as a page opens it, for what is measured: it knows
// how long it took to be connected.
import { performance } from "node:perf_hooks";

import { WebSocket } from "ws";

import { ALLOWED } from "../flow/fixtures/request.mjs";
import { within } from "../flow/fixtures/wait.mjs";

const SLOW_MS = 60000; // what took so long is no measurement

export class JsonSession {
  took = 0; // milliseconds until `connected`

  #answers = new Map(); // id -> what takes the ack
  #readers = []; // of messages, each takes one
  #lastId = 0;
  #onConnected;
  #socket;

  // `topic` is one that nobody else has.
  static async open(url, topic) {
    const session = new JsonSession();
    session.topic = topic;
    const start = performance.now();
    await session.#connect(url);
    session.took = performance.now() - start;
    return session;
  }

  // To its own topic.
  subscribe(qos) {
    return this.#ask({ type: "subscribe", topic: this.topic, qos });
  }

  // With QoS 1, until the ack.
  publish(topic, payload) {
    return this.#ask({ type: "publish", topic, payload, qos: 1 });
  }

  // The next message that comes from now on.
  message() {
    const next = new Promise((resolve) => this.#readers.push(resolve));
    return within(next, { deadline: SLOW_MS, what: "a message" });
  }

  close() {
    const end = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.close();
    return within(end, { deadline: SLOW_MS, what: "the end of a session" });
  }

  #connect(url) {
    const origin = ALLOWED;
    this.#socket = new WebSocket(url, { origin, perMessageDeflate: false });
    const connected = new Promise((resolve, reject) => {
      this.#onConnected = resolve;
      this.#socket.once("error", reject);
      this.#socket.once("close", (code, reason) =>
        reject(new Error(`closed: ${code} ${reason}`)),
      );
    });
    this.#socket.on("message", (text) => this.#take(JSON.parse(text)));
    return within(connected, { deadline: SLOW_MS, what: "connected" });
  }

  #ask(words) {
    const id = ++this.#lastId;
    const ack = new Promise((resolve, reject) =>
      this.#answers.set(id, { resolve, reject }),
    );
    this.#socket.send(JSON.stringify({ id, ...words }));
    return within(ack, { deadline: SLOW_MS, what: "an ack" });
  }

  #take(frame) {
    if (frame.type === "connected") this.#onConnected();
    if (frame.type === "message") this.#readers.shift()?.();
    if (frame.type !== "ack") return;
    const { resolve, reject } = this.#answers.get(frame.id);
    this.#answers.delete(frame.id);
    if (frame.success) resolve();
    else reject(new Error(JSON.stringify(frame.error)));
  }
}
