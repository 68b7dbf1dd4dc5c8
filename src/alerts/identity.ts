import type { Alert, Fingerprint } from './alert.ts';
import { truth } from './truth.ts';

/** What tells an alert from all others: two clusters, and two tenants of one, can send the same labels. */
export interface AlertIdentity {
  readonly cluster: string;
  readonly fingerprint: Fingerprint;
  /** Empty where the sender serves one tenant. */
  readonly tenant: string;
}

export function identityOf({
  cluster,
  fingerprint,
  labels,
}: Pick<Alert, 'cluster' | 'fingerprint' | 'labels'>): AlertIdentity {
  return { cluster, fingerprint, tenant: truth(labels).tenant ?? '' };
}

/** The same as one text. */
export function alertIdentity(alert: Pick<Alert, 'cluster' | 'fingerprint' | 'labels'>): string {
  const { cluster, fingerprint, tenant } = identityOf(alert);
  return tenant ? `${cluster}/${tenant}/${fingerprint}` : `${cluster}/${fingerprint}`;
}
