import { createHash } from 'node:crypto';
import { ResponderError } from '../errors.ts';
import type { FollowUp, IncidentDraft, IncidentKey } from '../incidents/decision.ts';
import type { Actor, Incident, IncidentWithAlerts } from '../incidents/incident.ts';
import type { ChangeRequest, Declaration, IncidentChange } from '../incidents/life/change.ts';
import { act, declareIncident, mergeIncidents, splitIncidents } from '../incidents/life/transitions.ts';
import type { Policy } from '../incidents/policy.ts';
import type { TimelineDraft } from '../incidents/timeline.ts';
import { cardJob, runbookJob, schedule } from './followUps.ts';
import type { IncidentStore, IncidentTransaction } from './ports.ts';

export interface ChangePorts {
  readonly store: IncidentStore;
  readonly policy: Policy;
  readonly defaultCluster: string;
  readonly clock: () => number;
}

/**
 * What people do to incidents; each is one transaction with its timeline entries, its follow-up jobs and the key of the request.
 * Of two that carry out the same request, such as a replica that was stopped past its lease and the one that took its job over,
 * one waits for the other and changes nothing.
 */
export interface Changes {
  /** @throws ResponderError not_found, or conflict with the reason why the incident's state does not allow it. */
  apply(number: number, change: IncidentChange, by: ChangeRequest): Promise<Incident>;
  declare(declaration: Declaration, by: ChangeRequest): Promise<Incident>;
  /** The incident that the request with this key was about, when it was carried out already; else null. */
  made(once: string): Promise<Incident | null>;
  /** Writes what happened; what one invocation did with one line is written once, however often its job runs. */
  record(number: number, entry: TimelineDraft): Promise<void>;
  /**
   * Writes what somebody did with a runbook step and brings the messages that show it up to date. False, and nothing is written,
   * when somebody else was first under this key.
   */
  markStep(number: number, entry: TimelineDraft, once: string): Promise<boolean>;
}

export function createChanges(ports: ChangePorts): Changes {
  return {
    apply: async (number, change, { actor, at, once }) => {
      // Read before anything is locked, so that both incidents of a split are locked in their order.
      const mergedInto =
        change.kind === 'split' ? ((await ports.store.find(number))?.incident.mergedInto ?? null) : null;
      return makeOnce(ports, once, async (tx) => {
        if (change.kind === 'mergeInto') {
          const into = await merge(tx, number, change.target, actor, at, ports);
          return { incident: into, about: number };
        }
        if (change.kind === 'split')
          return { incident: await split(tx, number, mergedInto, { actor, at, once }, ports), about: number };
        const known = await locked(tx, number);
        const { draft, followUps } = act(known, change, actor, at, ports.policy);
        const incident = (await commit(tx, [draft], followUps, ports.clock(), ports.policy))[0] ?? known.incident;
        return { incident, about: number };
      });
    },
    declare: (declaration, { actor, at, once }) =>
      makeOnce(ports, once, async (tx) => {
        const { draft, followUps } = declareIncident(declaration, ports.defaultCluster, actor, at, ports.policy);
        const incident = (await commit(tx, [draft], followUps, ports.clock(), ports.policy))[0] ?? draft.incident;
        return { incident, about: incident.number };
      }),
    made: async (once) => {
      const number = await ports.store.made(keyOf(once));
      return number === null ? null : ((await ports.store.find(number))?.incident ?? null);
    },
    record: (number, entry) =>
      ports.store.transact(async (tx) => {
        const once = onceKey(entry);
        if (once === null) await tx.append(number, [entry], ports.clock());
        else await tx.appendFirst(number, entry, once, ports.clock());
      }),
    markStep: (number, entry, once) =>
      ports.store.transact(async (tx) => {
        const now = ports.clock();
        await locked(tx, number);
        if ((await tx.appendFirst(number, entry, once, now)) === 'others') return false;
        await tx.enqueue([runbookJob(number), cardJob(number, true)], now);
        return true;
      }),
  };
}

