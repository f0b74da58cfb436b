// SPDX-License-Identifier: Apache-2.0
// What a channel may not say or hear ends it, with a reason that the page can
// read.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { ChannelPlant } from "./fixtures/channel.mjs";
import { channelRoute, LOBBY } from "./fixtures/channel_route.mjs";
import { connack, puback, suback } from "./fixtures/packets.mjs";
import { ALLOWED } from "./fixtures/request.mjs";
import { welcome } from "./fixtures/scripted_broker.mjs";

const NOT_AUTHORISED = [4403, "not_authorised"];
const MARK = "PAYLOAD-91ac";
const VERSIONS = [4, 5];

const acls = [
  { name: "hearers", rules: ["allow sub chat/#"] },
  { name: "speakers", rules: ["allow pub chat/#"] },
  { name: "all", rules: ["allow pub chat/#", "allow sub chat/#"] },
];

const ROUTES = {
  silent: { publish: null },
  reader: { publish: null, read_only: true },
  hearer: { acl: "hearers" },
  speaker: { acl: "speakers" },
  lawful: { acl: "all", audit: "publish" },
  audited: { acl: "hearers", audit: "refused" },
  mute: { acl: "speakers", subscribe: null },
};

describe("a channel", () => {
  let stage, device;

  before(async () => {
    const routes = VERSIONS.flatMap((version) =>
      Object.entries(ROUTES).map(([name, changes]) =>
        channelRoute({
          path: `/${name}${version}`,
          mqtt_version: version,
          ...changes,
        }),
      ),
    );
    const plain = channelRoute();
    stage = await ChannelPlant.start({ acls, routes: [plain, ...routes] });
    device = await stage.device("#");
  });
  after(() => stage?.stop());
  afterEach(() => stage.leaveAll());

  async function deviceGotNothing() {
    await device.publish("fence", "fence", { qos: 1 });
    assert.equal((await device.message()).topic, "fence");
  }

  async function deviceSays(text) {
    await device.publish(LOBBY, text, { qos: 1 });
    await device.message();
  }

  for (const version of VERSIONS) {
    for (const name of ["silent", "reader", "hearer", "audited"]) {
      const target = `/${name}${version}`;

      test(`${target} hears`, async () => {
        const channel = await stage.join({ target });
        await deviceSays("hello");
        assert.equal(await channel.text(), "hello");
        await channel.isAlive();
      });

      test(`${target} is closed with 4403 for a message`, async () => {
        const other = await stage.join();
        for (const payload of ["text", Buffer.of(255), "", Buffer.of()]) {
          const channel = await stage.join({ target });
          channel.send(payload);
          await channel.isClosedWith(...NOT_AUTHORISED);
          await channel.websocket.untilEnded();
        }
        await deviceGotNothing();
        await other.isAlive();
      });

      test(`${target} says nothing to the broker with many messages`, async () => {
        const channel = await stage.join({ target });
        for (let i = 0; i < 50; i++) channel.send(`${i}`);
        await channel.isClosedWith(...NOT_AUTHORISED);
        await deviceGotNothing();
      });
    }

    test(`/speaker${version} is closed with 4403, it may not hear`, async () => {
      const before = stage.wire.connections;
      const channel = await stage.open({ target: `/speaker${version}` });
      const { messages } = await channel.isClosedWith(...NOT_AUTHORISED);
      assert.deepEqual(messages, []);
      const asked = stage.wire.links.slice(before);
      assert.ok(asked.every(({ kept }) => !kept.includes(LOBBY)));
    });

    test(`/mute${version} speaks and does not listen`, async () => {
      const target = `/mute${version}`;
      const channel = await stage.join({ target, filters: [] });
      channel.send("hello");
      const { topic, payload } = await device.message();
      assert.deepEqual([topic, payload.toString()], [LOBBY, "hello"]);
      await channel.isAlive();
    });

    test(`a refused message on /audited${version} has a line`, async () => {
      const lines = await audits(`/audited${version}`, "refused");
      assert.equal(lines.length, 1);
    });

    test(`an accepted one on /lawful${version} has a line`, async () => {
      const lines = await audits(`/lawful${version}`, "accepted");
      await device.message();
      assert.equal(lines.length, 1);
    });
  }

  // The lines for one message, of which it knows what they must say.
  async function audits(target, verdict) {
    const { gateway } = stage;
    const from = gateway.lines.length;
    const channel = await stage.join({ target });
    channel.send(MARK);
    const line = await gateway.line(/^audit publish /, { from });
    const fields = {
      verdict,
      origin: ALLOWED,
      topic: LOBBY,
      qos: 1,
      retain: false,
      size: MARK.length,
    };
    for (const [name, value] of Object.entries(fields)) {
      assert.match(line, new RegExp(` ${name}="?${value}"?( |$)`));
    }
    const opened = await gateway.line(/^session \S+ opened /, { from });
    const [, id] = /^session (\S+) /.exec(opened);
    assert.match(line, new RegExp(` session=${id} `));
    channel.destroy();
    await gateway.line(new RegExp(`^session ${id} closed `), { from });
    return gateway.lines.slice(from).filter((one) => /^audit /.test(one));
  }

  test("has told no payload in the log", () => {
    const told = stage.gateway.lines.filter((line) => line.includes(MARK));
    assert.deepEqual(told, []);
  });

  test("tells in the log why it was closed", async () => {
    const from = stage.gateway.lines.length;
    const channel = await stage.join({ target: "/silent5" });
    channel.send("text");
    await channel.isClosedWith(...NOT_AUTHORISED);
    const line = /^session \S+ closed reason=not_authorised .*route=\/silent5/;
    await stage.gateway.line(line, { from });
  });
});

