import { defineConfig } from "vite";

// The desk. `npm run bundle` (scripts/bundle.mjs) builds the chat page and the loader with settings of their own.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // No data: addresses: the edge's content security policy allows files of our own alone.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
