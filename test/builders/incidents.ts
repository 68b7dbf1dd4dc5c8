import type { Fingerprint } from '../../src/alerts/alert.ts';
import type { Incident, IncidentAlert } from '../../src/incidents/incident.ts';
import { newIncident } from '../../src/incidents/nextState.ts';

/** An open incident about a function's build that nobody has touched: known when it started, at `at` (epoch ms). */
export function incidentAt(at: number, parts: Partial<Incident> = {}): Incident {
  return newIncident({
    number: 12,
    cluster: 'prod',
    namespace: 'knative-lambda-builds',
    subject: { kind: 'function', name: 'image-resizer' },
    correlationKey: 'prod/knative-lambda-builds/function/image-resizer',
    title: 'BuildOOMKilled image-resizer',
    severity: 'sev2',
    severityReason: 'label severity=critical',
    severitySource: 'alert',
    startedAt: at,
    openedAt: at,
    lastActivityAt: at,
    version: 1,
    ...parts,
  });
}

/** An alert of that incident which fires since `at`, and was heard of at once. */
export function incidentAlertAt(at: number, parts: Partial<IncidentAlert> = {}): IncidentAlert {
  return {
    incidentNumber: 12,
    cluster: 'prod',
    fingerprint: fingerprint('0123456789abcdef'),
    name: 'BuildOOMKilled',
    status: 'firing',
    labels: { alertname: 'BuildOOMKilled', namespace: 'knative-lambda-builds' },
    annotations: {},
    startsAt: at,
    endsAt: null,
    generatorUrl: null,
    externalUrl: null,
    firstSeenAt: at,
    lastSeenAt: at,
    cycles: [],
    silencedUntil: null,
    ...parts,
  };
}

/** Any text as a fingerprint: a test's needs no webhook to come from. */
export function fingerprint(text: string): Fingerprint {
  return text as Fingerprint; // the brand says that it came through a webhook, which no test asks about
}
