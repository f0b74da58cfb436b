// SPDX-License-Identifier: Apache-2.0
// The words of the command line: what they do, and the exit code of what
// they may not be.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { access } from "node:fs/promises";
import os from "node:os";

import { Broker } from "./fixtures/broker.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const USAGE = 64;
const CONFIG = 78;
const COMMANDS = [
  ...["serve", "check", "print-config", "can"],
  ...["status", "who", "reload", "drain"],
];
const IN_ETC = "/etc/postern/postern.conf";
const ORIGIN = "https://dash.example.com";
const { lo } = os.networkInterfaces();
const hasIpv6 = lo.some(({ family }) => family === "IPv6");

let folder, file;

before(async () => {
  folder = await Folder.create();
  const config = configText({ port: await freePort(), brokerPort: 1883 });
  file = await folder.write("good.conf", config);
});
after(() => folder?.remove());

describe("help", () => {
  test("postern --help names every command", async () => {
    const { code, out, err } = await postern(["--help"]);
    assert.deepEqual([code, err], [0, ""]);
    for (const word of [...COMMANDS, "--version"]) {
      assert.ok(out.includes(word), word);
    }
  });

  for (const command of COMMANDS) {
    test(`postern ${command} --help says what it does`, async () => {
      const { code, out, err } = await postern([command, "--help"]);
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, new RegExp(`^usage: postern ${command}`));
    });
  }

  test("postern --version is one line", async () => {
    const { code, out, err } = await postern(["--version"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^postern \d+\.\d+\.\d+\n$/);
  });
});

describe("words that make no sense end with 64 and say so", () => {
  const cases = {
    "no word at all": [],
    "an unknown command": ["sevre"],
    "an unknown option": ["--verbose"],
    "serve with an unknown option": ["serve", "--port", "1883"],
    "serve with a word too many": ["serve", "now"],
    "serve -c without a file": ["serve", "-c"],
    "serve --listen without a port": ["serve", "--listen"],
    "serve --upstream without a URL": ["serve", "--upstream"],
    "check with a word too many": ["check", "postern.conf"],
    "check with an override": ["check", "--listen", "8083"],
    "check -c without a file": ["check", "-c"],
    "print-config with a word too many": ["print-config", "postern.conf"],
    "can without a route": ["can", "publish", "a"],
    "can without a question": ["can", "--route", "/mqtt"],
    "can with an unknown question": ["can", "--route", "/mqtt", "sub", "a"],
    "can without a topic": ["can", "--route", "/mqtt", "publish"],
    "can with two topics": ["can", "--route", "/mqtt", "publish", "a", "b"],
    "can with two questions": [
      ...["can", "--route", "/mqtt", "publish", "a", "publish", "b"],
    ],
    "can with an unknown option": ["can", "--root", "/mqtt", "publish", "a"],
    "can with an option at the end": ["can", "publish", "a", "--route"],
    "can with a claim of no value": [
      ...["can", "--route", "/mqtt", "--claim", "plant", "publish", "a"],
    ],
    "status with a word too many": ["status", "now"],
    "status --socket without a path": ["status", "--socket"],
    "status with two places": ["status", "-c", "a", "--socket", "b"],
    "reload with an unknown option": ["reload", "--json"],
    "reload -c without a file": ["reload", "-c"],
    "drain with a word too many": ["drain", "1"],
    "who without a question": ["who"],
    "who with an unknown question": ["who", "anna"],
    "who with a port that is none": ["who", "65536"],
    "who with two questions": ["who", "1", "2"],
    "who with a time that is none": ["who", "1", "--at", "noon"],
    "who --at without a time": ["who", "1", "--at"],
  };

  for (const [name, words] of Object.entries(cases)) {
    test(name, async () => {
      const { code, out, err } = await postern(words);
      assert.deepEqual([code, out], [USAGE, ""]);
      assert.match(err, /^postern\b.*: /);
    });
  }

  for (const option of ["--listen", "--upstream", "--origin"]) {
    test(`serve -c with ${option}`, async () => {
      for (const words of [
        ["-c", file, option, "1"],
        [option, "1", "-c", file],
      ]) {
        const { code, err } = await postern(["serve", ...words]);
        assert.equal(code, USAGE);
        assert.ok(err.includes(option), err);
      }
    });
  }
});

describe("values that make no sense end with 78 and name the option", () => {
  const cases = {
    "a port over 65535": ["--listen", "65536"],
    "port 0": ["--listen", "0"],
    "a name to listen on": ["--listen", "localhost:8083"],
    "an address without port": ["--listen", "127.0.0.1"],
    "a port twice": ["--listen", "8083", "--listen", "8083"],
    "a scheme nobody knows": ["--upstream", "http://127.0.0.1:1883"],
    "an upstream without scheme": ["--upstream", "127.0.0.1:1883"],
    "an upstream port over 65535": ["--upstream", "mqtt://127.0.0.1:70000"],
    "an empty upstream": ["--upstream", ""],
    "an origin with a path": ["--origin", "https://dash.example.com/page"],
    "an origin without scheme": ["--origin", "dash.example.com"],
    "an empty origin": ["--origin", ""],
    "every origin there is": ["--origin", "*"],
  };

  for (const [name, words] of Object.entries(cases)) {
    test(name, async () => {
      const { code, err } = await postern(["serve", ...words]);
      assert.equal(code, CONFIG, err);
      assert.match(err, new RegExp(`^${words[0]}: `, "m"));
      assert.doesNotMatch(err, /^ready/m);
    });
  }

  test("all of them at once", async () => {
    const words = ["--listen", "x", "--upstream", "y", "--origin", "z"];
    const { code, err } = await postern(["serve", ...words]);
    assert.equal(code, CONFIG);
    for (const option of ["--listen", "--upstream", "--origin"]) {
      assert.match(err, new RegExp(`^${option}: `, "m"));
    }
  });
});

