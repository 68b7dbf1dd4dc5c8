import { sick } from '../story.ts';
import { crashLooping, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { unready } from '../world/ills.ts';
import { service } from '../world/network.ts';
import { first } from '../world/pick.ts';
import { answered, killedByProbe, neverReady, probeFails, refused, timedOut, url } from '../world/probes.ts';
import { rollOut } from '../world/rollout.ts';
import { http, tcp } from '../world/template.ts';
import { deployment } from '../world/workloads.ts';

const DOCS = 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/';
const PROBER = 'k8s.io/kubernetes pkg/kubelet/prober/prober.go';

/** Probes that ask the wrong thing, at the wrong time, or get the right answer: no. */
export const PROBES = [
  sick('readiness-asks-a-port-nobody-listens-on', {
    source: DOCS,
    about: ['Deployment/catalog'],
    says: [/readiness/i, /port|refused/i, /8081/],
    confirmed: true,
    tell({ world }) {
      const catalog = deployment(world, 'catalog', {
        replicas: 2,
        ports: ['http:8080'],
        readiness: http('/ready', 8081),
        age: '20m',
      });
      for (const pod of catalog.pods)
        neverReady(world, pod, refused(pod, 8081, '/ready'), { since: '20m', count: 120 });
      for (const pod of catalog.pods) world.log(pod, 'catalog', ['listening on :8080', 'loaded 1423 products']);
      service(world, 'catalog');
      replicasMismatch(world, catalog.deployment);
      return 'The catalog never becomes ready.';
    },
  }),
  sick('readiness-asks-a-path-that-is-not-there', {
    source: DOCS,
    about: ['Deployment/wishlist'],
    says: [/readiness/i, /404|path/i, /\/healthy/],
    confirmed: true,
    tell({ world }) {
      const wishlist = deployment(world, 'wishlist', { replicas: 2, ports: [3000], readiness: http('/healthy', 3000) });
      const { pods } = rollOut(world, wishlist, { image: 'registry.example.com/shop/wishlist:2.0.0' }, { ago: '18m' });
      for (const pod of pods) neverReady(world, pod, answered(404), { since: '18m', count: 108 });
      podNotReady(world, first(pods));
      return 'The rollout of wishlist is stuck.';
    },
  }),
  sick('readiness-speaks-https-to-an-http-port', {
    source: DOCS,
    about: ['Deployment/profile'],
    says: [/readiness/i, /https?|scheme|tls/i],
    confirmed: true,
    tell({ world }) {
      const readiness = { httpGet: { path: '/ready', port: 8080, scheme: 'HTTPS' } };
      const profile = deployment(world, 'profile', { replicas: 1, ports: [8080], readiness, age: '12m' });
      const pod = first(profile.pods);
      const output = `Get "${url(pod, 8080, '/ready', 'https')}": http: server gave HTTP response to HTTPS client`;
      neverReady(world, pod, output, { since: '12m', count: 72 });
      podNotReady(world, pod);
      return 'profile is not ready.';
    },
  }),
  sick('readiness-waits-for-a-dependency', {
    source: DOCS,
    about: ['Deployment/basket', 'Service/redis'],
    says: [/redis/i],
    tell({ world }) {
      const basket = deployment(world, 'basket', { replicas: 2, ports: [8080], readiness: http('/ready', 8080) });
      deployment(world, 'redis', { replicas: 0, ports: [6379] });
      service(world, 'redis', { ports: [{ port: 6379, targetPort: 6379 }] });
      for (const pod of basket.pods) {
        neverReady(world, pod, answered(503), { since: '9m', count: 54 });
        world.log(pod, 'basket', [
          'level=error msg="health check failed" component=redis error="dial tcp: connect redis:6379: connection refused"',
          'level=warn msg="GET /ready" status=503',
        ]);
      }
      replicasMismatch(world, basket.deployment);
      return 'Baskets do not load.';
    },
  }),
  sick('readiness-answers-too-late', {
    source: DOCS,
    about: ['Deployment/recommend'],
    says: [/readiness/i, /time(d)? ?out|too slow|late|within|seconds?/i],
    confirmed: true,
    tell({ world }) {
      const recommend = deployment(world, 'recommend', {
        replicas: 2,
        ports: [8080],
        readiness: http('/ready', 8080, { timeoutSeconds: 1 }),
      });
      for (const pod of recommend.pods)
        neverReady(world, pod, timedOut(pod, 8080, '/ready'), { since: '7m', count: 42 });
      replicasMismatch(world, recommend.deployment);
      return 'Recommendations are missing.';
    },
  }),
  sick('readiness-command-fails', {
    source: PROBER,
    about: ['Deployment/postgres-replica'],
    says: [/readiness/i, /pg_isready|no response|command|exec/i],
    confirmed: true,
    tell({ world }) {
      const readiness = { exec: { command: ['pg_isready', '-h', '127.0.0.1', '-p', '5433'] } };
      const replica = deployment(world, 'postgres-replica', { replicas: 1, ports: [5432], readiness, age: '15m' });
      neverReady(world, first(replica.pods), '127.0.0.1:5433 - no response\n', { since: '15m', count: 90 });
      podNotReady(world, first(replica.pods));
      return 'The replica is not ready.';
    },
  }),
  sick('readiness-of-grpc-finds-no-health-service', {
    source: 'k8s.io/kubernetes pkg/probe/grpc/grpc.go',
    about: ['Deployment/ratings'],
    says: [/readiness/i, /grpc/i, /health/i],
    confirmed: true,
    tell({ world }) {
      const ratings = deployment(world, 'ratings', {
        replicas: 1,
        ports: [9000],
        readiness: { grpc: { port: 9000 } },
        age: '11m',
      });
      const output =
        'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health';
      neverReady(world, first(ratings.pods), output, { since: '11m', count: 66 });
      podNotReady(world, first(ratings.pods));
      return 'ratings is not ready after the library update.';
    },
  }),
  sick('liveness-asks-the-wrong-port', {
    source: DOCS,
    about: ['Deployment/api'],
    says: [/liveness/i, /port|refused/i, /9999/],
    confirmed: true,
    tell({ world }) {
      const api = deployment(world, 'api', {
        replicas: 2,
        ports: ['http:8080'],
        liveness: http('/live', 9999),
        age: '22m',
      });
      for (const pod of api.pods) {
        killedByProbe(world, pod, 'Liveness', refused(pod, 9999, '/live'), {
          exitCode: 143,
          restarts: 8,
          since: '21m',
          ended: '40s',
          lived: '30s',
          ready: true,
          log: ['listening on 0.0.0.0:8080', 'received SIGTERM, shutting down', 'bye'],
        });
      }
      crashLooping(world, first(api.pods));
      return 'api restarts every half minute.';
    },
  }),
  sick('liveness-begins-before-the-program-is-up', {
    source: `${DOCS}#define-startup-probes`,
    about: ['Deployment/catalog-jvm'],
    says: [/liveness/i, /start|initial ?delay|too (early|soon)|before/i],
    tell({ world }) {
      const liveness = http('/actuator/health', 8080, { initialDelaySeconds: 5, periodSeconds: 5 });
      const jvm = deployment(world, 'catalog-jvm', { replicas: 1, ports: [8080], liveness, age: '16m' });
      const pod = first(jvm.pods);
      killedByProbe(world, pod, 'Liveness', refused(pod, 8080, '/actuator/health'), {
        exitCode: 143,
        restarts: 11,
        since: '15m',
        ended: '14s',
        lived: '20s',
        log: [
          'Starting CatalogApplication v2.4.1 using Java 21.0.4 with PID 1',
          'The following 1 profile is active: "production"',
          'Bootstrapping Spring Data JPA repositories in DEFAULT mode.',
          'Finished Spring Data repository scanning in 1843 ms. Found 57 JPA repository interfaces.',
        ],
      });
      crashLooping(world, pod);
      return 'The new catalog never finishes starting.';
    },
  }),
  sick('liveness-is-answered-too-late-under-load', {
    source: DOCS,
    about: ['Deployment/feed-api'],
    says: [/liveness/i, /time(d)? ?out|too slow|late|within|seconds?/i],
    confirmed: true,
    tell({ world }) {
      const feed = deployment(world, 'feed-api', { replicas: 2, ports: [8080], liveness: http('/live', 8080) });
      const pod = first(feed.pods);
      killedByProbe(world, pod, 'Liveness', timedOut(pod, 8080, '/live'), {
        exitCode: 137,
        restarts: 4,
        since: '31m',
        ended: '2m',
        lived: '7m',
        ready: true,
        log: ['request queue length 812', 'request queue length 1044', 'request queue length 1390'],
      });
      crashLooping(world, pod);
      return 'feed-api is killed under load.';
    },
  }),
  sick('startup-probe-gives-up', {
    source: `${DOCS}#define-startup-probes`,
    about: ['Deployment/indexer'],
    says: [/startup/i],
    confirmed: true,
    tell({ world }) {
      const startup = http('/started', 8080, { periodSeconds: 5, failureThreshold: 6 });
      const indexer = deployment(world, 'indexer', { replicas: 1, ports: [8080], startup, age: '19m' });
      const pod = first(indexer.pods);
      killedByProbe(world, pod, 'Startup', answered(503), {
        exitCode: 143,
        restarts: 7,
        since: '18m',
        ended: '20s',
        lived: '31s',
        log: ['loading segments: 12 of 340', 'loading segments: 58 of 340', 'loading segments: 96 of 340'],
      });
      crashLooping(world, pod);
      return 'The indexer restarts for ever.';
    },
  }),
  sick('probe-names-a-port-the-container-does-not-have', {
    source: 'k8s.io/kubernetes pkg/probe/util.go',
    about: ['Deployment/quotes'],
    says: [/port/i, /metricz/],
    confirmed: true,
    tell({ world }) {
      const quotes = deployment(world, 'quotes', {
        replicas: 1,
        ports: ['metrics:9090'],
        readiness: tcp('metricz'),
        age: '8m',
      });
      const pod = first(quotes.pods);
      unready(world, pod, '8m');
      world.warn(
        pod,
        'Unhealthy',
        "Readiness probe errored and resulted in unknown state: couldn't find port: metricz",
        {
          source: 'kubelet',
          first: '8m',
          last: '6s',
          count: 48,
        },
      );
      podNotReady(world, pod);
      return 'quotes is not ready.';
    },
  }),
  sick('readiness-fails-of-one-pod-of-three', {
    source: DOCS,
    about: ['Deployment/geo'],
    says: [/readiness/i, /500/],
    tell({ world }) {
      const geo = deployment(world, 'geo', { replicas: 3, ports: [8080], readiness: http('/ready', 8080) });
      const pod = first(geo.pods);
      unready(world, pod, '13m');
      probeFails(world, pod, 'Readiness', answered(500), { since: '13m', count: 78 });
      podNotReady(world, pod);
      return 'One geo pod is not ready.';
    },
  }),
];
