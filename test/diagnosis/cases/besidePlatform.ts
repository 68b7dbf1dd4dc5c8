import type { DiagnosisCase } from '../snapshot.ts';
import { type Story, sick } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { knativeService, revisionFails } from '../world/knative.ts';
import { first } from '../world/pick.ts';
import { answered, neverReady } from '../world/probes.ts';
import { exceeded, quota, refusedPods } from '../world/quota.ts';
import { pullFails } from '../world/starting.ts';
import { http } from '../world/template.ts';
import { namespace } from '../world/town.ts';
import { deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const SOURCE = 'https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/';

/** Parts of the platform that are down, none of which a running container needs to go on. */
const PARTS = {
  'the-operator-is-killed-for-memory': (world: World) => {
    namespace(world, 'knative-lambda');
    const operator = deployment(world, 'knative-lambda-operator', {
      namespace: 'knative-lambda',
      replicas: 1,
      selector: { 'app.kubernetes.io/name': 'knative-lambda-operator' },
      container: 'manager',
      image: 'ghcr.io/example-org/knative-lambda-operator:v1.13.17',
      podAge: '40m',
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    });
    const ended = { exitCode: 137, reason: 'OOMKilled', restarts: 9, since: '38m', lived: '40s' };
    crashLoops(world, first(operator.pods), { ...ended, log: ['starting workers count=50'] });
  },
  'the-serving-webhook-is-down': (world: World) => {
    namespace(world, 'knative-serving');
    const webhook = deployment(world, 'webhook', { namespace: 'knative-serving', replicas: 1, age: '40d' });
    const log = ['{"severity":"INFO","logger":"webhook","message":"Reconcile succeeded"}'];
    crashLoops(world, first(webhook.pods), { exitCode: 2, restarts: 8, since: '35m', log });
  },
} as const;

type Told = Omit<Story, 'source' | 'confirmed'>;

/** The same story beside each part. */
function beside(name: string, story: Told): readonly DiagnosisCase[] {
  return Object.entries(PARTS).map(([part, breaks]) =>
    sick(`${name}-while-${part}`, {
      ...story,
      source: SOURCE,
      confirmed: true,
      tell(town) {
        breaks(town.world);
        return story.tell(town);
      },
    }),
  );
}

/** What has a reason of its own has it also while the platform runs: a part that is down beside it is not why. */
export const BESIDE_PLATFORM: readonly DiagnosisCase[] = [
  ...beside('function-crashes-and-its-last-line-says-why', {
    about: ['Service/rates', 'Configuration/rates', 'Revision/rates-00001'],
    says: [/RATES_DB/],
    tell({ world }) {
      const rates = knativeService(world, 'rates', { age: '40m' });
      const log = ['loading handler', 'fatal: required setting RATES_DB is empty'];
      const pod = first(rates.workload.pods);
      crashLoops(world, pod, { container: 'user-container', exitCode: 1, restarts: 7, since: '12m', log });
      const message = `Container failed with: ${log.join('\n')}\n`;
      revisionFails(world, rates, { condition: 'ContainerHealthy', reason: 'ExitCode1', message, ago: '12m' });
      crashLooping(world, pod, '5m', 'user-container');
      return 'The function rates fails.';
    },
  }),
  ...beside('program-is-killed-for-memory', {
    about: ['Deployment/frames'],
    says: [/memory/i, /256Mi/],
    tell({ world }) {
      const frames = deployment(world, 'frames', { replicas: 1 });
      crashLoops(world, first(frames.pods), { exitCode: 137, reason: 'OOMKilled', restarts: 4, since: '10m' });
      crashLooping(world, first(frames.pods));
      return 'frames restarts.';
    },
  }),
  ...beside('image-of-a-deployment-is-missing', {
    about: ['Deployment/poster'],
    says: [/image/i, /not found|does not exist|not there|does not have|missing/i],
    tell({ world }) {
      const image = 'registry.example.com/shop/poster:9.9.9';
      const poster = deployment(world, 'poster', { replicas: 1, image, podAge: '10m' });
      const error = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
      pullFails(world, first(poster.pods), { error });
      replicasMismatch(world, poster.deployment);
      return 'The poster does not come up.';
    },
  }),
  ...beside('quota-is-full', {
    about: ['Deployment/kiosk', 'ResourceQuota/pods'],
    says: [/quota/i, /pods/],
    tell({ world }) {
      const kiosk = deployment(world, 'kiosk', { replicas: 3, podAge: '15m' });
      world.remove(first(kiosk.pods));
      const full = quota(world, 'pods', { pods: '5' });
      refusedPods(world, kiosk.replicaSet, exceeded(world, full, 'pods "kiosk-x"', { pods: '1' }), { first: '15m' });
      replicasMismatch(world, kiosk.deployment);
      return 'The kiosk lacks a pod.';
    },
  }),
  ...beside('readiness-asks-a-path-that-is-gone', {
    about: ['Deployment/menu'],
    says: [/readiness/i, /404/],
    tell({ world }) {
      const menu = deployment(world, 'menu', { replicas: 1, ports: [8080], readiness: http('/readyz', 8080) });
      neverReady(world, first(menu.pods), answered(404), { since: '14m' });
      podNotReady(world, first(menu.pods));
      return 'The menu is not ready.';
    },
  }),
  // And what cannot go on without it is explained by it.
  sick('deployment-is-refused-because-the-serving-webhook-is-down', {
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
    about: ['Deployment/webhook'],
    says: [/webhook/i],
    confirmed: true,
    tell({ world }) {
      PARTS['the-serving-webhook-is-down'](world);
      const fn = knativeService(world, 'mailer', { age: '12m' });
      for (const gone of [...fn.workload.pods, fn.workload.replicaSet, fn.workload.deployment, fn.autoscaler])
        world.remove(gone);
      const message =
        'Internal error occurred: failed calling webhook "webhook.serving.knative.dev": failed to call webhook: Post "https://webhook.knative-serving.svc:443/defaulting?timeout=10s": dial tcp 10.96.40.17:443: connect: connection refused';
      world.warn(fn.revision, 'InternalError', message, { source: 'revision-controller', first: '12m', count: 9 });
      revisionFails(world, fn, { condition: 'ResourcesAvailable', reason: 'InternalError', message, ago: '12m' });
      alertOn(world, 'KnativeServiceNotReady', fn.service, { labels: { service_name: 'mailer' } });
      return 'mailer is not ready.';
    },
  }),
];
