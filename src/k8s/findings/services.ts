import { z } from 'zod';
import { counted } from '../../incidents/counted.ts';
import type { Finding } from '../../incidents/evidence.ts';
import { type Claim, type Endpoints, type Event, metadata, type Pod, type Workload } from '../objects.ts';
import { finding, nameOf } from './finding.ts';

/** A Service or headless Service whose selector finds no pod that is ready. */
export function endpointFindings(
  endpoints: readonly Endpoints[],
  used: ReadonlySet<string> = new Set(),
): readonly Finding[] {
  return endpoints.flatMap((one) => {
    const ready = (one.subsets ?? []).some(({ addresses }) => (addresses ?? []).length > 0);
    // Leases of old leader elections are Endpoints as well, and never have an address.
    if (ready || one.metadata.annotations?.['control-plane.alpha.kubernetes.io/leader']) return [];
    const name = `${one.metadata.namespace}/${one.metadata.name}`;
    return [
      finding({
        code: used.has(name) ? 'webhook-without-endpoints' : 'service-without-endpoints',
        level: used.has(name) ? 'critical' : 'warning',
        subject: nameOf('Service', one.metadata),
        conclusion: `Service ${one.metadata.name} has no endpoints: none of the pods it selects is ready${used.has(name) ? ', and an admission webhook needs it' : ''}.`,
        because: [`Endpoints ${one.metadata.name}: no ready addresses`],
        nextStep: `/lambda diag pods -n ${one.metadata.namespace}`,
      }),
    ];
  });
}

/** Volume claims that are not bound, with the provisioner's own words. */
export function claimFindings(claims: readonly Claim[], events: readonly Event[]): readonly Finding[] {
  return claims.flatMap((one) => {
    const { phase } = one.status;
    if (phase === 'Bound' || phase === undefined) return [];
    const told = events.findLast(
      ({ involvedObject: of }) => of.kind === 'PersistentVolumeClaim' && of.name === one.metadata.name,
    );
    const waits = told?.reason === 'WaitForFirstConsumer' || told?.reason === 'WaitForPodScheduled';
    const { name } = one.metadata;
    return [
      finding({
        code: phase === 'Lost' ? 'claim-lost' : waits ? 'claim-waits' : 'claim-pending',
        level: waits ? 'notice' : 'critical',
        subject: nameOf('PersistentVolumeClaim', one.metadata),
        conclusion:
          phase === 'Lost'
            ? `Volume claim ${name} has lost its volume.`
            : waits
              ? `Volume claim ${name} waits for a pod that uses it, as its storage class wants.`
              : `Volume claim ${name} is not bound${one.spec.storageClassName ? ` (storage class ${one.spec.storageClassName})` : ' and names no storage class'}.`,
        because: told ? [`${told.reason}: ${told.message ?? ''}`] : [`phase ${phase}`],
        nextStep:
          phase === 'Lost'
            ? 'Do not delete it: its data may still be on the volume.'
            : 'Does the storage class exist, and does its provisioner run?',
      }),
    ];
  });
}

/** Deployments with fewer available replicas than wanted, with what their pods show. */
export function deploymentFindings(
  deployments: readonly Workload[],
  why: (one: Workload) => readonly string[],
): readonly Finding[] {
  return deployments.flatMap((one) => {
    const wanted = one.spec.replicas ?? 1;
    const available = one.status.availableReplicas ?? 0;
    if (wanted === 0 || available >= wanted) return [];
    const { name, namespace } = one.metadata;
    return [
      finding({
        code: available === 0 ? 'deployment-down' : 'deployment-short',
        level: available === 0 ? 'critical' : 'warning',
        subject: nameOf('Deployment', one.metadata),
        conclusion: `Deployment ${name} has ${available} of ${wanted} replicas available.`,
        because: [
          ...why(one),
          ...(one.status.conditions ?? [])
            .filter(({ status }) => status === 'False')
            .map(({ type, reason, message }) => `${type}=False/${reason ?? ''}: ${message ?? ''}`),
        ].slice(0, 4),
        nextStep: `/lambda diag logs ${name} -n ${namespace} --previous`,
      }),
    ];
  });
}

/** What a Deployment's pods die of or wait for, one line each. */
export function podReasons(pods: readonly Pod[]): (one: Workload) => readonly string[] {
  return ({ metadata: { name, namespace } }) =>
    pods
      .filter((pod) => pod.metadata.namespace === namespace && pod.metadata.name.startsWith(`${name}-`))
      .flatMap((pod) =>
        (pod.status.containerStatuses ?? []).flatMap(({ name: container, ready, state, lastState, restartCount }) => {
          if (ready !== false) return [];
          const ended = state?.terminated ?? lastState?.terminated;
          const words = [state?.waiting?.reason, ended ? `${ended.reason ?? 'Error'}, exit code ${ended.exitCode}` : '']
            .filter(Boolean)
            .join('; ');
          return words === ''
            ? []
            : [`${pod.metadata.name}/${container}: ${words}, ${counted(restartCount ?? 0, 'restart')}`];
        }),
      );
}

/** The Services that admission webhooks call, as `namespace/name`. */
export const webhookConfiguration = z.object({
  metadata,
  webhooks: z
    .array(
      z.object({
        name: z.string().catch(''),
        clientConfig: z
          .object({ service: z.object({ namespace: z.string(), name: z.string() }).optional().catch(undefined) })
          .catch({}),
      }),
    )
    .optional()
    .catch(undefined),
});

export function servicesOfWebhooks(
  configurations: readonly z.output<typeof webhookConfiguration>[],
): ReadonlySet<string> {
  return new Set(
    configurations.flatMap(({ webhooks }) =>
      (webhooks ?? []).flatMap(({ clientConfig: { service } }) =>
        service ? [`${service.namespace}/${service.name}`] : [],
      ),
    ),
  );
}
