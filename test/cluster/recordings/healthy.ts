import { MERGE } from '../apiClient.ts';
import type { Place } from '../place.ts';
import {
  create,
  createNamespace,
  deployment,
  eventually,
  happen,
  job,
  podsOf,
  say,
  setPod,
  terminated,
} from '../player.ts';
import { eventIn } from './cluster.ts';
import { LONG_AGO, mismatch, type Recorded, runs, WELL } from './recorded.ts';

/** Nothing is wrong: what looks odd is meant so, or is over. */

function odd(
  name: string,
  happens: (place: Place, namespace: string) => Promise<void>,
  alert?: Recorded['alert'],
): Recorded {
  return {
    name,
    async happens(place) {
      await createNamespace(place, name);
      await happens(place, name);
    },
    ...(alert ? { alert } : {}),
    truth: WELL,
  };
}

const patch = (place: Place, path: string, body: object) => place.api.json('PATCH', path, body, MERGE);
const wellNow = async (place: Place, namespace: string, name: string, replicas = 1) => {
  for (const pod of await podsOf(place, { namespace, name, replicas }))
    await setPod(place, pod, { startedAt: Date.now() - LONG_AGO });
};
const complete = (place: Place, namespace: string, name: string) =>
  eventually(`${name} to be complete`, async () => {
    const { text } = await place.api.call('GET', `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`);
    return JSON.parse(text).status?.succeeded === 1;
  });

