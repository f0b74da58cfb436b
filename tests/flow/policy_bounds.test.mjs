// SPDX-License-Identifier: Apache-2.0
// Bounds that a route puts on keep-alive, properties and messages of QoS 2
// that are under way.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { mqttRoute } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { properties, readProperties } from "./fixtures/properties.mjs";
import { ScriptedBroker, welcome } from "./fixtures/scripted_broker.mjs";
import { brief } from "./fixtures/watched.mjs";
import { newest, plantThatSaysYes } from "./fixtures/yes_broker.mjs";

const RECEIVE_MAX = 20;

describe("a keep-alive", () => {
  let plant, slow;

  before(async () => {
    const routes = {
      mqtt: {},
      short: { max_keepalive_s: 30 },
      off: { max_keepalive_s: 0 },
    };
    plant = await plantThatSaysYes(routes);
    slow = await plantThatSaysYes(routes, {
      properties: properties({ serverKeepAlive: 200, reason: "slow" }),
    });
  });
  after(async () => {
    await plant?.stop();
    await slow?.stop();
  });

  // What the browser is told, if anything.
  async function told(stage, target, keepAlive) {
    const session = { keepAlive };
    const browser = await stage.open({ level: 5, target, session });
    const values = readProperties(browser.connack.properties);
    browser.destroy();
    if (stage === slow) assert.equal(values.reason, "slow");
    return values.serverKeepAlive;
  }

  for (const [keepAlive, wanted] of [
    [0, 300],
    [1, undefined],
    [60, undefined],
    [300, undefined],
    [301, 300],
    [65535, 300],
  ]) {
    const what = wanted ? `becomes ${wanted}` : "stays";
    test(`MQTT 5: of ${keepAlive} s ${what}`, async () => {
      assert.equal(await told(plant, "/mqtt", keepAlive), wanted);
    });
  }

  test("MQTT 5: has the limit of its route", async () => {
    assert.equal(await told(plant, "/short", 31), 30);
    assert.equal(await told(plant, "/short", 0), 30);
    assert.equal(await told(plant, "/short", 30), undefined);
    assert.equal(await told(plant, "/off", 65535), undefined);
    assert.equal(await told(plant, "/off", 0), undefined);
  });

  test("MQTT 5: is the broker's when that is within the limit", async () => {
    for (const keepAlive of [0, 60, 65535]) {
      assert.equal(await told(slow, "/mqtt", keepAlive), 200);
      assert.equal(await told(slow, "/off", keepAlive), 200);
      assert.equal(await told(slow, "/short", keepAlive), 30);
    }
  });

  for (const level of [3, 4]) {
    test(`${VERSION_NAMES[level]}: is left alone`, async () => {
      for (const keepAlive of [0, 300, 65535]) {
        const session = { keepAlive };
        const browser = await plant.open({ level, target: "/short", session });
        assert.equal(newest(plant).connect.keepAlive, keepAlive);
        assert.equal(browser.connack.bytes.length, 4);
        browser.destroy();
      }
    });
  }
});

describe("MQTT 5: properties of a packet", () => {
  const level = 5;
  let plant;

  before(async () => {
    plant = await plantThatSaysYes({ mqtt: {} });
  });
  after(() => plant?.stop());

  const users = (count, value = "v") =>
    properties({ user: Array.from({ length: count }, () => ["n", value]) });
  const within = users(64);
  const outside = {
    "65 user properties": users(65),
    "17 KiB of them": users(17, "v".repeat(1020)),
  };

  test("up to 64 pass in every packet", async () => {
    const session = { properties: within };
    const browser = await plant.open({ level, session });
    const broker = newest(plant);
    const passing = [
      packets.publish({ level, topic: "t", properties: within }),
      packets.subscribe({ level, filters: [["t", 0]], properties: within }),
      packets.unsubscribe({ level, filters: ["t"], properties: within }),
    ];
    for (const bytes of passing) {
      browser.send(bytes);
      assert.deepEqual((await broker.next()).bytes, bytes);
    }
    browser.destroy();
  });

  for (const [name, list] of Object.entries(outside)) {
    const isBad = (code) => [0x81, 0x82].includes(code);

    test(`${name} in CONNECT are refused`, async () => {
      const { connections } = plant.broker;
      const will = { topic: "w", properties: list };
      for (const session of [{ properties: list }, { will }]) {
        const browser = await plant.arrive({ level });
        browser.connect(session);
        const { code, packets: seen } = await browser.expectClose();
        assert.equal(seen.length, 1);
        assert.equal(seen[0].type, "connack");
        assert.ok(isBad(seen[0].code), `${seen[0].code}`);
        assert.equal(code, 1002);
      }
      assert.equal(plant.broker.connections, connections);
    });

    for (const [what, bytes] of [
      ["PUBLISH", packets.publish({ level, topic: "t", properties: list })],
      [
        "SUBSCRIBE",
        packets.subscribe({ level, filters: [["t", 0]], properties: list }),
      ],
      [
        "UNSUBSCRIBE",
        packets.unsubscribe({ level, filters: ["t"], properties: list }),
      ],
      ["DISCONNECT", packets.disconnect({ level, properties: list })],
    ]) {
      test(`${name} in ${what} end the session`, async () => {
        const browser = await plant.open({ level });
        const broker = newest(plant);
        browser.send(bytes);
        const { code, packets: seen } = await browser.expectClose();
        assert.equal(seen.length, 1);
        assert.ok(isBad(seen[0].code), `${seen[0].code}`);
        assert.equal(code, 1002);
        assert.deepEqual(await broker.untilEnded(), []);
      });
    }
  }
});

