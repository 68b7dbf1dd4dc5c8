import { buildAttempt, createJob } from './objects/build.ts';
import { podEvent, setPod } from './objects/pod.ts';
import { queueLabels } from './s09-storage-unreachable.ts';
import type { Scenario, Scene } from './scenario.ts';

const EVENTS = 1000;
const WAITING = 950;

/** A thousand builds at once: Jobs pile up, pods wait for capacity, alerts come by the hundred. */
export const storm: Scenario = {
  id: 's10-storm',
  title: 'Alert storm: 1,000 builds queueing',
  about:
    'A producer asks for 1,000 builds within 5 seconds. About 45 run, the rest wait; each waiting pod has its alert.',
  cause: 'A storm of build events: consumers work, but 1,000 builds need far more CPU than the nodes have',
  verdict: 'cause',
  stages: () => [
    {
      at: 0,
      what: '1,000 build events arrive in 5 seconds',
      play(scene) {
        scene.metrics.set('rabbitmq_queue_messages', queueLabels(scene), 990);
        scene.metrics.set('workqueue_depth', { namespace: scene.names.controlNamespace, name: 'lambdafunction' }, 420);
      },
    },
    { at: 10, what: 'their Jobs and pods are created and wait', play: (scene) => range(scene, pile) },
    {
      at: 140,
      what: 'the alerts fire',
      play(scene) {
        range(scene, (one, index) => {
          const { namespace, pod } = buildOf(one, index);
          one.fire({ name: 'KnativeLambdaBuildPodPending', labels: { namespace, pod } });
        });
      },
    },
    {
      at: 310,
      what: 'queue and control plane alerts fire',
      play(scene) {
        const { namespace, queue } = queueLabels(scene);
        scene.fire({
          name: 'KnativeLambdaQueueBacklog',
          severity: 'warning',
          labels: { namespace, queue },
          value: 960,
        });
        scene.fire({ name: 'KnativeLambdaWorkqueueBacklog', labels: {}, value: 420 });
      },
    },
  ],
  fix: {
    what: 'pause the producer and let the queue drain; never purge it',
    stages: () => [
      {
        at: 60,
        what: 'the queue has drained',
        play(scene) {
          range(scene, (one, index) => {
            const build = buildOf(one, index);
            one.remove({ apiVersion: 'v1', kind: 'Pod', namespace: build.namespace, name: build.pod });
            one.remove({ apiVersion: 'batch/v1', kind: 'Job', namespace: build.namespace, name: build.job });
            one.metrics.set(
              'kube_pod_status_phase',
              { namespace: build.namespace, pod: build.pod, phase: 'Pending' },
              0,
            );
            one.metrics.remove('kube_job_status_active', { namespace: build.namespace, job_name: build.job });
          });
          scene.metrics.set('rabbitmq_queue_messages', queueLabels(scene), 30);
          scene.metrics.set('workqueue_depth', { namespace: scene.names.controlNamespace, name: 'lambdafunction' }, 0);
          scene.resolveAll();
        },
      },
    ],
  },
};

function range(scene: Scene, play: (scene: Scene, index: number) => void): void {
  for (let index = 0; index < WAITING; index += 1) play(scene, index);
}

function buildOf(scene: Scene, index: number) {
  return buildAttempt(scene, `tenant-${String(index + 1).padStart(4, '0')}`);
}

function pile(scene: Scene, index: number): void {
  const build = buildOf(scene, index);
  createJob(scene, build);
  setPod(scene, {
    namespace: build.namespace,
    name: build.pod,
    phase: 'Pending',
    labels: { ...scene.names.buildLabels(build.functionName), 'job-name': build.job },
    owner: { apiVersion: 'batch/v1', kind: 'Job', name: build.job, uid: build.jobUid },
    containers: [],
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message:
          '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
        lastTransitionTime: scene.time(),
      },
    ],
  });
  // One in twenty is enough to read; a cluster keeps only so many events as well.
  if (index % 20 === 0) {
    podEvent(
      scene,
      { namespace: build.namespace, name: build.pod },
      {
        type: 'Warning',
        reason: 'FailedScheduling',
        message: `0/3 nodes are available: 3 Insufficient cpu. ${EVENTS} builds want 500 CPU of 24.`,
        source: 'default-scheduler',
        count: 3,
      },
    );
  }
  scene.metrics.set('kube_job_status_active', { namespace: build.namespace, job_name: build.job }, 1);
}
