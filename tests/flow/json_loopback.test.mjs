// SPDX-License-Identifier: Apache-2.0
// The port of loopback where a worker's own clients come in is no door for
// anybody else on the machine.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";

import { jsonRoutes } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { Socket } from "./fixtures/socket.mjs";

const CONNECT_MS = 1000; // for a CONNECT that is known

describe("a worker's loopback port", () => {
  let plant, port, page;

  before(async () => {
    plant = await Plant.start({ workers: 1, routes: jsonRoutes() });
    [port] = listening(plant.workers[0]).filter((one) => one !== plant.port);
    page = await plant.page({ target: "/json5" });
  });
  after(async () => {
    await page?.leave();
    await plant?.stop();
  });

  // The ports of 127.0.0.1 that a process listens on.
  function listening(pid) {
    const text = execFileSync("ss", ["-ltnpH"], { encoding: "utf8" });
    return text
      .split("\n")
      .filter((line) => line.includes(`pid=${pid},`))
      .map((line) => /127\.0\.0\.1:(\d+)/.exec(line)?.[1])
      .filter(Boolean)
      .map(Number);
  }

  async function isCutOff(bytes, deadline) {
    const { connections } = plant.wire;
    const stranger = await Socket.open({ port });
    if (bytes) stranger.write(bytes);
    await stranger.untilEnded({ deadline });
    stranger.destroy();
    assert.equal(plant.wire.connections, connections);
    await page.publish("up/x", "there", { qos: 1 });
  }

  test("is only on 127.0.0.1", () => {
    assert.ok(port > 0);
    const text = execFileSync("ss", ["-ltnH", `sport = :${port}`]).toString();
    assert.match(text, /127\.0\.0\.1:/);
    assert.doesNotMatch(text, /0\.0\.0\.0:\d|\[::\]/);
  });

  test("cuts off who says nothing within a second", () =>
    isCutOff(null, CONNECT_MS + 1500));

  for (const level of [4, 5]) {
    test(`cuts off a CONNECT of level ${level} whose client id is no token`, () =>
      isCutOff(packets.connect({ level, clientId: "0".repeat(32) }), 500));
  }

  test("cuts off what is no CONNECT", () =>
    isCutOff(packets.publish({ topic: "up/x", payload: "x" }), 500));

  test("cuts off half a CONNECT", () =>
    isCutOff(packets.connect({}).subarray(0, 8), CONNECT_MS + 1500));

  test("still lets pages in while strangers crowd it", async () => {
    const crowd = [];
    for (let i = 0; i < 100; i++) crowd.push(await Socket.open({ port }));
    const other = await plant.page({ target: "/json5" });
    await other.connected();
    await other.leave();
    for (const stranger of crowd) {
      await stranger.untilEnded({ deadline: CONNECT_MS + 1500 });
      stranger.destroy();
    }
  });
});
