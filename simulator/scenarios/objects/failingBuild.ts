import type { Scene, Stage } from '../scenario.ts';
import type { BuildAttempt, Ended } from './build.ts';
import { buildAttempt, expireBuild, failBuild, finishBuild, startBuild } from './build.ts';

export interface FailingBuild {
  readonly functionName: string;
  readonly key?: string;
  /** Seconds of scenario time: when it starts and how long it lasts. */
  readonly at: number;
  readonly lasts: number;
  readonly log: (build: BuildAttempt) => readonly (readonly [number, string])[];
  readonly ended: Ended;
}

/** A build that starts and fails: two stages, with the alert of a failed Job. */
export function failingBuild(one: FailingBuild): readonly Stage[] {
  const build = (scene: Scene) => buildAttempt(scene, one.functionName, { key: one.key ?? '' });
  return [
    {
      at: one.at,
      what: `the build of ${one.functionName} starts`,
      play: (scene) => startBuild(scene, build(scene)),
    },
    {
      at: one.at + one.lasts,
      what: `the build of ${one.functionName} fails`,
      play(scene) {
        const { namespace, pod, job } = build(scene);
        scene.log({ namespace, pod, container: 'kaniko' }, one.log(build(scene)));
        failBuild(scene, build(scene), one.ended);
        scene.fire({
          name: 'KnativeLambdaBuildJobFailed',
          labels: { namespace, job_name: job, reason: 'BackoffLimitExceeded' },
        });
      },
    },
  ];
}

/** The Jobs of these functions are cleaned up, and new builds succeed. */
export function rebuild(functions: readonly string[], at: number, key = ''): readonly Stage[] {
  return [
    {
      at,
      what: `${functions.join(', ')} build again`,
      play(scene) {
        for (const name of functions) startBuild(scene, buildAttempt(scene, name, { key: `rebuild-${key}` }));
      },
    },
    {
      at: at + 28,
      what: 'the builds succeed, the alerts resolve',
      play(scene) {
        for (const name of functions) {
          const build = buildAttempt(scene, name, { key: `rebuild-${key}` });
          const from = { namespace: build.namespace, pod: build.pod, container: 'kaniko' };
          scene.log(from, [
            [-27, 'INFO[0001] Retrieving image manifest'],
            [-3, `INFO[0025] Pushing image to ${build.image}`],
            [0, `INFO[0028] Pushed ${build.image}`],
          ]);
          finishBuild(scene, build);
          expireBuild(scene, buildAttempt(scene, name, { key }));
        }
        scene.resolveAll();
      },
    },
  ];
}
