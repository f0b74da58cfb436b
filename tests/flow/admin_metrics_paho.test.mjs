// SPDX-License-Identifier: Apache-2.0
// When the thread that owns the gateway's own clients does not keep up,
// /metrics says so.
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Admin } from "./fixtures/admin.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL("fixtures/hold_paho.c", import.meta.url));
const PAGES = 3;
const THREAD = 'postern_paho_queue{waits_for="thread"}';
const ANSWER = 'postern_paho_queue{waits_for="answer"}';

describe("/metrics, when Paho takes its time", () => {
  let folder, plant, admin, held;

  before(async () => {
    folder = await Folder.create();
    held = folder.at("held");
    const library = folder.at("hold_paho.so");
    await run("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]);
    admin = new Admin(await freePort());
    plant = await Plant.start({
      release: true, // a sanitizer wants to be the first that is loaded
      env: { LD_PRELOAD: library, HOLD_PAHO: held },
      admin: admin.setting,
      routes: [mqttRoute(), jsonRoute()],
    });
  });
  after(async () => {
    await rm(held, { force: true });
    await plant?.stop();
    await folder?.remove();
  });

  test("has all that waits for its thread, and then nothing", async () => {
    const pages = [];
    for (let i = 0; i < PAGES; i++) pages.push(await plant.page());
    await admin.is(THREAD, (count) => count === 0);
    await folder.write("held", "");
    const publish = { type: "publish", topic: "t", payload: "x", qos: 1 };
    const asked = pages.map((page) => page.start(publish));
    await admin.is(THREAD, (count) => count >= PAGES);
    await admin.is(ANSWER, (count) => count === PAGES);
    await plant.unaffected();
    await rm(held);
    for (const [i, page] of pages.entries()) await page.answer(asked[i]);
    await admin.is(THREAD, (count) => count === 0);
    await admin.is(ANSWER, (count) => count === 0);
    for (const page of pages) await page.leave();
  });
});
