// SPDX-License-Identifier: Apache-2.0
// Real pages in Chromium with nothing but `new WebSocket(...)`: a chat in two
// tabs on a channel, and MQTT in JSON.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { makeCertificate } from "../flow/fixtures/certificate.mjs";
import { ChannelPlant } from "../flow/fixtures/channel.mjs";
import { channelRoute, LOBBY } from "../flow/fixtures/channel_route.mjs";
import { mqttRoute } from "../flow/fixtures/config.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { until } from "../flow/fixtures/wait.mjs";
import { launch, openTab, skip } from "./fixtures/chromium.mjs";
import { Site } from "./fixtures/site.mjs";

const SUBPROTOCOL = "json.postern.v1";
const WRAPPED = "chat/wrapped";
const WILLED = "chat/willed";
const LEFT = "chat/left";
const FENCE = "chat/fence"; // no page's

// What people have on their pages, and a log that the test reads.
const chatPage = (url) => `
  const chatSocket = new WebSocket('${url}');
  function sendMessage(message) { chatSocket.send(JSON.stringify({ message })) }
  window.shown = [];
  chatSocket.onmessage = (e) => shown.push(JSON.parse(e.data).message);
  window.ended = new Promise((resolve) => {
    chatSocket.onclose = ({ code, reason, wasClean }) =>
      resolve({ code, reason, wasClean });
  });
  window.opened = new Promise((resolve) => {
    chatSocket.onopen = () => resolve("open");
    chatSocket.onerror = () => resolve("error");
  });
`;

// `inbox` are the frames that came and that nobody has asked for yet.
const jsonPage = (url) => `
  window.inbox = [];
  window.start = (...protocols) => new Promise((resolve) => {
    window.socket = new WebSocket('${url}', ...protocols);
    socket.onmessage = ({ data }) => inbox.push(JSON.parse(data));
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("error");
    window.ended = new Promise((done) => {
      socket.onclose = ({ code, reason, wasClean }) =>
        done({ code, reason, wasClean });
    });
  });
  window.say = (frame) => socket.send(JSON.stringify(frame));
`;

