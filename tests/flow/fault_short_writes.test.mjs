// SPDX-License-Identifier: Apache-2.0
// Fault F30: a network whose calls are interrupted, come back later and do
// one octet at a time. What passes arrives whole, and nothing spins.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { makeCertificate } from "./fixtures/certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { sharesDuring, throughout } from "./fixtures/processor.mjs";
import { Socket } from "./fixtures/socket.mjs";

const run = promisify(execFile);
const SOURCE = fileURLToPath(
  new URL("fixtures/short_writes.c", import.meta.url),
);
const MIB = 1024 * 1024;

describe("F30: a network of interruptions and single octets", () => {
  let folder, plant, ways;

  before(async () => {
    folder = await Folder.create();
    const library = folder.at("short_writes.so");
    await run("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]);
    const { certificate, key, ca } = await makeCertificate(folder);
    const [ws, wss] = await freePorts(2);
    const address = "127.0.0.1";
    ways = { ws: { port: ws }, wss: { port: wss, secure: { ca } } };
    plant = await Plant.start({
      release: true, // a sanitizer wants to be the first that is loaded
      env: { LD_PRELOAD: library },
      listeners: [
        { address, port: ws },
        { address, port: wss, tls: { certificate, key } },
      ],
    });
    plant.port = ws;
    // Node 18's asynchronous readFile ends at the first page of such a file.
    const maps = readFileSync(`/proc/${plant.workers[0]}/maps`, "utf8");
    assert.ok(maps.includes(library), "it is loaded");
  });
  after(async () => {
    await plant?.stop();
    await folder?.remove();
  });

  for (const scheme of ["ws", "wss"]) {
    test(`${scheme}: a megabyte arrives whole, both ways`, async () => {
      const payload = randomBytes(MIB);
      const browser = await plant.open(ways[scheme]);
      await browser.subscribe("whole");
      browser.publish("whole", payload);
      const message = await browser.message({ deadline: 20000 });
      assert.ok(message.payload.equals(payload));
      await browser.leave();
    });

    test(`${scheme}: many small messages arrive in order`, async () => {
      const COUNT = 2000;
      const browser = await plant.open(ways[scheme]);
      await browser.subscribe("small");
      for (let i = 0; i < COUNT; i++) browser.publish("small", String(i));
      for (let i = 0; i < COUNT; i++) {
        const { payload } = await browser.message({ deadline: 20000 });
        assert.equal(payload.toString(), String(i));
      }
      await browser.leave();
    });

    for (const level of LEVELS) {
      test(`${scheme}, ${VERSION_NAMES[level]}: sessions come and go`, async () => {
        for (let i = 0; i < 20; i++) {
          const browser = await plant.open({ ...ways[scheme], level });
          browser.publish("come", "and go");
          await browser.leave();
        }
      });
    }
  }

  test("nothing spins while sessions are idle", async () => {
    const browsers = [];
    for (const way of Object.values(ways)) {
      for (let i = 0; i < 10; i++) browsers.push(await plant.open(way));
    }
    const half = await Socket.open(ways.ws);
    half.write("GET /mqtt HTTP/1.1\r\n");
    const pids = [plant.gateway.pid, ...plant.workers];
    const shares = await sharesDuring(pids, () => throughout(1500, () => {}));
    assert.ok(Math.max(...shares) < 0.03, `${shares} of a processor`);
    half.destroy();
    for (const browser of browsers) await browser.leave();
  });

  test("nothing spins while a browser takes nothing", async () => {
    for (const way of Object.values(ways)) {
      const browser = await plant.open(way);
      await browser.subscribe("stalled");
      browser.websocket.pause();
      for (let i = 0; i < 8; i++) browser.publish("stalled", randomBytes(MIB));
      const { wire } = plant;
      await wire.until(() => wire.links.at(-1).up > 8 * MIB, { deadline: 20000 });
      const shares = await sharesDuring(plant.workers, () =>
        throughout(1000, () => {}),
      );
      assert.ok(Math.max(...shares) < 0.05, `${shares} of a processor`);
      browser.destroy();
    }
  });

  test("no session was lost and no worker", async () => {
    assert.deepEqual(await plant.gateway.workers(), plant.workers);
    const ends = plant.gateway.lines
      .map((line) => /^session \S+ closed reason=(\w+)/.exec(line)?.[1])
      .filter((word) => word && !word.startsWith("browser_"));
    assert.deepEqual(ends, []);
  });
});
