import { SERVING_NAMESPACE } from '../../alerts/profile.ts';
import type { Facts } from '../facts/facts.ts';
import { knativeServiceOf, readinessOf, revisionOfPod } from '../subjects/knative.ts';
import { conditionOf, named } from '../subjects/object.ts';
import { isReady, type Pod } from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { conditionLine } from './knative.ts';

/** Harmless conditions that look like an incident; each only for the alerts it can explain. */
export function notIncidentCases(facts: Facts): readonly Case[] {
  return [...scaledToZero(facts), ...staleGauge(facts), ...metricsOff(facts)];
}

const ABOUT_PODS = /not.?ready|no.?pods|inactive|unavailable|replicas|scaled|missing.?pods/i;

/** `Active=False/NoTraffic` is how scale to zero looks (Knative's Revision conditions); the revision is healthy. */
function scaledToZero(facts: Facts): readonly Case[] {
  if (!ABOUT_PODS.test(facts.target.alert)) return [];
  const asked = new Set(facts.target.objects.map(({ name }) => name));
  const revisions = facts.all('Revision').filter(({ metadata }) => asked.has(metadata.name));
  const wanted =
    revisions.length > 0
      ? revisions
      : facts
          .all('Revision')
          .filter(({ metadata }) => asked.has(metadata.labels?.['serving.knative.dev/service'] ?? ''));
  const idle = wanted.filter((one) => {
    const active = conditionOf(one, 'Active');
    return readinessOf(one) === 'true' && active?.status === 'False' && active.reason === 'NoTraffic';
  });
  const [first] = idle;
  if (!first || idle.length < wanted.length) return [];
  const pods = facts.all('Pod').filter((pod) => idle.some(({ metadata }) => revisionOfPod(pod) === metadata.name));
  if (pods.some((pod) => pod.status.phase === 'Pending' || pod.status.phase === 'Failed')) return [];
  const { name } = first.metadata;
  const why = `revision ${name} has no traffic and scaled to zero`;
  return [
    found('scaled-to-zero', {
      subject: named('Revision', first.metadata),
      parts: { why, name },
      because: ['Ready', 'Active'].flatMap((type) => conditionOf(first, type) ?? []).map(conditionLine),
      noIncident: why,
    }),
  ];
}

const ABOUT_PHASE = /deploying|phase|functions?.?(?:stuck|failed|pending|not.?ready)/i;

/** A gauge by phase keeps its last value until the operator restarts; the objects themselves tell the truth. */
function staleGauge(facts: Facts): readonly Case[] {
  const { alert, namespace, names } = facts.target;
  if (!ABOUT_PHASE.test(alert) || facts.coverage('LambdaFunction', namespace) !== 'whole') return [];
  const wanted = facts
    .within('LambdaFunction', namespace)
    .filter(({ metadata }) => names.size === 0 || names.has(metadata.name));
  const ready = wanted.filter((one) => one.status.phase === 'Ready' && readinessOf(one) !== 'false');
  if (wanted.length === 0 || ready.length < wanted.length) return [];
  const isIll = (pod: Pod) => knativeServiceOf(pod) !== null && pod.status.phase === 'Running' && !isReady(pod);
  if (facts.all('KnativeService').some((one) => readinessOf(one) === 'false') || facts.all('Pod').some(isIll))
    return [];
  const why = `${wanted.length === 1 ? 'the only function is' : `all ${wanted.length} functions are`} in phase Ready; the gauge is stale`;
  const [first] = wanted;
  return [
    found('stale-gauge', {
      subject: named('LambdaFunction', first?.metadata ?? { name: alert, namespace }),
      affects: facts.target.objects,
      parts: { why, name: alert },
      because: wanted.slice(0, 5).map(({ metadata, status }) => `${metadata.name}: phase ${status.phase}`),
      noIncident: why,
    }),
  ];
}

/** From 1.19 on Knative exports through OpenTelemetry and nothing until `config-observability` says so (docs/platform: metrics). */
function metricsOff(facts: Facts): readonly Case[] {
  const { topics, alert } = facts.target;
  if (!topics.has('metrics') || !/absent|missing|metrics/i.test(alert)) return [];
  const namespace = topics.has('serving') ? SERVING_NAMESPACE : facts.profile.controlNamespace;
  if (facts.coverage('Pod', namespace) !== 'whole') return [];
  const pods = facts
    .within('Pod', namespace)
    .filter((pod) => pod.status.phase !== 'Succeeded' && knativeServiceOf(pod) === null);
  if (pods.length === 0 || !pods.every(isReady)) return [];
  const version = [...facts.within('Deployment', namespace), ...pods]
    .flatMap(({ metadata }) => metadata.labels?.['app.kubernetes.io/version'] ?? [])
    .find((one) => /^v?\d+\.\d+/.test(one));
  const isOff = namespace === SERVING_NAMESPACE && Number(/^v?1\.(\d+)/.exec(version ?? '')?.[1] ?? Number.NaN) >= 19;
  const why = `${pods.length === 1 ? `the only pod in ${namespace} is` : `all ${pods.length} pods in ${namespace} are`} ready; only the metrics are missing${namespace === SERVING_NAMESPACE ? ' (Knative exports none from 1.19 on until config-observability says so)' : ''}`;
  return [
    found('metrics-off', {
      subject: named('Namespace', { name: namespace }),
      affects: [...facts.target.objects, ...pods.slice(0, 1).map(({ metadata }) => named('Pod', metadata))],
      confidence: isOff ? 'confirmed' : 'likely',
      parts: { why, name: namespace },
      because: [
        `${pods.length} of ${pods.length} pods in ${namespace} are ready`,
        ...(version ? [`version ${version}`] : []),
      ],
      noIncident: why,
    }),
  ];
}
