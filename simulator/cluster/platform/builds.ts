import type { PlatformNames } from '../../scenarios/names.ts';
import { hexOf, suffixOf, uidOf } from '../naming.ts';
import { type KubeObject, refOf, rfc3339 } from '../object.ts';
import { podOf, succeeded } from '../podObject.ts';
import type { ClusterWorld } from '../world.ts';
import { EVENT_TTL, MINUTE, SECOND } from './ages.ts';
import type { Site } from './workload.ts';

/** Time between two builds: what a person can still read where Jobs are kept for a day, brisk where they are not. */
export function buildInterval(names: PlatformNames): number {
  return names.buildTtlSeconds * SECOND > 10 * MINUTE ? 67 * MINUTE : 70 * SECOND;
}

/** Builds that ended well, as long as their Jobs are kept. */
export function installBuilds(site: Site, names: PlatformNames): void {
  const kept = names.buildTtlSeconds * SECOND;
  const every = buildInterval(names);
  for (let age = 40 * SECOND, index = 0; age < kept - MINUTE; age += every, index++) {
    const name = names.functions[index % names.functions.length] ?? '';
    installBuild(site, names, name, site.now - age - 30 * SECOND, (26 + ((index * 7) % 29)) * SECOND);
  }
}

function installBuild(
  { world, placer, now }: Site,
  names: PlatformNames,
  name: string,
  at: number,
  took: number,
): void {
  const image = `${names.registry}/${names.functionNamespace}/${name}:${hexOf(`${name} ${at}`, 12)}`;
  const job = world.apply(jobObject(names, name, image, at, took));
  const pod = podOf(job, `${job.metadata.name}-${suffixOf(job.metadata.name)}`, at + 200);
  const placement = placer.place();
  world.apply(succeeded(pod, placement, at + 3 * SECOND, at + took));
  world.log({
    namespace: names.buildsNamespace,
    pod: pod.metadata.name,
    container: 'kaniko',
    lines: kanikoLog(name, image, at + 3 * SECOND, took - 3 * SECOND),
  });
  if (now - at < EVENT_TTL) buildEvents(world, job, pod, placement.node, at, took);
}

/** A build Job as the profile makes it. `took`: it is complete; without it, it has only been created. */
export function jobObject(names: PlatformNames, name: string, image: string, at: number, took?: number): KubeObject {
  const job = `${name}-build-${Math.floor(at / 1000)}`;
  const uid = uidOf(`job ${job}`);
  const labels = {
    ...names.buildLabels(name),
    'batch.kubernetes.io/job-name': job,
    'batch.kubernetes.io/controller-uid': uid,
    'job-name': job,
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: job,
      namespace: names.buildsNamespace,
      uid,
      creationTimestamp: rfc3339(at),
      generation: 1,
      labels,
      annotations: { 'lambda.knative.io/image-uri': image },
    },
    spec: {
      parallelism: 1,
      completions: 1,
      completionMode: 'NonIndexed',
      backoffLimit: 0,
      ...(names.buildDeadlineSeconds === null ? {} : { activeDeadlineSeconds: names.buildDeadlineSeconds }),
      ttlSecondsAfterFinished: names.buildTtlSeconds,
      suspend: false,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: { metadata: { labels }, spec: buildPodSpec(names, image) },
    },
    status: took === undefined ? {} : jobCompleted(at, at + took),
  };
}

export function jobCompleted(from: number, to: number): Record<string, unknown> {
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
    lastProbeTime: rfc3339(to),
    lastTransitionTime: rfc3339(to),
  });
  return {
    active: 0,
    ready: 0,
    succeeded: 1,
    startTime: rfc3339(from),
    completionTime: rfc3339(to),
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  };
}

function buildPodSpec(names: PlatformNames, image: string): Record<string, unknown> {
  const resources = (cpu: string, memory: string, cpuLimit: string, memoryLimit: string) => ({
    requests: { cpu, memory },
    limits: { cpu: cpuLimit, memory: memoryLimit },
  });
  return {
    restartPolicy: 'Never',
    serviceAccountName: names.buildServiceAccount,
    automountServiceAccountToken: false,
    initContainers: [
      { name: names.buildInitContainer, image: 'alpine:3.19', resources: resources('100m', '128Mi', '500m', '256Mi') },
    ],
    containers: [
      {
        name: 'kaniko',
        image: 'gcr.io/kaniko-project/executor:v1.19.2',
        args: [
          '--dockerfile=/workspace/Dockerfile',
          '--context=dir:///workspace',
          `--destination=${image}`,
          '--cache=false',
        ],
        resources: resources('500m', '1Gi', '2', '4Gi'),
      },
    ],
  };
}

export function kanikoLog(name: string, image: string, from: number, took: number) {
  const base = name.includes('nodejs') || name.includes('webhook') ? 'node:20-alpine' : 'python:3.11-alpine';
  const install = base.startsWith('node')
    ? 'npm install --omit=dev || true'
    : 'pip install --no-cache-dir -r requirements.txt';
  const steps = [
    [0.03, `Retrieving image manifest ${base}`],
    [0.05, `Retrieving image ${base} from registry index.docker.io`],
    [0.12, 'Built cross stage deps: map[]'],
    [0.14, 'Executing 0 build triggers'],
    [0.15, `Unpacking rootfs as cmd RUN ${install} requires it.`],
    [0.4, `RUN ${install}`],
    [0.41, `Running: [/bin/sh -c ${install}]`],
    [0.7, 'Taking snapshot of full filesystem...'],
    [0.86, `Pushing image to ${image}`],
    [1, `Pushed ${image.split(':')[0]}@sha256:${hexOf(image, 64)}`],
  ] as const;
  return steps.map(([share, text]) => {
    const seconds = Math.floor((took * share) / SECOND);
    return { at: from + took * share, text: `INFO[${String(seconds).padStart(4, '0')}] ${text}` };
  });
}

/** The events of a successful build. */
export function buildEvents(
  world: ClusterWorld,
  job: KubeObject,
  pod: KubeObject,
  node: string,
  at: number,
  took: number,
): void {
  const of = (object: KubeObject) => ({
    ...refOf(object),
    ...(object.metadata.uid ? { uid: object.metadata.uid } : {}),
  });
  const normal = (regarding: ReturnType<typeof of>, reason: string, message: string, source: string, offset: number) =>
    world.event({
      type: 'Normal',
      reason,
      message,
      regarding,
      source,
      ...(source === 'kubelet' ? { host: node } : {}),
      firstAt: at + offset,
      lastAt: at + offset,
    });
  const { name, namespace } = pod.metadata;
  normal(of(job), 'SuccessfulCreate', `Created pod: ${name}`, 'job-controller', 200);
  normal(of(pod), 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`, 'default-scheduler', 300);
  normal(
    of(pod),
    'Pulled',
    'Container image "gcr.io/kaniko-project/executor:v1.19.2" already present on machine',
    'kubelet',
    2500,
  );
  normal(of(pod), 'Created', 'Created container: kaniko', 'kubelet', 2700);
  normal(of(pod), 'Started', 'Started container kaniko', 'kubelet', 3000);
  normal(of(job), 'Completed', 'Job completed', 'job-controller', took);
}
