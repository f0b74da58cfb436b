// SPDX-License-Identifier: Apache-2.0
// /healthz says whether the gateway lives, /readyz whether it is of use:
// whether it accepts and reaches a broker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { plant as upstream } from "./fixtures/config.mjs";
import { ALLOWED, plainHead, readAnswer } from "./fixtures/request.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const LOOK_MS = 10000 + 1500; // between two looks at the broker

describe("the admin port", () => {
  let plant, admin;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({ workers: 2, admin: admin.setting });
  });
  after(() => plant?.stop());

  test("says 200 at /healthz", async () => {
    const { status, body } = await admin.get("/healthz");
    assert.deepEqual([status, body], [200, "alive\n"]);
  });

  test("says 200 at /readyz, within a second of the start", async () => {
    await admin.isReady(200, { deadline: 1000 });
  });

  test("names each server at /readyz", async () => {
    const { body } = await admin.get("/readyz");
    const lines = body.split("\n");
    const server = `upstream plant mqtt://127.0.0.1:${plant.wire.port}`;
    assert.ok(lines.includes(`${server}: reachable`), body);
    assert.ok(lines.includes("workers accepting: 2"), body);
  });

  for (const path of ["/", "/mqtt", "/metrics/", "/healthz/x", "/HEALTHZ"]) {
    test(`says 404 at ${path}`, async () => {
      assert.equal(await admin.status(path), 404);
    });
  }

  test("answers with a length, a type and no page", async () => {
    for (const path of ["/healthz", "/readyz", "/metrics", "/none"]) {
      const answer = await admin.get(path);
      const length = Number(answer.get("content-length"));
      assert.equal(length, answer.body.length);
      assert.match(answer.get("content-type"), /^text\/plain\b/);
    }
  });

  test("takes a query", async () => {
    assert.equal(await admin.status("/healthz?from=monitoring"), 200);
  });

  test("is no way to the broker", async () => {
    const { connections } = plant.wire;
    for (const target of ["/mqtt", "/healthz"]) {
      const answer = await handshake({ port: admin.port, target });
      assert.ok(answer.status >= 400, `${target}: ${answer.line}`);
      answer.socket.destroy();
    }
    assert.equal(plant.wire.connections, connections);
    assert.deepEqual(await plant.gateway.workers(), plant.workers);
  });

  test("shows nothing to a page of another site", async () => {
    const socket = await Socket.open({ port: admin.port });
    const more = [`Origin: ${ALLOWED}`];
    const target = "/metrics";
    socket.write(plainHead({ port: admin.port, target, more }));
    const answer = await readAnswer(socket);
    assert.equal(answer.get("access-control-allow-origin"), undefined);
    socket.destroy();
  });

  test("serves none of its pages on the port for browsers", async () => {
    for (const target of ["/healthz", "/readyz", "/metrics"]) {
      const socket = await Socket.open({ port: plant.port });
      socket.write(plainHead({ port: plant.port, target }));
      assert.equal((await readAnswer(socket)).status, 404);
      socket.destroy();
    }
  });

  test("drops whoever asks nothing", async () => {
    const socket = await Socket.open({ port: admin.port });
    await socket.untilEnded({ deadline: 8000 });
  });

  test("survives whoever leaves before the answer", async () => {
    for (let i = 0; i < 50; i++) {
      const socket = await Socket.open({ port: admin.port });
      socket.write(plainHead({ port: admin.port, target: "/metrics" }));
      socket.destroy();
    }
    assert.equal(await admin.status("/healthz"), 200);
    assert.deepEqual(await plant.gateway.workers(), plant.workers);
  });
});

describe("a broker that is not there", () => {
  let plant, admin;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({ workers: 2, admin: admin.setting });
    await admin.isReady(200, { deadline: 1000 });
    await plant.broker.down();
    plant.wire.refuse();
  });
  after(() => plant?.stop());

  test("is told by /readyz within about 10 s, and its return too", async () => {
    await admin.isReady(503, { deadline: LOOK_MS });
    const { body } = await admin.get("/readyz");
    assert.match(body, /^upstream plant \S+: not reachable$/m);
    assert.equal(await admin.status("/healthz"), 200);

    await plant.broker.up();
    await plant.wire.accept();
    const start = performance.now();
    await admin.isReady(200, { deadline: LOOK_MS });
    const took = performance.now() - start;
    assert.ok(took > 0);
    const again = await admin.get("/readyz");
    assert.match(again.body, /^upstream plant \S+: reachable$/m);
  });
});

describe("several brokers", () => {
  let plant, admin, closed;

  before(async () => {
    const [port, ...others] = await freePorts(3);
    closed = others;
    admin = new Admin(port);
  });
  after(() => plant?.stop());

  test("are all named, each with how it is", async () => {
    const [one, two] = closed.map((port) => `mqtt://127.0.0.1:${port}`);
    const servers = [one, "mqtt://no-such-broker.invalid:1883"];
    plant = await Plant.start({ admin: admin.setting });
    const good = `mqtt://127.0.0.1:${plant.broker.port}`;
    await plant.gateway.stop();
    plant.gateway = null;
    await plant.stop();
    plant = await Plant.start({
      admin: admin.setting,
      broker: { port: plant.broker.port },
      upstreams: [
        { name: "plant", servers: [...servers, good] },
        { name: "other", servers: [two] },
      ],
    });
    await admin.isReady(200, { deadline: 3000 });
    const { body } = await admin.get("/readyz");
    for (const line of [
      `upstream plant ${one}: not reachable`,
      `upstream plant ${good}: reachable`,
      `upstream other ${two}: not reachable`,
    ]) {
      assert.ok(body.split("\n").includes(line), body);
    }
    assert.match(body, /^upstream plant mqtt:\/\/no-such-broker\.invalid:1883: not /m);
  });
});

test("without a broker from the start /readyz says 503", async () => {
  const [port, closed] = await freePorts(2);
  const admin = new Admin(port);
  const plant = await Plant.start({
    admin: admin.setting,
    upstreams: [upstream(closed)],
  });
  try {
    assert.equal(await admin.status("/readyz"), 503, "before the first look");
    await until(async () =>
      /: not reachable$/m.test((await admin.get("/readyz")).body),
    );
    assert.equal(await admin.status("/readyz"), 503);
    assert.equal(await admin.status("/healthz"), 200);
  } finally {
    await plant.stop();
  }
});
