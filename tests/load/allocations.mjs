// SPDX-License-Identifier: Apache-2.0
// Lets each allocation of the gateway fail, one after the other. See
// README.md.
import { sweepStart } from "../flow/fixtures/failing_start.mjs";
import { Hardship, SCENARIOS } from "../flow/fixtures/hardship.mjs";

const FIRST = Number(process.env.FIRST ?? 1);
const wanted = process.env.ONLY ?? "";
const note = process.env.VERBOSE ? console.log : undefined;

process.env.ASAN_OPTIONS ??= "detect_leaks=1:abort_on_error=0";
process.env.UBSAN_OPTIONS ??= "halt_on_error=1:print_stacktrace=1";
process.env.POSTERN ??= new URL(
  "../../build-test/gateway/postern",
  import.meta.url,
).pathname;

const hardship = await Hardship.start();
for (const scenario of Object.keys(SCENARIOS)) {
  if (!scenario.includes(wanted)) continue;
  const count = await hardship.sweep(scenario, { first: FIRST, note });
  console.log(`${scenario}: ${count} failures`);
}
await hardship.stop();
if ("start-up".includes(wanted)) {
  console.log(`start-up: ${(await sweepStart({ note })) - 1} failures`);
}
