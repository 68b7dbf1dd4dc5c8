import { randomUUID } from 'node:crypto';
import type { Scene } from '../scenario.ts';
import type { KubeObject, ObjectRef } from '../worldPort.ts';
import { suffix } from './naming.ts';

/** One attempt to build a function's image: a Job, its pod, and what they are called. */
export interface BuildAttempt {
  readonly functionName: string;
  readonly runtime: 'python' | 'nodejs' | 'go';
  readonly namespace: string;
  readonly job: string;
  readonly jobUid: string;
  readonly pod: string;
  readonly podUid: string;
  readonly image: string;
  readonly node: string;
  readonly memoryLimit: string;
  readonly createdAt: string;
}

export interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
}

/** Names a build attempt; the same key gives the same attempt through the run. */
export function buildAttempt(
  scene: Scene,
  functionName: string,
  options: { key?: string; node?: string; memoryLimit?: string; runtime?: BuildAttempt['runtime'] } = {},
): BuildAttempt {
  const key = `build/${functionName}/${options.key ?? ''}`;
  const job = scene.once(`${key}/job`, () => `${functionName}-build-${Math.floor(scene.at() / 1000)}`);
  const pod = scene.once(`${key}/pod`, () => `${job}-${suffix()}`);
  return {
    functionName,
    runtime: options.runtime ?? (functionName.includes('nodejs') ? 'nodejs' : 'python'),
    namespace: scene.names.buildsNamespace,
    job,
    jobUid: scene.once(`${key}/job-uid`, randomUUID),
    pod,
    podUid: scene.once(`${key}/pod-uid`, randomUUID),
    image: scene.once(
      `${key}/image`,
      () =>
        `${scene.names.registry}/${scene.names.functionNamespace}/${functionName}:${randomUUID().replaceAll('-', '').slice(0, 12)}`,
    ),
    node: options.node ?? 'node-b',
    memoryLimit: options.memoryLimit ?? '4Gi',
    createdAt: scene.once(`${key}/created`, () => scene.time()),
  };
}

export const jobRef = (build: BuildAttempt): ObjectRef => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  namespace: build.namespace,
  name: build.job,
});

export const podRef = (build: BuildAttempt): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Pod',
  namespace: build.namespace,
  name: build.pod,
});

