// SPDX-License-Identifier: Apache-2.0
// Says to a broker, packet by packet, what a session has said to it, and
// finds the one that it closes for.
import { PacketReader, pingreq } from "../flow/fixtures/packets.mjs";
import { Socket } from "../flow/fixtures/socket.mjs";
import { until } from "../flow/fixtures/wait.mjs";
import { cut, levelOf } from "./cut.mjs";

const PATIENCE_MS = 300;
const END =
  /(disconnected|has exceeded|closed its|Bad socket|Protocol error).*/;
const NAMED = /(?<=client) \S+(?=:)/;
const LAST_WORDS = ["connack", "disconnect"];

// { level, connect, packet, answer, log } of the packet that `broker` closes
// for when it gets `up`, and `isAlone`: that one is enough after CONNECT; null
// when it closes for none.
export async function findCulprit(broker, up) {
  const all = cut(up);
  const found = await replay(broker, all);
  if (!found || found.packet === all[0]) return found;
  // Does it need what came between?
  const alone = await replay(broker, [all[0], found.packet]);
  return { ...found, isAlone: alone?.packet === found.packet };
}

async function replay(broker, all) {
  const level = levelOf(all[0].bytes);
  const from = broker.lines.length;
  const socket = await Socket.open({ port: broker.port });
  const reader = new PacketReader(level);
  const heard = [];
  socket.divert((bytes) => heard.push(...reader.push(bytes)));
  try {
    for (const packet of all) {
      const before = pongs(heard);
      socket.write(packet.bytes);
      const hasAnswer = ["connect", "pingreq"].includes(packet.type);
      if (!hasAnswer) socket.write(pingreq());
      const isAnswered = () =>
        packet.type === "connect" ? heard.length : pongs(heard) > before;
      await settled(socket, isAnswered);
      if (heard[0]?.code > 0) await settled(socket, () => false);
      if (!socket.ended) continue;
      const last = heard.at(-1);
      const answer = LAST_WORDS.includes(last?.type) ? said(last) : "";
      return {
        level,
        connect: all[0],
        packet,
        answer,
        log: await reason(broker, from),
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
async function reason(broker, from) {
  const find = () => {
    const line = broker.lines.slice(from).find((one) => END.test(one));
    return line && END.exec(line)[0].replace(NAMED, "");
  };
  return until(find, { deadline: PATIENCE_MS }).catch(() => "no word");
}
