// SPDX-License-Identifier: Apache-2.0
// What `can` answers: the verdict, what decided, and the exit code.
import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { postern } from "./fixtures/command.mjs";
import { configText, mqttRoute, plant } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";

const REFUSED = 1;
const CONFIG = 78;
const OWN = "http://plant.test:8083";

let folder, file, rules;

before(async () => {
  folder = await Folder.create();
  const password_file = await folder.write("password", "secret");
  await chmod(password_file, 0o600);
  const login = { username: "web", password_file, inject: true };
  rules = [
    "allow sub factory/#",
    "deny sub factory/secret/#",
    "allow pub u/${user}/#",
    "allow pub,retain c/${client}",
    "allow pub p/${claim.plant}",
    "allow sub $share/g/work/#",
  ];
  const text = configText({
    listeners: [
      { address: "127.0.0.1", port: 8083, public_urls: [OWN] },
      { unix: folder.at("ws.sock") },
    ],
    upstreams: [plant(1883), { ...plant(1884, login), name: "open" }],
    acls: [
      { name: "some", rules },
      { name: "guests", rules: ["allow sub a", "allow sub u/${user}"] },
    ],
    routes: [
      mqttRoute({ acl: "some", origins: ["self", "http://a.test"] }),
      mqttRoute({ path: "/free" }),
      mqttRoute({ path: "/look/*", acl: "some", read_only: true }),
      mqttRoute({
        path: "/tabs",
        acl: "some",
        client_id: "rewrite:${user}-${session}",
        persistent: false,
      }),
      mqttRoute({
        path: "/own",
        acl: "some",
        client_id: "match:${user}-${client}",
      }),
      mqttRoute({
        path: "/guests",
        upstream: "open",
        acl: "guests",
        anonymous: true,
      }),
      mqttRoute({ path: "/json", kind: "json", acl: "some" }),
      mqttRoute({
        path: "/chat",
        kind: "channel",
        publish: "u/lobby",
        subscribe: ["factory/+", "$share/g/work/#"],
      }),
      mqttRoute({
        path: "/gauge",
        kind: "channel",
        acl: "some",
        subscribe: ["factory/1", "factory/secret/1"],
      }),
    ],
  });
  file = await folder.write("can.conf", text);
});
after(() => folder?.remove());

async function can(route, ...words) {
  const args = ["can", "-c", file, "--route", route, ...words];
  const { code, out, err } = await postern(args);
  assert.equal(err, "");
  return { code, out, first: out.split("\n")[0] };
}

async function expectAllowed(rule, ...words) {
  const { code, first } = await can(...words);
  assert.deepEqual([code, /^allowed/.test(first)], [0, true], first);
  assert.ok(first.includes(`"${rule}" at ${file}:`), first);
}

async function expectRefused(why, ...words) {
  const { code, first } = await can(...words);
  assert.deepEqual([code, /^refused/.test(first)], [REFUSED, true], first);
  assert.match(first, why);
}

const NO_RULE = /no rule of ACL "some" allows it/;

