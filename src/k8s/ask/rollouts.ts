import { z } from 'zod';
import { ResponderError } from '../../errors.ts';
import { RESOURCES } from '../client/resources.ts';
import { readTable, type TableRow } from '../client/table.ts';
import { type KnativeObject, knativeObject } from '../subjects/knative.ts';
import { conditionOf } from '../subjects/object.ts';
import { coarse, instant, span } from '../subjects/span.ts';
import { availableReplicas, readyReplicas, type Workload, wantedReplicas, workload } from '../subjects/workload.ts';
import { arrange } from './arrange.ts';
import { changeFindings } from './changeFindings.ts';
import { type Change, revision, revisionRollouts, rollouts as rolloutsOf } from './changeList.ts';
import { type Collection, type Diagnostic, namespaceOf, place, splitName } from './diagnostic.ts';
import { readPart } from './parts.ts';
import { verdictOf } from './verdict.ts';

/** A workload with its newest rollout. */
interface Entry {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly of: Workload;
  readonly last: Change | null;
}

/** Lists are in the order of names, so the newest may be anywhere in them. */
const MAX_REVISIONS = 2_000;

const SHORT = { Deployment: 'deploy', StatefulSet: 'sts', DaemonSet: 'ds' } as const;

export const rollouts: Diagnostic = {
  name: 'rollouts',
  kubectl: (request) =>
    request.name
      ? `kubectl rollout history deployment/${splitName(request.name)[1]} ${place(request)}`
      : `kubectl get deployments,statefulsets,daemonsets,replicasets,revisions ${place(request)}`,
  async collect(collection) {
    const { request, clock } = collection;
    const now = clock();
    const { entries, revisions, revisionObjects, changes, notes } = await readAll(collection);
    const since = request.since;
    const recent = (one: Change | null) => since === null || one === null || one.at >= since;
    const ill = (one: Entry) => availableReplicas(one.of) < wantedReplicas(one.of);
    const shown = entries.filter((one) => request.name !== null || recent(one.last) || ill(one));
    const rows = [
      ...shown.map((one) => ({ at: one.last?.at ?? 0, row: workloadRow(one, now) })),
      ...revisions.filter(recent).map((one) => ({ at: one.at, row: revisionRow(one, now) })),
    ].toSorted((a, b) => b.at - a.at || nameOf(b).localeCompare(nameOf(a)));
    const columns = ['NAME', 'READY', 'REASON', 'AGE', 'DETAIL'];
    const table = arrange(
      { columns, rows: rows.map(({ row }) => row), total: rows.length, notes },
      { ...request, sortBy: null },
    );
    const start = request.startedAt ?? null;
    const before = start === null ? [] : changes.filter((one) => one.at >= (since ?? start - 3_600_000));
    const window = { since: since ?? 0, namespace: namespaceOf(request), complete: false };
    return {
      title: request.name
        ? `Rollouts of ${splitName(request.name)[1]}`
        : `Rollouts in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary: summaryOf(entries, changes, now),
      findings: [
        ...verdictOf(collection, { objects: { ...objectsOf(entries), Revision: revisionObjects } }),
        ...(start === null ? [] : changeFindings(before, start, window)),
      ],
      table,
      lines: null,
      notes: table.notes,
    };
  },
};

async function readAll(collection: Collection): Promise<{
  entries: readonly Entry[];
  revisions: readonly RevisionChange[];
  revisionObjects: readonly KnativeObject[];
  changes: readonly Change[];
  notes: readonly string[];
}> {
  const { request } = collection;
  const [, name] = splitName(request.name);
  const [deployments, sets, statefulSets, daemonSets, revisions] = await Promise.all([
    readTable(collection.cluster, {
      resource: RESOURCES.deployments,
      namespace: namespaceOf(request),
      priority: request.priority,
      signal: request.signal,
    }),
    readPart(collection, workload, { resource: RESOURCES.replicasets, limit: MAX_REVISIONS }),
    readPart(collection, workload, { resource: RESOURCES.statefulsets }),
    readPart(collection, workload, { resource: RESOURCES.daemonsets }),
    readPart(collection, z.unknown(), { resource: RESOURCES.revisions, limit: MAX_REVISIONS }),
  ]);
  const objects = deployments.rows.map((row) => row.object);
  const rolled = rolloutsOf(
    sets.items,
    objects.flatMap((one) => workload.safeParse(one).data ?? []),
  );
  const entry =
    (kind: Entry['kind']) =>
    (of: Workload): Entry => ({ kind, of, last: lastOf(rolled, of) });
  // The Deployment of a Revision is told by the Revision.
  const plain = objects
    .flatMap((one) => workload.safeParse(one).data ?? [])
    .filter(({ metadata }) => metadata.labels?.['serving.knative.dev/revision'] === undefined);
  const entries = [
    ...plain.map(entry('Deployment')),
    ...statefulSets.items.map(entry('StatefulSet')),
    ...daemonSets.items.map(entry('DaemonSet')),
  ].filter(({ of }) => name === null || of.metadata.name === name);
  const ofFunctions = withReadiness(revisions.items).filter(
    (one) => name === null || one.name === name || one.owner === name,
  );
  if (name !== null && entries.length === 0 && ofFunctions.length === 0)
    throw new ResponderError('not_found', `nothing that rolls out is called ${name} in ${request.namespace}`, {
      hint: 'See what there is: /lambda diag rollouts',
    });
  const notes = [deployments, sets, statefulSets, daemonSets, ...(revisions.state === 'absent' ? [] : [revisions])];
  const changes = [...rolled.filter((one) => name === null || one.name === name), ...ofFunctions];
  const revisionObjects = revisions.items.flatMap((one) => knativeObject.safeParse(one).data ?? []);
  return { entries, revisions: ofFunctions, revisionObjects, changes, notes: notes.flatMap(({ notes: own }) => own) };
}

interface RevisionChange extends Change {
  readonly owner: string | null;
  readonly ready: string;
  readonly message: string;
}

function withReadiness(objects: readonly unknown[]): readonly RevisionChange[] {
  const parsed = objects.flatMap((one) => knativeObject.safeParse(one).data ?? []);
  const rolled = revisionRollouts(objects.flatMap((one) => revision.safeParse(one).data ?? []));
  return rolled.map((change) => {
    const of = parsed.find(({ metadata }) => metadata.name === change.name && metadata.namespace === change.namespace);
    const ready = of ? conditionOf(of, 'Ready') : null;
    const word = ready?.status === 'True' ? 'True' : (ready?.reason ?? ready?.status ?? 'Unknown');
    return {
      ...change,
      owner: of?.metadata.labels?.['serving.knative.dev/service'] ?? null,
      ready: word,
      message: ready?.message ?? '',
    };
  });
}

const nameOf = ({ row }: { readonly row: TableRow }) => row.cells[0] ?? '';

/** The workloads by kind, as rules take them. */
function objectsOf(entries: readonly Entry[]) {
  const of = (kind: Entry['kind']) => entries.filter((one) => one.kind === kind).map((one) => one.of);
  return { Deployment: of('Deployment'), StatefulSet: of('StatefulSet'), DaemonSet: of('DaemonSet') };
}

function lastOf(rolled: readonly Change[], of: Workload): Change | null {
  return (
    rolled
      .filter((one) => one.name === of.metadata.name && one.namespace === (of.metadata.namespace ?? null))
      .toSorted((a, b) => b.at - a.at)[0] ?? null
  );
}

function workloadRow({ kind, of, last }: Entry, now: number): TableRow {
  const [desired, ready] = [wantedReplicas(of), readyReplicas(of)];
  const progressing = of.status.conditions?.find(({ type }) => type === 'Progressing');
  const stuck = progressing?.status === 'False' ? progressing.reason : undefined;
  const at = last?.at ?? instant(of.metadata.creationTimestamp);
  const cells = [
    `${SHORT[kind]}/${of.metadata.name}`,
    `${ready}/${desired}`,
    stuck ?? last?.what ?? '',
    at === null ? '' : coarse(now - at),
    last ? `${new Date(last.at).toISOString().slice(0, 19)}Z ${last.detail}${last.by ? `, by ${last.by}` : ''}` : '',
  ];
  return { cells, object: of };
}

function revisionRow(one: RevisionChange, now: number): TableRow {
  const detail = `${new Date(one.at).toISOString().slice(0, 19)}Z ${one.detail}`;
  return { cells: [`rev/${one.name}`, one.ready, one.what, coarse(now - one.at), detail], object: one };
}

function summaryOf(entries: readonly Entry[], changes: readonly Change[], now: number): string {
  const short = entries.filter(({ of }) => readyReplicas(of) < wantedReplicas(of)).length;
  const state = short === 0 ? 'all have their pods' : `${short} ${short === 1 ? 'is' : 'are'} short of pods`;
  const last = changes.toSorted((a, b) => b.at - a.at || b.name.localeCompare(a.name))[0];
  const newest = last
    ? `the newest rollout ${span(now - last.at)} ago: ${last.kind} ${last.name}, ${last.detail}`
    : 'no rollout has a date';
  const many = entries.length === 1 ? '1 workload' : `${entries.length} workloads`;
  return entries.length === 0
    ? `${newest.charAt(0).toUpperCase()}${newest.slice(1)}.`
    : `${many}, ${state}; ${newest}.`;
}
