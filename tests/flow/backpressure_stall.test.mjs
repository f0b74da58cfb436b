// SPDX-License-Identifier: Apache-2.0
// Browsers that never read cost nothing but their own session.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

import {
  memoryOf,
  privateMemoryOf,
  resetPeak,
} from "./fixtures/accounts.mjs";
import { configText, mqttRoute } from "./fixtures/config.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Probe, quantile } from "./fixtures/probe.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { Rig, SCHEMES } from "./fixtures/rig.mjs";
import { each, until } from "./fixtures/wait.mjs";

const KIB = 1024;
const MIB = 1024 * KIB;
const COUNT = 50;
const STALL_S = 3;
const SLACK_MS = 4000; // kernels go on moving bytes for a while
const OFFERED = 4 * MIB; // to each
const KERNEL_MOST = 256 * KIB; // of a session
const GROWTH_MOST = MIB;
const NOISE_MS = 10; // of the machine: less is never too late
const ATTEMPTS = 3; // a machine has bad moments, a bad gateway is always bad
const LOOK_EVERY_MS = 300;
const SLOW_READER = /^session \S+ closed reason=slow_reader /;

const payload = Buffer.alloc(64 * KIB, "stall");
const message = packets.publish({ topic: "t", payload });
const load = Buffer.concat(Array(OFFERED / payload.length).fill(message));

test(`${COUNT} browsers that never read are closed, and nobody else feels them`, async (t) => {
  for (let attempt = 1; ; attempt++) {
    const { usual, worst } = await stall(t);
    if (worst <= Math.max(2 * usual, NOISE_MS)) return;
    assert.ok(attempt < ATTEMPTS, `p99 of ${worst} ms, usually ${usual} ms`);
  }
});

// Gives the probe's p99 when nothing is wrong and the one meanwhile.
async function stall(t) {
  const scene = await Scene.start();
  try {
    const browsers = await scene.sleepers();
    const before = await scene.measureProbe();
    const { worker } = scene.rig;
    const memory = await memoryOf(worker);
    const own = await privateMemoryOf(worker);
    await resetPeak(worker);

    const start = performance.now();
    scene.pour();
    const kernel = await scene.mostInKernel();
    await scene.allGone();
    const took = performance.now() - start;
    const during = await scene.probe.take();
    const grown = (await memoryOf(worker)).peak - memory.resident;
    const ownGrown = (await privateMemoryOf(worker)) - own;

    t.diagnostic(`peak of the worker +${kib(grown)} KiB`);
    t.diagnostic(`private memory after +${kib(ownGrown)} KiB`);
    t.diagnostic(`in the kernel at most ${kib(kernel)} KiB a session`);
    t.diagnostic(`all closed after ${Math.round(took)} ms`);
    for (const [when, { near, apart }] of Object.entries({ before, during })) {
      t.diagnostic(`probe ${when}: ${describeTimes(near)}`);
      t.diagnostic(`another gateway ${when}: ${describeTimes(apart)}`);
    }

    assert.ok(grown <= GROWTH_MOST, "resident memory");
    assert.ok(ownGrown <= GROWTH_MOST, "private memory");
    assert.ok(kernel <= KERNEL_MOST, "memory of the kernel");
    assert.ok(took >= STALL_S * 1000, "not closed too early");
    assert.equal(during.near.lost, 0, "messages lost");
    for (const browser of browsers) browser.destroy();
    const usual = Math.max(p99(before.near), p99(during.apart));
    return { usual, worst: p99(during.near) };
  } finally {
    await scene.stop();
  }
}

class Scene {
  #poured = new Promise((resolve) => (this.pour = resolve));

  static async start() {
    const scene = new Scene();
    try {
      await scene.#start();
    } catch (error) {
      await scene.stop();
      throw error;
    }
    return scene;
  }

  async #start() {
    this.probe = await Probe.start();
    const servers = [`mqtt://127.0.0.1:${this.probe.port}`];
    this.rig = await Rig.start({
      script: (link) => this.#offer(link),
      route: { stall_s: STALL_S },
      upstreams: [{ name: "probe", servers }],
      routes: [mqttRoute({ path: "/probe", upstream: "probe" })],
    });
    const target = "/probe";
    const [ws, wss] = SCHEMES.map((x) => ({ ...this.rig.way(x), target }));
    await this.probe.begin("near", [ws, wss, ws, wss]);
    const port = await this.#startCalm();
    await this.probe.begin("apart", Array(4).fill({ port }));
  }

  // Another gateway, which shows what the machine itself does to a message.
  async #startCalm() {
    const port = await freePort();
    const config = configText({ port, brokerPort: this.probe.port });
    this.calm = await Gateway.start({ config, release: true });
    return port;
  }

  async stop() {
    await this.probe?.stop();
    await this.calm?.stop();
    await this.rig?.stop();
  }

  async #offer(link) {
    await link.next();
    link.write(packets.connack());
    await link.next();
    link.write(Buffer.from("9003000100", "hex")); // SUBACK
    await this.#poured;
    await link.pour(load).catch(() => {}); // its end is what is waited for
  }

  async sleepers() {
    const browsers = [];
    await each(COUNT, 10, async (i) => {
      const browser = await this.rig.open(SCHEMES[i % SCHEMES.length]);
      await browser.subscribe("t");
      browser.websocket.pause();
      browsers.push(browser);
    });
    return browsers;
  }

  async measureProbe() {
    await this.probe.take();
    await setTimeout(STALL_S * 1000);
    return this.probe.take();
  }

  // Of a session, looked at until the first may be closed.
  async mostInKernel() {
    const end = performance.now() + STALL_S * 800;
    let most = 0;
    let seen = 0;
    while (performance.now() < end) {
      const sizes = await this.rig.kernelMemory();
      seen = Math.max(seen, sizes.length);
      most = Math.max(most, ...sizes);
      await setTimeout(LOOK_EVERY_MS);
    }
    assert.equal(seen, COUNT, "all were seen");
    return most;
  }

  async allGone() {
    const { gateway, broker } = this.rig;
    const count = () => ({
      closed: gateway.lines.filter((line) => SLOW_READER.test(line)).length,
      gone: broker.links.filter((link) => link.ended).length,
    });
    const isOver = () => count().closed === COUNT && count().gone === COUNT;
    const deadline = STALL_S * 1000 + SLACK_MS;
    await until(isOver, { deadline }).catch(() => {});
    assert.deepEqual(count(), { closed: COUNT, gone: COUNT });
  }
}

function kib(octets) {
  return Math.round(octets / KIB);
}

const p99 = ({ times }) => quantile(times, 0.99);

function describeTimes({ times, lost }) {
  const at = (part) => quantile(times, part).toFixed(2);
  const { length } = times;
  return `p50 ${at(0.5)}, p99 ${at(0.99)} ms of ${length}, ${lost} lost`;
}
