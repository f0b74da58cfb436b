// SPDX-License-Identifier: Apache-2.0
// The package on a bare Debian that boots: from apt-get install to purge. The
// units are those of the package, with all of their sandbox.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Folder } from "../flow/fixtures/folder.mjs";
import { Systemd } from "../flow/fixtures/systemd.mjs";
import { builtOnce, programIn, run } from "./fixtures/deb.mjs";
import { cannotBeHad, install, makeRoot } from "./fixtures/debian_root.mjs";
import { Visit } from "./fixtures/visit.mjs";

const SERVICE = "postern.service";
const SOCKET = "postern.socket";
const RUNNING = { ActiveState: "active", SubState: "running" };
const CONFIG = "/etc/postern/postern.conf";
const SPREAD_S = 5; // drain.spread_s as it comes
const TOLD_TO_RETURN = [503, 0]; // who was let in when the end began
const LATE_MS = 3000; // of a slow machine
const SESSIONS = 20;
const BROKER = "listener 1884 127.0.0.1\nallow_anonymous true\n";
const PLACES = ["/etc", "/run", "/usr", "/var", "-xdev"];
const OURS = ["/etc/postern", "/etc/systemd/system/postern.socket.d"];
const NO_CAPABILITY = "0".repeat(16);

const folder = await Folder.create();
const skip = await cannotBeHad(folder);
after(() => folder.remove());

