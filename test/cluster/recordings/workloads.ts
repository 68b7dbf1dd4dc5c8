import type { KubeObject } from '../apiClient.ts';
import { MERGE } from '../apiClient.ts';
import type { Place } from '../place.ts';
import { type Condition, reported } from '../platform.ts';
import { create, createNamespace, deployment, job, podsOf, say, setPod, terminated } from '../player.ts';
import { eventIn, of } from './cluster.ts';
import { CRASHES, crashes, inNamespace, LONG_AGO, type Recorded, runs, sick, type Truth } from './recorded.ts';

/** Jobs, Services, Knative's objects and what else a namespace holds. */

async function failingJob(
  place: Place,
  namespace: string,
  name: string,
  exit: number,
  lines: readonly string[],
): Promise<void> {
  await createNamespace(place, namespace);
  await create(place, job({ namespace, name }));
  const [pod] = await podsOf(place, { namespace, name });
  if (!pod) throw new Error('the Job has no pod');
  await say(place, pod, lines);
  await setPod(place, pod, { phase: 'Failed', containers: { main: { ready: false, state: terminated(exit) } } });
  await eventIn(place, namespace, /BackoffLimitExceeded/);
}

export const JOBS: readonly Recorded[] = [
  {
    name: 'job-fails',
    happens: (place) =>
      failingJob(place, 'job-fails', 'invoice-run', 1, [
        'reading 1200 accounts',
        'psycopg2.OperationalError: connection to server at "ledger-db" (10.96.3.3), port 5432 failed: FATAL:  database "ledger_2026" does not exist',
      ]),
    alert: { alertname: 'KubeJobFailed', job_name: 'invoice-run' },
    truth: sick(['Job/invoice-run'], /ledger_2026/),
  },
  {
    name: 'job-late',
    async happens(place) {
      await createNamespace(place, 'job-late');
      await create(place, job({ namespace: 'job-late', name: 'export', spec: { activeDeadlineSeconds: 5 } }));
      const [pod] = await podsOf(place, { namespace: 'job-late', name: 'export' });
      if (pod) await setPod(place, pod, {});
      await eventIn(place, 'job-late', /DeadlineExceeded/);
    },
    alert: { alertname: 'KubeJobFailed', job_name: 'export' },
    truth: sick(['Job/export'], /deadline/i),
  },
  {
    name: 'build-fails',
    async happens(place) {
      const namespace = 'build-fails';
      await createNamespace(place, namespace);
      const made = job({ namespace, name: 'resize-build-1764499200', image: 'gcr.io/kaniko-project/executor:v1.19.2' });
      made.metadata.labels = { 'build.notifi.network/parser-id': 'resize' };
      await create(place, made);
      const [pod] = await podsOf(place, { namespace, name: 'resize-build-1764499200' });
      if (!pod) throw new Error('the build has no pod');
      await say(place, pod, [
        'INFO[0002] Retrieving image manifest node:20',
        'INFO[0019] RUN npm ci',
        'npm error code E404',
        'npm error 404 Not Found - GET https://npm.example/@acme%2fresizer - Not found',
        'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1',
      ]);
      await setPod(place, pod, { phase: 'Failed', containers: { main: { ready: false, state: terminated(1) } } });
      await eventIn(place, namespace, /BackoffLimitExceeded/);
    },
    alert: { alertname: 'KubeJobFailed', job_name: 'resize-build-1764499200' },
    truth: sick(['Job/resize-build-1764499200'], /@?acme(%2f|\/)resizer|E?404|npm/),
  },
];

const service = (name: string, spec: object) => of('v1', 'Service', name, spec);

/** A workload that runs, and a Service before it that is wrong. */
function behind(name: string, spec: object, truth: Truth, more: readonly KubeObject[] = []): Recorded {
  return {
    name,
    async happens(place) {
      await createNamespace(place, name);
      await runs(place, { namespace: name, name: 'web', replicas: 2, container: { ports: [{ containerPort: 8080 }] } });
      for (const one of [service('web', spec), ...more])
        await create(place, { ...one, metadata: { ...one.metadata, namespace: name } });
    },
    alert: { alertname: 'KubeServiceEndpointsMissing', exported_service: 'web' },
    truth,
  };
}

export const SERVICES: readonly Recorded[] = [
  behind(
    'selector-matches-none',
    { selector: { app: 'webb' }, ports: [{ port: 80, targetPort: 8080 }] },
    sick(['Service/web'], /selector|no pod|endpoint/i),
  ),
  behind(
    'port-of-none',
    { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8088 }] },
    sick(['Service/web'], /8088/),
  ),
  behind(
    'port-name-of-none',
    { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http-web' }] },
    sick(['Service/web'], /http-web/),
  ),
  {
    name: 'database-scaled-away',
    async happens(place) {
      const namespace = 'database-scaled-away';
      await createNamespace(place, namespace);
      await create(place, deployment({ namespace, name: 'ledger-db', replicas: 0 }));
      await create(place, {
        ...service('ledger-db', { selector: { app: 'ledger-db' }, ports: [{ port: 5432 }] }),
        metadata: { name: 'ledger-db', namespace },
      });
      const env = [{ name: 'DB_HOST', value: 'ledger-db' }];
      const pod = await inNamespace(place, { namespace, name: 'ledger', container: { env } });
      await crashes(place, pod, ['connecting to ledger-db:5432', 'Error: connect ECONNREFUSED ledger-db:5432']);
    },
    alert: CRASHES,
    truth: sick(['Deployment/ledger-db', 'Service/ledger-db', 'Deployment/ledger'], /ledger-db/),
  },
];

