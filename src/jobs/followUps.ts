import { unfolds } from '../incidents/decide/storm.ts';
import type { FollowUp, IncidentDraft, IncidentKey } from '../incidents/decision.ts';
import { FIXED_RULES, type Policy } from '../incidents/policy.ts';
import { peopleTimers } from '../incidents/schedule.ts';
import { type JobRequest, jobOf, threadKey } from './jobKinds.ts';
import type { IncidentTransaction } from './ports.ts';

/** The edit of an incident's card, whatever it shows by then. */
export function cardJob(incident: number, urgent: boolean, runAt?: number): JobRequest {
  return jobOf('deliverCard', { incident }, { lane: urgent ? 'incident' : 'edit', runAt });
}

/** The message with the steps of the incident's runbook, brought up to date. */
export function runbookJob(incident: number): JobRequest {
  return jobOf('deliverRunbook', { incident, page: null, target: null });
}

/** The delivery of an outbox row into the incident's thread, in the order the rows were written. */
export function postJob(post: number, incident: number | null, lane: JobRequest['lane'] = 'edit'): JobRequest {
  return jobOf('deliverPost', { post }, { lane, ...(incident === null ? {} : { orderingKey: threadKey(incident) }) });
}

/** A first look at an incident. */
export function firstLookJob(incident: number, because: string, runAt?: number): JobRequest {
  return jobOf('firstLook', { incident, because }, { runAt });
}

/** How often a card that stands for several incidents is edited. Rule: docs/rules.md#storm-edit. */
export const GROUP_EDIT_MS = FIXED_RULES.storms.editEveryMs;

/** The card that stands for several incidents. */
export function groupJob(group: number, runAt: number): JobRequest {
  return jobOf('deliverGroup', { group }, { runAt });
}

/**
 * Writes what follows from a decision as jobs, in the decision's own transaction. What concerns an incident without a
 * card of its own (storms) becomes an edit of the card it is shown on; one that somebody takes up or calls people to gets its own.
 * @param drafts the incidents as they were saved
 */
export async function schedule(
  tx: IncidentTransaction,
  followUps: readonly FollowUp[],
  numbers: ReadonlyMap<IncidentKey, number>,
  now: number,
  policy: Policy,
  drafts: readonly IncidentDraft[] = [],
): Promise<void> {
  const jobs: JobRequest[] = [];
  const known = [...followUps, ...timersOf(drafts, followUps, policy, now)].map((followUp) => ({
    followUp,
    incident: numberOf(followUp.incident, numbers),
  }));
  const concerned = known.flatMap(({ incident }) => (incident === null ? [] : [incident]));
  // Whom a person calls, and what to, is shown on a card that they can answer.
  const called = new Set(known.filter(({ followUp }) => isByPerson(followUp)).map(({ incident }) => incident));
  const folded = new Map(await tx.groups.of([...new Set(concerned)]));
  for (const { key, incident } of drafts) {
    const number = numberOf(key, numbers);
    const group = number === null ? undefined : folded.get(number);
    if (number === null || !group || !(called.has(number) || unfolds(incident, group.kind))) continue;
    await tx.groups.unfold(number);
    folded.delete(number);
    jobs.push(groupJob(group.id, now + GROUP_EDIT_MS), firstLookJob(number, 'taken up'));
  }
  const worst = new Set(
    drafts.filter(({ incident }) => incident.severity === 'sev1').map(({ key }) => numberOf(key, numbers)),
  );
  for (const { followUp, incident } of known) {
    if (incident === null) continue;
    const group = folded.get(incident);
    if (!group || followUp.kind === 'timer') {
      const job = await jobFor(tx, followUp, incident, now);
      // The card of a sev1 waits behind nothing but what people wait for.
      jobs.push(followUp.kind === 'card' && worst.has(incident) ? { ...job, lane: 'person' } : job);
    } else if (followUp.kind === 'card') jobs.push(groupJob(group.id, now + GROUP_EDIT_MS));
  }
  if (jobs.length > 0) await tx.enqueue(jobs, now);
}

function isByPerson(followUp: FollowUp): boolean {
  return followUp.kind === 'call' && followUp.call.by !== null;
}

async function jobFor(tx: IncidentTransaction, followUp: FollowUp, incident: number, now: number): Promise<JobRequest> {
  switch (followUp.kind) {
    case 'card':
      return cardJob(incident, followUp.urgent, followUp.notBefore);
    case 'news': {
      const { text, broadcast, mention } = followUp.news;
      return postJob(await tx.post(incident, { kind: 'news', text, broadcast, mention }, now), incident);
    }
    case 'firstLook':
      return firstLookJob(incident, followUp.because);
    case 'ownChannel':
      return jobOf('ownChannel', { incident, because: followUp.because, automatic: followUp.automatic });
    case 'call': {
      const where = followUp.channel === null ? undefined : { channel: followUp.channel, threadTs: null };
      const post = await tx.post(incident, { kind: 'call', call: followUp.call }, now, where);
      // Beside what waits in the thread, not behind it: people are called at once.
      return postJob(post, null, 'person');
    }
    case 'timer':
      return jobOf(
        'timer',
        { incident, timer: followUp.timer },
        // People are called before cards are edited.
        { runAt: followUp.runAt, ...(followUp.timer === 'escalate' ? { lane: 'incident' } : {}) },
      );
  }
}

/** The timers that follow from how an incident is now, unless the decision has set one itself. */
function timersOf(
  drafts: readonly IncidentDraft[],
  followUps: readonly FollowUp[],
  policy: Policy,
  now: number,
): readonly FollowUp[] {
  return drafts
    .flatMap(({ key, incident }) => peopleTimers(key, incident, policy, now))
    .filter((due) => !followUps.some((other) => isSameTimer(other, due)));
}

function isSameTimer(one: FollowUp, other: FollowUp): boolean {
  return one.kind === 'timer' && other.kind === 'timer' && one.incident === other.incident && one.timer === other.timer;
}

function numberOf(key: IncidentKey, numbers: ReadonlyMap<IncidentKey, number>): number | null {
  return numbers.get(key) ?? (typeof key === 'number' ? key : null);
}
