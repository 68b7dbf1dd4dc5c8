// Bundles the product into dist/main.js (one ES module with a source map), and the thread that draws charts into
// dist/renderWorker.js beside it. What has native parts, data files or is loaded on first use stays in node_modules.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
for (const file of ['main.js', 'renderWorker.js']) rmSync(join(dist, file), { force: true });
mkdirSync(dist, { recursive: true });

const result = await build({
  entryPoints: {
    main: join(root, 'src/main.ts'),
    renderWorker: join(root, 'src/prometheus/chart/renderWorker.ts'),
  },
  outdir: dist,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  sourcemap: true,
  minifySyntax: true,
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
});
const bytes = statSync(join(dist, 'main.js')).size;
console.log(
  `dist/main.js: ${(bytes / 1024 / 1024).toFixed(1)} MB from ${Object.keys(result.metafile.inputs).length} files`,
);
