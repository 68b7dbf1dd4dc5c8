import { healthy, undecidable } from '../story.ts';
import { alertOn } from '../world/alerts.ts';
import type { Span } from '../world/clock.ts';
import { knativeService } from '../world/knative.ts';
import { networkPolicy, service } from '../world/network.ts';
import { cordon } from '../world/nodes.ts';
import { first } from '../world/pick.ts';
import { hpa } from '../world/policies.ts';
import { answered, probeFails } from '../world/probes.ts';
import { rollOut } from '../world/rollout.ts';
import { http, type Template } from '../world/template.ts';
import { type Deployed, deployment } from '../world/workloads.ts';
import type { Named, World } from '../world/world.ts';

const ROLLOUTS = 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment';
const FIELDS = 'https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management';

/** A rollout that ended: the new pods are ready and the old ones gone. */
function rolled(world: World, of: Deployed, template: Template, ago: Span): void {
  const { old, oldPods, set, pods } = rollOut(world, of, template, { ago });
  for (const pod of oldPods) world.remove(pod);
  old.spec.replicas = 0;
  set.spec.replicas = pods.length;
  of.deployment.spec.replicas = pods.length;
  of.deployment.status.conditions = [];
}

/** An edit of the spec as managedFields keep it. */
function edited(world: World, of: Named, manager: string, ago: Span, spec: object, subresource?: string): void {
  Object.assign(of.metadata, {
    managedFields: [
      {
        manager,
        operation: 'Update',
        apiVersion: of.apiVersion,
        time: world.ago(ago),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': spec },
        ...(subresource === undefined ? {} : { subresource }),
      },
    ],
  });
}

function slow(world: World, of: Named, since: Span = '5m'): string {
  alertOn(world, 'HighErrorRate', of, { since, summary: `${of.metadata.name} answers with errors.` });
  return `${of.metadata.name} answers with errors.`;
}

