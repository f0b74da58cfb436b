// SPDX-License-Identifier: Apache-2.0
// The plant: simulated devices that speak MQTT over TCP, as they always did.
import mqtt from "mqtt";

// Gives a function that switches the plant off. `say` is told what the lamp
// was asked to do.
export async function startDevices(url, say) {
  const devices = [thermometer, vibrationSensor, lamp];
  const ends = await Promise.all(
    devices.map(async (device) => {
      const client = await mqtt.connectAsync(url, { protocolVersion: 4 });
      client.on("error", () => {}); // it connects again by itself
      const timer = device(client, say);
      return async () => {
        clearInterval(timer);
        await client.endAsync(true);
      };
    }),
  );
  return () => Promise.all(ends.map((end) => end()));
}

// Wanders about 62 degrees and is drawn back to them.
function thermometer(client) {
  let degrees = 62;
  return every(500, () => {
    degrees += (62 - degrees) * 0.03 + (Math.random() - 0.5) * 0.8;
    client.publish("plant/press/temperature", degrees.toFixed(1));
  });
}

// A steady hum, and now and then a knock that rings out.
function vibrationSensor(client) {
  let knock = 0;
  return every(250, () => {
    knock = Math.random() < 0.03 ? 4 : knock * 0.8;
    const speed = 2 + knock + (Math.random() - 0.5) * 0.4;
    client.publish("plant/pump/vibration", speed.toFixed(2));
  });
}

function lamp(client, say) {
  const report = (state) =>
    client.publish("plant/lamp/state", state, { qos: 1, retain: true });
  client.on("message", (topic, payload) => {
    const state = payload.toString() === "on" ? "on" : "off";
    say(`switched ${state}`);
    report(state);
  });
  client.subscribe("plant/lamp/set", { qos: 1 });
  report("off");
}

function every(ms, task) {
  task();
  return setInterval(task, ms);
}
