import { counted } from '../../incidents/counted.ts';
import { RESOURCES } from '../client/resources.ts';
import { readTable, type TableRow } from '../client/table.ts';
import { isSick, pod } from '../subjects/pod.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, options, place } from './diagnostic.ts';
import { eventsAbout } from './podEvents.ts';
import { verdictOf } from './verdict.ts';

/** The sick first, so that a table cut for a phone shows what matters. */
function badness(now: number) {
  return (row: TableRow) => {
    const parsed = pod.safeParse(row.object);
    return parsed.success && isSick(parsed.data, now) ? -1 : 0;
  };
}

export const pods: Diagnostic = {
  name: 'pods',
  kubectl: (request) =>
    `kubectl get pods${request.name ? ` ${request.name}` : ''} ${place(request)}${options(request)}`,
  async collect(collection) {
    const { cluster, request, clock } = collection;
    const read = await readTable(cluster, {
      resource: RESOURCES.pods,
      namespace: namespaceOf(request),
      name: request.name,
      selector: request.selector,
      fieldSelector: request.fieldSelector,
      priority: request.priority,
      signal: request.signal,
    });
    const table = arrange(read, request, badness(clock()));
    const all = read.rows.flatMap((row) => pod.safeParse(row.object).data ?? []);
    const unhealthy = all.filter((one) => isSick(one, clock()));
    const isCut = read.total > read.rows.length;
    const explained = await eventsAbout(collection, unhealthy);
    const findings = verdictOf(collection, {
      objects: { Pod: all, Event: explained.events },
      parts: isCut ? ['Pod'] : [],
    });
    return {
      title: request.name
        ? `Pod ${request.name}`
        : `Pods in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary:
        all.length === 0
          ? 'There are no pods.'
          : `${counted(read.total, 'pod')}, ${unhealthy.length === 0 ? (isCut ? `the ${all.length} that were read look healthy` : read.total === 1 ? 'which looks healthy' : 'all look healthy') : `${isCut ? 'at least ' : ''}${unhealthy.length} unhealthy`}.`,
      findings,
      table,
      lines: null,
      notes: [...table.notes, ...explained.notes],
    };
  },
};
