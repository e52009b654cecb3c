import { defineConfig } from 'vite';

// Built by hatch_build.py, which puts the bundle into the Python package. The service serves it at "/",
// or below a proxy's prefix: base is relative.
export default defineConfig({
  base: './',
  build: {
    outDir: 'build',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1500,
    assetsInlineLimit: 0,
  },
  worker: { format: 'es' },
});
