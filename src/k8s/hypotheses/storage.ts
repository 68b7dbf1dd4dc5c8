import { conditionLine, conditionOf } from '../conditions.ts';
import type { Event, Pod } from '../objects.ts';
import { statusesOf } from './containers.ts';
import { isReady } from './deployments.ts';
import { type Facts, namesOfPod, wasRead } from './facts.ts';
import { failedBuilds } from './failedBuilds.ts';
import { type Case, cause, DEPTH, excluded, found, type Hypothesis, object, several, undecided } from './hypothesis.ts';

const STORE_ERROR =
  /(?:minio|:9000|s3\.|bucket|object store|read object).{0,400}(?:connection refused|i\/o timeout|no such host|deadline exceeded|connection reset|no route to host|503)|could not connect to the endpoint URL/i;
const VOLUME = /^(FailedMount|FailedAttachVolume|FailedMapVolume|VolumeResizeFailed|ProvisioningFailed)$/;

/** F9: the storage of sources has no pod that serves, or its volume is not there. */
export const storage: Hypothesis = {
  id: 'F9',
  title: 'The storage of sources (MinIO) is down or unreachable',
  areas: ['storage', 'builds', 'control'],
  judge(facts) {
    const namespace = facts.profile.storageNamespace;
    const asked = storageErrors(facts);
    if (!wasRead(facts, 'pods', namespace)) {
      if (asked.length === 0)
        return wasRead(facts, 'pods')
          ? excluded('nothing that was read complains about storage')
          : undecided('storage was not read');
      return found([unreachable(asked, ['the storage’s own pods were not read'], 'likely', facts)]);
    }
    const pods = facts.pods.filter(
      (pod) =>
        pod.metadata.namespace === namespace && pod.status.phase !== 'Succeeded' && pod.status.reason !== 'Evicted',
    );
    if (pods.length === 0 && facts.target.namespace !== namespace)
      return asked.length === 0
        ? excluded(`there are no pods in ${namespace}, and nobody complains about storage`)
        : found([
            unreachable(asked, [`there are no pods in ${namespace}: is the storage elsewhere?`], 'likely', facts),
          ]);
    const serving = pods.filter(isReady);
    const claims = facts.claims.filter(
      ({ metadata, status }) => metadata.namespace === namespace && status.phase !== 'Bound',
    );
    if (serving.length > 0 && claims.length === 0) {
      if (asked.length === 0)
        return excluded(`${serving.length} of ${pods.length} pods in ${namespace} are ready, and nobody complains`);
      return found([
        unreachable(
          asked,
          [
            `${serving.length} of ${pods.length} pods in ${namespace} are ready: network, DNS or a NetworkPolicy between`,
          ],
          'likely',
          facts,
        ),
      ]);
    }
    return found([
      down(
        pods,
        claims.map(({ metadata }) => metadata.name),
        asked,
        facts,
      ),
    ]);
  },
};

interface Complaint {
  readonly who: readonly string[];
  readonly line: string;
}

/** Who cannot reach storage: failed builds, functions whose source cannot be fetched, the control plane's log. */
function storageErrors(facts: Facts): readonly Complaint[] {
  const builds = failedBuilds(facts)
    .filter(({ cause: why }) => why?.code === 'storage-unreachable')
    .map(({ job, name, pods, because }) => ({
      who: [job, name, ...pods.map(({ metadata }) => metadata.name)],
      line: because[0] ?? '',
    }));
  const functions = facts.functions.flatMap((one) => {
    const ready = conditionOf(one, 'SourceReady');
    return ready?.status === 'False' && STORE_ERROR.test(ready.message ?? '')
      ? [{ who: [one.metadata.name], line: conditionLine(ready) }]
      : [];
  });
  const logs = facts.logs.flatMap((log) => {
    const line = log.lines.findLast(
      ({ text, at }) => STORE_ERROR.test(text) && (at === null || at >= facts.target.from),
    );
    return line ? [{ who: [log.pod], line: line.text }] : [];
  });
  return [...builds, ...functions, ...logs];
}

function down(pods: readonly Pod[], claims: readonly string[], asked: readonly Complaint[], facts: Facts): Case {
  const { storageNamespace: namespace } = facts.profile;
  const volume = facts.events.filter(
    ({ reason, involvedObject }) => VOLUME.test(reason ?? '') && (involvedObject.namespace ?? namespace) === namespace,
  );
  const subject = pods[0];
  const why = volumeWords(volume, claims) ?? stateOf(pods);
  return cause({
    code: volume.length > 0 || claims.length > 0 ? 'storage-volume' : 'storage-down',
    subject: subject ? object('Pod', namespace, subject.metadata.name) : object('Namespace', null, namespace),
    conclusion: `The storage of sources in ${namespace} has no ready pod: ${why}.`,
    because: [
      ...volume.map((one) => `${one.reason}: ${one.message}`),
      ...pods.map(podLine),
      ...asked.map(({ line }) => line),
    ].slice(0, 5),
    nextStep:
      volume.length > 0
        ? 'Wait: attaching is repeated by itself. Do not touch the volume; builds go on when it is back.'
        : 'Look at the storage: /lambda diag storage',
    touches: [...pods.flatMap((pod) => namesOfPod(pod, facts.profile)), namespace, ...asked.flatMap(({ who }) => who)],
    areas: ['storage', 'builds', 'control', 'functions'],
    depth: DEPTH.platform,
  });
}

function volumeWords(volume: readonly Event[], claims: readonly string[]): string | null {
  const text = volume.map(({ message }) => message ?? '').join('\n');
  if (/Multi-Attach|already (?:exclusively )?attached|already used by pod/i.test(text))
    return 'its volume is still attached to another node and cannot be attached here';
  if (volume.some(({ reason }) => reason === 'FailedAttachVolume')) return 'its volume cannot be attached';
  if (volume.some(({ reason }) => reason === 'ProvisioningFailed')) return 'its volume cannot be provisioned';
  if (volume.length > 0) return 'its volume cannot be mounted';
  return claims.length > 0 ? `volume claim ${several(claims)} is not bound` : null;
}

function stateOf(pods: readonly Pod[]): string {
  if (pods.length === 0) return 'there are no pods';
  const reasons = pods.flatMap((pod) =>
    statusesOf(pod).flatMap(
      ({ state, lastState }) =>
        state?.waiting?.reason ?? state?.terminated?.reason ?? lastState?.terminated?.reason ?? [],
    ),
  );
  return reasons.length > 0
    ? [...new Set(reasons)].join(', ')
    : `${pods[0]?.metadata.name} is ${pods[0]?.status.phase ?? 'not ready'}`;
}

function podLine(pod: Pod): string {
  const waiting = statusesOf(pod).flatMap(({ name, state }) =>
    state?.waiting?.reason ? [`${name}: ${state.waiting.reason}`] : [],
  );
  return `Pod ${pod.metadata.name}: ${pod.status.phase ?? 'phase unknown'}${waiting.length > 0 ? ` (${waiting.join(', ')})` : ', not ready'}`;
}

function unreachable(asked: readonly Complaint[], more: readonly string[], confidence: 'likely', facts: Facts): Case {
  return cause({
    code: 'storage-unreachable',
    confidence,
    subject: object('Namespace', null, facts.profile.storageNamespace),
    conclusion: 'The storage of sources cannot be reached by those who need it.',
    because: [...asked.map(({ line }) => line).slice(0, 3), ...more],
    nextStep: 'Look at the storage: /lambda diag storage',
    touches: asked.flatMap(({ who }) => who),
    areas: ['storage', 'builds', 'control', 'functions'],
    depth: DEPTH.control,
  });
}
