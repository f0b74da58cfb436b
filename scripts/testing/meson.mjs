// SPDX-License-Identifier: Apache-2.0
// The suites that meson runs: unit, fuzz, lint. Counted from its log, which
// has the output of each program; its own summary counts programs only.
import { readFile, rm } from "node:fs/promises";

import { run } from "./command.mjs";
import { Tally } from "./tally.mjs";
import { countTap } from "./tap.mjs";

export async function runMeson(folder, suite, words) {
  const tally = new Tally();
  const names = await testNames(folder, suite, words);
  if (names.length === 0) return tally;

  const log = `${folder}/meson-logs/testlog.json`;
  await rm(log, { force: true });
  const args = ["test", "-C", folder, "--no-rebuild", "--quiet", ...names];
  const { end } = await run("meson", args, { stdio: "pipe" });
  const results = await readLog(log);
  for (const name of names) {
    tally.add(countProgram(name, results.get(name)));
  }
  if (end !== 0 && tally.failed === 0) tally.fail(`meson test (${end})`);
  return tally;
}

async function testNames(folder, suite, words) {
  const args = ["introspect", folder, "--tests"];
  const { stdout } = await run("meson", args, { stdio: "pipe" });
  return JSON.parse(stdout)
    .filter((test) => test.suite.some((name) => name.endsWith(`:${suite}`)))
    .map((test) => test.name)
    .filter((name) => words.every((word) => name.includes(word)));
}

async function readLog(file) {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line !== "");
  const results = lines.map((line) => JSON.parse(line));
  return new Map(results.map((x) => [x.name.replace(/^.*? \/ /, ""), x]));
}

function countProgram(name, result) {
  const tally = new Tally();
  if (!result) {
    tally.fail(name, "it never ran");
    return tally;
  }
  const { stdout = "", stderr = "", returncode, result: verdict } = result;
  const tests = countTap(stdout);
  if (tests) tally.add(tests);
  else if (verdict === "OK") tally.pass();
  else if (verdict === "SKIP") tally.skip();
  for (const failure of tally.failures) {
    failure.name = `${name}: ${failure.name}`;
  }

  // Good tests do not excuse a crash, or a word of a sanitizer, after them.
  const isSkip = tally.skipped > 0 && (returncode === 0 || verdict === "SKIP");
  if (verdict !== "OK" && !isSkip && tally.failed === 0) {
    tally.fail(name, `${verdict}\n${stdout}${stderr}`);
  }
  return tally;
}
