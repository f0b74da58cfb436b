// SPDX-License-Identifier: Apache-2.0
// On a channel a message is the payload and nothing else, both ways: as text
// where it can be, as binary where it cannot.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";

import { ChannelPlant } from "./fixtures/channel.mjs";
import { channelRoute, LOBBY } from "./fixtures/channel_route.mjs";
import { BINARY, frame, PING, PONG, TEXT } from "./fixtures/websocket.mjs";

const MIB = 1024 * 1024;
const MOST = 1000; // octets of a message on /small

const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");

const TEXTS = {
  "of a chat": JSON.stringify({ message: "hello" }),
  "of one letter": "x",
  "of letters of 1 to 4 octets": "a\u00e9\u20ac\u{1f600}",
  "with a zero": "a\0b",
  "with line feeds": "a\r\nb\n",
  "that begins with a byte order mark": "\ufeffa",
  "with code points that are no characters": "\uffff\u{10ffff}",
  "of 125 octets": "x".repeat(125),
  "of 126 octets": "x".repeat(126),
  "of 64 KiB": "x".repeat(65536),
  "that is empty": "",
};

const NOT_UTF8 = {
  "a lone continuation octet": hex("80"),
  "a character that is cut": hex("61 e2 82"),
  "a slash in two octets": hex("c0 af"),
  "a zero in two octets": hex("c0 80"),
  "half of a surrogate pair": hex("ed a0 80"),
  "a code point over 10ffff": hex("f4 90 80 80"),
  "an octet ff at the end": hex("7b 7d ff"),
};

