import { z } from 'zod';
import { kindOfWord, spellingOf } from '../../alerts/kindWords.ts';
import { coerceError, ResponderError } from '../../errors.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import { counted } from '../../wording/counts.ts';
import { exact } from '../../wording/lengths.ts';
import { readTable, type TableRow } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { targetOfQuestion } from '../facts/target.ts';
import { lookAt } from '../look/look.ts';
import { event } from '../subjects/event.ts';
import { KINDS, type Kind } from '../subjects/kinds.ts';
import { conditions, metadata, named, timeOf } from '../subjects/object.ts';
import { containersOf, pod, statusesOf } from '../subjects/pod.ts';
import { arrange } from './arrange.ts';
import {
  type Collected,
  type Collection,
  type Diagnostic,
  namespaceOf,
  options,
  place,
  splitName,
} from './diagnostic.ts';
import { eventLine, groupEvents } from './eventLines.ts';
import { named as only, readPart } from './parts.ts';
import { anyOnPhone } from './phone.ts';
import { type Read, verdictOf } from './verdict.ts';

/** Kinds tried for a bare name, the most common first. */
const GUESSES: readonly Kind[] = [
  'Pod',
  'Deployment',
  'KnativeService',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'LambdaFunction',
  'Service',
  'Node',
];
const MOST_EVENTS = 100;
const IN_ALL_MS = FIXED_RULES.firstLook.deadlineMs;

const anything = z.object({
  metadata,
  status: z.object({ conditions }).catch({ conditions: undefined }),
});
type Anything = z.output<typeof anything>;

/** kubectl's describe in our form: what is wrong, conditions, state, owners and events of one object; or all objects of a kind. */
export const describe: Diagnostic = {
  name: 'describe',
  phone: anyOnPhone,
  kubectl: (request) => {
    const [kind, name] = splitName(request.name);
    if (kind !== null && name === '') return `kubectl get ${kind} ${place(request)}${options(request)}`;
    return `kubectl describe ${request.name ?? 'pods'} ${place(request)}`;
  },
  async collect(collection) {
    const [word, name] = splitName(collection.request.name);
    const kind = word === null ? null : kindOfWord(word);
    if (kind !== null && name === '') return listOfKind(collection, kind);
    if (name === null || name === '')
      throw new ResponderError('bad_input', 'describe needs the name of an object.', {
        hint: 'As for kubectl: describe pod NAME',
      });
    return describeOne(collection, kind === null ? await guess(collection, name) : await read(collection, kind, name));
  },
};

interface Found {
  readonly kind: Kind;
  readonly name: string;
  readonly row: TableRow;
  readonly columns: readonly string[];
}

async function find(collection: Collection, kind: Kind, name: string): Promise<Found | null> {
  const part = await readPart(collection, anything, { resource: KINDS[kind].resource, ...only(name) });
  const [row] = part.table.rows;
  if (part.state === 'failed' && part.error !== null) throw part.error;
  return row ? { kind, name, row, columns: part.table.columns } : null;
}

async function read(collection: Collection, kind: Kind, name: string): Promise<Found> {
  const found = await find(collection, kind, name);
  if (found) return found;
  const { request } = collection;
  const where = KINDS[kind].resource.namespaced ? ` in ${request.namespace ?? 'any namespace'}` : '';
  throw new ResponderError('not_found', `there is no ${spellingOf(kind)} ${name}${where}`, {
    hint: `All of that kind: diag describe ${spellingOf(kind)}${where === '' ? '' : ' -n NAMESPACE'}`,
  });
}

/**
 * The first kind that has an object of this name. A kind that could not be read may be the right one, so it is named in
 * the answer, or its error thrown.
 */
