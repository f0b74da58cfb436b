// SPDX-License-Identifier: Apache-2.0
// Counts the TAP that a cmocka program writes; null when it wrote none.
import { Tally } from "./tally.mjs";

const PLAN = /^1\.\.(\d+)/;
const RESULT = /^(not )?ok\b[ \d]*(?:- )?(.*)/;
const SKIPPED = /# SKIP/i; // cmocka calls it "not ok" all the same

export function countTap(text) {
  const tally = new Tally();
  let planned = 0;
  let remarks = []; // what is said after a result
  for (const line of text.split("\n")) {
    planned += Number(PLAN.exec(line)?.[1] ?? 0);
    const [, isBad, name] = RESULT.exec(line) ?? [];
    if (name === undefined) {
      remarks.push(line);
      continue;
    }
    remarks = [];
    if (SKIPPED.test(name)) tally.skip();
    else if (isBad) tally.fail(name, remarks);
    else tally.pass();
  }
  for (const failure of tally.failures) {
    failure.detail = failure.detail.join("\n");
  }
  if (planned === 0 && tally.count === 0) return null;
  while (tally.count < planned) tally.fail("a planned test never ran");
  return tally;
}
