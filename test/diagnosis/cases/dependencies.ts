import { healthy, sick } from '../story.ts';
import { alertOn, crashLooping, podNotReady, usersSee } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import type { WholePod } from '../world/kinds.ts';
import { ingress, networkPolicy, service } from '../world/network.ts';
import { first } from '../world/pick.ts';
import { answered, neverReady } from '../world/probes.ts';
import { configFails, initHolds } from '../world/starting.ts';
import { http } from '../world/template.ts';
import { namespace } from '../world/town.ts';
import { deployment, statefulSet } from '../world/workloads.ts';

const DNS = 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/';
const POLICIES = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/';
const RBAC = 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/';

/** What a workload needs of others: names, policies, permissions and backends. */
export const DEPENDENCIES = [
  sick('name-of-a-stateful-sets-pod-belongs-to-another-governing-service', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id',
    about: ['Deployment/catalog', 'StatefulSet/cache', 'Service/cache'],
    says: [/cache-0\.cache/],
    tell({ world }) {
      statefulSet(world, 'cache', { replicas: 2, service: 'cache-peers', ports: [6379] });
      service(world, 'cache-peers', {
        selector: { app: 'cache' },
        spec: { clusterIP: 'None', clusterIPs: ['None'] },
        ports: [{ name: 'redis', port: 6379, targetPort: 6379 }],
      });
      service(world, 'cache', { ports: [{ name: 'redis', port: 6379, targetPort: 6379 }] });
      const { pods } = deployment(world, 'catalog', { replicas: 1 });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 7,
        since: '20m',
        log: [
          'connecting to cache-0.cache:6379',
          'redis: dial tcp: lookup cache-0.cache on 10.96.0.10:53: no such host',
        ],
      });
      crashLooping(world, first(pods));
      return 'The catalog restarts.';
    },
  }),
  sick('client-asks-for-a-service-of-another-namespace-by-a-name-it-does-not-have', {
    source: DNS,
    about: ['Deployment/checkout'],
    says: [/billing/, /payments/],
    tell({ world }) {
      namespace(world, 'payments');
      deployment(world, 'billing-api', { namespace: 'payments', ports: [8080] });
      service(world, 'billing-api', { namespace: 'payments', selector: { app: 'billing-api' } });
      const { pods } = deployment(world, 'checkout', {
        replicas: 1,
        env: [{ name: 'BILLING_URL', value: 'http://billing.payments.svc.cluster.local' }],
      });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 6,
        since: '14m',
        log: [
          '{"level":"fatal","time":"2026-11-24T09:58:30Z","msg":"billing is not reachable","error":"Get \\"http://billing.payments.svc.cluster.local/v1/ping\\": dial tcp: lookup billing.payments.svc.cluster.local on 10.96.0.10:53: no such host"}',
        ],
      });
      crashLooping(world, first(pods));
      return 'Nobody can check out.';
    },
  }),
  sick('ingress-pages-and-its-backend-lacks-a-key', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
    about: ['Deployment/storefront'],
    says: [/SESSION_KEY/],
    tell({ world }) {
      const { pods } = deployment(world, 'storefront', {
        replicas: 2,
        podAge: '18m',
        ports: [8080],
        env: [{ name: 'SESSION_KEY', valueFrom: { secretKeyRef: { name: 'storefront', key: 'SESSION_KEY' } } }],
      });
      for (const pod of pods) configFails(world, pod, "couldn't find key SESSION_KEY in Secret shop/storefront");
      service(world, 'storefront');
      const front = ingress(world, 'storefront', {
        host: 'shop.example.com',
        backend: { service: 'storefront', port: 80 },
      });
      alertOn(world, 'IngressBackendErrors', front, { severity: 'critical', summary: 'The Ingress answers 503.' });
      return 'The shop answers 503.';
    },
  }),
  sick('policy-opens-another-port-of-the-database-than-its-clients-use', {
    source: POLICIES,
    about: ['NetworkPolicy/db-clients', 'Deployment/orders'],
    says: [/db-clients|polic/i],
    tell({ world }) {
      statefulSet(world, 'orders-db', { replicas: 1, ports: ['pg:5432', 'pool:6432'] });
      const { spec: front } = service(world, 'orders-db', {
        ports: [
          { name: 'pg', port: 5432, targetPort: 5432 },
          { name: 'pool', port: 6432, targetPort: 6432 },
        ],
      });
      networkPolicy(
        world,
        'db-clients',
        {
          podSelector: { matchLabels: { app: 'orders-db' } },
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 5432, protocol: 'TCP' }] }],
        },
        { age: '25m' },
      );
      const { pods } = deployment(world, 'orders', {
        replicas: 1,
        env: [{ name: 'DATABASE_URL', value: 'postgres://orders-db:6432/orders' }],
      });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 6,
        since: '22m',
        lived: '35s',
        log: ['connecting to orders-db:6432', `Error: connect ETIMEDOUT ${front.clusterIP}:6432`],
      });
      crashLooping(world, first(pods));
      return 'Orders restarts.';
    },
  }),
  sick('policy-lets-in-a-label-that-the-client-does-not-bear', {
    source: POLICIES,
    about: ['NetworkPolicy/search-from-frontends', 'Deployment/assistant'],
    says: [/search-from-frontends|polic/i],
    tell({ world }) {
      deployment(world, 'search', { replicas: 2, ports: [9200] });
      service(world, 'search', { ports: [{ name: 'http', port: 9200, targetPort: 9200 }] });
      networkPolicy(
        world,
        'search-from-frontends',
        {
          podSelector: { matchLabels: { app: 'search' } },
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: { matchLabels: { role: 'frontend' } } }] }],
        },
        { age: '40m' },
      );
      const { pods } = deployment(world, 'assistant', {
        replicas: 1,
        podAge: '30m',
        readiness: http('/ready', 8080),
        env: [{ name: 'SEARCH', value: 'http://search:9200' }],
      });
      neverReady(world, first(pods), answered(503), { since: '30m' });
      world.log(first(pods), 'assistant', [
        'WARN  search is not reachable: connect timeout http://search:9200',
        'ERROR java.net.SocketTimeoutException: Connect timed out: search:9200',
      ]);
      podNotReady(world, first(pods));
      return 'The assistant does not get ready.';
    },
  }),
  sick('name-server-of-the-cluster-is-not-ready-and-names-do-not-resolve', {
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/',
    about: ['Deployment/coredns', 'Service/kube-dns'],
    says: [/coredns|DNS/i],
    tell({ world }) {
      const servers = world.all<WholePod>('Pod').filter(({ metadata }) => metadata.name.startsWith('coredns-'));
      for (const pod of servers) {
        neverReady(world, pod, answered(503), { since: '12m' });
        world.log(pod, 'coredns', [
          '[INFO] plugin/ready: Still waiting on: "kubernetes"',
          '[ERROR] plugin/kubernetes: Unhandled Error',
          'E1124 09:58:01.004113       1 reflector.go:205] "Failed to watch" err="failed to list *v1.Service: Get \\"https://10.96.0.1:443/api/v1/services\\": dial tcp 10.96.0.1:443: i/o timeout" type="*v1.Service"',
        ]);
      }
      const { pods } = deployment(world, 'mailer', { replicas: 1 });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 5,
        since: '10m',
        log: ['dial tcp: lookup ledger on 10.96.0.10:53: read udp 10.244.1.7:41022->10.96.0.10:53: i/o timeout'],
      });
      crashLooping(world, first(pods));
      return 'The mailer restarts.';
    },
  }),
  sick('controller-may-not-watch-config-maps-and-never-gets-ready', {
    source: RBAC,
    about: ['Deployment/sync'],
    says: [/configmaps/, /shop:sync|sync/],
    tell({ world }) {
      const { pods } = deployment(world, 'sync', {
        replicas: 1,
        podAge: '25m',
        readiness: http('/readyz', 8081),
        spec: { serviceAccountName: 'default' },
      });
      neverReady(world, first(pods), answered(500), { since: '25m' });
      world.log(first(pods), 'sync', [
        'E1124 09:58:01.004113       1 reflector.go:205] "Failed to watch" err="failed to list *v1.ConfigMap: configmaps is forbidden: User \\"system:serviceaccount:shop:default\\" cannot list resource \\"configmaps\\" in API group \\"\\" in the namespace \\"shop\\"" type="*v1.ConfigMap"',
      ]);
      podNotReady(world, first(pods));
      return 'sync is not ready.';
    },
  }),
  sick('leader-may-not-take-its-lease', {
    source: 'https://kubernetes.io/docs/concepts/architecture/leases/',
    about: ['Deployment/elector'],
    says: [/leases/],
    tell({ world }) {
      const { pods } = deployment(world, 'elector', { replicas: 1 });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 8,
        since: '30m',
        log: [
          '{"ts":"2026-11-24T09:57:58.120Z","level":"info","logger":"setup","msg":"starting manager"}',
          '{"ts":"2026-11-24T09:58:08.120Z","level":"error","logger":"leader","msg":"error retrieving resource lock","error":"leases.coordination.k8s.io \\"elector\\" is forbidden: User \\"system:serviceaccount:shop:default\\" cannot get resource \\"leases\\" in API group \\"coordination.k8s.io\\" in the namespace \\"shop\\""}',
          '{"ts":"2026-11-24T09:58:28.120Z","level":"error","logger":"setup","msg":"problem running manager","error":"leader election lost"}',
        ],
      });
      crashLooping(world, first(pods));
      return 'The elector restarts.';
    },
  }),
  sick('traffic-stays-on-the-node-and-there-is-no-endpoint', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/',
    about: ['Service/collector', 'Deployment/tracer'],
    says: [/internalTrafficPolicy|Local|node-b/],
    tell({ world }) {
      deployment(world, 'collector', { replicas: 1, nodes: ['node-a'], ports: [4317] });
      service(world, 'collector', {
        ports: [{ name: 'otlp', port: 4317, targetPort: 4317 }],
        spec: { internalTrafficPolicy: 'Local' },
      });
      const { pods } = deployment(world, 'tracer', { replicas: 1, nodes: ['node-b'] });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 6,
        since: '20m',
        lived: '22s',
        log: ['transport: Error while dialing: dial tcp: connect to collector:4317: i/o timeout'],
      });
      crashLooping(world, first(pods));
      return 'The tracer restarts.';
    },
  }),
  sick('init-container-waits-for-a-service-that-nobody-made', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#init-containers-in-use',
    about: ['Deployment/portal'],
    says: [/portal-db/],
    tell({ world }) {
      const { pods } = deployment(world, 'portal', {
        replicas: 1,
        podAge: '20m',
        init: [
          {
            name: 'wait-for-db',
            image: 'busybox:1.36',
            command: ['sh', '-c', 'until nc -z portal-db 5432; do echo waiting for portal-db:5432; sleep 2; done'],
          },
        ],
      });
      initHolds(world, first(pods), 'wait-for-db', { state: { running: { startedAt: world.ago('20m') } } });
      world.log(
        first(pods),
        'wait-for-db',
        Array.from({ length: 8 }, () => ["nc: bad address 'portal-db'", 'waiting for portal-db:5432']).flat(),
      );
      podNotReady(world, first(pods));
      return 'The portal does not start.';
    },
  }),
  sick('init-container-may-not-clone-the-repository', {
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-init-containers/',
    about: ['Deployment/docs'],
    says: [/Authentication failed|auth/i],
    tell({ world }) {
      const { pods } = deployment(world, 'docs', {
        replicas: 1,
        podAge: '16m',
        init: [{ name: 'clone', image: 'registry.example.com/tools/git:2.45', args: ['clone'] }],
      });
      initHolds(world, first(pods), 'clone', {
        state: {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: `back-off 5m0s restarting failed container=clone pod=${first(pods).metadata.name}_shop(${first(pods).metadata.uid})`,
          },
        },
        lastState: {
          terminated: {
            exitCode: 128,
            reason: 'Error',
            startedAt: world.ago('95s'),
            finishedAt: world.ago('90s'),
          },
        },
        restarts: 7,
      });
      const lines = [
        "Cloning into '/srv/docs'...",
        'remote: HTTP Basic: Access denied',
        "fatal: Authentication failed for 'https://git.example.com/shop/docs.git/'",
      ];
      world.log(first(pods), 'clone', lines, { previous: true, endedAgo: '90s' });
      world.log(first(pods), 'clone', lines, { endedAgo: '90s' });
      podNotReady(world, first(pods));
      return 'The docs do not start.';
    },
  }),
  sick('log-shipper-beside-the-program-cannot-read-its-configuration', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/',
    about: ['Deployment/basket'],
    says: [/shipper/, /pipeline|config|yaml/i],
    tell({ world }) {
      const { pods } = deployment(world, 'basket', {
        replicas: 1,
        sidecars: [{ name: 'shipper', image: 'registry.example.com/tools/shipper:3.1' }],
      });
      crashLoops(world, first(pods), {
        container: 'shipper',
        exitCode: 78,
        restarts: 6,
        since: '15m',
        log: [
          '[error] [config] error in /etc/shipper/pipeline.yaml:14: invalid indentation level',
          '[error] configuration file contains errors, aborting.',
        ],
      });
      crashLooping(world, first(pods), '3m', 'shipper');
      return 'basket is not ready.';
    },
  }),
  healthy('policy-denies-egress-and-names-and-the-database-are-allowed', {
    source: POLICIES,
    tell({ world }) {
      networkPolicy(world, 'web-egress', {
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Egress'],
        egress: [
          { ports: [{ port: 53, protocol: 'UDP' }] },
          { to: [{ podSelector: { matchLabels: { app: 'ledger' } } }], ports: [{ port: 8080, protocol: 'TCP' }] },
        ],
      });
      usersSee(world, 'SlowRequests', 'web was slow.');
      return 'web was slow for a minute.';
    },
  }),
  healthy('service-keeps-traffic-on-the-node-and-each-node-has-an-endpoint', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/',
    tell({ world }) {
      deployment(world, 'agent-api', { replicas: 3, nodes: ['node-a', 'node-b', 'node-c'], ports: [8125] });
      service(world, 'agent-api', {
        ports: [{ name: 'statsd', port: 8125, targetPort: 8125 }],
        spec: { internalTrafficPolicy: 'Local' },
      });
      usersSee(world, 'SlowRequests', 'web was slow.');
      return 'web was slow for a minute.';
    },
  }),
  healthy('pod-is-not-ready-for-seconds-while-its-backend-restarts', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes',
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'menu', { replicas: 3, readiness: http('/ready', 8080) });
      world.warn(first(pods), 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', {
        source: 'kubelet',
        first: '6m',
        last: '5m',
        count: 3,
      });
      alertOn(world, 'KubeDeploymentReplicasMismatch', of, { since: '6m' });
      return 'menu lacked a pod for a moment.';
    },
  }),
];
