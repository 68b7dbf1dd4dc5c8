import { randomUUID } from 'node:crypto';
import type { Fingerprint } from '../../src/alerts/alert.ts';
import type { ChangeRequest } from '../../src/incidents/change.ts';
import type { IncidentDraft } from '../../src/incidents/decision.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import type { Actor, Incident, IncidentAlert } from '../../src/incidents/incident.ts';
import { RESPONDER } from '../../src/incidents/incident.ts';
import type { TimelineDraft } from '../../src/incidents/timeline.ts';
import type { NewJob } from '../../src/queue/job.ts';

export const NOW = Date.UTC(2026, 10, 24, 3, 0, 0);

export function anIncident(changes: Partial<Incident> = {}): Incident {
  return {
    number: 0,
    cluster: 'prod',
    namespace: 'knative-lambda-builds',
    subject: { kind: 'function', name: 'image-resizer' },
    correlationKey: 'prod/knative-lambda-builds/function/image-resizer',
    title: 'Build of image-resizer was OOMKilled',
    severity: 'sev3',
    severityReason: 'label severity=warning',
    status: 'open',
    quietSince: null,
    staleSince: null,
    flappingSince: null,
    flapCount: 0,
    truncatedAlerts: 0,
    declared: false,
    drill: false,
    startedAt: NOW - 60_000,
    openedAt: NOW,
    acknowledgedAt: null,
    acknowledgedBy: null,
    mitigatedAt: null,
    resolvedAt: null,
    resolvedBy: null,
    resolution: null,
    reopenCount: 0,
    lastActivityAt: NOW,
    previousNumber: null,
    related: [],
    mergedInto: null,
    playbookId: null,
    channel: null,
    version: 0,
    ...changes,
  };
}

export function anAlert(fingerprint: string, changes: Partial<IncidentAlert> = {}): IncidentAlert {
  return {
    incidentNumber: 0,
    cluster: 'prod',
    fingerprint: fingerprint as Fingerprint, // a test's fingerprint is any text
    name: 'BuildOOMKilled',
    status: 'firing',
    labels: { alertname: 'BuildOOMKilled', namespace: 'knative-lambda-builds' },
    annotations: { summary: 'the build ran out of memory' },
    startsAt: NOW - 60_000,
    endsAt: null,
    generatorUrl: null,
    externalUrl: null,
    firstSeenAt: NOW,
    lastSeenAt: NOW,
    cycles: [NOW],
    silencedUntil: null,
    ...changes,
  };
}

export function aDraft(
  incident: Partial<Incident> = {},
  alerts: readonly IncidentAlert[] = [],
  key: IncidentDraft['key'] = 'new:0',
): IncidentDraft {
  return { key, incident: anIncident(incident), alerts, entries: [] };
}

export function anEntry(text: string, changes: Partial<TimelineDraft> = {}): TimelineDraft {
  return { kind: 'note', at: NOW, actor: RESPONDER, text, detail: {}, ...changes };
}

export function aFinding(code: string, changes: Partial<Finding> = {}): Finding {
  return {
    code,
    level: 'warning',
    confidence: 'likely',
    subject: { kind: 'Pod', namespace: 'knative-lambda-builds', name: 'image-resizer-build-x' },
    count: 1,
    conclusion: 'The container was killed for memory.',
    because: ['reason: OOMKilled'],
    nextStep: null,
    ...changes,
  };
}

export function aJob(changes: Partial<NewJob> = {}): NewJob {
  return { kind: 'work', payload: {}, lane: 'edit', orderingKey: null, ...changes };
}

/** A wish of its own, however often the same is wished. */
export function asked(actor: Actor, at: number): ChangeRequest {
  return { actor, at, once: randomUUID() };
}
