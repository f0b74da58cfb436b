// SPDX-License-Identifier: Apache-2.0
// What a channel's route may not say: exit 78 with the line where it says so.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { postern } from "./fixtures/command.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { freePort } from "./fixtures/ports.mjs";

const CONFIG = 78;
const FIRST = 4; // line of the route's first setting

let folder, port, number;

before(async () => {
  folder = await Folder.create();
  port = await freePort();
  number = 0;
});
after(() => folder?.remove());

// One setting of the route a line, so that the line tells which.
function textOf(settings) {
  return `workers = 1;
listeners = ( { address = "127.0.0.1"; port = ${port}; } );
upstreams = ( { name = "plant"; servers = ["mqtt://127.0.0.1:1"]; } ); routes = ( {
${settings.map((one) => `  ${one};`).join("\n")}
} );
`;
}

const ROUTE = [
  'path = "/x"',
  'upstream = "plant"',
  'origins = ["http://chat.test"]',
];
const channel = (...settings) => [...ROUTE, 'kind = "channel"', ...settings];
const json = (...settings) => [...ROUTE, 'kind = "json"', ...settings];
const mqtt = (...settings) => [...ROUTE, 'kind = "mqtt"', ...settings];
const to = (topic) => channel('subscribe = ["a"]', `publish = ${topic}`);
const from = (filters) => channel('publish = "a"', `subscribe = ${filters}`);
const chat = (...settings) =>
  channel('publish = "a"', 'subscribe = ["a"]', ...settings);

async function run(command, settings) {
  const file = await folder.write(`c${++number}.conf`, textOf(settings));
  const { code, out, err } = await postern([command, "-c", file]);
  const isError = (line) => line && !/:\d+: warning: /.test(line);
  const lines = err.split("\n").filter(isError);
  return { file, code, out, err, lines };
}

// What is told of the route: the setting in whose line, and what.
async function placesOf(settings) {
  const { file, code, out, err, lines } = await run("check", settings);
  assert.deepEqual([code, out], [CONFIG, ""], err);
  return lines.map((line) => {
    const [, place, text] = /^(\d+): (.+)$/.exec(line.slice(file.length + 1));
    assert.ok(line.startsWith(`${file}:`), line);
    return { setting: settings[Number(place) - FIRST], text };
  });
}

// It is the last setting that is bad, and its name is told.
async function isBad(settings) {
  const last = settings.at(-1);
  const [first, ...more] = await placesOf(settings);
  assert.equal(first.setting, last, first.text);
  assert.deepEqual(more, []);
  const [name] = last.split(" ");
  if (name !== "will") assert.ok(first.text.includes(name), first.text);
}

// Somewhere in the route, for what is not in it.
async function lacks(settings, ...names) {
  const { file, code, err, lines } = await run("check", settings);
  assert.equal(code, CONFIG, err);
  assert.equal(lines.length, 1, err);
  const [, place] = /:(\d+): /.exec(lines[0].slice(file.length));
  assert.ok(place >= FIRST - 1 && place <= FIRST + settings.length, err);
  for (const name of names) assert.ok(err.includes(name), err);
}

const BAD = {
  "publishes to a filter with #": to('"chat/#"'),
  "publishes to a filter with +": to('"chat/+/x"'),
  "publishes to all": to('"#"'),
  "publishes to nothing": to('""'),
  "subscribes to # in the middle": from('["a/#/b"]'),
  "subscribes to # in a level": from('["a#"]'),
  "subscribes to + in a level": from('["a/b+"]'),
  "subscribes to an empty filter": from('[""]'),
  "subscribes to a bad one of two": from('["a", "a+"]'),
  "subscribes to a text": from('"a"'),
  "wraps as it does not know": chat('wrap = "x"'),
  "wraps with another case": chat('wrap = "Message"'),
  "has frames of another kind": chat('frames = "json"'),
  "has frames of no kind": chat('frames = ""'),
  "has QoS 3": chat("qos = 3"),
  "has QoS -1": chat("qos = -1"),
  "has a QoS as a text": chat('qos = "1"'),
  "has MQTT 3": chat("mqtt_version = 3"),
  "has MQTT 6": chat("mqtt_version = 6"),
  "matches client ids": chat('client_id = "match:a-*"'),
  "has a will on a filter": chat('will = { topic = "a/+"; payload = "x"; }'),
  "has a will of QoS 3": chat('will = { topic = "a"; qos = 3; }'),
  "has a will without topic": chat('will = { payload = "x"; }'),
  "has an unknown setting": chat('wraps = "message"'),
};

