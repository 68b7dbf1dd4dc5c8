import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  wrap,
} from 'cockatiel';
import { coerceError, ResponderError } from '../../errors.ts';
import { seconds } from '../../wording/lengths.ts';
import type { Priority } from './requestBudget.ts';

const OPEN_MS = 10_000;
/**
 * Limits of concurrent and of queued calls; separate for people and automatic work, so that neither starves the other.
 */
const ROOM: Readonly<Record<Priority, readonly [atOnce: number, waiting: number]>> = {
  person: [8, 200],
  automatic: [10, 100],
};

/** Isolates a hung API server, so that it delays only its own answers. */
export interface Guard {
  run<T>(priority: Priority, path: readonly string[], call: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/**
 * A bulkhead and a circuit breaker for each priority: automatic reads time out sooner than a person's, so their
 * failures must not open the person's circuit. Failures of aggregated servers (metrics.k8s.io) do not count against the
 * API server.
 */
export function createGuard(cluster: string, onBreaker: (open: boolean) => void = () => {}): Guard {
  const policies = { person: createPolicy('person'), automatic: createPolicy('automatic') };
  const isOpen = () => Object.values(policies).some(({ breaker }) => breaker.state === CircuitState.Open);
  for (const { breaker } of Object.values(policies)) breaker.onStateChange(() => onBreaker(isOpen()));
  return {
    async run(priority, path, call, signal) {
      const { room, breaker } = policies[priority];
      try {
        return path[1] === 'metrics.k8s.io'
          ? await room.execute(call, signal)
          : await wrap(room, breaker).execute(call, signal);
      } catch (thrown) {
        throw refusal(thrown, cluster) ?? thrown;
      }
    },
  };
}

function createPolicy(priority: Priority) {
  const serverFailed = handleWhen((error) =>
    ['unreachable', 'unavailable', 'timeout'].includes(coerceError(error).code),
  );
  return {
    room: bulkhead(...ROOM[priority]),
    breaker: circuitBreaker(serverFailed, { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(5) }),
  };
}

function refusal(thrown: unknown, cluster: string): ResponderError | null {
  if (thrown instanceof BrokenCircuitError) {
    return new ResponderError(
      'unavailable',
      `cluster ${cluster} failed five times in a row: circuit open for ${seconds(OPEN_MS)}`,
      { cause: thrown },
    );
  }
  if (thrown instanceof BulkheadRejectedError) {
    return new ResponderError('unavailable', `too many reads of cluster ${cluster} are pending`, {
      cause: thrown,
      hint: 'Ask again in a moment.',
    });
  }
  return null;
}
