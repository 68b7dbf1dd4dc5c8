import { counted } from '../../wording/counts.ts';
import { compact } from '../../wording/lengths.ts';
import { readTable, type TableRead, type TableRow } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { functionOfJob, isBuild } from '../subjects/build.ts';
import { event } from '../subjects/event.ts';
import { instant } from '../subjects/instant.ts';
import type { LogExcerpt } from '../subjects/inventory.ts';
import { type Job, job } from '../subjects/job.ts';
import { pod } from '../subjects/pod.ts';
import { arrange } from './arrange.ts';
import { type Build, durationOf, exitOf, imageOf, phaseOf, stateOf, tellingContainer } from './build.ts';
import { type Collection, type Diagnostic, namespaceOf, place, splitName } from './diagnostic.ts';
import { readPart } from './parts.ts';
import { rowsOnPhone } from './phone.ts';
import { readLogTail } from './readLog.ts';
import { verdictOf } from './verdict.ts';

/** A day of builds where finished Jobs are kept for a day. */
const MAX_JOBS = 3_000;
/** Builds whose pods are looked at, and whose logs are read. */
const WITH_PODS = 40;
const WITH_LOGS = 5;
const TAIL = 60;

export const builds: Diagnostic = {
  name: 'builds',
  phone: rowsOnPhone({
    parts: ['NAME', 'STATUS', 'REASON', 'DURATION'],
    isWell: (cell) => cell('STATUS') === 'done',
    well: 'done',
  }),
  kubectl: (request, profile) =>
    `kubectl get jobs,pods ${place(request)}${request.name ? ` -l ${profile.buildFunctionLabel}=${request.name}` : ''}`,
  async collect(collection) {
    const { request, clock } = collection;
    const now = clock();
    const { jobs, notes, isWhole } = await readJobs(collection);
    const all = await withDetails(collection, jobs, notes);
    const refused = await refusals(collection, all, notes);
    const findings = verdictOf(
      collection,
      {
        Job: { items: jobs, isWhole },
        Pod: { items: all.flatMap(({ pod: of }) => of ?? []), isWhole: false },
        Event: { items: refused, isWhole: false },
      },
      all.flatMap(logOf),
    );
    const columns = [
      ...(namespaceOf(request) === null ? ['NAMESPACE'] : []),
      'NAME',
      'STATUS',
      'REASON',
      'DURATION',
      'IMAGE',
      'FUNCTION',
    ];
    const rows = all.map((build) => rowOf(build, namespaceOf(request) === null, now));
    const table = arrange({ columns, rows, total: rows.length, notes }, { ...request, sortBy: null });
    const where = request.allNamespaces ? 'all namespaces' : request.namespace;
    return {
      title: request.name ? `Builds of ${request.name} in ${where}` : `Builds in ${where}`,
      summary: summaryOf(all, now, isWhole),
      findings,
      table,
      lines: null,
      notes: table.notes,
    };
  },
};

/** The builds' Jobs, the newest first. Those of a function by its label, else by the name the pattern finds. */
async function readJobs(collection: Collection): Promise<{ jobs: readonly Job[]; notes: string[]; isWhole: boolean }> {
  const { cluster, request, profile } = collection;
  const functionOf = (one: Job) => functionOfJob(one, profile);
  const list = async (selector: string | null) => {
    const read: TableRead = {
      resource: RESOURCES.jobs,
      namespace: namespaceOf(request),
      selector,
      limit: MAX_JOBS,
      priority: request.priority,
      signal: request.signal,
    };
    const table = await readTable(cluster, read);
    return {
      jobs: table.rows.flatMap((row) => job.safeParse(row.object).data ?? []),
      notes: [...table.notes],
      isWhole: table.isWhole,
    };
  };
  const [, name] = splitName(request.name);
  let found = await list(name === null ? request.selector : `${profile.buildFunctionLabel}=${name}`);
  if (name !== null && found.jobs.length === 0) {
    found = await list(null);
    const meant = (one: Job) => functionOf(one) === name || one.metadata.name === name;
    found = { ...found, jobs: found.jobs.filter(meant) };
  }
  const since = request.since;
  const jobs = found.jobs
    .filter((one) => isBuild(one, profile))
    .filter((one) => since === null || (lastMoment(one) ?? since) >= since)
    .toSorted((a, b) => (madeAt(b) ?? 0) - (madeAt(a) ?? 0));
  return { jobs, notes: found.notes, isWhole: found.isWhole };
}

const madeAt = (one: Job) => instant(one.metadata.creationTimestamp);

function lastMoment(one: Job): number | null {
  const ended = one.status.conditions?.map(({ lastTransitionTime }) => instant(lastTransitionTime) ?? 0) ?? [];
  return stateOf(one) === 'running' ? null : Math.max(madeAt(one) ?? 0, ...ended);
}

