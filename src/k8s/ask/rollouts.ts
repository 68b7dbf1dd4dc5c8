import { z } from 'zod';
import { ResponderError } from '../../errors.ts';
import { labelled } from '../../incidents/phoneRows.ts';
import { counted } from '../../wording/counts.ts';
import { isoSeconds } from '../../wording/instants.ts';
import { coarse, compact } from '../../wording/lengths.ts';
import type { TableRow } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { type Change, revision, revisionRollouts, rollouts as rolloutsOf } from '../rules/changeList.ts';
import { instant } from '../subjects/instant.ts';
import { knativeObject } from '../subjects/knative.ts';
import { conditionOf } from '../subjects/object.ts';
import { availableReplicas, readyReplicas, type Workload, wantedReplicas, workload } from '../subjects/workload.ts';
import { arrange } from './arrange.ts';
import { changeFindings } from './changeFindings.ts';
import { type Collection, type Diagnostic, namespaceOf, place, splitName } from './diagnostic.ts';
import { named, readPart } from './parts.ts';
import { ready, rowsOnPhone } from './phone.ts';
import { type Read, verdictOf } from './verdict.ts';

/** A workload with its newest rollout. */
interface Entry {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly of: Workload;
  readonly last: Change | null;
}

const SHORT = { Deployment: 'deploy', StatefulSet: 'sts', DaemonSet: 'ds' } as const;

export const rollouts: Diagnostic = {
  name: 'rollouts',
  phone: rowsOnPhone({
    parts: ['NAME', ready, 'REASON', labelled('AGE', (value) => `${value} ago`)],
  }),
  kubectl: (request) =>
    request.name
      ? `kubectl rollout history deployment/${splitName(request.name)[1]} ${place(request)}`
      : `kubectl get deployments,statefulsets,daemonsets,replicasets,revisions ${place(request)}`,
  async collect(collection) {
    const { request, clock } = collection;
    const now = clock();
    const { entries, revisions, objects, changes, isWhole, notes } = await readAll(collection);
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
      summary: summaryOf(entries, changes, now, isWhole),
      findings: [...verdictOf(collection, objects), ...(start === null ? [] : changeFindings(before, start, window))],
      table,
      lines: null,
      notes: table.notes,
    };
  },
};

async function readAll(collection: Collection): Promise<{
  entries: readonly Entry[];
  revisions: readonly RevisionChange[];
  objects: Read;
  /** Every workload was read. */
  isWhole: boolean;
  changes: readonly Change[];
  notes: readonly string[];
}> {
  const { request } = collection;
  const [, name] = splitName(request.name);
  const own = name === null ? {} : named(name);
  const [deployments, sets, statefulSets, daemonSets, revisions] = await Promise.all([
    readPart(collection, workload, { resource: RESOURCES.deployments, ...own }),
    readPart(collection, workload, { resource: RESOURCES.replicasets }),
    readPart(collection, workload, { resource: RESOURCES.statefulsets, ...own }),
    readPart(collection, workload, { resource: RESOURCES.daemonsets, ...own }),
    readPart(collection, z.unknown(), { resource: RESOURCES.revisions }),
  ]);
  if (deployments.error) throw deployments.error;
  const rolled = rolloutsOf(sets.items, deployments.items);
  const entry =
    (kind: Entry['kind']) =>
    (of: Workload): Entry => ({ kind, of, last: lastOf(rolled, of) });
  // The Deployment of a Revision is left out: the Revision's own rollout covers it.
  const plain = deployments.items.filter(
    ({ metadata }) => metadata.labels?.['serving.knative.dev/revision'] === undefined,
  );
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
  return {
    entries,
    revisions: ofFunctions,
    changes,
    objects: {
      Deployment: { items: deployments.items, isWhole: deployments.isWhole && name === null },
      StatefulSet: { items: statefulSets.items, isWhole: statefulSets.isWhole && name === null },
      DaemonSet: { items: daemonSets.items, isWhole: daemonSets.isWhole && name === null },
      Revision: { items: revisionObjects, isWhole: revisions.isWhole },
    },
    isWhole: deployments.isWhole && statefulSets.isWhole && daemonSets.isWhole,
    notes: notes.flatMap(({ notes: ofPart }) => ofPart),
  };
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
    last ? `${isoSeconds(last.at)} ${last.detail}${last.by ? `, by ${last.by}` : ''}` : '',
  ];
  return { cells, object: of };
}

function revisionRow(one: RevisionChange, now: number): TableRow {
  const detail = `${isoSeconds(one.at)} ${one.detail}`;
  return { cells: [`rev/${one.name}`, one.ready, one.what, coarse(now - one.at), detail], object: one };
}

function summaryOf(entries: readonly Entry[], changes: readonly Change[], now: number, isWhole: boolean): string {
  const short = entries.filter(({ of }) => readyReplicas(of) < wantedReplicas(of)).length;
  const state =
    short === 0
      ? `${isWhole ? 'all' : 'those that were read'} have their pods`
      : `${counted(short, 'is', 'are')} short of pods`;
  const last = changes.toSorted((a, b) => b.at - a.at || b.name.localeCompare(a.name))[0];
  const newest = last
    ? `the newest rollout ${compact(now - last.at)} ago: ${last.kind} ${last.name}, ${last.detail}`
    : 'no rollout has a date';
  const many = entries.length === 1 ? '1 workload' : `${entries.length} workloads`;
  return entries.length === 0
    ? `${newest.charAt(0).toUpperCase()}${newest.slice(1)}.`
    : `${many}, ${state}; ${newest}.`;
}
