import { COMMANDS } from '../../src/commands/index.ts';
import { parse } from '../../src/commands/parse.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import { event } from '../../src/k8s/subjects/event.ts';
import { job } from '../../src/k8s/subjects/job.ts';
import { pod } from '../../src/k8s/subjects/pod.ts';

/** A pod as the API server would send it: a container `app` unless the status says otherwise. */
export function podOf(status: object, more: { name?: string; metadata?: object; spec?: object } = {}) {
  const name = more.name ?? 'checkout-7d9f-x7k2p';
  return pod.parse({
    metadata: { name, namespace: 'shop', creationTimestamp: '2026-03-01T11:00:00Z', ...more.metadata },
    spec: { nodeName: 'node-b', containers: [{ name: 'app', image: 'registry.test/shop/checkout:1.4' }], ...more.spec },
    status: { phase: 'Running', ...status },
  });
}

/** The status of container `app` in this state. */
export function container(state: object, more: object = {}) {
  return { name: 'app', image: 'registry.test/shop/checkout:1.4', ready: false, restartCount: 0, state, ...more };
}

export const waiting = (reason: string, message = '') => ({ waiting: { reason, message } });
export const terminated = (exitCode: number, reason = 'Error', more: object = {}) => ({
  terminated: { exitCode, reason, finishedAt: '2026-03-01T11:59:00Z', ...more },
});

export function eventOf(
  of: { kind?: string; name?: string; fieldPath?: string },
  reason: string,
  message: string,
  more: object = {},
) {
  return event.parse({
    metadata: { name: `${of.name}.1`, namespace: 'shop' },
    type: 'Warning',
    reason,
    message,
    lastTimestamp: '2026-03-01T12:00:00Z',
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'checkout-7d9f-x7k2p', ...of },
    ...more,
  });
}

export function jobOf(name: string, status: object, spec: object = {}, metadata: object = {}) {
  return job.parse({
    metadata: { name, namespace: 'shop', creationTimestamp: '2026-03-01T11:00:00Z', ...metadata },
    spec,
    status,
  });
}

/** Next steps that say nothing, or name a command of ours that cannot be typed. */
export function brokenSteps(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ level, nextStep }) => {
    // What is well needs no next step.
    if (level === 'ok' && nextStep === null) return [];
    const commands = [...(nextStep ?? '').matchAll(/\/lambda (diag [^,;(]+?)(?= \(|[,;]|\.$|$)/g)];
    const isBroken = commands.some(([, command = '']) => !parse(command, COMMANDS).ok);
    return !nextStep || isBroken || /undefined|null/.test(nextStep) ? [String(nextStep)] : [];
  });
}
