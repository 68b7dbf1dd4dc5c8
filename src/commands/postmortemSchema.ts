import { z } from 'zod';
import type { Finding } from '../incidents/evidence.ts';
import { POSTMORTEM_SCHEMA_VERSION } from '../incidents/postmortem/postmortemJson.ts';

const instant = z.iso.datetime().meta({ description: 'ISO 8601 in UTC' });
const maybe = instant.nullable();
const milliseconds = z
  .number()
  .nullable()
  .meta({ description: 'milliseconds; null is not recorded, never 0 for that' });
const severity = z.enum(['sev1', 'sev2', 'sev3', 'sev4']);
const actor = z.strictObject({ type: z.string(), id: z.string(), name: z.string().nullable() });
const subject = z.strictObject({ kind: z.string(), namespace: z.string().nullable(), name: z.string() });
const finding = z.strictObject({
  code: z.string(),
  level: z.enum(['critical', 'warning', 'notice', 'ok']),
  confidence: z.enum(['confirmed', 'likely', 'unknown', 'excluded']),
  subject,
  count: z.number(),
  conclusion: z.string(),
  because: z.array(z.string()),
  nextStep: z.string().nullable(),
  parts: z.record(z.string(), z.string()).optional(),
  role: z.enum(['cause', 'undecided', 'symptom', 'elsewhere']).optional(),
  brief: z.string().optional(),
  act: z.string().optional(),
  path: z.string().optional().meta({ description: 'from cause to symptom' }),
}) satisfies z.ZodType<Finding>;

/** The JSON of a post-mortem, as `docs/postmortem.schema.json` publishes it. */
export const postmortemSchema = z
  .strictObject({
    schemaVersion: z.literal(POSTMORTEM_SCHEMA_VERSION),
    kind: z.literal('lambda-responder/post-mortem'),
    incident: z.strictObject({
      number: z.number(),
      title: z.string(),
      summary: z.string(),
      drill: z.boolean(),
      cluster: z.string(),
      namespace: z.string().nullable(),
      subject: z.looseObject({ kind: z.string(), name: z.string() }),
      status: z.enum(['open', 'acknowledged', 'mitigated', 'resolved']),
      resolution: z.string().nullable(),
      severity,
      severityReason: z.string(),
      peakSeverity: severity,
      timeInSeverity: z.array(z.strictObject({ severity, ms: z.number() })),
      causes: z.array(finding).meta({ description: 'what the diagnosis proposes, the first explaining most' }),
      trigger: finding.nullable().meta({ description: 'the change that came right before it began' }),
      startedAt: instant,
      ruleWaitedMs: milliseconds,
      ruleWaitedSource: z
        .enum(['ALERTS_FOR_STATE', 'rule'])
        .nullable()
        .meta({ description: 'who says how long the alert was pending: Prometheus, or the “for” of its rule' }),
      openedAt: instant,
      acknowledgedAt: maybe,
      mitigatedAt: maybe,
      resolvedAt: maybe,
      playbook: z.strictObject({ id: z.string(), title: z.string() }).nullable(),
      previousNumber: z.number().nullable(),
      mergedInto: z.number().nullable(),
      related: z.array(z.strictObject({ number: z.number(), why: z.string() })),
      links: z.array(z.string()),
    }),
    figures: z.array(z.strictObject({ code: z.string(), name: z.string(), ms: milliseconds, definition: z.string() })),
    impact: z.array(
      z.strictObject({
        alert: z.string(),
        alerts: z.number(),
        firing: z.number(),
        objects: z.array(z.string()),
        firstStartedAt: instant,
        lastEndedAt: maybe,
      }),
    ),
    timeline: z.array(
      z.strictObject({
        at: instant,
        recordedAt: instant,
        kind: z.string(),
        actor,
        text: z.string(),
        permalink: z.string().nullable(),
        incident: z
          .number()
          .meta({ description: 'another number than the incident’s: of one that was merged into it' }),
      }),
    ),
    diagnostics: z.array(
      z.strictObject({
        diagnostic: z.string(),
        capturedAt: instant,
        findings: z.array(finding),
        evidence: z.array(
          z.strictObject({
            source: z.string(),
            capturedAt: instant,
            mime: z.enum(['text/plain', 'application/json', 'image/png']),
            content: z.string().nullable().meta({ description: 'null: a picture, which is in the thread' }),
            truncated: z.boolean(),
          }),
        ),
      }),
    ),
    runbookSteps: z.array(
      z.strictObject({
        runbook: z.string(),
        number: z.number(),
        of: z.number(),
        text: z.string(),
        state: z.string(),
        by: actor.nullable(),
        at: maybe,
        reason: z.string().nullable(),
        lastRunBy: actor.nullable(),
        lastRunAt: maybe,
      }),
    ),
    responders: z.array(z.strictObject({ actor, acts: z.number() })),
    gaps: z.array(z.string()),
    generatedAt: instant,
  })
  .meta({
    title: 'Post-mortem of lambda-responder',
    description: 'Times are ISO 8601 in UTC, durations milliseconds, null is "not recorded".',
  });

/** The JSON Schema (draft 2020-12) of a post-mortem as text. A reader should ignore fields it does not know: new ones may come. */
export function postmortemJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(postmortemSchema), null, 2)}\n`;
}
