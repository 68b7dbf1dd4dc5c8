import type { KubeObject } from './apiClient.ts';
import type { Place } from './place.ts';
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
  type WorkloadDraft,
  waiting,
} from './player.ts';

/** A failure as it comes about on a cluster, the alert it raises, and what whoever looks first has to be told. */
export interface Story {
  /** Also its namespace. */
  readonly name: string;
  readonly happens: (place: Place) => Promise<void>;
  /** Labels of the alert beside its namespace; `alertname` as in kubernetes-mixin. */
  readonly alert: Readonly<Record<string, string>>;
  /** Each has to be said by the first look. */
  readonly said: readonly RegExp[];
}

/** A Deployment whose one pod is on a node. */
async function workload(place: Place, draft: WorkloadDraft): Promise<KubeObject> {
  await createNamespace(place, draft.namespace);
  await create(place, deployment(draft));
  const [pod] = await podsOf(place, draft);
  if (!pod) throw new Error(`${draft.name} has no pod`);
  return pod;
}

const backOff = (pod: KubeObject, pause = '2m40s') =>
  `back-off ${pause} restarting failed container=main pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;

const crashLoop: Story = {
  name: 'crash-loop',
  async happens(place) {
    const pod = await workload(place, { namespace: 'crash-loop', name: 'checkout' });
    const crash = ['starting checkout 1.0', 'FATAL: password authentication failed for user "checkout"'];
    await say(place, pod, crash);
    await say(place, pod, crash, { previous: true, ago: 60 });
    await setPod(place, pod, {
      startedAt: Date.now() - 400_000,
      containers: {
        main: { restartCount: 5, state: waiting('CrashLoopBackOff', backOff(pod)), lastState: terminated(1) },
      },
    });
    await happen(place, pod, {
      reason: 'BackOff',
      message: `Back-off restarting failed container main in pod ${pod.metadata.name}_crash-loop(${pod.metadata.uid})`,
      count: 12,
      firstAgo: 300,
    });
  },
  alert: { alertname: 'KubePodCrashLooping', container: 'main' },
  said: [/password authentication failed/],
};

const outOfMemory: Story = {
  name: 'out-of-memory',
  async happens(place) {
    const container = { resources: { limits: { memory: '256Mi' } } };
    const pod = await workload(place, { namespace: 'out-of-memory', name: 'resizer', container });
    await say(place, pod, ['resizing 4000x3000'], { previous: true });
    await setPod(place, pod, {
      startedAt: Date.now() - 400_000,
      containers: {
        main: {
          restartCount: 3,
          state: waiting('CrashLoopBackOff', backOff(pod, '40s')),
          lastState: terminated(137, 'OOMKilled'),
        },
      },
    });
    await happen(place, pod, {
      reason: 'BackOff',
      message: 'Back-off restarting failed container main',
      count: 4,
      firstAgo: 120,
    });
  },
  alert: { alertname: 'KubePodCrashLooping', container: 'main' },
  said: [/OOMKilled/, /256Mi/],
};

const imagePull: Story = {
  name: 'image-pull',
  async happens(place) {
    const image = 'registry.example/shop/cart:9.9';
    const pod = await workload(place, { namespace: 'image-pull', name: 'cart', image });
    const why = `Failed to pull image "${image}": rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
    await setPod(place, pod, {
      phase: 'Pending',
      startedAt: Date.now() - 400_000,
      containers: { main: { state: waiting('ImagePullBackOff', `Back-off pulling image "${image}"`) } },
    });
    await happen(place, pod, { reason: 'Failed', message: why, count: 4, firstAgo: 380 });
    await happen(place, pod, { reason: 'Failed', message: 'Error: ImagePullBackOff', count: 9, firstAgo: 370 });
  },
  alert: { alertname: 'KubePodNotReady' },
  said: [/cart:9\.9/, /not found|does not (exist|have it)/i],
};

const unschedulable: Story = {
  name: 'unschedulable',
  async happens(place) {
    await createNamespace(place, 'unschedulable');
    const container = { resources: { requests: { cpu: '64' } } };
    await create(place, deployment({ namespace: 'unschedulable', name: 'trainer', container }));
    // The scheduler of the cluster says why.
    await eventsOf(place, 'unschedulable', /Insufficient cpu/);
  },
  alert: { alertname: 'KubePodNotReady' },
  said: [/[Ii]nsufficient cpu|too little CPU|not enough cpu/i],
};

const quota: Story = {
  name: 'quota',
  async happens(place) {
    await createNamespace(place, 'quota');
    const about = { namespace: 'quota', name: 'small' };
    await create(place, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: about, spec: { hard: { pods: '1' } } });
    await eventually('the quota to be counted', async () => {
      const { text } = await place.api.call('GET', '/api/v1/namespaces/quota/resourcequotas/small');
      return JSON.parse(text).status?.hard?.pods === '1';
    });
    await create(place, deployment({ namespace: 'quota', name: 'api', replicas: 3 }));
    await eventsOf(place, 'quota', /exceeded quota: small/);
    const [pod] = await podsOf(place, { namespace: 'quota', name: 'api' });
    if (pod) await setPod(place, pod, {});
  },
  alert: { alertname: 'KubeDeploymentReplicasMismatch', deployment: 'api' },
  said: [/quota/i, /small/],
};