/** The Job is created and its pod runs Kaniko. */
export function startBuild(scene: Scene, build: BuildAttempt): void {
  createJob(scene, build);
  scene.apply(buildPod(scene, build));
  scene.status(jobRef(build), { active: 1, ready: 1, startTime: scene.time() });
  const pod = { ...podRef(build), uid: build.podUid };
  const normal = (reason: string, message: string, source = 'kubelet') =>
    scene.event({ type: 'Normal', reason, message, regarding: pod, source });
  scene.event({
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Created pod: ${build.pod}`,
    regarding: { ...jobRef(build), uid: build.jobUid },
    source: 'job-controller',
  });
  normal('Scheduled', `Successfully assigned ${build.namespace}/${build.pod} to ${build.node}`, 'default-scheduler');
  normal('Pulled', 'Container image "gcr.io/kaniko-project/executor:v1.19.2" already present on machine');
  normal('Created', 'Created container kaniko');
  normal('Started', 'Started container kaniko');
  scene.usage(podUsage(build, 640, 380));
  const job = { namespace: build.namespace, job_name: build.job };
  scene.metrics.set('kube_job_status_active', job, 1);
  scene.metrics.set('kube_job_created', job, scene.at() / 1000);
  scene.metrics.set('kube_job_status_start_time', job, scene.at() / 1000);
  scene.metrics.set('kube_pod_status_phase', { namespace: build.namespace, pod: build.pod, phase: 'Running' }, 1);
}

/** Only the Job, before anything became of it. */
export function createJob(scene: Scene, build: BuildAttempt): void {
  const { names } = scene;
  scene.apply({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: build.job,
      namespace: build.namespace,
      uid: build.jobUid,
      creationTimestamp: build.createdAt,
      labels: { ...names.buildLabels(build.functionName) },
      annotations: { 'lambda.knative.io/image-uri': build.image },
    },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 0,
      ...(names.buildDeadlineSeconds === null ? {} : { activeDeadlineSeconds: names.buildDeadlineSeconds }),
      ttlSecondsAfterFinished: names.buildTtlSeconds,
      suspend: false,
      template: {
        metadata: { labels: { ...names.buildLabels(build.functionName), 'job-name': build.job } },
        spec: podSpec(scene, build),
      },
    },
    status: {},
  });
}

function podSpec(scene: Scene, build: BuildAttempt): Record<string, unknown> {
  return {
    serviceAccountName: scene.names.buildServiceAccount,
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    initContainers: [
      {
        name: scene.names.buildInitContainer,
        image: 'alpine:3.19',
        resources: resources('100m', '128Mi', '500m', '256Mi'),
      },
    ],
    containers: [
      {
        name: 'kaniko',
        image: 'gcr.io/kaniko-project/executor:v1.19.2',
        args: ['--dockerfile=/workspace/Dockerfile', '--context=dir:///workspace', `--destination=${build.image}`],
        resources: resources('500m', '1Gi', '2', build.memoryLimit),
      },
    ],
  };
}

function resources(cpu: string, memory: string, cpuLimit: string, memoryLimit: string): Record<string, unknown> {
  return { requests: { cpu, memory }, limits: { cpu: cpuLimit, memory: memoryLimit } };
}

/** The build's pod as it is while Kaniko works. */
export function buildPod(scene: Scene, build: BuildAttempt): KubeObject {
  const labels = { 'job-name': build.job, 'batch.kubernetes.io/job-name': build.job };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: build.pod,
      namespace: build.namespace,
      uid: build.podUid,
      creationTimestamp: scene.time(),
      labels: { ...scene.names.buildLabels(build.functionName), ...labels },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: build.job, uid: build.jobUid, controller: true }],
    },
    spec: { nodeName: build.node, ...podSpec(scene, build) },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      hostIP: '10.0.0.12',
      podIP: '10.42.1.87',
      startTime: scene.time(),
      conditions: conditions(scene, true),
      initContainerStatuses: [initStatus(scene)],
      containerStatuses: [containerStatus({ running: { startedAt: scene.time() } }, { ready: true, started: true })],
    },
  };
}

function conditions(scene: Scene, ready: boolean, reason?: string): readonly Record<string, unknown>[] {
  const condition = (type: string, status: boolean) => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime: scene.time(),
    ...(status || !reason ? {} : { reason }),
  });
  return [
    condition('Initialized', true),
    condition('Ready', ready),
    condition('ContainersReady', ready),
    condition('PodScheduled', true),
  ];
}

function initStatus(scene: Scene): Record<string, unknown> {
  return {
    name: scene.names.buildInitContainer,
    image: 'alpine:3.19',
    imageID: 'docker.io/library/alpine@sha256:c5b1261d6d3e43071626931fc004f70149baeba2c8ec672bd4f27761f8e1ad6b',
    ready: true,
    restartCount: 0,
    state: {
      terminated: { exitCode: 0, reason: 'Completed', startedAt: scene.time(-2), finishedAt: scene.time(-1) },
    },
    lastState: {},
  };
}

function containerStatus(
  state: Record<string, unknown>,
  flags: { ready: boolean; started: boolean },
): Record<string, unknown> {
  return {
    name: 'kaniko',
    image: 'gcr.io/kaniko-project/executor:v1.19.2',
    imageID: 'gcr.io/kaniko-project/executor@sha256:4e7a52dd1f14872430652bb3b027405b8dfd17c4538751c620ac005741ef9698',
    restartCount: 0,
    state,
    lastState: {},
    ...flags,
  };
}

/** Kaniko's container ended badly; the Job has no attempt left. */
export function failBuild(scene: Scene, build: BuildAttempt, ended: Ended): void {
  const terminated = { ...ended, startedAt: build.createdAt, finishedAt: scene.time() };
  scene.status(podRef(build), {
    phase: 'Failed',
    conditions: conditions(scene, false, 'PodFailed'),
    containerStatuses: [containerStatus({ terminated }, { ready: false, started: false })],
  });
  scene.usage({ ...podUsage(build, 0, 0), containers: {} });
  failJob(scene, build, 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  const pod = { namespace: build.namespace, pod: build.pod };
  const container = { ...pod, container: 'kaniko' };
  scene.metrics.set('kube_pod_container_status_terminated_reason', { ...container, reason: ended.reason }, 1);
  scene.metrics.set('kube_pod_status_phase', { ...pod, phase: 'Running' }, 0);
  scene.metrics.set('kube_pod_status_phase', { ...pod, phase: 'Failed' }, 1);
}

/** The Job gets its Failed condition, with event and metrics. */
export function failJob(scene: Scene, build: BuildAttempt, reason: string, message: string): void {
  const transition = { lastProbeTime: scene.time(), lastTransitionTime: scene.time() };
  scene.status(jobRef(build), {
    active: 0,
    ready: 0,
    failed: 1,
    conditions: [
      { type: 'FailureTarget', status: 'True', reason, message, ...transition },
      { type: 'Failed', status: 'True', reason, message, ...transition },
    ],
  });
  scene.event({
    type: 'Warning',
    reason,
    message,
    regarding: { ...jobRef(build), uid: build.jobUid },
    source: 'job-controller',
  });
  const job = { namespace: build.namespace, job_name: build.job };
  scene.metrics.set('kube_job_status_active', job, 0);
  scene.metrics.set('kube_job_status_failed', { ...job, reason }, 1);
  scene.metrics.set('kube_job_failed', { ...job, condition: 'true' }, 1);
  countBuild(scene, build, 'failed');
}

/** The image was pushed; the Job is complete. */
export function finishBuild(scene: Scene, build: BuildAttempt): void {
  const terminated = { exitCode: 0, reason: 'Completed', startedAt: build.createdAt, finishedAt: scene.time() };
  scene.status(podRef(build), {
    phase: 'Succeeded',
    conditions: conditions(scene, false, 'PodCompleted'),
    containerStatuses: [containerStatus({ terminated }, { ready: false, started: false })],
  });
  scene.usage({ ...podUsage(build, 0, 0), containers: {} });
  const transition = { lastProbeTime: scene.time(), lastTransitionTime: scene.time() };
  scene.status(jobRef(build), {
    active: 0,
    ready: 0,
    succeeded: 1,
    completionTime: scene.time(),
    conditions: [
      {
        type: 'Complete',
        status: 'True',
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
        ...transition,
      },
    ],
  });
  scene.event({
    type: 'Normal',
    reason: 'Completed',
    message: 'Job completed',
    regarding: { ...jobRef(build), uid: build.jobUid },
    source: 'job-controller',
  });
  const job = { namespace: build.namespace, job_name: build.job };
  scene.metrics.set('kube_job_status_active', job, 0);
  scene.metrics.set('kube_job_status_succeeded', job, 1);
  scene.metrics.set('kube_job_complete', { ...job, condition: 'true' }, 1);
  scene.metrics.set('kube_job_status_completion_time', job, scene.at() / 1000);
  scene.metrics.set('kube_pod_status_phase', { namespace: build.namespace, pod: build.pod, phase: 'Running' }, 0);
  countBuild(scene, build, 'success');
}

/** The Job's time to live is over: Job, pod and their series are gone. */
export function expireBuild(scene: Scene, build: BuildAttempt): void {
  scene.remove(podRef(build));
  scene.remove(jobRef(build));
  scene.metrics.removeMatching({ namespace: build.namespace, job_name: build.job });
  scene.metrics.removeMatching({ namespace: build.namespace, pod: build.pod });
}

function countBuild(scene: Scene, build: BuildAttempt, result: 'success' | 'failed'): void {
  const seconds = Math.max(1, (scene.at() - Date.parse(build.createdAt)) / 1000);
  if (scene.names.profile === 'builder') {
    scene.metrics.inc('builds_total', {});
    if (result === 'failed') scene.metrics.inc('build_failures_total', {});
    else scene.metrics.observe('build_duration_seconds', {}, seconds);
    return;
  }
  scene.metrics.observe('knative_lambda_operator_build_duration_seconds', { runtime: build.runtime, result }, seconds);
  if (result === 'failed') {
    scene.metrics.inc('knative_lambda_operator_errors_total', { component: 'build', error_type: 'build_failed' });
  }
}

/** What `kubectl top` shows of the build's pod. */
export function podUsage(build: BuildAttempt, cpuMilli: number, memoryMi: number) {
  return {
    kind: 'Pod' as const,
    namespace: build.namespace,
    name: build.pod,
    containers: { kaniko: { cpuMilli, memoryMi } },
  };
}
