import { healthy, sick } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { backoffExceeded, job, podEnds } from '../world/batch.ts';
import { crashLoops, unready } from '../world/ills.ts';
import { ingress, ingressClass, networkPolicy, service } from '../world/network.ts';
import { setNode } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { budget } from '../world/policies.ts';
import { answered, neverReady } from '../world/probes.ts';
import { creating, initHolds, unscheduled } from '../world/starting.ts';
import { http } from '../world/template.ts';
import { deployment, statefulSet } from '../world/workloads.ts';

const PROXY = {
  name: 'istio-proxy',
  image: 'docker.io/istio/proxyv2:1.27.1',
  args: ['proxy', 'sidecar'],
  readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 } },
};

/** Meshes, gates, clocks and certificates: what stands between a program that is well and those that call it. */
export const MESHES = [
  sick('proxy-of-the-mesh-is-not-ready-and-the-program-is', {
    source: 'https://istio.io/latest/docs/ops/common-problems/injection/',
    about: ['Deployment/basket'],
    says: [/istiod/, /Service|resolve|host/i],
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'basket', { replicas: 1, ports: [8080], sidecars: [PROXY] });
      const pod = first(pods);
      unready(world, pod, '14m', 'istio-proxy');
      const told = { source: 'kubelet', first: '14m', last: '4s', count: 420 };
      world.warn(pod, 'Unhealthy', `Readiness probe failed: ${answered(503)}`, told);
      world.log(pod, 'istio-proxy', [
        '2026-11-24T09:58:11.004Z\twarning\tenvoy config\tStreamAggregatedResources gRPC config stream closed: 14, connection error: desc = "transport: Error while dialing: dial tcp: lookup istiod.istio-system.svc on 10.96.0.10:53: no such host"',
        '2026-11-24T09:59:11.004Z\twarn\tEnvoy proxy is NOT ready: config not received from XDS server (is Istiod running?): cds updates: 0 successful, 0 rejected; lds updates: 0 successful, 0 rejected',
      ]);
      replicasMismatch(world, of);
      return 'The basket is not ready.';
    },
  }),
  sick('program-starts-before-the-proxy-lets-it-out', {
    source:
      'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig (holdApplicationUntilProxyStarts)',
    about: ['Deployment/coupons'],
    says: [/refused/i, /10\.96\.77\.5|coupons-db/],
    tell({ world }) {
      const { pods } = deployment(world, 'coupons', { replicas: 1, ports: [8080], sidecars: [PROXY] });
      const log = ['Error: connect ECONNREFUSED 10.96.77.5:5432 (coupons-db.data.svc.cluster.local)'];
      crashLoops(world, first(pods), { exitCode: 1, restarts: 5, since: '12m', lived: '1s', log });
      crashLooping(world, first(pods));
      return 'coupons restarts.';
    },
  }),
  sick('readiness-gate-is-never-opened', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate',
    about: ['Deployment/front'],
    says: [/target-health\.elbv2\.k8s\.aws|readiness gate/i],
    confirmed: true,
    tell({ world }) {
      const gate = 'target-health.elbv2.k8s.aws/k8s-shop-front-1';
      const spec = { readinessGates: [{ conditionType: gate }] };
      const { deployment: of, pods } = deployment(world, 'front', { replicas: 1, ports: [8080], podAge: '20m', spec });
      const pod = first(pods);
      for (const condition of pod.status.conditions)
        if (condition.type === 'Ready')
          Object.assign(condition, {
            status: 'False',
            reason: 'ReadinessGatesNotReady',
            message: `corresponding condition of pod readiness gate "${gate}" does not exist.`,
          });
      replicasMismatch(world, of);
      return 'The new front does not take traffic.';
    },
  }),
  sick('init-container-loops-and-says-what-it-waits-for', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/',
    about: ['Deployment/portal'],
    says: [/wait-schema/],
    tell({ world }) {
      const init = [{ name: 'wait-schema', image: 'registry.example.com/tools/wait:1', command: ['/wait'] }];
      const { deployment: of, pods } = deployment(world, 'portal', { replicas: 1, podAge: '25m', init });
      const pod = first(pods);
      initHolds(world, pod, 'wait-schema', { state: { running: { startedAt: world.ago('25m') } } });
      world.log(pod, 'wait-schema', [
        'schema version 41, want 42: waiting',
        'schema version 41, want 42: waiting',
        'schema version 41, want 42: waiting',
      ]);
      replicasMismatch(world, of);
      return 'The portal does not come up.';
    },
  }),
  sick('egress-is-denied-and-names-do-not-resolve', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic',
    about: ['Deployment/notifier', 'NetworkPolicy/deny-egress'],
    says: [/deny-egress/, /DNS|resolv|egress/i],
    tell({ world }) {
      networkPolicy(world, 'deny-egress', { podSelector: {}, policyTypes: ['Egress'] }, { age: '18m' });
      const { pods } = deployment(world, 'notifier', { replicas: 1 });
      const log = [
        'dial tcp: lookup smtp.example.com on 10.96.0.10:53: read udp 10.244.1.9:41234->10.96.0.10:53: i/o timeout',
      ];
      crashLoops(world, first(pods), { exitCode: 1, restarts: 6, since: '15m', log });
      crashLooping(world, first(pods));
      return 'No mail is sent.';
    },
  }),
  sick('certificate-of-the-kubelet-has-expired', {
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
    about: ['Node/node-b'],
    says: [/node-b/, /stopped|not report|heard|NotReady|not ready/i],
    never: [/node-a|node-c/],
    tell({ world, nodes }) {
      const b = nth(nodes, 1);
      for (const type of ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'])
        setNode(world, b, type, 'Unknown', {
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          since: '30m',
          heartbeat: '31m',
        });
      alertOn(world, 'KubeNodeNotReady', b);
      return 'node-b is not ready.';
    },
  }),
  sick('clock-of-the-node-is-behind-and-certificates-are-not-yet-valid', {
    source: 'https://pkg.go.dev/crypto/x509#InvalidReason',
    about: ['Deployment/courier'],
    says: [/not yet valid|clock/i],
    tell({ world }) {
      const { pods } = deployment(world, 'courier', { replicas: 1 });
      const log = [
        'level=fatal msg="cannot register" error="Post \\"https://hub.example.com/register\\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-23T02:00:00Z is before 2026-11-24T00:00:00Z"',
      ];
      crashLoops(world, first(pods), { exitCode: 1, restarts: 6, since: '20m', log });
      crashLooping(world, first(pods));
      return 'The courier does not register.';
    },
  }),
  sick('canary-was-scaled-to-zero-and-its-service-is-called', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/service/',
    about: ['Service/api-canary', 'Deployment/api-canary'],
    says: [/api-canary/, /replica|scaled|0/i],
    tell({ world }) {
      const canary = deployment(world, 'api-canary', { replicas: 0, ports: [8080] });
      service(world, 'api-canary');
      ingressClass(world, 'nginx', 'k8s.io/ingress-nginx');
      ingress(world, 'canary', {
        className: 'nginx',
        host: 'c.example.com',
        backend: { service: 'api-canary', port: 80 },
      });
      alertOn(world, 'ServiceHasNoEndpoints', canary.deployment);
      return 'The canary does not answer.';
    },
  }),
  sick('ingress-waits-for-a-backend-that-is-not-ready', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
    about: ['Deployment/blog'],
    says: [/readiness/i, /500/],
    tell({ world }) {
      ingressClass(world, 'nginx', 'k8s.io/ingress-nginx');
      const blog = deployment(world, 'blog', { replicas: 1, ports: [8080], readiness: http('/up', 8080) });
      service(world, 'blog');
      const of = ingress(world, 'blog', {
        className: 'nginx',
        host: 'blog.example.com',
        backend: { service: 'blog', port: 80 },
      });
      neverReady(world, first(blog.pods), answered(500), { since: '9m' });
      alertOn(world, 'IngressErrors', of, { summary: 'blog.example.com answers 503.' });
      return 'The blog answers 503.';
    },
  }),
  sick('node-is-drained-and-the-budget-lets-no-pod-go', {
    source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
    about: ['PodDisruptionBudget/quorum', 'StatefulSet/quorum'],
    says: [/quorum/, /budget|disruption/i],
    tell({ world, nodes }) {
      statefulSet(world, 'quorum', { replicas: 3 });
      const of = budget(world, 'quorum', { maxUnavailable: 0, selector: { app: 'quorum' } });
      first(nodes).spec.unschedulable = true;
      const message = "Cannot evict pod as it would violate the pod's disruption budget.";
      world.warn(of, 'DrainBlocked', message, { source: 'drain', first: '20m', last: '10s', count: 240 });
      alertOn(world, 'NodeDrainStuck', of);
      return 'The drain does not end.';
    },
  }),
  sick('job-of-the-mesh-is-over-and-its-proxy-is-not', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#jobs-with-sidecar-containers',
    about: ['Job/report'],
    says: [/istio-proxy/],
    tell({ world }) {
      const { job: of, pods } = job(world, 'report', { age: '50m', sidecars: [PROXY] });
      const pod = first(pods);
      for (const status of pod.status.containerStatuses)
        if (status.name === 'report')
          Object.assign(status, {
            ready: false,
            state: {
              terminated: {
                exitCode: 0,
                reason: 'Completed',
                startedAt: world.ago('49m'),
                finishedAt: world.ago('45m'),
              },
            },
          });
      alertOn(world, 'KubeJobNotCompleted', of);
      return 'The report Job does not end.';
    },
  }),
  sick('disk-pressure-of-a-node-puts-pods-out-and-keeps-them-out', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
    about: ['Node/node-a', 'Node/node-b', 'Node/node-c', 'Deployment/thumbs'],
    says: [/disk/i],
    tell({ world, nodes }) {
      const { deployment: of, pods } = deployment(world, 'thumbs', { replicas: 1, podAge: '10m' });
      for (const each of nodes) {
        setNode(world, each, 'DiskPressure', 'True', {
          reason: 'KubeletHasDiskPressure',
          message: 'kubelet has disk pressure',
          since: '20m',
        });
        each.spec.taints = [
          { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded: world.ago('20m') },
        ];
      }
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      replicasMismatch(world, of);
      return 'thumbs does not run.';
    },
  }),
  sick('addresses-of-the-nodes-network-are-used-up', {
    source: 'https://www.cni.dev/plugins/current/ipam/host-local/',
    about: ['Deployment/chat'],
    says: [/address|IP/i],
    tell({ world }) {
      const { pods } = deployment(world, 'chat', { replicas: 1, podAge: '13m' });
      creating(world, first(pods), [
        {
          reason: 'FailedCreatePodSandBox',
          message:
            'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "7c1": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container',
          count: 30,
        },
      ]);
      podNotReady(world, first(pods));
      return 'chat does not start.';
    },
  }),
  sick('job-tries-again-until-it-may-no-more-and-the-log-tells', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy',
    about: ['Job/migrate'],
    says: [/relation "orders" does not exist/],
    tell({ world }) {
      const { job: of, pods } = job(world, 'migrate', { age: '20m', backoffLimit: 3 });
      const log = ['applying 0042_add_index.sql', 'ERROR: relation "orders" does not exist (SQLSTATE 42P01)'];
      podEnds(world, first(pods), { exitCode: 3, ended: '6m', log });
      backoffExceeded(world, of, '6m');
      alertOn(world, 'KubeJobFailed', of);
      return 'The migration failed.';
    },
  }),
  healthy('headless-service-publishes-what-is-not-ready-on-purpose', {
    source:
      'https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ (publishNotReadyAddresses)',
    tell({ world }) {
      const { statefulSet: of } = statefulSet(world, 'gossip', { replicas: 3 });
      service(world, 'gossip', { spec: { clusterIP: 'None', publishNotReadyAddresses: true } });
      alertOn(world, 'GossipChurn', of, { severity: 'info' });
      return 'Somebody saw churn in the ring.';
    },
  }),
  healthy('proxy-of-the-mesh-restarted-once-days-ago', {
    source: 'https://istio.io/latest/docs/ops/common-problems/',
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'wishlist', { replicas: 2, sidecars: [PROXY] });
      const status = first(pods).status.containerStatuses.find(({ name }) => name === 'istio-proxy');
      if (status)
        Object.assign(status, {
          restartCount: 1,
          lastState: {
            terminated: { exitCode: 0, reason: 'Completed', startedAt: world.ago('9d'), finishedAt: world.ago('6d') },
          },
        });
      alertOn(world, 'WishlistLatency', of, { severity: 'info' });
      return 'Is the wishlist well?';
    },
  }),
];
