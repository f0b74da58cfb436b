// SPDX-License-Identifier: Apache-2.0
// Ways to spoil a packet, each by chance: bits, lengths, flags, strings,
// pieces. Most leave the Remaining Length right, so that the fields are read.
import { readVariable, variable } from "../flow/fixtures/packets.mjs";
import { BAD } from "./generator.mjs";

// A packet that is perhaps none; `other` is another one to take from.
export function mutate(random, packet, other) {
  const change = random.weighted(CHANGES);
  const changed = change(random, packet, other);
  return random.chance(0.15) ? mutate(random, changed, other) : changed;
}

const CHANGES = [
  [flipBit, 10],
  [flipBitOfHead, 6],
  [setOctet, 4],
  [changeLength, 4],
  [changeInnerLength, 6],
  [changeFlags, 3],
  [changeType, 2],
  [spoilText, 8],
  [insert, 4],
  [remove, 4],
  [cutEnd, 4],
  [addEnd, 4],
  [join, 3],
  [zero, 3],
  [longLength, 1],
];

function flipBit(random, packet) {
  return flipAt(random, packet, random.below(packet.length));
}

// Where the fields are that are not text.
function flipBitOfHead(random, packet) {
  return flipAt(random, packet, random.below(Math.min(packet.length, 14)));
}

function flipAt(random, packet, at) {
  const changed = Buffer.from(packet);
  if (at < changed.length) changed[at] ^= 1 << random.below(8);
  return changed;
}

function setOctet(random, packet) {
  const changed = Buffer.from(packet);
  changed[random.below(changed.length)] = random.pick([0, 1, 0x7f, 0x80, 255]);
  return changed;
}

function changeLength(random, packet) {
  const { first, body } = split(packet);
  const length = Math.max(0, body.length + random.pick([-3, -2, -1, 1, 2, 9]));
  return Buffer.concat([first, variable(length), body]);
}

// Any two octets that could be the length of a string.
function changeInnerLength(random, packet) {
  const { first, body } = split(packet);
  const places = [...body.keys()].filter(
    (at) => body[at] === 0 && at + 1 < body.length,
  );
  if (places.length === 0) return flipBit(random, packet);
  const changed = Buffer.from(body);
  changed[random.pick(places) + 1] += random.pick([-2, -1, 1, 2, 100]);
  return whole(first, changed);
}

function changeFlags(random, packet) {
  const changed = Buffer.from(packet);
  changed[0] = (changed[0] & 0xf0) | random.below(16);
  return changed;
}

function changeType(random, packet) {
  const changed = Buffer.from(packet);
  changed[0] = (changed[0] & 0x0f) | (random.below(16) << 4);
  return changed;
}

// In what looks like a string, whose length is then right.
function spoilText(random, packet) {
  const { first, body } = split(packet);
  const bad = Buffer.from(random.pick(BAD));
  const places = texts(body);
  if (places.length === 0) return insert(random, packet);
  const { at, end } = random.pick(places);
  const text = body.subarray(at, end);
  const from = random.below(text.length + 1);
  const to = random.chance(0.5) ? from : text.length;
  const made = Buffer.concat([text.subarray(0, from), bad, text.subarray(to)]);
  const size = Buffer.of(made.length >> 8, made.length & 255);
  const [before, after] = [body.subarray(0, at - 2), body.subarray(end)];
  return whole(first, Buffer.concat([before, size, made, after]));
}

// What looks like a string: two octets of a length, and as many others.
function texts(body) {
  const found = [];
  for (let at = 2; at <= body.length; at++) {
    const length = body.readUInt16BE(at - 2);
    const end = at + length;
    const isText = length > 0 && end <= body.length;
    if (isText && body[at] >= 0x20) found.push({ at, end });
  }
  return found;
}

function insert(random, packet) {
  const { first, body } = split(packet);
  const at = random.below(body.length + 1);
  const more = random.octets(1 + random.below(3));
  const [before, after] = [body.subarray(0, at), body.subarray(at)];
  return whole(first, Buffer.concat([before, more, after]));
}

function remove(random, packet) {
  const { first, body } = split(packet);
  const at = random.below(body.length + 1);
  const [before, after] = [body.subarray(0, at), body.subarray(at)];
  const count = 1 + random.below(3);
  return whole(first, Buffer.concat([before, after.subarray(count)]));
}

function cutEnd(random, packet) {
  const { first, body } = split(packet);
  return whole(first, body.subarray(0, random.below(body.length + 1)));
}

function addEnd(random, packet) {
  const { first, body } = split(packet);
  const count = 1 + random.below(4);
  const more = random.chance(0.5) ? random.octets(count) : Buffer.alloc(count);
  return whole(first, Buffer.concat([body, more]));
}

// The beginning of one and the end of the other.
function join(random, packet, other) {
  const { first, body } = split(packet);
  const { body: second } = split(other);
  const head = body.subarray(0, random.below(body.length + 1));
  const tail = second.subarray(random.below(second.length + 1));
  return whole(first, Buffer.concat([head, tail]));
}

// A packet id, a level, a length of 0.
function zero(random, packet) {
  const { first, body } = split(packet);
  const changed = Buffer.from(body);
  const at = random.below(Math.min(changed.length, 24) + 1);
  changed.fill(0, at, Math.min(at + 2, changed.length));
  return whole(first, changed);
}

// More octets for the Remaining Length than it needs, or may have.
function longLength(random, packet) {
  const { first, body } = split(packet);
  const length = variable(body.length);
  length[length.length - 1] |= 0x80;
  const more = random.pick([[0], [0x80, 0], [0x80, 0x80, 0x80, 0]]);
  return Buffer.concat([first, length, Buffer.from(more), body]);
}

function split(packet) {
  const found = packet.length > 1 ? safely(packet) : null;
  const start = found ? 1 + found.length : 1;
  return { first: packet.subarray(0, 1), body: packet.subarray(start) };
}

function safely(packet) {
  try {
    return readVariable(packet, 1);
  } catch {
    return null;
  }
}

function whole(first, body) {
  return Buffer.concat([first, variable(body.length), body]);
}
