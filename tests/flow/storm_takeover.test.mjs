// SPDX-License-Identifier: Apache-2.0
// Fault F32: programs that have one client id and take it from each other,
// through two gateways or one; and what must not be taken for that.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { configText, jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Fleet } from "./fixtures/fleet.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { connack, disconnect, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Page } from "./fixtures/page.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { ScriptedBroker } from "./fixtures/scripted_broker.mjs";
import { until } from "./fixtures/wait.mjs";

const MOST = 5; // takeovers a minute
const SAME = "pump-7";
const TAKEN_OVER = 0x8e; // MQTT 5, 2.4
const HELD_BACK = /^warning: client id is held back: /;
const BACK_OFFS = "postern_takeover_backoffs_total";
const REFUSED = 'postern_sessions_closed_total{reason="client_id"}';
const TAKEN = 'postern_sessions_closed_total{reason="taken_over"}';
const LONG = { deadline: 60000 };

const started = [];

afterEach(async () => {
  while (started.length) await started.pop().stop();
});

// A gateway with a session that stays, as there is one anywhere.
async function door(broker) {
  const [port, adminPort] = await freePorts(2);
  const admin = new Admin(adminPort);
  const config = configText({
    port,
    brokerPort: broker.port,
    admin: admin.setting,
    routes: [
      mqttRoute(),
      ...[4, 5].map((mqtt_version) =>
        jsonRoute({
          path: `/json${mqtt_version}`,
          mqtt_version,
          client_id: `rewrite:${SAME}`,
        }),
      ),
    ],
  });
  const gateway = await Gateway.start({ config });
  started.push(gateway);
  leaves(await Browser.open({ port, session: { keepAlive: 0 } }));
  const value = async (sample) => (await admin.metrics()).value(sample);
  const isHeldBack = () => gateway.lines.some((line) => HELD_BACK.test(line));
  const url = `ws://127.0.0.1:${port}/mqtt`;
  return { port, url, gateway, value, isHeldBack };
}

// Before its gateway stops.
function leaves(browser) {
  started.push({ stop: () => browser.destroy() });
  return browser;
}

function twins(url, level, count = 1) {
  const options = { keepalive: 60, reconnectPeriod: 300 };
  const name = () => SAME;
  const fleet = Fleet.start({ url, count, name, level, ...options });
  started.push(fleet);
  return fleet;
}

// That it has begun is told in one line, once.
async function expectBackOff(one) {
  const line = one.gateway.lines.find((text) => HELD_BACK.test(text));
  for (const words of [
    `client_id=${SAME}`,
    "upstream=plant",
    "seconds=30",
    "give each its own",
    "rewrite:NAME-${session}",
  ]) {
    assert.ok(line.includes(words), line);
  }
  assert.equal(await one.value(BACK_OFFS), 1);
}

describe("two programs with one client id", () => {
  let broker;

  beforeEach(async () => {
    broker = await Broker.start();
    started.push(broker);
  });

  for (const level of [4, 5]) {
    const name = VERSION_NAMES[level];

    test(`${name}: at two gateways: one of them is held back`, async () => {
      const doors = [await door(broker), await door(broker)];
      const fleets = doors.map(({ url }) => twins(url, level));
      const isQuiet = () => doors.some((one) => one.isHeldBack());
      await until(isQuiet, { ...LONG, what: "a back-off" });
      const loser = doors.findIndex((one) => one.isHeldBack());
      await expectBackOff(doors[loser]);
      const refused = async () => (await doors[loser].value(REFUSED)) > 2;
      await until(refused, { ...LONG, what: "CONNECT refused" });
      const connects = fleets.map(({ connects }) => connects[0].length);
      assert.ok(Math.max(...connects) > MOST, `${connects}`);
      assert.equal(fleets[loser].connected, 0);
      assert.equal(fleets[1 - loser].connected, 1);
      const word = level === 5 ? "Client Identifier not valid" : "Identifier";
      const words = [...fleets[loser].words.keys()].join();
      assert.ok(words.includes(word), words);
    });

    test(`${name}: at one gateway: the last one keeps it`, async () => {
      const one = await door(broker);
      const fleet = twins(one.url, level, 2);
      await until(one.isHeldBack, { ...LONG, what: "a back-off" });
      await expectBackOff(one);
      const isSettled = async () =>
        fleet.connected === 1 && (await one.value(REFUSED)) > 2;
      await until(isSettled, { ...LONG, what: "the last one is left" });
    });

    test(`${name}: json pages that come back: as well`, async () => {
      const one = await door(broker);
      const target = `/json${level}`;
      let isOver = false;
      const ends = [];
      // What a page does that wants to be there.
      const visit = async () => {
        while (!isOver) {
          const page = await Page.arrive({ port: one.port, target });
          await until(() => isOver || page.ended, { deadline: 60000 });
          if (page.ended) ends.push((await page.expectClose()).reason);
          page.destroy();
        }
      };
      const visits = [visit(), visit()];
      started.push({ stop: () => (isOver = true) });
      await until(one.isHeldBack, { ...LONG, what: "a back-off" });
      await expectBackOff(one);
      const isRefused = () => ends.includes("client_id");
      await until(isRefused, { ...LONG, what: "a page is refused" });
      isOver = true;
      await Promise.all(visits);
    });
  }
});