describe("installed with apt on a bare Debian", { skip }, () => {
  let root, system;

  const at = (path) => root + path;
  const write = (path, text) => writeFile(at(path), text);
  const edit = async (path, from, to) => {
    const text = await readFile(at(path), "utf8");
    assert.ok(text.includes(from), `${path} has ${from}`);
    await write(path, text.replace(from, to));
  };
  const log = () => system.run("journalctl", "-u", SERVICE, "-o", "cat");
  const dpkg = (...words) => system.run("dpkg", ...words);

  async function hears(url, word) {
    const visit = new Visit(system, "echo", url, word);
    assert.equal(await visit.says("heard"), word);
  }

  before(async () => {
    root = folder.at("root");
    const [built] = await Promise.all([
      builtOnce(),
      makeRoot(root, ["systemd-sysv", "mosquitto"]),
    ]);
    await install(root, await programIn(built));
    await write("/etc/mosquitto/conf.d/plant.conf", BROKER);
    await edit(CONFIG, '"mqtt://127.0.0.1:1883"', '"mqtt://127.0.0.1:1884"');
    system = await Systemd.bootRoot(root);
  });
  after(() => system?.stop());

  test("the service starts with the machine", async () => {
    const shown = await system.until(SERVICE, RUNNING);
    assert.equal(shown.UnitFileState, "enabled");
    assert.match(shown.StatusText, /^\d workers, 1 listener/);
    assert.equal(shown.NRestarts, "0");
    const socket = await system.show(SOCKET);
    assert.equal(socket.UnitFileState, "disabled");
    assert.equal(socket.ActiveState, "inactive");
  });

  test("a page of MQTT.js comes through it", async () => {
    await hears("ws://127.0.0.1:8083/mqtt", "by the service");
    assert.match(await log(), /^session w\d-\d+ closed reason=browser_closed/m);
  });

  test("it runs as nobody else, and may nothing", async () => {
    const { MainPID } = await system.show(SERVICE);
    const text = await system.run("cat", `/proc/${MainPID}/status`);
    const shown = Object.fromEntries(
      text.split("\n").map((line) => line.split(/:\s*/)),
    );
    const id = await system.run("id", "-u", "postern");
    assert.deepEqual(new Set(shown.Uid.split("\t")), new Set([id]));
    for (const set of ["Prm", "Eff", "Bnd", "Amb"]) {
      assert.equal(shown[`Cap${set}`], NO_CAPABILITY, set);
    }
    assert.equal(shown.Seccomp, "2");
    assert.equal(shown.NoNewPrivs, "1");
  });

  test("root asks it without a word of where it is", async () => {
    assert.match(await system.run("postern", "status"), /is serving/);
    await write("/etc/postern/conf.d/more.conf", "workers = 1;\n");
    await system.run("postern", "reload");
    await system.until(SERVICE, { StatusText: "1 workers, 1 listeners" });
    await rm(at("/etc/postern/conf.d/more.conf"));
    await system.control("reload", SERVICE);
    assert.doesNotMatch(await system.run("postern", "status"), / 1 worker/);
  });

  test("a wrong configuration never reaches it by a reload", async () => {
    await write("/etc/postern/conf.d/wrong.conf", "nonsense = 1;\n");
    await assert.rejects(system.control("reload", SERVICE));
    assert.equal((await system.show(SERVICE)).ActiveState, "active");
    await hears("ws://127.0.0.1:8083/mqtt", "all the same");
  });

  test("with a wrong one it ends with 78, and is left so", async () => {
    await assert.rejects(system.control("restart", SERVICE));
    const shown = await system.show(SERVICE);
    assert.equal(shown.ActiveState, "failed");
    assert.equal(shown.ExecMainStatus, "78");
    assert.equal(shown.NRestarts, "0");
    assert.match(await log(), /wrong\.conf:1: unknown setting "nonsense"/);
    await rm(at("/etc/postern/conf.d/wrong.conf"));
  });

  test("port 443 is its through the socket unit, by a drop-in", async () => {
    await mkdir(at("/etc/systemd/system/postern.socket.d"));
    await write(
      "/etc/systemd/system/postern.socket.d/ports.conf",
      "[Socket]\nListenStream=0.0.0.0:443\nListenStream=[::]:443\n",
    );
    await write(
      "/etc/postern/conf.d/ports.conf",
      'listeners = ({ address = "0.0.0.0"; port = 443; },\n' +
        '{ address = "::"; port = 443; });\n',
    );
    await system.control("daemon-reload");
    await system.control("enable", "--now", SOCKET);
    await system.control("start", SERVICE);
    await hears("ws://127.0.0.1:443/mqtt", "by the socket");
    await hears("ws://127.0.0.1:8083/mqtt", "by the first one, too");
    const { MainPID } = await system.show(SERVICE);
    const text = await system.run("cat", `/proc/${MainPID}/status`);
    assert.match(text, new RegExp(`^CapBnd:\t${NO_CAPABILITY}$`, "m"));
  });

  test("an upgrade ends sessions in good order, refuses nobody", async () => {
    const stay = new Visit(system, "stay", 443, SESSIONS);
    await stay.says("open");
    const knock = new Visit(system, "knock", 443);
    await knock.says("open");
    await write("/next.deb", await readFile(await nextVersion(folder, root)));
    const { MainPID } = await system.show(SERVICE);
    await dpkg("-i", "/next.deb");
    const ends = await stay.says("ended");
    assert.deepEqual(new Set(ends.map(({ code }) => code)), new Set([1001]));
    const times = ends.map(({ at }) => at);
    const spread_ms = Math.max(...times) - Math.min(...times);
    assert.ok(spread_ms < SPREAD_S * 1000 + LATE_MS, `${spread_ms} ms`);
    const shown = await system.until(SERVICE, RUNNING);
    assert.notEqual(shown.MainPID, MainPID);
    knock.stop();
    const bad = await knock.says("ended");
    const odd = bad.filter(({ status }) => !TOLD_TO_RETURN.includes(status));
    assert.deepEqual(odd, []);
    const version = "dpkg-query -W -f '${Version}' postern";
    assert.equal(await system.run("sh", "-c", version), "0.1.0-2");
    assert.equal((await system.show(SOCKET)).ActiveState, "active");
    await hears("ws://127.0.0.1:443/mqtt", "by the next version");
  });

  test("removal stops it, and keeps what is configured", async () => {
    await dpkg("--remove", "postern");
    for (const unit of [SERVICE, SOCKET]) {
      assert.notEqual((await system.show(unit)).ActiveState, "active", unit);
    }
    assert.ok(!existsSync(at("/usr/bin/postern")));
    assert.ok(existsSync(at(CONFIG)));
  });

  test("a purge leaves what others wrote, and the user", async () => {
    await dpkg("--purge", "postern");
    assert.ok(!existsSync(at(CONFIG)));
    assert.ok(existsSync(at("/etc/postern/conf.d/ports.conf")));
    assert.match(await system.run("getent", "passwd", "postern"), /nologin$/);
    const left = await system.run("find", ...PLACES, "-name", "*postern*");
    assert.deepEqual(left.split("\n").sort(), OURS);
  });
});

// A package like the one that is installed, of the next revision.
async function nextVersion(folder, root) {
  const tree = folder.at("next");
  await run("dpkg-deb", ["-R", `${root}/postern.deb`, tree]);
  const control = `${tree}/DEBIAN/control`;
  const text = await readFile(control, "utf8");
  await writeFile(control, text.replace(/^Version: .*/m, "Version: 0.1.0-2"));
  await run("dpkg-deb", ["-b", tree, `${tree}.deb`]);
  return `${tree}.deb`;
}