describe("messages of QoS 2 that are under way", () => {
  let plant;

  before(async () => {
    plant = await plantThatSaysYes({ mqtt: {}, few: { receive_max: 3 } });
  });
  after(() => plant?.stop());

  test(`MQTT 5: are ${RECEIVE_MAX} at most, and CONNACK says so`, async () => {
    for (const [offered, target, wanted] of [
      [null, "/mqtt", RECEIVE_MAX],
      [100, "/mqtt", RECEIVE_MAX],
      [10, "/mqtt", 10],
      [RECEIVE_MAX, "/mqtt", RECEIVE_MAX],
      [100, "/few", 3],
    ]) {
      const values = { reason: "yes" };
      if (offered) values.receiveMaximum = offered;
      const script = welcome({ properties: properties(values) });
      const broker = await ScriptedBroker.start(script);
      const servers = [`mqtt://127.0.0.1:${broker.port}`];
      const routes = [mqttRoute(), mqttRoute({ path: "/few", receive_max: 3 })];
      const stage = await Plant.start({ upstream: { servers }, routes });
      const browser = await stage.open({ level: 5, target });
      const seen = readProperties(browser.connack.properties);
      assert.deepEqual([seen.receiveMaximum, seen.reason], [wanted, "yes"]);
      browser.destroy();
      await stage.stop();
      await broker.stop();
    }
  });

  for (const level of LEVELS) {
    describe(`with ${VERSION_NAMES[level]}`, () => {
      const publish = (id, options = {}) =>
        packets.publish({ level, topic: "t", qos: 2, id, ...options });

      async function isFull(browser, broker, id) {
        browser.send(publish(id));
        const { code, reason, packets: seen } = await browser.expectClose();
        assert.deepEqual([code, reason], [1008, "flood"]);
        const wanted = level === 5 ? [["disconnect", null, 0x97]] : [];
        assert.deepEqual(brief(seen), wanted);
        assert.deepEqual(await broker.untilEnded(), []);
      }

      // `count` of them that the broker has not answered.
      async function withOpen(count, options = {}) {
        const browser = await plant.open({ level, ...options });
        const broker = newest(plant);
        for (let id = 1; id <= count; id++) {
          browser.send(publish(id));
          await broker.expect("publish");
        }
        return { browser, broker };
      }

      test("one too many ends the session", async () => {
        const { browser, broker } = await withOpen(RECEIVE_MAX);
        await isFull(browser, broker, RECEIVE_MAX + 1);
      });

      test("the route says how many", async () => {
        const { browser, broker } = await withOpen(3, { target: "/few" });
        await isFull(browser, broker, 4);
      });

      test("a repetition is none more", async () => {
        const { browser, broker } = await withOpen(RECEIVE_MAX);
        for (const id of [1, 7, RECEIVE_MAX]) {
          browser.send(publish(id, { duplicate: true }));
          assert.equal((await broker.expect("publish")).id, id);
        }
        await isFull(browser, broker, RECEIVE_MAX + 1);
      });

      test("PUBREC and PUBREL leave one open, PUBCOMP ends it", async () => {
        const { browser, broker } = await withOpen(RECEIVE_MAX);
        broker.write(packets.pubrec(1));
        await browser.expect("pubrec");
        browser.send(packets.pubrel(1));
        await broker.expect("pubrel");
        broker.write(packets.pubcomp(1));
        await browser.expect("pubcomp");
        browser.send(publish(1));
        await broker.expect("publish");
        await isFull(browser, broker, RECEIVE_MAX + 1);
      });

      if (level === 5) {
        test("a PUBREC that refuses ends one as well", async () => {
          const { browser, broker } = await withOpen(RECEIVE_MAX);
          broker.write(packets.pubrec(5, 0x97));
          await browser.expect("pubrec");
          browser.send(publish(5));
          await broker.expect("publish");
          await isFull(browser, broker, RECEIVE_MAX + 1);
        });
      }

      test("whole handshakes, one after the other, are no flood", async () => {
        const { browser, broker } = await withOpen(0);
        for (let id = 1; id <= 5 * RECEIVE_MAX; id++) {
          browser.send(publish(id));
          await broker.expect("publish");
          broker.write(packets.pubrec(id));
          await browser.expect("pubrec");
          browser.send(packets.pubrel(id));
          await broker.expect("pubrel");
          broker.write(packets.pubcomp(id));
          await browser.expect("pubcomp");
        }
        browser.destroy();
      });
    });
  }
});
