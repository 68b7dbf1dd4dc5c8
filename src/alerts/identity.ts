import type { Alert, Fingerprint } from './alert.ts';
import { truth } from './truth.ts';

/**
 * The identity of an alert. The fingerprint alone is not enough: two clusters, and two tenants of one, can send the
 * same labels.
 */
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

/** The identity of an alert as one text. */
export function alertIdentity(alert: Pick<Alert, 'cluster' | 'fingerprint' | 'labels'>): string {
  const { cluster, fingerprint, tenant } = identityOf(alert);
  return tenant ? `${cluster}/${tenant}/${fingerprint}` : `${cluster}/${fingerprint}`;
}
