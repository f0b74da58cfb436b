// SPDX-License-Identifier: Apache-2.0
// What the gateway knows stays in it: its memory is for nobody else to read,
// and no library writes down what passes.
import assert from "node:assert/strict";
import { chmod, copyFile, readdir, readFile, stat } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { jsonRoutes } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";

const BUILT = new URL("../../build/gateway/postern", import.meta.url);
const PROGRAM = process.env.POSTERN ?? fileURLToPath(BUILT);
const NOBODY = 65534;
const ROOT = 0;

let folder;

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());

describe("a gateway of an ordinary user", () => {
  let gateway;

  before(async () => {
    const program = folder.at("postern");
    await copyFile(PROGRAM, program);
    await chmod(folder.path, 0o755);
    const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    const wrap = process.getuid() === ROOT ? ["setpriv", ...ids] : [];
    const args = ["--listen", `127.0.0.1:${await freePort()}`];
    gateway = await Gateway.start({ program, wrap, args });
  });
  after(() => gateway?.stop());

  // The kernel gives them to root when a process is not to be looked into.
  test("has memory and descriptors that are root's to read", async () => {
    for (const pid of [gateway.pid, ...(await gateway.workers())]) {
      const text = await readFile(`/proc/${pid}/status`, "utf8");
      assert.notEqual(Number(/^Uid:\s+(\d+)/m.exec(text)[1]), ROOT);
      for (const name of ["mem", "fd", "environ"]) {
        const { uid } = await stat(`/proc/${pid}/${name}`);
        assert.equal(uid, ROOT, `${name} of ${pid}`);
      }
    }
  });
});

test("a page's messages are not traced into a file", async () => {
  const plant = await Plant.start({
    routes: jsonRoutes(),
    env: {
      MQTT_C_CLIENT_TRACE: folder.at("trace"),
      MQTT_C_CLIENT_TRACE_LEVEL: "MAXIMUM",
      MQTT_C_CLIENT_TRACE_MAX_LINES: "100000",
    },
  });
  try {
    const page = await plant.page({ target: "/json5" });
    await page.publish("up/secret", "for nobody's eyes", { qos: 1 });
    await page.leave();
  } finally {
    await plant.stop();
  }
  const names = await readdir(folder.path);
  assert.deepEqual(names.filter((name) => /trace/.test(name)), []);
});
