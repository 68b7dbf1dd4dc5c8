/**
 * What differs between the installations the rules are generated for: the generation of Knative Lambda (its "profile"). Expressions
 * in the catalogue take their names from here and nowhere else, so that one source serves both.
 *
 * How the installed Knative names its metrics (its "era") makes no difference to the rules, which read every era's names; it does to
 * what their tests and the simulator write. Serving 1.19.0 moved from OpenCensus to OpenTelemetry and renamed everything; 1.19.8 and
 * 1.20.1 renamed what the queue-proxy exports once more. An era is called by a release it begins with; `docs/knative-metrics.md`
 * has the names.
 */
export const PROFILE_NAMES = ['builder', 'operator'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

export const ERAS = ['knative-1.18', 'knative-1.19', 'knative-1.20.1'] as const;
export type Era = (typeof ERAS)[number];

export interface Names {
  readonly profile: ProfileName;
  readonly era: Era;
  readonly controlNamespace: string;
  readonly controlDeployment: string;
  readonly controlContainer: string;
  /** Regular expressions, anchored as Prometheus does. */
  readonly namespaces: string;
  readonly rabbitmqNamespaces: string;
  readonly buildJob: string;
  readonly buildPod: string;
  /** Captures the function's name out of a build Job's name. */
  readonly functionOfJob: string;
  readonly buildTtlSeconds: number;
  /** Selectors of counters: all builds, failed builds. */
  readonly builds: string;
  readonly buildsFailed: string;
  /** Bucket selector of the duration of successful builds; `matchers` goes inside the braces. */
  readonly buildSeconds: (matchers?: string) => string;
  readonly buildSecondsCount: string;
  readonly contextErrors: string;
  readonly jobCreationErrors: string;
  readonly maxScale: number;
  readonly concurrencyLimit: number;
}

/** Where the platform's own RabbitMQ is; those of other teams have alerts of their own. */
const RABBITMQ_NAMESPACES = 'knative-lambda|rabbitmq.*';

const BUILDER = {
  profile: 'builder',
  controlNamespace: 'knative-lambda',
  controlDeployment: 'knative-lambda-builder',
  controlContainer: 'builder',
  namespaces: 'knative-lambda.*',
  rabbitmqNamespaces: RABBITMQ_NAMESPACES,
  buildJob: '.+-build-[0-9]+|build-.+|kaniko-.+',
  buildPod: '.+-build-[0-9]+-.+|build-.+|kaniko-.+',
  functionOfJob: '(?:build-[^-]+-)?(.+?)-(?:build-)?[0-9a-f]+',
  buildTtlSeconds: 86_400,
  builds: 'builds_total',
  buildsFailed: 'build_failures_total',
  buildSeconds: (matchers = '') => `build_duration_seconds_bucket{${matchers}}`,
  buildSecondsCount: 'build_duration_seconds_count',
  contextErrors: 'build_context_s3_errors_total',
  jobCreationErrors: 'k8s_job_creation_total{status="failed"}',
  maxScale: 10,
  concurrencyLimit: 10,
} as const satisfies Omit<Names, 'era'>;

const OPERATOR_BUILDS = 'knative_lambda_operator_build_duration_seconds';

const OPERATOR = {
  profile: 'operator',
  controlNamespace: 'knative-lambda',
  controlDeployment: 'knative-lambda-operator',
  controlContainer: 'manager',
  namespaces: 'knative-lambda.*',
  rabbitmqNamespaces: RABBITMQ_NAMESPACES,
  buildJob: '.+-build-[0-9]+',
  buildPod: '.+-build-[0-9]+-.+',
  functionOfJob: '(.+)-build-[0-9]+',
  buildTtlSeconds: 300,
  builds: `${OPERATOR_BUILDS}_count`,
  buildsFailed: `${OPERATOR_BUILDS}_count{result="failed"}`,
  buildSeconds: (matchers = '') =>
    `${OPERATOR_BUILDS}_bucket{${['result="success"', matchers].filter(Boolean).join(', ')}}`,
  buildSecondsCount: `${OPERATOR_BUILDS}_count{result="success"}`,
  contextErrors: 'knative_lambda_operator_errors_total{component="build", error_type="context_failed"}',
  jobCreationErrors: 'knative_lambda_operator_errors_total{component="build", error_type="job_creation_failed"}',
  maxScale: 50,
  concurrencyLimit: 50,
} as const satisfies Omit<Names, 'era'>;

/** The names of one combination. */
export function namesOf(profile: ProfileName, era: Era): Names {
  return { ...(profile === 'builder' ? BUILDER : OPERATOR), era };
}
