// SPDX-License-Identifier: Apache-2.0
// Do sessions that say nothing outlive nginx and HAProxy with their default
// time-outs? Holds them for minutes, through all at once. See README.md.
import { Behind, WAYS } from "../flow/fixtures/behind.mjs";
import { Idlers, ROUTES } from "../flow/fixtures/idlers.mjs";

const HOLD_S = Number(process.env.HOLD_S ?? 180);
const PROXIES = Object.keys(WAYS).filter((name) => name !== "direct");

const behind = await Behind.start({ routes: ROUTES, release: true });
const idlers = {};
const start = performance.now();

async function timeOfCut(name) {
  await idlers[name].untilCut(HOLD_S * 1000);
  return Math.round((performance.now() - start) / 1000);
}

const outcome = (promise) =>
  promise.then(
    (value) => value ?? "alive",
    (error) => `NOT: ${error.message}`,
  );

try {
  for (const name of PROXIES) {
    idlers[name] = await Idlers.open(behind.way(WAYS[name].at));
  }
  const idle = PROXIES.map((name) => outcome(idlers[name].idle(HOLD_S * 1000)));
  const cut = PROXIES.map((name) => outcome(timeOfCut(name)));
  const idled = await Promise.all(idle);
  for (const [i, name] of PROXIES.entries()) {
    const spoke = await outcome(idlers[name].speak(name));
    const states = idled[i] === spoke ? spoke : `${idled[i]}, then ${spoke}`;
    console.log(
      `${WAYS[name].title}: after ${HOLD_S} s ${states};`,
      `without pings cut after ${await cut[i]} s`,
    );
    if (states !== "alive") process.exitCode = 1;
  }
} finally {
  for (const one of Object.values(idlers)) one.close();
  await behind.stop();
}
