// SPDX-License-Identifier: Apache-2.0
// Authorities of clients, revocation lists and certificates by name are
// renewed while the gateway serves. Who is in stays in; who comes is judged by
// what is there now, with a ticket of before, too; and what cannot be used
// changes nothing.
import assert from "node:assert/strict";
import { chmod, copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Authority } from "./fixtures/authority.mjs";
import { Clock } from "./fixtures/clock.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Guest } from "./fixtures/guest.mjs";
import { look } from "./fixtures/pairs.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const ADDRESS = "127.0.0.1";
const WORKERS = 2;
const LOOKS = 8; // so that each worker is met
const VERSIONS = ["TLSv1.2", "TLSv1.3"];
const TAKEN_MS = 40000; // by itself within 11 s, on any machine

let folder, servers, clients, others, plant, ports, live, first, second;

before(async () => {
  folder = await Folder.create();
  servers = await Authority.create(folder, "servers");
  clients = await Authority.create(folder, "clients");
  others = await Authority.create(folder, "others");
  first = await servers.server(["first.test", "localhost"]);
  second = await servers.server(["second.test"]);
  const names = ["first.pem", "first.key", "second.pem", "second.key"];
  live = Object.fromEntries(
    [...names, "ca.pem", "list.crl"].map((name) => [name, folder.at(`live.${name}`)]),
  );
  await show(first, "first");
  await show(second, "second");
  await put(clients.certificate, "ca.pem");
  await put(await clients.list(), "list.crl");
  const [plain, secured] = await freePorts(2);
  ports = { plain, secured };
  plant = await Plant.start({
    workers: WORKERS,
    listeners: [{ address: ADDRESS, port: plain }, secure()],
    routes: [mqttRoute(), jsonRoute()],
  });
  plant.port = plain;
});
after(async () => {
  await plant?.stop();
  await folder?.remove();
});

function secure(more = {}) {
  const pair = { certificate: live["second.pem"], key: live["second.key"] };
  const tls = {
    certificate: live["first.pem"],
    key: live["first.key"],
    certificates: [pair],
    client_certificate: "required",
    client_ca: live["ca.pem"],
    client_crl: live["list.crl"],
    ...more,
  };
  return { address: ADDRESS, port: ports.secured, tls };
}

// By rename: nobody sees half of it.
async function put(from, name) {
  await copyFile(from, `${live[name]}.next`);
  await chmod(`${live[name]}.next`, 0o600);
  await rename(`${live[name]}.next`, live[name]);
}

async function show({ certificate, key }, name) {
  await put(certificate, `${name}.pem`);
  await put(key, `${name}.key`);
}

const way = (who, more = {}) => ({
  port: ports.secured,
  secure: { ca: servers.pem, ...who.secure, ...more },
});

async function swapped() {
  const line = await plant.gateway.reloaded();
  assert.match(line, /certificates changed/);
}

// Of all workers.
async function isLetIn(who, more) {
  for (let i = 0; i < LOOKS; i++) {
    const answer = await handshake(way(who, more));
    assert.equal(answer.status, 101);
    answer.socket.destroy();
  }
}

async function isRefused(who, more) {
  for (let i = 0; i < LOOKS; i++) {
    const answer = await handshake(way(who, more)).catch(() => null);
    answer?.socket.destroy();
    assert.ok(!answer || answer.status === 0, `status ${answer?.status}`);
  }
}

// One that is good now.
async function ticketOf(who, version) {
  const only = { minVersion: version, maxVersion: version };
  const known = { ca: servers.pem, ...who.secure };
  const options = { name: "localhost", ...known, ...only };
  const { session } = await look(ports.secured, { ...options, ticket: true });
  const again = await look(ports.secured, { ...options, session });
  assert.equal(again.isResumed, true);
  return { ...only, session };
}