describe("can of a topic", () => {
  test("names the rule that allows", async () => {
    await expectAllowed(rules[0], "/mqtt", "subscribe", "factory/1/+");
    await expectAllowed(rules[0], "/mqtt", "receive", "factory/1");
    const user = ["--user", "anna"];
    await expectAllowed(rules[2], "/mqtt", ...user, "publish", "u/anna/x");
  });

  test("names the rule that refuses", async () => {
    await expectRefused(/rule "deny sub/, "/mqtt", "subscribe", "factory/#");
    const secret = "factory/secret/1";
    await expectRefused(/rule "deny sub/, "/mqtt", "receive", secret);
  });

  test("says that no rule allows it", async () => {
    await expectRefused(NO_RULE, "/mqtt", "subscribe", "+");
    await expectRefused(NO_RULE, "/mqtt", "publish", "factory/1");
    await expectRefused(NO_RULE, "/mqtt", "publish", "$SYS/x");
  });

  test("says which rules had no say for want of a value", async () => {
    const { code, out } = await can("/mqtt", "publish", "u/anna/x");
    assert.equal(code, REFUSED);
    assert.match(out, /\$\{user\} were left out/);
    assert.match(out, /\$\{client\} were left out/);
  });

  test("tells retain from publish", async () => {
    const words = ["--user", "anna", "--client", "c1"];
    await expectAllowed(rules[3], "/mqtt", ...words, "retain", "c/c1");
    const topic = "u/anna/x";
    await expectRefused(/the retain flag/, "/mqtt", ...words, "retain", topic);
  });

  test("takes claims", async () => {
    const words = ["--claim", "a=b=c", "--claim", "plant=north"];
    await expectAllowed(rules[4], "/mqtt", ...words, "publish", "p/north");
    await expectRefused(NO_RULE, "/mqtt", ...words, "publish", "p/south");
  });

  test("knows shared subscriptions", async () => {
    const topic = "$share/g/work/1";
    await expectAllowed(rules[5], "/mqtt", "subscribe", topic);
    await expectRefused(NO_RULE, "/mqtt", "subscribe", "$share/h/work/1");
    await expectRefused(NO_RULE, "/mqtt", "subscribe", "$share/g/factory/1");
  });

  test("says why a topic or filter is none", async () => {
    for (const [question, text, why] of [
      ["publish", "", /malformed.*empty/],
      ["publish", "a/+", /malformed.*filters only/],
      ["retain", "#", /malformed.*filters only/],
      ["receive", "a\x01b", /malformed.*control character/],
      ["subscribe", "a/#/b", /malformed.*# only at the end/],
      ["subscribe", "a+", /malformed.*stand alone/],
      ["subscribe", "$share/g", /malformed.*\$share\/GROUP\/FILTER/],
      ["subscribe", "$share/+/a", /malformed.*GROUP/],
      ["subscribe", "a/".repeat(128), /malformed.*128 levels/],
    ]) {
      await expectRefused(why, "/mqtt", question, text);
      await expectRefused(why, "/free", question, text);
    }
  });

  test("says that a route without ACL leaves it to the broker", async () => {
    const { code, first } = await can("/free", "subscribe", "#");
    assert.equal(code, 0);
    assert.match(first, /^allowed: .*"\/free" has no ACL/);
  });

  test("says that read_only refuses", async () => {
    const user = ["--user", "anna"];
    const topic = "u/anna/x";
    for (const question of ["publish", "retain"]) {
      await expectRefused(/read_only/, "/look/x", ...user, question, topic);
    }
    await expectAllowed(rules[0], "/look/x", "subscribe", "factory/1");
  });

  test("takes what follows the question for a topic", async () => {
    await expectRefused(NO_RULE, "/mqtt", "publish", "--user");
  });
});

describe("can of a route", () => {
  test("finds it as a request does", async () => {
    await expectRefused(/no_route.*\/mqtt, \/free/, "/look", "publish", "a");
    await expectRefused(/no_route/, "mqtt", "publish", "a");
    await expectAllowed(rules[0], "/look/a/b", "receive", "factory/1");
  });
});

describe("can of a route whose pages speak no MQTT", () => {
  test("goes by the ACL on json, and by a client id", async () => {
    await expectAllowed(rules[0], "/json", "subscribe", "factory/1");
    await expectRefused(NO_RULE, "/json", "publish", "c/c1");
    const words = ["--client", "c1", "publish", "c/c1"];
    await expectAllowed(rules[3], "/json", ...words);
  });

  test("knows no user there", async () => {
    const words = ["--user", "anna", "publish", "u/anna/x"];
    const { code, out } = await can("/json", ...words);
    assert.equal(code, REFUSED);
    assert.match(out, /--user counts for nothing here: pages/);
  });

  test("lets a channel do what it is for, and nothing else", async () => {
    for (const words of [
      ["publish", "u/lobby"],
      ["subscribe", "factory/+"],
      ["receive", "factory/1"],
      ["receive", "work/1"],
    ]) {
      const { code, out } = await can("/chat", ...words);
      assert.equal(code, 0, out);
    }
    for (const [why, ...words] of [
      [/channel, and publishes to another topic/, "publish", "u/other"],
      [/channel, and never retains/, "retain", "u/lobby"],
      [/channel, and does not subscribe/, "subscribe", "factory/1"],
      [/channel, and does not subscribe/, "receive", "factory/1/2"],
    ]) {
      await expectRefused(why, "/chat", ...words);
    }
  });

  test("asks the ACL of a channel as well", async () => {
    const secret = "factory/secret/1";
    await expectAllowed(rules[0], "/gauge", "subscribe", "factory/1");
    const { code, first } = await can("/gauge", "subscribe", secret);
    assert.equal(code, REFUSED);
    assert.ok(first.startsWith("refused by the rule"), first);
    await expectRefused(/has no publish/, "/gauge", "publish", "a");
  });
});

describe("can of a client id", () => {
  test("says what it becomes, and goes by that", async () => {
    const words = ["--user", "anna", "--client", "c1"];
    const topic = "c/anna-SESSION";
    const { code, out } = await can("/tabs", ...words, "publish", topic);
    assert.equal(code, 0, out);
    assert.match(out, /becomes "anna-SESSION"/);
    await expectRefused(NO_RULE, "/tabs", ...words, "publish", "c/c1");
  });

  test("says that it does not match", async () => {
    const words = ["--user", "anna", "--client"];
    const topic = "factory/1";
    await expectRefused(
      /client_id.*"bob-1"/,
      ...["/own", ...words, "bob-1", "receive", topic],
    );
    await expectAllowed(rules[0], "/own", ...words, "anna-1", "receive", topic);
  });

  test("says that a user is wanted", async () => {
    const words = ["--client", "c1", "receive", "factory/1"];
    await expectRefused(/client_id.*wants a user/, "/tabs", ...words);
  });

  test("knows no user where nobody verifies one", async () => {
    const words = ["--user", "anna", "subscribe", "u/anna"];
    const { code, out } = await can("/guests", ...words);
    assert.equal(code, REFUSED);
    assert.match(out, /--user counts for nothing here/);
  });
});

describe("can of an origin", () => {
  test("names the entry that lets it in", async () => {
    for (const origin of ["http://a.test", "HTTP://A.test:80"]) {
      await expectAllowed("http://a.test", "/mqtt", "origin", origin);
    }
  });

  test("says what would let it in", async () => {
    const origin = "http://b.test";
    const why = /origin_unknown.*"http:\/\/b\.test"/;
    await expectRefused(why, "/mqtt", "origin", origin);
    await expectRefused(/origin_null/, "/mqtt", "origin", "null");
  });

  test("says what is wrong with what is none", async () => {
    const why = /origin_malformed.*trailing slash/;
    await expectRefused(why, "/mqtt", "origin", "http://a.test/");
    await expectRefused(/origin_malformed/, "/mqtt", "origin", "a.test");
    await expectRefused(/origin_malformed/, "/mqtt", "origin", "");
    await expectRefused(/origin_malformed/, "/mqtt", "origin", "http://*.a.test");
  });

  test("answers for each listener where self makes them differ", async () => {
    const { code, out } = await can("/mqtt", "origin", OWN);
    assert.equal(code, 0);
    const lines = out.split("\n");
    assert.match(lines[0], /^on 127\.0\.0\.1 port 8083: allowed.*"self"/);
    assert.match(lines[1], /^on \S+ws\.sock: refused \(origin_unknown\)/);
  });
});

describe("can of a configuration", () => {
  test("that is wrong ends with 78 and says why", async () => {
    const bad = await folder.write("bad.conf", "workers = 99;\n");
    const words = ["--route", "/mqtt", "publish", "a"];
    for (const one of [bad, folder.at("none.conf")]) {
      const { code, out, err } = await postern(["can", "-c", one, ...words]);
      assert.deepEqual([code, out], [CONFIG, ""]);
      assert.ok(err.startsWith(one), err);
    }
  });
});
