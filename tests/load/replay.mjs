// SPDX-License-Identifier: Apache-2.0
// Says to a broker, packet by packet, what a session has said to it, and
// finds the one that it closes for.
import { PacketReader, packetsIn, pingreq } from "../flow/fixtures/packets.mjs";
import { Socket } from "../flow/fixtures/socket.mjs";

const PATIENCE_MS = 300;
const LAST_WORDS = ["connack", "disconnect"];

// { connect, packet, answer, log } of the packet that `broker` closes for when
// it gets `up`; null when it closes for none.
export async function findCulprit(broker, up) {
  const all = packetsIn(up);
  return replay(broker, all);
}

async function replay(broker, all) {
  const from = broker.lines.length;
  const socket = await Socket.open({ port: broker.port });
  const reader = new PacketReader(all[0]?.level ?? 4);
  const heard = [];
  socket.divert((bytes) => heard.push(...reader.push(bytes)));
  try {
    for (const packet of all) {
      const before = pongs(heard);
      socket.write(packet.bytes);
      if (packet.type !== "connect") socket.write(pingreq());
      const isAnswered = () =>
        packet.type === "connect" ? heard.length : pongs(heard) > before;
      await settled(socket, isAnswered);
      if (heard[0]?.code > 0) await settled(socket, () => false);
      if (!socket.ended) continue;
      const last = heard.at(-1);
      const answer = LAST_WORDS.includes(last?.type) ? said(last) : "";
      return {
        connect: all[0],
        packet,
        answer,
        log: reason(broker.lines.slice(from)),
      };
    }
    return null;
  } finally {
    socket.destroy();
  }
}

function settled(socket, isAnswered) {
  const over = () => socket.ended || isAnswered();
  return socket.until(over, { deadline: PATIENCE_MS }).catch(() => {});
}

function pongs(heard) {
  return heard.filter(({ type }) => type === "pingresp").length;
}

function said({ type, code }) {
  return code ? `${type} 0x${code.toString(16)}` : "";
}

// The broker's own word for it, without the client's name.
function reason(lines) {
  const found = lines.findLast((line) => /disconnected|exceeded/.test(line));
  return found ? found.replace(/^.*(disconnected|has)/, "$1") : "";
}
