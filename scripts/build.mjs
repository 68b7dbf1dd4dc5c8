// Bundles the product into dist/main.js (one ES module with a source map). What has
// native parts, data files or is loaded on first use stays in node_modules.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(join(dist, 'main.js'), { force: true });
mkdirSync(dist, { recursive: true });

const result = await build({
  entryPoints: [join(root, 'src/main.ts')],
  outfile: join(dist, 'main.js'),
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
