import type { Alert } from './alert.ts';
import { truth } from './truth.ts';

/** The identity of an alert across deliveries: two clusters, and two tenants of one, can send the same labels. */
export function alertIdentity(alert: Pick<Alert, 'cluster' | 'fingerprint' | 'labels'>): string {
  const { tenant } = truth(alert.labels);
  return tenant ? `${alert.cluster}/${tenant}/${alert.fingerprint}` : `${alert.cluster}/${alert.fingerprint}`;
}
