// SPDX-License-Identifier: Apache-2.0
// A process of storm.mjs: COUNT clients at PORT that come back a second after
// each failure, whatever it was. Tells its parent how many are connected, and
// ends when that lets go of it.
import net from "node:net";

import { connect } from "../flow/fixtures/packets.mjs";
import { handshakeHead } from "../flow/fixtures/request.mjs";
import { frame, PING, PONG } from "../flow/fixtures/websocket.mjs";

const RETRY_MS = 1000;
const TELL_MS = 50;
const BINARY_FRAME = 0x82;
const CONNACK = 0x20;

const [port, count, prefix] = process.argv.slice(2);
let connected = 0;

process.once("disconnect", () => process.exit(0));
setInterval(() => process.send(connected), TELL_MS);
for (let i = 0; i < Number(count); i++) come(`${prefix}-${i}`);

function come(clientId) {
  const socket = net.connect({ port: Number(port), host: "127.0.0.1" });
  let step = greet;
  let isIn = false;

  socket.setNoDelay(true);
  socket.on("connect", () => socket.write(handshakeHead({ port })));
  socket.on("data", (bytes) => step(bytes));
  socket.on("error", () => {});
  socket.on("close", () => {
    if (isIn) connected--;
    setTimeout(come, RETRY_MS, clientId);
  });

  // The answer to the handshake comes in one piece on loopback, and so does
  // each frame: they are short.
  function greet(bytes) {
    if (!bytes.toString("latin1").startsWith("HTTP/1.1 101 ")) {
      socket.destroy();
      return;
    }
    step = enter;
    socket.write(frame(connect({ clientId, keepAlive: 0 })));
  }

  function enter(bytes) {
    const accepted =
      bytes[0] === BINARY_FRAME && bytes[2] === CONNACK && bytes[5] === 0;
    if (!accepted) {
      socket.destroy();
      return;
    }
    isIn = true;
    connected++;
    step = stay;
  }

  function stay(bytes) {
    if ((bytes[0] & 15) !== PING) {
      socket.end();
      return;
    }
    const length = bytes[1] & 0x7f;
    socket.write(frame(bytes.subarray(2, 2 + length), { opcode: PONG }));
  }
}
