import type { CustomResource } from './custom.ts';

const COLUMNS = [
  ['Version', '.status.version'],
  ['Ready', ".status.conditions[?(@.type=='Ready')].status"],
  ['Reason', ".status.conditions[?(@.type=='Ready')].reason"],
] as const;

/** What the Knative Operator reads, and where it says how an installation fares. */
export const knativeOperator: readonly CustomResource[] = [
  {
    group: 'operator.knative.dev',
    version: 'v1beta1',
    kind: 'KnativeServing',
    plural: 'knativeservings',
    columns: COLUMNS,
  },
  {
    group: 'operator.knative.dev',
    version: 'v1beta1',
    kind: 'KnativeEventing',
    plural: 'knativeeventings',
    columns: COLUMNS,
  },
];
