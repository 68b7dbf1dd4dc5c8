import type { Span } from './clock.ts';
import { type Crash, firstContainer, restarted, unready } from './ills.ts';
import type { WholePod } from './kinds.ts';
import type { World } from './world.ts';

type Kind = 'Liveness' | 'Readiness' | 'Startup';

/** Failures of a probe, as the kubelet tells them; `output` is what the probe answered. */
export function probeFails(
  world: World,
  pod: WholePod,
  kind: Kind,
  output: string,
  told: { since: Span; last?: Span; count?: number },
): void {
  world.warn(pod, 'Unhealthy', `${kind} probe failed: ${output}`, {
    source: 'kubelet',
    first: told.since,
    last: told.last ?? '8s',
    count: told.count ?? 24,
  });
}

/** A container that never gets ready because its readiness probe fails. */
export function neverReady(
  world: World,
  pod: WholePod,
  output: string,
  told: { since: Span; count?: number; last?: Span },
): void {
  unready(world, pod, told.since);
  probeFails(world, pod, 'Readiness', output, told);
}

/** A container that the kubelet kills and starts again because a probe fails. */
export function killedByProbe(
  world: World,
  pod: WholePod,
  kind: 'Liveness' | 'Startup',
  output: string,
  crash: Omit<Crash, 'reason'> & { ready?: boolean },
): void {
  const container = crash.container ?? firstContainer(pod);
  restarted(world, pod, crash, { ready: crash.ready ?? false });
  probeFails(world, pod, kind, output, { since: crash.since, last: crash.ended ?? '90s', count: crash.restarts * 3 });
  const killed = `Container ${container} failed ${kind.toLowerCase()} probe, will be restarted`;
  world.note(pod, 'Killing', killed, {
    source: 'kubelet',
    first: crash.since,
    last: crash.ended ?? '90s',
    count: crash.restarts,
  });
}

/** Where a probe was sent: the pod's address and a port. */
export function url(pod: WholePod, port: number, path: string, scheme = 'http'): string {
  return `${scheme}://${pod.status.podIP}:${port}${path}`;
}

export function refused(pod: WholePod, port: number, path: string, scheme = 'http'): string {
  return `Get "${url(pod, port, path, scheme)}": dial tcp ${pod.status.podIP}:${port}: connect: connection refused`;
}

export function timedOut(pod: WholePod, port: number, path: string): string {
  return `Get "${url(pod, port, path)}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
}

export function answered(code: number): string {
  return `HTTP probe failed with statuscode: ${code}`;
}
