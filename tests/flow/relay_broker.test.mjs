// SPDX-License-Identifier: Apache-2.0
// What the browser sees when something is wrong with the broker.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { mqttRoute } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { ScriptedBroker } from "./fixtures/scripted_broker.mjs";
import { still, until } from "./fixtures/wait.mjs";

const mqtt = (port) => `mqtt://127.0.0.1:${port}`;
const refusal = { 3: 3, 4: 3, 5: 0x88 };

describe("a broker that is down", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
    await plant.broker.down();
    plant.wire.refuse();
  });
  after(() => plant?.stop());

  async function isTurnedAway(level) {
    const browser = await plant.arrive({ level });
    browser.connect();
    const { code, reason, packets: seen } = await browser.expectClose();
    assert.deepEqual(
      seen.map(({ type, code }) => [type, code]),
      [["connack", refusal[level]]],
    );
    assert.deepEqual([code, reason], [1013, "upstream_unreachable"]);
    await browser.websocket.untilEnded();
  }

  for (const level of LEVELS) {
    test(`${VERSION_NAMES[level]}: CONNACK ${refusal[level]}, then 1013`, () =>
      isTurnedAway(level));
  }

  test("lets browsers in again when it is back", async () => {
    await plant.broker.up();
    await plant.wire.accept();
    let browser = null;
    for (let tries = 0; !browser && tries < 15; tries++) {
      const attempt = await plant.arrive();
      attempt.connect();
      const { type, code } = await attempt.next();
      assert.equal(type, "connack");
      if (code === 0) browser = attempt;
      else await attempt.expectClose();
    }
    assert.ok(browser, "a session with the broker that is back");
    await browser.leave();
  });
});

describe("a broker that ends the connection", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
  });
  after(() => plant?.stop());

  async function endsWith(browser, expected) {
    const { code, reason } = await browser.expectClose({ deadline: 1000 });
    assert.deepEqual([code, reason], expected);
    await browser.websocket.untilEnded();
  }

  for (const [name, end] of [
    ["closes", (wire) => wire.halfClose()],
    ["resets", (wire) => wire.cut()],
  ]) {
    test(`that ${name} it: 1012 within a second`, async () => {
      const browser = await plant.open();
      const link = plant.wire.links.at(-1);
      end(plant.wire);
      await endsWith(browser, [1012, "upstream_closed"]);
      await plant.wire.untilClosed({ link });
    });
  }

  test("because it was killed: 1012 within a second", async () => {
    const browsers = [];
    for (const level of LEVELS) browsers.push(await plant.open({ level }));
    await plant.broker.down({ signal: "SIGKILL" });
    const expected = [1012, "upstream_closed"];
    await Promise.all(browsers.map((one) => endsWith(one, expected)));
    await plant.broker.up();
    const again = await plant.open();
    await again.leave();
  });

  test("at once after DISCONNECT: the browser's close code comes back", async () => {
    const browser = await plant.open();
    browser.send(packets.disconnect());
    browser.websocket.close(1000);
    const { code } = await browser.expectClose();
    assert.equal(code, 1000);
  });
});

