import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import { type Event, lastSeen } from '../objects.ts';
import { EVENT_RULES, type EventRule } from './eventRules.ts';
import { finding, look } from './finding.ts';
import { imagePull } from './imagePull.ts';
import { pendingReasons } from './scheduling.ts';

/** Events that name a cause by themselves; others are shown in the table and conclude nothing. */
export function eventFindings(events: readonly Event[]): readonly Finding[] {
  const isOver = recovery(events);
  return events.flatMap((one) => (isOver(one) ? [] : conclude(one, subjectOf(one))));
}

function conclude(one: Event, subject: ObjectName): readonly Finding[] {
  const message = one.message ?? '';
  const because = [lineOf(one)];
  const image = /^Failed to pull image "([^"]+)"/.exec(message)?.[1];
  if (one.type === 'Warning' && image !== undefined) {
    const container = /\{([^}]+)\}/.exec(one.involvedObject.fieldPath ?? '')?.[1] ?? '';
    return [imagePull(subject, { name: container, image }, message, because)];
  }
  if (one.reason === 'FailedScheduling' && pendingReasons(message).length > 0)
    return [
      finding({
        code: 'pod-unschedulable',
        level: 'critical',
        subject,
        conclusion: `Pod ${subject.name} finds no node: ${pendingReasons(message).join(', ')}.`,
        because,
        nextStep: `Compare what pods request with what the nodes have: ${look('nodes', {})}`,
      }),
    ];
  const rule = EVENT_RULES.find((candidate) => matches(candidate, one));
  if (!rule) return [];
  return [
    finding({
      code: rule.code,
      level: rule.level,
      subject,
      conclusion: `${subject.kind} ${subject.name} ${rule.words}.`,
      because,
      nextStep: rule.next(subject),
    }),
  ];
}

function matches({ reason, message, normal }: EventRule, one: Event): boolean {
  if (one.type !== 'Warning' && !normal) return false;
  return reason.test(one.reason ?? '') && (!message || message.test(one.message ?? ''));
}

function subjectOf(one: Event): ObjectName {
  const { kind = 'Object', name = '', namespace = null } = one.involvedObject;
  // Events of nodes are kept in a namespace; the node is in none.
  return { kind, name, namespace: kind === 'Node' ? null : namespace };
}

/** `Reason: message (7 times, last 2026-03-01T12:00:00Z)` */
function lineOf(one: Event): string {
  const times = one.series?.count ?? one.count ?? 1;
  const seen = lastSeen(one);
  const last = seen === null ? '' : `last ${new Date(seen).toISOString().replace('.000Z', 'Z')}`;
  const how = times > 1 ? ` (${[`${times} times`, last].filter(Boolean).join(', ')})` : '';
  const message = one.message ?? '';
  // Runtimes say what went wrong at the end of what they did.
  const said = message.length > 230 ? `${message.slice(0, 110)} … ${message.slice(-115)}` : message;
  return `${one.reason}: ${said}${how}`;
}

/** What shows that a trouble is over, and which: what was said before is history. */
const OVER: readonly (readonly [good: RegExp, bad: RegExp])[] = [
  [
    /^(NodeHasSufficientMemory|NodeHasNoDiskPressure|NodeHasSufficientPID|NodeReady)$/,
    /^(NodeHas|NodeNotReady|EvictionThresholdMet)/,
  ],
  [/^Scheduled$/, /^FailedScheduling$/],
  [/^Pulled$/, /^Failed$/],
  [/^(Started|SuccessfulAttachVolume)$/, /^(FailedMount|FailedAttachVolume|FailedMapVolume|FailedCreatePodSandBox)$/],
  [/^(SuccessfulCreate|Completed)$/, /^(FailedCreate|FailedDaemonPod)$/],
  [/^SuccessfulRescale$/, /^Failed(Get|Compute)\w*Metrics?/],
];

const PULLS = 2;

/** Says of an event whether a later one of the same object (and container) shows that it is over. */
function recovery(events: readonly Event[]): (one: Event) => boolean {
  const at = new Map<string, number>();
  const keyOf = (one: Event, index: number) => {
    const { kind, namespace, name, fieldPath } = one.involvedObject;
    // Images are pulled a container; the rest concerns the whole object.
    return [index, kind, kind === 'Node' ? '' : namespace, name, index === PULLS ? fieldPath : ''].join('/');
  };
  for (const one of events)
    for (const [index, [good]] of OVER.entries()) {
      if (!good.test(one.reason ?? '')) continue;
      const key = keyOf(one, index);
      at.set(key, Math.max(lastSeen(one) ?? 0, at.get(key) ?? 0));
    }
  return (one) => {
    const seen = lastSeen(one);
    const index = OVER.findIndex(([, bad]) => bad.test(one.reason ?? ''));
    return index >= 0 && seen !== null && seen < (at.get(keyOf(one, index)) ?? 0);
  };
}