describe("a channel", () => {
  for (const [name, settings] of Object.entries(BAD)) {
    test(`that ${name} is bad`, () => isBad(settings));
  }

  test("without publish and subscribe is bad", () =>
    lacks(channel(), "publish", "subscribe"));

  test("is told all that is bad at once", async () => {
    const settings = channel(
      'publish = "#"',
      'subscribe = ["a#"]',
      'wrap = "x"',
      "qos = 7",
      'client_id = "match:a"',
    );
    const places = await placesOf(settings);
    const told = new Set(places.map(({ setting }) => setting));
    assert.deepEqual([...told], settings.slice(ROUTE.length + 1));
  });

  test("that is bad keeps serve from doing anything", async () => {
    const settings = channel('publish = "#"');
    const { code, lines, file } = await run("serve", settings);
    assert.equal(code, CONFIG);
    assert.ok(
      lines[0].startsWith(`${file}:${FIRST + ROUTE.length + 1}: `),
      lines[0],
    );
  });
});

describe("a route of another kind", () => {
  for (const setting of [
    'publish = "a"',
    'subscribe = ["a"]',
    "qos = 1",
    'frames = "text"',
    'wrap = "message"',
  ]) {
    const [name] = setting.split(" ");

    test(`that is json has no ${name}`, () => isBad(json(setting)));
    test(`that is mqtt has no ${name}`, () => isBad(mqtt(setting)));
  }

  test("that is mqtt has no will of its own", () =>
    isBad(mqtt('will = { topic = "a"; payload = "x"; }')));

  test("that is mqtt has no version of its own", () =>
    isBad(mqtt("mqtt_version = 5")));

  test("that is json matches no client ids", () =>
    isBad(json('client_id = "match:a-*"')));
});

const GOOD = {
  "only publishes": channel('publish = "a/b"'),
  "only subscribes": channel('subscribe = ["a/#", "+/b", "$SYS/x"]'),
  "says everything": chat(
    "qos = 2",
    'frames = "binary"',
    'wrap = ""',
    "mqtt_version = 4",
    "read_only = false",
    'client_id = "rewrite:chat-${session}"',
    "persistent = false",
    'will = { topic = "a/${client}"; payload = ""; qos = 1; retain = true; }',
    "limits = { packet_bytes = 65536; queue_bytes = 131072; }",
  ),
  "wraps messages": chat('wrap = "message"', 'frames = "text"'),
  "takes all frames": chat('frames = "auto"', "qos = 0"),
};

describe("a good channel", () => {
  for (const [name, settings] of Object.entries(GOOD)) {
    test(`${name}, and prints as it is`, async () => {
      const { code, out, err, file } = await run("check", settings);
      assert.deepEqual([code, out], [0, `${file} is good\n`], err);
      const printed = await postern(["print-config", "-c", file]);
      assert.equal(printed.code, 0, printed.err);
      const again = await folder.write(`c${++number}.conf`, printed.out);
      const twice = await postern(["print-config", "-c", again]);
      assert.equal(twice.out, printed.out);
    });
  }

  test("has defaults: all frames, no wrapping, MQTT 5", async () => {
    const file = await folder.write("d.conf", textOf(channel('publish = "a"')));
    const { out } = await postern(["print-config", "-c", file]);
    for (const line of [
      'frames = "auto";',
      'wrap = "";',
      "mqtt_version = 5;",
    ]) {
      assert.ok(out.includes(line), `${line} in\n${out}`);
    }
  });
});
