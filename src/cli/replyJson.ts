import { z } from 'zod';
import type { Reply } from '../commands/reply.ts';
import { ResponderError } from '../errors.ts';
import { parseJson } from './remote.ts';

const text = z.string();
const texts = z.array(text);
const table = z.object({ columns: texts, rows: z.array(texts), total: z.number() });
const finding = z.object({
  code: text,
  level: z.enum(['critical', 'warning', 'notice', 'ok']),
  confidence: z.enum(['confirmed', 'likely', 'unknown', 'excluded']),
  subject: z.object({ kind: text, namespace: text.nullable(), name: text }),
  count: z.number(),
  conclusion: text,
  because: texts,
  nextStep: text.nullable(),
});

/** A reply as the responder's API writes it; fields a newer responder adds are left out. */
const schema = z.object({
  tone: z.enum(['ok', 'notice', 'warning', 'error']),
  title: text,
  summary: text,
  assumed: z.array(z.object({ what: text, value: text, from: text, override: text.nullable() })),
  findings: z.array(finding),
  table: table.nullable(),
  lines: texts.nullable(),
  keep: z.enum(['head', 'tail']),
  notes: texts,
  next: z.array(z.object({ label: text, command: text, readOnly: z.boolean() })),
  file: z.object({ name: text, title: text, mime: text, content: text }).nullable().catch(null),
  visibility: z.enum(['asker', 'thread', 'channel']),
  incidentNumber: z.number().nullable(),
  simulated: z.boolean(),
  live: z.object({ line: text }).nullable().default(null),
});

/** @throws ResponderError bad_input when the answer is not a reply: something else listens there. */
export function readReply(body: string, url: string): Reply {
  const parsed = schema.safeParse(parseJson(body));
  if (parsed.success) return { ...parsed.data, list: null, phone: null, evidence: [], picture: null, runbook: null };
  throw new ResponderError('bad_input', `What ${url} answered is not a responder’s reply.`, {
    hint: 'RESPONDER_URL must name the responder itself, of this release.',
  });
}
