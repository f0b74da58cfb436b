// SPDX-License-Identifier: Apache-2.0
// A program that is run to its end, or to a deadline that ends it and all
// that it started.
import { spawn } from "node:child_process";

export const LATE = "too late";

// Gives what it wrote, as far as `stdio` is a pipe, and how it ended: 0, or
// a word.
export function run(command, args, options = {}) {
  const { deadline_s: seconds = 900, stdio = "inherit", ...rest } = options;
  return new Promise((resolve) => {
    const channels = ["ignore", stdio, stdio];
    const child = spawn(command, args, {
      stdio: channels,
      detached: true,
      ...rest,
    });
    const written = { stdout: "", stderr: "" };
    for (const name of Object.keys(written)) {
      child[name]?.setEncoding("utf8");
      child[name]?.on("data", (piece) => (written[name] += piece));
    }

    let isLate = false;
    const endAll = () => child.pid && endGroup(child.pid);
    const timer = setTimeout(() => {
      isLate = true;
      endAll();
    }, seconds * 1000);
    process.once("exit", endAll);
    const finish = (end) => {
      clearTimeout(timer);
      process.off("exit", endAll);
      resolve({ ...written, end: isLate ? LATE : end });
    };
    child.on("error", (error) => finish(error.message));
    child.on("exit", endAll); // nothing that it started outlives it
    child.on("close", (code, signal) => finish(signal ?? code));
  });
}

// The group that `leader` started, which may be empty already.
function endGroup(leader) {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
