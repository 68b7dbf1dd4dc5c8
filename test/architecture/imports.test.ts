import { expect, test } from '@jest/globals';
import { type Import, importedFile, importsOf, place, sources, textOf } from '../../scripts/house/sources.ts';

/** Who may import whom (docs: README "How it is built"); errors, logger, telemetry, network and wording are open to all. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  main: ['app', 'cli', 'config'],
  cli: ['app', 'config', 'commands', 'playbooks', 'alertmanager', 'incidents', 'alerts'],
  config: ['incidents', 'alerts', 'fallback'],
  slack: ['commands', 'incidents', 'alerts'],
  http: ['commands', 'incidents', 'alerts'],
  commands: ['incidents', 'alerts'],
  jobs: ['incidents', 'alerts', 'playbooks'],
  store: ['incidents', 'alerts', 'redaction'],
  playbooks: ['incidents', 'alerts', 'redaction'],
  k8s: ['incidents', 'alerts', 'redaction'],
  prometheus: ['incidents', 'alerts', 'redaction'],
  alertmanager: ['incidents', 'alerts'],
  queue: [],
  fallback: [],
  incidents: ['alerts'],
  alerts: [],
  redaction: ['alerts'],
  errors: [],
  logger: [],
  telemetry: [],
  network: [],
  wording: [],
};
/** Who may read the shipped rules, names of metrics and routes: they are written once, in `manifests`. */
const MANIFEST_READERS = ['prometheus', 'alertmanager', 'cli', 'playbooks', 'k8s'];
/** Who may read PromQL; `promql` knows the grammar and nothing of product or simulator. */
const PROMQL_READERS = ['playbooks', 'prometheus', 'alertmanager'];
const OPEN_TO_ALL = ['errors', 'logger', 'telemetry', 'network', 'wording'];

/**
 * Types that another room declares as a port and we implement or fill: only `import type` passes here. The shapes of
 * a reply and of a job are values that travel, so slack, http and jobs may name them.
 */
const PORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  k8s: ['commands/ports', 'jobs/ports'],
  prometheus: ['commands/ports', 'jobs/ports'],
  store: ['commands/ports', 'jobs/ports', 'queue/job', 'queue/ports', 'slack/ports', 'http/ports'],
  playbooks: ['commands/ports', 'http/ports'],
  fallback: ['jobs/ports'],
  jobs: ['commands/ports', 'commands/invocation', 'commands/reply', 'queue/job', 'queue/backoff'],
};

/**
 * Values that travel between rooms: the empty answer, which a job fills for the first look, and the tables of lanes and kinds
 * of jobs, from which the store derives what it writes and asks for (docs/decisions).
 */
const SHARED_VALUES: Readonly<Record<string, readonly string[]>> = {
  jobs: ['commands/reply'],
  store: ['queue/job', 'jobs/jobKinds'],
};

/** Third parties stay in their rooms. */
const ROOMS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^@slack\//, ['slack']],
  [/^@kubernetes\/client-node$/, ['k8s']],
  [/^kysely/, ['store']],
  [/^pg$/, ['store']],
  [/^node:sqlite$/, ['store']],
  [/^prometheus-query$/, ['prometheus']],
  [/^nodemailer$/, ['fallback']],
  [/^@?fastify/, ['http']],
  [/^re2js$/, ['alertmanager']],
  [/^@prometheus-io\/lezer-promql$|^@lezer\//, []],
  [
    /^zod$/,
    [
      'config',
      'alerts',
      'alertmanager',
      'playbooks',
      'commands',
      'http',
      'k8s',
      'prometheus',
      'store',
      'jobs',
      'slack',
      'cli',
    ],
  ],
];

function violation(found: Import): string | null {
  const from = place(found.file);
  const imported = importedFile(found);
  if (imported === null) {
    if (from.top !== 'src' || from.room === 'app') return null;
    const rooms = ROOMS.find(([pattern]) => pattern.test(found.target))?.[1];
    return rooms && !rooms.includes(from.room)
      ? `${found.file} imports ${found.target}, which lives in ${rooms.join(', ')}`
      : null;
  }
  const to = place(imported);
  const says = `${found.file} imports ${found.target}`;
  if (from.top === 'simulator')
    return to.top === 'src' && !found.typeOnly ? `${says}: the simulator knows nothing of the product` : null;
  if (from.room === 'app') return null;
  if (to.top === 'simulator') return `${says}: only app.ts reaches the simulator`;
  if (to.top === 'promql') return PROMQL_READERS.includes(from.room) ? null : says;
  if (to.top === 'manifests') return MANIFEST_READERS.includes(from.room) ? null : says;
  if (from.room === to.room || OPEN_TO_ALL.includes(to.room)) return null;
  if (SHARED_VALUES[from.room]?.includes(to.module)) return null;
  if (found.typeOnly && PORT_TYPES[from.room]?.includes(to.module)) return null;
  return ALLOWED[from.room]?.includes(to.room) ? null : says;
}

test('every import goes in a direction the design allows', () => {
  const found = [...sources('src'), ...sources('simulator')].flatMap(importsOf);
  expect(found.length).toBeGreaterThan(50);
  expect(found.map(violation).filter((text) => text !== null)).toEqual([]);
});

test('an import that breaks the design is seen', () => {
  const wrong = (file: string, target: string, typeOnly = false) => violation({ file, target, typeOnly });
  expect(wrong('src/slack/startSlack.ts', '../store/open.ts')).toContain('src/slack/startSlack.ts imports');
  expect(wrong('src/incidents/decide/decide.ts', 'kysely')).toContain('which lives in store');
  expect(wrong('src/http/server.ts', '../../simulator/start.ts')).toContain('only app.ts');
  expect(wrong('simulator/start.ts', '../src/app.ts')).toContain('knows nothing');
  expect(wrong('src/k8s/diagnostics.ts', '../commands/ports.ts', true)).toBeNull();
  expect(wrong('src/k8s/diagnostics.ts', '../commands/ports.ts')).not.toBeNull();
});

test('no source file is longer than 400 lines, and half of them are under 120', () => {
  const lengths = [...sources('src'), ...sources('simulator')].map((file) => ({
    file,
    lines: textOf(file).split('\n').length - 1,
  }));
  expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  const product = lengths.filter(({ file }) => file.startsWith('src/')).map(({ lines }) => lines);
  expect(product.toSorted((a, b) => a - b)[Math.floor(product.length / 2)]).toBeLessThan(120);
});

test('only main and the terminal read the environment, take signals and end the process', () => {
  const offenders = sources('src').filter(
    (file) =>
      !['src/main.ts', 'src/cli.ts'].includes(file) && /process\.(env|exit|on|once|exitCode)\b/.test(textOf(file)),
  );
  expect(offenders).toEqual([]);
});

test('a package that is loaded on first use is imported by name in a file of ours, and that file on first use', () => {
  // `import()` of a CommonJS package has its names from source and only `default` in the bundle: what every test of the
  // source passes would be undefined in the image. A static import has them in both.
  const offenders = sources('src').flatMap((file) =>
    [...textOf(file).matchAll(/(?<!typeof )\bimport\(\s*['"`]([^.'"`][^'"`]*)/g)]
      .map(([, target]) => target)
      .filter((target) => !target?.startsWith('node:'))
      .map((target) => `${file} loads ${target}`),
  );
  expect(offenders).toEqual([]);
});
