/** The names a generation of Knative Lambda gives its parts (docs/platform.md#two-generations), as the scenarios use them. */
export interface PlatformNames {
  readonly profile: 'builder' | 'operator';
  readonly controlNamespace: string;
  readonly controlDeployment: string;
  readonly controlContainer: string;
  readonly controlLabels: Readonly<Record<string, string>>;
  readonly buildsNamespace: string;
  readonly functionNamespace: string;
  readonly rabbitmqNamespace: string;
  readonly rabbitmq: string;
  readonly buildQueue: string;
  readonly deadLetterQueue: string;
  readonly registry: string;
  readonly pullRegistry: string;
  /** Container that fetches the source before Kaniko runs. */
  readonly buildInitContainer: string;
  readonly buildServiceAccount: string;
  /** How long a finished build Job stays. */
  readonly buildTtlSeconds: number;
  /** null: a hanging build never ends by itself. */
  readonly buildDeadlineSeconds: number | null;
  readonly functions: readonly string[];
  buildLabels(functionName: string): Readonly<Record<string, string>>;
}

const FUNCTIONS = ['hello-python', 'hello-nodejs', 'image-resizer', 'invoice-parser', 'notify-webhook'] as const;

const BUILDER: PlatformNames = {
  profile: 'builder',
  controlNamespace: 'knative-lambda',
  controlDeployment: 'knative-lambda-builder',
  controlContainer: 'builder',
  controlLabels: { app: 'knative-lambda-builder' },
  buildsNamespace: 'knative-lambda-builds',
  functionNamespace: 'knative-lambda',
  rabbitmqNamespace: 'rabbitmq-prd',
  rabbitmq: 'rabbitmq-cluster-prd',
  buildQueue: 'lambda-build-events-prd',
  deadLetterQueue: 'lambda-build-events-prd-dlq',
  registry: '123456789012.dkr.ecr.us-west-2.amazonaws.com',
  pullRegistry: '123456789012.dkr.ecr.us-west-2.amazonaws.com',
  buildInitContainer: 'fetch-code',
  buildServiceAccount: 'kaniko',
  buildTtlSeconds: 86_400,
  buildDeadlineSeconds: 1800,
  functions: FUNCTIONS,
  buildLabels: (functionName) => ({
    app: 'knative-lambda-builder',
    'build.notifi.network/third-party-id': 'acme',
    'build.notifi.network/parser-id': functionName,
  }),
};

const OPERATOR: PlatformNames = {
  profile: 'operator',
  controlNamespace: 'knative-lambda',
  controlDeployment: 'knative-lambda-operator',
  controlContainer: 'manager',
  controlLabels: { 'app.kubernetes.io/name': 'knative-lambda-operator' },
  buildsNamespace: 'knative-lambda',
  functionNamespace: 'knative-lambda',
  rabbitmqNamespace: 'knative-lambda',
  rabbitmq: 'rabbitmq-cluster-knative-lambda',
  buildQueue: 'broker.knative-lambda.lambda-broker',
  deadLetterQueue: 'lambda-dlq-queue',
  registry: 'kind-registry:5000',
  pullRegistry: 'localhost:5001',
  buildInitContainer: 'extract-context',
  buildServiceAccount: 'knative-lambda-operator',
  buildTtlSeconds: 300,
  buildDeadlineSeconds: null,
  functions: FUNCTIONS,
  buildLabels: (functionName) => ({
    'app.kubernetes.io/managed-by': 'knative-lambda-operator',
    'lambda.knative.io/name': functionName,
    'lambda.knative.io/build': 'true',
  }),
};

/** The names of a profile. */
export function platformNames(profile: 'builder' | 'operator'): PlatformNames {
  return profile === 'builder' ? BUILDER : OPERATOR;
}
