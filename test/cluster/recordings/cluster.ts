import { type KubeObject, MERGE } from '../apiClient.ts';
import type { Place } from '../place.ts';
import { create, createNamespace, deployment, eventually, job, podsOf, setPod } from '../player.ts';
import { LONG_AGO, mismatch, NOT_READY, type Recorded, sick, type Truth } from './recorded.ts';

/** What the cluster's own controllers refuse, place and bind: nothing of it is played. */

interface Made {
  readonly objects?: readonly KubeObject[];
  /** Merged into the namespace. */
  readonly labels?: Readonly<Record<string, string>>;
  /** An event that has to be there before it is recorded. */
  readonly until: RegExp;
  /** Pods that get a node run. */
  readonly running?: string;
}

function made(
  name: string,
  alert: Recorded['alert'],
  { objects = [], labels, until, running }: Made,
  truth: Truth,
): Recorded {
  return {
    name,
    async happens(place) {
      await createNamespace(place, name);
      if (labels) await place.api.json('PATCH', `/api/v1/namespaces/${name}`, { metadata: { labels } }, MERGE);
      for (const one of objects) {
        await create(place, {
          ...one,
          metadata: { ...one.metadata, ...(one.kind === 'PersistentVolume' ? {} : { namespace: name }) },
        });
        if (one.kind === 'ResourceQuota') await counted(place, name, one.metadata.name);
      }
      await eventIn(place, name, until);
      if (running)
        for (const pod of await podsOf(place, { namespace: name, name: running }))
          await setPod(place, pod, { startedAt: Date.now() - LONG_AGO });
    },
    ...(alert ? { alert } : {}),
    truth,
  };
}

async function counted(place: Place, namespace: string, name: string): Promise<void> {
  await eventually('the quota to be counted', async () => {
    const { text } = await place.api.call('GET', `/api/v1/namespaces/${namespace}/resourcequotas/${name}`);
    return JSON.parse(text).status?.hard !== undefined;
  });
}

export async function eventIn(place: Place, namespace: string, message: RegExp): Promise<void> {
  await eventually(`an event ${message} in ${namespace}`, async () => {
    const { text } = await place.api.call('GET', `/api/v1/namespaces/${namespace}/events`);
    return JSON.parse(text).items.some((one: { message: string; reason: string }) =>
      message.test(`${one.reason} ${one.message}`),
    );
  });
}

export const of = (apiVersion: string, kind: string, name: string, spec: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
});
const app = (name: string, more: Partial<Parameters<typeof deployment>[0]> = {}) =>
  deployment({ namespace: '', name, ...more });
const quota = (name: string, hard: object) => of('v1', 'ResourceQuota', name, { hard });
const claim = (name: string, spec: object) =>
  of('v1', 'PersistentVolumeClaim', name, {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '5Gi' } },
    ...spec,
  });
const mounts = (claimName: string) => ({ pod: { volumes: [{ name: 'store', persistentVolumeClaim: { claimName } }] } });
const requests = (amounts: object) => ({ container: { resources: { requests: amounts } } });
const spread = (name: string) => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { labelSelector: { matchLabels: { app: name } }, topologyKey: 'kubernetes.io/hostname' },
    ],
  },
});

export const SCHEDULING: readonly Recorded[] = [
  made(
    'too-much-memory',
    NOT_READY,
    { objects: [app('model', requests({ memory: '64Gi' }))], until: /Insufficient memory/ },
    sick(['Deployment/model'], /memory/i),
  ),
  made(
    'too-much-cpu',
    NOT_READY,
    { objects: [app('batch', requests({ cpu: '48' }))], until: /Insufficient cpu/ },
    sick(['Deployment/batch'], /cpu/i),
  ),
  made(
    'no-such-node',
    NOT_READY,
    {
      objects: [app('gpu', { pod: { nodeSelector: { 'disk.example/type': 'nvme' } } })],
      until: /node affinity\/selector/,
    },
    sick(['Deployment/gpu'], /disk\.example\/type|nvme|selector/),
  ),
  made(
    'affinity-unmet',
    NOT_READY,
    {
      objects: [
        app('edge', {
          pod: {
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone.example', operator: 'In', values: ['c'] }] }],
                },
              },
            },
          },
        }),
      ],
      until: /node affinity\/selector/,
    },
    sick(['Deployment/edge'], /affinity|zone\.example/i),
  ),
  made(
    'kept-apart',
    NOT_READY,
    { objects: [app('store', { replicas: 3, pod: { affinity: spread('store') } })], until: /anti-affinity/ },
    sick(['Deployment/store'], /anti-?affinity/i),
  ),
  made(
    'host-port-taken',
    NOT_READY,
    {
      objects: [app('agent', { replicas: 3, container: { ports: [{ containerPort: 9100, hostPort: 19100 }] } })],
      until: /free ports/,
    },
    sick(['Deployment/agent'], /port/i),
  ),
  made(
    'claim-missing',
    NOT_READY,
    { objects: [app('archive', mounts('archive-2019'))], until: /"archive-2019" not found/ },
    sick(['Deployment/archive', 'PersistentVolumeClaim/archive-2019'], /archive-2019/),
  ),
];

