// A plain client as in the user's guide: it only connects with its token and prints what it hears, a line each.
import { createRequire } from "node:module";

const [, , modules, url, token, transport] = process.argv;
const { io } = createRequire(`${modules}/package.json`)("socket.io-client");
const socket = io(url, { auth: token ? { token } : {}, transports: [transport] });
const say = (event, data) => process.stdout.write(`${JSON.stringify({ event, data })}\n`);
socket.on("connect", () => say("connect", { id: socket.id, transport: socket.io.engine.transport.name }));
socket.on("connect_error", (error) => say("connect_error", { message: error.message, data: error.data }));
socket.onAny(say);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
