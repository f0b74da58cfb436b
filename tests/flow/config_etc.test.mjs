// SPDX-License-Identifier: Apache-2.0
// Without -c it is /etc/postern/postern.conf that counts, whatever is on
// this machine: here the program sees an /etc of its own.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { skipUnlessOwnEtc, withOwnEtc } from "./fixtures/own_etc.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { Plant } from "./fixtures/plant.mjs";

const IN_ETC = "/etc/postern/postern.conf";
const CLEAN = configText({ port: 8083, brokerPort: 1883 });
const BAD = CLEAN.replace("workers = 1", "workers = 65");

describe("without -c", { skip: skipUnlessOwnEtc }, () => {
  let folder;

  before(async () => {
    folder = await Folder.create();
  });
  after(() => folder?.remove());

  // Runs these words with `text` as the file in /etc, or with none.
  async function run(words, text = null) {
    const file = text === null ? "" : await folder.write("etc.conf", text);
    return postern(words, { wrap: withOwnEtc(file) });
  }

  test("check, print-config and serve read the file in /etc", async () => {
    for (const command of ["check", "print-config", "serve"]) {
      const { code, out, err } = await run([command], BAD);
      assert.deepEqual([code, out], [78, ""], command);
      assert.ok(err.startsWith(`${IN_ETC}:1: "workers" wants`), err);
    }
  });

  test("check names it when it is good", async () => {
    const { code, out, err } = await run(["check"], CLEAN);
    const good = { code: 0, out: `${IN_ETC} is good\n`, err: "" };
    assert.deepEqual({ code, out, err }, good);
  });

  test("print-config prints it as it prints any other", async () => {
    const { code, out } = await run(["print-config"], CLEAN);
    const named = await postern([
      "print-config",
      "-c",
      await folder.write("named.conf", CLEAN),
    ]);
    assert.deepEqual([code, out], [0, named.out]);
  });

  test("-c is read instead of it", async () => {
    const named = await folder.write("named.conf", CLEAN);
    const { code, err } = await run(["check", "-c", named], BAD);
    assert.equal(code, 0, err);
  });

  test("serve with an option leaves it unread, one line says so", async () => {
    const plant = await Plant.start();
    try {
      const port = await freePort();
      const file = await folder.write("etc.conf", BAD);
      const upstream = `mqtt://127.0.0.1:${plant.wire.port}`;
      const gateway = await Gateway.start({
        args: ["--listen", `127.0.0.1:${port}`, "--upstream", upstream],
        wrap: withOwnEtc(file),
      });
      try {
        const isTold = (line) => /not read/.test(line) && line.includes(IN_ETC);
        assert.equal(gateway.lines.filter(isTold).length, 1);
        await (await plant.open({ port, origin: null })).leave();
      } finally {
        await gateway.stop();
      }
    } finally {
      await plant.stop();
    }
  });

  test("and without options no line is about it where there is none", async () => {
    const { code, err } = await run(["serve", "--listen", "x"]);
    assert.equal(code, 78);
    assert.doesNotMatch(err, /not read/);
  });
});
