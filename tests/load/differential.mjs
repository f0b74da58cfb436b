// SPDX-License-Identifier: Apache-2.0
// Sends valid and spoilt packets through the gateway to mosquitto, and prints
// what the gateway passed on and mosquitto closed for. See README.md.
import { randomInt } from "node:crypto";

import { Broker } from "../flow/fixtures/broker.mjs";
import { configText, mqttRoute, plant } from "../flow/fixtures/config.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { passwordFile } from "../flow/fixtures/logins.mjs";
import { LEVELS, unsubscribe } from "../flow/fixtures/packets.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { each, until } from "../flow/fixtures/wait.mjs";
import { CLOSE, frame, WebSocket } from "../flow/fixtures/websocket.mjs";
import { explanationOf } from "./explained.mjs";
import { Generator } from "./generator.mjs";
import { mutate } from "./mutations.mjs";
import { Random } from "./random.mjs";
import { Recorder } from "./recorder.mjs";
import { findCulprit } from "./replay.mjs";

const PACKETS = Number(process.env.PACKETS ?? 200_000);
const SEED = Number(process.env.SEED ?? randomInt(2 ** 32));
const EXAMPLES = Number(process.env.EXAMPLES ?? 1); // of each class
const SESSIONS = 32; // at once
const BATCH = 500; // sessions; then the broker begins with nothing kept
const QUIET_MS = 300; // without an answer: the last packet is not whole
const LAST_ID = 0xfffe; // of the packet whose answer ends a session
const LAST_MARK = Buffer.of(0xff, 0xfe);
const SPOILT = 0.25;
const ANSWERED = "answered";
const SILENCE = {};

const ROUTES = ["/plain", "/rules", "/login"];

const RULES = ["allow pub,sub,retain #", "deny pub,sub +/secret/#"].concat(
  "allow sub $share/+/#",
);

// Settings of mosquitto.conf: only lines about closing.
const QUIET = ["log_type none", "log_type notice", "log_type error"];

const counts = { sessions: 0, packets: 0, spoilt: 0, ended: 0 };
const strict = new Map(); // how the gateway ended a valid session -> example
const classes = new Map();
const refused = [];
const folder = await Folder.create();
const broker = await Broker.start({ settings: QUIET });
const recorder = await Recorder.start({
  to: broker.port,
  onRefused: (up) => refused.push(up),
});
const port = await freePort();
const gateway = await Gateway.start({ config: await config(), release: true });

console.log(`seed ${SEED}, ${PACKETS} packets`);
const random = new Random(SEED);
while (counts.packets < PACKETS) await batch();
print();

await gateway.stop();
await recorder.stop();
await broker.stop();
await folder.remove();

async function config() {
  const file = await passwordFile(folder, "password", "secret");
  const login = { username: "web", password_file: file, inject: true };
  const servers = [`mqtt://127.0.0.1:${recorder.port}`];
  return configText({
    port,
    upstreams: [plant(recorder.port), { name: "login", servers, ...login }],
    acls: [{ name: "rules", rules: RULES }],
    routes: [
      mqttRoute({ path: "/plain" }),
      mqttRoute({ path: "/rules", acl: "rules" }),
      mqttRoute({
        path: "/login",
        upstream: "login",
        acl: "rules",
        anonymous: true,
        client_id: "rewrite:web-${session}",
        persistent: false,
      }),
    ],
  });
}

// What each session says is settled before any of them runs, so that the
// seed alone decides.
async function batch() {
  const plans = Array.from({ length: BATCH }, plan);
  await each(plans.length, SESSIONS, (i) => run(plans[i]));
  await until(() => recorder.live === 0, { what: "all connections end" });
  for (const up of refused.splice(0)) await explain(up);
  await broker.restart();
}

