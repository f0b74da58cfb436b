// SPDX-License-Identifier: Apache-2.0
// What `postern status` tells of a running gateway, for people and programs.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { makeCertificate } from "./fixtures/certificate.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText, jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { Operator } from "./fixtures/operator.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const NO_GATEWAY = 69;
const CONFIG = 78;
const ACL = {
  name: "dashboard",
  rules: ["allow sub factory/#", "deny sub factory/secret/#"],
};

let admin, broker, gateway, operator, made, port, secured, file;

before(async () => {
  operator = await Operator.create();
  made = await makeCertificate(operator.folder, { days: 2 });
  admin = new Admin(await freePort());
  broker = await Broker.start();
  port = await freePort();
  secured = await freePort();
  file = await operator.folder.write("postern.conf", config());
  gateway = await Gateway.start({ args: ["-c", file] });
});
after(async () => {
  await gateway?.stop();
  await broker?.stop();
  await operator?.remove();
});

function config({ routes = [] } = {}) {
  const { certificate, key } = made;
  const address = "127.0.0.1";
  return configText({
    workers: 2,
    brokerPort: broker.port,
    listeners: [
      { address, port },
      { address, port: secured, tls: { certificate, key } },
    ],
    acls: [ACL],
    routes: [mqttRoute({ acl: ACL.name }), jsonRoute(), ...routes],
    admin: { ...admin.setting, ...operator.setting },
  });
}

const status = () => operator.json("status");

// The status, once it is as wished.
function became(is, what) {
  return until(
    async () => {
      const now = await status();
      return is(now) ? now : null;
    },
    { what, deadline: 15000 },
  );
}

describe("status", () => {
  test("tells that it serves, and by what", async () => {
    const now = await status();
    assert.equal(now.state, "serving");
    assert.equal(now.pid, gateway.pid);
    assert.match(now.version, /^\d+\.\d+\.\d+$/);
    assert.ok(now.since_ms <= now.now_ms);
    assert.equal(now.last_reload, null);
    assert.equal(now.generations.length, 1);
    assert.equal(now.generations[0].workers, 2);
    assert.equal(now.generations[0].role, "current");
  });

  test("tells the listeners and how long certificates are good", async () => {
    const { listeners } = await status();
    const [plain, tls] = [port, secured].map((number) =>
      listeners.find(({ name }) => name === `127.0.0.1:${number}`),
    );
    assert.equal(plain.has_tls, false);
    assert.equal(tls.has_tls, true);
    assert.equal(tls.certificates.length, 1);
    assert.match(tls.certificates[0].names, /localhost/);
    assert.ok([0, 1, 2].includes(tls.certificates[0].days_left));
  });

  test("tells whether the broker can be reached", async () => {
    const reach = (now) => now.upstreams[0].servers[0].reach;
    await became((now) => reach(now) === "reachable", "reachable");
  });

  test("tells sessions by route, and how they ended", async () => {
    const sessions = (now) =>
      now.routes.find(({ path }) => path === "/mqtt").sessions;
    const browser = await Browser.open({ port });
    assert.equal(sessions(await status()), 1);
    await browser.leave();
    const now = await became((one) => sessions(one) === 0, "it has left");
    assert.equal(now.ended.browser_closed, 1);
  });

  test("tells what was refused", async () => {
    const answer = await handshake({ port, origin: "https://evil.example" });
    answer.socket.destroy();
    const { refused } = await status();
    assert.deepEqual(refused, { origin_unknown: 1 });
  });

  test("tells the policy of each route in sentences", async () => {
    const { routes } = await status();
    const { policy } = routes.find(({ path }) => path === "/mqtt");
    assert.match(policy, /^\/mqtt \(mqtt\) leads to upstream plant\. /);
    assert.match(
      policy,
      /They may subscribe to factory\/#, but not factory\/secret\/#; /,
    );
  });

  test("tells people the same", async () => {
    const text = await operator.ask("status");
    assert.match(text, new RegExp(`^postern \\S+ is serving, pid ${gateway.pid}, `));
    assert.match(text, new RegExp(`^  127\\.0\\.0\\.1:${port} plain$`, "m"));
    assert.match(text, new RegExp(`^  127\\.0\\.0\\.1:${secured} TLS$`, "m"));
    assert.match(text, /^ {4}certificate of .*localhost.*, good for \d days/m);
    assert.match(text, /^  \/mqtt \(mqtt\): 0 sessions$/m);
    assert.match(text, /^  origin_unknown 1$/m);
    for (const line of text.split("\n")) assert.ok(line.length <= 120, line);
  });
});

describe("status after a reload", () => {
  test("that was not taken tells why", async () => {
    await operator.folder.write("postern.conf", config() + "nonsense = 1;\n");
    const { code, err } = await operator.run("reload");
    assert.equal(code, CONFIG);
    assert.match(err, /postern\.conf:\d+: unknown setting "nonsense"/);
    const { last_reload: last, generations } = await status();
    assert.equal(last.is_good, false);
    assert.match(last.why, /unknown setting "nonsense"/);
    assert.equal(generations.length, 1);
  });

  test("that was taken tells the generations", async () => {
    const browser = await Browser.open({ port });
    const routes = [mqttRoute({ path: "/new" })];
    await operator.folder.write("postern.conf", config({ routes }));
    const { code, err } = await operator.run("reload");
    assert.equal(code, 0, err);
    const now = await became(
      ({ generations }) => generations.at(-1).role === "current",
      "the new one",
    );
    assert.equal(now.last_reload.is_good, true);
    assert.ok(now.routes.some(({ path }) => path === "/new"));
    const kept = now.generations.find(({ role }) => role === "keeping");
    assert.equal(kept.sessions, 1);
    await browser.leave();
    await became(({ generations }) => generations.length === 1, "the old one");
  });
});

describe("a gateway that nobody has told where its socket is", () => {
  test("is found by the rules that it went by", async () => {
    const folder = operator.folder.path;
    const env = { RUNTIME_DIRECTORY: "", XDG_RUNTIME_DIR: folder };
    const number = await freePort();
    const text = configText({ port: number, brokerPort: broker.port });
    const own = await operator.folder.write("own.conf", text);
    const other = await Gateway.start({ args: ["-c", own], env });
    const words = ["status", "--json", "-c", own];
    const { code, out, err } = await postern(words, { env });
    await other.stop();
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).pid, other.pid);
    const { code: after } = await postern(words, { env });
    assert.equal(after, NO_GATEWAY);
  });
});

describe("drain", () => {
  test("ends the gateway in good order", async () => {
    const browser = await Browser.open({ port });
    const ended = operator.run("drain");
    await browser.expectClose({ deadline: 15000 });
    const { code, out } = await ended;
    assert.equal(code, 0);
    assert.match(out, /^draining \d+ sessions?\n/);
    assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
    browser.destroy();
  });
});
