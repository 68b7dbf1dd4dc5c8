import { sick } from '../story.ts';
import { crashLooping, podNotReady, usersSee } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { service } from '../world/network.ts';
import { first } from '../world/pick.ts';
import { neverReady, refused } from '../world/probes.ts';
import { http } from '../world/template.ts';
import { type Deployed, deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const DOCS = 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/';
const _POLICY = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/';

/** A front whose log tells what it could not reach. */
function front(
  world: World,
  name: string,
  lines: readonly string[],
  env: { name: string; value: string }[] = [],
): Deployed {
  const made = deployment(world, name, { replicas: 2, ports: [8080], env });
  for (const pod of made.pods) world.log(pod, name, lines);
  return made;
}

const broken = (world: World, what: string) =>
  usersSee(world, 'HighErrorRate', `More than 5 % of requests to ${what} fail.`);

/** Services that do not lead to where they should. */
export const SERVICES = [
  sick('service-selects-a-label-no-pod-has', {
    source: `${DOCS}#does-the-service-have-any-endpointslices`,
    silent: true,
    about: ['Service/catalog', 'Deployment/catalog'],
    says: [/service/i, /select/i, /catalogue/],
    confirmed: true,
    tell({ world }) {
      deployment(world, 'catalog', { replicas: 2, ports: [8080], readiness: http('/ready', 8080) });
      service(world, 'catalog', { selector: { app: 'catalogue' } });
      broken(world, 'the catalog');
      return 'The catalog cannot be reached although its pods run.';
    },
  }),
  sick('service-targets-a-port-no-container-has', {
    source: `${DOCS}#is-the-service-defined-correctly`,
    silent: true,
    about: ['Service/orders', 'Deployment/orders'],
    says: [/port/i, /9090/],
    tell({ world }) {
      deployment(world, 'orders', { replicas: 2, ports: [8080], readiness: http('/ready', 8080) });
      const at = service(world, 'orders', { ports: [{ name: 'http', port: 80, targetPort: 9090 }] });
      front(world, 'shopfront', [
        `upstream orders:80 connect error: dial tcp ${at.spec.clusterIP}:80: connect: connection refused`,
      ]);
      broken(world, 'orders');
      return 'Nobody can order.';
    },
  }),
  sick('service-targets-a-port-name-no-container-has', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
    silent: true,
    about: ['Service/users', 'Deployment/users'],
    says: [/port/i, /http-api/],
    confirmed: true,
    tell({ world }) {
      deployment(world, 'users', { replicas: 2, ports: ['http:8080'], readiness: http('/ready', 8080) });
      service(world, 'users', { ports: [{ name: 'http', port: 80, targetPort: 'http-api' }] });
      broken(world, 'users');
      return 'Logins fail.';
    },
  }),
  sick('service-forwards-udp-to-a-tcp-port', {
    source: 'https://kubernetes.io/docs/reference/networking/service-protocols/',
    silent: true,
    about: ['Service/sessions', 'Deployment/sessions'],
    says: [/protocol|udp/i],
    tell({ world }) {
      deployment(world, 'sessions', { replicas: 2, ports: ['redis:6379'] });
      const at = service(world, 'sessions', {
        ports: [{ name: 'redis', port: 6379, targetPort: 6379, protocol: 'UDP' }],
      });
      front(world, 'shopfront', [`session store: dial tcp ${at.spec.clusterIP}:6379: i/o timeout`]);
      broken(world, 'the shop');
      return 'Nobody stays logged in.';
    },
  }),
  sick('service-has-only-pods-that-are-not-ready', {
    source: DOCS,
    about: ['Deployment/stock', 'Service/stock'],
    says: [/readiness/i, /refused|port|8080/i],
    tell({ world }) {
      const stock = deployment(world, 'stock', { replicas: 2, ports: [8080], readiness: http('/ready', 8080) });
      service(world, 'stock');
      for (const pod of stock.pods) neverReady(world, pod, refused(pod, 8080, '/ready'), { since: '6m', count: 36 });
      broken(world, 'stock');
      podNotReady(world, first(stock.pods));
      return 'Stock levels are missing.';
    },
  }),
  sick('service-of-a-deployment-that-was-scaled-to-zero', {
    source: DOCS,
    silent: true,
    about: ['Deployment/tokens', 'Service/tokens'],
    says: [/\b0\b|zero|no pods/i, /tokens/],
    tell({ world }) {
      const tokens = deployment(world, 'tokens', { replicas: 0, ports: [8080] });
      const at = service(world, 'tokens');
      const scaled = `Scaled down replica set ${tokens.replicaSet.metadata.name} from 2 to 0`;
      world.note(tokens.deployment, 'ScalingReplicaSet', scaled, { source: 'deployment-controller', first: '7m' });
      front(world, 'shopfront', [
        `POST http://tokens/verify: dial tcp ${at.spec.clusterIP}:80: connect: connection refused`,
      ]);
      broken(world, 'the shop');
      return 'All logins fail since ten minutes.';
    },
  }),
  sick('external-name-leads-nowhere', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/service/#externalname',
    silent: true,
    about: ['Service/payments-db', 'Deployment/payments'],
    says: [/db-old\.corp\.example|payments-db/, /resolve|dns|no such host|not known|lookup/i],
    tell({ world }) {
      service(world, 'payments-db', {
        selector: null,
        spec: { type: 'ExternalName', externalName: 'db-old.corp.example' },
      });
      front(world, 'payments', [
        'connecting to payments-db:5432',
        'dial error (hostname resolving error (lookup payments-db on 10.96.0.10:53: no such host))',
        'retrying in 5s',
      ]);
      broken(world, 'payments');
      return 'Payments fail.';
    },
  }),
  sick('client-calls-a-service-that-does-not-exist', {
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#does-the-service-exist',
    silent: true,
    about: ['Deployment/shopfront', 'Service/recommendations'],
    says: [/recommendations/, /no such host|not exist|does not exist|resolve|not found|missing|no service/i],
    tell({ world }) {
      front(world, 'shopfront', [
        '{"level":"error","msg":"call failed","err":"Get \\"http://recommendations.shop.svc.cluster.local/top\\": dial tcp: lookup recommendations.shop.svc.cluster.local on 10.96.0.10:53: no such host"}',
        '{"level":"error","msg":"call failed","err":"Get \\"http://recommendations.shop.svc.cluster.local/top\\": dial tcp: lookup recommendations.shop.svc.cluster.local on 10.96.0.10:53: no such host"}',
      ]);
      broken(world, 'the shop');
      return 'The start page lacks recommendations.';
    },
  }),
  sick('client-calls-a-port-that-the-service-does-not-offer', {
    source: DOCS,
    silent: true,
    about: ['Deployment/shopfront', 'Service/search'],
    says: [/port/i, /8000|9200/],
    tell({ world }) {
      deployment(world, 'search', { replicas: 1, ports: [9200] });
      const at = service(world, 'search', { ports: [{ name: 'http', port: 9200, targetPort: 9200 }] });
      const lost = `ERROR search query failed: connect ETIMEDOUT ${at.spec.clusterIP}:8000`;
      front(world, 'shopfront', [lost, lost], [{ name: 'SEARCH_URL', value: 'http://search:8000' }]);
      broken(world, 'search');
      return 'Search does not answer.';
    },
  }),
  sick('headless-service-of-a-stateful-set-is-missing', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id',
    about: ['Deployment/raft-client', 'Service/raft'],
    says: [/raft-0\.raft|raft/, /no such host|resolve|not exist|does not exist|missing|not found/i],
    tell({ world }) {
      const { pods } = deployment(world, 'raft-client', { replicas: 1, podAge: '13m' });
      const log = ['panic: join failed: lookup raft-0.raft.shop.svc.cluster.local on 10.96.0.10:53: no such host'];
      crashLoops(world, first(pods), { exitCode: 2, restarts: 7, since: '12m', log });
      crashLooping(world, first(pods));
      return 'The raft clients do not join.';
    },
  }),
];
