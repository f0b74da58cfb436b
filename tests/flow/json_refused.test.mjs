// SPDX-License-Identifier: Apache-2.0
// A broker that wants nothing to do with a client (banned, bad authentication
// method) is not asked again: the session ends.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { jsonRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { passwordFile } from "./fixtures/logins.mjs";
import { connack } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";

const CODES = { "0x8A": 0x8a, "0x8C": 0x8c };
const ENDS = {
  "and closes": (link, bytes) => link.end(bytes),
  "and stays open": (link, bytes) => link.write(bytes),
};

describe("a broker that answers CONNECT", () => {
  let plant, folder, password_file;

  before(async () => {
    folder = await Folder.create();
    password_file = await passwordFile(folder, "password", "pw");
  });
  afterEach(() => plant?.stop());
  after(() => folder?.remove());

  async function endsWith(expected, code, answer, settings) {
    plant = await Plant.start({
      acls: [{ name: "page", rules: ["allow sub open/+"] }],
      script: async (link) => {
        const { level } = await link.next();
        answer(link, connack({ level, code }));
      },
      ...settings,
    });
    const page = await plant.newPage();
    const { code: end, reason } = await page.expectClose();
    assert.equal(`${end} ${reason}`, expected);
    assert.equal(plant.broker.connections, 1);
    assert.deepEqual(await plant.gateway.workers(), plant.workers);
  }

  for (const [name, code] of Object.entries(CODES)) {
    for (const [how, answer] of Object.entries(ENDS)) {
      test(`with ${name} ${how} ends the session with 4403`, () =>
        endsWith("4403 not_authorised", code, answer, {
          routes: [jsonRoute({ acl: "page" })],
        }));

      test(`with ${name} ${how} ends it with 4503 where the login is ours`, () =>
        endsWith("4503 upstream_refused", code, answer, {
          upstream: { username: "web", password_file, inject: true },
          routes: [jsonRoute({ acl: "page", anonymous: true })],
        }));
    }
  }
});
