// A plain client as in the user's guide: it only connects with its token and prints what it hears, a line each.
// A line on its input is a series: its history of the last hour is asked for.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [, , modules, url, token, transport, ...also] = process.argv;
const { io } = createRequire(`${modules}/package.json`)("socket.io-client");
const socket = io(url, { auth: token ? { token, also } : {}, transports: [transport] });
const say = (event, data) => process.stdout.write(`${JSON.stringify({ event, data })}\n`);
socket.on("connect", () => say("connect", { id: socket.id, transport: socket.io.engine.transport.name }));
socket.on("connect_error", (error) => say("connect_error", { message: error.message, data: error.data }));
socket.onAny(say);
// As docs/clients.md says it.
const numbers = (column, Kind) => new Kind(column.buffer ? column.buffer.slice(column.byteOffset, column.byteOffset + column.byteLength) : column);
createInterface({ input: process.stdin })
  .on("line", async (series) => {
    const answer = await socket.emitWithAck("history", { series });
    const decoded = Object.entries(answer.columns ?? {}).map(([name, column]) => [
      name,
      [...numbers(column, name === "tsMs" ? Float64Array : Float32Array)],
    ]);
    say("history", { ...answer, columns: Object.fromEntries(decoded) });
  })
  .on("close", () => process.exit(0));
