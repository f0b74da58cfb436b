// SPDX-License-Identifier: Apache-2.0
// What /metrics says while one configuration follows another.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { copyFile, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { configText, mqttRoute } from "./fixtures/config.mjs";
import { makeDatedCertificate } from "./fixtures/dated_certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { freePorts } from "./fixtures/ports.mjs";

const WORKERS = 2;
const SPREAD_S = 600; // over which sessions of a route that is gone end
const OLD = 6; // of them: one at least is there for as long as this takes
const GONE = 'postern_sessions{route="-",kind="-"}';
const live = (path) => `postern_sessions{route="${path}",kind="mqtt"}`;
const reloads = (result) => `postern_reloads_total{result="${result}"}`;

const deadline = 20000;

describe("/metrics, when the configuration is loaded again", () => {
  let folder, broker, gateway, admin, port, secured, file, certificates;
  const browsers = [];

  const at = (name) => folder.at(name);
  const writeConfig = (paths) =>
    folder.write(
      "postern.conf",
      configText({
        workers: WORKERS,
        brokerPort: broker.port,
        admin: admin.setting,
        drain: { timeout_s: 5, spread_s: SPREAD_S },
        listeners: [
          { address: "127.0.0.1", port },
          {
            address: "127.0.0.1",
            port: secured,
            tls: { certificate: at("shown.pem"), key: at("shown.key") },
          },
        ],
        routes: paths.map((path) => mqttRoute({ path })),
      }),
    );

  async function show({ certificate, key }) {
    await copyFile(certificate, at("shown.pem"));
    await copyFile(key, at("shown.key"));
  }

  async function open(target) {
    const browser = await Browser.open({ port, target });
    browsers.push(browser);
    return browser;
  }

  before(async () => {
    folder = await Folder.create();
    broker = await Broker.start();
    const [adminPort, ...ports] = await freePorts(3);
    admin = new Admin(adminPort);
    [port, secured] = ports;
    certificates = [];
    for (const [name, to] of [["first", 20], ["second", 900]]) {
      const dates = { name, from: -1, to };
      certificates.push(await makeDatedCertificate(folder, dates));
    }
    await show(certificates[0]);
    file = await writeConfig(["/mqtt", "/old"]);
    gateway = await Gateway.start({ args: ["-c", file] });
  });
  after(async () => {
    for (const browser of browsers) browser.destroy();
    await gateway?.stop();
    await broker?.stop();
    await folder?.remove();
  });

  test("all sessions stand in it, and no counter falls", async () => {
    const kept = await open("/mqtt");
    for (let i = 0; i < OLD; i++) await open("/old");
    const before = await admin.metrics();
    assert.equal(before.value(live("/old")), OLD);

    await writeConfig(["/mqtt", "/new"]);
    await admin.adds({ [reloads("ok")]: 1, [reloads("failed")]: 0 }, () =>
      gateway.signal("SIGHUP"),
    );
    const now = await admin.metrics();
    assert.ok(now.value(GONE) >= 1 && now.value(GONE) <= OLD);
    assert.equal(now.value(live("/mqtt")), 1);
    assert.equal(now.value(live("/new")), 0);
    assert.equal(now.value("postern_workers_accepting"), WORKERS);
    assert.ok(now.value("postern_workers") > WORKERS);
    assert.deepEqual(fallen(before, now), []);
    for (const browser of browsers) browser.destroy();
    await admin.is("postern_workers", (count) => count === WORKERS, {
      what: "those of before have ended",
      deadline,
    });
    const last = await admin.metrics();
    assert.equal(last.sum("postern_sessions"), 0);
    assert.equal(last.samples.has(GONE), false);
    assert.deepEqual(fallen(now, last), []);
    assert.ok(kept.websocket);
  });

  test("counts one that failed", async () => {
    await folder.write("postern.conf", "workers = maybe;\n");
    await admin.adds({ [reloads("ok")]: 0, [reloads("failed")]: 1 }, () =>
      gateway.signal("SIGHUP"),
    );
    await writeConfig(["/mqtt", "/new"]);
  });

  test("tells when the certificate ends that is shown now", async () => {
    const sample = `postern_tls_not_after_seconds{listener="127.0.0.1:${secured}"}`;
    const [first, second] = await Promise.all(certificates.map(endOf));
    assert.equal((await admin.metrics()).value(sample), first);
    await show(certificates[1]);
    gateway.signal("SIGHUP");
    await admin.is(sample, (end) => end === second, { deadline });
  });
});

// Counters that are lower, or gone though their route is not.
function fallen(before, now) {
  return before.counters.filter(([sample, value]) => {
    if (!now.samples.has(sample)) return !sample.includes('route="/old"');
    return now.value(sample) < value;
  });
}

async function endOf({ certificate }) {
  const { validTo } = new X509Certificate(await readFile(certificate));
  return Date.parse(validTo) / 1000;
}
