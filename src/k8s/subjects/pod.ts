import { z } from 'zod';
import { FIXED_RULES } from '../../incidents/policy.ts';
import {
  conditionOf,
  conditions,
  count,
  flag,
  labelSelector,
  listOf,
  metadata,
  quantities,
  scalar,
  text,
  texts,
  timeOf,
} from './object.ts';

const terminated = z
  .object({ exitCode: count, signal: count, reason: text, message: text, startedAt: text, finishedAt: text })
  .optional()
  .catch(undefined);
const state = z
  .object({
    waiting: z.object({ reason: text, message: text }).optional().catch(undefined),
    running: z.object({ startedAt: text }).optional().catch(undefined),
    terminated,
  })
  .optional()
  .catch(undefined);
const containerStatus = z.object({
  name: z.string().catch(''),
  ready: flag,
  started: flag,
  restartCount: count,
  image: text,
  imageID: text,
  state,
  lastState: state,
});
export type ContainerStatus = z.output<typeof containerStatus>;
export type Terminated = NonNullable<z.output<typeof terminated>>;

const probe = z
  .object({
    httpGet: z.object({ path: text, port: scalar, scheme: text, host: text }).optional().catch(undefined),
    tcpSocket: z.object({ port: scalar }).optional().catch(undefined),
    grpc: z.object({ port: scalar, service: text }).optional().catch(undefined),
    exec: z
      .object({ command: listOf(z.string()) })
      .optional()
      .catch(undefined),
    initialDelaySeconds: count,
    timeoutSeconds: count,
    periodSeconds: count,
    failureThreshold: count,
  })
  .optional()
  .catch(undefined);
export type Probe = NonNullable<z.output<typeof probe>>;

const keyRef = z.object({ name: text, key: text, optional: flag }).optional().catch(undefined);
const nameRef = z.object({ name: text, optional: flag }).optional().catch(undefined);
const env = listOf(
  z.object({
    name: z.string(),
    value: text,
    valueFrom: z.object({ configMapKeyRef: keyRef, secretKeyRef: keyRef }).optional().catch(undefined),
  }),
);

export const container = z.object({
  name: z.string().catch(''),
  image: text,
  imagePullPolicy: text,
  command: listOf(z.string()),
  args: listOf(z.string()),
  env,
  envFrom: listOf(z.object({ configMapRef: nameRef, secretRef: nameRef })),
  ports: listOf(z.object({ name: text, containerPort: count, hostPort: count, protocol: text })),
  resources: z.object({ limits: quantities, requests: quantities }).optional().catch(undefined),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  lifecycle: z.object({ preStop: z.unknown(), postStart: z.unknown() }).optional().catch(undefined),
  restartPolicy: text,
  volumeMounts: listOf(z.object({ name: z.string(), mountPath: text, readOnly: flag, subPath: text })),
});
export type Container = z.output<typeof container>;

