import type { PostMortem } from './postmortem.ts';

/** Counts up when a field changes its meaning or goes away; new fields may come without it. */
export const POSTMORTEM_SCHEMA_VERSION = 1;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The post-mortem for machines: times are ISO 8601 in UTC, durations milliseconds, null is "not recorded". */
export interface PostMortemJson {
  readonly schemaVersion: typeof POSTMORTEM_SCHEMA_VERSION;
  readonly kind: 'lambda-responder/post-mortem';
  readonly incident: { readonly [key: string]: Json };
  readonly figures: readonly Json[];
  readonly impact: readonly Json[];
  readonly timeline: readonly Json[];
  readonly diagnostics: readonly Json[];
  readonly runbookSteps: readonly Json[];
  readonly responders: readonly Json[];
  readonly gaps: readonly string[];
  readonly generatedAt: string;
}

export function postmortemJson(pm: PostMortem): PostMortemJson {
  return {
    schemaVersion: POSTMORTEM_SCHEMA_VERSION,
    kind: 'lambda-responder/post-mortem',
    incident: incidentOf(pm),
    figures: pm.figures.map(({ code, name, ms, definition }) => ({ code, name, ms, definition })),
    impact: pm.impact.map((each) => ({
      alert: each.alert,
      alerts: each.alerts,
      firing: each.firing,
      objects: each.objects,
      firstStartedAt: iso(each.firstStartedAt),
      lastEndedAt: iso(each.lastEndedAt),
    })),
    timeline: pm.timeline.map((entry) => ({
      at: iso(entry.at),
      recordedAt: iso(entry.recordedAt),
      kind: entry.kind,
      actor: { ...entry.actor },
      text: entry.text,
      permalink: entry.permalink,
      incident: entry.of ?? pm.number,
    })),
    diagnostics: pm.diagnostics.map((each) => ({
      diagnostic: each.diagnostic,
      capturedAt: iso(each.capturedAt),
      findings: each.findings.map((finding) => ({ ...finding, subject: { ...finding.subject } })),
      // Pictures stay in the thread: base64 of a chart is no use in a document for machines.
      evidence: each.evidence.map(({ source, capturedAt, mime, content, truncated }) => ({
        source,
        capturedAt: iso(capturedAt),
        mime,
        content: mime === 'image/png' ? null : content,
        truncated,
      })),
    })),
    runbookSteps: pm.steps.map((step) => ({
      runbook: step.runbook,
      number: step.number,
      of: step.of,
      text: step.text,
      state: step.state,
      by: step.mark === null ? null : { ...step.mark.actor },
      at: iso(step.mark?.at ?? null),
      reason: step.mark?.reason ?? null,
      lastRunBy: step.ran === null ? null : { ...step.ran.actor },
      lastRunAt: iso(step.ran?.at ?? null),
    })),
    responders: pm.responders.map(({ actor, acts }) => ({ actor: { ...actor }, acts })),
    gaps: pm.gaps,
    generatedAt: new Date(pm.generatedAt).toISOString(),
  };
}

function incidentOf(pm: PostMortem): PostMortemJson['incident'] {
  return {
    number: pm.number,
    title: pm.title,
    summary: pm.summary,
    drill: pm.drill,
    cluster: pm.cluster,
    namespace: pm.namespace,
    subject: { ...pm.subject },
    status: pm.status,
    resolution: pm.resolution,
    severity: pm.severity,
    severityReason: pm.severityReason,
    peakSeverity: pm.peakSeverity,
    timeInSeverity: pm.timeInSeverity.map(({ severity, ms }) => ({ severity, ms })),
    causes: pm.causes.map((finding) => ({ ...finding, subject: { ...finding.subject } })),
    trigger: pm.trigger === null ? null : { ...pm.trigger, subject: { ...pm.trigger.subject } },
    startedAt: iso(pm.times.startedAt),
    ruleWaitedMs: pm.times.pending?.ms ?? null,
    ruleWaitedSource: pm.times.pending?.source ?? null,
    openedAt: iso(pm.times.openedAt),
    acknowledgedAt: iso(pm.times.acknowledgedAt),
    mitigatedAt: iso(pm.times.mitigatedAt),
    resolvedAt: iso(pm.times.resolvedAt),
    playbook: pm.playbook === null ? null : { ...pm.playbook },
    previousNumber: pm.previousNumber,
    mergedInto: pm.mergedInto,
    related: pm.related.map(({ number, why }) => ({ number, why })),
    links: pm.links.map(({ url }) => url),
  };
}

function iso(at: number): string;
function iso(at: number | null): string | null;
function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
