// SPDX-License-Identifier: Apache-2.0
// /metrics is text that Prometheus reads, and has each metric from the start;
// what a document says of it is true.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { postern } from "./fixtures/command.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { makeDatedCertificate } from "./fixtures/dated_certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";

const NAME = /\b(?:postern|process)_[a-z_]+[a-z]\b/g;
const PART = /_(?:bucket|sum|count)$/;
const README = new URL("../../README.md", import.meta.url);

describe("/metrics", () => {
  let plant, admin, folder, dated, ports, startedAt;

  before(async () => {
    folder = await Folder.create();
    const names = [
      { name: "soon", from: -1, to: 10 },
      { name: "late", from: -1, to: 900 },
    ];
    dated = [];
    for (const one of names) {
      dated.push(await makeDatedCertificate(folder, one));
    }
    ports = await freePorts(3);
    const address = "127.0.0.1";
    admin = new Admin(await freePort());
    startedAt = Date.now();
    plant = await Plant.start({
      workers: 3,
      admin: admin.setting,
      listeners: [
        { address, port: ports[0] },
        { address, port: ports[1], tls: dated[0] },
        { address, port: ports[2], tls: dated[1] },
      ],
      routes: [mqttRoute(), jsonRoute(), channelRoute()],
    });
    plant.port = ports[0];
  });
  after(async () => {
    await plant?.stop();
    await folder?.remove();
  });

  test("is text that Prometheus reads, line by line", async () => {
    const metrics = await admin.metrics();
    assert.ok(metrics.samples.size > 80);
    for (const [name, type] of metrics.types) {
      assert.match(name, /^(postern|process)_/);
      const isTotal = name.endsWith("_total");
      assert.equal(isTotal, type === "counter", `${name} is a ${type}`);
    }
  });

  test("says in its type that it is Prometheus' text", async () => {
    const answer = await admin.get("/metrics");
    assert.match(answer.get("content-type"), /^text\/plain; version=0\.0\.4\b/);
  });

  test("says of each what it means, in a sentence", async () => {
    const { types, helps } = await admin.metrics();
    assert.deepEqual([...types.keys()], [...helps.keys()]);
    for (const [name, help] of helps) assert.match(help, /^[A-Z].*\.$/, name);
    assert.equal(new Set(helps.values()).size, helps.size);
  });

  test("has a count for every word, from the start", async () => {
    const metrics = await admin.metrics();
    const isZero = (name, label, word) =>
      assert.equal(metrics.value(`postern_${name}{${label}="${word}"}`), 0);
    for (const word of ["origin_unknown", "no_route", "draining", "memory"]) {
      isZero("handshake_refused_total", "reason", word);
    }
    for (const word of ["idle", "drain", "upstream_closed", "internal"]) {
      isZero("sessions_closed_total", "reason", word);
    }
    for (const word of ["ok", "failed"]) isZero("reloads_total", "result", word);
  });

  test("has a count for every route, from the start", async () => {
    const metrics = await admin.metrics();
    for (const kind of ["mqtt", "json", "channel"]) {
      const route = kind === "channel" ? "/chat" : `/${kind}`;
      const labels = `{route="${route}",kind="${kind}"}`;
      assert.equal(metrics.value(`postern_sessions${labels}`), 0);
      assert.equal(metrics.value(`postern_sessions_opened_total${labels}`), 0);
    }
  });

  test("names the version that runs", async () => {
    const { out } = await postern(["--version"]);
    const version = /^postern (\S+)$/m.exec(out)[1];
    const metrics = await admin.metrics();
    assert.equal(metrics.value(`postern_build_info{version="${version}"}`), 1);
  });

  test("says when the program began", async () => {
    const metrics = await admin.metrics();
    const began = metrics.value("process_start_time_seconds");
    assert.ok(began >= Math.floor(startedAt / 1000), `${began}`);
    assert.ok(began <= Date.now() / 1000, `${began}`);
  });

  test("counts workers, and those that accept", async () => {
    const metrics = await admin.metrics();
    assert.equal(metrics.value("postern_workers"), 3);
    assert.equal(metrics.value("postern_workers_accepting"), 3);
    assert.equal(metrics.value("postern_worker_restarts_total"), 0);
  });

  test("says when each listener's certificate ends", async () => {
    const metrics = await admin.metrics();
    for (const [i, { certificate }] of dated.entries()) {
      const { validTo } = new X509Certificate(await readFile(certificate));
      const listener = `127.0.0.1:${ports[1 + i]}`;
      const sample = `postern_tls_not_after_seconds{listener="${listener}"}`;
      assert.equal(metrics.value(sample), Date.parse(validTo) / 1000);
    }
    const plain = `listener="127.0.0.1:${ports[0]}"`;
    assert.ok([...metrics.samples.keys()].every((one) => !one.includes(plain)));
  });

  test("is what the README says, if that names any", async () => {
    const { types } = await admin.metrics();
    const text = await readFile(README, "utf8");
    const named = new Set(text.match(NAME) ?? []);
    if (named.size === 0) return;
    const whole = [...named].map((one) =>
      types.has(one) ? one : one.replace(PART, ""),
    );
    assert.deepEqual([...new Set(whole)].sort(), [...types.keys()].sort());
  });
});
