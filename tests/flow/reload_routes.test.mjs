// SPDX-License-Identifier: Apache-2.0
// SIGHUP: whose route has changed comes back, whose route has not does not
// notice.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { mqttRoute, plant as upstream } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Guest, KINDS } from "./fixtures/guest.mjs";
import { passwordFile } from "./fixtures/logins.mjs";
import { LEVELS } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { handshake } from "./fixtures/websocket.mjs";
import { until } from "./fixtures/wait.mjs";

const ENDS_MS = 10000; // on any machine
const WORKERS = 2;

const guests = [];
let plant, folder;

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());

async function start(settings) {
  plant = await Plant.start({
    workers: WORKERS,
    drain: { timeout_s: 5, spread_s: 0 },
    ...settings,
  });
}

async function stop() {
  for (const guest of guests.splice(0)) guest.destroy();
  await plant?.stop();
  plant = null;
}

async function enter(kind, target, options = {}) {
  const { port } = plant;
  const guest = await Guest.open(kind, { port, target, ...options });
  guests.push(guest);
  await guest.hears();
  return guest;
}

const route = (path, changes = {}) => mqttRoute({ path, ...changes });

async function status(target) {
  const answer = await handshake({ port: plant.port, target });
  answer.socket.destroy();
  return answer.status;
}

for (const [kind, { name, settings }] of Object.entries(KINDS)) {
  describe(`a session of ${name}`, () => {
    const routes = (path, changes = {}) => [
      route("/other"),
      route(path, { ...settings, ...changes }),
    ];

    before(() => start({ routes: routes("/way") }));
    after(stop);

    test("goes on when another route has changed", async () => {
      const guest = await enter(kind, "/way");
      const [, way] = routes("/way");
      await plant.reload({ routes: [route("/other", { ping_s: 5 }), way] });
      for (let i = 0; i < 3; i++) await guest.hears();
      await enter(kind, "/way");
      await guest.hears();
    });

    test("gets 1012 when its own has changed, and may return", async () => {
      const guest = await enter(kind, "/way");
      await plant.reload({ routes: routes("/way", { ping_s: 11 }) });
      await guest.ends("reload");
      await enter(kind, "/way");
    });

    test("is told that its own is no more, where another is", async () => {
      const guest = await enter(kind, "/way");
      await plant.reload({ routes: routes("/new") });
      await guest.ends("policy_changed");
      assert.equal(await status("/way"), 404);
      await enter(kind, "/new");
    });
  });
}

describe("of two routes", () => {
  const servers = (port) => [`mqtt://localhost:${port}`];
  const allow = ["allow sub #", "allow pub #"];
  let state, secret;

  before(async () => {
    secret = await passwordFile(folder, "secret", "first");
    await start({ routes: [route("/mqtt")] });
    state = {
      acls: [
        { name: "a", rules: allow },
        { name: "b", rules: allow },
      ],
      upstreams: [
        upstream(plant.broker.port, {
          name: "a",
          username: "a",
          password_file: secret,
          inject: true,
        }),
        upstream(plant.broker.port, { name: "b" }),
      ],
      routes: [
        route("/a", { upstream: "a", acl: "a", anonymous: true }),
        route("/b", { upstream: "b", acl: "b" }),
      ],
    };
    await plant.reload(state);
  });
  after(stop);
  afterEach(() => guests.splice(0).forEach((guest) => guest.destroy()));

  const sets = (list, changes) => () => Object.assign(state[list][0], changes);

  for (const [what, change] of Object.entries({
    "rules of its ACL": sets("acls", { rules: ["deny pub $x", ...allow] }),
    "a time of its upstream": sets("upstreams", { connect_timeout_ms: 4321 }),
    "the server of its upstream": () =>
      sets("upstreams", { servers: servers(plant.broker.port) })(),
    "the user of its upstream": sets("upstreams", { username: "other" }),
    "the password in a file": () => passwordFile(folder, "secret", "second"),
    "its origins": sets("routes", {
      origins: ["http://allowed.test", "http://new.test"],
    }),
    "a limit": sets("routes", { limits: { subscriptions: 7 } }),
    "its audit": sets("routes", { audit: "refused" }),
    "its persistence": sets("routes", { persistent: false }),
    "a time of its own": sets("routes", { max_keepalive_s: 77 }),
    "the ACL that it names": () => {
      state.acls.push({ name: "c", rules: allow });
      state.routes[0].acl = "c";
    },
    "the upstream that it names": () => {
      state.upstreams.push(upstream(plant.broker.port, { name: "c" }));
      state.routes[0].upstream = "c";
      state.routes[0].anonymous = false;
    },
  })) {
    test(`${what} changed: this one ends, the other stays`, async () => {
      const concerned = await enter("mqtt5", "/a");
      const other = await enter("mqtt5", "/b");
      await change();
      await plant.reload(state);
      await concerned.ends("reload");
      await other.hears();
      await enter("mqtt5", "/a");
    });
  }

  for (const [what, change] of Object.entries({
    "their order": () => state.routes.reverse(),
    "the order of ACLs": () => state.acls.reverse(),
    "the order of upstreams": () => state.upstreams.reverse(),
    "an ACL that none names": () =>
      state.acls.push({ name: "nobody", rules: [] }),
    "another route": () => state.routes.push(route("/c", { upstream: "b" })),
    "how the gateway ends": () =>
      (state.drain = { timeout_s: 6, spread_s: 0, generations: 3 }),
  })) {
    test(`${what} changed: both stay`, async () => {
      const stay = [await enter("mqtt5", "/a"), await enter("mqtt5", "/b")];
      change();
      await plant.reload(state);
      for (const guest of stay) await guest.hears();
      await enter("mqtt5", "/a");
      for (const guest of stay) await guest.hears();
    });
  }
});

