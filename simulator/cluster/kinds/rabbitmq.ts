import type { CustomResource } from './custom.ts';

const READY = ".status.conditions[?(@.type=='Ready')].status";
const AGE = ['Age', '.metadata.creationTimestamp', 'date'] as const;
const GROUP = { group: 'rabbitmq.com', version: 'v1beta1', categories: ['all', 'rabbitmq'] } as const;

/** The RabbitMQ cluster and messaging topology operators. */
export const rabbitmq: readonly CustomResource[] = [
  {
    ...GROUP,
    kind: 'RabbitmqCluster',
    plural: 'rabbitmqclusters',
    shortNames: ['rmq'],
    columns: [
      ['AllReplicasReady', ".status.conditions[?(@.type=='AllReplicasReady')].status"],
      ['ReconcileSuccess', ".status.conditions[?(@.type=='ReconcileSuccess')].status"],
      AGE,
    ],
  },
  { ...GROUP, kind: 'Exchange', plural: 'exchanges', columns: [['Ready', READY], AGE] },
  { ...GROUP, kind: 'Queue', plural: 'queues', columns: [['Ready', READY], AGE] },
  { ...GROUP, kind: 'Binding', plural: 'bindings', columns: [['Ready', READY], AGE] },
];
