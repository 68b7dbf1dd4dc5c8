import { undecidable } from '../story.ts';
import { usersSee } from '../world/alerts.ts';
import { eventing } from '../world/eventing.ts';
import { restarted } from '../world/ills.ts';
import { knativeService } from '../world/knative.ts';
import { ingress, ingressClass, service } from '../world/network.ts';
import { first } from '../world/pick.ts';
import { http } from '../world/template.ts';
import { deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const SOURCE = 'https://sre.google/sre-book/monitoring-distributed-systems/';

/** A shop of four applications, all of them well. */
function shop(world: World): void {
  for (const name of ['front', 'cart', 'orders', 'payments']) {
    deployment(world, name, {
      replicas: 2,
      ports: [8080],
      readiness: http('/ready', 8080),
      liveness: http('/live', 8080),
    });
    service(world, name);
  }
}

/** A series of the last half hour, a value a minute. */
function series(world: World, values: Record<string, (minute: number) => number>): void {
  const times = Array.from({ length: 30 }, (_, minute) => world.ago(`${29 - minute}m`));
  world.series({
    times,
    values: Object.fromEntries(
      Object.entries(values).map(([name, at]) => [name, times.map((_, minute) => at(minute))]),
    ),
  });
}

/** Users suffer and no object, event, log or use of now says why: the honest answer is that it is not known. */
export const UNDECIDABLE = [
  undecidable('latency-doubles-and-everything-is-ready', {
    source: SOURCE,
    silent: true,
    tell({ world }) {
      shop(world);
      series(world, { 'front-p95latency': (minute) => (minute < 20 ? 0.12 : 0.9) });
      usersSee(world, 'LatencyHigh', 'p95 of the shop is above 0.8 s.');
      return 'The shop is slow.';
    },
  }),
  undecidable('error-rate-without-a-word-in-the-logs', {
    source: SOURCE,
    silent: true,
    tell({ world }) {
      shop(world);
      usersSee(world, 'ErrorRateHigh', '4 % of requests fail.');
      return 'Some requests fail.';
    },
  }),
  undecidable('packets-are-lost-between-nodes', {
    source: 'https://kubernetes.io/docs/concepts/cluster-administration/networking/',
    silent: true,
    tell({ world }) {
      shop(world);
      usersSee(world, 'ConnectionsSlow', 'Connections between services take seconds now and then.');
      return 'Calls hang now and then.';
    },
  }),
  undecidable('an-old-restart-elsewhere-explains-nothing', {
    source: SOURCE,
    silent: true,
    tell({ world }) {
      shop(world);
      const other = deployment(world, 'newsletter', { replicas: 1, ports: [8080] });
      restarted(world, first(other.pods), { exitCode: 1, restarts: 3, since: '9d', ended: '8d' });
      usersSee(world, 'LatencyHigh', 'p95 of the shop is above 0.8 s.');
      return 'The shop is slow.';
    },
  }),
  undecidable('a-recovered-warning-of-yesterday-explains-nothing', {
    source: SOURCE,
    silent: true,
    tell({ world }) {
      shop(world);
      const reports = deployment(world, 'reports', { replicas: 1, age: '55m' });
      const { name } = reports.replicaSet.metadata;
      world.warn(
        reports.replicaSet,
        'FailedCreate',
        `Error creating: pods "${name}-" is forbidden: error looking up service account shop/reports: serviceaccount "reports" not found`,
        {
          source: 'replicaset-controller',
          last: '55m',
          count: 2,
        },
      );
      usersSee(world, 'ErrorRateHigh', '4 % of requests fail.');
      return 'Some requests fail.';
    },
  }),
  undecidable('probe-from-outside-fails-and-inside-all-is-well', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
    silent: true,
    tell({ world }) {
      shop(world);
      ingressClass(world, 'nginx', 'k8s.io/ingress-nginx');
      ingress(world, 'front', {
        className: 'nginx',
        host: 'shop.example.com',
        backend: { service: 'front', port: 80 },
      });
      usersSee(world, 'ProbeFailure', 'https://shop.example.com does not answer.', '4m', {
        instance: 'https://shop.example.com',
      });
      return 'shop.example.com does not answer.';
    },
  }),
  undecidable('cpu-was-busy-and-is-calm-again', {
    source: SOURCE,
    silent: true,
    tell({ world }) {
      shop(world);
      for (const pod of world.all('Pod').filter(({ metadata }) => metadata.name.startsWith('orders-'))) {
        world.podUsage(pod, 'orders', { cpuMilli: 21, memoryMi: 98 });
      }
      usersSee(world, 'LatencyHigh', 'p95 of orders was above 2 s.', '9m');
      return 'orders was slow ten minutes ago.';
    },
  }),
  undecidable('fewer-orders-than-usual', {
    source: SOURCE,
    silent: true,
    tell({ world }) {
      shop(world);
      series(world, { 'orders-rate': (minute) => (minute < 15 ? 42 : 17) });
      usersSee(world, 'OrdersBelowForecast', 'Orders are 60 % below the forecast.', '10m');
      return 'There are fewer orders than usual.';
    },
  }),
  undecidable('function-answers-late-and-its-revision-is-ready', {
    source: 'https://knative.dev/docs/serving/autoscaling/',
    silent: true,
    tell({ world }) {
      knativeService(world, 'quote', { replicas: 2 });
      usersSee(world, 'FunctionLatencyHigh', 'p95 of quote is above 3 s.', '6m', { service_name: 'quote' });
      return 'The function quote is slow.';
    },
  }),
  undecidable('a-third-party-fails-and-nobody-says-so', {
    source: SOURCE,
    silent: true,
    tell({ world }) {
      shop(world);
      for (const pod of world.all('Pod').filter(({ metadata }) => metadata.name.startsWith('payments-'))) {
        world.log(pod, 'payments', ['payment 8812 accepted in 88 ms', 'payment 8813 accepted in 92 ms']);
      }
      usersSee(world, 'PaymentsDeclined', 'A quarter of the card payments are declined by the issuer.', '7m');
      return 'Many card payments are declined.';
    },
  }),
  undecidable('alert-names-a-namespace-in-which-nothing-runs', {
    source: SOURCE,
    silent: true,
    options: { quiet: true },
    tell({ world }) {
      usersSee(world, 'ErrorRateHigh', 'More than 5 % of requests fail.');
      return 'Something is wrong in shop.';
    },
  }),
  undecidable('dead-letters-grow-and-nobody-counted-them', {
    source: 'https://knative.dev/docs/eventing/event-delivery/',
    silent: true,
    tell({ world }) {
      eventing(world, 'Broker', 'lambda-broker', {});
      eventing(world, 'Trigger', 'quote-trigger', {
        broker: 'lambda-broker',
        subscriber: { uri: 'http://web.shop.svc.cluster.local' },
      });
      usersSee(world, 'DLQMessagesHigh', 'More than 100 messages in lambda-dlq-queue.', '12m', {
        queue: 'lambda-dlq-queue',
      });
      return 'Dead letters grow.';
    },
  }),
];
