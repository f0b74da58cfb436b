// SPDX-License-Identifier: Apache-2.0
// Which client id a browser gets, and whether its session outlives it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { properties, readProperties } from "./fixtures/properties.mjs";
import { brief } from "./fixtures/watched.mjs";
import { newest, plantThatSaysYes } from "./fixtures/yes_broker.mjs";

const clientIdRefused = { 3: 2, 4: 2, 5: 0x85 };

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
    plant = await plantThatSaysYes({
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
    plant = await plantThatSaysYes({ mqtt: { persistent: false }, kept: {} });
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