describe("a revocation list that is renewed", () => {
  for (const version of VERSIONS) {
    test(`${version}: keeps out whom it names, ticket or not`, async () => {
      const anna = await clients.client("/CN=anna");
      const bob = await clients.client("/CN=bob");
      const guest = await Guest.open("mqtt5", way(anna));
      await guest.hears();
      const tickets = {
        anna: await ticketOf(anna, version),
        bob: await ticketOf(bob, version),
      };
      await isLetIn(anna, tickets.anna);

      const { workers } = plant;
      await clients.revoke(anna);
      await put(await clients.list(), "list.crl");
      await swapped();
      await isRefused(anna);
      await isRefused(anna, tickets.anna);
      await isRefused({ secure: {} }, tickets.anna);
      await isLetIn(bob);
      await isLetIn(bob, tickets.bob);
      const options = { name: "localhost", ...bob.secure, ...tickets.bob };
      const back = await look(ports.secured, options);
      assert.equal(back.isResumed, false);
      await ticketOf(bob, version);
      await guest.hears();
      assert.deepEqual(await plant.gateway.workers(), workers);
      guest.destroy();
    });
  }

  test("is taken without being announced", async () => {
    const anna = await clients.client("/CN=anna");
    await isLetIn(anna);
    const from = plant.gateway.lines.length;
    await clients.revoke(anna);
    await put(await clients.list(), "list.crl");
    const deadline = TAKEN_MS;
    await plant.gateway.line(/^certificate changed /, { from, deadline });
    await isRefused(anna);
  });

  test("out of date is taken, too, with a warning", async () => {
    const from = plant.gateway.lines.length;
    const bob = await clients.client("/CN=bob");
    await put(await clients.list({ from: -3, to: -1 }), "list.crl");
    const deadline = TAKEN_MS;
    await plant.gateway.line(/^certificate changed /, { from, deadline });
    const doubt = /^warning: certificate in doubt .*out of date/;
    await plant.gateway.line(doubt, { from });
    await isRefused(bob);
    await put(await clients.list(), "list.crl");
    await swapped();
    await isLetIn(bob);
  });
});

describe("authorities that are renewed", () => {
  test("let in theirs, and nobody of those before", async () => {
    const anna = await clients.client("/CN=anna");
    const olga = await others.client("/CN=olga");
    const guest = await Guest.open("json", way(anna));
    const ticket = await ticketOf(anna, "TLSv1.3");
    await isRefused(olga);
    await put(others.certificate, "ca.pem");
    await put(await others.list(), "list.crl");
    await swapped();
    await isLetIn(olga);
    await isRefused(anna);
    await isRefused(anna, ticket);
    await guest.hears();
    await put(clients.certificate, "ca.pem");
    await put(await clients.list(), "list.crl");
    await swapped();
    await isLetIn(anna);
    await isRefused(olga);
    await guest.hears();
    guest.destroy();
  });
});

describe("a certificate of a name that is renewed", () => {
  test("is shown to those who ask for it", async () => {
    const anna = await clients.client("/CN=anna");
    const next = await servers.server(["second.test"], { sort: "rsa" });
    const guest = await Guest.open("mqtt4", way(anna));
    await show(next, "second");
    await swapped();
    for (let i = 0; i < LOOKS; i++) {
      const see = (name) => look(ports.secured, { name, ...anna.secure });
      assert.equal((await see("second.test")).print, next.print);
      assert.equal((await see("first.test")).print, first.print);
    }
    await guest.hears();
    guest.destroy();
    second = next;
  });

  test("in another file, named by the configuration, closes nobody", async () => {
    const anna = await clients.client("/CN=anna");
    const guest = await Guest.open("mqtt5", way(anna));
    const { certificate, key } = await servers.server(["third.test"]);
    const certificates = [{ certificate, key }];
    const client_ca = others.certificate;
    const client_crl = await others.list();
    const listeners = [
      { address: ADDRESS, port: ports.plain },
      secure({ certificates, client_ca, client_crl }),
    ];
    await plant.reload({ listeners });
    await guest.hears();
    await isRefused(anna);
    await isLetIn(await others.client("/CN=olga"));
    listeners[1] = secure();
    await plant.reload({ listeners });
    await guest.hears();
    await isLetIn(anna);
    guest.destroy();
  });

  for (const [what, more] of [
    ["profile", { profile: "modern" }],
    ["sort of wish for certificates", { client_certificate: "optional" }],
  ]) {
    test(`another ${what} is another listener`, async () => {
      const anna = await clients.client("/CN=anna");
      const guest = await Guest.open("mqtt5", way(anna));
      const plain = { address: ADDRESS, port: ports.plain };
      await plant.reload({ listeners: [plain, secure(more)] });
      await guest.ends("reload");
      await plant.reload({ listeners: [plain, secure()] });
    });
  }
});

