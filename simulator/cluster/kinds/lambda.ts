import type { CustomResource } from './custom.ts';

/** Functions of Knative Lambda (operator profile). */
export const lambda: readonly CustomResource[] = [
  {
    group: 'lambda.knative.io',
    version: 'v1alpha1',
    kind: 'LambdaFunction',
    plural: 'lambdafunctions',
    shortNames: ['lf', 'lfunc'],
    columns: [
      ['Phase', '.status.phase'],
      ['Image', '.status.buildStatus.imageURI'],
      ['URL', '.status.serviceStatus.url'],
      ['Ready', '.status.serviceStatus.ready', 'boolean'],
      ['Age', '.metadata.creationTimestamp', 'date'],
    ],
  },
  {
    group: 'lambda.knative.io',
    version: 'v1alpha1',
    kind: 'LambdaAgent',
    plural: 'lambdaagents',
    columns: [
      ['Phase', '.status.phase'],
      ['URL', '.status.serviceStatus.url'],
      ['Ready', '.status.serviceStatus.ready', 'boolean'],
      ['Age', '.metadata.creationTimestamp', 'date'],
    ],
  },
];
