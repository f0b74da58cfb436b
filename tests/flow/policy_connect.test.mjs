// SPDX-License-Identifier: Apache-2.0
// What a route makes of a CONNECT: client id, session, login, keep-alive and
// the bounds that go with them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { mqttRoute, plant as upstreamOf } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { brokerLogins, passwordFile } from "./fixtures/logins.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { properties, readProperties } from "./fixtures/properties.mjs";
import { ScriptedBroker, welcome } from "./fixtures/scripted_broker.mjs";
import { brief } from "./fixtures/watched.mjs";

const RECEIVE_MAX = 20;
const clientIdRefused = { 3: 2, 4: 2, 5: 0x85 };

const newest = (plant) => plant.broker.links.at(-1);

// A plant whose broker says yes, with a route for each of `changes`.
function scripted(changes, answer = {}) {
  const routes = Object.entries(changes).map(([name, route]) =>
    mqttRoute({ path: `/${name}`, ...route }),
  );
  return Plant.start({ script: welcome(answer), routes });
}

// Refused before anything was done upstream.
async function isTurnedAway(plant, options, session, [connack, code, words]) {
  const { connections } = plant.broker;
  const browser = await plant.arrive(options);
  browser.connect(session);
  const end = await browser.expectClose();
  assert.deepEqual(brief(end.packets), [["connack", null, connack]]);
  assert.equal(end.code, code, end.reason);
  assert.ok([words].flat().includes(end.reason), end.reason);
  await browser.websocket.untilEnded();
  assert.equal(plant.broker.connections, connections);
}

