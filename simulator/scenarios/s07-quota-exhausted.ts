import { buildAttempt, createJob, finishBuild, jobRef, startBuild } from './objects/build.ts';
import { rebuild } from './objects/failingBuild.ts';
import type { Scenario, Scene } from './scenario.ts';
import type { ObjectRef } from './worldPort.ts';

const FUNCTION = 'invoice-parser';
const BUSY = Array.from({ length: 10 }, (_, index) => `batch-${index + 1}`);
const quotaRef = (scene: Scene): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  namespace: scene.names.buildsNamespace,
  name: 'builds-quota',
});

/** Ten builds use the whole memory quota; the eleventh Job gets no pod. */
export const quotaExhausted: Scenario = {
  id: 's07-quota-exhausted',
  title: 'Quota of the builds namespace exhausted',
  about: `Ten builds use all of limits.memory; the Job of ${FUNCTION} gets no pod. It heals when builds end.`,
  cause: 'ResourceQuota builds-quota is used up (limits.memory 40Gi of 40Gi), so the Job gets no pod',
  verdict: 'cause',
  stages: () => [
    {
      at: 0,
      what: 'ten builds run at once',
      play(scene) {
        for (const name of BUSY) startBuild(scene, buildAttempt(scene, name));
        setQuota(scene, 40);
      },
    },
    { at: 20, what: `the Job of ${FUNCTION} is created and gets no pod`, play: (scene) => refused(scene, 1) },
    { at: 60, what: 'it is tried again', play: (scene) => refused(scene, 4) },
    {
      at: 200,
      what: 'the alerts fire',
      play(scene) {
        refused(scene, 7);
        const { namespace, job } = buildAttempt(scene, FUNCTION);
        scene.fire({ name: 'KnativeLambdaBuildPodsMissing', labels: { namespace, job_name: job }, value: 0 });
      },
    },
    {
      at: 300,
      what: 'the quota alert fires',
      play: (scene) =>
        scene.fire({
          name: 'KnativeLambdaQuotaNearlyExhausted',
          severity: 'critical',
          labels: { namespace: scene.names.buildsNamespace, resource: 'limits.memory' },
        }),
    },
  ],
  fix: {
    what: 'wait for running builds or delete finished Jobs; raise the quota only after checking capacity',
    done: (world, names) => {
      const quota = world.list({ apiVersion: 'v1', kind: 'ResourceQuota' }, names.buildsNamespace);
      const hard = quota.map((one) => /"limits\.memory":"(\d+)Gi"/.exec(JSON.stringify(one.spec ?? {}))?.[1]);
      return hard.some((gibibytes) => Number(gibibytes) > 40);
    },
    stages: () => [
      {
        at: 0,
        what: 'the builds end, the quota is free',
        play(scene) {
          for (const name of BUSY) finishBuild(scene, buildAttempt(scene, name));
          setQuota(scene, 4);
        },
      },
      ...rebuild([FUNCTION], 2),
    ],
  },
};

function setQuota(scene: Scene, usedGi: number): void {
  const ref = quotaRef(scene);
  const hard = { 'limits.memory': '40Gi', 'count/jobs.batch': '200' };
  scene.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: ref.name, namespace: scene.names.buildsNamespace, creationTimestamp: scene.time(-864_000) },
    spec: { hard },
    status: { hard, used: { 'limits.memory': `${usedGi}Gi`, 'count/jobs.batch': '11' } },
  });
  const labels = { namespace: scene.names.buildsNamespace, resource: 'limits.memory', resourcequota: ref.name };
  scene.metrics.set('kube_resourcequota', { ...labels, type: 'hard' }, 40 * 1024 ** 3);
  scene.metrics.set('kube_resourcequota', { ...labels, type: 'used' }, usedGi * 1024 ** 3);
}

function refused(scene: Scene, times: number): void {
  const build = buildAttempt(scene, FUNCTION);
  if (!scene.world.get(jobRef(build))) createJob(scene, build);
  scene.event({
    type: 'Warning',
    reason: 'FailedCreate',
    message: `Error creating: pods "${build.job}-" is forbidden: exceeded quota: builds-quota, requested: limits.memory=4Gi, used: limits.memory=40Gi, limited: limits.memory=40Gi`,
    regarding: { ...jobRef(build), uid: build.jobUid },
    source: 'job-controller',
    count: times,
    firstAt: scene.at(-20 * (times - 1)),
  });
  scene.metrics.set('kube_job_status_active', { namespace: build.namespace, job_name: build.job }, 0);
}
