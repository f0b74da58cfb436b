// SPDX-License-Identifier: Apache-2.0
// What status, who, reload and drain do on the operator's side: where they
// look for the gateway, what they ask it, and what becomes of its answer.
import assert from "node:assert/strict";
import { access, chmod, link, mkdir } from "node:fs/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { AdminServer } from "./fixtures/admin_server.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";

const FAILED = 1;
const USAGE = 64;
const NO_GATEWAY = 69;
const CONFIG = 78;
const PORT = 18083;
const SERVICE = ["/etc/postern/postern.conf", "/run/postern/admin.sock"];
const NOBODY = 65534;

let folder;
let servers = [];

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());

async function serve(name, answer = "0\nfine\n", options) {
  const server = await AdminServer.start(folder.at(name), answer, options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers) await server.stop();
  servers = [];
});

// The program as it finds itself in the shell of an operator.
function run(words, { env = {}, ...options } = {}) {
  const shell = { RUNTIME_DIRECTORY: "", XDG_RUNTIME_DIR: "", TZ: "UTC" };
  return postern(words, { env: { ...shell, ...env }, ...options });
}

const ask = (server, ...words) => run([...words, "--socket", server.path]);

function config(changes = {}) {
  return configText({ port: PORT, brokerPort: 1883, ...changes });
}

