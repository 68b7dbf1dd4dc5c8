import { healthy, sick } from '../story.ts';
import { alertOn, podNotReady, replicasMismatch, usersSee } from '../world/alerts.ts';
import { backoffExceeded, cronJob, job, jobCompletes, jobFails, jobOf, podEnds, running } from '../world/batch.ts';
import { eventing } from '../world/eventing.ts';
import { crashLoops } from '../world/ills.ts';
import { knativeService, mark, revisionFails } from '../world/knative.ts';
import { service } from '../world/network.ts';
import { first } from '../world/pick.ts';
import { answered, neverReady } from '../world/probes.ts';
import { refusedPods } from '../world/quota.ts';
import { configFails } from '../world/starting.ts';
import { http } from '../world/template.ts';
import { namespace } from '../world/town.ts';
import { deployment } from '../world/workloads.ts';

const INDEXED = 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index';
const CRON = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';

/** Jobs by index and by schedule, webhooks, certificates, and functions. */
export const BATCH_AND_FUNCTIONS = [
  sick('indexed-job-lost-more-indexes-than-it-may', {
    source: INDEXED,
    about: ['Job/render'],
    says: [/index/i, /\b3,5\b|\b3\b/],
    tell({ world }) {
      const { job: of, pods } = job(world, 'render', {
        age: '20m',
        indexed: true,
        completions: 6,
        parallelism: 6,
        pods: 6,
      });
      for (const [index, pod] of pods.entries())
        podEnds(world, pod, {
          exitCode: index === 3 || index === 5 ? 1 : 0,
          ended: '12m',
          ...(index === 3 || index === 5 ? { log: [`frame range of index ${index} is empty`] } : {}),
        });
      Object.assign(of.spec, { backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
      Object.assign(of.status, { failedIndexes: '3,5', completedIndexes: '0-2,4' });
      jobFails(
        world,
        of,
        'MaxFailedIndexesExceeded',
        'Job has exceeded the specified maximal number of failed indexes',
        '11m',
      );
      alertOn(world, 'KubeJobFailed', of);
      return 'The rendering failed.';
    },
  }),
  sick('cron-job-replaces-its-run-before-it-can-end', {
    source: `${CRON}#concurrency-policy`,
    about: ['CronJob/rollup'],
    says: [/Replace/],
    tell({ world }) {
      const cron = cronJob(world, 'rollup', {
        schedule: '*/5 * * * *',
        concurrency: 'Replace',
        lastScheduled: '3m',
        lastSucceeded: '3d',
      });
      const { job: of } = jobOf(world, cron, '3m');
      running(cron, [of]);
      world.note(cron, 'SuccessfulDelete', 'Deleted job rollup-29402990', {
        source: 'cronjob-controller',
        first: '2h',
        last: '3m',
        count: 24,
      });
      alertOn(world, 'CronJobNotSucceeding', cron, { summary: 'rollup has not succeeded for 3 days.' });
      return 'There is no rollup since three days.';
    },
  }),
  sick('runs-of-a-replacing-cron-job-fail-and-their-history-is-cleaned-up', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits',
    about: ['CronJob/rollup'],
    says: [/price list|prices\.csv/],
    never: [/replaced it|ends no run|replaces its own/],
    tell({ world }) {
      const cron = cronJob(world, 'rollup', {
        schedule: '*/10 * * * *',
        concurrency: 'Replace',
        lastScheduled: '3m',
        lastSucceeded: '3d',
      });
      const { job: of, pods } = jobOf(world, cron, '3m', { backoffLimit: 0 });
      podEnds(world, first(pods), { exitCode: 1, ended: '2m', log: ['Error: the price list prices.csv is empty'] });
      backoffExceeded(world, of, '2m');
      const { name } = of.metadata;
      const latest = Number(name.split('-').at(-1));
      const source = 'cronjob-controller';
      // Ends of runs that began more than an hour ago are forgotten; their Jobs were deleted within it.
      for (const age of [2, 12, 22, 32, 42, 52])
        world.note(cron, 'SawCompletedJob', `Saw completed job: rollup-${latest - age + 2}, condition: Failed`, {
          source,
          first: `${age}m`,
        });
      for (const age of [2, 12, 22, 32, 42, 52])
        world.note(cron, 'SuccessfulDelete', `Deleted job rollup-${latest - age - 8}`, { source, first: `${age}m` });
      alertOn(world, 'CronJobNotSucceeding', cron, { summary: 'rollup has not succeeded for 3 days.' });
      return 'There is no rollup since three days.';
    },
  }),
  sick('cron-job-was-suspended-after-it-had-run-for-months', {
    source: `${CRON}#schedule-suspension`,
    about: ['CronJob/billing-run'],
    says: [/suspend/i],
    confirmed: true,
    tell({ world }) {
      const cron = cronJob(world, 'billing-run', {
        suspend: true,
        lastScheduled: '26h',
        lastSucceeded: '26h',
      });
      alertOn(world, 'CronJobNotRunning', cron);
      return 'No bills since yesterday.';
    },
  }),
  sick('job-cannot-write-where-its-user-may-not', {
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
    about: ['Job/export-users'],
    says: [/permission|denied/i, /\/out/],
    tell({ world }) {
      const { job: of, pods } = job(world, 'export-users', { age: '9m', backoffLimit: 0 });
      podEnds(world, first(pods), {
        exitCode: 1,
        ended: '8m',
        log: [
          'Traceback (most recent call last):',
          '  File "/app/export.py", line 31, in main',
          '    with open(path, "w") as out:',
          "PermissionError: [Errno 13] Permission denied: '/out/users.csv'",
        ],
      });
      backoffExceeded(world, of, '8m');
      alertOn(world, 'KubeJobFailed', of);
      return 'The export failed.';
    },
  }),
  sick('policy-webhook-does-not-answer-and-pods-cannot-be-made', {
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts',
    about: ['Deployment/policy', 'Deployment/lobby'],
    says: [/webhook/i, /policy/],
    tell({ world }) {
      namespace(world, 'policy-system');
      const guard = deployment(world, 'policy', {
        namespace: 'policy-system',
        replicas: 1,
        ports: [8443],
        readiness: http('/readyz', 8443),
      });
      neverReady(world, first(guard.pods), answered(500), { since: '15m' });
      service(world, 'policy', {
        namespace: 'policy-system',
        ports: [{ name: 'https', port: 443, targetPort: 8443 }],
      });
      const { deployment: of, replicaSet, pods } = deployment(world, 'lobby', { replicas: 1, age: '12m' });
      for (const pod of pods) world.remove(pod);
      refusedPods(
        world,
        replicaSet,
        'Internal error occurred: failed calling webhook "pods.policy.example.com": failed to call webhook: Post "https://policy.policy-system.svc:443/mutate?timeout=10s": context deadline exceeded',
        { first: '12m' },
      );
      replicasMismatch(world, of);
      return 'The lobby has no pods.';
    },
  }),
  sick('issuer-of-the-certificate-does-not-exist', {
    source: 'https://cert-manager.io/docs/troubleshooting/',
    about: ['Certificate/api-tls'],
    says: [/letsencrypt-prod|issuer/i],
    tell({ world }) {
      const message = 'Issuing certificate as Secret does not exist';
      const certificate = world.add({
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: world.metadata('Certificate', 'api-tls', { age: '30m' }),
        spec: {
          secretName: 'api-tls',
          dnsNames: ['api.example.com'],
          issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt-prod' },
        },
        status: {
          conditions: [
            { type: 'Issuing', status: 'True', reason: 'DoesNotExist', message, lastTransitionTime: world.ago('30m') },
            { type: 'Ready', status: 'False', reason: 'DoesNotExist', message, lastTransitionTime: world.ago('30m') },
          ],
        },
      });
      world.note(certificate, 'Issuing', message, { source: 'cert-manager-certificates-trigger', first: '30m' });
      const request = world.add({
        apiVersion: 'cert-manager.io/v1',
        kind: 'CertificateRequest',
        metadata: world.metadata('CertificateRequest', 'api-tls-1', { age: '30m' }),
        spec: {},
        status: {},
      });
      world.warn(
        request,
        'IssuerNotFound',
        'Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "letsencrypt-prod" not found',
        {
          source: 'cert-manager-certificaterequests-issuer-acme',
          first: '30m',
          last: '1m',
          count: 6,
        },
      );
      world.alert(
        'CertManagerCertNotReady',
        {
          name: 'api-tls',
          exported_namespace: 'shop',
          namespace: 'cert-manager',
          severity: 'critical',
          condition: 'False',
        },
        '10m',
      );
      return 'api has no certificate.';
    },
  }),
  sick('issuer-of-the-certificate-is-limited-and-that-of-its-neighbours-did-not-exist', {
    source: 'https://cert-manager.io/docs/troubleshooting/',
    about: ['Certificate/desk'],
    says: [/too many certif/],
    never: [/letsencrypt-staging/],
    tell({ world }) {
      const message = 'Issuing certificate as Secret does not exist';
      // Those beside it were issued since; what was told of their requests lives on in the events.
      for (const name of ['desk', 'desk-admin', 'desk-1']) {
        const ready =
          name === 'desk'
            ? { status: 'False', reason: 'DoesNotExist', message }
            : { status: 'True', reason: 'Ready', message: 'Certificate is up to date and has not expired' };
        world.add({
          apiVersion: 'cert-manager.io/v1',
          kind: 'Certificate',
          metadata: world.metadata('Certificate', name, { age: '30m' }),
          spec: {
            secretName: name,
            dnsNames: [`${name}.example.com`],
            issuerRef: { kind: 'ClusterIssuer', name: name === 'desk' ? 'letsencrypt-prod' : 'letsencrypt-staging' },
          },
          status: { conditions: [{ type: 'Ready', ...ready, lastTransitionTime: world.ago('2m') }] },
        });
      }
      const requests: readonly (readonly [name: string, reason: string, message: string])[] = [
        [
          'desk-1',
          'OrderFailed',
          'Failed to wait for order resource "desk-1-3201712" to become ready: 429 urn:ietf:params:acme:error:rateLimited: too many certificates already issued for "example.com"',
        ],
        [
          'desk-admin-1',
          'IssuerNotFound',
          'Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "letsencrypt-staging" not found',
        ],
        [
          'desk-1-1',
          'IssuerNotFound',
          'Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "letsencrypt-staging" not found',
        ],
      ];
      for (const [index, [name, reason, told]] of requests.entries()) {
        const request = world.add({
          apiVersion: 'cert-manager.io/v1',
          kind: 'CertificateRequest',
          metadata: world.metadata('CertificateRequest', name, { age: '30m' }),
          spec: {},
          status: {},
        });
        world.warn(request, reason, told, {
          source: 'cert-manager-certificaterequests-issuer-acme',
          first: '30m',
          last: `${5 - index}m`,
          count: 6,
        });
      }
      world.alert(
        'CertManagerCertNotReady',
        {
          name: 'desk',
          exported_namespace: 'shop',
          namespace: 'cert-manager',
          severity: 'critical',
          condition: 'False',
        },
        '10m',
      );
      return 'desk has no certificate.';
    },
  }),
  sick('broker-is-not-ready-because-its-ingress-is-down', {
    source: 'https://knative.dev/docs/eventing/brokers/broker-types/channel-based-broker/',
    about: ['Broker/default', 'Deployment/mt-broker-ingress'],
    says: [/ingress/i],
    tell({ world }) {
      namespace(world, 'knative-eventing');
      const broker = eventing(world, 'Broker', 'default', {});
      const { pods } = deployment(world, 'mt-broker-ingress', { namespace: 'knative-eventing', replicas: 1 });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 8,
        since: '20m',
        log: [
          '{"severity":"FATAL","timestamp":"2026-11-24T09:58:00Z","logger":"mt_broker_ingress","message":"Failed to load observability config","error":"configmap \\"config-observability\\" not found"}',
        ],
      });
      const why = 'Deployment "mt-broker-ingress" is unavailable because pods are not ready';
      mark(world, broker, 'IngressReady', 'False', 'DeploymentUnavailable', why, '20m');
      mark(world, broker, 'Ready', 'False', 'DeploymentUnavailable', why, '20m');
      alertOn(world, 'BrokerNotReady', broker, { labels: { broker_name: 'default' } });
      return 'Events are not taken.';
    },
  }),
  sick('subscriber-of-the-trigger-has-no-address-as-its-revision-fails', {
    source: 'https://knative.dev/docs/eventing/triggers/',
    about: ['Trigger/resize-images', 'Service/resizer', 'Revision/resizer-00001'],
    says: [/THUMBNAIL_BUCKET|resizer/],
    tell({ world }) {
      eventing(world, 'Broker', 'default', {});
      const trigger = eventing(world, 'Trigger', 'resize-images', {
        broker: 'default',
        subscriber: { ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'resizer' } },
      });
      const serving = knativeService(world, 'resizer', { age: '15m' });
      configFails(world, first(serving.workload.pods), "couldn't find key THUMBNAIL_BUCKET in ConfigMap shop/resizer", {
        container: 'user-container',
      });
      revisionFails(world, serving, {
        condition: 'ResourcesAvailable',
        reason: 'CreateContainerConfigError',
        message: "couldn't find key THUMBNAIL_BUCKET in ConfigMap shop/resizer",
        ago: '14m',
      });
      delete serving.service.status.address;
      const why = 'URL not found in Service shop/resizer';
      mark(world, trigger, 'SubscriberResolved', 'False', "Unable to get the Subscriber's URI", why, '14m');
      mark(world, trigger, 'Ready', 'False', "Unable to get the Subscriber's URI", why, '14m');
      alertOn(world, 'TriggerNotReady', trigger, { labels: { trigger_name: 'resize-images' } });
      return 'Images are not resized.';
    },
  }),
  sick('activator-is-down-and-a-function-at-zero-cannot-wake', {
    source: 'https://knative.dev/docs/serving/architecture/',
    about: ['Deployment/activator'],
    says: [/activator/],
    tell({ world }) {
      namespace(world, 'knative-serving');
      const { pods } = deployment(world, 'activator', {
        namespace: 'knative-serving',
        replicas: 1,
        selector: { app: 'activator' },
      });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 8,
        since: '20m',
        log: [
          '{"severity":"FATAL","timestamp":"2026-11-24T09:58:00Z","logger":"activator","message":"Failed to start informers","error":"failed to wait for cache at index 2 to sync"}',
        ],
      });
      service(world, 'activator-service', { namespace: 'knative-serving', selector: { app: 'activator' } });
      const asleep = knativeService(world, 'thumbs', { replicas: 0 });
      alertOn(world, 'FunctionErrorRate', asleep.service, {
        severity: 'critical',
        labels: { service_name: 'thumbs' },
        summary: 'thumbs answers 503.',
      });
      return 'thumbs answers 503.';
    },
  }),
  sick('function-cannot-start-as-its-secret-is-missing', {
    source: 'https://knative.dev/docs/serving/troubleshooting/debugging-application-issues/',
    about: ['Service/mail-out', 'Revision/mail-out-00001'],
    says: [/smtp-credentials/],
    confirmed: true,
    tell({ world }) {
      const serving = knativeService(world, 'mail-out', { age: '15m' });
      const why = 'secret "smtp-credentials" not found';
      configFails(world, first(serving.workload.pods), why, { container: 'user-container' });
      revisionFails(world, serving, {
        condition: 'ResourcesAvailable',
        reason: 'CreateContainerConfigError',
        message: why,
        ago: '14m',
      });
      podNotReady(world, first(serving.workload.pods));
      return 'No mail goes out.';
    },
  }),
  healthy('indexed-job-tried-one-index-again-and-completed', {
    source: INDEXED,
    tell({ world }) {
      const { job: of, pods } = job(world, 'tiles', {
        age: '20m',
        indexed: true,
        completions: 3,
        parallelism: 3,
        pods: 3,
      });
      for (const pod of pods) podEnds(world, pod, { exitCode: 0, ended: '9m' });
      Object.assign(of.status, { completedIndexes: '0-2', failed: 1 });
      jobCompletes(world, of, '9m');
      alertOn(world, 'KubeJobFailed', of, { since: '12m' });
      return 'Did the tiles fail?';
    },
  }),
  healthy('cron-job-replaced-a-run-once-and-the-next-succeeded', {
    source: `${CRON}#concurrency-policy`,
    tell({ world }) {
      const cron = cronJob(world, 'sweep', {
        schedule: '*/10 * * * *',
        concurrency: 'Replace',
        lastScheduled: '8m',
        lastSucceeded: '6m',
      });
      const { job: of, pods } = jobOf(world, cron, '8m');
      podEnds(world, first(pods), { exitCode: 0, ended: '6m' });
      jobCompletes(world, of, '6m');
      world.note(cron, 'SuccessfulDelete', 'Deleted job sweep-29402980', {
        source: 'cronjob-controller',
        first: '18m',
      });
      alertOn(world, 'CronJobNotSucceeding', cron);
      return 'Does the sweep run?';
    },
  }),
  healthy('traffic-is-split-between-two-ready-revisions', {
    source: 'https://knative.dev/docs/serving/traffic-management/',
    tell({ world }) {
      const { service: of } = knativeService(world, 'quote');
      Object.assign(of.spec, {
        traffic: [
          { revisionName: 'quote-00001', percent: 90 },
          { latestRevision: true, percent: 10 },
        ],
      });
      usersSee(world, 'SlowRequests', 'A few quotes were slow.');
      return 'A few quotes were slow.';
    },
  }),
  healthy('trigger-was-not-ready-while-its-subscriber-was-updated', {
    source: 'https://knative.dev/docs/eventing/triggers/',
    tell({ world }) {
      eventing(world, 'Broker', 'default', {});
      const trigger = eventing(world, 'Trigger', 'to-quote', {
        broker: 'default',
        subscriber: { ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'quote' } },
      });
      knativeService(world, 'quote');
      world.warn(trigger, 'TriggerReconcileFailed', 'Trigger reconcile failed: failed to get the Subscriber URI', {
        source: 'trigger-controller',
        first: '9m',
        last: '8m',
        count: 3,
      });
      alertOn(world, 'TriggerNotReady', trigger, { since: '9m', labels: { trigger_name: 'to-quote' } });
      return 'Was the trigger down?';
    },
  }),
];
