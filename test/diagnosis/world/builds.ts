import { type JobPlan, job, type Ran } from './batch.ts';
import type { Span } from './clock.ts';
import type { KnativeObject } from './knative.ts';
import { hex64 } from './names.ts';
import type { World } from './world.ts';

/** Kaniko builds of Knative Lambda, as its operator makes them. */

export interface BuildPlan extends JobPlan {
  readonly image?: string;
}

export interface Built extends Ran {
  readonly lambda: KnativeObject;
}

/** A LambdaFunction that is being built, and the Job and pod of the build (running). Started `age` ago. */
export function build(world: World, name: string, plan: BuildPlan = {}): Built {
  const age = plan.age ?? '4m';
  const seconds = Math.floor(Date.parse(world.ago(age)) / 1_000);
  const jobName = `${name}-build-${seconds}`;
  const tag = hex64(`source/${name}`).slice(0, 12);
  const image = plan.image ?? `kind-registry:5000/knative-lambda/${name}:${tag}`;
  const lambda = lambdaFunction(world, name, { phase: 'Building', jobName, image, age });
  const labels = {
    'app.kubernetes.io/managed-by': 'knative-lambda-operator',
    'lambda.knative.io/name': name,
    'lambda.knative.io/build': 'true',
  };
  const ran = job(world, jobName, {
    container: 'kaniko',
    image: 'localhost:5001/kaniko-executor:v1.19.2',
    args: [
      '--dockerfile=/workspace/Dockerfile',
      '--context=dir:///workspace',
      `--destination=${image}`,
      '--insecure',
      '--insecure-pull',
      '--skip-tls-verify',
      '--cache=false',
    ],
    resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '2', memory: '4Gi' } },
    mounts: [{ name: 'workspace', mountPath: '/workspace' }],
    init: [
      {
        name: 'extract-context',
        image: 'localhost:5001/alpine:3.20',
        command: ['sh', '-c', 'tar -xzf /context/context.tar.gz -C /workspace'],
        volumeMounts: [
          { name: 'context', mountPath: '/context' },
          { name: 'workspace', mountPath: '/workspace' },
        ],
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
      },
    ],
    spec: {
      serviceAccountName: 'knative-lambda-operator',
      automountServiceAccountToken: false,
      volumes: [
        { name: 'context', configMap: { name: `${name}-build-context` } },
        { name: 'workspace', emptyDir: {} },
      ],
    },
    backoffLimit: 0,
    ttl: 300,
    labels,
    annotations: { 'lambda.knative.io/image-uri': image, 'lambda.knative.io/content-hash': hex64(`content/${name}`) },
    owner: lambda,
    ...plan,
    age,
  });
  return { ...ran, lambda };
}

/** A LambdaFunction in a phase; its conditions follow from the phase (facts of the operator). */
export function lambdaFunction(
  world: World,
  name: string,
  told: { phase: string; jobName?: string; image?: string; age?: Span; language?: string },
): KnativeObject {
  return world.add<KnativeObject>({
    apiVersion: 'lambda.knative.io/v1alpha1',
    kind: 'LambdaFunction',
    metadata: world.metadata('LambdaFunction', name, {
      age: told.age ?? '5m',
      generation: 1,
      finalizers: ['lambdafunction.lambda.knative.io/finalizer'],
    }),
    spec: {
      source: {
        type: 'minio',
        minio: { endpoint: 'minio.minio.svc.cluster.local:9000', bucket: 'lambda-functions', key: `${name}/` },
      },
      runtime: { language: told.language ?? 'python', version: '3.11', handler: 'index.handler' },
      scaling: { minReplicas: 0, maxReplicas: 50 },
    },
    status: {
      phase: told.phase,
      ...(told.jobName === undefined
        ? {}
        : {
            buildStatus: {
              jobName: told.jobName,
              imageURI: told.image,
              startedAt: world.ago(told.age ?? '5m'),
              attempt: 1,
            },
          }),
      conditions: [
        {
          type: 'SourceReady',
          status: 'True',
          reason: 'BuildContextCreated',
          lastTransitionTime: world.ago(told.age ?? '5m'),
        },
      ],
    },
  });
}

/** The operator's view of a build that failed: it repeats the Job's message, not the cause. */
export function buildFailed(world: World, of: Built, ago: Span): void {
  const message = 'Job has reached the specified backoff limit';
  Object.assign(of.lambda.status, { phase: 'Failed' });
  Object.assign(of.lambda.status.buildStatus as object, { completedAt: world.ago(ago), error: message });
  of.lambda.status.conditions.push({
    type: 'BuildReady',
    status: 'False',
    reason: 'BuildFailed',
    message,
    lastTransitionTime: world.ago(ago),
  });
}

/** The lines with which every Kaniko build of a Python function begins. */
export function kanikoBegins(base = 'kind-registry:5000/python:3.11-alpine'): string[] {
  return [
    `INFO[0000] Retrieving image manifest ${base}`,
    `INFO[0000] Retrieving image ${base} from registry ${base.split('/')[0]}`,
    `INFO[0001] Built cross stage deps: map[]`,
    `INFO[0001] Executing 0 build triggers`,
    `INFO[0001] Building stage '${base}' [idx: '0', base-idx: '-1']`,
    `INFO[0004] Unpacking rootfs as cmd RUN pip install --no-cache-dir -r requirements.txt requires it.`,
  ];
}
