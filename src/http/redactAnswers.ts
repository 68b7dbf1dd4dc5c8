import type { FastifyInstance } from 'fastify';
import type { AnswerRedaction } from './ports.ts';

/**
 * The last thing that happens to an answer: JSON field by field, pages, Markdown and metrics as one text each. What is in
 * the store lost its secrets when it came in; this is for what an older release let in, and for what nobody thought of.
 * Set before any route: a route keeps the hooks there were when it was registered.
 */
export function redactAnswers(app: FastifyInstance, redaction: AnswerRedaction): void {
  const clean = new WeakSet<object>();
  app.addHook('preSerialization', async (request, _reply, payload) => {
    clean.add(request);
    return redaction.redactTree(payload);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || clean.has(request)) return payload;
    const type = String(reply.getHeader('content-type') ?? '');
    if (/^text\/(?!css)/.test(type)) return redaction.redact(payload);
    return /json/.test(type) ? redactJson(payload, redaction) : payload;
  });
}

/** JSON that was written by the route itself, such as a post-mortem. */
function redactJson(text: string, { redactTree }: AnswerRedaction): string {
  const value: unknown = JSON.parse(text);
  const clean = redactTree(value);
  return clean === value ? text : JSON.stringify(clean, null, 2);
}
