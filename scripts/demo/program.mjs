// SPDX-License-Identifier: Apache-2.0
// A program that the quickstart runs: its lines, and its end.
//
// It is the leader of a process group of its own, so a Ctrl-C at the terminal
// reaches only the quickstart, which then ends everything in order.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { Problem } from "./problem.mjs";

const PATIENCE_MS = 5000;

export class Program {
  lines = []; // of stderr, the last ones

  #child;
  #listeners = new Set();
  #abandon = () => this.#signal("SIGKILL");

  constructor(name, command, args) {
    this.name = name;
    this.#child = spawn(command, args, {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    process.on("exit", this.#abandon);
    createInterface(this.#child.stderr).on("line", (line) => this.#hear(line));
    this.ended = new Promise((resolve) => {
      this.#child.on("error", (error) => resolve(error.message));
      this.#child.on("close", (code, signal) => resolve(`${signal ?? code}`));
    }).finally(() => process.off("exit", this.#abandon));
  }

  onLine(listener) {
    this.#listeners.add(listener);
  }

  // Resolves when `isReady`, asked again and again, says so.
  async ready(isReady) {
    let end = null;
    this.ended.then((how) => (end = how));
    for (const start = Date.now(); !(await isReady()); await pause(20)) {
      if (end !== null) throw this.failure(`ended (${end})`);
      if (Date.now() - start > PATIENCE_MS) throw this.failure("is not ready");
    }
    if (end !== null) throw this.failure(`ended (${end})`);
  }

  // An error that holds its last words.
  failure(what) {
    return new Problem([`${this.name} ${what}:`, ...this.lines].join("\n  "));
  }

  async stop() {
    const timer = setTimeout(this.#abandon, PATIENCE_MS);
    this.#signal("SIGTERM", this.#child.pid);
    await this.ended;
    clearTimeout(timer);
  }

  #hear(line) {
    this.lines = [...this.lines.slice(-99), line];
    for (const listener of this.#listeners) listener(line);
  }

  // By default to the whole group.
  #signal(name, to = -this.#child.pid) {
    const { pid, exitCode, signalCode } = this.#child;
    if (!pid || exitCode !== null || signalCode !== null) return;
    process.kill(to, name);
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
