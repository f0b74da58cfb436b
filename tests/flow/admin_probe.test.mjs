// SPDX-License-Identifier: Apache-2.0
// The gateway looks at its brokers only for somebody who can ask it: by a
// client of its own, from one worker, over one connection for each upstream.
// What it then tells is escaped as Prometheus wants it.
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";

import { Admin, readMetrics } from "./fixtures/admin.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { passwordFile } from "./fixtures/logins.mjs";
import { connack } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";

let plant;

afterEach(async () => {
  await plant?.stop();
  plant = null;
});

const PROBE = /New client connected from \S+ as (postern-probe-[0-9a-f]{16}) /;
const probes = () =>
  plant.broker.lines.map((line) => PROBE.exec(line)?.[1]).filter(Boolean);

async function watched(settings) {
  const admin = new Admin(await freePort());
  plant = await Plant.start({ admin: admin.setting, ...settings });
  return admin;
}

describe("a look at the broker", () => {
  test("is not taken without an admin listener", async () => {
    plant = await Plant.start({ workers: 1 });
    await (await plant.open()).leave();
    assert.equal(plant.wire.connections, 1);
  });

  test("is one client of one worker, which stays", async () => {
    const admin = await watched({ workers: 2 });
    await admin.isReady();
    for (let i = 0; i < 3; i++) await (await plant.open()).leave();
    assert.equal(probes().length, 1);
    assert.equal(plant.wire.connections, 4);
  });

  test("is taken again by the same client when the broker is back", async () => {
    const admin = await watched({ workers: 2 });
    await admin.isReady();
    const [first] = probes();
    await plant.broker.restart();
    await until(() => probes().length === 1, {
      deadline: 12000,
      what: "the probe is back",
    });
    assert.deepEqual(probes(), [first]);
    await admin.isReady();
  });

  test("is not satisfied by a port that accepts and says nothing", async () => {
    const admin = await watched({ script: async (link) => void (await link.next()) });
    await until(() => plant.broker.connections > 0);
    assert.equal(await admin.status("/readyz"), 503);
  });

  test("tells at once of a broker that dies after a good CONNACK", async () => {
    const welcomesOnce = async (link) => {
      const { level } = await link.next();
      if (plant && plant.broker.links[0] !== link) return; // says nothing
      link.write(connack({ level }));
    };
    const admin = await watched({ script: welcomesOnce });
    await admin.isReady();
    const [link] = plant.broker.links;
    link.destroy();
    await admin.isReady(503, { deadline: 1000 });
    assert.match((await admin.get("/readyz")).body, / not reachable$/m);
  });

  const refuses = async (link) => {
    const { level } = await link.next();
    link.end(connack({ level, code: 5 }));
  };

  test("takes a refusal for an answer, where the login is the page's", async () => {
    const admin = await watched({ script: refuses });
    await admin.isReady();
  });

  test("takes none for one, where the login is ours", async () => {
    const folder = await Folder.create();
    const password_file = await passwordFile(folder, "password", "pw");
    try {
      const admin = await watched({
        script: refuses,
        acls: [{ name: "page", rules: ["allow sub open/+"] }],
        upstream: { username: "web", password_file, inject: true },
        route: { acl: "page", anonymous: true },
      });
      await until(() => plant.broker.links[0]?.ended);
      await until(async () =>
        / not reachable$/m.test((await admin.get("/readyz")).body),
      );
      assert.equal(await admin.status("/readyz"), 503);
    } finally {
      await folder.remove();
    }
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
