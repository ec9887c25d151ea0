import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The guide's names, so that its .env.local serves here too.
  envPrefix: ["VITE_", "NEXT_PUBLIC_"],
  build: { outDir: "dist" },
});