/** Pods and last lines of those that matter now: what runs, waits, or failed without a later success. */
async function withDetails(collection: Collection, jobs: readonly Job[], notes: string[]): Promise<readonly Build[]> {
  const { profile } = collection;
  const functionOf = (one: Job) => functionOfJob(one, profile);
  const open = jobs.filter((one) => stateOf(one) !== 'done' && !isHistory(one, jobs, functionOf));
  const chosen = open.slice(0, WITH_PODS);
  if (open.length > chosen.length) notes.push(`pods of the ${chosen.length} newest of ${open.length} open builds`);
  const pods = chosen.length === 0 ? [] : await podsOf(collection, chosen, notes);
  const bare = jobs.map((one) => {
    const own = pods.filter(({ metadata }) => metadata.labels?.['job-name'] === one.metadata.name);
    const newest = own.toSorted((a, b) => age(a.metadata.creationTimestamp) - age(b.metadata.creationTimestamp)).at(-1);
    return { job: one, functionName: functionOf(one), pod: newest ?? null, lines: [] };
  });
  const toRead = bare.filter((build) => build.pod && hasOutput(build)).slice(0, WITH_LOGS);
  const logs = await Promise.all(toRead.map((build) => lastLines(collection, build)));
  const unread = bare.filter((build) => build.pod && hasOutput(build)).length - toRead.length;
  if (unread > 0) notes.push(`logs of ${counted(toRead.length, 'build')}, the newest; ${unread} not read`);
  return bare.map((build) => {
    const log = logs[toRead.indexOf(build)];
    notes.push(...(log?.notes ?? []));
    return log ? { ...build, lines: log.lines } : build;
  });
}

/** A failed build with a later success of the same function needs no log. */
function isHistory(one: Job, jobs: readonly Job[], functionOf: (of: Job) => string | null): boolean {
  const name = functionOf(one);
  const since = madeAt(one) ?? 0;
  return (
    // A running build is never superseded: it may hang.
    stateOf(one) === 'failed' &&
    name !== null &&
    jobs.some((other) => stateOf(other) === 'done' && functionOf(other) === name && (madeAt(other) ?? 0) > since)
  );
}

/** A build's log in the form that rules take. */
function logOf({ pod: of, lines }: Build): readonly LogExcerpt[] {
  if (!of || lines.length === 0) return [];
  const { name, namespace = '' } = of.metadata;
  return [{ namespace, pod: name, container: tellingContainer(of), previous: false, lines, missing: null }];
}

const age = (time: string | undefined) => instant(time) ?? 0;

function hasOutput({ pod: of }: Build): boolean {
  return of !== null && of.status.phase !== 'Pending';
}

async function lastLines(collection: Collection, build: Build) {
  if (!build.pod) return { lines: [], notes: [] };
  return readLogTail(collection, build.pod, tellingContainer(build.pod), { tail: TAIL });
}

async function podsOf(collection: Collection, jobs: readonly Job[], notes: string[]) {
  const names = jobs.map(({ metadata }) => metadata.name).filter((name) => name.length <= 63);
  const part = await readPart(collection, pod, {
    resource: RESOURCES.pods,
    selector: `job-name in (${names.join(',')})`,
  });
  notes.push(...part.notes);
  return part.items;
}

/** The reason why Jobs have no pod; read only when there are such Jobs. */
async function refusals(collection: Collection, all: readonly Build[], notes: string[]) {
  const without = new Set(
    all.filter(({ job: one, pod: of }) => !of && stateOf(one) === 'waiting').map(({ job: one }) => one.metadata.name),
  );
  if (without.size === 0) return [];
  const part = await readPart(collection, event, {
    resource: RESOURCES.events,
    fieldSelector: 'involvedObject.kind=Job,type=Warning',
  });
  notes.push(...part.notes);
  return part.items.filter(({ involvedObject }) => without.has(involvedObject.name ?? ''));
}

function rowOf(build: Build, namespaced: boolean, now: number): TableRow {
  const { job: one } = build;
  const state = stateOf(one);
  const phase = state === 'done' ? null : phaseOf(build);
  const took = durationOf(build, now);
  const cells = [
    one.metadata.name,
    phase ? `${state}: ${phase}` : state,
    state === 'done' ? '' : exitOf(build),
    took === null ? '' : compact(took),
    imageOf(build)?.split('/').at(-1) ?? '',
    build.functionName ?? '',
  ];
  return { cells: namespaced ? [one.metadata.namespace ?? '', ...cells] : cells, object: one };
}

function summaryOf(all: readonly Build[], now: number, isWhole: boolean): string {
  if (all.length === 0 && !isWhole) return 'No build Job is among those that were read; not all were.';
  if (all.length === 0) return 'There are no build Jobs; finished ones are deleted after their time to live.';
  const count = (state: string) => all.filter(({ job: one }) => stateOf(one) === state).length;
  const took = all
    .filter(({ job: one }) => stateOf(one) === 'done')
    .flatMap((build) => durationOf(build, now) ?? [])
    .toSorted((a, b) => a - b);
  const median = took[Math.floor(took.length / 2)];
  const parts = (['failed', 'running', 'waiting', 'suspended'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  const done = `${count('done')} done${median === undefined ? '' : `, half of them within ${compact(median)}`}`;
  return `${isWhole ? '' : 'At least '}${counted(all.length, 'build')}: ${[...parts, done].join(', ')}.`;
}
