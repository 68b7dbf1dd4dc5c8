import type { Alert, AlertGroup, Labels } from '../../src/alerts/alert.ts';
import { fingerprintOf } from '../../src/alerts/fingerprint.ts';
import { fingerprint } from './incidents.ts';

export const T0 = Date.parse('2026-03-01T12:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A firing alert in namespace `shop` of cluster `prod`; its fingerprint is that of its labels. */
export function firing(labels: Labels, over: Partial<Alert> = {}): Alert {
  const all: Labels & { alertname: string } = {
    alertname: 'PodCrashing',
    namespace: 'shop',
    severity: 'warning',
    ...labels,
  };
  return {
    cluster: all.cluster ?? 'prod',
    fingerprint: fingerprint(fingerprintOf(all)),
    status: 'firing',
    name: all.alertname,
    labels: all,
    annotations: {},
    startsAt: T0 - MINUTE,
    endsAt: null,
    generatorUrl: null,
    clockSkewMs: 0,
    ...over,
  };
}

export function resolved(alert: Alert, endsAt: number): Alert {
  return { ...alert, status: 'resolved', endsAt };
}

export function group(alerts: readonly Alert[], at = T0, over: Partial<AlertGroup> = {}): AlertGroup {
  return {
    groupKey: '{}',
    sender: 'alertmanager-prod',
    cluster: 'prod',
    receiver: 'lambda-responder',
    externalUrl: 'http://alertmanager:9093',
    truncatedAlerts: 0,
    alerts,
    rejected: [],
    receivedAt: at,
    ...over,
  };
}
