// SPDX-License-Identifier: Apache-2.0
// MQTT.js in Node against a gateway that was started without any
// configuration, on the ports of the built-in default.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { isFree } from "../flow/fixtures/ports.mjs";
import {
  runInNamespace,
  runToEnd,
  whyNoNamespace,
} from "./fixtures/namespace.mjs";

const SCRIPT = fileURLToPath(new URL("node_default.mjs", import.meta.url));
const V4 = "127.0.0.1 localhost\n";
const V6 = "::1 localhost\n";

const reason = whyNoNamespace();

for (const [name, hosts, family] of [
  ["127.0.0.1 first", V4 + V6, "any"],
  ["127.0.0.1 alone", V4, "4"],
  ["::1 first", V6 + V4, "6"],
  ["::1 alone", V6, "6"],
]) {
  const skip = reason ? `no network of its own: ${reason}` : false;
  const options = { skip, timeout: 120000 };

  test(`the built-in default, localhost is ${name}`, options, async () => {
    const args = [family];
    const { code, text } = await runInNamespace(SCRIPT, { hosts, args });
    assert.equal(code, 0, text);
  });
}

test("the built-in default, here", { timeout: 120000 }, async (t) => {
  if (!reason) return t.skip("done in a network of its own");
  for (const port of [8083, 1883]) {
    if (!(await isFree(port))) return t.skip(`port ${port} is taken`);
  }
  const { code, text } = await runToEnd([process.execPath, SCRIPT, "any"]);
  assert.equal(code, 0, text);
});
