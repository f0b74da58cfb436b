// SPDX-License-Identifier: Apache-2.0
// Runs the suites and counts. Started by scripts/test, which explains.
import { run } from "./command.mjs";
import { runMeson } from "./meson.mjs";
import { runNode } from "./node.mjs";
import { Tally } from "./tally.mjs";

const SANITIZED = [
  "build-test",
  "-Db_sanitize=address,undefined",
  "-Dbuildtype=debugoptimized",
];
const RELEASE = ["build"];

const SUITES = {
  unit: { run: (words) => runMeson("build-test", "unit", words) },
  fuzz: { run: (words) => runMeson("build-test", "fuzz", words) },
  lint: { run: (words) => runMeson("build-test", "lint", words) },
  flow: node("tests/flow"),
  clients: node("tests/clients"),
  recipes: node("tests/recipes"),
  packages: node("tests/packages"),
};

function node(folder) {
  return { run: (words) => runNode(folder, words, env), isWired: true };
}

const env = {
  POSTERN: `${process.cwd()}/build-test/gateway/postern`,
  POSTERN_RELEASE: `${process.cwd()}/build/gateway/postern`,
  // The tree may belong to somebody else than root, who runs the tests.
  GIT_CONFIG_GLOBAL: `${process.cwd()}/scripts/testing/gitconfig`,
};
process.env.ASAN_OPTIONS ??= "detect_leaks=1:abort_on_error=0";
process.env.UBSAN_OPTIONS ??= "halt_on_error=1:print_stacktrace=1";

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(name, () => process.exit(1));
}

const total = new Tally();
await runAll(process.argv.slice(2)).catch((error) => {
  total.fail("scripts/test itself", error.stack);
});
for (const { name, detail } of total.failures) {
  console.log(`\nFAILED ${name}\n${detail.replace(/^(?=.)/gm, "    ")}`);
}
console.log(`\n${total}`);
process.exitCode = total.isGood ? 0 : 1;

async function runAll(args) {
  const chosen = args.filter((word) => word in SUITES);
  const words = args.filter((word) => !(word in SUITES));
  const names = chosen.length > 0 ? chosen : Object.keys(SUITES);

  if (!(await prepare(names))) return;
  for (const name of names) {
    const start = performance.now();
    const tally = await SUITES[name].run(words);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (tally.count === 0 && words.length === 0) {
      tally.fail(name, "this suite has no tests");
    }
    console.log(`${name.padEnd(8)} ${tally} (${seconds} s)`);
    total.add(tally);
  }
}

// Builds what the suites need.
async function prepare(names) {
  const steps = [["scripts/build", ...SANITIZED]];
  if (names.some((name) => SUITES[name].isWired)) {
    steps.push(["scripts/build", ...RELEASE], ["scripts/npm-ci", "tests"]);
  }
  for (const [command, ...args] of steps) {
    const { end } = await run(command, args);
    if (end === 0) continue;
    total.fail([command, ...args].join(" "), `it ended with ${end}, see above`);
    return false;
  }
  return true;
}
