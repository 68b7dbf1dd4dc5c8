import { sick } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch, usersSee } from '../world/alerts.ts';
import { microInstant, millis } from '../world/clock.ts';
import { crashLoops } from '../world/ills.ts';
import type { WholeDeployment, WholeLease, WholePod } from '../world/kinds.ts';
import { first } from '../world/pick.ts';
import { setsOf } from '../world/settle.ts';
import { creating, unscheduled } from '../world/starting.ts';
import { deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const _LIFECYCLE = 'k8s.io/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go';
const _SETTERS = 'k8s.io/kubernetes pkg/kubelet/nodestatus/setters.go';

function stale(world: World, name: string, age: string): void {
  const held = world.find<WholeLease>('Lease', name, 'kube-system');
  if (held !== undefined) held.spec.renewTime = microInstant(world.now - millis(age));
}

/** The control plane and what runs in kube-system, seen by their effects. */
export const PLATFORM = [
  sick('scheduler-does-not-answer', {
    source: 'https://kubernetes.io/docs/concepts/architecture/leases/#leader-election',
    about: ['Deployment/fresh', 'Lease/kube-scheduler', 'Pod/kube-scheduler'],
    says: [/scheduler/i],
    tell({ world }) {
      const fresh = deployment(world, 'fresh', { replicas: 3, age: '8m' });
      for (const pod of fresh.pods) unscheduled(world, pod, null);
      stale(world, 'kube-scheduler', '31m');
      podNotReady(world, first(fresh.pods));
      return 'New pods stay Pending and nothing is said of them.';
    },
  }),
  sick('controller-manager-does-not-answer', {
    source: 'https://kubernetes.io/docs/concepts/overview/components/#kube-controller-manager',
    about: ['Deployment/grow', 'Lease/kube-controller-manager'],
    says: [/controller[- ]manager|controller/i],
    tell({ world }) {
      const grow = deployment(world, 'grow', { replicas: 2 });
      grow.deployment.spec.replicas = 6;
      grow.deployment.metadata.generation = 2;
      stale(world, 'kube-controller-manager', '25m');
      replicasMismatch(world, grow.deployment);
      world.settling(() => {
        grow.deployment.status.observedGeneration = 1;
        delete grow.deployment.status.unavailableReplicas;
      });
      return 'grow was scaled to six and nothing happens.';
    },
  }),
  sick('name-server-of-the-cluster-crashes', {
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/',
    about: ['Deployment/coredns'],
    says: [/coredns|dns/i, /Corefile|loop|directive|plugin/i],
    tell({ world }) {
      const dns = world.find<WholeDeployment>('Deployment', 'coredns', 'kube-system');
      if (dns === undefined) throw new Error('CoreDNS is in every town');
      const set = first(setsOf(world, dns));
      const pods = world
        .all<WholePod>('Pod')
        .filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === set.metadata.uid);
      const log = ["/etc/coredns/Corefile:14 - Error during parsing: Unknown directive 'forwrd'"];
      for (const pod of pods) crashLoops(world, pod, { exitCode: 1, restarts: 6, since: '11m', log });
      alertOn(world, 'KubePodCrashLooping', first(pods), { labels: { container: 'coredns' } });
      return 'Nothing resolves any more.';
    },
  }),
  sick('pod-does-not-use-the-clusters-name-server', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy',
    about: ['Deployment/host-agent'],
    says: [/dns ?policy|dnsPolicy/i],
    tell({ world }) {
      const agent = deployment(world, 'host-agent', { replicas: 1, spec: { dnsPolicy: 'Default' }, ports: [8080] });
      const log = [
        'FATAL cannot reach ledger.shop.svc.cluster.local: lookup ledger.shop.svc.cluster.local on 10.0.0.2:53: no such host',
      ];
      crashLoops(world, first(agent.pods), { exitCode: 1, restarts: 7, since: '14m', log });
      crashLooping(world, first(agent.pods));
      return 'host-agent does not find the ledger.';
    },
  }),
  sick('service-account-may-not-list-secrets', {
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/',
    about: ['Deployment/cert-syncer', 'ServiceAccount/cert-syncer'],
    says: [/forbidden|rbac|may not|not allowed|permission|cannot/i, /secrets/i],
    tell({ world }) {
      const syncer = deployment(world, 'cert-syncer', {
        replicas: 1,
        spec: { serviceAccountName: 'cert-syncer' },
        age: '40m',
      });
      world.add({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: world.metadata('ServiceAccount', 'cert-syncer', { age: '40m' }),
      });
      const log = [
        'E1124 09:58:13.118220       1 reflector.go:158] "Unhandled Error" err="k8s.io/client-go/informers/factory.go:160: Failed to watch *v1.Secret: failed to list *v1.Secret: secrets is forbidden: User \\"system:serviceaccount:shop:cert-syncer\\" cannot list resource \\"secrets\\" in API group \\"\\" at the cluster scope" logger="UnhandledError"',
        'F1124 09:58:43.220018       1 main.go:71] timed out waiting for caches to sync',
      ];
      crashLoops(world, first(syncer.pods), { exitCode: 255, restarts: 9, since: '38m', lived: '30s', log });
      crashLooping(world, first(syncer.pods));
      return 'cert-syncer crashes.';
    },
  }),
  sick('metrics-api-has-no-server-behind-it', {
    source: 'k8s.io/kubernetes pkg/controller/podautoscaler/metrics/client.go',
    about: ['Deployment/metrics-server', 'Pod/metrics-server'],
    says: [/metrics-server/, /certificate|x509|kubelet/i],
    tell({ world }) {
      const server = deployment(world, 'metrics-server', {
        replicas: 1,
        namespace: 'kube-system',
        ports: ['https:4443'],
        age: '30m',
      });
      const pod = first(server.pods);
      const log = [
        'E1124 09:59:02.713040       1 scraper.go:149] "Failed to scrape node" err="Get \\"https://192.168.10.11:10250/metrics/resource\\": tls: failed to verify certificate: x509: cannot validate certificate for 192.168.10.11 because it doesn\'t contain any IP SANs" node="node-a"',
        'I1124 09:59:10.220914       1 server.go:191] "Failed probe" probe="metric-storage-ready" err="no metrics to serve"',
      ];
      world.log(pod, 'metrics-server', log);
      for (const condition of pod.status.conditions) {
        if (/Ready$/.test(condition.type))
          Object.assign(condition, {
            status: 'False',
            reason: 'ContainersNotReady',
            message: 'containers with unready status: [metrics-server]',
          });
      }
      Object.assign(pod.status.containerStatuses[0] ?? {}, { ready: false });
      world.warn(pod, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 500', {
        source: 'kubelet',
        first: '29m',
        last: '9s',
        count: 170,
      });
      alertOn(world, 'KubeDeploymentReplicasMismatch', server.deployment);
      usersSee(world, 'KubeAggregatedAPIDown', 'v1beta1.metrics.k8s.io has been only 0% available.');
      return 'kubectl top does not work.';
    },
  }),
  sick('certificate-of-the-webhook-has-expired', {
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
    about: ['Deployment/orders-web'],
    says: [/certificate/i, /expired/i],
    confirmed: true,
    tell({ world }) {
      const orders = deployment(world, 'orders-web', { replicas: 1, age: '9m' });
      for (const pod of orders.pods) world.remove(pod);
      const error =
        'Internal error occurred: failed calling webhook "pods.policy.example.com": failed to call webhook: Post "https://policy.policy-system.svc:443/mutate?timeout=10s": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-24T09:52:10Z is after 2026-11-24T00:00:00Z';
      world.warn(orders.replicaSet, 'FailedCreate', `Error creating: ${error}`, {
        source: 'replicaset-controller',
        first: '9m',
        last: '40s',
        count: 14,
      });
      orders.replicaSet.status.conditions = [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: error,
          lastTransitionTime: world.ago('9m'),
        },
      ];
      replicasMismatch(world, orders.deployment);
      return 'orders-web is not created today.';
    },
  }),
  sick('sandbox-cannot-be-made-because-the-runtime-refuses', {
    source: 'k8s.io/kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go',
    about: ['Deployment/sandboxed', 'RuntimeClass/gvisor'],
    says: [/runtime/i, /gvisor|runsc/],
    confirmed: true,
    tell({ world }) {
      world.add({
        apiVersion: 'node.k8s.io/v1',
        kind: 'RuntimeClass',
        metadata: world.metadata('RuntimeClass', 'gvisor', { clusterWide: true }),
        handler: 'runsc',
      });
      const boxed = deployment(world, 'sandboxed', { replicas: 1, age: '13m', spec: { runtimeClassName: 'gvisor' } });
      creating(world, first(boxed.pods), [
        {
          reason: 'FailedCreatePodSandBox',
          message:
            'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "runsc" is configured',
          count: 60,
        },
      ]);
      podNotReady(world, first(boxed.pods));
      return 'sandboxed stays in ContainerCreating.';
    },
  }),
];
