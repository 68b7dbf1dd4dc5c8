import { sick } from '../story.ts';
import { alertOn, crashLooping, usersSee } from '../world/alerts.ts';
import { eventing } from '../world/eventing.ts';
import { crashLoops } from '../world/ills.ts';
import { type KnativeObject, knativeService, mark, revisionFails, type Serving } from '../world/knative.ts';
import { first } from '../world/pick.ts';
import { pullFails, unscheduled } from '../world/starting.ts';
import { namespace } from '../world/town.ts';
import { deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const RESOLVE = 'knative.dev/serving pkg/reconciler/revision/background.go';
const REVISION = 'knative.dev/serving pkg/apis/serving/v1/revision_lifecycle.go';
const ROUTE = 'knative.dev/serving pkg/apis/serving/v1/route_lifecycle.go';
const BROKER = 'https://knative.dev/docs/eventing/brokers/';

const notReady = (world: World, of: KnativeObject) =>
  alertOn(world, 'KnativeServiceNotReady', of, {
    labels: { service_name: of.metadata.name, configuration_name: of.metadata.name },
    summary: 'Knative Service is not ready.',
  });

/** A revision whose image tag could not be turned into a digest: no pod was ever made. */
function unresolved(world: World, name: string, image: string, why: string): Serving {
  const serving = knativeService(world, name, { image, age: '12m' });
  for (const pod of serving.workload.pods) world.remove(pod);
  for (const gone of [serving.workload.replicaSet, serving.workload.deployment, serving.autoscaler]) world.remove(gone);
  const message = `Unable to fetch image "${image}": failed to resolve image to digest: ${why}`;
  revisionFails(world, serving, { condition: 'ContainerHealthy', reason: 'ContainerMissing', message, ago: '12m' });
  mark(world, serving.revision, 'ResourcesAvailable', 'Unknown', 'ResolvingDigests', '', '12m');
  notReady(world, serving.service);
  return serving;
}

/** Knative Serving and Eventing. */
export const KNATIVE = [
  sick('knative-digest-of-an-untrusted-registry', {
    source: RESOLVE,
    about: ['Service/hello', 'Configuration/hello', 'Revision/hello-00001'],
    says: [/digest|image|registry/i, /certificate|x509/i],
    confirmed: true,
    tell({ world }) {
      const why =
        'Get "https://registry.lab.example/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority';
      unresolved(world, 'hello', 'registry.lab.example/hello:1.2', why);
      return 'The function hello is not ready.';
    },
  }),
  sick('knative-digest-resolution-times-out', {
    source: RESOLVE,
    about: ['Service/resize', 'Configuration/resize', 'Revision/resize-00001'],
    says: [/digest|image|registry/i, /time(d)? ?out|deadline|does not answer|no answer/i],
    confirmed: true,
    tell({ world }) {
      unresolved(
        world,
        'resize',
        'registry.far.example/resize:3',
        'Get "https://registry.far.example/v2/": context deadline exceeded',
      );
      return 'resize is not ready.';
    },
  }),
  sick('knative-digest-of-a-private-image', {
    source: RESOLVE,
    about: ['Service/parse', 'Configuration/parse', 'Revision/parse-00001'],
    says: [/unauthori[sz]ed|credential|pull ?secret|authenticat|authoriz|denied|forbidden/i],
    confirmed: true,
    tell({ world }) {
      const why =
        'HEAD https://ghcr.io/v2/example-org/parse/manifests/2.0: unexpected status code 401 Unauthorized (HEAD responses have no body, use GET for details)';
      unresolved(world, 'parse', 'ghcr.io/example-org/parse:2.0', why);
      return 'parse does not deploy.';
    },
  }),
  sick('knative-digest-of-a-tag-that-is-not-there', {
    source: RESOLVE,
    about: ['Service/mailer-fn', 'Configuration/mailer-fn', 'Revision/mailer-fn-00001'],
    says: [/not found|unknown|404|does not exist|no such|missing/i, /v9/],
    confirmed: true,
    tell({ world }) {
      const image = 'registry.example.com/functions/mailer-fn:v9';
      const why =
        'HEAD https://registry.example.com/v2/functions/mailer-fn/manifests/v9: unexpected status code 404 Not Found (HEAD responses have no body, use GET for details)';
      unresolved(world, 'mailer-fn', image, why);
      return 'mailer-fn is not ready.';
    },
  }),
  sick('knative-container-ends-at-start', {
    source: REVISION,
    about: ['Service/rates', 'Configuration/rates', 'Revision/rates-00001'],
    says: [/RATES_DB/],
    tell({ world }) {
      const rates = knativeService(world, 'rates', { age: '13m' });
      const log = [
        'Traceback (most recent call last):',
        '  File "/app/func.py", line 7, in <module>',
        '    DB = os.environ["RATES_DB"]',
        "KeyError: 'RATES_DB'",
      ];
      const pod = first(rates.workload.pods);
      crashLoops(world, pod, { container: 'user-container', exitCode: 1, restarts: 7, since: '12m', log });
      const message = `Container failed with: ${log.join('\n')}\n`;
      revisionFails(world, rates, { condition: 'ContainerHealthy', reason: 'ExitCode1', message, ago: '12m' });
      crashLooping(world, pod, '5m', 'user-container');
      return 'The function rates fails.';
    },
  }),
  sick('knative-image-cannot-be-pulled-after-the-deadline', {
    source: REVISION,
    about: ['Service/ocr', 'Configuration/ocr', 'Revision/ocr-00001'],
    says: [/image/i, /not found|does not exist|no such|not there|is not in|missing/i],
    confirmed: true,
    tell({ world }) {
      const image = 'localhost:5001/knative-lambda/ocr:deadbeef1234';
      const ocr = knativeService(world, 'ocr', { image, age: '15m' });
      const pod = first(ocr.workload.pods);
      const error = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
      pullFails(world, pod, { error, container: 'user-container' });
      const message = `Back-off pulling image "${image}": ErrImagePull: ${error}`;
      revisionFails(world, ocr, { condition: 'ResourcesAvailable', reason: 'ImagePullBackOff', message, ago: '5m' });
      notReady(world, ocr.service);
      return 'ocr is not ready.';
    },
  }),
  sick('knative-revision-finds-no-node', {
    source: 'knative.dev/serving pkg/reconciler/revision/reconcile_resources.go',
    about: ['Service/llm', 'Configuration/llm', 'Revision/llm-00001'],
    says: [/nvidia\.com\/gpu/],
    confirmed: true,
    tell({ world }) {
      const llm = knativeService(world, 'llm', { age: '11m' });
      const pod = first(llm.workload.pods);
      first(pod.spec.containers).resources = { limits: { 'nvidia.com/gpu': '1' }, requests: { 'nvidia.com/gpu': '1' } };
      const message =
        '0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
      unscheduled(world, pod, message);
      revisionFails(world, llm, { condition: 'ResourcesAvailable', reason: 'Unschedulable', message, ago: '11m' });
      notReady(world, llm.service);
      return 'llm never starts.';
    },
  }),
  sick('knative-webhook-has-no-pods', {
    source: 'https://knative.dev/docs/serving/troubleshooting/debugging-application-issues/',
    about: ['Deployment/webhook', 'KnativeServing/knative-serving', 'Service/webhook'],
    says: [/webhook/i],
    tell({ world }) {
      namespace(world, 'knative-serving');
      const webhook = deployment(world, 'webhook', {
        namespace: 'knative-serving',
        replicas: 1,
        ports: [8443],
        age: '40d',
        podAge: '20m',
      });
      const log = [
        '{"severity":"FATAL","timestamp":"2026-11-24T09:57:44.1Z","logger":"webhook","message":"Failed to get k8s version","error":"Get \\"https://10.96.0.1:443/version\\": x509: certificate signed by unknown authority"}',
      ];
      crashLoops(world, first(webhook.pods), { exitCode: 1, restarts: 7, since: '18m', log });
      const fn = knativeService(world, 'quote', { age: '9m' });
      const message =
        'Internal error occurred: failed calling webhook "webhook.serving.knative.dev": failed to call webhook: Post "https://webhook.knative-serving.svc:443/defaulting?timeout=10s": no endpoints available for service "webhook"';
      world.warn(fn.service, 'InternalError', message, {
        source: 'service-controller',
        first: '9m',
        last: '30s',
        count: 15,
      });
      mark(world, fn.service, 'Ready', 'Unknown', 'Uninitialized', 'Waiting for load balancer to be ready', '9m');
      alertOn(world, 'KubeDeploymentReplicasMismatch', webhook.deployment);
      return 'No function can be changed.';
    },
  }),
  sick('knative-image-that-is-missing-while-the-webhook-is-down', {
    source: REVISION,
    about: ['Service/scan', 'Configuration/scan', 'Revision/scan-00001'],
    says: [/image/i, /not found|does not exist|no such|not there|is not in|missing/i],
    confirmed: true,
    tell({ world }) {
      namespace(world, 'knative-serving');
      const webhook = deployment(world, 'webhook', { namespace: 'knative-serving', replicas: 1, age: '40d' });
      const log = ['{"severity":"INFO","logger":"webhook","message":"Reconcile succeeded"}'];
      crashLoops(world, first(webhook.pods), { exitCode: 1, restarts: 5, since: '12m', log });
      const image = 'localhost:5001/knative-lambda/scan:0badc0de';
      const scan = knativeService(world, 'scan', { image, age: '15m' });
      const pod = first(scan.workload.pods);
      const error = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
      pullFails(world, pod, { error, container: 'user-container' });
      const message = `Back-off pulling image "${image}": ErrImagePull: ${error}`;
      revisionFails(world, scan, { condition: 'ResourcesAvailable', reason: 'ImagePullBackOff', message, ago: '5m' });
      notReady(world, scan.service);
      return 'scan is not ready.';
    },
  }),
  sick('knative-webhook-crashes-after-a-line-of-ordinary-work', {
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/',
    about: ['Deployment/webhook'],
    says: [/crash|exit code 1/],
    never: [/exit code 1: Reconcile succeeded/],
    tells: [/Reconcile succeeded/],
    tell({ world }) {
      namespace(world, 'knative-serving');
      const webhook = deployment(world, 'webhook', { namespace: 'knative-serving', replicas: 1, age: '40d' });
      const log = ['{"severity":"INFO","logger":"webhook","message":"Reconcile succeeded"}'];
      crashLoops(world, first(webhook.pods), { exitCode: 1, restarts: 5, since: '12m', log });
      alertOn(world, 'KubeDeploymentReplicasMismatch', webhook.deployment);
      return 'The webhook does not run.';
    },
  }),
  sick('knative-ingress-is-not-configured', {
    source: ROUTE,
    about: ['Service/pay', 'Route/pay', 'Deployment/net-kourier-controller'],
    says: [/ingress|kourier/i],
    tell({ world }) {
      namespace(world, 'knative-serving');
      const kourier = deployment(world, 'net-kourier-controller', {
        namespace: 'knative-serving',
        replicas: 0,
        age: '40d',
      });
      const scaled = `Scaled down replica set ${kourier.replicaSet.metadata.name} from 1 to 0`;
      world.note(kourier.deployment, 'ScalingReplicaSet', scaled, { source: 'deployment-controller', first: '22m' });
      const pay = knativeService(world, 'pay', { age: '18m' });
      for (const type of ['IngressReady', 'Ready']) {
        mark(world, pay.route, type, 'Unknown', 'IngressNotConfigured', 'Ingress has not yet been reconciled.', '18m');
      }
      for (const type of ['RoutesReady', 'Ready']) {
        mark(
          world,
          pay.service,
          type,
          'Unknown',
          'IngressNotConfigured',
          'Ingress has not yet been reconciled.',
          '18m',
        );
      }
      notReady(world, pay.service);
      return 'pay has no route.';
    },
  }),
  sick('knative-trigger-without-its-subscriber', {
    source: 'https://knative.dev/docs/eventing/triggers/',
    about: ['Trigger/thumbnail-trigger'],
    says: [/subscriber/i, /thumbnail/],
    confirmed: true,
    tell({ world }) {
      eventing(world, 'Broker', 'default', {});
      const subscriber = {
        ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'thumbnail', namespace: 'shop' },
      };
      const trigger = eventing(world, 'Trigger', 'thumbnail-trigger', { broker: 'default', subscriber }, '30m');
      const message = 'failed to get object shop/thumbnail: services.serving.knative.dev "thumbnail" not found';
      for (const type of ['SubscriberResolved', 'Ready']) {
        mark(world, trigger, type, 'False', "Unable to get the Subscriber's URI", message, '30m');
      }
      mark(world, trigger, 'SubscriptionReady', 'Unknown', '', '', '30m');
      alertOn(world, 'KnativeTriggerNotReady', trigger);
      return 'Thumbnails are not made.';
    },
  }),
  sick('knative-dead-letter-sink-does-not-resolve', {
    source: BROKER,
    about: ['Broker/lambda-broker'],
    says: [/dead.?letter/i, /lambda-broker-dlq-handler/],
    confirmed: true,
    tell({ world }) {
      const ref = { apiVersion: 'v1', kind: 'Service', name: 'lambda-broker-dlq-handler', namespace: 'shop' };
      const broker = eventing(
        world,
        'Broker',
        'lambda-broker',
        { delivery: { deadLetterSink: { ref }, retry: 5 } },
        '2d',
      );
      const message =
        'failed to get object shop/lambda-broker-dlq-handler: services "lambda-broker-dlq-handler" not found';
      for (const type of ['DeadLetterSinkResolved', 'Ready']) {
        mark(world, broker, type, 'False', "Unable to get the DeadLetterSink's URI", message, '2d');
      }
      alertOn(world, 'KnativeBrokerNotReady', broker);
      return 'The broker is not ready.';
    },
  }),
  sick('knative-trigger-waits-for-a-broker-that-is-not-there', {
    source: 'https://knative.dev/docs/eventing/triggers/',
    about: ['Trigger/audit-trigger', 'Broker/audit'],
    says: [/broker/i, /audit/, /not (there|exist|found)|does not exist|no such|missing/i],
    confirmed: true,
    tell({ world }) {
      const trigger = eventing(
        world,
        'Trigger',
        'audit-trigger',
        { broker: 'audit', subscriber: { uri: 'http://ledger.shop.svc.cluster.local' } },
        '26m',
      );
      for (const type of ['BrokerReady', 'Ready']) {
        mark(world, trigger, type, 'False', 'BrokerDoesNotExist', 'Broker "audit" does not exist', '26m');
      }
      for (const type of ['SubscriberResolved', 'SubscriptionReady', 'DependencyReady'])
        mark(world, trigger, type, 'Unknown', '', '', '26m');
      alertOn(world, 'KnativeTriggerNotReady', trigger);
      usersSee(world, 'AuditEventsMissing', 'No audit events for twenty minutes.');
      return 'Audit events are missing.';
    },
  }),
  sick('knative-traffic-names-a-revision-that-is-gone', {
    source: ROUTE,
    about: ['Service/pinned-fn', 'Route/pinned-fn', 'Revision/pinned-fn-00007'],
    says: [/pinned-fn-00007/, /not (there|exist|found)|does not exist|no such|missing/i],
    confirmed: true,
    tell({ world }) {
      const fn = knativeService(world, 'pinned-fn');
      Object.assign(fn.service.spec, { traffic: [{ revisionName: 'pinned-fn-00007', percent: 100 }] });
      Object.assign(fn.route.spec, { traffic: [{ revisionName: 'pinned-fn-00007', percent: 100 }] });
      const message = 'Revision "pinned-fn-00007" referenced in traffic not found.';
      for (const type of ['AllTrafficAssigned', 'Ready'])
        mark(world, fn.route, type, 'False', 'RevisionMissing', message, '16m');
      for (const type of ['RoutesReady', 'Ready'])
        mark(world, fn.service, type, 'False', 'RevisionMissing', message, '16m');
      notReady(world, fn.service);
      return 'pinned-fn is not ready.';
    },
  }),
];
