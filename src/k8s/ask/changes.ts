import { labelled } from '../../incidents/phoneRows.ts';
import { counted } from '../../wording/counts.ts';
import { isoSeconds } from '../../wording/instants.ts';
import { coarse, compact } from '../../wording/lengths.ts';
import type { TableRow } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { type Change, dated, edits, revision, revisionRollouts, rollouts } from '../rules/changeList.ts';
import { workload } from '../subjects/workload.ts';
import { arrange } from './arrange.ts';
import { byCloseness, changeFindings } from './changeFindings.ts';
import { type Collection, type Diagnostic, namespaceOf, place } from './diagnostic.ts';
import { readPart } from './parts.ts';
import { rowsOnPhone } from './phone.ts';

const HOUR = 3_600_000;
const DEFAULT_WINDOW = 2 * HOUR;
const UNREAD = 'ConfigMaps and Secrets are not read: edits of them are not seen here';

export const changes: Diagnostic = {
  name: 'changes',
  phone: rowsOnPhone({
    parts: ['NAME', 'REASON', labelled('BY', (value) => `by ${value}`), 'AGE'],
  }),
  kubectl: (request) =>
    `kubectl get replicasets,deployments,statefulsets,daemonsets,revisions,ksvc,resourcequotas ${place(request)} --show-managed-fields -o yaml`,
  async collect(collection) {
    const { request, clock } = collection;
    const now = clock();
    const start = request.startedAt ?? null;
    const since = request.since ?? now - DEFAULT_WINDOW;
    const read = await readChanges(collection);
    const recent = byCloseness(
      read.changes.filter(({ at }) => at >= since && at <= now + HOUR),
      start ?? now,
    );
    const where = request.allNamespaces ? 'all namespaces' : request.namespace;
    const columns = ['NAME', 'REASON', 'AGE', 'BY', 'DETAIL'];
    const rows = recent.map((one) => rowOf(one, start, now, namespaceOf(request) === null));
    const table = arrange({ columns, rows, total: rows.length, notes: read.notes }, { ...request, sortBy: null });
    const window = { since, namespace: namespaceOf(request), complete: read.complete };
    return {
      title: `Changes in ${where}`,
      summary: summaryOf(recent, start, since, now),
      findings: start === null ? [] : changeFindings(recent, start, window),
      table,
      lines: null,
      notes: [
        ...table.notes,
        UNREAD,
        ...(start === null ? [] : ['AGE counts from the start of the incident; + is after it']),
      ],
    };
  },
};

/** Everything with a date that is read: ConfigMaps and Secrets are not, their contents may be anybody's source code. */
async function readChanges(
  collection: Collection,
): Promise<{ changes: readonly Change[]; notes: readonly string[]; complete: boolean }> {
  const { profile } = collection;
  const part = <T>(shape: Parameters<typeof readPart<T>>[1], resource: Parameters<typeof readPart<T>>[2]['resource']) =>
    readPart(collection, shape, { resource });
  const [sets, deployments, statefulSets, daemonSets, revisions, services, lambdas, quotas] = await Promise.all([
    part(workload, RESOURCES.replicasets),
    part(workload, RESOURCES.deployments),
    part(workload, RESOURCES.statefulsets),
    part(workload, RESOURCES.daemonsets),
    part(revision, RESOURCES.revisions),
    part(dated, RESOURCES.ksvc),
    profile.name === 'operator' ? part(dated, RESOURCES.lambdafunctions) : null,
    part(dated, RESOURCES.resourcequotas),
  ]);
  const rolled = [...rollouts(sets.items, deployments.items), ...revisionRollouts(revisions.items)];
  const all = [
    ...rolled,
    ...edits('Deployment', deployments.items, rolled),
    ...edits('StatefulSet', statefulSets.items),
    ...edits('DaemonSet', daemonSets.items),
    ...edits('Service', services.items),
    ...edits('LambdaFunction', lambdas?.items ?? []),
    ...edits('ResourceQuota', quotas.items),
  ];
  const parts = [sets, deployments, statefulSets, daemonSets, revisions, services, quotas];
  const undated = [...quotas.items, ...deployments.items];
  const stripped = undated.length > 0 && undated.every(({ metadata }) => (metadata.managedFields ?? []).length === 0);
  // A cluster without Knative is complete without it.
  const notes = [...parts, ...(lambdas ? [lambdas] : [])]
    .filter(({ state }) => state !== 'absent')
    .flatMap(({ notes: own }) => own);
  return {
    changes: all,
    notes: [...notes, ...(stripped ? ['objects carry no managedFields here: edits cannot be dated'] : [])],
    complete: notes.length === 0,
  };
}

const SHORT: Readonly<Record<string, string>> = {
  Deployment: 'deploy',
  StatefulSet: 'sts',
  DaemonSet: 'ds',
  Revision: 'rev',
  Service: 'ksvc',
  LambdaFunction: 'lf',
  ResourceQuota: 'quota',
};

function rowOf(one: Change, start: number | null, now: number, namespaced: boolean): TableRow {
  const name = `${SHORT[one.kind] ?? one.kind}/${one.name}`;
  const age = start === null ? coarse(now - one.at) : `${one.at > start ? '+' : ''}${coarse(Math.abs(start - one.at))}`;
  const detail = `${isoSeconds(one.at)} ${one.detail}`;
  return {
    cells: [namespaced && one.namespace ? `${one.namespace}/${name}` : name, one.what, age, one.by ?? '', detail],
    object: one,
  };
}

function summaryOf(recent: readonly Change[], start: number | null, since: number, now: number): string {
  const window =
    start === null ? `in the last ${compact(now - since)}` : `since ${compact(start - since)} before the start`;
  if (recent.length === 0) return `Nothing that is read and has a date was changed ${window}.`;
  const first = recent[0];
  const when = first ? (start === null ? `${compact(now - first.at)} ago` : relative(first.at, start)) : '';
  return `${counted(recent.length, 'change')} ${window}; the nearest ${when}: ${first?.kind} ${first?.name}, ${first?.detail}.`;
}

function relative(at: number, start: number): string {
  return at > start ? `${compact(at - start)} after it` : `${compact(start - at)} before it`;
}
