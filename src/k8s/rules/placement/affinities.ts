import { listed } from '../../../wording/counts.ts';
import type { Facts } from '../../facts/facts.ts';
import { lackingLabels, type Node } from '../../subjects/node.ts';
import { matches } from '../../subjects/object.ts';
import type { Pod, PodSpec } from '../../subjects/pod.ts';
import type { Case } from '../case.ts';
import { make, others, type Placing } from './placing.ts';

/** No node has the labels that a selector or a required affinity asks for. */
export function affinity(placing: Placing): Case {
  const { pod, facts, reasons } = placing;
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  const nodes = facts.all('Node');
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const lacking = nodes.filter((node) => lackingLabels(node, pod.spec).length > 0);
  const rest = others(reasons, /affinity|selector/i);
  // A selector that some node satisfies is not what keeps it away; then the affinity is.
  if (selector.length > 0 && (terms.length === 0 || nodes.length === 0 || lacking.length === nodes.length))
    return make(
      'unschedulable-selector',
      placing,
      selector.map(([key, value]) => `${key}=${value}`).join(', '),
      nearest(pod.spec, nodes) + rest,
    );
  return make('unschedulable-affinity', placing, terms.map(termText).join(' or ') || 'the terms were not read', rest);
}

/** Whether a node has what selector and required affinity ask for: then those are not what leaves the pod without a place. */
export function someNodeFits(pod: Pod, facts: Facts): boolean {
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return facts.all('Node').some((node) => {
    if (lackingLabels(node, pod.spec).length > 0) return false;
    const satisfied = terms.some((term) => matches({ matchExpressions: term.matchExpressions }, node.metadata.labels));
    return terms.length === 0 || satisfied;
  });
}

function termText(term: {
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[]
    | undefined;
}): string {
  return (term.matchExpressions ?? [])
    .map((one) => `${one.key} ${one.operator}${one.values?.length ? ` [${one.values.join(', ')}]` : ''}`)
    .join(' and ');
}

/** The value that nodes do have of the label that is asked for. */
function nearest(spec: PodSpec, nodes: readonly Node[]): string {
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const values = new Set(nodes.flatMap(({ metadata }) => metadata.labels?.[key] ?? []));
    if (values.size > 0) return `; nodes have ${key}=${listed([...values])}`;
  }
  return '';
}

/** Pods that must not stand beside each other. */
export function antiAffinity(placing: Placing): Case {
  if (placing.reasons.some(({ text }) => /existing pods/i.test(text)))
    return make('unschedulable-foreign-anti-affinity', placing, '', others(placing.reasons, /anti-affinity/i));
  const terms = placing.pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const labels = terms.flatMap(({ labelSelector }) =>
    Object.entries(labelSelector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
  );
  return make(
    'unschedulable-anti-affinity',
    placing,
    labels.length > 0 ? `pods with ${labels.join(', ')}` : 'pods that run on every node',
    others(placing.reasons, /anti-affinity/i),
  );
}

/** Pods it must stand beside, which no node has. */
export function podAffinity(placing: Placing): Case {
  const terms = placing.pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const labels = terms.flatMap(({ labelSelector }) =>
    Object.entries(labelSelector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
  );
  return make(
    'unschedulable-pod-affinity',
    placing,
    labels.length > 0 ? `pods with ${labels.join(', ')}` : 'certain pods',
    others(placing.reasons, /affinity/i),
  );
}

/** A spread over zones or nodes that would be broken. */
export function spread(placing: Placing): Case {
  const keys = (placing.pod.spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey }) => topologyKey ?? []);
  return make('unschedulable-spread', placing, listed(keys) || 'topology', others(placing.reasons, /topology/i));
}
