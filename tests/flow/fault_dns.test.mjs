// SPDX-License-Identifier: Apache-2.0
// Faults F02 and F17: names of brokers that do not resolve, resolve late,
// or resolve to something else later. Nobody waits for a name but those who
// need it.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { mqttRoute, plant as upstream } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { skipUnlessNameServer, NameServer } from "./fixtures/name_server.mjs";
import { skipUnlessPrivate, withFiles } from "./fixtures/namespace.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { throughout } from "./fixtures/processor.mjs";
import { until } from "./fixtures/wait.mjs";

const skip = skipUnlessPrivate || (await skipUnlessNameServer());
const NAMES = ["one", "two", "three", "four", "five", "six"];
const KNOWN = "known.test"; // in /etc/hosts
const CONNECT_TIMEOUT_MS = 2000;
const SOON_MS = 300; // for what nothing keeps from happening

// Route and upstream of a server that has a name.
function named(name, server = `mqtt://${name}.invalid:1883`) {
  return {
    route: mqttRoute({ path: `/${name}`, upstream: name }),
    upstream: {
      name,
      servers: [server],
      connect_timeout_ms: CONNECT_TIMEOUT_MS,
    },
  };
}

// The plant's own upstream is an address, all the others are names.
async function start(server, settings = {}) {
  const broker = await Broker.start();
  const others = NAMES.map((name) => named(name));
  others.push(named("known", `mqtt://${KNOWN}:${broker.port}`));
  const plant = await Plant.start({
    wrap: server.wrap,
    upstreams: [upstream(broker.port), ...others.map((one) => one.upstream)],
    routes: [mqttRoute(), ...others.map((one) => one.route)],
    drain: { timeout_s: 1, spread_s: 0 },
    ...settings,
  });
  plant.otherBroker = broker;
  return plant;
}

async function stop(plant) {
  await plant?.stop();
  await plant?.otherBroker.stop();
}

async function isTurnedAway(browser, options) {
  const { code, reason, packets: seen } = await browser.expectClose(options);
  assert.deepEqual([seen.length, seen[0]?.code], [1, 3]);
  assert.deepEqual([code, reason], [1013, "upstream_unreachable"]);
}

// Browsers that wait for these names.
async function waitFor(plant, names) {
  const browsers = [];
  for (const name of names) {
    const browser = await plant.arrive({ target: `/${name}` });
    browser.connect();
    browsers.push(browser);
  }
  await plant.unaffected(); // their CONNECT has been read before
  return browsers;
}

async function opensSoon(plant, target) {
  for (let i = 0; i < 5; i++) {
    const open = async () => (await plant.open({ target })).destroy();
    const took = await timed(open);
    assert.ok(took < SOON_MS, `${took} ms`);
  }
}

