// SPDX-License-Identifier: Apache-2.0
// The demo page: reads the plant through postern, switches its lamp, and says
// what happened when it may not.
import mqtt from "./mqtt.js";
import { Sparkline } from "./sparkline.js";

const RETRY_MS = 3000;
const LOG_LINES = 100;

const at = (id) => document.getElementById(id);
const settings = await (await fetch("settings.json")).json();

let client = null;

// --- What the plant says

const gauges = {
  "plant/press/temperature": gauge("temperature", 2),
  "plant/pump/vibration": gauge("vibration", 1),
};

function gauge(id, leastSpan) {
  const value = at(id).querySelector("output");
  const line = new Sparkline(at(id).querySelector("svg"), leastSpan);
  return (text) => {
    value.textContent = text;
    line.add(Number(text));
  };
}

function showLamp(state) {
  at("lamp").classList.toggle("on", state === "on");
  at("switch").setAttribute("aria-checked", state === "on");
  at("lamp-state").textContent = state;
  tell(`The lamp says that it is ${state}.`);
}

function take(topic, payload) {
  const text = payload.toString();
  if (topic === "plant/lamp/state") showLamp(text);
  else gauges[topic]?.(text);
}

// --- The connection

function connect(url) {
  client?.end(true);
  show("connecting");
  tell(`Connecting to ${url}`);

  const mine = mqtt.connect(url, {
    protocolVersion: 5,
    reconnectPeriod: RETRY_MS,
  });
  client = mine;
  let answer = null; // the broker's "no", had it come that far
  mine.on("error", (error) => (answer = error));
  mine.on("message", take);
  mine.on("connect", () => {
    show("connected");
    tell("Connected: this page's origin may come in.");
    mine.subscribe("plant/#", { qos: 1 });
  });
  mine.on("close", async () => {
    const state = await diagnose(url, answer);
    if (mine !== client || mine.connected || mine.disconnecting) return;
    if (state === "refused") mine.end(true);
    show(state, answer);
  });
}

// A browser does not tell a page why its WebSocket failed. But a gateway that
// answers an ordinary request is there, so it was the origin that it refused.
async function diagnose(url, answer) {
  if (typeof answer?.code === "number") return "unreachable";
  const front = new URL("/", url.replace(/^ws/, "http"));
  const isThere = await fetch(front, { mode: "no-cors" }).then(
    () => true,
    () => false,
  );
  return isThere ? "refused" : "unreachable";
}

// --- What the page shows

const NOTICES = {
  refused: [
    "The gateway refused this page's origin",
    `${location.origin} is not among the origins that may come in. So a ` +
      "foreign page, open in the browser of somebody at the plant, does not " +
      "reach the broker.",
  ],
  unreachable: [
    "The gateway cannot be reached",
    "Is scripts/quickstart running, and has this browser accepted the " +
      "gateway's certificate? This page goes on trying.",
  ],
};

function show(state, answer) {
  const isNews = document.body.dataset.state !== state;
  const [title, text] = NOTICES[state] ?? [];
  document.body.dataset.state = state;
  at("status").textContent = state;
  at("switch").disabled = state !== "connected";
  at("notice").hidden = !title;
  at("notice-title").textContent = title ?? "";
  at("notice-text").textContent = answer?.code
    ? `It let this page in, but the broker says: ${answer.message}.`
    : text ?? "";
  at("remedy").hidden = state !== "refused";
  at("again").hidden = state !== "refused";
  at("certificate").hidden = state !== "unreachable";
  if (title && isNews) tell(`${title}.`);
}

function tell(text) {
  const line = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString("en-GB");
  line.append(time, text);
  at("log").prepend(line);
  at("log").children[LOG_LINES]?.remove();
}

// --- The controls

at("here").textContent = location.origin;
at("certificate").href = settings.certificate;
at("allow").textContent = settings.allow;
at("restart").textContent = settings.restart;
at("gateway").append(new Option(settings.wss), new Option(settings.ws));

at("gateway").onchange = () => connect(at("gateway").value);
at("again").onclick = () => connect(at("gateway").value);
at("switch").onclick = () => {
  const isOn = at("switch").getAttribute("aria-checked") === "true";
  const wanted = isOn ? "off" : "on";
  tell(`Asking the lamp to go ${wanted}.`);
  client.publish("plant/lamp/set", wanted, { qos: 1 });
};
for (const button of document.querySelectorAll("[data-copy]")) {
  button.onclick = async () => {
    await navigator.clipboard.writeText(at(button.dataset.copy).textContent);
    button.textContent = "Copied";
  };
}

connect(settings.wss);