export const HEALTHY: readonly Recorded[] = [
  odd('all-well', async (place, namespace) => void (await runs(place, { namespace, name: 'web', replicas: 3 }))),
  odd(
    'all-well-by-alert',
    async (place, namespace) => void (await runs(place, { namespace, name: 'web', replicas: 3 })),
    mismatch('web'),
  ),
  odd('restarted-long-ago', async (place, namespace) => {
    const [pod] = await runs(place, { namespace, name: 'web' });
    const main = { ready: true, restartCount: 2, lastState: terminated(1, 'Error', { ran: 3000, ago: 26 * 3600 }) };
    if (pod) await setPod(place, pod, { startedAt: Date.now() - 48 * 3_600_000, containers: { main } });
  }),
  odd('scaled-to-zero', async (place, namespace) => {
    await create(place, deployment({ namespace, name: 'nightly', replicas: 0 }));
    await runs(place, { namespace, name: 'web' });
  }),
  odd('job-retried', async (place, namespace) => {
    await create(place, job({ namespace, name: 'import', spec: { backoffLimit: 3 } }));
    const [first] = await podsOf(place, { namespace, name: 'import' });
    if (!first) throw new Error('no pod');
    await say(place, first, ['Error: connect ETIMEDOUT 10.0.0.9:443']);
    await setPod(place, first, { phase: 'Failed', containers: { main: { ready: false, state: terminated(1) } } });
    await eventually('a second pod', async () => (await podsOf(place, { namespace, name: 'import' })).length > 1, 90);
    const next = (await podsOf(place, { namespace, name: 'import' })).find(
      ({ metadata }) => metadata.name !== first.metadata.name,
    );
    if (next)
      await setPod(place, next, {
        phase: 'Succeeded',
        containers: { main: { ready: false, state: terminated(0, 'Completed') } },
      });
    await complete(place, namespace, 'import');
  }),
  odd('job-done', async (place, namespace) => {
    await create(place, job({ namespace, name: 'import' }));
    const [pod] = await podsOf(place, { namespace, name: 'import' });
    if (pod)
      await setPod(place, pod, {
        phase: 'Succeeded',
        containers: { main: { ready: false, state: terminated(0, 'Completed') } },
      });
    await complete(place, namespace, 'import');
  }),
  odd('job-suspended', async (place, namespace) => {
    await create(place, job({ namespace, name: 'import', spec: { suspend: true } }));
    await runs(place, { namespace, name: 'web' });
  }),
  odd('cron-suspended', async (place, namespace) => {
    const { spec } = job({ namespace, name: 'report' });
    await create(place, {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'report', namespace },
      spec: { schedule: '* * * * *', suspend: true, jobTemplate: { spec } },
    });
  }),
  odd('quota-raised', async (place, namespace) => {
    await create(place, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'count', namespace },
      spec: { hard: { pods: '1' } },
    });
    await eventually(
      'the quota to be counted',
      async () =>
        JSON.parse((await place.api.call('GET', `/api/v1/namespaces/${namespace}/resourcequotas/count`)).text).status
          ?.hard !== undefined,
    );
    await create(place, deployment({ namespace, name: 'api', replicas: 2 }));
    await eventIn(place, namespace, /exceeded quota/);
    await patch(place, `/api/v1/namespaces/${namespace}/resourcequotas/count`, { spec: { hard: { pods: '20' } } });
    // The ReplicaSet controller waits longer with each refusal: a new annotation wakes it.
    const sets = await place.api.json('GET', `/apis/apps/v1/namespaces/${namespace}/replicasets`);
    await patch(place, `/apis/apps/v1/namespaces/${namespace}/replicasets/${sets.items[0].metadata.name}`, {
      metadata: { annotations: { woken: '1' } },
    });
    await wellNow(place, namespace, 'api', 2);
  }),
  odd('image-came', async (place, namespace) => {
    const [pod] = await runs(place, { namespace, name: 'web' });
    if (!pod) throw new Error('no pod');
    await happen(place, pod, {
      reason: 'Failed',
      message:
        'Failed to pull image "registry.example/web:1.0": failed to do request: Head "https://registry.example/v2/web/manifests/1.0": dial tcp 10.0.0.4:443: i/o timeout',
      count: 2,
      firstAgo: 880,
      lastAgo: 860,
    });
    await happen(place, pod, {
      reason: 'Failed',
      message: 'Error: ImagePullBackOff',
      count: 2,
      firstAgo: 875,
      lastAgo: 855,
    });
    await happen(place, pod, {
      type: 'Normal',
      reason: 'Pulled',
      message: 'Successfully pulled image "registry.example/web:1.0"',
      firstAgo: 840,
      lastAgo: 840,
    });
    await happen(place, pod, {
      type: 'Normal',
      reason: 'Started',
      message: 'Started container main',
      firstAgo: 839,
      lastAgo: 839,
    });
  }),
  odd('slow-to-be-ready', async (place, namespace) => {
    const container = { readinessProbe: { httpGet: { path: '/ready', port: 8080 } }, ports: [{ containerPort: 8080 }] };
    const [pod] = await runs(place, { namespace, name: 'web', container });
    if (pod)
      await happen(place, pod, {
        reason: 'Unhealthy',
        message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
        count: 4,
        firstAgo: 890,
        lastAgo: 850,
      });
  }),
  odd('claim-waits-for-a-pod', async (place, namespace) => {
    const name = 'recorded-local';
    await place.api.call('DELETE', `/apis/storage.k8s.io/v1/storageclasses/${name}`);
    await create(place, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    await create(place, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'later', namespace },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: name, resources: { requests: { storage: '1Gi' } } },
    });
    await runs(place, { namespace, name: 'web' });
    await eventIn(place, namespace, /WaitForFirstConsumer/);
  }),
  odd('replaced', async (place, namespace) => {
    const [old] = await runs(place, { namespace, name: 'web' });
    if (!old) throw new Error('no pod');
    await happen(place, old, {
      reason: 'BackOff',
      message: `Back-off restarting failed container main in pod ${old.metadata.name}_${namespace}(${old.metadata.uid})`,
      count: 9,
      firstAgo: 700,
      lastAgo: 500,
    });
    await place.api.call('DELETE', `/api/v1/namespaces/${namespace}/pods/${old.metadata.name}?gracePeriodSeconds=0`);
    await eventually('another pod', async () =>
      (await podsOf(place, { namespace, name: 'web' })).some(({ metadata }) => metadata.name !== old.metadata.name),
    );
    await wellNow(place, namespace, 'web');
  }),
  odd('placed-at-last', async (place, namespace) => {
    await create(
      place,
      deployment({ namespace, name: 'web', pod: { nodeSelector: { 'recorded.example/pool': 'blue' } } }),
    );
    await eventIn(place, namespace, /FailedScheduling/);
    await patch(place, '/api/v1/nodes/worker-1', { metadata: { labels: { 'recorded.example/pool': 'blue' } } });
    await wellNow(place, namespace, 'web');
  }),
  odd('service-of-its-own', async (place, namespace) => {
    await runs(place, { namespace, name: 'web' });
    await create(place, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'legacy', namespace },
      spec: { type: 'ExternalName', externalName: 'legacy.example' },
    });
    await create(place, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { clusterIP: 'None', selector: { app: 'web' } },
    });
  }),
  odd('rolled-out', async (place, namespace) => {
    await runs(place, { namespace, name: 'web', replicas: 2 });
    await patch(place, `/apis/apps/v1/namespaces/${namespace}/deployments/web`, {
      spec: { template: { metadata: { annotations: { build: '2' } } } },
    });
    for (let round = 0; round < 4; round += 1) {
      await wellNow(place, namespace, 'web');
      await new Promise((wake) => setTimeout(wake, 1500));
    }
  }),
  odd('daemons-of-no-node', async (place, namespace) => {
    await runs(place, { namespace, name: 'web' });
    const labels = { app: 'gpu-agent' };
    const template = {
      metadata: { labels },
      spec: { nodeSelector: { gpu: 'yes' }, containers: [{ name: 'main', image: 'registry.example/agent:1' }] },
    };
    await create(place, {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'gpu-agent', namespace },
      spec: { selector: { matchLabels: labels }, template },
    });
  }),
];
