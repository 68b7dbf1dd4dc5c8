import type { Lease } from 'kubernetes-types/coordination/v1.js';
import { ageColumn, column, defineKind, type Kind, nameColumn } from '../kind.ts';

const lease = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  columns: [nameColumn, column('Holder', (one) => one.spec?.holderIdentity ?? ''), ageColumn],
});

export const coordinationKinds: readonly Kind[] = [lease];
