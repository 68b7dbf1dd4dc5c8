import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import { spoken } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import { isReplaced } from '../facts/recovered.ts';
import { jobOfPod } from '../subjects/build.ts';
import { healthOf, type Node, pressuresOf, troublesOf, unreadySince } from '../subjects/node.ts';
import { conditionOf, named, timeOf } from '../subjects/object.ts';
import { lastTransition, type Pod } from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { isTarget } from './targeted.ts';
import { podName, whoOf } from './words.ts';

/** A kubelet renews its lease every 10 s, and a node is called not ready after 40 s without (https://kubernetes.io/docs/concepts/architecture/leases/). */
const LEASE_MS = 40_000;
const RUNTIME =
  /container ?runtime|containerd|cri-?o\b|PLEG|runtime is down|runtime network not ready|rpc error|\/run\/.*\.sock/i;
const NETWORK = /NetworkPluginNotReady|cni plugin not initialized|cni config|network plugin/i;
/** What the kubelet says of a pod when the runtime beside it does not answer. */
const RUNTIME_EVENT =
  /(?:dial unix|connect: connection refused|connect: no such file)[^\n]*(?:containerd|crio|dockershim|\.sock)|(?:containerd|crio)\.sock|failed to get sandbox runtime(?!: no runtime for)|runtime is down|code = Unavailable desc/i;

/** Nodes that are not ready, under pressure or silent, and what they evicted. */
export function nodeCases(facts: Facts): readonly Case[] {
  return [
    ...facts.all('Node').flatMap((node) => healthCases(node, facts)),
    ...staleLeases(facts),
    ...unseenNodes(facts),
    ...runtimes(facts),
    ...facts.all('Pod').flatMap((pod) => evictions(pod, facts)),
  ];
}

function since(at: number | null, now: number): string {
  return at === null ? '' : ` ${spoken(now - at)} ago`;
}

function healthCases(node: Node, facts: Facts): readonly Case[] {
  const subject = named('Node', { name: node.metadata.name });
  const ready = conditionOf(node, 'Ready');
  const at = unreadySince(node);
  const health = healthOf(node);
  const parts = { node: node.metadata.name, since: since(at, facts.now), detail: '' };
  const line = `Ready=${ready?.status} ${ready?.reason ?? ''}: ${short(ready?.message ?? '', 220)}`;
  if (health === 'unreachable') return [found('node-unreachable', { subject, parts, because: [line], at })];
  const cases: Case[] = [];
  if (health === 'not-ready') {
    const message = `${ready?.reason ?? ''} ${ready?.message ?? ''}`;
    const detail = short(ready?.message ?? ready?.reason ?? 'no reason is given', 140);
    const code = NETWORK.test(message)
      ? 'node-network-not-ready'
      : RUNTIME.test(message)
        ? 'node-runtime-down'
        : 'node-not-ready';
    cases.push(found(code, { subject, parts: { ...parts, detail }, because: [line], at }));
  }
  for (const type of pressuresOf(node)) {
    const condition = conditionOf(node, type);
    const pressure = type
      .replace(/Pressure$/, ' pressure')
      .replace('NetworkUnavailable', 'network trouble')
      .toLowerCase()
      .replace('pid ', 'process-number ');
    cases.push(
      found('node-pressure', {
        subject,
        parts: {
          node: node.metadata.name,
          pressure,
          detail: `${condition?.message ? ` (${short(condition.message, 100)})` : ''}${evictedFrom(node.metadata.name, facts)}`,
        },
        because: [`${type}=True: ${condition?.message ?? ''}`],
        at: timeOf(condition?.lastTransitionTime),
      }),
    );
  }
  for (const one of troublesOf(node))
    cases.push(
      found('node-condition', {
        subject,
        parts: {
          node: node.metadata.name,
          condition: one.type,
          detail: one.message ? ` (${short(one.message, 140)})` : '',
        },
        because: [`${one.type}=True ${one.reason ?? ''}: ${short(one.message ?? '', 220)}`],
        at: timeOf(one.lastTransitionTime),
      }),
    );
  return cases;
}

