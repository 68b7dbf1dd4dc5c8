import type { Alert } from './alert.ts';
import { alertIdentity } from './identity.ts';
import { isReplica } from './labels.ts';

/**
 * What an alert tells of, whichever replica of a Prometheus told it: the same for both of a pair whose replica label was
 * not removed (`alert_relabel_configs`), so that what they both see is counted once. Else the alert's own identity.
 */
export function conditionOf(alert: Pick<Alert, 'cluster' | 'fingerprint' | 'labels'>): string {
  if (!hasReplica(alert)) return alertIdentity(alert);
  const rest = Object.entries(alert.labels).filter(([name]) => !isReplica(name));
  return `${alert.cluster}/${JSON.stringify(rest.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

/** Whether an alert says which replica told it. */
export function hasReplica({ labels }: Pick<Alert, 'labels'>): boolean {
  for (const name in labels) if (isReplica(name)) return true;
  return false;
}
