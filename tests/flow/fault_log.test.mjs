// SPDX-License-Identifier: Apache-2.0
// Fault F14: nobody takes the log. Its lines are dropped and counted, sessions
// do not feel it, and when somebody takes them again the log says how many
// were lost.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import * as files from "node:fs";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { Admin } from "./fixtures/admin.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { each, until } from "./fixtures/wait.mjs";

const run = promisify(execFile);
const SESSIONS = 800; // with two lines each: more than any pipe holds
const AT_ONCE = 20;
const SMALL_FILE = 8192;
const TOLD = /^warning: log lines dropped count=(\d+)$/;
const WHOLE =
  /^(session \S+ (opened|closed) |listening on |admin on |ready |warning: log lines dropped |draining )/;

// Where a log may go. `open` gives a descriptor for the gateway; `reopen`
// takes what waits there, and what will come, and gives all that was said.
class Pipe {
  constructor(folder) {
    this.path = folder.at("pipe");
    this.text = "";
  }

  async open() {
    await run("mkfifo", [this.path]);
    const { O_RDONLY, O_NONBLOCK } = constants;
    this.reader = files.openSync(this.path, O_RDONLY | O_NONBLOCK);
    return files.openSync(this.path, "w");
  }

  said() {
    const buffer = Buffer.alloc(1 << 20);
    try {
      for (;;) {
        const count = files.readSync(this.reader, buffer);
        if (count === 0) break;
        this.text += buffer.toString("utf8", 0, count);
      }
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
    return this.text;
  }

  close() {
    files.closeSync(this.reader);
  }
}

// A file that may not grow, until it may.
class SmallFile {
  wrap = ["prlimit", `--fsize=${SMALL_FILE}:unlimited`];

  constructor(folder) {
    this.path = folder.at("log");
  }

  async open() {
    return files.openSync(this.path, "a");
  }

  async reopen({ gateway, workers }) {
    for (const pid of [gateway.pid, ...workers]) {
      await run("prlimit", ["--pid", `${pid}`, "--fsize=unlimited:unlimited"]);
    }
  }

  said() {
    return files.readFileSync(this.path, "utf8");
  }
}

class Full {
  async open() {
    return files.openSync("/dev/full", "w");
  }
}

// A pipe that nobody will ever read again.
class BrokenPipe extends Pipe {
  async open() {
    const fd = await super.open();
    super.close();
    return fd;
  }

  close() {}
}

// What journald gives a service: the fixture's own is one.
class Socket {
  async open() {
    return null;
  }

  begin({ gateway }) {
    this.gateway = gateway;
    gateway.pauseLog();
  }

  reopen() {
    this.gateway.resumeLog();
  }

  said() {
    return this.gateway.lines.map((line) => `${line}\n`).join("");
  }
}

const KINDS = [
  { name: "a pipe that nobody reads", Kind: Pipe },
  { name: "a pipe whose reader is gone", Kind: BrokenPipe, isRead: false },
  { name: "a socket that nobody reads", Kind: Socket },
  { name: "a file that may not grow", Kind: SmallFile, workers: 1 },
  { name: "a full disk", Kind: Full, isRead: false },
];

for (const { name, Kind, workers = 2, isRead = true } of KINDS) {
  describe(`F14: stderr is ${name}`, () => {
    let folder, plant, admin, kind;
    let sessions = 0;

    before(async () => {
      folder = await Folder.create();
      kind = new Kind(folder);
      const stderr = await kind.open();
      admin = new Admin(await freePort());
      plant = await Plant.start({
        workers,
        stderr,
        wrap: kind.wrap ?? [],
        admin: admin.setting,
      });
      if (stderr !== null) files.closeSync(stderr);
      await plant.unaffected();
      kind.begin?.(plant);
    });
    after(async () => {
      await plant?.stop();
      kind.close?.();
      await folder?.remove();
    });

    const dropped = async () =>
      (await admin.metrics()).value("postern_log_dropped_total");

    test("sessions come, speak and go all the same", async () => {
      await each(SESSIONS, AT_ONCE, async (i) => {
        const browser = await plant.open();
        await browser.subscribe(`mine/${i}`);
        browser.publish(`mine/${i}`, "heard");
        await browser.message();
        await browser.leave();
      });
      await plant.unaffected();
    });

    test("what was lost is counted", async () => {
      await until(dropped, { what: "lines that were lost" });
    });

    if (!isRead) return;

    test("the log says how many, as soon as it is read", async () => {
      sessions = (await admin.metrics()).sum("postern_sessions_opened_total");
      await kind.reopen?.(plant);
      const lines = () => kind.said().split("\n");
      const told = () =>
        lines().reduce((sum, line) => sum + Number(TOLD.exec(line)?.[1] ?? 0), 0);
      const isAll = async () => told() > 0 && told() === (await dropped());
      await until(isAll, { deadline: 10000, what: "the number of those lost" });
      // The bystander's session is not over yet.
      const seen = lines().filter((line) =>
        /^session \S+ (opened|closed) .*[=\d"]$/.test(line),
      );
      assert.equal(seen.length + told(), 2 * sessions - 1);
    });

    test("no line is within another", () => {
      const lines = kind.said().split("\n").slice(0, -1);
      for (const line of lines) {
        assert.equal(line.match(/session \S+ (opened|closed)/g)?.length ?? 1, 1);
        assert.match(line, WHOLE);
      }
    });
  });
}

test("F14: without a stderr it runs, and no socket gets its lines", async () => {
  const stderr = files.openSync("/dev/null", "w");
  const plant = await Plant.start({
    stderr,
    wrap: ["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh"],
  });
  files.closeSync(stderr);
  for (let i = 0; i < 20; i++) await (await plant.open()).leave();
  await plant.unaffected();
  const kept = Buffer.concat(plant.wire.links.map((link) => link.kept));
  assert.ok(!kept.includes("session"), "the broker has seen a line");
  const names = await plant.gateway.descriptorNames();
  assert.equal(names.filter((name) => name === "/dev/null").length, 3);
  await plant.stop();
});