const ready: Condition = ['Ready', 'True'];
const custom = (apiVersion: string, kind: string, namespace: string, name: string, spec: object = {}, labels = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace, labels },
  spec,
});

export const PLATFORM_CASES: readonly Recorded[] = [
  {
    name: 'trigger-unresolved',
    async happens(place) {
      const namespace = 'trigger-unresolved';
      await createNamespace(place, namespace);
      await reported(place, custom('eventing.knative.dev/v1', 'Broker', namespace, 'default'), [ready]);
      const to = {
        broker: 'default',
        subscriber: { ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'thumbnailer' } },
      };
      await reported(place, custom('eventing.knative.dev/v1', 'Trigger', namespace, 'uploads', to), [
        [
          'SubscriberResolved',
          'False',
          "Unable to get the Subscriber's URI",
          'services.serving.knative.dev "thumbnailer" not found',
        ],
        [
          'Ready',
          'False',
          "Unable to get the Subscriber's URI",
          'services.serving.knative.dev "thumbnailer" not found',
        ],
      ]);
    },
    alert: { alertname: 'KnativeTriggerNotReady', trigger: 'uploads' },
    truth: sick(['Trigger/uploads'], /thumbnailer/),
  },
  {
    name: 'revision-without-image',
    async happens(place) {
      const namespace = 'revision-without-image';
      await createNamespace(place, namespace);
      const labels = { 'serving.knative.dev/service': 'resize', 'serving.knative.dev/configuration': 'resize' };
      const why =
        'Unable to fetch image "registry.example/fn/resize:9": failed to resolve image to digest: HEAD https://registry.example/v2/fn/resize/manifests/9: unexpected status code 404 Not Found (HEAD responses have no body, use GET for details)';
      const containers = { containers: [{ name: 'user-container', image: 'registry.example/fn/resize:9' }] };
      const failed: Condition = [
        'Ready',
        'False',
        'RevisionFailed',
        `Revision "resize-00009" failed with message: ${why}.`,
      ];
      const serving = 'serving.knative.dev/v1';
      await reported(place, custom(serving, 'Configuration', namespace, 'resize', {}, labels), [failed], {
        latestCreatedRevisionName: 'resize-00009',
      });
      await reported(place, custom(serving, 'Revision', namespace, 'resize-00009', containers, labels), [
        ['ContainerHealthy', 'False', 'ContainerMissing', why],
        ['Ready', 'False', 'ContainerMissing', why],
      ]);
      await reported(
        place,
        custom(serving, 'Service', namespace, 'resize', {}, labels),
        [['ConfigurationsReady', 'False', 'RevisionFailed', failed[3]], failed],
        { latestCreatedRevisionName: 'resize-00009' },
      );
    },
    alert: { alertname: 'KnativeServiceNotReady', service_name: 'resize' },
    truth: sick(
      ['Service/resize', 'KnativeService/resize', 'Revision/resize-00009'],
      /resize/,
      /digest|404|not found|does not exist/i,
    ),
  },
  {
    name: 'autoscaler-without-target',
    async happens(place) {
      await createNamespace(place, 'autoscaler-without-target');
      await create(place, {
        ...of('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web-frontend' },
          maxReplicas: 4,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          ],
        }),
        metadata: { name: 'web', namespace: 'autoscaler-without-target' },
      });
      await eventIn(place, 'autoscaler-without-target', /FailedGetScale/);
    },
    alert: { alertname: 'KubeHpaReplicasMismatch', horizontalpodautoscaler: 'web' },
    truth: sick(['HorizontalPodAutoscaler/web'], /web-frontend/),
  },
  {
    name: 'held-by-finalizer',
    async happens(place) {
      const namespace = 'held-by-finalizer';
      await createNamespace(place, namespace);
      const [pod] = await runs(place, { namespace, name: 'worker' });
      if (!pod) throw new Error('no pod');
      const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`;
      await place.api.json('PATCH', path, { metadata: { finalizers: ['backup.example/hold'] } }, MERGE);
      await place.api.call('DELETE', `${path}?gracePeriodSeconds=1`);
      for (const other of await podsOf(place, { namespace, name: 'worker' }))
        await setPod(place, other, { startedAt: Date.now() - LONG_AGO });
    },
    truth: sick(['Deployment/worker'], /backup\.example\/hold|finalizer/i),
  },
];