async function guess(collection: Collection, name: string): Promise<Found> {
  const tried = await Promise.allSettled(GUESSES.map((kind) => find(collection, kind, name)));
  const found = tried.find((one) => one.status === 'fulfilled' && one.value !== null);
  if (found?.status === 'fulfilled' && found.value) return found.value;
  const unread = tried.flatMap((one, at) => {
    const kind = GUESSES[at];
    return one.status === 'rejected' && kind ? [{ kind, error: coerceError(one.reason) }] : [];
  });
  const [first] = unread;
  if (first && (unread.length === tried.length || collection.request.signal.aborted)) throw first.error;
  if (first)
    throw new ResponderError(
      first.error.code,
      `nothing that could be read is called ${name} in ${collection.request.namespace ?? 'any namespace'}; not read: ${unread.map(({ kind }) => KINDS[kind].resource.plural).join(', ')} (${first.error.message})`,
      {
        hint: first.error.hint ?? 'Ask again, or say its kind: describe pod NAME',
        cause: first.error,
        retryable: first.error.retryable,
      },
    );
  throw new ResponderError(
    'not_found',
    `no pod, workload, function, Job, Service or node is called ${name} in ${collection.request.namespace ?? 'any namespace'}`,
    { hint: 'Say its kind, as for kubectl: describe ingress NAME' },
  );
}

async function describeOne(collection: Collection, { kind, name, row, columns }: Found): Promise<Collected> {
  const { cluster, request, profile, clock } = collection;
  const now = clock();
  const { resource } = KINDS[kind];
  const object = anything.parse(row.object);
  const namespace = resource.namespaced ? (object.metadata.namespace ?? request.namespace) : null;
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(IN_ALL_MS)]);
  const target = targetOfQuestion({
    namespace,
    objects: [named(kind, { namespace, name })],
    name,
    now,
    startedAt: request.startedAt ?? null,
  });
  const [look, events] = await Promise.all([
    lookAt({ cluster, target, profile, now, priority: request.priority, signal }),
    readPart(collection, event, {
      resource: RESOURCES.events,
      namespace,
      fieldSelector: `involvedObject.kind=${resource.kind},involvedObject.name=${name}`,
      limit: MOST_EVENTS,
    }),
  ]);
  const isWell =
    look.diagnosis.verdict === 'unknown' &&
    look.facts.unread.length === 0 &&
    look.diagnosis.findings.every(({ level, code }) => level === 'ok' || code === 'undecided');
  const rows = conditionRows(object, now);
  const grouped = groupEvents(events.items).map((group) => eventLine(group, now, false));
  return {
    title: `${spellingOf(kind)} ${name}${namespace === null ? '' : ` in ${namespace}`}`,
    summary: isWell ? 'Nothing wrong was found.' : look.diagnosis.summary,
    findings: isWell ? [] : look.diagnosis.findings,
    table:
      rows.length > 0
        ? { columns: ['CONDITION', 'STATUS', 'SINCE', 'REASON', 'MESSAGE'], rows, total: rows.length }
        : null,
    lines: [
      ...printed(columns, row.cells),
      ...facts(object, now),
      ...containers(row.object, now),
      ...(events.state === 'read'
        ? grouped.length > 0
          ? ['events:', ...grouped.map((line) => `  ${line}`)]
          : ['events: none kept']
        : []),
    ],
    notes: [...events.notes, ...look.facts.unread.map(({ what, why }) => `${what}: ${why}`)],
  };
}

/** The server's printed columns of the object, a line each: `READY: 0/1`. */
function printed(columns: readonly string[], cells: readonly string[]): readonly string[] {
  return columns.flatMap((column, at) => {
    const cell = cells[at] ?? '';
    return cell === '' || cell === '<none>' || column === 'NAME' ? [] : [`${column.toLowerCase()}: ${cell}`];
  });
}

function facts(object: Anything, now: number): readonly string[] {
  const { metadata: of } = object;
  const deleted = timeOf(of.deletionTimestamp);
  const owners = (of.ownerReferences ?? []).map((owner) => `${owner.kind}/${owner.name}`);
  const labels = Object.entries(of.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    owners.length > 0 ? `owned by: ${owners.join(', ')}` : 'owned by: nothing',
    deleted === null
      ? ''
      : `being deleted for ${exact(now - deleted)}; finalizers: ${(of.finalizers ?? []).join(', ') || 'none'}`,
    labels.length > 0 ? `labels: ${labels.join(', ')}` : '',
  ].filter((line) => line !== '');
}

