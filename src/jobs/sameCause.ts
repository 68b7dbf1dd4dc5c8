import type { Finding } from '../incidents/evidence.ts';
import { type Incident, RESPONDER } from '../incidents/incident.ts';
import { nextState } from '../incidents/nextState.ts';
import { cardJob } from './followUps.ts';
import type { EvidenceStore, IncidentStore } from './ports.ts';

/** What several incidents can have in common: a part of the platform that each of them stands on. */
const SHARED = new Set([
  'Node',
  'Cluster',
  'Namespace',
  'ResourceQuota',
  'Deployment',
  'Service',
  'Broker',
  'PersistentVolumeClaim',
]);
const LOOKED_AT = 30;
const MAX_RELATED = 10;

export interface SameCausePorts {
  readonly store: IncidentStore;
  readonly evidence: EvidenceStore;
  /** Unresolved incidents, at most `limit`. */
  readonly open: (limit: number) => Promise<readonly Incident[]>;
  readonly clock: () => number;
}

/**
 * Links unresolved incidents whose looks came to the same cause, such as one node. They are never joined by that: people
 * of another namespace see their own incident, with the way to the other.
 */
export async function linkSameCause(
  mine: Pick<Incident, 'number' | 'cluster' | 'drill'>,
  findings: readonly Finding[],
  ports: SameCausePorts,
): Promise<void> {
  const causes = findings.filter(isShared);
  if (causes.length === 0) return;
  const { number } = mine;
  const found = new Map<number, string>();
  for (const other of await ports.open(LOOKED_AT + 1)) {
    if (other.number === number || other.cluster !== mine.cluster || other.drill !== mine.drill) continue;
    const theirs = (await ports.evidence.posted(other.number)).filter(isShared).map(nameOf);
    const shared = causes.find((one) => theirs.includes(nameOf(one)));
    if (shared) found.set(other.number, `same cause: ${shared.subject.kind.toLowerCase()} ${shared.subject.name}`);
  }
  for (const [other, why] of found) await relate(number, other, why, ports);
}

function isShared({ confidence, level, subject }: Finding): boolean {
  return level === 'critical' && (confidence === 'confirmed' || confidence === 'likely') && SHARED.has(subject.kind);
}

function nameOf({ subject }: Finding): string {
  return `${subject.kind}/${subject.namespace}/${subject.name}`;
}

/** Each names the other, in one transaction, the lower number locked first; none that is resolved by now. */
async function relate(number: number, other: number, why: string, { store, clock }: SameCausePorts): Promise<void> {
  await store.transact(async (tx) => {
    const now = clock();
    const first = await tx.lock(Math.min(number, other));
    const second = await tx.lock(Math.max(number, other));
    if (!first || !second || [first, second].some(({ incident }) => incident.status === 'resolved')) return;
    for (const [{ incident }, { incident: to }] of [
      [first, second],
      [second, first],
    ] as const) {
      if (incident.related.some((each) => each.number === to.number) || incident.related.length >= MAX_RELATED)
        continue;
      const related = [...incident.related, { number: to.number, why }];
      const entry = {
        kind: 'related',
        at: now,
        actor: RESPONDER,
        text: `Possibly related: #${to.number} (${why})`,
        detail: { number: to.number, why },
      } as const;
      const draft = nextState(incident, { fields: { related }, entries: [entry] });
      await tx.save([draft], now);
      await tx.append(incident.number, draft.entries, now);
      await tx.enqueue([cardJob(incident.number, false)], now);
    }
  });
}
