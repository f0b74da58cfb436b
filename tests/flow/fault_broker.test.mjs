// SPDX-License-Identifier: Apache-2.0
// Faults F01, F03, F06, F07 and F18: brokers that are away, go away, are
// slow, talk rubbish or are one of several.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { Client } from "./fixtures/client.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { sharesDuring, throughout } from "./fixtures/processor.mjs";
import { ScriptedBroker } from "./fixtures/scripted_broker.mjs";
import { SilentServer } from "./fixtures/silent_server.mjs";
import { still, until } from "./fixtures/wait.mjs";

const mqtt = (port) => `mqtt://127.0.0.1:${port}`;

describe("F01: a broker that is down at the start", () => {
  let plant, admin, start;

  before(async () => {
    start = performance.now();
    admin = new Admin(await freePort());
    const servers = [mqtt(await freePort())];
    plant = await Plant.start({
      release: true,
      workers: 2,
      admin: admin.setting,
      upstream: { servers },
    });
  });
  after(() => plant?.stop());

  test("is no reason to end, nor to be busy", async () => {
    const pids = [plant.gateway.pid, ...plant.workers];
    const shares = await sharesDuring(pids, () =>
      throughout(2000, () => assert.equal(plant.gateway.lines.length, 3)),
    );
    assert.ok(Math.max(...shares) <= 0.01, `${shares} of a processor`);
    assert.deepEqual(await plant.gateway.workers(), plant.workers);
  });

  test("leaves /healthz at 200 and puts /readyz to 503", async () => {
    assert.equal(await admin.status("/healthz"), 200);
    assert.equal(await admin.status("/readyz"), 503);
  });

  for (const level of LEVELS) {
    const code = level === 5 ? 0x88 : 3;
    test(`${VERSION_NAMES[level]}: gives CONNACK ${code}, then 1013`, async () => {
      const browser = await plant.arrive({ level });
      browser.connect();
      const { code: end, reason, packets: seen } = await browser.expectClose();
      assert.deepEqual([end, reason], [1013, "upstream_unreachable"]);
      assert.deepEqual([seen.length, seen[0]?.code], [1, code]);
    });
  }

  test("is in the log once a second at most, however many come", async () => {
    for (let i = 0; i < 50; i++) {
      const browser = await plant.arrive();
      browser.connect();
      await browser.expectClose();
    }
    await plant.gateway.line(/^warning: upstream not reached .*refused/);
    const { lines } = plant.gateway;
    const told = lines.filter((line) => line.includes("upstream not reached"));
    const seconds = (performance.now() - start) / 1000;
    const most = plant.workers.length * (seconds + 1);
    assert.ok(told.length <= most, `${told.length} in ${seconds} s`);
  });
});

describe("F03: a broker that dies again and again", () => {
  const CUTS = 5;
  const IN_FLIGHT = 10;
  let plant, device;

  beforeEach(async () => {
    plant = await Plant.start();
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("work", 1);
  });
  afterEach(async () => {
    await device?.end();
    await plant?.stop();
  });

  // Until it is closed; gives the numbers that were acknowledged.
  async function publishFrom(number) {
    const browser = await plant.open();
    const acknowledged = [];
    const publish = () => {
      const id = (number % 65535) + 1;
      browser.publish("work", String(number++), { qos: 1, id });
    };
    for (let i = 0; i < IN_FLIGHT; i++) publish();
    for (;;) {
      const packet = await browser.next().catch(({ message }) => message);
      if (packet === "closed: 1012 upstream_closed") {
        return { acknowledged, number };
      }
      assert.equal(packet.type, "puback", packet);
      acknowledged.push(packet.id - 1);
      publish();
    }
  }

  test("loses no acknowledged message", async () => {
    const acknowledged = [];
    let number = 0;
    for (let cut = 0; cut < CUTS; cut++) {
      const publishing = publishFrom(number);
      const enough = device.messages.length + 100;
      const isUnderWay = () => device.messages.length > enough;
      await until(isUnderWay, { what: "messages under way" });
      const start = performance.now();
      plant.wire.cut();
      const result = await publishing;
      assert.ok(performance.now() - start < 1000, "1012 within a second");
      acknowledged.push(...result.acknowledged);
      number = result.number;
    }
    await device.publish("work", "last", { qos: 1 });
    const isLast = ({ payload }) => payload.toString() === "last";
    await until(() => device.messages.some(isLast), { what: "the last one" });
    const got = new Set(device.messages.map(({ payload }) => payload.toString()));
    const lost = acknowledged.filter((one) => !got.has(String(one)));
    assert.deepEqual(lost, [], `of ${acknowledged.length}`);
    assert.ok(acknowledged.length > CUTS * 90);
  });
});

