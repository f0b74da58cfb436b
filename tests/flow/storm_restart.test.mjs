// SPDX-License-Identifier: Apache-2.0
// Faults F27 and F05: a broker that restarts while many clients are there,
// and one that is away while they come back again and again.
//
// What a second holds is counted by mosquitto's own clock. A machine that
// stops for a moment may move some into the next second, so that a fifth more
// is borne: without the bound all would come at once.
// Runs alone: it is a crowd.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { configText } from "./fixtures/config.mjs";
import { Fleet } from "./fixtures/fleet.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";
import { sharesDuring } from "./fixtures/processor.mjs";
import { until } from "./fixtures/wait.mjs";

const UNREACHABLE = '{reason="upstream_unreachable"}';
const FAILED = 'postern_upstream_connects_total{result="failed"}';
const REACHED = 'postern_upstream_connects_total{result="reached"}';
const BEHIND = /^warning: upstream is behind: connects are held back /;

describe("F27: after a restart of the broker", () => {
  const COUNT = 300;
  const PER_S = 50;
  let broker, gateway, admin, fleet, restarted;

  before(async () => {
    const [port, adminPort] = await freePorts(2);
    admin = new Admin(adminPort);
    broker = await Broker.start({ settings: ["log_timestamp true"] });
    const config = configText({
      port,
      brokerPort: broker.port,
      workers: 2,
      upstream: { connects_per_s: PER_S },
      admin: admin.setting,
    });
    gateway = await Gateway.start({ config });
    const url = `ws://127.0.0.1:${port}/mqtt`;
    fleet = Fleet.start({ url, count: COUNT, name: (i) => `fleet-${i}` });
    await fleet.back(0);
    await broker.down();
    restarted = performance.now();
    await broker.up();
    await fleet.back(restarted);
  });
  after(async () => {
    await fleet?.stop();
    await gateway?.stop();
    await broker?.stop();
  });

  // Connections that mosquitto has taken, by the second; its lines are those
  // of the time since it is up.
  function seconds() {
    const counts = new Map();
    for (const line of broker.lines) {
      const found = /^(\d+): New connection from /.exec(line);
      if (!found) continue;
      counts.set(found[1], (counts.get(found[1]) ?? 0) + 1);
    }
    return [...counts.values()];
  }

  test("all clients are back, and none was left behind", () => {
    assert.equal(fleet.connected, COUNT);
    const took = fleet.connects.map((times) => times.at(-1) - restarted);
    assert.ok(Math.max(...took) < 60000, `the last one took ${took.at(-1)} ms`);
  });

  test(`the broker got no more than ${PER_S} connections a second`, () => {
    const all = seconds();
    const sum = all.reduce((a, b) => a + b);
    assert.ok(sum >= COUNT, `${sum} connections`);
    assert.ok(Math.max(...all) <= PER_S * 1.2, `${all}`);
  });

  test("those who were too many heard 503, and no session began", async () => {
    const metrics = await admin.metrics();
    const refused = metrics.value(
      `postern_handshake_refused_total${UNREACHABLE}`,
    );
    assert.ok(refused > 0, `${refused} refused`);
    const internal = 'postern_sessions_closed_total{reason="internal"}';
    assert.equal(metrics.value(internal), 0);
  });

  test("the log has said so, at most once a second", () => {
    const lines = gateway.lines.filter((line) => BEHIND.test(line));
    const passed = performance.now() / 1000;
    assert.ok(lines.length > 0 && lines.length <= passed + 1, lines.length);
    const told = / upstream=plant behind_ms=[1-9]\d* connects_per_s=50$/;
    for (const line of lines) assert.match(line, told);
  });
});

describe("F05: a broker that is away while its clients are not", () => {
  const COUNT = 200;
  const PER_S = 20;
  let broker, gateway, admin, fleet, port, start;

  before(async () => {
    const ports = await freePorts(3);
    const [listen, adminPort] = ports;
    port = ports[2];
    admin = new Admin(adminPort);
    const config = configText({
      port: listen,
      brokerPort: port,
      workers: 2,
      upstream: { connects_per_s: PER_S },
      admin: admin.setting,
    });
    gateway = await Gateway.start({ config, release: true });
    const url = `ws://127.0.0.1:${listen}/mqtt`;
    start = performance.now();
    fleet = Fleet.start({ url, count: COUNT, name: (i) => `away-${i}` });
  });
  after(async () => {
    await fleet?.stop();
    await gateway?.stop();
    await broker?.stop();
  });

  const value = async (sample) => (await admin.metrics()).value(sample);

  test(`is tried ${PER_S} times a second at most, for little`, async () => {
    const pids = await gateway.workers();
    const enough = async () => (await value(FAILED)) >= PER_S * 5;
    const shares = await sharesDuring(pids, () =>
      until(enough, { deadline: 60000, what: "five seconds' attempts" }),
    );
    const tried = await value(FAILED);
    const passed = (performance.now() - start) / 1000;
    assert.ok(tried <= PER_S * passed + 1, `${tried} in ${passed} s`);
    assert.ok(Math.max(...shares) < 0.4, `${shares} of a processor`);
  });

  test("has all of them when it comes", async () => {
    broker = await Broker.start({ port });
    await fleet.back(0);
    assert.ok((await value(REACHED)) >= COUNT);
  });
});
