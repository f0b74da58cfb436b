// SPDX-License-Identifier: Apache-2.0
// What the quickstart prints.

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text) => (isColoured ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text) => (isColoured ? `\x1b[2m${text}\x1b[0m` : text);

// One line of somebody, as it happens.
export function note(who, what) {
  console.log(`${dim(who.padEnd(8))} ${what}`);
}

export function guide(demo) {
  return `
${bold("An old plant broker, and a browser that reads it and switches a lamp.")}
The broker speaks MQTT over TCP only, on 127.0.0.1:${demo.ports.broker}; postern stands in
front of it on ${demo.ports.ws} (ws) and ${demo.ports.wss} (wss).

Open, in this order:

 1. ${bold(demo.certificate)}
    and accept the certificate, once: it was made for this run. "Not found."
    is the right answer then, as there is no page at the gateway.
 2. ${bold(`${demo.allowed}/`)}
    whose origin may come in: live values, and the lamp.
 3. ${bold(`${demo.foreign}/`)}
${demo.isForeignAllowed ? LET_IN : refused(demo)}
To use it from your own page, paste into its script (npm install mqtt), and
start this with --origin and the page's address:

    const client = mqtt.connect("${demo.wss}");
    client.subscribe("plant/#");
    client.on("message", (topic, payload) => console.log(topic, \`\${payload}\`));

Metrics: ${demo.admin}/metrics   Configuration: ${demo.folder}/postern.conf
${elsewhere(demo.ports)}Ctrl-C ends everything.
`;
}

const LET_IN = `    the same page from another origin, let in by --origin.
`;

function refused(demo) {
  return `    the same page from an origin that nobody allowed: it is refused.

To let the third in, stop this and start it again so:

    ${demo.restart}

or, in a configuration of your own, paste into the route:

    ${demo.allow}
`;
}

// Everything listens on loopback: a browser elsewhere needs a tunnel.
function elsewhere({ ws, wss, allowed, foreign }) {
  if (!process.env.SSH_CONNECTION) return "";
  const forwards = [ws, wss, allowed, foreign]
    .map((port) => `-L ${port}:localhost:${port}`)
    .join(" ");
  return `Browser on another machine? There: ssh ${forwards} THIS-MACHINE\n`;
}
