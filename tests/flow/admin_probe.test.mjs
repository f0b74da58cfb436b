// SPDX-License-Identifier: Apache-2.0
// The gateway looks at its brokers only for somebody who can ask it, and
// what it then tells is escaped as Prometheus wants it.
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";

import { Admin, readMetrics } from "./fixtures/admin.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";

let plant;

afterEach(async () => {
  await plant?.stop();
  plant = null;
});

// How often the broker's port had been called when a session was there. With
// one worker a look at the start of it comes before any session.
async function connectionsWithOneSession(settings) {
  plant = await Plant.start({ workers: 1, ...settings });
  await (await plant.open()).leave();
  return plant.wire.connections;
}

describe("a look at the broker", () => {
  test("is not taken without an admin listener", async () => {
    assert.equal(await connectionsWithOneSession({}), 1);
  });

  test("is taken at the start with one", async () => {
    const admin = new Admin(await freePort());
    const settings = { admin: admin.setting };
    assert.equal(await connectionsWithOneSession(settings), 2);
  });
});

describe("/metrics", () => {
  async function textWith(upstreams, route = {}) {
    const admin = new Admin(await freePort());
    plant = await Plant.start({ admin: admin.setting, upstreams, route });
    return (await admin.get("/metrics")).body;
  }

  test("has one HELP and one TYPE for each name, in this order", async () => {
    const servers = (await freePorts(2)).map(
      (one) => `mqtt://127.0.0.1:${one}`,
    );
    const text = await textWith([{ name: "plant", servers }]);
    const heads = [...text.matchAll(/^# (HELP|TYPE) (\S+)/gm)];
    const names = [...readMetrics(text).types.keys()];
    const expected = names.flatMap((name) => [
      ["HELP", name],
      ["TYPE", name],
    ]);
    assert.deepEqual(
      heads.map(([, kind, name]) => [kind, name]),
      expected,
    );
  });

  test("escapes quotes and backslashes of a name", async () => {
    const server = `mqtt://127.0.0.1:${await freePort()}`;
    const name = 'a "b" \\n c\\';
    const text = await textWith([{ name, servers: [server] }], {
      upstream: name,
    });
    const label = name.replace(/["\\]/g, "\\$&");
    const sample = `postern_upstream_reachable{upstream="${label}",server="${server}"}`;
    assert.equal(readMetrics(text).value(sample), 0, text);
  });
});
