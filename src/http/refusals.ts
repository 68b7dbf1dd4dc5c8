import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A browser asks once without the password each time it is opened, so that a few of them are no attack. */
const MOST = 100;
const WINDOW_MS = 60_000;

/**
 * Counts what one address was refused at one door within a minute: without a token, with a wrong one, at an address that does
 * not exist. Only what is refused is counted and put off, so that a sender or a person with a valid token never meets the
 * limit, whoever else comes from the same address. Resolves to the seconds it is put off, null while it is not.
 */
export type Refusals = (request: FastifyRequest) => Promise<number | null>;

/** @param app with @fastify/rate-limit registered. */
export function countRefusals(app: FastifyInstance): Refusals {
  const count = app.createRateLimit({ max: MOST, timeWindow: WINDOW_MS });
  return async (request) => {
    const seen = await count(request);
    return seen.isAllowed || !seen.isExceeded ? null : Math.max(1, seen.ttlInSeconds);
  };
}

/** An answer of status 429, whose body is still to be sent. */
export function putOff(reply: FastifyReply, seconds: number): FastifyReply {
  return reply.code(429).header('retry-after', String(seconds));
}

export function putOffText(seconds: number): string {
  return `more than ${MOST} requests from this address were refused within a minute: wait ${seconds} s, or come with a valid token`;
}

/** What is found nowhere. */
export function answerNothing(app: FastifyInstance): void {
  const refusals = countRefusals(app);
  app.setNotFoundHandler(async (request, reply) => {
    const wait = await refusals(request);
    if (wait !== null) return putOff(reply, wait).send({ error: putOffText(wait) });
    return reply.code(404).send({ error: 'nothing here' });
  });
}
