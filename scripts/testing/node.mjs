// SPDX-License-Identifier: Apache-2.0
// The suites that node:test runs: flow, clients.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";

import { run } from "./command.mjs";
import { Tally } from "./tally.mjs";

const REPORTER = new URL("reporter.mjs", import.meta.url).href;
const AT_A_TIME = 2;

export async function runNode(folder, words, env) {
  const tally = new Tally();
  const files = await testFiles(folder, words);
  if (files.length === 0) return tally;

  const args = ["--test", `--test-reporter=${REPORTER}`];
  args.push(`--test-concurrency=${AT_A_TIME}`, ...files);
  const { text, end } = await run(process.execPath, args, {
    stdout: "pipe",
    env: { ...process.env, ...env },
  });
  for (const line of text.split("\n")) {
    if (line.startsWith("{")) count(tally, JSON.parse(line));
  }
  if (end !== 0 && tally.failed === 0) tally.fail(`node --test (${end})`);
  return tally;
}

async function testFiles(folder, words) {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names
    .filter((name) => name.endsWith(".test.mjs"))
    .filter((name) => words.every((word) => name.includes(word)))
    .map((name) => path.resolve(folder, name));
}

function count(tally, event) {
  const { name, file, isGood, isSuite, isSkipped, failure, detail } = event;
  if (failure === "subtestsFailed") return; // they are counted themselves
  if (isSkipped) tally.skip();
  else if (!isGood) tally.fail(`${file ? path.basename(file) : ""}: ${name}`, detail);
  else if (!isSuite && !isFile(name)) tally.pass();
}

// Node 18 reports a file like a test.
function isFile(name) {
  return name.endsWith(".test.mjs");
}