/** `, and evicts pods: crunch-7d9f`; empty where none was evicted. */
function evictedFrom(node: string, facts: Facts): string {
  const names = facts
    .all('Pod')
    .filter(({ status, spec }) => status.reason === 'Evicted' && spec.nodeName === node)
    .map(({ metadata }) => metadata.name);
  return names.length === 0 ? '' : `, and evicts pods: ${listed(names)}`;
}

/** Nodes that could not be read, of which the node controller says at their pods that they are not ready. */
function unseenNodes(facts: Facts): readonly Case[] {
  if (facts.coverage('Node') !== 'unread') return [];
  const told = facts.all('Pod').flatMap((pod) => {
    const event = facts.warningsAbout(podName(pod)).findLast(({ reason }) => reason === 'NodeNotReady');
    return event && pod.spec.nodeName ? [{ node: pod.spec.nodeName, event, pod }] : [];
  });
  return [...Map.groupBy(told, ({ node }) => node)].map(([node, all]) =>
    found('node-not-ready', {
      subject: named('Node', { name: node }),
      affects: all.map(({ pod }) => podName(pod)),
      confidence: 'likely',
      parts: { node, since: '', detail: 'the node controller says so at its pods; the node itself could not be read' },
      because: all
        .slice(0, 2)
        .map(({ event, pod }) => `${event.reason} at pod ${pod.metadata.name}: ${short(event.message ?? '', 200)}`),
    }),
  );
}

/** A lease that is old beside fresh ones: the kubelet died and the node is not called so yet. */
function staleLeases(facts: Facts): readonly Case[] {
  const leases = facts.within('Lease', 'kube-node-lease').flatMap((lease) => {
    const at = timeOf(lease.spec.renewTime);
    return at === null ? [] : [{ name: lease.metadata.name, at }];
  });
  const newest = Math.max(0, ...leases.map(({ at }) => at));
  return leases.flatMap(({ name, at }) => {
    const node = facts.get('Node', null, name);
    if (!node || healthOf(node) !== 'ready' || newest - at < LEASE_MS) return [];
    return [
      found('lease-stale', {
        subject: named('Node', { name }),
        parts: { node: name, since: ` for ${spoken(newest - at)}` },
        because: [`renewTime ${new Date(at).toISOString()}, of another node ${new Date(newest).toISOString()}`],
        at,
      }),
    ];
  });
}

/** A node that calls itself ready while its pods cannot be started for want of the runtime. */
function runtimes(facts: Facts): readonly Case[] {
  const failing = facts.warnings.filter(({ message }) => RUNTIME_EVENT.test(message ?? ''));
  const byNode = Map.groupBy(failing, (one) => {
    const { kind, name = '', namespace } = one.involvedObject;
    return kind === 'Node' ? name : (facts.get('Pod', namespace, name)?.spec.nodeName ?? one.source?.host ?? '');
  });
  return [...byNode].flatMap(([name, events]) => {
    const node = name === '' ? null : facts.get('Node', null, name);
    if (!node || healthOf(node) !== 'ready') return [];
    const last = events.at(-1);
    return [
      found('node-runtime-down', {
        subject: named('Node', { name }),
        parts: { node: name, since: '', detail: short(last?.message ?? '', 140) },
        because: events.slice(-2).map(({ reason, message }) => `${reason}: ${short(message ?? '', 220)}`),
      }),
    ];
  });
}

function evictions(pod: Pod, facts: Facts): readonly Case[] {
  if (pod.status.phase !== 'Failed' || pod.status.reason !== 'Evicted') return [];
  // Its Job completed with another pod.
  if (jobOfPod(pod) !== null && isReplaced(pod, facts)) return [];
  const at = lastTransition(pod);
  if (at > 0 && at < facts.target.from && (isReplaced(pod, facts) || !isTarget(podName(pod), facts))) return [];
  return [
    found('evicted', {
      subject: podName(pod),
      parts: {
        who: whoOf(pod, facts),
        node: pod.spec.nodeName ?? 'unknown',
        detail: short(pod.status.message ?? 'no reason is given', 140).replace(/\.$/, ''),
      },
      because: [pod.status.message ? `Evicted: ${short(pod.status.message, 240)}` : 'Evicted, without a message'],
    }),
  ];
}
