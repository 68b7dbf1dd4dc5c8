import { counted } from '../../incidents/counted.ts';
import { arrange } from '../arrange.ts';
import { type Diagnostic, namespaceOf, options, place } from '../diagnostic.ts';
import { rank } from '../findings/finding.ts';
import { podFindings, unhealth } from '../findings/pods.ts';
import { pod } from '../objects.ts';
import { RESOURCES } from '../resources.ts';
import { readTable, type TableRow } from '../table.ts';
import { eventsAbout } from './podEvents.ts';

/** The worst first, so that a table cut for a phone shows what matters. */
function badness(row: TableRow): number {
  const parsed = pod.safeParse(row.object);
  return parsed.success ? -unhealth(parsed.data) : 0;
}

export const pods: Diagnostic = {
  name: 'pods',
  kubectl: (request) =>
    `kubectl get pods${request.name ? ` ${request.name}` : ''} ${place(request)}${options(request)}`,
  async collect(collection) {
    const { cluster, request } = collection;
    const read = await readTable(cluster, {
      resource: RESOURCES.pods,
      namespace: namespaceOf(request),
      name: request.name,
      selector: request.selector,
      fieldSelector: request.fieldSelector,
      priority: request.priority,
      signal: request.signal,
    });
    const table = arrange(read, request, badness);
    const all = read.rows.flatMap((row) => pod.safeParse(row.object).data ?? []);
    const unhealthy = all.filter((one) => podFindings(one).length > 0);
    const explained = await eventsAbout(collection, unhealthy);
    const findings = rank([...all.flatMap(podFindings), ...explained.findings]);
    return {
      title: request.name
        ? `Pod ${request.name}`
        : `Pods in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary:
        all.length === 0
          ? 'There are no pods.'
          : `${counted(read.total, 'pod')}, ${unhealthy.length === 0 ? (read.total === 1 ? 'which looks healthy' : 'all look healthy') : `${unhealthy.length} unhealthy`}.`,
      findings,
      table,
      lines: null,
      notes: [...table.notes, ...explained.notes],
    };
  },
};
