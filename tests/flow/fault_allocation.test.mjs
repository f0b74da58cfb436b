// SPDX-License-Identifier: Apache-2.0
// Fault F13: there is no memory for one thing. Whatever that is, nothing
// crashes, who is there goes on, and the next one is served.
//
// Some of all allocations fail here; tests/load/allocations.mjs tries each.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { sweepStart } from "./fixtures/failing_start.mjs";
import { Hardship, SCENARIOS } from "./fixtures/hardship.mjs";

const STEP = 4;
const STEPS = { "a json page that does not read": 30 };

describe("F13: an allocation fails", () => {
  let hardship;

  before(async () => (hardship = await Hardship.start()));
  after(() => hardship?.stop());

  for (const scenario of Object.keys(SCENARIOS)) {
    test(`in ${scenario}`, async (t) => {
      const step = STEPS[scenario] ?? STEP;
      const count = await hardship.sweep(scenario, { step });
      t.diagnostic(`${count} failures`);
      assert.ok(count > 0, "none at all");
    });
  }
});

test("F13: an allocation fails at start-up", async (t) => {
  const count = await sweepStart({ step: STEP });
  t.diagnostic(`${count} allocations`);
  assert.ok(count > 50, `${count} only`);
});
