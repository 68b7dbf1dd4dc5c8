import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Fingerprint } from '../alerts/alert.ts';
import { type AlertIdentity, identityOf } from '../alerts/identity.ts';
import type { Invocation } from '../commands/invocation.ts';
import { createTokenCheck, type KnownToken } from './auth.ts';
import { jobRoutes } from './jobsApi.ts';
import type { Commands, DeadLetters, IncidentReader, PostMortems, RefusedDeliveries } from './ports.ts';
import { countRefusals, putOff, putOffText } from './refusals.ts';

export interface ApiOptions {
  /** Null: the door is open (never so in production). */
  readonly apiToken: string | null;
  /** They open the same door and prove who asks. */
  readonly personalTokens: readonly KnownToken[];
  readonly incidents: IncidentReader;
  readonly postmortems: PostMortems;
  readonly deadLetters: DeadLetters;
  readonly refused: RefusedDeliveries;
  readonly commands: Commands;
  readonly clock: () => number;
}

/** Refused deliveries in one answer: each may hold 64 KiB. */
const MOST_REFUSED = 20;

interface Caller {
  /** Name of the personal token; null for the shared one. */
  readonly person: string | null;
}

const commandBody = z.object({
  text: z.string().min(1).max(4_000),
  /** Who says to be asking; not proof. */
  user: z.string().max(80).optional(),
  incident: z.int().positive().nullable().optional(),
});

const incidentParams = z.object({
  number: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number),
});

/** The JSON API behind `API_TOKEN`: incidents, their post-mortem, and the commands for the terminal. */
export function api(app: FastifyInstance, options: ApiOptions): void {
  const shared = options.apiToken === null ? [] : [{ name: 'api', token: options.apiToken, cluster: null }];
  const checkShared = createTokenCheck(shared);
  const checkPerson = createTokenCheck(options.personalTokens);
  const callers = new WeakMap<object, Caller>();
  const refusals = countRefusals(app);
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      const person = checkPerson(request.headers.authorization);
      if (person) callers.set(request.raw, { person: person.name });
      else if (options.apiToken === null || checkShared(request.headers.authorization))
        callers.set(request.raw, { person: null });
      else await refuse(reply, await refusals(request));
    });
    incidentRoutes(scope, options);
    jobRoutes(scope, options.deadLetters);
    scope.get('/api/refused', async () => ({ refused: await options.refused.list(MOST_REFUSED) }));
    scope.post('/api/commands', async (request, reply) => {
      const body = commandBody.safeParse(request.body);
      if (!body.success) return reply.code(400).send({ error: z.prettifyError(body.error) });
      const invocation = invocationOf(body.data, callers.get(request.raw) ?? { person: null }, options.clock());
      const stopped = new AbortController();
      reply.raw.once('close', () => stopped.abort());
      return options.commands.run(invocation, stopped.signal);
    });
  });
}

async function refuse(reply: FastifyReply, wait: number | null): Promise<void> {
  if (wait !== null) return void (await putOff(reply, wait).send({ error: putOffText(wait) }));
  await reply
    .code(401)
    .header('www-authenticate', 'Bearer realm="lambda-responder"')
    .send({ error: 'send Authorization: Bearer with API_TOKEN or a personal token' });
}

function incidentRoutes(scope: FastifyInstance, options: ApiOptions): void {
  scope.get('/api/incidents', async () => ({ incidents: await options.incidents.list({ limit: 100 }) }));

  scope.get('/api/incidents/:number', async (request, reply) => {
    const params = incidentParams.safeParse(request.params);
    const known = params.success ? await options.incidents.find(params.data.number) : null;
    if (!known) return noSuchIncident(reply);
    return { ...known, timeline: await options.incidents.timeline(known.incident.number) };
  });

  // Of an incident with very many alerts the one above has a part, and says in `unread` how many there are more.
  scope.get<{ Querystring: { after?: string } }>('/api/incidents/:number/alerts', async (request, reply) => {
    const params = incidentParams.safeParse(request.params);
    const after = cursorOf(request.query.after);
    if (after === undefined) return reply.code(400).send({ error: 'after: send `next` of the page before' });
    if (!params.success) return noSuchIncident(reply);
    const alerts = await options.incidents.alertsOf(params.data.number, after, ALERTS_A_PAGE);
    // A page that has alerts says that there is such an incident; an empty one may be of none.
    if (alerts.length === 0 && !(await options.incidents.find(params.data.number))) return noSuchIncident(reply);
    const last = alerts.length < ALERTS_A_PAGE ? undefined : alerts.at(-1);
    return { alerts, next: last ? cursorBehind(last) : null };
  });

  scope.get<{ Querystring: { format?: string } }>('/api/incidents/:number/postmortem', async (request, reply) => {
    const format = request.query.format ?? 'md';
    if (format !== 'md' && format !== 'json') return reply.code(400).send({ error: 'format: md or json' });
    const params = incidentParams.safeParse(request.params);
    if (!params.success) return noSuchIncident(reply);
    const postmortem = await options.postmortems.of(params.data.number);
    if (format === 'json') return reply.type('application/json; charset=utf-8').send(postmortem.json);
    return reply.type('text/markdown; charset=utf-8').send(postmortem.markdown);
  });
}

const ALERTS_A_PAGE = 500;
const fingerprint = z.custom<Fingerprint>((value) => typeof value === 'string');
const cursor = z.tuple([z.string(), fingerprint, z.string().default('')]);

function cursorBehind(alert: Parameters<typeof identityOf>[0]): string {
  const { cluster, fingerprint, tenant } = identityOf(alert);
  return JSON.stringify([cluster, fingerprint, tenant]);
}

/** Behind which alert a page begins; null from the first one, undefined when it cannot be understood. */
function cursorOf(text: string | undefined): AlertIdentity | null | undefined {
  if (text === undefined) return null;
  try {
    const [cluster, fingerprint, tenant] = cursor.parse(JSON.parse(text));
    return { cluster, fingerprint, tenant };
  } catch {
    return undefined;
  }
}

function noSuchIncident(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'no such incident: GET /api/incidents lists the latest' });
}

/** The shared token proves nothing about who asks, so its user is marked `terminal:<user>` and unverified. */
function invocationOf(body: z.output<typeof commandBody>, caller: Caller, at: number): Invocation {
  const name = caller.person ?? body.user ?? 'unknown';
  return {
    id: randomUUID(),
    text: body.text,
    door: 'terminal',
    actor: { type: 'terminal', id: `terminal:${name}`, name },
    membership: 'member',
    verified: caller.person !== null,
    place: null,
    incidentNumber: body.incident ?? null,
    at,
  };
}