describe("nothing of importance", () => {
  before(() => start({ routes: [route("/mqtt")] }));
  after(stop);

  async function isSameAfter(text) {
    const before = await plant.gateway.workers();
    const guest = await enter("mqtt5", "/mqtt");
    await plant.gateway.reloaded({ text });
    assert.deepEqual(await plant.gateway.workers(), before);
    await guest.hears();
  }

  test("changed: the workers are the same", () => isSameAfter(null));

  test("but a comment: the workers are the same", () =>
    isSameAfter(`# a comment\n\n${plant.config()} # the end\n`));

  test("but a default that is written out: the same", () =>
    isSameAfter(plant.config({ routes: [route("/mqtt", { ping_s: 25 })] })));
});

describe("sessions of old workers", () => {
  const routes = (changes) => [
    route("/a", changes),
    ...["/b", "/c"].map((path) => route(path)),
  ];

  before(() => start({ routes: routes() }));
  after(stop);

  test("are judged again at each reload", async () => {
    const changed = await enter("mqtt5", "/a");
    const gone = await enter("mqtt5", "/c");
    const stays = await enter("mqtt5", "/b");
    await plant.reload({ routes: [...routes(), route("/d")] });
    await changed.hears();
    await gone.hears();
    const second = await enter("mqtt5", "/d");
    await plant.reload({ routes: routes({ ping_s: 9 }).slice(0, 2) });
    await changed.ends("reload");
    await gone.ends("policy_changed");
    await second.ends("policy_changed");
    await stays.hears();
  });

  test("leave no worker behind when the last has gone", async () => {
    guests.splice(0).forEach((guest) => guest.destroy());
    await until(
      async () => (await plant.gateway.workers()).length === WORKERS,
      { what: "the old workers end" },
    );
    assert.doesNotMatch(plant.gateway.lines.join("\n"), /worker died/);
  });
});

describe("many sessions of a route that changed", () => {
  const SPREAD_S = 2;
  const COUNT = 20;

  before(() =>
    start({
      routes: [route("/a"), route("/b")],
      drain: { timeout_s: 5, spread_s: SPREAD_S },
    }),
  );
  after(stop);

  test("end within drain.spread_s, one after the other", async () => {
    const all = [];
    for (let i = 0; i < COUNT; i++) {
      const level = LEVELS[i % LEVELS.length];
      all.push(await enter(`mqtt${level}`, "/a"));
    }
    await plant.reload({ routes: [route("/a", { ping_s: 5 }), route("/b")] });
    const start = performance.now();
    const times = await Promise.all(
      all.map(async (guest) => {
        await guest.ends("reload", { deadline: SPREAD_S * 1000 + ENDS_MS });
        return performance.now() - start;
      }),
    );
    assert.ok(Math.max(...times) - Math.min(...times) > 200, `${times}`);
  });
});

describe("log settings that change, and nothing else", () => {
  before(() => start({ routes: [route("/mqtt"), route("/b")] }));
  after(stop);

  test("are taken by all workers, old ones too; nobody ends", async () => {
    const { gateway } = plant;
    const old = await enter("mqtt5", "/mqtt");
    const leaver = await enter("mqtt5", "/mqtt");
    await plant.reload({ routes: [route("/mqtt"), route("/b", { ping_s: 5 })] });
    const now = await enter("mqtt5", "/mqtt");
    const workers = await gateway.workers();

    await plant.reload({ log: { format: "json" } });
    await old.hears();
    await now.hears();
    const isOfThem = (pid) => workers.includes(pid);
    assert.ok((await gateway.workers()).every(isOfThem), "none is new");
    leaver.destroy();
    const line = await gateway.line(/browser_vanished/);
    assert.equal(JSON.parse(line).message.split(" ")[0], "session");

    // A line of each worker of now, that says what it was told last.
    await gateway.reconfigure(plant.config({ log: { level: "warning" } }));
    gateway.signal("SIGHUP");
    const warns = /^warning: handshake refused .*reason=origin_unknown/;
    await until(async () => {
      const origin = "http://evil.test";
      const answer = await handshake({ port: plant.port, origin });
      answer.socket.destroy();
      return gateway.lines.some((one) => warns.test(one));
    });
    await old.hears();
    const from = gateway.lines.length;
    old.destroy();
    await enter("mqtt5", "/mqtt");
    await plant.reload({ log: { level: "info" } });
    const last = await enter("mqtt5", "/mqtt");
    last.destroy();
    await gateway.line(/^session .*browser_vanished/, { from });
    const sessions = gateway.lines.slice(from).filter((x) => /^session/.test(x));
    assert.equal(sessions.length, 2, "those of the last one");
    await now.hears();
  });
});

