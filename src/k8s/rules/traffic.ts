import type { ObjectName } from '../../incidents/evidence.ts';
import { listed } from '../../wording/counts.ts';
import { seconds as spoken } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import type { Served } from '../facts/ports.ts';
import { createdAt, keyOf, named } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import { type Case, found } from './case.ts';
import { besideAlert } from './changes.ts';
import { say } from './words.ts';

/** A share of 5xx that a person would call an outage; below it an alert on errors has other reasons. */
const FAILS = 0.05;
/** Fewer requests than this in the five minutes say nothing of a share. */
const LEAST = 20;
const WINDOW_SECONDS = 300;
/** Latency that counts as slow: at least this long, and this many times the usual. */
const SLOW_SECONDS = 0.5;
const SLOWER = 3;

/** A version of something that answers requests: a revision of Knative, or the pods of one ReplicaSet. */
interface Version {
  readonly of: ObjectName;
  /** The Knative Service or workload that it is a version of. */
  readonly top: ObjectName;
  readonly requests: number;
  readonly errors: number;
  readonly p95Seconds: number | null;
}

/**
 * Trouble that no object shows: the version whose requests fail or have become slow. A new bad version beside a good
 * one is the cause; otherwise the case is about the deepest workload whose requests go badly.
 */
export function trafficCases(facts: Facts): readonly Case[] {
  if (facts.requests === null) return [];
  const now = versionsOf(facts.requests.now, facts).filter(({ requests }) => requests >= LEAST);
  const before = usualOf(facts.requests.before ?? [], facts);
  const usual = (one: Version) => before.get(keyOf(one.top)) ?? null;
  const ill = now.filter((one) => illness(one, now, usual(one)) !== null);
  const tops = new Map(ill.map(({ top }) => [keyOf(top), top]));
  return ill.flatMap((one): readonly Case[] => {
    const detail = illness(one, now, usual(one)) ?? '';
    const created = createdOf(one.of, facts);
    const isNew = created !== null && created >= facts.target.changesFrom && created <= facts.now;
    const beside = now.filter((other) => other !== one && keyOf(other.top) === keyOf(one.top));
    const isBetter = beside.some((other) => !ill.includes(other)) || (beside.length === 0 && usual(one) !== null);
    const lines = [...beside.map(lineOf), ...(usual(one) ? [`an hour before: ${wordsOf(usual(one) as Version)}`] : [])];
    const because = [lineOf(one), ...lines];
    if (isNew && isBetter)
      return [
        found('version-fails', {
          subject: one.of,
          parts: { who: say(one.top), version: one.of.name, detail, back: backOf(one.top) },
          because: [...because, `${say(one.of)} was created ${besideAlert(created, facts)}`],
          at: created,
        }),
      ];
    const deeper = [...tops.values()].filter(
      (other) => keyOf(other) !== keyOf(one.top) && facts.graph.reach(other).has(keyOf(one.top)),
    );
    if (deeper.length > 0) return [];
    return [
      found('requests-fail', {
        subject: one.top,
        confidence: 'likely',
        parts: { who: say(one.top), detail },
        because,
      }),
    ];
  });
}

/**
 * What the counted requests say where no object explains an alert, as the subject of a sentence: that they go well is said only of
 * enough of them. Null: nobody counted them, or too few to tell.
 */
export function requestsInWords(facts: Facts): string | null {
  if (facts.requests === null) return null;
  const now = versionsOf(facts.requests.now, facts).filter(({ requests }) => requests >= LEAST);
  if (now.length === 0) return null;
  const before = usualOf(facts.requests.before ?? [], facts);
  const ill = now.filter((one) => illness(one, now, before.get(keyOf(one.top)) ?? null) !== null);
  if (ill.length > 0)
    return `requests to ${listed([...new Set(ill.map(({ top }) => say(top)))])} go badly, and nothing that was read joins that to it`;
  return now.some(({ errors }) => errors >= FAILS)
    ? 'requests to what is measured here go no worse than an hour before'
    : 'requests to what is measured here go well';
}