describe("a channel", () => {
  let stage, device;

  before(async () => {
    const small = { path: "/small", limits: { packet_bytes: MOST } };
    stage = await ChannelPlant.start({
      routes: [
        channelRoute(),
        channelRoute(small),
        kindRoute("text"),
        kindRoute("binary"),
        channelRoute({
          path: "/many",
          publish: "many/out",
          subscribe: ["many/in/#", "many/+/twice"],
        }),
      ],
    });
    device = await stage.device("#");
  });
  after(() => stage?.stop());
  afterEach(() => stage.leaveAll());

  function kindRoute(frames) {
    const topic = `frames/${frames}`;
    const subscribe = [topic];
    return channelRoute({
      path: `/${frames}`,
      publish: topic,
      subscribe,
      frames,
    });
  }

  async function deviceGets(payload, topic = LOBBY) {
    const message = await device.message({ deadline: 10000 });
    assert.equal(message.topic, topic);
    assert.ok(message.payload.equals(Buffer.from(payload)), "the same octets");
  }

  // Nothing arrived at the broker before this.
  async function deviceGotNothing() {
    await device.publish("fence", "fence");
    assert.equal((await device.message()).topic, "fence");
  }

  async function gets(channel, kind, payload) {
    const message = await channel.message({ deadline: 10000 });
    assert.equal(message.kind, kind);
    assert.ok(message.payload.equals(Buffer.from(payload)), "the same octets");
  }

  describe("takes text and gives text:", () => {
    for (const [name, text] of Object.entries(TEXTS)) {
      test(`one ${name}`, async () => {
        const channel = await stage.join();
        channel.send(text);
        await deviceGets(text);
        await gets(channel, "text", text);
        await device.publish(LOBBY, text, { qos: 1 });
        await gets(channel, "text", text);
        await deviceGets(text);
      });
    }
  });

  describe("takes binary and gives binary where it is no UTF-8:", () => {
    for (const [name, octets] of Object.entries(NOT_UTF8)) {
      test(name, async () => {
        const channel = await stage.join();
        channel.send(octets);
        await deviceGets(octets);
        await gets(channel, "binary", octets);
        await device.publish(LOBBY, octets, { qos: 1 });
        await gets(channel, "binary", octets);
        await deviceGets(octets);
      });
    }
  });

  test("gives text for binary that is UTF-8", async () => {
    const channel = await stage.join();
    for (const text of Object.values(TEXTS)) {
      channel.send(Buffer.from(text));
      await deviceGets(text);
      await gets(channel, "text", text);
    }
  });

  test("whose frames are binary gives binary for everything", async () => {
    const filters = ["frames/binary"];
    const channel = await stage.join({ target: "/binary", filters });
    for (const payload of ["text", "", hex("ff"), "\u20ac"]) {
      channel.send(payload);
      await deviceGets(payload, filters[0]);
      await gets(channel, "binary", payload);
    }
  });

  test("whose frames are text leaves out what is none, and says so", async () => {
    const filters = ["frames/text"];
    const channel = await stage.join({ target: "/text", filters });
    const from = stage.gateway.lines.length;
    for (const octets of Object.values(NOT_UTF8)) {
      channel.send(octets);
      await deviceGets(octets, filters[0]);
    }
    channel.send("text");
    await deviceGets("text", filters[0]);
    await gets(channel, "text", "text");
    channel.destroy();
    await stage.gateway.line(/session \S+ dropped topic=/, { from });
  });

  describe("does not care about fragments:", () => {
    test("text that is cut inside a character", async () => {
      const channel = await stage.join();
      const octets = Buffer.from("a\u20acb");
      const pieces = [octets.subarray(0, 2), octets.subarray(2, 3)];
      channel.sendPieces(TEXT, [...pieces, octets.subarray(3)]);
      await deviceGets(octets);
      await gets(channel, "text", octets);
    });

    test("every octet of its own", async () => {
      const channel = await stage.join();
      const octets = randomBytes(300);
      const pieces = [...octets].map((octet) => Buffer.of(octet));
      channel.sendPieces(BINARY, pieces);
      await deviceGets(octets);
    });

    test("empty ones before, between and behind", async () => {
      const channel = await stage.join();
      channel.sendPieces(TEXT, ["", "a", "", "", "b", ""]);
      await deviceGets("ab");
      channel.sendPieces(TEXT, ["", "", ""]);
      await deviceGets("");
    });

    test("a ping in between", async () => {
      const channel = await stage.join();
      channel.send("a", { fin: false });
      channel.websocket.send("ping", { opcode: PING });
      const { opcode } = await channel.websocket.next();
      assert.equal(opcode, PONG);
      channel.send("b", { opcode: 0 });
      await deviceGets("ab");
    });

    test("a frame that comes octet by octet", async () => {
      const channel = await stage.join();
      const octets = frame("trickle", { opcode: TEXT });
      await channel.websocket.writeOctets(octets);
      await deviceGets("trickle");
    });

    test("many messages in one segment", async () => {
      const channel = await stage.join();
      const texts = Array.from({ length: 100 }, (_, i) => `message ${i}`);
      const frames = texts.map((text) => frame(text, { opcode: TEXT }));
      channel.websocket.write(Buffer.concat(frames));
      for (const text of texts) await deviceGets(text);
      for (const text of texts) await gets(channel, "text", text);
    });
  });

  describe("passes 1 MiB", () => {
    test("of text there and back", async () => {
      const channel = await stage.join();
      const text = "0123456789abcdef".repeat(MIB / 16);
      channel.send(text);
      await deviceGets(text);
      await gets(channel, "text", text);
    });

    test("of binary there and back", async () => {
      const channel = await stage.join();
      const octets = randomBytes(MIB);
      channel.send(octets);
      await deviceGets(octets);
      await gets(channel, "binary", octets);
    });

    test("from a device", async () => {
      const channel = await stage.join();
      const text = "\u20ac".repeat(MIB / 3);
      await device.publish(LOBBY, text, { qos: 1 });
      await gets(channel, "text", text);
      await deviceGets(text);
    });
  });

  describe("with packet_bytes", () => {
    const join = () => stage.join({ target: "/small" });
    const tooLarge = (channel) => channel.isClosedWith(4413, "too_large");

    test("takes a message as long as that", async () => {
      const channel = await join();
      const text = "x".repeat(MOST);
      channel.send(text);
      await deviceGets(text);
    });

    test("gives what is longer", async () => {
      const channel = await join();
      const text = "x".repeat(2 * MOST);
      await device.publish(LOBBY, text, { qos: 1 });
      await gets(channel, "text", text);
      await deviceGets(text);
    });

    test("closes 4413 for one octet more", async () => {
      for (const payload of ["x".repeat(MOST + 1), Buffer.alloc(MOST + 1)]) {
        const channel = await join();
        channel.send(payload);
        await tooLarge(channel);
      }
      await deviceGotNothing();
    });

    test("closes 4413 for what is announced as longer", async () => {
      const channel = await join();
      channel.send("x", { length: 2n ** 40n });
      await tooLarge(channel);
      await deviceGotNothing();
    });

    test("closes 4413 for fragments that are longer together", async () => {
      const channel = await join();
      const half = "x".repeat(MOST / 2);
      channel.send(half, { fin: false });
      channel.send(half, { fin: false, opcode: 0 });
      channel.send("x", { fin: false, opcode: 0 });
      await tooLarge(channel);
      await deviceGotNothing();
    });
  });

  describe("closes 1007 for text that is no UTF-8:", () => {
    for (const [name, octets] of Object.entries(NOT_UTF8)) {
      test(name, async () => {
        const channel = await stage.join();
        channel.send(octets, { opcode: TEXT });
        await channel.isClosedWith(1007, "bad_utf8");
        await deviceGotNothing();
      });
    }

    test("in the last of several fragments", async () => {
      const channel = await stage.join();
      channel.sendPieces(TEXT, ["a", "b", hex("e2 82")]);
      await channel.isClosedWith(1007, "bad_utf8");
      await deviceGotNothing();
    });
  });

  test("gives a message that was retained", async () => {
    const options = { qos: 1, retain: true };
    await device.publish(LOBBY, "kept", options);
    await deviceGets("kept");
    const channel = await stage.join();
    await gets(channel, "text", "kept");
    await device.publish(LOBBY, "", options);
    await deviceGets("");
  });

  test("gives its sender what it says at once, and everybody else", async () => {
    const other = await stage.join();
    const channel = await stage.open();
    channel.send("first");
    for (const one of [channel, other]) await gets(one, "text", "first");
    other.send("second");
    for (const one of [channel, other]) await gets(one, "text", "second");
    await deviceGets("first");
    await deviceGets("second");
  });

  test("gives the messages of all its filters and no others", async () => {
    const filters = ["many/in/#", "many/+/twice"];
    const channel = await stage.join({ target: "/many", filters });
    const topics = ["many/in", "many/out", "many/in/a/b", "many/x/twice"];
    for (const topic of topics) await device.publish(topic, topic, { qos: 1 });
    channel.send("not for itself");
    await device.publish("many/in/last", "last", { qos: 1 });
    for (const text of ["many/in", "many/in/a/b", "many/x/twice", "last"]) {
      await gets(channel, "text", text);
    }
    await device.take(topics.length + 2);
  });
});
