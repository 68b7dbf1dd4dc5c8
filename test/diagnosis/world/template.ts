import type {
  Container,
  Lifecycle,
  PodSpec,
  PodTemplateSpec,
  Probe,
  ResourceRequirements,
} from 'kubernetes-types/core/v1.js';

/** What a story says of a pod; the API server's defaults fill the rest. */
export interface Template {
  /** Name of the first container; the workload's name without it. */
  readonly container?: string;
  readonly image?: string;
  readonly command?: string[];
  readonly args?: string[];
  /** Ports of the first container: `8080`, or `http:8080`, or `dns:53/UDP`. */
  readonly ports?: readonly (number | string)[];
  readonly env?: Container['env'];
  readonly envFrom?: Container['envFrom'];
  readonly mounts?: Container['volumeMounts'];
  readonly liveness?: Probe;
  readonly readiness?: Probe;
  readonly startup?: Probe;
  readonly lifecycle?: Lifecycle;
  readonly resources?: ResourceRequirements;
  /** Containers beside the first. */
  readonly sidecars?: readonly Container[];
  readonly init?: readonly Container[];
  /** Fields of the pod's spec: nodeSelector, affinity, volumes, dnsPolicy ... */
  readonly spec?: Partial<PodSpec>;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

/** The template of a workload with the defaults that the API server writes into it. */
export function templateOf(name: string, labels: Record<string, string>, given: Template): PodTemplateSpec {
  const first: Container = {
    name: given.container ?? name,
    image: given.image ?? `registry.example.com/shop/${name}:1.8.2`,
    command: given.command,
    args: given.args,
    ports: given.ports?.map(portOf),
    env: given.env,
    envFrom: given.envFrom,
    volumeMounts: given.mounts,
    livenessProbe: given.liveness,
    readinessProbe: given.readiness,
    startupProbe: given.startup,
    lifecycle: given.lifecycle,
    resources: given.resources ?? {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { memory: '256Mi' },
    },
  };
  return dropped({
    metadata: { labels: { ...labels, ...given.labels }, annotations: given.annotations },
    spec: {
      ...(given.init === undefined ? {} : { initContainers: given.init.map(defaulted) }),
      containers: [first, ...(given.sidecars ?? [])].map(defaulted),
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      serviceAccount: given.spec?.serviceAccountName ?? 'default',
      securityContext: {},
      schedulerName: 'default-scheduler',
      ...given.spec,
    },
  });
}

export function portOf(port: number | string): { name?: string; containerPort: number; protocol: string } {
  const match = /^(?:(?<name>[a-z][a-z0-9-]*):)?(?<number>\d+)(?:\/(?<protocol>[A-Z]+))?$/.exec(String(port));
  if (match?.groups === undefined) throw new Error(`no container port: ${port}`);
  const { name, number, protocol } = match.groups;
  return {
    ...(name === undefined ? {} : { name }),
    containerPort: Number(number),
    protocol: protocol ?? 'TCP',
  };
}

/** A container with the defaults of the API server (pkg/apis/core/v1/defaults.go). */
export function defaulted(container: Container): Container {
  return dropped({
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: /(:latest|^[^:@]+)$/.test(container.image ?? '') ? 'Always' : 'IfNotPresent',
    ...container,
    livenessProbe: probeOf(container.livenessProbe),
    readinessProbe: probeOf(container.readinessProbe),
    startupProbe: probeOf(container.startupProbe),
  });
}

function probeOf(probe: Probe | undefined): Probe | undefined {
  if (probe === undefined) return undefined;
  const { httpGet, grpc, ...rest } = probe;
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...rest,
    ...(httpGet === undefined ? {} : { httpGet: { path: '/', scheme: 'HTTP', ...httpGet } }),
    ...(grpc === undefined ? {} : { grpc: { service: '', ...grpc } }),
  };
}

/** The same without fields that are undefined, as JSON has none. */
function dropped<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** An HTTP probe in one line. */
export function http(path: string, port: number | string, rest: Probe = {}): Probe {
  return { httpGet: { path, port }, ...rest };
}

export function tcp(port: number | string, rest: Probe = {}): Probe {
  return { tcpSocket: { port }, ...rest };
}
