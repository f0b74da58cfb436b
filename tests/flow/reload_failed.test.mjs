// SPDX-License-Identifier: Apache-2.0
// SIGHUP that comes to nothing, or at a bad moment: what serves goes on, and
// nothing is left of what was tried.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { lstat, readdir, readlink, rm } from "node:fs/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Guest } from "./fixtures/guest.mjs";
import { passwordFile } from "./fixtures/logins.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, isFree } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";

const run = promisify(execFile);
const NO_NEW_WORKER = fileURLToPath(
  new URL("fixtures/no_new_worker.c", import.meta.url),
);
const WORKERS = 2;
const SOON_MS = 15000; // on any machine

let folder, plant, gateway, guest;

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());

async function start(options = {}) {
  plant = await Plant.start({ workers: WORKERS, ...options });
  gateway = plant.gateway;
  guest = await enter();
}

async function stop() {
  guest?.destroy();
  await plant?.stop();
  plant = null;
}

async function enter() {
  const one = await Guest.open("mqtt5", { port: plant.port });
  await one.hears();
  return one;
}

const other = (changes) => plant.config({ routes: [mqttRoute(), ...changes] });
const exists = (name) => lstat(name).then(Boolean, () => false);

async function isUntouched() {
  assert.deepEqual(await gateway.workers(), plant.workers);
  await guest.hears();
  const one = await enter();
  one.destroy();
}

