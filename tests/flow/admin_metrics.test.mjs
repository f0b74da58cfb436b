// SPDX-License-Identifier: Apache-2.0
// /metrics counts what happens, each thing where it belongs.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Client } from "./fixtures/client.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";
import { frame, handshake, TEXT } from "./fixtures/websocket.mjs";

const refused = (word) => `postern_handshake_refused_total{reason="${word}"}`;
const closed = (word) => `postern_sessions_closed_total{reason="${word}"}`;
const bytes = (from) => `postern_bytes_total{from="${from}"}`;
const packetsOf = (from) => `postern_packets_total{from="${from}"}`;
const opened = 'postern_sessions_opened_total{route="/mqtt",kind="mqtt"}';
const TOOK = "postern_upstream_connect_seconds";
const connects = (result) =>
  `postern_upstream_connects_total{result="${result}"}`;

describe("/metrics", () => {
  let plant, admin;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({
      workers: 3,
      admin: admin.setting,
      route: { connect_timeout_s: 1 },
    });
  });
  after(() => plant?.stop());

  const adds = (expected, happen) => admin.adds(expected, happen);

  test("says which broker is reachable", async () => {
    const server = `mqtt://127.0.0.1:${plant.wire.port}`;
    const sample = `postern_upstream_reachable{upstream="plant",server="${server}"}`;
    const isUp = async () => (await admin.metrics()).value(sample) === 1;
    await until(isUp, { what: sample });
  });

  test("counts sessions while they live", async () => {
    const value = async () => (await admin.metrics()).sum("postern_sessions");
    assert.equal(await value(), 0);
    const opened = Array.from({ length: 12 }, () => plant.open());
    const browsers = await Promise.all(opened);
    assert.equal(await value(), 12);
    await Promise.all(browsers.slice(0, 5).map((one) => one.leave()));
    browsers[5].destroy();
    await until(async () => (await value()) === 6, { what: "6 sessions" });
    await Promise.all(browsers.slice(6).map((one) => one.leave()));
    await until(async () => (await value()) === 0, { what: "none" });
  });

  test("counts a session's opening and its connection to the broker", () =>
    adds(
      {
        [opened]: 1,
        [connects("reached")]: 1,
        [connects("failed")]: 0,
        [`${TOOK}_count`]: 1,
        [`${TOOK}_bucket{le="+Inf"}`]: 1,
        [closed("browser_closed")]: 1,
      },
      async () => {
        const browser = await plant.open();
        await browser.leave();
      },
    ));

  test("counts connections of browsers, not its own", () =>
    adds({ postern_connections_total: 3 }, async () => {
      for (let i = 0; i < 3; i++) (await plant.arrive()).destroy();
      for (let i = 0; i < 5; i++) await admin.status("/healthz");
    }));

  const refusals = {
    origin_unknown: { origin: "http://evil.test" },
    origin_absent: { origin: null },
    origin_null: { origin: "null" },
    origin_malformed: { origin: "http://a b" },
    origin_repeated: { origin: ["http://allowed.test", "http://evil.test"] },
    no_route: { target: "/none" },
    bad_host: { host: "evil.test" },
    bad_version: { version: "8" },
    no_subprotocol: { protocol: "chat" },
  };
  for (const [word, options] of Object.entries(refusals)) {
    test(`counts a handshake refused with ${word}`, () =>
      adds({ [refused(word)]: 2 }, async () => {
        for (let i = 0; i < 2; i++) {
          const answer = await handshake({ port: plant.port, ...options });
          assert.ok(answer.status >= 400, answer.line);
          answer.socket.destroy();
        }
      }));
  }

  const ends = {
    connect_timeout: async () => {
      await (await plant.arrive()).expectClose();
    },
    text_frame: async (browser) => {
      browser.websocket.write(frame("text", { opcode: TEXT }));
      await browser.expectClose();
    },
    malformed: async (browser) => {
      browser.send(Buffer.from("0000", "hex"));
      await browser.expectClose();
    },
    protocol_error: async (browser) => {
      browser.send(packets.connect());
      await browser.expectClose();
    },
    browser_closed: (browser) => browser.leave(),
    browser_vanished: async (browser) => browser.destroy(),
    upstream_closed: async (browser) => {
      plant.wire.cut();
      await browser.expectClose();
    },
    upstream_garbage: async (browser) => {
      plant.wire.inject(Buffer.from("0000", "hex"));
      await browser.expectClose();
    },
  };
  for (const [word, end] of Object.entries(ends)) {
    test(`counts a session that ends with ${word}`, async () => {
      const browser = await plant.open();
      if (word === "connect_timeout") await browser.leave();
      await adds({ [closed(word)]: 1 }, () => end(browser));
      browser.destroy();
    });
  }

  test("counts every session's end once", async () => {
    const metrics = await admin.metrics();
    const lines = plant.gateway.lines.filter((x) => /^session \S+ closed/.test(x));
    assert.equal(
      metrics.sum("postern_sessions_closed_total"),
      lines.length,
    );
    assert.equal(metrics.sum("postern_sessions"), 0);
  });

  test("counts bytes each way", async () => {
    const device = await Client.open(plant.brokerUrl);
    const browser = await plant.open();
    await browser.subscribe("down");
    await device.subscribe("up");
    const up = packets.publish({ topic: "up", payload: Buffer.alloc(5000) });
    const down = packets.publish({ topic: "down", payload: Buffer.alloc(7000) });
    await adds(
      { [bytes("browser")]: up.length, [bytes("broker")]: down.length },
      async () => {
        browser.send(up);
        await device.publish("down", Buffer.alloc(7000));
        await browser.message();
        await device.message();
      },
    );
    await device.end();
    await browser.leave();
  });

  test("counts packets each way", async () => {
    const device = await Client.open(plant.brokerUrl);
    await adds(
      { [packetsOf("browser")]: 5, [packetsOf("broker")]: 4 },
      async () => {
        const browser = await plant.open(); // CONNECT, CONNACK
        await browser.subscribe("down"); // SUBSCRIBE, SUBACK
        browser.publish("up", "x", { qos: 1, id: 7 });
        await browser.expect("puback");
        await device.publish("down", "y", { qos: 1 });
        await browser.message(); // of QoS 0 to this one
        browser.send(packets.publish({ topic: "up", payload: "z" }));
        await browser.leave(); // DISCONNECT
      },
    );
    await device.end();
  });

  test("counts a packet once, in however many pieces it comes", async () => {
    const browser = await plant.open();
    const whole = packets.publish({ topic: "up", payload: Buffer.alloc(3000) });
    await adds(
      { [packetsOf("browser")]: 1, [bytes("browser")]: whole.length },
      async () => {
        for (let at = 0; at < whole.length; at += 7) {
          browser.websocket.send(whole.subarray(at, at + 7));
        }
      },
    );
    await browser.leave();
  });

  test("counts connections to the broker that failed", async () => {
    plant.wire.refuse();
    await adds(
      {
        [connects("failed")]: 1,
        [connects("reached")]: 0,
        [closed("upstream_unreachable")]: 1,
        [`${TOOK}_count`]: 0,
        [opened]: 0,
      },
      async () => {
        const browser = await plant.arrive();
        browser.connect();
        await browser.expectClose();
      },
    );
    await plant.wire.accept();
  });
});
