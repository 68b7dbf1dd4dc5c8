import type { PlatformNames } from '../../scenarios/names.ts';
import { hexOf } from '../naming.ts';
import { dig, type KubeObject, refOf, text } from '../object.ts';
import type { ClusterWorld } from '../world.ts';
import { SECOND } from './ages.ts';
import { buildInterval, jobObject, kanikoLog } from './builds.ts';
import { builderLine, operatorLine } from './controlPlane.ts';

const LOG_EVERY = 20 * SECOND;

/** Keeps the platform alive: builds go on at their pace, and the control plane logs about them. */
export function startTraffic(world: ClusterWorld, names: PlatformNames, now: number): void {
  const every = buildInterval(names);
  let nextBuild = now + every - 40 * SECOND;
  let nextLine = now + LOG_EVERY;
  let count = 0;
  world.tasks.push((at) => {
    if (at >= nextBuild) {
      nextBuild = at + every;
      if (isCalm(world, names)) build(world, names, names.functions[count++ % names.functions.length] ?? '', at);
    }
    if (at >= nextLine) {
      nextLine = at + LOG_EVERY;
      logLines(world, names, at, count++);
    }
  });
}

/** While something is wrong nothing else is built: a green build in the middle of a registry outage would mislead. */
function isCalm(world: ClusterWorld, names: PlatformNames): boolean {
  const namespaces = new Set([names.buildsNamespace, names.controlNamespace, 'minio', 'knative-serving']);
  return [...namespaces].every((namespace) =>
    world.list({ apiVersion: 'v1', kind: 'Pod' }, namespace).every(({ status }) => isWell(status)),
  );
}

function isWell(status: unknown): boolean {
  const phase = text(status, 'phase');
  if (phase !== 'Running') return phase === 'Succeeded';
  const containers = dig(status, 'containerStatuses');
  return !(Array.isArray(containers) ? containers : []).some((one) => dig(one, 'state', 'waiting') !== undefined);
}

function build(world: ClusterWorld, names: PlatformNames, name: string, at: number): void {
  const image = `${names.registry}/${names.functionNamespace}/${name}:${hexOf(`${name} ${at}`, 12)}`;
  const job = jobObject(names, name, image, at);
  if (world.get(refOf(job))) return;
  world.apply(job);
  const runMs = 26 * SECOND + (at % (29 * SECOND));
  world.runJob({
    ref: refOf(job),
    runMs,
    onStart(pod, started) {
      const target = { namespace: names.buildsNamespace, pod, container: 'kaniko' };
      world.log({ ...target, lines: kanikoLog(name, image, started, runMs) });
      world.usage({
        kind: 'Pod',
        namespace: names.buildsNamespace,
        name: pod,
        containers: { kaniko: { cpuMilli: 910, memoryMi: 640 } },
      });
    },
  });
}

/** Only what runs can log. */
function logLines(world: ClusterWorld, names: PlatformNames, at: number, index: number): void {
  const isOurs = (pod: KubeObject) =>
    Object.entries(names.controlLabels).every(([key, value]) => pod.metadata.labels?.[key] === value) &&
    text(pod.status, 'containerStatuses', 0, 'state', 'running', 'startedAt') !== undefined;
  const line = names.profile === 'builder' ? builderLine : operatorLine;
  for (const pod of world.list({ apiVersion: 'v1', kind: 'Pod' }, names.controlNamespace).filter(isOurs)) {
    world.log({
      namespace: names.controlNamespace,
      pod: pod.metadata.name,
      container: names.controlContainer,
      lines: [{ at, text: line(names, at, index) }],
    });
  }
}
