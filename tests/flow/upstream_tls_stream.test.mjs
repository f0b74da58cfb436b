// SPDX-License-Identifier: Apache-2.0
// The stream to a broker in TLS is the stream that it is without: nothing is
// lost, cut short, or kept until more comes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { makePair } from "./fixtures/authority.mjs";
import { Client } from "./fixtures/client.mjs";
import { Folder } from "./fixtures/folder.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { sharesDuring, throughout } from "./fixtures/processor.mjs";
import { welcome } from "./fixtures/scripted_broker.mjs";
import { Bell, each, still, until } from "./fixtures/wait.mjs";

const MIB = 1024 * 1024;
const LONG = { deadline: 30000 };

describe("with mosquitto", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start({ secure: true });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("up/#", 1);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });
  afterEach(() => plant.unaffected());

  test("an octet at a time is as good as all at once", async () => {
    plant.wire.dribble = true;
    try {
      const payload = randomBytes(3000);
      const browser = await plant.open();
      await browser.subscribe("dribble");
      browser.publish("dribble", payload);
      const message = await browser.message(LONG);
      assert.ok(message.payload.equals(payload));
      await browser.leave();
    } finally {
      plant.wire.dribble = false;
    }
  });

  test("a publish followed at once by the end never disappears", async () => {
    const runs = 200;
    await each(runs, 10, async (run) => {
      const browser = await plant.open();
      browser.publish("up/end", `${run}`);
      await browser.leave();
    });
    const seen = await device.take(runs, LONG);
    assert.equal(new Set(seen.map(({ payload }) => `${payload}`)).size, runs);
  });

  test("a large publish followed at once by the end arrives", async () => {
    const payload = randomBytes(5 * MIB);
    const browser = await plant.open();
    browser.publish("up/large", payload);
    await browser.leave();
    const message = await device.message(LONG);
    assert.ok(message.payload.equals(payload));
  });

  test("a browser that vanishes leaves its will", async () => {
    const will = { topic: "up/will", payload: "gone" };
    const browser = await plant.open({ session: { will } });
    browser.destroy();
    const { topic, payload } = await device.message(LONG);
    assert.deepEqual([topic, payload.toString()], ["up/will", "gone"]);
  });

  test("a browser that says DISCONNECT leaves none", async () => {
    const will = { topic: "up/will", payload: "gone" };
    const browser = await plant.open({ session: { will } });
    await browser.leave();
    await plant.wire.untilClosed();
    await device.publish("up/after", "it");
    assert.equal((await device.message()).topic, "up/after");
  });

  test("many sessions at once are sessions", async () => {
    const open = () => plant.open({ session: { keepAlive: 0 } });
    const browsers = await Promise.all(Array.from({ length: 50 }, open));
    await each(browsers.length, 10, async (i) => {
      await browsers[i].subscribe(`many/${i}`);
      browsers[i].publish(`many/${i}`, `${i}`);
      assert.equal(`${(await browsers[i].message(LONG)).payload}`, `${i}`);
    });
    await Promise.all(browsers.map((browser) => browser.leave()));
  });

  for (const how of ["cut", "halfClose"]) {
    test(`${how}, without an end in TLS, is upstream_closed`, async () => {
      const browser = await plant.open();
      const link = plant.wire.links.at(-1);
      if (how === "cut") link.front.resetAndDestroy();
      else link.front.end();
      const { code, reason } = await browser.expectClose();
      assert.deepEqual([code, reason], [1012, "upstream_closed"]);
    });
  }
});

