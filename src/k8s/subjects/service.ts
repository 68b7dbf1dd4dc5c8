import { z } from 'zod';
import { count, flag, labelSelector, listOf, metadata, scalar, text, texts } from './object.ts';
import type { Container, Pod } from './pod.ts';

export const service = z.object({
  metadata,
  spec: z
    .object({
      type: text,
      clusterIP: text,
      externalName: text,
      selector: texts,
      publishNotReadyAddresses: flag,
      internalTrafficPolicy: text,
      ports: listOf(z.object({ name: text, port: count, targetPort: scalar, protocol: text, nodePort: count })),
    })
    .catch({}),
  status: z
    .object({
      loadBalancer: z
        .object({ ingress: listOf(z.unknown()) })
        .optional()
        .catch(undefined),
    })
    .catch({}),
});
export type Service = z.output<typeof service>;
export type ServicePort = NonNullable<Service['spec']['ports']>[number];

const endpointPort = z.object({ name: text.nullable().catch(null), port: count, protocol: text });

/** The addresses behind a Service as one of its slices has them (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/). */
export const endpointSlice = z.object({
  metadata,
  endpoints: listOf(
    z.object({
      addresses: listOf(z.string()),
      conditions: z.object({ ready: flag, serving: flag, terminating: flag }).optional().catch(undefined),
      nodeName: text,
      targetRef: z.object({ kind: text, name: text }).optional().catch(undefined),
    }),
  ),
  ports: listOf(endpointPort),
});
export type EndpointSlice = z.output<typeof endpointSlice>;

const backend = z
  .object({
    service: z
      .object({ name: text, port: z.object({ name: text, number: count }).optional().catch(undefined) })
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined);
export const ingress = z.object({
  metadata,
  spec: z
    .object({
      ingressClassName: text,
      defaultBackend: backend,
      tls: listOf(z.object({ secretName: text, hosts: listOf(z.string()) })),
      rules: listOf(
        z.object({
          host: text,
          http: z
            .object({ paths: listOf(z.object({ path: text, backend })) })
            .optional()
            .catch(undefined),
        }),
      ),
    })
    .catch({}),
  status: z
    .object({
      loadBalancer: z
        .object({ ingress: listOf(z.unknown()) })
        .optional()
        .catch(undefined),
    })
    .catch({}),
});
export type Ingress = z.output<typeof ingress>;

export const ingressClass = z.object({ metadata, spec: z.object({ controller: text }).catch({}) });
export type IngressClass = z.output<typeof ingressClass>;

const peer = z.object({
  podSelector: labelSelector,
  namespaceSelector: labelSelector,
  ipBlock: z.object({ cidr: text }).optional().catch(undefined),
});
const policyPort = z.object({ protocol: text, port: scalar, endPort: count });
export const networkPolicy = z.object({
  metadata,
  spec: z
    .object({
      podSelector: labelSelector,
      policyTypes: listOf(z.string()),
      ingress: listOf(z.object({ from: listOf(peer), ports: listOf(policyPort) })),
      egress: listOf(z.object({ to: listOf(peer), ports: listOf(policyPort) })),
    })
    .catch({}),
});
export type NetworkPolicy = z.output<typeof networkPolicy>;

/** The Service a slice belongs to. */
export function serviceOfSlice(of: EndpointSlice): string | null {
  return of.metadata.labels?.['kubernetes.io/service-name'] ?? null;
}

/** Number of addresses that take connections; with `publishNotReadyAddresses` also those that are not ready. */
export function readyAddresses(slices: readonly EndpointSlice[]): number {
  return slices.flatMap(({ endpoints }) => endpoints ?? []).filter((one) => one.conditions?.ready !== false).length;
}

/** A Service whose endpoints Kubernetes makes from a selector; ExternalName and hand-made ones are not. */
export function isSelecting({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

/** The port of a container that a Service's port leads to by number or name; null when none of the pod's containers says it has it. */
export function targetOf(
  port: ServicePort,
  containers: readonly Container[],
): {
  readonly container: Container;
  readonly port: number;
  readonly name: string | null;
  readonly protocol: string;
} | null {
  const wanted = port.targetPort ?? String(port.port ?? '');
  const protocol = port.protocol ?? 'TCP';
  for (const one of containers)
    for (const offered of one.ports ?? [])
      if (
        (offered.name === wanted || String(offered.containerPort) === wanted) &&
        (offered.protocol ?? 'TCP') === protocol
      )
        return { container: one, port: offered.containerPort ?? 0, name: offered.name ?? null, protocol };
  return null;
}

/** `8080/TCP (http)` for each port the containers of a pod say they have. */
export function offeredPorts(of: Pick<Pod, 'spec'>): readonly string[] {
  return of.spec.containers.flatMap((one) =>
    (one.ports ?? []).map(
      (port) => `${port.containerPort}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`,
    ),
  );
}

/** Every Service an Ingress sends requests to. */
export function backendsOf({
  spec,
}: Ingress): readonly { readonly service: string; readonly port: string; readonly where: string }[] {
  const all = [
    { where: 'its default backend', backend: spec.defaultBackend },
    ...(spec.rules ?? []).flatMap((rule) =>
      (rule.http?.paths ?? []).map((one) => ({ where: `${rule.host ?? '*'}${one.path ?? '/'}`, backend: one.backend })),
    ),
  ];
  return all.flatMap(({ where, backend: one }) =>
    one?.service?.name
      ? [{ where, service: one.service.name, port: one.service.port?.name ?? String(one.service.port?.number ?? '') }]
      : [],
  );
}
