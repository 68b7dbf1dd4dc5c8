import type { Config } from '../config.ts';
import type { AlertmanagerWatch } from '../prometheus/alertmanager.ts';
import { countCalls, type Metrics } from '../telemetry/metrics.ts';
import { createReach, type ReachDetail } from './reach.ts';

/** The Alertmanager that is polled: its calls counted, and how it answered last. Of several replicas one polls at a time. */
export interface WatchedAlertmanager extends Required<AlertmanagerWatch> {
  detail(): ReachDetail & { readonly configured: boolean };
}

export function watchAlertmanager(config: Config, metrics: Metrics, clock: () => number): WatchedAlertmanager {
  const configured = config.alertmanagerUrl !== null;
  const count = countCalls(metrics, 'alertmanager');
  const reach = createReach(clock);
  const onBreaker = (open: boolean) => {
    metrics.breakerOpen.set({ dependency: 'alertmanager', target: 'alertmanager' }, open ? 1 : 0);
    reach.breaker(open);
  };
  if (configured) onBreaker(false);
  return {
    onCall(outcome, ms) {
      count(outcome, ms);
      reach.outcome(outcome);
    },
    onBreaker,
    detail: () => ({ configured, ...reach.detail() }),
  };
}
