import { z } from 'zod';
import type { Fingerprint } from '../alerts/alert.ts';
import { ResponderError } from '../errors.ts';
import type { Evidence, Finding } from '../incidents/evidence.ts';
import {
  type Actor,
  type Incident,
  type IncidentAlert,
  SEVERITIES,
  SEVERITY_SOURCES,
  STATUSES,
  SUBJECT_KINDS,
} from '../incidents/incident.ts';
import type { PostBody } from '../incidents/post.ts';
import { ENTRY_KINDS } from '../incidents/timeline.ts';
import type { Json } from '../queue/job.ts';

/**
 * What the store keeps as JSON text, parsed when it is read: a row written by another release, or by hand, is an error
 * that names it and never a half-valid value inside the program.
 */
const actor = z.object({
  type: z.enum(['slack', 'terminal', 'api', 'alertmanager', 'responder']),
  id: z.string(),
  name: z.string().nullable(),
}) satisfies z.ZodType<Actor>;

const time = z.number();
export const storedTimes = z.array(time);

export const storedIncident = z.object({
  number: z.number().int().positive(),
  cluster: z.string(),
  namespace: z.string().nullable(),
  subject: z.object({ kind: z.enum(SUBJECT_KINDS), name: z.string() }),
  correlationKey: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  severityReason: z.string(),
  severitySource: z.enum(SEVERITY_SOURCES),
  status: z.enum(STATUSES),
  quietSince: time.nullable(),
  staleSince: time.nullable(),
  flappingSince: time.nullable(),
  flapCount: z.number(),
  truncatedAlerts: z.number(),
  declared: z.boolean(),
  drill: z.boolean(),
  startedAt: time,
  openedAt: time,
  acknowledgedAt: time.nullable(),
  acknowledgedBy: actor.nullable(),
  confirmedAt: time.optional(),
  askedAt: time.optional(),
  snoozedUntil: time.optional(),
  escalation: z
    .object({ policy: z.string().nullable(), since: time, done: z.number(), lastAt: time, nextAt: time.nullable() })
    .optional(),
  mitigatedAt: time.nullable(),
  resolvedAt: time.nullable(),
  resolvedBy: actor.nullable(),
  resolution: z.enum(['person', 'quiet', 'poll', 'timeout', 'dismissed', 'merged']).nullable(),
  reopenCount: z.number(),
  lastActivityAt: time,
  previousNumber: z.number().nullable(),
  related: z.array(z.object({ number: z.number(), why: z.string() })),
  mergedInto: z.number().nullable(),
  playbookId: z.string().nullable(),
  channel: z.string().nullable(),
  sentence: z
    .object({
      what: z.string(),
      whom: z.string().nullable(),
      causes: z.array(z.object({ code: z.string(), brief: z.string(), isSure: z.boolean() })),
      impact: z.string().nullable(),
      action: z.string().nullable(),
      noIncident: z.string().nullable(),
      alert: z.string().nullable(),
    })
    .optional(),
  version: z.number(),
}) satisfies z.ZodType<Incident>;

const labels = z.record(z.string(), z.string());

export const storedAlert = z.object({
  incidentNumber: z.number(),
  cluster: z.string(),
  fingerprint: z.custom<Fingerprint>((value) => typeof value === 'string'),
  name: z.string(),
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels,
  startsAt: time,
  endsAt: time.nullable(),
  generatorUrl: z.string().nullable(),
  links: z
    .object({
      silence: z.string().optional(),
      panel: z.string().optional(),
      dashboard: z.string().optional(),
      image: z.string().optional(),
    })
    .optional(),
  values: z.string().optional(),
  externalUrl: z.string().nullable(),
  firstSeenAt: time,
  lastSeenAt: time,
  cycles: z.array(time),
  silencedUntil: time.nullable(),
}) satisfies z.ZodType<IncidentAlert>;

export const storedLabels = z.object({ name: z.string(), labels, lastSeenAt: time });

export const storedFinding = z.object({
  code: z.string(),
  level: z.enum(['critical', 'warning', 'notice', 'ok']),
  confidence: z.enum(['confirmed', 'likely', 'unknown', 'excluded']),
  subject: z.object({ kind: z.string(), namespace: z.string().nullable(), name: z.string() }),
  count: z.number(),
  conclusion: z.string(),
  because: z.array(z.string()),
  nextStep: z.string().nullable(),
  parts: z.record(z.string(), z.string()).optional(),
  role: z.enum(['cause', 'undecided', 'symptom', 'elsewhere']).optional(),
  brief: z.string().optional(),
  act: z.string().optional(),
  path: z.string().optional(),
}) satisfies z.ZodType<Finding>;

export const evidenceMime = z.enum(['text/plain', 'application/json', 'image/png']);

const evidence = z.object({
  source: z.string(),
  capturedAt: time,
  mime: evidenceMime,
  content: z.string(),
  truncated: z.boolean(),
}) satisfies z.ZodType<Evidence>;

export const storedPostBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('news'), text: z.string(), broadcast: z.boolean(), mention: z.boolean() }),
  z.object({
    kind: z.literal('reply'),
    reply: z.unknown(),
    actorId: z.string().nullable(),
    command: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('call'),
    call: z.object({
      ask: z.enum(['acknowledge', 'confirm']),
      groups: z.array(z.string()),
      users: z.array(z.string()),
      since: time.nullable(),
      withCard: z.boolean(),
      by: z.string().nullable(),
    }),
  }),
  z.object({ kind: z.literal('file'), text: z.string(), name: z.string(), title: z.string(), evidence }),
]) satisfies z.ZodType<PostBody>;

export const postState = z.enum(['pending', 'sending', 'sent', 'dead']);
export const messageState = z.enum(['sending', 'unsent', 'sent', 'dead']);
export const entryKind = z.enum(ENTRY_KINDS);
export const actorType = actor.shape.type;
export const entryDetail = z.record(z.string(), z.unknown());
export const jobPayload = z.json() satisfies z.ZodType<Json>;
export const decisionPayload = z.object({ trace: z.string().optional() });

/** @throws ResponderError internal, naming the row, when it does not hold what the schema says. */
export function parseStored<T>(schema: z.ZodType<T>, text: string, row: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ResponderError('internal', `${row} in the store is not JSON`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ResponderError(
    'internal',
    `${row} in the store is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    {
      hint: 'It was written by another release or changed by hand.',
    },
  );
}