describe("a broker of the test's own", () => {
  const started = [];
  afterEach(async () => {
    while (started.length) await started.pop().stop();
  });

  async function withBroker(script, config = {}) {
    const broker = await ScriptedBroker.start(script);
    started.push(broker);
    const upstream = { servers: [mqtt(broker.port)] };
    const plant = await Plant.start({ upstream, ...config });
    started.push(plant);
    return { broker, plant };
  }

  test("closes after a megabyte: all of it arrives before 1012", async () => {
    const payload = Buffer.alloc(1024, "mega");
    const message = packets.publish({ topic: "t", payload });
    const { plant } = await withBroker(async (link) => {
      await link.next();
      const messages = Array.from({ length: 1024 }, () => message);
      link.end(Buffer.concat([packets.connack(), ...messages]));
    });
    const browser = await plant.open();
    const { code, reason, packets: seen } = await browser.expectClose();
    assert.equal(seen.length, 1024);
    assert.ok(seen.every((one) => one.payload.equals(payload)));
    assert.deepEqual([code, reason], [1012, "upstream_closed"]);
  });

  test("closes while the browser does not read: all of it arrives before 1012", async () => {
    const payload = Buffer.alloc(1024 * 1024, "late");
    const { plant, broker } = await withBroker(async (link) => {
      await link.next();
      link.write(packets.connack());
      await link.next();
      const message = packets.publish({ topic: "t", payload });
      link.end(Buffer.concat([message, message, message]));
    });
    const browser = await plant.open();
    browser.websocket.pause();
    browser.send(packets.pingreq());
    await still(() => broker.links[0].sent);
    browser.websocket.resume();
    const { code, packets: seen } = await browser.expectClose();
    assert.equal(seen.length, 3);
    assert.ok(seen.every((one) => one.payload.equals(payload)));
    assert.equal(code, 1012);
  });

  test("refuses the login: its CONNACK arrives, then the end", async () => {
    const { plant } = await withBroker(async (link) => {
      await link.next();
      link.end(packets.connack({ code: 5 }));
    });
    const browser = await plant.arrive();
    browser.connect();
    const { code, packets: seen } = await browser.expectClose();
    assert.deepEqual(
      seen.map(({ type, code }) => [type, code]),
      [["connack", 5]],
    );
    assert.notEqual(code, 1006);
  });

  test("refuses the login, and the browser is the first to go", async () => {
    const { plant } = await withBroker(async (link) => {
      await link.next();
      link.write(packets.connack({ code: 5 }));
    });
    const browser = await plant.arrive();
    browser.connect();
    await browser.next();
    browser.destroy();
    const line = await plant.gateway.line(/^session .* closed /);
    assert.match(line, / reason=not_authorised /);
  });

  test("says that the session is taken over: its packet, then 1008", async () => {
    const { plant } = await withBroker(async (link) => {
      await link.next();
      link.write(Buffer.from("2003000000", "hex"));
      await link.next();
      link.end(packets.disconnect({ level: 5, code: 0x8e }));
    });
    const browser = await plant.open({ level: 5 });
    browser.send(packets.pingreq());
    const { code, reason, packets: seen } = await browser.expectClose();
    assert.deepEqual(
      seen.map(({ type, code }) => [type, code]),
      [["disconnect", 0x8e]],
    );
    assert.deepEqual([code, reason], [1008, "taken_over"]);
  });

  const garbage = {
    "a packet of type 0": "00 00",
    "a packet of type 15": "f0 00",
    "a CONNECT": packets.connect().toString("hex"),
    "a length of 5 octets": "30 ff ff ff ff 01",
    "a PUBLISH of QoS 3": "36 05 00 01 61 00 01",
    "a PUBLISH whose topic is longer than itself": "30 03 00 10 61",
  };
  for (const [name, hex] of Object.entries(garbage)) {
    test(`sends ${name}: 1014, and others go on`, async () => {
      const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
      const { plant } = await withBroker(async (link) => {
        const { bytes: connect } = await link.next();
        link.write(packets.connack());
        if (!connect.includes("victim")) return;
        await link.next();
        link.write(bytes);
      });
      const other = await plant.open();
      const victim = await plant.open({ session: { clientId: "victim" } });
      victim.send(packets.pingreq());
      const { code, reason } = await victim.expectClose();
      assert.deepEqual([code, reason], [1014, "upstream_garbage"]);
      assert.equal(other.websocket.socket.ended, false);
      other.destroy();
    });
  }

  test("sends garbage in place of CONNACK: 1014", async () => {
    const { plant } = await withBroker(async (link) => {
      await link.next();
      link.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const browser = await plant.arrive();
    browser.connect();
    const { code, reason } = await browser.expectClose();
    assert.deepEqual([code, reason], [1014, "upstream_garbage"]);
  });

  test("never answers CONNECT: the browser may leave at any time", async () => {
    const { plant, broker } = await withBroker(async (link) => {
      await link.next();
    });
    const browser = await plant.arrive();
    browser.connect();
    await until(() => broker.connections === 1);
    browser.websocket.close(1000);
    await browser.websocket.untilEnded();
    await until(() => broker.links[0].ended, { what: "the upstream closes" });
  });
});

describe("several servers", () => {
  const started = [];
  afterEach(async () => {
    while (started.length) await started.pop().stop();
  });

  async function withServers(...ports) {
    const servers = ports.map(mqtt);
    const plant = await Plant.start({ upstream: { servers } });
    started.push(plant);
    return plant;
  }

  async function broker(script) {
    const one = await ScriptedBroker.start(script);
    started.push(one);
    return one;
  }

  const welcome = async (link) => {
    await link.next();
    link.write(packets.connack());
  };

  test("are tried in order: the first that answers is used", async () => {
    const second = await broker(welcome);
    const plant = await withServers(await freePort(), second.port);
    const start = performance.now();
    const browser = await plant.open();
    assert.ok(performance.now() - start < 1000, "within a second");
    assert.equal(second.connections, 1);
    browser.destroy();
  });

  test("the first is used while it is there", async () => {
    const first = await broker(welcome);
    const second = await broker(welcome);
    const plant = await withServers(first.port, second.port);
    for (let i = 0; i < 5; i++) (await plant.open()).destroy();
    assert.deepEqual([first.connections, second.connections], [5, 0]);
  });

  test("none there: CONNACK 3, then 1013", async () => {
    const plant = await withServers(await freePort(), await freePort());
    const browser = await plant.arrive();
    browser.connect();
    const { code, packets: seen } = await browser.expectClose();
    assert.equal(seen[0]?.code, 3);
    assert.equal(code, 1013);
  });

  test("one whose name does not resolve delays nobody else", async () => {
    const servers = ["mqtt://no-such-broker.invalid:1883"];
    const plant = await Plant.start({
      extraUpstreams: [{ name: "lost", servers }],
      routes: [mqttRoute(), mqttRoute({ path: "/lost", upstream: "lost" })],
    });
    started.push(plant);
    await plant.unaffected();
    const browser = await plant.arrive({ target: "/lost" });
    browser.connect();
    let over = false;
    const end = browser.expectClose({ deadline: 20000 });
    end.finally(() => (over = true));
    while (!over) {
      const start = performance.now();
      await plant.unaffected();
      assert.ok(performance.now() - start < 500, "the bystander waits");
    }
    const { code, packets: seen } = await end;
    assert.equal(seen[0]?.code, 3);
    assert.equal(code, 1013);
  });
});
