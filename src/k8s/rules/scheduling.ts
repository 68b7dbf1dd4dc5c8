import { counted } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import { spoken } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import { lastSeen } from '../subjects/event.ts';
import { lackingLabels } from '../subjects/node.ts';
import { conditionOf, createdAt, named, timeOf } from '../subjects/object.ts';
import { isTerminating, isUnscheduled, type Pod, STUCK_MS } from '../subjects/pod.ts';
import type { Workload } from '../subjects/workload.ts';
import { type Case, found } from './case.ts';
import type { Placing, Reason } from './placement/placing.ts';
import { placementCase } from './placement.ts';
import { isTarget } from './targeted.ts';
import { diag, podName, whoOf } from './words.ts';

/** Milliseconds of silence after which the scheduler is considered down; a working one reports within a second. */
const SILENT_MS = 60_000;
const DEFAULT_SCHEDULER = 'default-scheduler';

/** Pods without a node, with what the scheduler said and what the nodes have; and DaemonSets that no node is meant for. */
export function schedulingCases(facts: Facts): readonly Case[] {
  const waiting = facts.all('Pod').filter((pod) => isUnscheduled(pod) && !isTerminating(pod));
  return [
    ...waiting.flatMap((pod) => placingCase(pod, facts)),
    ...facts.all('DaemonSet').flatMap((of) => nodelessCase(of, facts)),
  ];
}

/** A DaemonSet whose selector no node has is well where nobody misses it: a cluster without GPUs needs no GPU plugin. */
function nodelessCase(of: Workload, facts: Facts): readonly Case[] {
  const subject = named('DaemonSet', of.metadata);
  const spec = of.spec.template?.spec;
  const wanted = Object.entries(spec?.nodeSelector ?? {});
  const nodes = facts.all('Node');
  if (!spec || wanted.length === 0 || of.status.desiredNumberScheduled !== 0 || !isTarget(subject, facts)) return [];
  const isWhole = facts.coverage('Node') === 'whole' && nodes.length > 0;
  if (!isWhole || !nodes.every((node) => lackingLabels(node, spec).length > 0)) return [];
  const need = wanted.map(([key, value]) => `${key}=${value}`).join(', ');
  return [
    found('daemonset-no-node', {
      subject,
      parts: { name: of.metadata.name, need, nodes: counted(nodes.length, 'node') },
      because: [`nodeSelector: ${need}`, 'desiredNumberScheduled: 0'],
    }),
  ];
}

function placingCase(pod: Pod, facts: Facts): readonly Case[] {
  const subject = podName(pod);
  const who = whoOf(pod, facts);
  const gate = pod.spec.schedulingGates?.[0]?.name;
  const base = { who, detail: '', need: '', look: diag('events', subject) };
  if (gate)
    return [
      found('unschedulable-gated', { subject, parts: { ...base, need: gate }, because: [`schedulingGates: ${gate}`] }),
    ];
  const message = messageOf(pod, facts);
  if (message === null) return silent(pod, facts, base);
  const because = [`scheduler: ${short(message, 290)}`];
  const told = placementCase({ pod, facts, reasons: reasonsOf(message), base, because });
  if (told) return [told];
  const parts = { ...base, detail: `: ${short(message)}` };
  return [found('unschedulable', { subject, confidence: 'likely', parts, because })];
}

/** The scheduler's last message, by condition or event; null without one. */
function messageOf(pod: Pod, facts: Facts): string | null {
  const condition = conditionOf(pod, 'PodScheduled');
  const event = facts.eventsAbout(podName(pod)).findLast(({ reason }) => reason === 'FailedScheduling');
  const [of, at] = [condition?.message, timeOf(condition?.lastTransitionTime)];
  if (event?.message && (!of || (lastSeen(event) ?? 0) >= (at ?? 0))) return event.message;
  return condition?.status === 'False' ? (of ?? null) : (event?.message ?? null);
}

/** `0/4 nodes are available: 1 node(s) had untolerated taint {a: b}, 3 Insufficient cpu. preemption: ...` in its parts, what most nodes lack first. */
function reasonsOf(message: string): readonly Reason[] {
  const own = message.replace(/\.?\s*preemption:.*$/s, '').replace(/^\d+\/\d+ nodes are available:\s*/, '');
  const parts = own.split(/,\s*(?=\d+\s)/).map((part) => {
    const match = /^(\d+)\s+(.*?)\.?$/s.exec(part.trim());
    return { nodes: match?.[1] ? Number(match[1]) : null, text: match?.[2] ?? part.trim() };
  });
  return parts.toSorted((a, b) => (b.nodes ?? 0) - (a.nodes ?? 0));
}

/** No word of any scheduler: it is down, or the pod asks for one that does not exist. Fresh pods are given a minute. */
function silent(pod: Pod, facts: Facts, base: Placing['base']): readonly Case[] {
  const since = createdAt(pod);
  const subject = podName(pod);
  const waited = since === null ? 0 : facts.now - since;
  if (
    // A running pod was placed, even if no event or condition says so.
    (pod.status.phase ?? 'Pending') !== 'Pending' ||
    waited < SILENT_MS ||
    facts.coverage('Event', pod.metadata.namespace) === 'unread' ||
    conditionOf(pod, 'PodScheduled') !== null
  )
    return [];
  const name = pod.spec.schedulerName ?? DEFAULT_SCHEDULER;
  if (name !== DEFAULT_SCHEDULER)
    return [
      found('scheduler-name-unknown', {
        subject,
        parts: { ...base, need: name },
        because: [`schedulerName: ${name}`, 'no event and no PodScheduled condition'],
        confidence: waited > STUCK_MS ? 'confirmed' : 'likely',
      }),
    ];
  const placed = facts
    .all('Pod')
    .some(
      (other) =>
        (timeOf(conditionOf(other, 'PodScheduled')?.lastTransitionTime) ?? 0) > (since ?? 0) && other.spec.nodeName,
    );
  if (placed) return [];
  const own = facts.within('Pod', 'kube-system').filter(({ metadata }) => /kube-scheduler/.test(metadata.name));
  const down = own.length > 0 && own.every((one) => conditionOf(one, 'Ready')?.status !== 'True');
  const minutes = spoken(waited);
  return [
    found('scheduler-down', {
      subject,
      affects: [subject],
      parts: { who: base.who, minutes, detail: down ? '; its own pod is not ready' : '' },
      because: [
        'no node, no PodScheduled condition and no FailedScheduling event',
        ...(down ? own.slice(0, 2).map(({ metadata }) => `${metadata.name} is not ready`) : []),
      ],
      at: since,
    }),
  ];
}
