// SPDX-License-Identifier: Apache-2.0
// The suites that node:test runs: flow, clients.
import { readdir } from "node:fs/promises";
import path from "node:path";

import { run } from "./command.mjs";
import { Tally } from "./tally.mjs";

const REPORTER = new URL("reporter.mjs", import.meta.url).href;
const AT_A_TIME = 2;
const IS_TEST_FILE = /\.test\.mjs$/;

export async function runNode(folder, words, env) {
  const files = await testFiles(folder, words);
  if (files.length === 0) return new Tally();

  const args = ["--test", `--test-reporter=${REPORTER}`];
  args.push(`--test-concurrency=${AT_A_TIME}`, ...files);
  const { text, end } = await run(process.execPath, args, {
    stdout: "pipe",
    env: { ...process.env, ...env },
  });
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  const tally = count(lines.map((line) => JSON.parse(line)));
  if (end !== 0 && tally.failed === 0) tally.fail(`node --test (${end})`);
  return tally;
}

async function testFiles(folder, words) {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => IS_TEST_FILE.test(name))
    .filter((name) => words.every((word) => name.includes(word)))
    .map((name) => path.resolve(folder, name));
}

function count(events) {
  const tally = new Tally();
  for (const { file, name, isGood, isSuite, isSkipped, ...rest } of events) {
    if (name === undefined) continue; // a piece of stderr
    if (rest.failure === "subtestsFailed") continue; // counted by themselves

    const isFile = IS_TEST_FILE.test(name); // its end, or all that it came to
    const said = isFile ? saidBy(file ?? name, events) : "";
    if (isSkipped) tally.skip();
    else if (!isGood) tally.fail(title(file, name), rest.detail + said);
    else if (!isSuite && !isFile) tally.pass();
  }
  return tally;
}

function saidBy(file, events) {
  const pieces = events.filter((event) => event.said && event.file === file);
  return ["", ...pieces.map((event) => event.said)].join("\n");
}

function title(file, name) {
  const place = path.basename(file ?? name);
  return place === path.basename(name) ? place : `${place}: ${name}`;
}
