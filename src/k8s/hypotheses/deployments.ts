import type { Pod } from '../objects.ts';
import { crashCase, statusesOf } from './containers.ts';
import { deploymentOfPod, type Facts, namesOfPod, wasRead } from './facts.ts';
import { type Case, cause, DEPTH, excluded, found, type Hypothesis, object, undecided } from './hypothesis.ts';

/** Runs and is ready, and nobody is deleting it. */
export function isReady(pod: Pod): boolean {
  const ready = pod.status.conditions?.find(({ type }) => type === 'Ready');
  return (
    pod.status.phase === 'Running' &&
    (ready ? ready.status === 'True' : statusesOf(pod).every((one) => one.ready !== false)) &&
    !pod.metadata.deletionTimestamp
  );
}

/** A Deployment none of whose pods is ready, told by its pods. Crashes are told by F8 and explained here. */
function deploymentDown(
  name: string,
  namespace: string,
  facts: Facts,
): { readonly pods: readonly Pod[]; readonly isDown: boolean; readonly line: string } {
  const pods = facts.pods.filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      deploymentOfPod(pod) === name &&
      pod.status.phase !== 'Succeeded' &&
      pod.status.phase !== 'Failed',
  );
  const ready = pods.filter(isReady).length;
  const deployment = facts.deployments.find(
    ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
  );
  const wanted = deployment?.spec.replicas ?? pods.length;
  const available = deployment ? (deployment.status.availableReplicas ?? 0) : ready;
  const isDown = (pods.length > 0 || deployment !== undefined) && wanted > 0 && ready === 0 && available === 0;
  return { pods, isDown, line: `Deployment ${name} in ${namespace}: ${available} of ${wanted} available` };
}

/** A Deployment with no replica that works, and what its pods die of; null while one works. */
export function downCase(
  name: string,
  namespace: string,
  facts: Facts,
  parts: Pick<Case, 'code' | 'areas'> & {
    readonly effect: string;
    readonly next: string;
    readonly touches?: readonly string[];
  },
): Case | null {
  const { pods, isDown, line } = deploymentDown(name, namespace, facts);
  if (!isDown) return null;
  const ends = pods.flatMap((pod) =>
    statusesOf(pod).flatMap(({ name: container, state, lastState }) => {
      const ended = state?.terminated ?? lastState?.terminated;
      if (ended) return [`${container}: ${ended.reason ?? 'Error'}, exit code ${ended.exitCode ?? 'not recorded'}`];
      return state?.waiting?.reason
        ? [`${container}: ${state.waiting.reason}${state.waiting.message ? `: ${state.waiting.message}` : ''}`]
        : [];
    }),
  );
  const crash = pods.flatMap((pod) => statusesOf(pod).flatMap((status) => crashCase(pod, status, facts) ?? []))[0];
  const told =
    crash?.conclusion
      .replace(/ of Deployment \S+/, '')
      .replace(` in ${namespace}`, '')
      .replace(/^C/, 'c')
      .replace(/\.$/, '') ?? ends[0];
  const why = told ? ` (${told})` : '';
  return cause({
    code: parts.code,
    subject: object('Deployment', namespace, name),
    conclusion: `Deployment ${name} in ${namespace} has no available replica${why}: ${parts.effect}.`,
    because: [line, ...(crash?.because ?? ends)].slice(0, 5),
    nextStep: parts.next,
    touches: [name, ...pods.flatMap((pod) => namesOfPod(pod, facts.profile)), ...(parts.touches ?? [])],
    areas: parts.areas,
    depth: DEPTH.control,
  });
}

/** F10: the control plane has no pod that works. What it dies of is told by the container's own case. */
export const controlPlane: Hypothesis = {
  id: 'F10',
  title: 'The control plane of Knative Lambda is down',
  areas: ['control', 'builds', 'eventing', 'metrics'],
  judge(facts) {
    const { controlDeployment: name, controlNamespace: namespace } = facts.profile;
    if (!wasRead(facts, 'pods', namespace)) return undecided(`pods in ${namespace} were not read`);
    const one = downCase(name, namespace, facts, {
      code: 'control-plane-down',
      areas: ['control', 'builds', 'eventing', 'metrics'],
      effect: 'nothing is built or deployed; functions that run keep serving',
      next: 'When it began with a release, roll it back (suspend Flux first); else restart it.',
    });
    if (one) return found([one]);
    const { pods, line } = deploymentDown(name, namespace, facts);
    return pods.length > 0
      ? excluded(`${line}, ${pods.filter(isReady).length} ready`)
      : undecided(`no pod of ${name} was seen`);
  },
};

const DATA_PATH =
  /^(activator|autoscaler|autoscaler-hpa|controller|net-kourier-controller|net-istio-controller|3scale-kourier-gateway|istio-ingressgateway|istiod)$/;
const EFFECTS: Readonly<Record<string, string>> = {
  activator: 'requests to functions scaled to zero hang and fail; warm ones are fine',
  autoscaler: 'nothing scales, and functions at zero stay there',
  '3scale-kourier-gateway': 'no request from outside gets in',
  'istio-ingressgateway': 'no request from outside gets in',
};

/** F14: what stands between a request and its function. */
export const dataPath: Hypothesis = {
  id: 'F14',
  title: 'The activator, autoscaler or gateway is down',
  areas: ['serving', 'functions'],
  judge(facts) {
    const seen = ['knative-serving', 'kourier-system', 'istio-system'].filter((namespace) =>
      wasRead(facts, 'pods', namespace),
    );
    if (seen.length === 0) return undecided('the pods of Knative Serving were not read');
    const names = new Set(
      facts.pods.flatMap((pod) => {
        const deployment = deploymentOfPod(pod);
        return deployment && seen.includes(pod.metadata.namespace ?? '') && DATA_PATH.test(deployment)
          ? [`${pod.metadata.namespace}/${deployment}`]
          : [];
      }),
    );
    const cases = [...names].flatMap((place) => {
      const [namespace = '', name = ''] = place.split('/');
      const one = downCase(name, namespace, facts, {
        code: `${/activator|autoscaler/.exec(name)?.[0] ?? (/gateway/.test(name) ? 'gateway' : 'knative-controller')}-down`,
        areas: ['serving', 'functions', 'metrics'],
        effect: EFFECTS[name] ?? 'changes to Knative objects have no effect',
        next: `Give it memory or replicas, or restart it: kubectl rollout restart deploy/${name} -n ${namespace}`,
      });
      return one ? [{ ...one, depth: DEPTH.platform }] : [];
    });
    return cases.length > 0
      ? found(cases)
      : excluded(`${names.size} Deployments of ${seen.join(', ')} have ready pods`);
  },
};
