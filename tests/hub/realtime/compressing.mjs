// A WebSocket of Node.js that offers compression, by hand and by socket.io-client; prints what was agreed and what came.
import { createRequire } from "node:module";

const [, , modules, url, way, options] = process.argv;
const require = createRequire(`${modules}/package.json`);
const say = (event, data) => process.stdout.write(`${JSON.stringify({ event, data })}\n`);
const perMessageDeflate = JSON.parse(options);

if (way === "ws") {
  const WebSocket = require("ws");
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate });
  socket.on("message", (data) => {
    const text = data.toString();
    if (text.startsWith("0")) socket.send(`40${JSON.stringify({ token: "viewer", padding: "x".repeat(2_000) })}`);
    if (text.startsWith('42["trial"')) say("trial", JSON.parse(text.slice(2))[1]);
    if (text.startsWith('42["replay:done"')) say("ready", { extensions: socket.extensions });
  });
} else {
  const { io } = require("socket.io-client");
  const socket = io(url, { auth: { token: "viewer" }, transports: ["websocket"], perMessageDeflate });
  socket.on("trial", (data) => say("trial", data));
  socket.on("replay:done", () => say("ready", { extensions: socket.io.engine.transport.ws.extensions }));
}
process.stdin.on("data", () => {}).on("end", () => process.exit(0));
