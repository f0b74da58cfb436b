// SPDX-License-Identifier: Apache-2.0
// What mosquitto 2.0.11 closes for though the gateway is right to pass it on.
import { readVariable } from "../flow/fixtures/packets.mjs";

const ACKS = ["puback", "pubrec", "pubcomp"];
const ALIAS_INVALID = "disconnect 0x94";

const CASES = [
  {
    is: ({ answer }) => answer.startsWith(ALIAS_INVALID),
    why: "an alias over its maximum, which it alone counts without an ACL",
  },
  {
    is: ({ packet, log }) =>
      packet.type === "publish" &&
      topicOf(packet).startsWith("$SYS") &&
      log.includes("Bad socket"),
    why: "it refuses to have its $SYS written, by a close",
  },
  {
    is: ({ packet, log }) => ACKS.includes(packet.type) && /protocol/.test(log),
    why: "the id is under way with another QoS, which it alone knows",
  },
  {
    is: ({ level, packet }) =>
      level === 3 &&
      packet.type === "subscribe" &&
      optionsOf(packet).some((octet) => octet > 3),
    why: "MQTT 3.1 does not use six bits beside the QoS, it wants them 0",
  },
  {
    // Its words for 0x8c, which it may find no room to say.
    is: ({ packet, log }) =>
      packet.type === "connect" && log.includes("QoS too high"),
    why: "an authentication method, and it knows none",
  },
  {
    is: ({ packet, log }) =>
      packet.type === "connect" && log.includes("oversize"),
    why: "a Maximum Packet Size that its CONNACK is larger than",
  },
];

// A sentence, or null. `found` is of findCulprit.
export function explanationOf(found) {
  return CASES.find(({ is }) => is(found))?.why ?? null;
}

function topicOf({ bytes }) {
  const at = 1 + readVariable(bytes, 1).length;
  return bytes.toString("latin1", at + 2, at + 2 + bytes.readUInt16BE(at));
}

// The octets behind the filters, of a level before 5.
function optionsOf({ bytes }) {
  const found = [];
  let at = 1 + readVariable(bytes, 1).length + 2;
  while (at < bytes.length) {
    at += 2 + bytes.readUInt16BE(at);
    found.push(bytes[at++]);
  }
  return found;
}
