import type { RejectedAlert } from '../alerts/alert.ts';
import { counted } from '../wording/counts.ts';
import type { OwnDelivery } from './ports.ts';

/** An alert of our own: what we notice about our senders, in the same shape as theirs, so that one path decides. */
export interface OwnAlert {
  readonly name:
    | 'ResponderDeliveryRefused'
    | 'ResponderAlertRejected'
    | 'AlertmanagerSilent'
    | 'ResponderSlackDisconnected';
  readonly status: 'firing' | 'resolved';
  readonly severity: 'critical' | 'warning';
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
  /** Epoch milliseconds. */
  readonly startsAt: number;
}

/** The sender's name of what we report ourselves. */
export const OWN_SENDER = 'lambda-responder';

/** The alert as a delivery that intake accepts like any other (Alertmanager webhook version 4). */
export function ownDelivery(alert: OwnAlert, at: number): OwnDelivery {
  const labels = { alertname: alert.name, severity: alert.severity, ...alert.labels };
  const annotations = { summary: alert.summary, description: alert.description };
  const groupKey = `{}:{alertname="${alert.name}"}`;
  const body = JSON.stringify({
    version: '4',
    groupKey,
    truncatedAlerts: 0,
    status: alert.status,
    receiver: OWN_SENDER,
    groupLabels: { alertname: alert.name },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [
      {
        status: alert.status,
        labels,
        annotations,
        startsAt: new Date(alert.startsAt).toISOString(),
        endsAt: alert.status === 'resolved' ? new Date(at).toISOString() : '0001-01-01T00:00:00Z',
        generatorURL: '',
      },
    ],
  });
  return { body, sender: OWN_SENDER, senderCluster: null, groupKey, alertCount: 1, receivedAt: at };
}

/** A sender that talks nonsense is news: the incident for a delivery refused for good. */
export function refusedAlert(refused: {
  readonly sender: string;
  readonly size: number;
  readonly reason: string;
  readonly at: number;
}): OwnAlert {
  return {
    name: 'ResponderDeliveryRefused',
    status: 'firing',
    severity: 'warning',
    labels: { sender: refused.sender },
    summary: `A delivery of ${refused.sender} was refused: ${refused.reason}`.slice(0, 500),
    description: `${refused.size} bytes; its first 64 KiB are kept: lambda-responder jobs refused. Alertmanager does not send it again.`,
    startsAt: refused.at,
  };
}

/** Alerts nobody could understand, of a delivery without any other news. */
export function rejectedAlert(sender: string, rejected: readonly RejectedAlert[], at: number): OwnAlert {
  return {
    name: 'ResponderAlertRejected',
    status: 'firing',
    severity: 'warning',
    labels: { sender },
    summary:
      `${counted(rejected.length, 'alert')} of ${sender} could not be understood: ${rejected[0]?.problem ?? ''}`.slice(
        0,
        500,
      ),
    description: rejected
      .slice(0, 5)
      .map((one) => `${one.problem}: ${one.raw}`)
      .join('\n')
      .slice(0, 4_000),
    startsAt: at,
  };
}

/** The dead man's switch: nothing was heard of a cluster's Alertmanager for too long, or it is heard again. */
export function silentAlert(cluster: string, lastHeardAt: number, status: OwnAlert['status']): OwnAlert {
  return {
    name: 'AlertmanagerSilent',
    status,
    severity: 'critical',
    labels: { cluster },
    summary: `No Watchdog heartbeat of ${cluster} since ${new Date(lastHeardAt).toISOString()}: its alerts do not arrive`,
    description: 'Alertmanager, Prometheus or the way here is broken; other alerts of this cluster are missing too.',
    startsAt: lastHeardAt,
  };
}

/** No replica reaches Slack, or one does again. What waited is delivered by itself. */
export function disconnectedAlert(lastConnectedAt: number, status: OwnAlert['status']): OwnAlert {
  return {
    name: 'ResponderSlackDisconnected',
    status,
    severity: 'warning',
    labels: {},
    summary: `Slack could not be reached since ${new Date(lastConnectedAt).toISOString()}: cards and answers waited`,
    description: 'Nothing is lost: incidents are on the pages and in the API, and Slack gets the current state.',
    startsAt: lastConnectedAt,
  };
}
