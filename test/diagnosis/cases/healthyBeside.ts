import { healthy } from '../story.ts';
import { alertOn } from '../world/alerts.ts';
import { restarted } from '../world/ills.ts';
import { knativeService } from '../world/knative.ts';
import { first } from '../world/pick.ts';
import { namespace } from '../world/town.ts';
import { daemonSet, deployment, replaced } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

/** An object of a kind whose controller says that all is well, with these conditions. */
function installed(world: World, kind: string, apiVersion: string, types: readonly string[], status: object): void {
  world.add({
    apiVersion,
    kind,
    metadata: world.metadata(kind, kind.toLowerCase(), { namespace: 'knative-serving', generation: 3, age: '60d' }),
    spec: {},
    status: {
      observedGeneration: 3,
      conditions: types.map((type) => ({ type, status: 'True', lastTransitionTime: world.ago('2h') })),
      ...status,
    },
  } as never); // the kinds that stories need often have shapes of their own
}

/** What looks like a trouble of the platform, the scheduler or the limits and is none. */
export const HEALTHY_BESIDE = [
  healthy('more-important-pod-took-the-place-and-another-was-found', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/',
    tell({ world }) {
      const batcher = deployment(world, 'batcher', { replicas: 2 });
      replaced(world, batcher, '7m');
      const gone = first(batcher.pods);
      world.warn(gone, 'Preempted', 'Preempted by pod 4b1c7a52-60a1-4d53-8f3a-a4d0f2a0c3b1 on node node-a', {
        source: 'default-scheduler',
        first: '7m',
      });
      world.remove(gone);
      alertOn(world, 'PodsPreempted', batcher.deployment, { severity: 'info' });
      return 'The batcher lost a pod.';
    },
  }),
  healthy('batch-takes-all-the-cpu-it-may-have-and-is-well', {
    source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
    tell({ world }) {
      const resources = { requests: { cpu: '500m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } };
      const encoder = deployment(world, 'encoder', { replicas: 1, resources });
      world.podUsage(first(encoder.pods), 'encoder', { cpuMilli: 998, memoryMi: 90 });
      alertOn(world, 'WebLatency', deployment(world, 'shopfront', { replicas: 2 }).deployment, { severity: 'info' });
      return 'Is the shop front well?';
    },
  }),
  healthy('serving-webhook-restarted-an-hour-ago-and-answers', {
    source: 'https://knative.dev/docs/serving/',
    tell({ world }) {
      namespace(world, 'knative-serving');
      const webhook = deployment(world, 'webhook', { namespace: 'knative-serving', replicas: 1, age: '40d' });
      restarted(world, first(webhook.pods), { exitCode: 2, restarts: 1, since: '70m', ended: '70m' });
      const fn = knativeService(world, 'thumb');
      alertOn(world, 'KnativeWebhookRestarted', fn.service, { severity: 'info' });
      return 'Did the webhook’s restart harm thumb?';
    },
  }),
  healthy('installation-of-serving-is-ready-since-its-upgrade', {
    source: 'https://knative.dev/docs/install/operator/knative-with-operators/',
    tell({ world }) {
      namespace(world, 'knative-serving');
      const types = [
        'DependenciesInstalled',
        'DeploymentsAvailable',
        'InstallSucceeded',
        'Ready',
        'VersionMigrationEligible',
      ];
      installed(world, 'KnativeServing', 'operator.knative.dev/v1beta1', types, { version: '1.19.4' });
      const fn = knativeService(world, 'ocr');
      alertOn(world, 'KnativeUpgraded', fn.service, { severity: 'info' });
      return 'Was the upgrade well?';
    },
  }),
  healthy('node-agent-is-meant-for-nodes-that-are-not-there-and-nobody-asks', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
    tell({ world }) {
      const { pods } = daemonSet(world, 'gpu-plugin', { spec: { nodeSelector: { gpu: 'true' } } });
      for (const pod of pods) world.remove(pod);
      alertOn(world, 'ReaderBusy', deployment(world, 'reader', { replicas: 2 }).deployment, { severity: 'info' });
      return 'Is the reader well?';
    },
  }),
];