/** Conditions with what is not as it should be first; a condition's bad state is not the same for all, so none is called bad here. */
function conditionRows(object: Anything, now: number): readonly TableRow[] {
  const all = object.status.conditions ?? [];
  return all
    .toSorted((a, b) => Number(a.status === 'True') - Number(b.status === 'True'))
    .map((one) => {
      const since = timeOf(one.lastTransitionTime);
      return {
        cells: [one.type, one.status, since === null ? '' : exact(now - since), one.reason ?? '', one.message ?? ''],
        object: null,
      };
    });
}

/** A pod's containers: state, restarts, how the last one ended, image. Empty for what is no pod. */
function containers(object: unknown, now: number): readonly string[] {
  const read = pod.safeParse(object);
  if (!read.success || (read.data.spec.containers ?? []).length === 0) return [];
  const statuses = statusesOf(read.data);
  return containersOf(read.data.spec).map(({ name, image }) => {
    const status = statuses.find((one) => one.name === name);
    const { waiting, running, terminated } = status?.state ?? {};
    const began = timeOf(running?.startedAt);
    const state = waiting
      ? `waiting, ${waiting.reason ?? 'no reason given'}${waiting.message ? ` (${waiting.message})` : ''}`
      : terminated
        ? `ended ${terminated.reason ?? ''} (exit ${terminated.exitCode ?? '?'})`
        : running
          ? `running${began === null ? '' : ` for ${exact(now - began)}`}${status?.ready === false ? ', not ready' : ''}`
          : 'no state yet';
    const last = status?.lastState?.terminated;
    const before = last ? `; before: ${last.reason ?? 'ended'} (exit ${last.exitCode ?? '?'})` : '';
    const restarts = status?.restartCount ?? 0;
    return `container ${name}: ${state}${restarts > 0 ? `; ${counted(restarts, 'restart')}` : ''}${before}${image ? `; image ${image}` : ''}`;
  });
}

/** `kubectl get KIND` of any kind we read, with what the rules say of what came. */
async function listOfKind(collection: Collection, kind: Kind): Promise<Collected> {
  const { cluster, request } = collection;
  const { resource, shape } = KINDS[kind];
  const read = await readTable(cluster, {
    resource,
    namespace: resource.namespaced ? namespaceOf(request) : null,
    selector: request.selector,
    fieldSelector: request.fieldSelector,
    isWide: request.output === 'wide',
    priority: request.priority,
    signal: request.signal,
  }).catch((thrown: unknown) => {
    if (coerceError(thrown).code !== 'not_found') throw thrown;
    const of = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
    throw new ResponderError('not_found', `cluster ${cluster.name} has no ${of}`, {
      hint: 'The kind is not installed there.',
      cause: thrown,
    });
  });
  const table = arrange(read, request);
  const items = read.rows.flatMap((row) => shape.safeParse(row.object).data ?? []);
  const where = resource.namespaced ? ` in ${namespaceOf(request) ?? 'all namespaces'}` : '';
  const isWhole = read.isWhole && request.selector === null && request.fieldSelector === null;
  // The items have the shape of their own kind, which a key of any kind cannot say.
  const findings = verdictOf(collection, { [kind]: { items, isWhole } } as Read);
  const bad = findings.filter(({ level }) => level === 'critical' || level === 'warning').length;
  return {
    title: `${resource.plural}${where}`,
    summary:
      read.total === 0
        ? 'There are none.'
        : `${counted(read.total, resource.kind, resource.plural)}${bad > 0 ? `, ${counted(bad, 'problem')}` : ''}.`,
    findings,
    table,
    lines: null,
    notes: table.notes,
  };
}
