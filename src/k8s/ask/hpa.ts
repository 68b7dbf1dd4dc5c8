import { counted } from '../../wording/counts.ts';
import { readTable } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { type Autoscaler, autoscaler } from '../subjects/scaling.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, options, place } from './diagnostic.ts';
import { rowsOnPhone } from './phone.ts';
import { verdictOf } from './verdict.ts';

export const hpa: Diagnostic = {
  name: 'hpa',
  phone: rowsOnPhone({
    parts: ['NAME', 'TARGETS', (cell) => `${cell('REPLICAS')} of ${cell('MINPODS')} to ${cell('MAXPODS')} pods`],
  }),
  kubectl: (request) => `kubectl get hpa ${place(request)}${options(request)}`,
  async collect(collection) {
    const { cluster, request } = collection;
    const read = await readTable(cluster, {
      resource: RESOURCES.horizontalpodautoscalers,
      namespace: namespaceOf(request),
      selector: request.selector,
      priority: request.priority,
      isWide: request.output === 'wide',
      signal: request.signal,
    });
    const all = read.rows.flatMap((row) => autoscaler.safeParse(row.object).data ?? []);
    const table = arrange(read, request);
    return {
      title: `Autoscalers in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary: summaryOf(all),
      findings: verdictOf(collection, { HorizontalPodAutoscaler: { items: all, isWhole: read.isWhole } }),
      table,
      lines: null,
      notes: table.notes,
    };
  },
};

function summaryOf(all: readonly Autoscaler[]): string {
  if (all.length === 0) return 'There are no autoscalers here; functions are scaled by Knative: diag function NAME.';
  const words = all.slice(0, 4).map(({ metadata: { name }, spec, status }) => {
    return `${name} ${status.currentReplicas ?? 0} of ${spec.minReplicas ?? 1} to ${spec.maxReplicas ?? '?'}`;
  });
  return `${counted(all.length, 'autoscaler')}: ${words.join(', ')}${all.length > 4 ? ' ...' : ''}.`;
}