const nodeTerm = z.object({
  matchExpressions: listOf(z.object({ key: z.string(), operator: z.string(), values: listOf(z.string()) })),
  matchFields: listOf(z.object({ key: z.string(), operator: z.string(), values: listOf(z.string()) })),
});
const podTerm = z.object({ labelSelector, topologyKey: text });
const affinity = z
  .object({
    nodeAffinity: z
      .object({
        requiredDuringSchedulingIgnoredDuringExecution: z
          .object({ nodeSelectorTerms: listOf(nodeTerm) })
          .optional()
          .catch(undefined),
      })
      .optional()
      .catch(undefined),
    podAffinity: z
      .object({ requiredDuringSchedulingIgnoredDuringExecution: listOf(podTerm) })
      .optional()
      .catch(undefined),
    podAntiAffinity: z
      .object({ requiredDuringSchedulingIgnoredDuringExecution: listOf(podTerm) })
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined);

const volume = z.object({
  name: z.string().catch(''),
  persistentVolumeClaim: z.object({ claimName: text }).optional().catch(undefined),
  configMap: nameRef,
  secret: z.object({ secretName: text, optional: flag }).optional().catch(undefined),
  hostPath: z.object({ path: text }).optional().catch(undefined),
  emptyDir: z.object({ sizeLimit: scalar, medium: text }).optional().catch(undefined),
});

export const podSpec = z.object({
  nodeName: text,
  nodeSelector: texts,
  affinity,
  tolerations: listOf(z.object({ key: text, operator: text, value: text, effect: text })),
  topologySpreadConstraints: listOf(z.object({ topologyKey: text, whenUnsatisfiable: text, maxSkew: count })),
  schedulerName: text,
  schedulingGates: listOf(z.object({ name: z.string() })),
  readinessGates: listOf(z.object({ conditionType: z.string() })),
  resourceClaims: listOf(z.object({ name: z.string(), resourceClaimName: text, resourceClaimTemplateName: text })),
  priorityClassName: text,
  serviceAccountName: text,
  imagePullSecrets: listOf(z.object({ name: text })),
  dnsPolicy: text,
  dnsConfig: z
    .object({ nameservers: listOf(z.string()) })
    .optional()
    .catch(undefined),
  hostNetwork: flag,
  hostAliases: listOf(z.object({ ip: text, hostnames: listOf(z.string()) })),
  terminationGracePeriodSeconds: count,
  restartPolicy: text,
  containers: listOf(container).transform((all) => all ?? []),
  initContainers: listOf(container),
  volumes: listOf(volume),
  securityContext: z.object({ runAsUser: count, fsGroup: count, runAsNonRoot: flag }).optional().catch(undefined),
});
export type PodSpec = z.output<typeof podSpec>;

export const podTemplate = z
  .object({
    metadata: z.object({ labels: texts, annotations: texts }).catch({}),
    spec: podSpec.optional().catch(undefined),
  })
  .optional()
  .catch(undefined);
export type PodTemplate = NonNullable<z.output<typeof podTemplate>>;

export const pod = z.object({
  metadata,
  spec: podSpec.catch({ containers: [] } as unknown as z.output<typeof podSpec>),
  status: z
    .object({
      phase: text,
      reason: text,
      message: text,
      startTime: text,
      podIP: text,
      hostIP: text,
      qosClass: text,
      nominatedNodeName: text,
      conditions,
      containerStatuses: listOf(containerStatus),
      initContainerStatuses: listOf(containerStatus),
    })
    .catch({}),
});
export type Pod = z.output<typeof pod>;

/** All container statuses, init containers first, in the order in which they start. */
export function statusesOf(of: Pod): readonly ContainerStatus[] {
  return [...(of.status.initContainerStatuses ?? []), ...(of.status.containerStatuses ?? [])];
}

/** All containers of a spec, init containers first. */
export function containersOf(spec: PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** The spec of the container with a status's name; null when the spec does not have it. */
export function containerNamed(spec: PodSpec, name: string): Container | null {
  return containersOf(spec).find((one) => one.name === name) ?? null;
}

/** Whether this container is an init container that must end before the next starts (sidecars restart always). */
export function isInit(of: Pod, name: string): boolean {
  return (of.spec.initContainers ?? []).some((one) => one.name === name && one.restartPolicy !== 'Always');
}

export function isReady(of: Pod): boolean {
  return conditionOf(of, 'Ready')?.status === 'True' && of.metadata.deletionTimestamp === undefined;
}

/** A pod that ended well or badly and will not run again. */
export function isOver(of: Pod): boolean {
  return of.status.phase === 'Succeeded' || of.status.phase === 'Failed';
}

export function isTerminating(of: Pod): boolean {
  return of.metadata.deletionTimestamp !== undefined;
}

/** Not placed on a node yet. */
export function isUnscheduled(of: Pod): boolean {
  return !of.spec.nodeName && !isOver(of);
}

export function restartsOf(of: Pod): number {
  return statusesOf(of).reduce((sum, one) => sum + (one.restartCount ?? 0), 0);
}

/** How the instance that ran last ended; null while the first one still runs. */
export function lastEnd(of: ContainerStatus): Terminated | null {
  return of.state?.terminated ?? of.lastState?.terminated ?? null;
}

/** Ended, and not as it should: a code other than 0, or killed for memory. */
export function endedBadly(end: Terminated | null): end is Terminated {
  return end !== null && ((end.exitCode ?? 0) !== 0 || end.reason === 'OOMKilled');
}

export function loops(of: ContainerStatus): boolean {
  return of.state?.waiting?.reason === 'CrashLoopBackOff';
}

/** Every name of a Secret or ConfigMap a spec needs, with the key where it names one; optional ones left out. */
export function referencesOf(
  spec: PodSpec,
): readonly { readonly kind: 'Secret' | 'ConfigMap'; readonly name: string; readonly key: string | null }[] {
  const found: { kind: 'Secret' | 'ConfigMap'; name: string; key: string | null }[] = [];
  const add = (
    kind: 'Secret' | 'ConfigMap',
    ref:
      | {
          readonly name?: string | undefined;
          readonly key?: string | undefined;
          readonly optional?: boolean | undefined;
        }
      | undefined,
  ) => {
    if (ref?.name && ref.optional !== true) found.push({ kind, name: ref.name, key: ref.key ?? null });
  };
  for (const one of containersOf(spec)) {
    for (const { valueFrom } of one.env ?? []) {
      add('ConfigMap', valueFrom?.configMapKeyRef);
      add('Secret', valueFrom?.secretKeyRef);
    }
    for (const from of one.envFrom ?? []) {
      add('ConfigMap', from.configMapRef);
      add('Secret', from.secretRef);
    }
  }
  for (const one of spec.volumes ?? []) {
    add('ConfigMap', one.configMap);
    if (one.secret) add('Secret', { name: one.secret.secretName, optional: one.secret.optional });
  }
  return found;
}

/** When a pod's conditions or containers last changed, epoch ms; 0 when nothing tells. */
export function lastTransition(of: Pod): number {
  const ends = statusesOf(of).map((one) => timeOf(one.state?.terminated?.finishedAt) ?? 0);
  // A pod that is over has ended when its containers did; what its conditions did later is bookkeeping.
  if (isOver(of) && ends.some((one) => one > 0)) return Math.max(...ends);
  const changes = (of.status.conditions ?? []).map((one) => timeOf(one.lastTransitionTime) ?? 0);
  return Math.max(0, timeOf(of.status.startTime) ?? 0, ...changes, ...ends);
}

/** Longest normal start or end of a pod, milliseconds: docs/rules.md#stuck. */
export const STUCK_MS = FIXED_RULES.health.stuckMs;

/**
 * Whether a pod is unhealthy now: it waits for something it should have, ended badly, runs without being ready, or does
 * not end although it was deleted.
 */
export function isSick(of: Pod, now: number): boolean {
  if (of.status.phase === 'Succeeded') return false;
  if (of.status.phase === 'Failed' || of.status.phase === 'Unknown') return true;
  const since = isTerminating(of) ? timeOf(of.metadata.deletionTimestamp) : timeOf(of.metadata.creationTimestamp);
  const isLate = since === null || now - since > STUCK_MS;
  if (isTerminating(of)) return isLate;
  if (conditionOf(of, 'PodScheduled')?.reason === 'Unschedulable') return true;
  const statuses = statusesOf(of);
  const waits = statuses.some(
    ({ state: at }) =>
      at?.waiting !== undefined && !/^(PodInitializing|ContainerCreating)$/.test(at.waiting.reason ?? ''),
  );
  const failed = statuses.some((one) => one.state?.terminated && endedBadly(one.state.terminated));
  return waits || failed || (!isReady(of) && (isLate || statuses.some((one) => (one.restartCount ?? 0) > 0)));
}

/**
 * Uptime in milliseconds after which a container has settled; so has one that ran twice as long as its last instance.
 */
const SETTLED_MS = 10 * 60_000;
const SETTLED_LIVES = 2;

/** Whether a container that runs now goes on ending: it has been restarted twice and has not yet outlived its last instance. */
export function isFlapping(of: ContainerStatus, now: number): boolean {
  const [begun, end] = [timeOf(of.state?.running?.startedAt), of.lastState?.terminated];
  if ((of.restartCount ?? 0) < 2 || begun === null || !end) return false;
  const [from, to] = [timeOf(end.startedAt), timeOf(end.finishedAt)];
  if (from === null || to === null) return false;
  return now - begun < Math.min(SETTLED_MS, Math.max(60_000, SETTLED_LIVES * (to - from)));
}