/** What is wrong with its requests, in words; null when nothing is. */
function illness(one: Version, all: readonly Version[], usual: Version | null): string | null {
  if (one.errors >= FAILS && one.errors >= 2 * (usual?.errors ?? 0))
    return `${percent(one.errors)} of its requests fail`;
  const others = all.filter((other) => other !== one && keyOf(other.top) === keyOf(one.top));
  const fastest = [...(usual ? [usual] : []), ...others]
    .flatMap((other) => (other.p95Seconds === null ? [] : { other, seconds: other.p95Seconds }))
    .toSorted((a, b) => a.seconds - b.seconds)[0];
  if (one.p95Seconds === null || fastest === undefined) return null;
  if (one.p95Seconds < SLOW_SECONDS || one.p95Seconds < SLOWER * fastest.seconds) return null;
  const whose = fastest.other === usual ? 'before' : `those of ${say(fastest.other.of)}`;
  return `95 % of its requests are answered within ${spell(one.p95Seconds)}, ${whose} within ${spell(fastest.seconds)}`;
}

function versionsOf(rows: readonly Served[], facts: Facts): readonly Version[] {
  const placed = rows.flatMap((row) => {
    const of = versionOf(row, facts);
    return of ? [{ ...of, row }] : [];
  });
  return [...Map.groupBy(placed, ({ of }) => keyOf(of)).values()].flatMap((rowsOfOne) => {
    // A function that counts its own requests has them counted by its queue-proxy too, which sees those that never reach it.
    const byRevision = rowsOfOne.filter(({ row }) => row.revision !== null);
    const all = byRevision.length > 0 ? byRevision : rowsOfOne;
    const [first] = all;
    return first
      ? [
          summed(
            first,
            all.map(({ row }) => row),
          ),
        ]
      : [];
  });
}

/** The requests of a service an hour before the trouble began, over all its versions. */
function usualOf(rows: readonly Served[], facts: Facts): ReadonlyMap<string, Version> {
  const all = versionsOf(rows, facts);
  const tops = Map.groupBy(all, ({ top }) => keyOf(top));
  return new Map(
    [...tops].flatMap(([key, versions]) => {
      const busiest = versions.toSorted((a, b) => b.requests - a.requests)[0];
      return busiest && busiest.requests >= LEAST ? [[key, busiest] as const] : [];
    }),
  );
}

function summed({ of, top }: Pick<Version, 'of' | 'top'>, rows: readonly Served[]): Version {
  const perSecond = rows.reduce((sum, row) => sum + row.perSecond, 0);
  const failing = rows.reduce((sum, row) => sum + row.perSecond * row.errors, 0);
  const seconds = rows.flatMap(({ p95Seconds }) => p95Seconds ?? []);
  return {
    of,
    top,
    requests: perSecond * WINDOW_SECONDS,
    errors: perSecond === 0 ? 0 : failing / perSecond,
    p95Seconds: seconds.length === 0 ? null : Math.max(...seconds),
  };
}

/** The revision, or the ReplicaSet of the pod, and what it is a version of; null for what was not read. */
function versionOf({ namespace, revision, pod }: Served, facts: Facts): Pick<Version, 'of' | 'top'> | null {
  const found = facts.get('Pod', namespace, pod);
  const name = revision ?? found?.metadata.labels?.['serving.knative.dev/revision'];
  const made = name === undefined ? null : facts.get('Revision', namespace, name);
  if (made) {
    const of = named('Revision', made.metadata);
    const service = made.metadata.labels?.['serving.knative.dev/service'];
    return { of, top: service ? named('KnativeService', { namespace, name: service }) : of };
  }
  if (!found) return null;
  const top = topOwner(named('Pod', found.metadata), found.metadata, facts);
  const owner = found.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const of = owner?.kind === 'ReplicaSet' ? named('ReplicaSet', { namespace, name: owner.name }) : top;
  return { of, top };
}

function createdOf(of: ObjectName, facts: Facts): number | null {
  const object = of.kind === 'Revision' || of.kind === 'ReplicaSet' ? facts.get(of.kind, of.namespace, of.name) : null;
  return object ? createdAt(object) : null;
}

function backOf({ kind, namespace, name }: ObjectName): string {
  return kind === 'KnativeService'
    ? `Send its traffic back to the revision before: kn service update ${name} --traffic REVISION=100 -n ${namespace}`
    : `Roll back: kubectl rollout undo ${kind.toLowerCase()}/${name} -n ${namespace}`;
}

function lineOf(one: Version): string {
  return `${say(one.of)}: ${wordsOf(one)}`;
}

function wordsOf({ requests, errors, p95Seconds }: Version): string {
  const slow = p95Seconds === null ? '' : `, P95 ${spell(p95Seconds)}`;
  return `${Math.round(requests)} requests in 5 min, ${percent(errors)} failed${slow}`;
}

function percent(share: number): string {
  return `${share > 0 && share < 0.01 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
}

function spell(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : spoken(Math.round(seconds * 10) * 100);
}
