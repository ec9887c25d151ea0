import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

import react from "@vitejs/plugin-react";
import { defaultClientConditions, defaultServerConditions, defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const hub = process.env.NOCTULE_HUB ?? "http://127.0.0.1:5000";

/** Below this a compressed copy would save no packet. */
const WORTH_BYTES = 1024;

/** Lays a `.br` and a `.gz` beside each text file that was built: the hub sends them as they are to whoever takes them. */
function compressed(): Plugin {
  let folder = "";
  return {
    name: "noctule-compressed",
    apply: "build",
    configResolved: ({ build }) => void (folder = build.outDir),
    async closeBundle() {
      const names = await readdir(folder, { recursive: true });
      const texts = names.filter((name) => /\.(?:css|html|js|svg)$/u.test(name)).map((name) => join(folder, name));
      await Promise.all(texts.map(compress));
    },
  };
}

async function compress(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.length < WORTH_BYTES) return;
  // Brotli's default level is its strongest; this is done once and sent often.
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content));
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}

export default defineConfig({
  plugins: [react(), compressed()],
  // The client is built from its source here, not from a package that would have to be built first.
  resolve: { conditions: ["@noctule/source", ...defaultClientConditions] },
  ssr: { resolve: { conditions: ["@noctule/source", ...defaultServerConditions] } },
  build: {
    outDir: here("../../noctule_hub/web/static"),
    emptyOutDir: true,
    // The content security policy allows no inline script or style, so nothing is put into the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: here("index.html"), "ws-test": here("ws-test.html") } },
  },
  server: {
    proxy: {
      "/api": hub,
      "/health": hub,
      "/socket.io": { target: hub, ws: true },
    },
  },
});
