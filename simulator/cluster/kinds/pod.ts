import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.js';
import { since } from '../age.ts';
import { ageColumn, column, defineKind, nameColumn } from '../kind.ts';

export const pod = defineKind<Pod>({
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  subresources: ['status', 'log'],
  columns: [
    nameColumn,
    column('Ready', (one) => summary(one).ready, {
      description: 'The aggregate readiness state of this pod for accepting traffic.',
    }),
    column('Status', (one) => summary(one).status, {
      description: 'The aggregate status of the containers in this pod.',
    }),
    column('Restarts', (one, now) => summary(one).restarts(now), {
      description:
        'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    }),
    ageColumn,
    column('IP', (one) => one.status?.podIPs?.[0]?.ip || one.status?.podIP || '<none>', { wide: true }),
    column('Node', (one) => one.spec?.nodeName || '<none>', { wide: true }),
    column('Nominated Node', (one) => one.status?.nominatedNodeName || '<none>', { wide: true }),
    column('Readiness Gates', readinessGates, { wide: true }),
  ],
  fields: (one) => ({
    'spec.nodeName': one.spec?.nodeName ?? '',
    'spec.restartPolicy': one.spec?.restartPolicy ?? 'Always',
    'spec.schedulerName': one.spec?.schedulerName ?? 'default-scheduler',
    'spec.serviceAccountName': one.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(one.spec?.hostNetwork ?? false),
    'status.phase': one.status?.phase ?? '',
    'status.podIP': one.status?.podIP ?? '',
    'status.podIPs': one.status?.podIP ?? '',
    'status.nominatedNodeName': one.status?.nominatedNodeName ?? '',
  }),
  rowConditions: (one) => {
    const phase = one.status?.phase;
    if (phase === 'Succeeded') return [completed(phase, 'The pod has completed successfully.')];
    if (phase === 'Failed') return [completed(phase, 'The pod failed.')];
    return undefined;
  },
});

const completed = (reason: string, message: string) => ({ type: 'Completed', status: 'True', reason, message });

interface Summary {
  readonly ready: string;
  readonly status: string;
  restarts(now: number): string;
}

/** How kubectl sums up a pod: the most telling reason among its containers, as `printPod` of the API server finds it. */
function summary(one: Pod): Summary {
  const init = initialisation(one);
  const { status, ready, restarts, lastRestart } = init.blocking && !initialised(one) ? init : containers(one, init);
  return {
    ready: `${ready}/${(one.spec?.containers.length ?? 0) + restartable(one).size}`,
    status: deleting(one) ?? status,
    restarts: (now) =>
      restarts > 0 && lastRestart !== '' ? `${restarts} (${since(lastRestart, now)} ago)` : String(restarts),
  };
}

interface Tally {
  readonly blocking: boolean;
  readonly status: string;
  readonly ready: number;
  readonly restarts: number;
  readonly lastRestart: string;
  /** Restarts of sidecars (init containers that keep running) alone. */
  readonly sidecars: { readonly restarts: number; readonly lastRestart: string };
}

function initialisation(one: Pod): Tally {
  const sidecars = restartable(one);
  let status = one.status?.reason || one.status?.phase || '';
  if (one.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated'))
    status = 'SchedulingGated';
  let ready = 0;
  let all = { restarts: 0, lastRestart: '' };
  let ofSidecars = { restarts: 0, lastRestart: '' };
  for (const [index, container] of (one.status?.initContainerStatuses ?? []).entries()) {
    all = addRestarts(all, container);
    if (sidecars.has(container.name)) ofSidecars = addRestarts(ofSidecars, container);
    if (container.state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started) {
      if (container.ready) ready++;
      continue;
    }
    const total = one.spec?.initContainers?.length ?? 0;
    status = `Init:${initReason(container) ?? `${index}/${total}`}`;
    return { blocking: true, status, ready, ...all, sidecars: ofSidecars };
  }
  return { blocking: false, status, ready, ...all, sidecars: ofSidecars };
}

function initReason(container: ContainerStatus): string | undefined {
  const { terminated, waiting } = container.state ?? {};
  if (terminated) return endedBecause(terminated);
  return waiting?.reason && waiting.reason !== 'PodInitializing' ? waiting.reason : undefined;
}

function containers(one: Pod, init: Tally): Tally {
  let { status, ready } = init;
  let tally = init.sidecars;
  let running = false;
  for (const container of [...(one.status?.containerStatuses ?? [])].reverse()) {
    tally = addRestarts(tally, container);
    const { waiting, terminated, running: runs } = container.state ?? {};
    if (waiting?.reason) status = waiting.reason;
    else if (terminated) status = endedBecause(terminated);
    else if (container.ready && runs) {
      running = true;
      ready++;
    }
  }
  if (status === 'Completed' && running) {
    const isReady = one.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
    status = isReady ? 'Running' : 'NotReady';
  }
  return { ...init, status, ready, ...tally };
}

function endedBecause(terminated: { reason?: string; signal?: number; exitCode: number }): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function addRestarts(tally: { restarts: number; lastRestart: string }, container: ContainerStatus) {
  const ended = container.lastState?.terminated?.finishedAt ?? '';
  return {
    restarts: tally.restarts + container.restartCount,
    lastRestart: ended > tally.lastRestart ? ended : tally.lastRestart,
  };
}

function restartable(one: Pod): ReadonlySet<string> {
  const sidecars = (one.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  return new Set(sidecars.map((container) => container.name));
}

function initialised(one: Pod): boolean {
  return one.status?.conditions?.some((c) => c.type === 'Initialized' && c.status === 'True') ?? false;
}

function deleting(one: Pod): string | undefined {
  if (!one.metadata?.deletionTimestamp) return undefined;
  if (one.status?.reason === 'NodeLost') return 'Unknown';
  const over = one.status?.phase === 'Succeeded' || one.status?.phase === 'Failed';
  return over ? undefined : 'Terminating';
}

function readinessGates(one: Pod): string {
  const gates = one.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const open = gates.filter((gate) =>
    one.status?.conditions?.some((c) => c.type === gate.conditionType && c.status === 'True'),
  );
  return `${open.length}/${gates.length}`;
}
