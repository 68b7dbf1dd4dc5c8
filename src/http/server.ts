import { setTimeout as pause } from 'node:timers/promises';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { coerceError, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { type Metrics, observeTraced } from '../telemetry/metrics.ts';
import { OPEN_METRICS, openMetrics, takesOpenMetrics } from '../telemetry/openMetrics.ts';
import { alertmanagerWebhook, type WebhookOptions } from './alertmanagerWebhook.ts';
import { type ApiOptions, api } from './api.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { incidentPages } from './incidentPages.ts';
import type { AnswerRedaction, Health, IncidentExtras, RunbookReader } from './ports.ts';
import { redactAnswers } from './redactAnswers.ts';
import { answerNothing, countRefusals } from './refusals.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Addresses and networks whose X-Forwarded-For says who calls. */
  readonly trustedProxies: readonly string[];
  readonly webhook: WebhookOptions;
  readonly api: ApiOptions;
  /** Header by which an authenticating proxy names who reads the incident pages; null: none. */
  readonly proxyHeader: string | null;
  /** In which the pages show times; UTC when absent. */
  readonly timeZone?: string;
  readonly extras?: IncidentExtras;
  readonly runbooks: RunbookReader;
  readonly health: Health;
  readonly redaction: AnswerRedaction;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Slack's requests in HTTP mode; answers itself. `onForged` resolves to the seconds a sender is put off, or null. */
  readonly slackEvents:
    | ((
        request: import('node:http').IncomingMessage,
        response: import('node:http').ServerResponse,
        onForged: () => Promise<number | null>,
      ) => void)
    | null;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /**
   * Goes on answering for `lingerMs`, while whoever stands in front learns that this one stops: `/readyz` says so, and no
   * connection is kept for a next request. Then stops listening, lets what is in flight end, and resolves.
   */
  close(lingerMs?: number): Promise<void>;
}

/**
 * Starts the listener.
 * @throws ResponderError conflict naming PORT when the port is in use.
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const app = fastify({
    loggerInstance: options.log as FastifyBaseLogger, // pino's own type is wider than Fastify's
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestId(request.headers['x-request-id']),
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    bodyLimit: 1024 * 1024,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
  });
  answerFailures(app);
  redactAnswers(app, options.redaction);
  let stopping = false;
  app.addHook('onRequest', async (_request, reply) => {
    if (stopping) reply.raw.setHeader('connection', 'close');
  });
  await app.register(helmet, SECURITY_HEADERS);
  await app.register(rateLimit, { global: false });
  answerNothing(app);
  measure(app, options.metrics);
  if (options.slackEvents) passToSlack(app, options.slackEvents);
  alertmanagerWebhook(app, options.webhook);
  api(app, options.api);
  const { proxyHeader, runbooks, extras, timeZone = 'UTC' } = options;
  incidentPages(app, { ...options.api, proxyHeader, runbooks, extras, timeZone });
  await app.register(async (open) => {
    // The doors that need no token: nobody needs them more often than this.
    await open.register(rateLimit, { max: 600, timeWindow: '1 minute' });
    health(open, options, () => stopping);
  });
  const url = await listen(app, options);
  const address = app.server.address();
  return {
    url,
    port: typeof address === 'object' && address ? address.port : options.port,
    async close(lingerMs = 0) {
      stopping = true;
      await pause(lingerMs);
      await closeGently(app);
    },
  };
}

/** Set before any route: a route keeps the handlers there were when it was registered. */
function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((thrown, request, reply) => {
    const refused = refusal(thrown);
    if (refused !== null) return reply.code(refused.status).send({ error: refused.says });
    const error = coerceError(thrown);
    if (error.code === 'not_found') return reply.code(404).send({ error: error.message });
    request.log.error({ err: thrown, code: error.code }, 'a request failed');
    return reply.code(error.code === 'store_unavailable' ? 503 : 500).send({ error: error.message, code: error.code });
  });
}

/**
 * What Fastify and its plugins refuse with a status below 500; null for anything else. Their errors are no `Error` to
 * `Error.isError`: @fastify/error builds them on its prototype alone.
 */
function refusal(thrown: unknown): { readonly status: number; readonly says: string } | null {
  if (typeof thrown !== 'object' || thrown === null || !('statusCode' in thrown)) return null;
  const status = Number(thrown.statusCode);
  if (!Number.isInteger(status) || status < 400 || status >= 500) return null;
  if (status === 415) return { status, says: 'Content-Type is missing or not supported: send application/json' };
  return { status, says: 'message' in thrown ? String(thrown.message) : 'the request was not understood' };
}

/** How long what is in flight may take to end when the listener closes; a client that stalls must not hold the stop. */
const GRACE_MS = 3_000;

/** What is in flight ends first; connections kept alive for a next request end with it, stalled ones after a while. */
async function closeGently(app: FastifyInstance): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50);
  const cut = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}

async function listen(app: FastifyInstance, options: HttpOptions): Promise<string> {
  try {
    return await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    if (Error.isError(error) && 'code' in error && error.code === 'EADDRINUSE') {
      throw new ResponderError('conflict', `PORT: ${options.host}:${options.port} is in use`, {
        cause: error,
        hint: 'Stop what listens there, or set PORT to another port (0 picks a free one).',
      });
    }
    if (Error.isError(error) && 'code' in error && /^(ENOTFOUND|EADDRNOTAVAIL|EAI_AGAIN)$/.test(String(error.code))) {
      throw new ResponderError('config_invalid', `HOST: ${options.host} is not an address of this machine`, {
        cause: error,
        hint: 'Set HOST to 127.0.0.1 (this machine only) or 0.0.0.0 (every address it has).',
      });
    }
    throw error;
  }
}

function health(app: FastifyInstance, options: HttpOptions, isStopping: () => boolean): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const detail = await options.health.detail();
    if (isStopping()) return reply.code(503).send({ ready: false, problem: 'it is being stopped', ...detail });
    try {
      await options.health.probe();
      return { ready: true, ...detail };
    } catch (error) {
      return reply.code(503).send({ ready: false, problem: coerceError(error).message, ...detail });
    }
  });
  app.get('/metrics', async (request, reply) => {
    const { registry } = options.metrics;
    if (takesOpenMetrics(request.headers.accept)) return reply.type(OPEN_METRICS).send(await openMetrics(registry));
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

function measure(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.httpRequests.inc({ route, code: String(reply.statusCode) });
    observeTraced(metrics.httpSeconds, { route }, reply.elapsedTime);
  });
}

function passToSlack(app: FastifyInstance, handle: NonNullable<HttpOptions['slackEvents']>): void {
  const refusals = countRefusals(app);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Slack signs the raw bytes, so its own receiver reads them.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.post('/slack/events', (request, reply) => {
      reply.hijack();
      handle(request.raw, reply.raw, () => refusals(request));
    });
  });
}

/** A caller's request id when it is harmless in a log line, else one of our own. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID();
}
