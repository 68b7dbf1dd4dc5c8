import { compact } from '../../wording/lengths.ts';
import type { KubeTable, TableRow } from '../client/kubeTable.ts';
import { instant } from '../subjects/instant.ts';
import { type KnativeObject, revisionOfPod, trafficOf } from '../subjects/knative.ts';
import { conditionOf } from '../subjects/object.ts';
import { isSick, type Pod, statusesOf } from '../subjects/pod.ts';
import type { FunctionChain } from './chain.ts';

const COLUMNS = ['NAME', 'READY', 'REASON', 'TRAFFIC', 'AGE', 'DETAIL'];

/** The chain from the function down to its pods, a row each, as `kind/name` that can be copied. */
export function chainTable(
  chain: FunctionChain,
  revisions: readonly KnativeObject[],
  now: number,
): Pick<KubeTable, 'columns' | 'rows' | 'total'> {
  const shares = trafficOf(chain.service);
  const rows: TableRow[] = [
    ...row('lf', chain.lambda, now, chain.lambda?.status.phase),
    ...row('ksvc', chain.service, now),
    ...row('config', chain.configuration, now),
    ...row('route', chain.route, now),
    ...row('king', chain.ingress, now),
    ...revisions.flatMap((revision) => {
      const percent = shares.get(revision.metadata.name);
      return row('rev', revision, now, undefined, percent === undefined ? '-' : `${percent}%`);
    }),
    ...chain.autoscalers.map((one) => scaleRow(one, now)),
    ...chain.pods.toSorted(byRevision).map((one) => podRow(one, now)),
  ];
  return { columns: COLUMNS, rows, total: rows.length };
}

function byRevision(a: Pod, b: Pod): number {
  return `${revisionOfPod(b)}/${a.metadata.name}`.localeCompare(`${revisionOfPod(a)}/${b.metadata.name}`);
}

function row(kind: string, of: KnativeObject | null, now: number, word?: string, share = ''): readonly TableRow[] {
  if (!of) return [];
  const ready = conditionOf(of, 'Ready');
  const active = conditionOf(of, 'Active');
  const quiet = active?.status === 'False' ? (active.reason ?? '') : '';
  const cells = [
    `${kind}/${of.metadata.name}`,
    ready?.status ?? word ?? 'Unknown',
    ready ? (ready.reason ?? word ?? quiet) : '',
    share,
    ageOf(of.metadata.creationTimestamp, now),
    ready?.status === 'True' ? '' : (ready?.message ?? ''),
  ];
  return [{ cells, object: of }];
}

function scaleRow(of: KnativeObject, now: number): TableRow {
  const { desiredScale = 0, actualScale = 0 } = of.status;
  const active = conditionOf(of, 'Active');
  const cells = [
    `kpa/${of.metadata.name}`,
    `${actualScale}/${desiredScale}`,
    active?.status === 'True' ? 'Active' : (active?.reason ?? ''),
    '',
    ageOf(of.metadata.creationTimestamp, now),
    active?.status === 'True' ? '' : (active?.message ?? ''),
  ];
  return { cells, object: of };
}

function podRow(of: Pod, now: number): TableRow {
  const all = of.status.containerStatuses ?? [];
  const ready = all.filter((one) => one.ready).length;
  const [bad] = statusesOf(of).filter((one) => one.state?.waiting ?? (one.state?.terminated?.exitCode ?? 0) !== 0);
  const why = bad?.state?.waiting?.reason ?? bad?.state?.terminated?.reason;
  const cells = [
    `pod/${of.metadata.name}`,
    `${ready}/${all.length}`,
    why ?? of.status.reason ?? (isSick(of, now) ? 'not ready' : (of.status.phase ?? '')),
    '',
    ageOf(of.metadata.creationTimestamp, now),
    bad ? `${bad.name}: ${bad.state?.waiting?.message ?? `exit code ${bad.state?.terminated?.exitCode}`}` : '',
  ];
  return { cells, object: of };
}

function ageOf(time: string | undefined, now: number): string {
  const at = instant(time);
  return at === null ? '' : compact(now - at);
}
