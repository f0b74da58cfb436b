// SPDX-License-Identifier: Apache-2.0
// What /metrics counts of json and channel routes, where the MQTT client is
// the gateway's own.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { ChannelPlant } from "./fixtures/channel.mjs";
import { channelRoute, LOBBY } from "./fixtures/channel_route.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { freePort } from "./fixtures/ports.mjs";

const PROBES = 1; // the gateway's own look at its broker
const FROM_BROWSER = 'postern_packets_total{from="browser"}';
const FROM_BROKER = 'postern_packets_total{from="broker"}';
const BYTES = 'postern_bytes_total{from="browser"}';
const REACHED = 'postern_upstream_connects_total{result="reached"}';
const TOOK = "postern_upstream_connect_seconds_count";
const UNANSWERED = 'postern_paho_queue{waits_for="answer"}';
const CLIENTS = "postern_paho_clients";
const QUEUE = "postern_queue_bytes";
const live = (kind, route) => `postern_sessions{route="${route}",kind="${kind}"}`;
const opened = (kind, route) =>
  `postern_sessions_opened_total{route="${route}",kind="${kind}"}`;
const denied = (op, route) =>
  `postern_acl_denied_total{op="${op}",route="${route}"}`;
const closed = (word) => `postern_sessions_closed_total{reason="${word}"}`;

describe("/metrics of routes whose pages speak no MQTT", () => {
  let stage, plant, admin;

  before(async () => {
    admin = new Admin(await freePort());
    const rules = ["allow pub chat/#", "allow sub chat/#", "allow sub own/#"];
    stage = await ChannelPlant.start({
      workers: 2,
      admin: admin.setting,
      acls: [{ name: "few", rules }],
      routes: [mqttRoute(), jsonRoute({ acl: "few" }), channelRoute()],
    });
    ({ plant } = stage);
    await admin.isReady();
  });
  after(() => stage?.stop());

  const adds = (expected, happen) => admin.adds(expected, happen);

  test("has the clients of its own, the probe's too", async () => {
    await admin.is(CLIENTS, (count) => count === PROBES);
    const pages = [];
    for (let i = 0; i < 3; i++) pages.push(await plant.page());
    const channel = await stage.open();
    await admin.is(CLIENTS, (count) => count === PROBES + pages.length + 1);
    const browser = await plant.open();
    for (const page of pages) page.destroy();
    await admin.is(CLIENTS, (count) => count === PROBES + 1);
    channel.destroy();
    await browser.leave();
    await admin.is(CLIENTS, (count) => count === PROBES);
  });

  test("has a session by its route and kind, while it lives and ever", () =>
    adds(
      {
        [opened("json", "/json")]: 2,
        [opened("channel", "/chat")]: 1,
        [opened("mqtt", "/mqtt")]: 0,
        postern_sessions_opened_total: 3,
        postern_sessions_closed_total: 3,
        [closed("browser_closed")]: 3,
      },
      async () => {
        const pages = [await plant.page(), await plant.page()];
        const channel = await stage.join();
        const metrics = await admin.metrics();
        assert.equal(metrics.value(live("json", "/json")), 2);
        assert.equal(metrics.value(live("channel", "/chat")), 1);
        assert.equal(metrics.value(live("mqtt", "/mqtt")), 0);
        for (const page of pages) await page.leave();
        await channel.close(1000);
        const isNone = (sum) => sum === 0;
        await admin.is("postern_sessions", isNone, { what: "all are gone" });
      },
    ));

  test("has the packets of the client of a json page", () =>
    adds(
      { [FROM_BROWSER]: 4, [FROM_BROKER]: 4, [REACHED]: 1, [TOOK]: 1 },
      async () => {
        const page = await plant.page(); // CONNECT
        await page.subscribe(LOBBY, { qos: 1 }); // SUBSCRIBE
        await page.publish(LOBBY, "x", { qos: 1 }); // PUBLISH, PUBACK
        await page.message();
        await page.settle(); // a ping is between the page and the gateway
        await page.leave();
      },
    ));

  test("has the packets of the client of a channel", () =>
    adds(
      { [FROM_BROWSER]: 4, [FROM_BROKER]: 4, [REACHED]: 1, [TOOK]: 1 },
      async () => {
        const channel = await stage.join(); // CONNECT, SUBSCRIBE
        channel.send("x"); // PUBLISH, PUBACK
        assert.equal(await channel.text(), "x");
        await channel.close(1000);
      },
    ));

  test("has the bytes that a page has sent, not its client's", async () => {
    const page = await plant.page();
    const ping = '{"type":"ping","id":1}';
    await adds({ [BYTES]: ping.length, [FROM_BROWSER]: 0 }, async () => {
      page.send(ping);
      await page.answer(1);
    });
    await page.leave();
  });

  test("has what a page was not allowed to do", async () => {
    const page = await plant.page();
    await adds(
      {
        [denied("publish", "/json")]: 1,
        [denied("subscribe", "/json")]: 2,
        [denied("publish", "/chat")]: 0,
      },
      async () => {
        await page.refused({ type: "publish", topic: "own/x", payload: "" }, 135);
        for (let i = 0; i < 2; i++) {
          await page.ask({ type: "subscribe", topic: "other/#" });
        }
      },
    );
    await page.leave();
  });

  test("has the connection that comes back, and no new session", async () => {
    const page = await plant.page();
    await adds(
      { [REACHED]: 1, [TOOK]: 1, postern_sessions_opened_total: 0 },
      async () => {
        plant.wire.cut();
        await page.status("up");
      },
    );
    await page.leave();
  });

  test("has what waits for a broker's answer, and its bytes", async () => {
    const page = await plant.page();
    const channel = await stage.join();
    await admin.is(UNANSWERED, (count) => count === 0);
    await admin.is(QUEUE, (bytes) => bytes === 0);
    plant.wire.stall();
    const ids = [1, 2, 3].map(() =>
      page.start({ type: "publish", topic: LOBBY, payload: "x", qos: 1 }),
    );
    channel.send("y");
    await admin.is(UNANSWERED, (count) => count === ids.length + 1);
    await admin.is(QUEUE, (bytes) => bytes > 0);
    plant.wire.resume();
    for (const id of ids) await page.answer(id);
    await admin.is(UNANSWERED, (count) => count === 0);
    await admin.is(QUEUE, (bytes) => bytes === 0);
    await page.leave();
    await channel.close(1000);
  });

  test("forgets what waits for somebody who has left", async () => {
    const page = await plant.page();
    plant.wire.stall();
    page.start({ type: "publish", topic: LOBBY, payload: "x", qos: 1 });
    await admin.is(UNANSWERED, (count) => count === 1);
    page.destroy();
    plant.wire.cut();
    plant.wire.resume();
    await admin.is(UNANSWERED, (count) => count === 0);
    await admin.is(QUEUE, (bytes) => bytes === 0);
  });
});
