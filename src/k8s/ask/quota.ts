import { counted } from '../../wording/counts.ts';
import { readTable } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { type Event, event } from '../subjects/event.ts';
import { type Quota, quota as quotaShape, usesOf } from '../subjects/quota.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, place } from './diagnostic.ts';
import { percent } from './nodeRoom.ts';
import { readPart } from './parts.ts';
import { rowsOnPhone } from './phone.ts';
import { presentVerdict } from './present.ts';

/** What makes pods, and is refused them. */
const MAKERS = ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'] as const;
const OF_LIMITS = /quota|maximum|minimum|must specify/i;
const REFUSED = /exceeded quota|maximum|minimum|must specify|forbidden/i;

export const quota: Diagnostic = {
  name: 'quota',
  phone: rowsOnPhone({
    parts: ['NAME', (cell) => `${cell('USED')} of ${cell('HARD')}`, '%', 'QUOTA'],
  }),
  kubectl: (request) => `kubectl describe resourcequota ${place(request)}`,
  async collect(collection) {
    const { cluster, request } = collection;
    const [listed, events] = await Promise.all([
      readTable(cluster, {
        resource: RESOURCES.resourcequotas,
        namespace: namespaceOf(request),
        priority: request.priority,
        signal: request.signal,
      }),
      readPart(collection, event, {
        resource: RESOURCES.events,
        fieldSelector: 'type=Warning,involvedObject.kind!=Pod',
      }),
    ]);
    const quotas = listed.rows.flatMap((row) => quotaShape.safeParse(row.object).data ?? []);
    const refused = events.items.filter(
      ({ reason, message }) => reason === 'FailedCreate' && REFUSED.test(message ?? ''),
    );
    const { findings, notes } = await presentVerdict(
      collection,
      {
        ResourceQuota: { items: quotas, isWhole: listed.isWhole },
        // Other refusals are told where what they are about is read.
        Event: { items: refused.filter(({ message }) => OF_LIMITS.test(message ?? '')), isWhole: false },
      },
      MAKERS,
    );
    const all = namespaceOf(request) === null;
    const rows = quotas.flatMap((one) => rowsOf(one, all)).toSorted((a, b) => b.share - a.share);
    const columns = [...(all ? ['NAMESPACE'] : []), 'NAME', 'USED', 'HARD', '%', 'QUOTA'];
    const table = arrange(
      { columns, rows, total: rows.length, notes: [...listed.notes, ...events.notes] },
      { ...request, sortBy: null },
    );
    return {
      title: `Quotas in ${all ? 'all namespaces' : request.namespace}`,
      summary: summaryOf(quotas, refused, request.namespace, events.state === 'read' && events.isWhole),
      findings,
      table,
      lines: null,
      notes: [...table.notes, ...notes],
    };
  },
};

function rowsOf(one: Quota, namespaced: boolean) {
  return usesOf(one).map(({ resource, used, hard, share }) => {
    const cells = [resource, used, hard, percent(share), one.metadata.name];
    return {
      cells: namespaced ? [one.metadata.namespace ?? '', ...cells] : cells,
      object: one,
      share: share ?? 0,
    };
  });
}

function summaryOf(
  quotas: readonly Quota[],
  refused: readonly Event[],
  namespace: string | null,
  isWhole: boolean,
): string {
  const who = new Set(refused.map(({ involvedObject: of }) => `${of.kind} ${of.name}`));
  const names = [...who].slice(0, 3).join(', ');
  const more = who.size > 3 ? ` and ${who.size - 3} more` : '';
  const refusals =
    who.size === 0
      ? isWhole
        ? 'nobody was refused pods in the last hour'
        : 'whether anybody was refused pods is not known: the events were not read to the end'
      : `refused pods: ${names}${more}`;
  if (quotas.length === 0) return `No quota limits ${namespace ?? 'any namespace'}; ${refusals}.`;
  const [fullest] = quotas.flatMap((one) => usesOf(one)).toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0));
  const words = fullest ? `${fullest.resource} ${fullest.used} of ${fullest.hard}` : 'no limits';
  return `${counted(quotas.length, 'quota')}; fullest: ${words}; ${refusals}.`;
}
