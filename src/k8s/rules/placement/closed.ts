import { listed } from '../../../wording/counts.ts';
import { healthOf, isCordoned, type Node, repelling } from '../../subjects/node.ts';
import type { Case } from '../case.ts';
import { CONTROL_PLANE, make, others, type Placing } from './placing.ts';

/** Taints that Kubernetes itself sets on a node that is ill or closed. */
const NOT_READY =
  /node\.kubernetes\.io\/(?:not-ready|unreachable|network-unavailable|memory-pressure|disk-pressure|pid-pressure)/;
/** Nodes that were taken out of scheduling. */
export function cordons(placing: Placing): Case {
  const closed = placing.facts.all('Node').filter(isCordoned);
  const names = closed.map(({ metadata }) => metadata.name);
  const need =
    names.length === 0
      ? 'the nodes are'
      : `${names.length === 1 ? 'node' : 'nodes'} ${listed(names)} ${names.length === 1 ? 'is' : 'are'}`;
  return make(
    'unschedulable-cordon',
    placing,
    need,
    others(placing.reasons, /unschedulable/i),
    names.map((name) => `${name}: spec.unschedulable is true`).slice(0, 3),
  );
}

/** Taints that the pod does not tolerate, its own or those of a node that is ill. */
export function taints(placing: Placing): Case {
  const { pod, facts, reasons } = placing;
  const nodes = facts.all('Node');
  const said = reasons
    .flatMap(({ text }) => [...text.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]?.trim() ?? ''))
    .filter((text) => !CONTROL_PLANE.test(text));
  const down = nodes.filter((node) => healthOf(node) !== 'ready');
  const real = nodes.filter((node) => !isControlPlane(node)).flatMap((node) => repelling(node, pod.spec));
  const own = real.filter(({ key }) => !NOT_READY.test(key) && key !== 'node.kubernetes.io/unschedulable');
  if (
    own.length === 0 &&
    (said.some((text) => NOT_READY.test(text)) || real.some(({ key }) => NOT_READY.test(key))) &&
    down.length > 0
  ) {
    const names = down.map(({ metadata }) => metadata.name);
    return make(
      'unschedulable-node-down',
      placing,
      `${names.length === 1 ? 'node' : 'nodes'} ${listed(names)} ${names.length === 1 ? 'is' : 'are'}`,
      others(reasons, /taint/i),
    );
  }
  if (own.length === 0 && said.length === 0 && nodes.some(isCordoned)) return cordons(placing);
  const ill = real.filter(({ key }) => NOT_READY.test(key));
  const named = own.length > 0 ? own : ill;
  const texts =
    named.length > 0
      ? named.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect ?? ''}`)
      : said;
  return make('unschedulable-taint', placing, listed(texts) || 'they have', others(reasons, /taint/i));
}

function isControlPlane({ metadata }: Node): boolean {
  return Object.keys(metadata.labels ?? {}).some((key) => CONTROL_PLANE.test(key));
}
