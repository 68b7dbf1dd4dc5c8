import { twoCauses } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { ingress, ingressClass, service } from '../world/network.ts';
import { cordon, setNode, unreachable } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { answered, neverReady } from '../world/probes.ts';
import { exceeded, quota, refusedPods } from '../world/quota.ts';
import { configFails, creating, pullFails, unscheduled } from '../world/starting.ts';
import { http } from '../world/template.ts';
import { deployment } from '../world/workloads.ts';

const DEBUG = 'https://kubernetes.io/docs/tasks/debug/debug-application/';
const missing = (image: string) =>
  `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;

/** Two causes at once. Where both explain the alert, each has to be among the first three findings. */
export const TWO_CAUSES = [
  twoCauses('one-pod-lacks-its-image-and-another-its-secret', {
    source: DEBUG,
    about: ['Deployment/blog'],
    says: [/image/i, /0\.0\.9/],
    also: [{ about: ['Deployment/comments', 'Secret/comments-db'], says: [/secret/i, /comments-db/] }],
    tell({ world }) {
      const image = 'registry.example.com/shop/blog:0.0.9';
      const blog = deployment(world, 'blog', { replicas: 1, image, age: '9m' });
      pullFails(world, first(blog.pods), { error: missing(image) });
      const env = [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'comments-db', key: 'url' } } }];
      const comments = deployment(world, 'comments', { replicas: 1, age: '9m', env });
      configFails(world, first(comments.pods), 'secret "comments-db" not found');
      replicasMismatch(world, blog.deployment);
      replicasMismatch(world, comments.deployment);
      return 'The blog and its comments are down since the move.';
    },
  }),
  twoCauses('deployment-hits-its-quota-and-its-pods-crash', {
    source: DEBUG,
    about: ['Deployment/api', 'ResourceQuota/team'],
    says: [/quota|MissingMigration|migration/i],
    also: [
      { about: ['Deployment/api', 'ResourceQuota/team'], says: [/quota/i] },
      { about: ['Deployment/api'], says: [/migration/i] },
    ],
    tell({ world }) {
      const api = deployment(world, 'api', {
        replicas: 3,
        ports: [8080],
        age: '14m',
        resources: { requests: { cpu: '1' } },
      });
      world.remove(nth(api.pods, 2));
      const full = quota(world, 'team', { 'requests.cpu': '3' });
      const error = exceeded(world, full, `pods "${api.replicaSet.metadata.name}-77xqz"`, { 'requests.cpu': '1' });
      refusedPods(world, api.replicaSet, error, { first: '14m' });
      const log = ['checking schema', 'fatal: database schema is at 40, migration 41 has not been applied'];
      for (const pod of api.pods.slice(0, 2)) crashLoops(world, pod, { exitCode: 1, restarts: 7, since: '13m', log });
      replicasMismatch(world, api.deployment);
      crashLooping(world, first(api.pods));
      return 'The api has no ready pod.';
    },
  }),
  twoCauses('readiness-fails-and-the-ingress-leads-elsewhere', {
    source: DEBUG,
    about: ['Deployment/portal'],
    says: [/readiness/i, /500/],
    also: [{ about: ['Ingress/portal', 'Service/portal-v1'], says: [/portal-v1/] }],
    tell({ world }) {
      const portal = deployment(world, 'portal', { replicas: 2, ports: [8080], readiness: http('/ready', 8080) });
      for (const pod of portal.pods) neverReady(world, pod, answered(500), { since: '12m', count: 70 });
      service(world, 'portal');
      ingressClass(world, 'nginx', 'k8s.io/ingress-nginx');
      ingress(world, 'portal', {
        className: 'nginx',
        host: 'portal.example.com',
        backend: { service: 'portal-v1', port: 80 },
      });
      replicasMismatch(world, portal.deployment);
      alertOn(world, 'IngressBackendErrors', portal.deployment);
      return 'The portal is not reachable.';
    },
  }),
  twoCauses('two-nodes-fail-differently', {
    source: 'https://kubernetes.io/docs/reference/node/node-status/',
    about: ['Node/node-a'],
    says: [/node-a/, /kubelet|stopped (posting|reporting|answering)|unreachable|heartbeat|not report/i],
    also: [{ about: ['Node/node-b'], says: [/node-b/, /disk/i] }],
    tell({ world, nodes }) {
      unreachable(world, first(nodes), '4m');
      const node = nth(nodes, 1);
      setNode(world, node, 'DiskPressure', 'True', {
        reason: 'KubeletHasDiskPressure',
        message: 'kubelet has disk pressure',
        since: '7m',
      });
      node.spec.taints = [
        { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded: world.ago('7m') },
      ];
      world.warn(node, 'EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage', {
        source: 'kubelet',
        first: '7m',
        last: '10s',
        count: 40,
      });
      alertOn(world, 'KubeNodeUnreachable', first(nodes), { labels: { node: 'node-a' } });
      alertOn(world, 'KubeNodePressure', node, { labels: { node: 'node-b', condition: 'DiskPressure' } });
      return 'Two nodes are ill.';
    },
  }),
  twoCauses('old-pods-run-out-of-memory-and-new-ones-have-no-image', {
    source: DEBUG,
    about: ['Deployment/resize'],
    says: [/memory|oom|image/i],
    also: [
      { about: ['Deployment/resize'], says: [/memory|oom/i] },
      { about: ['Deployment/convert'], says: [/image/i, /2\.2\.2/] },
    ],
    tell({ world }) {
      const resize = deployment(world, 'resize', { replicas: 2, ports: [8080] });
      for (const pod of resize.pods)
        crashLoops(world, pod, { exitCode: 137, reason: 'OOMKilled', restarts: 5, since: '20m', lived: '2m' });
      const image = 'registry.example.com/shop/convert:2.2.2';
      const convert = deployment(world, 'convert', { replicas: 1, image, age: '11m' });
      pullFails(world, first(convert.pods), { error: missing(image) });
      crashLooping(world, first(resize.pods));
      podNotReady(world, first(convert.pods));
      return 'Pictures are neither resized nor converted.';
    },
  }),
  twoCauses('nodes-are-cordoned-and-the-claim-has-no-class', {
    source: DEBUG,
    about: ['Deployment/etl', 'Node/node-b', 'Node/node-c'],
    says: [/cordon|unschedulable|scheduling (is )?disabled/i],
    also: [{ about: ['Deployment/wiki', 'ConfigMap/wiki'], says: [/config ?map/i, /\bwiki\b/] }],
    tell({ world, nodes }) {
      cordon(world, nth(nodes, 1), '20m');
      cordon(world, nth(nodes, 2), '20m');
      const etl = deployment(world, 'etl', { replicas: 1, age: '10m', resources: { requests: { cpu: '3800m' } } });
      unscheduled(
        world,
        first(etl.pods),
        '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
      );
      const spec = { volumes: [{ name: 'pages', configMap: { name: 'wiki' } }] };
      const wiki = deployment(world, 'wiki', {
        replicas: 1,
        age: '10m',
        spec,
        mounts: [{ name: 'pages', mountPath: '/pages' }],
      });
      creating(world, first(wiki.pods), [
        { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "pages" : configmap "wiki" not found' },
      ]);
      podNotReady(world, first(etl.pods));
      podNotReady(world, first(wiki.pods));
      return 'etl and wiki do not start.';
    },
  }),
  twoCauses('two-containers-of-one-pod-crash-for-two-reasons', {
    source: DEBUG,
    about: ['Deployment/pair'],
    says: [/REGION|license/i],
    also: [
      { about: ['Deployment/pair'], says: [/REGION/] },
      { about: ['Deployment/pair'], says: [/license/i] },
    ],
    tell({ world }) {
      const sidecars = [{ name: 'agent', image: 'registry.example.com/platform/agent:2' }];
      const pair = deployment(world, 'pair', { replicas: 1, age: '12m', sidecars });
      const pod = first(pair.pods);
      crashLoops(world, pod, {
        container: 'pair',
        exitCode: 1,
        restarts: 6,
        since: '11m',
        log: ['error: environment variable REGION is not set'],
      });
      crashLoops(world, pod, {
        container: 'agent',
        exitCode: 2,
        restarts: 6,
        since: '11m',
        log: ['agent: license key is invalid, exiting'],
      });
      crashLooping(world, pod, '4m', 'pair');
      crashLooping(world, pod, '4m', 'agent');
      return 'pair crashes, both of it.';
    },
  }),
  twoCauses('service-leads-nowhere-and-its-client-crashes-of-something-else', {
    source: DEBUG,
    about: ['Deployment/front'],
    says: [/THEME/],
    also: [{ about: ['Service/catalog', 'Deployment/catalog'], says: [/service/i, /select/i] }],
    tell({ world }) {
      deployment(world, 'catalog', { replicas: 2, ports: [8080] });
      service(world, 'catalog', { selector: { app: 'catalog', track: 'stable' } });
      const front = deployment(world, 'front', { replicas: 1, age: '2d', podAge: '15m', ports: [8080] });
      const log = ["KeyError: 'THEME'"];
      crashLoops(world, first(front.pods), { exitCode: 1, restarts: 7, since: '14m', log });
      crashLooping(world, first(front.pods));
      alertOn(
        world,
        'KubeServiceNoEndpoints',
        first(world.all('Service').filter(({ metadata }) => metadata.name === 'catalog')),
      );
      return 'The front crashes and the catalog cannot be reached.';
    },
  }),
];
