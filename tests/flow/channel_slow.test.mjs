// SPDX-License-Identifier: Apache-2.0
// A channel whose page does not read, and one whose broker does not: nothing
// is lost with QoS 1, and nothing heaps up in the gateway.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { memoryOf, resetPeak } from "./fixtures/accounts.mjs";
import { ChannelPlant } from "./fixtures/channel.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { each, still } from "./fixtures/wait.mjs";

const KIB = 1024;
const MIB = 1024 * KIB;
const SIZE = 32 * KIB;
const COUNT = 512; // together 16 MiB
const FEW = 64; // more than the kernel holds for a session
const AT_ONCE = 10; // mosquitto refuses more than 20 of QoS 2
const GROWTH_MOST = 6 * MIB; // a queue, what Paho holds, its own heap
// With what a kernel holds for the wire, which sends as fast as it is let.
const PASSED_MOST = 4 * MIB + largestSendBuffer();
const STALL_S = 2;
const STALL_SLACK_S = 5;
const deadline = 30000;

function largestSendBuffer() {
  const sizes = readFileSync("/proc/sys/net/ipv4/tcp_wmem", "latin1");
  return Number(sizes.trim().split(/\s+/).at(-1));
}

const body = "x".repeat(SIZE);
const numbered = (i) => `${i} ${body}`;
const numberOf = (text) => parseInt(text, 10);

const route = (name, changes) =>
  channelRoute({
    path: `/${name}`,
    publish: name,
    subscribe: [name],
    ...changes,
  });

describe("a channel", () => {
  let stage, device, worker;

  before(async () => {
    stage = await ChannelPlant.start({
      release: true,
      routes: [
        route("sure", { qos: 1 }),
        route("exact", { qos: 2 }),
        route("lossy", { qos: 0 }),
        route("stalled", { qos: 1, stall_s: STALL_S }),
        route("calm", { qos: 1 }),
      ],
    });
    device = await stage.device();
    [worker] = stage.plant.workers;
    await passes(await join("calm"), "calm"); // Paho is loaded
  });
  after(() => stage?.stop());

  const join = (name) => stage.join({ target: `/${name}`, filters: [name] });

  // There and back, for one that others must not disturb.
  async function passes(channel, text) {
    channel.send(text);
    assert.equal(await channel.text(), text);
  }

  // How much the worker's memory grows at most while `play` runs.
  async function growth(play) {
    const { resident } = await memoryOf(worker);
    await resetPeak(worker);
    await play();
    return (await memoryOf(worker)).peak - resident;
  }

  const publishAll = (topic, qos, count = COUNT) =>
    each(count, AT_ONCE, (i) => device.publish(topic, numbered(i), { qos }));

  for (const [name, qos] of [
    ["sure", 1],
    ["exact", 2],
  ]) {
    test(`of QoS ${qos} that stops reading gets it all later, once, in order`, async (t) => {
      const calm = await join("calm");
      const channel = await join(name);
      const before = stage.wire.bytesDown;
      channel.websocket.pause();
      const grown = await growth(async () => {
        await publishAll(name, qos);
        await still(() => stage.wire.bytesDown);
        await passes(calm, "undisturbed");
      });
      const passed = stage.wire.bytesDown - before;
      t.diagnostic(`passed ${passed >> 10} KiB, grown ${grown >> 10} KiB`);
      assert.ok(passed < PASSED_MOST, `${passed} octets have passed`);
      assert.ok(grown < GROWTH_MOST, `${grown} octets more`);
      channel.websocket.resume();
      for (let i = 0; i < COUNT; i++) {
        const text = await channel.text({ deadline });
        assert.equal(numberOf(text), i);
        assert.equal(text.length, numbered(i).length);
      }
      await passes(channel, "and on");
      stage.leaveAll();
    });
  }

  test("of QoS 0 that stops reading gets the newest later, in order", async (t) => {
    const channel = await join("lossy");
    channel.websocket.pause();
    const grown = await growth(async () => {
      await publishAll("lossy", 0);
      await device.publish("lossy", "last", { qos: 1 });
      await still(() => stage.wire.bytesDown);
    });
    t.diagnostic(`grown ${grown >> 10} KiB`);
    assert.ok(grown < GROWTH_MOST, `${grown} octets more`);
    channel.websocket.resume();
    const numbers = [];
    for (;;) {
      const text = await channel.text({ deadline });
      if (text === "last") break;
      numbers.push(numberOf(text));
    }
    const inOrder = [...new Set(numbers)].sort((a, b) => a - b);
    assert.deepEqual(numbers, inOrder);
    await passes(channel, "and on");
    stage.leaveAll();
  });

  test(`that takes nothing for ${STALL_S} s is closed`, async () => {
    const channel = await join("stalled");
    const from = stage.gateway.lines.length;
    channel.websocket.pause();
    const start = performance.now();
    await publishAll("stalled", 1);
    await stage.gateway.line(
      /^session \S+ closed reason=slow_reader .*route=\/stalled/,
      { from, deadline: (STALL_S + STALL_SLACK_S) * 1000 },
    );
    const took = performance.now() - start;
    assert.ok(took >= STALL_S * 1000, `already after ${took} ms`);
    await stage.wire.untilClosed();
    stage.leaveAll();
  });

  test("that pauses for less than that is not closed", async () => {
    const channel = await join("stalled");
    channel.websocket.pause();
    await publishAll("stalled", 1, FEW);
    channel.websocket.resume();
    for (let i = 0; i < FEW; i++) {
      assert.equal(numberOf(await channel.text({ deadline })), i);
    }
    stage.leaveAll();
  });

  test("is held back by a broker that does not read, and loses nothing", async (t) => {
    const hearer = await stage.device("sure");
    const channel = await join("sure");
    stage.wire.stall();
    const grown = await growth(async () => {
      for (let i = 0; i < COUNT; i++) channel.send(numbered(i));
      await still(() => channel.websocket.socket.waiting);
    });
    t.diagnostic(`grown ${grown >> 10} KiB`);
    assert.ok(channel.websocket.socket.waiting > 0, "held back");
    assert.ok(grown < GROWTH_MOST, `${grown} octets more`);
    stage.wire.resume();
    const messages = await hearer.take(COUNT, { deadline });
    for (const [i, { payload }] of messages.entries()) {
      assert.equal(numberOf(payload.toString("utf8", 0, 10)), i);
    }
    for (let i = 0; i < COUNT; i++) {
      assert.equal(numberOf(await channel.text({ deadline })), i);
    }
    stage.leaveAll();
  });
});
