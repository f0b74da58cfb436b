// SPDX-License-Identifier: Apache-2.0
// Certificates are renewed while the gateway serves: new handshakes see the
// new one, sessions do not notice, and what cannot be used is not shown.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { chmod, copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { memoryOf } from "./fixtures/accounts.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import { makeDatedCertificate } from "./fixtures/dated_certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Guest } from "./fixtures/guest.mjs";
import { look, lookWithOpenssl, Pairs } from "./fixtures/pairs.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { each, until } from "./fixtures/wait.mjs";

const WORKERS = 2;
const LOOKS = 12; // at a port, so that each worker is met
const TAKEN_MS = 40000; // by itself within 11 s, on any machine
const VERSIONS = ["TLSv1.2", "TLSv1.3"];
const NAMES = ["", "localhost", "other.test"];
const SECURE = { rejectUnauthorized: false };

let folder;

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());

// A gateway with a listener for each of these.
class Stage {
  guests = [];

  static async start(all, settings = {}) {
    const stage = new Stage();
    stage.all = all;
    stage.ports = await freePorts(all.length);
    stage.plant = await Plant.start({
      workers: WORKERS,
      listeners: all.map((pairs, i) => ({
        address: "127.0.0.1",
        port: stage.ports[i],
        tls: pairs.tls,
      })),
      ...settings,
    });
    stage.gateway = stage.plant.gateway;
    return stage;
  }

  async enter(port = this.ports[0]) {
    const guest = await Guest.open("mqtt5", { port, secure: SECURE });
    this.guests.push(guest);
    await guest.hears();
    return guest;
  }

  // All workers show it, whatever the client says.
  async shows({ print }, port = this.ports[0]) {
    for (let i = 0; i < LOOKS; i++) {
      const version = VERSIONS[i % 2];
      const seen = await look(port, {
        name: NAMES[i % NAMES.length],
        minVersion: version,
        maxVersion: version,
      });
      assert.deepEqual(
        [seen.print, seen.protocol, seen.version],
        [print, "http/1.1", version],
      );
    }
  }

  lines(pattern, from = 0) {
    return this.gateway.lines.slice(from).filter((one) => pattern.test(one));
  }

  async stop() {
    for (const guest of this.guests) guest.destroy();
    await this.plant?.stop();
  }
}

const CHANGED = /^certificate changed /;
const NOT_CHANGED = /^warning: certificate not changed /;

describe("a certificate that is renewed", () => {
  let pairs, stage;

  before(async () => {
    pairs = await Pairs.create(folder, "renewed");
    stage = await Stage.start([pairs]);
  });
  after(() => stage?.stop());

  async function renew(pair) {
    await pairs.show(pair);
    const line = await stage.gateway.reloaded();
    assert.match(line, /certificates changed/);
  }

  test("is seen by all who come, of the other sort of key too", async () => {
    const guest = await stage.enter();
    const { workers } = stage.plant;
    await stage.shows(pairs.all[0]);
    for (const pair of [...pairs.all.slice(1), pairs.all[0]]) {
      await renew(pair);
      await stage.shows(pair);
      await guest.hears();
      await (await stage.enter()).hears();
    }
    assert.deepEqual(await stage.gateway.workers(), workers);
  });

  test("is seen by openssl, with a name and without", async () => {
    for (const pair of pairs.all.slice(0, 2)) {
      await pairs.show(pair);
      await stage.gateway.reloaded();
      for (const version of ["-tls1_2", "-tls1_3"]) {
        for (const name of [["-noservername"], ["-servername", "localhost"]]) {
          const words = [version, ...name];
          const seen = await lookWithOpenssl(stage.ports[0], words);
          const { print } = pair;
          assert.deepEqual(seen, { print, protocol: "http/1.1" }, `${words}`);
        }
      }
    }
  });

  for (const version of VERSIONS) {
    test(`${version}: tickets of before are still good`, async () => {
      const only = { minVersion: version, maxVersion: version };
      const [port] = stage.ports;
      const [first, second] = pairs.all;
      await pairs.show(first);
      await stage.gateway.reloaded();
      const { session } = await look(port, { ...only, ticket: true });
      await renew(second);
      for (let i = 0; i < LOOKS; i++) {
        const again = await look(port, { ...only, session });
        assert.ok(again.isResumed);
      }
      const fresh = await look(port, { ...only, ticket: true });
      assert.equal(fresh.print, second.print);
      const back = await look(port, { ...only, session: fresh.session });
      assert.ok(back.isResumed);
    });
  }

  test("is the same for all when a worker dies meanwhile", async () => {
    for (let i = 0; i < 4; i++) {
      const pair = pairs.all[i % 2];
      await pairs.show(pair);
      const [victim] = await stage.gateway.workers();
      const ended = stage.gateway.reload();
      if (i < 2) process.kill(victim, "SIGKILL");
      else process.nextTick(() => process.kill(victim, "SIGKILL"));
      if (/failed/.test(await ended)) await stage.gateway.reloaded();
      await stage.shows(pair);
    }
  });

  test("is what a generation begins with that is made then", async () => {
    await pairs.show(pairs.all[2]);
    const guest = await stage.enter();
    const more = mqttRoute({ path: "/more" });
    const line = await stage.plant.reload({ routes: [mqttRoute(), more] });
    assert.match(line, /generation \d+ serves/);
    await stage.shows(pairs.all[2]);
    await guest.hears();
    await renew(pairs.all[1]);
    await stage.shows(pairs.all[1]);
    await guest.hears();
  });

  test("in another file, named by the configuration, is as good", async () => {
    const guest = await stage.enter();
    const [port] = stage.ports;
    const [{ certificate, key }] = pairs.all;
    const listener = { address: "127.0.0.1", port, tls: { certificate, key } };
    await stage.plant.reload({ listeners: [listener] });
    await stage.shows(pairs.all[0]);
    await guest.hears();
  });
});