describe("a broker that refuses", () => {
  let stage;

  afterEach(async () => {
    await stage?.stop();
    stage = null;
  });

  async function meets(script, changes) {
    const routes = [channelRoute(changes)];
    stage = await ChannelPlant.start({ script, routes });
    return stage.open();
  }

  // `code` is that of all that it is asked for.
  const refuser = (answer) => async (link) => {
    await welcome()(link);
    for (;;) {
      const packet = await link.next();
      const bytes = answer(packet, link.connect.level);
      if (bytes) link.write(bytes);
    }
  };

  for (const [version, code] of [
    [4, 0x80],
    [5, 0x80],
    [5, 0x87],
    [5, 0x8f],
  ]) {
    const said = `0x${code.toString(16)}`;

    test(`a subscription with ${said} in version ${version}: 4403`, async () => {
      const script = refuser(({ type, id, filters }, level) => {
        if (type !== "subscribe") return null;
        return suback({ level, id, codes: filters.map(() => code) });
      });
      const channel = await meets(script, { mqtt_version: version });
      await channel.isClosedWith(...NOT_AUTHORISED);
    });
  }

  test("one subscription of two: 4403", async () => {
    const script = refuser(({ type, id, filters }, level) => {
      if (type !== "subscribe") return null;
      const codes = filters.map(([filter]) => (filter === "b" ? 0x87 : 1));
      return suback({ level, id, codes });
    });
    const channel = await meets(script, { subscribe: ["a", "b"] });
    await channel.isClosedWith(...NOT_AUTHORISED);
  });

  test("a message with 0x87: 4403", async () => {
    const script = refuser(({ type, id, filters }, level) => {
      if (type === "publish") return puback(id, 0x87);
      if (type !== "subscribe") return null;
      return suback({ level, id, codes: filters.map(() => 1) });
    });
    const channel = await meets(script, { mqtt_version: 5 });
    channel.send("hello");
    await channel.isClosedWith(...NOT_AUTHORISED);
  });

  for (const [version, code, ...end] of [
    [4, 2, 4403, "client_id"],
    [4, 4, 4401, "bad_login"],
    [4, 5, 4403, "not_authorised"],
    [5, 0x85, 4403, "client_id"],
    [5, 0x86, 4401, "bad_login"],
    [5, 0x87, 4403, "not_authorised"],
  ]) {
    test(`CONNECT with ${code} in version ${version}: ${end[0]}`, async () => {
      const script = async (link) => {
        const { level } = await link.next();
        link.end(connack({ level, code }));
      };
      const channel = await meets(script, { mqtt_version: version });
      await channel.isClosedWith(...end);
    });
  }
});