const failedJob: Story = {
  name: 'failed-job',
  async happens(place) {
    await createNamespace(place, 'failed-job');
    const draft = { namespace: 'failed-job', name: 'report' };
    await create(place, job(draft));
    const [pod] = await podsOf(place, draft);
    if (!pod) throw new Error('the Job has no pod');
    await say(place, pod, ['reading orders', 'Error: connect ECONNREFUSED 10.0.0.12:5432']);
    await setPod(place, pod, { phase: 'Failed', containers: { main: { ready: false, state: terminated(2) } } });
    await jobCondition(place, draft, 'Failed', 'BackoffLimitExceeded');
  },
  alert: { alertname: 'KubeJobFailed', job_name: 'report' },
  said: [/ECONNREFUSED/],
};

const lateJob: Story = {
  name: 'late-job',
  async happens(place) {
    await createNamespace(place, 'late-job');
    const draft = { namespace: 'late-job', name: 'export' };
    await create(place, job({ ...draft, spec: { activeDeadlineSeconds: 3 } }));
    const [pod] = await podsOf(place, draft);
    if (pod) await setPod(place, pod, {});
    await jobCondition(place, draft, 'Failed', 'DeadlineExceeded');
  },
  alert: { alertname: 'KubeJobFailed', job_name: 'export' },
  said: [/deadline/i],
};

const missingSecret: Story = {
  name: 'missing-secret',
  async happens(place) {
    const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'payments-key', key: 'token' } } }];
    const pod = await workload(place, { namespace: 'missing-secret', name: 'payments', container: { env } });
    await setPod(place, pod, {
      phase: 'Pending',
      startedAt: Date.now() - 400_000,
      containers: { main: { state: waiting('CreateContainerConfigError', 'secret "payments-key" not found') } },
    });
    await happen(place, pod, {
      reason: 'Failed',
      message: 'Error: secret "payments-key" not found',
      count: 20,
      firstAgo: 380,
    });
  },
  alert: { alertname: 'KubePodNotReady' },
  said: [/payments-key/],
};

const unbound: Story = {
  name: 'unbound-volume',
  async happens(place) {
    await createNamespace(place, 'unbound-volume');
    await create(place, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'records', namespace: 'unbound-volume' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } },
    });
    const pod = { volumes: [{ name: 'records', persistentVolumeClaim: { claimName: 'records' } }] };
    await create(place, deployment({ namespace: 'unbound-volume', name: 'ledger', pod }));
    await eventsOf(place, 'unbound-volume', /storageclass.storage.k8s.io "fast" not found/);
  },
  alert: { alertname: 'KubePodNotReady' },
  said: [/fast/, /storage ?class/i],
};

const unready: Story = {
  name: 'unready',
  async happens(place) {
    const container = { readinessProbe: { httpGet: { path: '/ready', port: 8080 } } };
    const pod = await workload(place, { namespace: 'unready', name: 'search', container });
    await say(place, pod, ['listening on 8080', 'ERROR index is not loaded: dial tcp 10.96.7.7:9200: i/o timeout']);
    await setPod(place, pod, {
      startedAt: Date.now() - 600_000,
      containers: {
        main: { ready: false, state: { running: { startedAt: new Date(Date.now() - 590_000).toISOString() } } },
      },
    });
    await happen(place, pod, {
      reason: 'Unhealthy',
      message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
      count: 60,
      firstAgo: 580,
    });
  },
  alert: { alertname: 'KubeDeploymentReplicasMismatch', deployment: 'search' },
  said: [/10\.96\.7\.7:9200 → readiness probe of Deployment search fails/, /index is not loaded/],
};

/** Pods are on two nodes; the second has all that these stories need to be quiet about. */
export const STORIES: readonly Story[] = [
  crashLoop,
  outOfMemory,
  imagePull,
  unschedulable,
  quota,
  failedJob,
  lateJob,
  missingSecret,
  unbound,
  unready,
];

/** Waits for an event of the cluster's own controllers. */
async function eventsOf(place: Place, namespace: string, message: RegExp): Promise<void> {
  await eventually(`an event ${message} in ${namespace}`, async () => {
    const { text } = await place.api.call('GET', `/api/v1/namespaces/${namespace}/events`);
    return JSON.parse(text).items.some((one: { message: string }) => message.test(one.message));
  });
}

async function jobCondition(place: Place, about: { namespace: string; name: string }, type: string, reason: string) {
  await eventually(`Job ${about.name} ${type}`, async () => {
    const { text } = await place.api.call('GET', `/apis/batch/v1/namespaces/${about.namespace}/jobs/${about.name}`);
    const conditions: { type: string; reason: string }[] = JSON.parse(text).status?.conditions ?? [];
    return conditions.some((one) => one.type === type && one.reason === reason);
  });
}
