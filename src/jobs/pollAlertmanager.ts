import { z } from 'zod';
import { type AlertIdentity, identityOf } from '../alerts/identity.ts';
import { coerceError, type ResponderError } from '../errors.ts';
import {
  decidePoll,
  type PolledAlert,
  type PollInput,
  type PollMemory,
  type PollTimes,
} from '../incidents/decide/poll.ts';
import { countAlerts, type IncidentAlert, type IncidentWithAlerts } from '../incidents/incident.ts';
import type { Policy } from '../incidents/policy.ts';
import type { Logger } from '../logger.ts';
import { commit } from './incidentChanges.ts';
import type { IncidentStore } from './ports.ts';

export interface PollPorts {
  /** Null: no Alertmanager is configured, which still finds what is stale. */
  readonly alertmanager: { alerts(signal: AbortSignal): Promise<readonly PolledAlert[]> } | null;
  readonly store: IncidentStore;
  /** Unresolved incidents with numbers above `after`, by number. */
  readonly unresolved: (after: number, limit: number) => Promise<readonly IncidentWithAlerts[]>;
  /** The alerts of an incident behind one of them, in the order of their identities. */
  readonly alertsOf: (number: number, after: AlertIdentity | null, limit: number) => Promise<readonly IncidentAlert[]>;
  /** Shared by all replicas, of which one polls at a time. */
  readonly memory: { get(key: string): Promise<string | null>; set(key: string, value: string): Promise<void> };
  readonly policy: Policy;
  readonly times: PollTimes;
  /** Other Alertmanagers deliver here too. */
  readonly shared: boolean;
  /** When this process began to listen, epoch ms. */
  readonly startedAt: number;
  readonly clock: () => number;
  readonly log: Logger;
}

const MEMORY = 'poll_memory';
/** Incidents, and alerts of one that has too many, read at once. */
const PAGE = 20;
const ALERTS = 500;

const stored = z.object({
  absentSince: z.record(z.string(), z.number()),
  lastGoodAt: z.number().nullable(),
  urls: z.array(z.string()),
});

/**
 * One poll of Alertmanager: it sends no resolution of a silenced alert, so what it still holds is asked for. Each
 * incident it changes is one transaction that looks at the incident again; a poll cut short by a crash is repeated by
 * the next one. Rejects with nothing but what the store throws: an Alertmanager that does not answer is an outcome.
 */
export async function pollAlertmanager(ports: PollPorts, signal: AbortSignal): Promise<void> {
  const answer = await ask(ports, signal);
  const memory = await remembered(ports);
  const absentSince = new Map<string, number>();
  let next: PollMemory = memory;
  let changed = 0;
  for (let after = 0; ; ) {
    const page = await ports.unresolved(after, PAGE);
    for await (const known of inParts(page, ports)) {
      const input = { known, polled: answer, memory, ...settingsOf(ports), now: ports.clock() };
      const decision = decidePoll(input);
      for (const draft of decision.drafts)
        if (typeof draft.key === 'number') changed += await apply(draft.key, draft.alerts, input, ports);
      for (const [identity, at] of decision.memory.absentSince) absentSince.set(identity, at);
      next = { ...decision.memory, urls: new Set([...next.urls, ...decision.memory.urls]) };
    }
    after = page.at(-1)?.incident.number ?? 0;
    if (page.length < PAGE) break;
  }
  await ports.memory.set(
    MEMORY,
    JSON.stringify({ absentSince: Object.fromEntries(absentSince), lastGoodAt: next.lastGoodAt, urls: [...next.urls] }),
  );
  const said = typeof answer === 'string' ? answer : answer.size;
  ports.log.debug({ alerts: said, absent: absentSince.size, changed }, 'polled Alertmanager');
}

/** The incidents, and then the alerts of those that have too many to be read at once, part by part. */
async function* inParts(
  page: readonly IncidentWithAlerts[],
  ports: PollPorts,
): AsyncGenerator<readonly IncidentWithAlerts[]> {
  yield page;
  for (const known of page) {
    if (known.unread === undefined) continue;
    const { incident } = known;
    const { all, firing } = countAlerts(known);
    for (let after: AlertIdentity | null = null; ; ) {
      const alerts: readonly IncidentAlert[] = await ports.alertsOf(incident.number, after, ALERTS);
      const read = countAlerts({ alerts });
      const resolved = all - firing - (read.all - read.firing);
      if (alerts.length > 0) yield [{ incident, alerts, unread: { firing: firing - read.firing, resolved } }];
      const last = alerts.at(-1);
      if (!last || alerts.length < ALERTS) break;
      after = identityOf(last);
    }
  }
}

async function ask(ports: PollPorts, signal: AbortSignal): Promise<PollInput['polled']> {
  if (ports.alertmanager === null) return 'not_polled';
  try {
    return new Map((await ports.alertmanager.alerts(signal)).map((alert) => [alert.fingerprint, alert]));
  } catch (thrown) {
    signal.throwIfAborted();
    const error: ResponderError = coerceError(thrown);
    ports.log.warn({ code: error.code, err: error, hint: error.hint }, 'Alertmanager cannot be polled');
    return 'unreachable';
  }
}

async function remembered(ports: PollPorts): Promise<PollMemory> {
  const text = await ports.memory.get(MEMORY);
  const found = text === null ? undefined : stored.safeParse(JSON.parse(text)).data;
  return {
    absentSince: new Map(Object.entries(found?.absentSince ?? {})),
    lastGoodAt: found?.lastGoodAt ?? null,
    urls: new Set(found?.urls ?? []),
    startedAt: ports.startedAt,
  };
}

function settingsOf({ shared, policy, times }: PollPorts): Pick<PollInput, 'shared' | 'policy' | 'times'> {
  return { shared, policy, times };
}

/** Decides again about the incident as it is now, under its lock; 1 when that changed something. */
async function apply(
  number: number,
  alerts: readonly IncidentAlert[],
  input: PollInput,
  ports: PollPorts,
): Promise<number> {
  return ports.store.transact(async (tx) => {
    const known = await tx.lock(number, alerts);
    if (!known) return 0;
    const decision = decidePoll({ ...input, known: [known] });
    if (decision.drafts.length === 0) return 0;
    await commit(tx, decision.drafts, decision.followUps, input.now, ports.policy);
    return 1;
  });
}
