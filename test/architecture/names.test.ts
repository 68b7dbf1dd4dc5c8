import { basename } from 'node:path';
import { expect, test } from '@jest/globals';
import { place, sources } from '../../scripts/house/sources.ts';
import { measureTree } from '../../scripts/house.ts';

/**
 * Rooms whose shelves each have a side of the same thing, under its name: what a kind is, what is asked of it, what a rule
 * says of it and with which code; what of a card is drawn, and what is delivered. The stand-ins of the simulator are
 * built alike: each has a start, a store, its faults.
 */
const MIRRORED = ['src/k8s', 'src/slack'];

/** Names that stand in several rooms, with why. What is not here stands once. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  'what a room needs of others': ['ports'],
  'the table of a folder': ['index'],
  'a noun of the glossary: its command, its rules, its rows, its picture': [
    ...[
      'change',
      'declare',
      'diagnostics',
      'evidence',
      'incidents',
      'job',
      'jobs',
      'merge',
      'news',
      'post',
      'postmortem',
    ],
    ...['reply', 'runbook', 'severity', 'timeline'],
  ],
};

function stem(file: string): string {
  return basename(file).replace(/\.tsx?$/, '');
}

/** Names of `src` that stand in more than one place, those of mirrored shelves counted once. */
function sharedNames(): readonly string[] {
  const homes = new Map<string, Set<string>>();
  for (const file of sources('src')) {
    const { room } = place(file);
    const home = MIRRORED.includes(`src/${room}`) ? room : file;
    homes.set(stem(file), (homes.get(stem(file)) ?? new Set()).add(home));
  }
  return [...homes].filter(([, places]) => places.size > 1).map(([name]) => name);
}

test('a file of src has a name of its own, or one that is shared for a reason', () => {
  const known = Object.values(SHARED).flat();
  expect(sharedNames().filter((name) => !known.includes(name))).toEqual([]);
});

test('within one stand-in of the simulator a file has a name of its own', () => {
  const files = sources('simulator').filter((file) => !file.startsWith('simulator/workspace/page/'));
  const byName = Object.groupBy(files, (file) => `${place(file).room} ${stem(file)}`);
  const twice = Object.values(byName).flatMap((same = []) => (same.length > 1 ? [same.join(', ')] : []));
  expect(twice).toEqual([]);
});

/** Where a file is one of many of its kind, however short it is; and what stands alone for a reason of its own. */
const SEAMS: readonly (readonly [RegExp, string])[] = [
  [/^src\/store\/migrations\//, 'a step that is never edited'],
  [/^src\/store\//, 'a table, or a family of statements'],
  [/^src\/(commands|cli)\//, 'a command'],
  [/^src\/jobs\//, 'the handler of a job'],
  [/^src\/k8s\/(ask|rules|subjects)\//, 'a diagnostic, a rule, a kind'],
  [/^src\/playbooks\/rules\//, 'a check of alert rules'],
  [/^src\/redaction\//, 'a way in which secrets are found'],
  [/^src\/slack\/(connection|delivery|listeners|render)\//, 'a view, a message, an event'],
  [/^src\/alerts\/\w+Notification\.ts$/, 'the payload of one sender'],
  [/^src\/http\//, 'a family of routes, or what guards them'],
  [/^src\/app\/closers\.ts$/, 'how everything that was opened is closed'],
  [/^src\/app\/simulators\.ts$/, 'the only import of the simulator, made when something is simulated'],
  [/^src\/app\/(guarded|storePorts)\.ts$/, 'a port of one room that another one fills, which neither may know'],
  [/^src\/app\/partsTable\.ts$/, 'what `npm start` prints'],
  [
    /^src\/(prometheus\/driver|fallback\/mailer|telemetry\/(openTelemetry|prettyLines))\.ts$/,
    'a package that is loaded on first use',
  ],
  [/^src\/(queue\/ports|slack\/clock)\.ts$/, 'a port'],
  [/^src\/alertmanager\/(addResponder|settingProblems)\.ts$/, 'one answer of `config check --alertmanager`'],
  [/^src\/k8s\/client\/(pace|pluginCredentials)\.ts$/, 'how fast, and as whom, a cluster is asked'],
  [/^src\/k8s\/look\/replay\.ts$/, 'a look at what was recorded'],
  [/^src\/incidents\/decide\/watchdog\.ts$/, 'the dead man’s switch, which knows no incident'],
  [/^src\/prometheus\/measuredSaturation\.ts$/, 'fills the port of the diagnosis for metrics'],
];

test('a short file that one file imports is one of many of its kind, or stands alone for a reason', () => {
  const { places } = measureTree('src').smallAndImportedOnce;
  expect(places.filter((file) => !SEAMS.some(([pattern]) => pattern.test(file)))).toEqual([]);
});

test('a reason to stand alone is given for files that exist', () => {
  expect(SEAMS.filter(([pattern]) => !sources('src').some((file) => pattern.test(file)))).toEqual([]);
});
