// SPDX-License-Identifier: Apache-2.0
// Sessions that flood, in a thread of their own, with a broker of their own.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { within } from "../flow/fixtures/wait.mjs";

const THREAD = new URL("flood_thread.mjs", import.meta.url);

export class Flood {
  #thread;

  // Its broker is up after this; `port` is for the configuration.
  static async start() {
    const flood = new Flood();
    flood.#thread = new Worker(THREAD);
    flood.port = await flood.#answer();
    return flood;
  }

  // A number for begin(); `way` are options of Browser.open.
  open(way) {
    return this.#ask({ open: way });
  }

  // `direction`: up, it publishes; down, it receives.
  begin(number, direction) {
    return this.#ask({ begin: { number, direction } });
  }

  // How many octets a second came through.
  end() {
    return this.#ask({ end: true });
  }

  async stop() {
    await this.#thread.terminate();
  }

  #ask(question) {
    this.#thread.postMessage(question);
    return this.#answer();
  }

  #answer() {
    const answer = once(this.#thread, "message").then(([value]) => value);
    return within(answer, { deadline: 20000, what: "the flood answers" });
  }
}
