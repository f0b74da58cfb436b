// SPDX-License-Identifier: Apache-2.0
// The words of the doctor's command line: what is wrong with them is said
// before anything is sent, with exit code 64.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { postern } from "./fixtures/command.mjs";
import { Folder } from "./fixtures/folder.mjs";

const USAGE = 64;
const URL = "ws://127.0.0.1:1/mqtt"; // nothing listens there

describe("the doctor's words:", () => {
  let folder;

  before(async () => {
    folder = await Folder.create();
  });
  after(() => folder?.remove());

  async function refused(words, pattern) {
    const { code, out, err } = await postern(["doctor", ...words]);
    assert.equal(code, USAGE, err);
    assert.equal(out, "");
    assert.match(err, pattern);
    assert.match(err, /^usage: postern doctor URL/m);
  }

  test("--help explains", async () => {
    const { code, out } = await postern(["doctor", "--help"]);
    assert.equal(code, 0);
    const options = ["origin", "user", "password-file", "ca", "topic"];
    for (const option of [...options, "timeout"]) {
      assert.match(out, new RegExp(`^ +--${option} [A-Z]`, "m"));
    }
  });

  for (const [url, pattern] of [
    ["http://a.test/mqtt", /has ws:\/\/ where its page has http:\/\//],
    ["https://a.test/mqtt", /has wss:\/\/ where its page has https:\/\//],
    ["mqtt://a.test:1883", /broker's own port, which no browser can use/],
    ["a.test", /write the URL as the page does/],
    ["ws://u:p@a.test/", /give --user and --password-file/],
    ["ws://a.test/#x", /browsers refuse a #/],
  ]) {
    test(`the URL ${url} is told how to be written`, () =>
      refused([url], pattern));
  }

  for (const [words, pattern] of [
    [[], /which URL\?/],
    [[URL, URL], /one URL is enough/],
    [[URL, "--what"], /unknown word --what/],
    [[URL, "--origin"], /no value after --origin/],
    [[URL, "--origin", "a.test"], /no scheme: write scheme:\/\/host/],
    [[URL, "--origin", "ws://a.test"], /name the page, not the socket/],
    [[URL, "--origin", "http://*.a.test"], /no origin of a page/],
    [[URL, "--origin", "http://a\r\nX: y"], /no origin of a page/],
    [[URL, "--topic", "a/#"], /no topic to publish to/],
    [[URL, "--topic", ""], /no topic to publish to/],
    [[URL, "--timeout", "0"], /seconds from 1 to 300/],
    [[URL, "--timeout", "10s"], /seconds from 1 to 300/],
    [[URL, "--timeout", "99999999999999999999"], /seconds from 1 to 300/],
    [[URL, "--ca", "/nowhere"], /cannot read the file of --ca/],
    [[URL, "--password-file", "x"], /needs a --user/],
    [[URL, "--user", "a", "--password-file", "/nowhere"], /cannot read the pa/],
    [[URL, "--user", "a", "--password-file", "/"], /cannot read the password/],
  ]) {
    test(`${JSON.stringify(words)} is refused`, () => refused(words, pattern));
  }

  test("a password that is too long is refused, and not shown", async () => {
    const file = await folder.write("long", "x".repeat(20000));
    const words = [URL, "--user", "a", "--password-file", file];
    await refused(words, /too long for a password: \S+long$/m);
  });

  test("a file of --ca without a certificate is told", async () => {
    const file = await folder.write("ca.pem", "nothing\n");
    const { code, err } = await postern(["doctor", URL, "--ca", file]);
    assert.equal(code, 1);
    assert.match(err, /no certificate can be read from the file of --ca/);
  });
});