describe("with a broker that is told what to do", () => {
  let plant, told, bell;

  beforeEach(async () => {
    bell = new Bell();
    told = [];
    plant = await Plant.start({
      secure: true,
      script: async (link) => {
        await welcome()(link);
        told.push(link);
        bell.ring();
      },
    });
  });
  afterEach(() => plant?.stop());

  async function open() {
    const browser = await plant.open();
    await bell.until(() => told.length > 0);
    return { browser, link: told.at(-1) };
  }

  const message = (payload) => packets.publish({ topic: "t", payload });

  // The gateway sees what `task` sends only when it is all there.
  async function atOnce(size, task) {
    const { bytesDown } = plant.wire;
    const tell = (signal) =>
      plant.workers.forEach((pid) => process.kill(pid, signal));
    tell("SIGSTOP");
    try {
      await task();
      await plant.wire.until(() => plant.wire.bytesDown > bytesDown + size);
    } finally {
      tell("SIGCONT");
    }
  }

  test("an end in TLS is the end, though the socket stays open", async () => {
    const { browser, link } = await open();
    const payload = randomBytes(1000);
    plant.wire.keepsOpen = true;
    // A message, 29 octets of its own and its record's, an alert of 24.
    await atOnce(payload.length + 40, () => link.end(message(payload)));
    const { payload: got } = await browser.message(LONG);
    assert.ok(got.equals(payload));
    const { code, reason } = await browser.expectClose(LONG);
    assert.deepEqual([code, reason], [1012, "upstream_closed"]);
  });

  test("what a slow reader left is there when he reads on", async () => {
    const { browser, link } = await open();
    const payload = randomBytes(8 * MIB);
    browser.websocket.pause();
    const poured = link.pour(message(payload));
    await still(() => link.sent); // all is full
    browser.websocket.resume();
    await poured;
    const { payload: got } = await browser.message(LONG);
    assert.ok(got.equals(payload));
  });

  // All of it is there when the gateway looks, and nothing comes behind it:
  // the last record is small, and OpenSSL has it before it is asked for.
  for (const size of [16384, 65536, 65537, 65600, 131072]) {
    test(`${size} octets that are there at once are read whole`, async () => {
      const { browser, link } = await open();
      const payload = randomBytes(size);
      await atOnce(size, () => link.write(message(payload)));
      const { payload: got } = await browser.message();
      assert.ok(got.equals(payload));
    });
  }

  test("what a slow broker left is there when it reads on", async () => {
    const { browser, link } = await open();
    const payload = randomBytes(8 * MIB);
    let got = Buffer.alloc(0);
    let count = 0;
    const pieces = [];
    link.divert((bytes) => {
      pieces.push(bytes);
      count += bytes.length;
      bell.ring();
    });
    link.pause();
    browser.publish("t", payload);
    await still(() => plant.wire.bytesUp);
    assert.ok(plant.wire.bytesUp < payload.length, "it was not read");
    link.resume();
    await bell.until(() => count >= payload.length, LONG);
    got = Buffer.concat(pieces);
    assert.ok(got.subarray(got.length - payload.length).equals(payload));
  });

  test("half a record keeps nobody busy, and the rest is heard", async () => {
    const { browser, link } = await open();
    const payload = randomBytes(16000);
    const { bytesDown } = plant.wire;
    plant.wire.holdAfter(bytesDown + 5000);
    link.write(message(payload));
    await plant.wire.until(() => plant.wire.isHolding);
    const shares = await sharesDuring(plant.workers, () =>
      throughout(1000, () => assert.ok(plant.wire.isHolding)),
    );
    assert.ok(Math.max(...shares) < 0.2, `${shares} of a processor`);
    plant.wire.holdAfter(Infinity);
    const { payload: got } = await browser.message(LONG);
    assert.ok(got.equals(payload));
  });

  test("its last words are heard, and then the end", async () => {
    const { browser, link } = await open();
    const payload = randomBytes(100000);
    link.end(message(payload));
    const { payload: got } = await browser.message(LONG);
    assert.ok(got.equals(payload));
    const { code, reason } = await browser.expectClose();
    assert.deepEqual([code, reason], [1012, "upstream_closed"]);
  });
});

// openssl s_server: a line that begins with K asks for new keys of both.
describe("with keys that change", () => {
  let folder, server, plant;

  before(async () => {
    folder = await Folder.create();
    const { ca, server: own } = await makePair(folder);
    const port = await freePort();
    const pair = ["-cert", own.certificate, "-key", own.key];
    const words = ["s_server", "-accept", `127.0.0.1:${port}`, ...pair];
    server = spawn("openssl", [...words, "-tls1_3"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    server.text = "";
    server.stdout.on("data", (bytes) => (server.text += bytes));
    await until(() => server.text.includes("ACCEPT"), LONG);
    const upstream = { servers: [`mqtts://127.0.0.1:${port}`], tls: { ca } };
    plant = await Plant.start({ secure: false, upstream });
  });
  after(async () => {
    await plant?.stop();
    server?.kill();
    await folder?.remove();
  });

  test("a session goes on", async () => {
    const browser = await plant.arrive();
    browser.connect();
    await until(() => server.text.includes("MQTT"), LONG);
    server.stdin.write(packets.connack());
    assert.equal((await browser.expect("connack")).code, 0);
    for (let i = 0; i < 5; i++) {
      server.stdin.write("K\n");
      browser.publish("t", `up ${i}`);
      await until(() => server.text.includes(`up ${i}`), LONG);
      server.stdin.write(message(`down ${i}`));
      assert.equal(`${(await browser.message(LONG)).payload}`, `down ${i}`);
    }
    await browser.leave();
    await until(() => server.text.includes("DONE"), LONG); // was told the end
  });

  const message = (payload) => packets.publish({ topic: "t", payload });
});
