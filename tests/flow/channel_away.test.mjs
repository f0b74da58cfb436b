// SPDX-License-Identifier: Apache-2.0
// While the broker is away a channel stays and what its page says waits, in
// order and within a bound.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { ChannelPlant } from "./fixtures/channel.mjs";
import { channelRoute, LOBBY } from "./fixtures/channel_route.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const MOST = 64; // messages that wait
const KIB = 1024;
const FULL = [1013, "upstream_unreachable"];
const deadline = 45000; // attempts are up to seconds apart, and jittered
const atOnce = { concurrency: true };

const some = (count, what = "away") =>
  Array.from({ length: count }, (_, i) => `${what} ${i}`);

const route = (version) => ({
  routes: [channelRoute({ mqtt_version: version })],
});

// Each of these waits for an attempt of the gateway: they do so together.
describe("a channel whose broker is away", atOnce, () => {
  for (const version of [4, 5]) {
    describe(`with ${VERSION_NAMES[version]}`, atOnce, () => {
      test("and restarts goes on", () =>
        staged(route(version), async (stage) => {
          const channel = await stage.join();
          channel.send("before");
          assert.equal(await channel.text(), "before");
          await stage.broker.down();
          await isNoticed(stage);
          for (const text of some(5)) channel.send(text);
          await channel.isAlive();
          // So that the device is there before the gateway is.
          stage.wire.refuse();
          await stage.broker.up();
          const device = await stage.device(LOBBY);
          await stage.wire.accept();
          await hears(device, some(5));
          await hearsItself(channel, some(5));
          await device.publish(LOBBY, "after", { qos: 1 });
          assert.equal(await channel.text(), "after");
        }));

      test("and is killed and comes back goes on", () =>
        staged(route(version), async (stage) => {
          const channel = await stage.join();
          await stage.broker.down({ signal: "SIGKILL" });
          const before = [0];
          await stage.broker.up();
          await stage.untilSubscribed([LOBBY], before, { deadline });
          const device = await stage.device();
          await device.publish(LOBBY, "after", { qos: 1 });
          assert.equal(await channel.text(), "after");
          channel.send("and back");
          assert.equal(await channel.text(), "and back");
        }));

      test("twice says everything once and in order", () =>
        staged(route(version), async (stage) => {
          const device = await stage.device(LOBBY);
          const channel = await stage.join();
          for (const round of ["first", "second"]) {
            await leave(stage);
            for (const text of some(MOST, round)) channel.send(text);
            await channel.isAlive();
            await stage.wire.accept();
            await hears(device, some(MOST, round));
            await hearsItself(channel, some(MOST, round));
            await isAllAnswered(device, channel, `${round} is over`);
          }
          await hearsNothing(device);
        }));

      test("from the start says what it was told once it is there", () =>
        staged(route(version), async (stage) => {
          const device = await stage.device(LOBBY);
          stage.wire.refuse();
          const channel = await stage.open();
          for (const text of some(MOST)) channel.send(text);
          await channel.isAlive();
          await stage.wire.accept();
          await hears(device, some(MOST));
          await hearsItself(channel, some(MOST));
          await hearsNothing(device);
        }));
    });
  }

  test("whose page closes drops what waits, at once", () =>
    staged(route(5), async (stage) => {
      const channel = await stage.join();
      await leave(stage);
      await stage.gateway.line(/upstream not reached/); // it has tried again
      channel.send("never");
      await channel.isAlive();
      await channel.close();
      await isNoticed(stage, "/after");
      await stage.gateway.line(/path=\/after/);
      const isEnd = (line) => /^session \S+ closed/.test(line);
      assert.ok(stage.gateway.lines.some(isEnd), "it is over by then");
      const device = await stage.device(LOBBY);
      await stage.wire.accept();
      const other = await stage.join();
      other.send("later");
      await hears(device, ["later"]);
      await hearsNothing(device);
    }));

  test("gets what devices said meanwhile with QoS 1", () =>
    staged(route(5), async (stage) => {
      const device = await stage.device();
      const channel = await stage.join();
      await leave(stage);
      for (const text of some(20)) {
        await device.publish(LOBBY, text, { qos: 1 });
      }
      await stage.wire.accept();
      await hearsItself(channel, some(20));
    }));

  test("has the same client id when it is back", () =>
    staged(route(5), async (stage) => {
      const channel = await stage.join();
      const [id] = /postern[0-9a-f]{16}/.exec(stage.sent.toString("latin1"));
      await leave(stage);
      await stage.wire.accept();
      const { links } = stage.wire;
      const isBack = () => links.slice(1).some(({ kept }) => kept.includes(id));
      await stage.wire.until(isBack, { deadline });
      channel.send("and back");
      assert.equal(await channel.text({ deadline }), "and back");
    }));
});

