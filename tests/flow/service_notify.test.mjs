// SPDX-License-Identifier: Apache-2.0
// What the master tells a service manager (sd_notify), and when: ready only
// when all listeners accept, the end when it begins, and that it is alive for
// as long as its loop turns.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, describe, test } from "node:test";

import { compile } from "./fixtures/compile.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { Process } from "./fixtures/process.mjs";
import { still, until } from "./fixtures/wait.mjs";

const ADDRESS = "127.0.0.1";
const WATCHDOG = "WATCHDOG=1";
const WATCHDOG_US = "200000";

let folder, program, manager, plant;
let number = 0;

before(async () => {
  folder = await Folder.create();
  program = await compile("notify_receiver", folder);
});
after(() => folder?.remove());
afterEach(async () => {
  await plant?.stop();
  plant = null;
  manager?.kill("SIGCONT");
  manager?.kill();
  await manager?.ended();
  manager = null;
});

// A gateway, and at `name` somebody who listens to what it says.
async function start({ name = folder.at(`notify${++number}`), ...more } = {}) {
  manager = new Process(program, [name]);
  await manager.line(/^receiver is there/);
  const { env = {}, ...settings } = more;
  plant = await Plant.start({
    env: { NOTIFY_SOCKET: name, ...env },
    ...settings,
  });
}

const said = () => manager.lines.slice(1);
const feeds = () => said().filter((line) => line === WATCHDOG).length;
const hears = (line, options) => until(() => said().includes(line), options);

describe("a manager that wants to know", () => {
  test("hears READY, with workers and listeners", async () => {
    const ports = await freePorts(3);
    const listeners = ports.map((port) => ({ address: ADDRESS, port }));
    await start({ workers: 2, listeners });
    await hears("READY=1;STATUS=2 workers, 3 listeners");
    assert.equal(said().length, 1, `${said()}`);
  });

  test("hears it at an abstract address", async () => {
    await start({ name: `@postern-${process.pid}-${++number}` });
    await hears("READY=1;STATUS=1 workers, 1 listeners");
  });

  test("hears RELOADING and when, then READY again", async () => {
    await start();
    await hears("READY=1;STATUS=1 workers, 1 listeners");
    await plant.gateway.reloaded();
    await until(() => said().length === 3, { what: "two words more" });
    const [, reloading, ready] = said();
    assert.match(reloading, /^RELOADING=1;MONOTONIC_USEC=\d+/);
    assert.equal(ready, "READY=1;STATUS=1 workers, 1 listeners");
  });

  test("hears it of a reload that fails, too", async () => {
    await start();
    await plant.gateway.notReloaded({ text: "no configuration" });
    await until(() => said().length === 3, { what: "two words more" });
    assert.equal(said()[2], "READY=1;STATUS=1 workers, 1 listeners");
  });

  test("hears nothing more for a worker that dies", async () => {
    await start();
    process.kill(plant.workers[0], "SIGKILL");
    await plant.gateway.line(/^error: worker died/);
    await (await plant.open()).leave();
    assert.equal(said().length, 1, `${said()}`);
  });

  test("hears STOPPING when the end begins, with the sessions", async () => {
    await start({ drain: { timeout_s: 5, spread_s: 0 } });
    const browsers = [await plant.open(), await plant.open()];
    await plant.gateway.line(/^session w1-2 opened/);
    plant.gateway.signal("SIGTERM");
    await hears("STOPPING=1;STATUS=draining, 2 sessions");
    await plant.gateway.ended();
    for (const browser of browsers) browser.destroy();
    assert.equal(said().length, 2, `${said()}`);
  });
});

describe("a manager with a watchdog", () => {
  const env = { WATCHDOG_USEC: WATCHDOG_US };

  test("is fed for as long as the master's loop turns", async () => {
    await start({ env });
    const { pid } = plant.gateway;
    await until(() => feeds() > 3, { what: "to be fed" });
    process.kill(pid, "SIGSTOP");
    try {
      await until(async () => (await stateOf(pid)) === "T");
      await still(feeds);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    const before = feeds();
    await until(() => feeds() > before + 3, { what: "to be fed again" });
  });

  test("is fed while a worker hangs: that is the master's to mend", async () => {
    await start({ env });
    const [worker] = plant.workers;
    process.kill(worker, "SIGSTOP");
    const before = feeds();
    await until(() => feeds() > before + 3, { what: "to be fed" });
    process.kill(worker, "SIGCONT");
  });

  test("is fed when it means this process", async () => {
    // The shell's number becomes the gateway's.
    const wrap = ["sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh"];
    await start({ env, wrap });
    await until(() => feeds() > 3, { what: "to be fed" });
  });

  test("is not fed when it means another process", async () => {
    await start({ env: { ...env, WATCHDOG_PID: "1" } });
    await hears("READY=1;STATUS=1 workers, 1 listeners");
    await still(() => said().length);
    assert.equal(feeds(), 0);
  });

  test("that takes nothing keeps nobody from working", async () => {
    await start({ env: { WATCHDOG_USEC: "2000" } });
    await until(() => feeds() > 0, { what: "to be fed" });
    manager.kill("SIGSTOP");
    await until(async () => (await stateOf(manager.pid)) === "T");
    process.kill(plant.workers[0], "SIGKILL");
    await plant.gateway.line(/^error: worker died/);
    await (await plant.open()).leave();
    await plant.stop();
    plant = null;
  });
});

describe("without a manager that listens", () => {
  test("the gateway works when the socket is not there", async () => {
    const env = { NOTIFY_SOCKET: folder.at("nobody"), WATCHDOG_USEC: "2000" };
    plant = await Plant.start({ env });
    await (await plant.open()).leave();
  });

  for (const [what, name] of [
    ["no address", "what"],
    ["empty", ""],
    ["too long", `/${"x".repeat(200)}`],
  ]) {
    test(`it works when the name is ${what}, and says so`, async () => {
      plant = await Plant.start({ env: { NOTIFY_SOCKET: name } });
      await plant.gateway.line(/^warning: the service manager cannot be told/);
      await (await plant.open()).leave();
    });
  }
});

async function stateOf(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2)[0];
}