describe("a broker that says that an id was taken over", () => {
  let broker, one;

  beforeEach(async () => {
    const links = new Map(); // by client id
    broker = await ScriptedBroker.start(async (link) => {
      const { level, clientId } = await link.next();
      const before = links.get(clientId);
      links.set(clientId, link);
      before?.write(disconnect({ level, code: TAKEN_OVER }));
      before?.end();
      link.write(connack({ level }));
    });
    started.push(broker);
    one = await door(broker);
  });

  const open = async (clientId = SAME) => {
    const session = { clientId };
    return leaves(await Browser.open({ port: one.port, level: 5, session }));
  };

  test("is believed: the sixth time in a minute is the last", async () => {
    let last = await open();
    for (let i = 0; i <= MOST; i++) {
      const next = await open();
      const { code, reason } = await last.expectClose();
      assert.deepEqual([code, reason], [1008, "taken_over"]);
      last = next;
    }
    await expectBackOff(one);
    assert.equal(await one.value(TAKEN), MOST + 1);
    const { connections } = broker;
    const refused = await Browser.arrive({ port: one.port, level: 5 });
    refused.connect({ clientId: SAME });
    const { code, reason, packets } = await refused.expectClose();
    assert.deepEqual([code, reason], [1008, "client_id"]);
    assert.equal(packets[0].code, 0x85);
    assert.equal(broker.connections, connections, "no upstream for it");
    await open("pump-8");
  });

  test("ends pages with 4409, and then they are refused with 4403", async () => {
    const arrive = async () =>
      leaves(await Page.arrive({ port: one.port, target: "/json5" }));
    let last = await arrive();
    await last.connected();
    for (let i = 0; i <= MOST; i++) {
      const next = await arrive();
      await next.connected();
      const { code, reason } = await last.expectClose();
      assert.deepEqual([code, reason], [4409, "taken_over"]);
      last = next;
    }
    await expectBackOff(one);
    const { code, reason } = await (await arrive()).expectClose();
    assert.deepEqual([code, reason], [4403, "client_id"]);
  });
});

describe("no takeover is", () => {
  const ROUNDS = 8;

  test("a broker that restarts again and again", async () => {
    const broker = await Broker.start();
    started.push(broker);
    const one = await door(broker);
    const options = { reconnectPeriod: 50, level: 4 };
    const name = (i) => `${SAME}-${i}`;
    const fleet = Fleet.start({ url: one.url, count: 10, name, ...options });
    started.push(fleet);
    await fleet.back(0);
    for (let i = 0; i < ROUNDS; i++) {
      const since = performance.now();
      await broker.restart();
      await fleet.back(since);
    }
    assert.equal(one.isHeldBack(), false);
    assert.equal(await one.value(BACK_OFFS), 0);
  });

  test("a broker that ends one client for what it says", async () => {
    const broker = await ScriptedBroker.start(async (link) => {
      const { level } = await link.next();
      link.write(connack({ level }));
      await link.expect("subscribe");
      link.end();
    });
    started.push(broker);
    const one = await door(broker);
    const session = { clientId: SAME };
    for (let i = 0; i < ROUNDS; i++) {
      const browser = await Browser.open({ port: one.port, session });
      await browser.subscribe("secret").catch(() => {});
      browser.destroy();
    }
    assert.equal(await one.value(BACK_OFFS), 0);
  });

  test("a client that leaves and comes again", async () => {
    const broker = await Broker.start();
    started.push(broker);
    const one = await door(broker);
    const session = { clientId: SAME };
    for (let i = 0; i < ROUNDS; i++) {
      const browser = await Browser.open({ port: one.port, session });
      await browser.leave();
    }
    for (let i = 0; i < ROUNDS; i++) {
      const browser = await Browser.open({ port: one.port, session });
      browser.destroy();
    }
    assert.equal(await one.value(BACK_OFFS), 0);
  });
});