describe("what waits for a broker that is not there", () => {
  let stage;

  before(async () => {
    stage = await ChannelPlant.start();
    stage.wire.refuse();
  });
  after(() => stage?.stop());
  afterEach(() => stage.leaveAll());

  test(`is ${MOST} messages: one more is 1013`, async () => {
    const channel = await stage.open();
    for (const text of some(MOST)) channel.send(text);
    await channel.isAlive();
    channel.send("one more");
    await channel.isClosedWith(...FULL);
  });

  test("may be empty messages: they count as well", async () => {
    const channel = await stage.open();
    for (let i = 0; i < MOST; i++) channel.send("");
    await channel.isAlive();
    channel.send("");
    await channel.isClosedWith(...FULL);
  });

  test("is queue_bytes: more is 1013", async () => {
    const channel = await stage.open();
    const text = "x".repeat(60 * KIB);
    for (let i = 0; i < 4; i++) channel.send(text);
    await channel.isAlive();
    channel.send(text);
    await channel.isClosedWith(...FULL);
  });

  test("is no message longer than queue_bytes", async () => {
    const channel = await stage.open();
    channel.send("x".repeat(300 * KIB));
    await channel.isClosedWith(...FULL);
  });

  test("is a matter of each channel", async () => {
    const full = await stage.open();
    const other = await stage.open();
    for (const text of some(MOST + 1)) full.send(text);
    await full.isClosedWith(...FULL);
    other.send("waits");
    await other.isAlive();
  });

  test("waits while the page says nothing", async () => {
    const channel = await stage.open();
    await channel.isAlive();
    const answer = await handshake({ port: stage.plant.port, target: "/no" });
    assert.equal(answer.status, 404);
    await channel.isAlive();
  });
});

async function staged(options, play) {
  const stage = await ChannelPlant.start(options);
  try {
    await play(stage);
  } finally {
    await stage.stop();
  }
}

// The broker is away for the gateway, and devices do not notice.
async function leave(stage) {
  stage.wire.refuse();
  stage.wire.cut();
  await isNoticed(stage);
}

// What a device says now comes after the broker's answers to all before it.
async function isAllAnswered(device, channel, text) {
  await device.publish(LOBBY, text, { qos: 1 });
  await hears(device, [text]);
  await hearsItself(channel, [text]);
}

// An answer of the gateway's loop comes after what it saw before.
async function isNoticed(stage, target = "/no") {
  for (let i = 0; i < 2; i++) {
    const answer = await handshake({ port: stage.plant.port, target });
    answer.socket.destroy();
  }
}

async function hears(device, texts) {
  const messages = await device.take(texts.length, { deadline });
  assert.deepEqual(
    messages.map(({ payload }) => payload.toString()),
    texts,
  );
}

// What it heard before a loss may come once more: QoS 1.
async function hearsItself(channel, texts) {
  channel.heard ??= new Set();
  for (const text of texts) {
    let next = await channel.text({ deadline });
    while (channel.heard.has(next)) next = await channel.text({ deadline });
    assert.equal(next, text);
  }
  texts.forEach((text) => channel.heard.add(text));
}

// No second copy of anything.
async function hearsNothing(device) {
  await device.publish(LOBBY, "fence", { qos: 1 });
  assert.equal((await device.message()).payload.toString(), "fence");
}
