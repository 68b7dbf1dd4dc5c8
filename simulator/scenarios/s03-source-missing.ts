import { buildAttempt, failBuild, podRef, startBuild } from './objects/build.ts';
import { controlPlane, deploymentLog } from './objects/deployment.ts';
import { rebuild } from './objects/failingBuild.ts';
import { setPhase } from './objects/function.ts';
import type { Scenario, Scene } from './scenario.ts';

const FUNCTION = 'invoice-parser';
const ERRORS = { component: 'build', error_type: 'context_failed' };
const MISSING = 'failed to get source code: failed to read object from minio: The specified key does not exist.';

/** The source archive of one function was deleted; everything else builds. */
export const sourceMissing: Scenario = {
  id: 's03-source-missing',
  title: 'Source archive missing',
  about: `The source of ${FUNCTION} is gone from the bucket. Only this function is affected; storage itself is healthy.`,
  cause: 'The source object of invoice-parser does not exist in the bucket (NoSuchKey)',
  verdict: 'cause',
  stages: () => [
    {
      at: 0,
      what: `the source of ${FUNCTION} cannot be found`,
      play: (scene) => (scene.names.profile === 'operator' ? retry(scene) : initFails(scene)),
    },
    ...[15, 30, 45, 60, 75, 90, 105].map((at) => ({
      at,
      what: 'it is tried again',
      play: (scene: Scene) => {
        if (scene.names.profile === 'operator') retry(scene);
      },
    })),
    {
      at: 120,
      what: 'the alert fires',
      play(scene) {
        if (scene.names.profile === 'operator')
          scene.metrics.grow('knative_lambda_operator_errors_total', ERRORS, 1 / 15);
        else scene.metrics.inc('build_context_s3_errors_total', {}, 8);
        scene.fire({ name: 'KnativeLambdaBuildContextErrors', severity: 'warning', labels: {}, value: 8 });
      },
    },
  ],
  fix: {
    what: 'upload the source again or restore its version; the operator retries by itself',
    stages: () => [
      {
        at: 0,
        what: 'the source is back',
        play(scene) {
          if (scene.names.profile === 'operator') {
            scene.metrics.grow('knative_lambda_operator_errors_total', ERRORS, 0);
            setPhase(scene, FUNCTION, 'Building', [
              { type: 'SourceReady', status: 'True', reason: 'BuildContextCreated' },
            ]);
          }
        },
      },
      ...rebuild([FUNCTION], 2),
    ],
  },
};

function retry(scene: Scene): void {
  scene.metrics.inc('knative_lambda_operator_errors_total', ERRORS);
  setPhase(scene, FUNCTION, 'Pending', [
    { type: 'SourceReady', status: 'False', reason: 'BuildContextFailed', message: MISSING },
  ]);
  deploymentLog(scene, controlPlane(scene.names), [
    `{"level":"error","ts":"${scene.time()}","msg":"Failed to create build context","name":"${FUNCTION}","namespace":"${scene.names.functionNamespace}","error":"${MISSING}"}`,
  ]);
}

/** The builder generation downloads in the Job's init container. */
function initFails(scene: Scene): void {
  const build = buildAttempt(scene, FUNCTION);
  startBuild(scene, build);
  const container = scene.names.buildInitContainer;
  const reason = `fatal error: An error occurred (404) when calling the HeadObject operation: Key "global/parser/${FUNCTION}" does not exist`;
  scene.log({ namespace: build.namespace, pod: build.pod, container }, [reason]);
  failBuild(scene, build, { exitCode: 1, reason: 'Error' });
  const terminated = { exitCode: 1, reason: 'Error', startedAt: scene.time(-2), finishedAt: scene.time() };
  scene.status(podRef(build), {
    initContainerStatuses: [
      {
        name: container,
        image: 'alpine:3.19',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated },
        lastState: {},
      },
    ],
    containerStatuses: [
      {
        name: 'kaniko',
        image: 'gcr.io/kaniko-project/executor:v1.19.2',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'PodInitializing' } },
        lastState: {},
      },
    ],
  });
  const { namespace, job } = build;
  scene.fire({
    name: 'KnativeLambdaBuildJobFailed',
    labels: { namespace, job_name: job, reason: 'BackoffLimitExceeded' },
  });
}
