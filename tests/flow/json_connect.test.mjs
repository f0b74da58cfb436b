// SPDX-License-Identifier: Apache-2.0
// How a session of a json route begins: the handshake, `connected`, and what
// a page is told while the broker is away or refuses.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoute, jsonRoutes, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { passwordFile } from "./fixtures/logins.mjs";
import { connack, VERSION_NAMES } from "./fixtures/packets.mjs";
import { JSON_PROTOCOL, VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { sharesDuring, throughout } from "./fixtures/processor.mjs";
import { readProperties } from "./fixtures/properties.mjs";
import { until } from "./fixtures/wait.mjs";
import { frame, handshake, TEXT } from "./fixtures/websocket.mjs";

const CLIENT_ID = /^postern[0-9a-f]{16}$/;
const EXPIRY_S = 120;
const BACK_MS = 15000; // a reconnection waits for some seconds

describe("a page that connects", () => {
  let plant;

  before(async () => {
    const limits = { packet_bytes: 65536, messages_per_s: 50, subscriptions: 8 };
    const routes = [...jsonRoutes({ limits }), jsonRoute({ ping_s: 7 })];
    plant = await Plant.start({ routes });
  });
  after(() => plant?.stop());

  for (const version of VERSIONS) {
    const target = `/json${version}`;

    test(`is told all about its session of ${VERSION_NAMES[version]}`, async () => {
      const page = await plant.newPage({ target });
      const first = await page.frame(() => true);
      const { session, client_id } = first;
      assert.deepEqual(first, {
        type: "connected",
        session,
        client_id,
        ping_interval: 25,
        limits: { packet_bytes: 65536, messages_per_s: 50, subscriptions: 8 },
        mqtt: { version, session_present: false },
      });
      assert.match(client_id, CLIENT_ID);
      assert.deepEqual(await page.settle(), []);
      await page.leave();
    });

    test(`has the same names in the logs with ${VERSION_NAMES[version]}`, async () => {
      const page = await plant.page({ target });
      const { session, client_id } = await page.connected();
      const opened = await plant.gateway.line(
        new RegExp(`^session ${session} opened `),
      );
      assert.match(opened, new RegExp(` client_id="?${client_id}"? `));
      assert.match(opened, new RegExp(` route="?${target}"? `));
      const level = { 5: "p5, c0", 4: "p2, c1" }[version]; // in mosquitto's words
      await plant.broker.line(
        new RegExp(`New client connected .* as ${client_id} \\(${level},`),
      );
      await page.leave();
      await plant.gateway.line(
        new RegExp(`^session ${session} closed reason=browser_closed `),
      );
    });
  }

  test("is told the limits that nobody set, and the pings that somebody did", async () => {
    const page = await plant.page();
    const { limits, ping_interval, mqtt } = await page.connected();
    assert.equal(ping_interval, 7);
    assert.equal(limits.messages_per_s, 0);
    assert.equal(limits.subscriptions, 64);
    assert.equal(mqtt.version, 5);
    await page.leave();
  });

  test("gets a client id of its own each time", async () => {
    const pages = await Promise.all([1, 2, 3].map(() => plant.page()));
    const hellos = await Promise.all(pages.map((page) => page.connected()));
    assert.equal(new Set(hellos.map((one) => one.client_id)).size, 3);
    assert.equal(new Set(hellos.map((one) => one.session)).size, 3);
    for (const page of pages) await page.leave();
  });

  async function accepted(protocol) {
    const answer = await handshake({
      port: plant.port,
      target: "/json",
      protocol,
    });
    answer.socket.destroy();
    assert.equal(answer.status, 101, answer.line);
    return answer.get("sec-websocket-protocol") ?? null;
  }

  test("may name its subprotocol, among others, or none", async () => {
    assert.equal(await accepted(JSON_PROTOCOL), JSON_PROTOCOL);
    assert.equal(await accepted(`mqtt, ${JSON_PROTOCOL}`), JSON_PROTOCOL);
    assert.equal(await accepted(null), null);
    const page = await plant.page({ protocol: null });
    await page.publish("t", "x");
    await page.leave();
  });

  test("with a subprotocol that is not spoken here is refused with 400", async () => {
    const { connections } = plant.wire;
    for (const protocol of ["mqtt", "json.postern.v2", "JSON.POSTERN.V1"]) {
      const options = { port: plant.port, target: "/json", protocol };
      const answer = await handshake(options);
      answer.socket.destroy();
      assert.equal(answer.status, 400, protocol);
    }
    assert.equal(plant.wire.connections, connections, "no upstream");
  });

  test("may ask before it is connected, in the segment of its handshake", async () => {
    const request = { type: "publish", id: 1, topic: "t", payload: "x" };
    const first = frame(JSON.stringify(request), { opcode: TEXT });
    const page = await plant.newPage({ after: first });
    assert.equal((await page.frame(() => true)).type, "connected");
    assert.equal((await page.answer(1)).success, true);
    await page.leave();
  });
});

describe("F01: a page whose broker is down at the start", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({ release: true, routes: jsonRoutes() });
    plant.wire.refuse();
  });
  after(() => plant?.stop());

  test("is let in and told, waits, and is connected when the broker comes", async () => {
    const pages = [];
    for (const version of VERSIONS) {
      pages.push(await plant.newPage({ target: `/json${version}` }));
    }
    for (const page of pages) {
      const told = await page.frame(() => true);
      assert.deepEqual([told.type, told.upstream], ["status", "down"]);
      assert.equal(told.queued, 0);
      assert.ok(Number.isInteger(told.retry_in_ms), told.text);
      const more = { type: "publish", payload: "early", qos: 1 };
      page.asked = page.start({ ...more, topic: "early/1" });
      page.listens = page.start({ type: "subscribe", topic: "news" });
      assert.deepEqual(await page.settle("ack"), []);
    }
    const shares = await sharesDuring(plant.workers, () =>
      throughout(2000, async () => {}),
    );
    assert.ok(Math.max(...shares) <= 0.02, `${shares} of a processor`);
    assert.deepEqual(await plant.gateway.workers(), plant.workers);

    const device = await Client.open(plant.brokerUrl);
    await device.subscribe("early/#", 1);
    await plant.wire.accept();
    for (const page of pages) {
      await page.connected({ deadline: BACK_MS });
      assert.equal((await page.answer(page.asked)).success, true);
      assert.equal((await page.answer(page.listens)).success, true);
    }
    await device.take(pages.length);
    await device.publish("news", "hello");
    for (const page of pages) {
      assert.equal((await page.message()).payload, "hello");
      await page.leave();
    }
    await device.end();
  });
});

