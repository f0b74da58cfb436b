// SPDX-License-Identifier: Apache-2.0
// The thread behind flood.mjs: a broker and sessions of which one pours as
// fast as the other end takes it.
import { parentPort } from "node:worker_threads";

import { Browser } from "../flow/fixtures/browser.mjs";
import { connack, publish } from "../flow/fixtures/packets.mjs";
import { pour } from "../flow/fixtures/pour.mjs";
import { ScriptedBroker } from "../flow/fixtures/scripted_broker.mjs";
import { frame } from "../flow/fixtures/websocket.mjs";

const PIECE = 65536;
const MESSAGE = publish({ topic: "flood", payload: Buffer.alloc(64, "f") });

const broker = await ScriptedBroker.start(accept);
const sessions = []; // { socket, link, octets } by number
let flood = null;

parentPort.on("message", async ({ open, begin, end }) => {
  if (open) parentPort.postMessage(await openSession(open));
  if (begin) parentPort.postMessage(start(begin));
  if (end) parentPort.postMessage(await stop());
});
parentPort.postMessage(broker.port);

async function accept(link) {
  await link.next();
  link.write(connack());
}

async function openSession(way) {
  const browser = await Browser.open(way);
  const { socket } = browser.websocket;
  const link = broker.links.at(-1);
  const session = { socket, link, octets: 0 };
  const count = ({ length }) => (session.octets += length);
  socket.divert(count);
  link.divert(count);
  return sessions.push(session) - 1;
}

function start({ number, direction }) {
  const { socket, link } = sessions[number];
  const [end, one] =
    direction === "up" ? [socket, frame(MESSAGE)] : [link, MESSAGE];
  const piece = Buffer.concat(Array(Math.floor(PIECE / one.length)).fill(one));
  const session = sessions[number];
  const since = performance.now();
  flood = { session, since, before: session.octets, isOver: false };
  flood.done = pourOn(end, piece);
  return true;
}

async function pourOn(end, piece) {
  const mine = flood;
  while (!mine.isOver) await end.pour(piece, piece.length);
}

// How many octets a second came through.
async function stop() {
  flood.isOver = true;
  const seconds = (performance.now() - flood.since) / 1000;
  const rate = (flood.session.octets - flood.before) / seconds;
  await flood.done;
  return rate;
}
