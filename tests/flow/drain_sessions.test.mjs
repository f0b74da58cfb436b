// SPDX-License-Identifier: Apache-2.0
// SIGTERM: nobody comes in any more, whoever is there is told to go, and
// nothing that was acknowledged is lost.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { handshakeHead, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { until } from "./fixtures/wait.mjs";

const SPREAD_S = 2;
const COUNT = 60;
const WORKERS = 2;
const ENDS_MS = SPREAD_S * 1000 + 1500;

describe("a gateway that is told to stop", () => {
  let plant;

  beforeEach(async () => {
    plant = await Plant.start({
      workers: WORKERS,
      drain: { timeout_s: 10, spread_s: SPREAD_S },
    });
  });
  afterEach(() => plant?.stop());

  async function drain(signal = "SIGTERM") {
    const from = plant.gateway.lines.length;
    plant.gateway.signal(signal);
    await plant.gateway.line(/^draining/, { from });
  }

  async function endsWith0() {
    const exit = await plant.gateway.ended({ deadline: ENDS_MS });
    assert.deepEqual(exit, { code: 0, signal: null });
  }

  for (const level of LEVELS) {
    const first = level === 5 ? "DISCONNECT 0x8B, then " : "";
    test(`${VERSION_NAMES[level]}: a session gets ${first}1001`, async () => {
      const browser = await plant.open({ level });
      await drain();
      const { code, reason, packets: seen } = await browser.expectClose();
      assert.deepEqual([code, reason], [1001, "drain"]);
      assert.deepEqual(
        seen.map((one) => [one.type, one.code]),
        level === 5 ? [["disconnect", 0x8b]] : [],
      );
      await browser.websocket.untilEnded();
      await plant.gateway.line(/^session \S+ closed reason=drain /);
      await endsWith0();
    });
  }

  test("says in its log how many sessions there are", async () => {
    for (let i = 0; i < 3; i++) await plant.open();
    await drain();
    await plant.gateway.line(/^draining sessions=3$/);
  });

  test("spreads the ends over drain.spread_s", async () => {
    const opened = Array.from({ length: COUNT }, () => plant.open());
    const browsers = await Promise.all(opened);
    const start = performance.now();
    await drain();
    const ends = await Promise.all(
      browsers.map(async (browser) => {
        const { code } = await browser.expectClose();
        assert.equal(code, 1001);
        return performance.now() - start;
      }),
    );
    await endsWith0();
    ends.sort((a, b) => a - b);
    const [quarter, half, most] = [0.25, 0.5, 0.75].map(
      (share) => ends[Math.floor(COUNT * share)] / (SPREAD_S * 1000),
    );
    const said = `quartiles ${quarter}, ${half}, ${most} of the time`;
    assert.ok(quarter > 0.1 && quarter < 0.45, said);
    assert.ok(half > 0.3 && half < 0.75, said);
    assert.ok(most > 0.55 && most < 1, said);
  });

  test("refuses new connections at once", async () => {
    await plant.open();
    await drain();
    await until(
      () =>
        plant.arrive().then(
          (browser) => browser.destroy(),
          ({ code }) => code === "ECONNREFUSED",
        ),
      { deadline: 500, what: "a refused connection" },
    );
    for (let i = 0; i < 20; i++) {
      await assert.rejects(plant.arrive(), { code: "ECONNREFUSED" });
    }
  });

  test("answers a handshake that had begun with 503 and Retry-After", async () => {
    for (let i = 0; i < 20; i++) await plant.open(); // to be waited for
    const bytes = handshakeHead({ port: plant.port });
    const begun = [];
    for (let i = 0; i < 10; i++) {
      const socket = await Socket.open({ port: plant.port });
      socket.write(bytes.subarray(0, -2));
      begun.push(socket);
    }
    // Served in turn: when these have their answer, those were accepted.
    for (let i = 0; i < 10; i++) (await plant.arrive()).destroy();
    await drain();
    // The workers have been told when none of them listens any more.
    const isTold = () =>
      Socket.open({ port: plant.port }).then(
        (socket) => socket.destroy(),
        () => true,
      );
    await until(isTold, { what: "connects are refused" });
    for (const socket of begun) {
      socket.write(bytes.subarray(-2));
      const answer = await readAnswer(socket, { deadline: 2000 });
      assert.equal(answer.status, 503, answer.line);
      assert.match(answer.get("retry-after"), /^[1-9]\d*$/);
    }
  });

  test("goes on with its sessions until their turn comes", async () => {
    const device = await Client.open(plant.brokerUrl);
    const opened = Array.from({ length: 20 }, () => plant.open());
    const browsers = await Promise.all(opened);
    await Promise.all(browsers.map((one) => one.subscribe("still")));
    await drain();
    await device.publish("still", "there?");
    let got = 0;
    for (const browser of browsers) {
      const { code, packets: seen } = await browser.expectClose();
      assert.equal(code, 1001);
      got += seen.filter((one) => one.type === "publish").length;
    }
    await device.end();
    assert.ok(got > 0, "some were still there");
    await endsWith0();
  });

  test("does not wait for a connection that never asks", async () => {
    for (let i = 0; i < 5; i++) await Socket.open({ port: plant.port });
    (await plant.open()).destroy();
    await drain();
    await endsWith0();
  });

  test("does not wait for a browser that never sent CONNECT", async () => {
    const browser = await plant.arrive();
    await drain();
    const { code, reason } = await browser.expectClose();
    assert.deepEqual([code, reason], [1001, "drain"]);
    await endsWith0();
  });

  test("ends when it has no sessions", async () => {
    await drain();
    await plant.gateway.ended({ deadline: 1000 });
  });

  test("does the same for SIGINT, sent to all its processes", async () => {
    const browser = await plant.open();
    for (const pid of plant.workers) process.kill(pid, "SIGINT");
    await drain("SIGINT");
    const { code, reason } = await browser.expectClose();
    assert.deepEqual([code, reason], [1001, "drain"]);
    await endsWith0();
  });

  test("does the same for SIGTERM, sent to all its processes", async () => {
    const browser = await plant.open();
    for (const pid of plant.workers) process.kill(pid, "SIGTERM");
    await drain();
    const { code, reason } = await browser.expectClose();
    assert.deepEqual([code, reason], [1001, "drain"]);
    await endsWith0();
  });

  test("replaces no worker that dies meanwhile", async () => {
    const opened = Array.from({ length: 20 }, () => plant.open());
    const browsers = await Promise.all(opened);
    await drain();
    process.kill(plant.workers[0], "SIGKILL");
    await Promise.all(browsers.map((one) => one.expectClose()));
    await endsWith0();
    const lines = plant.gateway.lines.filter((x) => x.startsWith("ready"));
    assert.equal(lines.length, 1);
  });

  test("that has just started ends too", async () => {
    const other = await Plant.start({ workers: 8 });
    await other.stop();
  });
});