const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
const limits = (memory: string) => ({ container: { resources: { limits: { memory }, requests: { memory: '64Mi' } } } });

export const ADMISSION: readonly Recorded[] = [
  made(
    'quota-of-cpu',
    mismatch('api'),
    {
      objects: [quota('compute', { 'requests.cpu': '1' }), app('api', { replicas: 3, ...requests({ cpu: '500m' }) })],
      until: /exceeded quota: compute/,
    },
    sick(['Deployment/api', 'ResourceQuota/compute'], /quota/i, /compute|cpu/),
  ),
  made(
    'quota-of-pods',
    mismatch('api'),
    { objects: [quota('count', { pods: '2' }), app('api', { replicas: 4 })], until: /exceeded quota: count/ },
    sick(['Deployment/api', 'ResourceQuota/count'], /quota/i, /count|pods/),
  ),
  made(
    'quota-wants-limits',
    mismatch('api'),
    { objects: [quota('memory', { 'limits.memory': '4Gi' }), app('api')], until: /must specify limits.memory/ },
    sick(['Deployment/api', 'ResourceQuota/memory'], /limits?[.\s]*memory|must specify/i),
  ),
  made(
    'limit-range-exceeded',
    mismatch('api'),
    {
      objects: [
        of('v1', 'LimitRange', 'small', { limits: [{ type: 'Container', max: { memory: '512Mi' } }] }),
        app('api', limits('2Gi')),
      ],
      until: /maximum memory usage per Container is 512Mi/,
    },
    sick(['Deployment/api', 'LimitRange/small'], /512Mi|maximum memory/),
  ),
  made(
    'account-missing',
    mismatch('api'),
    {
      objects: [app('api', { pod: { serviceAccountName: 'deployer' } })],
      until: /serviceaccount "deployer" not found/,
    },
    sick(['Deployment/api', 'ServiceAccount/deployer'], /deployer/),
  ),
  made(
    'security-refused',
    mismatch('api'),
    {
      labels: restricted,
      objects: [app('api', { pod: { hostNetwork: true } })],
      until: /violates PodSecurity/,
    },
    sick(['Deployment/api'], /PodSecurity|restricted|host/),
  ),
  made(
    'priority-missing',
    mismatch('api'),
    { objects: [app('api', { pod: { priorityClassName: 'business-critical' } })], until: /business-critical/ },
    sick(['Deployment/api'], /business-critical/),
  ),
  made(
    'job-over-quota',
    { alertname: 'KubeJobNotCompleted', job_name: 'report' },
    { objects: [quota('none', { pods: '0' }), job({ namespace: '', name: 'report' })], until: /exceeded quota: none/ },
    sick(['Job/report', 'ResourceQuota/none'], /quota/i),
  ),
];

const small: KubeObject = of('v1', 'PersistentVolume', 'recorded-small', {
  capacity: { storage: '1Gi' },
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'recorded-manual',
  hostPath: { path: '/srv/none' },
});

export const STORAGE: readonly Recorded[] = [
  made(
    'class-missing',
    NOT_READY,
    {
      objects: [claim('records', { storageClassName: 'premium-rwo' }), app('ledger', mounts('records'))],
      until: /"premium-rwo" not found/,
    },
    sick(['Deployment/ledger', 'PersistentVolumeClaim/records'], /premium-rwo/),
  ),
  made(
    'class-unset',
    NOT_READY,
    { objects: [claim('records', {}), app('ledger', mounts('records'))], until: /no storage class is set/ },
    sick(['Deployment/ledger', 'PersistentVolumeClaim/records'], /class|volume/i),
  ),
  made(
    'volume-too-small',
    NOT_READY,
    {
      objects: [small, claim('records', { storageClassName: 'recorded-manual' }), app('ledger', mounts('records'))],
      until: /recorded-manual|unbound/,
    },
    sick(['Deployment/ledger', 'PersistentVolumeClaim/records'], /recorded-manual|records|5Gi|volume/),
  ),
];
