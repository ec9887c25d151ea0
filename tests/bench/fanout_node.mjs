// The same fan-out by Node's socket.io: as `fanout_server.py`, told the folder that has the package.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const { Server } = createRequire(join(process.argv[2], "package.json"))("socket.io");
const http = createServer();
const io = new Server(http, { perMessageDeflate: false, pingInterval: 600_000 });
const say = (word) => process.stdout.write(JSON.stringify(word) + "\n");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

http.listen(0, "127.0.0.1", () => say({ port: http.address().port }));
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  const began = process.cpuUsage();
  const fill = "x".repeat(order.size);
  let due = performance.now();
  for (let turn = 0; turn < order.turns; turn++) {
    for (let sent = 0; sent < order.in_a_turn; sent++) {
      io.emit("trial", { sentNs: Number(process.hrtime.bigint()), fill });
    }
    due += 1000 / order.per_s;
    await pause(Math.max(0, due - performance.now()));
  }
  const used = process.cpuUsage(began);
  say({ cpuS: (used.user + used.system) / 1e6, rssBytes: process.memoryUsage().rss });
}
process.exit(0);
