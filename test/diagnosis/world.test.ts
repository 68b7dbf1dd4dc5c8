import { expect, test } from '@jest/globals';
import { CASES } from './cases/index.ts';
import type { KubeObject, Snapshot } from './snapshot.ts';

/** The cases themselves: a world that could not exist would teach nothing. */

test('every case has a name of its own', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

test.each(CASES.map((one) => [one.name, one] as const))('the world of %s is consistent with itself', (_, one) => {
  expect(faults(one.world())).toEqual([]);
});

test('every cause names an object and the words that tell it from its sisters', () => {
  const bare = CASES.filter(({ expect: { verdict, object, says } }) => {
    return verdict === 'cause' && ((object ?? []).length === 0 || (says ?? []).length === 0);
  });
  expect(bare.map(({ name }) => name)).toEqual([]);
});

function faults(snapshot: Snapshot): string[] {
  const byUid = new Map(snapshot.objects.map((object) => [object.metadata.uid, object]));
  return [
    ...(byUid.size === snapshot.objects.length ? [] : ['two objects share a uid']),
    ...snapshot.objects.flatMap((object) => [
      ...orphaned(object, byUid),
      ...young(object, snapshot.now),
      ...unplaced(object, snapshot),
    ]),
    ...misplacedEvents(snapshot, byUid),
    ...unknownLogs(snapshot),
    ...miscounted(snapshot),
    ...snapshot.alerts.filter(({ startsAt }) => startsAt > snapshot.now).map(() => 'an alert of the future'),
  ];
}

function orphaned({ metadata }: KubeObject, byUid: ReadonlyMap<string, KubeObject>): string[] {
  return (metadata.ownerReferences ?? [])
    .filter(({ uid, kind, name }) => {
      const owner = byUid.get(uid);
      return (
        owner?.kind !== kind ||
        owner.metadata.name !== name ||
        owner.metadata.creationTimestamp > metadata.creationTimestamp
      );
    })
    .map(({ kind, name }) => `${metadata.name} is owned by ${kind} ${name}, which is not there or younger`);
}

/** Moments after the recording, anywhere in the object. */
function young(object: KubeObject, now: string): string[] {
  // The moment a deletion ends may lie ahead: it is the request plus the grace period.
  const { deletionTimestamp: _, ...metadata } = object.metadata;
  const moments = JSON.stringify({ ...object, metadata }).match(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g) ?? [];
  const future = moments.filter((moment) => `${moment}Z` > now);
  return future.map((moment) => `${object.kind} ${object.metadata.name} knows of ${moment}`);
}

function unplaced(object: KubeObject, snapshot: Snapshot): string[] {
  if (object.kind !== 'Pod') return [];
  const { nodeName } = object.spec as { nodeName?: string };
  if (nodeName === undefined) return [];
  const there = snapshot.objects.some(({ kind, metadata }) => kind === 'Node' && metadata.name === nodeName);
  return there ? [] : [`${object.metadata.name} runs on ${nodeName}, which is not there`];
}

/** Events about what is not there (deleted pods leave theirs for an hour) have to be told as such: by a uid that nobody has. */
function misplacedEvents({ events, now }: Snapshot, byUid: ReadonlyMap<string, KubeObject>): string[] {
  return events.flatMap(({ regarding, firstAt, lastAt, count, message, reason }) => {
    const object = byUid.get(regarding.uid);
    return [
      ...(object === undefined || object.metadata.name === regarding.name ? [] : [`${reason} is about another object`]),
      ...(object !== undefined && firstAt < object.metadata.creationTimestamp
        ? [`${reason} is older than ${regarding.name}`]
        : []),
      ...(firstAt > lastAt || lastAt > now ? [`${reason} ends before it begins`] : []),
      ...(count === 1 && firstAt !== lastAt ? [`${reason} happened once at two moments: ${message}`] : []),
      ...(message.includes('undefined') ? [`${reason}: ${message}`] : []),
    ];
  });
}

function unknownLogs({ logs, objects, now }: Snapshot): string[] {
  return Object.entries(logs).flatMap(([pod, containers]) => {
    const object = objects.find(({ kind, metadata }) => kind === 'Pod' && metadata.name === pod);
    if (object === undefined) return [`log of ${pod}, which is not there`];
    const spec = object.spec as { containers: { name: string }[]; initContainers?: { name: string }[] };
    const names = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
    const written = Object.values(containers)
      .flatMap(({ current, previous }) => [...current, ...previous])
      .flatMap(([at]) => (at === null ? [] : [`${at.slice(0, 19)}Z`]))
      .filter((at) => at > now || at < object.metadata.creationTimestamp);
    return [
      ...Object.keys(containers)
        .filter((name) => !names.includes(name))
        .map((name) => `log of ${pod}/${name}, which it does not have`),
      ...written.map((at) => `${pod} wrote at ${at}, when it was not there`),
    ];
  });
}

/** Cases whose controllers do not work: there the counts need not agree. */
const NO_CONTROLLERS = /controller-manager/;

/** A ReplicaSet with fewer pods than it wants has a reason; the scheduler counts every node. */
function miscounted({ id, objects, events }: Snapshot): string[] {
  const nodes = objects.filter(({ kind }) => kind === 'Node').length;
  const wrong = events.filter(({ reason, message }) => {
    const total = /^0\/(\d+) nodes are available/.exec(message)?.[1];
    return reason === 'FailedScheduling' && total !== undefined && Number(total) !== nodes;
  });
  const short = objects.filter((object) => {
    if (object.kind !== 'ReplicaSet' || NO_CONTROLLERS.test(id)) return false;
    const { spec, status } = object as KubeObject & Counted;
    // The kubelet did not take its pod: until the next one is made the count is short.
    const isBetween = objects.some((one) => one.kind === 'Pod' && isFailed(one) && isOwnedBy(one, object));
    return spec.replicas !== status.replicas && status.conditions === undefined && !isBetween;
  });
  return [
    ...wrong.map(({ message }) => `there are ${nodes} nodes: ${message}`),
    ...short.map(({ metadata }) => `${metadata.name} has not as many pods as it wants, and nobody says why`),
  ];
}

function isFailed(pod: KubeObject): boolean {
  return (pod.status as { phase?: string }).phase === 'Failed'; // A pod of the set always has a status.
}

function isOwnedBy({ metadata }: KubeObject, owner: KubeObject): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false;
}

interface Counted {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number; readonly conditions?: unknown[] };
}
