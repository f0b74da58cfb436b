// SPDX-License-Identifier: Apache-2.0
// postern print-config: what is in effect, as a file that means the same.
import assert from "node:assert/strict";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { makeCertificate } from "./fixtures/certificate.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { Plant } from "./fixtures/plant.mjs";

const GOOD = fileURLToPath(new URL("../config/good/", import.meta.url));
const SHIPPED = fileURLToPath(
  new URL("../../config/postern.conf", import.meta.url),
);

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

// What is printed passes check and is printed again as it is.
async function staysTheSame(text) {
  const printed = await print(text);
  const file = await folder.write("printed.conf", printed);
  const { code, err } = await postern(["check", "-c", file]);
  assert.equal(code, 0, `${err}\n${printed}`);
  assert.equal(await print(printed), printed);
  return printed;
}

// Every setting that may be written, each with a value of its own.
async function everything() {
  const { certificate, key } = await makeCertificate(folder);
  return configText({
    workers: 3,
    listeners: [
      {
        address: "0.0.0.0",
        port: 8084,
        public_urls: ["https://plant.example.com:8084"],
        tls: { certificate, key },
        header_timeout_ms: 101,
        header_bytes: 2048,
      },
      { unix: "/run/postern/ws.sock", mode: "0606" },
    ],
    upstreams: [
      {
        name: 'plant "A" \\',
        servers: ["mqtt://10.0.0.6:1884", "unix:/run/broker.sock"],
        connect_timeout_ms: 102,
      },
    ],
    routes: [
      {
        path: "/mqtt",
        kind: "mqtt",
        upstream: 'plant "A" \\',
        origins: ["self", "https://dash.example.com"],
        absent: "allow",
        allow_any_origin: true,
        subprotocols: ["mqtt"],
        connect_timeout_s: 103,
        ping_s: 104,
        pong_s: 105,
        stall_s: 106,
        limits: { packet_bytes: 107, head_bytes: 1008 },
      },
    ],
    admin: { listen: "[::1]:9464" },
    drain: { timeout_s: 109, spread_s: 110 },
    log: { level: "debug", format: "json" },
  });
}

describe("postern print-config", () => {
  test("keeps every value that was written", async () => {
    const text = await everything();
    const printed = await staysTheSame(text);
    const flat = printed.replace(/\s+/g, " ");
    for (const [, name, value] of text.matchAll(
      /(\w+) = ("(?:[^"\\]|\\.)*"|\[[^\]]*\]|true|false|\d+);/g,
    )) {
      const same = value.replace(/^\[ (.*) \]$/, "[$1]");
      assert.ok(flat.includes(`${name} = ${same};`), `${name} = ${value}`);
    }
  });

  test("writes every default out", async () => {
    const small = await readFile(`${GOOD}smallest.conf`, "utf8");
    const printed = await staysTheSame(small);
    for (const text of [
      "workers = 0;",
      "header_timeout_ms = 10000;",
      "header_bytes = 16384;",
      "connect_timeout_ms = 5000;",
      'kind = "mqtt";',
      'absent = "deny";',
      'subprotocols = ["mqtt", "mqttv3.1"];',
      "connect_timeout_s = 10;",
      "ping_s = 25;",
      "pong_s = 20;",
      "stall_s = 30;",
      "packet_bytes = 268435455;",
      "head_bytes = 65536;",
      "timeout_s = 30;",
      "spread_s = 5;",
      'level = "info";',
      'format = "text";',
    ]) {
      assert.ok(printed.includes(text), `${text} in:\n${printed}`);
    }
  });

  test("says what the comments of the shipped file say", async () => {
    const text = await readFile(SHIPPED, "utf8");
    const printed = await staysTheSame(text);
    const told = [...text.matchAll(/^\s*#\s*(\w+) = ([^"{[]\w*|".*"|\[.*\]);$/gm)];
    const noDefault = ["unix", "mode", "public_urls", "listen"];
    const paths = ["certificate", "key"];
    assert.ok(told.length > 15, `${told.length} settings in comments`);
    for (const [, name, value] of told) {
      if ([...noDefault, ...paths].includes(name)) continue;
      assert.ok(printed.includes(`${name} = ${value};`), `${name} = ${value}`);
    }
  });

  test("of every good file is good and prints itself", async () => {
    for (const name of await readdir(GOOD)) {
      if (name === "everything.conf") continue; // names files not there
      await staysTheSame(await readFile(GOOD + name, "utf8"));
    }
  });

  test("of the built-in default too", async () => {
    const { code, out, err } = await postern(["print-config"]);
    assert.equal(code, 0, err);
    assert.equal(await staysTheSame(out), out);
  });

  test("puts conf.d into the one file", async () => {
    const nest = await Folder.create();
    try {
      await mkdir(nest.at("conf.d"));
      await nest.write("conf.d/50-log.conf", 'log = { level = "error"; };\n');
      const text = configText({ port: 8083, brokerPort: 1883 });
      const file = await nest.write("postern.conf", text);
      const { out } = await postern(["print-config", "-c", file]);
      assert.match(out, /level = "error";/);
      assert.equal(await staysTheSame(out), out);
    } finally {
      await nest.remove();
    }
  });

  test("puts warnings on stderr, where they are in nobody's way", async () => {
    const { out, err } = await postern(["print-config", "-c", SHIPPED]);
    assert.match(err, /: warning: /);
    assert.doesNotMatch(out, /warning/);
  });

  test("of a bad file: 78, and prints nothing", async () => {
    const file = await folder.write("bad.conf", "workers = 65;\n");
    const { code, out, err } = await postern(["print-config", "-c", file]);
    assert.deepEqual([code, out], [78, ""]);
    assert.ok(err.includes(`${file}:1: "workers" wants`), err);
  });

  test("prints what can be served", async () => {
    const plant = await Plant.start();
    try {
      const text = configText({ port: plant.port, brokerPort: plant.wire.port });
      const printed = await print(text);
      await plant.gateway.stop();
      plant.gateway = await Gateway.start({ config: printed });
      await (await plant.open()).leave();
    } finally {
      await plant.stop();
    }
  });
});
