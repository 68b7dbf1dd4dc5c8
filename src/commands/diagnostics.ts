import { type NameProfile, SERVING_NAMESPACE } from '../alerts/profile.ts';

/** Options of kubectl a diagnostic may take; commands/diag.ts says how each is written. */
export type DiagnosticOption =
  | 'namespace'
  | 'allNamespaces'
  | 'selector'
  | 'fieldSelector'
  | 'container'
  | 'tail'
  | 'since'
  | 'previous'
  | 'sortBy'
  | 'filter'
  | 'output'
  | 'follow'
  | 'watch';

/** A diagnostic as a person asks for it: what its bare form means and what it may be given. */
export interface DiagnosticForm {
  readonly name: string;
  readonly summary: string;
  /** What its optional argument names, for usage and "did you mean"; null when it takes none. */
  readonly argument: 'pod' | 'job' | 'function' | 'object' | 'deployment' | 'node' | null;
  /** Kinds it can be told by; an object of another is looked up by its bare name. All when absent. */
  readonly kinds?: readonly string[];
  readonly options: readonly DiagnosticOption[];
  /** The documented bare form. Null: it reads things that belong to no namespace. */
  readonly namespace: (profile: NameProfile) => string | null;
  /** What it reads stands where functions and their builds are, never beside the broker or the storage. */
  readonly ofFunctions?: true;
  readonly selector?: (profile: NameProfile) => string;
  readonly tail?: number;
  readonly sortBy?: string;
  /**
   * In an incident's place: take namespace, object (the first of these labels the alert has) and window from it. Workloads
   * come before pods because the `pod` of a kube-state-metrics series may be the exporter's own.
   */
  readonly fromIncident: {
    readonly namespace: boolean;
    readonly objects: readonly string[];
    readonly window: 'since' | 'changes' | null;
  };
}

const control = (profile: NameProfile) => profile.controlNamespace;
const builds = (profile: NameProfile) => profile.buildsNamespace;
const COMMON = ['namespace', 'allNamespaces', 'selector', 'filter'] as const;
const LIST = [...COMMON, 'fieldSelector', 'sortBy', 'output'] as const;
const HERE = { namespace: true, objects: [], window: null } as const;
const FIXED = { namespace: false, objects: [], window: null } as const;

/**
 * The table of diagnostics. The first four are the platform's documented commands:
 * `kubectl get jobs -n knative-lambda-builds`, `kubectl logs -n knative-lambda -l app=knative-lambda-builder --tail=100`,
 * `kubectl get events -n knative-lambda --sort-by=.lastTimestamp` and `kubectl top pods -n knative-lambda`.
 */
