// The packed client of hub/web/client as a program: prints what it hears and what becomes of its connection, a line each.
// Its token is read from a file each time it is asked for. A line on its input is a command: `hold ROOM`, `state`,
// `history SERIES`. With an empty file it is not signed in. Rooms after the file are held before it connects.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { createClient } from "@noctule/client";

const [, , url, tokenFile, ...rooms] = process.argv;
const say = (event, data) => process.stdout.write(`${JSON.stringify({ event, data })}\n`);
const client = createClient({
  url,
  getToken: ({ fresh }) => {
    say("token", { fresh });
    return readFileSync(tokenFile, "utf8").trim();
  },
});
client.onStateChange(({ phase, reason }) => say("state", { phase, reason, id: client.socket.id ?? null }));
client.onAny((name, payload, misfit) => say(name, { ...payload, misfit }));
client.onGap(({ kind, rooms }) => say("gap", { kind, rooms }));
const told = ({ columns, ...ack }) => {
  const kinds = Object.entries(columns ?? {}).map(([name, column]) => [name, { kind: column.constructor.name, values: [...column] }]);
  say("history", { ...ack, columns: Object.fromEntries(kinds) });
};
const hold = (room) => client.subscribe(room, (ack) => say("ack", { asked: room, ...ack }));
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [command, room] = line.split(" ");
    if (command === "hold") hold(room);
    if (command === "history") client.history(room).then(told, (error) => say("history", { error: String(error) }));
    if (command === "state") say("now", { id: client.socket.id ?? null, malformed: client.malformed, cursor: client.cursor });
  })
  .on("close", () => process.exit(0));
rooms.forEach(hold);
client.connect();
