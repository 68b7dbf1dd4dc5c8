import type { BuildAttempt } from './objects/build.ts';
import { buildAttempt, expireBuild, failBuild, finishBuild, podRef, podUsage, startBuild } from './objects/build.ts';
import type { Scenario, Scene, Stage } from './scenario.ts';

const FUNCTION = 'image-resizer';

/** Kaniko unpacks a large base image, snapshots the whole file system, and is killed at its memory limit. */
export const kanikoOomKilled: Scenario = {
  id: 's01-kaniko-oomkilled',
  title: 'Kaniko build OOMKilled',
  about: `The build of ${FUNCTION} is killed at its memory limit of 4Gi. The function keeps serving its last revision.`,
  cause: 'Kaniko was OOMKilled: the build of image-resizer needs more memory than its limit of 4Gi',
  verdict: 'cause',
  stages: (names) => [
    ...attempt('first', 0),
    // Without help the next push builds again and ends the same way. A short time to live clears the first alert before.
    ...(names.buildTtlSeconds <= 300
      ? [{ at: 95 + names.buildTtlSeconds, what: 'the failed Job is cleaned up', play: forget('first') }]
      : []),
    ...attempt('second', 900),
  ],
  fix: {
    what: 'raise the memory limit of the build (or use a slimmer base image) and build again',
    done: (world, names) =>
      world
        .list({ apiVersion: 'batch/v1', kind: 'Job' }, names.buildsNamespace)
        .some((job) => job.metadata.name.startsWith(`${FUNCTION}-build-`) && memoryLimitGi(job.spec) > 4),
    stages: () => [
      {
        at: 0,
        what: 'a build with an 8Gi limit starts',
        play: (scene) => startBuild(scene, fixed(scene)),
      },
      {
        at: 30,
        what: 'the image is pushed, the failed Jobs are cleaned up, the alerts resolve',
        play(scene) {
          const build = fixed(scene);
          kanikoLog(scene, build, [
            [-26, 'INFO[0004] Retrieving image manifest python:3.11-alpine'],
            [-4, 'INFO[0026] Taking snapshot of full filesystem...'],
            [-2, `INFO[0028] Pushing image to ${build.image}`],
            [0, `INFO[0030] Pushed ${build.image}`],
          ]);
          finishBuild(scene, build);
          forget('first')(scene);
          forget('second')(scene);
          scene.resolveAll();
        },
      },
    ],
  },
};

function attempt(key: string, start: number): readonly Stage[] {
  const build = (scene: Scene) => buildAttempt(scene, FUNCTION, { key });
  return [
    { at: start, what: `the build of ${FUNCTION} starts`, play: (scene) => startBuild(scene, build(scene)) },
    {
      at: start + 70,
      what: 'its memory climbs towards the limit',
      play(scene) {
        kanikoLog(scene, build(scene), [
          [-66, 'INFO[0004] Retrieving image manifest python:3.11-alpine'],
          [-65, 'INFO[0005] Built cross stage deps: map[]'],
          [-61, 'INFO[0009] Unpacking rootfs as cmd RUN pip install --no-cache-dir -r requirements.txt requires it.'],
          [-40, 'INFO[0030] RUN pip install --no-cache-dir -r requirements.txt'],
          [-39, 'INFO[0031] Running: [/bin/sh -c pip install --no-cache-dir -r requirements.txt]'],
          [-12, 'Successfully installed numpy-1.26.4 opencv-python-headless-4.9.0.80 pillow-10.3.0 torch-2.2.2'],
          [-9, 'INFO[0061] Taking snapshot of full filesystem...'],
        ]);
        scene.usage(podUsage(build(scene), 1840, 3420));
        memory(scene, build(scene), 0.9, 4, 25);
      },
    },
    {
      at: start + 95,
      what: 'the kernel kills Kaniko (exit code 137), the Job fails',
      play(scene) {
        failBuild(scene, build(scene), { exitCode: 137, reason: 'OOMKilled' });
        const { namespace, pod, job } = build(scene);
        scene.fire({ name: 'KnativeLambdaBuildOOMKilled', labels: { namespace, pod, container: 'kaniko' } });
        scene.fire({
          name: 'KnativeLambdaBuildJobFailed',
          labels: { namespace, job_name: job, reason: 'BackoffLimitExceeded' },
        });
      },
    },
  ];
}

function fixed(scene: Scene): BuildAttempt {
  return buildAttempt(scene, FUNCTION, { key: 'fixed', memoryLimit: '8Gi' });
}

/** The Job's time to live is over, and with its series go its alerts. */
function forget(key: string): (scene: Scene) => void {
  return (scene) => {
    const build = buildAttempt(scene, FUNCTION, { key });
    if (!scene.world.get(podRef(build))) return;
    expireBuild(scene, build);
    scene.resolve('KnativeLambdaBuildOOMKilled', { pod: build.pod });
    scene.resolve('KnativeLambdaBuildJobFailed', { job_name: build.job });
  };
}

function kanikoLog(scene: Scene, build: BuildAttempt, lines: readonly (readonly [number, string])[]): void {
  scene.log({ namespace: build.namespace, pod: build.pod, container: 'kaniko' }, lines);
}

function memory(scene: Scene, build: BuildAttempt, fromGi: number, toGi: number, seconds: number): void {
  const labels = { namespace: build.namespace, pod: build.pod, container: 'kaniko', node: build.node };
  const gi = 1024 ** 3;
  scene.metrics.set('container_spec_memory_limit_bytes', labels, 4 * gi);
  scene.metrics.set('container_memory_working_set_bytes', labels, fromGi * gi, {
    perSecond: ((toGi - fromGi) * gi) / seconds,
  });
}

function memoryLimitGi(jobSpec: unknown): number {
  const limit = /"name":"kaniko".*?"limits":\{[^}]*"memory":"(\d+(?:\.\d+)?)Gi"/.exec(JSON.stringify(jobSpec));
  return limit ? Number(limit[1]) : 0;
}
