// SPDX-License-Identifier: Apache-2.0
// The limits of a json route: what a page may send in a second, and how many
// pages there may be.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { JSON_PROTOCOL, VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const SESSIONS = 3;
const PAHO_SESSIONS = 5;
const PER_S = 20;
const BYTES_PER_S = 20_000;

async function knock(plant, target) {
  const protocol = target.startsWith("/json") ? JSON_PROTOCOL : "mqtt";
  const answer = await handshake({ port: plant.port, target, protocol });
  answer.socket.destroy();
  return answer;
}

async function isRefused(plant, target, reason) {
  const from = plant.gateway.lines.length;
  const { connections } = plant.wire;
  const answer = await knock(plant, target);
  assert.equal(answer.status, 503, answer.line);
  assert.match(answer.get("retry-after"), /^[1-9]\d*$/);
  assert.equal(answer.body, "Try again later.\n");
  await plant.gateway.line(
    new RegExp(`^warning: handshake refused reason=${reason} `),
    { from },
  );
  assert.equal(plant.wire.connections, connections, "no upstream");
}

describe(`a route of ${SESSIONS} sessions`, () => {
  let plant;

  before(async () => {
    plant = await Plant.start({
      routes: [
        mqttRoute(),
        jsonRoute({ limits: { sessions: SESSIONS } }),
        jsonRoute({ path: "/json/other" }),
      ],
    });
  });
  after(() => plant?.stop());

  test("has a place for each that leaves or vanishes", async () => {
    const pages = [];
    for (let i = 0; i < SESSIONS; i++) pages.push(await plant.page());
    await isRefused(plant, "/json", "session_limit");
    assert.equal((await knock(plant, "/json/other")).status, 101);
    assert.equal((await knock(plant, "/mqtt")).status, 101);
    await pages[0].leave();
    pages[1].destroy();
    const open = () => plant.page().catch(() => null);
    for (let i = 0; i < 2; i++) pages.push(await until(open));
    await isRefused(plant, "/json", "session_limit");
    for (const page of pages.slice(2)) await page.leave();
  });
});

describe(`a worker of ${PAHO_SESSIONS} such sessions`, () => {
  let plant;

  before(async () => {
    plant = await Plant.start({
      paho_sessions_per_worker: PAHO_SESSIONS,
      routes: [
        mqttRoute(),
        jsonRoute(),
        jsonRoute({ path: "/json4", mqtt_version: 4 }),
      ],
    });
  });
  after(() => plant?.stop());

  test("refuses more before they are upgraded, and takes those of MQTT", async () => {
    const pages = [];
    for (let i = 0; i < PAHO_SESSIONS; i++) {
      pages.push(await plant.page({ target: i % 2 ? "/json" : "/json4" }));
    }
    await isRefused(plant, "/json", "worker_full");
    await isRefused(plant, "/json4", "worker_full");
    await plant.unaffected();
    for (let i = 0; i < PAHO_SESSIONS; i++) (await plant.open()).destroy();
    await pages[0].leave();
    const open = () => plant.page().catch(() => null);
    const page = await until(open, { what: "a place" });
    await page.publish("t", "x", { qos: 1 });
    await page.leave();
    for (const one of pages.slice(1)) await one.leave();
  });

  test("has the places of pages that come and go", async () => {
    for (let round = 0; round < 5 * PAHO_SESSIONS; round++) {
      const open = () => plant.page().catch(() => null);
      const page = await until(open, { what: "a place" });
      if (round % 2) page.destroy();
      else await page.leave();
    }
  });
});

for (const version of VERSIONS) {
  describe(`a page that sends too much with ${VERSION_NAMES[version]}`, () => {
    let plant, device;

    before(async () => {
      const route = (path, limits) =>
        jsonRoute({ path, mqtt_version: version, limits });
      plant = await Plant.start({
        routes: [
          mqttRoute(),
          route("/messages", { messages_per_s: PER_S }),
          route("/bytes", { bytes_per_s: BYTES_PER_S }),
          route("/subscribes", { subscribes_per_s: 5 }),
        ],
      });
      device = await Client.open(plant.brokerUrl);
      await device.subscribe("up");
    });
    after(async () => {
      await device?.end();
      await plant?.stop();
    });

    // Asks for all at once; gives the seconds until all is answered.
    async function timed(page, requests) {
      const start = performance.now();
      const ids = requests.map((request) => page.start(request));
      for (const id of ids) {
        const answer = await page.answer(id, { deadline: 20000 });
        assert.notEqual(answer.success, false, answer.text);
      }
      return (performance.now() - start) / 1000;
    }

    const publishes = (count, payload) =>
      Array.from({ length: count }, (_, i) => ({
        type: "publish",
        topic: "up",
        payload: `${i} ${payload}`,
        qos: 1,
      }));

    test("is read no faster than messages_per_s, and loses nothing", async () => {
      const page = await plant.page({ target: "/messages" });
      const { limits } = await page.connected();
      assert.equal(limits.messages_per_s, PER_S);
      const count = 4 * PER_S;
      const took = await timed(page, publishes(count, "x"));
      assert.ok(took > 1.8 && took < 8, `${took} s`);
      assert.equal((await device.take(count)).length, count);
      await plant.unaffected();
      await page.leave();
    });

    test("is read no faster than bytes_per_s, and loses nothing", async () => {
      const page = await plant.page({ target: "/bytes" });
      const count = 80; // of a KiB
      const took = await timed(page, publishes(count, "b".repeat(1000)));
      assert.ok(took > 1.8 && took < 10, `${took} s`);
      assert.equal((await device.take(count)).length, count);
      await page.leave();
    });

    test("is read no faster than subscribes_per_s", async () => {
      const page = await plant.page({ target: "/subscribes" });
      const requests = Array.from({ length: 20 }, (_, i) => ({
        type: "subscribe",
        topic: `s/${i}`,
      }));
      const took = await timed(page, requests);
      assert.ok(took > 1.8 && took < 8, `${took} s`);
      await page.leave();
    });

    test("may leave at any time", async () => {
      const page = await plant.page({ target: "/messages" });
      const { session } = await page.connected();
      for (const request of publishes(200, "x")) page.start(request);
      page.destroy();
      await plant.gateway.line(
        new RegExp(`^session ${session} closed reason=browser_vanished `),
      );
    });
  });
}
