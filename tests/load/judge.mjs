// SPDX-License-Identifier: Apache-2.0
// Prints what judging costs: processor time for a message with a route that
// has 20 rules, beside one that has none, and both beside another build of
// the gateway (BASELINE), in turns. See README.md.
import { configText } from "../flow/fixtures/config.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { processorTimeOf } from "../flow/fixtures/accounts.mjs";
import * as packets from "../flow/fixtures/packets.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { quantile } from "../flow/fixtures/probe.mjs";
import { ScriptedBroker } from "../flow/fixtures/scripted_broker.mjs";
import { Session } from "./hops.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const BASELINE = process.env.BASELINE ?? null;
const TURNS = 20; // of each hop in a round
const TOPIC = "factory/line7/press/temperature";

const ROWS = [
  { name: "64 B", direction: "down", waiting: 1, bursts: 3000 },
  { name: "64 B", direction: "up", waiting: 1, bursts: 3000 },
  { name: "64 B, 16 waiting", direction: "down", waiting: 16, bursts: 2000 },
  { name: "64 B, 16 waiting", direction: "up", waiting: 16, bursts: 2000 },
];

// The rule that allows comes last, and a deny is looked at before.
const RULES = [
  ...Array.from(
    { length: 9 },
    (_, i) => `allow pub,sub factory/line${i}/door/#`,
  ),
  ...Array.from({ length: 9 }, (_, i) => `deny pub,sub factory/+/secret${i}/#`),
  "allow pub factory/+/press/#",
  "allow sub factory/+/press/#",
];

const WAYS = {
  ...(BASELINE ? { baseline: { program: BASELINE } } : {}),
  "no rules": {},
  "20 rules": {
    acls: [{ name: "rules", rules: RULES }],
    route: { acl: "rules" },
  },
};

const median = (values) =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

const broker = await ScriptedBroker.start(async (link) => {
  await link.next();
  link.write(packets.connack());
});
const hops = {};
for (const [name, way] of Object.entries(WAYS)) hops[name] = await start(way);

const titles = Object.keys(WAYS);
console.log(`processor time for a message, us (median of ${ROUNDS})`);
console.log(cells("", titles.concat("of the first", "of no rules")));
for (const row of ROWS) await print(row);

for (const { gateway } of Object.values(hops)) await gateway.stop();
await broker.stop();

async function start({ program, ...settings }) {
  const port = await freePort();
  const brokerPort = broker.port;
  const config = configText({ port, brokerPort, ...settings });
  const gateway = await Gateway.start({ config, release: true, program });
  const [worker] = await gateway.workers();
  return { gateway, worker, port };
}

async function print(row) {
  const sessions = {};
  const costs = {};
  for (const [name, { port }] of Object.entries(hops)) {
    sessions[name] = new Session();
    await sessions[name].openFramed({ port });
    sessions[name].bindBroker(broker.links.at(-1));
    costs[name] = [];
    await run(sessions[name], { ...row, bursts: row.bursts / 10 });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, cost] of Object.entries(await runAll(sessions, row))) {
      costs[name].push(cost);
    }
  }
  for (const session of Object.values(sessions)) session.close();
  const figures = titles.map((name) => median(costs[name]));
  const none = median(costs["no rules"]);
  const all = figures.concat(none / figures[0], figures.at(-1) / none);
  console.log(
    cells(
      `${row.name} ${row.direction}`,
      all.map((x) => x.toFixed(3)),
    ),
  );
}

// The hops take short turns, so that what the machine does hits all of them.
async function runAll(sessions, row) {
  const spent = Object.fromEntries(titles.map((name) => [name, 0]));
  const turn = { ...row, bursts: row.bursts / TURNS };
  for (let i = 0; i < TURNS; i++) {
    for (const [name, { worker }] of Object.entries(hops)) {
      const before = await processorTimeOf(worker);
      await run(sessions[name], turn);
      spent[name] += (await processorTimeOf(worker)) - before;
    }
  }
  for (const name of titles) spent[name] /= row.bursts * row.waiting;
  return spent;
}

async function run(session, { direction, waiting, bursts }) {
  const payload = Buffer.alloc(64, "b");
  const packet = packets.publish({ topic: TOPIC, payload });
  const bytes = session.prepare(direction, packet, waiting);
  for (let i = 0; i < bursts; i++) {
    const end = session[direction] + packet.length * waiting;
    session.write(direction, bytes);
    await session.until(direction, end);
  }
}

function cells(title, values) {
  return title.padEnd(26) + values.map((x) => x.padStart(13)).join("");
}
