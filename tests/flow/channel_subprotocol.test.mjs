// SPDX-License-Identifier: Apache-2.0
// A channel takes any subprotocol or none, and answers the first name.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { ChannelPlant } from "./fixtures/channel.mjs";
import { LOBBY } from "./fixtures/channel_route.mjs";

const OFFERS = [
  ["none", null, undefined],
  ["chat", "chat", "chat"],
  ["mqtt", "mqtt", "mqtt"],
  ["json.postern.v1", "json.postern.v1", "json.postern.v1"],
  ["several in a field", "superchat, chat,mqtt", "superchat"],
  ["several without blanks", "b,a", "b"],
  ["several fields", ["chat", "superchat"], "chat"],
  // But for "*", which libwebsockets 4.2 and later take for the end of one.
  ["every octet of a token", "!#$%&'+-.^_`|~09azAZ", "!#$%&'+-.^_`|~09azAZ"],
  ["a name of 62 letters", "x".repeat(62), "x".repeat(62)],
];

describe("a handshake with a channel", () => {
  let stage, device;

  before(async () => {
    stage = await ChannelPlant.start();
    device = await stage.device(LOBBY);
  });
  after(() => stage?.stop());
  afterEach(() => stage.leaveAll());

  for (const [name, protocol, chosen] of OFFERS) {
    test(`that offers ${name} comes in, and the channel works`, async () => {
      const channel = await stage.join({ protocol });
      const { accepted, get } = channel.answer;
      assert.equal(accepted, true);
      assert.equal(get("sec-websocket-protocol"), chosen);
      channel.send("hello");
      assert.equal(await channel.text(), "hello");
      assert.equal((await device.message()).payload.toString(), "hello");
    });
  }

  test("of a foreign origin is refused, whatever it offers", async () => {
    const before = stage.wire.connections;
    for (const [, protocol] of OFFERS) {
      const origin = "http://evil.test";
      await assert.rejects(stage.open({ protocol, origin }), /refused: .* 403/);
    }
    assert.equal(stage.wire.connections, before);
  });
});
