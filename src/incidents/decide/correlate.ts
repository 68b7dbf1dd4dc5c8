import type { DecisionReason } from '../decision.ts';
import type { Policy } from '../policy.ts';
import type { Assessed } from './assess.ts';
import { type Book, holderOf, nameKey } from './book.ts';
import { isUnresolved, type Working } from './working.ts';

export interface Match {
  readonly working: Working;
  readonly reason: Extract<DecisionReason, `joined_${string}` | 'reopened'>;
}

/**
 * Finds the incident a firing alert belongs to; null when it is a new one. An unresolved incident comes first: the one
 * that holds the alert (any age), the same thing active within 30 min, the same alert name and namespace within 10 min.
 * Else one resolved within 30 min is reopened: the one that held the alert, then the one about the same thing.
 * Rule: docs/rules.md#one-incident-or-two.
 */
export function correlate(assessed: Assessed, book: Book, policy: Policy, at: number): Match | null {
  const holder = holderOf(book, assessed.identity);
  if (holder) return { working: holder, reason: 'joined_fingerprint' };
  const joined = joinSubject(assessed, book, policy, at) ?? joinName(assessed, book, policy, at);
  if (joined) return joined;
  const closed = closedHolder(assessed, book) ?? book.closed.get(assessed.correlationKey) ?? null;
  return closed && isWithin(closed.incident.resolvedAt, policy.correlation.reopenWindowMs, at)
    ? { working: closed, reason: 'reopened' }
    : null;
}

function joinSubject(assessed: Assessed, book: Book, policy: Policy, at: number): Match | null {
  const { subjectWindowMs } = policy.correlation;
  const same = book.open.get(assessed.correlationKey) ?? mergeTarget(assessed, book);
  if (!same || !isWithin(same.incident.lastActivityAt, subjectWindowMs, at)) return null;
  return { working: same, reason: 'joined_subject' };
}

/** Where an incident about the same thing was merged to by a person. */
function mergeTarget(assessed: Assessed, book: Book): Working | null {
  const number = book.merged.get(assessed.correlationKey);
  const target = number === undefined ? undefined : book.numbered.get(number);
  return target && isUnresolved(target) ? target : null;
}

function joinName(assessed: Assessed, book: Book, policy: Policy, at: number): Match | null {
  const { alert, namespace } = assessed;
  const named = book.named.get(nameKey(alert, namespace));
  if (!named || !isWithin(named.at, policy.correlation.nameWindowMs, at)) return null;
  return { working: named.working, reason: 'joined_name' };
}

/** The incident resolved last that held the alert. */
export function closedHolder(assessed: Pick<Assessed, 'identity'>, book: Book): Working | null {
  let best: Working | null = null;
  for (const working of book.holders.get(assessed.identity) ?? []) {
    if (isUnresolved(working) || working.incident.resolution === 'merged') continue;
    if (best === null || (working.incident.resolvedAt ?? 0) > (best.incident.resolvedAt ?? 0)) best = working;
  }
  return best;
}

/** Whether something happened less than a window ago. What happened after `at` (a late delivery) did so too. */
export function isWithin(then: number | null, windowMs: number, at: number): boolean {
  return then !== null && at - then <= windowMs;
}
