// Bundles the product into dist/main.js and its parts (ES modules with source maps), and the thread that draws charts into
// dist/renderWorker.js beside it. What has native parts, data files or is loaded on first use stays in node_modules.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

/**
 * Of client-node the product uses KubeConfig; its 700 generated models declare no side effects and have none, so that
 * what nobody imports is left out.
 */
const withoutModels = {
  name: 'without-models',
  setup({ onResolve, resolve }) {
    const seen = Symbol('resolved');
    onResolve({ filter: /^\.|^@kubernetes\/client-node/ }, async (args) => {
      const isTheirs = args.path.startsWith('@kubernetes/') || args.importer.includes('@kubernetes/client-node');
      if (args.pluginData === seen || !isTheirs) return undefined;
      const { importer, kind, resolveDir } = args;
      return { ...(await resolve(args.path, { importer, kind, resolveDir, pluginData: seen })), sideEffects: false };
    });
  },
};

/**
 * To import http as an ES module makes Node load its WebSocket, and with it a whole fetch of its own (70 ms of each start);
 * to require it does not.
 */
const requiredHttp = {
  name: 'required-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path: path.replace('node:', ''), namespace: 'required-http' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'required-http' }, ({ path }) => ({
      contents: `module.exports = require('node:${path}');`,
    }));
  },
};

const result = await build({
  entryPoints: {
    main: join(root, 'src/main.ts'),
    renderWorker: join(root, 'src/prometheus/chart/renderWorker.ts'),
  },
  outdir: dist,
  // What is imported on first use becomes a file of its own; without that esbuild could leave nothing out of it.
  splitting: true,
  chunkNames: 'part-[name]-[hash]',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  sourcemap: true,
  minifySyntax: true,
  // Names stay and lines stay short, so that a stack trace without the source map still says where.
  minifyWhitespace: true,
  lineLimit: 200,
  legalComments: 'linked',
  external: [
    '@resvg/resvg-js',
    'echarts',
    'dejavu-fonts-ttf',
    'pg-native',
    'secretlint',
    '@secretlint/*',
    '*/simulator/start.ts',
    'fsevents',
    'vite',
    'esbuild',
  ],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
  metafile: true,
  plugins: [withoutModels, requiredHttp],
});
const bytes = Object.entries(result.metafile.outputs)
  .filter(([file]) => file.endsWith('.js'))
  .reduce((sum, [, { bytes: size }]) => sum + size, 0);
console.log(
  `dist/main.js and its parts: ${(bytes / 1024 / 1024).toFixed(1)} MB from ${Object.keys(result.metafile.inputs).length} files`,
);
