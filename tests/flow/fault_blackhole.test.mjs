// SPDX-License-Identifier: Apache-2.0
// Fault F04: a broker that drops all it gets. Slow: the kernel's own timers
// run, for 20 seconds and more.
//
// Gateway and broker have a network of their own whose loopback interface
// is taken down; the browser comes in through a Unix path.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { configText } from "./fixtures/config.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import {
  runWithin,
  skipUnlessOwnNetwork as skip,
  within as wrapWithin,
  withOwnNetwork,
} from "./fixtures/namespace.mjs";
import { pingreq } from "./fixtures/packets.mjs";
import { Process } from "./fixtures/process.mjs";

const FOUND_MS = 30000;
const CONNECT_TIMEOUT_MS = 1000;
const PORT = 1883; // nobody else is in there
const BROKER = `
  const connack = Buffer.from("20020000", "hex");
  require("net")
    .createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes) => bytes[0] === 0x10 && socket.write(connack));
    })
    .listen(${PORT}, "127.0.0.1", () => console.error("listening"));`;

describe("F04: a broker that drops all it gets", { skip }, () => {
  let folder, path, gateway, broker;

  before(async () => {
    folder = await Folder.create();
    path = folder.at("ws.sock");
    const config = configText({
      listeners: [{ unix: path }],
      brokerPort: PORT,
      upstream: { connect_timeout_ms: CONNECT_TIMEOUT_MS },
    });
    gateway = await Gateway.start({ config, wrap: withOwnNetwork() });
    const [command, ...args] = wrapWithin(gateway.pid);
    args.push(process.execPath, "-e", BROKER);
    broker = new Process(command, args);
    await broker.line(/^listening/);
  });
  after(async () => {
    broker?.kill();
    await broker?.ended();
    await gateway?.stop();
    await folder?.remove();
  });

  const open = () => Browser.open({ path, host: "localhost" });

  test("is found within 30 seconds, by who sends and by who is silent", async () => {
    const talking = await open();
    const silent = await open();
    runWithin(gateway.pid, "ip", "link", "set", "lo", "down");
    const start = performance.now();
    const ends = [talking, silent].map(async (browser) => {
      const { code, reason } = await browser.expectClose({ deadline: FOUND_MS });
      assert.deepEqual([code, reason], [1012, "upstream_closed"]);
      return performance.now() - start;
    });
    talking.send(pingreq());
    const [sent, waited] = await Promise.all(ends);
    assert.ok(sent < FOUND_MS && waited < FOUND_MS, `${sent}, ${waited} ms`);
  });

  test("keeps nobody who comes later waiting", async () => {
    const browser = await Browser.arrive({ path, host: "localhost" });
    browser.connect();
    const { code } = await browser.expectClose({
      deadline: CONNECT_TIMEOUT_MS + 1000,
    });
    assert.equal(code, 1013);
  });
});
