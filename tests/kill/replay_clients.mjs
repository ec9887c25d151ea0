// Several clients of a hub in one process, plain ones as docs/clients.md shows them and those of the package. What each
// does and hears is written to a file, a line each, before anything else is done. Commands are lines on the input.
import { existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

import { createClient } from "@noctule/client";
import { io } from "socket.io-client";

const { url, out, clients } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const file = openSync(out, "a");
const say = (c, e, d) => writeSync(file, `${JSON.stringify({ c, at: Date.now(), e, d })}\n`);
const read = (name) => (name && existsSync(name) ? readFileSync(name, "utf8").trim() : null);
// Whole or not at all, whenever this process ends.
const write = (name, text) => {
  writeFileSync(`${name}.partial`, text);
  renameSync(`${name}.partial`, name);
};

// `keeps`: whether the place in the log is kept before or after an event is handled; absent: only in memory.
function plain({ name, token, transports, also, keeps, cursor }) {
  const rooms = new Set(also);
  let dying = false;
  let place = JSON.parse(read(cursor) ?? "null");
  const die = () => dying && process.kill(process.pid, "SIGKILL");
  const keep = (at) => {
    place = at;
    if (cursor) write(cursor, JSON.stringify(at));
  };
  const socket = io(url, {
    forceNew: true,
    transports,
    reconnectionDelay: 50,
    reconnectionDelayMax: 500,
    auth: (answer) => {
      say(name, "dial", { since: place, also: [...rooms] });
      const own = read(token);
      answer({ ...(own ? { token: own } : {}), also: [...rooms], ...(place ? { since: place } : {}) });
    },
  });
  socket.on("connect", () => say(name, "connect"));
  socket.on("connect_error", ({ data }) => {
    if (!data) return;
    say(name, "refused", data);
    // After a refusal the library does not try again by itself.
    if (!String(data.code).startsWith("token_")) setTimeout(() => socket.connect(), 1000 * (data.retryAfterS ?? 1));
  });
  socket.onAny((event, data) => {
    if (event === "position" || event === "replay:done") {
      say(name, event, data);
      keep({ epoch: data.epoch, seq: data.seq });
    } else if (data?.committedAt && place) {
      const next = data.seq > place.seq ? { ...place, seq: data.seq } : place;
      if (keeps === "before") {
        keep(next);
        die();
      }
      say(name, event, data);
      if (keeps !== "before") {
        die();
        keep(next);
      }
    } else say(name, event, data);
  });
  const joined = (room) => ({ ok, head }) => ok && say(name, "joined", { room, after: head });
  return {
    die: () => (dying = true),
    join: (room) => {
      say(name, "join", { room });
      rooms.add(room);
      if (socket.connected) socket.emit("subscribe", room, joined(room));
    },
    leave: (room) => {
      say(name, "leave", { room, at: place });
      rooms.delete(room);
      if (socket.connected) socket.emit("unsubscribe", room, () => say(name, "left", { room }));
    },
  };
}

function ours({ name, token, also, cursor }) {
  let client;
  const storage = { getItem: () => read(cursor), setItem: (_, text) => write(cursor, text) };
  const load = () => {
    say(name, "load");
    client = createClient({
      url,
      getToken: () => {
        say(name, "dial", { since: client.cursor, also });
        return read(token);
      },
      cursor: storage,
      share: false,
    });
    for (const room of also) client.subscribe(room);
    client.onAny((event, data, misfit) => say(name, event, misfit === null ? data : { ...data, misfit }));
    client.onGap(({ kind, rooms }) => say(name, "gap", { kind, rooms }));
    client.onStateChange(({ phase }) => say(name, phase === "live" ? "connect" : phase));
    client.connect();
  };
  load();
  return {
    reload: () => {
      client.close();
      load();
    },
    retry: () => client.retryNow(),
  };
}

const made = Object.fromEntries(clients.map((one) => [one.name, one.kind === "ours" ? ours(one) : plain(one)]));
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [word, name, room] = line.split(" ");
    made[name][word](room);
  })
  .on("close", () => process.exit(0));
