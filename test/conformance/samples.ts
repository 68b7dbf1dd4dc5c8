import { randomUUID } from 'node:crypto';
import type { IncidentDraft } from '../../src/incidents/decision.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import type { Actor, Incident, IncidentAlert } from '../../src/incidents/incident.ts';
import { RESPONDER } from '../../src/incidents/incident.ts';
import type { ChangeRequest } from '../../src/incidents/life/change.ts';
import type { TimelineDraft } from '../../src/incidents/timeline.ts';
import type { NewJob } from '../../src/queue/job.ts';
import { fingerprint, incidentAlertAt, incidentAt } from '../builders/incidents.ts';

export const NOW = Date.UTC(2026, 10, 24, 3, 0, 0);

export function anIncident(changes: Partial<Incident> = {}): Incident {
  return incidentAt(NOW, {
    number: 0,
    title: 'Build of image-resizer was OOMKilled',
    severity: 'sev3',
    severityReason: 'label severity=warning',
    startedAt: NOW - 60_000,
    version: 0,
    ...changes,
  });
}

export function anAlert(id: string, changes: Partial<IncidentAlert> = {}): IncidentAlert {
  return incidentAlertAt(NOW, {
    incidentNumber: 0,
    fingerprint: fingerprint(id),
    annotations: { summary: 'the build ran out of memory' },
    startsAt: NOW - 60_000,
    cycles: [NOW],
    ...changes,
  });
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

/** A request of its own, however often the same is requested. */
export function asked(actor: Actor, at: number): ChangeRequest {
  return { actor, at, once: randomUUID() };
}
