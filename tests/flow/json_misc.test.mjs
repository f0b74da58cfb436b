// SPDX-License-Identifier: Apache-2.0
// The small things: ping, auth, types and fields that nobody knows, and how
// a session ends by itself.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";

for (const version of VERSIONS) {
  describe(`with ${VERSION_NAMES[version]}`, () => {
    const target = `/json${version}`;
    let plant, page;

    before(async () => {
      plant = await Plant.start({ routes: jsonRoutes() });
      page = await plant.page({ target });
    });
    after(async () => {
      await page?.leave();
      await plant?.stop();
    });

    test("a ping is answered with a pong", async () => {
      assert.deepEqual(await page.ask({ type: "ping", id: "p" }), {
        type: "pong",
        id: "p",
      });
    });

    test("a ping without an id too", async () => {
      page.send({ type: "ping" });
      assert.deepEqual(await page.frame("pong"), { type: "pong" });
    });

    const IDS = [
      "0",
      "-0",
      "7",
      "7.50",
      "1e400",
      "18446744073709551616",
      '""',
      '"7"',
      '"caf\u00e9 \\u00e9 \\/ \\n"',
      `"${"x".repeat(62)}"`,
      `1${"0".repeat(63)}`,
    ];
    for (const id of IDS) {
      test(`the id ${id} comes back as its very text`, async () => {
        page.send(`{"id": ${id} ,"type":"ping"}`);
        const { text } = await page.frame("pong");
        const places = [`"id":${id}}`, `"id":${id},`];
        assert.ok(places.some((one) => text.includes(one)), text);
        page.send(`{"id":${id},"type":"publish","topic":"t","payload":1}`);
        const ack = await page.frame("ack");
        assert.equal(ack.success, true);
        assert.ok(ack.text.includes(`"id":${id}`), ack.text);
      });
    }

    test("auth is not supported yet", async () => {
      const auth = { type: "auth", token: "s3cret-token" };
      const error = await page.refused(auth, 131, "not_supported");
      assert.doesNotMatch(error.message, /s3cret/);
      const again = await page.refused(auth, 131, "not_supported");
      assert.equal(again.temporary, false);
      const said = plant.gateway.lines.join("\n");
      assert.doesNotMatch(said, /s3cret/);
    });

    const TYPES = ["", "PING", "pings", "connected", "message", "ack", "close"];
    for (const type of TYPES) {
      test(`a type ${JSON.stringify(type)} is answered with 130`, async () => {
        await page.refused({ type }, 130, "protocol_error");
        page.send({ type });
        await page.error(130, "protocol_error");
      });
    }

    for (const type of ["null", "5", '["ping"]', "true"]) {
      test(`a type that is ${type} is answered with 130`, async () => {
        page.send(`{"id":"t","type":${type}}`);
        const answer = await page.answer("t");
        assert.equal(answer.error?.code, 130, answer.text);
      });
    }

    test("no type at all is answered with 130", async () => {
      await page.refused({ topic: "t", payload: "x" }, 130, "protocol_error");
      page.send("{}");
      await page.error(130, "protocol_error");
    });

    test("fields that nobody knows are ignored", async () => {
      const more = { colour: "red", nested: { a: [1, { b: null }] }, Type: 1 };
      const pong = await page.ask({ type: "ping", ...more });
      assert.deepEqual(pong, { type: "pong", id: pong.id });
      await page.subscribe("t", more);
      await page.publish("t", "x", more);
      assert.equal((await page.message()).payload, "x");
    });

    test("white space and the order of fields make no difference", async () => {
      page.send(' \t\r\n{ "payload" : "x",\n"topic":"t" , "id":"w","type":"publish" } \n');
      assert.equal((await page.answer("w")).success, true);
      assert.equal((await page.message()).payload, "x");
    });

    test("names and strings may be written with escapes", async () => {
      page.send('{"\\u0074ype":"\\u0070ing","id":"e"}');
      assert.equal((await page.answer("e")).type, "pong");
    });

    const OTHERS = {
      1000: [1000, "browser_closed"],
      3000: [3000, "browser_closed"],
      4999: [4999, "browser_closed"],
    };
    for (const [code, [echo, word]] of Object.entries(OTHERS)) {
      test(`a page that closes with ${code} gets that back`, async () => {
        const other = await plant.page({ target });
        const { session } = await other.connected();
        await other.leave(Number(code));
        assert.equal((await other.expectClose()).code, echo);
        await plant.gateway.line(
          new RegExp(`^session ${session} closed reason=${word} `),
        );
      });
    }

    test("a page that vanishes is in the log as such", async () => {
      const other = await plant.page({ target });
      const { session, client_id } = await other.connected();
      const link = plant.wire.linkOf(client_id);
      other.destroy();
      await plant.gateway.line(
        new RegExp(`^session ${session} closed reason=browser_vanished `),
      );
      await plant.wire.untilClosed({ link });
    });
  });
}

describe("a page that does not answer pings", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({ routes: jsonRoutes({ ping_s: 1, pong_s: 1 }) });
  });
  after(() => plant?.stop());

  test("is closed with 1001, one that does is not", async () => {
    const mute = await plant.page({ target: "/json5" });
    const other = await plant.page({ target: "/json5" });
    mute.websocket.answerPings = false;
    const { code, reason } = await mute.expectClose({ deadline: 8000 });
    assert.deepEqual([code, reason], [1001, "idle"]);
    assert.equal(other.ended, false);
    assert.ok(other.websocket.pings > 0);
    await other.leave();
  });
});
