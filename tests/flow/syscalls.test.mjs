// SPDX-License-Identifier: Apache-2.0
// What the gateway asks of the kernel, and of the heap, for what it relays.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Allocations } from "./fixtures/allocations.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { FrameStream } from "./fixtures/frame_stream.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Rig, SCHEMES } from "./fixtures/rig.mjs";
import {
  countOf,
  READS,
  Strace,
  tally,
  WAITS,
  WRITES,
} from "./fixtures/strace.mjs";
import { Bell } from "./fixtures/wait.mjs";
import { frame } from "./fixtures/websocket.mjs";

const LONE = 1000;
const HANDFUL = 25; // of calls that belong to timers, not to messages
const CHUNK = 64 * 1024;
const TRANSFER = 100_000_000;
const deadline = 60000;

const lone = packets.publish({ topic: "t", payload: Buffer.alloc(64, "l") });

describe("the gateway", () => {
  let rig, folder, allocations;

  before(async () => {
    folder = await Folder.create();
    allocations = await Allocations.prepare(folder);
    rig = await Rig.start({ script, env: allocations.env });
  });
  after(async () => {
    await rig?.stop();
    await folder?.remove();
  });

  async function script(link) {
    await link.next();
    link.write(packets.connack());
  }

  // Both ends of a new session, as streams that are counted.
  async function pair(scheme) {
    const browser = await rig.open(scheme);
    const ends = { browser, bell: new Bell(), up: 0 };
    ends.link = rig.broker.links.at(-1);
    ends.link.divert((bytes) => {
      ends.up += bytes.length;
      ends.bell.ring();
    });
    ends.down = new FrameStream();
    ends.socket = browser.websocket.socket;
    ends.socket.divert((bytes) => {
      ends.down.push(bytes);
      ends.bell.ring();
    });
    return ends;
  }

  const directions = {
    "to the broker": {
      send: ({ socket }) => socket.write(frame(lone)),
      arrived: (ends) => ends.up,
    },
    "to the browser": {
      send: ({ link }) => link.write(lone),
      arrived: (ends) => ends.down.octets,
    },
  };

  for (const [name, { send, arrived }] of Object.entries(directions)) {
    test(`one wait, one read, one write for a lone message ${name}`, async (t) => {
      const ends = await pair("ws");
      const strace = await Strace.attach(rig.worker);
      for (let i = 1; i <= LONE; i++) {
        send(ends);
        await ends.bell.until(() => arrived(ends) === i * lone.length);
      }
      const calls = await strace.detach();
      t.diagnostic(`${LONE} messages: ${JSON.stringify(tally(calls))}`);
      const most = LONE + HANDFUL;
      for (const kind of [WAITS, READS, WRITES]) {
        const counted = countOf(calls, kind);
        assert.ok(counted <= most, `${counted} x ${kind}`);
      }
      assert.ok(calls.length <= 3 * LONE + 2 * HANDFUL, "no other calls");
      ends.browser.destroy();
    });
  }

  // A stream of packets, a chunk each, until they have arrived.
  async function transfer({ link, down, bell }, size) {
    const payload = Buffer.alloc(CHUNK - 7, "c");
    const message = packets.publish({ topic: "t", payload });
    assert.equal(message.length, CHUNK);
    const end = down.octets + Math.floor(size / CHUNK) * CHUNK;
    const arrival = bell.until(() => down.octets === end, {
      deadline,
      what: "all of the transfer",
    });
    for (let at = down.octets; at < end; at += CHUNK) {
      await link.pour(message, CHUNK);
    }
    await arrival;
  }

  // Those that brought something, on the socket that brought most.
  function dataReads(calls) {
    const counts = new Map();
    for (const { name, fd, result } of calls) {
      if (!READS.includes(name) || result <= 0) continue;
      counts.set(fd, (counts.get(fd) ?? 0) + 1);
    }
    return Math.max(...counts.values());
  }

  async function measure(scheme, isTraced) {
    const ends = await pair(scheme);
    await transfer(ends, 20 * CHUNK); // what is made once, is made
    const strace = isTraced ? await Strace.attach(rig.worker) : null;
    const allocated = await allocations.of(1);
    const frames = ends.down.frames;
    await transfer(ends, TRANSFER);
    const result = {
      frames: ends.down.frames - frames,
      allocations: (await allocations.of(1)) - allocated,
      calls: (await strace?.detach()) ?? [],
    };
    ends.browser.destroy();
    return result;
  }

  for (const scheme of SCHEMES) {
    test(`${scheme}: 100 MB to the browser, one frame a read`, async (t) => {
      const { calls, frames } = await measure(scheme, true);
      const reads = dataReads(calls);
      t.diagnostic(`${frames} frames of ${reads} reads`);
      t.diagnostic(JSON.stringify(tally(calls)));
      assert.equal(frames, reads);
    });
  }

  test("ws: 100 MB to the browser, no allocation", async (t) => {
    const { allocations, frames } = await measure("ws", false);
    t.diagnostic(`${allocations} allocations, ${frames} frames`);
    assert.equal(allocations, 0);
  });

  // OpenSSL allocates for each record; none of that may be kept.
  test("wss: 100 MB to the browser, allocations are counted", async (t) => {
    const { allocations, frames } = await measure("wss", false);
    t.diagnostic(`${allocations} allocations, ${frames} frames`);
  });
});