describe("a client id", () => {
  let plant;

  before(async () => {
    plant = await scripted({
      any: {},
      prefix: { client_id: "match:web-${client}" },
      own: { client_id: "match:${user}-${client}" },
      exact: { client_id: "match:${user}" },
      named: { client_id: "rewrite:dash-${user}-${client}" },
      users: { client_id: "rewrite:${user}" },
      tab: { client_id: "rewrite:tab-${session}", persistent: false },
    });
  });
  after(() => plant?.stop());

  for (const level of LEVELS) {
    describe(`with ${VERSION_NAMES[level]}`, () => {
      async function becomes(route, session, wanted) {
        const options = { level, target: `/${route}`, session };
        const browser = await plant.open(options);
        const { connect } = newest(plant);
        assert.match(connect.clientId, wanted);
        assert.equal(connect.username, session.username ?? null);
        assert.equal(connect.password, session.password ?? null);
        browser.destroy();
        return { browser, connect };
      }

      const refused = (route, session) => {
        const options = { level, target: `/${route}` };
        const answer = [clientIdRefused[level], 1008, "client_id"];
        return isTurnedAway(plant, options, session, answer);
      };

      const login = { username: "alice", password: "pw" };

      test("passes as it is with any", async () => {
        await becomes("any", { clientId: "my id/+#$" }, /^my id\/\+#\$$/);
        await becomes("any", { clientId: "x", ...login }, /^x$/);
        if (level > 3) await becomes("any", { clientId: "" }, /^$/);
      });

      test("that matches passes as it is", async () => {
        await becomes("prefix", { clientId: "web-1" }, /^web-1$/);
        await becomes("prefix", { clientId: "web-web-" }, /^web-web-$/);
        await becomes("own", { clientId: "alice-1", ...login }, /^alice-1$/);
        await becomes("exact", { clientId: "alice", ...login }, /^alice$/);
      });

      for (const [route, clientId, session] of [
        ["prefix", "other"],
        ["prefix", "web-"],
        ["prefix", "WEB-1"],
        ["prefix", "xweb-1"],
        ["own", "bob-1", login],
        ["own", "alice-", login],
        ["own", "alice-1"], // nobody says who he is
        ["own", "-1"],
        ["exact", "alice2", login],
        ["exact", "alice"],
      ]) {
        const who = session ? "alice" : "nobody";
        test(`"${clientId}" of ${who} is refused by ${route}`, () =>
          refused(route, { clientId, ...session }));
      }

      if (level > 3) {
        test("that is empty is refused by a match", async () => {
          await refused("prefix", { clientId: "" });
          await refused("exact", { clientId: "", ...login });
        });

        test("that is empty leaves a rewriting without its value", () =>
          refused("named", { clientId: "", ...login }));
      }

      test("is rewritten from what is known", async () => {
        const session = { clientId: "c1", ...login };
        await becomes("named", session, /^dash-alice-c1$/);
        await becomes("users", session, /^alice$/);
      });

      test("is not rewritten from what is not known", async () => {
        await refused("named", { clientId: "c1" });
        await refused("users", { clientId: "c1" });
        const session = { clientId: "c1", username: "" };
        await refused("users", session);
      });

      test("of each tab is another", async () => {
        const session = { clientId: "same" };
        const seen = new Set();
        for (let i = 0; i < 5; i++) {
          const { connect } = await becomes("tab", session, /^tab-.+$/);
          seen.add(connect.clientId);
        }
        assert.equal(seen.size, 5);
      });

      test("that is rewritten is the one in the log", async () => {
        await becomes("named", { clientId: "logged", ...login }, /^dash/);
        await plant.gateway.line(
          /^session \S+ opened .*client_id="?dash-alice-logged\b/,
        );
      });

      test("leaves will, flags and keep-alive as they were", async () => {
        const will = {
          topic: "w",
          payload: "gone",
          qos: 1,
          retain: true,
          properties: properties({ willDelay: 5, contentType: "t" }),
        };
        const session = {
          clientId: "c1",
          ...login,
          clean: false,
          keepAlive: 77,
          will,
          properties: properties({ requestProblem: 0, user: [["a", "b"]] }),
        };
        const options = { level, target: "/named", session };
        const browser = await plant.open(options);
        const { connect } = newest(plant);
        assert.deepEqual([connect.clean, connect.keepAlive], [false, 77]);
        const { properties: list, ...rest } = connect.will;
        assert.deepEqual(
          { ...rest, payload: rest.payload.toString() },
          { topic: "w", payload: "gone", qos: 1, retain: true },
        );
        if (level === 5) {
          assert.deepEqual(list, will.properties);
          const values = readProperties(connect.properties);
          assert.equal(values.requestProblem, 0);
          assert.deepEqual(values.user, [["a", "b"]]);
        }
        browser.destroy();
      });
    });
  }

  test("MQTT 5: an empty one that was rewritten is told to its browser", async () => {
    const options = { level: 5, target: "/tab", session: { clientId: "" } };
    const browser = await plant.open(options);
    const values = readProperties(browser.connack.properties);
    assert.equal(values.assignedClientId, newest(plant).connect.clientId);
    assert.match(values.assignedClientId, /^tab-.+$/);
    browser.destroy();
  });

  test("MQTT 5: one that was there is not assigned", async () => {
    for (const target of ["/tab", "/any"]) {
      const session = { clientId: "mine" };
      const browser = await plant.open({ level: 5, target, session });
      const values = readProperties(browser.connack.properties);
      assert.equal(values.assignedClientId, undefined);
      browser.destroy();
    }
  });

  test("MQTT 3.1.1: an empty one is rewritten like any other", async () => {
    const options = { level: 4, target: "/tab", session: { clientId: "" } };
    const browser = await plant.open(options);
    assert.match(newest(plant).connect.clientId, /^tab-.+$/);
    assert.equal(browser.connack.bytes.length, 4);
    browser.destroy();
  });
});

describe("a route that is not persistent", () => {
  let plant;

  before(async () => {
    plant = await scripted({ mqtt: { persistent: false }, kept: {} });
  });
  after(() => plant?.stop());

  for (const level of LEVELS) {
    const open = (session, target = "/mqtt") =>
      plant.open({ level, target, session: { clientId: "c", ...session } });

    test(`${VERSION_NAMES[level]}: starts clean whatever the browser asks for`, async () => {
      for (const clean of [true, false]) {
        const list = properties({ sessionExpiry: 300, user: [["a", "b"]] });
        const browser = await open({ clean, properties: list });
        const { connect } = newest(plant);
        assert.equal(connect.clean, true);
        const { sessionExpiry = 0, user } = readProperties(connect.properties);
        assert.equal(sessionExpiry, 0);
        if (level === 5) assert.deepEqual(user, [["a", "b"]]);
        browser.destroy();
      }
    });

    test(`${VERSION_NAMES[level]}: others keep what the browser asks for`, async () => {
      const list = properties({ sessionExpiry: 300 });
      const session = { clean: false, properties: list };
      const browser = await open(session, "/kept");
      const { connect } = newest(plant);
      assert.equal(connect.clean, false);
      const { sessionExpiry } = readProperties(connect.properties);
      assert.equal(sessionExpiry, level === 5 ? 300 : undefined);
      browser.destroy();
    });
  }

  test("MQTT 5: no DISCONNECT brings the expiry back", async () => {
    const list = properties({ sessionExpiry: 300 });
    for (const [target, wanted] of [
      ["/mqtt", 0],
      ["/kept", 300],
    ]) {
      const session = { clientId: "c", properties: list };
      const browser = await plant.open({ level: 5, target, session });
      const broker = newest(plant);
      const options = { level: 5, code: 4, properties: list };
      browser.send(packets.disconnect(options));
      const packet = await broker.expect("disconnect");
      const { sessionExpiry = 0 } = readProperties(packet.properties);
      assert.equal(sessionExpiry, wanted);
      assert.equal(packet.code, 4, "the will is sent all the same");
      browser.websocket.close();
      await browser.websocket.untilEnded();
    }
  });
});

describe("a login that the gateway injects", () => {
  const PASSWORD = "s3cret-of-the-gateway";
  const WRONG = "n0t-the-password";
  const acls = [{ name: "page", rules: ["allow pub,sub open/#"] }];
  let plant, folder, device;

  before(async () => {
    folder = await Folder.create();
    const logins = { web: PASSWORD, device: "pw" };
    const settings = await brokerLogins(folder, logins);
    const broker = { anonymous: false, settings };
    // As an editor leaves it, with a line end, and as printf does.
    const good = await passwordFile(folder, "good", `${PASSWORD}\n`);
    const bare = await passwordFile(folder, "bare", PASSWORD);
    const bad = await passwordFile(folder, "bad", `${WRONG}\n`);
    const route = { acl: "page", anonymous: true };
    plant = await Plant.start({
      broker,
      acls,
      upstream: { username: "web", password_file: good, inject: true },
      route,
    });
    // The port of the wire is known only now; so a second plant has the rest.
    plant.others = await Plant.start({
      acls,
      upstreams: [
        upstreamOf(plant.wire.port, {
          username: "web",
          password_file: bad,
          inject: true,
        }),
        upstreamOf(plant.wire.port, {
          name: "bare",
          username: "web",
          password_file: bare,
          inject: true,
        }),
        upstreamOf(plant.wire.port, { name: "own" }),
      ],
      routes: [
        mqttRoute({ path: "/wrong", ...route }),
        mqttRoute({ path: "/bare", upstream: "bare", ...route }),
        mqttRoute({ path: "/own", upstream: "own" }),
      ],
    });
    device = await Client.open(plant.brokerUrl, {
      username: "device",
      password: "pw",
    });
  });
  after(async () => {
    await device?.end();
    await plant?.others?.stop();
    await plant?.stop();
    await folder?.remove();
  });

  let sessions = 0;

  for (const level of LEVELS) {
    const logins = {
      "without a login": {},
      "with a wrong login": { username: "mallory", password: "guess-of-hers" },
      "with a user name only": { username: "web" },
      "with another's login": { username: "device", password: "pw" },
    };
    if (level === 5) logins["with a password only"] = { password: "lonely" };

    for (const [name, login] of Object.entries(logins)) {
      test(`${VERSION_NAMES[level]}: is the one of a page ${name}`, async () => {
        const clientId = `page-${++sessions}`;
        const session = { clientId, ...login };
        const browser = await plant.open({ level, session });
        await plant.broker.line(
          new RegExp(`New client connected from .* as ${clientId} .*u'web'`),
        );
        const [connect] = packets.packetsIn(plant.wire.linkOf(clientId).kept);
        assert.deepEqual(
          [connect.username, connect.password?.toString()],
          ["web", PASSWORD],
        );
        await browser.subscribe("open/page", 1);
        await device.publish("open/page", "hello");
        assert.equal((await browser.message()).payload.toString(), "hello");
        browser.destroy();
      });
    }

    test(`${VERSION_NAMES[level]}: may have a password file without a line end`, async () => {
      const browser = await plant.others.open({ level, target: "/bare" });
      browser.destroy();
    });

    test(`${VERSION_NAMES[level]}: that the broker refuses ends the session`, async () => {
      const browser = await plant.others.arrive({ level, target: "/wrong" });
      browser.connect({ username: "device", password: "pw" });
      const { code, reason, packets: seen } = await browser.expectClose();
      assert.deepEqual([code, reason], [1008, "upstream_refused"]);
      const wanted = level === 5 ? 0x87 : 5; // as mosquitto says it
      assert.deepEqual(brief(seen), [["connack", null, wanted]]);
    });

    test(`${VERSION_NAMES[level]}: is not given to a route of another upstream`, async () => {
      const options = { level, target: "/own" };
      const browser = await plant.others.arrive(options);
      browser.connect();
      const { reason, packets: seen } = await browser.expectClose();
      assert.notEqual(seen[0].code, 0);
      assert.equal(reason, "not_authorised");
      const session = { username: "device", password: "pw" };
      (await plant.others.open({ ...options, session })).destroy();
    });
  }

  test("MQTT 5: leaves no room for AUTH", async () => {
    const { connections } = plant.wire;
    for (const values of [
      { authMethod: "SCRAM-SHA-1" },
      { authMethod: "SCRAM-SHA-1", authData: "n,,n=user" },
    ]) {
      const browser = await plant.arrive({ level: 5 });
      browser.connect({ properties: properties(values) });
      const { code, packets: seen } = await browser.expectClose();
      assert.deepEqual(brief(seen), [["connack", null, 0x8c]]);
      assert.ok([1002, 1008].includes(code), `${code}`);
      assert.equal(plant.wire.connections, connections);
    }
  });

  test("is in no line of the log, and nor is a browser's", () => {
    const lines = [...plant.gateway.lines, ...plant.others.gateway.lines];
    assert.ok(lines.some((line) => line.includes("opened")));
    for (const secret of [PASSWORD, WRONG, "guess-of-hers", "lonely"]) {
      const told = lines.filter((line) => line.includes(secret));
      assert.deepEqual(told, []);
    }
  });
});

describe("MQTT 5: AUTH without an injected login", () => {
  let plant;

  before(async () => {
    plant = await scripted({ mqtt: {} });
  });
  after(() => plant?.stop());

  test("passes both ways", async () => {
    const list = properties({ authMethod: "M", authData: "1" });
    const session = { properties: list };
    const browser = await plant.open({ level: 5, session });
    const broker = newest(plant);
    assert.deepEqual(broker.connect.properties, list);
    const auth = packets.packet(
      "auth",
      0,
      Buffer.of(0x19),
      packets.sized(list),
    );
    browser.send(auth);
    assert.deepEqual((await broker.expect("auth")).bytes, auth);
    auth[2] = 0x18;
    broker.write(auth);
    assert.deepEqual((await browser.expect("auth")).bytes, auth);
    browser.destroy();
  });
});

describe("a keep-alive", () => {
  let plant, slow;

  before(async () => {
    const routes = {
      mqtt: {},
      short: { max_keepalive_s: 30 },
      off: { max_keepalive_s: 0 },
    };
    plant = await scripted(routes);
    slow = await scripted(routes, {
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
    plant = await scripted({ mqtt: {} });
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
    plant = await scripted({ mqtt: {}, few: { receive_max: 3 } });
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