describe("F06: a broker that is slow", () => {
  const COUNT = 2000;
  const payload = Buffer.alloc(8 * 1024, "slow"); // 16 MB of them
  let plant, device;

  before(async () => {
    plant = await Plant.start({ release: true });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("slow", 1);
    await plant.unaffected();
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  test("makes its browser wait; nothing grows, nothing is lost", async () => {
    const browser = await plant.open();
    const link = plant.wire.links.at(-1);
    const before = await plant.gateway.memory();
    stall(link);
    const { socket } = browser.websocket;
    for (let id = 1; id <= COUNT; id++) {
      browser.publish("slow", payload, { qos: 1, id });
    }
    await still(() => COUNT * payload.length * 2 - socket.waiting);
    assert.ok(socket.waiting > (COUNT * payload.length) / 2);
    const grown = (await plant.gateway.memory()) - before;
    assert.ok(grown < 1024 * 1024, `${grown} octets more memory`);
    await plant.unaffected();

    resume(link);
    const answers = new Set();
    for (let i = 0; i < COUNT; i++) {
      answers.add((await browser.expect("puback", { deadline: 20000 })).id);
    }
    assert.equal(answers.size, COUNT);
    const messages = await device.take(COUNT, { deadline: 20000 });
    assert.ok(messages.every((one) => one.payload.equals(payload)));
    await browser.leave();
  });

  // This connection only: the bystander's goes on.
  function stall({ front, back }) {
    front.pause();
    back.pause();
  }

  function resume({ front, back }) {
    front.resume();
    back.resume();
  }
});

describe("F07: a broker that sends rubbish", () => {
  const ROUNDS = 30;
  let plant, admin;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({ admin: admin.setting });
    await plant.unaffected();
  });
  after(() => plant?.stop());

  test("ends that session with 1014, is counted, and nobody else feels it", async () => {
    const word = 'postern_sessions_closed_total{reason="upstream_garbage"}';
    for (let round = 0; round < ROUNDS; round++) {
      const browser = await plant.open({ level: LEVELS[round % 3] });
      const octets = randomBytes(2000);
      octets[0] = 0xf3; // no packet from a broker begins like that
      plant.wire.inject(octets);
      const { code, reason } = await browser.expectClose();
      assert.deepEqual([code, reason], [1014, "upstream_garbage"]);
      await plant.unaffected();
    }
    const metrics = await admin.metrics();
    assert.equal(metrics.value(word), ROUNDS);
  });

  test("at random: a session ends or goes on, the gateway stays", async () => {
    for (let round = 0; round < ROUNDS * 3; round++) {
      const browser = await plant.open({ level: LEVELS[round % 3] });
      plant.wire.inject(randomBytes(1 + round * 7));
      browser.send(packets.pingreq());
      browser.websocket.close();
      await browser.websocket.untilEnded();
    }
    await plant.unaffected();
  });
});

describe("F18: one of several brokers", () => {
  const AVOIDED_MS = 10000;
  const started = [];

  afterEach(async () => {
    while (started.length) await started.pop().stop();
  });

  async function accepting(options) {
    const broker = await ScriptedBroker.start(async (link) => {
      await link.next();
      link.write(packets.connack());
    }, options);
    started.push(broker);
    return broker;
  }

  async function withServers(...ports) {
    const servers = ports.map(mqtt);
    const plant = await Plant.start({ upstream: { servers } });
    started.push(plant);
    return plant;
  }

  async function timed(task) {
    const start = performance.now();
    await task();
    return performance.now() - start;
  }

  test("that never answers costs a second, and then no time any more", async () => {
    const silent = await SilentServer.start();
    started.push(silent);
    const good = await accepting();
    const plant = await withServers(silent.port, good.port);
    const open = async () => (await plant.open()).destroy();
    const first = await timed(open);
    assert.ok(first < 1500, `the first session took ${first} ms`);
    for (let i = 0; i < 20; i++) {
      const next = await timed(open);
      assert.ok(next < 500, `the next one took ${next} ms`);
    }
    assert.equal(good.connections, 21);
  });

  test("that refused is avoided for 10 seconds, then tried again", async () => {
    const second = await accepting();
    const port = await freePort();
    const plant = await withServers(port, second.port);
    (await plant.open()).destroy();
    const failed = performance.now();
    started.push(await Broker.start({ port }));
    const usesFirst = async () => {
      const before = second.connections;
      (await plant.open()).destroy();
      return second.connections === before;
    };
    await until(usesFirst, { deadline: AVOIDED_MS + 2000, what: "the first" });
    const took = performance.now() - failed;
    assert.ok(took > AVOIDED_MS - 500, `tried again after ${took} ms`);
  });

  test("that comes first takes all sessions while it is well", async () => {
    const [first, second] = [await accepting(), await accepting()];
    const plant = await withServers(first.port, second.port);
    for (let i = 0; i < 10; i++) (await plant.open()).destroy();
    assert.deepEqual([first.connections, second.connections], [10, 0]);
  });
});
