import { z } from 'zod';
import {
  type Condition,
  conditionOf,
  conditions,
  count,
  flag,
  labelSelector,
  listOf,
  metadata,
  text,
} from './object.ts';
import { container, type Pod } from './pod.ts';

const target = z.object({ revisionName: text, latestRevision: flag, percent: count, tag: text });
export type TrafficTarget = z.output<typeof target>;

const destination = z
  .object({
    ref: z.object({ apiVersion: text, kind: text, name: text, namespace: text }).optional().catch(undefined),
    uri: text,
  })
  .optional()
  .catch(undefined);

/** Knative's objects, LambdaFunctions and cert-manager's Certificates, as far as we read them; what another kind lacks is undefined. */
export const knativeObject = z.object({
  kind: text,
  metadata,
  spec: z
    .object({
      traffic: listOf(target),
      containers: listOf(container),
      /** Of a Trigger: the Broker it takes events from, who gets them, and where the undelivered go. */
      broker: text,
      subscriber: destination,
      delivery: z.object({ deadLetterSink: destination, retry: count }).optional().catch(undefined),
      secretName: text,
      selector: labelSelector,
    })
    .catch({}),
  status: z
    .object({
      observedGeneration: count,
      conditions,
      url: text,
      latestCreatedRevisionName: text,
      latestReadyRevisionName: text,
      traffic: listOf(target),
      actualReplicas: count,
      desiredReplicas: count,
      actualScale: count,
      desiredScale: count,
      phase: text,
      notAfter: text,
      renewalTime: text,
      version: text,
      deadLetterSinkUri: text,
      subscriberUri: text,
      buildStatus: z.object({ jobName: text, error: text }).optional().catch(undefined),
    })
    .catch({}),
});
export type KnativeObject = z.output<typeof knativeObject>;

/** Percent of the traffic a revision gets, by name. */
export function trafficOf(of: KnativeObject | null): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { revisionName, percent = 0 } of of?.status.traffic ?? [])
    if (revisionName) shares.set(revisionName, (shares.get(revisionName) ?? 0) + percent);
  return shares;
}

/** The revision a pod serves; null for a pod of none. */
export function revisionOfPod(of: Pod): string | null {
  return of.metadata.labels?.['serving.knative.dev/revision'] ?? null;
}

/** The Knative Service that a pod or a revision serves; null for one of none. */
export function knativeServiceOf(of: Pick<Pod, 'metadata'>): string | null {
  const labels = of.metadata.labels ?? {};
  return labels['serving.knative.dev/service'] ?? labels['serving.knative.dev/configuration'] ?? null;
}

/**
 * `false`: its controller says that it does not work. `unknown`: it has not decided yet, which is neither ready nor broken
 * (https://github.com/knative/specs/blob/main/specs/serving/knative-api-specification-1.0.md#error-signalling).
 */
export function readinessOf(of: KnativeObject): 'true' | 'false' | 'unknown' {
  const ready = conditionOf(of, 'Ready') ?? conditionOf(of, 'Succeeded');
  return ready?.status === 'True' ? 'true' : ready?.status === 'False' ? 'false' : 'unknown';
}

/** Conditions that are False and weigh (severity `Info` and Active=False of an idle revision do not), the root first: `Ready` repeats the others. */
export function brokenConditions(of: KnativeObject): readonly Condition[] {
  const broken = (of.status.conditions ?? []).filter((one) => one.status === 'False' && one.type !== 'Active');
  return broken.toSorted((a, b) => Number(a.type === 'Ready') - Number(b.type === 'Ready'));
}

/** Whether a namespace is one where Knative Serving and its gateways run, by the names their releases give it. */
export function isServingNamespace(namespace: string | null): boolean {
  return namespace !== null && /^(?:knative-serving|kourier-system|istio-system)$/.test(namespace);
}
