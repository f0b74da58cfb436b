// SPDX-License-Identifier: Apache-2.0
// The clients of storm.mjs, shared out among processes of their own.
import { fork } from "node:child_process";

const PROGRAM = new URL("storm_clients.mjs", import.meta.url);

export class StormCrowd {
  #children = [];
  #connected = [];

  static async start({ port, count, processes }) {
    const crowd = new StormCrowd();
    for (let i = 0; i < processes; i++) {
      const own = Math.floor((count + i) / processes);
      const child = fork(PROGRAM, [String(port), String(own), `storm${i}`]);
      crowd.#connected.push(0);
      child.on("message", (connected) => (crowd.#connected[i] = connected));
      crowd.#children.push(child);
    }
    return crowd;
  }

  get connected() {
    return this.#connected.reduce((sum, one) => sum + one, 0);
  }

  async stop() {
    const ends = this.#children.map((child) => {
      return new Promise((resolve) => child.once("exit", resolve));
    });
    for (const child of this.#children) child.disconnect();
    await Promise.all(ends);
  }
}
