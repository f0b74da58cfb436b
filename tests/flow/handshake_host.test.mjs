// SPDX-License-Identifier: Apache-2.0
// The Host header must name this listener: a rebound DNS name does not.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { plainHead, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { handshake } from "./fixtures/websocket.mjs";

describe("a Host", () => {
  let plant, named;

  before(async () => {
    const [plain, other] = [await freePort(), await freePort()];
    plant = await Plant.start({
      listeners: [
        { address: "127.0.0.1", port: plain },
        {
          address: "127.0.0.1",
          port: other,
          public_urls: ["https://plant.example.com", "https://10.1.2.3:8443"],
        },
      ],
    });
    plant.port = plain;
    named = other;
  });
  after(() => plant?.stop());
  afterEach(() => plant.unaffected());

  async function gets(statuses, port, host) {
    const answer = await handshake({ port, host });
    answer.socket.destroy();
    const wanted = [statuses].flat();
    assert.ok(wanted.includes(answer.status), `${host}: ${answer.line}`);
  }

  describe("where no public_urls are set", () => {
    for (const host of [
      "127.0.0.1",
      "127.0.0.1:1",
      "10.0.0.7:8083",
      "localhost",
      "LocalHost:8083",
      "[::1]",
      "[::1]:8083",
      "[fe80::1]:8083",
    ]) {
      test(`${host} comes in`, () => gets(101, plant.port, host));
    }

    for (const host of [
      "rebound.test",
      "plant.example.com",
      "localhost.rebound.test",
      "127.0.0.1.rebound.test",
      "localhost.",
      "x.localhost",
    ]) {
      test(`${host} is refused 421`, () => gets(421, plant.port, host));
    }
  });

  describe("where public_urls are set", () => {
    for (const host of [
      "plant.example.com",
      "PLANT.example.com",
      "plant.example.com:8084",
      "10.1.2.3",
    ]) {
      test(`${host} comes in`, () => gets(101, named, host));
    }

    for (const host of [
      "127.0.0.1",
      "localhost",
      "[::1]",
      "example.com",
      "x.plant.example.com",
      "plant.example.com.rebound.test",
    ]) {
      test(`${host} is refused 421`, () => gets(421, named, host));
    }
  });

  describe("that is none", () => {
    for (const host of [
      "a b",
      "user@localhost",
      "localhost:x",
      "localhost/",
      "localhost,localhost",
      "local\0host",
    ]) {
      test(`${JSON.stringify(host)} is refused`, () =>
        gets([400, 421], plant.port, host));
    }

    test("twice is refused 400", () =>
      gets(400, plant.port, ["localhost", "localhost"]));
    test("two different ones are refused 400", () =>
      gets(400, plant.port, ["localhost", "rebound.test"]));
    test("absent is refused or dropped", () =>
      gets([0, 400], plant.port, null));
    test("empty is refused or dropped", () =>
      gets([0, 400, 421], plant.port, ""));
  });

  test("counts for plain requests too", async () => {
    const socket = await Socket.open({ port: plant.port });
    socket.write(plainHead({ host: "rebound.test" }));
    assert.equal((await readAnswer(socket)).status, 421);
  });
});