describe("messages of QoS 1 on their way when the gateway is told to stop", () => {
  const PUBLISHERS = 20;
  const IN_FLIGHT = 10;
  let plant, device;

  beforeEach(async () => {
    plant = await Plant.start({
      workers: WORKERS,
      drain: { timeout_s: 10, spread_s: SPREAD_S },
    });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("work/#", 1);
  });
  afterEach(async () => {
    await device?.end();
    await plant?.stop();
  });

  // Publishes as fast as it is acknowledged, until it is closed; gives what
  // was acknowledged.
  async function publishOn(browser, name) {
    const acknowledged = [];
    let sent = 0;
    const publish = () => {
      const id = (sent % 65535) + 1;
      browser.publish(`work/${name}`, String(sent++), { qos: 1, id });
    };
    for (let i = 0; i < IN_FLIGHT; i++) publish();
    for (;;) {
      const packet = await browser.next().catch(({ message }) => message);
      if (typeof packet === "string") return { acknowledged, end: packet };
      if (packet.type === "disconnect") continue;
      assert.equal(packet.type, "puback");
      acknowledged.push(packet.id - 1);
      publish();
    }
  }

  test("have reached the subscriber if they were acknowledged", async () => {
    const names = Array.from({ length: PUBLISHERS }, (_, i) => `p${i}`);
    const opened = names.map((_, i) => plant.open({ level: LEVELS[i % 3] }));
    const browsers = await Promise.all(opened);
    const all = browsers.map((one, i) => publishOn(one, names[i]));
    const many = () => device.messages.length > 500;
    await until(many, { what: "messages under way" });
    plant.gateway.signal("SIGTERM");
    const results = await Promise.all(all);
    const exit = await plant.gateway.ended({ deadline: ENDS_MS });
    assert.deepEqual(exit, { code: 0, signal: null });

    // What the broker had acknowledged it has sent to the device as well,
    // before this one.
    await device.publish("work/last", "");
    const isLast = ({ topic }) => topic === "work/last";
    await until(() => device.messages.some(isLast), { what: "the last one" });
    const got = new Set(
      device.messages.map(({ topic, payload }) => `${topic} ${payload}`),
    );
    let count = 0;
    for (const [i, { acknowledged, end }] of results.entries()) {
      assert.equal(end, "closed: 1001 drain");
      for (const number of acknowledged) {
        const name = `work/${names[i]} ${number}`;
        assert.ok(got.has(name), `${name} was acknowledged and is lost`);
        count++;
      }
    }
    assert.ok(count > 500, `${count} acknowledged`);
  });

  test("of the last segment before the end arrive too", async () => {
    const browser = await plant.open();
    plant.gateway.signal("SIGTERM");
    let sent = 0;
    while (!browser.websocket.socket.ended && sent < 5000) {
      const id = (sent % 65535) + 1;
      browser.publish("work/burst", String(sent++), { qos: 1, id });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { packets: seen } = await browser.expectClose();
    const acknowledged = seen.filter((one) => one.type === "puback").length;
    const bursts = () =>
      device.messages.filter(({ topic }) => topic === "work/burst").length;
    await until(() => bursts() >= acknowledged, { what: "all that count" });
  });
});
