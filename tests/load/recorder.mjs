// SPDX-License-Identifier: Apache-2.0
// A TCP proxy between gateway and broker that keeps what went up and says
// when it was the broker that closed.
import net from "node:net";

export class Recorder {
  #server;
  #onRefused;
  #sockets = new Set();

  // `onRefused(up)` gets all octets that went up a connection which the
  // broker was the first to end.
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
      if (isRefused && !isOver) this.#onRefused(Buffer.concat(up));
      isOver = true;
    };
    front.on("data", (bytes) => up.push(bytes) && back.write(bytes));
    back.on("data", (bytes) => front.write(bytes));
    front.on("end", () => over(false) || back.end());
    back.on("end", () => over(true) || front.end());
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
