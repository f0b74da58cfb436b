// SPDX-License-Identifier: Apache-2.0
// Renews the certificate of a listener again and again while wss sessions
// live. See README.md.
import { readdir } from "node:fs/promises";

import { memoryOf } from "../flow/fixtures/accounts.mjs";
import { Broker } from "../flow/fixtures/broker.mjs";
import { configText } from "../flow/fixtures/config.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { Guest } from "../flow/fixtures/guest.mjs";
import { look, Pairs } from "../flow/fixtures/pairs.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { each } from "../flow/fixtures/wait.mjs";

const SESSIONS = Number(process.env.SESSIONS ?? 500);
const SWAPS = Number(process.env.SWAPS ?? 200);
const WORKERS = 2;
const LOOK_EVERY = 20;
const HEAR_EVERY = 20; // lest they are taken for gone
const KIB = 1024;

const folder = await Folder.create();
const broker = await Broker.start({ settings: ["log_type none"] });
const port = await freePort();
const pairs = await Pairs.create(folder, "load");
const gateway = await Gateway.start({
  config: configText({
    workers: WORKERS,
    listeners: [{ address: "127.0.0.1", port, tls: pairs.tls }],
    brokerPort: broker.port,
  }),
  release: !process.env.POSTERN,
});
const pids = [gateway.pid, ...(await gateway.workers())];
const guests = [];
const wrong = [];
let session;
let resumed = 0;

await each(SESSIONS, 10, async () => {
  const secure = { rejectUnauthorized: false };
  const guest = await Guest.open("mqtt5", { port, secure });
  guests.push(guest);
  await guest.hears({ deadline: 30000 });
});
await note(0);
for (let i = 1; i <= SWAPS; i++) {
  const pair = pairs.all[i % pairs.all.length];
  await pairs.show(pair);
  await gateway.reloaded();
  for (let k = 0; k < 2 * WORKERS; k++) {
    const seen = await look(port, { ticket: true });
    if (seen.print !== pair.print) wrong.push(i);
    session ??= seen.session;
  }
  if ((await look(port, { session })).isResumed) resumed++;
  if (i % HEAR_EVERY === 0) await allHear();
  if (i % LOOK_EVERY === 0) await note(i);
}
await allHear();
console.log(`${SWAPS} swaps, ${SESSIONS} sessions live`);
console.log(`${resumed} of ${SWAPS} resumed with the first ticket`);
console.log(`${wrong.length} handshakes saw another certificate`);
process.exitCode = wrong.length === 0 && resumed === SWAPS ? 0 : 1;
for (const guest of guests) guest.destroy();
await gateway.stop();
await broker.stop();
await folder.remove();

// Throws for one that was closed.
async function allHear() {
  await each(guests.length, 50, (i) => guests[i].hears({ deadline: 30000 }));
}

async function note(when) {
  const columns = [];
  for (const pid of pids) {
    const { resident } = await memoryOf(pid);
    const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
    columns.push(`${Math.round(resident / KIB)} KiB ${descriptors} fds`);
  }
  console.log(`${when}:`.padEnd(6), columns.join("   "));
}
