// SPDX-License-Identifier: Apache-2.0
// The checker of histories says so when a message is lost.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "./fixtures/ledger.mjs";

const COUNT = 1000;
const all = Array.from({ length: COUNT }, (_, i) => `up/a ${i}`);

// All are sent and acknowledged, those that `arrives` says yes to delivered.
function history(arrives) {
  const ledger = new Ledger();
  for (const message of all) ledger.send(message);
  for (const message of all) ledger.acknowledge(message);
  for (const message of all.filter(arrives)) ledger.deliver(message);
  return ledger;
}

test("a history in which everything arrives is whole", () => {
  const ledger = history(() => true);
  assert.deepEqual(ledger.missing(), []);
  assert.equal(ledger.isWhole, true);
  assert.equal(ledger.acknowledged, COUNT);
  assert.equal(ledger.inFlight, 0);
});

test("one in which a single message is dropped is not, wherever it is", () => {
  for (const lost of [all[0], all[437], all.at(-1)]) {
    const ledger = history((message) => message !== lost);
    assert.equal(ledger.isWhole, false);
    assert.deepEqual(ledger.missing(), [lost]);
  }
});

test("another message in its place does not hide it", () => {
  const ledger = history((message) => message !== all[5]);
  ledger.deliver("up/a 5 of somebody else");
  ledger.deliver(all[6]);
  assert.equal(ledger.isWhole, false);
  assert.deepEqual(ledger.missing(), [all[5]]);
  assert.equal(ledger.repeated, 1);
});

test("what was not acknowledged may be lost or not", () => {
  const ledger = new Ledger();
  for (const message of ["a", "b", "c"]) ledger.send(message);
  ledger.deliver("b");
  ledger.acknowledge("b");
  ledger.deliver("c");
  assert.deepEqual(ledger.missing(), []);
  assert.equal(ledger.inFlight, 2);
});

test("what was delivered twice is whole and counted", () => {
  const ledger = history(() => true);
  ledger.deliver(all[0]);
  assert.equal(ledger.isWhole, true);
  assert.equal(ledger.repeated, 1);
});

test("a test that says nonsense is told so", () => {
  const ledger = history(() => true);
  assert.throws(() => ledger.send(all[0]), /sent twice/);
  assert.throws(() => ledger.acknowledge(all[0]), /without need/);
  assert.throws(() => ledger.acknowledge("never sent"), /without need/);
});
