import type { ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { editsOf } from '../subjects/edits.ts';
import { lastSeen } from '../subjects/event.ts';
import { KINDS, type Kind } from '../subjects/kinds.ts';
import { knativeServiceOf } from '../subjects/knative.ts';
import { isCordoned } from '../subjects/node.ts';
import { keyOf, named, timeOf } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import { type Change, edits, revisionRollouts, rollouts } from './changeList.ts';
import { besideAlert, revisionBefore, undoing } from './changes.ts';
import { say } from './words.ts';

/** A change shortly before the trouble, of what it is about or depends on: where to look, and no cause by itself. */
export interface Lead {
  /** `Deployment web was changed 4 min before the alert: image web:v1 → web:v2`. */
  readonly words: string;
  /** What to do about it: the command that undoes it, or shows it where nothing does. */
  readonly next: string;
}

const MOST = 3;
/** Kinds whose edits change what runs, how much of it, or who reaches it. */
const EDITED = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'Service',
  'Ingress',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'KnativeService',
  'LambdaFunction',
] as const satisfies readonly Kind[];
/** Objects in front of a workload: trouble of theirs is met by those who call it. */
const IN_FRONT = ['Service', 'Ingress'];
const TAINT = 'node.kubernetes.io/unschedulable';
/** A controller tells how far it scaled within this time of the edit, milliseconds. */
const SOON = 60_000;

/**
 * What was changed within the hour before the alert, the nearest to its object first, then the latest. That the trouble came
 * after it is all that is known.
 */
export function leadsOf(facts: Facts): readonly Lead[] {
  const { target } = facts;
  const wanted = targetKeys(facts);
  const all = changesOf(facts);
  const near = all.flatMap(({ of, one }) => {
    if (one.at < target.changesFrom || one.at > target.startsAt) return [];
    const far = distance(of, wanted, facts);
    const changed = changedKey(of, facts);
    const isLast = !all.some(
      (other) => other.one.at > one.at && isAgain(one, other.one) && changedKey(other.of, facts) === changed,
    );
    return far === null ? [] : [{ of, one, far, isLast }];
  });
  const leads = near
    .toSorted((a, b) => a.far - b.far || b.one.at - a.one.at)
    .map(({ of, one, isLast }) => ({
      words: `${wordsOf(of, one, facts)}${isLast ? '' : ', and changed again since'}`,
      next: nextOf(of, one, isLast, facts),
    }));
  return [...new Map(leads.map((lead) => [lead.words, lead])).values()].slice(0, MOST);
}

/** What a change was made to; revisions stand for their Knative Service. */
function changedKey(of: ObjectName, facts: Facts): string {
  const revision = of.kind === 'Revision' ? facts.get('Revision', of.namespace, of.name) : null;
  const service = revision && knativeServiceOf(revision);
  return keyOf(service ? { ...of, kind: 'KnativeService', name: service } : of);
}

/** Whether a later change of one object may have taken the earlier back: both are of what runs, or of the same thing. */
function isAgain(earlier: Change, later: Change): boolean {
  return earlier.rollout ? later.rollout : later.what === earlier.what;
}

interface Dated {
  readonly of: ObjectName;
  readonly one: Change;
}

function changesOf(facts: Facts): readonly Dated[] {
  const rolled = rollouts(facts.all('ReplicaSet'), facts.all('Deployment'));
  const revisions = revisionRollouts(facts.all('Revision'));
  const others = EDITED.flatMap((kind) =>
    edits(kind, facts.all(kind).filter(isPersons), rolled).filter(({ by }) => !BY_CONTROLLER.test(by ?? '')),
  );
  return [...rolled, ...revisions, ...others, ...cordons(facts)].map((one) => ({ of: named(one.kind, one), one }));
}

/** Written by Kubernetes itself as a consequence: autoscalers and the controllers of deployments. */
const BY_CONTROLLER = /^kube-controller-manager$|^(?:controller|activator|autoscaler)$/;

/** Knative makes Services and Deployments of its own, which its revisions stand for. */
function isPersons({ metadata }: { readonly metadata: { readonly labels?: Record<string, string> | undefined } }) {
  return !Object.keys(metadata.labels ?? {}).some((label) => label.startsWith('serving.knative.dev/'));
}

function cordons(facts: Facts): readonly Change[] {
  return facts
    .all('Node')
    .filter(isCordoned)
    .flatMap(({ metadata, spec }) => {
      const edit = editsOf(metadata).find(({ fields }) => fields.includes('unschedulable'));
      const at = timeOf(spec.taints?.find(({ key }) => key === TAINT)?.timeAdded) ?? edit?.at ?? null;
      const words = { what: 'cordoned', detail: 'cordoned', by: edit?.by ?? null, rollout: false };
      return at === null ? [] : [{ at, kind: 'Node', namespace: null, name: metadata.name, ...words }];
    });
}

