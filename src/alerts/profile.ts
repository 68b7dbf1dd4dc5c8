/** Where Knative Serving runs, in every installation by its own manifests. */
export const SERVING_NAMESPACE = 'knative-serving';

/**
 * The names one generation of Knative Lambda uses (docs/platform.md#two-generations). `builder` is the seed's and the
 * default; `operator` is the author's current code. Configuration may override single names.
 */
export interface NameProfile {
  readonly name: 'builder' | 'operator';
  /** Namespace of the control plane. */
  readonly controlNamespace: string;
  /** Control-plane Deployment. */
  readonly controlDeployment: string;
  /** Label selector of the control-plane pods. */
  readonly controlSelector: string;
  /** Container of the control plane whose logs matter. */
  readonly controlContainer: string;
  /** Where build Jobs run; in the operator profile this is the function's own namespace, this one by default. */
  readonly buildsNamespace: string;
  /** Matches the name of a build Job; the named group `function` holds the function, when the name tells it. */
  readonly buildJobPattern: string;
  /** Label of a build Job that names its function (or parser). */
  readonly buildFunctionLabel: string;
  readonly storageNamespace: string;
  readonly rabbitmqNamespace: string;
  /** All namespaces the profile reads by default. */
  readonly namespaces: readonly string[];
}

export const PROFILES: Readonly<Record<NameProfile['name'], NameProfile>> = {
  builder: {
    name: 'builder',
    controlNamespace: 'knative-lambda',
    controlDeployment: 'knative-lambda-builder',
    controlSelector: 'app=knative-lambda-builder',
    controlContainer: 'builder',
    buildsNamespace: 'knative-lambda-builds',
    buildJobPattern: '^(?:(?<function>.+)-build-[0-9]+|build-.+|kaniko-.+)$',
    buildFunctionLabel: 'build.notifi.network/parser-id',
    storageNamespace: 'minio',
    rabbitmqNamespace: 'rabbitmq-prd',
    namespaces: [
      'knative-lambda',
      'knative-lambda-builds',
      SERVING_NAMESPACE,
      'knative-eventing',
      'knative-operator',
      'kourier-system',
      'minio',
      'rabbitmq-prd',
    ],
  },
  operator: {
    name: 'operator',
    controlNamespace: 'knative-lambda',
    controlDeployment: 'knative-lambda-operator',
    controlSelector: 'app.kubernetes.io/name=knative-lambda-operator',
    controlContainer: 'manager',
    buildsNamespace: 'knative-lambda',
    buildJobPattern: '^(?<function>.+)-build-[0-9]+$',
    buildFunctionLabel: 'lambda.knative.io/name',
    storageNamespace: 'minio',
    rabbitmqNamespace: 'knative-lambda',
    namespaces: [
      'knative-lambda',
      SERVING_NAMESPACE,
      'knative-eventing',
      'knative-operator',
      'kourier-system',
      'minio',
    ],
  },
};
