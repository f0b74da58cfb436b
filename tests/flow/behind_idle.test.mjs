// SPDX-License-Identifier: Apache-2.0
// Sessions that say nothing outlive the time-outs that nginx (60 s) and
// HAProxy (50 s) have when nobody sets them: the gateway's pings see to it.
// All are held at once, for a little longer than that; tests/load/idle.mjs
// holds them for minutes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Behind, WAYS } from "./fixtures/behind.mjs";
import { Idlers, ROUTES } from "./fixtures/idlers.mjs";

const HOLD_MS = 70000;
const PROXIES = Object.keys(WAYS).filter((name) => name !== "direct");

describe("idle sessions", { concurrency: true }, () => {
  const idlers = {};
  const held = {}; // how it went, by way
  let behind, silence;

  before(async () => {
    behind = await Behind.start({ routes: ROUTES });
    for (const name of PROXIES) {
      idlers[name] = await Idlers.open(behind.way(WAYS[name].at));
    }
    const hold = async (name) => {
      held[name] = await idlers[name].idle(HOLD_MS).catch((error) => error);
    };
    silence = Promise.all(PROXIES.map(hold));
  });
  after(async () => {
    for (const one of Object.values(idlers)) one.close();
    await behind?.stop();
  });

  for (const name of PROXIES) {
    test(`live through ${WAYS[name].title}`, async () => {
      await silence;
      assert.ifError(held[name]);
      await idlers[name].speak(name);
    });

    test(`without pings are cut by ${WAYS[name].title}`, () =>
      idlers[name].untilCut(2 * HOLD_MS));
  }
});
