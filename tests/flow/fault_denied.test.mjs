// SPDX-License-Identifier: Apache-2.0
// Fault F35: a system call that is denied, as a filter of system calls or a
// limit of the container does it. At the start the gateway ends and names the
// call; it neither hangs nor tries for ever.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { postern } from "./fixtures/command.mjs";
import { compileLibrary } from "./fixtures/compile.mjs";
import { configText, jsonRoutes } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";
import { throughout } from "./fixtures/processor.mjs";
import { Socket } from "./fixtures/socket.mjs";

const DENIED = "Operation not permitted";
const DEADLINE_MS = 60000; // strace is slow

// What the line says, by the call that is denied from the first time on.
const CALLS = {
  prlimit64: "call=getrlimit",
  pipe2: "call=pipe2",
  epoll_create1: "call=uv_loop_init",
  eventfd2: "call=uv_loop_init",
  socket: "cannot listen listener=127.0.0.1:",
  bind: "cannot listen listener=127.0.0.1:",
  listen: "cannot listen listener=127.0.0.1:",
  socketpair: "cannot start a worker what=socketpair",
  clone: "cannot start a worker what=fork",
  clone3: "call=uv_thread_create",
  getsockname: "call=getsockname",
};
const MEASURED_MS = 1000;
const MOST_ACCEPTS = 200; // of two sockets that rest for 100 ms

const skip = skipUnlessStrace();
let folder, file;

before(async () => {
  folder = await Folder.create();
  const [port, adminPort] = await freePorts(2);
  const text = configText({
    port,
    brokerPort: 1,
    workers: 2,
    routes: jsonRoutes(),
    admin: { listen: `127.0.0.1:${adminPort}` },
  });
  file = await folder.write("denied.conf", text);
});
after(() => folder?.remove());

// A sanitizer makes calls of its own, so this is the release.
function serve(strace) {
  const wrap = ["strace", "-f", "-qq", "-o", folder.at("trace"), ...strace];
  const options = { release: true, wrap, deadline: DEADLINE_MS };
  return postern(["serve", "-c", file], options);
}

function isNamed({ code, err }, name, expected = 1) {
  assert.equal(code, expected, err);
  const lines = err.split("\n").filter((line) => line.startsWith("error: "));
  const named = lines.filter((line) => line.includes(name));
  assert.ok(named.length > 0, `${name}: ${err}`);
  for (const line of named) assert.ok(line.includes(DENIED), line);
  assert.ok(lines.length < 30, `${lines.length} lines`);
  assert.doesNotMatch(err, /^ready/m);
}

describe("F35: at the start", { skip }, () => {
  for (const [call, name] of Object.entries(CALLS)) {
    test(`${call} is denied: it ends, and says ${name}`, async () => {
      const inject = `inject=${call}:error=EPERM`;
      const end = await serve(["-e", `trace=${call}`, "-e", inject]);
      isNamed(end, name);
    });
  }

  test("random numbers are denied: it says call=getrandom", async () => {
    const library = await compileLibrary("no_random", folder);
    const options = { release: true, env: { LD_PRELOAD: library } };
    const end = await postern(["serve", "-c", file], options);
    isNamed(end, "call=getrandom");
  });

  test("shared memory is denied: it ends, and says call=mmap", async () => {
    const numbers = await numbersOf("mmap", /MAP_SHARED\|MAP_ANONYMOUS/);
    for (const number of numbers) {
      const inject = `inject=mmap:error=EPERM:when=${number}`;
      isNamed(await serve(["-e", "trace=mmap", "-e", inject]), "call=mmap");
    }
  });
});

test("accept is denied: nobody gets in, nothing spins", { skip }, async () => {
  const port = await freePort();
  const inject = "inject=accept4:error=EPERM";
  const strace = ["strace", "-D", "-f", "-qq", "-o", folder.at("accepts")];
  const gateway = await Gateway.start({
    config: configText({ port, brokerPort: 1, routes: jsonRoutes() }),
    wrap: [...strace, "-e", "trace=accept4", "-e", inject],
    release: true,
  });
  try {
    const socket = await Socket.open({ port });
    await gateway.line(
      /^warning: accepting stands back .*why="Operation not permitted"/,
    );
    const before = await accepts();
    await throughout(MEASURED_MS, () => {});
    const count = (await accepts()) - before;
    assert.ok(count < MOST_ACCEPTS, `${count} in ${MEASURED_MS} ms`);
    socket.destroy();
  } finally {
    await gateway.stop();
  }
});

async function accepts() {
  const text = await readFile(folder.at("accepts"), "utf8");
  return text.split("\n").filter((line) => line.includes("INJECTED")).length;
}

// Which of all calls of that name look like `pattern`, counted from 1: seen
// in a run that ends soon after them.
async function numbersOf(call, pattern) {
  const trace = `trace=${call},socket`;
  await serve(["-e", trace, "-e", "inject=socket:error=EPERM"]);
  const text = await readFile(folder.at("trace"), "utf8");
  const calls = text.split("\n").filter((line) => line.includes(`${call}(`));
  const numbers = calls.map((line, i) => (pattern.test(line) ? i + 1 : 0));
  const found = numbers.filter((number) => number > 0);
  assert.ok(found.length > 0, text);
  return found;
}

function skipUnlessStrace() {
  try {
    execFileSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" });
    return false;
  } catch {
    return "needs strace, and leave to trace";
  }
}
