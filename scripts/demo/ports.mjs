// SPDX-License-Identifier: Apache-2.0
// TCP ports of this machine's loopback addresses.
import net from "node:net";

const LOOPBACKS = ["127.0.0.1", "::1"];

// The loopback addresses that there are.
export async function loopbacks() {
  const found = [];
  for (const host of LOOPBACKS) if (await isFree(0, host)) found.push(host);
  return found;
}

export async function isFree(port, host) {
  try {
    await close(await listen(port, host));
    return true;
  } catch {
    return false;
  }
}

export async function isFreeOn(port, hosts) {
  for (const host of hosts) if (!(await isFree(port, host))) return false;
  return true;
}

// Free ports, all different: each is held until the last is found.
export async function freePorts(count, hosts) {
  const held = [];
  const ports = [];
  while (ports.length < count) {
    const server = await listen(0, "127.0.0.1");
    const { port } = server.address();
    const others = hosts.filter((host) => host !== "127.0.0.1");
    held.push(server);
    if (await isFreeOn(port, others)) ports.push(port);
  }
  await Promise.all(held.map(close));
  return ports;
}

function listen(port, host) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

function close(server) {
  return new Promise((resolve) => server.close(resolve));
}
