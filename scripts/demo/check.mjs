// SPDX-License-Identifier: Apache-2.0
// What `scripts/quickstart --once` proves, with clients of its own.
import assert from "node:assert/strict";
import https from "node:https";
import mqtt from "mqtt";

const DEADLINE_MS = 10000;

export async function check({ urls, ca, allowed, foreign, say }) {
  for (const page of [allowed, foreign]) await servesPage(page);
  say(`the page is served on ${allowed} and ${foreign}`);

  const client = await mqtt.connectAsync(urls.wss, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: DEADLINE_MS,
    wsOptions: { origin: allowed, ca },
  });
  const degrees = await nextPayload(client, "plant/press/temperature");
  say(`a device's message came through wss: ${degrees} degrees`);

  for (const state of ["on", "off"]) {
    await switchLamp(client, state);
    say(`the lamp was switched ${state}, and says so`);
  }
  await client.endAsync();

  assert.equal(await handshakeStatus(urls.wss, { ca, origin: foreign }), 403);
  assert.equal(await handshakeStatus(urls.wss, { ca, origin: allowed }), 101);
  say(`a page from ${foreign} was refused with 403`);
}

async function servesPage(origin) {
  for (const path of ["/", "/page.js", "/mqtt.js", "/settings.json"]) {
    const response = await fetch(origin + path);
    assert.equal(response.status, 200, origin + path);
  }
}

async function switchLamp(client, state) {
  await client.publishAsync("plant/lamp/set", state, { qos: 1 });
  await nextPayload(client, "plant/lamp/state", state);
}

// Of the next message of `topic`, or of the next that says `wanted`.
function nextPayload(client, topic, wanted = null) {
  return new Promise((resolve, reject) => {
    const late = new Error(`${topic}: no message ${wanted ?? ""}`);
    const timer = setTimeout(() => reject(late), DEADLINE_MS);
    client.on("message", function take(name, payload) {
      const text = payload.toString();
      if (name !== topic || (wanted ?? text) !== text) return;
      clearTimeout(timer);
      client.off("message", take);
      resolve(text);
    });
    client.subscribeAsync(topic, { qos: 1 }).catch(reject);
  });
}

// How the gateway answers a browser's WebSocket handshake.
function handshakeStatus(url, { ca, origin }) {
  return new Promise((resolve, reject) => {
    const request = https.get(url.replace("wss", "https"), {
      ca,
      agent: false,
      timeout: DEADLINE_MS,
      headers: {
        Origin: origin,
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol": "mqtt",
      },
    });
    const answer = (response) => {
      resolve(response.statusCode);
      request.destroy();
    };
    request.on("response", answer);
    request.on("upgrade", answer);
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", reject);
  });
}