/** What was changed just before nothing in the objects explains the trouble: a lead, and no cause. */
export const CHANGES_AS_LEAD = [
  undecidable('image-changed-four-minutes-before-and-everything-is-ready', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/1\.8\.2.*1\.9\.0/, /4 min before/, /rollout undo deployment\/pricing/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 1 });
      rolled(world, of, { image: 'registry.example.com/shop/pricing:1.9.0' }, '9m');
      return slow(world, of.deployment);
    },
  }),
  undecidable('setting-changed-before-and-the-image-did-not', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/RATES_URL/, /before/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 1, env: [{ name: 'RATES_URL', value: 'http://rates' }] });
      rolled(world, of, { env: [{ name: 'RATES_URL', value: 'http://rates-next' }] }, '9m');
      return slow(world, of.deployment);
    },
  }),
  undecidable('password-in-an-address-changed-before', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/BACKEND changed/],
    never: [/Zx81kQ|Q9w8e7/],
    tell({ world }) {
      const at = (password: string) => `postgres://app:${password}@database.internal.example.com:5432/shop`;
      const value = { name: 'BACKEND', value: at('Zx81kQpW0vTr5uLm92Bd7') };
      const of = deployment(world, 'pricing', { replicas: 1, env: [value] });
      rolled(world, of, { env: [{ ...value, value: at('Q9w8e7r6t5y4u3i2o1p0') }] }, '9m');
      return slow(world, of.deployment);
    },
  }),
  undecidable('release-that-was-taken-back-is-not-undone-again', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/changed again since/, /see who wrote what/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 1 });
      const image = 'registry.example.com/shop/pricing:1.9.0';
      const { old, set, pods } = rollOut(world, of, { image }, { ago: '14m' });
      for (const pod of pods) world.remove(pod);
      set.spec.replicas = 0;
      old.spec.replicas = 1;
      of.deployment.spec.replicas = 1;
      of.deployment.status.conditions = [];
      Object.assign(old.metadata.annotations ?? {}, { 'deployment.kubernetes.io/revision': '3' });
      if (old.spec.template) of.deployment.spec.template = structuredClone(old.spec.template);
      edited(world, of.deployment, 'kubectl-rollout', '3m', { 'f:template': {} });
      return slow(world, of.deployment);
    },
  }),
  undecidable('created-just-before-has-nothing-to-go-back-to', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/was created 4 min before/, /see who wrote what/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 1, age: '9m', podAge: '9m' });
      return slow(world, of.deployment);
    },
  }),
  undecidable('limits-changed-before', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/cpu.*200m/, /before/],
    tell({ world }) {
      const of = deployment(world, 'pricing', {
        replicas: 1,
        resources: { requests: { cpu: '100m' }, limits: { cpu: '2', memory: '256Mi' } },
      });
      rolled(world, of, { resources: { requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '256Mi' } } }, '9m');
      return slow(world, of.deployment);
    },
  }),
  undecidable('command-and-probe-changed-before', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/args|command/, /readiness/i],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 1, args: ['serve'], readiness: http('/ready', 8080) });
      rolled(world, of, { args: ['serve', '--cache=off'], readiness: http('/', 8080) }, '9m');
      return slow(world, of.deployment);
    },
  }),
  undecidable('new-revision-of-a-function-has-another-setting', {
    source: 'https://knative.dev/docs/serving/revisions/',
    silent: true,
    about: ['Service/convert'],
    tells: [/convert-00002/, /QUALITY/],
    tell({ world }) {
      const of = knativeService(world, 'convert', { env: [{ name: 'QUALITY', value: '80' }] });
      const next = structuredClone(of.revision);
      Object.assign(next.metadata, {
        name: 'convert-00002',
        uid: '6f0e5c1a-0000-4000-8000-000000000002',
        creationTimestamp: world.ago('11m'),
      });
      next.metadata.labels = {
        ...next.metadata.labels,
        'serving.knative.dev/configurationGeneration': '2',
      };
      const [container] = (next.spec as { containers: { env: object[] }[] }).containers;
      if (container) container.env = [{ name: 'QUALITY', value: '100' }];
      world.add(next);
      for (const one of [of.service, of.configuration])
        Object.assign(one.status, {
          latestCreatedRevisionName: 'convert-00002',
          latestReadyRevisionName: 'convert-00002',
        });
      alertOn(world, 'FunctionErrorRate', of.service, { since: '5m', labels: { service_name: 'convert' } });
      return 'convert answers with errors.';
    },
  }),
  undecidable('autoscaler-got-a-lower-maximum', {
    source: FIELDS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/HorizontalPodAutoscaler pricing|HPA pricing/i, /maxReplicas/, /before/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 3 });
      const scaler = hpa(world, 'pricing', { min: 2, max: 4, current: 3, desired: 3, seen: 60 });
      edited(world, scaler, 'kubectl-edit', '12m', { 'f:maxReplicas': {} });
      return slow(world, of.deployment);
    },
  }),
  undecidable('deployment-was-scaled-down-before', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment',
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/scaled/i, /from 6 to 2|6 (?:→|to) 2|to 2 from 6/, /before/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 2 });
      edited(world, of.deployment, 'kubectl', '10m', { 'f:replicas': {} }, 'scale');
      world.note(
        of.deployment,
        'ScalingReplicaSet',
        `Scaled down replica set ${of.replicaSet.metadata.name} from 6 to 2`,
        { source: 'deployment-controller', first: '10m' },
      );
      return slow(world, of.deployment);
    },
  }),
  undecidable('node-was-cordoned-before-and-its-pods-run', {
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/node-a/, /cordon/i, /before/],
    tell({ world, nodes }) {
      const of = deployment(world, 'pricing', { replicas: 2, nodes: ['node-a', 'node-b'] });
      cordon(world, first(nodes), '12m');
      return slow(world, of.deployment);
    },
  }),
  undecidable('policy-was-made-before-and-forbids-nothing-that-is-known', {
    source: FIELDS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/NetworkPolicy pricing-in/, /before/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 2, ports: [8080] });
      service(world, 'pricing');
      networkPolicy(
        world,
        'pricing-in',
        {
          podSelector: { matchLabels: { app: 'pricing' } },
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: {} }] }],
        },
        { age: '11m' },
      );
      return slow(world, of.deployment);
    },
  }),
  undecidable('service-was-edited-before-and-has-its-endpoints', {
    source: FIELDS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/Service pricing/, /sessionAffinity/, /before/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 2, ports: [8080] });
      const front = service(world, 'pricing');
      edited(world, front, 'kubectl-patch', '8m', { 'f:sessionAffinity': {} });
      return slow(world, of.deployment);
    },
  }),
  undecidable('what-it-calls-was-changed-before', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    tells: [/rates/, /1\.8\.2.*2\.0\.0/, /before/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 2, env: [{ name: 'RATES_URL', value: 'http://rates' }] });
      const rates = deployment(world, 'rates', { replicas: 1, ports: [8080] });
      service(world, 'rates');
      rolled(world, rates, { image: 'registry.example.com/shop/rates:2.0.0' }, '14m');
      return slow(world, of.deployment);
    },
  }),
  undecidable('change-of-yesterday-is-no-lead', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    never: [/1\.9\.0/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 1 });
      rolled(world, of, { image: 'registry.example.com/shop/pricing:1.9.0' }, '20h');
      return slow(world, of.deployment);
    },
  }),
  undecidable('change-after-the-start-is-no-reason-for-it', {
    source: ROLLOUTS,
    silent: true,
    about: ['Deployment/pricing'],
    never: [/since .*1\.9\.0/, /1\.9\.0.* before/],
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 1 });
      rolled(world, of, { image: 'registry.example.com/shop/pricing:1.9.0' }, '2m');
      return slow(world, of.deployment, '8m');
    },
  }),
  healthy('release-of-ten-minutes-ago-is-ready-and-its-probes-failed-only-at-the-start', {
    source: ROLLOUTS,
    tell({ world }) {
      const of = deployment(world, 'pricing', { replicas: 1, readiness: http('/ready', 8080) });
      rolled(world, of, { image: 'registry.example.com/shop/pricing:1.9.0' }, '10m');
      probeFails(world, first(of.pods), 'Readiness', answered(503), { since: '10m', last: '9m', count: 2 });
      alertOn(world, 'KubeDeploymentRolloutStuck', of.deployment, { since: '9m' });
      return 'Is the release well?';
    },
  }),
];