async function timed(task) {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

describe("F02: a broker's name that does not resolve", { skip }, () => {
  let server, plant, admin;

  before(async () => {
    admin = new Admin(await freePort());
    server = await NameServer.start();
    plant = await start(server, { admin: admin.setting });
  });
  after(async () => {
    await stop(plant);
    await server?.stop();
  });

  test("is like a broker that is down: CONNACK 3, then 1013", async () => {
    const browser = await plant.arrive({ target: "/one" });
    browser.connect();
    await isTurnedAway(browser);
    assert.ok(server.asked > 0, "the name was looked up");
  });

  test("is in the log, with the server and why", async () => {
    const line = await plant.gateway.line(/^warning: upstream not reached/);
    assert.match(line, /server="?mqtt:\/\/\w+\.invalid:1883/);
    assert.match(line, /why="[^"]+"/);
  });

  test("leaves /healthz at 200 and is named at /readyz", async () => {
    assert.equal(await admin.status("/healthz"), 200);
    const isNamed = async () =>
      /^upstream one \S+: not reachable$/m.test((await admin.get("/readyz")).body);
    await until(isNamed, { what: "a look at it" });
  });

  test("is looked up again for the next session", async () => {
    const { asked } = server;
    const browser = await plant.arrive({ target: "/two" });
    browser.connect();
    await isTurnedAway(browser);
    assert.ok(server.asked > asked);
  });
});

describe("F02: a broker's name that resolves too late", { skip }, () => {
  let server, plant;

  before(async () => {
    server = await NameServer.start({ silent: true });
    plant = await start(server);
    await plant.unaffected();
  });
  after(async () => {
    await stop(plant);
    await server?.stop();
  });

  test("delays no message of another session", async () => {
    const before = [];
    const during = [];
    const measure = (times) =>
      throughout(
        1500,
        async () => times.push(await timed(() => plant.unaffected())),
        { every: 20 },
      );
    await measure(before);
    const waiting = await waitFor(plant, ["one"]);
    await measure(during);
    const slowest = Math.max(...during);
    const usual = Math.max(...before);
    assert.ok(slowest < usual + 100, `${slowest} ms against ${usual} ms`);
    await isTurnedAway(waiting[0]);
  });

  test("gets CONNACK 3 and 1013 when connect_timeout_ms is over", async () => {
    const [browser] = await waitFor(plant, ["two"]);
    const took = await timed(() =>
      isTurnedAway(browser, { deadline: CONNECT_TIMEOUT_MS + 1000 }),
    );
    assert.ok(took > CONNECT_TIMEOUT_MS - 1000, `after ${took} ms`);
    await plant.gateway.line(/upstream not reached .*not resolved in time/);
  });

  test("delays no new session to an address", async () => {
    const waiting = await waitFor(plant, NAMES);
    await opensSoon(plant, "/mqtt");
    for (const browser of waiting) browser.destroy();
  });

  test("lets a browser leave that waits for it", async () => {
    const [browser] = await waitFor(plant, ["three"]);
    browser.websocket.close();
    const deadline = CONNECT_TIMEOUT_MS + 1000;
    await browser.websocket.untilEnded({ deadline });
  });

  test("is looked up once for all that wait for it", async () => {
    const { asked } = server;
    const browsers = await waitFor(plant, Array(20).fill("six"));
    for (const browser of browsers) {
      await isTurnedAway(browser, { deadline: CONNECT_TIMEOUT_MS + 1000 });
    }
    assert.ok(server.asked - asked < 20, `${server.asked - asked} questions`);
  });
});

for (const count of [1, NAMES.length]) {
  const title = count === 1 ? "a name" : `${count} names`;
  test(`F02: ${title} under way delay no session to another name`, { skip }, async () => {
    const hosts = { [KNOWN]: "127.0.0.1" };
    const server = await NameServer.start({ silent: true, hosts });
    let plant = null;
    try {
      plant = await start(server);
      await waitFor(plant, NAMES.slice(0, count));
      await opensSoon(plant, "/known");
    } finally {
      await stop(plant);
      await server.stop();
    }
  });
}

test("F02: a name under way does not hold up the end", { skip }, async () => {
  const server = await NameServer.start({ silent: true });
  let plant = null;
  try {
    plant = await start(server);
    const browser = await plant.arrive({ target: "/one" });
    browser.connect();
    await until(() => server.asked > 0, { what: "a question" });
    plant.gateway.signal("SIGTERM");
    const exit = await plant.gateway.ended({ deadline: 2000 });
    assert.deepEqual(exit, { code: 0, signal: null });
  } finally {
    await stop(plant);
    await server.stop();
  }
});

describe("F17: a name that changes", { skip: skipUnlessPrivate }, () => {
  const ADDRESSES = ["127.0.0.1", "127.0.0.2"];
  const brokers = [];
  let folder, hosts, plant;

  before(async () => {
    folder = await Folder.create();
    hosts = await folder.write("hosts", "");
    const order = await folder.write("nsswitch.conf", "hosts: files\n");
    const port = await freePort();
    for (const host of ADDRESSES) {
      brokers.push(await Broker.start({ host, port }));
    }
    plant = await Plant.start({
      wrap: withFiles({ "/etc/hosts": hosts, "/etc/nsswitch.conf": order }),
      upstream: { servers: [`mqtt://broker.test:${port}`] },
    });
  });
  after(async () => {
    await plant?.stop();
    for (const broker of brokers) await broker.stop();
    await folder?.remove();
  });

  const setAddress = (address) => writeFile(hosts, `${address} broker.test\n`);

  async function opensAt(address) {
    const from = plant.gateway.lines.length;
    const browser = await plant.open();
    const line = await plant.gateway.line(/^session \S+ opened/, { from });
    assert.match(line, new RegExp(`upstream=${address}:`));
    await browser.subscribe("here");
    return browser;
  }

  async function works(browser) {
    browser.publish("here", "still");
    assert.equal((await browser.message()).payload.toString(), "still");
  }

  test("leads the next session to the new address, live ones stay", async () => {
    await setAddress(ADDRESSES[0]);
    const first = await opensAt(ADDRESSES[0]);
    await setAddress(ADDRESSES[1]);
    const second = await opensAt(ADDRESSES[1]);
    second.publish("here", "for the second only");
    await second.message();
    await works(first);
    await works(second);
    await first.leave();
    await second.leave();
  });

  test("that is gone for a while is found again when it is back", async () => {
    await writeFile(hosts, "127.0.0.1 localhost\n");
    const browser = await plant.arrive();
    browser.connect();
    await isTurnedAway(browser);
    await setAddress(ADDRESSES[0]);
    await (await opensAt(ADDRESSES[0])).leave();
  });

  test("with several addresses: the one that answers is used", async () => {
    await brokers[1].down();
    await writeFile(
      hosts,
      `${ADDRESSES[1]} broker.test\n${ADDRESSES[0]} broker.test\n`,
    );
    await (await opensAt(ADDRESSES[0])).leave();
  });
});
