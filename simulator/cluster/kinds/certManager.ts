import type { CustomResource } from './custom.ts';

export const certManager: readonly CustomResource[] = [
  {
    group: 'cert-manager.io',
    version: 'v1',
    kind: 'Certificate',
    plural: 'certificates',
    shortNames: ['cert', 'certs'],
    categories: ['cert-manager'],
    columns: [
      ['Ready', '.status.conditions[?(@.type=="Ready")].status'],
      ['Secret', '.spec.secretName'],
      ['Issuer', '.spec.issuerRef.name', 'string', 1],
      ['Status', '.status.conditions[?(@.type=="Ready")].message', 'string', 1],
      ['Age', '.metadata.creationTimestamp', 'date'],
    ],
  },
];
