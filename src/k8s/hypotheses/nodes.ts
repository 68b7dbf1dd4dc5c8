import { counted } from '../../incidents/counted.ts';
import { conditionLine } from '../conditions.ts';
import type { Node, Pod } from '../objects.ts';
import { besideAlert, type Facts, namesOfPod, timeOf, wasRead } from './facts.ts';
import { failedBuilds } from './failedBuilds.ts';
import { type Case, cause, DEPTH, excluded, found, type Hypothesis, object, several, undecided } from './hypothesis.ts';

const LOW = /low on resource: ([\w-]+)/;

/** F15: a node under pressure or not ready, and what it evicted. */
export const nodePressure: Hypothesis = {
  id: 'F15',
  title: 'A node is under pressure or not ready',
  areas: ['nodes', 'builds', 'functions', 'storage', 'control', 'serving', 'eventing'],
  judge(facts) {
    const troubled = facts.nodes.filter((node) => troubles(node).length > 0);
    const evicted = evictedPods(facts);
    const nodes = new Set([
      ...troubled.map(({ metadata }) => metadata.name),
      ...evicted.flatMap((pod) => pod.spec.nodeName ?? []),
    ]);
    const cases = [...nodes].map((name) => nodeCase(name, evicted, facts));
    const homeless = evicted.filter((pod) => !pod.spec.nodeName);
    if (homeless[0]) cases.push(evictionCase(homeless, facts));
    if (cases.length > 0) return found(cases);
    if (!wasRead(facts, 'nodes'))
      return wasRead(facts, 'pods')
        ? undecided('no pod was evicted; nodes were not read')
        : undecided('nodes were not read');
    return excluded(
      `${counted(facts.nodes.length, 'node is', 'nodes are')} Ready without pressure, and no pod was evicted`,
    );
  },
};

/** Conditions of a node that are not as they should be. */
export function troubles(node: Node): readonly string[] {
  return (node.status.conditions ?? []).flatMap((one) => {
    const bad =
      one.type === 'Ready'
        ? one.status !== 'True'
        : /Pressure$|NetworkUnavailable|Deadlock|ReadonlyFilesystem/.test(one.type) && one.status === 'True';
    return bad ? [conditionLine(one)] : [];
  });
}

function evictedPods(facts: Facts): readonly Pod[] {
  return facts.pods.filter((pod) => {
    if (pod.status.reason !== 'Evicted') return false;
    const at = timeOf(pod.status.startTime) ?? timeOf(pod.metadata.creationTimestamp);
    const event = facts.events.some(
      ({ reason, involvedObject }) => reason === 'Evicted' && involvedObject.name === pod.metadata.name,
    );
    // An evicted pod stays until it is collected: only those of the window count, by their event, end or start.
    const ended = (pod.status.conditions ?? []).map((one) => timeOf(one.lastTransitionTime) ?? 0);
    return event || Math.max(at ?? 0, ...ended) >= facts.target.from;
  });
}

function nodeCase(name: string, evicted: readonly Pod[], facts: Facts): Case {
  const node = facts.nodes.find(({ metadata }) => metadata.name === name);
  const pods = evicted.filter((pod) => pod.spec.nodeName === name);
  const bad = (node?.status.conditions ?? []).filter((one) =>
    one.type === 'Ready' ? one.status !== 'True' : one.status === 'True',
  );
  const resource = LOW.exec(pods[0]?.status.message ?? '')?.[1];
  const pressure = bad.map(({ type }) => (type === 'Ready' ? 'not ready' : `under ${words(type)}`));
  const state = pressure.length > 0 ? `is ${pressure.join(' and ')}` : `was low on ${resource ?? 'a resource'}`;
  const since = bad.flatMap((one) => timeOf(one.lastTransitionTime) ?? [])[0];
  const owners = [...new Set(pods.map((pod) => whoOf(pod, facts)))];
  return cause({
    code: bad.some(({ type }) => type === 'Ready') ? 'node-not-ready' : 'node-pressure',
    subject: object('Node', null, name),
    conclusion: `Node ${name} ${state}${pods.length > 0 ? ` and evicted ${several(owners)}` : ''}.`,
    because: [
      ...bad.map(conditionLine),
      ...(since === undefined ? [] : [`since ${new Date(since).toISOString()}, ${besideAlert(since, facts.target)}`]),
      ...pods.slice(0, 2).map((pod) => `Pod ${pod.metadata.name}: Evicted: ${pod.status.message ?? ''}`),
      ...nodeEvents(name, facts),
    ].slice(0, 5),
    nextStep:
      pods.length === 0 && bad.every(({ type }) => type === 'Ready')
        ? `Is the machine up, and its kubelet? What ran there moves to other nodes after five minutes: /lambda diag nodes ${name}`
        : `Cordon ${name}, limit how many builds run at once, and raise requests that lie far below real use: /lambda diag nodes`,
    touches: [name, ...pods.flatMap((pod) => namesOfPod(pod, facts.profile)), ...buildsOn(name, facts)],
    areas: ['nodes', 'builds', 'functions', 'storage', 'control', 'serving', 'eventing'],
    depth: DEPTH.node,
    count: 1,
    against: node && bad.length === 0 ? ['the node shows no pressure any more'] : [],
  });
}

/** Without a node's name (it may be gone) the evicted pods themselves tell. */
function evictionCase(pods: readonly Pod[], facts: Facts): Case {
  const first = pods[0];
  return cause({
    code: 'pod-evicted',
    subject: object('Pod', first?.metadata.namespace, first?.metadata.name ?? ''),
    count: pods.length,
    conclusion: `${several(pods.map((pod) => whoOf(pod, facts)))} ${pods.length === 1 ? 'was' : 'were'} evicted: the node was low on ${LOW.exec(first?.status.message ?? '')?.[1] ?? 'a resource'}.`,
    because: pods.slice(0, 3).map((pod) => `Pod ${pod.metadata.name}: Evicted: ${pod.status.message ?? ''}`),
    nextStep: '/lambda diag nodes',
    touches: pods.flatMap((pod) => namesOfPod(pod, facts.profile)),
    areas: ['nodes', 'builds', 'functions', 'storage'],
    depth: DEPTH.platform,
  });
}

function whoOf(pod: Pod, facts: Facts): string {
  const build = failedBuilds(facts).find(({ pods }) => pods.includes(pod));
  return build ? `the build of ${build.name}` : pod.metadata.name;
}

function buildsOn(node: string, facts: Facts): readonly string[] {
  return failedBuilds(facts)
    .filter(({ cause: why, pods }) => why?.id === 'F15' && pods.some((pod) => pod.spec.nodeName === node))
    .flatMap(({ job, name }) => [job, name]);
}

function nodeEvents(name: string, facts: Facts): readonly string[] {
  return facts.events
    .filter(
      ({ involvedObject, reason }) =>
        involvedObject.kind === 'Node' &&
        involvedObject.name === name &&
        /Eviction|Insufficient|Pressure|NotReady|SystemOOM/.test(reason ?? ''),
    )
    .slice(-2)
    .map(({ reason, message }) => `${reason}: ${message ?? ''}`);
}

function words(type: string): string {
  return type.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}