async function isThere(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

const there = await Promise.all(SERVICE.map(isThere));
const isService = there.some((is) => is);
const unlessService = { skip: isService ? "a service is installed" : false };

// For root there are no access rights: another user has to ask.
const IDS = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`];
const wrap =
  process.getuid() === 0 ? ["setpriv", ...IDS, "--clear-groups"] : [];
const isOther = await postern(["--version"], { wrap }).then(
  ({ code }) => code === 0,
  () => false,
);
const unlessRoot = { skip: isOther ? false : "only root can run it here" };

describe("what is asked", () => {
  const questions = {
    status: ["status"],
    "status json": ["status", "--json"],
    reload: ["reload"],
    drain: ["drain"],
    "who 54321": ["who", "54321"],
    "who [::1]:123": ["who", "[::1]:123"],
    "who json w17-41": ["who", "--json", "w17-41"],
    "who 1 at 1795856708": ["who", "1", "--at", "2026-11-28T09:05:08"],
    "who json 1 at 1795853108": [
      ...["who", "--at", "2026-11-28T09:05:08+01:00", "--json", "1"],
    ],
  };

  for (const [request, words] of Object.entries(questions)) {
    test(`postern ${words.join(" ")}`, async () => {
      const server = await serve("asked.sock");
      const { code, out, err } = await ask(server, ...words);
      assert.deepEqual([code, out, err], [0, "fine\n", ""]);
      assert.deepEqual(server.requests, [request]);
    });
  }
});

describe("what is answered", () => {
  test("is printed to the last line", async () => {
    const text = "a line\n".repeat(40000);
    const server = await serve("long.sock", "0\n" + text);
    const { code, out } = await ask(server, "status");
    assert.equal(code, 0);
    assert.equal(out, text);
  });

  test("goes to stderr with the gateway's exit code", async () => {
    const server = await serve("bad.sock", "78\nf:3: unknown\n");
    const { code, out, err } = await ask(server, "reload");
    assert.deepEqual([code, out, err], [CONFIG, "", "f:3: unknown\n"]);
  });

  test("may have no text", async () => {
    const server = await serve("short.sock", "0\n");
    const { code, out, err } = await ask(server, "reload");
    assert.deepEqual([code, out, err], [0, "", ""]);
  });

  const cut = {
    nothing: "",
    "half of a code": "0",
    "half of a line": "0\nfine\nha",
  };
  for (const [what, answer] of Object.entries(cut)) {
    test(`is cut off after ${what}`, async () => {
      const server = await serve("cut.sock", answer);
      const { code, err } = await ask(server, "status");
      assert.equal(code, FAILED);
      assert.match(err, /^postern status: .*cut off\n$/m);
    });
  }

  for (const answer of ["hello\n", "\n", "300\nfine\n", "-1\nfine\n"]) {
    const shown = JSON.stringify(answer);
    test(`${shown} is none of a gateway`, async () => {
      const server = await serve("other.sock", answer);
      const { code, out, err } = await ask(server, "status");
      assert.deepEqual([code, out], [FAILED, ""]);
      assert.match(err, /^postern status: what answers is no gateway\n/);
    });
  }
});

describe("drain", () => {
  test("waits until the gateway is gone", async () => {
    const options = { isOpen: true };
    const server = await serve("drain.sock", "0\ndraining 3\n", options);
    const ended = ask(server, "drain");
    await server.asked();
    server.end("gone\n");
    const { code, out } = await ended;
    assert.deepEqual([code, out], [0, "draining 3\ngone\n"]);
  });

  test("--no-wait only until it has begun", async () => {
    const options = { isOpen: true };
    const server = await serve("brief.sock", "0\ndraining 3\n", options);
    const { code, out } = await ask(server, "drain", "--no-wait");
    assert.deepEqual([code, out], [0, "draining 3\n"]);
  });
});

describe("where the gateway is looked for", () => {
  test("at admin.socket of the configuration", async () => {
    const server = await serve("set.sock");
    const admin = { socket: server.path };
    const file = await folder.write("set.conf", config({ admin }));
    const { code, err } = await run(["status", "-c", file]);
    assert.equal(code, 0, err);
  });

  test("in the first folder of the service", async () => {
    await mkdir(folder.at("service"));
    await serve("service/admin.sock");
    const file = await folder.write("plain.conf", config());
    const env = { RUNTIME_DIRECTORY: `${folder.at("service")}:/nowhere` };
    const { code, err } = await run(["status", "-c", file], { env });
    assert.equal(code, 0, err);
  });

  test("in the user's own folder, by the first port", async () => {
    await mkdir(folder.at("user"));
    await serve(`user/postern-${PORT}.sock`);
    await serve("user/postern-1.sock", "1\nthe wrong one\n");
    const file = await folder.write("plain.conf", config());
    const env = { XDG_RUNTIME_DIR: folder.at("user") };
    const { code, err } = await run(["status", "-c", file], { env });
    assert.equal(code, 0, err);
  });

  test("without -c, any one of the user's", unlessService, async () => {
    await mkdir(folder.at("any"));
    await serve("any/postern-7.sock");
    await serve("any/other.sock", "1\nthe wrong one\n");
    const stale = await serve("any/stale.sock");
    await link(stale.path, folder.at("any/postern-8.sock"));
    await stale.stop();
    servers.pop();
    const env = { XDG_RUNTIME_DIR: folder.at("any") };
    const { code, err } = await run(["status"], { env });
    assert.equal(code, 0, err);
  });

  test("of several, the operator has to say which", unlessService, async () => {
    await mkdir(folder.at("several"));
    const one = await serve("several/postern-7.sock");
    const two = await serve("several/postern-8.sock");
    const env = { XDG_RUNTIME_DIR: folder.at("several") };
    const { code, out, err } = await run(["drain"], { env });
    assert.deepEqual([code, out], [USAGE, ""]);
    assert.ok(err.includes(`--socket ${one.path}\n`), err);
    assert.ok(err.includes(`--socket ${two.path}\n`), err);
    assert.deepEqual([...one.requests, ...two.requests], []);
  });

  test("in a configuration that is wrong elsewhere", async () => {
    const server = await serve("wrong.sock", "78\nf:3: unknown\n");
    const text = config({ admin: { socket: server.path } }) + "nonsense = 1;";
    const file = await folder.write("wrong.conf", text);
    const { code, err } = await run(["reload", "-c", file]);
    assert.deepEqual([code, err], [CONFIG, "f:3: unknown\n"]);
    assert.deepEqual(server.requests, ["reload"]);
  });

  test("by the rules if it is not to be read at all", async () => {
    await mkdir(folder.at("unread"));
    await serve("unread/admin.sock", "78\nf:1: syntax\n");
    const file = await folder.write("unread.conf", "listeners = (");
    const env = { RUNTIME_DIRECTORY: folder.at("unread") };
    const { code, err } = await run(["reload", "-c", file], { env });
    assert.deepEqual([code, err], [CONFIG, "f:1: syntax\n"]);
  });
});

describe("where there is no gateway", () => {
  test("it says where it looked", async () => {
    const admin = { socket: folder.at("none.sock") };
    const file = await folder.write("none.conf", config({ admin }));
    const { code, out, err } = await run(["status", "-c", file]);
    assert.deepEqual([code, out], [NO_GATEWAY, ""]);
    assert.match(err, /^postern status: no gateway found: looked at /);
    assert.ok(err.includes(`${admin.socket} (No such file`), err);
    assert.match(err, /--socket PATH/);
  });

  test("a socket that nobody listens on is none", async () => {
    const server = await serve("gone.sock");
    await link(server.path, folder.at("stale.sock"));
    await server.stop();
    servers.pop();
    const words = ["status", "--socket", folder.at("stale.sock")];
    const { code, err } = await run(words);
    assert.equal(code, NO_GATEWAY);
    assert.match(err, /Connection refused/);
  });

  test("what is wrong with the configuration is told", async () => {
    const file = await folder.write("worse.conf", config() + "nonsense = 1;");
    const { code, err } = await run(["reload", "-c", file]);
    assert.equal(code, CONFIG);
    assert.match(err, /worse\.conf:\d+: unknown setting "nonsense"/);
    assert.match(err, /no gateway found/);
  });

  test("a path that cannot be one is a word that makes no sense", async () => {
    const words = ["status", "--socket", "/" + "x".repeat(108)];
    const { code } = await run(words);
    assert.equal(code, USAGE);
  });
});

describe("a gateway that this user may not ask", () => {
  beforeEach(() => chmod(folder.path, 0o755));

  test("is said to be there, and for whom", unlessRoot, async () => {
    const server = await serve("closed.sock");
    await chmod(server.path, 0o060);
    const words = ["status", "--socket", server.path];
    const { code, err } = await run(words, { wrap });
    assert.equal(code, NO_GATEWAY);
    assert.match(
      err,
      /closed\.sock may not be used by this user: it is for the user \S+ and the group \S+\n/,
    );
    assert.deepEqual(server.requests, []);
  });

  test("also when its folder is closed", unlessRoot, async () => {
    await mkdir(folder.at("closed"), { recursive: true });
    const server = await serve("closed/a.sock");
    await chmod(folder.at("closed"), 0o000);
    const words = ["status", "--socket", server.path];
    const { code, err } = await run(words, { wrap });
    await chmod(folder.at("closed"), 0o700);
    assert.equal(code, NO_GATEWAY);
    assert.match(err, /may not be used by this user: it is for the user \S+\n/);
  });
});
