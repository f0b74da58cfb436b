// SPDX-License-Identifier: Apache-2.0
// A TCP proxy between gateway and broker that keeps what went up and says
// when it was the broker that closed.
import net from "node:net";

import { pingreq, pingresp } from "../flow/fixtures/packets.mjs";
import { cut } from "./cut.mjs";

const PATIENCE_MS = 1000;

export class Recorder {
  packets = 0; // whole ones that went up

  #server;
  #onRefused;
  #sockets = new Set();

  // `onRefused(up)` gets all octets that went up a connection which the
  // broker was the first to end, or did not accept.
  static async start({ to, onRefused }) {
    const recorder = new Recorder();
    recorder.#onRefused = onRefused;
    const options = { allowHalfOpen: true, noDelay: true };
    recorder.#server = net.createServer(options, (front) =>
      recorder.#link(front, net.connect({ ...options, port: to })),
    );
    await new Promise((resolve) =>
      recorder.#server.listen(0, "127.0.0.1", resolve),
    );
    recorder.port = recorder.#server.address().port;
    return recorder;
  }

  // How many connections live.
  get live() {
    return this.#sockets.size / 2;
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #link(front, back) {
    const up = [];
    let isOver = false;
    const over = (isRefused) => {
      if (isOver) return;
      isOver = true;
      const all = Buffer.concat(up);
      this.packets += cut(all).length;
      if (isRefused) this.#onRefused(all);
    };
    const end = () => {
      over(false);
      back.end();
    };
    front.on("data", (bytes) => {
      up.push(bytes);
      back.write(bytes);
    });
    back.once("data", (bytes) => isRefusal(bytes) && over(true));
    back.on("data", (bytes) => front.write(bytes));
    front.on("end", () => letAnswer(back, Buffer.concat(up), end));
    back.on("end", () => {
      over(true);
      front.end();
    });
    front.on("error", () => over(false));
    back.on("error", () => over(true));
    this.#keep(front, back);
    this.#keep(back, front);
  }

  #keep(socket, other) {
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }
}

// The gateway has ended it, perhaps for a packet behind the one that the
// broker is about to close for: one more question before `end`.
function letAnswer(back, up, end) {
  const last = cut(up).at(-1);
  if (!last?.isWhole || last.type === "disconnect") {
    end();
    return;
  }
  const timer = setTimeout(end, PATIENCE_MS);
  back.on("data", (bytes) => bytes.includes(pingresp()) && end());
  back.on("close", () => clearTimeout(timer));
  back.write(pingreq());
}

// A CONNACK with a code other than 0.
function isRefusal(bytes) {
  return bytes[0] >> 4 === 2 && bytes[3] !== 0;
}
