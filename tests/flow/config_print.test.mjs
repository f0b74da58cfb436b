// SPDX-License-Identifier: Apache-2.0
// print-config loses nothing: every value that was written is in what it
// prints, and that can be served.
import assert from "node:assert/strict";
import { chmod, mkdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Authority } from "./fixtures/authority.mjs";
import { makeCertificate } from "./fixtures/certificate.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { Plant } from "./fixtures/plant.mjs";

const SHIPPED = fileURLToPath(
  new URL("../../config/postern.conf", import.meta.url),
);
const WRITTEN = /(\w+) = ("(?:[^"\\]|\\.)*"|\[[^\]]*\]|true|false|\d+);/g;
const TOLD = /^\s*#\s*(\w+) = ("[^"]*"|\[[^\]]*\]|\w+);$/gm;
// Those in the comments of the shipped file that have no default.
const EXAMPLES = [
  "unix",
  "mode",
  "public_urls",
  "trusted_proxies",
  "address_property",
  "listen",
  "certificate",
  "key",
  "ca",
  "server_name",
  "client_ca",
  "client_crl",
  "username",
  "password_file",
  "name",
  "rules",
  "acl",
  "publish",
  "subscribe",
  "topic",
];

let folder;

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());

async function print(text) {
  const file = await folder.write("asked.conf", text);
  const { code, out, err } = await postern(["print-config", "-c", file]);
  assert.equal(code, 0, err);
  return out;
}

// Every setting there is, each with a value that is not its default.
async function everything() {
  const { certificate, key, authority } = await makeCertificate(folder);
  const clients = await Authority.create(folder, "clients");
  const password_file = await folder.write("plant.password", "secret of ours\n");
  await chmod(password_file, 0o640);
  return configText({
    workers: 3,
    memory_bytes: 8589934592,
    paho_sessions_per_worker: 999,
    listeners: [
      {
        address: "0.0.0.0",
        port: 8084,
        public_urls: ["https://plant.example.com:8084"],
        tls: {
          certificate,
          key,
          certificates: [{ certificate, key }],
          profile: "modern",
          client_certificate: "optional",
          client_ca: authority,
          client_crl: await clients.list(),
        },
        trusted_proxies: ["10.0.0.0/8", "unix"],
        proxy_protocol: true,
        handshakes_per_s_per_address: 111,
        connections_per_address: 112,
        header_timeout_ms: 101,
        header_bytes: 2048,
      },
      { unix: "/run/postern/ws.sock", mode: "0606" },
    ],
    upstreams: [
      {
        name: 'plant "A" \\',
        servers: ["mqtts://10.0.0.6:8884", "unix:/run/broker.sock"],
        tls: { ca: authority, certificate, key, server_name: "a.example" },
        proxy_protocol: "v2",
        username: "web",
        password_file,
        inject: true,
        connect_timeout_ms: 102,
        connects_per_s: 103,
      },
    ],
    acls: [
      {
        name: "dashboard",
        rules: ["allow sub factory/#", "deny sub factory/secret/#"],
      },
    ],
    routes: [
      {
        path: "/mqtt",
        upstream: 'plant "A" \\',
        origins: ["self", "https://dash.example.com"],
        absent: "allow",
        allow_any_origin: true,
        subprotocols: ["mqtt"],
        acl: "dashboard",
        read_only: true,
        anonymous: true,
        audit: "refused",
        client_id: "rewrite:${client}-${session}",
        address_property: "client-address",
        persistent: false,
        max_keepalive_s: 113,
        receive_max: 114,
        connect_timeout_s: 103,
        ping_s: 104,
        pong_s: 105,
        stall_s: 106,
        limits: {
          packet_bytes: 107,
          head_bytes: 1008,
          messages_per_s: 115,
          bytes_per_s: 4294967295,
          sessions: 116,
          sessions_per_address: 117,
          subscriptions: 118,
          subscribes_per_s: 119,
        },
      },
      {
        path: "/json",
        kind: "json",
        mqtt_version: 4,
        upstream: 'plant "A" \\',
        origins: ["self"],
        acl: "dashboard",
        anonymous: true,
        will: {
          topic: "factory/${client}/gone",
          payload: '{"session":"${session}"}',
          qos: 2,
          retain: true,
        },
        limits: { packet_bytes: 120, queue_bytes: 4121 },
      },
      {
        path: "/chat",
        kind: "channel",
        upstream: 'plant "A" \\',
        origins: ["self"],
        subprotocols: ["chat"],
        acl: "dashboard",
        anonymous: true,
        publish: "factory/chat",
        subscribe: ["factory/chat", "factory/all/#"],
        qos: 2,
        frames: "binary",
        wrap: "message",
        limits: { queue_bytes: 4122 },
      },
    ],
    admin: { listen: "[::1]:9464" },
    drain: { timeout_s: 109, spread_s: 110 },
    log: { level: "debug", format: "json" },
  });
}

