import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createTokenCheck, type KnownToken } from './auth.ts';
import { incidentListPage, incidentPage, problemPage } from './pages/incidents.ts';
import { STYLESHEET } from './pages/stylesheet.ts';
import type { IncidentExtras, IncidentReader, RunbookReader } from './ports.ts';
import { countRefusals, putOff, putOffText } from './refusals.ts';
import { runbookPages } from './runbookPages.ts';

export interface PageOptions {
  /** Null: the pages are open (never so in production). */
  readonly apiToken: string | null;
  readonly personalTokens: readonly KnownToken[];
  /** Name of the header an authenticating proxy sets, and that nobody else can; null: none. */
  readonly proxyHeader: string | null;
  readonly incidents: IncidentReader;
  readonly runbooks: RunbookReader;
  /** In whose time zone times are shown, of the IANA database. */
  readonly timeZone: string;
  /** Absent: no charts and no links. */
  readonly extras?: IncidentExtras | undefined;
}

/**
 * `/incidents` and `/incidents/:number`: what is known, readable when Slack is not. Server-rendered, read-only, without
 * any script. A browser asks for user and password: the password is the token.
 */
export function incidentPages(app: FastifyInstance, options: PageOptions): void {
  const shared = options.apiToken === null ? [] : [{ name: 'api', token: options.apiToken, cluster: null }];
  const check = createTokenCheck([...shared, ...options.personalTokens]);
  const refusals = countRefusals(app);
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (options.apiToken === null || check(bearer(request)) || throughProxy(request, options.proxyHeader)) return;
      const wait = await refusals(request);
      if (wait !== null) await show(putOff(reply, wait), problemPage('Too many attempts', `${putOffText(wait)}.`));
      else
        await show(
          reply
            .code(401)
            .header('www-authenticate', 'Basic realm="lambda-responder, the password is API_TOKEN", charset="UTF-8"'),
          problemPage(
            'Who are you?',
            'The password is API_TOKEN or your personal token; the user name does not matter.',
          ),
        );
    });
    runbookPages(scope, options.runbooks);
    scope.get('/incidents.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLESHEET));
    scope.get('/incidents', async (_request, reply) =>
      show(reply, incidentListPage(await options.incidents.list({ limit: 100 }), options.timeZone)),
    );
    scope.get<{ Params: { number: string } }>('/incidents/:number', async (request, reply) => {
      const number = /^[1-9]\d{0,8}$/.test(request.params.number) ? Number(request.params.number) : null;
      const known = number === null ? null : await options.incidents.find(number);
      if (!known) return show(reply.code(404), problemPage('No such incident', 'The list has the latest ones.'));
      const about = known.incident.number;
      const [timeline, chart, slackUrl] = await Promise.all([
        options.incidents.timeline(about),
        options.extras?.chartOf(about) ?? null,
        options.extras?.slackUrl(about) ?? null,
      ]);
      const { timeZone } = options;
      return show(reply, incidentPage(known, timeline, { timeZone, hasChart: chart !== null, slackUrl }));
    });
    scope.get<{ Params: { number: string } }>('/incidents/:number/chart.png', async (request, reply) => {
      const number = /^[1-9]\d{0,8}$/.test(request.params.number) ? Number(request.params.number) : null;
      const chart = number === null ? null : ((await options.extras?.chartOf(number)) ?? null);
      if (chart === null) return show(reply.code(404), problemPage('No such chart', 'None was made for it.'));
      return reply.type('image/png').header('cache-control', 'no-store').send(chart);
    });
    scope.get('/', async (_request, reply) => reply.redirect('/incidents'));
  });
}

async function show(reply: FastifyReply, page: string): Promise<FastifyReply> {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page);
}

/** The token of `Authorization: Basic` (its password), which is what a browser can send, in the shape of a bearer token. */
function bearer(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  if (!basic) return header;
  const text = Buffer.from(basic, 'base64').toString('utf8');
  return `Bearer ${text.slice(text.indexOf(':') + 1)}`;
}

function throughProxy(request: FastifyRequest, header: string | null): boolean {
  return (
    header !== null &&
    typeof request.headers[header.toLowerCase()] === 'string' &&
    request.headers[header.toLowerCase()] !== ''
  );
}
