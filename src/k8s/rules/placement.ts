import { counted, listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { healthOf, isCordoned, lackingLabels, type Node, repelling } from '../subjects/node.ts';
import { createdAt, matches, named } from '../subjects/object.ts';
import { containersOf, type Pod, type PodSpec } from '../subjects/pod.ts';
import { quantity } from '../subjects/quantity.ts';
import { type Case, type Code, found } from './case.ts';
import { podName } from './words.ts';

/** One reason in the scheduler's message. */
export interface Reason {
  /** Number of nodes it applies to; null where the scheduler gives none. */
  readonly nodes: number | null;
  readonly text: string;
}

/** The input of a conclusion about one unscheduled pod. */
export interface Placing {
  readonly pod: Pod;
  readonly facts: Facts;
  readonly reasons: readonly Reason[];
  readonly base: { readonly who: string; readonly detail: string; readonly need: string; readonly look: string };
  readonly because: readonly string[];
}

/** Taints that Kubernetes itself sets on a node that is ill or closed. */
const NOT_READY =
  /node\.kubernetes\.io\/(?:not-ready|unreachable|network-unavailable|memory-pressure|disk-pressure|pid-pressure)/;
const CONTROL_PLANE = /node-role\.kubernetes\.io\/(?:control-plane|master)/;

/** The conclusion of each kind of reason, ordered by what excludes all candidate nodes first. */
const KINDS_OF_REASON: readonly { readonly pattern: RegExp; readonly conclude: (placing: Placing) => Case }[] = [
  {
    pattern:
      /persistentvolumeclaim|unbound immediate|volume node affinity|didn't find available persistent volumes|max volume count|persistent volume/i,
    conclude: volumes,
  },
  {
    pattern:
      /didn't match Pod's node affinity|node affinity\/selector|didn't match node selector|didn't satisfy plugin NodeAffinity/i,
    conclude: affinity,
  },
  // A class or a claim that does not exist is no lack of devices: of those the scheduler's own words are told.
  { pattern: /cannot allocate all claims/i, conclude: devices },
  { pattern: /Insufficient |Too many pods|free ports for the requested pod ports/i, conclude: resources },
  { pattern: /anti-affinity/i, conclude: antiAffinity },
  { pattern: /pod affinity rules/i, conclude: podAffinity },
  { pattern: /topology spread/i, conclude: spread },
  { pattern: /unschedulable/i, conclude: cordons },
  { pattern: /taint/i, conclude: taints },
];

/** The conclusion of the scheduler's reasons; null for unknown reasons. */
export function placementCase(placing: Placing): Case | null {
  const { pod, facts, reasons } = placing;
  // Where some node has the labels that are asked for, what keeps the pod off that node is the cause.
  const elsewhere = KINDS_OF_REASON.filter((one) => one.conclude !== affinity || !someNodeFits(pod, facts));
  const told =
    elsewhere.find(({ pattern }) => reasons.some(({ text }) => pattern.test(text))) ??
    KINDS_OF_REASON.find(({ pattern }) => reasons.some(({ text }) => pattern.test(text)));
  return told?.conclude(placing) ?? null;
}

function make(
  code: Extract<Code, `unschedulable${string}`>,
  { pod, base, because }: Placing,
  need: string,
  detail = '',
  more: readonly string[] = [],
): Case {
  return found(code, {
    subject: podName(pod),
    parts: { ...base, need, detail },
    because: [...because, ...more],
    at: createdAt(pod),
  });
}

function affinity(placing: Placing): Case {
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
function someNodeFits(pod: Pod, facts: Facts): boolean {
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

/** The reason that excludes the other nodes, in few words. */
function others(reasons: readonly Reason[], told: RegExp): string {
  const rest = reasons.filter(({ text }) => !told.test(text) && !CONTROL_PLANE.test(text));
  return rest.length === 0
    ? ''
    : `; besides: ${rest.map(({ nodes, text }) => `${nodes === null ? '' : `${counted(nodes, 'node')} `}${short(text.replace(/^node\(s\) /, ''), 70)}`).join(', ')}`;
}

function resources(placing: Placing): Case {
  const { pod, facts, reasons } = placing;
  const lacking = reasons
    .map(({ text }) => /Insufficient ([\w./-]*\w)/.exec(text)?.[1])
    .filter((one) => one !== undefined);
  const resource = lacking[0] ?? (reasons.some(({ text }) => /Too many pods/.test(text)) ? 'pods' : 'a host port');
  const request = requestOf(pod, resource);
  const largest = largestNode(facts.all('Node'), resource);
  const more = largest && request ? `; the largest node has ${largest.text} in all` : '';
  const impossible = largest && request && (quantity(request) ?? 0) > largest.value ? ', less than it asks for' : '';
  const rest = others(reasons, /Insufficient|Too many pods|free ports/i);
  const code =
    resource === 'cpu'
      ? 'unschedulable-cpu'
      : resource === 'memory'
        ? 'unschedulable-memory'
        : 'unschedulable-resource';
  const need = code === 'unschedulable-resource' ? needOf(pod, resource, request) : (request ?? 'more');
  return make(code, placing, need, `${more}${impossible}${rest}`);
}

function needOf(pod: Pod, resource: string, request: string | null): string {
  if (resource === 'pods') return 'room for another pod (too many pods)';
  if (resource !== 'a host port') return `${request ?? ''} ${resource} free`.trim();
  const ports = containersOf(pod.spec).flatMap((one) => (one.ports ?? []).flatMap(({ hostPort }) => hostPort ?? []));
  return ports.length > 0 ? `host port ${listed(ports.map(String))} free` : 'the host port free';
}

/** What the containers of a pod request of a resource together: sums of cores or bytes as Kubernetes writes them. */
function requestOf(pod: Pod, resource: string): string | null {
  const values = containersOf(pod.spec).flatMap(
    (one) => one.resources?.requests?.[resource] ?? one.resources?.limits?.[resource] ?? [],
  );
  return values.length === 1 ? (values[0] ?? null) : values.length === 0 ? null : values.join(' + ');
}

function largestNode(
  nodes: readonly Node[],
  resource: string,
): { readonly value: number; readonly text: string } | null {
  const all = nodes.flatMap(({ status }) => {
    const text = status.allocatable?.[resource];
    const value = quantity(text);
    return text === undefined || value === null ? [] : [{ value, text }];
  });
  return all.toSorted((a, b) => b.value - a.value)[0] ?? null;
}

/** Devices that are claimed (DRA): none of the drivers offers what its ResourceClaims ask for. */
function devices(placing: Placing): Case {
  const claims = (placing.pod.spec.resourceClaims ?? []).map(
    (one) => one.resourceClaimName ?? one.resourceClaimTemplateName ?? one.name,
  );
  const need =
    claims.length > 0
      ? `the devices that ResourceClaim ${listed(claims)} asks for`
      : 'the devices that its ResourceClaims ask for';
  return make('unschedulable-resource', placing, need, others(placing.reasons, /claim|device/i));
}

function antiAffinity(placing: Placing): Case {
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

function podAffinity(placing: Placing): Case {
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

function spread(placing: Placing): Case {
  const keys = (placing.pod.spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey }) => topologyKey ?? []);
  return make('unschedulable-spread', placing, listed(keys) || 'topology', others(placing.reasons, /topology/i));
}

function cordons(placing: Placing): Case {
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

function taints(placing: Placing): Case {
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

function volumes(placing: Placing): Case {
  const { reasons } = placing;
  const text = reasons.find((one) => /volume/i.test(one.text))?.text ?? '';
  const missing = /persistentvolumeclaim "([^"]+)" not found/.exec(text)?.[1];
  const claims = (placing.pod.spec.volumes ?? []).flatMap((one) => one.persistentVolumeClaim?.claimName ?? []);
  const need = missing
    ? `its claim ${missing} does not exist`
    : /persistentvolumeclaim "[^"]+" is being deleted/.test(text)
      ? `its claim ${/persistentvolumeclaim "([^"]+)"/.exec(text)?.[1] ?? ''} is being deleted`
      : /node affinity/i.test(text)
        ? `the volume of its claim ${listed(claims)} belongs to other nodes`
        : /max volume count/i.test(text)
          ? 'the nodes have as many volumes as they can hold (max volume count)'
          : /ReadWriteOncePod/.test(text)
            ? `its claim ${listed(claims)} is ReadWriteOncePod and already in use by another pod`
            : `its claim ${listed(claims)} is not bound to a volume${refusalOf(claims, placing)}`;
  return make('unschedulable-volume', placing, need, others(reasons, /volume/i));
}

/** ` (storageclass "fast" not found)`: what was said of its claims last; empty when nothing was. */
function refusalOf(claims: readonly string[], { pod, facts }: Placing): string {
  const said = claims.flatMap((name) =>
    facts.warningsAbout(named('PersistentVolumeClaim', { namespace: pod.metadata.namespace, name })),
  );
  const last = said.at(-1)?.message;
  return last ? ` (${short(last, 140)})` : '';
}
