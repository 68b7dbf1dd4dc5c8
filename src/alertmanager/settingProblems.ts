import { durationMs } from '../../promql/duration.ts';
import type { AlertmanagerConfiguration } from './configuration.ts';
import { responderReceivers, routesFor } from './routing.ts';

export interface WatchedHeartbeat {
  /** Names of the alerts that are heartbeats. */
  readonly names: readonly string[];
  /** Milliseconds without a heartbeat after which an incident opens. */
  readonly fireAfterMs: number;
}

/** Settings of the responder's receiver and routes that would make its messages wrong, in words. */
export function settingProblems(
  configuration: AlertmanagerConfiguration,
  heartbeat: WatchedHeartbeat,
): readonly string[] {
  const receivers = responderReceivers(configuration);
  const unresolved = receivers
    .filter(({ sendResolved }) => !sendResolved)
    .map(
      ({ name }) =>
        `receiver ${name} has send_resolved: false, so the responder never learns that an alert has resolved`,
    );
  const responder = new Set(receivers.map(({ name }) => name));
  const late = heartbeat.names.flatMap((alertname) => {
    const routes = routesFor(configuration.root, (label) => (label === 'alertname' ? alertname : ''));
    const ours = routes.filter(({ receiver }) => responder.has(receiver));
    // A repeat is sent with the first flush of the group after its interval.
    const every = Math.min(
      ...ours.map((route) => (durationMs(route.repeatInterval) ?? 0) + (durationMs(route.groupInterval) ?? 0)),
    );
    if (ours.length === 0 || every < heartbeat.fireAfterMs) return [];
    const minutes = Math.floor(heartbeat.fireAfterMs / 60_000);
    return [
      `${alertname} is sent again only after repeat_interval ${ours[0]?.repeatInterval}, and the responder takes ${minutes} min without it for an outage; give it a route with repeat_interval: 5m`,
    ];
  });
  return [...unresolved, ...late];
}
