// SPDX-License-Identifier: Apache-2.0
// More of what --listen, --upstream and --origin do together, and how often
// a wrong one is told.
import assert from "node:assert/strict";
import net from "node:net";
import { after, afterEach, before, describe, test } from "node:test";

import { Broker } from "./fixtures/broker.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { postern } from "./fixtures/command.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { freePort, freePorts, isFree } from "./fixtures/ports.mjs";
import { handshake } from "./fixtures/websocket.mjs";

// For the option `skip` of a test.
const noIpv6 = await freePort("::1").then(
  () => false,
  () => "needs IPv6",
);

describe("a wrong option", () => {
  for (const option of ["--listen", "--upstream", "--origin"]) {
    test(`${option} is told once`, async () => {
      const { code, err } = await postern(["serve", option, "x y"]);
      assert.equal(code, 78);
      assert.deepEqual(
        err
          .trimEnd()
          .split("\n")
          .map((line) => line.split(":")[0]),
        [option],
      );
    });
  }

  test("-c beside the others is told before its file is opened", async () => {
    const words = ["-c", "/nowhere/x.conf", "--listen", "8083"];
    const { code, err } = await postern(["serve", ...words]);
    assert.equal(code, 64);
    assert.doesNotMatch(err, /No such file/);
  });

  test("no line of a command's help is wider than a terminal", async () => {
    for (const command of ["serve", "check", "print-config"]) {
      const { out } = await postern([command, "--help"]);
      const [, ...lines] = out.split("\n"); // the first is as long as it is
      for (const line of lines) assert.ok(line.length <= 80, line);
    }
  });
});

describe("the options of serve", () => {
  let broker, gateway, port;

  before(async () => {
    broker = await Broker.start();
  });
  after(() => broker?.stop());
  afterEach(async () => {
    await gateway?.stop();
    gateway = null;
  });

  async function serve(...listens) {
    const upstream = `mqtt://127.0.0.1:${broker.port}`;
    const words = listens.flatMap((one) => ["--listen", one]);
    gateway = await Gateway.start({ args: [...words, "--upstream", upstream] });
  }

  async function opens(options) {
    const browser = await Browser.open({ port, origin: null, ...options });
    await browser.leave();
  }

  async function status(origin) {
    const answer = await handshake({ port, origin });
    answer.socket.destroy();
    return answer.status;
  }

  test(
    "--listen [::1]:PORT is that address only",
    { skip: noIpv6 },
    async () => {
      port = await freePort("::1");
      await serve(`[::1]:${port}`);
      await opens({ address: "::1", host: `[::1]:${port}` });
      assert.ok(await isFree(port));
    },
  );

  test("one address that is not loopback refuses who has no Origin", async () => {
    const [own, other] = await freePorts(2);
    port = own;
    await serve(`127.0.0.1:${own}`, `0.0.0.0:${other}`);
    assert.equal(await status(null), 403);
  });

  test("pages of this machine may come in, from any port of it", async () => {
    port = await freePort();
    await serve(`127.0.0.1:${port}`);
    for (const origin of [
      "http://localhost",
      "http://localhost:3000",
      "http://127.0.0.1:80",
      "http://[::1]:5",
    ]) {
      assert.equal(await status(origin), 101, origin);
    }
    for (const origin of ["https://localhost", "http://localhost.evil.test"]) {
      assert.equal(await status(origin), 403, origin);
    }
  });

  test("--upstream is where the session goes", async () => {
    port = await freePort();
    await serve(`127.0.0.1:${port}`);
    await opens();
    const line = await gateway.line(/^session \S+ opened/);
    assert.ok(line.includes(`upstream=127.0.0.1:${broker.port}`), line);
  });

  test("--listen on a port in use: exit 1, and it says which", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const taken = `127.0.0.1:${server.address().port}`;
    const { code, err } = await postern(["serve", "--listen", taken]);
    server.close();
    assert.equal(code, 1, err);
    const line = err.split("\n").find((one) => one.includes("cannot listen"));
    assert.ok(line?.includes(taken) && line.includes("in use"), err);
    assert.doesNotMatch(err, /^ready/m);
  });
});
