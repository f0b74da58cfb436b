// SPDX-License-Identifier: Apache-2.0
// A refused handshake leaves a line that helps the operator, and cannot be
// used to forge lines or to fill the disk.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Plant } from "./fixtures/plant.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const BURST = 200;
const LINES_A_SECOND = 20; // more than the limit is, far from BURST

describe("a refused handshake", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
  });
  after(() => plant?.stop());

  async function refused(status, options) {
    const answer = await handshake({ port: plant.port, ...options });
    answer.socket.destroy();
    assert.equal(answer.status, status, answer.line);
  }

  test("has its reason and path in the log", async () => {
    await refused(404, { target: "/nowhere" });
    const line = await plant.gateway.line(/reason="?no_route"?/);
    assert.match(line, /^warning: /);
    assert.match(line, /path="?\/nowhere"?/);
    assert.match(line, /from="?127\.0\.0\.1:\d+"?/);
  });

  test("has its origin in the log, to paste into the file", async () => {
    const origin = "https://paste.example.org:8443";
    await refused(403, { origin });
    const line = await plant.gateway.line(/reason="?origin_unknown"?/);
    assert.ok(line.includes(origin), line);
  });

  test("cannot put control characters into the log", async () => {
    const from = plant.gateway.lines.length;
    await refused(403, { origin: 'https://x\x1b[31m" reason=forged' });
    const line = await plant.gateway.line(/reason=.?origin_malformed/, {
      from,
    });
    assert.doesNotMatch(line, /[\x00-\x1f\x7f-\xff]/);
    assert.doesNotMatch(line, /[^\\]" reason=forged/);
  });

  test("leaves no trace of a token in the query", async () => {
    await refused(404, { target: "/ticketed?ticket=s3cret" });
    const line = await plant.gateway.line(/ticketed/);
    assert.doesNotMatch(line, /s3cret/);
  });

  test("is not logged more often than the limit", async () => {
    const from = plant.gateway.lines.length;
    const start = performance.now();
    for (let i = 0; i < BURST; i++) await refused(404, { target: "/burst" });
    const seconds = 1 + Math.ceil((performance.now() - start) / 1000);
    const lines = plant.gateway.lines.slice(from);
    assert.ok(lines.length < LINES_A_SECOND * seconds, `${lines.length} lines`);
    assert.ok(lines.length < BURST, `${lines.length} lines`);
  });
});
