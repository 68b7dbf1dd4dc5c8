import { conditionLine, conditionOf } from '../conditions.ts';
import { isReady } from './deployments.ts';
import { type Facts, functionOfPod, wasRead } from './facts.ts';
import { type Case, cause, DEPTH, excluded, found, type Hypothesis, object, several } from './hypothesis.ts';

/** What looks like an incident and is none; each only for the alerts it can explain. */
export const notAnIncident: Hypothesis = {
  id: 'D',
  title: 'Nothing is wrong but the alert',
  areas: [],
  judge(facts) {
    const cases = [scaledToZero(facts), staleGauge(facts), metricsOff(facts)].filter((one) => one !== null);
    return cases.length > 0 ? found(cases) : excluded('none of the known false alarms fits');
  },
};

const ABOUT_PODS = /not.?ready|no.?pods|inactive|unavailable|replicas|scaled|missing.?pods/i;

/** `Active=False/NoTraffic` is how scale to zero looks (Knative's Revision conditions); the revision is healthy. */
function scaledToZero(facts: Facts): Case | null {
  if (!ABOUT_PODS.test(facts.target.alert)) return null;
  const wanted = facts.revisions.filter(({ metadata }) => {
    const service = metadata.labels?.['serving.knative.dev/service'];
    const revisions = [...facts.target.names].filter((name) => /-\d{5}$/.test(name));
    return revisions.length > 0
      ? revisions.includes(metadata.name)
      : service !== undefined && facts.target.functions.includes(service);
  });
  const idle = wanted.filter((one) => {
    const active = conditionOf(one, 'Active');
    return conditionOf(one, 'Ready')?.status === 'True' && active?.status === 'False' && active.reason === 'NoTraffic';
  });
  const [first] = idle;
  if (!first || idle.length < wanted.length) return null;
  const pods = facts.pods.filter((pod) =>
    idle.some(({ metadata }) => pod.metadata.labels?.['serving.knative.dev/revision'] === metadata.name),
  );
  if (pods.some((pod) => pod.status.phase === 'Pending' || pod.status.phase === 'Failed')) return null;
  const name = first.metadata.name;
  const why = `revision ${name} has no traffic and scaled to zero`;
  return cause({
    code: 'scaled-to-zero',
    level: 'notice',
    subject: object('Revision', first.metadata.namespace, name),
    conclusion: `Nothing is wrong: ${why}.`,
    because: ['Ready', 'Active'].flatMap((type) => conditionOf(first, type) ?? []).map(conditionLine),
    nextStep: 'Dismiss it, and let the rule ask for Ready instead of pods.',
    touches: [...facts.target.names, name],
    areas: ['functions', 'serving'],
    depth: DEPTH.symptom,
    noIncident: why,
  });
}

const ABOUT_PHASE = /deploying|phase|functions?.?(?:stuck|failed|pending|not.?ready)/i;

/** A gauge by phase keeps its last value until the operator restarts; the objects themselves tell the truth. */
function staleGauge(facts: Facts): Case | null {
  const { alert, namespace, names } = facts.target;
  if (!ABOUT_PHASE.test(alert) || !wasRead(facts, 'lambdafunctions') || facts.functions.length === 0) return null;
  const wanted = facts.functions.filter(
    ({ metadata }) =>
      (namespace === null || metadata.namespace === namespace) && (names.size === 0 || names.has(metadata.name)),
  );
  const ready = wanted.filter(
    ({ status }) =>
      status.phase === 'Ready' && !status.conditions?.some((one) => one.type === 'Ready' && one.status === 'False'),
  );
  if (wanted.length === 0 || ready.length < wanted.length) return null;
  const services = facts.services.filter((one) => conditionOf(one, 'Ready')?.status === 'False');
  const pods = facts.pods.filter(
    (pod) => functionOfPod(pod, facts.profile) !== null && pod.status.phase === 'Running' && !isReady(pod),
  );
  if (services.length > 0 || pods.length > 0) return null;
  const why = `${wanted.length === 1 ? 'the only function is' : `all ${wanted.length} functions are`} in phase Ready; the gauge is stale`;
  return cause({
    code: 'stale-gauge',
    level: 'notice',
    subject: object('Namespace', null, namespace ?? 'all'),
    conclusion: `Nothing is wrong: ${why}.`,
    because: [
      `LambdaFunctions in phase Ready: ${several(
        ready.map(({ metadata }) => metadata.name),
        6,
      )}`,
    ],
    nextStep: 'Dismiss it; the gauge is set anew when the operator restarts.',
    touches: [...names],
    areas: ['functions'],
    depth: DEPTH.symptom,
    noIncident: why,
  });
}

/** From 1.19 on Knative exports through OpenTelemetry and nothing until `config-observability` says so. */
function metricsOff(facts: Facts): Case | null {
  if (!facts.target.topics.has('metrics') || !/absent|missing|metrics/i.test(facts.target.alert)) return null;
  const namespace = facts.target.topics.has('serving') ? 'knative-serving' : facts.profile.controlNamespace;
  if (!wasRead(facts, 'pods', namespace)) return null;
  const pods = facts.pods.filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      pod.status.phase !== 'Succeeded' &&
      functionOfPod(pod, facts.profile) === null,
  );
  if (pods.length === 0 || !pods.every(isReady)) return null;
  const version = [...facts.deployments, ...pods]
    .flatMap(({ metadata }) =>
      metadata.namespace === namespace ? (metadata.labels?.['app.kubernetes.io/version'] ?? []) : [],
    )
    .find((one) => /^v?\d+\.\d+/.test(one));
  const minor = Number(/^v?1\.(\d+)/.exec(version ?? '')?.[1] ?? Number.NaN);
  const isOff = namespace === 'knative-serving' && minor >= 19;
  const why = `${pods.length === 1 ? `the only pod in ${namespace} is` : `all ${pods.length} pods in ${namespace} are`} ready; only the metrics are missing`;
  return cause({
    code: 'metrics-off',
    level: 'notice',
    confidence: isOff ? 'confirmed' : 'likely',
    subject: object('Namespace', null, namespace),
    conclusion: `Nothing is down: ${why}${namespace === 'knative-serving' ? ' (Knative exports none from 1.19 on until config-observability says so)' : ''}.`,
    because: [
      `${pods.length} of ${pods.length} pods in ${namespace} are ready`,
      ...(version ? [`version ${version}`] : []),
    ],
    nextStep:
      'Turn the metrics on in ConfigMap config-observability and restart the components; else look at the scrape.',
    touches: [...facts.target.names],
    areas: ['metrics', 'serving'],
    depth: DEPTH.symptom,
    noIncident: why,
  });
}
