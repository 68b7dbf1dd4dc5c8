import { deploymentOfPod, type Facts, functionOfJob, isBuild, jobOfPod, timeOf } from './facts.ts';
import { failedBuilds } from './failedBuilds.ts';
import { type Kind, keyOf, type Wanted } from './reads.ts';

const STORE = /minio|:9000|\bs3\b|bucket|object store|endpoint URL|read object/i;
const NETWORK = /connection refused|timeout|timed out|no such host|deadline exceeded|could not connect|reset by peer/i;

/**
 * What is worth reading next for what was seen so far, the most telling first: the node behind evictions and volumes,
 * the storage or webhook somebody complains about, the quota that refused, what changed before a crash.
 */
export function followUps(facts: Facts): readonly Wanted[] {
  const { profile, target } = facts;
  const wanted: Wanted[] = [];
  const want = (kind: Kind, namespace: string | null, more: Partial<Wanted> = {}) => {
    const one = { kind, namespace, ...more };
    if (!facts.read.has(keyOf(one)) && !wanted.some((other) => keyOf(other) === keyOf(one))) wanted.push(one);
  };
  const warnings = (namespace: string | null) => want('events', namespace, { fieldSelector: 'type=Warning' });
  const texts = textsOf(facts);
  const evicted = facts.pods.some(({ status }) => status.reason === 'Evicted');
  const volume = facts.events.some(({ reason }) =>
    /^Failed(Mount|AttachVolume|MapVolume)$|NodeNotReady|Evict|SystemOOM/.test(reason ?? ''),
  );
  const lost = facts.pods.some(({ status }) => status.reason === 'NodeLost' || status.phase === 'Unknown');
  if (evicted || volume || lost || facts.pods.some(killedFromOutside)) want('nodes', null);
  if (facts.events.some(({ message }) => /exceeded quota/.test(message ?? ''))) {
    const place = facts.events.find(({ message }) => /exceeded quota/.test(message ?? ''))?.involvedObject.namespace;
    want('resourcequotas', place ?? profile.buildsNamespace);
  }
  if (texts.some((text) => STORE.test(text) && NETWORK.test(text))) {
    want('pods', profile.storageNamespace);
    warnings(profile.storageNamespace);
  }
  const webhook = texts
    .map((text) => /failed calling webhook.{0,300}?https:\/\/[\w-]+\.([\w-]+)\.svc/.exec(text)?.[1])
    .find(Boolean);
  if (webhook) want('pods', webhook);
  for (const place of crashPlaces(facts)) want('replicasets', place);
  const service = facts.pods.find((pod) => pod.metadata.labels?.['serving.knative.dev/revision'] && unhealthy(pod));
  const serving = service?.metadata.namespace ?? target.namespace ?? profile.controlNamespace;
  if (service || (target.topics.has('functions') && target.functions.length > 0)) {
    want('revisions', serving);
    want('services', serving);
  }
  if (target.topics.has('builds') && target.functions.length > 0 && built(facts)) {
    want('services', profile.controlNamespace);
    want('triggers', profile.controlNamespace);
  }
  if (
    facts.triggers.some(({ status }) =>
      status.conditions?.some((one) => one.status === 'False' && /not found/.test(one.message ?? '')),
    )
  ) {
    want('services', profile.controlNamespace);
    want('jobs', profile.buildsNamespace);
  }
  // Where the lists of the alert's own place show nothing, the control plane's trouble may be behind it.
  if (target.topics.has('builds') && failedBuilds(facts).length === 0) want('pods', profile.controlNamespace);
  if (target.topics.has('builds') && facts.pods.some(({ status }) => status.phase === 'Pending'))
    want('jobs', profile.buildsNamespace);
  if (target.topics.has('storage')) want('persistentvolumeclaims', profile.storageNamespace);
  return wanted;
}

type Pods = Facts['pods'][number];

function killedFromOutside({ status }: Pods): boolean {
  return [...(status.containerStatuses ?? [])].some(
    ({ state }) => state?.terminated?.exitCode === 137 && state.terminated.reason !== 'OOMKilled',
  );
}

export function unhealthy(pod: Pods): boolean {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const bad = statuses.some(
    ({ state, lastState, ready }) =>
      state?.waiting !== undefined ||
      (state?.terminated?.exitCode ?? 0) !== 0 ||
      (lastState?.terminated?.exitCode ?? 0) !== 0 ||
      (ready === false && state?.running !== undefined),
  );
  return bad || pod.status.phase === 'Failed' || pod.status.phase === 'Pending';
}

/** Every text that was read and may name another part of the platform. */
function textsOf(facts: Facts): readonly string[] {
  return [
    ...facts.logs.flatMap(({ lines }) => lines.slice(-60).map(({ text }) => text)),
    ...[...facts.functions, ...facts.services].flatMap(({ status }) =>
      (status.conditions ?? []).map(({ message }) => message ?? ''),
    ),
    ...facts.events.map(({ message }) => message ?? ''),
  ];
}

/** Namespaces of Deployments whose pods crash: their ReplicaSets tell what was rolled out. */
function crashPlaces(facts: Facts): readonly string[] {
  const places = facts.pods.flatMap((pod) => {
    const crashes = (pod.status.containerStatuses ?? []).some(
      ({ restartCount, ready }) => (restartCount ?? 0) > 0 && ready === false,
    );
    const isFunction = pod.metadata.labels?.['serving.knative.dev/service'] !== undefined;
    return crashes && !isFunction && deploymentOfPod(pod) !== null && jobOfPod(pod) === null
      ? [pod.metadata.namespace ?? '']
      : [];
  });
  return [...new Set(places)].filter(Boolean).slice(0, 2);
}

function built(facts: Facts): boolean {
  return facts.jobs.some((job) => {
    const name = functionOfJob(job, facts.profile);
    return (
      isBuild(job, facts.profile) &&
      timeOf(job.status.completionTime) !== null &&
      name !== null &&
      facts.target.functions.includes(name)
    );
  });
}