export const DIAGNOSTICS: readonly DiagnosticForm[] = [
  {
    name: 'jobs',
    summary: 'build Jobs and how they ended',
    argument: 'job',
    options: LIST,
    namespace: builds,
    ofFunctions: true,
    fromIncident: HERE,
  },
  {
    name: 'logs',
    summary: 'the last log lines of pods',
    argument: 'pod',
    kinds: ['pod', 'job', 'deployment', 'statefulset', 'daemonset', 'function'],
    options: [...COMMON, 'container', 'tail', 'since', 'previous', 'follow'],
    namespace: control,
    selector: (profile) => profile.controlSelector,
    tail: 100,
    fromIncident: {
      namespace: true,
      objects: ['deployment', 'statefulset', 'daemonset', 'job_name', 'pod', 'function', 'service_name'],
      window: 'since',
    },
  },
  {
    name: 'events',
    summary: 'events, newest last, warnings counted',
    argument: 'object',
    options: [...LIST, 'since'],
    namespace: control,
    sortBy: '.lastTimestamp',
    fromIncident: { namespace: true, objects: [], window: 'since' },
  },
  {
    name: 'top pods',
    summary: 'CPU and memory of pods now',
    argument: 'pod',
    options: [...COMMON, 'sortBy', 'watch'],
    namespace: control,
    fromIncident: HERE,
  },
  {
    name: 'top nodes',
    summary: 'CPU and memory of nodes now',
    argument: 'node',
    options: ['selector', 'sortBy', 'filter', 'watch'],
    namespace: () => null,
    fromIncident: FIXED,
  },
  {
    name: 'pods',
    summary: 'pods with the reason each is unhealthy',
    argument: 'pod',
    options: LIST,
    namespace: control,
    fromIncident: HERE,
  },
  {
    name: 'builds',
    summary: 'builds with phase, duration, exit reason and image',
    argument: 'function',
    options: [...COMMON, 'since'],
    namespace: builds,
    ofFunctions: true,
    fromIncident: { namespace: true, objects: ['function', 'lambda_function'], window: null },
  },
  {
    name: 'function',
    summary: 'a function’s whole chain: service, revisions, routes, pods',
    argument: 'function',
    options: ['namespace'],
    namespace: control,
    ofFunctions: true,
    fromIncident: { namespace: true, objects: ['function', 'service_name', 'lambda_function'], window: null },
  },
  {
    name: 'rollouts',
    summary: 'recent rollouts of deployments and functions',
    argument: 'deployment',
    options: ['namespace', 'allNamespaces', 'since', 'filter'],
    namespace: control,
    fromIncident: { namespace: true, objects: [], window: 'changes' },
  },
  {
    name: 'changes',
    summary: 'what changed shortly before',
    argument: null,
    options: ['namespace', 'allNamespaces', 'since', 'filter'],
    namespace: control,
    fromIncident: { namespace: true, objects: [], window: 'changes' },
  },
  {
    name: 'nodes',
    summary: 'nodes, their conditions and room left',
    argument: 'node',
    options: ['selector', 'sortBy', 'filter'],
    namespace: () => null,
    fromIncident: { namespace: false, objects: ['node'], window: null },
  },
  {
    name: 'hpa',
    summary: 'autoscalers and their limits',
    argument: null,
    options: [...COMMON, 'output'],
    namespace: control,
    fromIncident: HERE,
  },
  {
    name: 'quota',
    summary: 'resource quotas, used and hard',
    argument: null,
    options: ['namespace', 'allNamespaces', 'filter'],
    namespace: builds,
    fromIncident: HERE,
  },
  {
    name: 'storage',
    summary: 'volumes, and the source storage’s readiness',
    argument: null,
    options: ['namespace', 'allNamespaces', 'filter'],
    namespace: (profile) => profile.storageNamespace,
    fromIncident: FIXED,
  },
  {
    name: 'eventing',
    summary: 'brokers, triggers and dead letters',
    argument: null,
    options: ['namespace', 'allNamespaces', 'filter'],
    namespace: control,
    ofFunctions: true,
    fromIncident: HERE,
  },
  {
    name: 'serving',
    summary: 'Knative Serving’s own deployments and webhooks',
    argument: null,
    options: ['filter'],
    namespace: () => SERVING_NAMESPACE,
    fromIncident: FIXED,
  },
  {
    name: 'operator',
    summary: 'Knative Operator and its custom resources',
    argument: null,
    options: ['filter'],
    namespace: () => 'knative-operator',
    fromIncident: FIXED,
  },
  {
    name: 'slo',
    summary: 'objectives, error budget left and burn rate',
    argument: null,
    options: ['namespace', 'filter'],
    // Of the whole platform unless a namespace is named.
    namespace: () => null,
    fromIncident: FIXED,
  },
  {
    name: 'golden',
    summary: 'traffic, errors, latency and saturation',
    argument: null,
    options: ['namespace', 'since', 'filter'],
    // Of the whole platform unless a namespace is named.
    namespace: () => null,
    fromIncident: FIXED,
  },
  {
    name: 'describe',
    summary: 'one object: conditions, owners, events, what is wrong',
    argument: 'object',
    options: LIST,
    namespace: control,
    fromIncident: {
      namespace: true,
      objects: ['function', 'service_name', 'deployment', 'statefulset', 'daemonset', 'job_name', 'pod', 'node'],
      window: null,
    },
  },
  {
    name: 'all',
    summary: 'the first look that fits the object',
    argument: 'object',
    options: ['namespace', 'since'],
    namespace: control,
    fromIncident: {
      namespace: true,
      objects: ['function', 'service_name', 'deployment', 'statefulset', 'daemonset', 'job_name', 'pod', 'node'],
      window: 'since',
    },
  },
];
