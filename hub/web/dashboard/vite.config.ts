import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defaultClientConditions, defaultServerConditions, defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const hub = process.env.NOCTULE_HUB ?? "http://127.0.0.1:5000";

export default defineConfig({
  plugins: [react()],
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
