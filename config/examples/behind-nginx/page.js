// All that a page needs to show the plant: the WebSocket that browsers have.
"use strict";

const FILTERS = ["plant/+/temperature", "plant/+/note"];
// Trying again would not help: the page has to change, or the gateway.
const FINAL = [4400, 4401, 4403, 4409, 4413];
const LONGEST_WAIT_MS = 10000;

const find = (id) => document.getElementById(id);
const cells = new Map(); // by topic
let socket;
let lastId = 0;

function send(request) {
  socket.send(JSON.stringify({ id: ++lastId, ...request }));
}

function show({ topic, payload }) {
  if (!cells.has(topic)) {
    const row = find("values").insertRow();
    row.insertCell().textContent = topic;
    cells.set(topic, row.insertCell());
  }
  cells.get(topic).textContent = payload;
}

function receive(frame) {
  if (frame.type === "message") show(frame);
  if (frame.type === "connected") find("state").value = "up";
  if (frame.type === "status") find("state").value = frame.upstream;
  if (frame.type === "ack" && frame.id === "note") {
    find("sent").value = frame.success ? "sent" : frame.error.message;
  }
}

function connect() {
  socket = new WebSocket(`wss://${location.host}/json`, "json.postern.v1");
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onopen = () => {
    const topics = FILTERS.map((topic) => ({ topic, qos: 1 }));
    send({ type: "subscribe", topics });
  };
  socket.onclose = ({ code }) => {
    find("state").value = `closed (${code})`;
    if (FINAL.includes(code)) return;
    setTimeout(connect, Math.random() * LONGEST_WAIT_MS);
  };
}

find("note").onsubmit = (event) => {
  event.preventDefault();
  const { machine, text } = event.target.elements;
  const topic = `plant/${machine.value}/note`;
  const payload = text.value;
  send({ type: "publish", id: "note", topic, payload, qos: 1 });
};

connect();
