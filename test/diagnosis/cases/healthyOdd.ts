import { healthy } from '../story.ts';
import { alertOn, podNotReady } from '../world/alerts.ts';
import { cronJob, job, jobCompletes, jobOf, podEnds } from '../world/batch.ts';
import { type KnativeObject, knativeService, mark } from '../world/knative.ts';
import { networkPolicy, service } from '../world/network.ts';
import { cordon, node } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { runningPod } from '../world/pods.ts';
import { budget, hpa } from '../world/policies.ts';
import { quota } from '../world/quota.ts';
import { daemonSet, deployment } from '../world/workloads.ts';

/** What looks odd and is well. */
export const HEALTHY_ODD = [
  healthy('scaled-to-zero-on-purpose', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment',
    tell({ world }) {
      const old = deployment(world, 'old-api', { replicas: 0 });
      const scaled = `Scaled down replica set ${old.replicaSet.metadata.name} from 2 to 0`;
      world.note(old.deployment, 'ScalingReplicaSet', scaled, { source: 'deployment-controller', first: '40m' });
      alertOn(world, 'DeploymentScaledToZero', old.deployment, { severity: 'info', since: '38m' });
      return 'old-api has no pods.';
    },
  }),
  healthy('knative-service-is-scaled-to-zero', {
    source: 'https://knative.dev/docs/serving/autoscaling/scale-to-zero/',
    tell({ world }) {
      const idle = knativeService(world, 'idle', { replicas: 0 });
      alertOn(world, 'KnativeRevisionInactive', idle.revision, {
        severity: 'info',
        labels: { revision_name: 'idle-00001' },
      });
      return 'The function idle has no pods.';
    },
  }),
  healthy('knative-service-serves-and-an-old-revision-never-did', {
    source: 'https://knative.dev/docs/serving/revisions/',
    tell({ world }) {
      const quote = knativeService(world, 'quote');
      const old = world.add<KnativeObject>({
        ...structuredClone(quote.revision),
        metadata: { ...quote.revision.metadata, name: 'quote-00000', uid: 'd0c0ffee-0000-4000-a000-000000000001' },
      });
      const message = 'Container failed with: Traceback (most recent call last)';
      for (const type of ['ContainerHealthy', 'Ready']) mark(world, old, type, 'False', 'ExitCode1', message, '20d');
      alertOn(world, 'KnativeServiceNotReady', quote.service, { since: '1m', labels: { service_name: 'quote' } });
      return 'Is quote ready?';
    },
  }),
  healthy('completed-pods-of-a-job', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase',
    tell({ world }) {
      const done = job(world, 'migrate-41', { pods: 1, age: '3h' });
      podEnds(world, first(done.pods), { exitCode: 0, ended: '2h59m', log: ['41 migrations applied'] });
      jobCompletes(world, done.job, '2h59m');
      podNotReady(world, first(done.pods), '2h');
      return 'The migration pod is not ready.';
    },
  }),
  healthy('cron-job-is-suspended-since-it-was-made', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-suspension',
    tell({ world }) {
      const drill = cronJob(world, 'restore-drill', { schedule: '0 3 1 1 *', suspend: true, age: '200d' });
      drill.metadata.annotations = { 'kubernetes.io/description': 'Started by hand once a quarter.' };
      const web = first(world.all('Deployment').filter(({ metadata }) => metadata.name === 'web'));
      alertOn(world, 'KubeDeploymentGenerationMismatch', web, { since: '1m' });
      return 'Is web up to date?';
    },
  }),
  healthy('cron-job-runs-as-it-should', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/',
    tell({ world }) {
      const hourly = cronJob(world, 'hourly', { schedule: '30 * * * *', lastScheduled: '30m', lastSucceeded: '28m' });
      for (const [ago, over] of [
        ['1h30m', '1h28m'],
        ['30m', '28m'],
      ] as const) {
        const made = jobOf(world, hourly, ago, { pods: 1 });
        podEnds(world, first(made.pods), { exitCode: 0, ended: over });
        jobCompletes(world, made.job, over);
      }
      alertOn(world, 'CronJobNotScheduled', hourly, { since: '1m' });
      return 'Does hourly run?';
    },
  }),
  healthy('node-is-cordoned-and-nothing-waits', {
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
    tell({ world, nodes }) {
      cordon(world, nth(nodes, 2), '3h');
      alertOn(world, 'KubeNodeUnschedulable', nth(nodes, 2), {
        severity: 'info',
        labels: { node: 'node-c' },
        since: '2h',
      });
      return 'node-c is cordoned.';
    },
  }),
  healthy('autoscaler-rests-at-its-minimum', {
    source: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
    tell({ world }) {
      deployment(world, 'api', { replicas: 2, ports: [8080] });
      const message = 'the desired replica count is less than the minimum replica count';
      const scaler = hpa(world, 'api', {
        max: 10,
        current: 2,
        desired: 2,
        seen: 4,
        conditions: [{ type: 'ScalingLimited', status: 'True', reason: 'TooFewReplicas', message, since: '2d' }],
      });
      alertOn(world, 'KubeHpaReplicasMismatch', scaler, { since: '2m' });
      return 'The api does not scale down.';
    },
  }),
  healthy('autoscaler-of-what-was-scaled-to-zero-is-off', {
    source: 'k8s.io/kubernetes pkg/controller/podautoscaler/horizontal.go',
    tell({ world }) {
      deployment(world, 'seasonal', { replicas: 0 });
      const message = 'scaling is disabled since the replica count of the target is zero';
      const scaler = hpa(world, 'seasonal', {
        max: 10,
        current: 0,
        desired: 0,
        conditions: [{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message, since: '30d' }],
      });
      alertOn(world, 'KubeHpaScalingDisabled', scaler, { severity: 'info', since: '20d' });
      return 'seasonal is off until December.';
    },
  }),
  healthy('budget-allows-nothing-and-nobody-drains', {
    source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
    tell({ world }) {
      deployment(world, 'single', { replicas: 1, ports: [8080] });
      const held = budget(world, 'single', { minAvailable: 1, selector: { app: 'single' } });
      alertOn(world, 'KubePdbAtLimit', held, { severity: 'info', labels: { poddisruptionbudget: 'single' } });
      return 'The budget of single allows no disruption.';
    },
  }),
  healthy('quota-is-nearly-full-and-everything-runs', {
    source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
    tell({ world }) {
      deployment(world, 'bulk', { replicas: 10, resources: { requests: { cpu: '110m', memory: '64Mi' } } });
      const nearly = quota(world, 'team', { 'requests.cpu': '1500m' });
      alertOn(world, 'KubeQuotaAlmostFull', nearly, {
        severity: 'info',
        labels: { resource: 'requests.cpu', resourcequota: 'team' },
      });
      return 'The quota is at 93 %.';
    },
  }),
  healthy('evicted-pod-was-left-behind', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection',
    tell({ world }) {
      const cart = deployment(world, 'cart', { replicas: 2, ports: [8080] });
      const left = runningPod(world, {
        name: `${cart.replicaSet.metadata.name}-0ld0n`,
        owner: cart.replicaSet,
        template: cart.replicaSet.spec.template ?? {},
        age: '6d',
      });
      const message = 'The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 8Gi. ';
      left.status = {
        ...left.status,
        phase: 'Failed',
        reason: 'Evicted',
        message,
        containerStatuses: [],
        conditions: [],
      };
      podNotReady(world, left, '5m');
      return 'There is an evicted cart pod.';
    },
  }),
  healthy('daemon-set-leaves-the-control-plane-alone', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations',
    tell({ world }) {
      const agent = daemonSet(world, 'agent');
      node(world, 'control-plane-1', {
        taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
      });
      alertOn(world, 'KubeDaemonSetNotScheduled', agent.daemonSet, { since: '2m' });
      return 'The agent runs on three of four nodes.';
    },
  }),
  healthy('resolver-has-more-names-than-it-may', {
    source: 'k8s.io/kubernetes pkg/kubelet/network/dns/dns.go',
    tell({ world }) {
      const cart = deployment(world, 'cart', { replicas: 1, ports: [8080] });
      const message =
        'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 10.0.0.2 10.0.0.3';
      world.warn(first(cart.pods), 'DNSConfigForming', message, {
        source: 'kubelet',
        first: '58m',
        last: '1m',
        count: 48,
      });
      alertOn(world, 'KubeDeploymentReplicasMismatch', cart.deployment, { since: '1m' });
      return 'Is the cart all right?';
    },
  }),
  healthy('update-conflict-was-tried-again', {
    source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions',
    tell({ world }) {
      const svc = service(world, 'orders');
      deployment(world, 'orders', { replicas: 2, ports: [8080] });
      const message =
        'Error updating Endpoint Slices for Service shop/orders: failed to update orders-x EndpointSlice for Service shop/orders: Operation cannot be fulfilled on endpointslices.discovery.k8s.io "orders-x": the object has been modified; please apply your changes to the latest version and try again';
      world.warn(svc, 'FailedToUpdateEndpointSlices', message, { source: 'endpoint-slice-controller', first: '9m' });
      alertOn(world, 'KubeServiceNoEndpoints', svc, { since: '8m' });
      return 'Is orders reachable?';
    },
  }),
  healthy('service-without-selector-and-one-of-a-name', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors',
    tell({ world }) {
      const legacy = service(world, 'legacy-erp', { selector: null, ports: [{ port: 443 }] });
      world.add({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: world.metadata('EndpointSlice', 'legacy-erp-1', {
          labels: { 'kubernetes.io/service-name': 'legacy-erp' },
        }),
        addressType: 'IPv4',
        endpoints: [{ addresses: ['198.51.100.7'], conditions: { ready: true } }],
        ports: [{ name: '', port: 443, protocol: 'TCP' }],
      });
      service(world, 'mail', { selector: null, spec: { type: 'ExternalName', externalName: 'smtp.example.net' } });
      alertOn(world, 'KubeServiceNoEndpoints', legacy, { since: '3m' });
      return 'legacy-erp has no pods.';
    },
  }),
  healthy('policy-denies-all-but-what-is-needed', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    tell({ world }) {
      networkPolicy(world, 'default-deny', { podSelector: {}, policyTypes: ['Ingress'] });
      const from = [{ podSelector: {} }];
      networkPolicy(world, 'same-namespace', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from }] });
      const web = first(world.all('Deployment').filter(({ metadata }) => metadata.name === 'web'));
      alertOn(world, 'KubeDeploymentReplicasMismatch', web, { since: '1m' });
      return 'Is web all right?';
    },
  }),
  healthy('log-speaks-of-errors-and-has-none', {
    source: 'https://kubernetes.io/docs/concepts/cluster-administration/logging/',
    tell({ world }) {
      const check = deployment(world, 'checker', { replicas: 1, ports: [8080] });
      world.log(first(check.pods), 'checker', [
        'run finished: 0 errors, 0 failures, 412 ok',
        'metrics: error_rate=0.0000 panic_count=0',
        'GET /errors?page=2 200 4ms',
        'run finished: 0 errors, 0 failures, 412 ok',
      ]);
      alertOn(world, 'KubeDeploymentReplicasMismatch', check.deployment, { since: '1m' });
      return 'Does the checker find errors?';
    },
  }),
];
