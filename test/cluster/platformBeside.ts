import type { Bot } from './bot.ts';
import { PLATFORM } from './platform.ts';

type Request = Parameters<Bot['ask']>[0];

/** A row of kubectl, taken apart by its columns in upper case, and what our row of the same object has to say. */
export interface Beside {
  readonly request: Request;
  /** What kubectl is asked: each object it lists has to have a row of ours. */
  readonly listing: readonly string[];
  /** Our cells, of which each has to stand in the row, for one line of kubectl by its columns. */
  readonly said: (line: Readonly<Record<string, string>>) => readonly string[];
}

const get = (kinds: string, namespace: string, ...more: readonly string[]) => ['get', kinds, '-n', namespace, ...more];
/** kubectl's own columns hold what a person compares: whether it is ready, and why not. */
const columns = (...paths: readonly string[]) => ['-o', `custom-columns=${paths.join(',')}`];
const NAME = 'NAME:.metadata.name';
const READY = 'READY:.status.conditions[?(@.type=="Ready")].status';
const REASON = 'REASON:.status.conditions[?(@.type=="Ready")].reason';
const DONE: Readonly<Record<string, string>> = { Complete: 'done', Failed: 'failed', '<none>': 'running' };

/** Kinds as the table of a function writes them, by kubectl's. */
const CHAIN = { ksvc: 'services.serving.knative.dev', config: 'configurations', route: 'routes', rev: 'revisions' };

/** The diagnostics of the platform, whose tables are put together from several lists, beside each of those lists. */
export function besidePlatform(): readonly Beside[] {
  const { functions, builds, events } = PLATFORM;
  const chains = ['hello', 'broken'].flatMap((name) =>
    Object.entries(CHAIN).map(([short, kind]): Beside => {
      const labels = ['-l', `serving.knative.dev/service=${name}`];
      return {
        request: { diagnostic: 'function', namespace: functions, name },
        listing: get(kind, functions, ...labels, ...columns(NAME, READY, REASON)),
        said: (line) => [`${short}/${line.NAME}`, line.READY ?? '', line.REASON?.replace('<none>', '') ?? ''],
      };
    }),
  );
  return [
    ...chains,
    {
      request: { diagnostic: 'function', namespace: functions, name: 'hello' },
      listing: get('pods', functions, '-l', 'serving.knative.dev/service=hello'),
      said: (line) => [`pod/${line.NAME}`, line.READY ?? '', line.STATUS ?? ''],
    },
    {
      request: { diagnostic: 'builds', namespace: builds },
      listing: get('jobs', builds, ...columns(NAME, 'DONE:.status.conditions[?(@.status=="True")].type')),
      said: (line) => [line.NAME ?? '', DONE[(line.DONE ?? '').split(',').at(-1) ?? ''] ?? ''],
    },
    {
      request: { diagnostic: 'eventing', namespace: events },
      listing: get('triggers.eventing.knative.dev', events, ...columns(NAME, 'BROKER:.spec.broker', READY)),
      said: (line) => [line.NAME ?? '', line.BROKER ?? '', line.READY ?? ''],
    },
    {
      request: { diagnostic: 'serving' },
      listing: get('deployments', 'knative-serving'),
      said: (line) => [line.NAME ?? '', line.READY ?? '', line.AVAILABLE ?? ''],
    },
    {
      request: { diagnostic: 'operator' },
      listing: get('knativeservings', 'knative-serving', ...columns(NAME, READY, REASON)),
      said: (line) => [line.NAME ?? '', line.READY ?? '', line.REASON ?? ''],
    },
    {
      request: { diagnostic: 'operator' },
      listing: get('knativeeventings', 'knative-eventing', ...columns(NAME, READY)),
      said: (line) => [line.NAME ?? '', line.READY ?? ''],
    },
  ];
}

/** Lines of kubectl by its columns, which stand below each other. */
export function linesByColumn(stdout: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = stdout.trimEnd().split('\n');
  const starts = [...head.matchAll(/\S+(?: \S+)*/g)].map(({ 0: name, index }) => [name, index] as const);
  return lines.map((line) =>
    Object.fromEntries(starts.map(([name, from], at) => [name, line.slice(from, starts[at + 1]?.[1]).trim()])),
  );
}