describe("what cannot be used", () => {
  const whole = async (name) => readFile(live[name]);

  for (const [what, name, spoil] of [
    ["a list cut in half", "list.crl", (pem) => pem.subarray(0, pem.length / 2)],
    ["an empty list", "list.crl", () => ""],
    ["an authority cut in half", "ca.pem", (pem) => pem.subarray(0, pem.length / 2)],
    ["no authority at all", "ca.pem", () => "nothing\n"],
    ["a certificate cut in half", "second.pem", (pem) => pem.subarray(0, 300)],
    ["a key that is no key", "second.key", () => "nothing\n"],
  ]) {
    test(`${what} changes nothing`, async () => {
      const anna = await clients.client("/CN=anna");
      const guest = await Guest.open("mqtt5", way(anna));
      const before = await whole(name);
      const next = await servers.server(["first.test", "localhost"]);
      await show(next, "first"); // good, but one of the others is not
      await writeFile(live[name], spoil(before));
      await plant.gateway.notReloaded();
      await isLetIn(anna);
      const see = (host) => look(ports.secured, { name: host, ...anna.secure });
      assert.equal((await see("first.test")).print, first.print);
      assert.equal((await see("second.test")).print, second.print);
      await guest.hears();
      guest.destroy();
      await writeFile(live[name], before);
      await show(first, "first");
      await plant.gateway.reloaded();
    });
  }

  test("is told once when nobody has announced it", async () => {
    const from = plant.gateway.lines.length;
    const told = () =>
      plant.gateway.lines
        .slice(from)
        .filter((one) => /^warning: certificate not changed /.test(one));
    const before = await whole("list.crl");
    await writeFile(live["list.crl"], "nothing\n");
    await until(() => told().length > 0, { deadline: TAKEN_MS, what: "a line" });
    assert.match(told()[0], /revocation lists/);
    await isLetIn(await clients.client("/CN=anna"));
    await writeFile(live["list.crl"], before);
    await plant.gateway.reloaded();
    assert.equal(told().length, 1);
  });
});

describe("a client certificate that ends", () => {
  let clock, own, port;

  before(async () => {
    clock = await Clock.prepare(folder);
    [port] = await freePorts(1);
    const { certificate, key } = first;
    const client_ca = clients.certificate;
    const asks = { client_certificate: "optional", client_ca };
    own = await Plant.start({
      env: clock.env,
      listeners: [{ address: ADDRESS, port, tls: { certificate, key, ...asks } }],
    });
  });
  after(async () => {
    await own?.stop();
    await clock?.stop();
  });

  for (const version of VERSIONS) {
    test(`${version}: does not live on in a ticket`, async () => {
      const anna = await clients.client("/CN=anna", { to: 0.5 });
      const only = { minVersion: version, maxVersion: version };
      const known = { ca: servers.pem, ...anna.secure, ...only };
      const seen = { name: "localhost", ...known, ticket: true };
      const { session } = await look(port, seen);
      const enter = () => handshake({ port, secure: { ...known, session } });
      assert.equal((await enter()).status, 101);
      await clock.shift(1900); // half an hour, and some
      const from = own.gateway.lines.length;
      assert.equal((await enter()).status, 400);
      const line = await own.gateway.line(/refused reason=tls /, { from });
      assert.match(line, /client certificate: certificate has expired/);
      await clock.shift(0);
    });
  }
});
