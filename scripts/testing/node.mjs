// SPDX-License-Identifier: Apache-2.0
// The suites that node:test runs: flow, clients. Most files wait more than
// they work, so a few run at a time; one that measures says "Runs alone" in
// its first comment, and has the machine for itself afterwards.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { LATE, run } from "./command.mjs";
import { Tally } from "./tally.mjs";

const REPORTER = new URL("reporter.mjs", import.meta.url).href;
const SUFFIX = ".test.mjs";
const FILE_DEADLINE_S = 240;
const LANES = 3;
const ALONE = /^\/\/ .*\bRuns alone\b/m;

export async function runNode(folder, words, env) {
  const tally = new Tally();
  const names = await testFiles(folder, words);
  const alone = await namesAlone(folder, names);
  const shared = names.filter((name) => !alone.includes(name));
  const lane = async (queue) => {
    for (let name; (name = queue.shift()) !== undefined; ) {
      tally.add(await runNamed(folder, name, env));
    }
  };
  await Promise.all(Array.from({ length: LANES }, () => lane(shared)));
  await lane(alone);
  return tally;
}

async function namesAlone(folder, names) {
  const files = names.map((name) => readFile(path.join(folder, name), "utf8"));
  const texts = await Promise.all(files);
  return names.filter((name, i) => ALONE.test(texts[i]));
}

async function runNamed(folder, name, env) {
  const start = performance.now();
  const result = await runFile(path.join(folder, name), env);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const title = name.slice(0, -SUFFIX.length);
  console.log(`  ${title.padEnd(24)} ${result} (${seconds} s)`);
  for (const failure of result.failures) {
    failure.name = `${name}: ${failure.name}`;
  }
  return result;
}

async function testFiles(folder, words) {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .filter((name) => words.every((word) => name.includes(word)))
    .sort();
}

async function runFile(file, env) {
  const args = [`--test-reporter=${REPORTER}`, file];
  const { stdout, stderr, end } = await run(process.execPath, args, {
    stdio: "pipe",
    deadline_s: FILE_DEADLINE_S,
    env: { ...process.env, ...env },
  });
  const lines = stdout.split("\n").filter((line) => line.startsWith('{"name"'));
  const tally = count(lines.map((line) => JSON.parse(line)));
  const isExplained = end === 0 ? tally.count > 0 : tally.failed > 0;
  if (!isExplained || end === LATE) tally.fail(`ended: ${end}`, stderr);
  return tally;
}

function count(events) {
  const tally = new Tally();
  for (const { name, isGood, isSuite, isSkipped, failure, detail } of events) {
    if (failure === "subtestsFailed") continue; // counted by themselves
    if (isSkipped) tally.skip();
    else if (!isGood) tally.fail(name, detail);
    else if (!isSuite) tally.pass();
  }
  return tally;
}