describe("without a file", async () => {
  const isThere = await access(IN_ETC).then(
    () => true,
    () => false,
  );
  const skip = isThere ? `there is ${IN_ETC}` : false;

  test("print-config prints the built-in default", { skip }, async () => {
    const { code, out } = await postern(["print-config"]);
    assert.equal(code, 0);
    for (const line of [
      'address = "127.0.0.1";',
      "port = 8083;",
      'servers = ["mqtt://127.0.0.1:1883"];',
      'path = "/mqtt";',
      'path = "/";',
      'path = "/json";',
      'kind = "json";',
      'absent = "allow";',
      'origins = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];',
    ]) {
      assert.ok(out.includes(line), `${line} in\n${out}`);
    }
    const printed = await folder.write("default.conf", out);
    const again = await postern(["check", "-c", printed]);
    assert.equal(again.code, 0, again.err);
  });

  test("check says that the file is not there", { skip }, async () => {
    const { code, err } = await postern(["check"]);
    assert.equal(code, CONFIG);
    assert.ok(err.includes(IN_ETC), err);
  });
});

describe("overrides of the built-in default", () => {
  let broker, gateway, port;

  before(async () => {
    broker = await Broker.start();
  });
  after(() => broker?.stop());
  afterEach(async () => {
    await gateway?.stop();
    gateway = null;
  });

  const url = () => `mqtt://127.0.0.1:${broker.port}`;

  async function start(...words) {
    gateway = await Gateway.start({ args: words });
  }

  const admitted = (options) => handshake({ port, ...options });

  async function opens(options) {
    const browser = await Browser.open({ port, origin: null, ...options });
    await browser.subscribe("hello");
    browser.publish("hello", "world");
    await browser.message();
    await browser.leave();
  }

  test("--listen PORT is both loopback addresses", async () => {
    port = await freePort();
    await start("--listen", String(port), "--upstream", url());
    await opens({});
    if (hasIpv6) await opens({ address: "::1", host: `[::1]:${port}` });
  });

  test("--listen ADDRESS:PORT is that address only", async () => {
    port = await freePort();
    await start("--listen", `127.0.0.1:${port}`, "--upstream", url());
    await opens({});
    const other = { address: "::1", host: `[::1]:${port}` };
    if (hasIpv6) await assert.rejects(opens(other), { code: "ECONNREFUSED" });
  });

  test("--listen may stand several times", async () => {
    const ports = await freePorts(3);
    const words = ports.flatMap((one) => ["--listen", `127.0.0.1:${one}`]);
    await start(...words, "--upstream", url());
    for (const one of ports) await opens({ port: one });
  });

  test("--listen on every address refuses who has no Origin, and says so", async () => {
    port = await freePort("0.0.0.0");
    await start("--listen", `0.0.0.0:${port}`, "--upstream", url());
    assert.match(gateway.lines.join("\n"), /^--listen: warning: .*Origin/m);
    const answer = await admitted({ origin: null });
    assert.equal(answer.status, 403);
    answer.socket.destroy();
    await opens({ origin: "http://localhost:3000" });
  });

  test("--upstream may stand several times: they are tried in order", async () => {
    const [closed] = await freePorts(1);
    port = await freePort();
    const servers = [`mqtt://127.0.0.1:${closed}`, url()];
    const words = servers.flatMap((one) => ["--upstream", one]);
    await start("--listen", String(port), ...words);
    await opens({});
  });

  test("--upstream without a port means 1883", async () => {
    port = await freePort();
    const words = ["--listen", String(port), "--upstream", "mqtt://127.0.0.3"];
    await start(...words);
    const browser = await Browser.arrive({ port, origin: null });
    browser.connect();
    const { code } = await browser.expectClose();
    assert.equal(code, 1013);
    const line = await gateway.line(/upstream not reached/);
    assert.ok(line.includes("mqtt://127.0.0.3"), line);
  });

  test("--origin takes the place of the pages of this machine", async () => {
    port = await freePort();
    const words = ["--listen", String(port), "--upstream", url()];
    await start(...words, "--origin", ORIGIN, "--origin", "http://other.test");
    for (const [origin, status] of [
      [ORIGIN, 101],
      ["http://other.test", 101],
      ["http://localhost:3000", 403],
      [null, 101],
    ]) {
      const answer = await admitted({ origin });
      assert.equal(answer.status, status, String(origin));
      answer.socket.destroy();
    }
  });

  test("/mqtt, / and /json are there, nothing else", async () => {
    port = await freePort();
    await start("--listen", String(port), "--upstream", url());
    for (const [target, status, protocol = "mqtt"] of [
      ["/mqtt", 101],
      ["/", 101],
      ["/json", 101, "json.postern.v1"],
      ["/json", 101, null],
      ["/json", 400],
      ["/ws", 404],
    ]) {
      const answer = await admitted({ target, origin: null, protocol });
      assert.equal(answer.status, status, target);
      const taken = status === 101 ? (protocol ?? undefined) : undefined;
      assert.equal(answer.get("sec-websocket-protocol"), taken, target);
      answer.socket.destroy();
    }
  });
});
