// SPDX-License-Identifier: Apache-2.0
// The hops that are compared: ours for ws and for wss, and HAProxy. Each
// opens sessions whose two ends look alike, whatever is spoken between.
import { processorTimeOf, memoryOf } from "../flow/fixtures/accounts.mjs";
import { Browser } from "../flow/fixtures/browser.mjs";
import { makeCertificate } from "../flow/fixtures/certificate.mjs";
import { configText } from "../flow/fixtures/config.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { FrameStream } from "../flow/fixtures/frame_stream.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { HAProxy } from "../flow/fixtures/haproxy.mjs";
import * as packets from "../flow/fixtures/packets.mjs";
import { freePorts } from "../flow/fixtures/ports.mjs";
import { ScriptedBroker } from "../flow/fixtures/scripted_broker.mjs";
import { Socket } from "../flow/fixtures/socket.mjs";
import { Bell } from "../flow/fixtures/wait.mjs";
import { frame } from "../flow/fixtures/websocket.mjs";

export const HOPS = ["ws", "wss", "haproxy"];

// Fresh processes of all hops in front of one broker.
export class Hops {
  #folder;

  static async start() {
    const hops = new Hops();
    try {
      await hops.#start();
    } catch (error) {
      await hops.stop();
      throw error;
    }
    return hops;
  }

  // A session through the hop: see Session.
  async open(hop) {
    const session = new Session();
    if (hop === "haproxy") await session.openRaw(this.#way(hop));
    else await session.openFramed(this.#way(hop));
    session.bindBroker(this.broker.links.at(-1));
    return session;
  }

  processorTime(hop) {
    return processorTimeOf(this.#pid(hop));
  }

  async memory(hop) {
    return (await memoryOf(this.#pid(hop))).resident;
  }

  async stop() {
    await this.broker?.stop();
    await this.gateway?.stop();
    await this.haproxy?.stop();
    await this.#folder?.remove();
  }

  async #start() {
    this.broker = await ScriptedBroker.start(accept);
    this.#folder = await Folder.create();
    const made = await makeCertificate(this.#folder);
    const { certificate, key, ca } = made;
    this.ca = ca;
    const [ws, wss] = await freePorts(2);
    this.ports = { ws, wss };
    const address = "127.0.0.1";
    const config = configText({
      brokerPort: this.broker.port,
      upstream: { connects_per_s: 0 },
      listeners: [
        { address, port: ws },
        { address, port: wss, tls: { certificate, key } },
      ],
    });
    this.gateway = await Gateway.start({ config, release: true });
    this.workers = await this.gateway.workers();
    const to = `${address}:${this.broker.port}`;
    const doors = { haproxy: { to, mode: "tcp", secure: true } };
    const timeout = "10m";
    const settings = { certificate, key, doors, timeout };
    this.haproxy = await HAProxy.start(settings);
  }

  #way(hop) {
    const secure = hop === "ws" ? null : { ca: this.ca };
    return { port: this.ports[hop] ?? this.haproxy.port(hop), secure };
  }

  #pid(hop) {
    return hop === "haproxy" ? this.haproxy.pid : this.workers[0];
  }
}

async function accept(link) {
  await link.next();
  link.write(packets.connack());
}

// One session: `up` and `down` count the octets of MQTT that arrived at the
// broker and at the browser.
export class Session {
  up = 0;
  down = 0;

  #bell = new Bell();
  #socket;
  #link;
  #isFramed = false;

  async openFramed(way) {
    const browser = await Browser.open(way);
    this.#socket = browser.websocket.socket;
    this.#isFramed = true;
    const frames = new FrameStream();
    this.#socket.divert((bytes) => {
      frames.push(bytes);
      this.down = frames.octets;
      this.#bell.ring();
    });
  }

  async openRaw(way) {
    this.#socket = await Socket.open(way);
    this.#socket.write(packets.connect());
    const connack = packets.connack();
    await this.#socket.until(() => this.#socket.bytes.length > 0);
    this.#socket.take(connack.length);
    this.#socket.divert((bytes) => {
      this.down += bytes.length;
      this.#bell.ring();
    });
  }

  bindBroker(link) {
    this.#link = link;
    link.divert((bytes) => {
      this.up += bytes.length;
      this.#bell.ring();
    });
  }

  // What has to be written so that `count` of `packet` arrive from this end.
  prepare(direction, packet, count) {
    const one =
      direction === "up" && this.#isFramed ? frame(packet) : packet;
    return Buffer.concat(Array(count).fill(one));
  }

  write(direction, bytes) {
    if (direction === "up") this.#socket.write(bytes);
    else this.#link.write(bytes);
  }

  async until(direction, octets) {
    const deadline = 20000;
    await this.#bell.until(() => this[direction] >= octets, {
      deadline,
      what: `${octets} octets ${direction}`,
    });
  }

  close() {
    this.#socket.destroy();
  }
}
