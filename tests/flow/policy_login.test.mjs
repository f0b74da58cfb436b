// SPDX-License-Identifier: Apache-2.0
// The gateway's own login at the broker takes the place of the browser's,
// and nobody gets to see it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { mqttRoute, plant as upstreamOf } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { brokerLogins, passwordFile } from "./fixtures/logins.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { properties } from "./fixtures/properties.mjs";
import { brief } from "./fixtures/watched.mjs";
import { newest, plantThatSaysYes } from "./fixtures/yes_broker.mjs";

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
    plant = await plantThatSaysYes({ mqtt: {} });
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
