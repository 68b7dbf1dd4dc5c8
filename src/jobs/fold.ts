import {
  cardPlace,
  DEFAULT_STORM,
  NO_STORM,
  type Opening,
  STORM_WINDOW_MS,
  type StormPolicy,
  stormState,
} from '../incidents/decide/storm.ts';
import type { IncidentDraft, IncidentKey } from '../incidents/decision.ts';
import { isGrave, RESPONDER } from '../incidents/incident.ts';
import { groupJob } from './followUps.ts';
import type { IncidentTransaction, SharedCard } from './ports.ts';

/**
 * Says on which card each newly opened incident is shown: its own, the storm's, or one shared with many of the same
 * alert name. A storm begins here, in the transaction that opens what makes it one, so that two replicas agree.
 * Rule: docs/rules.md#storms.
 * @param at when the delivery was accepted; the rule's minutes count from there, so that a backlog makes no storm of itself
 */
export async function placeOpenings(
  tx: IncidentTransaction,
  drafts: readonly IncidentDraft[],
  numbers: ReadonlyMap<IncidentKey, number>,
  at: number,
  now: number,
  policy: StormPolicy = DEFAULT_STORM,
): Promise<void> {
  const byCluster = Map.groupBy(
    drafts.filter((draft) => typeof draft.key !== 'number'),
    (draft) => draft.incident.cluster,
  );
  for (const [cluster, opened] of byCluster) {
    const openings = opened.map((draft) => openingOf(draft, numbers.get(draft.key) ?? 0));
    const channels = new Map(openings.map(({ number }, index) => [number, opened[index]?.incident.channel ?? null]));
    const storm = await stormNow(tx, cluster, openings, at, now, policy);
    const begun = new Map<string, number>();
    const before = await sameNamed(tx, cluster, openings, policy);
    const placed: { opening: Opening; group: number | null }[] = [];
    for (const opening of openings) {
      const fellows = [...(before.get(opening.alertName) ?? []), ...openings];
      const place = placeOf(opening, fellows, storm !== null, policy);
      const card = { cluster, alertName: opening.alertName, channel: channels.get(opening.number) ?? null };
      const group = place === 'shared' ? await sharedGroup(tx, card, opening.at, begun, now, policy) : null;
      placed.push({ opening, group: place === 'storm' ? storm : group });
    }
    await tx.groups.place(cluster, placed);
    for (const { opening, group } of placed) if (group !== null) await tell(tx, opening, now);
  }
}

function openingOf(draft: IncidentDraft, number: number): Opening {
  const alertName = draft.alerts[0]?.name ?? draft.incident.title;
  return { number, at: draft.incident.openedAt, severity: draft.incident.severity, alertName };
}

/** The group of the storm that goes on, or that begins with these openings; null when there is none. */
async function stormNow(
  tx: IncidentTransaction,
  cluster: string,
  openings: readonly Opening[],
  at: number,
  now: number,
  policy: StormPolicy,
): Promise<number | null> {
  const storm = await tx.groups.storm(cluster);
  if (storm) return storm.id;
  const recent = await tx.groups.openings(cluster, at - STORM_WINDOW_MS);
  const state = stormState(NO_STORM, [...recent, ...openings], null, at, policy);
  return state.since === null ? null : await beginStorm(tx, cluster, state.reason, now);
}

/** Begins a storm and asks for its card; the id of the one that goes on, when there is one. */
export async function beginStorm(
  tx: IncidentTransaction,
  cluster: string,
  reason: string,
  now: number,
): Promise<number> {
  const id = await tx.groups.begin({ kind: 'storm', cluster, reason }, now);
  await tx.enqueue([groupJob(id, now)], now);
  return id;
}

/** What opened shortly before under each alert name that has grave openings now; `cardPlace` counts what is near enough. */
async function sameNamed(
  tx: IncidentTransaction,
  cluster: string,
  openings: readonly Opening[],
  policy: StormPolicy,
): Promise<ReadonlyMap<string, readonly Opening[]>> {
  const grave = openings.filter(({ severity }) => isGrave(severity));
  const before = new Map<string, readonly Opening[]>();
  for (const [alertName, all] of Map.groupBy(grave, (one) => one.alertName)) {
    const first = Math.min(...all.map(({ at }) => at));
    before.set(alertName, await tx.groups.openings(cluster, first - policy.sameNameMs, alertName));
  }
  return before;
}

function placeOf(
  opening: Opening,
  openings: readonly Opening[],
  isStorm: boolean,
  policy: StormPolicy,
): 'own' | 'storm' | 'shared' {
  if (!isGrave(opening.severity)) return isStorm ? 'storm' : 'own';
  return cardPlace(opening, openings, NO_STORM, policy).kind;
}

/** The card that others of its alert name share already in its channel, else a new one. */
async function sharedGroup(
  tx: IncidentTransaction,
  card: SharedCard,
  at: number,
  begun: Map<string, number>,
  now: number,
  policy: StormPolicy,
): Promise<number> {
  const key = JSON.stringify([card.alertName, card.channel]);
  const known = begun.get(key) ?? (await tx.groups.shared(card, at - policy.sameNameMs));
  if (known !== null) return known;
  const id = await tx.groups.begin({ kind: 'shared', ...card, reason: 'same_name' }, now);
  await tx.enqueue([groupJob(id, now)], now);
  begun.set(key, id);
  return id;
}

function tell(tx: IncidentTransaction, opening: Opening, now: number): Promise<void> {
  const text = isGrave(opening.severity)
    ? `Shown on a card shared by many ${opening.alertName}`.slice(0, 300)
    : 'Shown on the storm’s card: no card of its own and no first look until somebody acts on it';
  return tx.append(
    opening.number,
    [{ kind: 'delivery', at: now, actor: RESPONDER, text, detail: { folded: true } }],
    now,
  );
}