describe("a broker that refuses the login", () => {
  let plant, folder, answer;

  before(async () => {
    folder = await Folder.create();
    const password_file = await passwordFile(folder, "password", "pw");
    const script = async (link) => {
      link.connect = await link.next();
      link.end(connack({ level: link.connect.level, code: answer }));
    };
    plant = await Plant.start({ script, routes: jsonRoutes() });
    plant.ours = await Plant.start({
      script,
      acls: [{ name: "page", rules: ["allow sub open/+"] }],
      upstream: { username: "web", password_file, inject: true },
      routes: jsonRoutes({ acl: "page", anonymous: true }).slice(1),
    });
  });
  after(async () => {
    await plant?.ours?.stop();
    await plant?.stop();
    await folder?.remove();
  });

  const CODES = {
    5: { 0x86: "4401 bad_login", 0x87: "4403 not_authorised", 0x85: "4403 client_id" },
    4: { 4: "4401 bad_login", 5: "4403 not_authorised", 2: "4403 client_id" },
  };

  async function ends(where, version, code) {
    answer = Number(code);
    const page = await where.newPage({ target: `/json${version}` });
    const { code: end, reason, frames } = await page.expectClose();
    assert.deepEqual(
      frames.filter(({ type }) => type === "connected"),
      [],
    );
    return `${end} ${reason}`;
  }

  for (const version of VERSIONS) {
    for (const [code, word] of Object.entries(CODES[version])) {
      test(`${VERSION_NAMES[version]}, CONNACK ${code}: ends the session with ${word}`, async () => {
        assert.equal(await ends(plant, version, code), word);
      });

      const ours = word.includes("client_id") ? word : "4503 upstream_refused";
      test(`${VERSION_NAMES[version]}, CONNACK ${code}: with ${ours} if the login is the gateway's`, async () => {
        assert.equal(await ends(plant.ours, version, code), ours);
      });
    }
  }
});

describe("what the broker is asked for", () => {
  let plant;

  afterEach(() => plant?.stop());

  // The CONNECT of a session, and the one after its connection was lost.
  async function connects(route) {
    const script = async (link) => {
      link.connect = await link.next();
      link.write(connack({ level: link.connect.level }));
    };
    plant = await Plant.start({
      script,
      routes: [mqttRoute(), jsonRoute(route)],
    });
    const page = await plant.page();
    plant.broker.links[0].destroy();
    await page.status("up", { deadline: BACK_MS });
    await until(() => plant.broker.links[1].connect);
    await page.leave();
    return plant.broker.links.map((link) => link.connect);
  }

  // mosquitto 2.0 does not save a session whose CONNECT had Clean Start.
  test("a persistent session of MQTT 5 is kept for a while", async () => {
    const [first, second] = await connects({ persistent: true });
    assert.deepEqual([first.clean, second.clean], [false, false]);
    for (const { level, properties } of [first, second]) {
      assert.equal(level, 5);
      assert.equal(readProperties(properties).sessionExpiry, EXPIRY_S);
    }
    assert.equal(first.clientId, second.clientId);
  });

  test("one that is not persistent is new each time", async () => {
    const [first, second] = await connects({ persistent: false });
    assert.deepEqual([first.clean, second.clean], [true, true]);
    for (const { properties } of [first, second]) {
      assert.equal(readProperties(properties).sessionExpiry ?? 0, 0);
    }
    assert.equal(first.clientId, second.clientId);
  });
});
