import type { Alert } from './alert.ts';
import { alertIdentity } from './identity.ts';
import { isReplica } from './labels.ts';

/**
 * The condition an alert reports, as one text. Both replicas of a Prometheus pair whose replica label was not removed
 * (`alert_relabel_configs`) give the same one, so that the condition is counted once. Without a replica label it is the
 * alert's own identity.
 */
export function conditionOf(alert: Pick<Alert, 'cluster' | 'fingerprint' | 'labels'>): string {
  if (!hasReplica(alert)) return alertIdentity(alert);
  const rest = Object.entries(alert.labels).filter(([name]) => !isReplica(name));
  return `${alert.cluster}/${JSON.stringify(rest.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

/** Whether an alert carries a label that names the replica it came from. */
export function hasReplica({ labels }: Pick<Alert, 'labels'>): boolean {
  for (const name in labels) if (isReplica(name)) return true;
  return false;
}
