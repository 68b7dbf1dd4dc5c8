import type { Finding } from '../../incidents/evidence.ts';
import { counted } from '../../wording/counts.ts';
import type { TableRow } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { stateOfPodRow } from '../facts/census.ts';
import { keyOf, named } from '../subjects/object.ts';
import { isSick, type Pod, pod } from '../subjects/pod.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, options, place } from './diagnostic.ts';
import { type Counted, readCounted, type Telling } from './longList.ts';
import { podsOnPhone } from './phone.ts';
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
  phone: podsOnPhone,
  kubectl: (request) =>
    `kubectl get pods${request.name ? ` ${request.name}` : ''} ${place(request)}${options(request)}`,
  async collect(collection) {
    const { request, clock } = collection;
    const now = clock();
    const read = await readCounted(collection, RESOURCES.pods, telling(now));
    const table = arrange(read.table, request, read.isWhole ? badness(now) : undefined);
    const unhealthy = read.items.filter((one) => isSick(one, now));
    const explained = await eventsAbout(collection, unhealthy);
    const findings = verdictOf(collection, {
      Pod: { items: read.items, isWhole: read.isWhole },
      Event: { items: explained.events, isWhole: false },
    });
    return {
      title: request.name
        ? `Pod ${request.name}`
        : `Pods in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary: summaryOf(read, troubledOf(read.items, findings, now)),
      findings,
      table,
      lines: null,
      notes: [...table.notes, ...explained.notes],
    };
  },
};

function telling(now: number): Telling<Pod> {
  return {
    shape: pod,
    stateOf: (one) => (isSick(one, now) ? 'ill' : 'well'),
    stateOfRow: stateOfPodRow,
    isIll: (state) => state !== 'well',
  };
}

/** Pods that run at this moment and of which a finding is sure that they are in trouble: they are not called healthy. */
function troubledOf(items: readonly Pod[], findings: readonly Finding[], now: number): number {
  const sure = findings.filter(
    ({ level, confidence }) => confidence === 'confirmed' && (level === 'critical' || level === 'warning'),
  );
  const troubled = new Set(sure.map(({ subject }) => keyOf(subject)));
  return items.filter((one) => !isSick(one, now) && troubled.has(keyOf(named('Pod', one.metadata)))).length;
}

/** @param troubled pods that are unhealthy though their own state does not say so */
function summaryOf({ states, table, items, isCounted }: Counted<Pod>, troubled: number): string {
  const ill = (states.get('ill') ?? 0) + troubled;
  if (table.total === 0) return 'There are no pods.';
  const pods = counted(table.total, 'pod');
  const leaving = states.get('leaving') ?? 0;
  const ending = leaving === 0 ? '' : `, ${leaving} ending`;
  if (ill > 0) return `${pods}, ${isCounted ? '' : 'at least '}${ill} unhealthy${ending}.`;
  if (!isCounted) return `At least ${pods}; the ${items.length} that were read look healthy, the others are not known.`;
  return `${pods}, ${table.total === 1 ? 'which looks healthy' : `${leaving === 0 ? 'all' : 'the others'} look healthy`}${ending}.`;
}
