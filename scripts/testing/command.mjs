// SPDX-License-Identifier: Apache-2.0
// A program that is run to its end, or to a deadline that ends it and all
// that it started.
import { spawn } from "node:child_process";

// Gives what it wrote to stdout, when that is a pipe, and how it ended: 0, or
// a word.
export function run(command, args, options = {}) {
  const { deadline_s: seconds = 900, stdout = "inherit", ...rest } = options;
  return new Promise((resolve) => {
    const stdio = ["ignore", stdout, "inherit"];
    const child = spawn(command, args, { stdio, detached: true, ...rest });
    const endAll = () => child.pid && process.kill(-child.pid, "SIGKILL");
    const timer = setTimeout(endAll, seconds * 1000);
    process.once("exit", endAll);

    let text = "";
    child.stdout?.setEncoding("utf8");
    child.stdout?.on("data", (piece) => (text += piece));
    const finish = (end) => {
      clearTimeout(timer);
      process.off("exit", endAll);
      resolve({ text, end });
    };
    child.on("error", (error) => finish(error.message));
    child.on("close", (code, signal) => finish(signal ?? code));
  });
}
