import type { CustomResource } from './custom.ts';

const READY = ".status.conditions[?(@.type=='Ready')].status";
const REASON = ".status.conditions[?(@.type=='Ready')].reason";
const GROUP = { group: 'eventing.knative.dev', version: 'v1', categories: ['all', 'knative', 'eventing'] } as const;

export const knativeEventing: readonly CustomResource[] = [
  {
    ...GROUP,
    kind: 'Broker',
    plural: 'brokers',
    columns: [
      ['URL', '.status.address.url'],
      ['Age', '.metadata.creationTimestamp', 'date'],
      ['Ready', READY],
      ['Reason', REASON],
    ],
  },
  {
    ...GROUP,
    kind: 'Trigger',
    plural: 'triggers',
    columns: [
      ['Broker', '.spec.broker'],
      ['Subscriber_URI', '.status.subscriberUri'],
      ['Age', '.metadata.creationTimestamp', 'date'],
      ['Ready', READY],
      ['Reason', REASON],
    ],
  },
];