// The shipped file has a route of kind mqtt, and tells of the others too.
function otherKinds() {
  const route = { upstream: "plant", absent: "allow" };
  return configText({
    port: 8083,
    brokerPort: 1883,
    routes: [
      { path: "/a", kind: "json", ...route, will: { topic: "gone" } },
      { path: "/b", kind: "channel", ...route, publish: "a" },
    ],
  });
}

// So is what there is of TLS.
async function secured() {
  const { certificate, key } = await makeCertificate(folder);
  const listener = { tls: { certificate, key } };
  return configText({ port: 8083, brokerPort: 1883, listener });
}

describe("print-config", () => {
  test("keeps every value that was written, also the second time", async () => {
    const text = await everything();
    const printed = await print(text);
    const flat = printed.replace(/\s+/g, " ");
    const written = [...text.matchAll(WRITTEN)];
    assert.ok(written.length > 45, `${written.length} values`);
    for (const [, name, value] of written) {
      const same = value.replace(/^\[ (.*) \]$/, "[$1]");
      assert.ok(flat.includes(`${name} = ${same};`), `${name} = ${value}`);
    }
    assert.equal(await print(printed), printed);
  });

  test("has the defaults that the shipped file tells", async () => {
    const text = await readFile(SHIPPED, "utf8");
    const all = [text, otherKinds(), await secured()];
    let printed = "";
    for (const one of all) printed += await print(one);
    const told = [...text.matchAll(TOLD)];
    assert.ok(told.length > 15, `${told.length} settings in comments`);
    for (const [, name, value] of told) {
      if (EXAMPLES.includes(name)) continue;
      assert.ok(printed.includes(`${name} = ${value};`), `${name} = ${value}`);
    }
  });

  test("has the defaults of each kind, and only what it knows", async () => {
    const [, json, channel] = (await print(otherKinds())).split('path = "');
    for (const line of [
      "mqtt_version = 5;",
      'subprotocols = ["json.postern.v1"];',
      "packet_bytes = 1048576;",
      "queue_bytes = 262144;",
      'payload = "";',
    ]) {
      assert.ok(json.includes(line), `${line} in\n${json}`);
    }
    for (const line of [
      "mqtt_version = 5;",
      "subprotocols = [];",
      "subscribe = [];",
      "qos = 1;",
      'frames = "auto";',
      'wrap = "";',
      "packet_bytes = 1048576;",
    ]) {
      assert.ok(channel.includes(line), `${line} in\n${channel}`);
    }
    assert.doesNotMatch(json, /publish|subscribe =|frames|wrap/);
    assert.doesNotMatch(channel, /will/);
    const plain = configText({ port: 8083, brokerPort: 1883 });
    assert.doesNotMatch(
      await print(plain),
      /mqtt_version|publish|subscribe =|qos|frames|wrap|will|queue_bytes/,
    );
  });

  test("names the file with the password, never the password", async () => {
    const printed = await print(await everything());
    assert.match(printed, /password_file = "\S+plant\.password";/);
    assert.ok(!printed.includes("secret of ours"));
  });

  test("prints the parts of conf.d as one file", async () => {
    const parts = await Folder.create();
    try {
      await mkdir(parts.at("conf.d"));
      await parts.write("conf.d/log.conf", 'log = { level = "error"; };\n');
      const text = configText({ port: 8083, brokerPort: 1883 });
      const file = await parts.write("postern.conf", text);
      const { out } = await postern(["print-config", "-c", file]);
      assert.match(out, /level = "error";/);
      assert.equal(await print(out), out);
    } finally {
      await parts.remove();
    }
  });

  test("puts warnings on stderr, where they are in nobody's way", async () => {
    const routes = [mqttRoute({ origins: ["http://localhost:*"] })];
    const text = configText({ port: 8083, brokerPort: 1883, routes });
    const file = await folder.write("warns.conf", text);
    const { out, err } = await postern(["print-config", "-c", file]);
    assert.match(err, /: warning: /);
    assert.doesNotMatch(out, /warning/);
  });

  test("prints what can be served", async () => {
    const plant = await Plant.start();
    try {
      const { port, wire } = plant;
      const config = await print(configText({ port, brokerPort: wire.port }));
      await plant.gateway.stop();
      plant.gateway = await Gateway.start({ config });
      await (await plant.open()).leave();
    } finally {
      await plant.stop();
    }
  });
});
