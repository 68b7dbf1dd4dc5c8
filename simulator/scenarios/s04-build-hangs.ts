import { buildAttempt, expireBuild, failJob, podRef, podUsage, startBuild } from './objects/build.ts';
import { rebuild } from './objects/failingBuild.ts';
import type { Scenario, Scene } from './scenario.ts';

const FUNCTION = 'hello-python';
const attempt = (scene: Scene) => buildAttempt(scene, FUNCTION);

/** A package mirror stopped answering; the build waits. With a deadline it is ended at 30 minutes, without one never. */
export const buildHangs: Scenario = {
  id: 's04-build-hangs',
  title: 'Build exceeds 30 minutes',
  about: `The build of ${FUNCTION} hangs in a package download. Jobs of the builder generation have a deadline, those of the operator have none.`,
  cause: 'The build hangs while packages are downloaded; nothing has been logged since',
  verdict: 'cause',
  stages: (names) => [
    {
      at: 0,
      what: `the build of ${FUNCTION} starts`,
      play(scene) {
        const build = attempt(scene);
        startBuild(scene, build);
        scene.usage(podUsage(build, 3, 410));
        scene.log({ namespace: build.namespace, pod: build.pod, container: 'kaniko' }, [
          [2, 'INFO[0002] Retrieving image manifest python:3.11-alpine'],
          [9, 'INFO[0009] Unpacking rootfs as cmd RUN pip install --no-cache-dir -r requirements.txt requires it.'],
          [14, 'INFO[0014] Running: [/bin/sh -c pip install --no-cache-dir -r requirements.txt]'],
          [16, 'Collecting numpy==1.26.4'],
          [16, '  Downloading numpy-1.26.4-cp311-cp311-musllinux_1_1_x86_64.whl (17.9 MB)'],
        ]);
      },
    },
    names.buildDeadlineSeconds === null
      ? {
          at: 1860,
          what: 'it is still running after 31 minutes',
          play(scene) {
            const { namespace, job } = attempt(scene);
            scene.fire({ name: 'KnativeLambdaBuildStuck', labels: { namespace, job_name: job }, value: 1860 });
          },
        }
      : {
          at: names.buildDeadlineSeconds,
          what: 'the Job runs into its deadline and its pod is deleted',
          play(scene) {
            const build = attempt(scene);
            failJob(scene, build, 'DeadlineExceeded', 'Job was active longer than specified deadline');
            scene.remove(podRef(build));
            const labels = { namespace: build.namespace, job_name: build.job };
            scene.fire({ name: 'KnativeLambdaBuildDeadlineExceeded', labels });
            scene.fire({ name: 'KnativeLambdaBuildJobFailed', labels: { ...labels, reason: 'DeadlineExceeded' } });
          },
        },
  ],
  fix: {
    what: 'delete the hanging Job after saving its log, point the build at a mirror that answers, build again',
    done: (world, names, since) => {
      const jobs = world.list({ apiVersion: 'batch/v1', kind: 'Job' }, names.buildsNamespace);
      return since > 0 && !jobs.some((job) => job.metadata.name.startsWith(`${FUNCTION}-build-`));
    },
    stages: () => [
      { at: 0, what: 'the hanging Job is gone', play: (scene) => expireBuild(scene, attempt(scene)) },
      ...rebuild([FUNCTION], 1, 'again'),
    ],
  },
};