function plan() {
  const level = random.pick(LEVELS);
  const route = random.pick(ROUTES);
  // No name becomes another one by a change of a letter or two.
  const name = `${counts.sessions++}-${random.below(2 ** 32).toString(36)}`;
  const alias = route === "/plain"; // with rules there is none
  const generator = new Generator({ random, level, name, alias });
  const isSpoilt = random.chance(0.8);
  const length = 2 + random.below(10);
  const isFirst = isSpoilt && random.chance(0.25);
  const made = [isFirst ? spoil(generator, "connect") : generator.connect()];
  for (let i = 0; i < length; i++) {
    const doesSpoil = isSpoilt && random.chance(SPOILT);
    made.push(doesSpoil ? spoil(generator, "next") : generator.next());
  }
  if (isSpoilt && random.chance(0.15)) made.push(lastOf(generator, level));
  counts.packets += made.length;
  return { level, route, isSpoilt, made, frames: framesOf(level, made) };
}

function lastOf(generator, level) {
  const kind = level === 5 && random.chance(0.3) ? "auth" : "disconnect";
  return random.chance(0.6) ? spoil(generator, kind) : generator[kind]();
}

function spoil(generator, kind) {
  counts.spoilt++;
  const packet = generator[kind](true);
  return random.chance(0.2) ? packet : mutate(random, packet, generator.next());
}

// Cut at any places, or at none.
function framesOf(level, made) {
  const end = unsubscribe({ level, id: LAST_ID, filters: ["x"] });
  const bytes = Buffer.concat([...made, end]);
  const cuts = Array.from({ length: random.below(6) }, () =>
    random.below(bytes.length),
  );
  const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
  const pieces = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
  return Buffer.concat(pieces.map((piece) => frame(piece)));
}

async function run({ level, route, isSpoilt, made, frames }) {
  const protocol = level === 3 ? "mqttv3.1" : "mqtt";
  const options = { port, target: route, protocol };
  const websocket = await WebSocket.open(options);
  websocket.write(frames);
  const end = await endOf(websocket);
  websocket.destroy();
  if (end !== ANSWERED) counts.ended++;
  if (end !== ANSWERED && !isSpoilt) {
    note(strict, `level ${level} ${route}: ${end}`, made);
  }
}

async function endOf(websocket) {
  for (;;) {
    const deadline = QUIET_MS;
    const next = await websocket.next({ deadline }).catch(() => SILENCE);
    if (next === SILENCE) return "silence";
    if (!next) return "no close frame";
    const { opcode, payload } = next;
    if (opcode === CLOSE) return payload.toString("latin1", 2);
    if (payload.includes(LAST_MARK)) return ANSWERED;
  }
}

async function explain(up) {
  const found = await findCulprit(broker, up);
  if (!found) {
    note(classes, "nothing, when said once more", [up]);
    return;
  }
  const { level, connect, packet, answer, log, isAlone } = found;
  if (packet.type === "disconnect" && !answer && !/due to/.test(log)) return;
  const why = [answer, log].filter(Boolean).join(", ");
  const after = isAlone || packet === connect ? "" : " after others";
  const explanation = explanationOf(found);
  if (!explanation) process.exitCode = 1;
  const title = [
    `level ${level} ${packet.type}${after}: ${why}`,
    `        ${explanation ?? "NOT EXPLAINED"}`,
  ].join("\n");
  const all = isAlone ? [connect.bytes, packet.bytes] : [up];
  note(classes, title, packet === connect ? [packet.bytes] : all);
}

function note(map, title, example) {
  const one = map.get(title) ?? { count: 0, examples: [] };
  one.count++;
  if (one.examples.length < EXAMPLES) one.examples.push(example);
  map.set(title, one);
}

function print() {
  const { sessions, packets, spoilt, ended } = counts;
  console.log(`${packets} packets, ${spoilt} of them spoilt`);
  console.log(`${recorder.packets} of them passed on`);
  console.log(`${sessions} sessions, ${ended} without an answer at the end`);
  list("passed on by the gateway, and closed for by the broker", classes);
  list("nothing spoilt, and yet no answer at the end", strict);
}

function list(title, map) {
  console.log(`\n${title}: ${map.size || "none"}`);
  const rows = [...map].sort(([, a], [, b]) => b.count - a.count);
  for (const [name, { count, examples }] of rows) {
    console.log(`${String(count).padStart(6)}  ${name}`);
    for (const example of examples) {
      const words = example.map((bytes) => bytes.toString("hex"));
      console.log(`        ${words.join(" ")}`);
    }
  }
}
