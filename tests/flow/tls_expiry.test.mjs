// SPDX-License-Identifier: Apache-2.0
// Fault F19: a certificate comes to its end while it is shown. The log says so
// 14 and 3 days before, once each, whoever loads it again.
import assert from "node:assert/strict";
import { chmod, copyFile, rename } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Clock } from "./fixtures/clock.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import { makeDatedCertificate } from "./fixtures/dated_certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";

const DAY_S = 24 * 3600;
const LOOKED_MS = 60000; // at by itself within 11 s, on any machine
const SOON = /^warning: certificate expires soon /;
const OVER = /^warning: certificate has expired /;
const LOADED = /^warning: configuration at=.* expires soon /;
const SHOWN = /^certificate listener=/;

describe("a certificate that is shown", () => {
  let folder, clock, plant, port, files;

  before(async () => {
    folder = await Folder.create();
    clock = await Clock.prepare(folder);
    port = await freePort();
    files = await dated("shown", 30.5);
    plant = await Plant.start({
      env: clock.env,
      listeners: [{ address: "127.0.0.1", port, tls: files }],
    });
  });
  after(async () => {
    await plant?.stop();
    await clock?.stop();
    await folder?.remove();
  });

  const dated = (name, to) =>
    makeDatedCertificate(folder, { name, from: -1, to });
  const at = (days) => clock.shift(Math.round(days * DAY_S));
  const lines = (pattern) =>
    plant.gateway.lines.filter((line) => pattern.test(line));

  async function next(pattern, days) {
    const from = plant.gateway.lines.length;
    await at(days);
    return plant.gateway.line(pattern, { from, deadline: LOOKED_MS });
  }

  // Which has it look at them, too.
  async function reload(path) {
    await plant.reload({ routes: [mqttRoute(), mqttRoute({ path })] });
    await plant.gateway.reloaded();
  }

  async function replace(name, to) {
    const made = await dated(name, to);
    for (const file of ["certificate", "key"]) {
      const coming = `${files[file]}.next`;
      await copyFile(made[file], coming);
      await chmod(coming, 0o600);
      await rename(coming, files[file]);
    }
  }

  test("is in the log when it begins to be", async () => {
    const line = await plant.gateway.line(SHOWN);
    const names = 'names=localhost issuer="CN=localhost" days=30';
    assert.equal(line, `certificate listener=127.0.0.1:${port} ${names}`);
  });

  test("is warned of 14 days before its end", async () => {
    const line = await next(SOON, 17);
    assert.match(line, new RegExp(`listener=127.0.0.1:${port} names=localhost `));
    assert.match(line, / days=13 not_after=\d+$/);
  });

  test("is not warned of again but where it is loaded", async () => {
    await reload("/again");
    assert.equal(lines(SOON).length, 1);
    assert.equal(lines(LOADED).length, 2);
  });

  test("is warned of 3 days before its end", async () => {
    await at(28);
    await plant.gateway.reloaded();
    assert.match(lines(SOON).at(-1), / days=2 /);
    assert.equal(lines(SOON).length, 2);
  });

  test("is warned of at its end", async () => {
    assert.match(await next(OVER, 31), / days=0 /);
    assert.equal(lines(SOON).length, 2);
  });

  test("that comes with few days left is warned of", async () => {
    await at(0);
    const from = plant.gateway.lines.length;
    await replace("few", 9.5);
    const line = await plant.gateway.line(SOON, { from, deadline: LOOKED_MS });
    assert.match(line, / days=9 /);
    assert.equal(lines(SHOWN).at(-1).endsWith(" days=9"), true);
  });

  test("that was loaded with few days left is so once", async () => {
    const [soon, loaded] = [lines(SOON).length, lines(LOADED).length];
    await replace("fewer", 8.5);
    await plant.gateway.reloaded();
    assert.equal(lines(LOADED).length, loaded + 1);
    await reload("/more");
    assert.equal(lines(SOON).length, soon);
    assert.equal(lines(SHOWN).at(-1).endsWith(" days=8"), true);
  });
});
