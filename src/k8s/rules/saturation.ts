import type { Facts, Usage } from '../facts/facts.ts';
import { named } from '../subjects/object.ts';
import { containerNamed, isReady } from '../subjects/pod.ts';
import { millicores, quantity } from '../subjects/quantity.ts';
import { type Case, found } from './case.ts';
import { isTarget } from './targeted.ts';
import { podName, whoOf } from './words.ts';

/** Share of use that leaves nothing for a burst. */
const FULL = 0.95;
/** Held back in so many of its CPU periods a container is slow; CPUThrottlingHigh of kube-prometheus-stack begins here. */
const THROTTLED = 0.25;

/** Saturated resources with their users: containers at their CPU limit, nodes without CPU. */
export function saturationCases(facts: Facts): readonly Case[] {
  return [...facts.usage.flatMap((use) => limitCase(use, facts)), ...nodeCases(facts)];
}

function limitCase(use: Usage, facts: Facts): readonly Case[] {
  const pod = facts.get('Pod', use.namespace, use.pod);
  const limit = pod && quantity(containerNamed(pod.spec, use.container)?.resources?.limits?.cpu);
  if (!pod || !limit || use.cpuMilli === null) return [];
  const held =
    facts.throttled?.find(
      (one) => one.namespace === use.namespace && one.pod === use.pod && one.container === use.container,
    ) ?? null;
  const isFull = use.cpuMilli >= limit * 1000 * FULL;
  const isHeld = held !== null && held.ratio >= THROTTLED;
  if (!isFull && !isHeld) return [];
  // A workload at its limit is no trouble while it is healthy and not the target.
  if (isReady(pod) && !isTarget(podName(pod), facts)) return [];
  const share = held ? `; it was held back in ${Math.round(held.ratio * 100)} % of its CPU periods` : '';
  return [
    found('cpu-limit', {
      subject: podName(pod),
      confidence: isHeld ? 'confirmed' : 'likely',
      level: isReady(pod) ? 'warning' : 'critical',
      parts: {
        who: whoOf(pod, facts),
        container: use.container,
        used: millicores(use.cpuMilli / 1000),
        limit: millicores(limit),
        detail: share,
      },
      because: [
        `${use.container}: uses ${millicores(use.cpuMilli / 1000)} of its CPU limit ${millicores(limit)}`,
        held ? `throttled in ${Math.round(held.ratio * 100)} % of the CPU periods of 5 minutes` : 'throttling not read',
      ],
    }),
  ];
}

function nodeCases(facts: Facts): readonly Case[] {
  const byPod = cpuByPod(facts.usage);
  return facts.nodeUsage.flatMap(({ node, cpuMilli }) => {
    const of = facts.get('Node', null, node);
    const all = of && quantity(of.status.allocatable?.cpu);
    if (!of || !all || cpuMilli === null || cpuMilli < all * 1000 * FULL) return [];
    const here = facts.all('Pod').filter(({ spec }) => spec.nodeName === node);
    const used = here
      .map((pod) => ({ pod, milli: byPod.get(podKey(pod.metadata.namespace, pod.metadata.name)) ?? 0 }))
      .toSorted((a, b) => b.milli - a.milli)[0];
    const most =
      used && used.milli >= cpuMilli / 2
        ? `; most of it ${whoOf(used.pod, facts)} (pod ${used.pod.metadata.name}, ${millicores(used.milli / 1000)})`
        : '';
    return [
      found('node-cpu-full', {
        subject: named('Node', of.metadata),
        confidence: 'likely',
        parts: { node, used: millicores(cpuMilli / 1000), all: millicores(all), detail: most },
        because: [`node ${node}: uses ${millicores(cpuMilli / 1000)} of ${millicores(all)} CPU`],
      }),
    ];
  });
}

/** CPU of all containers of a pod, millicores: a StatefulSet's pods have the same names in each namespace. */
function cpuByPod(usage: readonly Usage[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { namespace, pod, cpuMilli } of usage) {
    const key = podKey(namespace, pod);
    sums.set(key, (sums.get(key) ?? 0) + (cpuMilli ?? 0));
  }
  return sums;
}

function podKey(namespace: string | undefined, pod: string): string {
  return `${namespace ?? ''}/${pod}`;
}