describe("a page with nothing but WebSocket", { skip, timeout: 180000 }, () => {
  let folder, stage, sites, browser, device;
  let tabs = [];

  before(async () => {
    folder = await Folder.create();
    const { certificate, key } = await makeCertificate(folder);
    const port = await freePort();
    const url = (path) => `wss://localhost:${port}${path}`;
    const pages = {
      "/chat": chatPage(url("/chat")),
      "/wrapped": chatPage(url("/wrapped")),
      "/willed": chatPage(url("/willed")),
      "/json": jsonPage(url("/json")),
    };
    sites = { own: await Site.start(pages), foreign: await Site.start(pages) };
    const origins = [sites.own.origin];
    const tls = { certificate, key };
    const own = (path, topic, changes) =>
      channelRoute({
        path,
        publish: topic,
        subscribe: [topic],
        origins,
        ...changes,
      });
    stage = await ChannelPlant.start({
      listener: { port, tls },
      routes: [
        own("/chat", LOBBY),
        own("/wrapped", WRAPPED, { wrap: "message" }),
        own("/willed", WILLED, { will: { topic: LEFT, payload: "left" } }),
        mqttRoute({ path: "/json", kind: "json", origins }),
      ],
    });
    browser = await launch();
    device = await stage.device("chat/#", { level: 5 });
  });
  after(async () => {
    await browser?.close();
    await stage?.stop();
    for (const site of Object.values(sites ?? {})) await site.stop();
    await folder?.remove();
  });
  afterEach(async () => {
    for (const { page } of tabs.splice(0)) await page.context().close();
    await stage.wire.until(() => stage.wire.live === 0, { what: "no session" });
    await hearsTheRest();
  });

  // What a test did not ask for, wills included, is not the next one's.
  async function hearsTheRest() {
    await device.publish(FENCE, "fence", { qos: 1 });
    for (;;) {
      if ((await device.message()).topic === FENCE) return;
    }
  }

  async function openPage(path, site = sites.own) {
    const tab = await openTab(browser, site.origin + path);
    tabs.push(tab);
    return tab;
  }

  // A tab that chats; the broker has its subscription.
  async function chat(path = "/chat", topic = LOBBY) {
    const before = stage.subscriptions([topic]);
    const { page } = await openPage(path);
    assert.equal(await page.evaluate(() => window.opened), "open");
    await stage.untilSubscribed([topic], before);
    return page;
  }

  // These are functions of the page, which is no module.
  const send = (page, text) => page.evaluate((text) => sendMessage(text), text);

  async function shows(page, ...texts) {
    const shown = await until(
      async () => {
        const all = await page.evaluate(() => window.shown);
        return all.length >= texts.length && all;
      },
      { what: `${texts.length} messages on the page` },
    );
    assert.deepEqual(shown, texts);
  }

  async function heard() {
    const { payload } = await device.message();
    return payload.toString();
  }

  describe("on a channel", () => {
    test("chats with another tab and sees what it says itself", async () => {
      const anna = await chat();
      const ben = await chat();
      await send(anna, "hello");
      await shows(anna, "hello");
      await shows(ben, "hello");
      await send(ben, "gr\u00fc\u00df dich \u{1f600}");
      for (const page of [anna, ben]) {
        await shows(page, "hello", "gr\u00fc\u00df dich \u{1f600}");
      }
    });

    test("says to MQTT clients the very octets that it sends", async () => {
      const page = await chat();
      for (const text of ["hello", 'a "quoted" \\ \u20ac', ""]) {
        await send(page, text);
        const { topic, payload, retain } = await device.message();
        const octets = Buffer.from(JSON.stringify({ message: text }));
        assert.deepEqual([topic, retain], [LOBBY, false]);
        assert.ok(payload.equals(octets), payload.toString());
      }
    });

    test("hears what MQTT clients say in JSON", async () => {
      const anna = await chat();
      const ben = await chat();
      const text = ' { "message" : "from a device" }\n';
      await device.publish(LOBBY, text, { qos: 1 });
      for (const page of [anna, ben]) await shows(page, "from a device");
    });

    test('hears with wrap = "message" plain text as well', async () => {
      const page = await chat("/wrapped", WRAPPED);
      await device.publish(WRAPPED, "plain", { qos: 1 });
      await device.publish(WRAPPED, '{"message":"JSON"}', { qos: 1 });
      await device.publish(WRAPPED, 'a "quoted" \n \u20ac', { qos: 1 });
      await shows(page, "plain", "JSON", 'a "quoted" \n \u20ac');
    });

    test("chats at once, before anything has come", async () => {
      const { page } = await openPage("/chat");
      await page.evaluate(() => window.opened);
      await send(page, "first");
      await shows(page, "first");
    });

    test("hears nothing of another room", async () => {
      const page = await chat();
      const other = await chat("/wrapped", WRAPPED);
      await send(other, "in the other room");
      await shows(other, "in the other room");
      await send(page, "in this room");
      await shows(page, "in this room");
    });

    test("that closes its socket reads that it was closed cleanly", async () => {
      const page = await chat();
      const end = await page.evaluate(() => {
        chatSocket.close();
        return window.ended;
      });
      assert.deepEqual(end, { code: 1005, reason: "", wasClean: true });
      await stage.wire.untilClosed();
    });

    test("that closes with a code of its own reads that code", async () => {
      const page = await chat();
      const end = await page.evaluate(() => {
        chatSocket.close(4000, "bye");
        return window.ended;
      });
      assert.deepEqual([end.code, end.wasClean], [4000, true]);
      await stage.wire.untilClosed();
    });

    test("whose tab is closed leaves the others alone, and its will", async () => {
      const anna = await chat("/willed", WILLED);
      const ben = await chat("/willed", WILLED);
      await anna.close();
      assert.equal(await heard(), "left");
      await send(ben, "alone");
      await shows(ben, "alone");
    });

    test("that goes to another page leaves its will", async () => {
      const page = await chat("/willed", WILLED);
      await page.goto("about:blank");
      assert.equal(await heard(), "left");
    });

    test("that closes its socket leaves no will", async () => {
      const page = await chat("/willed", WILLED);
      await page.evaluate(() => {
        chatSocket.close();
        return window.ended;
      });
      await stage.wire.untilClosed();
      await device.publish(LEFT, "nobody", { qos: 1 });
      assert.equal(await heard(), "nobody");
    });

    test("sends its last words when it closes at once", async () => {
      const page = await chat();
      await page.evaluate(() => {
        sendMessage("good-bye");
        chatSocket.close();
        return window.ended;
      });
      assert.equal(await heard(), '{"message":"good-bye"}');
    });

    test("of a foreign origin gets 403 and causes no connection", () =>
      isRefused("/chat", (page) => page.evaluate(() => window.opened)));
  });

  // A page of the foreign site, where `start` says how its handshake ended.
  async function isRefused(path, start) {
    const before = stage.wire.connections;
    const { page, answers } = await openPage(path, sites.foreign);
    assert.equal(await start(page), "error");
    await until(() => answers.length > 0, { what: "an answer" });
    assert.deepEqual(answers, [403]);
    assert.equal(stage.wire.connections, before);
  }

  for (const protocols of [[], [SUBPROTOCOL]]) {
    const how = protocols.length
      ? `with ${SUBPROTOCOL}`
      : "without subprotocol";

    describe(`on a json route, ${how},`, () => {
      let page;

      // The first frame that fits, which is gone then.
      async function frame(pattern) {
        const wanted = Object.entries(pattern);
        const find = (wanted) => {
          const fits = (one) => wanted.every(([name, x]) => one[name] === x);
          const at = window.inbox.findIndex(fits);
          return at < 0 ? null : window.inbox.splice(at, 1)[0];
        };
        const what = `a frame like ${JSON.stringify(pattern)}`;
        return until(() => page.evaluate(find, wanted), { what });
      }

      const say = (frame) => page.evaluate((frame) => window.say(frame), frame);

      // Says it and waits for the answer, which must be of success.
      async function ask(id, words) {
        await say({ id, ...words });
        const answer = await frame({ type: "ack", id });
        assert.equal(answer.success, true, JSON.stringify(answer));
        return answer;
      }

      async function start() {
        ({ page } = await openPage("/json"));
        const state = await page.evaluate(
          (protocols) => window.start(...protocols),
          protocols,
        );
        assert.equal(state, "open");
        return frame({ type: "connected" });
      }

      test("is connected", async () => {
        const connected = await start();
        const chosen = await page.evaluate(() => window.socket.protocol);
        assert.equal(chosen, protocols[0] ?? "");
        assert.match(connected.client_id, /^postern[0-9a-f]{16}$/);
        assert.equal(typeof connected.session, "string");
        assert.equal(connected.ping_interval, 25);
        assert.equal(connected.limits.packet_bytes, 1048576);
        assert.equal(connected.limits.subscriptions, 64);
        assert.equal(connected.mqtt.version, 5);
        assert.equal(connected.mqtt.session_present, false);
      });

      test("subscribes, publishes and hears", async () => {
        await start();
        const topic = "chat/json";
        const ack = await ask(1, { type: "subscribe", topic, qos: 1 });
        assert.deepEqual(ack.topics, [{ topic, reason_code: 1 }]);
        await ask("two", { type: "publish", topic, payload: "text", qos: 1 });
        const own = await frame({ type: "message", topic });
        assert.equal(own.payload, "text");
        assert.equal(own.qos, 1);
        assert.equal(own.retain, false);
        assert.deepEqual(own.properties, {});
        assert.equal("payload_encoding" in own, false);
        assert.equal(await heard(), "text");
        const payload = { temperature: 21.5, unit: "\u00b0C" };
        await ask(3, { type: "publish", topic, payload, qos: 2 });
        const octets = await heard();
        assert.equal(octets, JSON.stringify(payload));
        const next = await frame({ type: "message", topic });
        assert.equal(next.payload, octets);
        await device.publish(topic, "from a device", { qos: 1 });
        const last = await frame({ type: "message", topic });
        assert.equal(last.payload, "from a device");
        assert.ok(last.seq > next.seq && next.seq > own.seq);
        await ask(4, { type: "unsubscribe", topic });
      });

      test("sends and gets binary as base64", async () => {
        await start();
        const topic = "chat/binary";
        const octets = Buffer.from([0xff, 0, 0x80, 0xc0, 0x0a, 0xfe]);
        const payload = octets.toString("base64");
        await ask(1, { type: "subscribe", topic });
        await device.publish(topic, octets, { qos: 1 });
        const message = await frame({ type: "message", topic });
        assert.equal(message.payload_encoding, "base64");
        assert.equal(message.payload, payload);
        await device.message();
        const payload_encoding = "base64";
        await ask(2, { type: "publish", topic, payload, payload_encoding });
        const sent = await device.message();
        assert.ok(sent.payload.equals(octets));
        const own = await frame({ type: "message", topic });
        assert.equal(own.payload, payload);
      });

      test("asks an MQTT 5 client and gets its response", async () => {
        const responder = await stage.device("rpc/add", { level: 5 });
        responder.mqtt.on("message", (topic, payload, { properties }) => {
          const { responseTopic, correlationData } = properties;
          const { a, b } = JSON.parse(payload);
          const answer = JSON.stringify(a + b);
          responder.mqtt.publish(responseTopic, answer, {
            properties: { correlationData },
          });
        });
        await start();
        for (const id of [1, "two"]) {
          const payload = { a: 40, b: 2 };
          await say({ type: "request", id, topic: "rpc/add", payload });
          const response = await frame({ type: "response", id });
          assert.equal(response.payload, "42");
        }
        const ids = Array.from({ length: 20 }, (_, i) => `r${i}`);
        for (const [b, id] of ids.entries()) {
          const payload = { a: 100, b };
          await say({ type: "request", id, topic: "rpc/add", payload });
        }
        for (const [b, id] of ids.entries()) {
          const response = await frame({ type: "response", id });
          assert.equal(response.payload, `${100 + b}`);
        }
      });

      test("pings", async () => {
        await start();
        await say({ type: "ping", id: 6 });
        await frame({ type: "pong", id: 6 });
      });

      test("closes, and what it published before has arrived", async () => {
        await start();
        const end = await page.evaluate(() => {
          const topic = "chat/last";
          window.say({ type: "publish", topic, payload: "last words" });
          window.socket.close();
          return window.ended;
        });
        assert.deepEqual(end, { code: 1005, reason: "", wasClean: true });
        assert.equal(await heard(), "last words");
        await stage.wire.untilClosed();
      });

      test("of a foreign origin gets 403 and causes no connection", () =>
        isRefused("/json", (page) =>
          page.evaluate((protocols) => window.start(...protocols), protocols),
        ));
    });
  }
});