// One gateway: what waits for it to look by itself waits together.
describe("files that nobody has announced", () => {
  const names = ["good", "later", "misfit", "garbage", "open", "expired"];
  const all = {};
  let stage, guest;

  before(async () => {
    for (const name of names) {
      all[name] = await Pairs.create(folder, name, ["ec", "rsa"]);
    }
    stage = await Stage.start(Object.values(all));
    guest = await stage.enter();
  });
  after(() => stage?.stop());

  const first = (name) => all[name].all[0];
  const portOf = (name) => stage.ports[names.indexOf(name)];

  async function show(name, files) {
    await replace(files.certificate, all[name].tls.certificate);
    await replace(files.key, all[name].tls.key);
  }

  // Into the folder that the link leads to, by rename.
  async function replace(from, to) {
    await copyFile(from, `${to}.next`);
    await chmod(`${to}.next`, 0o600);
    await rename(`${to}.next`, to);
  }

  test("that cannot be used are told once, and not shown", async () => {
    const [, other] = all.misfit.all;
    const key = first("misfit").key;
    await show("misfit", { certificate: other.certificate, key });
    await writeFile(all.garbage.tls.certificate, "garbage\n");
    await chmod(all.open.tls.key, 0o644);
    const dates = { name: "old", from: -9, to: -1 };
    await show("expired", await makeDatedCertificate(folder, dates));
    const bad = ["misfit", "garbage", "open", "expired"];
    const told = () => stage.lines(NOT_CHANGED).length >= bad.length;
    await until(told, { deadline: TAKEN_MS, what: "warnings" });
    for (const name of bad) await stage.shows(first(name), portOf(name));

    // When this one has been taken it has looked at the others again.
    await all.good.show(all.good.all[1]);
    await stage.gateway.line(CHANGED, { deadline: TAKEN_MS });
    await stage.shows(all.good.all[1], portOf("good"));
    assert.equal(stage.lines(NOT_CHANGED).length, bad.length);
    for (const name of bad) await stage.shows(first(name), portOf(name));
    await guest.hears();
  });

  test("are taken when both of a pair are there", async () => {
    const from = stage.gateway.lines.length;
    const [, next] = all.later.all;
    const began = performance.now();
    await replace(next.certificate, all.later.tls.certificate);
    await pause(300);
    await replace(next.key, all.later.tls.key);
    const gap = performance.now() - began;

    // Those that could not be used get good ones at the same time.
    for (const name of ["misfit", "garbage", "expired"]) {
      await show(name, all[name].all[1]);
    }
    await chmod(all.open.tls.key, 0o600);
    await show("open", all.open.all[1]);
    const taken = () => stage.lines(CHANGED, from).length >= 5;
    await until(taken, { deadline: TAKEN_MS, what: "new certificates" });
    if (gap < 900) assert.equal(stage.lines(NOT_CHANGED, from).length, 0);
    for (const name of names) {
      await stage.shows(all[name].all[1], portOf(name));
    }
    await guest.hears();
  });

  test("are taken at SIGHUP, written in place as well", async () => {
    const [{ certificate, key }] = all.later.all;
    const pem = [await readFile(certificate), await readFile(key)];
    await writeFile(all.garbage.tls.certificate, pem[0]);
    await writeFile(all.garbage.tls.key, pem[1]);
    const line = await stage.gateway.reloaded();
    assert.match(line, /certificates changed/);
    const { print } = await look(portOf("garbage"));
    await stage.shows({ print }, portOf("garbage"));
    await guest.hears();
  });

  test("that cannot be used make SIGHUP fail", async () => {
    const seen = await look(portOf("misfit"));
    await writeFile(all.misfit.tls.certificate, "garbage\n");
    await stage.gateway.notReloaded();
    await stage.gateway.line(/^error: configuration .*misfit/);
    await stage.shows(seen, portOf("misfit"));
    await guest.hears();
  });
});

describe("many renewals with many sessions", () => {
  const SESSIONS = 100;
  const SWAPS = 40;
  const WARM = 10;
  const SLACK = 1.1;
  const PLAINLY = 1024 * 1024;
  let pairs, stage;

  before(async () => {
    pairs = await Pairs.create(folder, "many");
    stage = await Stage.start([pairs], { release: true });
  });
  after(() => stage?.stop());

  async function sizes() {
    const pids = [stage.gateway.pid, ...stage.plant.workers];
    const found = [];
    for (const pid of pids) {
      const { resident } = await memoryOf(pid);
      const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
      found.push({ resident, descriptors });
    }
    return found;
  }

  test("drop none, and cost nothing in the end", async () => {
    await each(SESSIONS, 10, () => stage.enter());
    let early;
    for (let i = 1; i <= SWAPS; i++) {
      const pair = pairs.all[i % pairs.all.length];
      await pairs.show(pair);
      await stage.gateway.reloaded();
      assert.equal((await look(stage.ports[0])).print, pair.print);
      if (i === WARM) early = await sizes();
    }
    const late = await until(async () => {
      const now = await sizes();
      const isAsBefore = (one, k) => one.descriptors <= early[k].descriptors;
      return now.every(isAsBefore) && now;
    });
    for (const [i, { resident }] of late.entries()) {
      const most = early[i].resident * SLACK + PLAINLY;
      assert.ok(resident <= most, `${early[i].resident} -> ${resident}`);
    }
    for (const guest of stage.guests) await guest.hears();
    assert.deepEqual(await stage.gateway.workers(), stage.plant.workers);
  });
});