/** The objects of the alert and their workloads; empty where it names none. */
function targetKeys(facts: Facts): ReadonlyMap<string, ObjectName> {
  const keys = new Map<string, ObjectName>();
  for (const of of facts.target.objects) {
    const object = facts.get(of.kind as Kind, of.namespace, of.name);
    const top = object ? topOwner(of, object.metadata, facts) : of;
    for (const one of [of, top]) keys.set(keyOf(one), one);
  }
  return keys;
}

/** Steps from what was changed to what the alert is about; null where none leads there. */
function distance(of: ObjectName, wanted: ReadonlyMap<string, ObjectName>, facts: Facts): number | null {
  const { namespace } = facts.target;
  if (wanted.size === 0) {
    const isHere = namespace === null || of.namespace === namespace;
    return isHere || [...facts.graph.reach(of).keys()].some((key) => key.split('/')[1] === namespace) ? 0 : null;
  }
  const reach = facts.graph.reach(of);
  const steps = [...wanted.keys()].flatMap((key) => reach.get(key) ?? []);
  const behind = IN_FRONT.includes(of.kind)
    ? [...wanted.values()].flatMap((one) => facts.graph.reach(one).get(keyOf(of)) ?? [])
    : [];
  const all = [...steps, ...behind];
  return all.length === 0 ? null : Math.min(...all);
}

const VERBS: Readonly<Record<string, string>> = {
  created: 'created',
  'first rollout': 'created',
  cordoned: 'cordoned',
  scaled: 'scaled',
};

function wordsOf(of: ObjectName, one: Change, facts: Facts): string {
  const verb = VERBS[one.what] ?? 'changed';
  const detail = verb === 'scaled' ? scaledWords(one, facts) : verb === 'changed' ? one.detail : '';
  const by = one.by === null ? '' : `, by ${one.by}`;
  return `${say(of)} was ${verb} ${besideAlert(one.at, facts)}${detail === '' ? '' : `: ${detail}`}${by}`;
}

/** `from 6 to 2`, as the controller of the Deployment told it; else what it wants now. */
function scaledWords(one: Change, facts: Facts): string {
  const told = scaleOf(one, facts);
  if (told) return `from ${told.from} to ${told.to}`;
  const object =
    one.kind === 'Deployment' || one.kind === 'StatefulSet' ? facts.get(one.kind, one.namespace, one.name) : null;
  return object?.spec.replicas === undefined ? '' : `to ${object.spec.replicas}`;
}

function scaleOf(one: Change, facts: Facts): { readonly from: string; readonly to: string } | null {
  const event = facts
    .eventsAbout(named(one.kind, one))
    .find((told) => told.reason === 'ScalingReplicaSet' && Math.abs((lastSeen(told) ?? 0) - one.at) <= SOON);
  const [, from, to] = /from (\d+) to (\d+)/.exec(event?.message ?? '') ?? [];
  return from !== undefined && to !== undefined ? { from, to } : null;
}

function nextOf(of: ObjectName, one: Change, isLast: boolean, facts: Facts): string {
  // What was changed again may be undone already: undoing it now would bring it back.
  const undo = isLast ? undoOf(of, one, facts) : null;
  if (undo !== null) return `undo it where nothing speaks against it: ${undo}`;
  const plural = of.kind in KINDS ? KINDS[of.kind as Kind].resource.plural : of.kind.toLowerCase();
  const place = of.namespace === null ? '' : ` -n ${of.namespace}`;
  return `see who wrote what: kubectl get ${plural} ${of.name} -o yaml --show-managed-fields${place}`;
}

function undoOf(of: ObjectName, one: Change, facts: Facts): string | null {
  const place = of.namespace === null ? '' : ` -n ${of.namespace}`;
  if (one.what === 'cordoned') return `kubectl uncordon ${of.name}`;
  const scaled = one.what === 'scaled' ? scaleOf(one, facts) : null;
  if (scaled) return `kubectl scale ${of.kind.toLowerCase()}/${of.name} --replicas=${scaled.from}${place}`;
  if (one.rollout && of.kind === 'Deployment') return one.what === 'first rollout' ? null : undoing(of);
  const revision = one.rollout ? facts.get('Revision', of.namespace, of.name) : null;
  return (revision && revisionBefore(revision, one.at, facts)?.how) ?? null;
}