/** Carries out a request and enters its key in one transaction; one whose key was entered before is left as it is. */
function makeOnce(
  { store, clock }: ChangePorts,
  once: string,
  make: (tx: IncidentTransaction) => Promise<{ readonly incident: Incident; readonly about: number }>,
): Promise<Incident> {
  const key = keyOf(once);
  return store.transact(async (tx) => {
    const entered = await tx.enterOnce(key, clock());
    if (!entered.isFirst && entered.incident !== null) return (await locked(tx, entered.incident)).incident;
    const { incident, about } = await make(tx);
    await tx.noteOnce(key, about);
    return incident;
  });
}

function keyOf(once: string): string {
  return `change:${once}`;
}

/** A command runs again until Slack takes its answer; what it found stands on the timeline once. Short, as it is indexed. */
function onceKey({ kind, detail }: TimelineDraft): string | null {
  if (typeof detail.invocation !== 'string') return null;
  const line = typeof detail.command === 'string' ? detail.command : '';
  return `${kind}:${createHash('sha256')
    .update(JSON.stringify([detail.invocation, line]))
    .digest('base64url')}`;
}

async function merge(
  tx: IncidentTransaction,
  source: number,
  target: number,
  actor: Actor,
  at: number,
  { policy, clock }: ChangePorts,
): Promise<Incident> {
  const now = clock();
  if (source === target) throw new ResponderError('bad_input', `#${source} cannot be merged into itself`);
  const [from, into] = await lockedPair(tx, source, target);
  const { drafts, followUps } = mergeIncidents(from, into, actor, at);
  const saved = await commit(tx, drafts, followUps, now, policy);
  if (from.unread) await tx.copyAlerts(source, target);
  return saved.find((incident) => incident.number === target) ?? into.incident;
}

/** @param mergedInto where the source went, as it was read before; looked at again once both are locked */
async function split(
  tx: IncidentTransaction,
  source: number,
  mergedInto: number | null,
  { actor, at }: ChangeRequest,
  { policy, clock }: ChangePorts,
): Promise<Incident> {
  if (mergedInto === null) {
    await locked(tx, source);
    throw new ResponderError('conflict', `#${source} is not merged into another incident`);
  }
  const [from, target] = await lockedPair(tx, source, mergedInto);
  const { drafts, followUps } = splitIncidents(from, target, actor, at, policy);
  const saved = await commit(tx, drafts, followUps, clock(), policy);
  return saved.find((incident) => incident.number === source) ?? from.incident;
}

/** Two incidents in the order they were asked for, the lower number locked first, so that two changes at once cannot wait for each other. */
async function lockedPair(
  tx: IncidentTransaction,
  one: number,
  other: number,
): Promise<readonly [IncidentWithAlerts, IncidentWithAlerts]> {
  const low = await locked(tx, Math.min(one, other));
  const high = await locked(tx, Math.max(one, other));
  return one < other ? [low, high] : [high, low];
}

async function locked(tx: IncidentTransaction, number: number): Promise<IncidentWithAlerts> {
  const known = await tx.lock(number);
  if (known) return known;
  throw new ResponderError('not_found', `there is no incident #${number}`, { hint: '`/lambda incidents` lists them.' });
}

/** Saves drafts with entries and follow-ups; returns the incidents with their numbers. */
export async function commit(
  tx: IncidentTransaction,
  drafts: readonly IncidentDraft[],
  followUps: readonly FollowUp[],
  now: number,
  policy: Policy,
): Promise<readonly Incident[]> {
  const numbers: ReadonlyMap<IncidentKey, number> = await tx.save(drafts, now);
  const saved: Incident[] = [];
  for (const draft of drafts) {
    const number = numbers.get(draft.key) ?? draft.incident.number;
    if (draft.entries.length > 0) await tx.append(number, draft.entries, now);
    saved.push({ ...draft.incident, number });
  }
  await schedule(tx, followUps, numbers, now, policy, drafts);
  return saved;
}