describe("a configuration that is not valid", () => {
  before(() => start());
  after(stop);
  afterEach(async () => {
    await isUntouched();
    const line = await gateway.reloaded({ text: plant.config() });
    assert.match(line, /nothing has changed/);
    await isUntouched();
  });

  async function isRefused(text, pattern) {
    const from = gateway.lines.length;
    const line = await gateway.notReloaded({ text });
    assert.match(line, /the configuration is not valid/);
    await gateway.line(pattern, { from });
  }

  test("by its syntax: all stays, and the log says where", () =>
    isRefused(
      `${plant.config()}\nworkers 2;\n`,
      /^error: configuration at=\S+postern\.conf:\d+ why=/,
    ));

  test("for an unknown setting: all stays, and the log names it", () =>
    isRefused(
      `${plant.config()}\nworkerz = 2;\n`,
      /^error: configuration at=\S+:\d+ why=.*workerz/,
    ));

  test("for an upstream that is not there: all stays", () => {
    const settings = plant.config().replace('upstream = "plant"', 'upstream = "x"');
    return isRefused(settings, /^error: configuration at=\S+:\d+ why=.*\bx\b/);
  });

  test("for several reasons: the log has all of them", async () => {
    const from = gateway.lines.length;
    const text = `${plant.config()}\nworkerz = 2;\nlisten = 3;\n`;
    await isRefused(text, /workerz/);
    await gateway.line(/"?listen\b/, { from });
  });

  test("for a secret that is not there: all stays", async () => {
    const login = {
      username: "web",
      password_file: folder.at("nowhere"),
      inject: true,
    };
    const text = plant
      .config()
      .replace("servers", `${settingsOf(login)} servers`)
      .replace("origins", "anonymous = true; origins");
    await isRefused(text, /^error: configuration .*nowhere/);
  });

  test("for a secret that others may read: all stays", async () => {
    const file = await passwordFile(folder, "secret", "known");
    await run("chmod", ["0644", file]);
    const login = { username: "web", password_file: file, inject: true };
    const text = plant
      .config()
      .replace("servers", `${settingsOf(login)} servers`)
      .replace("origins", "anonymous = true; origins");
    await isRefused(text, /^error: configuration .*secret/);
  });

  test("for a certificate that is not there: all stays", () => {
    const tls = 'tls = { certificate = "/no/cert"; key = "/no/key"; };';
    const text = plant.config().replace("port =", `${tls} port =`);
    return isRefused(text, /^error: configuration .*\/no\/cert/);
  });

  test("as it is not there: all stays", async () => {
    await rm(gateway.file);
    const line = await gateway.notReloaded();
    assert.match(line, /the configuration is not valid/);
    assert.match(gateway.lines.at(-2), /^error: .*No such file/);
  });
});

function settingsOf(group) {
  return Object.entries(group)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)};`)
    .join(" ");
}

describe("a configuration whose workers", () => {
  let library, switchFile;

  before(async () => {
    library = folder.at("no_new_worker.so");
    const built = ["-shared", "-fPIC", "-o", library, NO_NEW_WORKER, "-ldl"];
    await run("cc", built);
  });
  beforeEach(async () => {
    switchFile = folder.at("switch");
    await rm(switchFile, { force: true });
    await start({
      release: true, // a sanitizer must come before what is preloaded
      env: { LD_PRELOAD: library, NO_NEW_WORKER: switchFile },
      drain: { timeout_s: 2, spread_s: 0 },
    });
  });
  afterEach(stop);

  const added = () => other([mqttRoute({ path: "/new" })]);

  // Those that have just been forked and do not get on.
  async function hanging(count) {
    const find = async () => {
      const now = await gateway.workers();
      const found = now.filter((pid) => !plant.workers.includes(pid));
      return found.length === count && found;
    };
    return until(find, { deadline: SOON_MS, what: `${count} that hang` });
  }

  // A reload is under way and stays so until each of these is killed.
  async function hang(workers = WORKERS) {
    await folder.write("switch", "hang");
    await gateway.reconfigure(
      added().replace(/^workers = .*$/m, `workers = ${workers};`),
    );
    gateway.signal("SIGHUP");
    return hanging(workers);
  }

  // Its listening sockets: those that the master has as well.
  async function listeningOf(pid) {
    const of = async (one) =>
      Promise.all(
        (await readdir(`/proc/${one}/fd`)).map((fd) =>
          readlink(`/proc/${one}/fd/${fd}`).catch(() => ""),
        ),
      );
    const all = new Set(await of(gateway.pid));
    return (await of(pid)).filter((x) => /^socket/.test(x) && all.has(x));
  }

  const kill = (pids) => pids.forEach((pid) => process.kill(pid, "SIGKILL"));

  test("do not start comes to nothing, and nothing is left", async () => {
    const [port, path] = [await freePort(), folder.at("new.sock")];
    const listeners = [
      { address: "127.0.0.1", port: plant.port },
      { address: "127.0.0.1", port },
      { unix: path },
    ];
    for (let i = 0; i < 2; i++) {
      await folder.write("switch", "fail");
      const text = plant.config({ listeners, workers: 3 });
      const log = 'log = { format = "json"; };\n';
      const line = await gateway.notReloaded({ text: text + log });
      assert.match(line, /^error: .*a worker of the new configuration/);
      await until(
        async () => (await gateway.workers()).length === WORKERS,
        { deadline: SOON_MS, what: "the new ones are gone" },
      );
      await isUntouched();
      await until(() => isFree(port), { what: "a free port" });
      await until(async () => !(await exists(path)), { what: "no path" });
      assert.match(gateway.lines.at(-1), /^session /, "the log is as it was");
    }
    await rm(switchFile);
    await gateway.reloaded();
    await guest.hears();
  });

  test("hang and die comes to nothing", async () => {
    const hung = await hang();
    await guest.hears();
    const from = gateway.lines.length;
    let [victim] = hung;
    for (let i = 0; i < 3; i++) {
      kill([victim]);
      const next = async () => {
        if (gateway.lines.slice(from).some((x) => /reload failed/.test(x))) {
          return "the end";
        }
        const now = await gateway.workers();
        return now.find((pid) => ![...plant.workers, ...hung].includes(pid));
      };
      victim = await until(next, { deadline: SOON_MS, what: "another" });
      if (victim === "the end") break;
      hung.push(victim);
    }
    await gateway.line(/^error: reload failed/, { from, deadline: SOON_MS });
    await until(async () => (await gateway.workers()).length === WORKERS);
    await rm(switchFile);
    await isUntouched();
  });

  test("hang does not keep it from ending", async () => {
    await hang();
    gateway.signal("SIGTERM");
    await guest.expectEnd();
    const exit = await gateway.ended({ deadline: SOON_MS });
    assert.deepEqual(exit, { code: 0, signal: null });
    assert.doesNotMatch(gateway.lines.join("\n"), /^reload/m);
  });

  test("hang for a while: who serves is replaced all the same", async () => {
    const hung = await hang(2 * WORKERS);
    await rm(switchFile);
    const [victim] = plant.workers;
    const before = await listeningOf(victim);
    const from = gateway.lines.length;
    process.kill(victim, "SIGKILL");
    await gateway.line(/^error: worker died/, { from });
    const all = [...plant.workers, ...hung];
    const isNew = (pid) => !all.includes(pid);
    const next = await until(async () => (await gateway.workers()).find(isNew));
    for (let i = 0; i < 20; i++) (await enter()).destroy();
    assert.deepEqual(await listeningOf(next), before, "none of the next one's");
    kill(hung);
    const line = await gateway.line(/^reloaded/, { from, deadline: SOON_MS });
    assert.match(line, /generation 2 serves/);
    for (let i = 0; i < 20; i++) (await enter()).destroy();
  });

  test("hang for a while: who asks meanwhile gets the next one", async () => {
    const hung = await hang();
    const from = gateway.lines.length;
    for (let i = 0; i < 3; i++) gateway.signal("SIGHUP");
    await guest.hears();
    await rm(switchFile);
    kill(hung);
    await gateway.line(/^reloaded .*generation 2/, { from, deadline: SOON_MS });
    await gateway.line(/^reloaded .*nothing has changed/, { from, deadline: SOON_MS });
    await guest.hears();
  });
});

describe("SIGHUP", () => {
  beforeEach(() => start());
  afterEach(stop);

  test("twice at once is one reload or two, and both go well", async () => {
    await gateway.reconfigure(other([mqttRoute({ path: "/new" })]));
    gateway.signal("SIGHUP");
    gateway.signal("SIGHUP");
    await gateway.line(/^reloaded .*generation 2 serves/, { deadline: SOON_MS });
    await guest.hears();
    await gateway.reloaded({ text: other([]) });
    await guest.hears();
    assert.doesNotMatch(gateway.lines.join("\n"), /reload failed/);
  });

  test("after SIGTERM does nothing", async () => {
    const browser = await plant.open();
    await plant.reload({ drain: { timeout_s: 8, spread_s: 2 } });
    await gateway.reconfigure(other([mqttRoute({ path: "/new" })]));
    gateway.signal("SIGTERM");
    await gateway.line(/^draining/);
    const from = gateway.lines.length;
    gateway.signal("SIGHUP");
    const [end] = await Promise.all([
      browser.expectClose({ deadline: SOON_MS }),
      guest.expectEnd(),
    ]);
    assert.equal(end.code, 1001);
    const exit = await gateway.ended({ deadline: SOON_MS });
    assert.deepEqual(exit, { code: 0, signal: null });
    const said = gateway.lines.slice(from).join("\n");
    assert.doesNotMatch(said, /reload/);
  });

  test("and SIGTERM at once: it ends with 0", async () => {
    await gateway.reconfigure(other([mqttRoute({ path: "/new" })]));
    gateway.signal("SIGHUP");
    gateway.signal("SIGTERM");
    await guest.expectEnd();
    const exit = await gateway.ended({ deadline: SOON_MS });
    assert.deepEqual(exit, { code: 0, signal: null });
  });

  test("does not replace a worker of before that dies", async () => {
    const before = plant.workers;
    await plant.reload({ routes: [mqttRoute(), mqttRoute({ path: "/new" })] });
    const left = async () =>
      (await gateway.workers()).filter((pid) => before.includes(pid));
    // The one without the guest goes by itself.
    await until(async () => (await left()).length === 1);
    const [victim] = await left();
    const from = gateway.lines.length;
    process.kill(victim, "SIGKILL");
    await gateway.line(/^error: worker died/, { from });
    await until(async () => (await left()).length === 0);
    await gateway.reloaded({ text: plant.config() });
    assert.equal((await gateway.workers()).length, WORKERS);
    (await enter()).destroy();
  });

  test("and then a worker that dies: the next has the new rules", async () => {
    const seen = await gateway.workers(); // they leave when they like
    const isNew = (pid) => !seen.includes(pid);
    await plant.reload({ routes: [mqttRoute({ path: "/mqtt", ping_s: 7 })] });
    const from = gateway.lines.length;
    const now = (await gateway.workers()).filter(isNew);
    assert.equal(now.length, WORKERS);
    now.forEach((pid) => process.kill(pid, "SIGKILL"));
    seen.push(...now);
    const back = async () =>
      (await gateway.workers()).filter(isNew).length === WORKERS;
    await until(back, { deadline: SOON_MS, what: "others" });
    await gateway.line(/^error: worker died/, { from });
    (await enter()).destroy();
    await gateway.reloaded({ text: plant.config() });
  });
});
